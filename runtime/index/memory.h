/* What an index and its arrays stand in, for those that make one: build.c, and the readers of
 * files. */
#ifndef RK_INDEX_MEMORY_H
#define RK_INDEX_MEMORY_H

#include "runtime/base/arena.h"
#include "runtime/base/file.h"
#include "runtime/index/index.h"

typedef struct rk_index_memory {
    rk_arena arena;  /* of the index, this, and arrays that were made */
    rk_mapping file; /* of arrays that stand in a file; {0} without one */
} rk_index_memory;

/* An index that is all 0 but for its memory, in an arena of its own; rk_index_free gives it back.
 * NULL: out of memory. */
rk_index *rk_index_new(void);

/* One array, not zeroed, at a multiple of 64; NULL: out of memory. Of 0 elements too. */
void *rk_index_array(rk_index *index, size_t n, size_t size);

#endif
