#include "runtime/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "runtime/base/poison.h"

enum {
    ALIGN = 16,
    COLUMN_ALIGN = 64,
    FIRST_CHUNK = 16 * 1024,
    LARGEST_STEP = 8 * 1024 * 1024,
    HUGE_PAGE = 2 * 1024 * 1024,
    HUGE_FROM = 16 * 1024 * 1024, /* bytes of a chunk, which then holds one array */
};

struct rk_arena_chunk {
    rk_arena_chunk *next;
    size_t size; /* bytes after this header */
    size_t at;   /* bytes of them in use */
    char *data;  /* aligned to COLUMN_ALIGN */
};

void rk_arena_init(rk_arena *arena) { *arena = (rk_arena){0}; }

void rk_arena_free(rk_arena *arena)
{
    for (rk_arena_chunk *chunk = arena->first; chunk;) {
        rk_arena_chunk *const next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (rk_arena){0};
}

void rk_arena_reset(rk_arena *arena)
{
    for (rk_arena_chunk *chunk = arena->first; chunk; chunk = chunk->next) {
        rk_poison(chunk->data, chunk->at);
        chunk->at = 0;
    }
    arena->current = arena->first;
    arena->used = 0;
}

static uintptr_t up_to(uintptr_t place, uintptr_t multiple)
{
    return (place + multiple - 1) & ~(multiple - 1);
}

/* Of the whole pages within it; a wish. */
static void ask_for_huge_pages(void *data, size_t size)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t from = up_to((uintptr_t)data, HUGE_PAGE);
    const uintptr_t to = ((uintptr_t)data + size) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
    (void)data, (void)size;
#endif
}

enum { CHUNK_HEAD = sizeof(rk_arena_chunk) + COLUMN_ALIGN };

static rk_arena_chunk *chunk_init(rk_arena_chunk *chunk, size_t size)
{
    chunk->next = NULL;
    chunk->size = size;
    chunk->at = 0;
    chunk->data = (char *)up_to((uintptr_t)(chunk + 1), COLUMN_ALIGN);
    rk_poison(chunk->data, size);
    return chunk;
}

/* Arrays that are read here and there are read faster from pages of 2 MB: a quarter to a half, of
 * graphs. Only those that are large are worth them. */
static rk_arena_chunk *chunk_new(size_t size)
{
    rk_arena_chunk *const chunk = size <= SIZE_MAX - CHUNK_HEAD ? malloc(CHUNK_HEAD + size) : NULL;
    if (!chunk)
        return NULL;
    if (size >= HUGE_FROM)
        ask_for_huge_pages(chunk, CHUNK_HEAD + size);
    return chunk_init(chunk, size);
}

/* Whole huge pages, whatever the size. */
static rk_arena_chunk *chunk_huge(size_t size)
{
    if (size > SIZE_MAX - CHUNK_HEAD - HUGE_PAGE)
        return NULL;
    const size_t bytes = up_to(CHUNK_HEAD + size, HUGE_PAGE);
    rk_arena_chunk *const chunk = aligned_alloc(HUGE_PAGE, bytes);
    if (!chunk)
        return NULL;
    ask_for_huge_pages(chunk, bytes);
    return chunk_init(chunk, bytes - CHUNK_HEAD);
}

size_t rk_arena_capacity(const rk_arena *arena)
{
    size_t capacity = 0;
    for (const rk_arena_chunk *chunk = arena->first; chunk; chunk = chunk->next)
        capacity += chunk->size;
    return capacity;
}

/* In one piece, which holds whatever fits in several. */
bool rk_arena_reserve(rk_arena *arena, size_t capacity)
{
    if (rk_arena_capacity(arena) >= capacity)
        return true;
    rk_arena_chunk *const chunk = chunk_new(capacity);
    if (!chunk)
        return false;
    rk_arena_free(arena);
    arena->first = arena->current = chunk;
    return true;
}

static void *take(rk_arena_chunk *chunk, size_t size, size_t align)
{
    const size_t at = (chunk->at + align - 1) & ~(align - 1);
    if (at > chunk->size || size > chunk->size - at)
        return NULL;
    chunk->at = at + size;
    return chunk->data + at;
}

/* The next chunk with room for `size`: one kept by a reset, or a new one twice as large. */
static rk_arena_chunk *advance(rk_arena *arena, size_t size)
{
    while (arena->current && arena->current->next) {
        arena->current = arena->current->next;
        if (arena->current->size >= size)
            return arena->current;
    }
    size_t want = arena->current ? arena->current->size * 2 : FIRST_CHUNK;
    if (want > LARGEST_STEP)
        want = LARGEST_STEP;
    rk_arena_chunk *const chunk = chunk_new(size > want ? size : want);
    if (!chunk)
        return NULL;
    if (arena->current)
        arena->current->next = chunk;
    else
        arena->first = chunk;
    arena->current = chunk;
    return chunk;
}

bool rk_arena_advance(rk_arena *arena, size_t size)
{
    rk_arena_chunk *const chunk = chunk_huge(size);
    if (!chunk)
        return false;
    rk_arena_chunk **const place = arena->current ? &arena->current->next : &arena->first;
    chunk->next = *place;
    *place = arena->current = chunk;
    return true;
}

static void *allocate(rk_arena *arena, size_t size, size_t align)
{
    size_t whole;
    if (__builtin_add_overflow(size, RK_POISON_GAP, &whole))
        return NULL;
    void *bytes = arena->current ? take(arena->current, whole, align) : NULL;
    if (!bytes) {
        rk_arena_chunk *const chunk = advance(arena, whole);
        if (!chunk)
            return NULL;
        bytes = take(chunk, whole, align);
    }
    rk_unpoison(bytes, size);
    arena->used += size;
    return bytes;
}

void *rk_arena_alloc(rk_arena *arena, size_t size)
{
    void *const bytes = allocate(arena, size, ALIGN);
    if (bytes)
        memset(bytes, 0, size);
    return bytes;
}

void *rk_arena_array(rk_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? NULL : rk_arena_alloc(arena, bytes);
}

void *rk_arena_alloc_column(rk_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? NULL : allocate(arena, bytes, COLUMN_ALIGN);
}

char *rk_arena_copy(rk_arena *arena, const void *bytes, size_t len)
{
    char *const copy = len == SIZE_MAX ? NULL : allocate(arena, len + 1, 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = 0;
    return copy;
}

void *rk_arena_grow(rk_arena *arena, void *old, size_t old_size, size_t new_size)
{
    rk_arena_chunk *const chunk = arena->current;
    if (old && chunk && (char *)old + old_size + RK_POISON_GAP == chunk->data + chunk->at) {
        const size_t start = (size_t)((char *)old - chunk->data);
        if (new_size <= chunk->size - start - RK_POISON_GAP) {
            chunk->at = start + new_size + RK_POISON_GAP;
            rk_poison(old, old_size);
            rk_unpoison(old, new_size);
            if (new_size > old_size)
                memset((char *)old + old_size, 0, new_size - old_size);
            return old;
        }
    }
    void *const bytes = rk_arena_alloc(arena, new_size);
    if (bytes && old_size)
        memcpy(bytes, old, old_size < new_size ? old_size : new_size);
    return bytes;
}
