/* Which engine does each step of a plan, for `rankc plan`. */
#ifndef RK_CMD_PLAN_ENGINE_H
#define RK_CMD_PLAN_ENGINE_H

#include "compiler/cmd/cmd.h"
#include "compiler/driver/cache.h"

typedef struct plan_engine {
    const rk_plan *plan;
    rk_code code;
    bool has_code;
    bool interprets; /* the interpreter was asked for */
    rk_buf why;      /* there is no code */
    rk_arena arena;  /* of the code, unless it is the cache's: */
    rk_cached cached;
    bool is_cached;
    bool is_later; /* auto, which interprets until it pays to make the code */
} plan_engine;

/* Code of the plan by --engine and the cache, made if need be: it is the same for every tier, and
 * what matters here are its tables. Without code auto goes on with the reason, jit1 and jit2 are an
 * error. Must be closed, also after a failure. */
RK_NODISCARD rk_status plan_engine_open(cmd *c, const rk_plan *plan, rk_diags *diags,
                                        plan_engine *out);
void plan_engine_close(plan_engine *engine);

/* One line on the whole, without its end; nothing when the interpreter was asked for. */
void plan_engine_describe(const plan_engine *engine, rk_buf *out);

/* "native", "interpreter" or "runtime" for step `i`, with the reason where it is mixed. */
void plan_engine_describe_step(const plan_engine *engine, uint32_t i, rk_buf *out);

#endif
