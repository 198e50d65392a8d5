/* The loops of ops.h. Plain C that the compiler vectorises: no loop here has a branch in it, so all
 * levels give the same bits by construction. */
#include "runtime/exec/ops.h"

#include <math.h>

#include "runtime/base/simd.h"

extern const rk_ops RK_SIMD_NAME(rk_ops);

static inline uint32_t whole(uint32_t n) { return (n + 15) & ~15u; }

/* A loop over up to three arrays of given types. */
#define MAP3(name, out_t, a_t, b_t, c_t, expr)                                                     \
    static void name(void *out_, const void *a_, const void *b_, const void *c_, uint32_t n)       \
    {                                                                                              \
        out_t *restrict const out = __builtin_assume_aligned(out_, 64);                            \
        const a_t *const a = __builtin_assume_aligned(a_, 64);                                     \
        const b_t *const b = __builtin_assume_aligned(b_, 64);                                     \
        const c_t *const c = __builtin_assume_aligned(c_, 64);                                     \
        (void)a, (void)b, (void)c;                                                                 \
        n = whole(n);                                                                              \
        for (uint32_t i = 0; i < n; i++)                                                           \
            out[i] = (expr);                                                                       \
    }
#define MAP(name, out_t, in_t, expr) MAP3(name, out_t, in_t, in_t, in_t, expr)

/* ---- arithmetic ---- */

#define ARITHMETIC(kind, ctype)                                                                    \
    MAP(add_##kind, ctype, ctype, a[i] + b[i])                                                     \
    MAP(sub_##kind, ctype, ctype, a[i] - b[i])                                                     \
    MAP(mul_##kind, ctype, ctype, a[i] * b[i])                                                     \
    MAP(neg_##kind, ctype, ctype, -a[i])
ARITHMETIC(int, int64_t)
ARITHMETIC(float, float)
ARITHMETIC(double, double)
MAP(div_float, float, float, a[i] / b[i])
MAP(div_double, double, double, a[i] / b[i])

/* ---- comparison and logic ---- */

#define COMPARISON(kind, ctype)                                                                    \
    MAP(eq_##kind, uint8_t, ctype, a[i] == b[i])                                                   \
    MAP(ne_##kind, uint8_t, ctype, (a[i] < b[i]) | (a[i] > b[i])) /* false with NaN */             \
    MAP(lt_##kind, uint8_t, ctype, a[i] < b[i])                                                    \
    MAP(le_##kind, uint8_t, ctype, a[i] <= b[i])                                                   \
    MAP(gt_##kind, uint8_t, ctype, a[i] > b[i])                                                    \
    MAP(ge_##kind, uint8_t, ctype, a[i] >= b[i])
COMPARISON(bool, uint8_t)
COMPARISON(int, int64_t)
COMPARISON(float, float)
COMPARISON(double, double)
MAP(eq_string, uint8_t, rk_atom, a[i] == b[i])
MAP(ne_string, uint8_t, rk_atom, a[i] != b[i])
MAP(and_bool, uint8_t, uint8_t, a[i] & b[i])
MAP(or_bool, uint8_t, uint8_t, a[i] | b[i])
MAP(not_bool, uint8_t, uint8_t, a[i] ^ 1)

/* ---- choice and missing ---- */

/* yes where the byte is 1, no where it is 0, without a branch. */
#define CHOOSE(size, ctype)                                                                        \
    static inline ctype choose_##size(uint8_t which, ctype yes, ctype no)                          \
    {                                                                                              \
        const ctype mask = (ctype)(-(ctype)which);                                                 \
        return (ctype)((yes & mask) | (no & ~mask));                                               \
    }                                                                                              \
    MAP3(if_##size, ctype, uint8_t, ctype, ctype, choose_##size(a[i], b[i], c[i]))
CHOOSE(1, uint8_t)
CHOOSE(4, uint32_t)
CHOOSE(8, uint64_t)
static inline float first_float(float x, float y) { return x == x ? x : y; }
static inline double first_double(double x, double y) { return x == x ? x : y; }
MAP(coalesce_float, float, float, first_float(a[i], b[i]))
MAP(coalesce_double, double, double, first_double(a[i], b[i]))
MAP(missing_float, uint8_t, float, !(a[i] == a[i]))
MAP(missing_double, uint8_t, double, !(a[i] == a[i]))

/* ---- conversion ---- */

#define CONVERT(from, from_t, to, to_t) MAP(from##_to_##to, to_t, from_t, (to_t)a[i])
CONVERT(bool, uint8_t, int, int64_t)
CONVERT(bool, uint8_t, float, float)
CONVERT(bool, uint8_t, double, double)
CONVERT(int, int64_t, float, float)
CONVERT(int, int64_t, double, double)
CONVERT(float, float, float, float)
CONVERT(float, float, double, double)
CONVERT(double, double, float, float)
CONVERT(double, double, double, double)

/* ---- masks ---- */

enum { BLOCK = 128, BYTES = 8 };
#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Byte k of a word gets bit k: copied to all bytes, alone there, then moved down to bit 0. */
static void unpack(uint8_t *out, const uint64_t *bits)
{
    for (unsigned at = 0; at < BLOCK / BYTES; at++) {
        const uint64_t byte = bits[at / BYTES] >> at % BYTES * BYTES & 0xff;
        const uint64_t alone = byte * EACH_BYTE & UINT64_C(0x8040201008040201);
        const uint64_t word = (alone + 0x7f * EACH_BYTE) >> 7 & EACH_BYTE;
        memcpy(out + at * BYTES, &word, sizeof word);
    }
}

/* The multiplication gathers the low bits of eight bytes in the topmost one. */
static uint64_t pack_word(const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (unsigned at = 0; at < 64 / BYTES; at++) {
        uint64_t word;
        memcpy(&word, bytes + at * BYTES, sizeof word);
        bits |= (word & EACH_BYTE) * UINT64_C(0x0102040810204080) >> 56 << at * BYTES;
    }
    return bits;
}

/* A column has room for whole sixteens only, so a block that is not full is not read beyond. */
static void pack(uint64_t *bits, const uint8_t *bytes, uint32_t n)
{
    uint8_t part[BLOCK];
    if (n < BLOCK) {
        memset(part, 0, sizeof part);
        memcpy(part, bytes, n);
        bytes = part;
    }
    bits[0] = pack_word(bytes);
    bits[1] = pack_word(bytes + 64);
}

#define HAS(kind, ctype)                                                                           \
    static bool has_##kind(uint64_t *bits, const ctype *x, uint32_t n)                             \
    {                                                                                              \
        bool all = true;                                                                           \
        for (uint64_t at = 0; at < n; at += 64) {                                                  \
            _Alignas(64) uint8_t bytes[64] = {0};                                                  \
            const uint32_t rest = n - at < 64 ? (uint32_t)(n - at) : 64;                           \
            for (uint32_t i = 0; i < rest; i++)                                                    \
                bytes[i] = x[at + i] == x[at + i];                                                 \
            bits[at / 64] = pack_word(bytes);                                                      \
            all &= bits[at / 64] == UINT64_MAX >> (64 - rest);                                     \
        }                                                                                          \
        return all;                                                                                \
    }
HAS(float, float)
HAS(double, double)

#define WHOLE(kind, ctype)                                                                         \
    static bool whole_##kind(const ctype *x, uint32_t n)                                           \
    {                                                                                              \
        uint32_t missing = 0;                                                                      \
        for (uint32_t i = 0; i < n; i++)                                                           \
            missing |= x[i] != x[i];                                                               \
        return !missing;                                                                           \
    }
WHOLE(float, float)
WHOLE(double, double)

#define BLANK(kind, ctype, nan)                                                                    \
    static inline ctype pick_##kind(uint8_t keep, ctype x) { return keep ? x : (nan); }            \
    static void blank_##kind(ctype *x_, const uint8_t *keep_, uint32_t n)                          \
    {                                                                                              \
        ctype *restrict const x = __builtin_assume_aligned(x_, 64);                                \
        const uint8_t *const keep = __builtin_assume_aligned(keep_, 64);                           \
        n = whole(n);                                                                              \
        for (uint32_t i = 0; i < n; i++)                                                           \
            x[i] = pick_##kind(keep[i], x[i]);                                                     \
    }                                                                                              \
    static void canon_##kind(ctype *x_, uint32_t n)                                                \
    {                                                                                              \
        ctype *const x = __builtin_assume_aligned(x_, 64);                                         \
        n = whole(n);                                                                              \
        for (uint32_t i = 0; i < n; i++)                                                           \
            x[i] = x[i] == x[i] ? x[i] : (nan);                                                    \
    }
BLANK(float, float, rk_nan_float())
BLANK(double, double, rk_nan_double())

/* ---- gathering ---- */

#define GATHER(size, ctype)                                                                        \
    static void gather##size(void *out_, const void *from_, const uint32_t *at, uint32_t n)        \
    {                                                                                              \
        ctype *restrict const out = out_;                                                          \
        const ctype *const from = from_;                                                           \
        for (uint32_t i = 0; i < n; i++)                                                           \
            out[i] = from[at[i]];                                                                  \
    }
GATHER(1, uint8_t)
GATHER(4, uint32_t)
GATHER(8, uint64_t)

#define ROW_NUMBERS(name)                                                                          \
    [RK_KIND_INT] = name##_int, [RK_KIND_FLOAT] = name##_float, [RK_KIND_DOUBLE] = name##_double
#define ROW_REALS(name) [RK_KIND_FLOAT] = name##_float, [RK_KIND_DOUBLE] = name##_double

const rk_ops RK_SIMD_NAME(rk_ops) = {
    .core =
        {
            [RK_CORE_ADD] = {ROW_NUMBERS(add)},
            [RK_CORE_SUB] = {ROW_NUMBERS(sub)},
            [RK_CORE_MUL] = {ROW_NUMBERS(mul)},
            [RK_CORE_NEG] = {ROW_NUMBERS(neg)},
            [RK_CORE_DIV] = {ROW_REALS(div)},
            [RK_CORE_EQ] =
                {ROW_NUMBERS(eq), [RK_KIND_BOOL] = eq_bool, [RK_KIND_STRING] = eq_string},
            [RK_CORE_NE] =
                {ROW_NUMBERS(ne), [RK_KIND_BOOL] = ne_bool, [RK_KIND_STRING] = ne_string},
            [RK_CORE_LT] = {ROW_NUMBERS(lt), [RK_KIND_BOOL] = lt_bool},
            [RK_CORE_LE] = {ROW_NUMBERS(le), [RK_KIND_BOOL] = le_bool},
            [RK_CORE_GT] = {ROW_NUMBERS(gt), [RK_KIND_BOOL] = gt_bool},
            [RK_CORE_GE] = {ROW_NUMBERS(ge), [RK_KIND_BOOL] = ge_bool},
            [RK_CORE_AND] = {[RK_KIND_BOOL] = and_bool},
            [RK_CORE_OR] = {[RK_KIND_BOOL] = or_bool},
            [RK_CORE_NOT] = {[RK_KIND_BOOL] = not_bool},
            [RK_CORE_COALESCE] = {ROW_REALS(coalesce)},
            [RK_CORE_IS_MISSING] = {ROW_REALS(missing)},
            [RK_CORE_IF] = {[RK_KIND_BOOL] = if_1,
                            [RK_KIND_INT] = if_8,
                            [RK_KIND_FLOAT] = if_4,
                            [RK_KIND_DOUBLE] = if_8,
                            [RK_KIND_STRING] = if_4},
        },
    .convert =
        {
            [RK_KIND_BOOL] = {[RK_KIND_INT] = bool_to_int,
                              [RK_KIND_FLOAT] = bool_to_float,
                              [RK_KIND_DOUBLE] = bool_to_double},
            [RK_KIND_INT] = {[RK_KIND_FLOAT] = int_to_float, [RK_KIND_DOUBLE] = int_to_double},
            [RK_KIND_FLOAT] =
                {[RK_KIND_FLOAT] = float_to_float, [RK_KIND_DOUBLE] = float_to_double},
            [RK_KIND_DOUBLE] =
                {[RK_KIND_FLOAT] = double_to_float, [RK_KIND_DOUBLE] = double_to_double},
        },
    .unpack = unpack,
    .pack = pack,
    .has_float = has_float,
    .has_double = has_double,
    .whole_float = whole_float,
    .whole_double = whole_double,
    .blank_float = blank_float,
    .blank_double = blank_double,
    .canon_float = canon_float,
    .canon_double = canon_double,
    .gather1 = gather1,
    .gather4 = gather4,
    .gather8 = gather8,
};
