/* Lowering: the graph of one pipeline becomes a plan. A value is worked out at the first list that
 * needs it, for the items then alive; lists made from that one later gather it. */
#ifndef RK_LOWER_LOWER_H
#define RK_LOWER_LOWER_H

#include "compiler/sema/module.h"

/* What of a module to plan. */
typedef struct rk_plan_request {
    uint32_t pipeline;     /* in module->pipelines; RK_MAP_NONE: `candidates` alone */
    const uint32_t *shown; /* factors whose values come with the result */
    uint32_t n_shown;
    const uint32_t *indexes; /* that are a part of the plan though nothing may search them */
    uint32_t n_indexes;
    bool recall; /* the list is the domain, and what comes after it is left out where it can be */
} rk_plan_request;

/* The plan, in the context's arena. Errors (a shown factor that uses a label which the pipeline
 * lacks) go to the diagnostics. The module must have no errors. */
RK_NODISCARD rk_status rk_lower(rk_module *module, const rk_plan_request *request, rk_plan **out);

#endif
