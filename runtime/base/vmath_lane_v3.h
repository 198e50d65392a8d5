/* The lane vocabulary of vmath_lane.h in AVX2 and FMA: 8 floats or 4 doubles a register. */
#ifndef RK_BASE_VMATH_LANE_V3_H
#define RK_BASE_VMATH_LANE_V3_H

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef __m256 vf;
typedef __m256d vd;
typedef uint32_t vi __attribute__((vector_size(32)));
typedef uint64_t vl __attribute__((vector_size(32)));
typedef vi vfm;
typedef vl vdm;
enum { VF_LANES = 8, VD_LANES = 4 };

static inline vf vf_set(float c) { return _mm256_set1_ps(c); }
static inline vd vd_set(double c) { return _mm256_set1_pd(c); }
static inline vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
static inline vd vd_load(const double *p) { return _mm256_loadu_pd(p); }
static inline void vf_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
static inline void vd_store(double *p, vd x) { _mm256_storeu_pd(p, x); }

/* All ones in the first n lanes. */
static inline __m256i vf_first(size_t n)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane);
}

static inline __m256i vd_first(size_t n)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_setr_epi64x(0, 1, 2, 3));
}

static inline vf vf_load_part(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, vf_first(n));
}

static inline vd vd_load_part(const double *p, size_t n)
{
    return _mm256_maskload_pd(p, vd_first(n));
}

static inline void vf_store_part(float *p, vf x, size_t n)
{
    _mm256_maskstore_ps(p, vf_first(n), x);
}

static inline void vd_store_part(double *p, vd x, size_t n)
{
    _mm256_maskstore_pd(p, vd_first(n), x);
}

static inline vi vf_bits(vf x) { return (vi)x; }
static inline vl vd_bits(vd x) { return (vl)x; }
static inline vf vf_from_bits(vi b) { return (vf)b; }
static inline vd vd_from_bits(vl b) { return (vd)b; }

static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vd vd_fma(vd a, vd b, vd c) { return _mm256_fmadd_pd(a, b, c); }
static inline vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
static inline vd vd_fnma(vd a, vd b, vd c) { return _mm256_fnmadd_pd(a, b, c); }
static inline vf vf_abs(vf x) { return (vf)((vi)x & 0x7fffffffu); }
static inline vd vd_abs(vd x) { return (vd)((vl)x & 0x7fffffffffffffffu); }
static inline vd vd_sqrt(vd x) { return _mm256_sqrt_pd(x); }
static inline vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline vd vd_min(vd a, vd b) { return _mm256_min_pd(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vd vd_max(vd a, vd b) { return _mm256_max_pd(a, b); }

static inline vfm vf_lt(vf a, vf b) { return (vfm)_mm256_cmp_ps(a, b, _CMP_LT_OQ); }
static inline vdm vd_lt(vd a, vd b) { return (vdm)_mm256_cmp_pd(a, b, _CMP_LT_OQ); }
static inline vfm vf_le(vf a, vf b) { return (vfm)_mm256_cmp_ps(a, b, _CMP_LE_OQ); }
static inline vdm vd_le(vd a, vd b) { return (vdm)_mm256_cmp_pd(a, b, _CMP_LE_OQ); }
static inline vfm vf_eq(vf a, vf b) { return (vfm)_mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
static inline vdm vd_eq(vd a, vd b) { return (vdm)_mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
static inline vdm vl_any(vl a, uint64_t bits) { return (vdm)((a & bits) != 0); }
static inline vf vf_pick(vfm m, vf a, vf b) { return _mm256_blendv_ps(b, a, (vf)m); }
static inline vd vd_pick(vdm m, vd a, vd b) { return _mm256_blendv_pd(b, a, (vd)m); }
static inline int vd_some(vdm m) { return _mm256_movemask_pd((vd)m) != 0; }

static inline vf vf_of_small(vi e) { return _mm256_cvtepi32_ps((__m256i)e); }

static inline vd vd_of_low(vf x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
static inline vd vd_of_high(vf x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
static inline vf vf_of_vd(vd low, vd high)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
}

#endif
