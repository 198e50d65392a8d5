/* Steps of sound plans in words for people: `rankc plan` and traces. */
#ifndef RK_PLAN_DESCRIBE_H
#define RK_PLAN_DESCRIBE_H

#include "runtime/plan/plan.h"

/* What it does with what: `fetch products.price`, `model buy of 12 inputs as p_buy`. */
void rk_step_describe(const rk_plan *plan, const rk_step *step, rk_buf *out);

/* The first word of that: `fetch`, or the name of a stage or fold. */
const char *rk_step_verb(const rk_plan *plan, const rk_step *step);

/* "list 2 `recall`". */
void rk_plan_name_list(const rk_plan *plan, uint32_t list, rk_buf *out);

#endif
