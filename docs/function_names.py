"""Name the functions of other libraries, how they are written here, and why some are not here."""

from __future__ import annotations

from typing import Final

__all__ = ["ABSENT", "LISTS", "WRITTEN"]

LISTS: Final = {
    "NumPy's ufuncs": """
        abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2
        atanh bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide divmod
        equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal
        heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p
        log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul matvec maximum minimum
        mod modf multiply negative nextafter not_equal positive pow power rad2deg radians reciprocal remainder
        right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh true_divide trunc vecdot
        vecmat
    """,
    "NumPy's other functions": """
        sum prod mean var std max min amax amin median cumsum cumprod dot vdot inner outer cross trace
        linalg.det linalg.inv linalg.solve linalg.cholesky linalg.norm linalg.eigh linalg.svd einsum tensordot
        kron where select clip round around fix sinc nan_to_num interp convolve diff gradient sort argmax argmin
        reshape transpose concatenate stack take ptp average percentile quantile real imag angle i0 unwrap
    """,
    "SciPy's special functions": """
        agm ai_zeros airy airye assoc_laguerre assoc_legendre_p assoc_legendre_p_all bdtr bdtrc bdtri bdtrik
        bdtrin bei bei_zeros beip beip_zeros ber ber_zeros bernoulli berp berp_zeros besselpoly beta betainc
        betaincc betainccinv betaincinv betaln bi_zeros binom boxcox boxcox1p btdtria btdtrib c_roots cbrt
        cg_roots chdtr chdtrc chdtri chdtriv chebyc chebys chebyt chebyu chndtr chndtridf chndtrinc chndtrix
        comb cosdg cosm1 cotdg dawsn digamma diric ellip_harm ellip_harm_2 ellip_normal ellipe ellipeinc ellipj
        ellipk ellipkinc ellipkm1 elliprc elliprd elliprf elliprg elliprj entr erf erf_zeros erfc erfcinv erfcx
        erfi erfinv euler eval_chebyc eval_chebys eval_chebyt eval_chebyu eval_gegenbauer eval_genlaguerre
        eval_hermite eval_hermitenorm eval_jacobi eval_laguerre eval_legendre eval_sh_chebyt eval_sh_chebyu
        eval_sh_jacobi eval_sh_legendre exp1 exp10 exp2 expi expit expm1 expn exprel factorial factorial2
        factorialk fdtr fdtrc fdtri fdtridfd fresnel fresnel_zeros fresnelc_zeros fresnels_zeros gamma gammainc
        gammaincc gammainccinv gammaincinv gammaln gammasgn gdtr gdtrc gdtria gdtrib gdtrix gegenbauer
        genlaguerre h1vp h2vp h_roots hankel1 hankel1e hankel2 hankel2e he_roots hermite hermitenorm huber
        hyp0f1 hyp1f1 hyp2f1 hyperu i0 i0e i1 i1e inv_boxcox inv_boxcox1p it2i0k0 it2j0y0 it2struve0 itairy
        iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive ivp j0 j1 j_roots jacobi jn jn_zeros jnjnp_zeros jnp_zeros
        jnyn_zeros js_roots jv jve jvp k0 k0e k1 k1e kei kei_zeros keip keip_zeros kelvin kelvin_zeros ker
        ker_zeros kerp kerp_zeros kl_div kn kolmogi kolmogorov kv kve kvp l_roots la_roots laguerre lambertw
        legendre legendre_p legendre_p_all lmbda log1p log_expit log_ndtr log_softmax log_wright_bessel loggamma
        logit logsumexp lpmv lqmn lqn mathieu_a mathieu_b mathieu_cem mathieu_even_coef mathieu_modcem1
        mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_odd_coef mathieu_sem modfresnelm modfresnelp
        modstruve multigammaln nbdtr nbdtrc nbdtri nbdtrik nbdtrin ncfdtr ncfdtri ncfdtridfd ncfdtridfn
        ncfdtrinc nctdtr nctdtridf nctdtrinc nctdtrit ndtr ndtri ndtri_exp nrdtrimn nrdtrisd obl_ang1
        obl_ang1_cv obl_cv obl_cv_seq obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv owens_t p_roots pbdn_seq pbdv
        pbdv_seq pbvv pbvv_seq pbwa pdtr pdtrc pdtri pdtrik perm poch polygamma powm1 pro_ang1 pro_ang1_cv
        pro_cv pro_cv_seq pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv ps_roots pseudo_huber psi radian rel_entr
        rgamma riccati_jn riccati_yn roots_chebyc roots_chebys roots_chebyt roots_chebyu roots_gegenbauer
        roots_genlaguerre roots_hermite roots_hermitenorm roots_jacobi roots_laguerre roots_legendre
        roots_sh_chebyt roots_sh_chebyu roots_sh_jacobi roots_sh_legendre round s_roots sh_chebyt sh_chebyu
        sh_jacobi sh_legendre shichi sici sinc sindg smirnov smirnovi softmax softplus spence sph_harm_y
        sph_harm_y_all sph_legendre_p sph_legendre_p_all spherical_in spherical_jn spherical_kn spherical_yn
        stdtr stdtridf stdtrit stirling2 struve t_roots tandg tklmbda ts_roots u_roots us_roots voigt_profile
        wofz wright_bessel wrightomega xlog1py xlogy y0 y0_zeros y1 y1_zeros y1p_zeros yn yn_zeros ynp_zeros yv
        yve yvp zeta zetac
    """,
    "JAX: jax.nn": """
        celu elu gelu glu hard_sigmoid hard_silu hard_swish hard_tanh identity leaky_relu log_sigmoid
        log_softmax logsumexp mish one_hot relu relu6 selu sigmoid silu soft_sign softmax softplus sparse_plus
        sparse_sigmoid squareplus standardize swish tanh
    """,
    "JAX: jax.lax": """
        abs acos acosh add and asin asinh atan atan2 atanh bessel_i0e bessel_i1e betainc cbrt ceil clamp complex
        conj cos cosh digamma div eq erf erf_inv erfc exp exp2 expm1 floor ge gt igamma igamma_grad_a igammac
        imag integer_pow is_finite le lgamma log log1p logistic lt max min mul ne neg nextafter not or polygamma
        population_count pow random_gamma_grad real reciprocal reduce_precision rem round rsqrt select
        shift_left shift_right_arithmetic sign sin sinh sqrt square sub tan tanh xor zeta dot conv cumsum
        cumprod cummax cumlogsumexp top_k sort
    """,
    "mathjs": """
        abs add cbrt ceil cube divide dotDivide dotMultiply dotPow exp expm1 fix floor gcd hypot invmod lcm log
        log10 log1p log2 mod multiply norm nthRoot nthRoots pow round sign sqrt square subtract unaryMinus
        unaryPlus xgcd bitAnd bitNot bitOr bitXor leftShift rightArithShift rightLogShift bellNumbers catalan
        composition stirlingS2 arg conj im re distance intersect and not nullish or xor column concat cross
        ctranspose det diag diff dot eigs expm fft flatten identity inv kron lsolve lup lyap map ones pinv qr
        range reshape resize rotate row schur size sort sqrtm squeeze subset sylvester trace transpose usolve
        zeros combinations combinationsWithRep factorial gamma kldivergence lgamma multinomial permutations
        random randomInt compare deepEqual equal larger largerEq smaller smallerEq unequal setUnion erf zeta
        corr cumsum mad max mean median min mode prod quantileSeq std sum variance acos acosh acot acoth acsc
        acsch asec asech asin asinh atan atan2 atanh cos cosh cot coth csc csch sec sech sin sinh tan tanh to
        derivative simplify solveODE freqz isNaN isPositive
    """,
}
"""The functions by the list that they are on."""

WRITTEN: Final = {
    "absolute": "abs(x)",
    "fabs": "abs(x)",
    "add": "x + y",
    "subtract": "x - y",
    "sub": "x - y",
    "multiply": "x*y",
    "mul": "x*y",
    "dotMultiply": "x*y",
    "divide": "x/y",
    "div": "x/y",
    "dotDivide": "x/y",
    "true_divide": "x/y",
    "floor_divide": "floordiv(x, y)",
    "divmod": "floordiv(x, y) + mod(x, y)",
    "modf": "trunc(x) + rem(x, 1)",
    "power": "x**y",
    "pow": "x**y",
    "dotPow": "x**y",
    "float_power": "x**y",
    "integer_pow": "x**3",
    "negative": "-x",
    "neg": "-x",
    "unaryMinus": "-x",
    "positive": "+x",
    "unaryPlus": "+x",
    "remainder": "mod(x, y)",
    "fmax": "max(x, y)",
    "fmin": "min(x, y)",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
    "equal": "x == y",
    "eq": "x == y",
    "not_equal": "x != y",
    "unequal": "x != y",
    "ne": "x != y",
    "less": "x < y",
    "smaller": "x < y",
    "lt": "x < y",
    "less_equal": "x <= y",
    "smallerEq": "x <= y",
    "le": "x <= y",
    "greater": "x > y",
    "larger": "x > y",
    "gt": "x > y",
    "greater_equal": "x >= y",
    "largerEq": "x >= y",
    "ge": "x >= y",
    "logical_and": "x ∧ y",
    "and": "x ∧ y",
    "logical_or": "x ∨ y",
    "or": "x ∨ y",
    "logical_not": "¬x",
    "not": "¬x",
    "logical_xor": "x ⊻ y",
    "xor": "x ⊻ y",
    "logaddexp2": "logaddexp(x*log(2), y*log(2))/log(2)",
    "sinc": "sinc(pi*x)",
    "matmul": "x@y",
    "matvec": "x@y",
    "vecmat": "x@y",
    "vecdot": "sum(x*y, axis=-1)",
    "dot": "x@y",
    "inner": "x@y.T",
    "linalg.norm": "norm(x)",
    "linalg.det": "det(x)",
    "linalg.inv": "inv(x)",
    "linalg.solve": "solve(x, y)",
    "linalg.cholesky": "cholesky(x)",
    "amax": "max(x, axis=0)",
    "amin": "min(x, axis=0)",
    "around": "round(x)",
    "rint": "round(x)",
    "diff": "x[1:] - x[:-1]",
    "ptp": "max(x) - min(x)",
    "average": "sum(x*y)/sum(y)",
    "take": "x[0]",
    "subset": "x[0]",
    "row": "x[0]",
    "column": "x[:, 0]",
    "flatten": "reshape(x, shape=-1)",
    "reshape": "reshape(x, shape=(2, 3))",
    "transpose": "x.T",
    "ctranspose": "x.T",
    "concatenate": "concat(x, y)",
    "stack": "stack(x, y)",
    "real": "x",
    "identity": "x",
    "distance": "norm(x - y)",
    "kldivergence": "sum(kl_div(x, y))",
    "binom": "binomial(x, y)",
    "comb": "binomial(x, y)",
    "combinations": "binomial(x, y)",
    "perm": "gamma(x + 1)/gamma(x - y + 1)",
    "permutations": "gamma(x + 1)/gamma(x - y + 1)",
    "poch": "gamma(x + y)/gamma(x)",
    "rgamma": "1/gamma(x)",
    "gammasgn": "sign(gamma(x))",
    "catalan": "gamma(2*x + 1)/(gamma(x + 2)*gamma(x + 1))",
    "variance": "var(x)",
    "ndtr": "normcdf(x)",
    "log_ndtr": "log_ndtr(x)",
    "cotdg": "1/tand(x)",
    "radian": "radians(x + y/60 + z/3600)",
    "boxcox1p": "boxcox(1 + x, y)",
    "inv_boxcox": "where(y, exp(log1p(x*y)/where(y, y, 1)), exp(x))",
    "inv_boxcox1p": "where(y, exp(log1p(x*y)/where(y, y, 1)), exp(x)) - 1",
    "powm1": "expm1(y*log(x))",
    "exprel": "where(x, expm1(x)/where(x, x, 1), 1)",
    "igamma": "gammainc(x, y)",
    "igammac": "gammaincc(x, y)",
    "erf_inv": "erfinv(x)",
    "logistic": "expit(x)",
    "clamp": "clip(x, y, z)",
    "standardize": "(x - mean(x))/std(x)",
    "squareplus": "(x + sqrt(x**2 + 4))/2",
    "celu": "max(x, 0) + y*expm1(min(x, 0)/y)",
    "glu": "x*expit(y)",
    "betainc": "betainc(x, y, z)",
    "jn": "jv(x, y)",
    "j0": "jv(0, x)",
    "j1": "jv(1, x)",
    "yn": "yv(x, y)",
    "y0": "yv(0, x)",
    "y1": "yv(1, x)",
    "i0": "iv(0, x)",
    "i1": "iv(1, x)",
    "k0": "kv(0, x)",
    "k1": "kv(1, x)",
    "kn": "kv(x, y)",
}
"""How a function is written here, where that is not its name and as many operands as it takes."""

ABSENT: Final = {
    "numbers here are real, without a complex part": """
        conj conjugate imag angle arg im re complex airy airye wofz hankel1 hankel1e hankel2 hankel2e h1vp h2vp
        loggamma
    """,
    "it works on the bits or the format of a number": """
        bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
        bitwise_xor invert left_shift right_shift frexp ldexp nextafter spacing signbit bitAnd bitNot bitOr bitXor
        leftShift rightArithShift rightLogShift shift_left shift_right_arithmetic population_count reduce_precision
    """,
    "it counts, and has no derivative": """
        gcd lcm xgcd invmod bellNumbers composition stirlingS2 stirling2 combinationsWithRep multinomial factorial2
        factorialk argmax argmin one_hot nthRoots compare setUnion bernoulli euler lmbda
    """,
    "a value that is not a number is an error here": """
        isfinite isinf isnan isnat nan_to_num is_finite isNaN nullish isPositive
    """,
    "orders or selects entries, which a graph of fixed steps does not": """
        median percentile quantile sort mode mad quantileSeq top_k unwrap
    """,
    "it returns arrays of roots, nodes or several functions at once": """
        ai_zeros bei_zeros beip_zeros ber_zeros berp_zeros bi_zeros c_roots cg_roots erf_zeros fresnel_zeros
        fresnelc_zeros fresnels_zeros h_roots he_roots j_roots jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros js_roots
        kei_zeros keip_zeros kelvin_zeros ker_zeros kerp_zeros l_roots la_roots p_roots ps_roots roots_chebyc
        roots_chebys roots_chebyt roots_chebyu roots_gegenbauer roots_genlaguerre roots_hermite roots_hermitenorm
        roots_jacobi roots_laguerre roots_legendre roots_sh_chebyt roots_sh_chebyu roots_sh_jacobi roots_sh_legendre
        s_roots t_roots ts_roots u_roots us_roots y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros ellipj fresnel
        kelvin modfresnelm modfresnelp itairy iti0k0 itj0y0 it2i0k0 it2j0y0 lqmn lqn riccati_jn riccati_yn shichi
        sici linalg.eigh linalg.svd eigs lup qr schur sylvester lyap lsolve usolve
    """,
    "it is a program of its own, not an operation": """
        random randomInt random_gamma_grad derivative simplify solveODE freqz fft intersect map to range resize
        rotate size squeeze deepEqual zeros interp select
    """,
    "an orthogonal polynomial, which for a known order is written out": """
        assoc_laguerre assoc_legendre_p assoc_legendre_p_all chebyc chebys chebyt chebyu eval_chebyc eval_chebys
        eval_chebyt eval_chebyu eval_gegenbauer eval_genlaguerre eval_hermite eval_hermitenorm eval_jacobi
        eval_laguerre eval_legendre eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi eval_sh_legendre gegenbauer
        genlaguerre hermite hermitenorm jacobi laguerre legendre legendre_p legendre_p_all lpmv sh_chebyt sh_chebyu
        sh_jacobi sh_legendre sph_harm_y sph_harm_y_all sph_legendre_p sph_legendre_p_all besselpoly
    """,
    "a distribution's function or its inverse, without closed derivatives by its parameters": """
        bdtr bdtrc bdtri bdtrik bdtrin btdtria btdtrib chdtr chdtrc chdtri chdtriv chndtr chndtridf chndtrinc
        chndtrix fdtr fdtrc fdtri fdtridfd gdtr gdtrc gdtria gdtrib gdtrix kolmogi kolmogorov nbdtr nbdtrc nbdtri
        nbdtrik nbdtrin ncfdtr ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtr nctdtridf nctdtrinc nctdtrit ndtri_exp
        nrdtrimn nrdtrisd owens_t pdtr pdtrc pdtri pdtrik smirnov smirnovi stdtr stdtridf stdtrit tklmbda
        voigt_profile betaincinv betaincc betainccinv gammaincinv gammainccinv igamma_grad_a
    """,
    "a function of mathematical physics that formulas seldom have": """
        agm bei beip ber berp dawsn diric ellip_harm ellip_harm_2 ellip_normal ellipe ellipeinc ellipk ellipkinc
        ellipkm1 elliprc elliprd elliprf elliprg elliprj erfi expn hyp0f1 hyp1f1 hyp2f1 hyperu i0e i1e it2struve0
        itmodstruve0 itstruve0 ive ivp jve jvp k0e k1e kei keip ker kerp kve kvp log_wright_bessel mathieu_a
        mathieu_b mathieu_cem mathieu_even_coef mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2
        mathieu_odd_coef mathieu_sem modstruve multigammaln obl_ang1 obl_ang1_cv obl_cv obl_cv_seq obl_rad1
        obl_rad1_cv obl_rad2 obl_rad2_cv pbdn_seq pbdv pbdv_seq pbvv pbvv_seq pbwa pro_ang1 pro_ang1_cv pro_cv
        pro_cv_seq pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv spence spherical_in spherical_jn spherical_kn
        spherical_yn struve wright_bessel wrightomega yve yvp zeta zetac bessel_i0e bessel_i1e
    """,
    "it does to several arrays what the language writes with an index or a sum": """
        tensordot linspace corr cummax cumlogsumexp
    """,
}
"""Why functions are not here; another one has no row yet."""
