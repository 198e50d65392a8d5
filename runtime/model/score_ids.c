#include "runtime/model/score_ids.h"

#include "runtime/model/terms.h"
#include "runtime/model/vocab.h"

/* ---- keys ---- */

static bool is_there(const rk_column *column, uint32_t i)
{
    return !column->present || rk_bit_get(column->present, i);
}

/* The number of a key among the categories; RK_MAP_NONE: it is none. */
static uint32_t find_key(const rk_scorer *scorer, uint32_t used, uint8_t kind, const void *data,
                         size_t at)
{
    if (kind == RK_KIND_STRING)
        return rk_intmap_find(&scorer->codes[used], ((const rk_atom *)data)[at]);
    const int64_t key =
        kind == RK_KIND_BOOL ? ((const uint8_t *)data)[at] : ((const int64_t *)data)[at];
    return rk_intmap_find(&scorer->numbers[used], key);
}

/* ---- vocabularies ---- */

static int64_t code_of(const rk_scorer *scorer, uint8_t kind, const void *data, size_t at,
                       bool *known)
{
    const rk_vocab *const vocab = scorer->model->as.vocab;
    const uint32_t found = find_key(scorer, 0, kind, data, at);
    *known = found != RK_MAP_NONE || vocab->has_unknown;
    return found != RK_MAP_NONE ? vocab->codes[found] : vocab->unknown;
}

static void run_list(const rk_scorer *scorer, const rk_column *column, uint32_t i, rk_column *out)
{
    const rk_slice from = ((const rk_slice *)column->data)[i];
    const rk_slice to = ((const rk_slice *)out->data)[i];
    int64_t *const codes = (int64_t *)out->child + to.at;
    bool known;
    if (out->present && is_there(column, i))
        rk_bit_set(out->present, i);
    for (uint32_t k = 0; k < to.len; k++)
        codes[k] = code_of(scorer, column->type.elem, column->child, (size_t)from.at + k, &known);
}

static void run_one(const rk_scorer *scorer, const rk_column *column, uint32_t i, rk_column *out)
{
    const rk_vocab *const vocab = scorer->model->as.vocab;
    bool known = vocab->has_missing;
    int64_t code = vocab->missing;
    if (is_there(column, i))
        code = code_of(scorer, column->type.kind, column->data, i, &known);
    ((int64_t *)out->data)[i] = known ? code : 0;
    if (out->present && known)
        rk_bit_set(out->present, i);
}

void rk_vocab_run(const rk_scorer *scorer, const rk_column *column, uint32_t from, uint32_t to,
                  rk_column *out)
{
    for (uint32_t i = from; i < to; i++)
        (column->type.kind == RK_KIND_LIST ? run_list : run_one)(scorer, column, i, out);
}

uint64_t rk_vocab_slices(const rk_column *column, rk_column *out)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < out->n; i++) {
        const uint32_t len = is_there(column, i) ? ((const rk_slice *)column->data)[i].len : 0;
        ((rk_slice *)out->data)[i] = (rk_slice){(uint32_t)at, len};
        at += len;
    }
    return at;
}

/* ---- linear models ---- */

static double weight_of(const rk_scorer *scorer, uint32_t used, const rk_term *term, uint8_t kind,
                        const void *data, size_t at)
{
    const uint32_t found = find_key(scorer, used, kind, data, at);
    return found != RK_MAP_NONE ? term->weights[found] : term->unknown;
}

double rk_number_at(const rk_column *column, uint32_t i)
{
    switch (column->type.kind) {
    case RK_KIND_BOOL:
        return ((const uint8_t *)column->data)[i];
    case RK_KIND_INT:
        return (double)((const int64_t *)column->data)[i];
    case RK_KIND_FLOAT:
        return (double)((const float *)column->data)[i];
    default:
        return ((const double *)column->data)[i];
    }
}

static double add_number(const rk_term *term, const rk_column *column, uint32_t i, double sum)
{
    const double x = is_there(column, i) ? rk_number_at(column, i) : term->missing;
    return sum + term->weight * (x == x ? x : term->missing);
}

static double add_ids(const rk_scorer *scorer, uint32_t used, const rk_term *term,
                      const rk_column *column, uint32_t i, double sum)
{
    if (!is_there(column, i))
        return sum + term->missing;
    if (column->type.kind != RK_KIND_LIST)
        return sum + weight_of(scorer, used, term, column->type.kind, column->data, i);
    const rk_slice slice = ((const rk_slice *)column->data)[i];
    for (uint32_t k = 0; k < slice.len; k++)
        sum += weight_of(scorer, used, term, column->type.elem, column->child, slice.at + k);
    return sum;
}

void rk_terms_run(const rk_scorer *scorer, const rk_column *const *columns, uint32_t from,
                  uint32_t n, double *out)
{
    const rk_terms *const terms = scorer->model->as.terms;
    for (uint32_t i = 0; i < n; i++)
        out[i] = terms->bias;
    for (uint32_t u = 0; u < scorer->n_used; u++) {
        const rk_term *const term = &terms->terms[scorer->used[u]];
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t at = columns[u]->n == 1 ? 0 : from + i;
            out[i] = term->weights ? add_ids(scorer, u, term, columns[u], at, out[i])
                                   : add_number(term, columns[u], at, out[i]);
        }
    }
}
