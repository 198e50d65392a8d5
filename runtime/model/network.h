/* A neural network in one form, whatever file it came from: values and the operators between them.
 *
 *   A value is a tensor, row-major, of float, int (64 bits) or bool (a byte). It is constant, or it
 * has `batch` and then its first dimension is rows: dims[0] of them for each item of the batch (1,
 * or more where a loader joined another dimension to it). Operators work on each item alone: none
 * adds, orders or reshapes across items, so an item's outputs are the same alone, in any batch and
 * at any place of it.
 *   Loaders resolve shapes: every dimension is a number, whatever the file computes at run time.
 * They fold what is constant, name broadcasting by shapes alone (as in NumPy: dimensions are
 * aligned at the last one, and 1 stretches; a value without `batch` stretches over items), and
 * bring operators to the few kinds below. rk_network_check proves all that inference relies on. */
#ifndef RK_MODEL_NETWORK_H
#define RK_MODEL_NETWORK_H

#include "runtime/model/model.h"

enum { RK_NETWORK_DIMS = 8 }; /* of a value, the batch's included */

typedef struct rk_network_value {
    rk_str name;  /* as the file calls it; may be empty */
    uint8_t kind; /* RK_KIND_FLOAT, INT or BOOL */
    bool batch;
    uint8_t n_dims;
    uint32_t dims[RK_NETWORK_DIMS]; /* with batch: dims[0] rows an item */
    const void *data;               /* of a constant: its elements; else NULL */
} rk_network_value;

/* What an operator does with each element, or pair, or three. Floats; where said, ints. */
typedef enum rk_network_fn {
    /* one: float -> float */
    RK_NETWORK_NEG,
    RK_NETWORK_ABS,
    RK_NETWORK_SQRT,
    RK_NETWORK_EXP,
    RK_NETWORK_LOG,
    RK_NETWORK_RECIPROCAL,
    RK_NETWORK_FLOOR,
    RK_NETWORK_CEIL,
    RK_NETWORK_RELU,       /* max(x, 0), NaN stays */
    RK_NETWORK_LEAKY_RELU, /* x < 0 ? a x : x */
    RK_NETWORK_ELU,        /* x < 0 ? a (exp(x) - 1) : x */
    RK_NETWORK_SELU,       /* b (x < 0 ? a (exp(x) - 1) : x) */
    RK_NETWORK_CLIP,       /* min(max(x, a), b) */
    RK_NETWORK_SIGMOID,
    RK_NETWORK_HARD_SIGMOID, /* max(0, min(1, a x + b)) */
    RK_NETWORK_TANH,
    RK_NETWORK_ERF,
    RK_NETWORK_GELU,      /* x (1 + erf(x / sqrt 2)) / 2 */
    RK_NETWORK_GELU_TANH, /* x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */
    RK_NETWORK_SOFTPLUS,  /* log(1 + exp(x)) */
    RK_NETWORK_SOFTSIGN,  /* x / (1 + |x|) */
    RK_NETWORK_SILU,      /* x sigmoid(a x) */
    RK_NETWORK_NOT,       /* bool -> bool */
    RK_NETWORK_CAST,      /* between kinds: to bool is != 0; float -> int truncates, what does not
                           * fit and NaN give INT64_MIN */
    /* two of one kind: float, int -> the same */
    RK_NETWORK_ADD,
    RK_NETWORK_SUB,
    RK_NETWORK_MUL,
    RK_NETWORK_DIV, /* of ints: truncates, by 0 gives 0 */
    RK_NETWORK_POW, /* floats */
    RK_NETWORK_MIN, /* NaN if either is */
    RK_NETWORK_MAX,
    RK_NETWORK_MOD,   /* ints: the sign of the right; by 0 gives 0. Floats: fmod under a != 0 */
    RK_NETWORK_PRELU, /* floats: x < 0 ? slope x : x */
    /* two of one kind -> bool */
    RK_NETWORK_EQUAL,
    RK_NETWORK_LESS,
    RK_NETWORK_LESS_EQUAL,
    RK_NETWORK_GREATER,
    RK_NETWORK_GREATER_EQUAL,
    /* bools */
    RK_NETWORK_AND,
    RK_NETWORK_OR,
    RK_NETWORK_XOR,
    /* bool, then two of one kind */
    RK_NETWORK_WHERE,
    RK_NETWORK_FN_COUNT
} rk_network_fn;

typedef enum rk_network_op_kind {
    RK_NETWORK_MAP,     /* operands broadcast to the output's shape; fn, a, b */
    RK_NETWORK_DENSE,   /* x [.., k], weights [k, n] constant, bias [n] constant or none -> [.., n].
                         * One chain of fma over k from the bias (0 without) for each output */
    RK_NETWORK_MATMUL,  /* x [.., m, k], y [.., k, n], neither or one constant, leading dimensions
                         * broadcast -> [.., m, n]. The same chain, from 0 */
    RK_NETWORK_GATHER,  /* table [v, ..] constant, ids (int) [..] -> [ids.., ..]: rows of the table.
                         * Ids from -v to v - 1, negative ones from the end; others are a fault */
    RK_NETWORK_TAKE,    /* x, along `axis` the constant positions of operand 2 (ints, checked when
                         * loading): Gather of constants, Slice, Split */
    RK_NETWORK_CONCAT,  /* operands along `axis`, not that of the batch; constants stretch to it */
    RK_NETWORK_RESHAPE, /* the same elements in the output's shape */
    RK_NETWORK_TRANSPOSE,  /* dimension i of the output is axes[i] of x; with batch axes[0] is 0 */
    RK_NETWORK_EXPAND,     /* x broadcast to the output's shape */
    RK_NETWORK_REDUCE,     /* x over the `mask` of its axes, never the batch's; fold; the output's
                            * shape says whether they stay as 1 */
    RK_NETWORK_SOFTMAX,    /* x over `axis`: exp(x - max) / sum; fn LOG: its logarithm */
    RK_NETWORK_LAYER_NORM, /* x, scale, bias (or none): over the axes from `axis` on, (x - mean) /
                            * sqrt(var + a), then times scale plus bias, which broadcast */
    RK_NETWORK_LP_NORM,    /* x over `axis`: x / its norm; p = 1 or 2; zero stays zero */
    RK_NETWORK_OP_COUNT
} rk_network_op_kind;

typedef enum rk_network_fold {
    RK_NETWORK_SUM,
    RK_NETWORK_MEAN,
    RK_NETWORK_GREATEST, /* ReduceMax */
    RK_NETWORK_LEAST,
    RK_NETWORK_SUM_SQUARE,
    RK_NETWORK_L1,
    RK_NETWORK_L2,
    RK_NETWORK_PROD,
    RK_NETWORK_FOLD_COUNT
} rk_network_fold;

enum { RK_NETWORK_OPERANDS = 3 }; /* of a MAP; CONCAT may have any number */

typedef struct rk_network_op {
    uint8_t kind; /* rk_network_op_kind */
    uint8_t fn;   /* MAP: rk_network_fn; REDUCE: rk_network_fold; SOFTMAX: 1 for its logarithm;
                   * LP_NORM: p */
    uint8_t axis; /* counted in dims, 0 the batch's where there is one */
    uint8_t axes[RK_NETWORK_DIMS]; /* TRANSPOSE */
    uint32_t mask;                 /* REDUCE: bit i: over dims[i] */
    float a, b;
    uint32_t first, n; /* in operands: values, all made before. DENSE and LAYER_NORM have 2 or 3 */
    uint32_t out;      /* value */
    rk_str name;       /* of the node in the file, for messages; may be empty */
} rk_network_op;

/* An output: part of what a call gives, floats one behind the other for each item. */
typedef struct rk_network_output {
    rk_str name;
    uint32_t value; /* FLOAT, with batch and one row an item (or constant, the same for each);
                     * UINT32_MAX: not to be had: */
    rk_str lacks;   /* … why: "ArrayFeatureExtractor is not supported" */
    uint32_t first; /* of its floats among those of a call */
    uint32_t dim;   /* how many */
} rk_network_output;

typedef struct rk_network {
    rk_network_value *values;   /* [n_values] */
    rk_network_op *ops;         /* [n_ops] operands before their users */
    uint32_t *operands;         /* [n_operands] */
    uint32_t *inputs;           /* [model.n_inputs] value of each; UINT32_MAX: nothing uses it */
    rk_network_output *outputs; /* [n_outputs] */
    uint32_t n_values, n_ops, n_operands, n_inputs, n_outputs;
} rk_network;

/* Whether every number is in range, operands are made before, shapes and kinds agree with what each
 * operator says, and nothing crosses items. The fault in words. RK_EDATA, RK_ENOMEM. */
RK_NODISCARD rk_status rk_network_check(const rk_network *network, uint32_t n_inputs,
                                        rk_buf *fault);

/* "gather", "sigmoid". */
const char *rk_network_op_text(rk_network_op_kind kind);
const char *rk_network_fn_text(rk_network_fn fn);

/* Elements of a value (of one item, with batch). */
uint64_t rk_network_elements(const rk_network_value *value);

/* Bytes of an element of FLOAT, INT or BOOL. */
size_t rk_network_kind_size(uint8_t kind);

#endif
