#!/usr/bin/env python3
"""Derives the polynomial coefficients of runtime/base/vmath_*.

Weighted minimax fits (Remez exchange) in 60-digit arithmetic. The coefficients are rounded to their
format, all at once or one after the other, lowest power first, with the rest fitted again each
time, whichever turns out better.

    pip install mpmath;  python3 tests/sweep/fit.py [row ...]
"""
import sys
from mpmath import (mp, mpf, matrix, lu_solve, exp, log, log1p, expm1, sin, cos, atan, asin, erf, erfc,
                    sqrt, pi, cbrt, fabs)

mp.dps = 60
LN2 = log(2)


def rounded(c, bits):
    """c to the nearest number of `bits` significant bits, ties to even."""
    if c == 0:
        return c
    old = mp.prec
    mp.prec = bits
    r = +c
    mp.prec = old
    return r


def hexfloat(c, bits):
    s = float(c).hex()
    head, _, p = s.partition("p")
    if "." in head:
        head = head.rstrip("0").rstrip(".")
    return head + "p" + p + ("f" if bits == 24 else "")


class Grid:
    """The target, the weight and the variable on a fixed set of Chebyshev-spaced points."""

    def __init__(self, f, w, lo, hi, n):
        self.x = [(hi + lo) / 2 - (hi - lo) / 2 * mp.cos(pi * i / n) for i in range(n + 1)]
        self.f = [f(x) for x in self.x]
        self.w = [w(x) for x in self.x]


def remez(g, f, powers):
    """Minimax coefficients of sum c_i x^p_i against f on the grid; returns (coefficients, error)."""
    n = len(powers)
    at = [round(i * (len(g.x) - 1) / n) for i in range(n + 1)]
    for _ in range(30):
        a = matrix(n + 1, n + 1)
        b = matrix(n + 1, 1)
        for r, i in enumerate(at):
            for c, p in enumerate(powers):
                a[r, c] = g.x[i] ** p * g.w[i]
            a[r, n] = (-1) ** r
            b[r] = f[i] * g.w[i]
        sol = lu_solve(a, b)
        co = [sol[i] for i in range(n)]
        err = [(f[i] - sum(c * x ** p for c, p in zip(co, powers))) * g.w[i]
               for i, x in enumerate(g.x)]
        runs = []
        for i, e in enumerate(err):
            if runs and (e >= 0) == (err[runs[-1]] >= 0):
                if fabs(e) > fabs(err[runs[-1]]):
                    runs[-1] = i
            else:
                runs.append(i)
        while len(runs) > n + 1:
            if len(runs) == n + 2:
                drop = 0 if fabs(err[runs[0]]) < fabs(err[runs[-1]]) else -1
                runs.pop(drop)
            else:
                k = min(range(len(runs) - 1),
                        key=lambda j: max(fabs(err[runs[j]]), fabs(err[runs[j + 1]])))
                del runs[k:k + 2]
        if len(runs) < n + 1 or runs == at:
            break
        at = runs
    return co, max(fabs(e) for e in err)


def fit(f, w, lo, hi, degree, bits):
    """The better of rounding all at once and rounding one by one with refits between."""
    g = Grid(f, w, mpf(lo), mpf(hi), 40 * (degree + 3))
    co, ideal = remez(g, g.f, list(range(degree + 1)))
    at_once = [rounded(c, bits) for c in co]
    stepwise, target = [], list(g.f)
    for p in range(degree + 1):
        co, _ = remez(g, target, list(range(p, degree + 1)))
        c = rounded(co[0], bits)
        stepwise.append(c)
        target = [t - c * x ** p for t, x in zip(target, g.x)]

    def error(c):
        return max(fabs(t - mp.polyval(c[::-1], x)) * wt for t, x, wt in zip(g.f, g.x, g.w))

    best = min(at_once, stepwise, key=error)
    return best, ideal, error(best)


def series(f, near0, limit):
    """f away from 0; its limit value at 0 itself."""
    return lambda x: limit if x == 0 else f(x)


HALF_LN2 = LN2 / 2 * mpf("1.0002")
PI4SQ = (pi / 4) ** 2 * mpf("1.0002")
RT_HALF = sqrt(mpf(1) / 2) - 1 - mpf(2) ** -20      # log: f in [sqrt(1/2) - 1, sqrt(2) - 1]
RT_TWO = sqrt(mpf(2)) - 1 + mpf(2) ** -20
S_MAX = mpf("0.029438")     # (f / (2 + f))^2 at either end
T8SQ = mpf("0.17158")       # tan(pi/8)^2, a little over


def atanh2(z):
    s = sqrt(z)
    return (log1p(s) - log1p(-s)) / s


rt = sqrt
ROWS = {
    # name: target, weight, low, high, degree, bits
    "F_EXP": (series(lambda r: (expm1(r) - r) / r ** 2, 0, mpf(1) / 2), lambda r: r * r / exp(r),
              -HALF_LN2, HALF_LN2, 4, 24),
    "F_EXP2": (series(lambda r: expm1(r * LN2) / r, 0, LN2), lambda r: r / 2 ** r,
               mpf("-0.5001"), mpf("0.5001"), 5, 24),
    "F_LOG": (series(lambda x: (log1p(x) - x) / x ** 2, 0, -mpf(1) / 2),
              series(lambda x: x * x / log1p(x), 0, 0), RT_HALF, RT_TWO, 8, 24),
    "F_LOG1P": (series(lambda x: (log1p(x) - x) / x ** 2, 0, -mpf(1) / 2),
                series(lambda x: x * x / log1p(x), 0, 0), -mpf(1) / 4, mpf(1) / 2, 9, 24),
    "F_TANH": (series(lambda z: (mp.tanh(rt(z)) / rt(z) - 1) / z, 0, -mpf(1) / 3), lambda z: z,
               0, mpf("0.3026"), 4, 24),
    "D_EXP": (series(lambda r: (expm1(r) - r) / r ** 2, 0, mpf(1) / 2), lambda r: r * r / exp(r),
              -HALF_LN2, HALF_LN2, 9, 53),
    "D_LOG": (series(lambda z: (atanh2(z) - 2) / z, 0, mpf(2) / 3), lambda z: z, 0, S_MAX, 6, 53),
    "D_LOG1P": (series(lambda z: (atanh2(z) - 2) / z, 0, mpf(2) / 3), lambda z: z, 0, mpf("0.0401"),
                7, 53),
    "D_POWLOG": (series(lambda z: (atanh2(z) / 2 - 1 - z / 3) / z ** 2, 0, mpf(1) / 5),
                 lambda z: z * z, 0, S_MAX, 6, 53),
    "S_POWLOG": (series(lambda z: atanh2(z) / LN2, 0, 2 / LN2), lambda z: 1, 0, S_MAX, 5, 53),
    "S_POWEXP": (lambda r: 2 ** r, lambda r: 1 / 2 ** r, mpf("-0.5001"), mpf("0.5001"), 7, 53),
    "D_SIN": (series(lambda z: (sin(rt(z)) / rt(z) - 1) / z, 0, -mpf(1) / 6), lambda z: z, 0, PI4SQ, 5, 53),
    "D_COS": (series(lambda z: (cos(rt(z)) - 1 + z / 2) / z ** 2, 0, mpf(1) / 24), lambda z: z ** 2,
              0, PI4SQ, 5, 53),
    "S_SIN": (series(lambda z: (sin(rt(z)) / rt(z) - 1) / z, 0, -mpf(1) / 6), lambda z: z, 0, PI4SQ, 3, 53),
    "S_COS": (series(lambda z: (cos(rt(z)) - 1) / z, 0, -mpf(1) / 2), lambda z: z, 0, PI4SQ, 3, 53),
    "D_ATAN": (series(lambda z: (atan(rt(z)) / rt(z) - 1) / z, 0, -mpf(1) / 3), lambda z: z, 0, T8SQ, 11, 53),
    "S_ATAN": (series(lambda z: (atan(rt(z)) / rt(z) - 1) / z, 0, -mpf(1) / 3), lambda z: z, 0, T8SQ, 5, 53),
    "D_ASIN": (series(lambda z: (asin(rt(z)) / rt(z) - 1) / z, 0, mpf(1) / 6), lambda z: z,
               0, mpf("0.2501"), 12, 53),
    "S_ASIN": (series(lambda z: (asin(rt(z)) / rt(z) - 1) / z, 0, mpf(1) / 6), lambda z: z,
               0, mpf("0.2501"), 5, 53),
    "D_ERF": (series(lambda z: erf(rt(z)) / rt(z) - 1, 0, 2 / sqrt(pi) - 1), lambda z: 1, 0, 1, 12, 53),
    "S_ERF": (series(lambda z: erf(rt(z)) / rt(z) - 1, 0, 2 / sqrt(pi) - 1), lambda z: 1, 0, 1, 7, 53),
    "D_ERFC": (lambda x: log(erfc(x)), lambda x: erfc(x), 1, 6, 18, 53),
    "S_ERFC": (lambda x: log(erfc(x)), lambda x: erfc(x), 1, 4, 8, 53),
    "S_EXP": (series(lambda r: (expm1(r) - r) / r ** 2, 0, mpf(1) / 2), lambda r: r * r / exp(r),
              -HALF_LN2, HALF_LN2, 5, 53),
    "D_CBRT": (lambda m: cbrt(m), lambda m: 1 / cbrt(m), mpf("0.707"), mpf("1.41422"), 4, 53),
}


def main():
    for name in sys.argv[1:] or ROWS:
        f, w, lo, hi, degree, bits = ROWS[name]
        co, ideal, real = fit(f, w, lo, hi, degree, bits)
        print("/* %s: error 2^%.1f (unrounded 2^%.1f) */" % (name, log(real, 2), log(ideal, 2)))
        for c in co:
            print("    %s," % hexfloat(c, bits))
        sys.stdout.flush()


main()
