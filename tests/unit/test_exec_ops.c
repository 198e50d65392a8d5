/* Every elementwise operation and kind, on grids of awkward values, against a scalar reference
 * written here from the manual; at many lengths, with operands per item, per request and constant,
 * on every CPU level of this machine. */
#include <float.h>
#include <math.h>

#include "tests/unit/plan_builder.h"

enum { OPERANDS = 3, LENGTHS = 71, LIST_MAX = 43 };

typedef struct op_case {
    rk_core core;
    rk_type result;
    rk_type operands[OPERANDS];
} op_case;

#define B       RK_TYPE(BOOL)
#define I       RK_TYPE(INT)
#define F       RK_TYPE(FLOAT)
#define D       RK_TYPE(DOUBLE)
#define S       RK_TYPE(STRING)
#define BQ      RK_TYPE_OPT(BOOL)
#define IQ      RK_TYPE_OPT(INT)
#define FQ      RK_TYPE_OPT(FLOAT)
#define DQ      RK_TYPE_OPT(DOUBLE)
#define SQ      RK_TYPE_OPT(STRING)
#define V       ((rk_type){.kind = RK_KIND_VECTOR, .dim = 3})
#define VQ      ((rk_type){.kind = RK_KIND_VECTOR, .dim = 3, .optional = true})
#define L(elem) RK_TYPE_LIST(elem)
#define LQ(e)   ((rk_type){.kind = RK_KIND_LIST, .elem = RK_KIND_##e, .optional = true})

/* clang-format off */
#define ARITHMETIC(core) \
    {RK_CORE_##core, I, {I, I}}, {RK_CORE_##core, IQ, {IQ, I}}, {RK_CORE_##core, IQ, {IQ, IQ}}, \
    {RK_CORE_##core, F, {F, F}}, {RK_CORE_##core, FQ, {FQ, F}}, {RK_CORE_##core, D, {D, D}}
#define REAL(core) \
    {RK_CORE_##core, F, {F, F}}, {RK_CORE_##core, D, {D, D}}, {RK_CORE_##core, DQ, {D, DQ}}
#define COMPARISON(core) \
    {RK_CORE_##core, B, {B, B}}, {RK_CORE_##core, B, {I, I}}, {RK_CORE_##core, B, {F, F}}, \
    {RK_CORE_##core, B, {D, D}}, {RK_CORE_##core, B, {S, S}}

static const op_case cases[] = {
    ARITHMETIC(ADD), ARITHMETIC(SUB), ARITHMETIC(MUL), REAL(DIV), REAL(POW),
    {RK_CORE_MOD, IQ, {I, I}}, {RK_CORE_MOD, IQ, {IQ, IQ}},
    {RK_CORE_MOD, F, {F, F}}, {RK_CORE_MOD, D, {D, D}},
    {RK_CORE_NEG, I, {I}}, {RK_CORE_NEG, IQ, {IQ}}, {RK_CORE_NEG, F, {F}}, {RK_CORE_NEG, D, {D}},
    COMPARISON(EQ), COMPARISON(NE), COMPARISON(LT), COMPARISON(LE), COMPARISON(GT), COMPARISON(GE),
    {RK_CORE_AND, B, {B, B}}, {RK_CORE_OR, B, {B, B}}, {RK_CORE_NOT, B, {B}},
    {RK_CORE_COALESCE, B, {BQ, B}}, {RK_CORE_COALESCE, I, {IQ, I}},
    {RK_CORE_COALESCE, IQ, {IQ, IQ}},
    {RK_CORE_COALESCE, F, {FQ, F}}, {RK_CORE_COALESCE, FQ, {FQ, FQ}}, {RK_CORE_COALESCE, D, {D, D}},
    {RK_CORE_COALESCE, S, {SQ, S}}, {RK_CORE_COALESCE, SQ, {SQ, SQ}},
    {RK_CORE_COALESCE, V, {VQ, V}}, {RK_CORE_COALESCE, VQ, {VQ, VQ}},
    {RK_CORE_COALESCE, L(INT), {LQ(INT), L(INT)}},
    {RK_CORE_COALESCE, LQ(STRING), {LQ(STRING), LQ(STRING)}},
    {RK_CORE_IF, B, {B, B, B}}, {RK_CORE_IF, I, {B, I, I}}, {RK_CORE_IF, IQ, {B, IQ, I}},
    {RK_CORE_IF, F, {B, F, F}}, {RK_CORE_IF, D, {B, D, D}}, {RK_CORE_IF, SQ, {B, SQ, SQ}},
    {RK_CORE_IF, BQ, {B, BQ, B}}, {RK_CORE_IF, V, {B, V, V}}, {RK_CORE_IF, VQ, {B, V, VQ}},
    {RK_CORE_IF, L(FLOAT), {B, L(FLOAT), L(FLOAT)}}, {RK_CORE_IF, LQ(INT), {B, LQ(INT), L(INT)}},
    {RK_CORE_IS_MISSING, B, {BQ}}, {RK_CORE_IS_MISSING, B, {IQ}}, {RK_CORE_IS_MISSING, B, {FQ}},
    {RK_CORE_IS_MISSING, B, {D}}, {RK_CORE_IS_MISSING, B, {SQ}}, {RK_CORE_IS_MISSING, B, {VQ}},
    {RK_CORE_IS_MISSING, B, {LQ(INT)}}, {RK_CORE_IS_MISSING, B, {I}},
    {RK_CORE_CONVERT, I, {B}}, {RK_CORE_CONVERT, IQ, {BQ}}, {RK_CORE_CONVERT, F, {B}},
    {RK_CORE_CONVERT, FQ, {BQ}}, {RK_CORE_CONVERT, F, {I}}, {RK_CORE_CONVERT, FQ, {IQ}},
    {RK_CORE_CONVERT, D, {I}}, {RK_CORE_CONVERT, DQ, {IQ}}, {RK_CORE_CONVERT, D, {F}},
    {RK_CORE_CONVERT, F, {D}}, {RK_CORE_CONVERT, DQ, {FQ}}, {RK_CORE_CONVERT, D, {B}},
    {RK_CORE_IN, B, {B, L(BOOL)}}, {RK_CORE_IN, B, {I, L(INT)}}, {RK_CORE_IN, B, {F, L(FLOAT)}},
    {RK_CORE_IN, B, {D, L(DOUBLE)}}, {RK_CORE_IN, B, {S, L(STRING)}},
    {RK_CORE_INDEX, IQ, {L(INT), I}}, {RK_CORE_INDEX, FQ, {L(FLOAT), I}},
    {RK_CORE_INDEX, DQ, {LQ(DOUBLE), IQ}}, {RK_CORE_INDEX, SQ, {LQ(STRING), I}},
    {RK_CORE_INDEX, BQ, {L(BOOL), I}}, {RK_CORE_INDEX, FQ, {V, I}}, {RK_CORE_INDEX, FQ, {VQ, IQ}},
    {RK_CORE_LIST, L(INT), {I, I, I}}, {RK_CORE_LIST, L(FLOAT), {F, F}},
    {RK_CORE_LIST, L(STRING), {S}}, {RK_CORE_LIST, L(BOOL), {B, B}}, {RK_CORE_LIST, L(DOUBLE), {D}},
};
/* clang-format on */

/* ---- values ---- */

static const int64_t ints[] = {0,         1,
                               -1,        2,
                               -2,        3,
                               7,         -7,
                               100,       INT64_MIN,
                               INT64_MAX, (INT64_C(1) << 53) + 1,
                               16777217,  INT64_MIN + 1};
static const double reals[] = {0.0,       -0.0,  1.0,     -1.0,  0.5,    2.0,      -3.0,
                               1e30,      -1e30, FLT_MAX, 1e-45, 1e-310, INFINITY, NAN,
                               -INFINITY, 0.1,   DBL_MAX, 3.5,   -7.25,  1e10,     1.0 / 3.0};
static const char *const texts[] = {"", "a", "ab", "b", "a\x01", "\xd1\x8f", "zebra"};

static rk_value scalar(builder *b, uint8_t kind, uint32_t seed)
{
    rk_value value = {.type = {.kind = kind}};
    switch (kind) {
    case RK_KIND_BOOL:
        value.as.b = seed % 2;
        break;
    case RK_KIND_INT:
        value.as.i = ints[seed % RK_ARRAY_LEN(ints)];
        break;
    case RK_KIND_FLOAT:
        value.as.f = (float)reals[seed % RK_ARRAY_LEN(reals)];
        break;
    case RK_KIND_DOUBLE:
        value.as.d = reals[seed % RK_ARRAY_LEN(reals)];
        break;
    default:
        value.as.s = b_atom(b, texts[seed % RK_ARRAY_LEN(texts)]);
        break;
    }
    return value;
}

/* A value of any type; elements live in the arena. */
static rk_value value_of(builder *b, rk_arena *arena, rk_type type, uint32_t seed)
{
    if (rk_kind_is_scalar(type.kind)) {
        rk_value value = scalar(b, type.kind, seed);
        value.type = type;
        value.missing = type.optional && seed % 3 == 0;
        return value;
    }
    const bool vector = type.kind == RK_KIND_VECTOR;
    const uint32_t len = vector ? type.dim : seed % 4 < 3 ? seed % 4 : seed % LIST_MAX;
    rk_column items;
    const rk_type elem = {.kind = vector ? RK_KIND_FLOAT : type.elem};
    ck_assert_int_eq(rk_column_init(&items, arena, elem, len), RK_OK);
    for (uint32_t i = 0; i < len; i++)
        rk_column_set(&items, i, scalar(b, elem.kind, seed * 5 + i * 3));
    rk_value value = {.type = type, .missing = type.optional && seed % 3 == 0};
    value.as.list.items = items.data;
    value.as.list.len = len;
    return value;
}

static bool gone(rk_value v)
{
    return v.missing || (v.type.kind == RK_KIND_FLOAT && isnan(v.as.f)) ||
           (v.type.kind == RK_KIND_DOUBLE && isnan(v.as.d));
}

static rk_value element(rk_value list, uint32_t i)
{
    const uint8_t kind = list.type.kind == RK_KIND_VECTOR ? RK_KIND_FLOAT : list.type.elem;
    const rk_column view = {
        .type = {.kind = kind}, .n = list.as.list.len, .data = (void *)list.as.list.items};
    return rk_column_get(&view, i);
}

/* ---- the reference ---- */

static double floor_mod(double a, double b)
{
    const double r = fmod(a, b);
    if (r == 0)
        return copysign(0.0, b);
    return !isnan(r) && signbit(r) != signbit(b) ? r + b : r;
}

static float floor_mod_float(float a, float b)
{
    const float r = fmodf(a, b);
    if (r == 0)
        return copysignf(0.0f, b);
    return !isnan(r) && signbit(r) != signbit(b) ? r + b : r;
}

static rk_value arithmetic_int(rk_core core, rk_value a, rk_value b)
{
    rk_value out = v_int(0);
    out.missing = a.missing || b.missing;
    switch (core) {
    case RK_CORE_ADD:
        out.as.i = (int64_t)((uint64_t)a.as.i + (uint64_t)b.as.i);
        break;
    case RK_CORE_SUB:
        out.as.i = (int64_t)((uint64_t)a.as.i - (uint64_t)b.as.i);
        break;
    case RK_CORE_MUL:
        out.as.i = (int64_t)((uint64_t)a.as.i * (uint64_t)b.as.i);
        break;
    case RK_CORE_NEG:
        out.as.i = (int64_t) - (uint64_t)a.as.i;
        break;
    default:
        out.missing |= b.as.i == 0;
        if (b.as.i != 0 && b.as.i != -1) {
            out.as.i = a.as.i % b.as.i;
            if (out.as.i != 0 && (out.as.i < 0) != (b.as.i < 0))
                out.as.i += b.as.i;
        }
    }
    return out;
}

static rk_value arithmetic_float(rk_core core, float a, float b)
{
    switch (core) {
    case RK_CORE_ADD:
        return v_float(a + b);
    case RK_CORE_SUB:
        return v_float(a - b);
    case RK_CORE_MUL:
        return v_float(a * b);
    case RK_CORE_DIV:
        return v_float(a / b);
    case RK_CORE_MOD:
        return v_float(floor_mod_float(a, b));
    case RK_CORE_POW: {
        float out;
        rk_vmath_get(RK_CPU_SCALAR)->pow.f32(&a, &b, &out, 1);
        return v_float(out);
    }
    default:
        return v_float(-a);
    }
}

static rk_value arithmetic_double(rk_core core, double a, double b)
{
    switch (core) {
    case RK_CORE_ADD:
        return v_double(a + b);
    case RK_CORE_SUB:
        return v_double(a - b);
    case RK_CORE_MUL:
        return v_double(a * b);
    case RK_CORE_DIV:
        return v_double(a / b);
    case RK_CORE_MOD:
        return v_double(floor_mod(a, b));
    case RK_CORE_POW: {
        double out;
        rk_vmath_get(RK_CPU_SCALAR)->pow.f64(&a, &b, &out, 1);
        return v_double(out);
    }
    default:
        return v_double(-a);
    }
}

static rk_value arithmetic(rk_core core, rk_value a, rk_value b)
{
    if (a.type.kind == RK_KIND_INT)
        return arithmetic_int(core, a, b);
    if (a.missing || (core != RK_CORE_NEG && b.missing))
        return (rk_value){.type = a.type, .missing = true};
    return a.type.kind == RK_KIND_FLOAT ? arithmetic_float(core, a.as.f, b.as.f)
                                        : arithmetic_double(core, a.as.d, b.as.d);
}

static int compare(const builder *b, rk_value x, rk_value y)
{
    switch (x.type.kind) {
    case RK_KIND_BOOL:
        return x.as.b - y.as.b;
    case RK_KIND_INT:
        return (x.as.i > y.as.i) - (x.as.i < y.as.i);
    case RK_KIND_FLOAT:
        return (x.as.f > y.as.f) - (x.as.f < y.as.f);
    case RK_KIND_DOUBLE:
        return (x.as.d > y.as.d) - (x.as.d < y.as.d);
    default:
        return rk_str_cmp(rk_atom_str(&b->strings, x.as.s), rk_atom_str(&b->strings, y.as.s));
    }
}

static rk_value comparison(const builder *b, rk_core core, rk_value x, rk_value y)
{
    if (gone(x) || gone(y))
        return v_bool(false);
    const int order = compare(b, x, y);
    switch (core) {
    case RK_CORE_EQ:
        return v_bool(order == 0);
    case RK_CORE_NE:
        return v_bool(order != 0);
    case RK_CORE_LT:
        return v_bool(order < 0);
    case RK_CORE_LE:
        return v_bool(order <= 0);
    case RK_CORE_GT:
        return v_bool(order > 0);
    default:
        return v_bool(order >= 0);
    }
}

static rk_value conversion(rk_type to, rk_value a)
{
    rk_value out = {.type = to, .missing = a.missing};
    switch (a.type.kind) {
    case RK_KIND_BOOL:
        out.as.i = a.as.b, out.as.d = to.kind == RK_KIND_DOUBLE ? a.as.b : out.as.d;
        break;
    case RK_KIND_INT:
        out.as.d = (double)a.as.i;
        break;
    case RK_KIND_FLOAT:
        out.as.d = (double)a.as.f;
        break;
    default:
        out.as.d = a.as.d;
        break;
    }
    if (to.kind == RK_KIND_FLOAT)
        out.as.f = a.type.kind == RK_KIND_BOOL    ? (float)a.as.b
                   : a.type.kind == RK_KIND_INT   ? (float)a.as.i
                   : a.type.kind == RK_KIND_FLOAT ? a.as.f
                                                  : (float)a.as.d;
    return out;
}

static rk_value contains(rk_value x, rk_value list)
{
    for (uint32_t i = 0; i < list.as.list.len; i++)
        if (!gone(x) && rk_value_eq(x, element(list, i)))
            return v_bool(true);
    return v_bool(false);
}

static rk_value indexed(rk_type type, rk_value list, rk_value at)
{
    if (list.missing || at.missing || at.as.i < 0 || at.as.i >= list.as.list.len)
        return (rk_value){.type = type, .missing = true};
    return element(list, (uint32_t)at.as.i);
}

static rk_value reference(builder *b, rk_arena *arena, const op_case *c, const rk_value *v)
{
    switch (c->core) {
    case RK_CORE_EQ:
    case RK_CORE_NE:
    case RK_CORE_LT:
    case RK_CORE_LE:
    case RK_CORE_GT:
    case RK_CORE_GE:
        return comparison(b, c->core, v[0], v[1]);
    case RK_CORE_AND:
        return v_bool(v[0].as.b && v[1].as.b);
    case RK_CORE_OR:
        return v_bool(v[0].as.b || v[1].as.b);
    case RK_CORE_NOT:
        return v_bool(!v[0].as.b);
    case RK_CORE_COALESCE:
        return gone(v[0]) ? v[1] : v[0];
    case RK_CORE_IF:
        return v[0].as.b ? v[1] : v[2];
    case RK_CORE_IS_MISSING:
        return v_bool(gone(v[0]));
    case RK_CORE_CONVERT:
        return conversion(c->result, v[0]);
    case RK_CORE_IN:
        return contains(v[0], v[1]);
    case RK_CORE_INDEX:
        return indexed(c->result, v[0], v[1]);
    case RK_CORE_LIST: {
        rk_column items;
        uint32_t n = 0;
        while (n < OPERANDS && c->operands[n].kind)
            n++;
        const rk_type elem = {.kind = c->result.elem};
        ck_assert_int_eq(rk_column_init(&items, arena, elem, n), RK_OK);
        for (uint32_t i = 0; i < n; i++)
            rk_column_set(&items, i, v[i]);
        return (rk_value){.type = c->result, .as.list = {items.data, n}};
    }
    default:
        return arithmetic(c->core, v[0], v[1]);
    }
}

/* ---- the plan of a case ---- */

typedef enum mode { PER_ITEM, RIGHT_PER_REQUEST, LEFT_PER_REQUEST, RIGHT_CONSTANT, MODES } mode;

static uint32_t count_operands(const op_case *c)
{
    uint32_t n = 0;
    while (n < OPERANDS && c->operands[n].kind)
        n++;
    return n;
}

static bool per_request(mode mode, uint32_t operand)
{
    return (mode == RIGHT_PER_REQUEST && operand > 0) || (mode == LEFT_PER_REQUEST && operand == 0);
}

enum { FIXED_SEED = 4 }; /* of operands that are one value for all items */

static void build(builder *b, const op_case *c, mode mode)
{
    b_open(b);
    const uint32_t n = count_operands(c);
    uint32_t regs[OPERANDS], columns[OPERANDS];
    for (uint32_t i = 0; i < n; i++)
        b_field(b, per_request(mode, i) ? &b->plan.query : &b->plan.item, "x", c->operands[i]);
    const uint32_t list = b_candidates(b);
    uint32_t n_query = 0, n_item = 0;
    for (uint32_t i = 0; i < n; i++)
        columns[i] =
            per_request(mode, i)
                ? b_query(b, n_query++, rk_type_opt(c->operands[i], c->operands[i].optional))
                : b_item(b, list, n_item++, c->operands[i]);
    for (uint32_t i = 0; i < b->plan.item.n; i++) /* spares the steps that check what was sent */
        if (!b->plan.item.fields[i].type.optional)
            b_initial(&b->plan.item, i, value_of(b, &b->arena, b->plan.item.fields[i].type, 1));
    b_kernel(b, list);
    for (uint32_t i = 0; i < n; i++)
        regs[i] = mode == RIGHT_CONSTANT && i > 0
                      ? b_input_constant(b, value_of(b, &b->arena, c->operands[i], FIXED_SEED))
                      : b_input(b, columns[i]);
    const uint32_t out = b_instr(b, c->core, 0, c->result, regs, n);
    b_show(b, b_store(b, out, c->result));
    b_show(b, b_store(b, out, rk_type_opt(c->result, true))); /* the second one is copied */
    b_kernel_end(b);
    b->plan.result = list;
    b->plan.one_producer = true;
}

static bool is_fixed(const op_case *c, mode mode, uint32_t operand)
{
    (void)c;
    return per_request(mode, operand) || (mode == RIGHT_CONSTANT && operand > 0);
}

static void set_item(rk_column *column, rk_arena *arena, uint32_t i, rk_value value)
{
    if (column->type.kind == RK_KIND_LIST && !value.missing && value.as.list.len) {
        const size_t size = rk_type_size((rk_type){.kind = column->type.elem});
        const uint32_t at = i * LIST_MAX;
        if (!column->child)
            column->child = rk_arena_alloc_column(arena, (size_t)column->n * LIST_MAX + 16, size);
        memcpy((char *)column->child + at * size, value.as.list.items, value.as.list.len * size);
        value.as.list.items = (char *)column->child + at * size;
    }
    rk_column_set(column, i, value);
}

/* NaN must be the canonical one. */
static bool is_clean(const rk_column *column, uint32_t i)
{
    uint64_t bits = 0;
    if (column->type.kind == RK_KIND_FLOAT && isnan(((const float *)column->data)[i])) {
        memcpy(&bits, (const float *)column->data + i, sizeof(float));
        return bits == 0x7fc00000;
    }
    if (column->type.kind == RK_KIND_DOUBLE && isnan(((const double *)column->data)[i])) {
        memcpy(&bits, (const double *)column->data + i, sizeof(double));
        return bits == 0x7ff8000000000000;
    }
    return true;
}

static void check_run(builder *b, rk_run *run, const op_case *c, mode mode, uint32_t n)
{
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    rk_arena arena = {0};
    rk_request request = b_request(b, &arena, n);
    const uint32_t n_operands = count_operands(c);
    rk_value *const values = RK_NEW_ARRAY(&arena, rk_value, (size_t)n * OPERANDS + OPERANDS);
    for (uint32_t k = 0, n_query = 0, n_item = 0; k < n_operands; k++) {
        const bool query = per_request(mode, k);
        for (uint32_t i = 0; i < n || (query && i == 0); i++) {
            const uint32_t seed = is_fixed(c, mode, k) ? FIXED_SEED : i * (k * 6 + 1) + k + n;
            values[i * OPERANDS + k] = value_of(b, &arena, c->operands[k], seed);
            if (!query)
                set_item(&request.items[n_item], &arena, i, values[i * OPERANDS + k]);
        }
        if (query)
            request.query[n_query++] = values[k];
        else
            n_item++;
    }
    rk_reply reply;
    ck_assert_int_eq(rk_run_rank(run, &request, 0, &b->diags, &reply), RK_OK);
    ck_assert_uint_eq(reply.n, n);
    for (uint32_t shown = 0; shown < 2; shown++)
        for (uint32_t i = 0; i < n; i++) {
            rk_value want = reference(b, &arena, c, values + i * OPERANDS);
            const rk_value got = rk_column_get(reply.shown[shown], i);
            want.missing = gone(want);
            if (b_same(want, got) && is_clean(reply.shown[shown], i))
                continue;
            rk_buf words = {0};
            for (uint32_t k = 0; k < n_operands; k++) {
                rk_value_print_json(values[i * OPERANDS + k], &b->strings, &words);
                rk_buf_add_chars(&words, " , ");
            }
            rk_value_print_json(got, &b->strings, &words);
            rk_buf_add_chars(&words, " not ");
            rk_value_print_json(want, &b->strings, &words);
            ck_abort_msg("case %d %s mode %d, n %u, item %u: %.*s", (int)(c - cases),
                         rk_core_text(c->core), mode, n, i, RK_STR_ARG(rk_buf_str(&words)));
        }
    rk_arena_free(&arena);
}

static void check_case(const op_case *c, mode mode, rk_cpu_level cpu)
{
    builder b;
    build(&b, c, mode);
    for (size_t i = 0; i < RK_ARRAY_LEN(texts); i++)
        b_atom(&b, texts[i]);
    rk_engine *const engine = b_engine(&b, cpu);
    rk_run *const run = b_run(engine);
    static const uint32_t longer[] = {128, 129, 1000};
    for (uint32_t i = 0; i < LENGTHS; i++) /* the other modes: every ninth length will do */
        if (mode == PER_ITEM || i % 9 == 8)
            check_run(&b, run, c, mode, i < 68 ? i : longer[i - 68]);
    rk_run_free(run);
    rk_engine_free(engine);
    b_close(&b);
}

static void check_level(rk_cpu_level cpu)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(cases); i++)
        for (mode mode = 0; mode < MODES; mode++)
            if (mode != RIGHT_CONSTANT || count_operands(&cases[i]) > 1)
                check_case(&cases[i], mode, cpu);
}

START_TEST(scalar_level) { check_level(RK_CPU_SCALAR); }
END_TEST
START_TEST(v3_level)
{
    if (rk_cpu_has(RK_CPU_V3))
        check_level(RK_CPU_V3);
}
END_TEST
START_TEST(v4_level)
{
    if (rk_cpu_has(RK_CPU_V4))
        check_level(RK_CPU_V4);
}
END_TEST

/* Constant folding runs the same code. */
START_TEST(constants)
{
    builder b;
    b_open(&b);
    for (size_t i = 0; i < RK_ARRAY_LEN(cases); i++) {
        const op_case *const c = &cases[i];
        const uint32_t n = count_operands(c);
        for (uint32_t seed = 0; seed < 60; seed++) {
            rk_value v[OPERANDS] = {{{0}, false, {0}}}, got;
            for (uint32_t k = 0; k < n; k++)
                v[k] = value_of(&b, &b.arena, c->operands[k], seed * (k * 6 + 1) + k);
            rk_value want = reference(&b, &b.arena, c, v);
            want.missing = gone(want);
            ck_assert_int_eq(
                rk_fold_constant(c->core, 0, c->result, v, n, &b.arena, &b.strings, &got), RK_OK);
            if (!b_same(want, got))
                ck_abort_msg("%s, seed %u", rk_core_text(c->core), seed);
        }
    }
    b_close(&b);
}
END_TEST

/* A host that flushes denormals to zero gets the same answers, and its mode back. */
START_TEST(host_mode)
{
#ifdef __SSE__
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040);
    rk_value got;
    rk_arena arena = {0};
    const rk_value v[] = {v_float(1e-40f), v_float(1e-41f)};
    const rk_status status =
        rk_fold_constant(RK_CORE_SUB, 0, RK_TYPE(FLOAT), v, 2, &arena, NULL, &got);
    const unsigned after = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before);
    ck_assert_int_eq(status, RK_OK);
    ck_assert_uint_eq(after & 0x8040, 0x8040);
    ck_assert(got.as.f > 0.0f);
    rk_arena_free(&arena);
#endif
}
END_TEST

RK_SUITE_MAIN("exec_ops", scalar_level, v3_level, v4_level, constants, host_mode)
