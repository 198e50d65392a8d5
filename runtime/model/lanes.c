#include "runtime/model/lanes.h"

#include <string.h>

#include "runtime/base/simd.h"
#include "runtime/model/piece.h"

#define DECLARE(suffix, level) extern const rk_lanes_kernels rk_lanes_kernels_##suffix;
RK_SIMD_EACH(DECLARE)

const rk_lanes_kernels *rk_lanes_kernels_get(rk_cpu_level level)
{
#define CASE(suffix, value)                                                                        \
    if (level == value)                                                                            \
        return rk_lanes_kernels_##suffix.run ? &rk_lanes_kernels_##suffix : NULL;
    RK_SIMD_EACH(CASE)
    return NULL;
}

/* ---- a piece as its splits ---- */

enum { NEVER = 255 };

typedef struct lane_split {
    uint32_t predicate;
    uint32_t keep;
    uint32_t part; /* of a block's steps: a group of columns, or behind these a feature with sets */
} lane_split;

/* The splits of a piece by part. */
typedef struct lane_list {
    lane_split *splits;
    uint32_t n;
    uint32_t at; /* while steps are made: the next one */
} lane_list;

typedef struct maker {
    const rk_forest *forest;
    const rk_predicates *predicates;
    rk_pieces pieces;
    rk_lanes *out;
    uint32_t *order;    /* [n_pieces] which piece stands at a place, largest first; UINT32_MAX */
    uint32_t *place;    /* [pieces.n] of a piece */
    uint32_t *state_of; /* [predicates.n_sets] */
    uint32_t *placed;   /* [n_states] steps so far */
    bool filling;       /* else steps are counted */
    uint32_t n_steps, n_set_steps;
    lane_list *lists; /* [n_pieces] in their places */
} maker;

static void set_exit(const maker *m, uint32_t piece, uint32_t number, rk_exit at)
{
    const size_t place = (size_t)m->place[piece] * RK_LANES_LEAVES + number;
    if (at.kind != RK_EXIT_LEAF)
        m->out->links[place] = m->place[at.at] + 1;
    else if (m->out->floats)
        m->out->floats[place] = (float)m->forest->leaves[at.at];
    else
        m->out->doubles[place] = m->forest->leaves[at.at];
}

/* Bits from .. to - 1; never all 32. */
static uint32_t range(uint32_t from, uint32_t to) { return ((1u << (to - from)) - 1) << from; }

static uint32_t part_of(const maker *m, uint32_t predicate)
{
    const rk_predicates *const p = m->predicates;
    return predicate < p->n_thresholds
               ? p->column[predicate] / RK_LANES_GROUP
               : m->out->n_groups + m->state_of[predicate - p->n_thresholds];
}

/* A piece's splits from one on, exits numbered from left to right; at most 31 deep. */
static void list_splits(const maker *m, uint32_t piece, lane_list *list, uint32_t split,
                        uint32_t *exits)
{
    lane_split *const mine = &list->splits[list->n++];
    mine->predicate = m->predicates->of_split[split];
    mine->part = part_of(m, mine->predicate);
    const uint32_t from = *exits;
    for (unsigned right = 0; right < 2; right++) {
        const rk_exit at = rk_piece_child(&m->pieces, split, right);
        if (at.kind == RK_EXIT_INSIDE)
            list_splits(m, piece, list, at.at, exits);
        else
            set_exit(m, piece, (*exits)++, at);
        if (!right)
            mine->keep = ~range(from, *exits);
    }
}

static void sort_list(const lane_list *list)
{
    for (uint32_t i = 1; i < list->n; i++) {
        const lane_split split = list->splits[i];
        uint32_t to = i;
        for (; to > 0 && list->splits[to - 1].part > split.part; to--)
            list->splits[to] = list->splits[to - 1];
        list->splits[to] = split;
    }
}

static void list_piece(const maker *m, uint32_t number, lane_list *list)
{
    const rk_piece *const piece = &m->pieces.pieces[number];
    uint32_t exits = 0;
    if (piece->root == RK_PIECE_LEAF)
        set_exit(m, number, 0, (rk_exit){RK_EXIT_LEAF, m->forest->trees[piece->tree].first_leaf});
    else
        list_splits(m, number, list, (uint32_t)piece->root, &exits);
    sort_list(list);
}

/* All pieces in their places; those where there is none have no splits. */
static rk_status list_pieces(maker *m, rk_arena *work)
{
    lane_split *splits = RK_NEW_ARRAY(work, lane_split, m->forest->n_splits);
    m->lists = RK_NEW_ARRAY(work, lane_list, m->out->n_pieces);
    if (!splits || !m->lists)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->out->n_pieces; i++) {
        m->lists[i].splits = splits;
        if (m->order[i] != UINT32_MAX)
            list_piece(m, m->order[i], &m->lists[i]);
        splits += m->lists[i].n;
    }
    return RK_OK;
}

/* ---- steps ---- */

/* The next split of a lane if it is of this part, else NULL. */
static const lane_split *next_split(lane_list *list, uint32_t part)
{
    const bool there = list->at < list->n && list->splits[list->at].part == part;
    return there ? &list->splits[list->at++] : NULL;
}

/* The n-th split of a lane among those of a group. */
static void put_split(const maker *m, const lane_split *split, uint32_t lane, uint32_t n)
{
    rk_lane_step *const step = &m->out->steps[m->n_steps + n / 2];
    const uint32_t column = m->predicates->column[split->predicate];
    const uint32_t at = n % 2 * RK_LANES + lane;
    step->column[at] = (uint8_t)(column % RK_LANES_GROUP);
    step->threshold[at] = (uint8_t)(split->predicate - m->predicates->columns[column].first);
    step->keep[at] = split->keep;
}

/* The splits of a block that ask for a column of this group. */
static void place_group(maker *m, lane_list *lists, uint32_t group)
{
    uint32_t most = 0;
    for (uint32_t lane = 0; lane < RK_LANES; lane++) {
        uint32_t n = 0;
        for (const lane_split *s; (s = next_split(&lists[lane], group)); n++)
            if (m->filling)
                put_split(m, s, lane, n);
        most = n > most ? n : most;
    }
    m->n_steps += (most + 1) / 2;
}

/* What each state of a feature answers to a set. */
static void put_answers(const rk_lane_states *states, uint32_t step, uint32_t lane,
                        const rk_set_predicate *set)
{
    for (uint32_t s = 0; s < RK_LANE_CATEGORY + states->n_categories; s++) {
        const uint32_t category = s < RK_LANE_CATEGORY ? 0 : s - RK_LANE_CATEGORY;
        const bool known = s == RK_LANE_ZERO || s >= RK_LANE_CATEGORY;
        const bool in = known && category / 32 < set->n_words &&
                        (set->words[category / 32] >> category % 32 & 1);
        const bool near = s == RK_LANE_ZERO || s == RK_LANE_BELOW;
        const bool missing = s == RK_LANE_MISSING || (near && set->zero);
        const bool right = missing ? set->nan_right : in == set->in_right;
        states->answers[(size_t)s * states->n_steps + step] |= (uint16_t)(right << lane);
    }
}

static void put_set(const maker *m, const lane_split *split, uint32_t state, uint32_t lane,
                    uint32_t n)
{
    const uint32_t set = split->predicate - m->predicates->n_thresholds;
    m->out->set_steps[m->n_set_steps + n].keep[lane] = split->keep;
    put_answers(&m->out->states[state], m->placed[state] + n, lane, &m->predicates->sets[set]);
}

static void place_sets(maker *m, lane_list *lists, uint32_t state)
{
    uint32_t most = 0;
    for (uint32_t lane = 0; lane < RK_LANES; lane++) {
        uint32_t n = 0;
        for (const lane_split *s; (s = next_split(&lists[lane], m->out->n_groups + state)); n++)
            if (m->filling)
                put_set(m, s, state, lane, n);
        most = n > most ? n : most;
    }
    m->placed[state] += most;
    m->n_set_steps += most;
}

static void place_block(maker *m, uint32_t b)
{
    rk_lanes *const out = m->out;
    lane_list *const lists = &m->lists[b * RK_LANES];
    for (uint32_t lane = 0; lane < RK_LANES; lane++)
        lists[lane].at = 0;
    for (uint32_t g = 0; g < out->n_groups; g++) {
        place_group(m, lists, g);
        out->ends[b * out->n_groups + g] = m->n_steps;
    }
    for (uint32_t s = 0; s < out->n_states; s++) {
        out->set_from[b * out->n_states + s] = m->placed[s];
        place_sets(m, lists, s);
        out->set_ends[b * out->n_states + s] = m->n_set_steps;
    }
}

static void place_all(maker *m, bool filling)
{
    m->filling = filling;
    m->n_steps = m->n_set_steps = 0;
    memset(m->placed, 0, m->out->n_states * sizeof *m->placed);
    for (uint32_t b = 0; b < m->out->n_blocks; b++)
        place_block(m, b);
}

/* ---- rooms ---- */

/* One entry a feature with sets. */
static rk_status make_states(maker *m, rk_arena *arena, rk_arena *work)
{
    const rk_predicates *const p = m->predicates;
    rk_lanes *const out = m->out;
    out->states = RK_NEW_ARRAY(arena, rk_lane_states, p->n_sets ? p->n_features : 0);
    m->state_of = RK_NEW_ARRAY(work, uint32_t, p->n_sets);
    m->placed = RK_NEW_ARRAY(work, uint32_t, p->n_features);
    if (!out->states || !m->state_of || !m->placed)
        return RK_ENOMEM;
    for (uint32_t f = 0; f < p->n_features; f++) {
        const rk_used_feature *const used = &p->features[f];
        if (!used->n_sets)
            continue;
        rk_lane_states *const states = &out->states[out->n_states];
        states->feature = used->feature;
        for (uint32_t s = used->first_set; s < used->first_set + used->n_sets; s++) {
            m->state_of[s] = out->n_states;
            if (states->n_categories < 32 * p->sets[s].n_words)
                states->n_categories = 32 * p->sets[s].n_words;
        }
        out->n_states++;
    }
    return RK_OK;
}

/* Answers for each category of many are more than they are worth. */
static rk_status make_answers(maker *m, rk_arena *arena)
{
    enum { LEAST = 1 << 20, PER_SPLIT = 64 };
    size_t left = LEAST + (size_t)PER_SPLIT * m->forest->n_splits;
    for (uint32_t s = 0; s < m->out->n_states; s++) {
        rk_lane_states *const states = &m->out->states[s];
        states->n_steps = m->placed[s];
        const size_t n = ((size_t)RK_LANE_CATEGORY + states->n_categories) * states->n_steps;
        if (n * sizeof *states->answers > left)
            return RK_ELIMIT;
        left -= n * sizeof *states->answers;
        states->answers = RK_NEW_ARRAY(arena, uint16_t, n);
        if (!states->answers)
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* Of what is not asked nothing is taken away. */
static rk_status make_steps(maker *m, rk_arena *arena)
{
    rk_lanes *const out = m->out;
    out->steps = rk_arena_alloc_column(arena, (size_t)m->n_steps + 1, sizeof *out->steps);
    out->set_steps =
        rk_arena_alloc_column(arena, (size_t)m->n_set_steps + 1, sizeof *out->set_steps);
    if (!out->steps || !out->set_steps)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < m->n_steps; i++) {
        out->steps[i] = (rk_lane_step){0};
        memset(out->steps[i].threshold, NEVER, sizeof out->steps[i].threshold);
    }
    memset(out->set_steps, 0xff, m->n_set_steps * sizeof *out->set_steps);
    return RK_OK;
}

static rk_status make_exits(maker *m, rk_arena *arena)
{
    rk_lanes *const out = m->out;
    const size_t n = (size_t)out->n_pieces * RK_LANES_LEAVES;
    const bool cut = m->pieces.n > m->forest->n_trees;
    if (m->forest->in_float)
        out->floats = rk_arena_alloc_column(arena, n, sizeof *out->floats);
    else
        out->doubles = rk_arena_alloc_column(arena, n, sizeof *out->doubles);
    if (cut) {
        out->links = RK_NEW_ARRAY(arena, uint32_t, n);
        out->first = RK_NEW_ARRAY(arena, uint32_t, m->forest->n_trees);
        if (!out->links || !out->first)
            return RK_ENOMEM;
        for (uint32_t t = 0; t < m->forest->n_trees; t++)
            out->first[t] = m->place[m->pieces.first[t]];
    }
    return out->floats || out->doubles ? RK_OK : RK_ENOMEM;
}

/* Pieces of about the same size go together, where trees are in pieces; else trees stay in their
 * order. */
static rk_status order_pieces(maker *m, rk_arena *work)
{
    const bool cut = m->pieces.n > m->forest->n_trees;
    uint32_t starts[RK_LANES_LEAVES + 2] = {0};
    m->order = RK_NEW_ARRAY(work, uint32_t, m->out->n_pieces);
    m->place = RK_NEW_ARRAY(work, uint32_t, m->pieces.n);
    if (!m->order || !m->place)
        return RK_ENOMEM;
    memset(m->order, 0xff, m->out->n_pieces * sizeof *m->order);
    for (uint32_t i = 0; i < m->pieces.n; i++)
        starts[RK_LANES_LEAVES - m->pieces.pieces[i].n_exits + 1]++;
    for (uint32_t k = 0; k <= RK_LANES_LEAVES; k++)
        starts[k + 1] += starts[k];
    for (uint32_t i = 0; i < m->pieces.n; i++) {
        const uint32_t size = RK_LANES_LEAVES - m->pieces.pieces[i].n_exits;
        m->place[i] = cut ? starts[size]++ : i;
        m->order[m->place[i]] = i;
    }
    return RK_OK;
}

static rk_status make_all(maker *m, rk_arena *arena, rk_arena *work)
{
    rk_lanes *const out = m->out;
    RK_TRY(rk_pieces_cut(m->forest, RK_LANES_LEAVES, RK_LANES_LEAVES, work, &m->pieces));
    out->n_exits = RK_LANES_LEAVES;
    out->n_blocks = (m->pieces.n + RK_LANES - 1) / RK_LANES;
    out->n_pieces = out->n_blocks * RK_LANES;
    out->n_groups = m->predicates->n_columns / RK_LANES_GROUP + 1; /* never none */
    RK_TRY(order_pieces(m, work));
    RK_TRY(make_states(m, arena, work));
    out->ends = RK_NEW_ARRAY(arena, uint32_t, (size_t)out->n_blocks * out->n_groups);
    out->set_ends = RK_NEW_ARRAY(arena, uint32_t, (size_t)out->n_blocks * out->n_states);
    out->set_from = RK_NEW_ARRAY(arena, uint32_t, (size_t)out->n_blocks * out->n_states);
    if (!out->ends || !out->set_ends || !out->set_from)
        return RK_ENOMEM;
    RK_TRY(make_exits(m, arena));
    RK_TRY(list_pieces(m, work));
    place_all(m, false);
    RK_TRY(make_answers(m, arena));
    RK_TRY(make_steps(m, arena));
    place_all(m, true);
    out->n_steps = m->n_steps;
    out->n_set_steps = m->n_set_steps;
    return RK_OK;
}

rk_status rk_lanes_make(const rk_forest *forest, const rk_predicates *predicates, rk_arena *arena,
                        rk_lanes *out)
{
    *out = (rk_lanes){0};
    const rk_status symmetric = rk_lanes_make_levels(forest, predicates, arena, out);
    if (symmetric != RK_ELIMIT)
        return symmetric;
    if (forest->n_leaves > INT32_MAX / RK_LANES_LEAVES)
        return RK_ELIMIT;
    rk_arena work = {0};
    maker m = {.forest = forest, .predicates = predicates, .out = out};
    const rk_status status = make_all(&m, arena, &work);
    rk_arena_free(&work);
    return status;
}
