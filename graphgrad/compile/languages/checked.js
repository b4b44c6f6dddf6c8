// The quotient; nothing is divided by 0.
function div(x, y) {
    return y === 0 ? NaN : x / y;
}

// The power as C defines it (C17, F.10.4.4), but no number to the power of nothing.
function pow(x, y) {
    if (x !== x || y !== y || (x === 0 && y < 0)) return NaN;
    if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
    return wholePower(x, y) ?? Math.pow(x, y);
}

// A small whole power, rounded once: squared and multiplied with twice the digits of a double, after T. J. Dekker,
// "A floating-point technique for extending the available precision", Numer. Math. 18 (1971).
function wholePower(x, n) {
    if (n !== Math.floor(n) || Math.abs(n) > 64) return null;
    let result = [1, 0];
    let square = [x, 0];
    for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
        if (rest % 2) result = longProduct(result, square);
        square = longProduct(square, square);
    }
    const size = Math.abs(result[0]);
    if (!(size > 1e-140 && size < 1e140)) return null;
    if (n >= 0) return result[0];
    const quotient = 1 / result[0];
    const [high, low] = longProduct([quotient, 0], result);
    return quotient + quotient * (1 - high - low);
}

function longProduct([a, aLow], [b, bLow]) {
    const high = a * b;
    const low = productError(a, b, high) + a * bLow + aLow * b;
    return [high + low, low - (high + low - high)];
}

function productError(a, b, product) {
    const [aHead, aTail] = halves(a);
    const [bHead, bTail] = halves(b);
    return aTail * bTail - (product - aHead * bHead - aTail * bHead - aHead * bTail);
}

function halves(x) {
    const shifted = 134217729 * x;
    const head = shifted - (shifted - x);
    return [head, x - head];
}

// Logarithms have no value at 0.
function log(x) {
    return x > 0 ? Math.log(x) : NaN;
}

function log2(x) {
    return x > 0 ? Math.log2(x) : NaN;
}

function log10(x) {
    return x > 0 ? Math.log10(x) : NaN;
}

function log1p(x) {
    return x > -1 ? Math.log1p(x) : NaN;
}

function atanh(x) {
    return Math.abs(x) < 1 ? Math.atanh(x) : NaN;
}

function hypot(x, y) {
    return x !== x || y !== y ? NaN : Math.hypot(x, y);
}

// Neither a comparison nor a choice is made by what is no number.
function lt(x, y) {
    return told(x, y, x < y);
}

function le(x, y) {
    return told(x, y, x <= y);
}

function gt(x, y) {
    return told(x, y, x > y);
}

function ge(x, y) {
    return told(x, y, x >= y);
}

function eq(x, y) {
    return told(x, y, x === y);
}

function ne(x, y) {
    return told(x, y, x !== y);
}

function told(x, y, holds) {
    return x !== x || y !== y ? NaN : +holds;
}

function where(condition, x, y) {
    if (condition !== condition) return NaN;
    return condition ? x : y;
}
