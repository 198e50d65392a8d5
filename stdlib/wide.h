/* The parts of stdlib that are worth compiling for each CPU level: elementwise functions over
 * arrays, sums by the contract (LANGUAGE, Numbers), least and largest. The levels give equal bits.
 * Private to stdlib. Products of vectors are in runtime/base/product.h. */
#ifndef RK_STDLIB_WIDE_H
#define RK_STDLIB_WIDE_H

#include "runtime/base/simd.h"
#include "stdlib/fn.h"

/* Elementwise, of one and two arguments, in float and double; any n, any alignment. */
#define RK_WIDE_EACH1(X) X(abs) X(sign) X(sqrt) X(floor) X(ceil) X(round) X(trunc)
#define RK_WIDE_EACH2(X) X(min) X(max)

/* Folds over numbers. `keep` (NULL: all) has the bit of each element that counts; NaN never does.
 * Any n, any alignment.
 *   sum_K(x, keep, n)             the sum in double, by the contract
 *   spread_K(x, keep, n, mean)    the sum of squared distances from mean, by the contract
 *   least_K, largest_K            NaN over nothing; of equal zeros the first. Of ints: the largest,
 *                                 or least, int over nothing */
#define RK_WIDE_FOLDS(X)                                                                           \
    X(double, sum_i64, (const int64_t *x, const uint64_t *keep, size_t n))                         \
    X(double, sum_f32, (const float *x, const uint64_t *keep, size_t n))                           \
    X(double, sum_f64, (const double *x, const uint64_t *keep, size_t n))                          \
    X(double, spread_i64, (const int64_t *x, const uint64_t *keep, size_t n, double mean))         \
    X(double, spread_f32, (const float *x, const uint64_t *keep, size_t n, double mean))           \
    X(double, spread_f64, (const double *x, const uint64_t *keep, size_t n, double mean))          \
    X(float, least_f32, (const float *x, const uint64_t *keep, size_t n))                          \
    X(float, largest_f32, (const float *x, const uint64_t *keep, size_t n))                        \
    X(double, least_f64, (const double *x, const uint64_t *keep, size_t n))                        \
    X(double, largest_f64, (const double *x, const uint64_t *keep, size_t n))                      \
    X(int64_t, least_i64, (const int64_t *x, const uint64_t *keep, size_t n))                      \
    X(int64_t, largest_i64, (const int64_t *x, const uint64_t *keep, size_t n))

#define RK_WIDE_FIELD1(name)                                                                       \
    rk_vmath_f32 *name##_f32;                                                                      \
    rk_vmath_f64 *name##_f64;
#define RK_WIDE_FIELD2(name)                                                                       \
    rk_vmath_f32x2 *name##_f32;                                                                    \
    rk_vmath_f64x2 *name##_f64;
#define RK_WIDE_FIELD(type, name, params) type(*name) params;
typedef struct rk_wide {
    RK_WIDE_EACH1(RK_WIDE_FIELD1)
    RK_WIDE_EACH2(RK_WIDE_FIELD2)
    RK_WIDE_FOLDS(RK_WIDE_FIELD)
} rk_wide;
#undef RK_WIDE_FIELD1
#undef RK_WIDE_FIELD2
#undef RK_WIDE_FIELD

/* The functions of a level; the machine must have it. */
const rk_wide *rk_wide_get(rk_cpu_level level);

/* Those that go with a table of vector math; NULL is the scalar level. */
static inline const rk_wide *rk_wide_of(const rk_vmath *math)
{
    return rk_wide_get(math ? math->level : RK_CPU_SCALAR);
}

/* What the levels define: rk_wide_sum_f32_v3 and so on. */
#define RK_WIDE_DECLARE(suffix, level)                                                             \
    RK_WIDE_EACH1(RK_WIDE_DECLARE1_##suffix)                                                       \
    RK_WIDE_EACH2(RK_WIDE_DECLARE2_##suffix)                                                       \
    RK_WIDE_FOLDS(RK_WIDE_DECLAREF_##suffix)
#define RK_WIDE_DECLARE1(name, suffix)                                                             \
    rk_vmath_f32 rk_wide_##name##_f32_##suffix;                                                    \
    rk_vmath_f64 rk_wide_##name##_f64_##suffix;
#define RK_WIDE_DECLARE2(name, suffix)                                                             \
    rk_vmath_f32x2 rk_wide_##name##_f32_##suffix;                                                  \
    rk_vmath_f64x2 rk_wide_##name##_f64_##suffix;
#define RK_WIDE_DECLARE1_s0(name)               RK_WIDE_DECLARE1(name, s0)
#define RK_WIDE_DECLARE1_v3(name)               RK_WIDE_DECLARE1(name, v3)
#define RK_WIDE_DECLARE1_v4(name)               RK_WIDE_DECLARE1(name, v4)
#define RK_WIDE_DECLARE2_s0(name)               RK_WIDE_DECLARE2(name, s0)
#define RK_WIDE_DECLARE2_v3(name)               RK_WIDE_DECLARE2(name, v3)
#define RK_WIDE_DECLARE2_v4(name)               RK_WIDE_DECLARE2(name, v4)
#define RK_WIDE_DECLAREF_s0(type, name, params) type rk_wide_##name##_s0 params;
#define RK_WIDE_DECLAREF_v3(type, name, params) type rk_wide_##name##_v3 params;
#define RK_WIDE_DECLAREF_v4(type, name, params) type rk_wide_##name##_v4 params;
RK_SIMD_EACH(RK_WIDE_DECLARE)

#endif
