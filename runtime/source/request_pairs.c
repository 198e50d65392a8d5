/* A request from `name=value` pairs: rankc run … --query user=7 --query text="red nuts". */
#include "runtime/source/cell.h"
#include "runtime/source/request.h"

typedef struct reader {
    const rk_request_spec *spec;
    rk_diags *diags;
    rk_names names;
    rk_filler query;
    bool bad;
} reader;

static void unknown(reader *r, rk_str name)
{
    r->bad = true;
    rk_diag *const diag =
        rk_error(r->diags, RK_E0513, RK_NO_SPAN, "`%s` is not a query field of the program",
                 rk_excerpt_of(name).text);
    rk_names_help(r->spec->query, RK_STR(""), name, r->diags, diag);
}

static rk_status read_value(reader *r, uint32_t f, rk_str text)
{
    rk_sink *const sink = &r->query.sinks[f];
    const rk_field *const field = &r->spec->query->fields[f];
    rk_why why;
    const rk_cell cell = rk_cell_reader(field->type)(sink, 0, text, &why);
    RK_TRY(rk_cell_status(cell));
    if (cell == RK_CELL_EMPTY)
        rk_filler_unsee(&r->query, f);
    if (cell != RK_CELL_BAD)
        return RK_OK;
    r->bad = true;
    rk_diag *const diag = rk_error(r->diags, RK_E0515, field->span, "--query %.*s: `%s` %s",
                                   RK_STR_ARG(field->column), rk_excerpt_of(text).text, why.text);
    if (why.help)
        rk_diag_help(r->diags, diag, "%s", why.help);
    return RK_OK;
}

static rk_status read_pair(reader *r, rk_str pair)
{
    const char *const equals = pair.len ? memchr(pair.data, '=', pair.len) : NULL;
    if (!equals) {
        r->bad = true;
        rk_error(r->diags, RK_E0519, RK_NO_SPAN, "`%s` is not of the form name=value",
                 rk_excerpt_of(pair).text);
        return RK_OK;
    }
    const rk_str name = {pair.data, (size_t)(equals - pair.data)};
    const rk_str value = {equals + 1, pair.len - name.len - 1};
    const uint32_t f = rk_names_find(&r->names, name);
    if (f == UINT32_MAX) {
        unknown(r, name);
        return RK_OK;
    }
    uint32_t i = f;
    do {
        if (!rk_filler_see(&r->query, i)) {
            r->bad = true;
            rk_error(r->diags, RK_E0511, RK_NO_SPAN, "--query `%.*s` is given twice",
                     RK_STR_ARG(name));
            break;
        }
        RK_TRY(read_value(r, i, value));
        i = r->names.same[i];
    } while (i != f);
    return RK_OK;
}

/* All that must be sent and was not. */
static void check_lacks(reader *r)
{
    for (uint32_t f = 0; f < r->spec->query->n; f++) {
        const rk_field *const field = &r->spec->query->fields[f];
        if (r->query.seen[f] == r->query.stamp || field->has_initial || field->type.optional)
            continue;
        r->bad = true;
        rk_diag *const diag =
            rk_error(r->diags, RK_E0514, field->span, "the query field `%.*s` is not sent",
                     RK_STR_ARG(field->column));
        rk_diag_help(r->diags, diag, "--query %.*s=…", RK_STR_ARG(field->column));
    }
}

rk_status rk_request_from_pairs(const rk_request_spec *spec, const rk_str *pairs, uint32_t n,
                                rk_arena *arena, rk_atoms *strings, rk_diags *diags,
                                rk_request *out)
{
    const rk_sink_home home = {arena, arena, strings};
    reader r = {.spec = spec, .diags = diags};
    RK_TRY(rk_names_init(&r.names, arena, spec->query));
    RK_TRY(rk_filler_init(&r.query, &home, spec->query, 1));
    rk_filler_begin(&r.query);
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(read_pair(&r, pairs[i]));
    if (!r.bad)
        check_lacks(&r);
    if (r.bad)
        return RK_EDATA;
    RK_TRY(rk_filler_end(&r.query, 0));
    rk_items items;
    RK_TRY(rk_items_init(&items, &home, spec, 0));
    *out = (rk_request){0};
    RK_TRY(rk_filler_values(&r.query, arena, &out->query));
    return rk_items_finish(&items, arena, out);
}
