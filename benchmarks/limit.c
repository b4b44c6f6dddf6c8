/* What the machine can do for three formulas: value and five derivatives per row, derived and fused by hand.

   gcc vectorizes each loop, with the functions of glibc's vector library (libmvec). The flags of `limit.py` give up what
   graphgrad keeps: the order of operations, infinities, and functions within 1 ulp (libmvec is within 4). */

#include <math.h>

typedef const double *restrict column;
typedef double *restrict result;

void black_scholes(long first, long end, column spot, column strike, column rate, column vol, column years,
                   result value, result by_spot, result by_strike, result by_rate, result by_vol, result by_years) {
#pragma omp simd
    for (long i = first; i < end; i++) {
        double root = sqrt(years[i]), width = vol[i] * root;
        double d1 = (log(spot[i] / strike[i]) + (rate[i] + vol[i] * vol[i] * 0.5) * years[i]) / width;
        double d2 = d1 - width, discount = exp(-rate[i] * years[i]), paid = strike[i] * discount;
        double above1 = 0.5 + 0.5 * erf(d1 * M_SQRT1_2), above2 = 0.5 + 0.5 * erf(d2 * M_SQRT1_2);
        double density = spot[i] * 0.3989422804014327 * exp(-0.5 * d1 * d1);
        value[i] = spot[i] * above1 - paid * above2;
        by_spot[i] = above1;
        by_strike[i] = -discount * above2;
        by_rate[i] = years[i] * paid * above2;
        by_vol[i] = density * root;
        by_years[i] = density * vol[i] / (2 * root) + rate[i] * paid * above2;
    }
}

void waves(long first, long end, column a, column n, column o, column m, column t,
           result value, result by_a, result by_n, result by_o, result by_m, result by_t) {
#pragma omp simd
    for (long i = first; i < end; i++) {
        double sine_n = sin(n[i]), cosine_n = cos(n[i]), sine_o = sin(o[i]), cosine_o = cos(o[i]);
        double sine = sin(t[i] * a[i]), cosine = cos(t[i] * a[i]);
        value[i] = a[i] * sine_n * cosine_o + m[i] * sine;
        by_a[i] = sine_n * cosine_o + m[i] * cosine * t[i];
        by_n[i] = a[i] * cosine_n * cosine_o;
        by_o[i] = -a[i] * sine_n * sine_o;
        by_m[i] = sine;
        by_t[i] = m[i] * cosine * a[i];
    }
}

void products(long first, long end, column a, column n, column o, column m, column t,
              result value, result by_a, result by_n, result by_o, result by_m, result by_t) {
#pragma omp simd
    for (long i = first; i < end; i++) {
        double sum = a[i] * n[i] + o[i] * m[i];
        value[i] = sum * t[i];
        by_a[i] = n[i] * t[i];
        by_n[i] = a[i] * t[i];
        by_o[i] = m[i] * t[i];
        by_m[i] = o[i] * t[i];
        by_t[i] = sum;
    }
}
