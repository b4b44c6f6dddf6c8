"""List the names of Python's modules: what they mean here, where that is no row of the same name, and what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.templates import NORMAL, forms_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.targets import Spellings
    from graphgrad.text.grammar import Form

FILLED: Final[Spellings] = {"ones": "ones", "eye": "eye"}
OF_SHAPES: Final = (*FILLED, "zeros", "full", "arange", "linspace")
"""The functions of a shape in NumPy, of which two are of an array here."""

__all__ = [
    "ALONE",
    "LISTED",
    "NAMES",
    "NORMAL_PREFIXES",
    "NUMPY",
    "OTHER_MODULES",
    "PREFIXES",
    "REFUSED_CALLS",
    "SERIES",
    "WHOLE",
    "templates",
]

MATH: Final = ("math.",)
NUMPY: Final = ("np.", "numpy.", "jnp.", "jax.numpy.")
LINALG: Final = tuple(f"{prefix}linalg." for prefix in NUMPY)
SPECIAL: Final = ("special.", "scipy.special.", "jax.scipy.special.")
NETWORKS: Final = ("jax.nn.",)
BUILTIN: Final = ("",)

PREFIXES: Final = (*MATH, *NUMPY, *LINALG, *SPECIAL, *NETWORKS)
"""The modules whose names are read with their prefix, as in np.sin; without one, every function is read anyway."""

OTHER_MODULES: Final = ("cmath", "cp", "cupy", "keras", "mp", "mpmath", "sp", "sympy", "tensorflow", "tf", "torch")
"""Modules with functions of the same names, which are not read."""

NORMAL_PREFIXES: Final = ("scipy.stats.norm.", "stats.norm.", "norm.")
"""The normal distribution, whose functions are read with one of these prefixes."""

NAMES: Final[Spellings] = {
    "abs": ("absolute", "fabs"),
    "add": ("add",),
    "concat": ("concatenate",),
    "div": ("divide", "true_divide"),
    "exp1": ("exp1",),
    "floor_div": ("floor_divide",),
    "floor_mod": ("mod", "remainder"),
    "gt": ("greater",),
    "ge": ("greater_equal",),
    "lt": ("less",),
    "le": ("less_equal",),
    "eq": ("equal",),
    "ne": ("not_equal",),
    "jv": ("jn",),
    "yv": ("yn",),
    "kv": ("kn",),
    "matmul": ("matmul", "dot"),
    "mul": ("multiply",),
    "neg": ("negative",),
    "pow": ("pow", "power", "float_power"),
    "sub": ("subtract",),
    "trunc": ("int",),
    "round": ("around", "rint"),
}
"""Names of Python's modules that are none of ours."""

WHOLE: Final[Mapping[str, tuple[str, ...]]] = {
    "builtin": ("float",),
    "numpy": ("array", "asarray", "float64", "positive"),
}
"""Functions that give their operand as it is."""

OF_BUILTIN: Final[Mapping[str, tuple[str, ...]]] = {"sum(": ("x: sum(x, axis=0)",), "round(": ("x: round(x)",)}

OF_MATH: Final[Mapping[str, tuple[str, ...]]] = {
    "dist(": ("p, q: norm(p - q)",),
    "fsum(": ("x: sum(x, axis=0)",),
    "prod(": ("x: prod(x, axis=0)",),
    "sumprod(": ("p, q: vdot(p, q)",),
    "fma(": ("x, y, z: x*y + z",),
    "perm(": ("n, k: binomial(n, k)*factorial(k)", "n: factorial(n)"),
    "hypot(": (
        "x: abs(x)",
        "x, y: hypot(x, y)",
        "x, y, z: hypot(hypot(x, y), z)",
        "w, x, y, z: hypot(hypot(hypot(w, x), y), z)",
    ),
}

OF_NUMPY: Final[Mapping[str, tuple[str, ...]]] = {
    "sinc(": ("x: sinc(pi*x)",),
    "log(": ("x: log(x)",),
    "square(": ("x: x**2",),
    "reciprocal(": ("x: 1/x",),
    "i0(": ("x: iv(0, x)",),
    "heaviside(": ("x, y: heaviside(x, y)",),
    "round(": ("x: round(x)",),
    "around(": ("x: round(x)",),
    "ones_like(": ("x: ones(x)",),
}

OF_SPECIAL: Final[Mapping[str, tuple[str, ...]]] = {
    "ndtri(": (NORMAL["ppf("][0],),
    "j0(": ("x: jv(0, x)",),
    "j1(": ("x: jv(1, x)",),
    "y0(": ("x: yv(0, x)",),
    "y1(": ("x: yv(1, x)",),
    "i0(": ("x: iv(0, x)",),
    "i1(": ("x: iv(1, x)",),
    "k0(": ("x: kv(0, x)",),
    "k1(": ("x: kv(1, x)",),
    "betaincc(": ("a, b, x: betainc(b, a, 1 - x)",),
    "poch(": ("x, m: gamma(x + m)/gamma(x)",),
    "softmax(": ("x: softmax(x, axis=None)",),
    "log_softmax(": ("x: log_softmax(x, axis=None)",),
}

OF_NETWORKS: Final[Mapping[str, tuple[str, ...]]] = {
    "gelu(": ("x: 0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))",),
    "leaky_relu(": ("x: leaky_relu(x, 0.01)", "x, a: leaky_relu(x, a)"),
    "silu(": ("x: x*sigmoid(x)",),
    "swish(": ("x: x*sigmoid(x)",),
}

SERIES: Final[Spellings] = {"prod": ("math.prod",), "sum_along": ("math.fsum",)}
"""Functions that take an expression over an index, as ours of these names do."""

ALONE: Final[Spellings] = {
    "amax": ("max", "amax"),
    "amin": ("min", "amin"),
    "sum_along": ("sum",),
    "mean": ("mean",),
    "prod": ("prod",),
    "std": ("std",),
    "var": ("var",),
}
"""NumPy's reductions, whose second operand is an axis."""

LISTED: Final[Spellings] = {
    "concat": ("np.concatenate", "numpy.concatenate", "jnp.concatenate", "jax.numpy.concatenate", "np.hstack"),
    "stack": ("np.stack", "numpy.stack", "jnp.stack", "jax.numpy.stack", "np.vstack"),
}
"""Functions whose operands stand in brackets."""

SHAPES: Final = "arrays are given as values, or written out: [1, 1, 1]"

REFUSED_CALLS: Final[Mapping[str, str]] = {
    "len(": "the number of entries is constant: write it",
    "range(": "a range stands behind an index: sum(x[i] for i in range(3))",
    "print(": "write the expression itself",
    "divmod(": "write x // y and x % y",
    "map(": "operations on arrays work entry by entry",
    "math.remainder(": "it rounds to the nearest multiple: for the remainder of Python's % write x % y",
    "math.isclose(": "it is true or false: write abs(x - y) < 1e-9",
    "math.modf(": "write x - math.trunc(x), or math.trunc(x)",
    "math.gcd(": "it has no derivative",
    "math.lcm(": "it has no derivative",
    **{f"{prefix}{name}(": SHAPES for prefix in (*NUMPY, "") for name in OF_SHAPES},
}
"""By a function's name, what to write instead, where the operation of that name is another one, or there is none."""


def templates(normal: tuple[str, ...] = NORMAL_PREFIXES) -> Mapping[str, Form]:
    """Return what reads the calls that are others in a module, by their names with its prefix.

    >>> sorted(name for name in templates() if name.startswith("norm."))
    ['norm.cdf', 'norm.pdf', 'norm.ppf', 'norm.sf']
    """
    found: dict[str, Form] = {}
    for prefixes, table in (
        (BUILTIN, OF_BUILTIN),
        (MATH, OF_MATH),
        (NUMPY, OF_NUMPY),
        (SPECIAL, OF_SPECIAL),
        (NETWORKS, OF_NETWORKS),
        (normal, NORMAL),
    ):
        forms = forms_of(table)
        found |= {prefix + name: form for prefix in prefixes for name, form in forms.items()}
    return found
