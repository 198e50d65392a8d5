/* Reading what XGBoost writes: values of the kinds that its files have. */
#include "runtime/model/xgboost.h"

rk_status rk_xgboost_bad(const rk_xgboost *x, const char *format, ...)
{
    if (rk_events_no_memory(&x->events))
        return RK_ENOMEM;
    rk_buf words = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    const rk_status status = rk_model_bad(&x->loading, 0, "%.*s, at byte %zu",
                                          RK_STR_ARG(rk_buf_str(&words)), rk_events_at(&x->events));
    rk_buf_free(&words);
    return status;
}

/* The event is not what should stand there, maybe because there is an error. */
static rk_status wrong(const rk_xgboost *x, rk_json_event event, const char *wanted)
{
    if (event == RK_JSON_ERROR)
        return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
    return rk_xgboost_bad(x, "%s stands where %s should", rk_json_event_text(event), wanted);
}

rk_status rk_xgboost_open(rk_xgboost *x, rk_json_event what)
{
    const rk_json_event event = rk_events_next(&x->events);
    return event == what ? RK_OK : wrong(x, event, rk_json_event_text(what));
}

rk_status rk_xgboost_member(rk_xgboost *x, rk_str *name, bool *more)
{
    const rk_json_event event = rk_events_next(&x->events);
    *more = event == RK_JSON_NAME;
    *name = rk_events_token(&x->events);
    return *more || event == RK_JSON_OBJECT_END ? RK_OK : wrong(x, event, "a name");
}

rk_status rk_xgboost_skip(rk_xgboost *x)
{
    if (!rk_events_skip(&x->events, rk_events_next(&x->events)))
        return wrong(x, RK_JSON_ERROR, "");
    return RK_OK;
}

static int32_t fit(bool whole, int64_t value)
{
    return whole && value >= INT32_MIN && value <= INT32_MAX ? (int32_t)value : RK_XGBOOST_NONE;
}

rk_status rk_xgboost_read_ints(rk_xgboost *x, rk_arena *arena, rk_xgboost_ints *items)
{
    items->len = 0;
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        int64_t value = event == RK_JSON_TRUE;
        bool whole = true;
        if (event == RK_JSON_NUMBER)
            whole = rk_events_int(&x->events, &value);
        else if (event == RK_JSON_LIST_END)
            return RK_OK;
        else if (event != RK_JSON_TRUE && event != RK_JSON_FALSE)
            return wrong(x, event, "a whole number");
        if (!rk_vec_push(arena, items, fit(whole, value)))
            return RK_ENOMEM;
    }
}

rk_status rk_xgboost_read_floats(rk_xgboost *x, rk_arena *arena, rk_xgboost_floats *items)
{
    items->len = 0;
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event != RK_JSON_NUMBER)
            return wrong(x, event, "a number");
        if (!rk_vec_push(arena, items, rk_events_float(&x->events)))
            return RK_ENOMEM;
    }
}

rk_status rk_xgboost_read_int(rk_xgboost *x, int64_t *out)
{
    const rk_json_event event = rk_events_next(&x->events);
    const bool fine = event == RK_JSON_NUMBER   ? rk_events_int(&x->events, out)
                      : event == RK_JSON_STRING ? rk_str_to_int(rk_events_token(&x->events), out)
                                                : false;
    return fine ? RK_OK : wrong(x, event, "a whole number");
}

rk_status rk_xgboost_read_text(rk_xgboost *x, rk_arena *arena, rk_str *out)
{
    const rk_json_event event = rk_events_next(&x->events);
    if (event != RK_JSON_STRING)
        return wrong(x, event, "text");
    const rk_str token = rk_events_token(&x->events);
    *out = (rk_str){rk_arena_copy(arena, token.data, token.len), token.len};
    return out->data ? RK_OK : RK_ENOMEM;
}
