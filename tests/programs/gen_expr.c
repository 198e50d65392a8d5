/* Random expressions of a kind. What may be missing is given a value where the language asks for
 * one. */
#include "tests/programs/programs.h"

static uint8_t number_kind(gen *g)
{
    static const uint8_t kinds[] = {RK_KIND_INT, RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_DOUBLE};
    return kinds[below(g, RK_ARRAY_LEN(kinds))];
}

node *gen_number(gen *g, unsigned depth) { return gen_value(g, number_kind(g), depth); }

node *gen_number_as(gen *g, uint8_t kind, unsigned depth)
{
    if (chance(g, 25))
        return gen_literal(g);
    if (chance(g, 20) && kind != RK_KIND_INT)
        return gen_value(g, RK_KIND_INT, depth);
    return gen_value(g, kind, depth);
}

static bool is_plain(const node *n) { return n && (n->literal || !n->type.optional); }

node *gen_plain(gen *g, uint8_t kind, unsigned depth)
{
    node *const n = gen_value(g, kind, depth);
    if (is_plain(n) && (!is_real(kind) || chance(g, 85)))
        return n;
    for (unsigned tries = 0; n && tries < 8; tries++) {
        node *const other = is_number(kind) && chance(g, 60) ? gen_literal(g)
                                                             : gen_leaf(g, (rk_type){.kind = kind});
        node *const both = other ? new_node(g, NODE_BINARY, OP_COALESCE, 2, n, other, NULL) : NULL;
        if (both && accept(g, both, kind) && !both->type.optional)
            return both;
    }
    return NULL;
}

/* ---- bools ---- */

static node *comparison(gen *g, unsigned depth)
{
    const unsigned op = OP_EQ + below(g, 6);
    const uint8_t kind = chance(g, 75) ? number_kind(g) : any_scalar(g);
    node *a = gen_plain(g, kind, depth);
    node *b = is_number(kind) && chance(g, 50) ? gen_literal(g)
              : is_number(kind)                ? gen_plain(g, number_kind(g), depth)
                                               : gen_plain(g, kind, depth);
    const bool turned = chance(g, 20);
    return new_node(g, NODE_BINARY, op, 2, turned ? b : a, turned ? a : b, NULL);
}

static node *membership(gen *g, unsigned depth)
{
    const uint8_t kind = any_scalar(g);
    const uint8_t elem = kind == RK_KIND_INT && chance(g, 20) ? RK_KIND_FLOAT : kind;
    node *const x = gen_plain(g, kind, depth);
    return new_node(g, NODE_BINARY, chance(g, 70) ? OP_IN : OP_NOT_IN, 2, x,
                    gen_list(g, elem, depth), NULL);
}

static node *any_value(gen *g, unsigned depth)
{
    const unsigned roll = below(g, 10);
    return roll == 0   ? gen_list(g, any_scalar(g), depth)
           : roll == 1 ? gen_vector(g, chance(g, 50) ? 3 : 20, depth)
                       : gen_value(g, any_scalar(g), depth);
}

static node *bool_value(gen *g, unsigned depth)
{
    switch (below(g, 6)) {
    case 0:
        return new_node(g, NODE_NOT, 0, 1, gen_plain(g, RK_KIND_BOOL, depth), NULL, NULL);
    case 1:
        return new_node(g, NODE_BINARY, chance(g, 50) ? OP_AND : OP_OR, 2,
                        gen_plain(g, RK_KIND_BOOL, depth), gen_plain(g, RK_KIND_BOOL, depth), NULL);
    case 2:
        return membership(g, depth);
    case 3:
        return new_node(g, NODE_IS_MISSING, 0, 1, any_value(g, depth), NULL, NULL);
    default:
        return comparison(g, depth);
    }
}

/* ---- numbers ---- */

static node *small_exponent(gen *g)
{
    static const char *const digits[] = {"2", "3", "4", "2.0", "0.5", "5", "1", "0"};
    node *const n = new_node(g, NODE_NUMBER, 0, 0, NULL, NULL, NULL);
    n->text = digits[below(g, chance(g, 60) ? 3 : RK_ARRAY_LEN(digits))];
    return n;
}

static node *number_value(gen *g, uint8_t kind, unsigned depth)
{
    static const unsigned ops[] = {OP_ADD, OP_ADD, OP_SUB, OP_SUB, OP_MUL,
                                   OP_MUL, OP_MOD, OP_DIV, OP_DIV, OP_POW};
    const bool whole = kind == RK_KIND_INT;
    const unsigned op = ops[below(g, whole ? 7 : RK_ARRAY_LEN(ops))];
    if (chance(g, 8))
        return new_node(g, NODE_NEG, 0, 1, gen_value(g, kind, depth), NULL, NULL);
    node *const a = gen_number_as(g, kind, depth);
    node *const b =
        op == OP_POW && chance(g, 70) ? small_exponent(g) : gen_number_as(g, kind, depth);
    if (op == OP_MOD && a && b && is_literal(a) && is_literal(b))
        return NULL;
    return new_node(g, NODE_BINARY, op, 2, a, b, NULL);
}

/* ---- of all kinds ---- */

static node *same_again(gen *g, rk_type type, unsigned depth)
{
    if (type.kind == RK_KIND_LIST)
        return gen_list(g, type.elem, depth);
    if (type.kind == RK_KIND_VECTOR)
        return gen_vector(g, type.dim, depth);
    return gen_value(g, type.kind, depth);
}

static node *branch(gen *g, rk_type type, unsigned depth)
{
    node *yes = same_again(g, type, depth), *no = same_again(g, type, depth);
    if (is_number(type.kind) && chance(g, 25))
        no = gen_literal(g);
    else if (chance(g, 10))
        no = new_node(g, NODE_MISSING, 0, 0, NULL, NULL, NULL);
    const bool turned = chance(g, 25);
    return new_node(g, NODE_IF, 0, 3, gen_plain(g, RK_KIND_BOOL, depth), turned ? no : yes,
                    turned ? yes : no);
}

static node *coalesce(gen *g, rk_type type, unsigned depth)
{
    node *const a = same_again(g, type, depth);
    node *const b =
        is_number(type.kind) && chance(g, 40) ? gen_literal(g) : same_again(g, type, depth);
    return new_node(g, NODE_BINARY, OP_COALESCE, 2, a, b, NULL);
}

static node *element(gen *g, uint8_t kind, unsigned depth)
{
    node *const xs = kind == RK_KIND_FLOAT && chance(g, 50)
                         ? gen_vector(g, chance(g, 50) ? 3 : 20, depth)
                         : gen_list(g, kind, depth);
    node *at = gen_value(g, RK_KIND_INT, depth);
    if (chance(g, 60)) {
        at = new_node(g, NODE_NUMBER, 0, 0, NULL, NULL, NULL);
        at->text = chance(g, 50) ? "0" : chance(g, 50) ? "1" : "2";
    }
    return new_node(g, NODE_INDEX, 0, 2, xs, at, NULL);
}

static node *inner(gen *g, uint8_t kind, unsigned depth)
{
    const rk_type type = {.kind = kind};
    const unsigned roll = below(g, 100);
    if (roll < 28)
        return is_number(kind)        ? number_value(g, kind, depth)
               : kind == RK_KIND_BOOL ? bool_value(g, depth)
                                      : gen_call(g, kind, depth);
    if (roll < 55)
        return gen_call(g, kind, depth);
    if (roll < 60 && g->p->n_models)
        return gen_model(g, type, depth);
    if (roll < 70)
        return gen_fold(g, kind, depth);
    if (roll < 78)
        return branch(g, type, depth);
    if (roll < 86)
        return coalesce(g, type, depth);
    return roll < 92 ? element(g, kind, depth) : gen_def(g, kind, depth);
}

node *gen_value(gen *g, uint8_t kind, unsigned depth)
{
    for (unsigned tries = 0; depth > 0 && tries < 3; tries++) {
        if (chance(g, 15))
            break;
        node *const n = inner(g, kind, depth - 1);
        if (n && accept(g, n, kind) && !n->literal)
            return n;
    }
    return gen_leaf(g, (rk_type){.kind = kind});
}

/* ---- lists and vectors ---- */

static node *list_of(gen *g, uint8_t elem, unsigned depth)
{
    node *const list = new_node(g, NODE_LIST, 0, 1 + below(g, KIDS_MAX), NULL, NULL, NULL);
    for (unsigned i = 0; i < list->n; i++) {
        const bool literal = is_number(elem) && chance(g, 40);
        list->kids[i] = literal ? gen_literal(g) : gen_plain(g, elem, i < 2 ? depth : 0);
    }
    return list;
}

static node *call_named(gen *g, const char *name, unsigned n, node *a, node *b)
{
    return new_node(g, NODE_CALL, (unsigned)function_find(name), n, a, b, NULL);
}

node *gen_list(gen *g, uint8_t elem, unsigned depth)
{
    const rk_type type = {.kind = RK_KIND_LIST, .elem = elem};
    node *n = NULL;
    const unsigned roll = depth > 0 ? below(g, 100) : 100;
    if (roll < 30)
        n = list_of(g, elem, depth - 1);
    else if (roll < 40)
        n = call_named(g, "take", 2, gen_list(g, elem, depth - 1),
                       gen_number_as(g, RK_KIND_INT, 0));
    else if (roll < 50)
        n = branch(g, type, depth - 1);
    else if (roll < 60)
        n = coalesce(g, type, depth - 1);
    else if (roll < 75 && elem == RK_KIND_INT)
        n = gen_model(g, type, depth - 1);
    else if (roll < 75 && elem == RK_KIND_STRING)
        n = chance(g, 50)
                ? call_named(g, "words", 1, gen_value(g, elem, depth - 1), NULL)
                : call_named(g, "split", 2, gen_value(g, elem, depth - 1), gen_value(g, elem, 0));
    if (n && accept(g, n, RK_KIND_LIST) && n->type.elem == elem)
        return n;
    n = gen_leaf(g, type);
    for (unsigned tries = 0; !n && tries < 4; tries++) {
        n = list_of(g, elem, 0);
        if (!accept(g, n, RK_KIND_LIST) || n->type.elem != elem)
            n = NULL;
    }
    return n;
}

node *gen_vector(gen *g, unsigned dim, unsigned depth)
{
    const rk_type type = {.kind = RK_KIND_VECTOR, .dim = dim};
    node *n = NULL;
    const unsigned roll = depth > 0 ? below(g, 100) : 100;
    if (roll < 20)
        n = call_named(g, "normalize", 1, gen_vector(g, dim, depth - 1), NULL);
    else if (roll < 30)
        n = branch(g, type, depth - 1);
    else if (roll < 40)
        n = coalesce(g, type, depth - 1);
    else if (roll < 70)
        n = gen_model(g, type, depth - 1);
    if (n && accept(g, n, RK_KIND_VECTOR) && n->type.dim == dim)
        return n;
    return gen_leaf(g, type);
}
