/* Lists seen as sets: what two of them share. */
#include "stdlib/call.h"
#include "stdlib/families.h"
#include "stdlib/fold.h"

/* Lists up to this length are compared element by element. */
enum { SHORT = 24 };

/* One item's list as keys; equal elements have equal keys. */
typedef struct keys {
    uint64_t *key;
    uint32_t n;
} keys;

typedef struct workspace {
    rk_arena *arena;
    size_t cap;
    uint64_t *key;     /* [2 cap]: of a, then of b */
    rk_keyed *sorting; /* [2 cap] */
} workspace;

static bool reserve(workspace *w, size_t n)
{
    if (n <= w->cap)
        return true;
    w->cap = 0;
    w->key = rk_arena_alloc_column(w->arena, 2 * n, 2 * sizeof *w->key);
    w->sorting = rk_arena_alloc_column(w->arena, 2 * n, 2 * sizeof *w->sorting);
    if (!w->key || !w->sorting)
        return false;
    w->cap = 2 * n;
    return true;
}

static uint32_t distinct_short(keys *k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t seen = 0;
        while (seen < n && k->key[seen] != k->key[i])
            seen++;
        if (seen == n)
            k->key[n++] = k->key[i];
    }
    return n;
}

static uint32_t distinct_sorted(workspace *w, keys *k)
{
    for (uint32_t i = 0; i < k->n; i++)
        w->sorting[i] = (rk_keyed){k->key[i], 0};
    rk_keyed_sort(w->sorting, w->sorting + w->cap, k->n);
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->n; i++)
        if (n == 0 || k->key[n - 1] != w->sorting[i].key)
            k->key[n++] = w->sorting[i].key;
    return n;
}

static uint32_t shared_short(const keys *a, const keys *b)
{
    uint32_t shared = 0;
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < b->n; k++)
            shared += a->key[i] == b->key[k];
    return shared;
}

static uint32_t shared_sorted(const keys *a, const keys *b)
{
    uint32_t shared = 0;
    for (uint32_t i = 0, k = 0; i < a->n && k < b->n;) {
        shared += a->key[i] == b->key[k];
        const bool a_first = a->key[i] <= b->key[k], b_first = b->key[k] <= a->key[i];
        i += a_first;
        k += b_first;
    }
    return shared;
}

static void load(const rk_call *call, uint32_t k, size_t i, uint64_t *to, keys *out)
{
    const rk_arg *const list = &call->args[k];
    const rk_slice at = rk_arg_slice(list, i);
    *out = (keys){to, at.len};
    for (uint32_t e = 0; e < at.len; e++)
        to[e] = list->type.elem == RK_KIND_INT ? (uint64_t)((const int64_t *)list->child)[at.at + e]
                                               : ((const rk_atom *)list->child)[at.at + e];
}

typedef struct counts {
    uint32_t a, b, shared; /* distinct elements */
} counts;

static rk_status compare(const rk_call *call, size_t i, workspace *w, counts *out)
{
    *out = (counts){0};
    if (!rk_call_has(call, i))
        return RK_OK;
    const uint32_t a_len = rk_arg_slice(&call->args[0], i).len;
    const uint32_t b_len = rk_arg_slice(&call->args[1], i).len;
    const uint32_t longest = a_len > b_len ? a_len : b_len;
    if (!reserve(w, longest ? longest : 1))
        return RK_ENOMEM;
    keys a, b;
    load(call, 0, i, w->key, &a);
    load(call, 1, i, w->key + w->cap, &b);
    const bool is_short = longest <= SHORT;
    a.n = is_short ? distinct_short(&a) : distinct_sorted(w, &a);
    b.n = is_short ? distinct_short(&b) : distinct_sorted(w, &b);
    *out = (counts){a.n, b.n, is_short ? shared_short(&a, &b) : shared_sorted(&a, &b)};
    return RK_OK;
}

static rk_status overlap(const rk_call *call)
{
    workspace w = {.arena = call->scratch};
    counts c;
    for (size_t i = 0; i < call->n; i++) {
        RK_TRY(compare(call, i, &w, &c));
        RK_OUT(call, int64_t)[i] = c.shared;
    }
    return RK_OK;
}

static rk_status jaccard(const rk_call *call)
{
    workspace w = {.arena = call->scratch};
    counts c;
    for (size_t i = 0; i < call->n; i++) {
        RK_TRY(compare(call, i, &w, &c));
        const uint64_t all = (uint64_t)c.a + c.b - c.shared;
        RK_OUT(call, float)[i] = all ? (float)((double)c.shared / (double)all) : 0.0f;
    }
    return RK_OK;
}

/* clang-format off */
static const rk_fn rows[] = {
    {"overlap", "(a: list(string), b: list(string)) -> int", overlap, RK_NULL_ANY, 0,
     "How many distinct elements of a are in b.",
     "overlap([\"red\", \"nuts\", \"red\"], [\"red\", \"apples\"])", "1"},
    {"overlap", "(a: list(int), b: list(int)) -> int", overlap, RK_NULL_ANY, 0, NULL, NULL, NULL},
    {"jaccard", "(a: list(string), b: list(string)) -> float", jaccard, RK_NULL_ANY, 0,
     "Distinct elements in both lists over all distinct ones; 0 when both are empty.",
     "jaccard([\"red\", \"nuts\"], [\"red\", \"apples\"])", "0.33333334"},
    {"jaccard", "(a: list(int), b: list(int)) -> float", jaccard, RK_NULL_ANY, 0, NULL, NULL, NULL},
};
/* clang-format on */

RK_FN_FAMILY(sets, rows)
