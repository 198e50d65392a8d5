/* The lane vocabulary of vmath_lane.h in AVX-512: 16 floats or 8 doubles a register. */
#ifndef RK_BASE_VMATH_LANE_V4_H
#define RK_BASE_VMATH_LANE_V4_H

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef __m512 vf;
typedef __m512d vd;
typedef uint32_t vi __attribute__((vector_size(64)));
typedef uint64_t vl __attribute__((vector_size(64)));
typedef __mmask16 vfm;
typedef __mmask8 vdm;
enum { VF_LANES = 16, VD_LANES = 8 };

static inline vf vf_set(float c) { return _mm512_set1_ps(c); }
static inline vd vd_set(double c) { return _mm512_set1_pd(c); }
static inline vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
static inline vd vd_load(const double *p) { return _mm512_loadu_pd(p); }
static inline void vf_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
static inline void vd_store(double *p, vd x) { _mm512_storeu_pd(p, x); }

static inline vf vf_load_part(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}

static inline vd vd_load_part(const double *p, size_t n)
{
    return _mm512_maskz_loadu_pd((__mmask8)((1u << n) - 1), p);
}

static inline void vf_store_part(float *p, vf x, size_t n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x);
}

static inline void vd_store_part(double *p, vd x, size_t n)
{
    _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), x);
}

static inline vi vf_bits(vf x) { return (vi)x; }
static inline vl vd_bits(vd x) { return (vl)x; }
static inline vf vf_from_bits(vi b) { return (vf)b; }
static inline vd vd_from_bits(vl b) { return (vd)b; }

static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vd vd_fma(vd a, vd b, vd c) { return _mm512_fmadd_pd(a, b, c); }
static inline vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
static inline vd vd_fnma(vd a, vd b, vd c) { return _mm512_fnmadd_pd(a, b, c); }
static inline vf vf_abs(vf x) { return _mm512_abs_ps(x); }
static inline vd vd_abs(vd x) { return _mm512_abs_pd(x); }
static inline vd vd_sqrt(vd x) { return _mm512_sqrt_pd(x); }
static inline vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline vd vd_min(vd a, vd b) { return _mm512_min_pd(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vd vd_max(vd a, vd b) { return _mm512_max_pd(a, b); }

static inline vfm vf_lt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline vdm vd_lt(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
static inline vfm vf_le(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
static inline vdm vd_le(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
static inline vfm vf_eq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
static inline vdm vd_eq(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
static inline vdm vl_any(vl a, uint64_t bits)
{
    return _mm512_test_epi64_mask((__m512i)a, _mm512_set1_epi64((int64_t)bits));
}
static inline vf vf_pick(vfm m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); }
static inline vd vd_pick(vdm m, vd a, vd b) { return _mm512_mask_blend_pd(m, b, a); }
static inline int vd_some(vdm m) { return m != 0; }

static inline vf vf_scale(vf p, vf n) { return _mm512_scalef_ps(p, n); }
static inline vd vd_scale(vd p, vd n) { return _mm512_scalef_pd(p, n); }
static inline vf vf_power(vf n) { return vf_scale(vf_set(1.0f), n); }
static inline vd vd_power(vd n) { return vd_scale(vd_set(1.0), n); }
static inline vf vf_exponent(vf x) { return _mm512_getexp_ps(x); }
static inline vd vd_exponent(vd x) { return _mm512_getexp_pd(x); }

static inline vf vf_split(vf x, vf *k)
{
    const vf m = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
    const vf e = _mm512_getexp_ps(x);
    const vfm high = _mm512_cmp_ps_mask(m, vf_set(VF_SQRT2), _CMP_GE_OQ);
    *k = _mm512_mask_add_ps(e, high, e, vf_set(1.0f));
    return _mm512_mask_mul_ps(m, high, m, vf_set(0.5f));
}

static inline vd vd_split(vd x, vd *k)
{
    const vd m = _mm512_getmant_pd(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
    const vd e = _mm512_getexp_pd(x);
    const vdm high = _mm512_cmp_pd_mask(m, vd_set(VD_SQRT2), _CMP_GE_OQ);
    *k = _mm512_mask_add_pd(e, high, e, vd_set(1.0));
    return _mm512_mask_mul_pd(m, high, m, vd_set(0.5));
}

/* 0xca: bits of the second where the first is set, of the third elsewhere. */
static inline vf vf_copysign(vf x, vf s)
{
    return (vf)_mm512_ternarylogic_epi32(_mm512_set1_epi32(INT32_MIN), (__m512i)s, (__m512i)x,
                                         0xca);
}

static inline vd vd_copysign(vd x, vd s)
{
    return (vd)_mm512_ternarylogic_epi64(_mm512_set1_epi64(INT64_MIN), (__m512i)s, (__m512i)x,
                                         0xca);
}

static inline vd vd_of_low(vf x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
static inline vd vd_of_high(vf x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }
static inline vf vf_of_vd(vd low, vd high)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high),
                              1);
}

#endif
