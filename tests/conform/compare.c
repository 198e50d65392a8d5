/* Results, bit by bit. */
#include "tests/conform/conform.h"

/* A column of the request's own list has one item for all. */
static uint32_t at_of(const result *r, const rk_column *column, uint32_t i)
{
    return column->n == r->reply.n ? i : 0;
}

static bool same_bytes(const rk_column *a, uint32_t i, const rk_column *b, uint32_t k)
{
    const size_t size = rk_type_size(a->type);
    return memcmp((const char *)a->data + i * size, (const char *)b->data + k * size, size) == 0;
}

static bool same_text(const rk_atoms *a, const void *x, const rk_atoms *b, const void *y)
{
    return rk_str_eq(rk_atom_str(a, *(const rk_atom *)x), rk_atom_str(b, *(const rk_atom *)y));
}

static bool same_list(const result *a, const rk_column *x, uint32_t i, const result *b,
                      const rk_column *y, uint32_t k)
{
    const rk_slice p = ((const rk_slice *)x->data)[i], q = ((const rk_slice *)y->data)[k];
    const size_t size = rk_type_size((rk_type){.kind = x->type.elem});
    const char *const left = (const char *)x->child + p.at * size;
    const char *const right = (const char *)y->child + q.at * size;
    if (p.len != q.len)
        return false;
    if (x->type.elem != RK_KIND_STRING)
        return p.len == 0 || memcmp(left, right, p.len * size) == 0;
    for (uint32_t e = 0; e < p.len; e++)
        if (!same_text(a->strings, left + e * size, b->strings, right + e * size))
            return false;
    return true;
}

static bool same_item(const result *a, const rk_column *x, uint32_t i, const result *b,
                      const rk_column *y, uint32_t k)
{
    if (rk_kind_has_mask(x->type.kind)) {
        const bool has = !x->present || rk_bit_get(x->present, i);
        if (has != (!y->present || rk_bit_get(y->present, k)))
            return false;
        if (!has)
            return true;
    }
    if (x->type.kind == RK_KIND_LIST)
        return same_list(a, x, i, b, y, k);
    if (x->type.kind == RK_KIND_STRING)
        return same_text(a->strings, (const rk_atom *)x->data + i, b->strings,
                         (const rk_atom *)y->data + k);
    return same_bytes(x, i, y, k);
}

uint32_t result_differs(const result *got, const result *want, const uint32_t *at, uint32_t shown)
{
    const rk_column *const x = got->reply.shown[shown], *const y = want->reply.shown[shown];
    if (!rk_type_eq(x->type, y->type))
        return 0;
    for (uint32_t i = 0; i < got->reply.n; i++)
        if (!same_item(got, x, at_of(got, x, i), want, y, at_of(want, y, at ? at[i] : i)))
            return i;
    return UINT32_MAX;
}

void result_print(const result *r, uint32_t shown, uint32_t i, rk_buf *out)
{
    const rk_column *const column = r->reply.shown[shown];
    const uint32_t at = at_of(r, column, i);
    const rk_value value = rk_column_get(column, at);
    rk_value_print_json(value, r->strings, out);
    if (value.type.kind == RK_KIND_FLOAT)
        rk_buf_printf(out, " (0x%08x)", ((const uint32_t *)column->data)[at]);
    else if (value.type.kind == RK_KIND_DOUBLE)
        rk_buf_printf(out, " (0x%016llx)", ((const unsigned long long *)column->data)[at]);
}
