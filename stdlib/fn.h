/* Rows of the standard library. A function is its body and one row under it; from the row follow
 * type checking, folding, interpretation, native code, `rankc help`, the manual and its tests.
 * stdlib includes runtime/base and runtime/data and nothing else.
 *
 * Overloads are rows with the same name, narrowest first: a call takes the first row to which all
 * its arguments convert. Only the first row of a name carries doc, example and result. */
#ifndef RK_STDLIB_FN_H
#define RK_STDLIB_FN_H

#include "runtime/base/vmath.h"
#include "runtime/data/column.h"

enum { RK_FN_ARGS_MAX = 16, RK_FN_BLOCK = 128 };

/* One argument for a run of n items. Scalars always come one an item (step 1). Vectors and lists
 * may be one for all items (step 0): read them with rk_arg_vector and rk_arg_slice. */
typedef struct rk_arg {
    rk_type type;
    uint32_t step;           /* 1: item i at data[i]; 0: data[0] for all */
    const void *data;        /* 64-byte aligned, readable to rk_padded(n) items */
    const uint64_t *present; /* NULL: all; else n bits from bit 0 (kinds with masks only) */
    const void *child;       /* LIST: the elements */
} rk_arg;

static inline const float *rk_arg_vector(const rk_arg *arg, size_t i)
{
    return (const float *)arg->data + i * arg->step * arg->type.dim;
}
static inline rk_slice rk_arg_slice(const rk_arg *arg, size_t i)
{
    return ((const rk_slice *)arg->data)[i * arg->step];
}
static inline bool rk_arg_has(const rk_arg *arg, size_t i)
{
    return !arg->present || rk_bit_get(arg->present, i * arg->step);
}

/* The result for the same run. List results append their elements with rk_result_list. */
typedef struct rk_result {
    rk_type type;
    void *data;        /* n items, writable to rk_padded(n) */
    uint64_t *present; /* kinds with masks: preset by the caller per the null rule (all ones or the
                          AND of the arguments' masks); RK_NULL_OWN bodies write it. NULL when
                          the type is not optional */
    struct rk_children *children; /* LIST only: where elements go */
} rk_result;

/* Elements of a list column under construction. */
typedef struct rk_children {
    rk_arena *arena;
    void *data;
    uint32_t len, cap; /* elements */
    uint8_t elem;      /* rk_kind */
} rk_children;

/* Room for `len` more elements at the end; NULL when memory is out (or beyond 2^32 elements). The
 * slice is what the item's data becomes. */
void *rk_children_add(rk_children *children, uint32_t len, rk_slice *slice);

/* A call over n items (n <= RK_FN_BLOCK, except that exact kernels may be called with any n). Item
 * i of the result depends on item i of the arguments alone. Arguments and result may not alias. */
typedef struct rk_call {
    uint32_t n;
    uint32_t n_args;
    const rk_arg *args;
    rk_result result;
    const rk_vmath *math; /* vector math of the chosen CPU level */
    rk_atoms *strings;    /* of the request: for reading; for interning only if the result is a
                             STRING or a LIST, as others may run on several threads at once */
    rk_arena *scratch;    /* freed after the request */
    double now;           /* epoch seconds of the request */
} rk_call;

/* RK_OK or RK_ENOMEM: a kernel has no other way to fail. */
typedef rk_status rk_kernel(const rk_call *call);

typedef enum rk_null_rule {
    RK_NULL_ANY, /* missing if any argument is missing: the caller sees to it (masks, and NaN of
                    arguments whose type is optional). The body may compute anything there */
    RK_NULL_OWN, /* the body decides: it reads the masks and writes result.present or NaN */
} rk_null_rule;

typedef enum rk_fn_flag {
    RK_FN_CHAIN = 1,    /* two parameters; f(a, b, c) means f(f(a, b), c) */
    RK_FN_VARIADIC = 2, /* the last parameter may be given any number of times, 0 too */
    RK_FN_REQUEST = 4,  /* reads now: query scope at least, never folded */
} rk_fn_flag;

/* sig: `(x: float, n: int = 10) -> float`. Types are those of the language, plus
 *   any        a plain scalar of whatever kind (no conversion), with `any?` missing allowed
 *   vector     of any dimension; two `vector` parameters must have equal dimensions
 *   T?         as a parameter: the body takes missing values (only with RK_NULL_OWN). A plain `T`
 *              parameter under RK_NULL_ANY takes a `T?` too and makes the result optional
 *   -> T?      the result may be missing even if all arguments are present
 *   -> vector  dimension of the first vector argument; `-> vector+` the sum of all dimensions, and
 *              these may differ
 *   = literal  default of a parameter that may be left out (number, string, true, false)
 *   const      before a type (`borders: const list(float)`): the argument must be a constant
 * Parameters can be passed by name. */
typedef struct rk_fn {
    const char *name;
    const char *sig;
    rk_kernel *kernel;
    rk_null_rule null;
    unsigned flags;
    const char *doc;     /* what it gives, unit, error bound; one to three sentences */
    const char *example; /* an expression without names */
    const char *result;  /* what it prints */
} rk_fn;

/* One parsed signature. */
typedef struct rk_param {
    rk_str name;
    rk_type type; /* kind NONE for `any` */
    bool any, constant, has_initial;
    rk_value initial; /* INT, FLOAT (as double in as.d with kind DOUBLE), BOOL, or STRING with the
                         text in `initial_text` */
    rk_str initial_text;
} rk_param;
typedef struct rk_signature {
    rk_param params[RK_FN_ARGS_MAX];
    uint32_t n_params;
    rk_type result;
    bool dim_sum; /* `vector+` */
} rk_signature;

/* false only for a row that is itself wrong (a test walks all rows). */
bool rk_signature_parse(const char *sig, rk_signature *out);

/* ---- aggregates and list-wise functions: over a whole domain, not a block ---- */

/* What they see: n items of the domain in its order. Bodies follow the contract for sums: blocks of
 * 4,096 items, the element at position i goes to lane i mod 16 in double, lanes are combined by
 * 8, 4, 2, 1, block results are added in order (sums.h). */
typedef struct rk_fold {
    uint32_t n;
    rk_arg value;            /* step 1. count() without a value: type.kind NONE */
    const uint64_t *keep;    /* items that count: present and let through by `where`; NULL: all.
                                NaN of a real value is taken out by the caller too */
    const uint32_t *groups;  /* group number of each item (`by:`), NULL: one group. An item whose
                                key is missing has UINT32_MAX, and is in no group */
    uint32_t n_groups;       /* 1 without `by:` */
    double param;            /* q of quantile; asc (0 or 1) of rank */
    const rk_atoms *strings; /* to order string values */
    const rk_vmath *math;    /* of the chosen CPU level; NULL: the scalar one. Equal bits */
    rk_arena *scratch;
    rk_column *out; /* initialised: aggregates n_groups items, list-wise n items */
} rk_fold;

typedef rk_status rk_fold_kernel(const rk_fold *fold);

typedef enum rk_fold_kind { RK_FOLD_AGGREGATE, RK_FOLD_LISTWISE } rk_fold_kind;

/* Which value types are taken. */
typedef enum rk_fold_values {
    RK_VALUES_NUMBER = 1, /* int, float, double */
    RK_VALUES_BOOL = 2,
    RK_VALUES_STRING = 4,
    RK_VALUES_NONE = 8, /* may be called without a value */
} rk_fold_values;

typedef enum rk_fold_result {
    RK_RESULT_SAME, /* the value's kind (sum min max) */
    RK_RESULT_REAL, /* float for int and float, double for double */
    RK_RESULT_INT,
    RK_RESULT_BOOL,
} rk_fold_result;

/* avg sum min max count std median quantile any all; rank zscore minmax softmax share. `by:`,
 * `where:` and `over:` belong to all of them and are not in the row. */
typedef struct rk_fold_fn {
    const char *name;
    rk_fold_kind kind;
    unsigned values; /* rk_fold_values */
    rk_fold_result result;
    bool empty_missing; /* over nothing it is missing (avg min max std median quantile) */
    const char *param;  /* name of the extra argument ("q", "asc"), or NULL */
    bool param_required;
    rk_fold_kernel *kernel;
    const char *doc;
    const char *example; /* over the list given in the example's own words: see the rows */
    const char *result_text;
} rk_fold_fn;

/* ---- the registries ---- */

/* All function rows, family after family; index order is stable within one build only. */
const rk_fn *rk_fn_at(uint32_t index);
uint32_t rk_fn_count(void);
/* First row with this name, or NULL; its overloads follow it in the table. */
const rk_fn *rk_fn_find(rk_str name);
/* Index of a row, for plans. */
uint32_t rk_fn_index(const rk_fn *fn);

const rk_fold_fn *rk_fold_at(uint32_t index);
uint32_t rk_fold_count(void);
const rk_fold_fn *rk_fold_find(rk_str name);
uint32_t rk_fold_index(const rk_fold_fn *fn);

/* The text of prelude.rank, embedded: defs in Rank with doc comments. */
rk_str rk_prelude(void);

#endif
