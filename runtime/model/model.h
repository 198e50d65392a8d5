/* Models that were trained elsewhere. A format is one file with one loader and a row in models.c; a
 * loader makes one of the shapes (forest.h, linear.h, network.h,
 * vocab.h, scaler.h, terms.h), and evaluators know only shapes.
 * So a new format gets every evaluator, inspection, the compiler and the bundle for nothing.
 *
 * A model is read from a text or bytes in memory, never changes, and is shared by threads. */
#ifndef RK_MODEL_MODEL_H
#define RK_MODEL_MODEL_H

#include "runtime/base/diag.h"
#include "runtime/base/vmath.h"
#include "runtime/data/column.h"

typedef struct rk_forest rk_forest;
typedef struct rk_linear rk_linear;
typedef struct rk_network rk_network;
typedef struct rk_vocab rk_vocab;
typedef struct rk_scaler rk_scaler;
typedef struct rk_terms rk_terms;

/* One input, in the order of the file. */
typedef struct rk_model_input {
    rk_str name;      /* as the file calls it; "" when it gives no names */
    bool used;        /* some tree asks for it: others need not be worked out */
    bool missing;     /* missing values (NaN) have a rule of their own wherever it is asked for */
    bool categorical; /* some split takes it as a category's number */
    uint32_t n_categories;    /* categories[i] has number i: a string or number that the library */
    const rk_str *categories; /* mapped to it when training; 0: the numbers themselves come in */
    const uint32_t *hashes;   /* instead of categories: number i is the text with this hash, or the
                               * whole number written as text (rk_model_category); else NULL */
    bool ids;                 /* takes strings, ints and lists of them, which `categories` names */
    rk_type type; /* of networks: FLOAT, INT, BOOL, VECTOR or LIST(INT); else NONE: a number, or a
                   * category where there are any */
    uint32_t
        length;  /* LIST: so many elements come in, what is more is cut off, what lacks padded */
    uint32_t of; /* 1 + a LIST input, of which this one tells, unless it is bound, which elements
                  * are no padding (a VECTOR of its length: 1 or 0) or how many (INT); 0: of none */
} rk_model_input;

/* What becomes of the raw score, by the objective that the model was trained for. */
typedef enum rk_transform {
    RK_TRANSFORM_NONE,
    RK_TRANSFORM_SIGMOID,       /* 1 / (1 + exp(-slope x)) */
    RK_TRANSFORM_LOGISTIC,      /* 1 / (1 + exp(-|x|)), or 1 minus that below 0; of floats */
    RK_TRANSFORM_EXP,           /* exp(x) */
    RK_TRANSFORM_SIGNED_SQUARE, /* sign(x) x x */
    RK_TRANSFORM_LOG1P_EXP,     /* log1p(exp(x)) */
    RK_TRANSFORM_SOFTMAX,       /* over the outputs */
    RK_TRANSFORM_SOFTMAX_ZERO,  /* the same over those that are not 0; of floats */
    RK_TRANSFORM_STEP,          /* 1 above 0, else 0 */
    RK_TRANSFORM_CLASS,         /* one score: the number of the greatest output, first of equals */
    RK_TRANSFORM_COUNT
} rk_transform;

typedef enum rk_model_shape {
    RK_MODEL_FOREST,
    RK_MODEL_LINEAR,
    RK_MODEL_NETWORK,
    RK_MODEL_VOCAB,  /* gives INT */
    RK_MODEL_SCALER, /* gives a vector of all inputs */
    RK_MODEL_TERMS   /* a linear model of numbers and ids */
} rk_model_shape;

typedef struct rk_model {
    const char *format;     /* "LightGBM text", "XGBoost JSON" … for people */
    rk_str version;         /* of the library or format that the file names; may be empty */
    rk_str objective;       /* as the file calls it; may be empty */
    rk_model_input *inputs; /* [n_inputs] */
    uint32_t n_inputs;
    uint32_t n_outputs; /* 1, or the classes; of networks: floats of all outputs together */
    uint8_t kind;       /* RK_KIND_FLOAT or DOUBLE: of scores, as in the library */
    rk_transform transform;
    double slope;   /* of SIGMOID */
    double divisor; /* raw scores are divided by it before the transform; 0: they are not.
                     * LightGBM's average_output, whose raw score is the sum */
    bool narrowed;  /* adds up in float though its library does not: options.in_float */
    const rk_str *beside; /* [n_beside] paths of other files that hold parts of it */
    uint32_t n_beside;
    uint64_t beside_digest; /* of their bytes; 0 without them */
    rk_model_shape shape;
    union {
        rk_forest *forest;
        rk_linear *linear;
        rk_network *network;
        rk_vocab *vocab;
        rk_scaler *scaler;
        rk_terms *terms;
    } as;
} rk_model;

/* What a declaration may say besides the file; all zero: nothing. */
typedef struct rk_model_options {
    uint32_t most_trees; /* `trees: 100`: of each output; 0: all, or up to the file's best */
    bool in_float;       /* `precision: "float"`: values of leaves, sums and scores are */
    uint32_t length;     /* `length: 50`: of lists whose length the file leaves open; 0: not said */
    int64_t pad;         /* `pad: 0`: what short lists are filled with */
    bool keep_last;      /* `keep: "last"`: of long lists the last elements, else the first */
    bool pad_front;      /* `align: "end"`: short lists are filled in front, else behind */
    bool fast;           /* `fast: true`: matrix products by a BLAS, outside the contract */
} rk_model_options;

bool rk_model_options_eq(const rk_model_options *a, const rk_model_options *b);

/* What to load. */
typedef struct rk_model_spec {
    rk_str path;         /* for messages, and to read */
    rk_span span;        /* of the declaration */
    const rk_str *bytes; /* the file, where it is in memory; NULL: it is mapped while it is read */
    const rk_files *files; /* other files of it that are in memory; NULL: none */
    rk_model_options options;
} rk_model_spec;

typedef struct rk_model_format {
    const char *name; /* "LightGBM text" */
    const char *doc;  /* NULL: told apart only to say how to convert it */
    /* Whether a file is of this format, by its first bytes (at most RK_MODEL_HEAD of them). */
    bool (*is)(rk_str head);
    /* Everything goes into `arena` (names are copied). E0540 and on, with file and line or offset.
     * Memory is bounded by a small multiple of the file's size, whatever its numbers claim. */
    rk_status (*load)(const rk_model_spec *spec, rk_str bytes, rk_arena *arena, rk_diags *diags,
                      rk_model *out);
} rk_model_format;

enum { RK_MODEL_HEAD = 4096 };

extern const rk_model_format *const rk_model_formats[]; /* NULL-ended */

/* Reads a file in the format that its content shows; checks the model whole (rk_forest_check). */
RK_NODISCARD rk_status rk_model_load(const rk_model_spec *spec, rk_arena *arena, rk_diags *diags,
                                     rk_model **out);

/* The number of a text among an input's `hashes`, n_categories if none of them has its hash. */
uint32_t rk_model_category(const rk_model_input *input, rk_str text);

/* What a call of a model gives. */
typedef enum rk_model_part {
    RK_MODEL_SCORE,  /* after the transform */
    RK_MODEL_RAW,    /* before it */
    RK_MODEL_LEAVES, /* of each tree the number of the leaf, as the library numbers it */
    RK_MODEL_PART_COUNT
} rk_model_part;

/* DOUBLE or FLOAT; VECTOR(n_outputs) of float with several outputs; LIST(int) for leaves. */
rk_type rk_model_type(const rk_model *model, rk_model_part part);

/* The same for a call: a vocabulary makes a list of a list, and what it has no code for is missing.
 * `types` are of the used inputs. */
rk_type rk_model_call_type(const rk_model *model, rk_model_part part, const rk_type *types);

/* Whether values of a type can be an input of some model: scalars, vectors and lists. */
bool rk_model_takes(rk_type type);

/* Raw scores to scores, in place: scores[k][i] of output k and row i; of a FLOAT model each is a
 * float, and is worked out in float. The same bits on each level of `math`. */
void rk_model_transform(const rk_model *model, const rk_vmath *math, double *const *scores,
                        uint32_t n);

#endif
