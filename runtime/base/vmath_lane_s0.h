/* The lane vocabulary of vmath_lane.h in plain C: one float or one double. */
#ifndef RK_BASE_VMATH_LANE_S0_H
#define RK_BASE_VMATH_LANE_S0_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float vf;
typedef double vd;
typedef uint32_t vi;
typedef uint64_t vl;
typedef uint32_t vfm; /* all ones or 0, so that ~ works */
typedef uint64_t vdm;
enum { VF_LANES = 1, VD_LANES = 1 };

static inline vf vf_set(float c) { return c; }
static inline vd vd_set(double c) { return c; }
static inline vf vf_load(const float *p) { return *p; }
static inline vd vd_load(const double *p) { return *p; }
static inline void vf_store(float *p, vf x) { *p = x; }
static inline void vd_store(double *p, vd x) { *p = x; }

static inline vi vf_bits(vf x)
{
    vi b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static inline vl vd_bits(vd x)
{
    vl b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static inline vf vf_from_bits(vi b)
{
    vf x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static inline vd vd_from_bits(vl b)
{
    vd x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static inline vf vf_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
static inline vd vd_fma(vd a, vd b, vd c) { return fma(a, b, c); }
static inline vf vf_fnma(vf a, vf b, vf c) { return fmaf(-a, b, c); }
static inline vd vd_fnma(vd a, vd b, vd c) { return fma(-a, b, c); }
static inline vf vf_abs(vf x) { return __builtin_fabsf(x); }
static inline vd vd_abs(vd x) { return __builtin_fabs(x); }
static inline vd vd_sqrt(vd x) { return sqrt(x); }
static inline vf vf_min(vf a, vf b) { return a < b ? a : b; }
static inline vd vd_min(vd a, vd b) { return a < b ? a : b; }
static inline vf vf_max(vf a, vf b) { return a > b ? a : b; }
static inline vd vd_max(vd a, vd b) { return a > b ? a : b; }

static inline vfm vf_lt(vf a, vf b) { return -(vfm)(a < b); }
static inline vdm vd_lt(vd a, vd b) { return -(vdm)(a < b); }
static inline vfm vf_le(vf a, vf b) { return -(vfm)(a <= b); }
static inline vdm vd_le(vd a, vd b) { return -(vdm)(a <= b); }
static inline vfm vf_eq(vf a, vf b) { return -(vfm)(a == b); }
static inline vdm vd_eq(vd a, vd b) { return -(vdm)(a == b); }
static inline vdm vl_any(vl a, uint64_t bits) { return -(vdm)((a & bits) != 0); }
static inline vf vf_pick(vfm m, vf a, vf b) { return m ? a : b; }
static inline vd vd_pick(vdm m, vd a, vd b) { return m ? a : b; }
static inline int vd_some(vdm m) { return m != 0; }

static inline vf vf_of_small(vi e) { return (float)(int32_t)e; }

static inline vd vd_of_low(vf x) { return x; }
static inline vd vd_of_high(vf x) { return x; }
static inline vf vf_of_vd(vd low, vd high)
{
    (void)high;
    return (float)low;
}

#endif
