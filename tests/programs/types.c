/* Types, scopes and domains by the manual, §§2 to 6. */
#include "tests/programs/programs.h"

static const rk_type nothing = {0};

bool is_number(uint8_t kind)
{
    return kind == RK_KIND_INT || kind == RK_KIND_FLOAT || kind == RK_KIND_DOUBLE;
}
bool is_real(uint8_t kind) { return kind == RK_KIND_FLOAT || kind == RK_KIND_DOUBLE; }
static bool is_scalar(uint8_t kind)
{
    return is_number(kind) || kind == RK_KIND_BOOL || kind == RK_KIND_STRING;
}

bool converts(uint8_t from, uint8_t to)
{
    if (from == to)
        return true;
    if (from == RK_KIND_INT)
        return is_real(to);
    return from == RK_KIND_FLOAT && to == RK_KIND_DOUBLE;
}

/* The least common type; kind NONE: there is none. */
static rk_type common(rk_type a, rk_type b)
{
    const bool optional = a.optional || b.optional;
    if (a.kind == b.kind && a.elem == b.elem && a.dim == b.dim)
        return rk_type_opt(a, optional);
    if (is_number(a.kind) && is_number(b.kind))
        return rk_type_opt(converts(a.kind, b.kind) ? b : a, optional);
    return nothing;
}

/* ---- literals ---- */

static bool is_arithmetic(unsigned op) { return op >= OP_ADD; }

bool is_literal(const node *n)
{
    switch (n->kind) {
    case NODE_NUMBER:
    case NODE_INF:
        return true;
    case NODE_NEG:
        return is_literal(n->kids[0]);
    case NODE_BINARY:
        return is_arithmetic(n->op) && is_literal(n->kids[0]) && is_literal(n->kids[1]);
    case NODE_PARAM:
        return n->n == 1 && is_literal(n->kids[0]);
    default:
        return false;
    }
}

/* Whether it is a float where nothing is asked for. */
static bool is_real_literal(const node *n)
{
    switch (n->kind) {
    case NODE_NUMBER:
        return strpbrk(n->text, ".eshmd") != NULL;
    case NODE_NEG:
    case NODE_PARAM:
        return is_real_literal(n->kids[0]);
    case NODE_BINARY:
        return n->op == OP_DIV || n->op == OP_POW || is_real_literal(n->kids[0]) ||
               is_real_literal(n->kids[1]);
    default:
        return true;
    }
}

static uint8_t natural_kind(const node *n)
{
    return is_real_literal(n) ? RK_KIND_FLOAT : RK_KIND_INT;
}

/* False where it has a remainder: whether that may be missing is known only from its value. */
static bool settle_all(node *n, uint8_t kind)
{
    n->type = (rk_type){.kind = kind};
    n->scope = SCOPE_CONST;
    n->literal = true;
    n->needs = n->bound = 0;
    for (unsigned i = 0; i < n->n; i++)
        if (!settle_all(n->kids[i], kind))
            return false;
    return n->kind != NODE_BINARY || n->op != OP_MOD;
}

static bool settle(node *n, uint8_t want)
{
    const uint8_t natural = natural_kind(n);
    return settle_all(n, is_real(want) ? want : natural);
}

/* ---- operators ---- */

static bool type_pair(program *p, node *a, node *b, rk_type *out)
{
    const bool free_a = is_literal(a), free_b = is_literal(b);
    if (free_a && free_b) {
        const bool real = is_real_literal(a) || is_real_literal(b);
        if (!settle_all(a, real ? RK_KIND_FLOAT : RK_KIND_INT) ||
            !settle_all(b, real ? RK_KIND_FLOAT : RK_KIND_INT))
            return false;
    } else if (free_a) {
        if (!type_node(p, b, nothing) || !settle(a, b->type.kind))
            return false;
    } else if (!type_node(p, a, nothing) || !type_node(p, b, a->type)) {
        return false;
    }
    if (a->kind == NODE_MISSING && b->kind != NODE_MISSING)
        a->type = rk_type_opt(b->type, true);
    *out = common(a->type, b->type);
    return out->kind != RK_KIND_NONE;
}

static bool type_condition(program *p, node *n)
{
    return type_node(p, n, RK_TYPE(BOOL)) && n->type.kind == RK_KIND_BOOL && !n->type.optional;
}

static bool type_coalesce(program *p, node *n)
{
    node *const a = n->kids[0], *const b = n->kids[1];
    if (is_literal(a) || !type_node(p, a, nothing) ||
        (!a->type.optional && !is_real(a->type.kind)) || !type_node(p, b, rk_type_plain(a->type)))
        return false;
    n->type = common(rk_type_plain(a->type), b->type);
    return n->type.kind != RK_KIND_NONE;
}

static bool type_in(program *p, node *n)
{
    node *const a = n->kids[0], *const b = n->kids[1];
    n->type = RK_TYPE(BOOL);
    if (is_literal(a)) /* which side gives the type is a matter of taste */
        return false;
    return type_node(p, a, nothing) && is_scalar(a->type.kind) && !a->type.optional &&
           type_node(p, b, (rk_type){.kind = RK_KIND_LIST, .elem = a->type.kind}) &&
           b->type.kind == RK_KIND_LIST && !b->type.optional &&
           converts(a->type.kind, b->type.elem);
}

/* A divisor: 1 for a constant other than 0, 0 for one that is or may be, -1: not for this
 * evaluator, which knows no constants but literals. */
static int is_nonzero(const program *p, const node *n)
{
    if (n->kind == NODE_NUMBER)
        return strpbrk(n->text, "123456789") != NULL;
    if (n->kind == NODE_NEG || n->kind == NODE_PARAM)
        return is_nonzero(p, n->kids[0]);
    if (n->kind == NODE_FACTOR && n->scope == SCOPE_CONST)
        return is_nonzero(p, p->factors[n->op].value);
    return n->scope == SCOPE_CONST ? -1 : 0;
}

static bool type_binary(program *p, node *n)
{
    node *const a = n->kids[0], *const b = n->kids[1];
    rk_type type;
    switch (n->op) {
    case OP_OR:
    case OP_AND:
        n->type = RK_TYPE(BOOL);
        return type_condition(p, a) && type_condition(p, b);
    case OP_IN:
    case OP_NOT_IN:
        return type_in(p, n);
    case OP_COALESCE:
        return type_coalesce(p, n);
    default:
        break;
    }
    if (!type_pair(p, a, b, &type))
        return false;
    n->type = type;
    if (n->op <= OP_GE) {
        n->type = RK_TYPE(BOOL);
        return is_scalar(type.kind) && !type.optional;
    }
    if ((n->op == OP_DIV || n->op == OP_POW) && type.kind == RK_KIND_INT)
        n->type.kind = RK_KIND_FLOAT;
    if (n->op == OP_MOD && type.kind == RK_KIND_INT) {
        const int nonzero = is_nonzero(p, b);
        n->type.optional |= nonzero == 0;
        return nonzero >= 0;
    }
    return is_number(type.kind);
}

/* Two literals in the branches: small whole ones, which are the same in each type. */
static bool is_small(const node *n)
{
    return n->kind == NODE_NUMBER && natural_kind(n) == RK_KIND_INT && strlen(n->text) < 7;
}

static bool type_if(program *p, node *n)
{
    node *const yes = n->kids[1], *const no = n->kids[2];
    if (!type_condition(p, n->kids[0]))
        return false;
    if (is_literal(yes) && is_literal(no) && !(is_small(yes) && is_small(no)))
        return false;
    return type_pair(p, yes, no, &n->type);
}

/* Literals among the elements take the type of the others. */
static bool type_list(program *p, node *n, rk_type want)
{
    const bool vector = want.kind == RK_KIND_VECTOR;
    uint8_t kind = vector ? RK_KIND_FLOAT : want.kind == RK_KIND_LIST ? want.elem : RK_KIND_NONE;
    for (unsigned i = 0; i < n->n; i++) {
        if (is_literal(n->kids[i]))
            continue;
        if (!type_node(p, n->kids[i], (rk_type){.kind = kind}) || n->kids[i]->type.optional ||
            !is_scalar(n->kids[i]->type.kind))
            return false;
        const rk_type both = common((rk_type){.kind = kind}, n->kids[i]->type);
        kind = kind == RK_KIND_NONE ? n->kids[i]->type.kind : both.kind;
        if (kind == RK_KIND_NONE)
            return false;
    }
    bool real = false;
    for (unsigned i = 0; i < n->n; i++)
        real |= is_literal(n->kids[i]) && is_real_literal(n->kids[i]);
    if (kind == RK_KIND_NONE)
        kind = real ? RK_KIND_FLOAT : RK_KIND_INT;
    else if (kind == RK_KIND_INT && real)
        kind = RK_KIND_FLOAT;
    for (unsigned i = 0; i < n->n; i++)
        if (is_literal(n->kids[i]) && (!is_number(kind) || !settle_all(n->kids[i], kind)))
            return false;
    if (n->n == 0 && want.kind != RK_KIND_LIST)
        return false;
    n->type = (rk_type){.kind = RK_KIND_LIST, .elem = kind};
    if (vector && kind == RK_KIND_FLOAT)
        n->type = (rk_type){.kind = RK_KIND_VECTOR, .dim = n->n};
    return true;
}

static bool type_index(program *p, node *n)
{
    node *const xs = n->kids[0], *const at = n->kids[1];
    if (!type_node(p, xs, nothing) || !type_node(p, at, RK_TYPE(INT)) ||
        at->type.kind != RK_KIND_INT)
        return false;
    n->type = RK_TYPE_OPT(FLOAT);
    if (xs->type.kind == RK_KIND_LIST)
        n->type.kind = xs->type.elem;
    return xs->type.kind == RK_KIND_LIST || xs->type.kind == RK_KIND_VECTOR;
}

/* ---- folds ---- */

static bool fold_takes(unsigned fn, uint8_t kind)
{
    switch (fn) {
    case FOLD_ANY:
    case FOLD_ALL:
        return kind == RK_KIND_BOOL;
    case FOLD_MIN:
    case FOLD_MAX:
    case FOLD_RANK:
        return is_number(kind) || kind == RK_KIND_STRING;
    case FOLD_COUNT:
        return is_scalar(kind);
    default:
        return is_number(kind);
    }
}

static uint8_t fold_kind(unsigned fn, uint8_t kind)
{
    switch (fn) {
    case FOLD_ANY:
    case FOLD_ALL:
        return RK_KIND_BOOL;
    case FOLD_COUNT:
    case FOLD_RANK:
        return RK_KIND_INT;
    case FOLD_SUM:
    case FOLD_MIN:
    case FOLD_MAX:
        return kind;
    default:
        return kind == RK_KIND_DOUBLE ? RK_KIND_DOUBLE : RK_KIND_FLOAT;
    }
}

static bool type_fold(program *p, node *n)
{
    node *const x = n->kids[0], *const by = n->kids[1], *const where = n->kids[2];
    const bool listwise = n->op >= FOLD_RANK;
    bool optional = where || n->over >= 0;
    unsigned needs = 1u << (n->over + 1), bound = 0;
    if (x && (is_literal(x) || !type_node(p, x, nothing) || x->scope != SCOPE_ITEM ||
              !fold_takes(n->op, x->type.kind)))
        return false;
    if (by && (is_literal(by) || !type_node(p, by, nothing) || !is_scalar(by->type.kind)))
        return false;
    if (where && !type_condition(p, where))
        return false;
    if (!x && n->op != FOLD_COUNT)
        return false;
    optional |= (x && x->type.optional) || (by && (by->type.optional || is_real(by->type.kind)));
    if (n->op == FOLD_SUM || n->op == FOLD_COUNT || n->op == FOLD_ANY || n->op == FOLD_ALL)
        optional = false;
    n->type =
        (rk_type){.kind = fold_kind(n->op, x ? x->type.kind : RK_KIND_INT), .optional = optional};
    for (unsigned i = 0; i < 3; i++)
        if (n->kids[i]) {
            needs |= n->kids[i]->needs;
            bound |= n->kids[i]->bound;
        }
    if (bound && (n->over >= 0 || (bound & ~1u)))
        return false;
    n->scope = listwise || by ? SCOPE_ITEM : SCOPE_QUERY;
    n->needs = needs;
    const bool may_be_none = n->scope == SCOPE_ITEM || n->op == FOLD_MIN || n->op == FOLD_MAX;
    n->bound = may_be_none && !optional && !is_real(n->type.kind) ? 1u << (n->over + 1) : 0;
    n->memo = p->memos++;
    return true;
}

/* ---- calls ---- */

rk_type char_type(char c)
{
    static const char scalars[] = "bifds", lists[] = "BIFDS";
    const char *const scalar = strchr(scalars, c), *const list = strchr(lists, c);
    rk_type type = {0};
    if (scalar)
        type.kind = (uint8_t)(RK_KIND_BOOL + (scalar - scalars));
    else if (list) {
        type.kind = RK_KIND_LIST;
        type.elem = (uint8_t)(RK_KIND_BOOL + (list - lists));
    } else if (c == 'q')
        type.kind = RK_KIND_DOUBLE;
    else if (c == 'v')
        type.kind = RK_KIND_VECTOR;
    return type;
}

static bool waits(const node *n)
{
    if (n->kind != NODE_LIST)
        return is_literal(n);
    for (unsigned i = 0; i < n->n; i++)
        if (!is_literal(n->kids[i]))
            return false;
    return true;
}

static bool waiting_fits(const node *n, char param, rk_type type)
{
    if (n->kind != NODE_LIST)
        return param == 'a' || converts(natural_kind(n), type.kind);
    const uint8_t elem = type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : type.elem;
    bool fits = type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_LIST;
    for (unsigned i = 0; i < n->n; i++)
        fits = fits && converts(natural_kind(n->kids[i]), elem);
    return fits;
}

static bool arg_fits(const node *n, char param)
{
    const rk_type type = char_type(param);
    if (waits(n))
        return waiting_fits(n, param, type);
    if (type.kind == RK_KIND_NONE)
        return is_scalar(n->type.kind);
    if (type.kind == RK_KIND_LIST)
        return n->type.kind == RK_KIND_LIST && n->type.elem == type.elem;
    return converts(n->type.kind, type.kind);
}

/* Which parameter an argument goes to. */
static unsigned param_at(const function *fn, const char *params, unsigned i)
{
    const unsigned n = (unsigned)strlen(params);
    return (fn->flags & (FN_CHAIN | FN_VARIADIC)) && i >= n ? n - 1 : i;
}

static bool row_fits(const function *fn, const char *params, const node *n)
{
    const unsigned least = (unsigned)strlen(params) - ((fn->flags & FN_VARIADIC) ? 1 : 0);
    const bool repeats = (fn->flags & (FN_CHAIN | FN_VARIADIC)) && strlen(params) > 1;
    if (n->n < least || (n->n > strlen(params) && !repeats))
        return false;
    for (unsigned i = 0; i < n->n; i++)
        if (!arg_fits(n->kids[i], params[param_at(fn, params, i)]))
            return false;
    return true;
}

static bool finish_call(program *p, node *n, const function *fn, const char *params, char result,
                        bool optional)
{
    unsigned first = 0, sum = 0;
    for (unsigned i = 0; i < n->n; i++) {
        node *const arg = n->kids[i];
        const rk_type want = char_type(params[param_at(fn, params, i)]);
        if (waits(arg) && !type_node(p, arg, want))
            return false;
        optional |= arg->type.optional && !(fn->flags & FN_OWN);
        if (arg->type.kind != RK_KIND_VECTOR)
            continue;
        if (first && arg->type.dim != first && strcmp(fn->name, "concat") != 0)
            return false;
        first = first ? first : arg->type.dim;
        sum += arg->type.dim;
    }
    n->type = char_type(result);
    n->type.optional = optional;
    if (n->type.kind == RK_KIND_VECTOR)
        n->type.dim = strcmp(fn->name, "concat") == 0 ? sum : first;
    return n->type.dim <= 64;
}

static bool type_call(program *p, node *n)
{
    const function *const fn = &functions[n->op];
    char params[16], result;
    bool optional;
    for (unsigned i = 0; i < n->n; i++)
        if (!waits(n->kids[i]) && !type_node(p, n->kids[i], nothing))
            return false;
    for (n->row = 0; function_row(fn, n->row, params, &result, &optional); n->row++)
        if (row_fits(fn, params, n))
            return finish_call(p, n, fn, params, result, optional);
    return false;
}

/* ---- defs ---- */

node *node_copy(rk_arena *arena, const node *n)
{
    node *const copy = NEW(arena, node);
    *copy = *n;
    for (unsigned i = 0; i < n->n; i++)
        if (n->kids[i])
            copy->kids[i] = node_copy(arena, n->kids[i]);
    if (n->body)
        copy->body = node_copy(arena, n->body);
    return copy;
}

static void bind_params(rk_arena *arena, node *n, node *const *args)
{
    if (n->kind == NODE_PARAM) {
        if (n->n == 0) {
            n->kids[0] = node_copy(arena, args[n->op]);
            n->n = 1;
        }
        return;
    }
    for (unsigned i = 0; i < n->n; i++)
        if (n->kids[i])
            bind_params(arena, n->kids[i], args);
}

static bool type_def(program *p, node *n)
{
    for (unsigned i = 0; i < n->n; i++)
        if (!is_literal(n->kids[i]) && !type_node(p, n->kids[i], nothing))
            return false;
    if (!p->defs[n->op].body)
        return false;
    n->body = node_copy(&p->arena, p->defs[n->op].body);
    bind_params(&p->arena, n->body, n->kids);
    if (!type_node(p, n->body, nothing))
        return false;
    n->type = n->body->type;
    p->defs[n->op].used = true;
    return true;
}

/* ---- all nodes ---- */

static bool type_leaf(program *p, node *n, rk_type want)
{
    n->scope = SCOPE_CONST;
    switch (n->kind) {
    case NODE_BOOL:
        n->type = RK_TYPE(BOOL);
        return true;
    case NODE_STRING:
        n->type = RK_TYPE(STRING);
        return true;
    case NODE_MISSING:
        n->type = rk_type_opt(want, true);
        return true;
    case NODE_QUERY:
        n->scope = SCOPE_QUERY;
        n->type = p->query[n->op].type;
        return true;
    case NODE_FACTOR: {
        const factor *const f = &p->factors[n->op];
        if (!f->value || f->type.kind == RK_KIND_NONE)
            return false;
        n->type = f->type;
        n->scope = f->value->scope;
        n->needs = f->value->needs;
        n->bound = f->value->bound;
        return true;
    }
    case NODE_SOURCE:
        n->scope = p->sources[n->op].scope;
        n->type = p->sources[n->op].fields[n->row].type;
        return true;
    default:
        break;
    }
    n->scope = SCOPE_ITEM;
    n->type = n->kind == NODE_ID     ? p->id_type
              : n->kind == NODE_ITEM ? p->item[n->op].type
              : n->kind == NODE_RANK ? RK_TYPE_OPT(INT)
                                     : RK_TYPE_OPT(FLOAT);
    if (n->kind == NODE_RANK || n->kind == NODE_SCORE)
        n->needs = 2u << n->op;
    return true;
}

static bool type_inner(program *p, node *n, rk_type want)
{
    switch (n->kind) {
    case NODE_NOT:
        n->type = RK_TYPE(BOOL);
        return type_condition(p, n->kids[0]);
    case NODE_NEG:
        if (!type_node(p, n->kids[0], nothing))
            return false;
        n->type = n->kids[0]->type;
        return is_number(n->type.kind);
    case NODE_BINARY:
        return type_binary(p, n);
    case NODE_IF:
        return type_if(p, n);
    case NODE_LIST:
        return type_list(p, n, want);
    case NODE_INDEX:
        return type_index(p, n);
    case NODE_IS_MISSING:
        n->type = RK_TYPE(BOOL);
        return type_node(p, n->kids[0], nothing);
    case NODE_CALL:
        return type_call(p, n);
    case NODE_DEF:
        return type_def(p, n);
    default: /* NODE_PARAM, whose argument was typed before */
        if (n->n == 0 || !type_node(p, n->kids[0], nothing))
            return false;
        n->type = n->kids[0]->type;
        return true;
    }
}

bool type_node(program *p, node *n, rk_type want)
{
    n->needs = n->bound = 0;
    n->literal = false;
    if (is_literal(n))
        return settle(n, want.kind);
    if (n->kind >= NODE_BOOL && n->kind <= NODE_SCORE)
        return type_leaf(p, n, want);
    if (n->kind == NODE_FOLD)
        return type_fold(p, n);
    if (n->kind == NODE_MODEL)
        return type_model(p, n);
    if (!type_inner(p, n, want))
        return false;
    n->scope =
        n->kind == NODE_CALL && (functions[n->op].flags & FN_REQUEST) ? SCOPE_QUERY : SCOPE_CONST;
    for (unsigned i = 0; i < (n->body ? 1 : n->n); i++) {
        const node *const kid = n->body ? n->body : n->kids[i];
        n->scope = kid->scope > n->scope ? kid->scope : n->scope;
        n->needs |= kid->needs;
        n->bound |= kid->bound;
    }
    return true;
}
