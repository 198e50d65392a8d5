/* Inside lowering: its state and the parts of its work. pipe.c makes lists, value.c columns, leaf.c
 * what is read rather than computed, kernel.c fuses the rest. */
#ifndef RK_LOWER_LOWERING_H
#define RK_LOWER_LOWERING_H

#include "compiler/lower/lower.h"
#include "stdlib/fn.h"

typedef RK_VEC(rk_ref) rk_refs;

typedef struct lowering {
    rk_module *module;
    rk_dag *dag;
    rk_plan *plan;
    rk_arena *arena;
    const rk_pipeline *pipeline; /* of which labels are read */
    uint32_t *lists;             /* [nodes] list of a pipe + 1; 0: not made yet */
    rk_ref *guards;              /* [nodes] of pipes: condition, or ALWAYS */
    rk_intmap columns;           /* list << 32 | node -> column */
    rk_intmap maps;              /* list << 32 | in -> map */
    uint32_t *sources;           /* [module sources] plan source + 1 */
    uint32_t *models;            /* [module models] plan model + 1 */
    uint32_t *indexes;           /* [module indexes] plan index + 1 */
    uint32_t **fields;           /* [module sources][fields] wanted field + 1 */
    rk_str *names;               /* [nodes] factor or field, or "" */
    uint32_t *users;             /* [nodes] live users */
    uint32_t *depth;             /* [nodes] folds within folds below a node, itself included */
    uint32_t *stamp;             /* [nodes] of the last walk that met the node */
    uint32_t *inside;            /* [nodes] of the kernel that is being made */
    uint32_t walk;               /* number of walks so far */
    uint32_t n_nodes;            /* of the graph, fixed while lowering */
} lowering;

#define LOWER_ALWAYS UINT32_MAX

/* ---- value.c ---- */
/* Makes each of the nodes a column: of `list`, or of list 0 for those of query or const scope. */
RK_NODISCARD rk_status lower_values(lowering *lo, uint32_t list, const rk_ref *refs, uint32_t n);
/* The same when all folds below the nodes are done. */
RK_NODISCARD rk_status lower_plain_values(lowering *lo, uint32_t list, const rk_ref *refs,
                                          uint32_t n);
/* The column of a node after lower_values; on `list` itself if `exact` (broadcast if need be). */
RK_NODISCARD rk_status lower_column(lowering *lo, uint32_t list, rk_ref ref, bool exact,
                                    uint32_t *out);
/* The column that holds a node on a list, or RK_PLAN_NONE. */
uint32_t lower_known(const lowering *lo, uint32_t list, rk_ref ref);
RK_NODISCARD rk_status lower_remember(lowering *lo, uint32_t list, rk_ref ref, uint32_t column);
/* The list where a node's value lives when asked for on `list`. */
uint32_t lower_home(const lowering *lo, uint32_t list, rk_ref ref);

/* ---- fold.c ---- */
/* Works out all folds below the nodes that are not done yet, innermost first, those of one depth
 * and domain in one sweep. */
RK_NODISCARD rk_status lower_folds(lowering *lo, const rk_ref *refs, uint32_t n);

/* ---- leaf.c ---- */
RK_NODISCARD rk_status lower_leaves(lowering *lo, uint32_t list, const rk_refs *leaves);
/* Gathers a node that is known on another list. */
RK_NODISCARD rk_status lower_gather(lowering *lo, uint32_t list, rk_ref ref, uint32_t from);
/* A list on which the node is known and of which `list` is a part; RK_PLAN_NONE. */
uint32_t lower_ancestor_with(const lowering *lo, uint32_t list, rk_ref ref);

/* ---- kernel.c ---- */
/* Emits the operations of `body` (ascending) over `list`; those in `roots` get a column. */
RK_NODISCARD rk_status lower_kernel(lowering *lo, uint32_t list, const rk_refs *body,
                                    const rk_ref *roots, uint32_t n_roots);
/* A column of `list` that repeats a value of list 0 or a constant. */
RK_NODISCARD rk_status lower_broadcast(lowering *lo, uint32_t list, rk_ref ref, uint32_t *out);

/* ---- pipe.c ---- */
RK_NODISCARD rk_status lower_pipes(lowering *lo, rk_ref root, const rk_ref *asked, uint32_t n);
/* The list of a pipe, made now if it is not there yet. */
RK_NODISCARD rk_status lower_pipe(lowering *lo, rk_ref ref, uint32_t *list);
/* Adds the step that makes a list, under the guard of the pipe `ref`. */
RK_NODISCARD rk_status lower_make_list(lowering *lo, rk_ref ref, uint32_t parent, rk_step step,
                                       uint32_t *out);
/* Whether items that source `number` has no row for are left out: absent: "drop". */
bool lower_drops(const lowering *lo, uint32_t number);
/* Takes out of a list what such a source has no row for. */
RK_NODISCARD rk_status lower_drop_absent(lowering *lo, rk_ref ref, uint32_t *list);
/* The list that a DOMAIN node means. */
RK_NODISCARD rk_status lower_domain(lowering *lo, rk_ref domain, uint32_t *list);

/* ---- nearest.c ---- */
RK_NODISCARD rk_status lower_nearest(lowering *lo, rk_ref ref, uint32_t *list);
/* The plan's index for that of the module, with the steps of its vectors. */
RK_NODISCARD rk_status lower_index(lowering *lo, uint32_t index, uint32_t *out);

/* ---- plan_build.c ---- */
RK_NODISCARD rk_status lower_add_column(lowering *lo, rk_type type, uint32_t list, rk_str name,
                                        uint32_t *out);
RK_NODISCARD rk_status lower_add_list(lowering *lo, uint32_t parent, rk_str label, uint32_t *out);
RK_NODISCARD rk_status lower_add_step(lowering *lo, rk_step step);
/* Appends to plan->operands. */
RK_NODISCARD rk_status lower_add_operands(lowering *lo, const uint32_t *operands, uint32_t n,
                                          uint32_t *first);
/* The map from `list` into `in`, made on first use. */
RK_NODISCARD rk_status lower_map(lowering *lo, uint32_t list, uint32_t in, uint32_t *out);
/* The plan's source, and its field, for those of the module. */
RK_NODISCARD rk_status lower_source(lowering *lo, uint32_t source, uint32_t *out);
RK_NODISCARD rk_status lower_model(lowering *lo, uint32_t model, uint32_t *out);
RK_NODISCARD rk_status lower_field(lowering *lo, uint32_t source, uint32_t field, uint32_t *out);
/* Notes that a node was worked out for a list. */
RK_NODISCARD rk_status lower_note(lowering *lo, uint32_t list, rk_ref ref);

/* A step of a kind over a list, everything else NONE. */
static inline rk_step lower_step(rk_step_kind kind, uint32_t list)
{
    rk_step step;
    memset(&step, 0xff, sizeof step);
    step.kind = kind;
    step.list = list;
    step.first = step.n = 0;
    step.span = RK_NO_SPAN;
    return step;
}

static inline int64_t lower_key(uint32_t a, uint32_t b) { return (int64_t)((uint64_t)a << 32 | b); }

#endif
