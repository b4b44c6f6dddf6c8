/* Where terms cancel, they are pairs of doubles, which have twice the digits: T. J. Dekker, "A floating-point technique
   for extending the available precision", Numer. Math. 18 (1971). */
typedef struct { double high, low; } pair;

static pair pair_sum(pair x, pair y) {
    const double high = x.high + y.high, part = high - x.high;
    const double low = (x.high - (high - part)) + (y.high - part) + x.low + y.low, sum = high + low;
    const pair result = {sum, low - (sum - high)};
    return result;
}

static pair pair_product(pair x, pair y) {
    const double high = x.high * y.high;
    const double low = fma(x.high, y.high, -high) + (x.high * y.low + x.low * y.high), sum = high + low;
    const pair result = {sum, low - (sum - high)};
    return result;
}

static pair pair_quotient(pair x, pair y) {
    const pair high = {x.high / y.high, 0}, minus = {-high.high, 0};
    const pair low = {pair_sum(x, pair_product(y, minus)).high / y.high, 0};
    return pair_sum(high, low);
}

static pair pair_negative(pair x) {
    const pair result = {-x.high, -x.low};
    return result;
}

static pair pair_of(double x) {
    const pair result = {x, 0};
    return result;
}

/* exp(-x*x), x*x in two parts, of which the large one is exact. */
static double exp_minus_square(double x) {
    const double size = fabs(x), near = size - fmod(size, 0.0625);
    return size > 27.3 ? 0 : exp(-near * near) * exp(-(size - near) * (size + near));
}

/* log(x) for x > 0, by the series of the inverse hyperbolic tangent. */
static pair pair_log(pair x) {
    const pair log_2 = {0.6931471805599453, 2.3190468138462996e-17};
    const double exponent = round(log2(x.high)), power = exp2(exponent);
    const pair part = {x.high / power, x.low / power};
    const pair ratio = pair_quotient(pair_sum(part, pair_of(-1)), pair_sum(part, pair_of(1)));
    const pair square = pair_product(ratio, ratio);
    pair series = {0, 0};
    for (int k = 45; k > 0; k -= 2)
        series = pair_sum(pair_product(series, square), pair_quotient(pair_of(2), pair_of(k)));
    return pair_sum(pair_product(log_2, pair_of(exponent)), pair_product(ratio, series));
}

/* The cotangent of pi*x, times pi, for |x| <= 1/2, by the series of sine and cosine. */
static pair pair_cotangent(double x) {
    const pair pi = {3.141592653589793, 1.2246467991473532e-16}, angle = pair_product(pi, pair_of(x));
    pair term = {1, 0}, sine = {0, 0}, cosine = {1, 0};
    for (int k = 1; k < 34; k++) {
        term = pair_quotient(pair_product(term, angle), pair_of(k % 2 ? k : -k));
        if (k % 2) sine = pair_sum(sine, term);
        else cosine = pair_sum(cosine, term);
    }
    return pair_quotient(pair_product(pi, cosine), sine);
}

/* log(gamma(x)) and digamma(x) for x > 0: DLMF 5.5.1 and 5.5.2 up to 40, 5.11.1 and 5.11.2 above. */
static pair pair_gammas(pair x, pair *log_gamma) {
    const double ratios[][2] = {{1, 12}, {-1, 120}, {1, 252}, {-1, 240}, {1, 132}, {-691, 32760}, {1, 12},
        {-3617, 8160}, {43867, 14364}, {-174611, 6600}, {77683, 276}};
    const pair root = {2.5066282746310007, -1.8328579980459167e-16};
    pair product = {1, 0}, derivative = {0, 0}, series = {0, 0}, log_series = {0, 0};
    for (; x.high < 40; x = pair_sum(x, pair_of(1))) {
        product = pair_product(product, x);
        derivative = pair_sum(derivative, pair_quotient(pair_of(-1), x));
    }
    const pair square = pair_product(x, x), log_x = pair_log(x);
    for (int k = 11; k > 0; k--) {
        const pair b = pair_quotient(pair_of(ratios[k - 1][0]), pair_of(ratios[k - 1][1]));
        series = pair_quotient(pair_sum(series, b), square);
        log_series = pair_sum(pair_quotient(log_series, square), pair_quotient(b, pair_of(2 * k - 1)));
    }
    *log_gamma = pair_sum(pair_product(pair_sum(x, pair_of(-0.5)), log_x), pair_negative(x));
    *log_gamma = pair_sum(*log_gamma, pair_log(pair_quotient(root, product)));
    *log_gamma = pair_sum(*log_gamma, pair_quotient(log_series, x));
    derivative = pair_sum(derivative, pair_sum(log_x, pair_quotient(pair_of(-0.5), x)));
    return pair_sum(derivative, pair_negative(series));
}

/* Logarithmic derivative of gamma: a Pade approximant between 1 and 2, which has the factor x - root;
   DLMF 5.5.2 up to 10; 5.11.2 above; 5.5.4 below 0. */
static double digamma(double x) {
    const double numerator[] = {
        2.5413243209206893e-08, 2.0761752783773515e-05, 0.0011239453493703706, 0.02048446717552533,
        0.16867091147775454, 0.6846980863268833, 1.3258640334680671, 0.9676722454476212};
    const double denominator[] = {
        3.98898775631658e-06, 0.0003057981969553456, 0.007348744821870532, 0.07949886886974394, 0.4396456760929749,
        1.2767157044913227, 1.8277130617025563, 1.0};
    const double b[] = {1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12};
    double sum = 0, p = 0, q = 0;
    if (x == INFINITY) return x;
    if (x <= 0) {
        if (x == floor(x)) return NAN;
        const double pi = acos(-1), rest = digamma(1 - x), turn = x - round(x);
        const double near = copysign(tan(pi * (0.5 - fabs(turn))), turn);
        pair unused;
        sum = rest - pi * (fabs(turn) > 0.25 ? near : 1 / tan(pi * turn));
        if (fabs(sum) > (1 + rest) / 4) return sum;
        const pair above = pair_gammas(pair_sum(pair_of(1), pair_of(-x)), &unused);
        return pair_sum(above, pair_negative(pair_cotangent(turn))).high;
    }
    if (x >= 10) {
        const double y = 1 / (x * x);
        for (int k = 0; k < 7; k++) sum = (sum + b[k]) * y;
        return log(x) - 0.5 / x - sum;
    }
    if (x < 1) {
        sum = -1 / x;
        x += 1;
    }
    while (x > 2) {
        x -= 1;
        sum += 1 / x;
    }
    const double t = x - 1.4616321449683622 - 9.549995429965697e-17;
    for (int k = 0; k < 8; k++) {
        p = p * t + numerator[k];
        q = q * t + denominator[k];
    }
    return sum + t * p / q;
}

/* Hurwitz's zeta(s, x) * unit^s for 0 < unit <= x, by the Euler-Maclaurin formula, DLMF 25.11.5. */
static double zeta_times_power(double s, double x, double unit) {
    const double b[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
        1.0 / 74724249600.0};
    double sum = 0, offset = x - unit, power = exp(-s * log1p(offset / unit));
    if (x == INFINITY) return 0;
    for (; x < 2 * s + 10; x += 1) {
        sum += power;
        if (power <= sum * 1e-17) return sum;
        offset += 1;
        power = exp(-s * log1p(offset / unit));
    }
    double term = s / x, series = 0.5 + x / (s - 1);
    for (int k = 0; k < 7; k++) {
        series += b[k] * term;
        term *= (s + 2 * k + 1) / x * ((s + 2 * k + 2) / x);
    }
    return sum + power * series;
}

/* n!/x^(n + 1), in logarithms where one of them is too large or too small for a double. */
static double factorial_over_power(double n, double x) {
    const double log_power = -(n + 1) * log(x);
    if (n < 171 && fabs(log_power) < 600) return tgamma(n + 1) * pow(x, -(n + 1));
    const double size = lgamma(n + 1) + log_power;
    if (fabs(size) > 1000 || n > 1e15) return size > 0 ? INFINITY : 0;
    pair sum;
    pair_gammas(pair_of(n + 1), &sum);
    sum = pair_sum(sum, pair_product(pair_of(-n - 1), pair_log(pair_of(x))));
    return exp(sum.high) * (1 + sum.low);
}

/* n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1; below 0 three of them, since the poles on either
   side of x are as far apart as those of zeta. */
static double polygamma(double n, double x) {
    if (n == 0) return digamma(x);
    if (!(n > 0) || n != floor(n) || n == INFINITY || (x <= 0 && x == floor(x))) return NAN;
    const double sign = fmod(n, 2) == 1 ? 1 : -1;
    /* x**(n + 1) may be beyond float64 where x**n is not. */
    if (x > 1e15) return sign * factorial_over_power(n - 1, x) * (n * (zeta_times_power(n + 1, x, x) / x));
    if (x > 0) return sign * factorial_over_power(n, x) * zeta_times_power(n + 1, x, x);
    const double rest = x - round(x), right = rest > 0 ? rest : 1 + rest, left = rest > 0 ? 1 - rest : -rest;
    if (right == left && fmod(n, 2) == 0) return polygamma(n, 1 - x);
    const double unit = fmin(right, left);
    const double sum = zeta_times_power(n + 1, left, unit) - zeta_times_power(n + 1, 1 - x, unit);
    return sign * factorial_over_power(n, unit) * (zeta_times_power(n + 1, right, unit) + sign * sum);
}
