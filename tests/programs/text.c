/* Programs as text, with no more parentheses than they need now and then. */
#include "tests/programs/programs.h"

/* As the manual has them, loosest first. */
enum {
    LEVEL_IF,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_COALESCE,
    LEVEL_ADD,
    LEVEL_MUL,
    LEVEL_NEG,
    LEVEL_POW,
    LEVEL_CALL,
};

static const char *const op_texts[] = {
    [OP_OR] = "or",       [OP_AND] = "and", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<",
    [OP_LE] = "<=",       [OP_GT] = ">",    [OP_GE] = ">=", [OP_IN] = "in", [OP_NOT_IN] = "not in",
    [OP_COALESCE] = "??", [OP_ADD] = "+",   [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/",
    [OP_MOD] = "%",       [OP_POW] = "^",
};

static int op_level(unsigned op)
{
    if (op == OP_OR)
        return LEVEL_OR;
    if (op == OP_AND)
        return LEVEL_AND;
    if (op <= OP_NOT_IN)
        return LEVEL_COMPARE;
    if (op == OP_COALESCE)
        return LEVEL_COALESCE;
    return op <= OP_SUB ? LEVEL_ADD : op <= OP_MOD ? LEVEL_MUL : LEVEL_POW;
}

static int level_of(const node *n)
{
    switch (n->kind) {
    case NODE_IF:
        return LEVEL_IF;
    case NODE_NOT:
        return LEVEL_NOT;
    case NODE_NEG:
        return LEVEL_NEG;
    case NODE_BINARY:
        return op_level(n->op);
    default:
        return LEVEL_CALL;
    }
}

static void print_at(const program *p, const node *n, int least, rk_buf *out)
{
    if (level_of(n) >= least) {
        print_node(p, n, out);
        return;
    }
    rk_buf_add_char(out, '(');
    print_node(p, n, out);
    rk_buf_add_char(out, ')');
}

static void print_binary(const program *p, const node *n, rk_buf *out)
{
    const int level = op_level(n->op);
    int left = level, right = level + 1;
    if (level == LEVEL_COMPARE)
        left = level + 1;
    if (n->op == OP_POW) {
        left = level + 1;
        right = LEVEL_POW;
    }
    if (n->op == OP_COALESCE) { /* arithmetic beside it must stand in parentheses */
        left = n->kids[0]->kind == NODE_NEG ? LEVEL_NEG : LEVEL_CALL;
        right = n->kids[1]->kind == NODE_BINARY && n->kids[1]->op == OP_COALESCE ? level
                : n->kids[1]->kind == NODE_NEG                                   ? LEVEL_NEG
                                                                                 : LEVEL_CALL;
    }
    print_at(p, n->kids[0], left, out);
    rk_buf_printf(out, " %s ", op_texts[n->op]);
    print_at(p, n->kids[1], right, out);
}

static void print_args(const program *p, const char *name, const node *n, rk_buf *out)
{
    rk_buf_printf(out, "%s(", name);
    for (unsigned i = 0; i < n->n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        print_node(p, n->kids[i], out);
    }
    rk_buf_add_char(out, ')');
}

static void print_label(int label, rk_buf *out)
{
    if (label == RECALL_LABEL)
        rk_buf_add_chars(out, "recall");
    else
        rk_buf_printf(out, "l%d", label + 1);
}

static void print_fold(const program *p, const node *n, rk_buf *out)
{
    static const char *const names[] = {"", "by: ", "where: "};
    bool first = true;
    rk_buf_printf(out, "%s(", fold_names[n->op]);
    for (unsigned i = 0; i < 3; i++) {
        if (n->kids[i]) {
            rk_buf_printf(out, "%s%s", first ? "" : ", ", names[i]);
            print_node(p, n->kids[i], out);
            first = false;
        }
        if (i == 0 && n->op == FOLD_QUANTILE)
            rk_buf_printf(out, ", %s", n->q);
    }
    if (n->op == FOLD_RANK && n->asc)
        rk_buf_add_chars(out, ", asc: true");
    if (n->over >= 0) {
        rk_buf_add_chars(out, first ? "over: " : ", over: ");
        print_label(n->over, out);
    }
    rk_buf_add_char(out, ')');
}

static void print_leaf(const program *p, const node *n, rk_buf *out)
{
    switch (n->kind) {
    case NODE_NUMBER:
        rk_buf_add_chars(out, n->text);
        break;
    case NODE_INF:
        rk_buf_add_chars(out, "inf");
        break;
    case NODE_BOOL:
        rk_buf_add_chars(out, n->op ? "true" : "false");
        break;
    case NODE_STRING:
        rk_buf_add_json(out, rk_str_from(n->text));
        break;
    case NODE_MISSING:
        rk_buf_add_chars(out, "missing");
        break;
    case NODE_QUERY:
        rk_buf_printf(out, "query.%s", p->query[n->op].name);
        break;
    case NODE_ITEM:
        rk_buf_add_chars(out, p->item[n->op].name);
        break;
    case NODE_ID:
        rk_buf_add_chars(out, "item.id");
        break;
    case NODE_SOURCE:
        rk_buf_add_chars(out, p->sources[n->op].fields[n->row].name);
        break;
    case NODE_FACTOR:
        rk_buf_add_chars(out, p->factors[n->op].name);
        break;
    case NODE_PARAM:
        rk_buf_printf(out, "a%u", n->op);
        break;
    default:
        print_label((int)n->op, out);
        rk_buf_add_chars(out, n->kind == NODE_RANK ? ".rank" : ".score");
    }
}

void print_node(const program *p, const node *n, rk_buf *out)
{
    switch (n->kind) {
    case NODE_PARAM: /* in a body that stands for its call: the argument */
        if (n->n)
            print_at(p, n->kids[0], LEVEL_CALL, out);
        else
            print_leaf(p, n, out);
        break;
    case NODE_NOT:
        rk_buf_add_chars(out, "not ");
        print_at(p, n->kids[0], LEVEL_NOT, out);
        break;
    case NODE_NEG:
        rk_buf_add_char(out, '-');
        print_at(p, n->kids[0], LEVEL_POW, out);
        break;
    case NODE_BINARY:
        print_binary(p, n, out);
        break;
    case NODE_IF:
        rk_buf_add_chars(out, "if ");
        print_at(p, n->kids[0], LEVEL_OR, out);
        rk_buf_add_chars(out, " then ");
        print_at(p, n->kids[1], LEVEL_OR, out);
        rk_buf_add_chars(out, " else ");
        print_node(p, n->kids[2], out);
        break;
    case NODE_LIST:
        rk_buf_add_char(out, '[');
        for (unsigned i = 0; i < n->n; i++) {
            rk_buf_add_chars(out, i ? ", " : "");
            print_node(p, n->kids[i], out);
        }
        rk_buf_add_char(out, ']');
        break;
    case NODE_INDEX:
        print_at(p, n->kids[0], LEVEL_CALL, out);
        rk_buf_add_char(out, '[');
        print_node(p, n->kids[1], out);
        rk_buf_add_char(out, ']');
        break;
    case NODE_IS_MISSING:
        print_args(p, "missing", n, out);
        break;
    case NODE_CALL:
        print_args(p, functions[n->op].name, n, out);
        break;
    case NODE_DEF:
        print_args(p, p->defs[n->op].name, n, out);
        break;
    case NODE_MODEL:
        print_model_call(p, n, out);
        break;
    case NODE_FOLD:
        print_fold(p, n, out);
        break;
    default:
        print_leaf(p, n, out);
    }
}

/* ---- pipes ---- */

static void print_pipe(const program *p, const pipe *q, rk_buf *out);

/* `name(pipe, arguments)`, where the pipe may have gone before. */
static void print_call(const program *p, const pipe *q, const char *before, rk_buf *out)
{
    static const char *const names[] = {
        [PIPE_WHERE] = "where",   [PIPE_TOP] = "top", [PIPE_SORT] = "sort", [PIPE_LIMIT] = "limit",
        [PIPE_SPREAD] = "spread", [PIPE_PIN] = "pin", [PIPE_SINK] = "sink",
    };
    rk_buf_printf(out, "%s%s(", before, names[q->kind]);
    if (q->form == FORM_CALL) {
        print_pipe(p, q->from[0], out);
        rk_buf_add_chars(out, ", ");
    }
    if (q->kind == PIPE_TOP || q->kind == PIPE_LIMIT)
        print_node(p, q->count[0], out);
    if (q->kind == PIPE_TOP)
        rk_buf_add_chars(out, ", by: ");
    if (q->kind == PIPE_SORT)
        rk_buf_add_chars(out, q->asc ? "asc: " : "desc: ");
    if (q->key)
        print_node(p, q->key, out);
    if (q->kind == PIPE_SPREAD || q->kind == PIPE_PIN) {
        rk_buf_add_chars(out, q->kind == PIPE_PIN ? ", at: " : ", max: ");
        print_node(p, q->count[0], out);
    }
    if (q->kind == PIPE_SPREAD) {
        rk_buf_add_chars(out, ", window: ");
        print_node(p, q->count[1], out);
    }
    rk_buf_add_char(out, ')');
}

static void print_stage(const program *p, const pipe *q, rk_buf *out)
{
    if (q->form != FORM_CALL)
        print_pipe(p, q->from[0], out);
    if (q->form < FORM_DEF)
        print_call(p, q, q->form == FORM_CALL ? "" : "\n  | ", out);
    else
        rk_buf_printf(out, "\n  | st%u()", q->form);
}

/* Defs of stages in a pipeline's own text. */
static void print_stage_defs(const program *p, const pipe *q, rk_buf *out)
{
    for (unsigned i = 0; i < q->n; i++)
        print_stage_defs(p, q->from[i], out);
    if (q->form < FORM_DEF)
        return;
    rk_buf_printf(out, "def st%u(pipe) = pipe", q->form);
    print_call(p, q, " | ", out);
    rk_buf_add_char(out, '\n');
}

static void print_pipe(const program *p, const pipe *q, rk_buf *out)
{
    switch (q->kind) {
    case PIPE_CANDIDATES:
        rk_buf_add_chars(out, "candidates");
        break;
    case PIPE_SCAN:
        rk_buf_add_chars(out, "scan(tab)");
        break;
    case PIPE_NEAREST:
        rk_buf_add_chars(out, "nearest(ix, ");
        print_node(p, q->vector, out);
        rk_buf_add_chars(out, ", ");
        print_node(p, q->count[0], out);
        rk_buf_add_chars(out, q->key ? ", where: " : "");
        if (q->key)
            print_node(p, q->key, out);
        rk_buf_add_char(out, ')');
        break;
    case PIPE_NAME:
        rk_buf_printf(out, "p%u", q->op + 1);
        break;
    case PIPE_UNION:
        rk_buf_add_chars(out, "union(");
        for (unsigned i = 0; i < q->n; i++) {
            rk_buf_add_chars(out, i ? ", " : "");
            print_pipe(p, q->from[i], out);
        }
        rk_buf_add_char(out, ')');
        break;
    case PIPE_IF:
        rk_buf_add_chars(out, "(if ");
        print_at(p, q->key, LEVEL_OR, out);
        rk_buf_add_chars(out, " then (");
        print_pipe(p, q->from[0], out);
        rk_buf_add_chars(out, ") else (");
        print_pipe(p, q->from[1], out);
        rk_buf_add_chars(out, "))");
        break;
    default:
        print_stage(p, q, out);
    }
    if (q->label >= 0) {
        rk_buf_add_chars(out, " as ");
        print_label(q->label, out);
    }
}

/* ---- declarations ---- */

static void print_fields(const char *block, const field *fields, unsigned n, const rk_type *id,
                         rk_buf *out)
{
    if (n == 0 && !id)
        return;
    rk_buf_printf(out, "%s {\n", block);
    if (id) {
        rk_buf_add_chars(out, "    id: ");
        rk_type_print(*id, out);
        rk_buf_add_char(out, '\n');
    }
    for (unsigned i = 0; i < n; i++) {
        if (fields[i].hidden)
            continue;
        rk_buf_printf(out, "    %s: ", fields[i].name);
        rk_type_print(fields[i].type, out);
        if (fields[i].initial)
            rk_buf_printf(out, " = %s", fields[i].initial);
        rk_buf_add_char(out, '\n');
    }
    rk_buf_add_chars(out, "}\n");
}

static void print_defs(const program *p, rk_buf *out)
{
    for (unsigned i = p->n_prelude; i < p->n_defs; i++) {
        if (!p->defs[i].used) /* its body may fit no type at all */
            continue;
        rk_buf_printf(out, "def %s(", p->defs[i].name);
        for (unsigned k = 0; k < p->defs[i].n_params; k++)
            rk_buf_printf(out, "%sa%u", k ? ", " : "", k);
        rk_buf_add_chars(out, ") = ");
        print_node(p, p->defs[i].body, out);
        rk_buf_add_char(out, '\n');
    }
}

/* Declarations may stand in any order: pipelines first, users before what they use. */
void print_program(const program *p, rk_buf *out)
{
    const bool backwards = p->seed & 1;
    for (unsigned i = 0; backwards && i < p->n_pipelines; i++) {
        rk_buf_printf(out, "pipeline p%u = ", i + 1);
        print_pipe(p, p->pipelines[i], out);
        rk_buf_add_char(out, '\n');
    }
    print_fields("query", p->query, p->n_query, NULL, out);
    print_fields("item", p->item, p->n_item, &p->id_type, out);
    for (unsigned k = 0; p->has_sources && k < SOURCES; k++)
        if (!p->sources[k].hidden)
            print_source(p, k, out);
    if (p->metric)
        rk_buf_printf(out, "index ix = %s(" INDEX_VECTOR ", metric: \"%s\")\n",
                      p->graph ? "hnsw" : "flat", p->metric);
    for (unsigned k = 0; k < p->n_models; k++)
        print_model(p, k, out);
    print_defs(p, out);
    for (unsigned i = 0; i < p->n_pipelines; i++)
        print_stage_defs(p, p->pipelines[i], out);
    for (unsigned i = 0; i < p->n_factors; i++) {
        const factor *const f = &p->factors[backwards ? p->n_factors - 1 - i : i];
        if (!f->value)
            continue;
        rk_buf_printf(out, "factor %s", f->name);
        if (f->declared.kind != RK_KIND_NONE) {
            rk_buf_add_chars(out, ": ");
            rk_type_print(f->declared, out);
        }
        rk_buf_add_chars(out, " = ");
        print_node(p, f->value, out);
        rk_buf_add_char(out, '\n');
    }
    for (unsigned i = 0; !backwards && i < p->n_pipelines; i++) {
        rk_buf_printf(out, "pipeline p%u = ", i + 1);
        print_pipe(p, p->pipelines[i], out);
        rk_buf_add_char(out, '\n');
    }
}
