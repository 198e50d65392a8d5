#include "runtime/index/store.h"

#include <string.h>

void rk_indexes_free(rk_indexes *indexes)
{
    for (uint32_t i = 0; i < indexes->items.len; i++)
        rk_index_free(indexes->items.items[i].index);
    rk_arena_free(&indexes->arena);
    *indexes = (rk_indexes){0};
}

const rk_index *rk_indexes_find(const rk_indexes *indexes, const rk_index_key *key)
{
    for (uint32_t i = 0; i < indexes->items.len; i++)
        if (memcmp(&indexes->items.items[i].key, key, sizeof *key) == 0)
            return indexes->items.items[i].index;
    return NULL;
}

rk_status rk_indexes_add(rk_indexes *indexes, const rk_index_key *key, rk_index *index)
{
    if (rk_vec_push(&indexes->arena, &indexes->items, ((rk_stored_index){*key, index})))
        return RK_OK;
    rk_index_free(index);
    return RK_ENOMEM;
}
