/* Random calls: of the library, of folds, of defs; and the defs. */
#include <stdio.h>

#include "tests/programs/programs.h"

/* ---- library ---- */

static node *number_list(gen *g)
{
    node *const list = new_node(g, NODE_LIST, 0, 1 + below(g, 4), NULL, NULL, NULL);
    for (unsigned i = 0; i < list->n; i++)
        list->kids[i] = gen_literal(g);
    return list;
}

static node *digits(gen *g, const char *text)
{
    node *const n = new_node(g, NODE_NUMBER, 0, 0, NULL, NULL, NULL);
    n->text = text;
    return n;
}

static const char *quantile_digits(gen *g)
{
    static const char *const shares[] = {"0", "0.25", "0.5", "0.9", "1", "0.333"};
    return shares[below(g, RK_ARRAY_LEN(shares))];
}

static node *gen_arg(gen *g, char param, unsigned dim, unsigned depth)
{
    const rk_type type = char_type(param);
    if (param == 'q')
        return digits(g, quantile_digits(g));
    if (param == 'a')
        return chance(g, 30) ? gen_literal(g) : gen_value(g, any_scalar(g), depth);
    if (type.kind == RK_KIND_LIST)
        return is_number(type.elem) && chance(g, 10) ? number_list(g)
                                                     : gen_list(g, type.elem, depth);
    if (type.kind == RK_KIND_VECTOR)
        return gen_vector(g, dim, depth);
    return is_number(type.kind) ? gen_number_as(g, type.kind, depth)
                                : gen_value(g, type.kind, depth);
}

static node *call_row(gen *g, unsigned index, const char *params, unsigned depth)
{
    const function *const fn = &functions[index];
    const unsigned least = (unsigned)strlen(params);
    const unsigned dim = chance(g, 60) ? 3 : 20;
    unsigned n = least;
    if (fn->flags & FN_CHAIN)
        n += chance(g, 20);
    if (fn->flags & FN_VARIADIC)
        n = least - 1 + below(g, 3);
    node *const call = new_node(g, NODE_CALL, index, n, NULL, NULL, NULL);
    for (unsigned i = 0; i < n; i++) {
        const char param = params[i < least ? i : least - 1];
        call->kids[i] = i == 1 && strcmp(fn->name, "bucketize") == 0
                            ? number_list(g)
                            : gen_arg(g, param, dim, depth);
        if (!call->kids[i])
            return NULL;
    }
    return call;
}

/* A row that gives this kind; found by trying. */
node *gen_call(gen *g, uint8_t kind, unsigned depth)
{
    char params[16], result;
    bool optional;
    for (unsigned tries = 0; tries < 200; tries++) {
        const unsigned index = below(g, n_functions), row = below(g, 6);
        if (function_row(&functions[index], row, params, &result, &optional) &&
            char_type(result).kind == kind)
            return call_row(g, index, params, depth);
    }
    return NULL;
}

/* ---- folds ---- */

static unsigned fold_for(gen *g, uint8_t kind, uint8_t *value)
{
    static const unsigned any_number[] = {FOLD_SUM,    FOLD_MIN,     FOLD_MAX,      FOLD_AVG,
                                          FOLD_STD,    FOLD_MEDIAN,  FOLD_QUANTILE, FOLD_ZSCORE,
                                          FOLD_MINMAX, FOLD_SOFTMAX, FOLD_SHARE};
    *value = kind;
    switch (kind) {
    case RK_KIND_BOOL:
        return chance(g, 50) ? FOLD_ANY : FOLD_ALL;
    case RK_KIND_STRING:
        return chance(g, 50) ? FOLD_MIN : FOLD_MAX;
    case RK_KIND_INT:
        if (chance(g, 40))
            return any_number[below(g, 3)];
        *value = any_scalar(g);
        if (chance(g, 50))
            return FOLD_COUNT;
        *value = *value == RK_KIND_BOOL ? RK_KIND_FLOAT : *value;
        return FOLD_RANK;
    default:
        if (kind == RK_KIND_FLOAT && chance(g, 25)) {
            *value = RK_KIND_INT;
            return any_number[3 + below(g, 8)];
        }
        return any_number[below(g, RK_ARRAY_LEN(any_number))];
    }
}

static int fold_over(gen *g)
{
    for (unsigned tries = 0; tries < 8; tries++) {
        const int label = (int)below(g, LABELS_MAX);
        if ((!(g->labels & 1) || chance(g, 15)) && g->labels >> (label + 1) & 1)
            return label;
    }
    return -1;
}

node *gen_fold(gen *g, uint8_t kind, unsigned depth)
{
    uint8_t value;
    if (g->folds > 1 || !g->labels)
        return NULL;
    node *const n = new_node(g, NODE_FOLD, fold_for(g, kind, &value), 3, NULL, NULL, NULL);
    if (g->query_only && n->op >= FOLD_RANK)
        return NULL;
    const gen outer = *g;
    g->query_only = false;
    g->within = 1;
    g->folds++;
    n->over = fold_over(g);
    if (n->op != FOLD_COUNT || chance(g, 60))
        n->kids[0] = gen_value(g, value, depth < 2 ? depth : 1);
    if (chance(g, 30) && !outer.query_only)
        n->kids[1] = gen_value(g, any_scalar(g), chance(g, 60) ? 0 : 1);
    if (chance(g, 30))
        n->kids[2] = gen_plain(g, RK_KIND_BOOL, 1);
    n->asc = chance(g, 50);
    n->q = quantile_digits(g);
    const uint64_t state = g->state;
    *g = outer;
    g->state = state;
    return n;
}

/* ---- defs ---- */

static node *param(gen *g, unsigned i) { return new_node(g, NODE_PARAM, i, 0, NULL, NULL, NULL); }

static node *binary(gen *g, unsigned op, node *a, node *b)
{
    return new_node(g, NODE_BINARY, op, 2, a, b, NULL);
}

static node *call_of(gen *g, const char *name, node *a, node *b)
{
    return new_node(g, NODE_CALL, (unsigned)function_find(name), b ? 2 : 1, a, b, NULL);
}

static void add_def(gen *g, const char *name, unsigned n_params, node *body)
{
    def *const d = &g->p->defs[g->p->n_defs++];
    *d = (def){.n_params = n_params, .body = body};
    snprintf(d->name, sizeof d->name, "%s", name);
}

/* As in stdlib/prelude.rank. */
static void add_prelude(gen *g)
{
    node *const negative_age =
        new_node(g, NODE_NEG, 0, 1, call_of(g, "max", param(g, 0), digits(g, "0.0")), NULL, NULL);
    node *const bell = new_node(
        g, NODE_NEG, 0, 1,
        binary(g, OP_POW, binary(g, OP_DIV, param(g, 0), param(g, 1)), digits(g, "2")), NULL, NULL);
    add_def(g, "clip", 3,
            call_of(g, "min", call_of(g, "max", param(g, 0), param(g, 1)), param(g, 2)));
    add_def(g, "coalesce", 2, binary(g, OP_COALESCE, param(g, 0), param(g, 1)));
    add_def(g, "smooth", 4,
            binary(g, OP_DIV,
                   binary(g, OP_ADD, param(g, 0), binary(g, OP_MUL, param(g, 2), param(g, 3))),
                   binary(g, OP_ADD, param(g, 1), param(g, 3))));
    add_def(
        g, "logit", 1,
        call_of(g, "log",
                binary(g, OP_DIV, param(g, 0), binary(g, OP_SUB, digits(g, "1.0"), param(g, 0))),
                NULL));
    add_def(g, "exp_decay", 2,
            call_of(g, "exp2", binary(g, OP_DIV, negative_age, param(g, 1)), NULL));
    add_def(g, "linear_decay", 2,
            call_of(g, "max",
                    binary(g, OP_SUB, digits(g, "1.0"),
                           binary(g, OP_DIV, call_of(g, "abs", param(g, 0), NULL), param(g, 1))),
                    digits(g, "0.0")));
    add_def(g, "gauss_decay", 2, call_of(g, "exp2", bell, NULL));
    add_def(g, "rrf", 1,
            binary(g, OP_COALESCE,
                   binary(g, OP_DIV, digits(g, "1.0"),
                          binary(g, OP_ADD, digits(g, "60.0"), param(g, 0))),
                   digits(g, "0.0")));
    g->p->n_prelude = g->p->n_defs;
}

/* Bodies know no types: what does not fit a use is not used. */
static node *def_body(gen *g, unsigned n_params, unsigned depth)
{
    static const unsigned ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_POW, OP_MOD, OP_COALESCE};
    static const char *const names[] = {"min", "max", "pow", "atan2"};
    static const char *const singles[] = {"abs", "sqrt", "log1p", "sigmoid", "string", "float"};
    if (depth == 0)
        return chance(g, 75) ? param(g, below(g, n_params)) : gen_literal(g);
    node *const a = def_body(g, n_params, depth - 1), *const b = def_body(g, n_params, depth - 1);
    switch (below(g, 5)) {
    case 0:
        return call_of(g, names[below(g, RK_ARRAY_LEN(names))], a, b);
    case 1:
        return call_of(g, singles[below(g, RK_ARRAY_LEN(singles))], a, NULL);
    case 2:
        return new_node(
            g, NODE_IF, 0, 3,
            binary(g, OP_EQ + below(g, 6), param(g, below(g, n_params)), def_body(g, n_params, 0)),
            a, b);
    default:
        return binary(g, ops[below(g, RK_ARRAY_LEN(ops))], a, b);
    }
}

void gen_defs(gen *g)
{
    static const char *const names[] = {"e1", "e2", "e3", "e4"};
    add_prelude(g);
    const unsigned n = below(g, DEFS_MAX + 1);
    for (unsigned i = 0; i < n; i++) {
        const unsigned n_params = 1 + below(g, DEF_PARAMS_MAX);
        add_def(g, names[i], n_params, def_body(g, n_params, 1 + below(g, 2)));
    }
}

node *gen_def(gen *g, uint8_t kind, unsigned depth)
{
    const unsigned index = below(g, g->p->n_defs);
    const unsigned n_params = g->p->defs[index].n_params;
    node *const n = new_node(g, NODE_DEF, index, n_params, NULL, NULL, NULL);
    const uint8_t arg = kind == RK_KIND_INT || kind == RK_KIND_DOUBLE ? kind
                        : chance(g, 80)                               ? RK_KIND_FLOAT
                                                                      : any_scalar(g);
    for (unsigned i = 0; i < n_params; i++)
        n->kids[i] = is_number(arg) ? gen_number_as(g, arg, depth) : gen_value(g, arg, depth);
    return n;
}
