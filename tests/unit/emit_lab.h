/* A plan for comparing native code with the interpreter: columns of every scalar type, kernels of
 * one instruction that the verifier takes, requests of odd values, and a run on every engine. For
 * the tests of compiler/emit. */
#ifndef RK_UNIT_EMIT_LAB_H
#define RK_UNIT_EMIT_LAB_H

#include <float.h>
#include <math.h>

#include "compiler/driver/native.h"
#include "runtime/plan/plan_rows.h"
#include "tests/unit/plan_builder.h"

enum { KINDS = 5, TYPES = 2 * KINDS, OPERANDS_MAX = 4, COPIES = 3, TEXTS = 6 };

static const uint8_t kinds[KINDS] = {RK_KIND_BOOL, RK_KIND_INT, RK_KIND_FLOAT, RK_KIND_DOUBLE,
                                     RK_KIND_STRING};

/* Plain types first, then those with `?`. */
static inline rk_type type_at(unsigned i)
{
    return (rk_type){.kind = kinds[i % KINDS], .optional = i >= KINDS};
}

/* A plan with columns of every scalar type, per item and per request. */
typedef struct lab {
    builder b;
    uint32_t list;
    uint32_t item[TYPES][COPIES], query[TYPES];
    rk_atom texts[TEXTS];
    uint64_t seed;
} lab;

/* ---- values ---- */

static inline uint32_t draw(lab *l, uint32_t below)
{
    l->seed += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(rk_hash_int((int64_t)rk_hash_int((int64_t)l->seed)) >> 20) % below;
}

static inline int64_t odd_int(lab *l)
{
    static const int64_t odd[] = {
        0,        1,         -1, 2, -2, 3, 7, -7, 100, INT64_MIN, INT64_MAX, (INT64_C(1) << 53) + 1,
        16777217, -(1 << 30)};
    return odd[draw(l, RK_ARRAY_LEN(odd))];
}

static inline double odd_real(lab *l)
{
    static const double odd[] = {
        0.0,  -0.0,     1.0,     -1.0,    0.5,  -0.5,     1.5,       2.5,
        -2.5, 1e30,     -1e30,   FLT_MAX, NAN,  INFINITY, -INFINITY, 1e-45,
        3.25, 1e-310,   DBL_MAX, 0x1p63,  1e10, -0x1p63,  88.8,      -104.0,
        8.5,  -8388609, 0.1,     709.5,   1e-3, 123.456,  16777217,  0.49999997};
    return draw(l, 3) ? odd[draw(l, RK_ARRAY_LEN(odd))] : draw(l, 1000) / 100.0 - 3.0;
}

static inline rk_value odd_value(lab *l, rk_type type)
{
    rk_value value = {.type = type, .missing = type.optional && draw(l, 3) == 0};
    switch (type.kind) {
    case RK_KIND_BOOL:
        value.as.b = draw(l, 2);
        break;
    case RK_KIND_INT:
        value.as.i = odd_int(l);
        break;
    case RK_KIND_FLOAT:
        value.as.f = (float)odd_real(l);
        break;
    case RK_KIND_DOUBLE:
        value.as.d = odd_real(l);
        break;
    default:
        value.as.s = l->texts[draw(l, TEXTS)];
        break;
    }
    return value;
}

/* ---- the plan ---- */

static inline void open_lab(lab *l)
{
    static const char *const texts[TEXTS] = {"", "a", "ab", "b", "12", "zebra"};
    *l = (lab){.seed = 1};
    builder *const b = &l->b;
    b_open(b);
    for (unsigned i = 0; i < TEXTS; i++)
        l->texts[i] = b_atom(b, texts[i]);
    for (unsigned t = 0; t < TYPES; t++) {
        for (unsigned k = 0; k < COPIES; k++) {
            const uint32_t field = b_field(b, &b->plan.item, "x", type_at(t));
            b_initial(&b->plan.item, field, odd_value(l, rk_type_plain(type_at(t))));
        }
        b_initial(&b->plan.query, b_field(b, &b->plan.query, "q", type_at(t)),
                  odd_value(l, rk_type_plain(type_at(t))));
    }
    l->list = b_candidates(b);
    b->plan.result = l->list;
    for (unsigned t = 0; t < TYPES; t++) {
        for (unsigned k = 0; k < COPIES; k++)
            l->item[t][k] = b_item(b, l->list, t * COPIES + k, type_at(t));
        l->query[t] = b_query(b, t, type_at(t));
    }
}

typedef enum source { ITEM, QUERY, CONSTANT, SOURCES } source;

static inline uint32_t add_operand(lab *l, unsigned type, unsigned copy, source from)
{
    if (from == CONSTANT)
        return b_input_constant(&l->b, odd_value(l, type_at(type)));
    return b_input(&l->b, from == ITEM ? l->item[type][copy % COPIES] : l->query[type]);
}

/* What the plan was before a kernel that it may refuse. */
typedef struct mark {
    uint32_t columns, inputs, constants, instrs, stores, operands, kernels, steps;
} mark;

static inline mark here(const rk_plan *p)
{
    return (mark){p->columns.len, p->inputs.len,   p->constants.len, p->instrs.len,
                  p->stores.len,  p->operands.len, p->kernels.len,   p->steps.len};
}

static inline void take_back(rk_plan *p, mark m)
{
    p->columns.len = m.columns, p->inputs.len = m.inputs, p->constants.len = m.constants;
    p->instrs.len = m.instrs, p->stores.len = m.stores, p->operands.len = m.operands;
    p->kernels.len = m.kernels, p->steps.len = m.steps;
}

static inline bool is_sound(const rk_plan *plan)
{
    rk_buf fault = {0};
    const bool sound = rk_plan_verify(plan, &fault) == RK_OK;
    rk_buf_free(&fault);
    return sound;
}

/* One instruction, if the plan's verifier takes it. */
typedef struct trial {
    rk_core core;
    uint32_t fn, n;
    unsigned types[OPERANDS_MAX];
    source from[OPERANDS_MAX];
    rk_type result;
    const rk_value *list; /* the last operand, or NULL */
} trial;

static inline bool add_trial(lab *l, const trial *t)
{
    const mark before = here(&l->b.plan);
    uint32_t regs[OPERANDS_MAX + 1];
    b_kernel(&l->b, l->list);
    for (uint32_t k = 0; k < t->n; k++)
        regs[k] = add_operand(l, t->types[k], k, t->from[k]);
    if (t->list)
        regs[t->n] = b_input_constant(&l->b, *t->list);
    const uint32_t reg = b_instr(&l->b, t->core, t->fn, t->result, regs, t->n + (t->list ? 1 : 0));
    const uint32_t column = b_store(&l->b, reg, t->result);
    b_kernel_end(&l->b);
    if (!is_sound(&l->b.plan)) {
        take_back(&l->b.plan, before);
        return false;
    }
    b_show(&l->b, column);
    return true;
}

/* The same with operands per item, and with one or the other for all items. */
static inline void add_trials(lab *l, trial t)
{
    if (!add_trial(l, &t))
        return;
    for (uint32_t k = 0; k < t.n; k++)
        for (t.from[k] = QUERY; t.from[k] < SOURCES; t.from[k]++)
            add_trial(l, &t);
}

/* ---- running ---- */

static inline rk_request make_request(lab *l, rk_arena *arena, uint32_t n)
{
    rk_request request = b_request(&l->b, arena, n);
    for (uint32_t f = 0; f < l->b.plan.item.n; f++)
        for (uint32_t i = 0; i < n; i++)
            rk_column_set(&request.items[f], i, odd_value(l, l->b.plan.item.fields[f].type));
    for (uint32_t f = 0; f < l->b.plan.query.n; f++)
        request.query[f] = odd_value(l, l->b.plan.query.fields[f].type);
    return request;
}

/* The reply's values, one after the other. */
typedef struct answer {
    uint32_t n;
    rk_value *values;
} answer;

static inline answer answer_of(rk_arena *arena, const rk_reply *reply, uint32_t n_shown)
{
    answer a = {0};
    for (uint32_t s = 0; s < n_shown; s++)
        a.n += reply->shown[s]->n;
    a.values = RK_NEW_ARRAY(arena, rk_value, (size_t)a.n + reply->n + 1);
    uint32_t at = 0;
    for (uint32_t s = 0; s < n_shown; s++)
        for (uint32_t i = 0; i < reply->shown[s]->n; i++)
            a.values[at++] = rk_column_get(reply->shown[s], i);
    for (uint32_t i = 0; i < reply->n; i++)
        a.values[at++] = rk_column_get(&reply->ids, i);
    a.n = at;
    return a;
}

static inline answer run_on(lab *l, rk_engine *engine, rk_arena *arena, const rk_request *request)
{
    rk_reply reply;
    rk_run *const run = b_run(engine);
    ck_assert_int_eq(rk_run_begin(run), RK_OK);
    ck_assert_int_eq(rk_run_rank(run, request, 1000.0, &l->b.diags, &reply), RK_OK);
    const answer a = answer_of(arena, &reply, l->b.plan.shown.len);
    rk_run_free(run);
    return a;
}

static inline void expect_same(answer got, answer want, const char *engine, uint32_t n)
{
    ck_assert_uint_eq(got.n, want.n);
    for (uint32_t i = 0; i < want.n; i++)
        ck_assert_msg(b_same(got.values[i], want.values[i]),
                      "%s: value %u at %u items (%s) is not the interpreter's: %llx, %llx", engine,
                      i, n, rk_type_text(want.values[i].type).text,
                      (unsigned long long)got.values[i].as.i,
                      (unsigned long long)want.values[i].as.i);
}

static inline rk_code emit(const rk_plan *plan, rk_cpu_level cpu, uint32_t tier, rk_arena *arena)
{
    rk_buf why = {0};
    rk_code code;
    rk_emit_times times;
    const rk_emit_options options = {.cpu = cpu, .tier = tier, .verify = true};
    rk_status status = rk_native_open(&why)->code(plan, &options, arena, &code, &times, &why);
    if (status == RK_OK)
        status = rk_code_verify(&code, plan, &why);
    ck_assert_msg(status == RK_OK, "%.*s", RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    return code;
}

static inline bool has_native(void)
{
    rk_buf why = {0};
    const bool has = rk_native_open(&why) != NULL;
    rk_buf_free(&why);
    return has;
}

static const uint32_t lengths[] = {0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 67, 127, 128, 129, 300};

static inline void compare_level(lab *l, rk_cpu_level cpu, const uint32_t *n, size_t n_lengths)
{
    rk_engine *const engine = b_engine(&l->b, cpu);
    rk_arena arena = {0};
    const rk_code codes[] = {emit(&l->b.plan, cpu, 1, &arena), emit(&l->b.plan, cpu, 2, &arena)};
    for (size_t i = 0; i < n_lengths; i++) {
        rk_arena request_arena = {0};
        const rk_request request = make_request(l, &request_arena, n[i]);
        ck_assert_int_eq(rk_engine_use(engine, NULL), RK_OK);
        const answer want = run_on(l, engine, &request_arena, &request);
        for (uint32_t tier = 1; tier <= 2; tier++) {
            char name[16];
            snprintf(name, sizeof name, "%s/%u", rk_cpu_name(cpu), tier);
            ck_assert_int_eq(rk_engine_use(engine, &codes[tier - 1]), RK_OK);
            expect_same(run_on(l, engine, &request_arena, &request), want, name, n[i]);
        }
        rk_arena_free(&request_arena);
    }
    rk_engine_free(engine);
    rk_arena_free(&arena);
}

static inline void compare_at(lab *l, const uint32_t *n, size_t n_lengths)
{
    for (rk_cpu_level cpu = RK_CPU_V3; cpu <= rk_cpu_best(); cpu++)
        compare_level(l, cpu, n, n_lengths);
}

static inline void compare(lab *l) { compare_at(l, lengths, RK_ARRAY_LEN(lengths)); }

static inline void close_lab(lab *l) { b_close(&l->b); }

#endif
