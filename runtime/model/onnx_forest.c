/* A tree ensemble as a forest. Three things differ:
 *   A leaf of the file adds to several outputs, one of a forest to one: so a tree becomes one for
 * each output that any of its leaves adds to.
 *   Nodes may be shared, which LightGBM's categories are when they were converted: one node for
 * each category of a set, all leading to the same one. Such a chain is a set here, where all that
 * is asked of the column is which of some whole numbers it is. Else what is shared is there several
 * times. `x == v` of a column that is also compared asks twice: x < v, and if not, x <= v. */
#include "runtime/model/onnx_trees.h"

#include <math.h>
#include <stdlib.h>

/* What is built: a node, or what is left of a chain's question, `values[first .. first + n)`, for
 * which x is not less than the ones before. */
typedef struct step {
    uint32_t node;    /* UINT32_MAX: the rest of a question */
    int32_t parent;   /* split that leads here; -1: none */
    bool right;       /* by which way */
    bool equal;       /* x is not less than the first value: is it more? */
    uint32_t first;   /* in b->values */
    uint32_t n;       /* that are left */
    uint32_t in, out; /* nodes */
    bool nan_in;
    uint32_t feature;
} step;

/* What is known of a target. */
typedef struct tally {
    uint32_t leaf;   /* the last one that added to it, counted through all trees */
    uint32_t leaves; /* of the tree at hand that add to it */
    uint32_t taken;  /* trees */
    uint32_t place;  /* of the tree at hand its leaves; UINT32_MAX: none are taken */
    bool ever;       /* some leaf adds to it */
    bool always;     /* some tree adds to it in all its leaves, so each row does */
} tally;

typedef struct builder {
    rk_onnx_trees *t;
    const rk_onnx_ensemble *e;
    rk_forest *f;
    uint32_t only;                                /* the target that is wanted; UINT32_MAX: all */
    bool filling;                                 /* the second pass; the first counts */
    uint64_t budget, n_splits, n_leaves, n_trees; /* over all outputs */
    uint64_t work;                                /* nodes of chains that were gone through */
    bool *compared;    /* [columns] by something else than whole values that sets may have */
    uint64_t *costs;   /* [columns] words that its sets take */
    uint32_t *set_of;  /* [nodes] where a chain begins; UINT32_MAX: none yet */
    tally *targets;    /* [targets] */
    uint32_t *touched; /* [targets] those that the tree at hand adds to */
    uint32_t n_touched, leaf;
    uint32_t n_rounds; /* trees of the file that were taken */
    uint32_t doubled;  /* leaves with two weights for one output */
    /* the tree at hand, once for all outputs */
    RK_VEC(rk_tree_split) splits;
    RK_VEC(uint32_t) leaves; /* nodes */
    RK_VEC(step) stack;
    RK_VEC(double) values;
} builder;

#define BAD(b, ...) rk_onnx_bad(&(b)->t->loading, (b)->e->node->at, __VA_ARGS__)

/* ---- thresholds ---- */

static bool narrows(const builder *b, uint32_t column)
{
    const rk_onnx_trees *const t = b->t;
    return !b->e->in_double || (t->open ? t->open_narrows : t->columns.items[column].narrows);
}

/* x < v or x <= v as the columns are taken, as the least double that does not fulfil it. What no x
 * fulfils is -inf, what all do NaN. */
static double threshold(const builder *b, uint32_t column, double v, bool or_equal)
{
    if (v != v || (v == -(double)INFINITY && !or_equal))
        return -(double)INFINITY;
    if (v == (double)INFINITY && or_equal)
        return (double)NAN;
    const double least = or_equal ? rk_forest_above(v) : v;
    if (!narrows(b, column))
        return least;
    const float near = (float)least;
    return rk_forest_narrowed((double)near < least ? nextafterf(near, INFINITY) : near);
}

static uint32_t input_of(const builder *b, uint32_t column)
{
    const rk_onnx_trees *const t = b->t;
    return t->open ? column : t->columns.items[column].input;
}

/* ---- which columns have categories ---- */

enum { SOME_WORDS = 1 << 10 };

static bool is_category(double v) { return v >= 0 && v < 0x1p24 && v == floor(v); }

static uint64_t words_of(double v) { return (uint64_t)v / 32 + 1; }

/* Words of the set that a node asks for; 0: it does not ask for categories. */
static uint64_t cost_of(const rk_onnx_ensemble *e, const rk_onnx_tree_node *node)
{
    if (node->mode == RK_ONNX_EQ || node->mode == RK_ONNX_NEQ)
        return node->value != node->value ? 1
               : is_category(node->value) ? words_of(node->value)
                                          : 0;
    if (node->mode != RK_ONNX_MEMBER)
        return 0;
    uint64_t most = 1;
    for (uint32_t i = 0; i < node->n; i++) {
        const double v = e->members[node->first + i];
        if (!is_category(v))
            return 0;
        most = words_of(v) > most ? words_of(v) : most;
    }
    return most;
}

/* A column has categories if nothing else is asked of it, and as long as sets are not larger than
 * the file. Columns that become floats among doubles have none: categories go by one rule. */
static rk_status find_categories(builder *b, uint32_t n_columns)
{
    const rk_onnx_ensemble *const e = b->e;
    b->compared = RK_NEW_ARRAY(&b->t->keep, bool, n_columns);
    b->costs = RK_NEW_ARRAY(&b->t->keep, uint64_t, n_columns);
    if (!b->compared || !b->costs)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < e->n_nodes; i++) {
        const rk_onnx_tree_node *const node = &e->nodes[i];
        if (node->mode == RK_ONNX_LEAF)
            continue;
        const uint64_t cost = cost_of(e, node);
        b->compared[node->feature] |= cost == 0;
        b->costs[node->feature] += cost;
    }
    uint64_t left = SOME_WORDS + b->t->size / sizeof(uint32_t);
    for (uint32_t c = 0; c < n_columns; c++) {
        b->compared[c] |= b->costs[c] > left || narrows(b, c) != !e->in_double;
        left -= b->compared[c] ? 0 : b->costs[c];
    }
    return RK_OK;
}

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* ---- questions ---- */

/* A split of the tree at hand, in the place of a step. */
static rk_status add_split(builder *b, const step *s, const rk_tree_split *split, int32_t *at)
{
    *at = (int32_t)b->splits.len;
    if (s->parent >= 0) {
        rk_tree_split *const parent = &b->splits.items[s->parent];
        *(s->right ? &parent->right : &parent->left) = *at;
    }
    if (b->splits.len >= b->budget)
        return BAD(b, "its trees have more splits than a file of this size may have: nodes are "
                      "shared, or lead round in circles");
    return rk_vec_push(&b->t->keep, &b->splits, *split) ? RK_OK : RK_ENOMEM;
}

static rk_status add_leaf(builder *b, const step *s)
{
    const int32_t at = -1 - (int32_t)b->leaves.len;
    if (s->parent >= 0) {
        rk_tree_split *const parent = &b->splits.items[s->parent];
        *(s->right ? &parent->right : &parent->left) = at;
    }
    return rk_vec_push(&b->t->keep, &b->leaves, s->node) ? RK_OK : RK_ENOMEM;
}

static rk_status push(builder *b, step s)
{
    return rk_vec_push(&b->t->keep, &b->stack, s) ? RK_OK : RK_ENOMEM;
}

/* `less` to the nodes `yes` and `no`; NaN as told. Right is pushed first: left comes next. */
static rk_status ask_less(builder *b, const step *s, uint32_t column, double less, step yes,
                          step no, bool nan_yes)
{
    const bool always = less != less;
    rk_tree_split split = {.threshold = always ? -(double)INFINITY : less,
                           .feature = input_of(b, column),
                           .set = UINT32_MAX,
                           .nan_left = always ? !nan_yes : nan_yes};
    int32_t at;
    RK_TRY(add_split(b, s, &split, &at));
    yes.parent = no.parent = at;
    yes.right = always;
    no.right = !always;
    RK_TRY(push(b, always ? yes : no));
    return push(b, always ? no : yes);
}

/* The rest of "is x one of these?", for a column that is compared: below the first value it is
 * none, and up to it it is that one. */
static rk_status ask_rest(builder *b, const step *s)
{
    const double v = b->values.items[s->first];
    step in = {.node = s->in}, out = {.node = s->out}, rest = *s;
    rest.equal = !s->equal;
    if (!s->equal)
        return ask_less(b, s, s->feature, threshold(b, s->feature, v, false), out, rest,
                        !s->nan_in);
    rest.first++;
    rest.n--;
    if (rest.n == 0)
        rest = out;
    return ask_less(b, s, s->feature, threshold(b, s->feature, v, true), in, rest, s->nan_in);
}

/* The values of a chain of nodes that ask the same column and lead to the same node: sorted, each
 * once, in b->values from s->first on. */
static rk_status gather(builder *b, uint32_t at, step *s)
{
    const rk_onnx_ensemble *const e = b->e;
    const rk_onnx_tree_node *node = &e->nodes[at];
    const bool turned = node->mode == RK_ONNX_NEQ;
    *s = (step){.node = UINT32_MAX, .feature = node->feature, .first = b->values.len};
    s->in = turned ? node->no : node->yes;
    for (uint32_t seen = 0; seen < e->n_nodes; seen++) {
        if (++b->work > 16 * b->budget)
            return BAD(b, "its nodes are shared too often for a file of this size");
        const bool single = node->mode != RK_ONNX_MEMBER;
        for (uint32_t i = 0; i < (single ? 1 : node->n); i++) {
            const double v = single ? node->value : e->members[node->first + i];
            if (v == v && !rk_vec_push(&b->t->keep, &b->values, v))
                return RK_ENOMEM;
        }
        s->nan_in |= !turned && node->missing;
        s->out = turned ? node->yes : node->no;
        node = &e->nodes[s->out];
        if (turned || (node->mode != RK_ONNX_EQ && node->mode != RK_ONNX_MEMBER) ||
            node->feature != s->feature || node->yes != s->in)
            break;
    }
    double *const values = b->values.items + s->first;
    const uint32_t n = b->values.len - s->first;
    if (n)
        qsort(values, n, sizeof *values, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (s->n == 0 || values[s->n - 1] != values[i])
            values[s->n++] = values[i];
    return RK_OK;
}

/* The set of a chain's values, which is made once. */
static uint32_t set_of(builder *b, uint32_t node, const step *s)
{
    rk_forest *const f = b->f;
    if (b->set_of[node] != UINT32_MAX || !b->filling)
        return b->filling ? b->set_of[node] : 0;
    const double *const values = b->values.items + s->first;
    const uint32_t n_words = s->n ? (uint32_t)words_of(values[s->n - 1]) : 1;
    f->sets[f->n_sets] = (rk_split_set){f->n_words, n_words};
    for (uint32_t i = 0; i < s->n; i++)
        f->words[f->n_words + (uint32_t)values[i] / 32] |= UINT32_C(1) << (uint32_t)values[i] % 32;
    f->n_words += n_words;
    return b->set_of[node] = f->n_sets++;
}

static rk_status ask_set(builder *b, const step *s, step *question)
{
    rk_tree_split split = {.feature = input_of(b, question->feature),
                           .set = set_of(b, s->node, question),
                           .in_left = true,
                           .nan_left = question->nan_in};
    int32_t at;
    b->values.len = question->first;
    RK_TRY(add_split(b, s, &split, &at));
    RK_TRY(push(b, (step){.node = question->out, .parent = at, .right = true}));
    return push(b, (step){.node = question->in, .parent = at});
}

static rk_status ask_values(builder *b, const step *s)
{
    step question;
    RK_TRY(gather(b, s->node, &question));
    if (!b->compared[question.feature])
        return ask_set(b, s, &question);
    question.parent = s->parent;
    question.right = s->right;
    if (question.n)
        return ask_rest(b, &question);
    return ask_less(b, s, question.feature, -(double)INFINITY, (step){.node = question.in},
                    (step){.node = question.out}, question.nan_in);
}

static rk_status visit(builder *b, const step *s)
{
    if (s->node == UINT32_MAX)
        return ask_rest(b, s);
    const rk_onnx_tree_node *const node = &b->e->nodes[s->node];
    const step yes = {.node = node->yes}, no = {.node = node->no};
    const bool nan = node->missing;
    const uint32_t c = node->feature;
    if (node->mode != RK_ONNX_LEAF && node->value != node->value && node->mode < RK_ONNX_EQ)
        return ask_less(b, s, c, -(double)INFINITY, yes, no, nan);
    switch (node->mode) {
    case RK_ONNX_LEAF:
        return add_leaf(b, s);
    case RK_ONNX_LEQ:
    case RK_ONNX_LT:
        return ask_less(b, s, c, threshold(b, c, node->value, node->mode == RK_ONNX_LEQ), yes, no,
                        nan);
    case RK_ONNX_GTE:
    case RK_ONNX_GT:
        return ask_less(b, s, c, threshold(b, c, node->value, node->mode == RK_ONNX_GT), no, yes,
                        !nan);
    default:
        return ask_values(b, s);
    }
}

static rk_status build(builder *b, uint32_t root)
{
    b->splits.len = b->leaves.len = b->stack.len = b->values.len = 0;
    RK_TRY(push(b, (step){.node = root, .parent = -1}));
    while (b->stack.len) {
        const step s = b->stack.items[--b->stack.len];
        RK_TRY(visit(b, &s));
    }
    return RK_OK;
}

/* ---- leaves and outputs ---- */

/* The weights of a leaf that count. With one target it is the first one alone. */
static uint32_t weights_of(const builder *b, uint32_t node, const rk_onnx_weight **out)
{
    const rk_onnx_tree_node *const leaf = &b->e->nodes[node];
    *out = b->e->weights + leaf->first;
    return b->e->n_targets == 1 && leaf->n ? 1 : leaf->n;
}

static void touch_leaf(builder *b, uint32_t node)
{
    const rk_onnx_weight *weights;
    const uint32_t n = weights_of(b, node, &weights);
    b->leaf++;
    for (uint32_t i = 0; i < n; i++) {
        tally *const target = &b->targets[weights[i].target];
        if (b->only != UINT32_MAX && b->only != weights[i].target)
            continue;
        b->doubled += target->leaf == b->leaf;
        target->leaf = b->leaf;
        if (target->leaves++ == 0)
            b->touched[b->n_touched++] = weights[i].target;
    }
}

/* To which outputs the tree at hand adds; kept are those of which not enough trees were taken. */
static void touch(builder *b)
{
    const uint32_t most = b->t->loading.spec->options.most_trees;
    uint32_t kept = 0;
    b->n_touched = 0;
    for (uint32_t i = 0; i < b->leaves.len; i++)
        touch_leaf(b, b->leaves.items[i]);
    for (uint32_t i = 0; i < b->n_touched; i++) {
        tally *const target = &b->targets[b->touched[i]];
        target->ever = true;
        target->always |= target->leaves >= b->leaves.len;
        target->leaves = 0;
        if (most && target->taken >= most)
            continue;
        target->taken++;
        b->touched[kept++] = b->touched[i];
    }
    b->n_touched = kept;
}

static void add_trees(builder *b)
{
    rk_forest *const f = b->f;
    const uint32_t n_splits = b->splits.len, n_leaves = b->leaves.len;
    for (uint32_t k = 0; k < b->n_touched; k++) {
        const uint32_t target = b->touched[k];
        b->targets[target].place = f->n_leaves;
        f->trees[f->n_trees++] = (rk_tree){.first_split = f->n_splits,
                                           .n_splits = n_splits,
                                           .first_leaf = f->n_leaves,
                                           .n_leaves = n_leaves,
                                           .output = b->only == UINT32_MAX ? target : 0};
        if (n_splits)
            memcpy(f->splits + f->n_splits, b->splits.items, n_splits * sizeof *f->splits);
        for (uint32_t i = 0; i < n_leaves; i++)
            f->leaf_numbers[f->n_leaves + i] = b->e->nodes[b->leaves.items[i]].number;
        f->n_splits += n_splits;
        f->n_leaves += n_leaves;
    }
    for (uint32_t i = 0; i < n_leaves; i++) {
        const rk_onnx_weight *weights;
        const uint32_t n = weights_of(b, b->leaves.items[i], &weights);
        for (uint32_t j = 0; j < n; j++) {
            const uint32_t place = b->targets[weights[j].target].place;
            if (place != UINT32_MAX)
                f->leaves[place + i] = weights[j].value;
        }
    }
    for (uint32_t k = 0; k < b->n_touched; k++)
        b->targets[b->touched[k]].place = UINT32_MAX;
}

static rk_status run(builder *b, bool filling)
{
    const rk_onnx_ensemble *const e = b->e;
    b->filling = filling;
    b->leaf = b->doubled = 0;
    for (uint32_t i = 0; i < e->n_targets; i++)
        b->targets[i] = (tally){.place = UINT32_MAX};
    for (uint32_t i = 0; i < e->n_roots; i++) {
        RK_TRY(build(b, e->roots[i]));
        if (b->leaf > UINT32_MAX / 2)
            return BAD(b, "it has more than 2,147,483,647 leaves");
        touch(b);
        b->n_rounds += filling && (b->n_touched || !b->t->loading.spec->options.most_trees);
        if (filling) {
            add_trees(b);
            continue;
        }
        b->n_trees += b->n_touched;
        b->n_splits += (uint64_t)b->n_touched * b->splits.len;
        b->n_leaves += (uint64_t)b->n_touched * b->leaves.len;
        if (b->n_splits > b->budget)
            return BAD(b, "its trees have more splits than a file of this size may have, one "
                          "for each output");
    }
    return RK_OK;
}

/* ---- the forest ---- */

static rk_status prepare(builder *b, uint32_t n_columns)
{
    rk_arena *const keep = &b->t->keep;
    const rk_onnx_ensemble *const e = b->e;
    b->budget = 1000 + (uint64_t)b->t->size;
    b->set_of = rk_arena_alloc_column(keep, e->n_nodes + 1u, sizeof *b->set_of);
    b->targets = RK_NEW_ARRAY(keep, tally, e->n_targets);
    b->touched = rk_arena_alloc_column(keep, e->n_targets, sizeof *b->touched);
    if (!b->set_of || !b->targets || !b->touched)
        return RK_ENOMEM;
    memset(b->set_of, 0xff, (e->n_nodes + 1u) * sizeof *b->set_of);
    return find_categories(b, n_columns);
}

static rk_status allocate(const builder *b, uint32_t n_columns)
{
    rk_forest *const f = b->f;
    rk_arena *const arena = b->t->arena;
    uint64_t n_words = 0, n_sets = 0;
    for (uint32_t c = 0; c < n_columns; c++)
        n_words += b->compared[c] ? 0 : b->costs[c];
    for (uint32_t i = 0; i < b->e->n_nodes; i++)
        n_sets += b->e->nodes[i].mode != RK_ONNX_LEAF && !b->compared[b->e->nodes[i].feature];
    if (b->n_leaves > INT32_MAX || b->n_trees > INT32_MAX || n_words > INT32_MAX)
        return BAD(b, "it has more than 2,147,483,647 leaves");
    f->trees = RK_NEW_ARRAY(arena, rk_tree, b->n_trees);
    f->splits = rk_arena_alloc_column(arena, b->n_splits + 1, sizeof *f->splits);
    f->leaves = RK_NEW_ARRAY(arena, double, b->n_leaves);
    f->leaf_numbers = rk_arena_alloc_column(arena, b->n_leaves + 1, sizeof *f->leaf_numbers);
    f->sets = RK_NEW_ARRAY(arena, rk_split_set, n_sets);
    f->words = RK_NEW_ARRAY(arena, uint32_t, n_words);
    const bool fine = f->trees && f->splits && f->leaves && f->leaf_numbers && f->sets && f->words;
    return fine ? RK_OK : RK_ENOMEM;
}

/* Sums begin at 0, the base is added last. ONNX Runtime gives 0 for an output of several that no
 * leaf added to, also where it has a base. Of classes only two may be without. */
static rk_status make_base(const builder *b)
{
    const rk_onnx_plan *const plan = &b->t->plan;
    rk_forest *const f = b->f;
    f->base = RK_NEW_ARRAY(b->t->arena, double, plan->n_outputs);
    double *const biases = RK_NEW_ARRAY(b->t->arena, double, plan->n_outputs);
    if (!f->base || !biases)
        return RK_ENOMEM;
    const bool may_lack = !b->e->classifier && plan->n_outputs > 1;
    for (uint32_t k = 0; plan->base && k < plan->n_outputs; k++)
        biases[k] = may_lack && !b->targets[k].ever ? 0 : plan->base[k];
    f->biases = plan->base ? biases : NULL;
    return RK_OK;
}

/* What depends on which leaf a row comes to. */
static void find_lacks(builder *b)
{
    const rk_onnx_plan *const plan = &b->t->plan;
    uint32_t n = 0;
    if (b->doubled)
        rk_model_lacks(&b->t->loading, "leaves that add to one output twice (%u)", b->doubled);
    if (plan->needs_second && !b->targets[1].always)
        rk_model_lacks(&b->t->loading, "two classes of which leaves name one or the other");
    if (b->e->classifier || plan->n_outputs == 1 || !plan->base)
        return;
    for (uint32_t k = 0; k < plan->n_outputs; k++)
        n += b->targets[k].ever && !b->targets[k].always && plan->base[k] != 0;
    if (n)
        rk_model_lacks(&b->t->loading, "base values of outputs that some leaves do not name (%u)",
                       n);
}

static rk_status fill(builder *b, uint32_t n_columns)
{
    RK_TRY(prepare(b, n_columns));
    RK_TRY(run(b, false));
    find_lacks(b);
    RK_TRY(rk_model_supported(&b->t->loading));
    RK_TRY(allocate(b, n_columns));
    RK_TRY(make_base(b));
    return run(b, true);
}

rk_status rk_onnx_make_forest(rk_onnx_trees *t, uint32_t n_columns, rk_model *out)
{
    const rk_onnx_ensemble *const e = &t->ensemble;
    rk_forest *const f = RK_NEW(t->arena, rk_forest);
    if (!f)
        return RK_ENOMEM;
    *f = (rk_forest){.n_outputs = t->plan.n_outputs,
                     .in_float = !e->in_double,
                     .rounds = e->in_double && out->kind == RK_KIND_FLOAT,
                     .narrows = !e->in_double,
                     .whole = true,
                     .divisor = 1,
                     .scale = 1};
    builder b = {.t = t, .e = e, .f = f, .only = t->plan.only};
    RK_TRY(fill(&b, n_columns));
    if (e->average && b.n_rounds)
        f->divisor = b.n_rounds;
    out->shape = RK_MODEL_FOREST;
    out->as.forest = f;
    return RK_OK;
}
