/* The naive evaluator: one item at a time, as the manual says. */
#include <math.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

/* ---- literals ---- */

static value number(const node *n)
{
    char digits[64];
    size_t len = 0;
    double scale = 1;
    bool thousandths = false;
    for (const char *c = n->text; *c && len + 1 < sizeof digits; c++) {
        if (*c == '_')
            continue;
        if (*c == 'm')
            thousandths = c[1] == 's', scale = 60;
        else if (*c == 'h' || *c == 'd')
            scale = *c == 'h' ? 3600 : 86400;
        if (strchr("mshd", *c))
            break;
        digits[len++] = *c;
    }
    digits[len] = 0;
    const bool unit = strpbrk(n->text, "mshd") != NULL;
    if (n->type.kind == RK_KIND_INT)
        return value_int((int64_t)strtoull(digits, NULL, 10));
    if (n->type.kind == RK_KIND_FLOAT && !unit)
        return value_float(strtof(digits, NULL));
    const double x = strtod(digits, NULL);
    return convert(value_double(thousandths ? x / 1000 : x * scale), n->type.kind);
}

static value real(uint8_t kind, double x)
{
    return kind == RK_KIND_FLOAT ? value_float((float)x) : value_double(x);
}

/* ---- operators ---- */

static value int_arithmetic(const node *n, value a, value b)
{
    const uint64_t x = (uint64_t)a.as.i, y = (uint64_t)b.as.i;
    if (!has_value(a) || !has_value(b))
        return missing_of(n->type);
    switch (n->op) {
    case OP_ADD:
        return value_int((int64_t)(x + y));
    case OP_SUB:
        return value_int((int64_t)(x - y));
    case OP_MUL:
        return value_int((int64_t)(x * y));
    default:
        break;
    }
    if (b.as.i == 0)
        return missing_of(n->type);
    if (b.as.i == -1)
        return value_int(0);
    const int64_t r = a.as.i % b.as.i;
    return value_int(r != 0 && (r < 0) != (b.as.i < 0) ? r + b.as.i : r);
}

static double remainder_of(double a, double b, bool narrow)
{
    const double r = narrow ? (double)fmodf((float)a, (float)b) : fmod(a, b);
    if (r == 0)
        return copysign(0.0, b);
    if (isnan(r) || (r < 0) == (b < 0))
        return r;
    return narrow ? (double)((float)r + (float)b) : r + b;
}

static value power(const node *n, value a, value b)
{
    const rk_vmath *const math = rk_vmath_get(RK_CPU_SCALAR);
    const double exponent = as_double(b);
    const bool small = is_literal(n->kids[1]) && (exponent == 2 || exponent == 3 || exponent == 4);
    value out = a;
    for (int i = 1; small && i < (int)exponent; i++)
        if (a.kind == RK_KIND_FLOAT)
            out.as.f *= a.as.f;
        else
            out.as.d *= a.as.d;
    if (small)
        return out;
    if (a.kind == RK_KIND_FLOAT)
        math->pow.f32(&a.as.f, &b.as.f, &out.as.f, 1);
    else
        math->pow.f64(&a.as.d, &b.as.d, &out.as.d, 1);
    return out;
}

static value real_arithmetic(const node *n, value a, value b)
{
    const double x = as_double(a), y = as_double(b);
    const bool narrow = n->type.kind == RK_KIND_FLOAT;
    /* + - * / of two floats in double round to the right float. */
    switch (n->op) {
    case OP_ADD:
        return real(n->type.kind, x + y);
    case OP_SUB:
        return real(n->type.kind, x - y);
    case OP_MUL:
        return real(n->type.kind, x * y);
    case OP_DIV:
        return real(n->type.kind, x / y);
    case OP_MOD:
        return real(n->type.kind, remainder_of(x, y, narrow));
    default:
        return power(n, a, b);
    }
}

static value arithmetic(const node *n, value a, value b)
{
    a = convert(a, n->type.kind);
    b = convert(b, n->type.kind);
    return n->type.kind == RK_KIND_INT ? int_arithmetic(n, a, b) : real_arithmetic(n, a, b);
}

/* Both sides in their common kind. */
static bool compare(unsigned op, value a, value b)
{
    const uint8_t kind = converts(a.kind, b.kind) ? b.kind : a.kind;
    a = convert(a, kind);
    b = convert(b, kind);
    if (!has_value(a) || !has_value(b))
        return false;
    const int order = compare_values(a, b);
    switch (op) {
    case OP_EQ:
        return order == 0;
    case OP_NE:
        return order != 0;
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool is_in(value x, value list)
{
    x = convert(x, list.elem);
    for (unsigned i = 0; i < list.as.list.len; i++)
        if (same_key(x, list.as.list.items[i]))
            return true;
    return false;
}

static value binary(eval *e, const node *n, unsigned at)
{
    const value a = eval_node(e, n->kids[0], at), b = eval_node(e, n->kids[1], at);
    switch (n->op) {
    case OP_OR:
        return value_bool(a.as.b || b.as.b);
    case OP_AND:
        return value_bool(a.as.b && b.as.b);
    case OP_IN:
        return value_bool(is_in(a, b));
    case OP_NOT_IN:
        return value_bool(!is_in(a, b));
    case OP_COALESCE:
        return convert(has_value(a) ? a : b, n->type.kind);
    default:
        break;
    }
    if (n->op <= OP_GE)
        return value_bool(compare(n->op, a, b));
    return arithmetic(n, a, b);
}

static value negative(value v)
{
    if (v.kind == RK_KIND_INT)
        v.as.i = (int64_t)(0 - (uint64_t)v.as.i);
    else if (v.kind == RK_KIND_FLOAT)
        v.as.f = -v.as.f;
    else
        v.as.d = -v.as.d;
    return v;
}

/* ---- lists ---- */

static value list_of(eval *e, const node *n, unsigned at)
{
    value out = {.kind = n->type.kind, .elem = n->type.elem};
    const uint8_t kind = n->type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : n->type.elem;
    out.as.list.items = NEW_ARRAY(e->arena, value, n->n);
    out.as.list.len = n->n;
    for (unsigned i = 0; i < n->n; i++)
        out.as.list.items[i] = convert(eval_node(e, n->kids[i], at), kind);
    return out;
}

static value element(eval *e, const node *n, unsigned at)
{
    const value list = eval_node(e, n->kids[0], at), place = eval_node(e, n->kids[1], at);
    if (!has_value(list) || !has_value(place) || place.as.i < 0 ||
        place.as.i >= (int64_t)list.as.list.len)
        return missing_of(n->type);
    return list.as.list.items[place.as.i];
}

/* ---- calls ---- */

static value call_function(eval *e, const node *n, unsigned at)
{
    const function *const fn = &functions[n->op];
    char params[16], result;
    bool optional;
    value args[KIDS_MAX];
    function_row(fn, n->row, params, &result, &optional);
    const unsigned n_params = (unsigned)strlen(params);
    for (unsigned i = 0; i < n->n; i++) {
        const rk_type param = char_type(params[i < n_params ? i : n_params - 1]);
        args[i] = eval_node(e, n->kids[i], at);
        if (!has_value(args[i]) && n->kids[i]->type.optional && !(fn->flags & FN_OWN))
            return missing_of(n->type);
        args[i] = convert(args[i], param.kind);
    }
    const call c = {.arena = e->arena, .args = args, .n = n->n, .type = n->type, .now = e->r->now};
    return fn->call(&c);
}

/* ---- labels ---- */

static value of_label(eval *e, const node *n, unsigned at)
{
    const list *const l = &e->domains[n->op];
    if (!e->has_domain[n->op])
        abort(); /* types.c lets nothing use it before */
    for (unsigned i = 0; i < l->n; i++) {
        if (l->at[i] != at)
            continue;
        if (n->kind == NODE_RANK)
            return value_int((int64_t)i + 1);
        const value score = l->scores[i];
        if (score.kind == RK_KIND_BOOL)
            return value_float(score.as.b ? 1 : 0);
        return score.kind == RK_KIND_NONE || score.kind == RK_KIND_STRING
                   ? missing_of(n->type)
                   : convert(score.kind == RK_KIND_DOUBLE ? value_float((float)score.as.d) : score,
                             RK_KIND_FLOAT);
    }
    return missing_of(n->type);
}

/* ---- all nodes ---- */

value eval_factor(eval *e, unsigned number, unsigned at)
{
    const factor *const f = &e->p->factors[number];
    if (!e->known[number][at]) {
        e->factors[number][at] = convert(eval_node(e, f->value, at), f->type.kind);
        e->known[number][at] = true;
    }
    return e->factors[number][at];
}

/* A field of the row with the key; without a row or a value the default, else missing. */
static value cell(eval *e, unsigned number, unsigned column, unsigned at)
{
    const source *const s = &e->p->sources[number];
    const field *const f = &s->fields[column];
    if (s->scope == SCOPE_ITEM && at >= e->n)
        return missing_of(f->type);
    const value key = number == 0 ? e->ids[at] : number == 1 ? cell(e, 0, 0, at) : e->r->query[1];
    for (unsigned i = 0; i < s->n; i++)
        if (same_key(s->keys[i], key) && has_value(s->columns[column][i]))
            return s->columns[column][i];
    return f->initial ? f->otherwise : missing_of(f->type);
}

static value leaf(eval *e, const node *n, unsigned at)
{
    switch (n->kind) {
    case NODE_NUMBER:
        return number(n);
    case NODE_INF:
        return real(n->type.kind, HUGE_VAL);
    case NODE_BOOL:
        return value_bool(n->op);
    case NODE_STRING:
        return value_str(rk_str_from(n->text));
    case NODE_MISSING:
        return missing_of(n->type);
    case NODE_QUERY:
        return e->r->query[n->op];
    case NODE_FACTOR:
        return eval_factor(e, n->op, at);
    case NODE_SOURCE:
        return cell(e, n->op, n->row, at);
    case NODE_RANK:
    case NODE_SCORE:
        return of_label(e, n, at);
    default:
        break;
    }
    if (at >= e->n) /* a request without items asks for nothing of them */
        return missing_of(n->type);
    if (n->kind == NODE_ID)
        return e->ids[at];
    if (e->first[at] != NOWHERE)
        return e->r->items[n->op][e->first[at]];
    const field *const f = &e->p->item[n->op];
    return f->initial ? f->otherwise : missing_of(f->type);
}

value eval_node(eval *e, const node *n, unsigned at)
{
    switch (n->kind) {
    case NODE_NOT:
        return value_bool(!eval_node(e, n->kids[0], at).as.b);
    case NODE_NEG:
        return negative(eval_node(e, n->kids[0], at));
    case NODE_BINARY:
        return binary(e, n, at);
    case NODE_IF: {
        const value v = eval_node(e, n->kids[eval_node(e, n->kids[0], at).as.b ? 1 : 2], at);
        return v.kind == RK_KIND_NONE ? missing_of(n->type) : convert(v, n->type.kind);
    }
    case NODE_LIST:
        return list_of(e, n, at);
    case NODE_INDEX:
        return element(e, n, at);
    case NODE_IS_MISSING:
        return value_bool(!has_value(eval_node(e, n->kids[0], at)));
    case NODE_CALL:
        return call_function(e, n, at);
    case NODE_FOLD:
        return eval_fold(e, n, at);
    case NODE_MODEL:
        return eval_model(e, n, at);
    case NODE_DEF:
        return eval_node(e, n->body, at);
    case NODE_PARAM:
        return eval_node(e, n->kids[0], at);
    default:
        return leaf(e, n, at);
    }
}

/* ---- requests ---- */

static void add_item(eval *e, value id, unsigned sent)
{
    for (unsigned k = 0; k < e->n; k++)
        if (same_key(e->ids[k], id))
            return;
    e->ids[e->n] = id;
    e->first[e->n++] = sent;
}

void eval_start(eval *e, const program *p, const request *r, rk_arena *arena)
{
    *e = (eval){.p = p, .r = r, .arena = arena};
    const unsigned most = r->n + p->sources[0].n;
    e->ids = NEW_ARRAY(arena, value, most);
    e->first = NEW_ARRAY(arena, unsigned, most);
    for (unsigned i = 0; i < r->n; i++)
        add_item(e, r->ids[i], i);
    e->n_sent = e->n;
    for (unsigned i = 0; p->scans && i < p->sources[0].n; i++)
        add_item(e, p->sources[0].keys[i], NOWHERE);
    for (unsigned f = 0; f < p->n_factors; f++) {
        e->factors[f] = NEW_ARRAY(arena, value, e->n + 1);
        e->known[f] = NEW_ARRAY(arena, bool, e->n + 1);
    }
    e->folds = NEW_ARRAY(arena, value *, p->memos);
}
