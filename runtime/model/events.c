#include "runtime/model/events.h"

void rk_events_init(rk_events *events, rk_arena *arena, rk_str text, bool binary)
{
    events->binary = binary;
    rk_json_init(&events->json, arena, text);
    events->json.loose = true;
    rk_ubjson_init(&events->ubjson, text);
}

rk_json_event rk_events_next(rk_events *events)
{
    return events->binary ? rk_ubjson_next(&events->ubjson) : rk_json_next(&events->json);
}

bool rk_events_skip(rk_events *events, rk_json_event first)
{
    return events->binary ? rk_ubjson_skip(&events->ubjson, first)
                          : rk_json_skip(&events->json, first);
}

rk_str rk_events_token(const rk_events *events)
{
    return events->binary ? events->ubjson.token : events->json.token;
}

float rk_events_float(const rk_events *events)
{
    const rk_ubjson *const u = &events->ubjson;
    if (events->binary)
        return u->whole ? (float)u->integer : (float)u->real;
    float value = 0;
    /* The reader lets only numbers through. */
    return rk_str_to_float(events->json.token, &value) ? value : 0;
}

bool rk_events_int(const rk_events *events, int64_t *out)
{
    if (!events->binary)
        return rk_str_to_int(events->json.token, out);
    *out = events->ubjson.integer;
    return events->ubjson.whole;
}

size_t rk_events_at(const rk_events *events)
{
    if (events->binary)
        return events->ubjson.error ? events->ubjson.error_at : events->ubjson.start;
    return events->json.error ? events->json.error_at : events->json.start;
}

const char *rk_events_error(const rk_events *events)
{
    return events->binary ? events->ubjson.error : events->json.error;
}

bool rk_events_no_memory(const rk_events *events)
{
    return !events->binary && events->json.no_memory;
}
