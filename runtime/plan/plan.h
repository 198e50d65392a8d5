/* The plan: a whole ranking program for one pipeline as flat steps over numbered lists and columns,
 * with no pointer into the compiler. Made by compiler/lower, run by runtime/exec, printed by
 * rk_plan_print, checked by rk_plan_verify.
 *
 * A *list* is a sequence of candidates; it is made by one step and never changes. List 0 is the
 * request itself: one row, so query-scope work is work over list 0. A *column* holds one value for
 * each row of its list and is written by one step. Steps stand in an order that respects what they
 * read; anything not yet needed is simply not there. What was computed for a longer list reaches a
 * shorter one through a *map* (positions of one list's items in another) and a gather. */
#ifndef RK_PLAN_PLAN_H
#define RK_PLAN_PLAN_H

#include "runtime/base/diag.h"
#include "runtime/data/schema.h"
#include "runtime/index/kinds.h"
#include "runtime/model/model.h"

typedef enum rk_core {
#define RK_CORE(name, text, operands) RK_CORE_##name,
#include "runtime/plan/op.def"
#undef RK_CORE
    RK_CORE_COUNT
} rk_core;

const char *rk_core_text(rk_core core);

#define RK_PLAN_NONE UINT32_MAX

enum { RK_LOOKUP_DROPS = 1 };

typedef enum rk_step_kind {
    RK_STEP_QUERY,      /* out column (list 0) = query field `index` of the request */
    RK_STEP_CANDIDATES, /* out list = the items sent, duplicates removed */
    RK_STEP_SCAN,       /* out list = all rows of source `index`; its ids are the keys. `column`:
                           the ROW of each */
    RK_STEP_PROBE,      /* out list = rows of source `index` that others name: none by itself. The
                           steps over it work out what is asked for any of the rows, batch by
                           batch. `column`: the ROW of each */
    RK_STEP_NEAREST,    /* out list = items of index `index` nearest to the vector in operands[0],
                           at most as many as the int in operands[1] says (both of list 0). With a
                           condition: `list` is a PROBE's of the index's source and `a` a BOOL
                           column of it, or none; only rows that meet it are found. Further
                           operands are ROW columns of `list`, of LOOKUPs that drop. `column`: the
                           ROW of each in the index's source */
    RK_STEP_UNION,      /* out list = lists in operands, in order, an id's first place */
    RK_STEP_CHOOSE,     /* out list = list operands[0] where column `a` (list 0) is true, else
                           operands[1] */
    RK_STEP_SELECT,  /* out list = stage `index` over list `list` with key column `a` (or none; of
                        the list or of list 0) and int parameter columns in operands (list 0).
                        `b`: 0 for an ascending sort, 1 for a descending one */
    RK_STEP_DROP,    /* out list = items of `list` whose ROW column `a` is not absent; the rest
                        is counted as dropped */
    RK_STEP_ID,      /* out column = ids of `list` */
    RK_STEP_ITEM,    /* out column = item field `index` for `list`: as sent for the id, else the
                        field's default, else missing */
    RK_STEP_LOOKUP,  /* out ROW column = row of source `index` by key columns in operands (of the
                        list or of list 0). `b`, over a PROBE's list: RK_LOOKUP_DROPS, rows for
                        which there is none are left out of what is asked for */
    RK_STEP_FETCH,   /* out column = field `b` of source `index` at ROW column `a`; absent: the
                        default, else missing */
    RK_STEP_REQUIRE, /* fails with a data error if column `a` has a missing value; `index` and
                        `b` name source and field (RK_PLAN_NONE: an item field b). A plain column
                        that FETCH or ITEM makes of a plain field without default must be required
                        before anything reads it */
    RK_STEP_MAP,     /* out map = positions in list `a` of the items of `list` */
    RK_STEP_GATHER,  /* out column (of `list`) = column `a` through map `index` */
    RK_STEP_RANK,    /* out INT? column (of `list`) = 1 + position through map `index` */
    RK_STEP_SCORE,   /* out FLOAT? column (of `list`) = score through map `index` in list `a` */
    RK_STEP_KERNEL,  /* kernel `index` over `list`: its outputs say the columns */
    RK_STEP_FOLD,    /* fold `index`: aggregate or list-wise */
    RK_STEP_MODEL,   /* out column = part `b` (rk_model_part) of model `index` over the columns in
                        operands, one for each input that it uses, in order (of the list or of list
                        0) */
    RK_STEP_PART,    /* out column (FLOAT or VECTOR) = floats from `b` on of VECTOR column `a` of
                        the same list: an output of a model that has several */
    RK_STEP_COUNT
} rk_step_kind;

/* One step, at most 64 bytes. Fields not named by its kind are RK_PLAN_NONE. */
typedef struct rk_step {
    uint32_t kind; /* rk_step_kind */
    uint32_t list; /* the list it works on; of columns made: their list */
    uint32_t out;  /* column made (list, for steps that make lists; map, for MAP) */
    uint32_t index;
    uint32_t a;
    uint32_t b;
    uint32_t first; /* operands[first .. first + n] */
    uint32_t n;
    uint32_t guard;  /* steps that make lists: BOOL column of list 0; false makes the list empty
                        without work. RK_PLAN_NONE: always */
    uint32_t column; /* SCAN, PROBE, NEAREST: the ROW column made, or RK_PLAN_NONE */
    rk_span span;    /* in the program's text, for messages */
} rk_step;

typedef struct rk_plan_list {
    uint32_t step;   /* that makes it; RK_PLAN_NONE for list 0 */
    uint32_t parent; /* SELECT and DROP: the list it was taken from; else RK_PLAN_NONE */
    rk_str label;    /* name of the stage, for people; may be empty */
} rk_plan_list;

typedef struct rk_plan_column {
    rk_type type;
    uint32_t list;
    rk_str name; /* of the factor or field, for people; may be empty */
} rk_plan_column;

typedef struct rk_plan_map {
    uint32_t list; /* whose items are looked up */
    uint32_t in;   /* in which list */
    bool subset;   /* every item of `list` is in `in` */
} rk_plan_map;

/* A fused group of elementwise operations over one list. Registers 0 .. n_inputs are the inputs, in
 * order; instruction i writes register n_inputs + i. */
typedef struct rk_kernel_input {
    uint32_t column;   /* of the kernel's list or of list 0, or RK_PLAN_NONE: */
    uint32_t constant; /* … a constant */
} rk_kernel_input;

typedef struct rk_instr {
    uint32_t op;    /* rk_core */
    uint32_t aux;   /* CALL: function index; else 0 */
    uint32_t first; /* operands[first .. first + n]: registers */
    uint32_t n;
    rk_type type; /* of the result */
} rk_instr;

typedef struct rk_kernel_output {
    uint32_t reg; /* register that is stored */
    uint32_t column;
} rk_kernel_output;

typedef struct rk_plan_kernel {
    uint32_t list;
    uint32_t first_input, n_inputs; /* in plan.inputs */
    uint32_t first_instr, n_instrs; /* in plan.instrs */
    uint32_t first_store, n_stores; /* in plan.stores */
} rk_plan_kernel;

typedef struct rk_plan_fold {
    uint32_t fn;     /* index in stdlib's folds */
    uint32_t domain; /* the list it goes over */
    uint32_t value;  /* column of the domain, or RK_PLAN_NONE */
    uint32_t by;     /* column of the domain, or RK_PLAN_NONE */
    uint32_t where;  /* BOOL column of the domain, or RK_PLAN_NONE */
    double param;    /* 0 when it has none */
    uint32_t out;    /* aggregates without `by`: a column of list 0; else of the domain */
} rk_plan_fold;

typedef struct rk_plan_source {
    rk_str name;
    rk_str kind; /* "csv" */
    rk_str path; /* resolved */
    rk_str sep;
    rk_str ids;       /* file of keys, resolved, or "" */
    rk_schema wanted; /* fields that the plan fetches */
    rk_str *keys;
    rk_type *key_types;
    uint32_t n_keys;
    rk_span span;
} rk_plan_source;

typedef struct rk_plan_model {
    rk_str name;
    rk_str path;     /* resolved */
    uint64_t digest; /* of the file's bytes: it must not have changed since */
    rk_model_options options;
    uint32_t n_operands; /* inputs that it uses */
    rk_span span;
} rk_plan_model;

/* What is searched by NEAREST. Its vectors are a column of a PROBE's list, so that whoever has the
 * plan can work them out; that needs nothing of a request. */
typedef struct rk_plan_index {
    rk_str name;
    rk_str path; /* resolved, or "": built when it is loaded */
    rk_index_form form;
    uint32_t source; /* whose rows are its items */
    uint32_t vector; /* VECTOR column, plain or optional */
    rk_span span;
} rk_plan_index;

/* A value that a run gives back for the final list (or for list 0: the same for every item). */
typedef struct rk_plan_output {
    rk_str name;
    uint32_t column;
} rk_plan_output;

/* A factor or field and the list it is worked out for; for people (`rankc plan`). */
typedef struct rk_plan_factor {
    rk_str name;
    uint32_t list;
    bool field;
} rk_plan_factor;

typedef struct rk_plan {
    rk_str pipeline;
    rk_schema query, item; /* item without id */
    rk_type id_type;
    RK_VEC(rk_plan_source) sources;
    RK_VEC(rk_plan_model) models;
    RK_VEC(rk_plan_index) indexes;
    RK_VEC(rk_plan_list) lists; /* [0] = the request */
    RK_VEC(rk_plan_column) columns;
    RK_VEC(rk_plan_map) maps;
    RK_VEC(rk_value) constants; /* strings are atoms of `strings` */
    RK_VEC(rk_plan_kernel) kernels;
    RK_VEC(rk_kernel_input) inputs;
    RK_VEC(rk_instr) instrs;
    RK_VEC(rk_kernel_output) stores;
    RK_VEC(rk_plan_fold) folds;
    RK_VEC(uint32_t) operands;
    RK_VEC(rk_step) steps;
    uint32_t result; /* the list that the pipeline yields */
    RK_VEC(rk_plan_output) shown;
    RK_VEC(rk_plan_factor) factors; /* in the order in which they are worked out */
    bool one_producer;       /* one step makes candidates: an item is its place there, and ids need
                                no hashing */
    const rk_atoms *strings; /* of constants and names; outlives the plan */
} rk_plan;

/* The plan as text, a line a step (--dump=plan). */
void rk_plan_print(const rk_plan *plan, rk_buf *out);

/* Checks every index, type and order of the plan; the first fault is described in `out`. */
RK_NODISCARD rk_status rk_plan_verify(const rk_plan *plan, rk_buf *fault);

#endif
