/* Kernels of a plan, made ready once and run over lists of any length, block by block: by the
 * interpreter, or as the parts that native code divides them into. Registers live in a frame whose
 * slots are used again as soon as their last reader has run, so that a kernel of hundreds of
 * factors stays in the nearest caches; of a divided kernel only what goes from part to part is in
 * memory. */
#ifndef RK_EXEC_KERNEL_H
#define RK_EXEC_KERNEL_H

#include "runtime/exec/instr.h"
#include "runtime/plan/code.h"

typedef enum rk_home_kind {
    RK_HOME_NOWHERE,  /* in native code alone */
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

/* Who fills the column of a store. */
typedef enum rk_store_by {
    RK_STORE_COPY,   /* the runtime, from the register's memory */
    RK_STORE_DIRECT, /* nobody: the register lives in the column */
    RK_STORE_CODE,   /* native code */
    RK_STORE_NOBODY, /* native code makes positions of it instead */
} rk_store_by;

/* A step of a divided kernel. */
typedef struct rk_kernel_part {
    rk_native_fn *code; /* NULL: instruction `instr` */
    uint32_t instr;
    const rk_code_port *ports; /* [n_ports] */
    uint32_t n_ports;
} rk_kernel_part;

typedef struct rk_ready_kernel {
    uint32_t list;
    uint32_t n_regs, n_instrs, n_stores;
    rk_home *homes;                 /* [n_regs] */
    rk_ready *instrs;               /* [n_instrs]; of a divided kernel only those of its parts */
    const rk_kernel_input *inputs;  /* of the plan */
    const rk_kernel_output *stores; /* [n_stores] */
    rk_store_by *by;                /* [n_stores] */
    uint32_t *bound, n_bound;       /* registers that are in memory */
    uint32_t *moving, n_moving;     /* registers whose memory goes on with the blocks */
    uint32_t *fresh, n_fresh;       /* LIST registers whose elements are forgotten each block */
    size_t frame;                   /* bytes */
    uint32_t n_args;                /* of its widest call */
    rk_kernel_part *parts;          /* [n_parts] */
    uint32_t n_parts, n_ports;      /* parts 0: the interpreter; ports: of the widest part */
    uint32_t filter;                /* store whose positions code makes, or RK_PLAN_NONE */
    uint32_t cost;                  /* of one item, as in rk_split */
    bool whole;                     /* one native part does it all, over any number of items */
    bool splits;                    /* blocks may be worked on by several threads at once: nothing
                                       is interned and no list grows */
} rk_ready_kernel;

/* Native code whose text is mapped at `text`. */
typedef struct rk_kernel_code {
    const rk_code *code;
    const uint8_t *text;
} rk_kernel_code;

/* Makes kernel `index` of a sound plan ready, in the arena: for the interpreter, or (`code` not
 * NULL, and with parts for the kernel) divided. */
RK_NODISCARD rk_status rk_kernel_prepare(const rk_plan *plan, uint32_t index, const rk_ops *ops,
                                         const rk_kernel_code *code, rk_arena *arena,
                                         rk_ready_kernel *out);

/* A constant as a register for all kernels. */
RK_NODISCARD rk_status rk_constant_prepare(const rk_value *value, rk_arena *arena, rk_reg *out);

/* Bytes of a register in a frame: data of a block, and a mask. */
static inline size_t rk_slot_data(rk_type type) { return rk_type_size(type) * RK_FN_BLOCK; }
static inline bool rk_slot_masked(rk_type type)
{
    return type.optional && rk_kind_has_mask(type.kind);
}

#endif
