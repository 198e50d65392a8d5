/* Makes the outline (outline.h) of what the passes before have found. */
#include "compiler/sema/sema.h"

#include <stdlib.h>

typedef struct outliner {
    sema *s;
    rk_outline *out;
    uint32_t *labels; /* [names] first entry + 1 of this label; the others follow by `next` */
    uint32_t *next;   /* [entries] */
    uint32_t n_query, n_item; /* fields so far */
} outliner;

/* ---- entries ---- */

static rk_status push(outliner *o, rk_named named)
{
    if (!named.long_name.data)
        named.long_name = named.name;
    return rk_vec_push(o->s->arena, &o->out->items, named) ? RK_OK : RK_ENOMEM;
}

/* A field's schema and place in it; of item.id the type alone. */
static void place_field(outliner *o, const sema_decl *decl, uint32_t field, rk_named *named)
{
    const rk_module *const m = o->s->module;
    const rk_schema *schema = &m->item;
    if (decl->ast->kind == RK_DECL_SOURCE) {
        schema = &m->sources.items[decl->index].schema;
        named->number = field;
    } else if (decl->ast->kind == RK_DECL_QUERY) {
        schema = &m->query;
        named->number = o->n_query++;
    } else if (rk_str_eq(named->name, RK_STR("id")))
        named->number = RK_MAP_NONE;
    else
        named->number = o->n_item++;
    if (named->number == RK_MAP_NONE)
        named->type = m->id_type;
    else if (named->number < schema->n)
        named->type = schema->fields[named->number].type;
    named->broken |= named->type.kind == RK_KIND_NONE;
}

static rk_status add_fields(outliner *o, const sema_decl *decl, const rk_named *owner)
{
    static const struct {
        rk_named_kind kind;
        rk_scope scope;
        rk_str owner;
    } blocks[] = {[RK_DECL_QUERY] = {RK_NAMED_QUERY_FIELD, RK_SCOPE_QUERY, {"query", 5}},
                  [RK_DECL_ITEM] = {RK_NAMED_ITEM_FIELD, RK_SCOPE_ITEM, {"item", 4}}};
    const uint32_t source = o->out->items.len - 1;
    for (uint32_t i = 0; i < decl->ast->n_fields; i++) {
        const rk_ast_field *const field = &decl->ast->fields[i];
        rk_named named = {.owner = owner ? source : RK_MAP_NONE,
                          .name = sema_name(o->s, field->name),
                          .doc = field->doc,
                          .span = field->name_span,
                          .whole = field->span,
                          .decl = decl->ast};
        named.kind = owner ? RK_NAMED_SOURCE_FIELD : blocks[decl->ast->kind].kind;
        named.scope = owner ? owner->scope : (uint8_t)blocks[decl->ast->kind].scope;
        named.broken = owner && owner->broken;
        named.long_name =
            sema_join_names(o->s, owner ? owner->name : blocks[decl->ast->kind].owner, named.name);
        place_field(o, decl, i, &named);
        RK_TRY(push(o, named));
    }
    return RK_OK;
}

static void describe_value(const outliner *o, rk_ref ref, rk_named *named)
{
    named->broken |= !ref;
    if (named->broken)
        return;
    named->type = rk_dag_at(o->s->dag, ref)->type;
    named->scope = rk_dag_at(o->s->dag, ref)->scope;
}

/* A pipeline has the labels of those that it is built on, too. */
static bool is_inherited(const outliner *o, const sema_decl *decl, const rk_label *label)
{
    for (uint32_t i = 0; i < decl->uses.len; i++) {
        const sema_decl *const base = &o->s->decls.items[decl->uses.items[i].decl];
        if (base->ast->kind != RK_DECL_PIPELINE)
            continue;
        const rk_pipeline *const pipeline = &o->s->module->pipelines.items[base->index];
        for (uint32_t k = 0; k < pipeline->labels.len; k++)
            if (pipeline->labels.items[k].name == label->name)
                return true;
    }
    return false;
}

static rk_status add_labels(outliner *o, const sema_decl *decl)
{
    const rk_pipeline *const pipeline = &o->s->module->pipelines.items[decl->index];
    const uint32_t owner = o->out->items.len - 1;
    for (uint32_t i = 0; i < pipeline->labels.len; i++) {
        const rk_label *const label = &pipeline->labels.items[i];
        if (is_inherited(o, decl, label))
            continue;
        rk_named named = {.kind = RK_NAMED_LABEL,
                          .scope = RK_SCOPE_QUERY,
                          .owner = owner,
                          .number = i,
                          .name = sema_name(o->s, label->name),
                          .span = label->span,
                          .whole = label->span,
                          .type = RK_TYPE(CANDIDATES),
                          .decl = decl->ast};
        named.long_name = sema_join_names(o->s, sema_name(o->s, pipeline->name), named.name);
        RK_TRY(push(o, named));
    }
    return RK_OK;
}

static bool kind_of(rk_decl_kind kind, rk_named_kind *out)
{
    switch (kind) {
    case RK_DECL_SOURCE:
        *out = RK_NAMED_SOURCE;
        return true;
    case RK_DECL_FACTOR:
        *out = RK_NAMED_FACTOR;
        return true;
    case RK_DECL_DEF:
        *out = RK_NAMED_DEF;
        return true;
    case RK_DECL_MODEL:
        *out = RK_NAMED_MODEL;
        return true;
    case RK_DECL_INDEX:
        *out = RK_NAMED_INDEX;
        return true;
    case RK_DECL_PIPELINE:
        *out = RK_NAMED_PIPELINE;
        return true;
    case RK_DECL_REVISION:
        *out = RK_NAMED_REVISION;
        return true;
    default:
        return false;
    }
}

static rk_status add_decl(outliner *o, const sema_decl *decl)
{
    const rk_decl *const ast = decl->ast;
    const rk_module *const m = o->s->module;
    rk_named named = {.broken = decl->broken,
                      .beside = ast->beside,
                      .owner = RK_MAP_NONE,
                      .number = RK_MAP_NONE,
                      .name = sema_name(o->s, ast->name),
                      .doc = ast->doc,
                      .span = ast->name_span,
                      .whole = ast->span,
                      .decl = ast};
    if (ast->kind == RK_DECL_QUERY || ast->kind == RK_DECL_ITEM)
        return add_fields(o, decl, NULL);
    if (!kind_of(ast->kind, &named.kind) || ast->name == RK_ATOM_EMPTY)
        return RK_OK;
    if (named.kind == RK_NAMED_FACTOR || named.kind == RK_NAMED_SOURCE ||
        named.kind == RK_NAMED_PIPELINE)
        named.number = decl->index;
    if (named.kind == RK_NAMED_FACTOR)
        describe_value(o, m->factors.items[decl->index].value, &named);
    else if (named.kind == RK_NAMED_SOURCE)
        describe_value(o, m->sources.items[decl->index].lookup, &named);
    else if (named.kind == RK_NAMED_PIPELINE)
        describe_value(o, m->pipelines.items[decl->index].root, &named);
    RK_TRY(push(o, named));
    if (named.kind == RK_NAMED_SOURCE)
        return add_fields(o, decl, &named);
    return named.kind == RK_NAMED_PIPELINE ? add_labels(o, decl) : RK_OK;
}

/* ---- edges ---- */

/* The entry that a use means, or RK_MAP_NONE: one of the standard library, or of no name. */
static uint32_t target_of(const outliner *o, const sema_use *use)
{
    const sema_decl *const decl = &o->s->decls.items[use->decl];
    if (decl->prelude)
        return RK_MAP_NONE;
    if (use->field == UINT32_MAX)
        return decl->named;
    return decl->named + use->field + (decl->ast->kind == RK_DECL_SOURCE);
}

static int compare_numbers(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

typedef RK_VEC(uint32_t) numbers;

/* Every place where a declaration names something; `item` is its entry. */
static bool add_mentions(outliner *o, const sema_decl *decl, uint32_t item)
{
    rk_named *const named = &o->out->items.items[item];
    bool fine = true;
    named->first_mention = o->out->mentions.len;
    for (uint32_t i = 0; i < decl->uses.len; i++) {
        const rk_mention mention = {target_of(o, &decl->uses.items[i]), decl->uses.items[i].span};
        if (mention.named != RK_MAP_NONE && mention.named != item)
            fine = fine && rk_vec_push(o->s->arena, &o->out->mentions, mention);
    }
    for (uint32_t i = 0; i < decl->labels.len; i++)
        for (uint32_t at = o->labels[decl->labels.items[i].name]; at; at = o->next[at - 1]) {
            const rk_mention mention = {at - 1, decl->labels.items[i].span};
            fine = fine && rk_vec_push(o->s->arena, &o->out->mentions, mention);
        }
    named->n_mentions = o->out->mentions.len - named->first_mention;
    return fine;
}

/* What it mentions, each once, at the end of the edges. */
static bool add_reads(outliner *o, const sema_decl *decl, uint32_t item, numbers *edges)
{
    rk_named *const named = &o->out->items.items[item];
    bool fine = add_mentions(o, decl, item);
    named->first_read = edges->len;
    for (uint32_t i = 0; i < named->n_mentions && fine; i++)
        fine =
            rk_vec_push(o->s->arena, edges, o->out->mentions.items[named->first_mention + i].named);
    if (!fine)
        return false;
    uint32_t *const own = edges->items + named->first_read;
    if (named->n_mentions)
        qsort(own, named->n_mentions, sizeof *own, compare_numbers);
    for (uint32_t i = 0; i < named->n_mentions; i++)
        if (i == 0 || own[i] != own[i - 1])
            own[named->n_reads++] = own[i];
    edges->len = named->first_read + named->n_reads;
    return true;
}

/* A field reads its source. */
static bool add_owner(outliner *o, uint32_t item, numbers *edges)
{
    rk_named *const named = &o->out->items.items[item];
    named->first_read = edges->len;
    named->n_reads = named->kind == RK_NAMED_SOURCE_FIELD;
    return !named->n_reads || rk_vec_push(o->s->arena, edges, named->owner);
}

/* Fields and labels name nothing themselves. */
static bool is_part(rk_named_kind kind)
{
    return kind == RK_NAMED_QUERY_FIELD || kind == RK_NAMED_ITEM_FIELD ||
           kind == RK_NAMED_SOURCE_FIELD || kind == RK_NAMED_LABEL;
}

static rk_status join_reads(outliner *o)
{
    numbers edges = {0};
    uint32_t item = 0;
    for (uint32_t i = 0; i < o->s->decls.len; i++) {
        const sema_decl *const decl = &o->s->decls.items[i];
        for (; !decl->prelude && item < decl->named + decl->n_named; item++) {
            const bool part = is_part(o->out->items.items[item].kind);
            if (!(part ? add_owner(o, item, &edges) : add_reads(o, decl, item, &edges)))
                return RK_ENOMEM;
        }
    }
    o->out->reads = edges.items;
    return RK_OK;
}

/* The same edges turned round, by counting. */
static rk_status join_users(rk_outline *out, rk_arena *arena)
{
    const uint32_t n = out->items.len;
    uint32_t n_edges = 0;
    for (uint32_t i = 0; i < n; i++)
        n_edges += out->items.items[i].n_reads;
    out->users = RK_NEW_ARRAY(arena, uint32_t, n_edges);
    if (!out->users)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n_edges; i++)
        out->items.items[out->reads[i]].n_users++;
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        out->items.items[i].first_user = at;
        at += out->items.items[i].n_users;
        out->items.items[i].n_users = 0;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < out->items.items[i].n_reads; k++) {
            rk_named *const used =
                &out->items.items[out->reads[out->items.items[i].first_read + k]];
            out->users[used->first_user + used->n_users++] = i;
        }
    return RK_OK;
}

/* The entries of labels by name, for the uses of labels. */
static rk_status index_labels(outliner *o)
{
    o->labels = RK_NEW_ARRAY(o->s->arena, uint32_t, rk_atoms_count(&o->s->cx->names));
    o->next = RK_NEW_ARRAY(o->s->arena, uint32_t, o->out->items.len);
    if (!o->labels || !o->next)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < o->out->items.len; i++) {
        const rk_named *const named = &o->out->items.items[i];
        if (named->kind != RK_NAMED_LABEL)
            continue;
        const rk_module *const m = o->s->module;
        const uint32_t pipeline = o->out->items.items[named->owner].number;
        const rk_atom name = m->pipelines.items[pipeline].labels.items[named->number].name;
        o->next[i] = o->labels[name];
        o->labels[name] = i + 1;
    }
    return RK_OK;
}

/* ---- folds ---- */

typedef struct seeker {
    const rk_module *module;
    uint32_t *seen_nodes; /* [nodes] the last factor + 1 whose expression was followed here */
    rk_ref *nodes;        /* to look at */
    uint32_t *seen_items; /* [entries] the same of defs */
    uint32_t *items;
} seeker;

/* Where the expression of a factor ends: at the factors that it or its defs name. */
static void mark_ends(seeker *k, uint32_t factor)
{
    const rk_outline *const out = &k->module->outline;
    uint32_t len = 1;
    k->items[0] = factor;
    for (uint32_t at = 0; at < len; at++) {
        uint32_t n;
        const uint32_t *const reads = rk_outline_reads(out, k->items[at], &n);
        for (uint32_t i = 0; i < n; i++) {
            const rk_named *const read = &out->items.items[reads[i]];
            if (read->kind == RK_NAMED_FACTOR)
                k->seen_nodes[k->module->factors.items[read->number].value] = factor + 1;
            if (read->kind != RK_NAMED_DEF || k->seen_items[reads[i]] == factor + 1)
                continue;
            k->seen_items[reads[i]] = factor + 1;
            k->items[len++] = reads[i];
        }
    }
}

static bool folds(seeker *k, uint32_t factor)
{
    const rk_dag *const dag = &k->module->dag;
    uint32_t len = 1;
    mark_ends(k, factor);
    k->nodes[0] = k->module->factors.items[k->module->outline.items.items[factor].number].value;
    if (k->seen_nodes[k->nodes[0]] == factor + 1)
        return false; /* another name for what it reads */
    for (uint32_t at = 0; at < len; at++) {
        if (rk_dag_at(dag, k->nodes[at])->op == RK_OP_FOLD)
            return true;
        for (uint32_t i = 0; i < rk_dag_at(dag, k->nodes[at])->n; i++) {
            const rk_ref operand = rk_dag_operand(dag, k->nodes[at], i);
            if (k->seen_nodes[operand] == factor + 1)
                continue;
            k->seen_nodes[operand] = factor + 1;
            k->nodes[len++] = operand;
        }
    }
    return false;
}

static rk_status find_folds(const rk_module *module, rk_arena *arena)
{
    rk_named *const items = module->outline.items.items;
    const uint32_t n = module->outline.items.len;
    seeker k = {.module = module,
                .seen_nodes = RK_NEW_ARRAY(arena, uint32_t, module->dag.nodes.len),
                .nodes = RK_NEW_ARRAY(arena, rk_ref, module->dag.nodes.len + 1u),
                .seen_items = RK_NEW_ARRAY(arena, uint32_t, n),
                .items = RK_NEW_ARRAY(arena, uint32_t, n)};
    if (!k.seen_nodes || !k.nodes || !k.seen_items || !k.items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        if (items[i].kind == RK_NAMED_FACTOR && !items[i].broken)
            items[i].folds = folds(&k, i);
    return RK_OK;
}

rk_status sema_outline(sema *s)
{
    outliner o = {.s = s, .out = &s->module->outline};
    for (uint32_t i = 0; i < s->decls.len; i++) {
        sema_decl *const decl = &s->decls.items[i];
        decl->named = o.out->items.len;
        if (!decl->prelude)
            RK_TRY(add_decl(&o, decl));
        decl->n_named = o.out->items.len - decl->named;
    }
    RK_TRY(index_labels(&o));
    RK_TRY(join_reads(&o));
    RK_TRY(join_users(o.out, s->arena));
    return find_folds(s->module, s->arena);
}
