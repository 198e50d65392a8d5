/* Stable sorting of items by a key, for the stages that order (top, sort). Keys of every kind
 * become 64-bit words that order as the values do; text is compared where its first bytes are
 * equal. */
#ifndef RK_STAGE_ORDER_H
#define RK_STAGE_ORDER_H

#include "runtime/base/status.h"
#include "runtime/data/column.h"

typedef struct rk_order_item {
    uint64_t key;
    uint32_t at;  /* place of arrival */
    rk_atom text; /* STRING keys; else 0 */
} rk_order_item;

/* Words that order as the values: -0.0 is 0.0; NaN must not come here. */
static inline uint64_t rk_order_int(int64_t x) { return (uint64_t)x ^ UINT64_C(1) << 63; }
static inline uint64_t rk_order_float(float x)
{
    const float zero_is_positive = x + 0.0f;
    uint32_t bits;
    memcpy(&bits, &zero_is_positive, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}
static inline uint64_t rk_order_double(double x)
{
    const double zero_is_positive = x + 0.0;
    uint64_t bits;
    memcpy(&bits, &zero_is_positive, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* The items of `key` that have a value, in order of arrival; `items` has room for key->n. Returns
 * their number. */
uint32_t rk_order_collect(const rk_column *key, const rk_atoms *strings, rk_order_item *items);

/* One item, which must have a value. */
rk_order_item rk_order_item_of(const rk_column *key, const rk_atoms *strings, uint32_t at);

/* Sorts by key, then place of arrival. `spare` has room for n items too. `strings` is NULL unless
 * keys are STRING. */
void rk_order_sort(rk_order_item *items, rk_order_item *spare, uint32_t n, bool descending,
                   const rk_atoms *strings);

/* Moves the k items that a descending sort would put first to the front, the last of them to place
 * k - 1, the others in any order; 0 < k <= n. Not for STRING keys. */
void rk_order_select(rk_order_item *items, rk_order_item *spare, uint32_t n, uint32_t k);

/* Appends the places of items without a value, in order of arrival, to out[at ..], until it holds
 * `limit` places; returns how many it holds. */
uint32_t rk_order_missing(const rk_column *key, uint32_t *out, uint32_t at, uint32_t limit);

#endif
