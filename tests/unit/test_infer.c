/* Inference: a small network by hand, and that an item's bits depend on nothing but the item. */
#include "runtime/model/infer.h"
#include "runtime/model/network_fold.h"

#include <math.h>
#include <string.h>

#include "tests/unit/harness.h"

enum { IDS = 7, WIDE = 5, DENSE = 3, HIDDEN = 18, ITEMS = 600 };

/* concat(table[id], dense) -> relu(18) -> 2 numbers, and sigmoid of the first layer's mean. */
typedef struct fixture {
    float table[IDS * WIDE], first[(WIDE + DENSE) * HIDDEN], bias[HIDDEN], second[HIDDEN * 2];
    rk_network_value values[10];
    rk_network_op ops[7];
    uint32_t operands[16], inputs[2];
    rk_network_output outputs[2];
    rk_network network;
    int64_t ids[ITEMS];
    float dense[ITEMS * DENSE];
} fixture;

static uint64_t state;

static float draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(state >> 40) * 0x1p-23 - 1);
}

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = draw();
}

static rk_network_value value(uint8_t kind, bool batch, uint32_t a, uint32_t b, const void *data)
{
    return (rk_network_value){
        .kind = kind, .batch = batch, .n_dims = b ? 2 : 1, .dims = {a, b}, .data = data};
}

enum { ID, NUMBERS, TABLE, FIRST, BIAS, SECOND, ROW, ALL, LAYER, ACTIVE };

static void make(fixture *f)
{
    state = 1;
    fill(f->table, IDS * WIDE);
    fill(f->first, (WIDE + DENSE) * HIDDEN);
    fill(f->bias, HIDDEN);
    fill(f->second, HIDDEN * 2);
    fill(f->dense, ITEMS * DENSE);
    for (uint32_t i = 0; i < ITEMS; i++)
        f->ids[i] = (int64_t)(i * 5 % IDS) - (i % 3 == 0 ? IDS : 0);
    f->values[ID] = value(RK_KIND_INT, true, 1, 0, NULL);
    f->values[NUMBERS] = value(RK_KIND_FLOAT, true, 1, DENSE, NULL);
    f->values[TABLE] = value(RK_KIND_FLOAT, false, IDS, WIDE, f->table);
    f->values[FIRST] = value(RK_KIND_FLOAT, false, WIDE + DENSE, HIDDEN, f->first);
    f->values[BIAS] = value(RK_KIND_FLOAT, false, HIDDEN, 0, f->bias);
    f->values[SECOND] = value(RK_KIND_FLOAT, false, HIDDEN, 2, f->second);
    f->values[ROW] = value(RK_KIND_FLOAT, true, 1, WIDE, NULL);
    f->values[ALL] = value(RK_KIND_FLOAT, true, 1, WIDE + DENSE, NULL);
    f->values[LAYER] = value(RK_KIND_FLOAT, true, 1, HIDDEN, NULL);
    f->values[ACTIVE] = value(RK_KIND_FLOAT, true, 1, HIDDEN, NULL);
    static const uint32_t operands[] = {TABLE, ID,   ROW,   NUMBERS, ALL,
                                        FIRST, BIAS, LAYER, ACTIVE,  SECOND};
    memcpy(f->operands, operands, sizeof operands);
}

/* Two more values: the outputs. */
typedef struct network {
    rk_network_value values[12];
    fixture f;
} network;

static void join(network *n)
{
    fixture *const f = &n->f;
    make(f);
    memcpy(n->values, f->values, sizeof f->values);
    n->values[10] = value(RK_KIND_FLOAT, true, 1, 2, NULL);
    n->values[11] = value(RK_KIND_FLOAT, true, 1, 0, NULL);
    const rk_network_op ops[] = {
        {.kind = RK_NETWORK_GATHER, .first = 0, .n = 2, .out = ROW},
        {.kind = RK_NETWORK_CONCAT, .axis = 1, .first = 2, .n = 2, .out = ALL},
        {.kind = RK_NETWORK_DENSE, .first = 4, .n = 3, .out = LAYER},
        {.kind = RK_NETWORK_MAP, .fn = RK_NETWORK_RELU, .first = 7, .n = 1, .out = ACTIVE},
        {.kind = RK_NETWORK_DENSE, .first = 8, .n = 2, .out = 10},
        {.kind = RK_NETWORK_REDUCE,
         .fn = RK_NETWORK_MEAN,
         .mask = 2,
         .first = 8,
         .n = 1,
         .out = 11},
    };
    memcpy(f->ops, ops, sizeof ops);
    f->inputs[0] = ID;
    f->inputs[1] = NUMBERS;
    f->outputs[0] = (rk_network_output){.name = RK_STR("two"), .value = 10, .first = 0, .dim = 2};
    f->outputs[1] = (rk_network_output){.name = RK_STR("mean"), .value = 11, .first = 2, .dim = 1};
    f->network = (rk_network){.values = n->values,
                              .ops = f->ops,
                              .operands = f->operands,
                              .inputs = f->inputs,
                              .outputs = f->outputs,
                              .n_values = 12,
                              .n_ops = 6,
                              .n_operands = 10,
                              .n_inputs = 2,
                              .n_outputs = 2};
}

static void expect(const fixture *f, uint32_t item, double *out)
{
    double hidden[HIDDEN];
    const int64_t id = f->ids[item] < 0 ? f->ids[item] + IDS : f->ids[item];
    out[0] = out[1] = out[2] = 0;
    for (uint32_t h = 0; h < HIDDEN; h++) {
        hidden[h] = (double)f->bias[h];
        for (uint32_t k = 0; k < WIDE + DENSE; k++) {
            const float x = k < WIDE ? f->table[id * WIDE + k] : f->dense[item * DENSE + k - WIDE];
            hidden[h] += (double)x * (double)f->first[k * HIDDEN + h];
        }
        hidden[h] = hidden[h] < 0 ? 0 : hidden[h];
        out[0] += hidden[h] * (double)f->second[h * 2];
        out[1] += hidden[h] * (double)f->second[h * 2 + 1];
        out[2] += hidden[h] / HIDDEN;
    }
}

typedef struct runner {
    rk_arena arena;
    const rk_inference *inference;
    void *once, *scratch;
} runner;

static void open_runner(runner *r, const network *n, rk_cpu_level cpu, const bool *once)
{
    const rk_inference_options options = {.cpu = cpu, .once = once};
    rk_arena_init(&r->arena);
    ck_assert_int_eq(rk_inference_new(&n->f.network, 2, &options, &r->arena, &r->inference), RK_OK);
    r->once = rk_arena_alloc_column(&r->arena, rk_inference_once_size(r->inference) + 1, 1);
    r->scratch = rk_arena_alloc_column(&r->arena, rk_inference_scratch(r->inference, ITEMS) + 1, 1);
}

/* Items from .. from + n of the fixture; those inputs that are once are item `from`'s. */
static void run(const runner *r, const network *n, uint32_t from, uint32_t items, float *out)
{
    const rk_infer_input inputs[] = {{&n->f.ids[from]}, {&n->f.dense[from * DENSE]}};
    rk_infer_fault fault;
    ck_assert_int_eq(rk_inference_once(r->inference, inputs, r->once, r->scratch, &fault), RK_OK);
    ck_assert_int_eq(
        rk_inference_run(r->inference, inputs, items, r->once, r->scratch, out, 3, &fault), RK_OK);
}

static rk_cpu_level best(void) { return rk_cpu_best(); }

START_TEST(a_network_gives_what_it_says)
{
    network n;
    runner r;
    float out[ITEMS * 3];
    join(&n);
    open_runner(&r, &n, best(), NULL);
    run(&r, &n, 0, ITEMS, out);
    for (uint32_t i = 0; i < ITEMS; i++) {
        double wanted[3];
        expect(&n.f, i, wanted);
        for (uint32_t k = 0; k < 3; k++)
            ck_assert(fabs((double)out[i * 3 + k] - wanted[k]) < 2e-6);
    }
    rk_arena_free(&r.arena);
}
END_TEST

START_TEST(an_item_has_the_same_bits_anywhere)
{
    network n;
    runner r;
    float all[ITEMS * 3], alone[3];
    join(&n);
    for (int cpu = 0; cpu <= (int)best(); cpu++) {
        open_runner(&r, &n, (rk_cpu_level)cpu, NULL);
        if (cpu == 0)
            run(&r, &n, 0, ITEMS, all);
        for (uint32_t i = 0; i < ITEMS; i++) {
            run(&r, &n, i, 1, alone);
            ck_assert_mem_eq(alone, all + i * 3, sizeof alone);
        }
        rk_arena_free(&r.arena);
    }
}
END_TEST

/* What is once comes first in the chain: the same bits whether there is one item or many. */
START_TEST(once_is_worked_out_for_all)
{
    static const bool masks[][2] = {{true, false}, {false, true}, {true, true}};
    network n;
    runner r;
    join(&n);
    for (size_t m = 0; m < 3; m++) {
        open_runner(&r, &n, best(), masks[m]);
        for (uint32_t i = 0; i < ITEMS; i++) {
            n.f.ids[i] = masks[m][0] ? n.f.ids[0] : n.f.ids[i];
            for (uint32_t d = 0; masks[m][1] && d < DENSE; d++)
                n.f.dense[i * DENSE + d] = n.f.dense[d];
        }
        float all[ITEMS * 3], alone[3];
        run(&r, &n, 0, ITEMS, all);
        for (uint32_t i = 0; i < ITEMS; i++) {
            double wanted[3];
            expect(&n.f, i, wanted);
            run(&r, &n, i, 1, alone);
            ck_assert_mem_eq(alone, all + i * 3, sizeof alone);
            for (uint32_t k = 0; k < 3; k++)
                ck_assert(fabs((double)alone[k] - wanted[k]) < 2e-6);
        }
        rk_arena_free(&r.arena);
    }
}
END_TEST

START_TEST(an_id_outside_of_its_table_is_told)
{
    network n;
    runner r;
    float out[ITEMS * 3];
    rk_infer_fault fault;
    join(&n);
    open_runner(&r, &n, best(), NULL);
    n.f.ids[301] = IDS;
    n.f.ids[400] = -IDS - 1;
    const rk_infer_input inputs[] = {{n.f.ids}, {n.f.dense}};
    ck_assert_int_eq(
        rk_inference_run(r.inference, inputs, ITEMS, r.once, r.scratch, out, 3, &fault), RK_EDATA);
    ck_assert_uint_eq(fault.item, 301);
    ck_assert_int_eq(fault.id, IDS);
    ck_assert_int_eq(fault.op->kind, RK_NETWORK_GATHER);
    rk_arena_free(&r.arena);
}
END_TEST

static void check_folded(rk_network_fn fn, rk_vmath_fn math, double (*libm)(double))
{
    static const rk_network_op op;
    for (uint32_t i = 0; i < 2000; i++) {
        const double x = 6 * (double)draw() + 6.5; /* also of log and pow */
        const double folded = rk_network_fold_real(fn, x, 0, &op);
        double wanted;
        math.f64(&x, &wanted, 1);
        ck_assert_mem_eq(&folded, &wanted, sizeof wanted);
        ck_assert(fabs(folded - libm(x)) <= 1e-15 * fabs(libm(x)));
    }
}

/* Our functions on any level, so whatever libm there is; close to it for all that. */
START_TEST(constants_have_the_same_bits_anywhere)
{
    static const rk_network_op op;
    state = 2;
    for (int cpu = 0; cpu <= (int)best(); cpu++) {
        const rk_vmath *const math = rk_vmath_get((rk_cpu_level)cpu);
        check_folded(RK_NETWORK_EXP, math->exp, exp);
        check_folded(RK_NETWORK_LOG, math->log, log);
        check_folded(RK_NETWORK_TANH, math->tanh, tanh);
        check_folded(RK_NETWORK_ERF, math->erf, erf);
        for (uint32_t i = 0; i < 2000; i++) {
            const double x = 2 + (double)draw(), y = 9 * (double)draw();
            const double folded = rk_network_fold_real(RK_NETWORK_POW, x, y, &op);
            double wanted;
            math->pow.f64(&x, &y, &wanted, 1);
            ck_assert_mem_eq(&folded, &wanted, sizeof wanted);
        }
    }
}
END_TEST

RK_SUITE_MAIN("infer", constants_have_the_same_bits_anywhere, a_network_gives_what_it_says,
              an_item_has_the_same_bits_anywhere, once_is_worked_out_for_all,
              an_id_outside_of_its_table_is_told)
