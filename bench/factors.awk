# N random factors of about 11 operations over six fields, as a program (-v FORM=rank) or as as many
# functions in C (-v FORM=c): the same expressions in both.
# What log1p, sqrt and the right of / get is never negative, so that C with fast-math, which knows no
# NaN, has the same answers.
function random(n) { # 0 .. n-1, the same in every awk
    state = (state * 16807) % 2147483647
    return int(state / 2147483647 * n)
}
function leaf(r) {
    r = random(8)
    if (r < 6)
        return FORM == "c" ? "x" r "[i]" : "x" r
    if (r == 6)
        return FORM == "c" ? "s" : "query.s"
    return sprintf(FORM == "c" ? "%.2ff" : "%.2f", random(100) * 0.01 + 0.01)
}
function call(name, c_name, x) { return (FORM == "c" ? c_name : name) "(" x ")" }
function expr(d, positive, r, a, b) {
    if (d == 0)
        return leaf()
    r = random(10)
    if (r == 2 && !positive) {
        a = expr(d - 1, 0); b = expr(d - 1, 0)
        return "(" a " - " b ")"
    }
    if (r <= 2) {
        a = expr(d - 1, positive); b = expr(d - 1, positive)
        return "(" a " + " b ")"
    }
    if (r <= 5) {
        a = expr(d - 1, positive); b = expr(d - 1, positive)
        return a " * " b
    }
    if (r == 6) {
        a = expr(d - 1, positive); b = expr(d - 1, 1)
        return "(" a " / (" one " + " b "))"
    }
    if (r == 7)
        return call("log1p", "log1pf", expr(d - 1, 1))
    if (r == 8)
        return call("sigmoid", "sigmoid", expr(d - 1, positive))
    return call("sqrt", "sqrtf", one " + " expr(d - 1, 1))
}
BEGIN {
    state = 42
    one = FORM == "c" ? "1.0f" : "1.0"
    params = "const float *x0, const float *x1, const float *x2, const float *x3, const float *x4, " \
        "const float *x5, float s, float *out, size_t n"
    if (FORM == "c") {
        print "#include <math.h>\n#include <stddef.h>"
        print "static inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }"
    } else {
        print "query { s: float }"
        print "item { id: int, x0: float, x1: float, x2: float, x3: float, x4: float, x5: float }"
    }
    for (f = 0; f < N; f++) {
        text = expr(3, 0)
        text = text " + " expr(2, 0)
        if (FORM == "c")
            printf "static void f%d(%s)\n{\n    for (size_t i = 0; i < n; i++)\n        out[i] = %s;\n}\n", \
                f, params, text
        else
            print "factor f" f " = " text
    }
    if (FORM != "c") {
        print "pipeline all = candidates"
        exit
    }
    print "void (*const NAME[])(" params ") = {"
    for (f = 0; f < N; f++)
        printf "f%d, ", f
    print "};"
}
