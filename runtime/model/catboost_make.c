/* All of the file was read: what it holds is checked, and the model is put together.
 *   A symmetric tree asks the same at each node of a level. Its first split gives the lowest bit of
 * the leaf's number, so the last one comes first here: then leaves lie in the order of their
 * numbers. Several outputs have a tree each, which differ in their leaves alone. */
#include "runtime/base/map.h"
#include "runtime/model/catboost.h"

#include <math.h>
#include <stdio.h>

/* Features and outputs are only counts in the file, but each takes room. So no more of them are
 * believed than the file has bytes, and these for short ones. */
enum { SOME_INPUTS = 1 << 14, SOME_OUTPUTS = 1 << 10, MOST_LEVELS = 30 };

/* What a split asks. */
typedef struct question {
    uint32_t feature;
    uint32_t set;  /* UINT32_MAX: a number is compared */
    float border;  /* x > border */
    bool nan_true; /* NaN counts as +inf */
} question;

/* A node to visit, and the split that leads to it; the way there may end at its own leaf. */
typedef struct step {
    uint32_t node;
    int32_t parent; /* -1: it is the root */
    bool right, ends;
} step;

typedef struct maker {
    rk_catboost *c;
    rk_model *out;
    rk_forest *f;
    question *questions;
    uint32_t n_questions, n_trees, longest;
    bool filling;     /* the second pass over trees; the first counts */
    uint8_t *reached; /* [nodes] in the first, second pass: bits 0, 1 */
    uint8_t *taken;   /* [leaves] likewise */
    /* the tree at hand */
    uint32_t number;
    rk_tree_split *splits;
    uint32_t *leaf_at; /* where in c->leaves */
    uint32_t n_splits, n_leaves;
    RK_VEC(step) stack;
} maker;

/* ---- inputs ---- */

static rk_status count_input(const rk_catboost *c, int64_t flat, int64_t *most)
{
    if (flat < 0)
        return rk_model_bad(&c->loading, 0, "a feature has number %lld among all", (long long)flat);
    if ((uint64_t)flat >= SOME_INPUTS + (uint64_t)c->size || flat >= INT32_MAX)
        return rk_model_bad(&c->loading, 0,
                            "a feature has number %lld, too high for a file of this size",
                            (long long)flat);
    *most = flat > *most ? flat : *most;
    return RK_OK;
}

static rk_status name_input(const rk_catboost *c, rk_model *out, int64_t flat, rk_str name)
{
    rk_model_input *const input = &out->inputs[flat];
    if (input->name.data)
        return rk_model_bad(&c->loading, 0, "two features have number %lld among all",
                            (long long)flat);
    input->name = name.data ? name : RK_STR("");
    return RK_OK;
}

static rk_status make_inputs(const rk_catboost *c, rk_model *out)
{
    int64_t most = -1;
    for (uint32_t i = 0; i < c->floats.len; i++)
        RK_TRY(count_input(c, c->floats.items[i].flat, &most));
    for (uint32_t i = 0; i < c->cats.len; i++)
        RK_TRY(count_input(c, c->cats.items[i].flat, &most));
    for (uint32_t i = 0; i < c->others.len; i++)
        RK_TRY(count_input(c, c->others.items[i].flat, &most));
    out->n_inputs = (uint32_t)(most + 1);
    out->inputs = RK_NEW_ARRAY(c->arena, rk_model_input, out->n_inputs);
    if (!out->inputs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < c->floats.len; i++) {
        const rk_catboost_float *const feature = &c->floats.items[i];
        RK_TRY(name_input(c, out, feature->flat, feature->name));
        out->inputs[feature->flat].missing =
            feature->has_nans && feature->nan != RK_CATBOOST_NAN_AS_IS;
    }
    for (uint32_t i = 0; i < c->cats.len; i++)
        RK_TRY(name_input(c, out, c->cats.items[i].flat, c->cats.items[i].name));
    for (uint32_t i = 0; i < c->others.len; i++)
        RK_TRY(name_input(c, out, c->others.items[i].flat, c->others.items[i].name));
    for (uint32_t i = 0; i < out->n_inputs; i++) /* a number that no feature has */
        if (!out->inputs[i].name.data)
            out->inputs[i].name = RK_STR("");
    return RK_OK;
}

/* ---- questions ---- */

static void ask_borders(maker *m)
{
    const rk_catboost *const c = m->c;
    const float *border = c->borders.items;
    for (uint32_t i = 0; i < c->floats.len; i++) {
        const rk_catboost_float *const feature = &c->floats.items[i];
        for (uint32_t j = 0; j < feature->n_borders; j++)
            m->questions[m->n_questions++] = (question){
                .feature = (uint32_t)feature->flat,
                .set = UINT32_MAX,
                .border = *border++,
                .nan_true = feature->has_nans && feature->nan == RK_CATBOOST_NAN_AS_TRUE};
    }
}

static rk_status map_cats(rk_catboost *c, rk_intmap *map)
{
    for (uint32_t i = 0; i < c->cats.len; i++) {
        const int64_t index = c->cats.items[i].index;
        uint32_t found;
        if (rk_intmap_add(&c->keep, map, index, i, &found))
            continue;
        if (found == RK_MAP_NONE)
            return RK_ENOMEM;
        return rk_model_bad(&c->loading, 0, "two categorical features have number %lld",
                            (long long)index);
    }
    return RK_OK;
}

/* Value i of a feature is category i: a split on it asks for set i. */
static rk_status ask_values(maker *m)
{
    rk_catboost *const c = m->c;
    const uint32_t *values = c->values.items;
    rk_intmap map = {0};
    RK_TRY(map_cats(c, &map));
    for (uint32_t i = 0; i < c->one_hots.len; i++) {
        const rk_catboost_one_hot *const feature = &c->one_hots.items[i];
        const uint32_t at = rk_intmap_find(&map, feature->index);
        if (at == RK_MAP_NONE)
            return rk_model_bad(&c->loading, 0,
                                "it has values of categorical feature %lld, which is not there",
                                (long long)feature->index);
        const uint32_t flat = (uint32_t)c->cats.items[at].flat;
        rk_model_input *const input = &m->out->inputs[flat];
        if (input->hashes)
            return rk_model_bad(&c->loading, 0, "categorical feature %lld has two lists of values",
                                (long long)feature->index);
        uint32_t *const hashes = rk_arena_alloc_column(c->arena, feature->n_values + 1u, 4);
        if (!hashes)
            return RK_ENOMEM;
        for (uint32_t j = 0; j < feature->n_values; j++) {
            hashes[j] = *values++;
            m->questions[m->n_questions++] = (question){.feature = flat, .set = j};
        }
        input->hashes = hashes;
        input->n_categories = feature->n_values;
    }
    return RK_OK;
}

/* Set i is of category i alone. Those with the same place in a word share words: zeros, and behind
 * them the bit; each set begins so far from the bit as it has words before it. */
static rk_status make_sets(maker *m)
{
    const rk_catboost *const c = m->c;
    rk_forest *const f = m->f;
    uint32_t most = 0;
    for (uint32_t i = 0; i < c->one_hots.len; i++)
        most = c->one_hots.items[i].n_values > most ? c->one_hots.items[i].n_values : most;
    const uint32_t words = most / 32 + 1;
    f->n_sets = most;
    f->n_words = most ? 32 * words : 0;
    f->sets = RK_NEW_ARRAY(c->arena, rk_split_set, f->n_sets);
    f->words = RK_NEW_ARRAY(c->arena, uint32_t, f->n_words);
    if (!f->sets || !f->words)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < most; i++) {
        const uint32_t bit = i % 32, n_words = i / 32 + 1;
        f->sets[i] = (rk_split_set){(bit + 1) * words - n_words, n_words};
        f->words[(bit + 1) * words - 1] = UINT32_C(1) << bit;
    }
    return RK_OK;
}

static rk_status make_questions(maker *m)
{
    const rk_catboost *const c = m->c;
    const size_t n = (size_t)c->borders.len + c->values.len;
    m->questions = rk_arena_alloc_column(&m->c->keep, n + 1, sizeof *m->questions);
    if (!m->questions)
        return RK_ENOMEM;
    ask_borders(m);
    RK_TRY(ask_values(m));
    return make_sets(m);
}

/* x > border for a float x goes right; what no x is more than sends all to `left`, the false side,
 * by turning the split round: no x is less than -inf. */
static rk_status make_split(maker *m, int64_t which, int32_t left, int32_t right)
{
    if (which < 0 || which >= m->n_questions)
        return rk_model_bad(&m->c->loading, 0, "tree %u asks for split %lld of %u", m->number,
                            (long long)which, m->n_questions);
    const question *const q = &m->questions[which];
    const bool never = q->set == UINT32_MAX && !(q->border < INFINITY);
    rk_tree_split *const split = &m->splits[m->n_splits++];
    *split = (rk_tree_split){.threshold = -INFINITY,
                             .feature = q->feature,
                             .left = never ? right : left,
                             .right = never ? left : right,
                             .set = q->set,
                             .nan_left = !never && !q->nan_true};
    if (q->set == UINT32_MAX && !never)
        split->threshold = rk_forest_narrowed(nextafterf(q->border, INFINITY));
    return RK_OK;
}

static rk_status make_leaf(maker *m, int64_t at)
{
    const uint64_t n = (uint64_t)m->c->n_outputs;
    const uint8_t pass = m->filling ? 2 : 1;
    if (at < 0 || (uint64_t)at + n > m->c->leaves.len)
        return rk_model_bad(&m->c->loading, 0, "tree %u has a leaf at value %lld of %u", m->number,
                            (long long)at, m->c->leaves.len);
    if (m->taken[at] & pass)
        return rk_model_bad(&m->c->loading, 0, "tree %u has the leaf at value %lld once more",
                            m->number, (long long)at);
    m->taken[at] |= pass;
    m->leaf_at[m->n_leaves++] = (uint32_t)at;
    return RK_OK;
}

/* ---- symmetric trees ---- */

static rk_status make_symmetric(maker *m, uint32_t first_split, uint64_t first_leaf)
{
    const uint32_t levels = m->c->sizes.items[m->number];
    const int64_t *const splits = m->c->splits.items + first_split;
    uint32_t level = 0;
    const uint32_t n = (UINT32_C(1) << levels) - 1;
    for (uint32_t i = 0; i < n; i++) {
        level += i + 1 == UINT32_C(2) << level;
        const int32_t left = (int32_t)(2 * i + 1), right = (int32_t)(2 * i + 2);
        const bool last = level + 1 == levels;
        RK_TRY(make_split(m, splits[levels - 1 - level], last ? (int32_t)n - left - 1 : left,
                          last ? (int32_t)n - right - 1 : right));
    }
    for (uint32_t i = 0; i <= n; i++)
        RK_TRY(make_leaf(m, (int64_t)(first_leaf + i * (uint64_t)m->c->n_outputs)));
    return RK_OK;
}

/* ---- other trees ---- */

static void join(maker *m, const step *s, int32_t link)
{
    if (s->parent < 0)
        return;
    rk_tree_split *const parent = &m->splits[s->parent];
    const int32_t old = INT32_MIN + s->right; /* marks of make_split's sides */
    *(parent->left == old ? &parent->left : &parent->right) = link;
}

static rk_status visit(maker *m, const step *s, uint32_t first, bool *inner)
{
    const uint8_t pass = m->filling ? 2 : 1;
    const rk_catboost_node *const node = &m->c->nodes.items[first + s->node];
    *inner = !s->ends && (node->left || node->right);
    if (!s->ends) {
        if (m->reached[first + s->node] & pass)
            return rk_model_bad(&m->c->loading, 0, "tree %u reaches node %u twice", m->number,
                                s->node);
        m->reached[first + s->node] |= pass;
    }
    join(m, s, *inner ? (int32_t)m->n_splits : -1 - (int32_t)m->n_leaves);
    if (!*inner)
        return make_leaf(m, m->c->node_leaves.items[first + s->node]);
    return make_split(m, m->c->splits.items[first + s->node], INT32_MIN, INT32_MIN + 1);
}

static rk_status make_other(maker *m, uint32_t first)
{
    const uint32_t size = m->c->sizes.items[m->number];
    rk_arena *const keep = &m->c->keep;
    m->stack.len = 0;
    if (!rk_vec_push(keep, &m->stack, ((step){.parent = -1})))
        return RK_ENOMEM;
    while (m->stack.len) {
        const step s = m->stack.items[--m->stack.len];
        bool inner;
        RK_TRY(visit(m, &s, first, &inner));
        if (!inner)
            continue;
        const rk_catboost_node *const node = &m->c->nodes.items[first + s.node];
        if (node->left >= size - s.node || node->right >= size - s.node)
            return rk_model_bad(&m->c->loading, 0, "tree %u, node %u leads out of the tree",
                                m->number, s.node);
        const int32_t parent = (int32_t)m->n_splits - 1;
        const step right = {s.node + node->right, parent, true, node->right == 0};
        const step left = {s.node + node->left, parent, false, node->left == 0};
        if (!rk_vec_push(keep, &m->stack, right) || !rk_vec_push(keep, &m->stack, left))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* ---- the forest ---- */

/* Numbers of leaves count from the first of the tree. */
static void number_leaves(const maker *m, uint32_t *numbers)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < m->n_leaves; i++)
        least = m->leaf_at[i] < least ? m->leaf_at[i] : least;
    for (uint32_t i = 0; i < m->n_leaves; i++)
        numbers[i] = (m->leaf_at[i] - least) / (uint32_t)m->c->n_outputs;
}

static double cover_of(const maker *m, const double *covers, int32_t child)
{
    const uint32_t at = child < 0 ? m->leaf_at[-1 - child] / (uint32_t)m->c->n_outputs : 0;
    return child < 0 ? m->c->weights.items[at] : covers[child];
}

static void add_covers(const maker *m, double *covers)
{
    for (uint32_t i = m->n_splits; i-- > 0;)
        covers[i] =
            cover_of(m, covers, m->splits[i].left) + cover_of(m, covers, m->splits[i].right);
}

/* The tree at hand for output k. */
static void add_tree(maker *m, uint32_t k)
{
    rk_forest *const f = m->f;
    f->trees[f->n_trees++] = (rk_tree){.first_split = f->n_splits,
                                       .n_splits = m->n_splits,
                                       .first_leaf = f->n_leaves,
                                       .n_leaves = m->n_leaves,
                                       .output = k};
    memcpy(f->splits + f->n_splits, m->splits, m->n_splits * sizeof *m->splits);
    if (f->covers)
        add_covers(m, f->covers + f->n_splits);
    number_leaves(m, f->leaf_numbers + f->n_leaves);
    for (uint32_t i = 0; i < m->n_leaves; i++)
        f->leaves[f->n_leaves + i] = m->c->leaves.items[m->leaf_at[i] + k];
    f->n_splits += m->n_splits;
    f->n_leaves += m->n_leaves;
}

static rk_status make_trees(maker *m, bool filling, uint64_t *splits)
{
    const rk_catboost *const c = m->c;
    uint32_t first = 0;
    uint64_t first_leaf = 0;
    m->filling = filling;
    for (m->number = 0; m->number < m->n_trees; m->number++) {
        const uint32_t size = c->sizes.items[m->number];
        m->n_splits = m->n_leaves = 0;
        RK_TRY(c->nodes.len ? make_other(m, first) : make_symmetric(m, first, first_leaf));
        first += size;
        first_leaf += c->nodes.len ? 0 : (uint64_t)c->n_outputs << size;
        *splits += m->n_splits;
        for (uint32_t k = 0; filling && k < m->f->n_outputs; k++)
            add_tree(m, k);
    }
    return RK_OK;
}

/* Sizes of trees against what there is of splits, nodes and leaves. */
static rk_status check_sizes(maker *m)
{
    const rk_catboost *const c = m->c;
    const bool symmetric = c->nodes.len == 0;
    uint64_t splits = 0, leaves = 0;
    for (uint32_t t = 0; t < c->sizes.len; t++) {
        const uint32_t size = c->sizes.items[t];
        if (symmetric ? size > MOST_LEVELS : size == 0)
            return rk_model_bad(&c->loading, 0, "tree %u has %u %s", t, size,
                                symmetric ? "levels" : "nodes");
        splits += size;
        leaves += symmetric ? (uint64_t)c->n_outputs << size : 0;
        if (splits > c->splits.len || leaves > c->leaves.len)
            return rk_model_bad(&c->loading, 0, "tree %u has more splits or leaves than there are",
                                t);
        const uint32_t longest = symmetric ? UINT32_C(1) << size : size;
        m->longest = longest > m->longest ? longest : m->longest;
    }
    if (splits != c->splits.len || (symmetric && leaves != c->leaves.len))
        return rk_model_bad(
            &c->loading, 0, "its trees have %llu splits and %llu values of leaves, not %u and %u",
            (unsigned long long)splits, (unsigned long long)leaves, c->splits.len, c->leaves.len);
    if (!symmetric && (c->nodes.len != splits || c->node_leaves.len != splits))
        return rk_model_bad(&c->loading, 0,
                            "it has %u nodes and %u leaves of nodes for %llu splits", c->nodes.len,
                            c->node_leaves.len, (unsigned long long)splits);
    return RK_OK;
}

static rk_status allocate(maker *m, uint64_t splits)
{
    rk_forest *const f = m->f;
    rk_arena *const arena = m->c->arena;
    const uint64_t n_splits = splits * f->n_outputs;
    const uint64_t n_trees = (uint64_t)m->n_trees * f->n_outputs, n_leaves = n_splits + n_trees;
    if (n_leaves > INT32_MAX)
        return rk_model_bad(&m->c->loading, 0, "it has more than 2,147,483,647 leaves");
    const bool covers =
        m->c->weights.len && (uint64_t)m->c->weights.len * f->n_outputs == m->c->leaves.len;
    f->trees = RK_NEW_ARRAY(arena, rk_tree, n_trees);
    f->splits = rk_arena_alloc_column(arena, n_splits, sizeof *f->splits);
    f->leaves = rk_arena_alloc_column(arena, n_leaves, sizeof *f->leaves);
    f->leaf_numbers = rk_arena_alloc_column(arena, n_leaves, sizeof *f->leaf_numbers);
    f->covers = covers ? rk_arena_alloc_column(arena, n_splits, sizeof *f->covers) : NULL;
    const bool fine =
        f->trees && f->splits && f->leaves && f->leaf_numbers && (f->covers || !covers);
    return fine ? RK_OK : RK_ENOMEM;
}

static rk_status fill(maker *m)
{
    rk_catboost *const c = m->c;
    uint64_t splits = 0;
    const uint32_t most = c->loading.spec->options.most_trees;
    m->n_trees = most && most < c->sizes.len ? most : c->sizes.len;
    RK_TRY(check_sizes(m));
    m->reached = RK_NEW_ARRAY(&c->keep, uint8_t, c->nodes.len + 1u);
    m->taken = RK_NEW_ARRAY(&c->keep, uint8_t, c->leaves.len + 1u);
    m->splits = rk_arena_alloc_column(&c->keep, m->longest + 1u, sizeof *m->splits);
    m->leaf_at = rk_arena_alloc_column(&c->keep, m->longest + 1u, sizeof *m->leaf_at);
    if (!m->reached || !m->taken || !m->splits || !m->leaf_at)
        return RK_ENOMEM;
    RK_TRY(make_trees(m, false, &splits));
    RK_TRY(allocate(m, splits));
    return make_trees(m, true, &splits);
}

/* ---- the model ---- */

static rk_status make_outputs(const rk_catboost *c, rk_model *out)
{
    const int64_t n = c->n_outputs;
    if (n < 1)
        return rk_model_bad(&c->loading, 0, "it has %lld outputs", (long long)n);
    if ((uint64_t)n > SOME_OUTPUTS + (uint64_t)c->size / 8 || n > INT32_MAX)
        return rk_model_bad(&c->loading, 0,
                            "it claims %lld outputs, too many for a file of this size",
                            (long long)n);
    out->n_outputs = (uint32_t)n;
    if (c->bias.len > 1 && c->bias.len != out->n_outputs)
        return rk_model_bad(&c->loading, 0, "it has %u biases for %u outputs", c->bias.len,
                            out->n_outputs);
    return RK_OK;
}

static rk_status make_bias(const rk_catboost *c, rk_forest *f)
{
    f->scale = c->scale;
    f->base = RK_NEW_ARRAY(c->arena, double, f->n_outputs);
    if (!f->base)
        return RK_ENOMEM;
    if (c->bias.len == 1)
        f->bias = c->bias.items[0];
    if (c->bias.len < 2)
        return RK_OK;
    double *const biases = RK_NEW_ARRAY(c->arena, double, f->n_outputs);
    if (!biases)
        return RK_ENOMEM;
    memcpy(biases, c->bias.items, f->n_outputs * sizeof *biases);
    f->biases = biases;
    return RK_OK;
}

/* What is there but cannot be computed; all of it in one error. */
static const rk_catboost_loss *find_lacks(rk_catboost *c)
{
    static const rk_catboost_loss none = {"", RK_TRANSFORM_NONE};
    const rk_catboost_loss *const loss = c->loss.len ? rk_catboost_loss_find(c->loss) : &none;
    if (!loss)
        rk_model_lacks(&c->loading, "loss function `%.*s`", RK_STR_ARG(c->loss));
    if (c->n_ctrs)
        rk_model_lacks(&c->loading, "features that count the labels of categories, CTRs (%u)",
                       c->n_ctrs);
    if (c->n_estimated)
        rk_model_lacks(&c->loading, "features made of text or embeddings (%u)", c->n_estimated);
    return loss;
}

rk_status rk_catboost_make(rk_catboost *c, rk_model *out)
{
    const rk_catboost_loss *const loss = find_lacks(c);
    RK_TRY(rk_model_supported(&c->loading));
    RK_TRY(make_inputs(c, out));
    RK_TRY(make_outputs(c, out));
    rk_forest *const f = RK_NEW(c->arena, rk_forest);
    if (!f)
        return RK_ENOMEM;
    *f = (rk_forest){.n_outputs = out->n_outputs, .divisor = 1};
    RK_TRY(make_bias(c, f));
    maker m = {.c = c, .out = out, .f = f};
    RK_TRY(make_questions(&m));
    RK_TRY(fill(&m));
    out->version = c->version.data ? c->version : RK_STR("");
    out->objective = c->loss.data ? c->loss : RK_STR("");
    out->kind = RK_KIND_DOUBLE;
    out->transform = loss->transform;
    out->slope = 1;
    out->shape = RK_MODEL_FOREST;
    out->as.forest = f;
    return RK_OK;
}
