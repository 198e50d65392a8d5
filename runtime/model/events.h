/* One stream of events over JSON or UBJSON, so that the reader of a model is written once. */
#ifndef RK_MODEL_EVENTS_H
#define RK_MODEL_EVENTS_H

#include "runtime/model/ubjson.h"

typedef struct rk_events {
    bool binary;
    rk_json json;
    rk_ubjson ubjson;
} rk_events;

/* Events of `text`, which must outlive them; `arena` takes texts with escapes. NaN, Infinity and
 * -Infinity count as numbers in JSON too. */
void rk_events_init(rk_events *events, rk_arena *arena, rk_str text, bool binary);

rk_json_event rk_events_next(rk_events *events);

/* Reads on to the end of the value that `first` began; false on an error. */
bool rk_events_skip(rk_events *events, rk_json_event first);

/* Of STRING and NAME; valid until the next call. */
rk_str rk_events_token(const rk_events *events);

/* Of NUMBER, rounded once. */
float rk_events_float(const rk_events *events);

/* Of NUMBER; false if it is not whole or does not fit. */
bool rk_events_int(const rk_events *events, int64_t *out);

/* The byte where the last event, or the error, is. */
size_t rk_events_at(const rk_events *events);

/* Static words, NULL while all is well. */
const char *rk_events_error(const rk_events *events);

/* The error is that memory is out. */
bool rk_events_no_memory(const rk_events *events);

#endif
