/* Random pipelines: a chain of stages from one start, and maybe a second one built on it. */
#include "tests/programs/programs.h"

typedef struct builder {
    gen *g;
    pipe *at;
    unsigned made, within;
    unsigned planned; /* labels that factors use: each must be given to a stage */
    unsigned given;
} builder;

static pipe *new_pipe(builder *b, pipe_kind kind, unsigned n)
{
    pipe *const q = NEW(&b->g->p->arena, pipe);
    *q = (pipe){.kind = kind, .n = n, .label = -1};
    return q;
}

static node *count_arg(builder *b)
{
    static const char *const counts[] = {"0",  "1",  "2",  "3",  "5",   "10",
                                         "15", "20", "50", "70", "200", "1000"};
    gen *const g = b->g;
    node *n = NULL;
    if (chance(g, 20)) {
        g->query_only = true;
        n = gen_plain(g, RK_KIND_INT, 1);
        g->query_only = false;
    }
    if (n)
        return n;
    n = new_node(g, NODE_NUMBER, 0, 0, NULL, NULL, NULL);
    n->text = counts[below(g, RK_ARRAY_LEN(counts))];
    return chance(g, 3) ? new_node(g, NODE_NEG, 0, 1, n, NULL, NULL) : n;
}

/* A search: what it takes is known before there are candidates. */
static pipe *new_nearest(builder *b)
{
    static const char *const metrics[] = {"dot", "cosine", "l2"};
    gen *const g = b->g;
    pipe *const q = new_pipe(b, PIPE_NEAREST, 0);
    const unsigned labels = g->labels, within = g->within;
    g->labels = g->within = 0;
    q->count[0] = count_arg(b);
    g->query_only = true;
    q->vector = gen_vector(g, INDEX_DIM, 2);
    g->query_only = false;
    if (chance(g, 60))
        q->key = gen_plain(g, RK_KIND_BOOL, 1 + below(g, 3));
    g->labels = labels;
    g->within = within;
    if (!q->vector)
        return NULL;
    g->p->metric = metrics[below(g, RK_ARRAY_LEN(metrics))];
    g->p->graph = chance(g, 50);
    return q;
}

static pipe *new_start(builder *b)
{
    pipe *const nearest =
        b->g->p->scans && !b->g->p->metric && chance(b->g, 75) ? new_nearest(b) : NULL;
    if (nearest)
        return nearest;
    const bool scan = b->g->p->scans && chance(b->g, 40);
    return new_pipe(b, scan ? PIPE_SCAN : PIPE_CANDIDATES, 0);
}

static node *key_arg(builder *b, bool may_lack)
{
    gen *const g = b->g;
    const uint8_t kind = chance(g, 70) ? RK_KIND_FLOAT : any_scalar(g);
    if (may_lack)
        return gen_value(g, any_scalar(g), 1 + below(g, 2));
    return chance(g, 3) ? gen_literal(g) : gen_plain(g, kind, 1 + below(g, 3));
}

static void fill_stage(builder *b, pipe *q)
{
    gen *const g = b->g;
    if (q->kind == PIPE_TOP || q->kind == PIPE_LIMIT || q->kind == PIPE_SPREAD ||
        q->kind == PIPE_PIN)
        q->count[0] = count_arg(b);
    if (q->kind == PIPE_SPREAD)
        q->count[1] = count_arg(b);
    if (q->kind == PIPE_WHERE || q->kind == PIPE_PIN || q->kind == PIPE_SINK)
        q->key = gen_plain(g, RK_KIND_BOOL, 1 + below(g, 3));
    else if (q->kind != PIPE_LIMIT)
        q->key = key_arg(b, q->kind == PIPE_SPREAD);
    q->asc = chance(g, 50);
    if (!q->key && q->kind != PIPE_LIMIT) { /* nothing was found */
        q->kind = PIPE_LIMIT;
        q->count[0] = count_arg(b);
    }
}

static void label_stage(builder *b, pipe *q, int label)
{
    q->label = label;
    const unsigned bit = label == RECALL_LABEL ? 1u : 2u << label;
    b->made |= bit;
    b->within |= bit;
    b->given |= bit;
}

static void next_label(builder *b, pipe *q)
{
    for (int label = 0; label < LABELS_MAX; label++)
        if (b->planned >> (label + 1) & ~(b->given >> (label + 1)) & 1) {
            label_stage(b, q, label);
            return;
        }
}

static void add_stage(builder *b)
{
    static const pipe_kind kinds[] = {PIPE_WHERE,  PIPE_WHERE, PIPE_TOP,  PIPE_TOP,
                                      PIPE_TOP,    PIPE_SORT,  PIPE_SORT, PIPE_LIMIT,
                                      PIPE_SPREAD, PIPE_PIN,   PIPE_SINK};
    gen *const g = b->g;
    pipe *const q = new_pipe(b, kinds[below(g, RK_ARRAY_LEN(kinds))], 1);
    q->from[0] = b->at;
    q->form = chance(g, 10) ? FORM_CALL : chance(g, 10) ? FORM_DEF + g->p->forms++ : FORM_PIPED;
    g->labels = b->made;
    g->within = b->within;
    fill_stage(b, q);
    b->at = q;
}

static void add_stages(builder *b, unsigned n, bool labels)
{
    for (unsigned i = 0; i < n; i++) {
        add_stage(b);
        if (labels && chance(b->g, 40))
            next_label(b, b->at);
    }
}

/* Branches that all begin with `from`, or each with `candidates`. */
static void add_branches(builder *b, pipe_kind kind, unsigned n, pipe *from)
{
    gen *const g = b->g;
    const builder before = *b;
    unsigned made = 0;
    pipe *const q = new_pipe(b, kind, n);
    for (unsigned i = 0; i < n; i++) {
        b->at = from ? from : new_start(b);
        b->made = before.made;
        b->within = before.within;
        add_stages(b, below(g, 3), from != NULL);
        q->from[i] = b->at;
        made |= b->made;
    }
    b->made = made;
    b->within = before.within;
    if (kind == PIPE_IF) {
        g->labels = before.made;
        g->within = before.within;
        g->query_only = true;
        q->key = gen_plain(g, RK_KIND_BOOL, 2);
        g->query_only = false;
    }
    if (q->key || kind == PIPE_UNION)
        b->at = q;
}

static void first_pipeline(builder *b)
{
    gen *const g = b->g;
    const bool labelled = chance(g, 30);
    const unsigned roll = below(g, 10);
    b->at = new_start(b);
    if (roll == 0)
        add_branches(b, PIPE_IF, 2, NULL);
    else if (roll < 3)
        add_branches(b, PIPE_UNION, 2 + below(g, 2), NULL);
    if (!labelled) {
        b->made |= 1;
        b->within |= 1;
    } else {
        add_stages(b, 1 + below(g, 2), false);
        label_stage(b, b->at, RECALL_LABEL);
    }
    add_stages(b, below(g, 4), true);
}

/* What is left of the labels goes to stages at the end. */
static void give_labels(builder *b)
{
    while (b->planned & ~b->given & ~1u) {
        add_stage(b);
        next_label(b, b->at);
    }
}

void gen_pipelines(gen *g)
{
    program *const p = g->p;
    builder b = {.g = g, .planned = g->labels};
    first_pipeline(&b);
    if (chance(g, 60))
        give_labels(&b);
    p->pipelines[p->n_pipelines++] = b.at;
    if (chance(g, 50) || (b.planned & ~b.given & ~1u)) {
        pipe *const name = new_pipe(&b, PIPE_NAME, 0);
        b.at = name;
        if (chance(g, 20))
            add_branches(&b, PIPE_UNION, 2 + below(g, 2), name);
        else if (chance(g, 20))
            add_branches(&b, PIPE_IF, 2, name);
        add_stages(&b, below(g, 4), true);
        give_labels(&b);
        p->pipelines[p->n_pipelines++] = b.at;
    }
}
