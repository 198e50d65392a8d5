/* Random models and calls of them. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "tests/programs/programs.h"

/* clang-format off */
static const objective objectives[] = {
    {LIGHTGBM, "regression", LINK_NONE, 1, false}, {LIGHTGBM, "lambdarank", LINK_NONE, 1, false},
    {LIGHTGBM, "regression sqrt", LINK_SQUARE, 1, false}, {LIGHTGBM, "binary sigmoid:1", LINK_SIGMOID, 1, false},
    {LIGHTGBM, "binary sigmoid:0.7", LINK_SIGMOID, 0.7, false}, {LIGHTGBM, "poisson", LINK_EXP, 1, false},
    {LIGHTGBM, "cross_entropy_lambda", LINK_LOG1P, 1, false}, {LIGHTGBM, "custom", LINK_NONE, 1, true},
    {LIGHTGBM, "multiclass", LINK_SOFTMAX, 1, true}, {LIGHTGBM, "multiclassova", LINK_SIGMOID, 1, true},
    {XGBOOST, "reg:squarederror", LINK_NONE, 1, false}, {XGBOOST, "rank:ndcg", LINK_NONE, 1, false},
    {XGBOOST, "binary:logistic", LINK_SIGMOID, 1, false}, {XGBOOST, "binary:hinge", LINK_STEP, 1, false},
    {XGBOOST, "count:poisson", LINK_EXP, 1, false}, {XGBOOST, "multi:softprob", LINK_SOFTMAX, 1, true},
    {XGBOOST, "multi:softmax", LINK_CLASS, 1, true},
    {CATBOOST, "RMSE", LINK_NONE, 1, false}, {CATBOOST, "Logloss", LINK_SIGMOID, 1, false},
    {CATBOOST, "Poisson", LINK_EXP, 1, false}, {CATBOOST, "MultiRMSE", LINK_NONE, 1, true},
    {CATBOOST, "MultiClass", LINK_SOFTMAX, 1, true}, {CATBOOST, "MultiClassOneVsAll", LINK_SIGMOID, 1, true},
};

const char *const category_texts[CATEGORIES] = {"red", "a", "nut", "red nuts", "x", ""};
const int category_wholes[CATEGORIES] = {3, -2, 0, 5, 7, 1};
/* As CatBoost 1.2.7 writes them. */
const struct category_hash category_hashes[HASHES] = {
    {"", 797982799}, {"a", -805065478}, {"b", 1982436109}, {"red nuts", 602013637}, {"nut", -1034958671},
    {"12", 1445320840}, {"-7", 1380874953}, {"red", -1242798403}, {"x", -784473192}, {"орех", -1728261477},
    {"-2", 2015104637}, {"0", -1438285038}, {"1", 1121341681}, {"2", -1284790409}, {"3", 593172586},
    {"4", -78686594},
};
/* clang-format on */

/* ---- numbers ---- */

static double gen_cut(gen *g)
{
    static const double odd[] = {0.0,        -0.0,
                                 0.1,        (double)0.1f,
                                 1e-35,      (double)1e-35f,
                                 -1e-35,     1e-45,
                                 -1e-40,     (double)FLT_MIN,
                                 88.7,       -104.0,
                                 1e30,       1e-300,
                                 16777216.0, 0.5,
                                 1.0,        -1.0};
    if (chance(g, 45))
        return ((double)below(g, 13) - 3.0) / 2.0;
    if (chance(g, 30))
        return odd[below(g, RK_ARRAY_LEN(odd))];
    return ((double)(draw(g) >> 11) * 0x1p-53 - 0.3) * (chance(g, 50) ? 1.0 : 20.0);
}

static double gen_leaf_value(gen *g)
{
    static const double odd[] = {0.0, -0.0, 1e-30, 30.0, -90.0, 1e6, 0.1};
    if (chance(g, 6))
        return odd[below(g, RK_ARRAY_LEN(odd))];
    return ((double)(draw(g) >> 11) * 0x1p-53 - 0.5) * (chance(g, 80) ? 1.0 : 8.0);
}

/* ---- inputs ---- */

/* Some are called as what programs have, so that `...` finds them. */
static void name_input(gen *g, model *m, unsigned i)
{
    static const char *const names[] = {"f1", "f2", "d1", "d2", "i1", "i2", "b1", "s1", "s2",
                                        "tg", "tf", "ti", "ob", "x0", "x1", "x2", "x3"};
    const char *name = names[below(g, RK_ARRAY_LEN(names))];
    for (unsigned k = 0; k < i; k++)
        if (strcmp(m->inputs[k].name, name) == 0)
            name = "";
    if (*name && chance(g, 60))
        snprintf(m->inputs[i].name, sizeof m->inputs[i].name, "%s", name);
    else
        snprintf(m->inputs[i].name, sizeof m->inputs[i].name, "z%u", i);
}

static void gen_borders(gen *g, input *in)
{
    const unsigned n = 1 + below(g, BORDERS_MAX);
    for (unsigned i = 0; i < n; i++) {
        const float cut = in->kind == INPUT_HASH ? (float)below(g, HASHES) : (float)gen_cut(g);
        unsigned at = in->n;
        bool there = false;
        for (unsigned k = 0; k < in->n; k++)
            there |= in->borders[k] == cut;
        for (; !there && at > 0 && in->borders[at - 1] > cut; at--)
            in->borders[at] = in->borders[at - 1];
        if (!there) {
            in->borders[at] = cut;
            in->n++;
        }
    }
    for (unsigned i = 0; in->kind == INPUT_HASH && i < in->n; i++)
        in->hashes[i] = (unsigned)in->borders[i];
}

/* A library has names for all categorical inputs, or for none. */
static void gen_inputs(gen *g, model *m)
{
    const bool named = chance(g, 50);
    m->n_inputs = 1 + below(g, INPUTS_MAX);
    m->nameless = m->library == XGBOOST && chance(g, 15);
    for (unsigned i = 0; i < m->n_inputs; i++) {
        input *const in = &m->inputs[i];
        const bool category = chance(g, 30);
        *in = (input){.missing = true, .has_nans = chance(g, 60), .nans = below(g, 3)};
        if (category)
            in->kind = m->library == CATBOOST ? INPUT_HASH
                       : !named               ? INPUT_CODE
                       : chance(g, 60)        ? INPUT_TEXT
                                              : INPUT_WHOLE;
        name_input(g, m, i);
        if (m->library == CATBOOST)
            gen_borders(g, in);
    }
}

/* ---- trees ---- */

static twig gen_split(gen *g, model *m, unsigned ask)
{
    unsigned i = below(g, m->n_inputs);
    while (!(ask >> i & 1))
        i = (i + 1) % m->n_inputs;
    input *const in = &m->inputs[i];
    twig b = {.input = (int)i, .cut = gen_cut(g), .nan_left = chance(g, 50)};
    b.missing = below(g, 3);
    b.which = below(g, in->n);
    b.set = in->kind == INPUT_CODE ? draw(g) >> below(g, 60) : draw(g) % ((1u << CATEGORIES) - 1);
    b.set |= b.set == 0;
    if (m->library == XGBOOST)
        b.cut = (double)(float)b.cut;
    if (in->kind == INPUT_HASH || (m->library == CATBOOST && (!in->has_nans || !in->nans)))
        in->missing = false;
    if (m->library == LIGHTGBM && in->kind == INPUT_NUMBER) {
        if (chance(g, 1))
            b.cut = HUGE_VAL;
        if (chance(g, 70)) /* so that an input may be missing now and then */
            b.missing = in->has_nans ? 1 + b.missing % 2 : MISSING_NONE;
        in->missing &= b.missing != MISSING_NONE;
    }
    return b;
}

static unsigned grow(gen *g, model *m, tree *t, unsigned ask, unsigned depth)
{
    const unsigned at = t->n++;
    if (depth == 0 || chance(g, 15)) {
        t->twigs[at] = (twig){.input = -1, .number = t->n_leaves++};
        return at;
    }
    twig b = gen_split(g, m, ask);
    b.left = grow(g, m, t, ask, depth - 1);
    b.right = grow(g, m, t, ask, depth - 1);
    t->twigs[at] = b;
    return at;
}

/* XGBoost calls leaves by the number of their node, LightGBM in some order or other. */
static void number_leaves(gen *g, const model *m, tree *t)
{
    const unsigned turn = below(g, t->n_leaves);
    for (unsigned i = 0; i < t->n; i++)
        if (t->twigs[i].input < 0 && m->library != CATBOOST)
            t->twigs[i].number =
                m->library == XGBOOST ? i : (t->twigs[i].number + turn) % t->n_leaves;
}

static void gen_tree(gen *g, model *m, tree *t, unsigned ask, unsigned depth)
{
    rk_arena *const arena = &g->p->arena;
    *t = (tree){.twigs = NEW_ARRAY(arena, twig, 2u << depth), .weight = 1};
    if (m->symmetric) {
        for (t->n = 0; t->n < depth; t->n++)
            t->twigs[t->n] = gen_split(g, m, ask);
        t->n_leaves = 1u << depth;
    } else {
        grow(g, m, t, ask, depth);
        number_leaves(g, m, t);
    }
    const unsigned n =
        (t->n > t->n_leaves ? t->n : t->n_leaves) * (m->library == CATBOOST ? m->n_outputs : 1);
    t->values = NEW_ARRAY(arena, double, n);
    for (unsigned i = 0; i < n; i++)
        t->values[i] = m->library == XGBOOST ? (double)(float)gen_leaf_value(g) : gen_leaf_value(g);
    if (m->dart)
        t->weight = (float)below(g, 64) / 48.0f;
}

static void gen_trees(gen *g, model *m)
{
    const unsigned ask = 1u + below(g, (1u << m->n_inputs) - 1);
    const unsigned rounds = 1 + below(g, chance(g, 80) ? 8 : 40);
    const unsigned per_round = m->library == CATBOOST ? 1 : m->n_outputs;
    const unsigned depth = below(g, 5) + chance(g, 15);
    const bool any_output = m->library == XGBOOST && chance(g, 15);
    m->n_trees = rounds * per_round;
    m->trees = NEW_ARRAY(&g->p->arena, tree, m->n_trees);
    for (unsigned t = 0; t < m->n_trees; t++) {
        gen_tree(g, m, &m->trees[t], ask, chance(g, 70) ? depth : below(g, LEVELS_MAX));
        m->trees[t].output = any_output ? below(g, m->n_outputs) : t % m->n_outputs;
    }
}

static void gen_one_model(gen *g, model *m)
{
    *m = (model){.scale = 1};
    m->library = (library)below(g, LIBRARIES);
    do
        m->objective = &objectives[below(g, RK_ARRAY_LEN(objectives))];
    while (m->objective->library != m->library);
    m->n_outputs = !m->objective->several ? 1 : chance(g, 75) ? 3 : chance(g, 50) ? 2 : OUTPUTS_MAX;
    m->average = m->library == LIGHTGBM && chance(g, 15);
    m->dart = m->library == XGBOOST && chance(g, 20);
    m->symmetric = m->library == CATBOOST && chance(g, 60);
    m->base = (float)(1 + below(g, 99)) / 100.0f;
    m->most = chance(g, 20) ? 1 + below(g, 6) : 0;
    if (m->library == CATBOOST && chance(g, 40))
        m->scale = gen_leaf_value(g);
    for (unsigned k = 0; m->library == CATBOOST && k < m->n_outputs; k++)
        m->bias[k] = gen_leaf_value(g);
    gen_inputs(g, m);
    gen_trees(g, m);
    mark_used(m);
}

void gen_models(gen *g)
{
    g->p->n_models = chance(g, 40) ? 1 + below(g, MODELS_MAX) : 0;
    for (unsigned i = 0; i < g->p->n_models; i++)
        gen_one_model(g, &g->p->models[i]);
}

/* ---- calls ---- */

static uint8_t kind_for(gen *g, const input *in)
{
    static const uint8_t kinds[] = {RK_KIND_DOUBLE, RK_KIND_DOUBLE, RK_KIND_FLOAT, RK_KIND_FLOAT,
                                    RK_KIND_INT,    RK_KIND_INT,    RK_KIND_BOOL};
    if (!in->used)
        return any_scalar(g);
    if (in->kind >= INPUT_TEXT && chance(g, in->kind == INPUT_WHOLE ? 15 : 60))
        return RK_KIND_STRING;
    if (in->kind != INPUT_NUMBER && chance(g, 60))
        return RK_KIND_INT;
    return kinds[below(g, RK_ARRAY_LEN(kinds))];
}

static node *new_leaf(gen *g, node_kind kind, unsigned op, unsigned row)
{
    node *const n = new_node(g, kind, op, 0, NULL, NULL, NULL);
    n->row = row;
    return n;
}

/* What the program calls as the input is called, if it fits. */
static node *find_same(gen *g, const input *in)
{
    const program *const p = g->p;
    node *n = NULL;
    for (unsigned i = 0; i < p->n_item; i++)
        if (strcmp(p->item[i].name, in->name) == 0)
            n = new_leaf(g, NODE_ITEM, i, 0);
    for (unsigned k = 0; p->has_sources && k < SOURCES; k++)
        for (unsigned i = 0; i < p->sources[k].n_fields; i++)
            if (strcmp(p->sources[k].fields[i].name, in->name) == 0)
                n = new_leaf(g, NODE_SOURCE, k, i);
    for (unsigned i = 0; i < p->n_factors; i++)
        if (strcmp(p->factors[i].name, in->name) == 0)
            n = new_leaf(g, NODE_FACTOR, i, 0);
    return n && type_node(g->p, n, (rk_type){0}) && input_fits(in, n) && accept(g, n, n->type.kind)
               ? n
               : NULL;
}

static node *gen_input(gen *g, const input *in, bool rest, unsigned depth)
{
    node *const same = rest && chance(g, 70) ? find_same(g, in) : NULL;
    const uint8_t kind = kind_for(g, in);
    if (same)
        return same;
    if (rest && !in->used && in->name[0] == 'z')
        return NULL;
    if (in->missing && chance(g, 3))
        return new_leaf(g, NODE_MISSING, 0, 0);
    if (is_number(kind) && chance(g, 8))
        return gen_literal(g);
    return in->missing ? gen_value(g, kind, depth) : gen_plain(g, kind, depth);
}

/* A call that gives what is wanted, of this model. */
static node *gen_model_call(gen *g, unsigned index, rk_type want, unsigned depth)
{
    const unsigned from = below(g, PARTS);
    const model *const m = &g->p->models[index];
    for (unsigned k = 0; k < PARTS; k++) {
        const unsigned part = (from + k) % PARTS;
        const rk_type type = model_type(m, part);
        if (type.kind != want.kind || type.elem != want.elem || type.dim != want.dim)
            continue;
        node *const n = new_node(g, NODE_MODEL, index, m->n_inputs, NULL, NULL, NULL);
        n->row = part;
        n->asc = !m->nameless && chance(g, 50);
        n->over = (int)(m->nameless || chance(g, 30) ? m->n_inputs : below(g, m->n_inputs + 1));
        for (unsigned i = 0; i < m->n_inputs; i++) {
            const bool rest = n->asc && i >= (unsigned)n->over;
            n->kids[i] = gen_input(g, &m->inputs[i], rest, depth < 2 ? depth : 2);
            if (!n->kids[i] && !(rest && !m->inputs[i].used))
                return NULL;
        }
        return n;
    }
    return NULL;
}

node *gen_model(gen *g, rk_type want, unsigned depth)
{
    node *n = NULL;
    for (unsigned tries = 0; !n && g->p->n_models && tries < 4; tries++)
        n = gen_model_call(g, below(g, g->p->n_models), want, depth);
    return n;
}

node *gen_any_model(gen *g, unsigned depth)
{
    for (unsigned tries = 0; g->p->n_models && tries < 6; tries++) {
        const unsigned index = below(g, g->p->n_models);
        const rk_type want = model_type(&g->p->models[index], below(g, PARTS));
        node *const n = gen_model_call(g, index, want, depth);
        if (n && accept(g, n, want.kind))
            return n;
    }
    return NULL;
}
