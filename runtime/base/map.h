/* Hash tables from a key to a 32-bit value, in an arena. rk_intmap is the keyed lookup of sources;
 * rk_table is the building block for keys that live elsewhere (atoms, DAG nodes): it stores hashes
 * and values, and asks the owner whether a value has the key. */
#ifndef RK_BASE_MAP_H
#define RK_BASE_MAP_H

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/base/str.h"

#define RK_MAP_NONE UINT32_MAX

typedef struct rk_table_slot {
    uint32_t hash;
    uint32_t value; /* RK_MAP_NONE: empty */
} rk_table_slot;

typedef struct rk_table {
    rk_table_slot *slots;
    uint32_t cap; /* a power of two, or 0 */
    uint32_t len;
} rk_table;

/* Whether `value` has the key that is looked for. */
typedef bool rk_table_eq(const void *owner, uint32_t value, const void *key);

/* The value of the key with this hash, or RK_MAP_NONE. */
uint32_t rk_table_find(const rk_table *table, uint64_t hash, rk_table_eq *eq, const void *owner,
                       const void *key);

/* Adds a value whose key is not in yet; false when memory is out. */
bool rk_table_add(rk_arena *arena, rk_table *table, uint64_t hash, uint32_t value);

typedef struct rk_intmap_slot {
    int64_t key;
    uint32_t value; /* RK_MAP_NONE: empty */
} rk_intmap_slot;

typedef struct rk_intmap {
    rk_intmap_slot *slots;
    uint32_t cap; /* a power of two, or 0 */
    uint32_t len;
} rk_intmap;

/* A well-mixed hash of a 64-bit key. */
static inline uint64_t rk_hash_int(uint64_t key)
{
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    return key ^ key >> 29;
}

/* Makes room for `n` keys at once; false when memory is out. */
bool rk_intmap_reserve(rk_arena *arena, rk_intmap *map, uint32_t n);

/* The value of `key`, or RK_MAP_NONE. */
static inline uint32_t rk_intmap_find(const rk_intmap *map, int64_t key)
{
    if (map->cap == 0)
        return RK_MAP_NONE;
    const uint32_t mask = map->cap - 1;
    for (uint32_t at = (uint32_t)rk_hash_int((uint64_t)key) & mask;; at = (at + 1) & mask) {
        const rk_intmap_slot slot = map->slots[at];
        if (slot.value == RK_MAP_NONE || slot.key == key)
            return slot.value;
    }
}

/* Adds key -> value and returns true; when the key is in, leaves it, sets *found to its value. When
 * memory is out returns false with *found = RK_MAP_NONE. */
bool rk_intmap_add(rk_arena *arena, rk_intmap *map, int64_t key, uint32_t value, uint32_t *found);

#endif
