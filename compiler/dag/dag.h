/* The typed graph: what sema makes of the program and optimisation rewrites. Nodes stand in one
 * array and are numbered; an operand's number is smaller than its user's, so index order is
 * evaluation order and there are no cycles. Equal nodes are one node (hash-consing), so common
 * subexpressions never exist twice. Pipelines are nodes too: a stage's operand is the pipe it
 * stands on. Node 0 is ERROR: it stands for what could not be typed, and for "no operand".
 *
 * Every node has a type (with may-be-missing), a scope (const < query < item), and the place in the
 * text it came from first. Domains are symbolic (`recall`, a label): which stage they mean is known
 * only within a pipeline (rk_label in compiler/sema/module.h). */
#ifndef RK_DAG_DAG_H
#define RK_DAG_DAG_H

#include "runtime/plan/plan.h"

typedef uint32_t rk_ref;

typedef enum rk_op {
#define RK_CORE(name, text, operands) RK_OP_##name,
#include "runtime/plan/op.def"
#undef RK_CORE
#define RK_OP(name, text) RK_OP_##name,
#include "compiler/dag/ops.def"
#undef RK_OP
    RK_OP_ERROR,
} rk_op;

typedef enum rk_scope { RK_SCOPE_CONST, RK_SCOPE_QUERY, RK_SCOPE_ITEM } rk_scope;

enum { RK_DAG_OPERANDS_MAX = UINT16_MAX };

typedef struct rk_node {
    uint8_t op;     /* rk_op */
    uint8_t scope;  /* rk_scope; pipes: QUERY */
    uint16_t n;     /* operands */
    uint32_t first; /* in dag->operands */
    uint32_t aux;
    rk_type type; /* pipes: CANDIDATES; DOMAIN: NONE */
    double param; /* FOLD, STAGE */
    rk_span span;
} rk_node;

typedef struct rk_dag {
    rk_arena *arena;
    RK_VEC(rk_node) nodes;
    RK_VEC(rk_ref) operands;
    RK_VEC(rk_value) constants;
    rk_table table; /* of nodes */
    bool no_memory; /* a node could not be made: ERROR was given instead */
} rk_dag;

RK_NODISCARD rk_status rk_dag_init(rk_dag *dag, rk_arena *arena);

/* What to make: the fields of a node without numbers of the array. */
typedef struct rk_node_spec {
    rk_op op;
    rk_scope scope; /* at least; the widest of the operands' is taken */
    rk_type type;
    uint32_t aux;
    double param;
    rk_span span;
    const rk_ref *operands;
    uint32_t n;
} rk_node_spec;

/* The node like this: an old one if there is one. ERROR (0) when memory is out. No rewriting. */
rk_ref rk_dag_node(rk_dag *dag, const rk_node_spec *spec);

/* Shorthands. */
rk_ref rk_dag_const(rk_dag *dag, rk_value value, rk_span span);
rk_ref rk_dag_unary(rk_dag *dag, rk_op op, rk_type type, rk_ref a, rk_span span);
rk_ref rk_dag_binary(rk_dag *dag, rk_op op, rk_type type, rk_ref a, rk_ref b, rk_span span);
rk_ref rk_dag_if(rk_dag *dag, rk_type type, rk_ref condition, rk_ref yes, rk_ref no, rk_span span);

static inline const rk_node *rk_dag_at(const rk_dag *dag, rk_ref ref)
{
    return &dag->nodes.items[ref];
}
static inline rk_ref rk_dag_operand(const rk_dag *dag, rk_ref ref, uint32_t i)
{
    return dag->operands.items[dag->nodes.items[ref].first + i];
}
/* The value of a CONST node. */
static inline const rk_value *rk_dag_value(const rk_dag *dag, rk_ref ref)
{
    return &dag->constants.items[dag->nodes.items[ref].aux];
}
static inline bool rk_dag_is_const(const rk_dag *dag, rk_ref ref)
{
    return dag->nodes.items[ref].op == RK_OP_CONST;
}
static inline bool rk_dag_is_pipe(const rk_dag *dag, rk_ref ref)
{
    return dag->nodes.items[ref].type.kind == RK_KIND_CANDIDATES;
}
static inline bool rk_op_is_core(rk_op op) { return op < (rk_op)RK_CORE_COUNT; }

const char *rk_op_text(rk_op op);

/* Marks what is reachable from `roots`: a byte a node, in the arena; NULL when memory is out. */
uint8_t *rk_dag_reachable(const rk_dag *dag, rk_arena *arena, const rk_ref *roots, uint32_t n);

/* A line a node: number, operation, operands, type, scope (--dump=dag, --dump=opt). `live` may be
 * NULL: all. `names` prints constants. */
void rk_dag_print(const rk_dag *dag, const uint8_t *live, const rk_atoms *names, rk_buf *out);

/* Checks the invariants above; the first fault is described in `fault`. */
RK_NODISCARD rk_status rk_dag_verify(const rk_dag *dag, rk_buf *fault);

#endif
