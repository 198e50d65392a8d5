/* Any bytes are read as a network without a crash and in memory that is bounded by their number; a
 * network that is read gives odd items the same bits alone and in a batch, on each vector level,
 * with some inputs once and when it is read again. */
#include "tests/fuzz/model_check.h"

#include "runtime/model/infer.h"

enum { ITEMS = 5, MOST_STEPS = 1 << 14, MOST_ROOM = 1 << 18 };

typedef struct bench {
    const rk_network *network;
    uint32_t n_inputs, n_outputs;
    rk_infer_input *inputs; /* [n_inputs] of ITEMS */
    bool *once;             /* [n_inputs] */
    rk_arena *arena;
} bench;

/* Elements that an item makes, or multiplies, about. */
static double steps(const rk_network *network)
{
    double sum = 0;
    for (uint32_t i = 0; i < network->n_values; i++)
        if (network->values[i].batch)
            sum += (double)rk_network_elements(&network->values[i]);
    for (uint32_t i = 0; i < network->n_ops; i++) {
        const rk_network_op *const op = &network->ops[i];
        const rk_network_value *const x = &network->values[network->operands[op->first]];
        if (op->kind == RK_NETWORK_DENSE || op->kind == RK_NETWORK_MATMUL)
            sum += (double)rk_network_elements(&network->values[op->out]) * x->dims[x->n_dims - 1];
    }
    return sum;
}

/* Numbers that rules go wrong at, others in each item; of inputs that are once the first item's. */
static void make_input(bench *b, uint32_t i)
{
    static const float odd[] = {0.0F, -0.0F, 1.0F, -1.5F, 1e-36F, 1e30F, INFINITY, NAN, -INFINITY};
    const rk_network_value *const value = &b->network->values[b->network->inputs[i]];
    const uint64_t count = rk_network_elements(value);
    const size_t size = rk_network_kind_size(value->kind);
    char *const data = rk_arena_alloc_column(b->arena, count * ITEMS, size);
    REQUIRE(data);
    for (uint32_t item = 0; item < ITEMS; item++)
        for (uint64_t e = 0; e < count; e++) {
            const uint32_t from = b->once[i] ? 0 : item;
            const float real = odd[(from * 2 + e * 3 + i) % RK_ARRAY_LEN(odd)];
            const int64_t whole = (int64_t)((from + e + i) % 5) - 1;
            const uint8_t flag = whole > 0;
            memcpy(data + (item * count + e) * size,
                   value->kind == RK_KIND_FLOAT ? (const void *)&real
                   : value->kind == RK_KIND_INT ? (const void *)&whole
                                                : &flag,
                   size);
        }
    b->inputs[i].data = data;
}

static void make_inputs(bench *b, size_t choice)
{
    b->inputs = RK_NEW_ARRAY(b->arena, rk_infer_input, b->n_inputs + 1u);
    b->once = RK_NEW_ARRAY(b->arena, bool, b->n_inputs + 1u);
    for (uint32_t i = 0; i < b->n_inputs; i++) {
        b->once[i] = choice >> (i & 7) & 1;
        if (b->network->inputs[i] != UINT32_MAX)
            make_input(b, i);
    }
}

/* Items from .. from + n of the inputs. */
static rk_status run(const bench *b, const rk_inference *inference, uint32_t from, uint32_t n,
                     float *out)
{
    rk_infer_input *const inputs = RK_NEW_ARRAY(b->arena, rk_infer_input, b->n_inputs + 1u);
    void *const once = rk_arena_alloc_column(b->arena, rk_inference_once_size(inference) + 1, 1);
    void *const room = rk_arena_alloc_column(b->arena, rk_inference_scratch(inference, n) + 1, 1);
    rk_infer_fault fault;
    REQUIRE(inputs && once && room);
    for (uint32_t i = 0; i < b->n_inputs; i++) {
        const uint32_t value = b->network->inputs[i];
        if (value == UINT32_MAX)
            continue;
        const rk_network_value *const v = &b->network->values[value];
        inputs[i].data = (const char *)b->inputs[i].data +
                         from * rk_network_elements(v) * rk_network_kind_size(v->kind);
    }
    const rk_status status = rk_inference_once(inference, inputs, once, room, &fault);
    return status != RK_OK
               ? status
               : rk_inference_run(inference, inputs, n, once, room, out, b->n_outputs, &fault);
}

/* All items together on the best level against each alone on the others. False: an id is none. */
static bool infer(const bench *b, float *out)
{
    const size_t row = b->n_outputs * sizeof *out;
    float *const alone = RK_NEW_ARRAY(b->arena, float, b->n_outputs);
    const rk_inference *inference;
    rk_inference_options options = {.cpu = rk_cpu_best(), .once = b->once};
    REQUIRE(rk_inference_new(b->network, b->n_inputs, &options, b->arena, &inference) == RK_OK);
    const bool whole = run(b, inference, 0, ITEMS, out) == RK_OK;
    options.cpu = RK_CPU_SCALAR;
    REQUIRE(rk_inference_new(b->network, b->n_inputs, &options, b->arena, &inference) == RK_OK);
    bool each = true;
    for (uint32_t i = 0; i < ITEMS; i++) {
        const bool good = run(b, inference, i, 1, alone) == RK_OK;
        each = each && good;
        REQUIRE(!whole || (good && memcmp(alone, (char *)out + i * row, row) == 0));
    }
    REQUIRE(each == whole);
    return whole;
}

/* What the network gives its items; NULL: it is none, or too much work. */
static float *read_and_run(fuzz_model *m, rk_str bytes)
{
    const rk_model_options options = {.length = bytes.len & 1 ? 3 : 0, .pad_front = bytes.len & 2};
    rk_model *const model = fuzz_model_read(m, bytes, &options);
    if (!model || model->shape != RK_MODEL_NETWORK)
        return NULL;
    bench b = {.network = model->as.network,
               .n_inputs = model->n_inputs,
               .n_outputs = model->n_outputs,
               .arena = &m->arena};
    uint64_t room = 0;
    for (uint32_t i = 0; i < b.network->n_values; i++)
        room += rk_network_elements(&b.network->values[i]);
    if (steps(b.network) > MOST_STEPS || room > MOST_ROOM)
        return NULL;
    make_inputs(&b, bytes.len);
    float *const out = RK_NEW_ARRAY(b.arena, float, (size_t)b.n_outputs *ITEMS);
    return infer(&b, out) ? out : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_model first, second;
    const rk_str bytes = {(const char *)data, size};
    const float *const out = read_and_run(&first, bytes);
    if (!out || size % 4)
        return 0;
    const float *const again = read_and_run(&second, bytes);
    REQUIRE(again && first.model->n_outputs == second.model->n_outputs);
    REQUIRE(memcmp(out, again, sizeof *out * first.model->n_outputs * ITEMS) == 0);
    return 0;
}
