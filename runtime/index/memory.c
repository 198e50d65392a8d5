#include "runtime/index/memory.h"

rk_index *rk_index_new(void)
{
    rk_arena arena;
    rk_arena_init(&arena);
    rk_index *const index = RK_NEW(&arena, rk_index);
    rk_index_memory *const memory = RK_NEW(&arena, rk_index_memory);
    if (!index || !memory) {
        rk_arena_free(&arena);
        return NULL;
    }
    *memory = (rk_index_memory){.arena = arena};
    index->memory = memory;
    return index;
}

void *rk_index_array(rk_index *index, size_t n, size_t size)
{
    return rk_arena_alloc_column(&index->memory->arena, n ? n : 1, size);
}

void rk_index_free(rk_index *index)
{
    if (!index)
        return;
    rk_arena arena = index->memory->arena; /* which the index stands in */
    rk_mapping file = index->memory->file;
    rk_arena_free(&arena);
    rk_file_unmap(&file);
}
