/* Kinds of numbers in files of vectors. Bytes may stand anywhere, so each is copied out. */
#include "runtime/source/matrix.h"

static inline float canonical(float x) { return x == x ? x : rk_nan_float(); }

#define WIDEN(name, type)                                                                          \
    static void widen_##name(const char *from, float *to, size_t n)                                \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            type x;                                                                                \
            memcpy(&x, from + i * sizeof x, sizeof x);                                             \
            to[i] = canonical((float)x);                                                           \
        }                                                                                          \
    }

WIDEN(f4, float)
WIDEN(f8, double)
WIDEN(i1, int8_t)
WIDEN(u1, uint8_t)
WIDEN(i4, int32_t)

/* IEEE binary16: a sign, 5 bits of exponent, 10 of fraction; all of them are floats. */
static float half(uint16_t bits)
{
    const uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 31;
    const uint32_t fraction = bits & 0x3ff;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    const uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
    const uint32_t word = sign | wide << 23 | fraction << 13;
    memcpy(&value, &word, sizeof value);
    return value;
}

static void widen_f2(const char *from, float *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t bits;
        memcpy(&bits, from + i * sizeof bits, sizeof bits);
        to[i] = canonical(half(bits));
    }
}

/* clang-format off */
static const rk_element elements[] = {
    {"f4", "float32", 4, widen_f4},
    {"f8", "float64", 8, widen_f8},
    {"f2", "float16", 2, widen_f2},
    {"i1", "int8",    1, widen_i1},
    {"u1", "uint8",   1, widen_u1},
    {"i4", "int32",   4, widen_i4},
};
/* clang-format on */

const rk_element *rk_element_find(rk_str code)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(elements); i++)
        if (rk_str_eq(code, rk_str_from(elements[i].code)))
            return &elements[i];
    return NULL;
}

const char *rk_element_names(void) { return "float32, float64, float16, int8, uint8 and int32"; }
