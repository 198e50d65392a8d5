/* Random programs: chance, leaves, and the order in which a program is made. */
#include <stdio.h>

#include "tests/programs/programs.h"

/* splitmix64 */
uint64_t draw(gen *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
unsigned below(gen *g, unsigned n) { return n ? (unsigned)(draw(g) % n) : 0; }
bool chance(gen *g, unsigned percent) { return below(g, 100) < percent; }

node *new_node(gen *g, node_kind kind, unsigned op, unsigned n, node *a, node *b, node *c)
{
    node *const made = NEW(&g->p->arena, node);
    *made = (node){.kind = kind, .op = op, .n = n, .kids = {a, b, c}, .over = -1};
    return made;
}

static bool allowed(const gen *g, const node *n)
{
    return !(n->needs & ~g->labels) && !(n->bound & ~g->within) &&
           (!g->query_only || n->scope <= SCOPE_QUERY);
}

node *accept(gen *g, node *n, uint8_t kind)
{
    for (unsigned i = 0; i < n->n; i++)
        if (!n->kids[i] && n->kind != NODE_FOLD && n->kind != NODE_MODEL)
            return NULL;
    if (!type_node(g->p, n, (rk_type){0}) || n->type.kind != kind || !allowed(g, n))
        return NULL;
    return n;
}

/* ---- literals ---- */

static node *literal(gen *g, const char *digits)
{
    node *const n = new_node(g, NODE_NUMBER, 0, 0, NULL, NULL, NULL);
    n->text = digits;
    return n;
}

static const char *const wholes[] = {"0", "1",  "2",   "3",     "4",        "7",
                                     "8", "10", "100", "1_000", "16777217", "9007199254740993"};
static const char *const reals[] = {"0.0",  "0.5",  "1.0",    "2.0",  "0.1",  "1.5",
                                    "0.25", "1e-3", "3.25e2", "1e10", "1.1",  "1e-42",
                                    "3e38", "2h",   "250ms",  "90s",  "1e-5", "123456.789"};

static node *gen_whole(gen *g)
{
    if (chance(g, 2))
        return literal(g, "9223372036854775807");
    return literal(g, wholes[below(g, chance(g, 85) ? 9 : RK_ARRAY_LEN(wholes))]);
}

/* Of number literals alone: it takes the type of its use. */
node *gen_literal(gen *g)
{
    static const unsigned ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_POW};
    const unsigned roll = below(g, 100);
    if (roll < 6)
        return new_node(g, NODE_NEG, 0, 1, gen_literal(g), NULL, NULL);
    if (roll < 12)
        return new_node(g, NODE_BINARY, ops[below(g, 5)], 2, gen_literal(g), gen_literal(g), NULL);
    if (roll < 14)
        return new_node(g, NODE_INF, 0, 0, NULL, NULL, NULL);
    return roll < 60 ? gen_whole(g) : literal(g, reals[below(g, RK_ARRAY_LEN(reals))]);
}

uint8_t any_scalar(gen *g) { return (uint8_t)(RK_KIND_BOOL + below(g, 5)); }

/* ---- leaves ---- */

static bool same_type(rk_type a, rk_type b)
{
    return a.kind == b.kind && a.elem == b.elem && (b.dim == 0 || a.dim == b.dim);
}

static node *source_leaf(gen *g, rk_type type)
{
    const unsigned number = g->query_only ? 2 : below(g, SOURCES);
    const source *const s = &g->p->sources[number];
    const unsigned from = below(g, s->n_fields);
    for (unsigned k = 0; k < s->n_fields; k++)
        if (same_type(s->fields[(from + k) % s->n_fields].type, type)) {
            node *const n = new_node(g, NODE_SOURCE, number, 0, NULL, NULL, NULL);
            n->row = (from + k) % s->n_fields;
            return n;
        }
    return NULL;
}

static node *field_leaf(gen *g, rk_type type)
{
    if (g->p->has_sources && chance(g, 30))
        return source_leaf(g, type);
    const bool query = g->query_only || chance(g, 25);
    const field *const fields = query ? g->p->query : g->p->item;
    const unsigned n = query ? g->p->n_query : g->p->n_item, from = below(g, n);
    for (unsigned k = 0; k < n; k++)
        if (same_type(fields[(from + k) % n].type, type))
            return new_node(g, query ? NODE_QUERY : NODE_ITEM, (from + k) % n, 0, NULL, NULL, NULL);
    return NULL;
}

static node *factor_leaf(gen *g, rk_type type)
{
    const unsigned n = g->p->n_factors, from = below(g, n);
    for (unsigned k = 0; k < n; k++) {
        const factor *const f = &g->p->factors[(from + k) % n];
        if (same_type(f->type, type) && allowed(g, f->value))
            return new_node(g, NODE_FACTOR, (from + k) % n, 0, NULL, NULL, NULL);
    }
    return NULL;
}

static node *constant_leaf(gen *g, uint8_t kind)
{
    static const char *const texts[] = {"",    "a", "red",  "red nuts", "nut",  " ",  "12",
                                        "1.5", "A", "{} a", "a,b",      "орех", "-7", "x"};
    if (kind == RK_KIND_BOOL)
        return new_node(g, NODE_BOOL, below(g, 2), 0, NULL, NULL, NULL);
    node *const n = new_node(g, NODE_STRING, 0, 0, NULL, NULL, NULL);
    n->text = texts[below(g, RK_ARRAY_LEN(texts))];
    return n;
}

static node *label_leaf(gen *g, uint8_t kind)
{
    const unsigned label = below(g, LABELS_MAX);
    if (g->query_only || !(g->labels >> (label + 1) & 1))
        return NULL;
    return new_node(g, kind == RK_KIND_INT ? NODE_RANK : NODE_SCORE, label, 0, NULL, NULL, NULL);
}

/* Never NULL for the kinds that fields have. */
node *gen_leaf(gen *g, rk_type type)
{
    node *n = NULL;
    if (chance(g, 35))
        n = factor_leaf(g, type);
    if (!n && (type.kind == RK_KIND_BOOL || type.kind == RK_KIND_STRING) && chance(g, 15))
        n = constant_leaf(g, type.kind);
    if (!n && (type.kind == RK_KIND_INT || type.kind == RK_KIND_FLOAT) && chance(g, 8))
        n = label_leaf(g, type.kind);
    if (!n && type.kind == g->p->id_type.kind && !g->query_only && chance(g, 5))
        n = new_node(g, NODE_ID, 0, 0, NULL, NULL, NULL);
    for (unsigned tries = 0; !n && tries < 20; tries++)
        n = field_leaf(g, type);
    return n && accept(g, n, type.kind) ? n : NULL;
}

/* ---- fields ---- */

void add_field(field *fields, unsigned *n, const char *name, rk_type type, const char *initial,
               value otherwise)
{
    field *const f = &fields[(*n)++];
    *f = (field){.type = type, .initial = initial, .otherwise = otherwise};
    snprintf(f->name, sizeof f->name, "%s", name);
}

static value empty_list(rk_type type) { return (value){.kind = type.kind, .elem = type.elem}; }

static value zeros(rk_arena *arena, unsigned n)
{
    value v = {.kind = RK_KIND_VECTOR};
    v.as.list.items = NEW_ARRAY(arena, value, n);
    v.as.list.len = n;
    for (unsigned i = 0; i < n; i++)
        v.as.list.items[i] = value_float((float)i);
    return v;
}

static void query_fields(program *p)
{
    field *const q = p->query;
    unsigned *const n = &p->n_query;
    const value none = {0};
    const rk_type v3 = {.kind = RK_KIND_VECTOR, .dim = 3};
    add_field(q, n, "b", RK_TYPE(BOOL), NULL, none);
    add_field(q, n, "i", RK_TYPE(INT), "3", value_int(3));
    add_field(q, n, "k", RK_TYPE_OPT(INT), NULL, none);
    add_field(q, n, "f", RK_TYPE(FLOAT), NULL, none);
    add_field(q, n, "g", RK_TYPE_OPT(FLOAT), NULL, none);
    add_field(q, n, "d", RK_TYPE(DOUBLE), "0.5", value_double(0.5));
    add_field(q, n, "s", RK_TYPE(STRING), NULL, none);
    add_field(q, n, "t", RK_TYPE_OPT(STRING), NULL, none);
    add_field(q, n, "lf", RK_TYPE_LIST(FLOAT), NULL, none);
    add_field(q, n, "li", RK_TYPE_LIST(INT), NULL, none);
    add_field(q, n, "ls", RK_TYPE_LIST(STRING), "[]", empty_list(RK_TYPE_LIST(STRING)));
    add_field(q, n, "ld", rk_type_opt(RK_TYPE_LIST(DOUBLE), true), NULL, none);
    add_field(q, n, "lb", RK_TYPE_LIST(BOOL), NULL, none);
    add_field(q, n, "v3", v3, NULL, none);
    add_field(q, n, "v20", (rk_type){.kind = RK_KIND_VECTOR, .dim = 20}, NULL, none);
}

/* Where items are recalled that were not sent, plain fields have defaults. */
static void item_fields(program *p)
{
    field *const i = p->item;
    unsigned *const n = &p->n_item;
    const value none = {0};
    const bool all = p->scans;
    const rk_type v3 = {.kind = RK_KIND_VECTOR, .dim = 3};
    const rk_type big = {.kind = RK_KIND_VECTOR, .dim = 20, .optional = true};
    add_field(i, n, "b1", RK_TYPE(BOOL), all ? "true" : NULL, value_bool(true));
    add_field(i, n, "b2", RK_TYPE_OPT(BOOL), NULL, none);
    add_field(i, n, "i1", RK_TYPE(INT), all ? "2" : NULL, value_int(2));
    add_field(i, n, "i2", RK_TYPE_OPT(INT), NULL, none);
    add_field(i, n, "f1", RK_TYPE(FLOAT), all ? "0.1" : NULL, value_float(0.1f));
    add_field(i, n, "f2", RK_TYPE_OPT(FLOAT), NULL, none);
    add_field(i, n, "d1", RK_TYPE(DOUBLE), "0.1", value_double(0.1));
    add_field(i, n, "d2", RK_TYPE_OPT(DOUBLE), NULL, none);
    add_field(i, n, "s1", RK_TYPE(STRING), all ? "\"red\"" : NULL, value_str(RK_STR("red")));
    add_field(i, n, "s2", RK_TYPE_OPT(STRING), NULL, none);
    add_field(i, n, "lf1", RK_TYPE_LIST(FLOAT), all ? "[]" : NULL, empty_list(RK_TYPE_LIST(FLOAT)));
    add_field(i, n, "li1", rk_type_opt(RK_TYPE_LIST(INT), true), NULL, none);
    add_field(i, n, "ls1", RK_TYPE_LIST(STRING), all ? "[]" : NULL,
              empty_list(RK_TYPE_LIST(STRING)));
    add_field(i, n, "vec", v3, all ? "[0, 1, 2]" : NULL, zeros(&p->arena, 3));
    add_field(i, n, "big", big, NULL, none);
}

void gen_fields(gen *g)
{
    query_fields(g->p);
    item_fields(g->p);
}

/* ---- programs ---- */

static uint8_t factor_kind(gen *g)
{
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_FLOAT,  RK_KIND_INT,
                                    RK_KIND_INT,   RK_KIND_BOOL,  RK_KIND_DOUBLE, RK_KIND_STRING,
                                    RK_KIND_LIST,  RK_KIND_VECTOR};
    return kinds[below(g, RK_ARRAY_LEN(kinds))];
}

static void gen_factor(gen *g)
{
    program *const p = g->p;
    factor *const f = &p->factors[p->n_factors];
    const uint8_t kind = factor_kind(g);
    const unsigned depth = 1 + below(g, 4);
    node *const asked = chance(g, 50) ? gen_any_model(g, depth) : NULL;
    node *n = asked                              ? asked
              : kind == RK_KIND_LIST             ? gen_list(g, any_scalar(g), depth)
              : kind == RK_KIND_VECTOR           ? gen_vector(g, chance(g, 70) ? 3 : 20, depth)
              : chance(g, 10) && is_number(kind) ? gen_literal(g)
                                                 : gen_value(g, kind, depth);
    *f = (factor){.value = n};
    if (!n || !type_node(p, n, (rk_type){0}))
        return;
    f->type = n->type;
    snprintf(f->name, sizeof f->name, "x%u", p->n_factors);
    if (chance(g, 20)) {
        f->declared = f->type;
        if (is_number(f->type.kind) && chance(g, 50))
            f->declared.kind = converts(f->type.kind, RK_KIND_FLOAT) && chance(g, 50)
                                   ? RK_KIND_FLOAT
                                   : RK_KIND_DOUBLE;
        f->type = f->declared;
        if (!type_node(p, n, f->declared))
            return;
    }
    p->n_factors++;
}

program *gen_program(uint64_t seed)
{
    rk_arena arena = {0};
    program *const p = NEW(&arena, program);
    p->arena = arena; /* which holds p itself */
    p->seed = seed;
    gen g = {.state = seed * 0x2545f4914f6cdd1du + 1, .p = p, .within = ~0u};
    p->id_type = chance(&g, 70) ? RK_TYPE(INT) : RK_TYPE(STRING);
    p->has_sources = chance(&g, 40);
    p->scans = p->has_sources && chance(&g, 50);
    gen_fields(&g);
    if (p->has_sources)
        gen_sources(&g);
    gen_defs(&g);
    gen_models(&g);
    g.labels = 1u | (~0u << 1 & ((2u << below(&g, LABELS_MAX + 1)) - 1));
    const unsigned planned = g.labels;
    const unsigned n = 1 + below(&g, 14);
    for (unsigned i = 0; i < n * 2 && p->n_factors < n; i++)
        gen_factor(&g);
    g.labels = planned;
    gen_pipelines(&g);
    if (type_program(p))
        return p;
    rk_arena last = p->arena;
    rk_arena_free(&last);
    return NULL;
}
