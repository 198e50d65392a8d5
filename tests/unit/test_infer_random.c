/* Inference over networks at random: each operator gives what network.h says of what its operands
 * are, and an item has the same bits alone, in any batch, at any place and on every CPU level,
 * whatever is worked out once. */
#include <unistd.h>

#include "runtime/model/infer.h"

#include "tests/unit/harness.h"
#include "tests/unit/network_naive.h"
#include "tests/unit/network_random.h"

enum { ITEMS = 300, ALONE = 24, SEEDS = 120, OPS = 24, GUARD = 64, GAP = 3 };

/* A network with items for it, and an inference of it. */
typedef struct lab {
    rk_arena arena;
    random_network r;
    char *data[RANDOM_INPUTS]; /* [ITEMS][elements] */
    size_t size[RANDOM_INPUTS];
    rk_network_output outputs[RANDOM_VALUES];
    uint32_t n_out; /* floats of an item */
    bool once[RANDOM_INPUTS];
    rk_sgemm *sgemm; /* of networks that are fast */
    const rk_inference *inference;
    unsigned char *kept, *scratch;
} lab;

static void open_lab(lab *l, uint64_t seed)
{
    rk_arena_init(&l->arena);
    random_make(&l->r, seed, OPS, &l->arena);
    for (uint32_t i = 0; i < RANDOM_INPUTS; i++) {
        const rk_network_value *const value = &l->r.values[l->r.inputs[i]];
        const size_t n = rk_network_elements(value);
        l->data[i] = random_data(&l->r, value->kind, n * ITEMS);
        l->size[i] = n * rk_network_kind_size(value->kind);
    }
    l->n_out = 0;
    l->r.network.outputs = l->outputs;
    memset(l->once, 0, sizeof l->once);
    l->sgemm = NULL;
}

static void add_output(lab *l, uint32_t value)
{
    const uint32_t dim = (uint32_t)rk_network_elements(&l->r.values[value]);
    l->outputs[l->r.network.n_outputs++] =
        (rk_network_output){.value = value, .first = l->n_out, .dim = dim};
    l->n_out += dim;
}

static unsigned char *guarded(lab *l, size_t size)
{
    unsigned char *const room = rk_arena_alloc_column(&l->arena, size + GUARD, 1);
    memset(room, 0xa5, size + GUARD);
    return room;
}

static void check_guard(const unsigned char *room, size_t size)
{
    for (size_t i = 0; i < GUARD; i++)
        ck_assert_uint_eq(room[size + i], 0xa5);
}

static void open_inference(lab *l, rk_cpu_level cpu)
{
    const rk_inference_options options = {.cpu = cpu, .once = l->once, .sgemm = l->sgemm};
    rk_buf fault = {0};
    ck_assert_msg(rk_network_check(&l->r.network, RANDOM_INPUTS, &fault) == RK_OK, "%.*s",
                  (int)fault.len, fault.data);
    ck_assert_int_eq(
        rk_inference_new(&l->r.network, RANDOM_INPUTS, &options, &l->arena, &l->inference), RK_OK);
    l->kept = guarded(l, rk_inference_once_size(l->inference));
}

/* Items from .. from + n into rows that stand GAP floats apart; those inputs that are once are the
 * first item's. */
static void run(lab *l, uint32_t from, uint32_t n, float *out)
{
    rk_infer_input inputs[RANDOM_INPUTS];
    rk_infer_fault fault;
    const size_t size = rk_inference_scratch(l->inference, n), stride = l->n_out + GAP;
    unsigned char *const scratch = guarded(l, size);
    for (uint32_t i = 0; i < RANDOM_INPUTS; i++)
        inputs[i].data = l->data[i] + (l->once[i] ? 0 : from * l->size[i]);
    memset(out, 0x5a, n * stride * sizeof *out);
    ck_assert_int_eq(rk_inference_once(l->inference, inputs, l->kept, scratch, &fault), RK_OK);
    ck_assert_int_eq(
        rk_inference_run(l->inference, inputs, n, l->kept, scratch, out, stride, &fault), RK_OK);
    check_guard(l->kept, rk_inference_once_size(l->inference));
    check_guard(scratch, size);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < GAP * sizeof *out; k++)
            ck_assert_uint_eq(((unsigned char *)(out + i * stride + l->n_out))[k], 0x5a);
}

static float *rows(lab *l, uint32_t n)
{
    return rk_arena_alloc_column(&l->arena, (size_t)n * (l->n_out + GAP) + 1, sizeof(float));
}

/* All items have the first one's of these inputs. */
static void repeat(lab *l)
{
    for (uint32_t i = 0; i < RANDOM_INPUTS; i++)
        for (uint32_t item = 1; l->once[i] && item < ITEMS; item++)
            memcpy(l->data[i] + item * l->size[i], l->data[i], l->size[i]);
}

/* ---- what an operator gives ---- */

static double most_of(const naive *n, const rk_network_op *op, uint32_t j)
{
    const uint64_t elements = rk_network_elements(naive_value(n, op, j));
    double most = 0;
    for (uint64_t i = 0; i < elements; i++)
        most = fmax(most, fabs(naive_cells(n, op, j)[i].real));
    return most;
}

/* How far the result may be from that in double: of a few roundings of what it is made of. */
static double allowed(const naive *n, const rk_network_op *op, double wanted)
{
    const rk_network_value *const x = naive_value(n, op, 0);
    const double k = x->n_dims ? x->dims[x->n_dims - 1] : 1;
    double most = 0;
    for (uint32_t j = 0; j < op->n && j < 3; j++)
        most = fmax(most, most_of(n, op, j));
    switch ((rk_network_op_kind)op->kind) {
    case RK_NETWORK_MAP:
        return 3e-6 * fabs(wanted) + 4e-7 * most + 1e-38;
    case RK_NETWORK_DENSE:
    case RK_NETWORK_MATMUL:
        return 1e-7 * (k + 2) * (k * most_of(n, op, 0) * most_of(n, op, 1) + most);
    case RK_NETWORK_REDUCE:
    case RK_NETWORK_LP_NORM:
        return 1e-6 * fabs(wanted) + 1e-38;
    case RK_NETWORK_SOFTMAX:
    case RK_NETWORK_LAYER_NORM:
        return 2e-5 * fabs(wanted) + 1e-6 * most + 1e-38;
    default:
        return 0;
    }
}

static bool is_near(const naive *n, const rk_network_op *op, float got, double wanted)
{
    if (op->kind == RK_NETWORK_MAP && op->fn == RK_NETWORK_POW && isnan(got))
        return true; /* pow(NaN, 0) and pow(1, NaN) */
    if (isnan(got) || isnan(wanted))
        return isnan(got) && isnan(wanted);
    if (isinf(got) || fabs(wanted) > 3.4e38)
        return (double)got * wanted > 0 && fabs((double)got) > 3.39e38 && fabs(wanted) > 3.39e38;
    return (double)got == wanted || fabs((double)got - wanted) <= allowed(n, op, wanted);
}

/* The cells of a value, from the output that has it. */
static void load_cells(const lab *l, naive *n, uint32_t value, const float *x)
{
    const uint64_t elements = rk_network_elements(&l->r.values[value]);
    for (uint64_t i = 0; i < elements; i++)
        if (l->r.values[value].kind == RK_KIND_FLOAT)
            n->cells[value][i].real = (double)x[i];
        else
            n->cells[value][i].whole = (int64_t)x[i];
}

static void check_op(const lab *l, naive *n, uint32_t o, const float *got, uint64_t seed)
{
    const rk_network_op *const op = &l->r.ops[o];
    const rk_network_value *const value = &l->r.values[op->out];
    const uint64_t elements = rk_network_elements(value);
    naive_cell *const cells = RK_NEW_ARRAY(l->r.arena, naive_cell, elements);
    bool *const any = RK_NEW_ARRAY(l->r.arena, bool, elements);
    if (op->kind == RK_NETWORK_REDUCE)
        naive_reduce(n, op, cells, elements, any);
    for (uint64_t i = 0; i < elements; i++) {
        naive_index index;
        naive_unravel(value, i, index);
        if (op->kind != RK_NETWORK_REDUCE)
            cells[i] = naive_element(n, op, i, index);
        const double wanted =
            value->kind == RK_KIND_FLOAT ? cells[i].real : (double)(float)cells[i].whole;
        ck_assert_msg(is_near(n, op, got[i], wanted),
                      "seed %llu, operator %u, %s (%u), element %llu: %.9g, not %.9g",
                      (unsigned long long)seed, o, rk_network_op_text(op->kind), op->fn,
                      (unsigned long long)i, (double)got[i], wanted);
    }
}

/* Each operator of a network, of three items. */
static void check_operators(lab *l, uint64_t seed)
{
    uint32_t first[RANDOM_VALUES];
    naive n;
    for (uint32_t v = 0; v < l->r.network.n_values; v++)
        if (l->r.ends[v]) {
            first[v] = l->n_out;
            add_output(l, l->r.ends[v] - 1);
        }
    open_inference(l, rk_cpu_best());
    const size_t stride = l->n_out + GAP;
    float *const out = rows(l, 3);
    ck_assert(naive_open(&n, &l->r.network, &l->arena));
    run(l, 0, 3, out);
    for (uint32_t item = 0; item < 3; item++) {
        for (uint32_t v = 0; v < l->r.network.n_values; v++)
            if (l->r.ends[v])
                load_cells(l, &n, v, out + item * stride + first[v]);
        for (uint32_t o = 0; o < l->r.n_core; o++)
            check_op(l, &n, o, out + item * stride + first[l->r.ops[o].out], seed);
    }
}

START_TEST(operators_give_what_they_say)
{
    lab *const l = malloc(sizeof *l);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        open_lab(l, seed);
        check_operators(l, seed);
        rk_arena_free(&l->arena);
    }
    free(l);
}
END_TEST

/* ---- products by a BLAS ---- */

static uint32_t n_products;

/* As sgemm, in double. */
static void plain_product(uint32_t m, uint32_t n, uint32_t k, const float *a, uint32_t lda,
                          const float *b, uint32_t ldb, float *c, uint32_t ldc)
{
    n_products++;
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++) {
            double sum = (double)c[(size_t)i * ldc + j];
            for (uint32_t p = 0; p < k; p++)
                sum += (double)a[(size_t)i * lda + p] * (double)b[(size_t)p * ldb + j];
            c[(size_t)i * ldc + j] = (float)sum;
        }
}

/* That of the plug-in, where it was built; else NULL. */
static rk_sgemm *plugin_product(void)
{
    const char *const build = getenv("RANK_BUILD");
    char path[1024];
    rk_buf why = {0};
    snprintf(path, sizeof path, "%s/.libs/librankc_blas.so", build ? build : ".");
    setenv("RANK_BLAS", access(path, R_OK) == 0 ? path : "none", 1);
    rk_sgemm *const sgemm = rk_blas_open(&why);
    ck_assert_msg(sgemm || access(path, R_OK) != 0, "%.*s", (int)why.len, why.data);
    rk_buf_free(&why);
    return sgemm;
}

/* Whatever is once, and however many items there are. */
START_TEST(a_blas_multiplies)
{
    rk_sgemm *const products[] = {plain_product, plugin_product()};
    lab *const l = malloc(sizeof *l);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        open_lab(l, seed);
        l->sgemm = products[seed & 1];
        for (uint32_t i = 0; i < RANDOM_INPUTS; i++)
            l->once[i] = seed % 3 == 0 || (seed % 3 == 1 && random_one_in(&l->r, 2));
        repeat(l);
        check_operators(l, seed);
        rk_arena_free(&l->arena);
    }
    ck_assert_uint_gt(n_products, SEEDS / 2);
    free(l);
}
END_TEST

/* ---- the same bits ---- */

/* A few outputs: what was made last, something else, now and then an input or a constant. */
static void choose_outputs(lab *l)
{
    random_network *const r = &l->r;
    add_output(l, r->ends[r->ops[r->n_core - 1].out] - 1);
    for (uint32_t i = random_below(r, 4); i > 0; i--) {
        const uint32_t v = random_below(r, r->network.n_values);
        const rk_network_value *const value = &r->values[v];
        if (r->ends[v])
            add_output(l, r->ends[v] - 1);
        else if (value->data && value->kind == RK_KIND_FLOAT)
            add_output(l, v);
    }
}

static void check_batch(lab *l, const float *alone, uint32_t from, uint32_t n, uint64_t seed)
{
    const size_t stride = l->n_out + GAP;
    float *const out = rows(l, n);
    run(l, from, n, out);
    for (uint32_t i = 0; i < n && from + i < ALONE; i++)
        ck_assert_msg(
            memcmp(out + i * stride, alone + (from + i) * stride, l->n_out * sizeof *out) == 0,
            "seed %llu: item %u of %u from %u has other bits", (unsigned long long)seed, i, n,
            from);
}

/* Each item alone, on the level without vectors; then all levels and batches against that. */
static void check_bits(lab *l, uint64_t seed, const float *exact)
{
    const size_t stride = l->n_out + GAP;
    float *const alone = rows(l, ALONE);
    open_inference(l, RK_CPU_SCALAR);
    for (uint32_t i = 0; i < ALONE; i++)
        run(l, i, 1, alone + i * stride);
    for (uint32_t i = 0; exact && i < ALONE; i++)
        ck_assert_msg(memcmp(alone + i * stride, exact + i * stride, l->n_out * sizeof *alone) == 0,
                      "seed %llu: item %u is another where some is worked out once",
                      (unsigned long long)seed, i);
    for (int cpu = 0; cpu <= (int)rk_cpu_best(); cpu++) {
        open_inference(l, (rk_cpu_level)cpu);
        check_batch(l, alone, 0, 1, seed);
        for (uint32_t tries = 0; tries < 3; tries++)
            check_batch(l, alone, random_below(&l->r, ALONE), 1 + random_below(&l->r, 70), seed);
        if (seed % 8 == 0)
            check_batch(l, alone, 0, ITEMS, seed);
    }
}

START_TEST(items_have_the_same_bits_anywhere)
{
    lab *const l = malloc(sizeof *l);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        open_lab(l, seed);
        choose_outputs(l);
        check_bits(l, seed, NULL);
        rk_arena_free(&l->arena);
    }
    free(l);
}
END_TEST

START_TEST(what_is_once_changes_no_item)
{
    lab *const l = malloc(sizeof *l);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        open_lab(l, seed);
        choose_outputs(l);
        for (uint32_t i = 0; i < RANDOM_INPUTS; i++)
            l->once[i] = seed % 7 == 0 || random_one_in(&l->r, 2);
        repeat(l);
        float *const plain = rows(l, ALONE);
        bool once[RANDOM_INPUTS];
        memcpy(once, l->once, sizeof once);
        memset(l->once, 0, sizeof once);
        open_inference(l, rk_cpu_best());
        run(l, 0, ALONE, plain);
        memcpy(l->once, once, sizeof once);
        check_bits(l, seed, l->r.exact ? plain : NULL);
        rk_arena_free(&l->arena);
    }
    free(l);
}
END_TEST

RK_SUITE_MAIN("infer_random", operators_give_what_they_say, a_blas_multiplies,
              items_have_the_same_bits_anywhere, what_is_once_changes_no_item)
