/* Indexes kept while programs come and go: what was built once from the same vectors is not built
 * again. One thread at a time; what it gave out is shared freely, and lives as long as the store.
 */
#ifndef RK_INDEX_STORE_H
#define RK_INDEX_STORE_H

#include "runtime/base/arena.h"
#include "runtime/base/vec.h"
#include "runtime/index/index.h"

/* Everything that an index depends on, as a hash. */
typedef struct rk_index_key {
    uint8_t bytes[16];
} rk_index_key;

typedef struct rk_stored_index {
    rk_index_key key;
    rk_index *index;
} rk_stored_index;

typedef struct rk_indexes {
    rk_arena arena;
    RK_VEC(rk_stored_index) items;
} rk_indexes;

/* Frees all of them. */
void rk_indexes_free(rk_indexes *indexes);

/* NULL: there is none. */
const rk_index *rk_indexes_find(const rk_indexes *indexes, const rk_index_key *key);

/* Keeps an index, which is the store's from then on. RK_ENOMEM: it was freed. */
RK_NODISCARD rk_status rk_indexes_add(rk_indexes *indexes, const rk_index_key *key,
                                      rk_index *index);

#endif
