/* A kernel on its way to native code: which instructions are native (ops.c, call.c), how it is
 * divided into parts (divide.c), and registers while a part is emitted (kernel.c). */
#ifndef RK_EMIT_KERNEL_H
#define RK_EMIT_KERNEL_H

#include "compiler/emit/ir.h"

/* A part of a kernel under construction: a function with one loop. */
typedef struct rk_part {
    rk_ir *ir;
    const rk_plan_kernel *kernel;
    rk_body body;
    LLVMValueRef i;     /* number of the first item of this step */
    rk_lanes *regs;     /* [registers]; data NULL: not here yet */
    uint32_t *read;     /* [inputs] n_calls when it was read last */
    rk_body_port *from; /* [registers] ports that are read; data NULL: none yet */
    uint32_t n_calls;   /* calls emitted so far: none keeps any register */
} rk_part;

static inline const rk_instr *rk_kernel_instr(const rk_plan *plan, const rk_plan_kernel *kernel,
                                              uint32_t i)
{
    return &plan->instrs.items[kernel->first_instr + i];
}

/* Operand i of an instruction: its register, and its type. */
static inline uint32_t rk_instr_reg(const rk_plan *plan, const rk_instr *instr, uint32_t i)
{
    return plan->operands.items[instr->first + i];
}
static inline rk_type rk_instr_type(const rk_plan *plan, const rk_plan_kernel *kernel,
                                    const rk_instr *instr, uint32_t i)
{
    return rk_reg_type(plan, kernel, rk_instr_reg(plan, instr, i));
}

/* The constant that a register is, or NULL. */
const rk_value *rk_kernel_constant(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg);

/* The value of a register: computed in this part, or read. */
rk_lanes rk_part_reg(rk_part *part, uint32_t reg);
static inline rk_lanes rk_part_operand(rk_part *part, const rk_instr *instr, uint32_t i)
{
    return rk_part_reg(part, rk_instr_reg(part->ir->plan, instr, i));
}
static inline rk_type rk_part_type(const rk_part *part, const rk_instr *instr, uint32_t i)
{
    return rk_instr_type(part->ir->plan, part->kernel, instr, i);
}

/* ---- instructions: whether one is native, and what it gives ---- */

bool rk_op_native(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr);
rk_lanes rk_op_emit(rk_part *part, const rk_instr *instr);

/* Whether it calls vector math. */
bool rk_op_calls(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr);
bool rk_call_calls(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr);

bool rk_call_native(const rk_plan *plan, const rk_plan_kernel *kernel, const rk_instr *instr);
rk_lanes rk_call_emit(rk_part *part, const rk_instr *instr);

/* Vector math over registers of any width. `y` NULL: of one argument. */
LLVMValueRef rk_math_emit(rk_part *part, rk_math f32, uint8_t kind, LLVMValueRef x, LLVMValueRef y);

/* Lanes that equal an element of a constant list: IN. */
LLVMValueRef rk_list_emit_in(rk_part *part, uint8_t kind, LLVMValueRef x, const rk_value *list);
/* How many elements are not above each lane, as i64. */
LLVMValueRef rk_list_emit_rank(rk_part *part, uint8_t kind, LLVMValueRef x, const rk_value *list);
enum { RK_LIST_MAX = 32 }; /* elements that are compared one after the other */
bool rk_list_native(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg);

/* Constants of scalar kinds in all lanes. */
LLVMValueRef rk_value_emit(const rk_ir *ir, const rk_value *value, unsigned width);

/* ---- parts ---- */

/* What runs where: native instructions of level 0, then the others of level 0, then native ones of
 * level 1, and so on. There are as few levels as can be, and native work comes as late as can be,
 * because each border costs a trip through memory. */
typedef struct rk_division {
    bool *native;    /* [instructions] */
    uint32_t *level; /* [instructions] */
    uint32_t n_levels;
    uint32_t n_native;
} rk_division;
RK_NODISCARD rk_status rk_kernel_divide(rk_arena *arena, const rk_plan *plan,
                                        const rk_plan_kernel *kernel, rk_division *out);

/* The instructions of one native part in the order in which they are emitted: those that are
 * `wanted` (stored, or read by other parts), and what these need. */
typedef struct rk_order {
    uint32_t *instrs;
    uint32_t n;
} rk_order;
RK_NODISCARD rk_status rk_part_order(rk_arena *arena, const rk_plan *plan,
                                     const rk_plan_kernel *kernel, const rk_division *division,
                                     uint32_t level, const bool *wanted, rk_order *out);

/* A step `where` that can take its positions straight from a kernel. */
typedef struct rk_filtering {
    uint32_t store; /* whose column is the condition; RK_PLAN_NONE: there is no such step */
    uint32_t step;
    bool only; /* nobody else reads the column */
} rk_filtering;

/* Emits kernel `index` and adds its rows to the tables. */
RK_NODISCARD rk_status rk_kernel_emit(rk_ir *ir, uint32_t index, const rk_filtering *filtering);

/* ---- filters (filter.c) ---- */

typedef struct rk_filter {
    LLVMValueRef out;  /* positions */
    LLVMValueRef kept; /* so far: the loop's own value */
    LLVMValueRef next; /* after this step */
    LLVMValueRef base; /* number of item 0 in its list, i32 */
} rk_filter;

/* For each kernel the SELECT step that it can filter for; rows without one have store
 * RK_PLAN_NONE. */
RK_NODISCARD rk_status rk_filters_find(rk_arena *arena, const rk_plan *plan, rk_filtering **out);

/* The pieces of a filter in a part: in its first block, and in its loop. */
void rk_filter_begin(rk_part *part, uint32_t store, rk_filter *filter);
void rk_filter_emit(rk_part *part, rk_filter *filter, rk_lanes which);

/* ---- sweeps (sweep.c) ---- */

RK_NODISCARD rk_status rk_sweeps_emit(rk_ir *ir);

#endif
