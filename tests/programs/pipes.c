/* Pipelines by the manual, §§4 and 5: what each stage may use where it stands. */
#include "tests/programs/programs.h"

static const rk_type nothing = {0};

pipe *root_pipe(const program *p, pipe *q)
{
    while (q && q->kind == PIPE_NAME)
        q = p->pipelines[q->op];
    return q;
}

static bool is_stage(const pipe *q) { return q->kind >= PIPE_WHERE; }

/* The pipe labelled so, or NULL. */
static pipe *find_label(const program *p, pipe *q, int label)
{
    q = root_pipe(p, q);
    if (q->label == label)
        return q;
    for (unsigned i = 0; i < q->n; i++) {
        pipe *const found = find_label(p, q->from[i], label);
        if (found)
            return found;
    }
    return NULL;
}

/* What the first stage yields. All `candidates` are the same, and all scans. */
static pipe *first_stage(const program *p, pipe *q)
{
    q = root_pipe(p, q);
    while (is_stage(q))
        q = root_pipe(p, q->from[0]);
    if (q->kind != PIPE_IF)
        return q;
    pipe *const yes = first_stage(p, q->from[0]), *const no = first_stage(p, q->from[1]);
    const bool same = yes == no || (yes->kind <= PIPE_SCAN && no->kind == yes->kind);
    return same ? yes : q;
}

pipe *domain_pipe(const program *p, pipe *within, int label)
{
    return label == RECALL_LABEL ? p->recall : find_label(p, within, label);
}

bool is_recall(const program *p, const pipe *q)
{
    return q == p->recall || (q->kind <= PIPE_SCAN && p->recall->kind == q->kind);
}

/* ---- types of arguments ---- */

static bool type_key(program *p, node *n, bool may_lack)
{
    return type_node(p, n, RK_TYPE(FLOAT)) && n->type.kind >= RK_KIND_BOOL &&
           n->type.kind <= RK_KIND_STRING && (may_lack || !n->type.optional);
}

static bool type_condition(program *p, node *n)
{
    return type_node(p, n, RK_TYPE(BOOL)) && n->type.kind == RK_KIND_BOOL && !n->type.optional;
}

static bool type_count(program *p, node *n)
{
    return !n || (type_node(p, n, RK_TYPE(INT)) && n->type.kind == RK_KIND_INT &&
                  !n->type.optional && n->scope <= SCOPE_QUERY);
}

static bool type_args(program *p, pipe *q)
{
    if (!type_count(p, q->count[0]) || !type_count(p, q->count[1]))
        return false;
    switch (q->kind) {
    case PIPE_NEAREST:
        return type_node(p, q->vector, nothing) && q->vector->type.kind == RK_KIND_VECTOR &&
               q->vector->type.dim == INDEX_DIM && q->vector->scope <= SCOPE_QUERY &&
               (!q->key || type_condition(p, q->key));
    case PIPE_IF:
        return type_condition(p, q->key) && q->key->scope <= SCOPE_QUERY;
    case PIPE_WHERE:
    case PIPE_PIN:
    case PIPE_SINK:
        return type_condition(p, q->key);
    case PIPE_TOP:
    case PIPE_SORT:
        return type_key(p, q->key, false);
    case PIPE_SPREAD:
        return type_key(p, q->key, true);
    default:
        return true;
    }
}

/* ---- domains ---- */

static bool type_pipe(program *p, pipe *named)
{
    pipe *const q = root_pipe(p, named);
    unsigned all = ~0u, any = 0, within = ~0u;
    for (unsigned i = 0; i < q->n; i++) {
        if (!type_pipe(p, q->from[i]))
            return false;
        const pipe *const from = root_pipe(p, q->from[i]);
        all &= from->made;
        any |= from->made;
        within &= from->within;
    }
    const unsigned own =
        (q->label >= 0 && q->label < LABELS_MAX ? 2u << q->label : 0) | (is_recall(p, q) ? 1u : 0);
    q->made = any | own;
    q->within = (q->n ? within : 0) | own;
    if (!type_args(p, q))
        return false;
    const node *const args[] = {q->key, q->count[0], q->count[1], q->vector};
    const unsigned inside = q->kind == PIPE_NEAREST ? 0 : is_stage(q) ? within : ~0u;
    for (unsigned i = 0; i < RK_ARRAY_LEN(args); i++)
        if (args[i] && ((args[i]->needs & ~(q->n ? all : 0)) || (args[i]->bound & ~inside)))
            return false;
    return true;
}

static bool type_pipeline(program *p, unsigned number)
{
    pipe *const root = p->pipelines[number];
    p->recall = find_label(p, root, RECALL_LABEL);
    if (!p->recall)
        p->recall = first_stage(p, root);
    return type_pipe(p, root);
}

static bool type_factor(program *p, factor *f)
{
    f->type = nothing;
    if (!type_node(p, f->value, f->declared))
        return false;
    f->type = f->value->type;
    if (f->declared.kind == RK_KIND_NONE)
        return f->type.kind != RK_KIND_NONE;
    if (!converts(f->type.kind, f->declared.kind) || f->type.elem != f->declared.elem ||
        f->type.dim != f->declared.dim || (f->type.optional && !f->declared.optional))
        return false;
    f->type = f->declared;
    return true;
}

bool type_program(program *p)
{
    unsigned labels = 1;
    p->memos = 0;
    for (unsigned i = 0; i < p->n_defs; i++)
        p->defs[i].used = false;
    for (int label = 0; label < LABELS_MAX; label++)
        for (unsigned i = 0; i < p->n_pipelines; i++)
            if (find_label(p, p->pipelines[i], label))
                labels |= 2u << label;
    for (unsigned i = 0; i < p->n_factors; i++) {
        factor *const f = &p->factors[i];
        f->type = nothing;
        if (f->value && (!type_factor(p, f) || (f->value->needs & ~labels)))
            return false;
    }
    for (unsigned i = 0; i < p->n_pipelines; i++)
        if (!type_pipeline(p, i))
            return false;
    const pipe *const root = root_pipe(p, p->pipelines[p->n_pipelines - 1]);
    for (unsigned i = 0; i < p->n_factors; i++) {
        factor *const f = &p->factors[i];
        f->shown =
            f->value && !(f->value->needs & ~root->made) && !(f->value->bound & ~root->within);
    }
    return true;
}
