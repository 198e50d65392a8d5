#include "runtime/index/keep.h"

/* Puts key at the top of the first n items and lets it sink to its place. */
static void sink(uint64_t *items, uint32_t n, uint64_t key)
{
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && items[child + 1] < items[child])
            child++;
        if (items[child] >= key)
            break;
        items[at] = items[child];
    }
    items[at] = key;
}

void rk_keep_add(rk_keep *keep, uint64_t key)
{
    if (rk_keep_is_full(keep)) {
        if (key > keep->items[0])
            sink(keep->items, keep->n, key);
        return;
    }
    uint32_t at = keep->n++;
    for (; at > 0 && keep->items[(at - 1) / 2] > key; at = (at - 1) / 2)
        keep->items[at] = keep->items[(at - 1) / 2];
    keep->items[at] = key;
}

void rk_keep_sort(rk_keep *keep)
{
    for (uint32_t n = keep->n; n-- > 1;) {
        const uint64_t least = keep->items[0];
        sink(keep->items, n, keep->items[n]);
        keep->items[n] = least;
    }
}
