/* From the outline of a program to the graph that is drawn: what is shown of it, the stages of its
 * pipelines, who reads whom, levels. */
#include "compiler/cmd/graph.h"

#include "runtime/stage/stage.h"

typedef struct builder {
    graph *g;
    const graph_request *request;
    const rk_outline *outline;
    const uint8_t *live; /* [outline] */
    uint8_t *read;       /* [outline] something shown reads it */
    bool any_pipeline;   /* else nothing is dead */
    uint32_t *node_of;   /* [outline] RK_MAP_NONE: not shown */
    uint32_t *last_edge; /* [nodes] the reader that it has its last edge to, + 1 */
} builder;

/* ---- what is shown ---- */

static graph_kind kind_of(rk_named_kind kind)
{
    static const graph_kind kinds[RK_NAMED_KIND_COUNT] = {
        [RK_NAMED_QUERY_FIELD] = GRAPH_FIELD, [RK_NAMED_ITEM_FIELD] = GRAPH_FIELD,
        [RK_NAMED_SOURCE] = GRAPH_SOURCE,     [RK_NAMED_SOURCE_FIELD] = GRAPH_FIELD,
        [RK_NAMED_FACTOR] = GRAPH_FACTOR,     [RK_NAMED_DEF] = GRAPH_DEF,
        [RK_NAMED_MODEL] = GRAPH_MODEL,       [RK_NAMED_INDEX] = GRAPH_INDEX,
        [RK_NAMED_PIPELINE] = GRAPH_PIPELINE, [RK_NAMED_LABEL] = GRAPH_LABEL,
    };
    return kinds[kind];
}

static bool is_member(const builder *b, uint32_t i)
{
    return !b->request->members || b->request->members[i];
}

/* Apart from fields, defs and labels, which are shown where something shown reads them. */
static bool is_shown(const builder *b, uint32_t i)
{
    const rk_named *const named = &b->outline->items.items[i];
    if (named->beside || !is_member(b, i) || named->kind == RK_NAMED_REVISION)
        return false;
    return named->kind != RK_NAMED_PIPELINE || b->live[i];
}

/* What something shown reads, through defs too. */
static rk_status find_read(builder *b)
{
    const uint32_t n = b->outline->items.len;
    uint32_t *const queue = RK_NEW_ARRAY(b->g->arena, uint32_t, n);
    uint32_t len = 0;
    b->read = RK_NEW_ARRAY(b->g->arena, uint8_t, n);
    if (!queue || !b->read)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        if (is_shown(b, i) && kind_of(b->outline->items.items[i].kind) != GRAPH_DEF)
            queue[len++] = i;
    for (uint32_t at = 0; at < len; at++) {
        uint32_t n_reads;
        const uint32_t *const reads = rk_outline_reads(b->outline, queue[at], &n_reads);
        for (uint32_t k = 0; k < n_reads; k++) {
            if (b->read[reads[k]])
                continue;
            b->read[reads[k]] = 1;
            if (kind_of(b->outline->items.items[reads[k]].kind) == GRAPH_DEF)
                queue[len++] = reads[k];
        }
    }
    return RK_OK;
}

/* ---- nodes ---- */

static rk_status push(builder *b, graph_node node, uint32_t *number)
{
    *number = b->g->nodes.len;
    if (node.holder != RK_MAP_NONE)
        b->g->nodes.items[node.holder].n_parts++;
    return rk_vec_push(b->g->arena, &b->g->nodes, node) ? RK_OK : RK_ENOMEM;
}

static rk_status keep(const builder *b, rk_buf *text, rk_str *out)
{
    const char *const copy =
        text->failed ? NULL : rk_arena_copy(b->g->arena, text->data, text->len);
    *out = (rk_str){copy, text->len};
    rk_buf_free(text);
    return copy ? RK_OK : RK_ENOMEM;
}

/* `factor p_rel = p / p_avg`: what stands behind the `=`, on one line, without the indentation that
 * it has in a file. */
static rk_status define(const builder *b, const rk_ast *value, rk_str *out)
{
    rk_buf text = {0};
    rk_ast_format_expr(b->g->cx, value, &text);
    RK_TRY(keep(b, &text, out));
    for (; out->len && out->data[0] == ' '; out->len--)
        out->data++;
    return RK_OK;
}

static graph_node node_of(const builder *b, uint32_t i)
{
    const rk_named *const named = &b->outline->items.items[i];
    const graph_kind kind = kind_of(named->kind);
    return (graph_node){.kind = kind,
                        .holder = RK_MAP_NONE,
                        .live = b->live[i] || !b->any_pipeline,
                        .folds = named->folds,
                        .has_value = kind == GRAPH_FIELD || kind == GRAPH_FACTOR,
                        .scope = named->scope,
                        .type = named->type,
                        .name = named->name,
                        .long_name = named->long_name,
                        .doc = named->doc,
                        .span = named->span};
}

static rk_status add_field(builder *b, uint32_t i, uint32_t holder)
{
    graph_node node = node_of(b, i);
    node.holder = holder;
    if (!b->read[i]) {
        b->g->nodes.items[holder].unused++;
        return RK_OK;
    }
    b->g->nodes.items[holder].live |= node.live;
    return push(b, node, &b->node_of[i]);
}

/* The fields of all blocks of a kind, in one box; none when nothing reads any. */
static rk_status add_block(builder *b, rk_named_kind fields, graph_kind kind, rk_str name)
{
    bool used = false;
    uint32_t holder;
    for (uint32_t i = 0; i < b->outline->items.len && !used; i++)
        used = b->outline->items.items[i].kind == fields && b->read[i];
    if (!used)
        return RK_OK;
    const uint8_t scope = kind == GRAPH_QUERY ? RK_SCOPE_QUERY : RK_SCOPE_ITEM;
    const graph_node block = {.kind = kind,
                              .holder = RK_MAP_NONE,
                              .scope = scope,
                              .name = name,
                              .long_name = name,
                              .span = RK_NO_SPAN};
    RK_TRY(push(b, block, &holder));
    for (uint32_t i = 0; i < b->outline->items.len; i++)
        if (b->outline->items.items[i].kind == fields)
            RK_TRY(add_field(b, i, holder));
    return RK_OK;
}

static rk_status add_source(builder *b, uint32_t i)
{
    const rk_named *const named = &b->outline->items.items[i];
    graph_node node = node_of(b, i);
    rk_buf note = {0};
    if (named->decl->value->kind == RK_AST_CALL)
        rk_buf_add(&note, rk_atom_str(&b->g->cx->names, named->decl->value->as.call.name));
    rk_buf_add_chars(&note, " by ");
    rk_ast_format_expr(b->g->cx, named->decl->key, &note);
    RK_TRY(keep(b, &note, &node.note));
    RK_TRY(define(b, named->decl->value, &node.definition));
    RK_TRY(push(b, node, &b->node_of[i]));
    for (uint32_t k = i + 1; k < b->outline->items.len && b->outline->items.items[k].owner == i;
         k++)
        RK_TRY(add_field(b, k, b->node_of[i]));
    return RK_OK;
}

/* `z3(a, b, c)`: a def is shown with its parameters. */
static rk_status add_def(builder *b, uint32_t i)
{
    const rk_decl *const decl = b->outline->items.items[i].decl;
    graph_node node = node_of(b, i);
    rk_buf text = {0};
    if (!b->read[i])
        return RK_OK;
    rk_buf_add(&text, node.name);
    rk_buf_add_char(&text, '(');
    for (uint32_t k = 0; k < decl->n_params; k++) {
        rk_buf_add_chars(&text, k ? ", " : "");
        rk_buf_add(&text, rk_atom_str(&b->g->cx->names, decl->params[k].name));
    }
    rk_buf_add_char(&text, ')');
    RK_TRY(keep(b, &text, &node.name));
    RK_TRY(define(b, decl->value, &node.definition));
    return push(b, node, &b->node_of[i]);
}

/* Labels of one name are one: which stage is meant depends on the pipeline. */
static rk_status add_label(builder *b, uint32_t i)
{
    graph_node node = node_of(b, i);
    node.long_name = node.name;
    if (!b->live[b->outline->items.items[i].owner] || !b->read[i])
        return RK_OK;
    for (uint32_t k = 0; k < i; k++)
        if (b->outline->items.items[k].kind == RK_NAMED_LABEL && b->node_of[k] != RK_MAP_NONE &&
            rk_str_eq(b->outline->items.items[k].name, node.name)) {
            b->node_of[i] = b->node_of[k];
            return RK_OK;
        }
    return push(b, node, &b->node_of[i]);
}

/* ---- stages ---- */

static void add_edge(builder *b, uint32_t from, uint32_t to, bool pipe, rk_status *status)
{
    const graph_edge edge = {from, to, pipe};
    if (!rk_vec_push(b->g->arena, &b->g->edges, edge))
        *status = RK_ENOMEM;
}

/* One pipeline while its stages are added. */
typedef struct chain {
    builder *b;
    uint32_t pipeline; /* node */
    uint32_t indent;
    rk_status status;
} chain;

static uint32_t add_stages(chain *c, const rk_ast *ast);

/* A stage after what comes in (RK_MAP_NONE: nothing); its number. */
static uint32_t add_stage(chain *c, const rk_ast *ast, uint32_t input)
{
    uint32_t number = RK_MAP_NONE;
    graph_node node = {.kind = GRAPH_STAGE,
                       .holder = c->pipeline,
                       .live = c->b->g->nodes.items[c->pipeline].live,
                       .span = ast->span,
                       .indent = c->indent};
    if (c->status == RK_OK)
        c->status = define(c->b, ast, &node.name);
    if (c->status == RK_OK)
        c->status = push(c->b, node, &number);
    if (c->status == RK_OK && input != RK_MAP_NONE)
        add_edge(c->b, input, number, true, &c->status);
    return number;
}

/* The pipes of a union or of an `if`, then the stage that joins them. */
static uint32_t add_join(chain *c, rk_ast *const *pipes, uint32_t n, const rk_ast *ast)
{
    uint32_t *const ends = RK_NEW_ARRAY(c->b->g->arena, uint32_t, n);
    if (!ends)
        c->status = RK_ENOMEM;
    if (c->status != RK_OK)
        return RK_MAP_NONE;
    c->indent++;
    for (uint32_t i = 0; i < n; i++)
        ends[i] = add_stages(c, pipes[i]);
    c->indent--;
    const uint32_t number = add_stage(c, ast, RK_MAP_NONE);
    for (uint32_t i = 0; i < n && c->status == RK_OK; i++)
        add_edge(c->b, ends[i], number, true, &c->status);
    if (c->status == RK_OK)
        c->b->g->nodes.items[number].joins = true;
    return number;
}

static uint32_t add_union(chain *c, const rk_ast *call, uint32_t input)
{
    rk_arena *const arena = c->b->g->arena;
    const uint32_t n = call->as.call.n_args;
    rk_ast **const pipes = RK_NEW_ARRAY(arena, rk_ast *, n);
    rk_ast bare = *call; /* what is in the parentheses is drawn before it */
    bare.as.call.n_args = 0;
    if (!pipes)
        c->status = RK_ENOMEM;
    for (uint32_t i = 0; pipes && i < n; i++)
        pipes[i] = call->as.call.args[i].value;
    const uint32_t number = pipes ? add_join(c, pipes, n, &bare) : RK_MAP_NONE;
    if (c->status != RK_OK)
        return number;
    c->b->g->nodes.items[number].name = rk_atom_str(&c->b->g->cx->names, call->as.call.name);
    if (input != RK_MAP_NONE)
        add_edge(c->b, input, number, true, &c->status);
    return number;
}

static uint32_t add_branch(chain *c, const rk_ast *ast)
{
    rk_ast *const pipes[] = {ast->as.branch.yes, ast->as.branch.no};
    const uint32_t number = add_join(c, pipes, 2, ast->as.branch.condition);
    if (c->status != RK_OK)
        return number;
    graph_node *const node = &c->b->g->nodes.items[number];
    rk_buf text = {0};
    rk_buf_printf(&text, "if %.*s", RK_STR_ARG(node->name));
    c->status = keep(c->b, &text, &node->name);
    return number;
}

/* `f(p, x)` is `p | f(x)`. */
static uint32_t add_call(chain *c, const rk_ast *call, uint32_t input)
{
    const rk_stage *const stage =
        rk_stage_find(rk_atom_str(&c->b->g->cx->names, call->as.call.name));
    if (stage && stage->kind == RK_STAGE_UNION)
        return add_union(c, call, input);
    if (!stage || stage->kind != RK_STAGE_SELECT || input != RK_MAP_NONE || !call->as.call.n_args)
        return add_stage(c, call, input);
    rk_ast rest = *call;
    rest.as.call.args++;
    rest.as.call.n_args--;
    return add_stage(c, &rest, add_stages(c, call->as.call.args[0].value));
}

/* The stages of a pipe in the order in which candidates go through; the number of the last. */
static uint32_t add_stages(chain *c, const rk_ast *ast)
{
    switch (ast->kind) {
    case RK_AST_PAREN:
        return add_stages(c, ast->as.unary.operand);
    case RK_AST_PIPE: {
        const uint32_t input = add_stages(c, ast->as.binary.left);
        return add_call(c, ast->as.binary.right, input);
    }
    case RK_AST_LABEL: {
        const uint32_t number = add_stages(c, ast->as.label.pipe);
        if (c->status == RK_OK)
            c->b->g->nodes.items[number].label =
                rk_atom_str(&c->b->g->cx->names, ast->as.label.name);
        return number;
    }
    case RK_AST_IF:
        return add_branch(c, ast);
    case RK_AST_CALL:
        return add_call(c, ast, RK_MAP_NONE);
    default:
        return add_stage(c, ast, RK_MAP_NONE);
    }
}

static rk_status add_pipeline(builder *b, uint32_t i)
{
    RK_TRY(push(b, node_of(b, i), &b->node_of[i]));
    chain c = {.b = b, .pipeline = b->node_of[i]};
    add_stages(&c, b->outline->items.items[i].decl->value);
    return c.status;
}

static rk_status add_node(builder *b, uint32_t i)
{
    const rk_named *const named = &b->outline->items.items[i];
    graph_node node = node_of(b, i);
    if (!is_shown(b, i))
        return RK_OK;
    switch (named->kind) {
    case RK_NAMED_SOURCE:
        return add_source(b, i);
    case RK_NAMED_DEF:
        return add_def(b, i);
    case RK_NAMED_PIPELINE:
        return add_pipeline(b, i);
    case RK_NAMED_LABEL:
        return add_label(b, i);
    case RK_NAMED_FACTOR:
    case RK_NAMED_MODEL:
    case RK_NAMED_INDEX:
        RK_TRY(define(b, named->decl->value, &node.definition));
        return push(b, node, &b->node_of[i]);
    default:
        return RK_OK;
    }
}

/* ---- edges ---- */

/* The stage whose text a mention stands in; the smallest, since a join's holds its branches'. */
static uint32_t stage_at(const graph *g, uint32_t pipeline, rk_span span)
{
    uint32_t found = RK_MAP_NONE;
    for (uint32_t i = pipeline + 1; i <= pipeline + g->nodes.items[pipeline].n_parts; i++) {
        const rk_span whole = g->nodes.items[i].span;
        const bool within = whole.file == span.file && whole.at <= span.at &&
                            span.at + span.len <= whole.at + whole.len;
        if (within && (found == RK_MAP_NONE || whole.len < g->nodes.items[found].span.len))
            found = i;
    }
    return found;
}

static rk_status add_mentions(builder *b, uint32_t i)
{
    const rk_named *const pipeline = &b->outline->items.items[i];
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < pipeline->n_mentions; k++) {
        const rk_mention mention = b->outline->mentions.items[pipeline->first_mention + k];
        const uint32_t from = b->node_of[mention.named];
        const uint32_t to = stage_at(b->g, b->node_of[i], mention.span);
        if (from == RK_MAP_NONE || to == RK_MAP_NONE || b->last_edge[from] == to + 1)
            continue;
        const graph_kind kind = b->g->nodes.items[from].kind;
        b->last_edge[from] = to + 1;
        add_edge(b, from, to, kind == GRAPH_SOURCE || kind == GRAPH_PIPELINE, &status);
    }
    return status;
}

/* Each pair has one edge: labels of one name are several reads and one node. */
static rk_status add_reads(builder *b, uint32_t i)
{
    uint32_t n;
    const uint32_t *const reads = rk_outline_reads(b->outline, i, &n);
    const uint32_t to = b->node_of[i];
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t from = b->node_of[reads[k]];
        if (from == RK_MAP_NONE || b->last_edge[from] == to + 1)
            continue;
        b->last_edge[from] = to + 1;
        add_edge(b, from, to, false, &status);
    }
    return status;
}

static rk_status add_edges(builder *b)
{
    b->last_edge = RK_NEW_ARRAY(b->g->arena, uint32_t, b->g->nodes.len);
    if (!b->last_edge)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < b->outline->items.len; i++) {
        const uint32_t node = b->node_of[i];
        if (node == RK_MAP_NONE || b->g->nodes.items[node].kind == GRAPH_FIELD)
            continue;
        if (b->g->nodes.items[node].kind == GRAPH_PIPELINE)
            RK_TRY(add_mentions(b, i));
        else
            RK_TRY(add_reads(b, i));
    }
    return RK_OK;
}

rk_status graph_build(const graph_request *request, graph *g)
{
    builder b = {.g = g, .request = request, .outline = &request->module->outline};
    const uint32_t n = b.outline->items.len;
    b.live = rk_outline_live(b.outline, g->arena, request->pipeline, request->members);
    b.node_of = RK_NEW_ARRAY(g->arena, uint32_t, n);
    if (!b.live || !b.node_of)
        return RK_ENOMEM;
    memset(b.node_of, 0xff, n * sizeof *b.node_of);
    for (uint32_t i = 0; i < n; i++)
        b.any_pipeline |= b.outline->items.items[i].kind == RK_NAMED_PIPELINE && b.live[i];
    RK_TRY(find_read(&b));
    RK_TRY(add_block(&b, RK_NAMED_QUERY_FIELD, GRAPH_QUERY, RK_STR("query")));
    RK_TRY(add_block(&b, RK_NAMED_ITEM_FIELD, GRAPH_ITEM, RK_STR("item")));
    for (uint32_t i = 0; i < n; i++)
        RK_TRY(add_node(&b, i));
    RK_TRY(add_edges(&b));
    graph_find_places(g);
    return graph_find_levels(g);
}
