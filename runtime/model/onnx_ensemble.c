/* The attributes of a tree ensemble. Up to version 3 of ai.onnx.ml they are lists, an item for each
 * node of any tree, and the weights of leaves name tree and node; numbers may come as tensors,
 * which then can be double. Version 5 has leaves apart from nodes, and trees begin at `tree_roots`.
 */
#include "runtime/model/onnx_columns.h"

#define BAD(t, ...) rk_onnx_bad(&(t)->loading, (t)->ensemble.node->at, __VA_ARGS__)

/* A claimed count is believed up to these, or in proportion to the file. */
enum { SOME_TARGETS = 1 << 10 };

/* ---- attributes ---- */

typedef struct ints {
    const int64_t *items;
    uint32_t n;
} ints;

static rk_status wrong_type(const rk_onnx_trees *t, const char *name)
{
    return BAD(t, "attribute `%s` has another type than it should", name);
}

static rk_status get_ints(const rk_onnx_trees *t, const char *name, ints *out)
{
    const rk_onnx_attribute *const a = rk_onnx_attribute_find(t->ensemble.node, name);
    *out = (ints){NULL, 0};
    if (!a)
        return RK_OK;
    if (a->type != RK_ONNX_ATTRIBUTE_INTS)
        return wrong_type(t, name);
    *out = (ints){a->as.ints, a->n};
    return RK_OK;
}

static rk_status get_int(const rk_onnx_trees *t, const char *name, int64_t otherwise, int64_t *out)
{
    const rk_onnx_attribute *const a = rk_onnx_attribute_find(t->ensemble.node, name);
    *out = otherwise;
    if (!a)
        return RK_OK;
    if (a->type != RK_ONNX_ATTRIBUTE_INT)
        return wrong_type(t, name);
    *out = a->as.i;
    return RK_OK;
}

static rk_status get_text(const rk_onnx_trees *t, const char *name, const char *otherwise,
                          rk_str *out)
{
    const rk_onnx_attribute *const a = rk_onnx_attribute_find(t->ensemble.node, name);
    *out = rk_str_from(otherwise);
    if (!a)
        return RK_OK;
    if (a->type != RK_ONNX_ATTRIBUTE_STRING)
        return wrong_type(t, name);
    *out = a->as.s;
    return RK_OK;
}

typedef struct numbers {
    const rk_onnx_attribute *from; /* NULL: none */
    uint32_t n;
} numbers;

/* Floats of attribute `name`, or a tensor: in the same attribute, or one called `name`_as_tensor.
 */
static rk_status get_numbers(const rk_onnx_trees *t, const char *name, const char *as_tensor,
                             numbers *out)
{
    const rk_onnx_attribute *const list =
        name ? rk_onnx_attribute_find(t->ensemble.node, name) : NULL;
    const rk_onnx_attribute *const tensor = rk_onnx_attribute_find(t->ensemble.node, as_tensor);
    *out = (numbers){NULL, 0};
    if (list && list->type != RK_ONNX_ATTRIBUTE_FLOATS)
        return wrong_type(t, name);
    if (tensor && tensor->type != RK_ONNX_ATTRIBUTE_TENSOR)
        return wrong_type(t, as_tensor);
    if (list && list->n && tensor && tensor->as.t->n)
        return BAD(t, "`%s` and `%s` are both there", name, as_tensor);
    if (list && list->n)
        *out = (numbers){list, list->n};
    if (!tensor || tensor->as.t->n == 0)
        return RK_OK;
    double value;
    if (tensor->as.t->n > UINT32_MAX || !rk_onnx_get_number(tensor->as.t, 0, &value))
        return wrong_type(t, as_tensor);
    *out = (numbers){tensor, (uint32_t)tensor->as.t->n};
    return RK_OK;
}

/* As the ensemble's type. */
static double number_at(const rk_onnx_trees *t, const numbers *from, uint32_t i)
{
    double value = 0;
    if (from->from->type == RK_ONNX_ATTRIBUTE_FLOATS)
        value = (double)from->from->as.floats[i];
    else
        (void)rk_onnx_get_number(from->from->as.t, i, &value); /* its type was looked at */
    return t->ensemble.in_double ? value : (double)(float)value;
}

static rk_status check_len(const rk_onnx_trees *t, const char *name, uint64_t n, uint64_t wanted)
{
    return n == wanted ? RK_OK
                       : BAD(t, "`%s` has %llu items, not %llu", name, (unsigned long long)n,
                             (unsigned long long)wanted);
}

/* ---- what all versions have ---- */

static const char *const posts[RK_ONNX_POST_COUNT] = {"NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO",
                                                      "PROBIT"};

static void set_post(rk_onnx_trees *t, rk_str name)
{
    t->ensemble.post = RK_ONNX_POST_COUNT;
    for (uint8_t i = 0; i < RK_ONNX_POST_COUNT; i++)
        if (rk_str_eq(name, rk_str_from(posts[i])))
            t->ensemble.post = i;
    if (t->ensemble.post >= RK_ONNX_POST_PROBIT)
        rk_model_lacks(&t->loading, "post_transform %.*s", RK_STR_ARG(name));
}

static void set_aggregate(rk_onnx_trees *t, rk_str name)
{
    t->ensemble.average = rk_str_eq(name, RK_STR("AVERAGE"));
    if (!t->ensemble.average && !rk_str_eq(name, RK_STR("SUM")))
        rk_model_lacks(&t->loading, "aggregate_function %.*s", RK_STR_ARG(name));
}

static rk_status set_targets(rk_onnx_trees *t, int64_t n)
{
    if (n < 1)
        return BAD(t, "it has %lld outputs", (long long)n);
    if ((uint64_t)n > SOME_TARGETS + (uint64_t)t->size / 8)
        return BAD(t, "it claims %lld outputs, too many for a file of this size", (long long)n);
    t->ensemble.n_targets = (uint32_t)n;
    return RK_OK;
}

static rk_status check_feature(const rk_onnx_trees *t, int64_t feature)
{
    if (t->open && (uint64_t)feature >= rk_onnx_most_columns(t))
        return BAD(t, "it asks for column %lld, too many for a file of this size",
                   (long long)feature);
    if (feature < 0 || feature >= INT32_MAX || (!t->open && feature >= t->columns.len))
        return BAD(t, "it asks for column %lld of %u", (long long)feature, t->columns.len);
    return RK_OK;
}

/* ---- up to version 3 ---- */

typedef struct lists {
    ints trees, ids, features, yes, no, missing; /* of nodes */
    const rk_onnx_attribute *modes;
    numbers values;
    ints weight_trees, weight_ids, weight_targets;
    numbers weights;
    rk_intmap map; /* tree and id to node */
} lists;

static rk_status get_node_lists(const rk_onnx_trees *t, lists *l)
{
    RK_TRY(get_ints(t, "nodes_treeids", &l->trees));
    RK_TRY(get_ints(t, "nodes_nodeids", &l->ids));
    RK_TRY(get_ints(t, "nodes_featureids", &l->features));
    RK_TRY(get_ints(t, "nodes_truenodeids", &l->yes));
    RK_TRY(get_ints(t, "nodes_falsenodeids", &l->no));
    RK_TRY(get_ints(t, "nodes_missing_value_tracks_true", &l->missing));
    RK_TRY(get_numbers(t, "nodes_values", "nodes_values_as_tensor", &l->values));
    l->modes = rk_onnx_attribute_find(t->ensemble.node, "nodes_modes");
    if (l->modes && l->modes->type != RK_ONNX_ATTRIBUTE_STRINGS)
        return wrong_type(t, "nodes_modes");
    const uint32_t n = l->trees.n;
    RK_TRY(check_len(t, "nodes_nodeids", l->ids.n, n));
    RK_TRY(check_len(t, "nodes_featureids", l->features.n, n));
    RK_TRY(check_len(t, "nodes_truenodeids", l->yes.n, n));
    RK_TRY(check_len(t, "nodes_falsenodeids", l->no.n, n));
    RK_TRY(check_len(t, "nodes_values", l->values.n, n));
    return check_len(t, "nodes_modes", l->modes ? l->modes->n : 0, n);
}

static rk_status get_weight_lists(const rk_onnx_trees *t, lists *l)
{
    const bool c = t->ensemble.classifier;
    RK_TRY(get_ints(t, c ? "class_treeids" : "target_treeids", &l->weight_trees));
    RK_TRY(get_ints(t, c ? "class_nodeids" : "target_nodeids", &l->weight_ids));
    RK_TRY(get_ints(t, c ? "class_ids" : "target_ids", &l->weight_targets));
    RK_TRY(get_numbers(t, c ? "class_weights" : "target_weights",
                       c ? "class_weights_as_tensor" : "target_weights_as_tensor", &l->weights));
    const uint32_t n = l->weight_trees.n;
    RK_TRY(check_len(t, c ? "class_nodeids" : "target_nodeids", l->weight_ids.n, n));
    RK_TRY(check_len(t, c ? "class_ids" : "target_ids", l->weight_targets.n, n));
    return check_len(t, c ? "class_weights" : "target_weights", l->weights.n, n);
}

static bool is_id(int64_t id) { return id >= 0 && id <= INT32_MAX; }

static int64_t key_of(int64_t tree, int64_t id) { return tree << 32 | id; }

static rk_status map_nodes(rk_onnx_trees *t, lists *l)
{
    if (!rk_intmap_reserve(&t->keep, &l->map, l->trees.n))
        return RK_ENOMEM;
    for (uint32_t i = 0; i < l->trees.n; i++) {
        const int64_t tree = l->trees.items[i], id = l->ids.items[i];
        uint32_t found;
        if (!is_id(tree) || !is_id(id))
            return BAD(t, "a node is %lld of tree %lld", (long long)id, (long long)tree);
        if (rk_intmap_add(&t->keep, &l->map, key_of(tree, id), i, &found))
            continue;
        if (found == RK_MAP_NONE)
            return RK_ENOMEM;
        return BAD(t, "tree %lld has two nodes %lld", (long long)tree, (long long)id);
    }
    return RK_OK;
}

static rk_status find_node(const rk_onnx_trees *t, const lists *l, int64_t tree, int64_t id,
                           uint32_t *out)
{
    *out = is_id(tree) && is_id(id) ? rk_intmap_find(&l->map, key_of(tree, id)) : RK_MAP_NONE;
    return *out != RK_MAP_NONE
               ? RK_OK
               : BAD(t, "tree %lld has no node %lld", (long long)tree, (long long)id);
}

static rk_status mode_of(const rk_onnx_trees *t, rk_str name, uint8_t *out)
{
    static const char *const modes[] = {
        [RK_ONNX_LEQ] = "BRANCH_LEQ", [RK_ONNX_LT] = "BRANCH_LT", [RK_ONNX_GTE] = "BRANCH_GTE",
        [RK_ONNX_GT] = "BRANCH_GT",   [RK_ONNX_EQ] = "BRANCH_EQ", [RK_ONNX_NEQ] = "BRANCH_NEQ",
        [RK_ONNX_MEMBER] = NULL,      [RK_ONNX_LEAF] = "LEAF",
    };
    for (uint8_t i = 0; i < RK_ARRAY_LEN(modes); i++)
        if (modes[i] && rk_str_eq(name, rk_str_from(modes[i]))) {
            *out = i;
            return RK_OK;
        }
    return BAD(t, "a node has mode `%.*s`, which is unknown", RK_STR_ARG(name));
}

static rk_status make_node(rk_onnx_trees *t, const lists *l, uint32_t i)
{
    rk_onnx_tree_node *const node = &t->ensemble.nodes[i];
    RK_TRY(mode_of(t, l->modes->as.strings[i], &node->mode));
    node->number = (uint32_t)l->ids.items[i];
    if (node->mode == RK_ONNX_LEAF)
        return RK_OK;
    RK_TRY(check_feature(t, l->features.items[i]));
    node->feature = (uint32_t)l->features.items[i];
    node->value = number_at(t, &l->values, i);
    node->missing = i < l->missing.n && l->missing.items[i] == 1;
    t->ensemble.missing |= node->missing;
    RK_TRY(find_node(t, l, l->trees.items[i], l->yes.items[i], &node->yes));
    return find_node(t, l, l->trees.items[i], l->no.items[i], &node->no);
}

/* Weights stand by leaf, those of one in the order of the file. Weights of other nodes do not
 * count: old converters wrote some. */
static rk_status make_weights(rk_onnx_trees *t, const lists *l)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    const uint32_t n = l->weight_trees.n;
    uint32_t *const at = rk_arena_alloc_column(&t->keep, n + 1u, sizeof *at);
    e->weights = RK_NEW_ARRAY(&t->keep, rk_onnx_weight, n);
    if (!at || !e->weights)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const int64_t target = l->weight_targets.items[i];
        RK_TRY(find_node(t, l, l->weight_trees.items[i], l->weight_ids.items[i], &at[i]));
        if (target < 0 || target >= e->n_targets)
            return BAD(t, "a leaf adds to output %lld of %u", (long long)target, e->n_targets);
        e->nodes[at[i]].n += e->nodes[at[i]].mode == RK_ONNX_LEAF;
    }
    for (uint32_t i = 0; i < e->n_nodes; i++) {
        if (e->nodes[i].mode != RK_ONNX_LEAF)
            continue;
        e->nodes[i].first = e->n_weights;
        e->n_weights += e->nodes[i].n;
        e->nodes[i].n = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        rk_onnx_tree_node *const leaf = &e->nodes[at[i]];
        if (leaf->mode == RK_ONNX_LEAF)
            e->weights[leaf->first + leaf->n++] = (rk_onnx_weight){
                (uint32_t)l->weight_targets.items[i], number_at(t, &l->weights, i)};
    }
    return RK_OK;
}

/* A tree begins wherever the number of the tree changes, at that node. */
static rk_status make_roots(rk_onnx_trees *t, const lists *l)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    e->roots = RK_NEW_ARRAY(&t->keep, uint32_t, l->trees.n);
    if (!e->roots)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < l->trees.n; i++)
        if (i == 0 || l->trees.items[i] != l->trees.items[i - 1])
            e->roots[e->n_roots++] = i;
    return RK_OK;
}

static rk_status read_base(rk_onnx_trees *t)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    numbers base;
    RK_TRY(get_numbers(t, "base_values", "base_values_as_tensor", &base));
    const bool binary = e->classifier && e->n_targets <= 2;
    if (binary ? base.n > 2 : base.n != 0 && base.n != e->n_targets)
        return BAD(t, "it has %u base values for %u outputs", base.n, e->n_targets);
    e->n_base = base.n;
    e->base = RK_NEW_ARRAY(&t->keep, double, base.n);
    if (!e->base)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < base.n; i++)
        e->base[i] = number_at(t, &base, i);
    return RK_OK;
}

static rk_status count_classes(const rk_onnx_trees *t, int64_t *n)
{
    const rk_onnx_attribute *const texts =
        rk_onnx_attribute_find(t->ensemble.node, "classlabels_strings");
    ints labels;
    RK_TRY(get_ints(t, "classlabels_int64s", &labels));
    if (texts && texts->type != RK_ONNX_ATTRIBUTE_STRINGS)
        return wrong_type(t, "classlabels_strings");
    *n = texts && texts->n ? texts->n : labels.n;
    return RK_OK;
}

static rk_status read_lists(rk_onnx_trees *t)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    lists l = {0};
    rk_str word;
    int64_t n;
    RK_TRY(get_text(t, "post_transform", "NONE", &word));
    set_post(t, word);
    RK_TRY(get_text(t, "aggregate_function", "SUM", &word));
    set_aggregate(t, e->classifier ? RK_STR("SUM") : word);
    RK_TRY(e->classifier ? count_classes(t, &n) : get_int(t, "n_targets", 0, &n));
    RK_TRY(set_targets(t, n));
    RK_TRY(read_base(t));
    RK_TRY(get_node_lists(t, &l));
    RK_TRY(get_weight_lists(t, &l));
    RK_TRY(map_nodes(t, &l));
    e->n_nodes = l.trees.n;
    e->nodes = RK_NEW_ARRAY(&t->keep, rk_onnx_tree_node, e->n_nodes);
    if (!e->nodes)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < e->n_nodes; i++)
        RK_TRY(make_node(t, &l, i));
    RK_TRY(make_weights(t, &l));
    return make_roots(t, &l);
}

/* ---- version 5 ---- */

typedef struct tensors {
    ints features, yes, no, yes_leaf, no_leaf, missing, roots, targets;
    const rk_onnx_tensor *modes;
    numbers splits, weights, members;
    uint32_t member; /* the next one */
} tensors;

static rk_status get_tensors(const rk_onnx_trees *t, tensors *v)
{
    RK_TRY(get_ints(t, "nodes_featureids", &v->features));
    RK_TRY(get_ints(t, "nodes_truenodeids", &v->yes));
    RK_TRY(get_ints(t, "nodes_falsenodeids", &v->no));
    RK_TRY(get_ints(t, "nodes_trueleafs", &v->yes_leaf));
    RK_TRY(get_ints(t, "nodes_falseleafs", &v->no_leaf));
    RK_TRY(get_ints(t, "nodes_missing_value_tracks_true", &v->missing));
    RK_TRY(get_ints(t, "tree_roots", &v->roots));
    RK_TRY(get_ints(t, "leaf_targetids", &v->targets));
    RK_TRY(get_numbers(t, NULL, "nodes_splits", &v->splits));
    RK_TRY(get_numbers(t, NULL, "leaf_weights", &v->weights));
    RK_TRY(get_numbers(t, NULL, "membership_values", &v->members));
    const rk_onnx_attribute *const modes = rk_onnx_attribute_find(t->ensemble.node, "nodes_modes");
    if (!modes || modes->type != RK_ONNX_ATTRIBUTE_TENSOR || modes->as.t->type != RK_ONNX_UINT8 ||
        !modes->as.t->data)
        return wrong_type(t, "nodes_modes");
    v->modes = modes->as.t;
    const uint32_t n = v->features.n;
    RK_TRY(check_len(t, "nodes_truenodeids", v->yes.n, n));
    RK_TRY(check_len(t, "nodes_falsenodeids", v->no.n, n));
    RK_TRY(check_len(t, "nodes_trueleafs", v->yes_leaf.n, n));
    RK_TRY(check_len(t, "nodes_falseleafs", v->no_leaf.n, n));
    RK_TRY(check_len(t, "nodes_modes", v->modes->n, n));
    RK_TRY(check_len(t, "nodes_splits", v->splits.n, n));
    return check_len(t, "leaf_weights", v->weights.n, v->targets.n);
}

/* A node, or behind all nodes a leaf. */
static rk_status link_of(const rk_onnx_trees *t, const tensors *v, int64_t to, bool leaf,
                         uint32_t *out)
{
    const uint32_t n = leaf ? v->targets.n : v->features.n;
    if (to < 0 || to >= n)
        return BAD(t, "a node leads to %s %lld of %u", leaf ? "leaf" : "node", (long long)to, n);
    *out = (uint32_t)to + (leaf ? v->features.n : 0);
    return RK_OK;
}

/* The values of MEMBER nodes follow one another, with a NaN behind each node's. */
static rk_status take_members(rk_onnx_trees *t, tensors *v, rk_onnx_tree_node *node)
{
    node->first = v->member;
    while (v->member < v->members.n &&
           t->ensemble.members[v->member] == t->ensemble.members[v->member])
        v->member++;
    node->n = v->member - node->first;
    v->member += v->member < v->members.n;
    return node->n ? RK_OK : BAD(t, "a node asks for membership of nothing");
}

static rk_status make_inner(rk_onnx_trees *t, tensors *v, uint32_t i)
{
    rk_onnx_tree_node *const node = &t->ensemble.nodes[i];
    const unsigned char mode = (unsigned char)v->modes->data[i];
    if (mode > RK_ONNX_MEMBER)
        return BAD(t, "a node has mode %u, which is unknown", mode);
    RK_TRY(check_feature(t, v->features.items[i]));
    node->mode = mode;
    node->feature = (uint32_t)v->features.items[i];
    node->value = number_at(t, &v->splits, i);
    node->missing = i < v->missing.n && v->missing.items[i] == 1;
    t->ensemble.missing |= node->missing;
    if (mode == RK_ONNX_MEMBER)
        RK_TRY(take_members(t, v, node));
    RK_TRY(link_of(t, v, v->yes.items[i], v->yes_leaf.items[i] != 0, &node->yes));
    return link_of(t, v, v->no.items[i], v->no_leaf.items[i] != 0, &node->no);
}

static rk_status make_leaves(rk_onnx_trees *t, const tensors *v)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    e->weights = RK_NEW_ARRAY(&t->keep, rk_onnx_weight, v->targets.n);
    if (!e->weights)
        return RK_ENOMEM;
    e->n_weights = v->targets.n;
    for (uint32_t i = 0; i < v->targets.n; i++) {
        const int64_t target = v->targets.items[i];
        if (target < 0 || target >= e->n_targets)
            return BAD(t, "leaf %u adds to output %lld of %u", i, (long long)target, e->n_targets);
        e->weights[i] = (rk_onnx_weight){(uint32_t)target, number_at(t, &v->weights, i)};
        e->nodes[v->features.n + i] =
            (rk_onnx_tree_node){.mode = RK_ONNX_LEAF, .first = i, .n = 1, .number = i};
    }
    return RK_OK;
}

/* A root of which both ways lead to one leaf is that leaf. */
static rk_status make_tree_roots(rk_onnx_trees *t, const tensors *v)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    e->roots = RK_NEW_ARRAY(&t->keep, uint32_t, v->roots.n);
    if (!e->roots)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < v->roots.n; i++) {
        uint32_t *const root = &e->roots[e->n_roots++];
        RK_TRY(link_of(t, v, v->roots.items[i], false, root));
        const rk_onnx_tree_node *const node = &e->nodes[*root];
        if (node->yes == node->no && node->yes >= v->features.n)
            *root = node->yes;
    }
    return RK_OK;
}

static rk_status read_members(rk_onnx_trees *t, const tensors *v)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    e->n_members = v->members.n;
    e->members = rk_arena_alloc_column(&t->keep, v->members.n + 1u, sizeof *e->members);
    if (!e->members)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < v->members.n; i++)
        e->members[i] = number_at(t, &v->members, i);
    return RK_OK;
}

static rk_status read_tensors(rk_onnx_trees *t)
{
    static const char *const aggregates[] = {"AVERAGE", "SUM", "MIN", "MAX"};
    rk_onnx_ensemble *const e = &t->ensemble;
    tensors v = {0};
    int64_t n, aggregate, post;
    RK_TRY(get_int(t, "n_targets", 0, &n));
    RK_TRY(set_targets(t, n));
    RK_TRY(get_int(t, "aggregate_function", 1, &aggregate));
    RK_TRY(get_int(t, "post_transform", 0, &post));
    if (aggregate < 0 || aggregate > 3 || post < 0 || post >= RK_ONNX_POST_COUNT)
        return BAD(t, "aggregate_function %lld or post_transform %lld is unknown",
                   (long long)aggregate, (long long)post);
    set_aggregate(t, rk_str_from(aggregates[aggregate]));
    set_post(t, rk_str_from(posts[post]));
    RK_TRY(get_tensors(t, &v));
    if (v.features.n > UINT32_MAX / 2 || v.targets.n > UINT32_MAX / 2)
        return BAD(t, "it has more than 2,147,483,647 nodes");
    e->n_nodes = v.features.n + v.targets.n;
    e->nodes = RK_NEW_ARRAY(&t->keep, rk_onnx_tree_node, e->n_nodes);
    if (!e->nodes)
        return RK_ENOMEM;
    RK_TRY(read_members(t, &v));
    for (uint32_t i = 0; i < v.features.n; i++)
        RK_TRY(make_inner(t, &v, i));
    RK_TRY(make_leaves(t, &v));
    return make_tree_roots(t, &v);
}

rk_status rk_onnx_read_ensemble(rk_onnx_trees *t, uint32_t type)
{
    rk_onnx_ensemble *const e = &t->ensemble;
    const bool five = rk_str_eq(e->node->op, RK_STR("TreeEnsemble"));
    e->classifier = rk_str_eq(e->node->op, RK_STR("TreeEnsembleClassifier"));
    e->in_double = type == RK_ONNX_DOUBLE;
    e->scores_double = five && e->in_double;
    return five ? read_tensors(t) : read_lists(t);
}
