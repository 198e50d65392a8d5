/* Time zones from the system's zone files (TZif, RFC 8536), read anew by whoever asks, because
 * libc's own zone is global to the process. Private to stdlib. */
#ifndef RK_STDLIB_ZONE_H
#define RK_STDLIB_ZONE_H

#include "runtime/base/file.h"

/* Day of a change between standard and summer time: week `week` (5: the last one) of a month. */
typedef struct rk_zone_change {
    int month, week, weekday; /* weekday: 0 is Sunday */
    int64_t time;             /* seconds after midnight, local */
} rk_zone_change;

/* What holds after the last change of the file. */
typedef struct rk_zone_rule {
    int64_t standard, summer; /* seconds east of UTC */
    bool has_summer;
    rk_zone_change begin, end; /* of summer time */
} rk_zone_rule;

typedef struct rk_zone {
    rk_mapping file;      /* empty for fixed offsets */
    const uint8_t *times; /* [n_times] big-endian int64, ascending: when something changes */
    const uint8_t *which; /* [n_times]: index of the type from then on */
    const uint8_t *types; /* [n_types] of 6 bytes, the first 4 an int32: seconds east of UTC */
    uint32_t n_times, n_types;
    bool has_rule;
    rk_zone_rule rule; /* a fixed offset is a rule without changes */
} rk_zone;

/* A zone by its name ("Europe/Moscow", "UTC") or offset ("+03:00", "-0530", "+3"); false if there
 * is no such zone or its file is damaged. Close it. */
bool rk_zone_open(rk_zone *zone, rk_str name);
void rk_zone_close(rk_zone *zone);

/* Seconds east of UTC at an epoch second. */
int64_t rk_zone_offset(const rk_zone *zone, int64_t time);

#endif
