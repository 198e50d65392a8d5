/* What the files that build a graph share: graph_build.c puts places in, graph_twins.c sees to
 * equal ones, graph_finish.c makes the result. */
#ifndef RK_INDEX_GRAPH_BUILD_H
#define RK_INDEX_GRAPH_BUILD_H

#include "runtime/index/graph.h"
#include "runtime/index/graph_prune.h"

/* What one thread needs. */
typedef struct rk_build_worker {
    rk_walker walker;
    rk_pruner pruner;
    int8_t *query;    /* [stride] at a multiple of 64 */
    rk_near *nears;   /* [cap_nears] candidates */
    uint32_t *places; /* [cap_nears] */
    float *distances; /* [cap_nears] */
} rk_build_worker;

typedef struct rk_builder {
    const rk_index *index;
    rk_index walked; /* whose codes walks look at: the index, or the set of its sketches */
    const rk_index_options *options;
    rk_arena arena; /* of what is not in the result */
    uint32_t degree, ef_construction, n_threads;
    rk_walk_graph graph; /* links are those below */
    uint32_t *links;     /* [n][width]: more than the degree, so that few rows need pruning */
    uint32_t width;
    uint32_t *turns; /* [n_turns] places as they are put in; the first are entries */
    uint32_t n_turns, n_entries;
    uint32_t *twin_of; /* [n] the first place with the same code, often itself */
    uint32_t cap_nears;
    rk_build_worker *workers; /* [n_threads] */
    atomic_bool failed;       /* out of memory */
} rk_builder;

/* The row of a place, width long, and how many links it has. */
static inline uint32_t *rk_builder_row(const rk_builder *builder, uint32_t place)
{
    return builder->links + (size_t)place * builder->width;
}
uint32_t rk_builder_count(const rk_builder *builder, uint32_t place);

bool rk_builder_stopped(const rk_builder *builder);

/* Does fn for parts of 0 .. n on the builder's threads. */
typedef void rk_builder_part(rk_builder *builder, rk_build_worker *worker, uint32_t from,
                             uint32_t to);
void rk_builder_each(rk_builder *builder, uint32_t n, uint32_t part, rk_builder_part *fn);

/* Walks from the first n_entries turns towards a place; false: out of memory. */
bool rk_builder_walk(rk_builder *builder, rk_build_worker *worker, uint32_t place,
                     uint32_t n_entries);

/* Sorts the row of a place by distance and takes `degree` of it at most. */
void rk_builder_tidy(rk_builder *builder, rk_build_worker *worker, uint32_t place);

/* graph_entries.c: puts the places where searches begin in front of all turns. */
RK_NODISCARD rk_status rk_builder_pick_entries(rk_builder *builder);

/* graph_twins.c: fills twin_of; and links the twins, which had no turn, behind the first. */
RK_NODISCARD rk_status rk_builder_find_twins(rk_builder *builder);
RK_NODISCARD rk_status rk_builder_link_twins(rk_builder *builder);

/* graph_finish.c: sees that all can be reached, and gives places their order. */
RK_NODISCARD rk_status rk_builder_finish(rk_builder *builder, rk_arena *arena, rk_graph *out);

#endif
