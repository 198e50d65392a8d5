#include "runtime/index/graph.h"
#include "runtime/index/graph_sketch.h"
#include "runtime/index/graph_spread.h"
#include "runtime/index/memory.h"

/* Moves blocks of `size` bytes so that block p becomes what block order[p] was: cycle by cycle and
 * in place, since two copies of the vectors may be more than there is. `moved` is of n bits, all 0.
 */
typedef struct moving {
    const uint32_t *order;
    uint32_t n;
    uint64_t *moved;
    char *room; /* of one block */
} moving;

static bool was_moved(const moving *m, uint32_t at) { return m->moved[at / 64] >> at % 64 & 1; }

static void move_cycle(const moving *m, uint32_t from, char *blocks, size_t size)
{
    uint32_t at = from;
    memcpy(m->room, blocks + from * size, size);
    for (; m->order[at] != from; at = m->order[at]) {
        m->moved[at / 64] |= UINT64_C(1) << at % 64;
        memcpy(blocks + at * size, blocks + m->order[at] * size, size);
    }
    m->moved[at / 64] |= UINT64_C(1) << at % 64;
    memcpy(blocks + at * size, m->room, size);
}

static void move_blocks(const moving *m, void *blocks, size_t size)
{
    memset(m->moved, 0, ((size_t)m->n / 64 + 1) * sizeof *m->moved);
    for (uint32_t i = 0; i < m->n; i++)
        if (m->order[i] != i && !was_moved(m, i))
            move_cycle(m, i, blocks, size);
}

static rk_status make_rows(rk_index *index, const uint32_t *order)
{
    uint32_t *const rows = rk_index_array(index, index->n, sizeof *rows);
    uint32_t *const places = rk_index_array(index, index->n, sizeof *places);
    if (!rows || !places)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < index->n; i++) {
        rows[i] = order[i];
        places[order[i]] = i;
    }
    index->rows = rows;
    index->places = places;
    return RK_OK;
}

static rk_status copy_links(rk_index *index, const rk_graph *graph)
{
    const size_t n_links = (size_t)index->n * graph->degree;
    uint32_t *const links = rk_index_array(index, n_links, sizeof *links);
    uint32_t *const entries = rk_index_array(index, graph->n_entries, sizeof *entries);
    if (!links || !entries)
        return RK_ENOMEM;
    memcpy(links, graph->links, n_links * sizeof *links);
    memcpy(entries, graph->entries, graph->n_entries * sizeof *entries);
    index->links = links;
    index->entries = entries;
    index->n_entries = graph->n_entries;
    index->degree = graph->degree;
    index->ef_construction = graph->ef_construction;
    return RK_OK;
}

rk_status rk_graph_take(const rk_graph_input *input, const rk_index_options *options)
{
    rk_index *const index = input->index;
    const size_t vector = index->dim * sizeof(float);
    rk_arena arena = {0};
    rk_graph graph;
    uint8_t *sketches;
    rk_status status = rk_sketch_make(index, options, &sketches);
    if (status == RK_OK)
        status = rk_graph_build(index, options, &arena, &graph);
    if (status == RK_OK)
        status = make_rows(index, graph.order);
    if (status == RK_OK)
        status = copy_links(index, &graph);
    const moving m = {
        .order = graph.order,
        .n = index->n,
        .moved = rk_arena_array(&arena, (size_t)index->n / 64 + 1, sizeof *m.moved),
        .room = rk_arena_alloc(&arena, index->stride > vector ? index->stride : vector),
    };
    if (status == RK_OK && (!m.moved || !m.room))
        status = RK_ENOMEM;
    if (status == RK_OK) {
        move_blocks(&m, input->vectors, vector);
        move_blocks(&m, input->codes, index->stride);
        if (sketches)
            move_blocks(&m, sketches, rk_code_stride(index->sketch));
    }
    rk_arena_free(&arena);
    return status == RK_OK ? rk_spread_make(index, options) : status;
}
