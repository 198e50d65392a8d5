/* Small facts about steps, operations and registers, for printing, checking and running plans. */
#ifndef RK_PLAN_PLAN_ROWS_H
#define RK_PLAN_PLAN_ROWS_H

#include "runtime/plan/plan.h"

#define RK_CORE_ANY UINT8_MAX

/* Number of operands, or RK_CORE_ANY. */
uint8_t rk_core_operands(rk_core core);

/* "fetch"; "?" for what is no kind. */
const char *rk_step_text(uint32_t kind);

/* Whether `out` of such a step is a list. */
bool rk_step_makes_list(uint32_t kind);

/* Whether such a step makes items out of nothing that came before. */
static inline bool rk_step_produces(uint32_t kind)
{
    return kind == RK_STEP_CANDIDATES || kind == RK_STEP_SCAN || kind == RK_STEP_NEAREST;
}

/* Whether `column` of such a step may be a ROW column that it makes beside its list. */
static inline bool rk_step_makes_rows(uint32_t kind)
{
    return kind == RK_STEP_SCAN || kind == RK_STEP_PROBE || kind == RK_STEP_NEAREST;
}

/* Whether a list is a PROBE's: the steps over it run only when they are asked for. Any number is
 * taken for a list. */
bool rk_list_is_probed(const rk_plan *plan, uint32_t list);

/* Vector dimensions beyond this would make blocks of 128 items outgrow memory. */
enum { RK_DIM_MAX = 65536 };

/* Whether it is a type of values (scalar, vector or list) with fitting dim and elem. */
bool rk_type_is_sound(rk_type type);

/* Whether it is a value of a sound type whose strings are in the table. */
bool rk_value_is_sound(const rk_value *value, const rk_atoms *strings);

/* Types of a kernel's input and of its registers; the plan must be sound that far. */
rk_type rk_input_type(const rk_plan *plan, const rk_kernel_input *input);
rk_type rk_reg_type(const rk_plan *plan, const rk_plan_kernel *kernel, uint32_t reg);

#endif
