/* Nearest neighbours: a set of vectors, each with an id, that is searched by a vector. An index is
 * made once (build.h), or mapped from a file (file.h), never changes, and is shared by threads. It
 * knows nothing of programs: the executor, `rankc index` and the benchmarks use it alike.
 *
 * Three numberings. A *row* is an item's number by ascending id, which is what searches give and
 * filters are asked for. A *place* is where its vector, codes and links stand: a graph puts
 * neighbours near each other. An *id* is what people call it.
 *
 * Exact or not, what a search gives is scored in float over the vectors themselves with the
 * contract's product (runtime/base/product.h), ordered by score, then by row: one query or a
 * thousand, any number of threads and any CPU level give the same bits. */
#ifndef RK_INDEX_INDEX_H
#define RK_INDEX_INDEX_H

#include "runtime/base/cpu.h"
#include "runtime/base/flag.h"
#include "runtime/base/status.h"
#include "runtime/base/str.h"

/* No row, no place, no link. */
#define RK_INDEX_NONE UINT32_MAX

enum {
    RK_INDEX_MAX_DIM = 4096,
    RK_INDEX_MIN_DIM = 2,
    RK_INDEX_MAX_EF = 1 << 16,
    RK_INDEX_SPREAD = 14,
};
#define RK_INDEX_MAX_ROWS UINT32_C(0x7fffffff)

/* What a score is; the larger the nearer. */
typedef enum rk_index_metric {
    RK_INDEX_DOT,    /* sum of a[i] b[i] */
    RK_INDEX_COSINE, /* dot / (|a| |b|); 0 where a length is 0 */
    RK_INDEX_L2,     /* minus the distance sqrt(sum of (a[i] - b[i])^2) */
    RK_INDEX_METRIC_COUNT
} rk_index_metric;

typedef enum rk_index_kind {
    RK_INDEX_FLAT, /* every search looks at every vector */
    RK_INDEX_HNSW, /* a graph of neighbours (graph.h); small sets and strict filters are scanned */
    RK_INDEX_KIND_COUNT
} rk_index_kind;

/* Names as programs and commands write them: "dot" "cosine" "l2", "flat" "hnsw". */
const char *rk_index_metric_name(rk_index_metric metric);
bool rk_index_metric_parse(rk_str name, rk_index_metric *out);
const char *rk_index_kind_name(rk_index_kind kind);

/* What ids are. */
typedef struct rk_index_ids {
    bool text;
    const int64_t *numbers;  /* [n] ascending; NULL and not text: row i has the id i */
    const uint64_t *offsets; /* text: id i is bytes[offsets[i] .. offsets[i + 1]), ascending
                                bytewise */
    const char *bytes;
} rk_index_ids;

/* Every array but `mean` and `entries` begins at a multiple of 64 bytes. */
typedef struct rk_index {
    rk_index_kind kind;
    rk_index_metric metric;
    uint32_t n; /* vectors */
    uint32_t dim;
    const float *vectors;   /* [n][dim] by place, as they came */
    const uint32_t *rows;   /* [n] the row of a place; NULL: place i is row i */
    const uint32_t *places; /* [n] the place of a row; NULL with `rows` */
    rk_index_ids ids;       /* by row */

    /* 8-bit codes of (vector - mean), of vectors of length 1 for COSINE; see codes.h. */
    const uint8_t *codes; /* [n][stride] by place */
    size_t stride;        /* bytes, a multiple of 64 */
    const float *mean;    /* [dim] */

    /* Sketches of the codes, which walks look at; see graph_sketch.h. */
    uint32_t sketch;         /* numbers of one; 0: there are none */
    bool bounding;           /* they bound distances: scans look at them first */
    const uint8_t *sketches; /* [n][rk_code_stride(sketch)] by place */
    const uint8_t *axes;     /* [sketch - 1][stride] coded like vectors */

    /* The graph; degree 0 without one. */
    const uint32_t *links; /* [n][degree] places, the nearest first; filled up with RK_INDEX_NONE */
    uint32_t degree;       /* a multiple of 16 */
    const uint32_t *entries; /* [n_entries] places where searches begin */
    uint32_t n_entries;
    /* How far neighbours are: within spread[i], a squared distance as walks measure it, a typical
     * place has 2^i others; 0: not known. DOT: another distance, see graph_spread.h. */
    float spread[RK_INDEX_SPREAD];
    uint32_t ef_construction;       /* it was built with */
    uint32_t ef;                    /* of searches that do not say; 0: by k */
    struct rk_index_memory *memory; /* what the arrays stand in; freed with the index */
} rk_index;

void rk_index_free(rk_index *index);

/* ---- searching ---- */

/* Rows that a filter is asked for: at[i], or, where at is NULL, first + i. */
typedef struct rk_index_rows {
    const uint32_t *at;
    uint32_t first;
    uint32_t n; /* 1 .. 1,024 */
} rk_index_rows;

static inline uint32_t rk_index_rows_at(const rk_index_rows *rows, uint32_t i)
{
    return rows->at ? rows->at[i] : rows->first + i;
}

/* Tells which rows pass: in batches, called by the thread that searches, or by bits that are there
 * already. A walk asks for rows here and there; who looks at every row asks for all, or for one
 * range after the other. */
typedef struct rk_index_filter {
    void *user;
    /* Sets bit i of passing[] (rows->n bits, zeroed before) where row i of those passes. */
    rk_status (*pass)(void *user, const rk_index_rows *rows, uint64_t *passing);
    /* Sets the bits of all rows that pass, of passing[index.n / 64 + 2], zeroed before, in the
     * order that suits it best. NULL: pass is asked. */
    rk_status (*all)(void *user, uint64_t *passing);
    const uint64_t *bits; /* [index.n bits] by row; NULL: pass is asked, which else may be NULL */
} rk_index_filter;

typedef struct rk_index_query {
    const float *vectors; /* [n][dim]; of one with a NaN or infinity nothing is found */
    uint32_t n;
    uint32_t k;  /* 0 finds nothing; more than there are finds all that pass */
    uint32_t ef; /* how many candidates a graph's search keeps, of a typical query,
                    at least k; 0: as the index says */
    bool exact;  /* no graph */
    const rk_index_filter *filter; /* NULL: every row passes */
    const rk_flag *stop;           /* true: RK_ESTOP soon. May be NULL */
} rk_index_query;

/* Room of the caller. */
typedef struct rk_index_hits {
    uint32_t *rows;   /* [query.n][query.k], the nearest first; then RK_INDEX_NONE */
    float *scores;    /* [query.n][query.k] or NULL; 0, never -0; 0 where nothing was found */
    uint32_t *counts; /* [query.n] how many were found, or NULL */
} rk_index_hits;

/* What one thread needs to search; grows to what the largest search so far needed, so that a warm
 * one allocates nothing. It may go from index to index. `cpu`: of the kernels that it uses; the
 * machine must have it. */
typedef struct rk_index_scratch rk_index_scratch;
rk_index_scratch *rk_index_scratch_new(rk_cpu_level cpu); /* NULL: out of memory */
void rk_index_scratch_free(rk_index_scratch *scratch);

/* RK_OK, RK_ENOMEM, RK_ESTOP, or what the filter failed with. A batch of any size is split by the
 * search itself. */
RK_NODISCARD rk_status rk_index_search(const rk_index *index, rk_index_scratch *scratch,
                                       const rk_index_query *query, const rk_index_hits *out);

/* How the last search of a scratch went, for traces and people. */
typedef struct rk_index_stats {
    bool scanned;         /* vectors were looked at one after the other, not through the graph */
    uint64_t n_distances; /* of codes and sketches */
    uint64_t n_scored;    /* of vectors, in float */
    uint64_t n_asked;     /* rows that the filter was asked for */
} rk_index_stats;
rk_index_stats rk_index_last(const rk_index_scratch *scratch);

/* The rule that picks scan or graph, for people: the least number of passing rows, of the n there
 * are, at which a search for k with ef goes through the graph; UINT32_MAX: never. */
uint32_t rk_index_graph_from(const rk_index *index, uint32_t k, uint32_t ef);

#endif
