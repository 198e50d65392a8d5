/* sort(desc: key), sort(asc: key): all items in the order of a key. */
#include "runtime/stage/packed.h"
#include "runtime/stage/stage_rows.h"

static rk_status sort_packed(rk_stage_call *call)
{
    uint64_t *const words = rk_arena_alloc_column(call->scratch, call->n, sizeof *words);
    uint64_t *const spare = rk_arena_alloc_column(call->scratch, call->n, sizeof *words);
    if (!words || !spare)
        return RK_ENOMEM;
    const uint32_t n = rk_packed_collect(call->key, call->descending, words);
    rk_packed_sort(words, spare, n, n);
    for (uint32_t i = 0; i < n; i++)
        call->out[i] = rk_packed_place(words[i]);
    call->n_out = rk_order_missing(call->key, call->out, n, call->n);
    return RK_OK;
}

static rk_status sort_run(rk_stage_call *call)
{
    if (rk_packed_takes(call->key->type.kind))
        return sort_packed(call);
    rk_order_item *const items = rk_arena_alloc_column(call->scratch, call->n, sizeof *items);
    rk_order_item *const spare = rk_arena_alloc_column(call->scratch, call->n, sizeof *items);
    if (!items || !spare)
        return RK_ENOMEM;
    const rk_atoms *const strings = call->key->type.kind == RK_KIND_STRING ? call->strings : NULL;
    const uint32_t n = rk_order_collect(call->key, call->strings, items);
    rk_order_sort(items, spare, n, call->descending, strings);
    for (uint32_t i = 0; i < n; i++)
        call->out[i] = items[i].at;
    call->n_out = rk_order_missing(call->key, call->out, n, call->n);
    return RK_OK;
}

const rk_stage rk_stage_sort = {
    .name = "sort",
    .args = "(desc: key | asc: key)",
    .kind = RK_STAGE_SELECT,
    .scores = true,
    .run = sort_run,
    .doc = "All items by the key, largest first (`desc:`) or smallest first (`asc:`). Ties keep "
           "their order of arrival; missing keys come last either way.",
    .example = "sort(desc: rating)",
};
