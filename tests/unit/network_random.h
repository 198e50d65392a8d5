/* Networks at random, of all that network.h has: shapes with dimensions of 1, several rows an item,
 * values that many read, concatenations of concatenations. For the tests of inference. */
#ifndef RK_UNIT_NETWORK_RANDOM_H
#define RK_UNIT_NETWORK_RANDOM_H

#include <math.h>
#include <string.h>

#include "runtime/model/network.h"

enum {
    RANDOM_VALUES = 400,
    RANDOM_OPS = 200,
    RANDOM_OPERANDS = 600,
    RANDOM_INPUTS = 6,
    RANDOM_IDS = 11,    /* rows of tables */
    RANDOM_MOST = 1200, /* elements of a value */
};

typedef struct random_network {
    rk_arena *arena;
    uint64_t state;
    bool exact; /* small whole numbers and what keeps them so: sums are the same in any order */
    rk_network network;
    rk_network_value values[RANDOM_VALUES];
    rk_network_op ops[RANDOM_OPS];
    uint32_t operands[RANDOM_OPERANDS], inputs[RANDOM_INPUTS];
    uint32_t n_core;              /* operators; those behind them make outputs of values */
    bool wild[RANDOM_VALUES];     /* may be large: something else is made of it, nothing more */
    uint32_t ends[RANDOM_VALUES]; /* 1 + of each value that operators of the core make, or an input:
                                   * the same as floats in one row an item; 0: has none */
} random_network;

static inline uint32_t random_below(random_network *r, uint32_t n)
{
    r->state = r->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(r->state >> 33) % n;
}

static inline bool random_one_in(random_network *r, uint32_t n) { return random_below(r, n) == 0; }

static inline float random_float(random_network *r)
{
    static const float odd[] = {0, -0.0f, 1, -1, 0.5f, INFINITY, -INFINITY, NAN, 3e18f, 1e-40f, 88};
    if (r->exact)
        return (float)random_below(r, 7) - 3;
    if (random_one_in(r, 150))
        return odd[random_below(r, sizeof odd / sizeof *odd)];
    const float x = ((float)random_below(r, 1u << 24) - 0x1p23f) * 0x1p-22f;
    return random_one_in(r, 10) ? 10 * x : x;
}

/* Elements of a constant or of an input. */
static inline void *random_data(random_network *r, uint8_t kind, size_t n)
{
    char *const data = rk_arena_alloc_column(r->arena, n + 1, rk_network_kind_size(kind));
    for (size_t i = 0; i < n; i++)
        if (kind == RK_KIND_FLOAT)
            ((float *)(void *)data)[i] = random_float(r);
        else if (kind == RK_KIND_INT)
            ((int64_t *)(void *)data)[i] = (int64_t)random_below(r, 2 * RANDOM_IDS) - RANDOM_IDS;
        else
            data[i] = (char)random_below(r, 2);
    return data;
}

/* ---- values ---- */

static inline uint32_t random_add(random_network *r, const rk_network_value *value)
{
    r->values[r->network.n_values] = *value;
    return r->network.n_values++;
}

static inline uint32_t random_constant(random_network *r, rk_network_value value)
{
    value.batch = false;
    value.data = random_data(r, value.kind, rk_network_elements(&value));
    return random_add(r, &value);
}

static inline uint32_t random_numbers(random_network *r, uint32_t n)
{
    return random_constant(r, (rk_network_value){.kind = RK_KIND_FLOAT, .n_dims = 1, .dims = {n}});
}

static inline uint32_t random_dim(random_network *r)
{
    static const uint32_t dims[] = {1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33};
    return dims[random_below(r, sizeof dims / sizeof *dims)];
}

/* A value with batch of that kind and `n_dims` at least; UINT32_MAX: none was found. Later ones are
 * likelier, so that networks become deep. */
static inline uint32_t random_pick(random_network *r, uint8_t kind, uint32_t n_dims)
{
    for (uint32_t tries = 0; tries < 60; tries++) {
        const uint32_t all = r->network.n_values;
        const uint32_t back = 1 + random_below(r, random_one_in(r, 3) ? all : all < 12 ? all : 12);
        const rk_network_value *const value = &r->values[all - back];
        if (value->batch && value->kind == kind && value->n_dims >= n_dims && !r->wild[all - back])
            return all - back;
    }
    return UINT32_MAX;
}

/* ---- operators ---- */

/* An operator that makes a value like `out`; what it makes. */
static inline uint32_t random_op(random_network *r, rk_network_op op, rk_network_value out,
                                 const uint32_t *operands, uint32_t n)
{
    rk_network *const network = &r->network;
    out.batch = true;
    out.data = NULL;
    op.first = network->n_operands;
    op.n = n;
    op.out = random_add(r, &out);
    memcpy(r->operands + op.first, operands, n * sizeof *operands);
    network->n_operands += n;
    r->ops[network->n_ops++] = op;
    return op.out;
}

static inline uint32_t random_map(random_network *r, rk_network_fn fn, uint8_t kind, uint32_t x)
{
    rk_network_value out = r->values[x];
    out.kind = kind;
    const rk_network_op op = {.kind = RK_NETWORK_MAP, .fn = (uint8_t)fn, .a = 0.5f, .b = 2};
    return random_op(r, op, out, &x, 1);
}

/* Between -50 and 50, so that nothing grows without bound; whole numbers, below 97. */
static inline void random_tame(random_network *r, uint32_t value)
{
    r->wild[value] = r->values[value].kind != RK_KIND_BOOL;
    if (r->values[value].kind == RK_KIND_FLOAT) {
        const rk_network_op op = {.kind = RK_NETWORK_MAP, .fn = RK_NETWORK_CLIP, .a = -50, .b = 50};
        random_op(r, op, r->values[value], &value, 1);
    } else if (r->values[value].kind == RK_KIND_INT) {
        static const int64_t most = 97;
        const rk_network_value bound = {.kind = RK_KIND_INT, .n_dims = 0, .data = &most};
        const uint32_t operands[] = {value, random_add(r, &bound)};
        const rk_network_op op = {.kind = RK_NETWORK_MAP, .fn = RK_NETWORK_MOD};
        random_op(r, op, r->values[value], operands, 2);
    }
}

static inline bool random_stretches(const rk_network_value *x, const rk_network_value *y)
{
    bool fits = x->n_dims == y->n_dims && x->dims[0] == y->dims[0];
    for (uint32_t d = 1; fits && d < x->n_dims; d++)
        fits = x->dims[d] == y->dims[d] || x->dims[d] == 1 || y->dims[d] == 1;
    return fits;
}

/* Something that goes with x in a map: a value whose shape fits, or a constant that stretches. */
static inline uint32_t random_partner(random_network *r, uint32_t x, uint8_t kind)
{
    for (uint32_t tries = 0; tries < 6 && !random_one_in(r, 4); tries++) {
        const uint32_t other = random_pick(r, kind, 1);
        if (other != UINT32_MAX && random_stretches(&r->values[x], &r->values[other]))
            return other;
    }
    rk_network_value value = {.kind = kind};
    const rk_network_value *const like = &r->values[x];
    const uint32_t drop = random_below(r, like->n_dims + 1u);
    value.n_dims = (uint8_t)(like->n_dims - drop);
    for (uint32_t d = 0; d < value.n_dims; d++)
        value.dims[d] = d + drop == 0 || random_one_in(r, 3) ? 1 : like->dims[d + drop];
    return random_constant(r, value);
}

/* The shape to which operands stretch together. */
static inline rk_network_value random_joint(const random_network *r, const uint32_t *operands,
                                            uint32_t n)
{
    rk_network_value out = {0};
    for (uint32_t k = 0; k < n; k++)
        out.n_dims =
            r->values[operands[k]].n_dims > out.n_dims ? r->values[operands[k]].n_dims : out.n_dims;
    for (uint32_t k = 0; k < n; k++) {
        const rk_network_value *const v = &r->values[operands[k]];
        for (uint32_t d = 0; d < v->n_dims; d++) {
            uint32_t *const dim = &out.dims[out.n_dims - v->n_dims + d];
            *dim = v->dims[d] > *dim ? v->dims[d] : *dim;
        }
    }
    return out;
}

static inline void random_two(random_network *r, uint32_t x, rk_network_fn fn, uint8_t to)
{
    const uint32_t other = random_partner(r, x, r->values[x].kind);
    const bool swap = random_one_in(r, 2);
    const uint32_t operands[] = {swap ? other : x, swap ? x : other};
    rk_network_value out = random_joint(r, operands, 2);
    out.kind = to;
    if (rk_network_elements(&out) > RANDOM_MOST)
        return;
    random_tame(r, random_op(r, (rk_network_op){.kind = RK_NETWORK_MAP, .fn = (uint8_t)fn}, out,
                             operands, 2));
}

static inline void random_where(random_network *r)
{
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_INT, RK_KIND_BOOL};
    const uint32_t pick = random_pick(r, RK_KIND_BOOL, 1);
    if (pick == UINT32_MAX)
        return;
    const uint8_t kind = kinds[random_below(r, 4)];
    const uint32_t operands[] = {pick, random_partner(r, pick, kind),
                                 random_partner(r, pick, kind)};
    rk_network_value out = random_joint(r, operands, 3);
    for (uint32_t k = 0; k < 3; k++)
        if (r->values[operands[k]].batch && !random_stretches(&r->values[operands[k]], &out))
            return;
    out.kind = kind;
    if (rk_network_elements(&out) <= RANDOM_MOST)
        random_op(r, (rk_network_op){.kind = RK_NETWORK_MAP, .fn = RK_NETWORK_WHERE}, out, operands,
                  3);
}

static inline void random_elementwise(random_network *r)
{
    static const uint8_t exact[] = {RK_NETWORK_NEG,  RK_NETWORK_ABS,  RK_NETWORK_FLOOR,
                                    RK_NETWORK_RELU, RK_NETWORK_CEIL, RK_NETWORK_CLIP};
    static const uint8_t exact2[] = {RK_NETWORK_ADD, RK_NETWORK_SUB, RK_NETWORK_MUL,
                                     RK_NETWORK_MIN, RK_NETWORK_MAX, RK_NETWORK_PRELU};
    static const uint8_t ints[] = {RK_NETWORK_ADD, RK_NETWORK_SUB, RK_NETWORK_MUL, RK_NETWORK_DIV,
                                   RK_NETWORK_MIN, RK_NETWORK_MAX, RK_NETWORK_MOD};
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_INT, RK_KIND_BOOL};
    const uint8_t kind = kinds[random_one_in(r, 2) ? 0 : random_below(r, 3)];
    const uint32_t x = random_pick(r, kind, 1), dice = random_below(r, 8);
    if (x == UINT32_MAX)
        return;
    if (dice == 0)
        random_tame(r, random_map(r, RK_NETWORK_CAST, kinds[random_below(r, 3)], x));
    else if (dice == 1 && kind != RK_KIND_BOOL)
        random_two(r, x, RK_NETWORK_EQUAL + random_below(r, 5), RK_KIND_BOOL);
    else if (dice == 2)
        random_where(r);
    else if (kind == RK_KIND_BOOL && dice < 5)
        random_map(r, RK_NETWORK_NOT, kind, x);
    else if (kind == RK_KIND_BOOL)
        random_two(r, x, RK_NETWORK_AND + random_below(r, 3), kind);
    else if (kind == RK_KIND_INT)
        random_two(r, x, ints[random_below(r, 7)], kind);
    else if (dice < 5)
        random_tame(
            r, random_map(r, r->exact ? exact[random_below(r, 6)] : random_below(r, RK_NETWORK_NOT),
                          kind, x));
    else
        random_two(r, x,
                   r->exact ? exact2[random_below(r, 6)]
                            : RK_NETWORK_ADD + random_below(r, RK_NETWORK_EQUAL - RK_NETWORK_ADD),
                   kind);
}

static inline void random_dense(random_network *r)
{
    const uint32_t x = random_pick(r, RK_KIND_FLOAT, 2), n = random_dim(r);
    if (x == UINT32_MAX)
        return;
    rk_network_value out = r->values[x];
    const uint32_t k = out.dims[out.n_dims - 1];
    const uint32_t operands[] = {
        x,
        random_constant(r, (rk_network_value){.kind = RK_KIND_FLOAT, .n_dims = 2, .dims = {k, n}}),
        random_numbers(r, n)};
    out.dims[out.n_dims - 1] = n;
    if (rk_network_elements(&out) > RANDOM_MOST)
        return;
    uint32_t made = random_op(r, (rk_network_op){.kind = RK_NETWORK_DENSE}, out, operands,
                              2 + random_below(r, 2));
    if (random_one_in(r, 2))
        made =
            random_map(r, r->exact || random_one_in(r, 2) ? RK_NETWORK_RELU : RK_NETWORK_LEAKY_RELU,
                       RK_KIND_FLOAT, made);
    random_tame(r, made);
}

static inline void random_matmul(random_network *r)
{
    const uint32_t x = random_pick(r, RK_KIND_FLOAT, 3);
    if (x == UINT32_MAX)
        return;
    const rk_network_value from = r->values[x];
    const uint32_t last = from.n_dims - 1u, n = random_dim(r);
    rk_network_value with = from;
    uint32_t y = UINT32_MAX;
    for (uint32_t tries = 0; tries < 8 && y == UINT32_MAX; tries++) {
        const uint32_t other = random_pick(r, RK_KIND_FLOAT, 3);
        rk_network_value v = r->values[other == UINT32_MAX ? x : other];
        const bool inner = v.n_dims == from.n_dims && v.dims[last - 1] == from.dims[last];
        v.dims[last] = from.dims[last];
        v.dims[last - 1] = from.dims[last - 1];
        if (other != UINT32_MAX && inner && random_stretches(&from, &v))
            y = other;
    }
    if (y == UINT32_MAX) {
        with.dims[0] = 1;
        with.dims[last - 1] = from.dims[last];
        with.dims[last] = n;
        if (from.n_dims == 3 && random_one_in(r, 2)) {
            with.n_dims = 2;
            memmove(with.dims, with.dims + 1, 2 * sizeof *with.dims);
        }
        y = random_constant(r, with);
    }
    const uint32_t operands[] = {x, y};
    rk_network_value out = random_joint(r, operands, 2);
    out.kind = RK_KIND_FLOAT;
    out.dims[last - 1] = from.dims[last - 1];
    out.dims[last] = r->values[y].dims[r->values[y].n_dims - 1];
    if (rk_network_elements(&out) <= RANDOM_MOST)
        random_tame(r, random_op(r, (rk_network_op){.kind = RK_NETWORK_MATMUL}, out, operands, 2));
}

static inline void random_gather(random_network *r)
{
    const uint32_t given = random_pick(r, RK_KIND_INT, 1);
    if (given == UINT32_MAX)
        return;
    const int64_t *const bound =
        memcpy(rk_arena_alloc(r->arena, sizeof *bound), &(int64_t){RANDOM_IDS}, sizeof *bound);
    const uint32_t pair[] = {
        given, random_add(r, &(rk_network_value){.kind = RK_KIND_INT, .data = bound})};
    const bool fits = r->values[given].dims[0] && random_one_in(r, 2) && given < RANDOM_INPUTS;
    const uint32_t ids =
        fits ? given
             : random_op(r, (rk_network_op){.kind = RK_NETWORK_MAP, .fn = RK_NETWORK_MOD},
                         r->values[given], pair, 2);
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_INT, RK_KIND_BOOL};
    rk_network_value out = r->values[ids];
    rk_network_value table = {.kind = kinds[random_below(r, 4)],
                              .n_dims = (uint8_t)(1 + random_below(r, 3)),
                              .dims = {RANDOM_IDS, random_dim(r), 1 + random_below(r, 3)}};
    if (out.n_dims + table.n_dims > 5)
        table.n_dims = 1;
    memcpy(out.dims + out.n_dims, table.dims + 1, (table.n_dims - 1u) * sizeof *out.dims);
    out.n_dims = (uint8_t)(out.n_dims + table.n_dims - 1);
    out.kind = table.kind;
    if (rk_network_elements(&out) > RANDOM_MOST)
        return;
    const uint32_t operands[] = {random_constant(r, table), ids};
    random_op(r, (rk_network_op){.kind = RK_NETWORK_GATHER}, out, operands, 2);
}

static inline uint32_t random_any(random_network *r, uint32_t n_dims)
{
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_FLOAT, RK_KIND_INT,
                                    RK_KIND_BOOL};
    return random_pick(r, kinds[random_below(r, 5)], n_dims);
}

static inline void random_take(random_network *r)
{
    const uint32_t x = random_any(r, 2);
    if (x == UINT32_MAX)
        return;
    rk_network_value out = r->values[x];
    const uint32_t axis = 1 + random_below(r, out.n_dims - 1u), n = random_dim(r);
    int64_t *const at = rk_arena_alloc_column(r->arena, n, sizeof *at);
    const uint32_t length = out.dims[axis], from = random_below(r, length);
    const bool slice = random_one_in(r, 2) && n <= length - from;
    for (uint32_t i = 0; i < n; i++)
        at[i] = slice ? from + i : random_below(r, length);
    const uint32_t operands[] = {
        x, random_add(
               r, &(rk_network_value){.kind = RK_KIND_INT, .n_dims = 1, .dims = {n}, .data = at})};
    out.dims[axis] = n;
    if (rk_network_elements(&out) <= RANDOM_MOST)
        random_op(r, (rk_network_op){.kind = RK_NETWORK_TAKE, .axis = (uint8_t)axis}, out, operands,
                  2);
}

/* Values that differ from x along the axis alone, or constants that stretch. */
static inline void random_concat(random_network *r)
{
    const uint32_t x = random_any(r, 2), n = 1 + random_below(r, 6);
    if (x == UINT32_MAX)
        return;
    uint32_t operands[6];
    rk_network_value out = r->values[x];
    const uint32_t axis =
        random_one_in(r, 2) ? out.n_dims - 1u : 1 + random_below(r, out.n_dims - 1u);
    const uint32_t own = random_below(r, n);
    out.dims[axis] = 0;
    for (uint32_t k = 0; k < n; k++) {
        rk_network_value like = r->values[x];
        uint32_t other = x;
        for (uint32_t tries = 0; k != own && tries < 30; tries++) {
            other = random_pick(r, like.kind, 2);
            rk_network_value v = r->values[other == UINT32_MAX ? x : other];
            v.dims[axis] = v.n_dims > axis ? like.dims[axis] : 0;
            if (other != UINT32_MAX && v.n_dims == like.n_dims &&
                memcmp(v.dims, like.dims, like.n_dims * sizeof *v.dims) == 0)
                break;
            other = UINT32_MAX;
        }
        if (other == UINT32_MAX || (k != own && random_one_in(r, 6))) {
            for (uint32_t d = 0; d < like.n_dims; d++)
                like.dims[d] = d == axis                       ? random_dim(r)
                               : d == 0 || random_one_in(r, 4) ? 1
                                                               : like.dims[d];
            other = random_constant(r, like);
        }
        operands[k] = other;
        out.dims[axis] += r->values[other].dims[axis];
    }
    if (rk_network_elements(&out) <= RANDOM_MOST)
        random_op(r, (rk_network_op){.kind = RK_NETWORK_CONCAT, .axis = (uint8_t)axis}, out,
                  operands, n);
}

static inline void random_reshape(random_network *r)
{
    const uint32_t x = random_any(r, 1);
    if (x == UINT32_MAX)
        return;
    rk_network_value out = r->values[x];
    uint32_t rest = (uint32_t)rk_network_elements(&out);
    out.n_dims = 0;
    for (uint32_t n = 1 + random_below(r, 4); n > 1; n--) {
        uint32_t dim = random_one_in(r, 3) ? 1 : 1 + random_below(r, rest);
        while (rest % dim != 0)
            dim--;
        dim = random_one_in(r, 2) && out.n_dims == 0 ? 1 : dim;
        out.dims[out.n_dims++] = dim;
        rest /= dim;
    }
    out.dims[out.n_dims++] = rest;
    random_op(r, (rk_network_op){.kind = RK_NETWORK_RESHAPE}, out, &x, 1);
}

static inline void random_transpose(random_network *r)
{
    const uint32_t x = random_any(r, 2);
    if (x == UINT32_MAX)
        return;
    rk_network_op op = {.kind = RK_NETWORK_TRANSPOSE};
    rk_network_value out = r->values[x];
    for (uint32_t d = 0; d < out.n_dims; d++)
        op.axes[d] = (uint8_t)d;
    for (uint32_t d = out.n_dims - 1u; d > 1; d--) {
        const uint32_t with = 1 + random_below(r, d);
        const uint8_t kept = op.axes[d];
        op.axes[d] = op.axes[with];
        op.axes[with] = kept;
    }
    for (uint32_t d = 0; d < out.n_dims; d++)
        out.dims[d] = r->values[x].dims[op.axes[d]];
    random_op(r, op, out, &x, 1);
}

static inline void random_expand(random_network *r)
{
    const uint32_t x = random_any(r, 1);
    if (x == UINT32_MAX)
        return;
    rk_network_value out = r->values[x];
    for (uint32_t d = 1; d < out.n_dims; d++)
        out.dims[d] = out.dims[d] == 1 ? random_dim(r) : out.dims[d];
    if (rk_network_elements(&out) <= RANDOM_MOST)
        random_op(r, (rk_network_op){.kind = RK_NETWORK_EXPAND}, out, &x, 1);
}

static inline void random_reduce(random_network *r)
{
    static const uint8_t whole[] = {RK_NETWORK_SUM, RK_NETWORK_GREATEST, RK_NETWORK_LEAST};
    static const uint8_t exact[] = {RK_NETWORK_SUM,   RK_NETWORK_GREATEST,   RK_NETWORK_L1,
                                    RK_NETWORK_LEAST, RK_NETWORK_SUM_SQUARE, RK_NETWORK_SUM};
    const uint8_t kind = random_one_in(r, 6) ? RK_KIND_INT : RK_KIND_FLOAT;
    const uint32_t x = random_pick(r, kind, 2);
    if (x == UINT32_MAX)
        return;
    rk_network_op op = {.kind = RK_NETWORK_REDUCE};
    op.fn = (uint8_t)(kind == RK_KIND_INT ? whole[random_below(r, 3)]
                      : r->exact          ? exact[random_below(r, 6)]
                                          : random_below(r, RK_NETWORK_FOLD_COUNT));
    rk_network_value out = r->values[x];
    op.mask = random_below(r, (1u << out.n_dims) - 2) + 1;
    op.mask = (op.mask & ~1u) ? op.mask & ~1u : 1u << (out.n_dims - 1);
    const bool keep = random_one_in(r, 2);
    uint32_t n = 0;
    for (uint32_t d = 0; d < r->values[x].n_dims; d++)
        if (!(op.mask >> d & 1))
            out.dims[n++] = r->values[x].dims[d];
        else if (keep)
            out.dims[n++] = 1;
    out.n_dims = (uint8_t)n;
    random_tame(r, random_op(r, op, out, &x, 1));
}

static inline void random_along(random_network *r)
{
    const uint32_t x = random_pick(r, RK_KIND_FLOAT, 2);
    if (x == UINT32_MAX || r->exact)
        return;
    const rk_network_value like = r->values[x];
    const uint32_t axis = 1 + random_below(r, like.n_dims - 1u), kind = random_below(r, 3);
    rk_network_op op = {.axis = (uint8_t)axis, .a = 1e-5f};
    uint32_t operands[3] = {x, 0, 0}, n = 1;
    if (kind == 0) {
        op.kind = RK_NETWORK_SOFTMAX;
        op.fn = (uint8_t)random_below(r, 2);
    } else if (kind == 1) {
        op.kind = RK_NETWORK_LP_NORM;
        op.fn = (uint8_t)(1 + random_below(r, 2));
    } else {
        rk_network_value scale = {.kind = RK_KIND_FLOAT, .n_dims = (uint8_t)(like.n_dims - axis)};
        for (uint32_t d = 0; d < scale.n_dims; d++)
            scale.dims[d] = random_one_in(r, 4) ? 1 : like.dims[axis + d];
        op.kind = RK_NETWORK_LAYER_NORM;
        operands[1] = random_constant(r, scale);
        operands[2] = random_constant(r, scale);
        n = 2 + random_below(r, 2);
    }
    random_tame(r, random_op(r, op, like, operands, n));
}

/* ---- the whole ---- */

/* An input of one row an item. */
static inline void random_input(random_network *r)
{
    static const uint8_t kinds[] = {RK_KIND_FLOAT, RK_KIND_INT,  RK_KIND_FLOAT,
                                    RK_KIND_FLOAT, RK_KIND_BOOL, RK_KIND_INT};
    const uint32_t i = r->network.n_inputs++;
    rk_network_value value = {.kind = kinds[i], .batch = true, .dims = {1}};
    value.n_dims = (uint8_t)(1 + random_below(r, 4));
    for (uint32_t d = 1; d < value.n_dims; d++)
        value.dims[d] = rk_network_elements(&value) > 100 ? 1 + random_below(r, 2) : random_dim(r);
    r->inputs[i] = random_add(r, &value);
}

/* Every value once more, as an output may have it. */
static inline void random_make_ends(random_network *r)
{
    const uint32_t n = r->network.n_values;
    r->n_core = r->network.n_ops;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t end = v;
        if (!r->values[v].batch)
            continue;
        if (r->values[v].kind != RK_KIND_FLOAT)
            end = random_map(r, RK_NETWORK_CAST, RK_KIND_FLOAT, v);
        if (r->values[v].dims[0] != 1) {
            const rk_network_value flat = {
                .kind = RK_KIND_FLOAT,
                .n_dims = 2,
                .dims = {1, (uint32_t)rk_network_elements(&r->values[v])}};
            end = random_op(r, (rk_network_op){.kind = RK_NETWORK_RESHAPE}, flat, &end, 1);
        }
        r->ends[v] = end + 1;
    }
}

/* A network of some `n` operators. All of it lives in the arena, and in *r. */
static inline void random_make(random_network *r, uint64_t seed, uint32_t n, rk_arena *arena)
{
    static void (*const makers[])(random_network *) = {
        random_elementwise, random_elementwise, random_elementwise, random_elementwise,
        random_dense,       random_dense,       random_matmul,      random_gather,
        random_take,        random_concat,      random_concat,      random_reshape,
        random_transpose,   random_expand,      random_reduce,      random_along};
    memset(r, 0, sizeof *r);
    r->arena = arena;
    r->state = seed * 2 + 1;
    r->exact = seed % 2 == 1;
    r->network = (rk_network){
        .values = r->values, .ops = r->ops, .operands = r->operands, .inputs = r->inputs};
    for (uint32_t i = 0; i < RANDOM_INPUTS; i++)
        random_input(r);
    while (r->network.n_ops < n)
        makers[random_below(r, sizeof makers / sizeof *makers)](r);
    random_make_ends(r);
}

#endif
