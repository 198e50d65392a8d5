/* Between the parts that make a network of an ONNX graph. Nodes are translated one after another;
 * each has a row in onnx_operators.c and a handler, which looks at the operands, works out the
 * shape of what comes, and emits operators. What has only constant operands is folded at once, so
 * the arithmetic of shapes (Shape, Gather, Concat, Reshape) never reaches the network.
 *
 *   The batch. The number of items is not known; in shapes it is counted, rows an item. Where a
 * graph computes with it (a tensor's shape as numbers), two primes stand for it, a huge one and a
 * small one, and constants that come from it are worked out under both: what is not the same
 * multiple of the two depends on the number of items, and is refused where it is used.
 *   The batch may be at any axis of a value here, as in the file; in the network it comes first.
 *
 *   What cannot be translated makes values that are lacking, with a reason, which passes to all
 * that is computed of them. It is an error only if no output of the model is left. */
#ifndef RK_MODEL_ONNX_NETWORK_H
#define RK_MODEL_ONNX_NETWORK_H

#include "runtime/model/network.h"
#include "runtime/model/onnx_model.h"

enum {
    RK_NET_WORLDS = 2,
    RK_NET_NO_BATCH = -1,
    RK_NET_ELEMENTS = 1 << 28, /* of a value */
    RK_NET_OUTPUTS = 1 << 24
};
#define RK_NET_NONE UINT32_MAX

/* Primes that stand for the number of items: one larger than any dimension, one that is less than
 * most numbers with which it may be compared. */
extern const int64_t rk_net_markers[RK_NET_WORLDS];

typedef struct rk_net_value {
    rk_str name;
    rk_str lacks; /* why it is not to be had; empty if it is */
    uint8_t kind; /* RK_KIND_FLOAT, INT or BOOL */
    uint8_t n_dims;
    int8_t batch;                    /* the axis of the batch, or RK_NET_NO_BATCH */
    uint32_t dims[RK_NETWORK_DIMS];  /* in the order of the file; the batch's: rows an item */
    const void *data[RK_NET_WORLDS]; /* of a constant: its elements (with batch: those that each
                                      * item has) under either marker; else NULL */
    uint32_t made;                   /* the network's value, once there is one; else RK_NET_NONE */
} rk_net_value;

/* A file beside the model that holds tensors. */
typedef struct rk_net_file {
    rk_str location;
    rk_mapping mapping;
    bool mine;     /* the mapping is to be given back */
    uint64_t left; /* bytes that no tensor has claimed */
} rk_net_file;

typedef struct rk_net_reason {
    rk_str text;
    uint32_t n; /* how often */
} rk_net_reason;

typedef struct rk_net {
    rk_model_loading *loading;
    const rk_onnx *onnx;
    rk_arena scratch; /* what goes when the network is made */
    rk_arena *arena;  /* the model's */
    int64_t opset;
    RK_VEC(rk_net_value *) values;
    rk_table by_name;
    /* the network while it grows, in scratch */
    RK_VEC(rk_network_value) made;
    RK_VEC(rk_network_op) ops;
    RK_VEC(uint32_t) operands;
    uint64_t room; /* bytes that folded constants may still take */
    uint64_t work; /* steps that folding may still take */
    RK_VEC(rk_net_file *) files;
    RK_VEC(rk_str) beside; /* their paths, in `arena` */
    uint64_t beside_digest;
    /* the node that is being translated */
    const rk_onnx_node *node;
    int64_t version;   /* of its domain's operators */
    rk_net_value **in; /* [n_in] NULL: left out */
    uint32_t n_in;
    uint32_t depth; /* of branches that it stands in */
    /* what went wrong with it */
    rk_str reason;
    RK_VEC(rk_net_reason) unsupported; /* distinct */
    rk_table reasons;
    rk_str fault; /* the first other one */
    bool no_memory;
    bool one; /* some input has a batch of exactly 1: exported without dynamic axes */
} rk_net;

typedef struct rk_net_row rk_net_row;
struct rk_net_row {
    const char *op, *domain;
    uint16_t since, until; /* versions of the domain; until 0: all that are known */
    uint8_t least, most;   /* inputs; most RK_NET_ANY: any number */
    uint8_t fn;            /* for the handler */
    rk_status (*translate)(rk_net *net, const rk_net_row *row);
};

/* The row of a node's operator under the file's versions. NULL: none. */
const rk_net_row *rk_net_row_find(const rk_net *net, const rk_onnx_node *node);

enum { RK_NET_OPSET_LEAST = 9, RK_NET_OPSET_MOST = 26, RK_NET_ANY = 255 };

/* ---- refusing; both give RK_EDATA and leave the reason in the net ---- */

/* The node, or some attribute of it, is not supported: "Resize", "Gather over axis 1 …". */
RK_NODISCARD rk_status rk_net_lacks(rk_net *net, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The node makes no sense, or mixes items. */
RK_NODISCARD rk_status rk_net_bad(rk_net *net, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same in the words that are always used: "it mixes items: the batch is axis 0". */
RK_NODISCARD rk_status rk_net_mixes(rk_net *net, const char *what);

/* ---- attributes of the node; `out` stays as it is where there is none ---- */

RK_NODISCARD rk_status rk_net_get_int(rk_net *net, const char *name, int64_t *out);
RK_NODISCARD rk_status rk_net_get_float(rk_net *net, const char *name, float *out);
/* The ints of an attribute, or else of operand `input`, which must be constant (it may come from
 * the batch: both worlds); n RK_NET_NONE: neither is there. */
typedef struct rk_net_ints {
    const int64_t *items[RK_NET_WORLDS];
    uint32_t n;
} rk_net_ints;
RK_NODISCARD rk_status rk_net_get_ints(rk_net *net, const char *name, uint32_t input,
                                       rk_net_ints *out);
RK_NODISCARD rk_status rk_net_get_text(rk_net *net, const char *name, rk_str *out);
/* Distinct axes of a value as bits. */
RK_NODISCARD rk_status rk_net_axes(rk_net *net, const rk_net_ints *axes, uint32_t n_dims,
                                   uint32_t *mask);
/* Operand `input`, or NULL. */
rk_net_value *rk_net_in(const rk_net *net, uint32_t input);

/* ---- values ---- */

rk_net_value *rk_net_value_new(rk_net *net, uint8_t kind); /* no dimensions yet; NULL: no memory */
bool rk_net_is_constant(const rk_net_value *value);
/* Whether a constant is the same whatever the number of items. */
bool rk_net_is_plain(const rk_net_value *value);
uint64_t rk_net_elements(const rk_net_value *value); /* an item's */
/* A constant's element, as a double. */
double rk_net_number(const rk_net_value *value, uint64_t i);
/* Whether all elements of a plain constant are one number. */
bool rk_net_is_number(const rk_net_value *value, double number);

/* A constant with room for its elements, in one world; E: too large. */
RK_NODISCARD rk_status rk_net_constant(rk_net *net, uint8_t kind, uint32_t n_dims,
                                       const uint32_t *dims, rk_net_value **out);
RK_NODISCARD rk_status rk_net_scalar(rk_net *net, uint8_t kind, double number, rk_net_value **out);
/* Takes bytes of the room for folded constants. */
RK_NODISCARD rk_status rk_net_take_room(rk_net *net, uint64_t n, size_t size);

/* The axis -n_dims .. n_dims - 1 of an attribute. */
RK_NODISCARD rk_status rk_net_axis(rk_net *net, int64_t axis, uint32_t n_dims, uint32_t *out);

/* Output i of the node. */
RK_NODISCARD rk_status rk_net_give(rk_net *net, uint32_t i, rk_net_value *value);

/* ---- emitting; axes and shapes in the order of the file ---- */

/* What a dimension of a shape that was worked out means: so many, or so many an item. */
typedef struct rk_net_dim {
    uint32_t n;
    bool batch;
} rk_net_dim;
/* From the number under both markers; false: it depends on the number of items in another way, is
 * negative or too large. */
bool rk_net_dim_of(int64_t first, int64_t second, rk_net_dim *out);

/* Gives `out`, whose kind, dims and batch are set, its elements: folded, or from a new operator of
 * the network. RESHAPE does not reorder: whoever emits it sees to that. */
RK_NODISCARD rk_status rk_net_emit(rk_net *net, rk_network_op op, rk_net_value *const *operands,
                                   uint32_t n, rk_net_value *out);

/* The shape to which operands stretch together; mixing of items is refused. */
RK_NODISCARD rk_status rk_net_broadcast(rk_net *net, rk_net_value *const *operands, uint32_t n,
                                        rk_net_value *out);

/* Elementwise; of kind `kind`. */
RK_NODISCARD rk_status rk_net_map(rk_net *net, rk_network_op op, uint8_t kind,
                                  rk_net_value *const *operands, uint32_t n, rk_net_value **out);
RK_NODISCARD rk_status rk_net_map2(rk_net *net, rk_network_fn fn, rk_net_value *x, rk_net_value *y,
                                   rk_net_value **out);
RK_NODISCARD rk_status rk_net_map1(rk_net *net, rk_network_fn fn, rk_net_value *x,
                                   rk_net_value **out);
RK_NODISCARD rk_status rk_net_cast(rk_net *net, rk_net_value *x, uint8_t kind, rk_net_value **out);

/* The same elements under other dimensions: the file's order of elements is kept, and the batch
 * goes to `batch`. */
RK_NODISCARD rk_status rk_net_reshape(rk_net *net, rk_net_value *x, uint32_t n_dims,
                                      const uint32_t *dims, int batch, rk_net_value **out);
RK_NODISCARD rk_status rk_net_transpose(rk_net *net, rk_net_value *x, const uint32_t *axes,
                                        rk_net_value **out);
/* Stretched to dims; of a constant also over a batch. */
RK_NODISCARD rk_status rk_net_expand(rk_net *net, rk_net_value *x, uint32_t n_dims,
                                     const rk_net_dim *dims, rk_net_value **out);
/* Positions along an axis, which keeps its place. */
RK_NODISCARD rk_status rk_net_take(rk_net *net, rk_net_value *x, uint32_t axis,
                                   rk_net_value *positions, rk_net_value **out);

/* x [.., k] by y [k, n], a constant, with bias [n], a constant or NULL. */
RK_NODISCARD rk_status rk_net_dense(rk_net *net, rk_net_value *x, rk_net_value *y,
                                    rk_net_value *bias, rk_net_value **out);

/* ---- the order of things ---- */

/* Translates nodes, one after another; the node at hand is none then. */
RK_NODISCARD rk_status rk_net_nodes(rk_net *net, const rk_onnx_node *nodes, uint32_t n);
/* Adds a branch's own tensors. */
RK_NODISCARD rk_status rk_net_initializers(rk_net *net, const rk_onnx *branch);
/* Elements of a tensor of the file as a constant. */
RK_NODISCARD rk_status rk_net_tensor(rk_net *net, const rk_onnx_tensor *tensor, rk_net_value **out);
/* Where the bytes of an external tensor are; RK_EFILE, E0540. */
RK_NODISCARD rk_status rk_net_external(rk_net *net, const rk_onnx_tensor *tensor, const char **out);
/* RK_KIND_FLOAT, INT or BOOL of a type of elements; RK_KIND_NONE of others. */
uint8_t rk_net_kind(uint32_t type);
RK_NODISCARD rk_status rk_net_inputs(rk_net *net, rk_model *model, rk_network *network);
RK_NODISCARD rk_status rk_net_outputs(rk_net *net, rk_model *model, rk_network *network);
/* Adds a value under a name; it must be new. */
RK_NODISCARD rk_status rk_net_name(rk_net *net, rk_str name, rk_net_value *value);
/* A value by its name, an initializer if need be; NULL: there is none. */
RK_NODISCARD rk_status rk_net_find(rk_net *net, rk_str name, rk_net_value **out);
/* The value as one of the network's, in its order of axes: E where it depends on the number of
 * items. */
RK_NODISCARD rk_status rk_net_made(rk_net *net, rk_net_value *value, uint32_t *out);

#endif
