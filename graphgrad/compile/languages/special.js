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

// exp(-x*x), x*x in two parts, of which the large one is exact.
function expMinusSquare(x) {
    const size = Math.abs(x), near = size - size % 0.0625;
    return size > 27.3 ? 0 : Math.exp(-near * near) * Math.exp(-(size - near) * (size + near));
}

// A polynomial by Horner's rule, highest coefficient first.
function polynomial(coefficients, x) {
    return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

// Gamma function: by DLMF 5.5.1 from its values around 2; beyond 30 from its logarithm, in pairs of doubles.
function gamma(x) {
    if (x <= 0 && x === Math.floor(x)) return NaN;
    if (Math.abs(x) > 30) {
        if (Math.abs(x) > 190) return x > 0 ? Infinity : 0;
        const [high, low] = x > 0 ? pairGammas([x, 0])[0] : reflected(x)[0];
        return (x < 0 && Math.floor(x) % 2 ? -1 : 1) * Math.exp(high) * (1 + low);
    }
    const nearest = Math.round(x);
    const t = x - nearest;
    let product = 1;
    for (let k = 2; k < nearest; k++) product *= k + t;
    for (let k = nearest; k < 2; k++) product /= k + t;
    return product * Math.exp(logGammaOf2Plus(t));
}

// Logarithm of |gamma(x)|: DLMF 5.7.3 around 1 and 2, by 5.5.1 up to 10; 5.11.1 above; 5.5.3 below -1/2.
function lgamma(x) {
    if (Math.abs(x) === Infinity) return Infinity;
    if (x <= 0 && x === Math.floor(x)) return NaN;
    if (x < -0.5) {
        const sine = Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x)))));
        const total = sine - lgamma(1 - x);
        return Math.abs(total) > sine / 4 ? total : reflected(x)[0][0];
    }
    if (x < 0.5) return lgamma(1 + x) - Math.log(Math.abs(x));
    if (x < 1.5) return logGammaOf2Plus(x - 1) - Math.log1p(x - 1);
    if (x < 10) {
        let product = 1;
        for (; x > 2.5; product *= x) x -= 1;
        return Math.log(product) + logGammaOf2Plus(x - 2);
    }
    const y = 1 / (x * x);
    const series = polynomial([1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12], y) / x;
    return (x - 0.5) * (Math.log(x) - 1) + (0.5 * Math.log(2 * Math.PI) - 0.5 + series);
}

// log(gamma(2 + t)) for |t| <= 1/2, which is t times this series.
function logGammaOf2Plus(t) {
    const coefficients = [
        1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10, -1.1921401405860912e-09,
        2.4836745438024785e-09, -5.183475041970047e-09, 1.0838659214896955e-08, -2.2711094608943164e-08,
        4.7698101693639804e-08, -1.0043224823968099e-07, 2.1207184805554665e-07, -4.492469198764566e-07,
        9.55141213040742e-07, -2.039215753801366e-06, 4.374866789907488e-06, -9.439488275268397e-06,
        2.050721277567069e-05, -4.492623673813314e-05, 9.945751278180853e-05, -0.00022315475845357939,
        0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234, -0.007385551028673986,
        0.020580808427784546, -0.0673523010531981, 0.3224670334241132, 0.42278433509846713
    ];
    return t * polynomial(coefficients, t);
}

// Logarithmic derivative of gamma: a Pade approximant between 1 and 2, which has the factor x - root;
// DLMF 5.5.2 up to 10; 5.11.2 above; 5.5.4 below 0.
function digamma(x) {
    if (x === Infinity) return x;
    if (x <= 0) {
        if (x === Math.floor(x)) return NaN;
        const rest = digamma(1 - x);
        const turn = x - Math.round(x);
        const near = Math.sign(turn) * Math.tan(Math.PI * (0.5 - Math.abs(turn)));
        const total = rest - Math.PI * (Math.abs(turn) > 0.25 ? near : 1 / Math.tan(Math.PI * turn));
        return Math.abs(total) > (1 + rest) / 4 ? total : reflected(x)[1][0];
    }
    if (x >= 10) {
        const y = 1 / (x * x);
        const series = y * polynomial([1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12], y);
        return Math.log(x) - 0.5 / x - series;
    }
    let total = 0;
    if (x < 1) {
        total = -1 / x;
        x += 1;
    }
    while (x > 2) {
        x -= 1;
        total += 1 / x;
    }
    const t = x - 1.4616321449683622 - 9.549995429965697e-17;
    const numerator = [
        2.5413243209206893e-08, 2.0761752783773515e-05, 0.0011239453493703706, 0.02048446717552533,
        0.16867091147775454, 0.6846980863268833, 1.3258640334680671, 0.9676722454476212
    ];
    const denominator = [
        3.98898775631658e-06, 0.0003057981969553456, 0.007348744821870532, 0.07949886886974394, 0.4396456760929749,
        1.2767157044913227, 1.8277130617025563, 1.0
    ];
    return total + t * polynomial(numerator, t) / polynomial(denominator, t);
}

// n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1; below 0 three of them, since the poles on either
// side of x are as far apart as those of zeta.
function polygamma(n, x) {
    if (n === 0) return digamma(x);
    if (!(n > 0) || n !== Math.floor(n) || n === Infinity || (x <= 0 && x === Math.floor(x))) return NaN;
    const sign = n % 2 ? 1 : -1;
    // x**(n + 1) may be beyond float64 where x**n is not.
    if (x > 1e15) return sign * factorialOverPower(n - 1, x) * (n * (zetaTimesPower(n + 1, x, x) / x));
    if (x > 0) return sign * factorialOverPower(n, x) * zetaTimesPower(n + 1, x, x);
    const rest = x - Math.round(x);
    const right = rest > 0 ? rest : 1 + rest;
    const left = rest > 0 ? 1 - rest : -rest;
    if (right === left && n % 2 === 0) return polygamma(n, 1 - x);
    const unit = Math.min(right, left);
    const total = zetaTimesPower(n + 1, left, unit) - zetaTimesPower(n + 1, 1 - x, unit);
    return sign * factorialOverPower(n, unit) * (zetaTimesPower(n + 1, right, unit) + sign * total);
}

// Hurwitz's zeta(s, x) * unit**s for 0 < unit <= x, by the Euler-Maclaurin formula, DLMF 25.11.5.
function zetaTimesPower(s, x, unit) {
    if (x === Infinity) return 0;
    let offset = x - unit;
    let power = Math.exp(-s * Math.log1p(offset / unit));
    let sum = 0;
    while (x < 2 * s + 10) {
        sum += power;
        if (power <= sum * 1e-17) return sum;
        x += 1;
        offset += 1;
        power = Math.exp(-s * Math.log1p(offset / unit));
    }
    let term = s / x;
    let series = 0.5 + x / (s - 1);
    [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600].forEach((b, k) => {
        series += b * term;
        term *= (s + 2 * k + 1) / x * ((s + 2 * k + 2) / x);
    });
    return sum + power * series;
}

// n!/x**(n + 1), in logarithms where one of them is too large or too small for a double.
function factorialOverPower(n, x) {
    const logPower = -(n + 1) * Math.log(x);
    if (n < 171 && Math.abs(logPower) < 600) return gamma(n + 1) * x ** -(n + 1);
    const size = lgamma(n + 1) + logPower;
    if (Math.abs(size) > 1000 || n > 1e15) return size > 0 ? Infinity : 0;
    const [high, low] = pairSum(pairGammas([n + 1, 0])[0], pairProduct([-n - 1, 0], pairLog([x, 0])));
    return Math.exp(high) * (1 + low);
}

// Where terms cancel, they are pairs [high, low], which have twice the digits of a double: T. J. Dekker, "A
// floating-point technique for extending the available precision", Numer. Math. 18 (1971).
// Here log|gamma(x)| and digamma(x) below 0, DLMF 5.5.3 and 5.5.4.
function reflected(x) {
    const pi = [3.141592653589793, 1.2246467991473532e-16];
    const [sine, cosine] = pairSineAndCosine(x - Math.round(x));
    const [log, digamma] = pairGammas(pairSum([1, 0], [-x, 0]));
    const logSine = pairLog(pairQuotient(pi, sine[0] > 0 ? sine : pairNegative(sine)));
    const cotangent = pairQuotient(pairProduct(pi, cosine), sine);
    return [pairSum(logSine, pairNegative(log)), pairSum(digamma, pairNegative(cotangent))];
}

// log(gamma(x)) and digamma(x) for x > 0: DLMF 5.5.1 and 5.5.2 up to 40, 5.11.1 and 5.11.2 above.
function pairGammas(x) {
    const ratios = [[1, 12], [-1, 120], [1, 252], [-1, 240], [1, 132], [-691, 32760], [1, 12], [-3617, 8160],
        [43867, 14364], [-174611, 6600], [77683, 276]];
    let product = [1, 0];
    let digamma = [0, 0];
    for (; x[0] < 40; x = pairSum(x, [1, 0])) {
        product = pairProduct(product, x);
        digamma = pairSum(digamma, pairQuotient([-1, 0], x));
    }
    const square = pairProduct(x, x);
    const log = pairLog(x);
    let series = [0, 0];
    let logSeries = [0, 0];
    for (let k = ratios.length; k > 0; k--) {
        const b = pairQuotient([ratios[k - 1][0], 0], [ratios[k - 1][1], 0]);
        series = pairQuotient(pairSum(series, b), square);
        logSeries = pairSum(pairQuotient(logSeries, square), pairQuotient(b, [2 * k - 1, 0]));
    }
    digamma = pairSum(digamma, pairSum(log, pairQuotient([-0.5, 0], x)));
    digamma = pairSum(digamma, pairNegative(series));
    product = pairQuotient([2.5066282746310007, -1.8328579980459167e-16], product);
    const main = pairSum(pairProduct(pairSum(x, [-0.5, 0]), log), pairNegative(x));
    return [pairSum(pairSum(main, pairLog(product)), pairQuotient(logSeries, x)), digamma];
}

// log(x) for x > 0, by the series of the inverse hyperbolic tangent.
function pairLog(x) {
    const exponent = Math.round(Math.log2(x[0]));
    const part = [x[0] / 2 ** exponent, x[1] / 2 ** exponent];
    const ratio = pairQuotient(pairSum(part, [-1, 0]), pairSum(part, [1, 0]));
    const square = pairProduct(ratio, ratio);
    let series = [0, 0];
    for (let k = 45; k > 0; k -= 2) series = pairSum(pairProduct(series, square), pairQuotient([2, 0], [k, 0]));
    const power = pairProduct([0.6931471805599453, 2.3190468138462996e-17], [exponent, 0]);
    return pairSum(power, pairProduct(ratio, series));
}

// sin(pi*x) and cos(pi*x) for |x| <= 1/2, by their series.
function pairSineAndCosine(x) {
    const angle = pairProduct([3.141592653589793, 1.2246467991473532e-16], [x, 0]);
    const sums = [[1, 0], [0, 0]];
    let term = [1, 0];
    for (let k = 1; k < 34; k++) {
        term = pairQuotient(pairProduct(term, angle), [k % 2 ? k : -k, 0]);
        sums[k % 2] = pairSum(sums[k % 2], term);
    }
    return [sums[1], sums[0]];
}

function pairNegative([high, low]) {
    return [-high, -low];
}

function pairSum([x, xLow], [y, yLow]) {
    const high = x + y;
    const part = high - x;
    const low = (x - (high - part)) + (y - part) + xLow + yLow;
    return [high + low, low - (high + low - high)];
}

function pairProduct([x, xLow], [y, yLow]) {
    const high = x * y;
    const xHead = 134217729 * x - (134217729 * x - x);
    const yHead = 134217729 * y - (134217729 * y - y);
    const xTail = x - xHead;
    const yTail = y - yHead;
    const low = (xHead * yHead - high + xHead * yTail + xTail * yHead) + xTail * yTail + (x * yLow + xLow * y);
    return [high + low, low - (high + low - high)];
}

function pairQuotient(x, y) {
    const high = x[0] / y[0];
    const rest = pairSum(x, pairProduct(y, [-high, 0]));
    return pairSum([high, 0], [rest[0] / y[0], 0]);
}
