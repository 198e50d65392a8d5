/* Types and values as bytes, for keys and for plans. Strings are numbers of the plan's table. */
#ifndef RK_PLAN_VALUE_BYTES_H
#define RK_PLAN_VALUE_BYTES_H

#include "runtime/data/column.h"
#include "runtime/plan/bytes.h"

void rk_put_type(rk_buf *out, rk_type type);

/* A sound value, missing ones included; reals by their bits. */
void rk_put_value(rk_buf *out, const rk_value *value);

/* Any type whose kind there is; whether it is a type of values is for the verifier to say. */
rk_type rk_get_type(rk_reader *r);

/* Elements go to the arena. A fault of the reader; RK_ENOMEM. */
RK_NODISCARD rk_status rk_get_value(rk_reader *r, rk_arena *arena, rk_value *out);

#endif
