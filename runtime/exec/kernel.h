/* Kernels of a plan, made ready once and run over lists of any length, block by block. Registers
 * live in a frame whose slots are used again as soon as their last reader has run, so that a kernel
 * of hundreds of factors stays in the nearest caches. */
#ifndef RK_EXEC_KERNEL_H
#define RK_EXEC_KERNEL_H

#include "runtime/exec/instr.h"

typedef enum rk_home_kind {
    RK_HOME_ITEMS,    /* a column of the kernel's list, read where it is */
    RK_HOME_QUERY,    /* a column of list 0; scalars are spread over a slot once a run */
    RK_HOME_CONSTANT, /* spread when the engine was made */
    RK_HOME_SLOT,     /* in the frame */
    RK_HOME_OUT,      /* straight in the column that it is stored in */
} rk_home_kind;

/* Where a register is. */
typedef struct rk_home {
    rk_home_kind kind;
    rk_type type;
    uint32_t index; /* column or constant */
    size_t at;      /* SLOT, QUERY: byte in the frame */
} rk_home;

typedef struct rk_ready_kernel {
    uint32_t list;
    uint32_t n_regs, n_instrs, n_stores;
    rk_home *homes;                 /* [n_regs] */
    rk_ready *instrs;               /* [n_instrs] */
    const rk_kernel_output *stores; /* [n_stores] */
    bool *direct;                   /* [n_stores]: the register is there already */
    uint32_t *moving, n_moving;     /* registers whose memory goes on with the blocks */
    uint32_t *fresh, n_fresh;       /* LIST registers whose elements are forgotten each block */
    size_t frame;                   /* bytes */
    uint32_t n_args;                /* of its widest call */
} rk_ready_kernel;

/* Makes kernel `index` of a sound plan ready, in the arena. */
RK_NODISCARD rk_status rk_kernel_prepare(const rk_plan *plan, uint32_t index, const rk_ops *ops,
                                         rk_arena *arena, rk_ready_kernel *out);

/* A constant as a register for all kernels. */
RK_NODISCARD rk_status rk_constant_prepare(const rk_value *value, rk_arena *arena, rk_reg *out);

/* Bytes of a register in a frame: data of a block, and a mask. */
static inline size_t rk_slot_data(rk_type type) { return rk_type_size(type) * RK_FN_BLOCK; }
static inline bool rk_slot_masked(rk_type type)
{
    return type.optional && rk_kind_has_mask(type.kind);
}

#endif
