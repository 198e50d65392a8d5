#include "runtime/stage/group.h"

/* The key of item i as an int: equal keys, equal ints. The item must have a value. */
static inline int64_t key_bits(const rk_column *key, uint32_t i)
{
    int64_t bits = 0;
    switch (key->type.kind) {
    case RK_KIND_BOOL:
        bits = ((const uint8_t *)key->data)[i];
        break;
    case RK_KIND_INT:
        bits = ((const int64_t *)key->data)[i];
        break;
    case RK_KIND_STRING:
    case RK_KIND_ROW:
        bits = ((const uint32_t *)key->data)[i];
        break;
    case RK_KIND_FLOAT: {
        const float x = ((const float *)key->data)[i] + 0.0f;
        memcpy(&bits, &x, sizeof x);
        break;
    }
    case RK_KIND_DOUBLE: {
        const double x = ((const double *)key->data)[i] + 0.0;
        memcpy(&bits, &x, sizeof x);
        break;
    }
    default:
        break;
    }
    return bits;
}

/* Keys that lie close together are numbered by a table instead of a hash: the atoms of a string
 * column, years, categories. */
typedef struct span {
    int64_t least;
    uint64_t width; /* of the table; 0: no table */
} span;

enum { TABLE_FREE = 1024, TABLE_PER_ITEM = 4 }; /* entries that a list may spend on one */

static span find_span(const rk_column *key)
{
    int64_t least = INT64_MAX, largest = INT64_MIN;
    if (rk_kind_is_real(key->type.kind))
        return (span){0};
    for (uint32_t i = 0; i < key->n; i++) {
        if (!rk_column_has(key, i))
            continue;
        const int64_t bits = key_bits(key, i);
        least = bits < least ? bits : least;
        largest = bits > largest ? bits : largest;
    }
    const uint64_t width = (uint64_t)largest - (uint64_t)least + 1;
    const bool close = width != 0 && width <= TABLE_FREE + (uint64_t)key->n * TABLE_PER_ITEM;
    return (span){least, least <= largest && close ? width : 0};
}

static rk_status number_by_table(const rk_column *key, span span, rk_arena *scratch,
                                 uint32_t *groups, uint32_t *n_groups)
{
    uint32_t *const numbers = rk_arena_alloc_column(scratch, span.width, sizeof *numbers);
    if (!numbers)
        return RK_ENOMEM;
    memset(numbers, 0xff, span.width * sizeof *numbers);
    for (uint32_t i = 0; i < key->n; i++) {
        groups[i] = RK_GROUP_NONE;
        if (!rk_column_has(key, i))
            continue;
        uint32_t *const number = &numbers[(uint64_t)key_bits(key, i) - (uint64_t)span.least];
        if (*number == RK_GROUP_NONE)
            *number = (*n_groups)++;
        groups[i] = *number;
    }
    return RK_OK;
}

static rk_status number_by_hash(const rk_column *key, rk_arena *scratch, uint32_t *groups,
                                uint32_t *n_groups)
{
    rk_intmap numbers = {0};
    for (uint32_t i = 0; i < key->n; i++) {
        groups[i] = RK_GROUP_NONE;
        if (!rk_column_has(key, i))
            continue;
        if (rk_intmap_add(scratch, &numbers, key_bits(key, i), *n_groups, &groups[i]))
            groups[i] = (*n_groups)++;
        else if (groups[i] == RK_MAP_NONE)
            return RK_ENOMEM;
    }
    return RK_OK;
}

rk_status rk_group_number(const rk_column *key, rk_arena *scratch, uint32_t *groups,
                          uint32_t *n_groups)
{
    const span span = find_span(key);
    *n_groups = 0;
    return span.width ? number_by_table(key, span, scratch, groups, n_groups)
                      : number_by_hash(key, scratch, groups, n_groups);
}
