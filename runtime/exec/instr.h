/* Instructions of kernels, made ready to run: each is a function that computes one block of up to
 * 128 items from registers to a register. Used by kernels and by constant folding. */
#ifndef RK_EXEC_INSTR_H
#define RK_EXEC_INSTR_H

#include "runtime/exec/ops.h"
#include "stdlib/fn.h"

/* A register: where the items of the current block are. Masks are two words. */
typedef struct rk_reg {
    void *data;
    uint64_t *present;     /* NULL: all */
    const void *child;     /* LIST: the elements */
    uint32_t step;         /* 1; 0: one vector or list for all items */
    uint32_t stride;       /* bytes to the next block's data; 0: each block uses the same memory */
    rk_children *children; /* LIST results: where elements go */
} rk_reg;

/* What an instruction sees. */
typedef struct rk_block {
    rk_reg *regs;
    uint32_t n; /* 1 .. RK_FN_BLOCK items */
    const rk_ops *ops;
    const rk_vmath *math;
    rk_atoms *strings;
    rk_arena *scratch;
    double now;
    rk_arg *args; /* room for the arguments of any call */
} rk_block;

typedef struct rk_ready rk_ready;
typedef rk_status rk_ready_run(const rk_block *block, const rk_ready *ready);

struct rk_ready {
    rk_ready_run *run;
    rk_op_map *map;       /* the loop beneath, if it is one */
    const rk_fn *fn;      /* CALL */
    const uint32_t *regs; /* [n] operands */
    const rk_type *types; /* [n] theirs */
    uint32_t n;
    uint32_t out;
    uint32_t core;
    rk_type type;
    bool masked;   /* the result has a mask */
    bool optional; /* CALL with RK_NULL_ANY: some argument may be missing */
};

/* Fills run, map, masked and optional from the rest; RK_EBUG for an operation of types that the
 * plan's verifier refuses. */
RK_NODISCARD rk_status rk_ready_resolve(rk_ready *ready, const rk_ops *ops);

/* ---- shared by the files of instructions ---- */

static inline const rk_reg *rk_in(const rk_block *block, const rk_ready *ready, uint32_t i)
{
    return &block->regs[ready->regs[i]];
}
static inline rk_reg *rk_out(const rk_block *block, const rk_ready *ready)
{
    return &block->regs[ready->out];
}
/* 64 bits of a register's mask; one that is the same for all items is spread. */
static inline uint64_t rk_reg_word(const rk_reg *reg, unsigned word)
{
    if (!reg->present)
        return UINT64_MAX;
    return reg->step ? reg->present[word] : -(reg->present[0] & 1);
}
static inline bool rk_reg_has(const rk_reg *reg, uint32_t i)
{
    return !reg->present || rk_bit_get(reg->present, i * reg->step);
}

rk_ready_run rk_run_mod_int, rk_run_mod_float, rk_run_mod_double, rk_run_pow_float,
    rk_run_pow_double;
rk_ready_run rk_run_order_string, rk_run_in, rk_run_index, rk_run_list, rk_run_choose_wide,
    rk_run_call;

#endif
