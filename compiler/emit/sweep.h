/* Sweeps: all folds of a domain that can be done at once, in one function. sweep.c finds them and
 * what they have in common, sweep_pass.c emits the loops, sweep_end.c what follows them.
 *
 * Loops go by 16 items on every level, which is how the contract counts lanes of sums. */
#ifndef RK_EMIT_SWEEP_H
#define RK_EMIT_SWEEP_H

#include "compiler/emit/ir.h"
#include "stdlib/fn.h"

enum { RK_SWEEP_LANES = 16, RK_SWEEP_BLOCK = 4096 };

typedef enum rk_slot_kind {
    RK_SLOT_SUM,    /* doubles by lane, a total by block */
    RK_SLOT_SPREAD, /* the same, of squared distances from the mean */
    RK_SLOT_WRAP,   /* ints by lane */
    RK_SLOT_COUNT,  /* i64 */
    RK_SLOT_LEAST,  /* values by lane */
    RK_SLOT_LARGEST,
    RK_SLOT_ANY, /* i16, a bit a lane: a true one was met */
    RK_SLOT_ALL, /* … a false one */
    RK_SLOT_KIND_COUNT
} rk_slot_kind;

/* What a loop carries along. */
typedef struct rk_slot {
    rk_slot_kind kind;
    uint32_t group;
    LLVMValueRef lanes; /* at the place that is being emitted; after the loops one value: */
    LLVMValueRef total; /* … of all items */
    LLVMValueRef phis[3];
} rk_slot;

/* The items that count for a value and a condition. */
typedef struct rk_swept_group {
    uint32_t value, where; /* columns, or RK_PLAN_NONE */
    rk_type type;          /* of the value; kind NONE without one */
    bool whole;            /* all items count, whatever they hold */
    LLVMValueRef mean;     /* once it is known; double */
} rk_swept_group;

/* A column that is read. */
typedef struct rk_swept_column {
    uint32_t column;
    rk_type type;
    rk_body_port port;
    bool spread;     /* of list 0: one value for all */
    rk_lanes same;   /* … in all lanes */
    rk_lanes loaded; /* in the step that is being emitted */
} rk_swept_column;

typedef struct rk_swept_fold {
    const rk_plan_fold *fold;
    uint32_t step;
    uint32_t group;
} rk_swept_fold;

typedef struct rk_sweep {
    rk_ir *ir;
    rk_body body;
    RK_VEC(rk_swept_fold) folds;
    RK_VEC(rk_swept_group) groups;
    RK_VEC(rk_swept_column) columns;
    RK_VEC(rk_slot) slots;
} rk_sweep;

/* The slot of a group, made if it is not there yet; NULL when memory is out. */
rk_slot *rk_sweep_slot(rk_sweep *sweep, rk_slot_kind kind, uint32_t group);
/* The slot, which is there. */
const rk_slot *rk_sweep_find(const rk_sweep *sweep, rk_slot_kind kind, uint32_t group);

rk_swept_column *rk_sweep_column(const rk_sweep *sweep, uint32_t column);

/* Emits the loops for slots from .. to (a SPREAD needs its group's mean), where the builder stands;
 * it then stands behind them, and each slot has its total. */
void rk_sweep_pass(rk_sweep *sweep, uint32_t from, uint32_t to);

/* A group in one step of a loop. */
typedef struct rk_swept_step {
    LLVMValueRef x;    /* the value, <16 x T>; NULL without one */
    LLVMValueRef some; /* items that are there and meet the condition; NULL: all */
    LLVMValueRef keep; /* … and are not NaN */
} rk_swept_step;

/* Loads a group's columns at item i. `left` is a mask of the items that there are, NULL: all. */
rk_swept_step rk_sweep_load(rk_sweep *sweep, const rk_swept_group *group, LLVMValueRef i,
                            LLVMValueRef left);
/* To be called before each step: nothing is loaded yet. */
void rk_sweep_forget(rk_sweep *sweep);

/* How many items count, as i64. */
LLVMValueRef rk_sweep_count(const rk_sweep *sweep, uint32_t group);
/* Mean of a group, as double. */
LLVMValueRef rk_sweep_mean(const rk_sweep *sweep, uint32_t group);
/* Stores the result of a fold. */
void rk_sweep_result(rk_sweep *sweep, const rk_swept_fold *fold);

#endif
