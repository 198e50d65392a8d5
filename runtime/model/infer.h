/* Inference: a network made ready to run on one CPU. Weights are packed once, values get places in
 * one run of memory, chains of elementwise operators become one pass.
 *   Items go through in blocks, and an item's bits depend on nothing but its own inputs: not on the
 * block, the batch, its place, the CPU level or the thread.
 *   What only inputs of the request feed (`once`) is worked out once a run: values, and the part of
 * a matrix product's chain that they feed, which comes first in the chain. So the order of a chain
 * depends on which inputs those are, and on nothing else: k ascends over theirs, then over the
 * rest. Sums, greatest and least and products of a REDUCE, a SOFTMAX or a norm are in double: of
 * numbers that go together, in their order, number i goes to part i mod 8; then parts 4 apart are
 * added, 2 apart and 1 apart, and the sum is rounded to float once.
 *   An inference never changes and is shared by threads; rooms are of the caller's. */
#ifndef RK_MODEL_INFER_H
#define RK_MODEL_INFER_H

#include "runtime/model/blas.h"
#include "runtime/model/network.h"

typedef struct rk_inference rk_inference;

typedef struct rk_inference_options {
    rk_cpu_level cpu;
    const bool *once; /* [n_inputs] which inputs have one value a run; NULL: none */
    /* Matrix products of layers by a BLAS instead of the contract's chain; NULL: ours. `once` and
     * rows then give other bits from batch to batch. */
    rk_sgemm *sgemm;
} rk_inference_options;

/* Makes tables and packed weights in `arena`; the network must live as long. RK_ENOMEM, RK_ELIMIT:
 * an item needs more than 1 GiB. */
RK_NODISCARD rk_status rk_inference_new(const rk_network *network, uint32_t n_inputs,
                                        const rk_inference_options *options, rk_arena *arena,
                                        const rk_inference **out);

/* Bytes of tables and packed weights. */
size_t rk_inference_memory(const rk_inference *inference);

/* Multiply-adds of an item, and of a run's once. */
uint64_t rk_inference_cost(const rk_inference *inference);
uint64_t rk_inference_cost_once(const rk_inference *inference);

/* The steps it runs, a line each, for people: "dense 500 -> 256, relu". */
void rk_inference_print(const rk_inference *inference, rk_buf *out);

/* All in one line: "dense 500-512-256-1, 388 k multiply-adds an item, 128 k once". */
void rk_inference_describe(const rk_inference *inference, rk_buf *out);

/* An input's values, one item beside the other. */
typedef struct rk_infer_input {
    const void *data; /* [items][elements of the value], float, int64_t or uint8_t as the network's
                       * value; of `once` inputs those of one item. NULL: nothing uses it */
} rk_infer_input;

/* What went wrong with a run. */
typedef struct rk_infer_fault {
    const rk_network_op *op; /* the GATHER */
    uint32_t item;           /* of the run */
    int64_t id;              /* which its table has not */
} rk_infer_fault;

/* Bytes, 64-aligned, that a run's once and each run of items need. */
size_t rk_inference_once_size(const rk_inference *inference);
size_t rk_inference_scratch(const rk_inference *inference, uint32_t n);

/* Fills `once` from the inputs that are so; without such inputs there is nothing to do. RK_EDATA
 * with the fault. */
RK_NODISCARD rk_status rk_inference_once(const rk_inference *inference,
                                         const rk_infer_input *inputs, void *once, void *scratch,
                                         rk_infer_fault *fault);

/* Items 0 .. n of the inputs: out[i * stride + output.first + j]. Takes no memory. RK_EDATA with
 * the fault of the least item; what was written then means nothing. */
RK_NODISCARD rk_status rk_inference_run(const rk_inference *inference, const rk_infer_input *inputs,
                                        uint32_t n, const void *once, void *scratch, float *out,
                                        size_t stride, rk_infer_fault *fault);

#endif
