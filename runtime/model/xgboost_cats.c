/* `cats`: of each feature the strings or numbers that training saw, in the order of their codes.
 * Strings come as one list of bytes and where each begins, numbers as they are.
 *   From pandas, XGBoost (up to 3.2 at least) counts letters where it should count bytes, so that
 * strings are cut in wrong places as soon as one is not ASCII, and nothing in the file tells this
 * from the right thing. A feature with such strings has no categories here: it takes codes. */
#include "runtime/model/xgboost.h"

#include <stdio.h>

/* The lists of one feature, in the room of one tree. */
typedef struct column {
    rk_xgboost_ints offsets;
    RK_VEC(int64_t) values;
} column;

static rk_status read_values(rk_xgboost *x, column *c)
{
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        int64_t value;
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event == RK_JSON_ERROR)
            return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
        if (event != RK_JSON_NUMBER || !rk_events_int(&x->events, &value))
            return rk_xgboost_bad(x, "a category is neither text nor a whole number");
        if (!rk_vec_push(&x->room, &c->values, value))
            return RK_ENOMEM;
    }
}

static rk_status read_column(rk_xgboost *x, column *c)
{
    for (;;) {
        rk_str name;
        bool more;
        RK_TRY(rk_xgboost_member(x, &name, &more));
        if (!more)
            return RK_OK;
        if (rk_str_eq(name, RK_STR("offsets")))
            RK_TRY(rk_xgboost_read_ints(x, &x->room, &c->offsets));
        else if (rk_str_eq(name, RK_STR("values")))
            RK_TRY(read_values(x, c));
        else
            RK_TRY(rk_xgboost_skip(x));
    }
}

/* Text i of a column lies between offsets i and i + 1. */
static rk_status make_texts(rk_xgboost *x, const column *c, rk_str *names)
{
    char *const bytes = rk_arena_alloc(x->arena, c->values.len);
    if (!bytes)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < c->values.len; i++)
        bytes[i] = (char)c->values.items[i];
    for (uint32_t i = 0; i + 1 < c->offsets.len; i++) {
        const int32_t from = c->offsets.items[i], to = c->offsets.items[i + 1];
        if (from < 0 || to < from || (uint32_t)to > c->values.len)
            return rk_xgboost_bad(x, "the text of category %u goes from %d to %d of %u", i, from,
                                  to, c->values.len);
        names[i] = (rk_str){bytes + from, (size_t)(to - from)};
    }
    return RK_OK;
}

static rk_status make_numbers(rk_xgboost *x, const column *c, rk_str *names)
{
    for (uint32_t i = 0; i < c->values.len; i++) {
        char text[32];
        const int len = snprintf(text, sizeof text, "%lld", (long long)c->values.items[i]);
        names[i] = (rk_str){rk_arena_copy(x->arena, text, (size_t)len), (size_t)len};
        if (!names[i].data)
            return RK_ENOMEM;
    }
    return RK_OK;
}

static bool is_ascii(const column *c)
{
    for (uint32_t i = 0; i < c->values.len; i++)
        if (c->values.items[i] < 0 || c->values.items[i] > 127)
            return false;
    return true;
}

static rk_status make_column(rk_xgboost *x, const column *c)
{
    uint32_t n = c->offsets.len ? c->offsets.len - 1 : c->values.len;
    rk_str *const names = RK_NEW_ARRAY(x->arena, rk_str, n);
    if (!names)
        return RK_ENOMEM;
    RK_TRY(c->offsets.len ? make_texts(x, c, names) : make_numbers(x, c, names));
    if (c->offsets.len && !is_ascii(c))
        n = 0;
    const rk_xgboost_categories categories = {names, n};
    return rk_vec_push(&x->keep, &x->categories, categories) ? RK_OK : RK_ENOMEM;
}

static rk_status read_columns(rk_xgboost *x)
{
    x->categories.len = 0;
    RK_TRY(rk_xgboost_open(x, RK_JSON_LIST));
    for (;;) {
        const rk_json_event event = rk_events_next(&x->events);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        if (event == RK_JSON_ERROR)
            return rk_xgboost_bad(x, "%s", rk_events_error(&x->events));
        if (event != RK_JSON_OBJECT)
            return rk_xgboost_bad(x, "the categories of a feature are %s",
                                  rk_json_event_text(event));
        rk_arena_reset(&x->room);
        column c = {0};
        RK_TRY(read_column(x, &c));
        RK_TRY(make_column(x, &c));
    }
}

rk_status rk_xgboost_read_categories(rk_xgboost *x)
{
    RK_TRY(rk_xgboost_open(x, RK_JSON_OBJECT));
    for (;;) {
        rk_str name;
        bool more;
        RK_TRY(rk_xgboost_member(x, &name, &more));
        if (!more)
            return RK_OK;
        if (rk_str_eq(name, RK_STR("enc")))
            RK_TRY(read_columns(x));
        else
            RK_TRY(rk_xgboost_skip(x));
    }
}
