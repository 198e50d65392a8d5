/* One tree: its lists by node become splits in the order of a walk, left before right, so that
 * children come after their parents whatever numbers the file gave them. Nodes that nothing leads
 * to, which pruning leaves behind, fall away. */
#include "runtime/model/xgboost.h"

#include <stdio.h>

typedef enum int_list {
    LEFT,
    RIGHT,
    FEATURE,
    DEFAULT_LEFT,
    SPLIT_TYPE,
    CATEGORIES,
    CATEGORY_NODES,
    CATEGORY_SEGMENTS,
    CATEGORY_SIZES,
    INT_LISTS
} int_list;

typedef enum float_list { CONDITION, GAIN, COVER, FLOAT_LISTS } float_list;

static const char *const int_names[] = {
    [LEFT] = "left_children",
    [RIGHT] = "right_children",
    [FEATURE] = "split_indices",
    [DEFAULT_LEFT] = "default_left",
    [SPLIT_TYPE] = "split_type",
    [CATEGORIES] = "categories",
    [CATEGORY_NODES] = "categories_nodes",
    [CATEGORY_SEGMENTS] = "categories_segments",
    [CATEGORY_SIZES] = "categories_sizes",
};

static const char *const float_names[] = {
    [CONDITION] = "split_conditions",
    [GAIN] = "loss_changes",
    [COVER] = "sum_hessian",
};

/* A tree while it is made; all in the room of one tree. */
typedef struct maker {
    rk_xgboost *x;
    rk_xgboost_ints ints[INT_LISTS];
    rk_xgboost_floats floats[FLOAT_LISTS];
    int64_t id;       /* -1: the file gives none */
    int64_t leaf_len; /* size_leaf_vector */
    int32_t *set_of;  /* [n] by node: which entry of the lists of categories; -1: none */
    uint8_t *reached; /* [n] */
    rk_xgboost_tree tree;
    uint32_t n_leaves;
} maker;

/* ---- reading ---- */

static rk_status read_param(maker *m)
{
    RK_TRY(rk_xgboost_open(m->x, RK_JSON_OBJECT));
    for (;;) {
        rk_str name;
        bool more;
        RK_TRY(rk_xgboost_member(m->x, &name, &more));
        if (!more)
            return RK_OK;
        if (rk_str_eq(name, RK_STR("size_leaf_vector")))
            RK_TRY(rk_xgboost_read_int(m->x, &m->leaf_len));
        else
            RK_TRY(rk_xgboost_skip(m->x));
    }
}

static rk_status read_member(maker *m, rk_str name)
{
    for (int i = 0; i < INT_LISTS; i++)
        if (rk_str_eq(name, rk_str_from(int_names[i])))
            return rk_xgboost_read_ints(m->x, &m->x->room, &m->ints[i]);
    for (int i = 0; i < FLOAT_LISTS; i++)
        if (rk_str_eq(name, rk_str_from(float_names[i])))
            return rk_xgboost_read_floats(m->x, &m->x->room, &m->floats[i]);
    if (rk_str_eq(name, RK_STR("tree_param")))
        return read_param(m);
    if (rk_str_eq(name, RK_STR("id")))
        return rk_xgboost_read_int(m->x, &m->id);
    return rk_xgboost_skip(m->x);
}

static rk_status read_lists(maker *m)
{
    for (;;) {
        rk_str name;
        bool more;
        RK_TRY(rk_xgboost_member(m->x, &name, &more));
        if (!more)
            return RK_OK;
        RK_TRY(read_member(m, name));
    }
}

/* ---- checking ---- */

static rk_status bad(const maker *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static rk_status bad(const maker *m, const char *format, ...)
{
    char words[200];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return rk_xgboost_bad(m->x, "tree %u: %s", m->x->trees.len, words);
}

static rk_status check_length(const maker *m, const char *name, uint32_t len)
{
    const uint32_t n = m->ints[LEFT].len;
    return len == n ? RK_OK : bad(m, "`%s` has %u values for %u nodes", name, len, n);
}

static rk_status check_lengths(maker *m)
{
    if (m->ints[LEFT].len == 0)
        return bad(m, "it has no nodes");
    if (m->ints[LEFT].len > INT32_MAX)
        return bad(m, "it has more than 2,147,483,647 nodes");
    if (m->id >= 0 && m->id != m->x->trees.len)
        return bad(m, "its id is %lld", (long long)m->id);
    for (int i = RIGHT; i <= DEFAULT_LEFT; i++)
        RK_TRY(check_length(m, int_names[i], m->ints[i].len));
    RK_TRY(check_length(m, float_names[CONDITION], m->floats[CONDITION].len));
    if (m->ints[SPLIT_TYPE].len)
        RK_TRY(check_length(m, int_names[SPLIT_TYPE], m->ints[SPLIT_TYPE].len));
    m->x->gains &= m->floats[GAIN].len == m->ints[LEFT].len;
    m->x->covers &= m->floats[COVER].len == m->ints[LEFT].len;
    return RK_OK;
}

static rk_status allocate(maker *m)
{
    const size_t n = m->ints[LEFT].len;
    m->set_of = rk_arena_alloc_column(&m->x->room, n, sizeof *m->set_of);
    m->reached = RK_NEW_ARRAY(&m->x->room, uint8_t, n);
    m->tree.splits = rk_arena_alloc_column(&m->x->room, n, sizeof *m->tree.splits);
    m->tree.leaves = rk_arena_alloc_column(&m->x->room, n, sizeof *m->tree.leaves);
    m->tree.leaf_numbers = rk_arena_alloc_column(&m->x->room, n, sizeof *m->tree.leaf_numbers);
    m->tree.gains = rk_arena_alloc_column(&m->x->room, n, sizeof *m->tree.gains);
    m->tree.covers = rk_arena_alloc_column(&m->x->room, n, sizeof *m->tree.covers);
    if (!m->set_of || !m->reached || !m->tree.splits || !m->tree.leaves || !m->tree.leaf_numbers ||
        !m->tree.gains || !m->tree.covers)
        return RK_ENOMEM;
    memset(m->set_of, 0xff, n * sizeof *m->set_of);
    return RK_OK;
}

/* ---- categories ---- */

static rk_status find_category_nodes(maker *m)
{
    const rk_xgboost_ints *const nodes = &m->ints[CATEGORY_NODES];
    if (m->ints[CATEGORY_SEGMENTS].len != nodes->len || m->ints[CATEGORY_SIZES].len != nodes->len)
        return bad(m, "the lists of categories differ in length");
    for (uint32_t i = 0; i < nodes->len; i++) {
        const int32_t node = nodes->items[i];
        if (node < 0 || (uint32_t)node >= m->ints[LEFT].len)
            return bad(m, "categories are for node %d of %u", node, m->ints[LEFT].len);
        m->set_of[node] = (int32_t)i;
    }
    return RK_OK;
}

/* Room for a set. A short file may name high categories, and sets have a bit for each one below;
 * the library puts no more than 64 categories in a set, so real ones of some 100,000 pass. */
static rk_status grow_words(maker *m, uint32_t n_words)
{
    rk_xgboost *const x = m->x;
    const uint64_t most = (UINT64_C(1) << 17) + 32 * (uint64_t)x->size;
    if (((uint64_t)x->words.len + n_words) * sizeof(uint32_t) > most)
        return bad(m, "its categories have numbers too high for a file of this size");
    for (uint32_t i = 0; i < n_words; i++)
        if (!rk_vec_push(&x->keep, &x->words, 0))
            return RK_ENOMEM;
    return RK_OK;
}

/* The categories from `first` on as a set. Those that the library takes for invalid match nothing.
 */
static rk_status make_set(maker *m, uint32_t first, uint32_t n)
{
    const int32_t *const categories = m->ints[CATEGORIES].items + first;
    uint32_t n_words = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (categories[i] < 0)
            return bad(m, "%d is no category", categories[i]);
        if (categories[i] < RK_XGBOOST_CATEGORIES && (uint32_t)categories[i] / 32 >= n_words)
            n_words = (uint32_t)categories[i] / 32 + 1;
    }
    const rk_split_set set = {m->x->words.len, n_words};
    RK_TRY(grow_words(m, n_words));
    for (uint32_t i = 0; i < n; i++)
        if (categories[i] < RK_XGBOOST_CATEGORIES)
            m->x->words.items[set.first + (uint32_t)categories[i] / 32] |= UINT32_C(1)
                                                                           << categories[i] % 32;
    return rk_vec_push(&m->x->keep, &m->x->sets, set) ? RK_OK : RK_ENOMEM;
}

static rk_status make_category_split(maker *m, uint32_t node, rk_tree_split *split)
{
    int32_t first = 0, n = 0;
    if (m->set_of[node] >= 0) { /* else nothing matches */
        first = m->ints[CATEGORY_SEGMENTS].items[m->set_of[node]];
        n = m->ints[CATEGORY_SIZES].items[m->set_of[node]];
    }
    if (first < 0 || n < 0 || (int64_t)first + n > m->ints[CATEGORIES].len)
        return bad(m, "categories %d to %lld of %u", first, (long long)first + n,
                   m->ints[CATEGORIES].len);
    split->set = m->x->sets.len;
    return make_set(m, (uint32_t)first, (uint32_t)n);
}

/* ---- the walk ---- */

static bool is_category(const maker *m, uint32_t node)
{
    return m->ints[SPLIT_TYPE].len && m->ints[SPLIT_TYPE].items[node] == 1;
}

static rk_status make_split(maker *m, uint32_t node)
{
    const int32_t feature = m->ints[FEATURE].items[node];
    const float condition = m->floats[CONDITION].items[node];
    if (feature < 0)
        return bad(m, "node %u asks for feature %d", node, feature);
    const uint32_t at = m->tree.n_splits++;
    rk_tree_split *const split = &m->tree.splits[at];
    /* No number is less than NaN, nor than -inf. */
    *split = (rk_tree_split){.threshold = condition == condition ? rk_forest_narrowed(condition)
                                                                 : -1.0 / 0.0,
                             .feature = (uint32_t)feature,
                             .set = UINT32_MAX,
                             .nan_left = m->ints[DEFAULT_LEFT].items[node] != 0,
                             .in_left = false};
    if (m->x->gains)
        m->tree.gains[at] = m->floats[GAIN].items[node];
    if (m->x->covers)
        m->tree.covers[at] = m->floats[COVER].items[node];
    return is_category(m, node) ? make_category_split(m, node, split) : RK_OK;
}

static void make_leaf(maker *m, uint32_t node)
{
    m->tree.leaves[m->n_leaves] = m->floats[CONDITION].items[node];
    m->tree.leaf_numbers[m->n_leaves++] = (int32_t)node;
}

/* A node to visit, and the split that leads to it. */
typedef struct step {
    int32_t node;
    int32_t parent; /* -1: it is the root */
    bool right;
} step;

static rk_status reach(maker *m, const step *s)
{
    if (s->node < 0 || (uint32_t)s->node >= m->ints[LEFT].len)
        return bad(m, "a split leads to node %d of %u", s->node, m->ints[LEFT].len);
    if (m->reached[s->node])
        return bad(m, "node %d is reached twice", s->node);
    m->reached[s->node] = 1;
    if (s->parent < 0)
        return RK_OK;
    const bool leaf = m->ints[LEFT].items[s->node] == -1;
    const int32_t link = leaf ? -1 - (int32_t)m->n_leaves : (int32_t)m->tree.n_splits;
    rk_tree_split *const parent = &m->tree.splits[s->parent];
    *(s->right ? &parent->right : &parent->left) = link;
    return RK_OK;
}

static rk_status walk(maker *m)
{
    RK_VEC(step) stack = {0};
    if (!rk_vec_push(&m->x->room, &stack, ((step){0, -1, false})))
        return RK_ENOMEM;
    while (stack.len) {
        const step s = stack.items[--stack.len];
        RK_TRY(reach(m, &s));
        const uint32_t node = (uint32_t)s.node;
        if (m->ints[LEFT].items[node] == -1) {
            make_leaf(m, node);
            continue;
        }
        const int32_t parent = (int32_t)m->tree.n_splits;
        RK_TRY(make_split(m, node));
        if (!rk_vec_push(&m->x->room, &stack, ((step){m->ints[RIGHT].items[node], parent, true})) ||
            !rk_vec_push(&m->x->room, &stack, ((step){m->ints[LEFT].items[node], parent, false})))
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* ---- all of it ---- */

static void *copy(rk_xgboost *x, const void *items, size_t n, size_t size)
{
    void *const kept = rk_arena_alloc(&x->keep, n * size);
    if (kept && n)
        memcpy(kept, items, n * size);
    return kept;
}

static rk_status keep(maker *m)
{
    rk_xgboost *const x = m->x;
    const rk_xgboost_tree *const t = &m->tree;
    const size_t n = t->n_splits;
    const rk_xgboost_tree kept = {.splits = copy(x, t->splits, n, sizeof *t->splits),
                                  .n_splits = t->n_splits,
                                  .leaves = copy(x, t->leaves, n + 1, sizeof *t->leaves),
                                  .leaf_numbers =
                                      copy(x, t->leaf_numbers, n + 1, sizeof *t->leaf_numbers),
                                  .gains = copy(x, t->gains, n, sizeof *t->gains),
                                  .covers = copy(x, t->covers, n, sizeof *t->covers)};
    if (!kept.splits || !kept.leaves || !kept.leaf_numbers || !kept.gains || !kept.covers)
        return RK_ENOMEM;
    return rk_vec_push(&x->keep, &x->trees, kept) ? RK_OK : RK_ENOMEM;
}

rk_status rk_xgboost_read_tree(rk_xgboost *x)
{
    rk_arena_reset(&x->room);
    maker m = {.x = x, .id = -1, .leaf_len = 1};
    RK_TRY(read_lists(&m));
    if (m.leaf_len > 1) {
        x->n_vector_trees++; /* said at the end, with all else that is not supported */
        return rk_vec_push(&x->keep, &x->trees, (rk_xgboost_tree){0}) ? RK_OK : RK_ENOMEM;
    }
    RK_TRY(check_lengths(&m));
    RK_TRY(allocate(&m));
    RK_TRY(find_category_nodes(&m));
    RK_TRY(walk(&m));
    return keep(&m);
}
