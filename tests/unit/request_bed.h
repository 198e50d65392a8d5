/* A program's fields, and requests of them that are read from text: for tests of readers. */
#ifndef RK_UNIT_REQUEST_BED_H
#define RK_UNIT_REQUEST_BED_H

#include "tests/unit/source_calls.h"

/* query { user: int, text: string = "-", budget: float?, past: list(int) = [1] }
 * item  { id: int, price: float, tag: string?, v: vector(2)? } */
typedef struct bed {
    fixture fx;
    rk_request_spec spec;
    rk_requests *requests;
    const rk_request_ops *ops;
    rk_arena arena;
    rk_atoms strings;
    rk_request request;
} bed;

static inline void make_bed(bed *b)
{
    static const int64_t one[] = {1};
    memset(b, 0, sizeof *b);
    set_up(&b->fx, RK_TYPE(INT));
    rk_atom dash;
    ck_assert_int_eq(rk_atom_intern(&b->fx.strings, RK_STR("-"), &dash), RK_OK);
    add_field(&b->fx.query, "user", RK_TYPE(INT));
    set_default(add_field(&b->fx.query, "text", RK_TYPE(STRING)), (rk_value){.as.s = dash});
    add_field(&b->fx.query, "budget", RK_TYPE_OPT(FLOAT));
    set_default(add_field(&b->fx.query, "past", RK_TYPE_LIST(INT)),
                (rk_value){.as.list = {one, 1}});
    add_field(&b->fx.item, "price", RK_TYPE(FLOAT));
    add_field(&b->fx.item, "tag", RK_TYPE_OPT(STRING));
    add_field(&b->fx.item, "v", (rk_type){.kind = RK_KIND_VECTOR, .dim = 2, .optional = true});
    b->spec = (rk_request_spec){
        .query = &b->fx.query.schema, .item = &b->fx.item.schema, .id_type = RK_TYPE(INT)};
}

static inline void unmake_bed(bed *b)
{
    rk_arena_free(&b->arena);
    tear_down(&b->fx);
}

static inline rk_status open_text(bed *b, const rk_request_ops *ops, rk_str text)
{
    b->ops = ops;
    RK_TRY(rk_requests_over(&b->fx.cx.arena, RK_STR("r.jsonl"), text, &b->spec, &b->fx.cx.diags,
                            &b->requests));
    if (ops == &rk_request_letor)
        return rk_requests_open_letor(b->requests, &b->fx.cx.diags);
    return RK_OK;
}

/* The next request, in memory of its own. */
static inline rk_status take(bed *b, bool *more)
{
    rk_arena_reset(&b->arena);
    ck_assert_int_eq(rk_atoms_init(&b->strings, &b->arena, &b->fx.strings), RK_OK);
    return b->ops->next(b->requests, &b->arena, &b->strings, &b->fx.cx.diags, &b->request, more);
}

/* The request as text: query values, then a line for ids and one for each item column. */
static inline const char *request_text(bed *b)
{
    static char text[4096];
    rk_buf out = {0};
    for (uint32_t f = 0; f < b->spec.query->n; f++) {
        rk_value_print_json(b->request.query[f], &b->strings, &out);
        rk_buf_add_char(&out, ' ');
    }
    for (uint32_t c = 0; c <= b->spec.item->n && b->request.n_items; c++) {
        const rk_column *const column = c ? &b->request.items[c - 1] : &b->request.ids;
        ck_assert_uint_eq(column->n, b->request.n_items);
        rk_buf_add(&out, RK_STR("|"));
        for (uint32_t i = 0; i < column->n; i++) {
            rk_buf_add_char(&out, ' ');
            rk_value_print_json(rk_column_get(column, i), &b->strings, &out);
        }
    }
    snprintf(text, sizeof text, "%.*s", RK_STR_ARG(rk_buf_str(&out)));
    rk_buf_free(&out);
    return text;
}

static inline void expect_request(bed *b, const char *text)
{
    bool more = false;
    const rk_status status = take(b, &more);
    rk_buf out = say(&b->fx);
    ck_assert_msg(status == RK_OK && more, "%s", out.data);
    rk_buf_free(&out);
    ck_assert_str_eq(request_text(b), text);
}

static inline void expect_end(bed *b)
{
    bool more = true;
    ck_assert_int_eq(take(b, &more), RK_OK);
    ck_assert(!more);
}

#endif
