#include "compiler/dag/dag.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

rk_status rk_dag_init(rk_dag *dag, rk_arena *arena)
{
    *dag = (rk_dag){.arena = arena};
    const rk_node error = {.op = RK_OP_ERROR, .span = RK_NO_SPAN};
    return rk_vec_push(arena, &dag->nodes, error) ? RK_OK : RK_ENOMEM;
}

/* What makes two nodes one; the place in the text is not part of it. */
static uint64_t hash_node(const rk_node *node, const rk_ref *operands)
{
    uint64_t bits;
    memcpy(&bits, &node->param, sizeof bits);
    const uint64_t head[3] = {
        (uint64_t)node->op | (uint64_t)node->scope << 8 | (uint64_t)node->aux << 16,
        (uint64_t)node->type.kind | (uint64_t)node->type.elem << 8 |
            (uint64_t)node->type.optional << 16 | (uint64_t)node->type.dim << 32,
        bits,
    };
    const uint64_t seed = XXH3_64bits(head, sizeof head);
    return node->n ? XXH3_64bits_withSeed(operands, node->n * sizeof *operands, seed) : seed;
}

typedef struct node_key {
    const rk_node *node;
    const rk_ref *operands;
} node_key;

static bool same_node(const void *owner, uint32_t value, const void *key)
{
    const rk_dag *const dag = owner;
    const node_key *const wanted = key;
    const rk_node *const a = rk_dag_at(dag, value), *const b = wanted->node;
    return a->op == b->op && a->scope == b->scope && a->n == b->n && a->aux == b->aux &&
           rk_type_eq(a->type, b->type) && memcmp(&a->param, &b->param, sizeof a->param) == 0 &&
           (a->n == 0 || memcmp(dag->operands.items + a->first, wanted->operands,
                                a->n * sizeof *wanted->operands) == 0);
}

static rk_ref out_of_memory(rk_dag *dag)
{
    dag->no_memory = true;
    return 0;
}

/* Appends the node and its operands. */
static rk_ref append(rk_dag *dag, rk_node node, const rk_ref *operands, uint64_t hash)
{
    node.first = dag->operands.len;
    for (uint32_t i = 0; i < node.n; i++)
        if (!rk_vec_push(dag->arena, &dag->operands, operands[i]))
            return out_of_memory(dag);
    const rk_ref ref = dag->nodes.len;
    if (!rk_vec_push(dag->arena, &dag->nodes, node) ||
        !rk_table_add(dag->arena, &dag->table, hash, ref))
        return out_of_memory(dag);
    return ref;
}

rk_ref rk_dag_node(rk_dag *dag, const rk_node_spec *spec)
{
    if (spec->n > RK_DAG_OPERANDS_MAX)
        return out_of_memory(dag);
    rk_node node = {.op = (uint8_t)spec->op,
                    .scope = (uint8_t)spec->scope,
                    .n = (uint16_t)spec->n,
                    .aux = spec->aux,
                    .type = spec->type,
                    .param = spec->param,
                    .span = spec->span};
    for (uint32_t i = 0; i < spec->n; i++) {
        const rk_node *const operand = rk_dag_at(dag, spec->operands[i]);
        if (operand->scope > node.scope && spec->type.kind != RK_KIND_CANDIDATES &&
            spec->op != RK_OP_FOLD)
            node.scope = operand->scope;
    }
    const uint64_t hash = hash_node(&node, spec->operands);
    const node_key key = {&node, spec->operands};
    const rk_ref old = rk_table_find(&dag->table, hash, same_node, dag, &key);
    return old != RK_MAP_NONE ? old : append(dag, node, spec->operands, hash);
}

/* Constants are equal when their bits are: 0.0 and -0.0 are two. */
static bool same_constant(const rk_value *a, const rk_value *b)
{
    if (!rk_type_eq(a->type, b->type) || a->missing != b->missing)
        return false;
    if (a->missing)
        return true;
    switch (a->type.kind) {
    case RK_KIND_BOOL:
        return a->as.b == b->as.b;
    case RK_KIND_INT:
        return a->as.i == b->as.i;
    case RK_KIND_FLOAT:
        return memcmp(&a->as.f, &b->as.f, sizeof a->as.f) == 0;
    case RK_KIND_DOUBLE:
        return memcmp(&a->as.d, &b->as.d, sizeof a->as.d) == 0;
    case RK_KIND_STRING:
        return a->as.s == b->as.s;
    default:
        return false; /* lists are rarely equal, and need not be shared */
    }
}

static uint64_t constant_hash(const rk_value *value)
{
    uint64_t bits = 0;
    switch (value->type.kind) {
    case RK_KIND_BOOL:
        bits = value->as.b;
        break;
    case RK_KIND_FLOAT:
        memcpy(&bits, &value->as.f, sizeof value->as.f);
        break;
    case RK_KIND_STRING:
        bits = value->as.s;
        break;
    case RK_KIND_INT:
    case RK_KIND_DOUBLE:
        memcpy(&bits, &value->as.i, sizeof bits);
        break;
    default:
        break;
    }
    return rk_hash_int(value->missing ? 1 : bits) ^ (uint64_t)value->type.kind << 56 ^
           (uint64_t)value->type.optional << 55 ^ UINT64_C(0x5bd1e995);
}

static bool node_is_constant(const void *owner, uint32_t value, const void *key)
{
    const rk_dag *const dag = owner;
    return rk_dag_is_const(dag, value) && same_constant(rk_dag_value(dag, value), key);
}

rk_ref rk_dag_const(rk_dag *dag, rk_value value, rk_span span)
{
    const uint64_t hash = constant_hash(&value);
    const rk_ref old = rk_table_find(&dag->table, hash, node_is_constant, dag, &value);
    if (old != RK_MAP_NONE)
        return old;
    const rk_node node = {
        .op = RK_OP_CONST, .aux = dag->constants.len, .type = value.type, .span = span};
    if (!rk_vec_push(dag->arena, &dag->constants, value))
        return out_of_memory(dag);
    return append(dag, node, NULL, hash);
}

rk_ref rk_dag_unary(rk_dag *dag, rk_op op, rk_type type, rk_ref a, rk_span span)
{
    return rk_dag_node(
        dag, &(rk_node_spec){.op = op, .type = type, .span = span, .operands = &a, .n = 1});
}

rk_ref rk_dag_binary(rk_dag *dag, rk_op op, rk_type type, rk_ref a, rk_ref b, rk_span span)
{
    const rk_ref operands[] = {a, b};
    return rk_dag_node(
        dag, &(rk_node_spec){.op = op, .type = type, .span = span, .operands = operands, .n = 2});
}

rk_ref rk_dag_if(rk_dag *dag, rk_type type, rk_ref condition, rk_ref yes, rk_ref no, rk_span span)
{
    const rk_ref operands[] = {condition, yes, no};
    return rk_dag_node(
        dag,
        &(rk_node_spec){.op = RK_OP_IF, .type = type, .span = span, .operands = operands, .n = 3});
}

uint8_t *rk_dag_reachable(const rk_dag *dag, rk_arena *arena, const rk_ref *roots, uint32_t n)
{
    uint8_t *const live = RK_NEW_ARRAY(arena, uint8_t, dag->nodes.len);
    if (!live)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        live[roots[i]] = 1;
    for (rk_ref ref = dag->nodes.len; ref-- > 0;) {
        const rk_node *const node = rk_dag_at(dag, ref);
        for (uint32_t i = 0; live[ref] && i < node->n; i++)
            live[rk_dag_operand(dag, ref, i)] = 1;
    }
    return live;
}
