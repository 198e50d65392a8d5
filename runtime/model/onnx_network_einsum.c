/* Einsum of two operands as a product of matrices: letters of both and of the result lead, letters
 * of both alone are summed, letters of one are its rows, or its columns. */
#include "runtime/model/onnx_operators.h"

enum { LETTERS = RK_NETWORK_DIMS + 1 };

typedef struct term {
    char letters[LETTERS];
    uint32_t n;
} term;

typedef struct einsum {
    rk_net *net;
    rk_net_value *x, *y;
    term of_x, of_y, of_out;
    term lead, sum, rows, columns;
} einsum;

static int find(const term *t, char letter)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->letters[i] == letter)
            return (int)i;
    return -1;
}

/* The place of a letter that is in the term. */
static uint32_t place(const term *t, char letter)
{
    const int at = find(t, letter);
    return at < 0 ? 0 : (uint32_t)at;
}

/* ---- the equation ---- */

static bool add(term *t, char letter)
{
    const bool fine = ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) &&
                      t->n < RK_NETWORK_DIMS && find(t, letter) < 0;
    if (fine)
        t->letters[t->n++] = letter;
    return fine;
}

/* `ab,bc->ac`, spaces aside; no letter twice in a term. */
static bool parse(rk_str text, term *const terms[3])
{
    uint32_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.data[i];
        const bool arrow = c == '-' && i + 1 < text.len && text.data[i + 1] == '>';
        if (c == ' ')
            continue;
        if ((c == ',' && at == 0) || (arrow && at == 1)) {
            at++;
            i += arrow;
        } else if (!add(terms[at], c)) {
            return false;
        }
    }
    return at == 2;
}

/* The letters of a term that are, or are not, in others; in that order. */
static term letters_of(const term *from, const term *in, bool is_in, const term *and_in,
                       bool is_too)
{
    term out = {.n = 0};
    for (uint32_t i = 0; i < from->n; i++)
        if ((find(in, from->letters[i]) >= 0) == is_in &&
            (find(and_in, from->letters[i]) >= 0) == is_too)
            out.letters[out.n++] = from->letters[i];
    return out;
}

/* The letter of the batch's axis comes first among rows: so it may be joined to them. */
static void batch_to_front(term *rows, const term *of_x, int batch)
{
    const int at = batch < 0 ? -1 : find(rows, of_x->letters[batch]);
    for (int i = at; i > 0; i--) {
        const char letter = rows->letters[i];
        rows->letters[i] = rows->letters[i - 1];
        rows->letters[i - 1] = letter;
    }
}

static rk_status sort_letters(einsum *e)
{
    e->lead = letters_of(&e->of_out, &e->of_x, true, &e->of_y, true);
    e->rows = letters_of(&e->of_out, &e->of_x, true, &e->of_y, false);
    e->columns = letters_of(&e->of_out, &e->of_x, false, &e->of_y, true);
    e->sum = letters_of(&e->of_x, &e->of_y, true, &e->of_out, false);
    batch_to_front(&e->rows, &e->of_x, e->x->batch);
    if (e->lead.n + e->rows.n + e->columns.n != e->of_out.n ||
        e->lead.n + e->rows.n + e->sum.n != e->of_x.n ||
        e->lead.n + e->columns.n + e->sum.n != e->of_y.n || e->lead.n + 2 > RK_NETWORK_DIMS)
        return rk_net_lacks(e->net, "Einsum that is no product of matrices");
    if (e->of_x.n != e->x->n_dims || e->of_y.n != e->y->n_dims)
        return rk_net_bad(e->net, "its terms have other ranks than its operands");
    for (uint32_t i = 0; i < e->of_x.n; i++) {
        const int at = find(&e->of_y, e->of_x.letters[i]);
        if (at >= 0 && e->x->dims[i] != e->y->dims[at])
            return rk_net_bad(e->net, "`%c` is %u and %u", e->of_x.letters[i], e->x->dims[i],
                              e->y->dims[at]);
    }
    return RK_OK;
}

/* ---- operands ---- */

/* An operand as matrices: lead, then the letters of one group, then those of another, each group as
 * one axis. */
static rk_status as_matrices(const einsum *e, rk_net_value *x, const term *of,
                             const term *groups[3], rk_net_value **out)
{
    uint32_t axes[RK_NETWORK_DIMS], dims[RK_NETWORK_DIMS], n = 0, at = 0;
    int batch = RK_NET_NO_BATCH;
    for (uint32_t g = 0; g < 3; g++) {
        dims[n] = 1;
        for (uint32_t i = 0; i < groups[g]->n; i++) {
            axes[at] = place(of, groups[g]->letters[i]);
            batch = x->batch == (int)axes[at] ? (int)n : batch;
            const uint64_t product = (uint64_t)dims[n] * x->dims[axes[at++]];
            if (product > RK_NET_ELEMENTS)
                return rk_net_lacks(e->net, "Einsum of values too large");
            dims[n] = (uint32_t)product;
            if (g == 0)
                dims[++n] = 1;
        }
        n += g > 0;
    }
    RK_TRY(rk_net_transpose(e->net, x, axes, out));
    return rk_net_reshape(e->net, *out, n, dims, batch, out);
}

/* How many a letter stands for, and whether it is the batch's. */
static uint32_t size_of(const einsum *e, char letter, bool *batch)
{
    const int in_x = find(&e->of_x, letter), in_y = find(&e->of_y, letter);
    *batch = (in_x >= 0 && in_x == e->x->batch) || (in_y >= 0 && in_y == e->y->batch);
    return in_x >= 0 ? e->x->dims[in_x] : e->y->dims[place(&e->of_y, letter)];
}

/* The product's axes as letters again, in the result's order. */
static rk_status as_letters(const einsum *e, rk_net_value *product, rk_net_value **out)
{
    const term *const groups[] = {&e->lead, &e->rows, &e->columns};
    uint32_t dims[RK_NETWORK_DIMS], axes[RK_NETWORK_DIMS], n = 0;
    int batch = RK_NET_NO_BATCH;
    term order = {.n = 0};
    for (uint32_t g = 0; g < 3; g++)
        for (uint32_t i = 0; i < groups[g]->n; i++) {
            bool is_batch;
            dims[n] = size_of(e, groups[g]->letters[i], &is_batch);
            batch = is_batch ? (int)n : batch;
            order.letters[order.n++] = groups[g]->letters[i];
            n++;
        }
    RK_TRY(rk_net_reshape(e->net, product, n, dims, batch, out));
    for (uint32_t i = 0; i < e->of_out.n; i++)
        axes[i] = place(&order, e->of_out.letters[i]);
    return rk_net_transpose(e->net, *out, axes, out);
}

rk_status rk_net_do_einsum(rk_net *net, const rk_net_row *row)
{
    rk_str equation = RK_STR("");
    rk_net_value *x, *y, *out;
    einsum e = {.net = net, .x = net->in[0], .y = net->in[1]};
    (void)row;
    RK_TRY(rk_net_get_text(net, "equation", &equation));
    if (!parse(equation, (term *const[]){&e.of_x, &e.of_y, &e.of_out}))
        return rk_net_lacks(net, "Einsum that is no product of matrices");
    if (rk_net_is_constant(e.x) && !rk_net_is_constant(e.y)) { /* items are rows */
        const einsum was = e;
        e.x = was.y;
        e.y = was.x;
        e.of_x = was.of_y;
        e.of_y = was.of_x;
    }
    RK_TRY(sort_letters(&e));
    RK_TRY(as_matrices(&e, e.x, &e.of_x, (const term *[]){&e.lead, &e.rows, &e.sum}, &x));
    RK_TRY(as_matrices(&e, e.y, &e.of_y, (const term *[]){&e.lead, &e.sum, &e.columns}, &y));
    RK_TRY(rk_net_matmul(net, x, y, &out));
    RK_TRY(as_letters(&e, out, &out));
    return rk_net_give(net, 0, out);
}
