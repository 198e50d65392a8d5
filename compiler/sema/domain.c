/* Whether what a pipeline uses exists where it uses it: an aggregate only after the stage it goes
 * over. Each label of the pipeline is a bit, `recall` is bit 0; a value needs a set of them, a pipe
 * has made a set of them, and every argument of a stage must need no more than what comes in has.
 */
#include "compiler/sema/sema.h"

#define UNKNOWN_LABEL (UINT64_C(1) << 63)

typedef struct domains {
    sema *s;
    const rk_pipeline *pipeline;
    rk_span whole;       /* of its declaration */
    const uint8_t *live; /* nodes that the pipeline reaches */
    uint64_t *bits;      /* values: labels needed; pipes: labels made so far, its own included */
    uint64_t *within;    /* pipes: labels whose items hold all of theirs; values: labels that the
                            item must be among, for there is no `missing` to say that it is not */
} domains;

rk_str sema_node_name(const sema *s, rk_ref ref)
{
    const rk_node *const node = rk_dag_at(s->dag, ref);
    const rk_module *const m = s->module;
    for (uint32_t i = 0; i < m->factors.len; i++)
        if (m->factors.items[i].value == ref)
            return sema_name(s, m->factors.items[i].name);
    switch (node->op) {
    case RK_OP_QUERY:
        return m->query.fields[node->aux].name;
    case RK_OP_ITEM:
        return m->item.fields[node->aux].name;
    case RK_OP_ID:
        return RK_STR("item.id");
    case RK_OP_FIELD: {
        const rk_node *const lookup = rk_dag_at(s->dag, rk_dag_operand(s->dag, ref, 0));
        return m->sources.items[lookup->aux].schema.fields[node->aux].name;
    }
    case RK_OP_MODEL:
        return sema_name(s, m->models.items[node->aux].name);
    case RK_OP_CALL:
        return rk_str_from(rk_fn_at(node->aux)->name);
    case RK_OP_DOMAIN:
        return node->aux == RK_ATOM_EMPTY ? RK_STR("recall") : sema_name(s, node->aux);
    default:
        return RK_STR("");
    }
}

/* The pipe whose items are the domain when no stage is labelled `recall`. */
static rk_ref first_stage(const rk_dag *dag, rk_ref ref)
{
    for (;;) {
        const rk_node *const node = rk_dag_at(dag, ref);
        if (node->op == RK_OP_STAGE)
            ref = rk_dag_operand(dag, ref, 0);
        else if (node->op == RK_OP_CHOOSE) {
            const rk_ref yes = first_stage(dag, rk_dag_operand(dag, ref, 1));
            return yes == first_stage(dag, rk_dag_operand(dag, ref, 2)) ? yes : ref;
        } else
            return ref;
    }
}

rk_ref rk_pipeline_domain(const rk_pipeline *pipeline, rk_atom label)
{
    if (label == RK_ATOM_EMPTY)
        return pipeline->recall;
    for (uint32_t i = 0; i < pipeline->labels.len; i++)
        if (pipeline->labels.items[i].name == label)
            return pipeline->labels.items[i].stage;
    return 0;
}

void rk_module_note_label(const rk_module *module, rk_diag *diag, rk_atom label)
{
    for (uint32_t i = 0; i < module->pipelines.len; i++) {
        const rk_pipeline *const pipeline = &module->pipelines.items[i];
        for (uint32_t k = 0; k < pipeline->labels.len; k++)
            if (pipeline->labels.items[k].name == label)
                rk_diag_note(&module->cx->diags, diag, pipeline->labels.items[k].span,
                             "pipeline `%.*s` has one",
                             RK_STR_ARG(rk_atom_str(&module->cx->names, pipeline->name)));
    }
}

static uint64_t label_bit(const domains *d, rk_atom label)
{
    if (label == RK_ATOM_EMPTY)
        return 1;
    for (uint32_t i = 0; i < d->pipeline->labels.len; i++)
        if (d->pipeline->labels.items[i].name == label)
            return UINT64_C(1) << (i + 1);
    return UNKNOWN_LABEL;
}

static uint64_t made_by(const domains *d, rk_ref pipe)
{
    uint64_t bits = pipe == d->pipeline->recall;
    for (uint32_t i = 0; i < d->pipeline->labels.len; i++)
        if (d->pipeline->labels.items[i].stage == pipe)
            bits |= UINT64_C(1) << (i + 1);
    return bits;
}

/* Numbers go up from operands to users, so one pass fills in everything. */
static void fill(domains *d)
{
    const rk_dag *const dag = d->s->dag;
    for (rk_ref ref = 1; ref < dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(dag, ref);
        const bool pipe = rk_dag_is_pipe(dag, ref);
        if (!d->live[ref])
            continue;
        uint64_t bits = node->op == RK_OP_DOMAIN ? label_bit(d, node->aux) : 0;
        for (uint32_t i = 0; i < node->n; i++) {
            const rk_ref operand = rk_dag_operand(dag, ref, i);
            if (pipe == rk_dag_is_pipe(dag, operand))
                bits |= d->bits[operand];
        }
        d->bits[ref] = bits | (pipe ? made_by(d, ref) : 0);
    }
}

/* A value without a `?` exists for the items of its domain only: one of each item, or the least or
 * largest of all, of which there is none where there are no items. */
static bool is_bound(const rk_node *node)
{
    return node->op == RK_OP_FOLD && !node->type.optional && rk_kind_has_mask(node->type.kind) &&
           (node->scope == RK_SCOPE_ITEM || rk_fold_at(node->aux)->empty_missing);
}

static void fill_within(domains *d)
{
    const rk_dag *const dag = d->s->dag;
    for (rk_ref ref = 1; ref < dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(dag, ref);
        const bool pipe = rk_dag_is_pipe(dag, ref);
        bool first = true;
        uint64_t within = 0;
        for (uint32_t i = 0; d->live[ref] && node->op != RK_OP_FOLD && i < node->n; i++) {
            const rk_ref operand = rk_dag_operand(dag, ref, i);
            if (pipe != rk_dag_is_pipe(dag, operand))
                continue;
            within = pipe && !first ? within & d->within[operand] : within | d->within[operand];
            first = false;
        }
        if (is_bound(node))
            within = label_bit(d, rk_dag_at(dag, rk_dag_operand(dag, ref, 0))->aux);
        d->within[ref] = within | (pipe ? made_by(d, ref) : 0);
    }
}

enum { NEAREST_WHERE = 2 }; /* the operand of a search's condition */

static bool is_within(rk_span span, rk_span whole)
{
    return span.file == whole.file && span.at >= whole.at &&
           span.at + span.len <= whole.at + whole.len;
}

/* Where an error about a stage is shown: at the stage, if it stands in this pipeline's text. Equal
 * stages of two pipelines are one node, whose place is that of the first. */
static rk_span stage_span(const domains *d, rk_ref stage)
{
    const rk_span span = rk_dag_at(d->s->dag, stage)->span;
    return is_within(span, d->whole) ? span : d->pipeline->span;
}

/* The operand that needs a domain which is not there; 0: a domain itself. */
static rk_ref lacking_operand(const domains *d, rk_ref ref, uint64_t lacking)
{
    const rk_dag *const dag = d->s->dag;
    for (uint32_t i = 0; i < rk_dag_at(dag, ref)->n; i++)
        if (d->bits[rk_dag_operand(dag, ref, i)] & lacking)
            return rk_dag_operand(dag, ref, i);
    return 0;
}

/* From the value down to the domain that is not there, by names. */
static void note_chain(const domains *d, rk_diag *diag, rk_ref ref, uint64_t lacking)
{
    sema *const s = d->s;
    rk_str from = sema_node_name(s, ref);
    while (rk_dag_at(s->dag, ref)->op != RK_OP_DOMAIN) {
        ref = lacking_operand(d, ref, lacking);
        if (!ref)
            return;
        const rk_str name = sema_node_name(s, ref);
        if (from.len && name.len)
            rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%.*s` needs `%.*s`", RK_STR_ARG(from),
                         RK_STR_ARG(name));
        if (name.len)
            from = name;
    }
}

static rk_atom first_label(const domains *d, rk_ref ref, uint64_t lacking)
{
    while (ref && rk_dag_at(d->s->dag, ref)->op != RK_OP_DOMAIN)
        ref = lacking_operand(d, ref, lacking);
    return ref ? rk_dag_at(d->s->dag, ref)->aux : RK_ATOM_EMPTY;
}

/* The place of a `nearest`'s argument, as this pipeline has it. */
static rk_span argument_span(const domains *d, rk_ref stage, rk_ref value)
{
    uint32_t arg = 0;
    while (arg < NEAREST_WHERE && rk_dag_operand(d->s->dag, stage, arg) != value)
        arg++;
    for (uint32_t i = 0; i < d->s->searches.len; i++) {
        const sema_search *const search = &d->s->searches.items[i];
        if (search->stage == stage && is_within(search->args[arg], d->whole))
            return search->args[arg];
    }
    return stage_span(d, stage);
}

/* Of that argument, the part that needs the domain most directly. */
static rk_span early_span(const domains *d, rk_ref stage, rk_ref value, uint64_t lacking)
{
    const rk_dag *const dag = d->s->dag;
    rk_span span = argument_span(d, stage, value);
    for (; value; value = lacking_operand(d, value, lacking))
        if (is_within(rk_dag_at(dag, value)->span, span))
            span = rk_dag_at(dag, value)->span;
    return span;
}

static const char *stage_name(const rk_dag *dag, rk_ref stage)
{
    const rk_node *const node = rk_dag_at(dag, stage);
    return node->op == RK_OP_STAGE ? rk_stages[node->aux]->name : rk_op_text(node->op);
}

static void help_nearest(const domains *d, rk_diag *diag, rk_ref stage, rk_ref value)
{
    const bool condition = rk_dag_operand(d->s->dag, stage, NEAREST_WHERE) == value;
    rk_diag_help(&d->s->cx->diags, diag,
                 condition ? "ask it of what was found: `nearest(…) | where(…)`, which may leave "
                             "fewer than k"
                           : "the search takes only what is known before anything was recalled");
}

static void error_too_early(const domains *d, rk_ref stage, rk_ref value, uint64_t lacking)
{
    sema *const s = d->s;
    const rk_str pipeline = sema_name(s, d->pipeline->name);
    const bool unknown = lacking & UNKNOWN_LABEL;
    const bool nearest = rk_dag_at(s->dag, stage)->op == RK_OP_NEAREST;
    lacking = unknown ? UNKNOWN_LABEL : lacking;
    const rk_span span = nearest ? early_span(d, stage, value, lacking) : stage_span(d, stage);
    const rk_atom label = first_label(d, value, lacking);
    const rk_str name = label == RK_ATOM_EMPTY ? RK_STR("recall") : sema_name(s, label);
    rk_diag *const diag =
        unknown
            ? sema_error(s, NULL, RK_E0403, span, "pipeline `%.*s` has no stage labelled `%.*s`",
                         RK_STR_ARG(pipeline), RK_STR_ARG(name))
            : sema_error(s, NULL, RK_E0402, span,
                         "stage `%s` of pipeline `%.*s` uses `%.*s` before it exists",
                         stage_name(s->dag, stage), RK_STR_ARG(pipeline), RK_STR_ARG(name));
    note_chain(d, diag, value, lacking);
    const rk_ref domain = rk_pipeline_domain(d->pipeline, label);
    if (!unknown && domain)
        rk_diag_note(&s->cx->diags, diag, stage_span(d, domain), "`%.*s` is what comes out of `%s`",
                     RK_STR_ARG(name), stage_name(s->dag, domain));
    if (!unknown && nearest)
        help_nearest(d, diag, stage, value);
}

static void error_outside(const domains *d, rk_span span, rk_ref value, uint64_t outside)
{
    sema *const s = d->s;
    while (!is_bound(rk_dag_at(s->dag, value))) {
        const uint32_t n = rk_dag_at(s->dag, value)->n;
        uint32_t i = 0;
        while (i + 1 < n && !(d->within[rk_dag_operand(s->dag, value, i)] & outside))
            i++;
        value = rk_dag_operand(s->dag, value, i);
    }
    const rk_node *const domain = rk_dag_at(s->dag, rk_dag_operand(s->dag, value, 0));
    const rk_str name = domain->aux == RK_ATOM_EMPTY ? RK_STR("recall") : sema_name(s, domain->aux);
    const rk_node *const fold = rk_dag_at(s->dag, value);
    rk_str what = sema_node_name(s, value);
    if (!what.len)
        what = rk_str_from(rk_fold_at(fold->aux)->name);
    rk_diag *const diag =
        sema_error(s, NULL, RK_E0407, span,
                   "`%.*s` has a value for the items of `%.*s` only, and here may be others",
                   RK_STR_ARG(what), RK_STR_ARG(name));
    rk_diag_note(&s->cx->diags, diag, fold->span, "it goes over `%.*s`", RK_STR_ARG(name));
    rk_diag_help(&s->cx->diags, diag,
                 "with `where: true` it is %s?, and `??` says what the others get",
                 rk_type_text(fold->type).text);
}

/* What a fold goes over may itself be bound to another domain. */
static void check_fold(const domains *d, rk_ref ref)
{
    const rk_dag *const dag = d->s->dag;
    const rk_atom label = rk_dag_at(dag, rk_dag_operand(dag, ref, 0))->aux;
    const rk_ref domain = rk_pipeline_domain(d->pipeline, label);
    for (uint32_t i = 1; domain && i < rk_dag_at(dag, ref)->n; i++) {
        const rk_ref operand = rk_dag_operand(dag, ref, i);
        const uint64_t outside = d->within[operand] & ~d->within[domain];
        if (operand && outside)
            error_outside(d, rk_dag_at(dag, ref)->span, operand, outside);
    }
}

static void check_stage(const domains *d, rk_ref ref)
{
    const rk_dag *const dag = d->s->dag;
    const rk_node *const node = rk_dag_at(dag, ref);
    uint64_t has = node->op == RK_OP_NEAREST ? 0 : ~UINT64_C(0);
    for (uint32_t i = 0; i < node->n; i++)
        if (rk_dag_is_pipe(dag, rk_dag_operand(dag, ref, i)))
            has &= d->bits[rk_dag_operand(dag, ref, i)];
    for (uint32_t i = 0; i < node->n; i++) {
        const rk_ref value = rk_dag_operand(dag, ref, i);
        const uint64_t lacking = rk_dag_is_pipe(dag, value) ? 0 : d->bits[value] & ~has;
        if (lacking) {
            error_too_early(d, ref, value, lacking);
            continue;
        }
        const rk_ref input = rk_dag_operand(dag, ref, 0);
        const uint64_t outside = node->op == RK_OP_STAGE && value && !rk_dag_is_pipe(dag, value)
                                     ? d->within[value] & ~d->within[input]
                                     : 0;
        if (outside)
            error_outside(d, stage_span(d, ref), value, outside);
    }
}

/* Item fields of recalled items: a request did not send those ids. */
static void check_item_fields(const domains *d)
{
    sema *const s = d->s;
    bool recalls = false;
    for (rk_ref ref = 1; ref < s->dag->nodes.len; ref++)
        recalls |= d->live[ref] && (rk_dag_at(s->dag, ref)->op == RK_OP_SCAN ||
                                    rk_dag_at(s->dag, ref)->op == RK_OP_NEAREST);
    for (rk_ref ref = 1; recalls && ref < s->dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(s->dag, ref);
        if (!d->live[ref] || node->op != RK_OP_ITEM)
            continue;
        const rk_field *const field = &s->module->item.fields[node->aux];
        if (field->type.optional || field->has_initial)
            continue;
        rk_diag *const diag = sema_error(
            s, NULL, RK_E0405, node->span,
            "pipeline `%.*s` recalls items that the request does not send, so `item.%.*s` needs a "
            "default or a `?`",
            RK_STR_ARG(sema_name(s, d->pipeline->name)), RK_STR_ARG(field->name));
        rk_diag_note(&s->cx->diags, diag, field->span, "it is declared");
    }
}

rk_status sema_check_domains(sema *s, rk_pipeline *pipeline, rk_span whole)
{
    const rk_atom recall = rk_atom_find(&s->cx->names, RK_STR("recall"));
    pipeline->recall = rk_pipeline_domain(pipeline, recall);
    if (recall == RK_MAP_NONE || !pipeline->recall)
        pipeline->recall = first_stage(s->dag, pipeline->root);
    if (pipeline->labels.len > RK_LABELS_MAX) {
        sema_error(s, NULL, RK_E0703, pipeline->span, "a pipeline has at most %d labels",
                   RK_LABELS_MAX);
        return RK_OK;
    }
    domains d = {.s = s, .pipeline = pipeline, .whole = whole};
    d.live = rk_dag_reachable(s->dag, s->arena, &pipeline->root, 1);
    d.bits = RK_NEW_ARRAY(s->arena, uint64_t, s->dag->nodes.len);
    d.within = RK_NEW_ARRAY(s->arena, uint64_t, s->dag->nodes.len);
    if (!d.live || !d.bits || !d.within)
        return RK_ENOMEM;
    fill(&d);
    fill_within(&d);
    for (rk_ref ref = 1; ref < s->dag->nodes.len; ref++) {
        if (d.live[ref] && rk_dag_is_pipe(s->dag, ref))
            check_stage(&d, ref);
        if (d.live[ref] && rk_dag_at(s->dag, ref)->op == RK_OP_FOLD)
            check_fold(&d, ref);
    }
    check_item_fields(&d);
    return RK_OK;
}
