#include "runtime/model/slice.h"

#include <string.h>

#include "runtime/base/simd.h"
#include "runtime/model/piece.h"
#include "runtime/model/symmetric.h"

#define DECLARE(suffix, level) extern const rk_slice_kernels rk_slice_kernels_##suffix;
RK_SIMD_EACH(DECLARE)

const rk_slice_kernels *rk_slice_kernels_get(rk_cpu_level level)
{
#define CASE(suffix, value)                                                                        \
    if (level == value)                                                                            \
        return rk_slice_kernels_##suffix.begin ? &rk_slice_kernels_##suffix : NULL;
    RK_SIMD_EACH(CASE)
    return NULL;
}

/* ---- tables ---- */

enum { SCALE = 8, LEAST_BITS = 3, LEAST_TABLE = 5, MOST_BITS = 8 };

typedef struct maker {
    const rk_forest *forest;
    const rk_predicates *predicates;
    rk_pieces pieces;
    rk_arena *arena;
    unsigned words; /* of 16 bits in a value */
    rk_slices *out;
} maker;

static unsigned bits_of(uint32_t n)
{
    unsigned bits = 0;
    while ((1u << bits) < n)
        bits++;
    return bits;
}

/* Micro-operations of 512 rows, counted in the kernels: looking up leaves; and what a split costs
 * in the one and the other way. */
enum { REACH = 10, PERFECT_4 = 9, LEVEL = 2, SHORT = 8 };

static unsigned lookup_cost(unsigned bits) { return bits <= 6 ? 400 : bits == 7 ? 700 : 1000; }

static unsigned perfect_cost(unsigned depth) { return ((unsigned)PERFECT_4 << depth) / 4; }

static bool choose_perfect(const rk_piece *piece, unsigned bits)
{
    if (piece->depth > MOST_BITS)
        return false;
    return perfect_cost(piece->depth) + lookup_cost(piece->depth) <
           REACH * piece->n_splits + lookup_cost(bits);
}

/* Of a short block, whose leaves are looked up for 64 rows; without tables in words twice as
 * dear. */
static unsigned cost_of(const rk_slices *slices, const rk_sliced *slice)
{
    const unsigned lookup = lookup_cost(slice->bits) / (slices->in_words ? SHORT : SHORT / 2);
    return lookup + (slice->form == RK_SLICE_LEVEL     ? LEVEL * slice->bits
                     : slice->form == RK_SLICE_PERFECT ? perfect_cost(slice->bits)
                                                       : REACH * slice->n_splits);
}

static void set_value(const maker *m, const rk_sliced *slice, uint32_t code, double value)
{
    uint16_t words[4];
    const float narrow = (float)value;
    if (m->words == 2)
        memcpy(words, &narrow, sizeof narrow);
    else
        memcpy(words, &value, sizeof value);
    uint16_t *const table = slice->table;
    if (!m->out->in_words)
        memcpy(table + (size_t)code * m->words, words, m->words * sizeof *words);
    else
        for (unsigned w = 0; w < m->words; w++)
            table[(w << slice->table_bits) + code] = words[w];
}

static uint32_t asked(const maker *m, uint32_t split)
{
    return m->predicates->of_split[split] * SCALE;
}

/* Below a leaf that is not at the bottom, its value stands everywhere, and what is asked does not
 * matter. */
static void fill_perfect(const maker *m, rk_sliced *slice, rk_exit at, uint32_t place)
{
    const uint32_t n = 1u << slice->bits;
    if (place >= n) {
        set_value(m, slice, place - n, m->forest->leaves[at.at]);
        return;
    }
    const bool leaf = at.kind == RK_EXIT_LEAF;
    slice->asked[place] = leaf ? 0 : asked(m, at.at);
    for (unsigned right = 0; right < 2; right++)
        fill_perfect(m, slice, leaf ? at : rk_piece_child(&m->pieces, at.at, right),
                     2 * place + right);
}

static rk_status make_table(maker *m, uint32_t bits, rk_sliced *slice)
{
    slice->bits = (uint8_t)(bits < LEAST_BITS ? LEAST_BITS : bits);
    slice->table_bits = slice->bits < LEAST_TABLE ? LEAST_TABLE : slice->bits;
    const size_t n = (size_t)m->words << slice->table_bits;
    slice->table = rk_arena_alloc_column(m->arena, n, sizeof *slice->table);
    if (!slice->table)
        return RK_ENOMEM;
    memset(slice->table, 0, n * sizeof *slice->table);
    return RK_OK;
}

static rk_status make_perfect(maker *m, const rk_piece *piece, rk_sliced *slice)
{
    slice->form = RK_SLICE_PERFECT;
    RK_TRY(make_table(m, piece->depth, slice));
    slice->asked = RK_NEW_ARRAY(m->arena, uint32_t, (size_t)1 << slice->bits);
    if (!slice->asked)
        return RK_ENOMEM;
    fill_perfect(m, slice, (rk_exit){RK_EXIT_INSIDE, (uint32_t)piece->root}, 1);
    return RK_OK;
}

/* Planes that the tree has no level for ask as its root does. */
static rk_status make_levels(maker *m, const rk_levels *levels, uint32_t tree, rk_sliced *slice)
{
    slice->form = RK_SLICE_LEVEL;
    RK_TRY(make_table(m, levels->n, slice));
    slice->asked = RK_NEW_ARRAY(m->arena, uint32_t, slice->bits);
    if (!slice->asked)
        return RK_ENOMEM;
    for (uint32_t bit = 0; bit < slice->bits; bit++)
        slice->asked[bit] = SCALE * levels->predicates[bit < levels->n ? levels->n - 1 - bit : 0];
    for (uint32_t number = 0; number < 1u << levels->n; number++) {
        const bool right = number >> (levels->n - 1);
        const uint32_t beyond = right ? (1u << slice->bits) - (1u << levels->n) : 0;
        const uint32_t leaf = rk_symmetric_leaf(m->forest, tree, number);
        set_value(m, slice, beyond | number, m->forest->leaves[leaf]);
    }
    return RK_OK;
}

/* A walk in breadth over a piece. */
typedef struct walk {
    uint32_t queue[RK_SLICE_LEAVES];
    uint32_t n, codes;
} walk;

static void put_exit(const maker *m, rk_sliced *slice, walk *w, rk_exit at, uint32_t slot)
{
    if (at.kind == RK_EXIT_INSIDE) {
        slice->slots[w->n] = (uint16_t)(slot * SCALE);
        w->queue[w->n++] = at.at;
    } else if (at.kind == RK_EXIT_LEAF) {
        slice->leaves[w->codes] = (uint16_t)(slot * SCALE);
        set_value(m, slice, w->codes++, m->forest->leaves[at.at]);
    } else {
        const uint32_t root = m->pieces.first[m->pieces.pieces[at.at].tree];
        uint16_t *const link = slice->links + 2 * slice->n_links++;
        link[0] = (uint16_t)(slot * SCALE);
        link[1] = (uint16_t)(at.at - root);
    }
}

static rk_status make_room(maker *m, const rk_piece *piece, rk_sliced *slice)
{
    const size_t codes = (size_t)1 << slice->bits, links = piece->n_exits - piece->n_leaves;
    slice->asked = RK_NEW_ARRAY(m->arena, uint32_t, piece->n_splits);
    slice->slots = RK_NEW_ARRAY(m->arena, uint16_t, piece->n_splits);
    slice->leaves = RK_NEW_ARRAY(m->arena, uint16_t, codes);
    slice->links = RK_NEW_ARRAY(m->arena, uint16_t, 2 * links);
    return slice->asked && slice->slots && slice->leaves && slice->links ? RK_OK : RK_ENOMEM;
}

static rk_status make_reach(maker *m, const rk_piece *piece, rk_sliced *slice)
{
    slice->form = RK_SLICE_REACH;
    RK_TRY(make_table(m, bits_of(piece->n_leaves + slice->part), slice));
    slice->n_splits = (uint16_t)piece->n_splits;
    RK_TRY(make_room(m, piece, slice));
    walk w = {.codes = slice->part};
    if (piece->root == RK_PIECE_LEAF) {
        const rk_tree *const tree = &m->forest->trees[piece->tree];
        put_exit(m, slice, &w, (rk_exit){RK_EXIT_LEAF, tree->first_leaf}, 1);
        return RK_OK;
    }
    put_exit(m, slice, &w, (rk_exit){RK_EXIT_INSIDE, (uint32_t)piece->root}, 1);
    for (uint32_t k = 0; k < w.n; k++) {
        const uint32_t split = w.queue[k];
        slice->asked[k] = asked(m, split);
        for (unsigned right = 0; right < 2; right++)
            put_exit(m, slice, &w, rk_piece_child(&m->pieces, split, right), 2 * k + 2 + right);
    }
    return RK_OK;
}

static rk_status make_piece(maker *m, uint32_t number)
{
    const rk_piece *const piece = &m->pieces.pieces[number];
    const uint32_t first = m->pieces.first[piece->tree], end = m->pieces.first[piece->tree + 1];
    if (end - first > UINT16_MAX)
        return RK_ELIMIT;
    if (m->out->most_places < end - first)
        m->out->most_places = end - first;
    rk_sliced *const slice = &m->out->slices[m->out->n++];
    *slice = (rk_sliced){.part = end - first > 1,
                         .last = number + 1 == end,
                         .place = (uint16_t)(number - first),
                         .output = m->forest->trees[piece->tree].output};
    const bool whole = !slice->part && piece->root != RK_PIECE_LEAF;
    rk_levels levels;
    if (whole && rk_symmetric_levels(m->forest, m->predicates, piece->tree, &levels))
        RK_TRY(make_levels(m, &levels, piece->tree, slice));
    else if (whole && choose_perfect(piece, bits_of(piece->n_leaves)))
        RK_TRY(make_perfect(m, piece, slice));
    else
        RK_TRY(make_reach(m, piece, slice));
    m->out->cost += cost_of(m->out, slice);
    return RK_OK;
}

static rk_status make_pieces(maker *m)
{
    rk_arena work = {0};
    rk_status status =
        rk_pieces_cut(m->forest, RK_SLICE_LEAVES - 1, RK_SLICE_LEAVES, &work, &m->pieces);
    if (status == RK_OK) {
        m->out->slices = RK_NEW_ARRAY(m->arena, rk_sliced, m->pieces.n);
        status = m->out->slices ? RK_OK : RK_ENOMEM;
    }
    for (uint32_t i = 0; status == RK_OK && i < m->pieces.n; i++)
        status = make_piece(m, i);
    rk_arena_free(&work);
    return status;
}

rk_status rk_slices_make(const rk_forest *forest, const rk_predicates *predicates, rk_arena *arena,
                         rk_slices *out)
{
    *out = (rk_slices){
        .n_outputs = forest->n_outputs, .in_float = forest->in_float, .in_words = out->in_words};
    if (predicates->n > UINT32_MAX / (SCALE * RK_SLICE_WIDTHS * 2))
        return RK_ELIMIT;
    maker m = {.forest = forest,
               .predicates = predicates,
               .arena = arena,
               .words = forest->in_float ? 2 : 4,
               .out = out};
    return make_pieces(&m);
}
