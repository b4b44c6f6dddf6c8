/* Logarithmic derivative of gamma: DLMF 5.5.2 up to 10, 5.11.2 above, 5.5.4 below 0. */
static double digamma(double x) {
    if (x <= 0) return x == floor(x) ? NAN : digamma(1 - x) - acos(-1) / tan(acos(-1) * (x - round(x)));
    double sum = 0;
    for (; x < 10; x += 1) sum -= 1 / x;
    const double b[] = {1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12};
    const double y = 1 / (x * x);
    double series = 0;
    for (int k = 0; k < 7; k++) series = (series + b[k]) * y;
    return sum + log(x) - 0.5 / x - series;
}

/* n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1, by the Euler-Maclaurin formula, DLMF 25.11.5. */
static double polygamma(double n, double x) {
    if (n == 0) return digamma(x);
    if (!(n > 0) || n != floor(n) || (x <= 0 && x == floor(x)) || x < -1e5) return NAN;
    const double b[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
        1.0 / 74724249600.0};
    const double s = n + 1;
    double sum = 0;
    for (; x < n + 10; x += 1) sum += pow(x, -s);
    double term = s * pow(x, -s - 1);
    sum += pow(x, 1 - s) / n + pow(x, -s) / 2;
    for (int k = 0; k < 7; k++) {
        sum += b[k] * term;
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (x * x);
    }
    return (fmod(n, 2) == 1 ? 1 : -1) * tgamma(s) * sum;
}
