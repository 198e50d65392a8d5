/* What an ONNX file holds, read but not judged: the graph's nodes, their attributes, its constants.
 * Loaders stand on it: onnx_trees.c makes forests of such graphs.
 *   All texts, and the numbers of a tensor where the file has them in one piece, lie in the bytes
 * that were read: they must stay as long as the rk_onnx does. All else is in the arena, a small
 * multiple of the file's size, whatever its numbers claim.
 *   Graphs inside attributes (the branches of an If) and functions are known by their bytes, until
 * somebody asks for more. */
#ifndef RK_MODEL_ONNX_H
#define RK_MODEL_ONNX_H

#include "runtime/base/map.h"
#include "runtime/model/load.h"

/* Types of elements, numbered as in files. */
typedef enum rk_onnx_type {
    RK_ONNX_UNDEFINED,
    RK_ONNX_FLOAT,
    RK_ONNX_UINT8,
    RK_ONNX_INT8,
    RK_ONNX_UINT16,
    RK_ONNX_INT16,
    RK_ONNX_INT32,
    RK_ONNX_INT64,
    RK_ONNX_STRING,
    RK_ONNX_BOOL,
    RK_ONNX_FLOAT16,
    RK_ONNX_DOUBLE,
    RK_ONNX_UINT32,
    RK_ONNX_UINT64,
    RK_ONNX_COMPLEX64,
    RK_ONNX_COMPLEX128,
    RK_ONNX_BFLOAT16,
    RK_ONNX_FLOAT8E4M3FN,
    RK_ONNX_FLOAT8E4M3FNUZ,
    RK_ONNX_FLOAT8E5M2,
    RK_ONNX_FLOAT8E5M2FNUZ,
    RK_ONNX_UINT4,
    RK_ONNX_INT4,
    RK_ONNX_FLOAT4E2M1,
    RK_ONNX_TYPE_COUNT
} rk_onnx_type;

/* Where the numbers of a tensor are that has them in a file of its own. */
typedef struct rk_onnx_external {
    rk_str location; /* a path relative to the model's folder; not to be trusted */
    uint64_t offset; /* of the first byte; the tensor's `size` says how many */
} rk_onnx_external;

typedef struct rk_onnx_tensor {
    rk_str name;
    uint32_t type; /* rk_onnx_type */
    uint32_t n_dims;
    const int64_t *dims; /* [n_dims] 0 or more */
    uint64_t n;          /* elements: the product of dims */
    uint64_t size;       /* bytes of n elements; 0 of strings. Types of 4 bits lie two in a byte */
    const char *data;    /* [size] little-endian, not aligned; NULL: external, sparse or strings */
    const rk_str *strings;            /* [n] if type is STRING; else NULL */
    const rk_onnx_external *external; /* or NULL */
    bool sparse;                      /* only its name is known */
    size_t at;                        /* byte of the file, for messages */
} rk_onnx_tensor;

/* Types of attributes, numbered as in files. */
typedef enum rk_onnx_attribute_type {
    RK_ONNX_ATTRIBUTE_UNDEFINED,
    RK_ONNX_ATTRIBUTE_FLOAT,
    RK_ONNX_ATTRIBUTE_INT,
    RK_ONNX_ATTRIBUTE_STRING,
    RK_ONNX_ATTRIBUTE_TENSOR,
    RK_ONNX_ATTRIBUTE_GRAPH, /* its bytes: rk_onnx_read_branch */
    RK_ONNX_ATTRIBUTE_FLOATS,
    RK_ONNX_ATTRIBUTE_INTS,
    RK_ONNX_ATTRIBUTE_STRINGS,
    RK_ONNX_ATTRIBUTE_TENSORS,
    RK_ONNX_ATTRIBUTE_GRAPHS, /* of this one and those that follow the value is not read */
    RK_ONNX_ATTRIBUTE_SPARSE_TENSOR,
    RK_ONNX_ATTRIBUTE_SPARSE_TENSORS,
    RK_ONNX_ATTRIBUTE_TYPE_PROTO,
    RK_ONNX_ATTRIBUTE_TYPE_PROTOS,
    RK_ONNX_ATTRIBUTE_TYPE_COUNT
} rk_onnx_attribute_type;

typedef struct rk_onnx_attribute {
    rk_str name;
    rk_str from; /* in functions: the call's attribute that it is, without a value here; else "" */
    uint32_t type; /* rk_onnx_attribute_type: which of the values below is meant */
    uint32_t n;    /* of FLOATS, INTS, STRINGS, TENSORS */
    union {
        float f;
        int64_t i;
        rk_str s;                /* of STRING and GRAPH */
        const rk_onnx_tensor *t; /* one, or [n] */
        const float *floats;
        const int64_t *ints;
        const rk_str *strings;
    } as;
    size_t at;
} rk_onnx_attribute;

typedef struct rk_onnx_node {
    rk_str op, domain; /* domain "" is ONNX's own, also where the file says "ai.onnx" */
    rk_str overload;   /* of functions that the file defines; mostly empty */
    rk_str name;       /* may be empty */
    int64_t version;   /* of its domain's operators, in functions; 0: the file's */
    const rk_str *inputs, *outputs; /* names of values; an input that is left out is "" */
    uint32_t n_inputs, n_outputs;
    const rk_onnx_attribute *attributes; /* [n_attributes] */
    uint32_t n_attributes;
    size_t at;
} rk_onnx_node;

typedef struct rk_onnx_dim {
    int64_t size; /* -1: not known */
    rk_str name;  /* of what is not known; may be empty */
} rk_onnx_dim;

typedef enum rk_onnx_kind {
    RK_ONNX_NO_KIND, /* the file gives no type */
    RK_ONNX_TENSOR,
    RK_ONNX_SEQUENCE, /* of these no more is known */
    RK_ONNX_MAP,
    RK_ONNX_OPTIONAL,
    RK_ONNX_SPARSE_TENSOR,
    RK_ONNX_OPAQUE
} rk_onnx_kind;

typedef struct rk_onnx_value {
    rk_str name;
    uint32_t kind; /* rk_onnx_kind; what follows is of tensors */
    uint32_t type; /* rk_onnx_type; may be unknown to us */
    bool shaped;   /* the file says how many dimensions it has */
    uint32_t n_dims;
    const rk_onnx_dim *dims;
    bool initialized; /* an input that has an initializer: files up to 2019 name all of those */
    size_t at;
} rk_onnx_value;

typedef struct rk_onnx_pair {
    rk_str key, value;
} rk_onnx_pair;

typedef struct rk_onnx_opset {
    rk_str domain; /* as of nodes */
    int64_t version;
} rk_onnx_opset;

/* An operator that the file itself defines out of others. */
typedef struct rk_onnx_function {
    rk_str domain, name, overload;
    rk_str body; /* its bytes */
} rk_onnx_function;

typedef struct rk_onnx {
    rk_str bytes; /* of the whole file */
    int64_t ir_version;
    rk_str producer, producer_version;
    const rk_onnx_opset *opsets;
    const rk_onnx_pair *metadata;
    const rk_onnx_function *functions;
    uint32_t n_opsets, n_metadata, n_functions;
    /* the graph */
    rk_str name;
    const rk_onnx_node *nodes; /* in the order of the file, which is one of evaluation */
    rk_onnx_value *inputs;
    const rk_onnx_value *outputs, *infos; /* infos: types of values in between, where given */
    const rk_onnx_tensor *initializers;   /* also sparse ones */
    uint32_t n_nodes, n_inputs, n_outputs, n_infos, n_initializers;
    rk_table initializers_by_name, functions_by_name;
} rk_onnx;

/* Whether a file begins as ONNX files do. */
bool rk_onnx_is(rk_str head);

/* Reads a whole file. E0540 with the byte, RK_ENOMEM. */
RK_NODISCARD rk_status rk_onnx_read(rk_onnx *out, rk_str bytes, const rk_model_loading *loading,
                                    rk_arena *arena);

/* Puts the nodes of functions where they are called: `nodes` and `n_nodes` are others then, in the
 * arena. E0540, also of functions that call each other too deep or come to too many nodes. */
RK_NODISCARD rk_status rk_onnx_inline(rk_onnx *onnx, const rk_model_loading *loading,
                                      rk_arena *arena);

/* The graph of an attribute: nodes, initializers, outputs. */
RK_NODISCARD rk_status rk_onnx_read_branch(const rk_onnx *onnx, rk_str graph,
                                           const rk_model_loading *loading, rk_arena *arena,
                                           rk_onnx *out);

/* Refuses the file at a byte: E0540, RK_EDATA. */
RK_NODISCARD rk_status rk_onnx_bad(const rk_model_loading *loading, size_t at, const char *format,
                                   ...) __attribute__((format(printf, 3, 4)));

/* ---- looking things up; NULL if there is none ---- */

const rk_onnx_tensor *rk_onnx_initializer(const rk_onnx *onnx, rk_str name);
const rk_onnx_attribute *rk_onnx_attribute_find(const rk_onnx_node *node, const char *name);
const rk_str *rk_onnx_metadata(const rk_onnx *onnx, const char *key);

/* The version of a domain's operators; 0: the file does not say. */
int64_t rk_onnx_version(const rk_onnx *onnx, rk_str domain);

/* "float", "int64" …; "unknown" beyond them. */
const char *rk_onnx_type_name(uint32_t type);

/* The function that a node calls. */
const rk_onnx_function *rk_onnx_called(const rk_onnx *onnx, const rk_onnx_node *node);

/* Adds to what is not supported: nodes that take sparse initializers. */
void rk_onnx_lacks(const rk_onnx *onnx, rk_model_loading *loading);

/* ---- numbers ---- */

/* Element i of n as a double: of float16 to double, integers (the nearest double) and bools; false
 * for other types and where there is no data. */
bool rk_onnx_get_number(const rk_onnx_tensor *tensor, uint64_t i, double *out);

/* Element i of an integer type or bool; false for other types, and for what no int64 holds. */
bool rk_onnx_get_int(const rk_onnx_tensor *tensor, uint64_t i, int64_t *out);

#endif
