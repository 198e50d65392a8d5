/* Time: epoch seconds in double, and the clock of a place. */
#include "stdlib/call.h"
#include "stdlib/families.h"
#include "stdlib/zone.h"

static rk_status now(const rk_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, double)[i] = call->now;
    return RK_OK;
}

static rk_status since(const rk_call *call)
{
    const double *const t = RK_IN(call, 0, double);
    for (size_t i = 0; i < call->n; i++)
        RK_OUT(call, float)[i] = rk_one_nan_float((float)(call->now - t[i]));
    return RK_OK;
}

enum { DAY = 86400 };

/* Of a local second; the day is counted from 1970-01-01, a Thursday. */
typedef int64_t clock_part(int64_t second_of_day, int64_t day);
static int64_t hour_part(int64_t second_of_day, int64_t day)
{
    (void)day;
    return second_of_day / 3600;
}
static int64_t weekday_part(int64_t second_of_day, int64_t day)
{
    (void)second_of_day;
    return (day % 7 + 7 + 3) % 7 + 1;
}

static int64_t part_of(const rk_zone *zone, int64_t time, clock_part *part)
{
    const int64_t local = time + rk_zone_offset(zone, time);
    const int64_t day = local / DAY - (local % DAY < 0);
    return part(local - day * DAY, day);
}

/* Times of ten million years are told; beyond, and in an unknown zone, there is no answer. */
static rk_status clock_of(const rk_call *call, clock_part *part)
{
    const double *const t = RK_IN(call, 0, double);
    const rk_atom *const names = RK_IN(call, 1, rk_atom);
    rk_zone zone = {0};
    bool is_known = false;
    rk_atom open = RK_MAP_NONE;
    for (size_t i = 0; i < call->n; i++) {
        const bool has = rk_call_has(call, i) && fabs(t[i]) < 3e14;
        if (has && names[i] != open) {
            rk_zone_close(&zone);
            is_known = rk_zone_open(&zone, rk_atom_str(call->strings, names[i]));
            open = names[i];
        }
        RK_OUT(call, int64_t)[i] = has && is_known ? part_of(&zone, (int64_t)floor(t[i]), part) : 0;
        rk_call_mark(call, i, has && is_known);
    }
    rk_zone_close(&zone);
    return RK_OK;
}

static rk_status hour_of(const rk_call *call) { return clock_of(call, hour_part); }
static rk_status weekday_of(const rk_call *call) { return clock_of(call, weekday_part); }

/* clang-format off */
static const rk_fn rows[] = {
    {"now", "() -> double", now, RK_NULL_ANY, RK_FN_REQUEST,
     "The time of the request in epoch seconds; one value from its start to its end.",
     "min(now(), 0)", "0"},
    {"since", "(t: double) -> float", since, RK_NULL_ANY, RK_FN_REQUEST,
     "Seconds from t (epoch seconds) to now, below 0 when t is to come.",
     "since(now())", "0"},
    {"hour_of", "(t: double, zone: const string = \"UTC\") -> int?", hour_of, RK_NULL_ANY, 0,
     "Hour of the day, 0 to 23, at epoch second t in a zone: a name such as \"Europe/Moscow\", or "
     "an offset such as \"+05:30\". Missing in an unknown zone.",
     "hour_of(1700000000, \"Asia/Kolkata\")", "3"},
    {"weekday_of", "(t: double, zone: const string = \"UTC\") -> int?", weekday_of, RK_NULL_ANY, 0,
     "Day of the week, 1 (Monday) to 7 (Sunday), at epoch second t in a zone, as for hour_of. "
     "Missing in an unknown zone.",
     "weekday_of(1700000000, zone: \"+03:00\")", "3"},
};
/* clang-format on */

RK_FN_FAMILY(time, rows)
