#include "runtime/model/members.h"

bool rk_members_is(rk_str head, const char *what)
{
    rk_json json;
    rk_arena arena;
    rk_arena_init(&arena);
    rk_json_init(&json, &arena, head);
    bool is = rk_json_next(&json) == RK_JSON_OBJECT && rk_json_next(&json) == RK_JSON_NAME &&
              rk_str_eq(json.token, RK_STR("rankc")) && rk_json_next(&json) == RK_JSON_STRING;
    is = is && rk_str_eq(json.token, rk_str_from(what));
    rk_arena_free(&arena);
    return is;
}

void rk_members_open(rk_members *m, const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                     rk_diags *diags)
{
    *m = (rk_members){.loading = {.spec = spec, .diags = diags}, .arena = arena};
    rk_json_init(&m->json, arena, bytes);
}

static uint64_t line_of(const rk_members *m)
{
    const size_t at = m->json.error ? m->json.error_at : m->json.start;
    uint64_t line = 1;
    for (size_t i = 0; i < at && i < m->json.text.len; i++)
        line += m->json.text.data[i] == '\n';
    return line;
}

rk_status rk_members_bad(const rk_members *m, const char *format, ...)
{
    if (m->json.no_memory)
        return RK_ENOMEM;
    rk_buf words = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    const rk_status status =
        rk_model_bad(&m->loading, line_of(m), "%.*s", RK_STR_ARG(rk_buf_str(&words)));
    rk_buf_free(&words);
    return status;
}

static rk_status wrong(const rk_members *m, rk_json_event event, const char *wanted)
{
    if (event == RK_JSON_ERROR)
        return rk_members_bad(m, "%s", m->json.error);
    return rk_members_bad(m, "%s stands where %s should", rk_json_event_text(event), wanted);
}

rk_status rk_members_expect(rk_members *m, rk_json_event event)
{
    const rk_json_event found = rk_json_next(&m->json);
    return found == event ? RK_OK : wrong(m, found, rk_json_event_text(event));
}

static rk_status copy(rk_members *m, rk_str *out)
{
    *out =
        (rk_str){rk_arena_copy(m->arena, m->json.token.data, m->json.token.len), m->json.token.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

rk_status rk_members_next(rk_members *m, rk_str *name, bool *more)
{
    const rk_json_event event = rk_json_next(&m->json);
    *more = event == RK_JSON_NAME;
    if (*more)
        return copy(m, name);
    return event == RK_JSON_OBJECT_END ? RK_OK : wrong(m, event, "a name");
}

rk_status rk_members_object(rk_members *m, bool *more)
{
    const rk_json_event event = rk_json_next(&m->json);
    *more = event == RK_JSON_OBJECT;
    return *more || event == RK_JSON_LIST_END ? RK_OK : wrong(m, event, "an object");
}

rk_status rk_members_number(rk_members *m, double *out)
{
    const rk_json_event event = rk_json_next(&m->json);
    if (event != RK_JSON_NUMBER)
        return wrong(m, event, "a number");
    if (!rk_str_to_double(m->json.token, out) || *out - *out != 0)
        return rk_members_bad(m, "`%.*s` is no double", RK_STR_ARG(m->json.token));
    return RK_OK;
}

rk_status rk_members_text(rk_members *m, rk_str *out)
{
    const rk_json_event event = rk_json_next(&m->json);
    return event == RK_JSON_STRING ? copy(m, out) : wrong(m, event, "text");
}

static bool same_name(const void *owner, uint32_t value, const void *key)
{
    return rk_str_eq(((const rk_model_input *)owner)[value].name, *(const rk_str *)key);
}

rk_status rk_members_named(rk_members *m, const rk_model_input *inputs, uint32_t n)
{
    const rk_str name = inputs[n - 1].name;
    const uint64_t hash = rk_str_hash(name);
    if (!name.len)
        return RK_OK;
    if (rk_table_find(&m->names, hash, same_name, inputs, &name) != RK_MAP_NONE)
        return rk_members_bad(m, "`%.*s` is there twice", RK_STR_ARG(name));
    return rk_table_add(m->arena, &m->names, hash, n - 1) ? RK_OK : RK_ENOMEM;
}
