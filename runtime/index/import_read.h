/* Reading another library's index: a cursor over bytes that may be anything, and what is found in
 * them. */
#ifndef RK_INDEX_IMPORT_READ_H
#define RK_INDEX_IMPORT_READ_H

#include "runtime/index/import.h"

/* What a file says. Vectors are numbered as they come. */
typedef struct rk_imported {
    bool has_metric;
    rk_index_metric metric;
    uint32_t n, dim;
    float *vectors; /* [n][dim] */
    int64_t *ids;   /* [n]; NULL: their numbers */
    /* The lowest layer; degree 0 without a graph. */
    uint32_t degree;  /* a multiple of 16 */
    uint32_t *links;  /* [n][degree] numbers of vectors; filled up with RK_INDEX_NONE */
    uint32_t *layers; /* [n] the highest layer of each, from 0 */
    uint32_t ef_construction;
} rk_imported;

typedef struct rk_import_reader {
    rk_str bytes;
    size_t at;
    rk_arena *arena;     /* of what is found */
    const char *fault;   /* the first one, in a few words; NULL: none */
    const char *refused; /* what is not taken, in a few words, or NULL; in the arena */
    bool no_memory;
} rk_import_reader;

/* Keeps the first fault; false. */
static inline bool rk_import_fail(rk_import_reader *r, const char *fault)
{
    if (!r->fault && !r->refused && !r->no_memory)
        r->fault = fault;
    return false;
}

/* `count` elements of `size` bytes, wherever they begin; NULL when there are not as many. */
const char *rk_import_take(rk_import_reader *r, uint64_t count, size_t size);
/* 0 when there are not as many bytes. */
uint32_t rk_import_u32(rk_import_reader *r);
uint64_t rk_import_u64(rk_import_reader *r);
/* Memory for n * size bytes; NULL and no_memory when there is none. Counts were checked against the
 * file's size, or are of the same order. */
void *rk_import_array(rk_import_reader *r, size_t n, size_t size);
/* The numbers of vectors as floats in memory of their own: they begin anywhere. */
bool rk_import_vectors(rk_import_reader *r, rk_imported *out, const char *from);

static inline uint32_t rk_import_u32_at(const char *from, size_t i)
{
    uint32_t x;
    memcpy(&x, from + i * sizeof x, sizeof x);
    return x;
}

static inline uint64_t rk_import_u64_at(const char *from, size_t i)
{
    uint64_t x;
    memcpy(&x, from + i * sizeof x, sizeof x);
    return x;
}

/* ---- import_faiss.c, import_hnswlib.c ---- */

/* Whether bytes may be of one of FAISS's files: they begin with four letters. */
bool rk_import_is_faiss(rk_str bytes);
/* Whether they may be hnswlib's: where its vectors begin, 0, is first. */
bool rk_import_is_hnswlib(rk_str bytes);

/* False: the reader says why. */
bool rk_import_faiss(rk_import_reader *r, rk_imported *out);
bool rk_import_hnswlib(rk_import_reader *r, rk_imported *out);

#endif
