/* Keys of 32 bits (float, bool) with their place of arrival in one word: sorting moves half the
 * memory, and one comparison decides. Smaller words come first; none is twice. For top and sort. */
#ifndef RK_STAGE_PACKED_H
#define RK_STAGE_PACKED_H

#include "runtime/stage/order.h"

static inline bool rk_packed_takes(uint8_t kind)
{
    return kind == RK_KIND_FLOAT || kind == RK_KIND_BOOL;
}

/* A word of which the upper half is the key (~key where the largest is first). */
static inline uint64_t rk_packed_word(uint32_t key, uint32_t at)
{
    return (uint64_t)key << 32 | at;
}
static inline uint32_t rk_packed_place(uint64_t word) { return (uint32_t)word; }

/* The items of a float or bool key that have a value; `words` has room for key->n. Returns their
 * number. */
uint32_t rk_packed_collect(const rk_column *key, bool descending, uint64_t *words);

/* One item, which must have a value. */
uint64_t rk_packed_item(const rk_column *key, bool descending, uint32_t at);

/* Moves the k smallest words to the front, in order; the others come after, in any order. Words of
 * one key must stand in order of arrival. `spare` has room for n words too; k <= n. */
void rk_packed_sort(uint64_t *words, uint64_t *spare, uint32_t n, uint32_t k);

#endif
