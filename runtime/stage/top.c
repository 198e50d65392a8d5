/* top(k, by: key): the k items with the largest keys, largest first. A scan that keeps the items
 * above a threshold; whenever its buffer is full, all but the k best are dropped and the threshold
 * rises to the worst of them. For a small k of a long list almost every item fails one comparison.
 */
#include "runtime/stage/packed.h"
#include "runtime/stage/stage_rows.h"

enum { STRIDE = 64, BUFFER_LEAST = 256 };

typedef struct best {
    rk_order_item *items, *spare;  /* [cap] keys of 64 bits, and text */
    uint64_t *words, *spare_words; /* [cap] keys of 32 bits */
    uint32_t n, cap, k;
    bool full; /* k items were found: only keys above the threshold may come in */
    const rk_column *key;
    rk_stage_call *call;
} best;

static bool key_is_text(const rk_stage_call *call)
{
    return call->key->type.kind == RK_KIND_STRING;
}

/* Leaves the k best, the worst of them last, and returns its place. */
static uint32_t prune_items(best *best)
{
    rk_order_select(best->items, best->spare, best->n, best->k);
    best->full = true;
    best->n = best->k;
    return best->items[best->k - 1].at;
}

static uint32_t prune_words(best *best)
{
    rk_packed_sort(best->words, best->spare_words, best->n, best->k);
    best->full = true;
    best->n = best->k;
    return rk_packed_place(best->words[best->k - 1]);
}

static void take_item(best *best, uint32_t at)
{
    best->items[best->n++] = rk_order_item_of(best->key, best->call->strings, at);
}

static void take_word(best *best, uint32_t at)
{
    best->words[best->n++] = rk_packed_item(best->key, true, at);
}

/* scan_KIND: the whole list, for one type of element, kept as items or as words. The strides of
 * items that hold nothing above the threshold, nearly all of them, are passed over by a loop
 * without branches. NaN is above nothing. */
#define SCAN(kind, ctype, form)                                                                    \
    static inline bool any_above_##kind(const ctype *x, ctype threshold)                           \
    {                                                                                              \
        typedef ctype lanes __attribute__((vector_size(16), aligned(16), may_alias));              \
        enum { EACH = 16 / sizeof(ctype) };                                                        \
        const lanes *const v = (const lanes *)x;                                                   \
        const lanes t = threshold - (lanes){};                                                     \
        __typeof__(v[0] > t) hit = v[0] > t;                                                       \
        for (unsigned i = 1; i < STRIDE / EACH; i++)                                               \
            hit |= v[i] > t;                                                                       \
        uint64_t words[2];                                                                         \
        memcpy(words, &hit, sizeof words);                                                         \
        return (words[0] | words[1]) != 0;                                                         \
    }                                                                                              \
    static void scan_##kind(best *best)                                                            \
    {                                                                                              \
        const ctype *const x = best->key->data;                                                    \
        const uint32_t n = best->key->n;                                                           \
        ctype threshold = 0;                                                                       \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            if (best->full)                                                                        \
                while (i % STRIDE == 0 && n - i >= STRIDE && !any_above_##kind(x + i, threshold))  \
                    i += STRIDE;                                                                   \
            if (i == n)                                                                            \
                break;                                                                             \
            if (best->full ? !(x[i] > threshold) : x[i] != x[i])                                   \
                continue;                                                                          \
            if (best->key->present && !rk_bit_get(best->key->present, i))                          \
                continue;                                                                          \
            take_##form(best, i);                                                                  \
            if (best->n == best->cap)                                                              \
                threshold = x[prune_##form##s(best)];                                              \
        }                                                                                          \
    }

SCAN(bool, uint8_t, word)
SCAN(int, int64_t, item)
SCAN(float, float, word)
SCAN(double, double, item)

static void scan_items(best *best)
{
    if (best->cap > best->key->n) /* text has no cheap threshold: everything is sorted */
        best->n = rk_order_collect(best->key, best->call->strings, best->items);
    else if (best->key->type.kind == RK_KIND_INT)
        scan_int(best);
    else
        scan_double(best);
}

static void scan_words(best *best)
{
    if (best->cap > best->key->n)
        best->n = rk_packed_collect(best->key, true, best->words);
    else if (best->key->type.kind == RK_KIND_BOOL)
        scan_bool(best);
    else
        scan_float(best);
}

/* Room for twice k: then a prune is paid for by the k items that came in since the last one. */
static uint32_t buffer_size(uint32_t k, uint32_t n, bool text)
{
    const uint64_t want = (uint64_t)k * 2 + BUFFER_LEAST;
    return text || want > n ? n + 1 : (uint32_t)want;
}

static rk_status top_words(best *best)
{
    rk_stage_call *const call = best->call;
    best->words = rk_arena_alloc_column(call->scratch, best->cap, sizeof *best->words);
    best->spare_words = rk_arena_alloc_column(call->scratch, best->cap, sizeof *best->words);
    if (!best->words || !best->spare_words)
        return RK_ENOMEM;
    scan_words(best);
    const uint32_t n = best->n < best->k ? best->n : best->k;
    rk_packed_sort(best->words, best->spare_words, best->n, n);
    for (uint32_t i = 0; i < n; i++)
        call->out[i] = rk_packed_place(best->words[i]);
    best->n = n;
    return RK_OK;
}

static rk_status top_items(best *best)
{
    rk_stage_call *const call = best->call;
    best->items = rk_arena_alloc_column(call->scratch, best->cap, sizeof *best->items);
    best->spare = rk_arena_alloc_column(call->scratch, best->cap, sizeof *best->items);
    if (!best->items || !best->spare)
        return RK_ENOMEM;
    scan_items(best);
    const rk_atoms *const strings = key_is_text(call) ? call->strings : NULL;
    if (!strings && best->n > best->k)
        prune_items(best);
    rk_order_sort(best->items, best->spare, best->n, true, strings);
    best->n = best->n < best->k ? best->n : best->k;
    for (uint32_t i = 0; i < best->n; i++)
        call->out[i] = best->items[i].at;
    return RK_OK;
}

static rk_status top_run(rk_stage_call *call)
{
    const uint32_t k = rk_stage_count(call->params[0], call->n);
    call->n_out = 0;
    if (k == 0)
        return RK_OK;
    best best = {.k = k, .key = call->key, .call = call};
    best.cap = buffer_size(k, call->n, key_is_text(call));
    RK_TRY(rk_packed_takes(call->key->type.kind) ? top_words(&best) : top_items(&best));
    call->n_out = rk_order_missing(call->key, call->out, best.n, k);
    return RK_OK;
}

const rk_stage rk_stage_top = {
    .name = "top",
    .args = "(k: int, by: key)",
    .kind = RK_STAGE_SELECT,
    .scores = true,
    .run = top_run,
    .doc = "The k items with the largest keys, largest first. Ties keep their order of arrival; "
           "missing keys come last; k <= 0 keeps nothing.",
    .example = "top(50, by: coolness)",
};
