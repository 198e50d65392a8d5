#include "runtime/index/memory.h"

#include "runtime/index/codes.h"
#include "runtime/index/file.h"

enum { LEAST_HELD = 512 * 1024 }; /* bytes; less is in the processor's caches anyway */

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

/* A copy of bytes of the file, which need not stay in memory for this process. */
static const void *held(rk_index *index, const void *bytes, size_t size)
{
    void *const copy = rk_index_array(index, size, 1);
    if (!copy)
        return NULL;
    memcpy(copy, bytes, size);
    if (index->memory->file.mapped)
        rk_file_forget(bytes, size);
    return copy;
}

rk_status rk_index_hold(rk_index *index)
{
    const size_t codes = index->n * index->stride;
    const size_t links = (size_t)index->n * index->degree * sizeof *index->links;
    const size_t sketches = index->sketch ? index->n * rk_code_stride(index->sketch) : 0;
    if (index->degree == 0 || codes + links < LEAST_HELD)
        return RK_OK;
    if (!rk_arena_advance(&index->memory->arena, codes + links + sketches + 128))
        return RK_ENOMEM;
    const void *const held_codes = held(index, index->codes, codes);
    const void *const held_links = held(index, index->links, links);
    const void *const held_sketches = sketches ? held(index, index->sketches, sketches) : NULL;
    if (!held_codes || !held_links || (sketches && !held_sketches))
        return RK_ENOMEM;
    index->codes = held_codes;
    index->links = held_links;
    index->sketches = held_sketches;
    return RK_OK;
}
