/* Distances on the earth. */
#include "stdlib/call.h"
#include "stdlib/families.h"

/* The mean radius, in km (IUGG). */
static const double radius = 6371.0088;
static const double degree = 0x1.1df46a2529d39p-6; /* pi / 180 */

/* A run of items, in double throughout: 1e-7 of a degree is a centimetre. */
typedef struct run {
    double lat1[RK_FN_BLOCK], lon1[RK_FN_BLOCK], lat2[RK_FN_BLOCK], lon2[RK_FN_BLOCK];
    double km[RK_FN_BLOCK];
} run;

static double square(double x) { return x * x; }

/* Haversine: 2 r asin(sqrt(sin²(Δlat/2) + cos lat1 cos lat2 sin²(Δlon/2))). */
static void haversine(const rk_vmath *math, run *r, size_t n)
{
    double *const half_lat = r->lon1, *const half_lon = r->lon2; /* not needed after */
    for (size_t i = 0; i < n; i++) {
        half_lon[i] = (r->lon2[i] - r->lon1[i]) * degree / 2.0;
        half_lat[i] = (r->lat2[i] - r->lat1[i]) * degree / 2.0;
        r->lat1[i] *= degree;
        r->lat2[i] *= degree;
    }
    math->cos.f64(r->lat1, r->lat1, n);
    math->cos.f64(r->lat2, r->lat2, n);
    math->sin.f64(half_lat, half_lat, n);
    math->sin.f64(half_lon, half_lon, n);
    for (size_t i = 0; i < n; i++) {
        const double h = square(half_lat[i]) + r->lat1[i] * r->lat2[i] * square(half_lon[i]);
        r->km[i] = h > 1.0 ? 1.0 : sqrt(h);
    }
    math->asin.f64(r->km, r->km, n);
    for (size_t i = 0; i < n; i++)
        r->km[i] = rk_one_nan_double(2.0 * radius * r->km[i]);
}

#define GEO(suffix, type)                                                                          \
    static rk_status geo_km_##suffix(const rk_call *call)                                          \
    {                                                                                              \
        for (size_t from = 0; from < call->n; from += RK_FN_BLOCK) {                               \
            const size_t n = call->n - from < RK_FN_BLOCK ? call->n - from : RK_FN_BLOCK;          \
            run r;                                                                                 \
            for (size_t i = 0; i < n; i++) {                                                       \
                r.lat1[i] = RK_IN(call, 0, type)[from + i];                                        \
                r.lon1[i] = RK_IN(call, 1, type)[from + i];                                        \
                r.lat2[i] = RK_IN(call, 2, type)[from + i];                                        \
                r.lon2[i] = RK_IN(call, 3, type)[from + i];                                        \
            }                                                                                      \
            haversine(call->math, &r, n);                                                          \
            for (size_t i = 0; i < n; i++)                                                         \
                RK_OUT(call, type)[from + i] = (type)r.km[i];                                      \
        }                                                                                          \
        return RK_OK;                                                                              \
    }

GEO(f32, float)
GEO(f64, double)

/* clang-format off */
static const rk_fn rows[] = {
    {"geo_km", "(lat1: float, lon1: float, lat2: float, lon2: float) -> float", geo_km_f32,
     RK_NULL_ANY, 0,
     "Kilometres between two places given in degrees, on a sphere of the mean radius 6371.0088 km "
     "(haversine): within 0.6 % of the true distance.",
     "geo_km(55.75, 37.62, 59.94, 30.31)", "635.0705"},
    {"geo_km", "(lat1: double, lon1: double, lat2: double, lon2: double) -> double", geo_km_f64,
     RK_NULL_ANY, 0, NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(geo, rows)
