/* spread(key, max: m, window: w): no key more than m times in any w positions, as far as the list
 * allows. Items of one key wait in a queue; of the keys that fit now, the one whose first item
 * arrived first is found by a heap, so a list costs n log n whatever m and w. */
#include "runtime/stage/group.h"
#include "runtime/stage/stage_rows.h"

typedef struct spreader {
    uint32_t n;
    const uint32_t *groups; /* [n] number of each item's key; n_groups for a missing one */
    uint32_t free_group;    /* the group of missing keys, which never clash */
    uint32_t *next;         /* [n] the item after it in its queue, or RK_GROUP_NONE */
    uint32_t *head;         /* [groups] the first item of its queue that is left */
    uint32_t *in_window;    /* [groups] how many of the last w - 1 positions it holds */
    uint32_t *heap;         /* items: the heads of the groups that fit, smallest first */
    uint32_t heap_len;
    bool *taken; /* [n] */
} spreader;

static void heap_push(spreader *s, uint32_t item)
{
    uint32_t at = s->heap_len++;
    for (; at > 0 && s->heap[(at - 1) / 2] > item; at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = item;
}

static uint32_t heap_pop(spreader *s)
{
    const uint32_t first = s->heap[0], item = s->heap[--s->heap_len];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= s->heap_len)
            break;
        child += child + 1 < s->heap_len && s->heap[child + 1] < s->heap[child];
        if (s->heap[child] >= item)
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = item;
    return first;
}

static void *filled(rk_arena *arena, uint32_t n, uint32_t value)
{
    uint32_t *const items = rk_arena_alloc_column(arena, (size_t)n + 1, sizeof *items);
    for (uint32_t i = 0; items && i < n; i++)
        items[i] = value;
    return items;
}

static rk_status number(spreader *s, rk_stage_call *call)
{
    uint32_t n_groups;
    uint32_t *const groups = filled(call->scratch, call->n, 0);
    if (!groups)
        return RK_ENOMEM;
    RK_TRY(rk_group_number(call->key, call->scratch, groups, &n_groups));
    for (uint32_t i = 0; i < call->n; i++)
        if (groups[i] == RK_GROUP_NONE)
            groups[i] = n_groups;
    *s = (spreader){.n = call->n, .groups = groups, .free_group = n_groups};
    s->next = filled(call->scratch, call->n, RK_GROUP_NONE);
    s->head = filled(call->scratch, n_groups + 1, RK_GROUP_NONE);
    s->in_window = filled(call->scratch, n_groups + 1, 0);
    s->heap = filled(call->scratch, n_groups + 1, 0);
    s->taken = rk_arena_array(call->scratch, call->n, sizeof *s->taken);
    return s->next && s->head && s->in_window && s->heap && s->taken ? RK_OK : RK_ENOMEM;
}

/* From the back, so that each item finds its successor at the head of its queue. */
static void queue_all(spreader *s, int64_t max)
{
    for (uint32_t i = s->n; i-- > 0;) {
        s->next[i] = s->head[s->groups[i]];
        s->head[s->groups[i]] = i;
    }
    for (uint32_t group = 0; group <= s->free_group; group++)
        if (s->head[group] != RK_GROUP_NONE && (group == s->free_group || max > 0))
            heap_push(s, s->head[group]);
}

/* A group stands in the heap while it has an item left and holds fewer than `max` positions. */
static void place(spreader *s, uint32_t item, int64_t max)
{
    const uint32_t group = s->groups[item];
    s->taken[item] = true;
    s->head[group] = s->next[item];
    if (group != s->free_group)
        s->in_window[group]++;
    const bool fits = group == s->free_group || (int64_t)s->in_window[group] < max;
    if (fits && s->head[group] != RK_GROUP_NONE)
        heap_push(s, s->head[group]);
}

/* The oldest position leaves the window. */
static void release(spreader *s, uint32_t item, int64_t max)
{
    const uint32_t group = s->groups[item];
    if (group == s->free_group)
        return;
    const bool did_not_fit = (int64_t)s->in_window[group] >= max;
    s->in_window[group]--;
    const bool fits = (int64_t)s->in_window[group] < max;
    if (did_not_fit && fits && s->head[group] != RK_GROUP_NONE)
        heap_push(s, s->head[group]);
}

static rk_status spread_run(rk_stage_call *call)
{
    const int64_t max = call->params[0];
    const int64_t window = call->params[1] < 1 ? 1 : call->params[1];
    spreader s;
    RK_TRY(number(&s, call));
    queue_all(&s, max);
    uint32_t first = 0; /* nothing before it is left */
    for (uint32_t at = 0; at < call->n; at++) {
        if ((int64_t)at >= window)
            release(&s, call->out[at - window], max);
        while (s.taken[first])
            first++;
        const uint32_t item = s.heap_len ? heap_pop(&s) : first;
        call->out[at] = item;
        place(&s, item, max);
    }
    call->n_out = call->n;
    return RK_OK;
}

const rk_stage rk_stage_spread = {
    .name = "spread",
    .args = "(key: key, max: int, window: int)",
    .kind = RK_STAGE_SELECT,
    .key_optional = true,
    .run = spread_run,
    .doc = "Each position takes the first remaining item whose key stands at most `max` times in "
           "the last `window` positions, this one included; if none fits, the first remaining. A "
           "missing key never clashes; a window below 1 is 1, and with max <= 0 no key fits.",
    .example = "spread(brand, max: 2, window: 10)",
};
