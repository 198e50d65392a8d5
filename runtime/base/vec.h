/* Growing arrays in an arena. `RK_VEC(type)` declares one, {0} is empty; rk_vec_push returns false
 * when memory is out and leaves the array as it was. Growing may move the items. */
#ifndef RK_BASE_VEC_H
#define RK_BASE_VEC_H

#include <stdint.h>

#include "runtime/base/arena.h"

#define RK_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        uint32_t len;                                                                              \
        uint32_t cap;                                                                              \
    }

/* Makes room for one more item of `size` bytes. */
static inline bool rk_vec_reserve_one(rk_arena *arena, void **items, uint32_t len, uint32_t *cap,
                                      size_t size)
{
    if (len < *cap)
        return true;
    if (*cap > UINT32_MAX / 2)
        return false;
    const uint32_t want = *cap ? *cap * 2 : 8;
    void *const grown = rk_arena_grow(arena, *items, (size_t)*cap * size, (size_t)want * size);
    if (!grown)
        return false;
    *items = grown;
    *cap = want;
    return true;
}

#define rk_vec_push(arena, vec, item)                                                              \
    (rk_vec_reserve_one((arena), (void **)&(vec)->items, (vec)->len, &(vec)->cap,                  \
                        sizeof *(vec)->items)                                                      \
         ? ((vec)->items[(vec)->len++] = (item), true)                                             \
         : false)

#endif
