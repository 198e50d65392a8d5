#include "runtime/base/map.h"

enum { FIRST_CAP = 16 };

uint32_t rk_table_find(const rk_table *table, uint64_t hash, rk_table_eq *eq, const void *owner,
                       const void *key)
{
    if (table->cap == 0)
        return RK_MAP_NONE;
    const uint32_t mask = table->cap - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        const rk_table_slot slot = table->slots[at];
        if (slot.value == RK_MAP_NONE)
            return RK_MAP_NONE;
        if (slot.hash == (uint32_t)hash && eq(owner, slot.value, key))
            return slot.value;
    }
}

static void table_put(rk_table *table, rk_table_slot slot)
{
    const uint32_t mask = table->cap - 1;
    uint32_t at = slot.hash & mask;
    while (table->slots[at].value != RK_MAP_NONE)
        at = (at + 1) & mask;
    table->slots[at] = slot;
}

static bool table_grow(rk_arena *arena, rk_table *table)
{
    if (table->cap > UINT32_MAX / 4)
        return false;
    const rk_table old = *table;
    const uint32_t cap = old.cap ? old.cap * 2 : FIRST_CAP;
    rk_table_slot *const slots = rk_arena_alloc_column(arena, cap, sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0xff, cap * sizeof *slots);
    *table = (rk_table){slots, cap, old.len};
    for (uint32_t i = 0; i < old.cap; i++)
        if (old.slots[i].value != RK_MAP_NONE)
            table_put(table, old.slots[i]);
    return true;
}

bool rk_table_add(rk_arena *arena, rk_table *table, uint64_t hash, uint32_t value)
{
    if (table->len >= table->cap / 2 && !table_grow(arena, table))
        return false;
    table_put(table, (rk_table_slot){(uint32_t)hash, value});
    table->len++;
    return true;
}

static void intmap_put(rk_intmap *map, rk_intmap_slot slot)
{
    const uint32_t mask = map->cap - 1;
    uint32_t at = (uint32_t)rk_hash_int((uint64_t)slot.key) & mask;
    while (map->slots[at].value != RK_MAP_NONE)
        at = (at + 1) & mask;
    map->slots[at] = slot;
}

static bool intmap_resize(rk_arena *arena, rk_intmap *map, uint32_t cap)
{
    const rk_intmap old = *map;
    rk_intmap_slot *const slots = rk_arena_alloc_column(arena, cap, sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0xff, cap * sizeof *slots);
    *map = (rk_intmap){slots, cap, old.len};
    for (uint32_t i = 0; i < old.cap; i++)
        if (old.slots[i].value != RK_MAP_NONE)
            intmap_put(map, old.slots[i]);
    return true;
}

bool rk_intmap_reserve(rk_arena *arena, rk_intmap *map, uint32_t n)
{
    if (n > UINT32_MAX / 4)
        return false;
    uint32_t cap = map->cap ? map->cap : FIRST_CAP;
    while (cap / 2 < n)
        cap *= 2;
    return cap == map->cap || intmap_resize(arena, map, cap);
}

bool rk_intmap_add(rk_arena *arena, rk_intmap *map, int64_t key, uint32_t value, uint32_t *found)
{
    *found = rk_intmap_find(map, key);
    if (*found != RK_MAP_NONE)
        return false;
    if (map->len >= map->cap / 2 && !rk_intmap_reserve(arena, map, map->len + 1))
        return false;
    intmap_put(map, (rk_intmap_slot){key, value});
    map->len++;
    return true;
}
