/* What infer.c makes of a network, and infer_run.c runs. Private to inference.
 *
 *   Values have places: a run of items, each of which has its elements one behind the other, and
 * `stride` elements further the next item. So a value that has one item for all (constants, what is
 * worked out once) has a stride of 0, and what goes into a concatenation stands in it from the
 * beginning. Where operators look at shapes they look at those of an item, whose first dimension is
 * its rows. */
#ifndef RK_MODEL_INFER_STEP_H
#define RK_MODEL_INFER_STEP_H

#include "runtime/base/vmath.h"
#include "runtime/model/infer.h"
#include "runtime/model/matmul.h"

typedef enum infer_where {
    INFER_NOWHERE,  /* nothing reads it */
    INFER_CONSTANT, /* network.values[value].data */
    INFER_INPUT,    /* inputs[at], as they are given */
    INFER_ONCE,     /* in the room of a run's once */
    INFER_ROOM,     /* in the room of a block */
} infer_where;

typedef struct infer_place {
    uint8_t where;   /* infer_where */
    uint32_t at;     /* INPUT: its number */
    uint64_t offset; /* ONCE: bytes. ROOM: bytes an item of what goes before, all of which is as
                      * long as the block; then `first` elements */
    uint32_t first;  /* elements: where a part of a concatenation stands in it */
    uint32_t stride; /* elements from item to item; 0: one for all */
    uint32_t n;      /* elements of an item */
    uint8_t size;    /* bytes of an element */
} infer_place;

/* A value where it stands for the block at hand. */
typedef struct infer_view {
    char *data; /* of the block's first item */
    size_t stride;
    uint32_t n;
} infer_view;

static inline float *infer_floats(infer_view view, uint32_t item)
{
    return (float *)(void *)view.data + item * view.stride;
}
static inline int64_t *infer_ints(infer_view view, uint32_t item)
{
    return (int64_t *)(void *)view.data + item * view.stride;
}
static inline uint8_t *infer_bools(infer_view view, uint32_t item)
{
    return (uint8_t *)view.data + item * view.stride;
}

/* A block on its way. */
typedef struct infer_job {
    const rk_inference *of;
    const rk_infer_input *inputs;
    char *once;
    char *room;
    uint32_t from; /* first item of the block */
    uint32_t n;    /* items */
    rk_infer_fault *fault;
} infer_job;

typedef struct infer_step infer_step;
typedef rk_status infer_run(const infer_step *step, const infer_job *job, const infer_view *in,
                            infer_view out);

/* Part of a product's chain: columns from .. to of x. */
typedef struct infer_range {
    uint32_t from, to;
} infer_range;

/* What of a concatenation has to be put there. */
typedef struct infer_part {
    uint32_t first, n;  /* elements of an outer row */
    const uint32_t *at; /* [outer][n] which element of the operand each is; NULL: the same */
} infer_part;

struct infer_step {
    const rk_network_op *op;
    infer_run *run;
    const uint32_t *operands; /* [n] values */
    uint32_t n;
    uint32_t out; /* value */
    bool once;
    /* MAP, REDUCE, and what moves elements: for each element of the output (REDUCE: of the input)
     * which one of an operand (of the output) it goes with; NULL: the same */
    const uint32_t *at[RK_NETWORK_OPERANDS];
    uint32_t outer, length, inner; /* of an axis: elements before, along, and behind it */
    const infer_part *parts;       /* CONCAT: [n] */
    const rk_matmul *matmul;
    const float *weights, *bias; /* where a BLAS is used: [k][n], [n] or NULL */
    rk_matmul_end end;
    float slope;
    const infer_range *ranges; /* [n_ranges] the chain of this step, in order */
    uint32_t n_ranges;
    bool has_init; /* the chain begins with what stands in `once`, */
    uint64_t init; /* … at this byte; else with the bias */
};

enum { INFER_STRIP = 256 }; /* elements that an elementwise operator takes together */

/* n elements of an operator of floats, of one operand or two; n is at most INFER_STRIP. */
typedef void infer_map_fn(const rk_network_op *op, const rk_vmath *math, const float *const *in,
                          uint32_t n, float *out);

/* Parts of a sum, and lines that are summed together. */
enum { INFER_PARTS = 8, INFER_COLUMNS = 16 };

/* Adds n floats to the parts of a sum; those that were added before were a multiple of INFER_PARTS.
 * Of squares `shift` is taken from each first. */
typedef void infer_sum_fn(rk_network_fold fold, const float *x, uint32_t n, double shift,
                          double *parts);

/* Adds `width` lines side by side, n rows `apart` floats from each other:
 * parts[INFER_PARTS][INFER_COLUMNS]. */
typedef void infer_sum_rows_fn(rk_network_fold fold, const float *x, uint32_t n, size_t apart,
                               uint32_t width, double *parts);

/* (x - mean) scale, times weights plus bias (or none). */
typedef void infer_norm_fn(const float *x, uint32_t n, double mean, double scale,
                           const float *weights, const float *bias, float *out);

/* x scale */
typedef void infer_scale_fn(const float *x, uint32_t n, double scale, float *out);

/* x [m][k] times y [k][n]: of each output one chain of fma over k from 0. */
typedef struct infer_product {
    uint32_t m, k, n;
} infer_product;
typedef void infer_product_fn(const infer_product *of, const float *x, const float *y, float *out);

/* What is compiled for each CPU level. */
typedef struct infer_kernels {
    const rk_vmath *math;
    infer_map_fn *map;
    infer_sum_fn *sum;
    infer_sum_rows_fn *sum_rows;
    infer_norm_fn *norm;
    infer_scale_fn *scale;
    infer_product_fn *product;
} infer_kernels;

struct rk_inference {
    const rk_network *network;
    infer_kernels kernels;
    rk_sgemm *sgemm;     /* NULL: matmul.h's products */
    infer_place *places; /* [network.n_values] */
    infer_step *steps;   /* [n_steps] those of once first */
    uint32_t n_steps, n_once;
    uint32_t most_operands; /* of a step */
    uint32_t block;         /* items of a block */
    uint64_t item_bytes;    /* of a block's room */
    uint64_t once_bytes;
    uint64_t cost, cost_once;
    size_t memory;
};

/* infer_levels.c: those of a level. */
infer_kernels infer_kernels_of(rk_cpu_level cpu);

/* infer_map.c: elementwise; infer_move.c: GATHER and what moves elements; infer_fold.c: REDUCE,
 * SOFTMAX, norms; infer_product.c: DENSE, MATMUL */
infer_run infer_run_map;
infer_run infer_run_gather, infer_run_move, infer_run_concat;
infer_run infer_run_reduce, infer_run_softmax, infer_run_layer_norm, infer_run_lp_norm;
infer_run infer_run_dense, infer_run_init, infer_run_matmul;

/* While an inference is made. */
typedef struct infer_maker {
    rk_inference *out;
    const rk_network *network;
    uint32_t n_inputs;
    const rk_inference_options *options;
    rk_arena *arena; /* of the inference */
    rk_arena *work;
    /* of each value */
    bool *needed;     /* something asks for it */
    bool *once;       /* one for all items: constant, or fed by inputs of once alone */
    uint32_t *users;  /* operators that are needed, and outputs */
    uint32_t *maker;  /* 1 + the operator that makes it; 0: an input or constant */
    uint32_t *home;   /* 1 + the value in whose place it stands; 0: it has its own */
    uint32_t *first;  /* … and from which of its elements on */
    uint32_t *user;   /* 1 + an operator that reads it; 0: none */
    uint32_t *splits; /* of a concatenation: layers that read its once parts elsewhere */
    bool *fused;      /* made by the step of another operator */
} infer_maker;

/* infer_table.c: the steps' tables of elements. */
RK_NODISCARD rk_status infer_tables(infer_maker *m, infer_step *step);
/* Of each element of a part of `step`'s concatenation; NULL where it does not stretch. */
RK_NODISCARD rk_status infer_part_table(infer_maker *m, const infer_step *step,
                                        const rk_network_value *part, const uint32_t **out);

/* infer_place.c: where each value stands. */
void infer_make_homes(infer_maker *m);
/* Which parts of a concatenation do not stand in it from the beginning. */
RK_NODISCARD rk_status infer_concat(infer_maker *m, infer_step *step);
RK_NODISCARD rk_status infer_make_places(infer_maker *m);

/* Elements of an item's value before, along and behind an axis. */
void infer_axis(const rk_network_value *value, uint32_t axis, infer_step *step);

static inline uint32_t infer_elements(const rk_network_value *value)
{
    return (uint32_t)rk_network_elements(value);
}

#endif
