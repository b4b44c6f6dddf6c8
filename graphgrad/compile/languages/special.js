// Error function, after W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969).
function erf(x) {
    if (Math.abs(x) > 0.46875) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
    const y = x * x;
    const p = [0.185777706184603153, 3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947];
    const q = [1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
    return x * polynomial(p, y) / polynomial(q, y);
}

// 1 - erf(x), right for large x, likewise after Cody.
function erfc(x) {
    if (x < 0.46875) return x < -0.46875 ? 2 - erfc(-x) : 1 - erf(x);
    if (x > 27) return 0;
    const near = Math.floor(x * 16) / 16;
    const scale = Math.exp(-near * near) * Math.exp(-(x - near) * (x + near));
    if (x <= 4) {
        const p = [2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295,
            298.635138197400131, 881.95222124176909, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725];
        const q = [1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019,
            3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942];
        return scale * polynomial(p, x) / polynomial(q, x);
    }
    const y = 1 / (x * x);
    const p = [0.0163153871373020978, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246,
        0.0160837851487422766, 6.58749161529837803e-4];
    const q = [1, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191,
        0.00233520497626869185];
    return scale * (0.564189583547756287 - y * polynomial(p, y) / polynomial(q, y)) / x;
}

// A polynomial by Horner's rule, highest coefficient first.
function polynomial(coefficients, x) {
    return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

// Gamma function: Lanczos's approximation with P. Godfrey's coefficients (2001); reflected at 1/2, DLMF 5.5.3.
function gamma(x) {
    if (x <= 0 && x === Math.floor(x)) return NaN;
    if (x < 0.5) {
        const nearest = Math.round(x);
        return Math.PI / ((nearest % 2 ? -1 : 1) * Math.sin(Math.PI * (x - nearest)) * gamma(1 - x));
    }
    const t = x + 607 / 128 - 0.5;
    const root = t ** ((x - 0.5) / 2);
    return Math.sqrt(2 * Math.PI) * root * Math.exp(-t) * root * lanczos(x - 1);
}

function lanczos(x) {
    const coefficients = [57.156235665862923517, -59.597960355475491248, 14.136097974741747174, -0.49191381609762019978,
        0.33994649984811888699e-4, 0.46523628927048575665e-4, -0.98374475304879564677e-4, 0.15808870322491248884e-3,
        -0.21026444172410488319e-3, 0.21743961811521264320e-3, -0.16431810653676389022e-3, 0.84418223983852743293e-4,
        -0.26190838401581408670e-4, 0.36899182659531622704e-5];
    return coefficients.reduce((sum, coefficient, i) => sum + coefficient / (x + 1 + i), 0.99999999999999709182);
}

// Logarithm of |gamma(x)|: Stirling's series above 10, DLMF 5.11.1; reflected at 0, DLMF 5.5.3.
function lgamma(x) {
    if (x <= 0 && x === Math.floor(x)) return NaN;
    if (x < 0) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x))))) - lgamma(1 - x);
    if (x < 10) return Math.log(Math.abs(gamma(x)));
    const y = 1 / (x * x);
    const series = polynomial([1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12], y) / x;
    return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

// Logarithmic derivative of gamma: DLMF 5.5.2 up to 10, 5.11.2 above, 5.5.4 below 0.
function digamma(x) {
    if (x <= 0) return x === Math.floor(x) ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
    let sum = 0;
    for (; x < 10; x += 1) sum -= 1 / x;
    const y = 1 / (x * x);
    const series = y * polynomial([1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12], y);
    return sum + Math.log(x) - 0.5 / x - series;
}

// n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1, by the Euler-Maclaurin formula, DLMF 25.11.5.
function polygamma(n, x) {
    if (n === 0) return digamma(x);
    if (!(n > 0) || n !== Math.floor(n) || (x <= 0 && x === Math.floor(x)) || x < -1e5) return NaN;
    const s = n + 1;
    let sum = 0;
    for (; x < n + 10; x += 1) sum += x ** -s;
    let term = s * x ** (-s - 1);
    sum += x ** (1 - s) / n + x ** -s / 2;
    [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600].forEach((b, k) => {
        sum += b * term;
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (x * x);
    });
    return (n % 2 ? 1 : -1) * gamma(s) * sum;
}
