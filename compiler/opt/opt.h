/* Optimisation: graph to graph, before both engines. A pass is one file and one row in passes.c
 * with its reason. Rewrites are exact: not a bit of any result changes. */
#ifndef RK_OPT_OPT_H
#define RK_OPT_OPT_H

#include "compiler/sema/module.h"

/* Runs all passes over the module's graph, which is replaced; factors, pipelines, labels and keys
 * of sources then name nodes of the new one. */
RK_NODISCARD rk_status rk_optimize(rk_module *module);

/* One pass: gives the node for `spec`, whose operands are nodes of `dag` already. It may make other
 * nodes in `dag`. 0 when memory is out. */
typedef rk_ref rk_rewrite(rk_module *module, rk_dag *dag, const rk_node_spec *spec);

typedef struct rk_pass {
    const char *name;
    rk_rewrite *rewrite;
    const char *reason; /* what it does, and why at this place in the order */
} rk_pass;

/* The passes in order, NULL-ended by name. */
extern const rk_pass rk_passes[];

rk_rewrite rk_pass_fold, rk_pass_algebra, rk_pass_division;

#endif
