/* Bump allocation: one arena per compilation, per program and per request. Nothing inside is freed
 * singly; rk_arena_free drops it all, rk_arena_reset keeps the memory for the next request. */
#ifndef RK_BASE_ARENA_H
#define RK_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rk_arena_chunk rk_arena_chunk;

typedef struct rk_arena {
    rk_arena_chunk *first;   /* chunks in order of use */
    rk_arena_chunk *current; /* the one being filled */
    size_t used;             /* bytes given out, for statistics */
} rk_arena;

/* An empty arena; {0} is one too. Takes no memory until the first allocation. */
void rk_arena_init(rk_arena *arena);

/* Gives all memory back. */
void rk_arena_free(rk_arena *arena);

/* Forgets what was allocated and keeps the chunks, so that a warm arena never calls malloc. */
void rk_arena_reset(rk_arena *arena);

/* Bytes that an arena holds, given out or not. */
size_t rk_arena_capacity(const rk_arena *arena);

/* Gives an arena of which nothing is in use at least `capacity` bytes; false when memory is out. */
bool rk_arena_reserve(rk_arena *arena, size_t capacity);

/* What is allocated next, `size` bytes of it at least (paddings included), lies in one piece of
 * memory, of huge pages where the system has them: for tables of half a MiB and more that are read
 * again and again. With pages of 4 KiB a table of three quarters of L2 does not stay in it, since
 * the places of pages there are a matter of chance. false when memory is out. */
bool rk_arena_advance(rk_arena *arena, size_t size);

/* `size` zeroed bytes aligned to 16, or NULL when memory is out. Size 0 gives a valid pointer. */
void *rk_arena_alloc(rk_arena *arena, size_t size);

/* As rk_arena_alloc, for `n` elements of `size` bytes aligned to 64 and not zeroed; NULL when the
 * product overflows or memory is out. For columns. */
void *rk_arena_alloc_column(rk_arena *arena, size_t n, size_t size);

/* A copy of `len` bytes followed by a NUL (which `len` does not count), or NULL. */
char *rk_arena_copy(rk_arena *arena, const void *bytes, size_t len);

/* `old` grown from `old_size` to `new_size` bytes; in place when it was the last allocation. */
void *rk_arena_grow(rk_arena *arena, void *old, size_t old_size, size_t new_size);

#define RK_NEW(arena, type) ((type *)rk_arena_alloc((arena), sizeof(type)))

/* n zeroed elements; NULL on overflow. */
void *rk_arena_array(rk_arena *arena, size_t n, size_t size);
#define RK_NEW_ARRAY(arena, type, n) ((type *)rk_arena_array((arena), (n), sizeof(type)))

#endif
