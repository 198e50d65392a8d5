#include "runtime/stage/group.h"

/* The key of item i as an int: equal keys, equal ints. The item must have a value. */
static int64_t key_bits(const rk_column *key, uint32_t i)
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

rk_status rk_group_number(const rk_column *key, rk_arena *scratch, uint32_t *groups,
                          uint32_t *n_groups)
{
    rk_intmap numbers = {0};
    *n_groups = 0;
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
