#include "compiler/lower/lowering.h"
#include "runtime/plan/plan_rows.h"

/* Names of nodes for people: of the first factor that has the value, or of the field. */
static rk_status name_nodes(lowering *lo)
{
    const rk_module *const m = lo->module;
    lo->names = RK_NEW_ARRAY(lo->arena, rk_str, lo->n_nodes);
    if (!lo->names)
        return RK_ENOMEM;
    for (uint32_t i = m->factors.len; i-- > 0;)
        lo->names[m->factors.items[i].value] = rk_atom_str(&m->cx->names, m->factors.items[i].name);
    for (rk_ref ref = 1; ref < lo->dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(lo->dag, ref);
        if (lo->names[ref].len)
            continue;
        if (node->op == RK_OP_QUERY)
            lo->names[ref] = m->query.fields[node->aux].name;
        else if (node->op == RK_OP_ITEM)
            lo->names[ref] = m->item.fields[node->aux].name;
        else if (node->op == RK_OP_FIELD) {
            const rk_ref lookup = rk_dag_operand(lo->dag, ref, 0);
            const rk_source_info *const source = &m->sources.items[rk_dag_at(lo->dag, lookup)->aux];
            lo->names[ref] = source->schema.fields[node->aux].name;
        }
    }
    return RK_OK;
}

static rk_status make_tables(lowering *lo)
{
    lo->n_nodes = lo->dag->nodes.len * 2 + 64; /* guards add nodes */
    lo->lists = RK_NEW_ARRAY(lo->arena, uint32_t, lo->n_nodes);
    lo->stamp = RK_NEW_ARRAY(lo->arena, uint32_t, lo->n_nodes);
    lo->inside = RK_NEW_ARRAY(lo->arena, uint32_t, lo->n_nodes);
    lo->users = RK_NEW_ARRAY(lo->arena, uint32_t, lo->n_nodes);
    lo->depth = RK_NEW_ARRAY(lo->arena, uint32_t, lo->n_nodes);
    lo->sources = RK_NEW_ARRAY(lo->arena, uint32_t, lo->module->sources.len);
    lo->fields = RK_NEW_ARRAY(lo->arena, uint32_t *, lo->module->sources.len);
    lo->models = RK_NEW_ARRAY(lo->arena, uint32_t, lo->module->models.len);
    lo->indexes = RK_NEW_ARRAY(lo->arena, uint32_t, lo->module->indexes.len);
    const bool fine = lo->lists && lo->stamp && lo->inside && lo->users && lo->depth &&
                      lo->sources && lo->fields && lo->models && lo->indexes;
    return fine ? RK_OK : RK_ENOMEM;
}

/* Users of each live node, and how deep folds stand within folds. */
static void count_users(lowering *lo, const uint8_t *live, uint32_t n)
{
    for (rk_ref ref = 1; ref < n; ref++) {
        const rk_node *const node = rk_dag_at(lo->dag, ref);
        for (uint32_t i = 0; i < node->n; i++) {
            const rk_ref operand = rk_dag_operand(lo->dag, ref, i);
            lo->users[operand] += live[ref];
            if (lo->depth[operand] > lo->depth[ref] && !rk_dag_is_pipe(lo->dag, operand))
                lo->depth[ref] = lo->depth[operand];
        }
        lo->depth[ref] += node->op == RK_OP_FOLD;
    }
}

/* The pipe `candidates` alone, for programs and tests that name no pipeline. */
static rk_ref bare_candidates(rk_dag *dag)
{
    return rk_dag_node(dag, &(rk_node_spec){.op = RK_OP_CANDIDATES,
                                            .scope = RK_SCOPE_QUERY,
                                            .type = RK_TYPE(CANDIDATES),
                                            .span = RK_NO_SPAN});
}

/* What is asked for beside the pipeline must go over domains that the pipeline has. */
static bool domains_exist(const lowering *lo, const uint8_t *live, const rk_plan_request *request)
{
    rk_context *const cx = lo->module->cx;
    bool fine = true;
    for (rk_ref ref = 1; ref < lo->dag->nodes.len; ref++) {
        const rk_node *const node = rk_dag_at(lo->dag, ref);
        if (!live[ref] || node->op != RK_OP_DOMAIN || rk_pipeline_domain(lo->pipeline, node->aux))
            continue;
        const rk_str label = rk_atom_str(&cx->names, node->aux);
        rk_diag *const diag =
            request->pipeline == RK_MAP_NONE
                ? rk_error(&cx->diags, RK_E0403, node->span,
                           "`%.*s` is a stage of a pipeline, and here is no pipeline",
                           RK_STR_ARG(label))
                : rk_error(&cx->diags, RK_E0403, node->span,
                           "pipeline `%.*s` has no stage labelled `%.*s`",
                           RK_STR_ARG(rk_atom_str(&cx->names, lo->pipeline->name)),
                           RK_STR_ARG(label));
        rk_module_note_label(lo->module, diag, node->aux);
        fine = false;
    }
    return fine;
}

static rk_status lower_shown(lowering *lo, const rk_ref *shown, const rk_plan_request *request)
{
    RK_TRY(lower_values(lo, lo->plan->result, shown, request->n_shown));
    for (uint32_t i = 0; i < request->n_shown; i++) {
        const rk_atom name = lo->module->factors.items[request->shown[i]].name;
        rk_plan_output output = {.name = rk_atom_str(&lo->module->cx->names, name)};
        const uint32_t home = lower_home(lo, lo->plan->result, shown[i]);
        RK_TRY(lower_column(lo, home, shown[i], true, &output.column));
        if (!rk_vec_push(lo->arena, &lo->plan->shown, output))
            return RK_ENOMEM;
    }
    return RK_OK;
}

static uint32_t count_producers(const rk_plan *plan)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->steps.len; i++)
        n += rk_step_produces(plan->steps.items[i].kind);
    return n;
}

static rk_status verify(const lowering *lo)
{
    rk_buf fault = {0};
    const rk_status status = rk_plan_verify(lo->plan, &fault);
    if (status != RK_OK)
        rk_error(&lo->module->cx->diags, RK_E0799, RK_NO_SPAN, "plan: %.*s",
                 RK_STR_ARG(rk_buf_str(&fault)));
    rk_buf_free(&fault);
    return status;
}

/* Everything that does not depend on the pipeline. */
static rk_status begin(lowering *lo)
{
    rk_plan *const plan = lo->plan;
    plan->query = lo->module->query;
    plan->item = lo->module->item;
    plan->id_type = lo->module->id_type;
    plan->strings = &lo->module->cx->names;
    const rk_plan_list request = {.step = RK_PLAN_NONE, .parent = RK_PLAN_NONE};
    return rk_vec_push(lo->arena, &plan->lists, request) ? RK_OK : RK_ENOMEM;
}

/* What the plan is made of: what is shown, the pipeline, and the vectors of indexes. */
static const uint8_t *find_live(const lowering *lo, const rk_plan_request *request, rk_ref *roots)
{
    const rk_module *const module = lo->module;
    uint32_t n = 0;
    for (uint32_t i = 0; i < request->n_shown; i++)
        roots[n++] = module->factors.items[request->shown[i]].value;
    roots[n++] = lo->pipeline->root;
    for (uint32_t i = 0; i < request->n_indexes; i++)
        roots[n++] = module->indexes.items[request->indexes[i]].vector;
    return rk_dag_reachable(lo->dag, lo->arena, roots, n);
}

rk_status rk_lower(rk_module *module, const rk_plan_request *request, rk_plan **out)
{
    rk_arena *const arena = &module->cx->arena;
    lowering lo = {.module = module, .dag = &module->dag, .arena = arena};
    rk_pipeline bare = {.name = RK_ATOM_EMPTY, .span = RK_NO_SPAN};
    rk_ref *const roots = RK_NEW_ARRAY(arena, rk_ref, request->n_shown + request->n_indexes + 1u);
    uint32_t index;
    lo.plan = RK_NEW(arena, rk_plan);
    if (!lo.plan || !roots)
        return RK_ENOMEM;
    if (request->pipeline == RK_MAP_NONE && module->id_type.kind == RK_KIND_NONE) {
        rk_error(&module->cx->diags, RK_E0313, RK_NO_SPAN,
                 "there is neither a pipeline nor an `item { id: … }`: nothing to rank");
        return RK_EPROGRAM;
    }
    if (request->pipeline == RK_MAP_NONE)
        bare.root = bare.recall = bare_candidates(lo.dag);
    lo.pipeline =
        request->pipeline == RK_MAP_NONE ? &bare : &module->pipelines.items[request->pipeline];
    const uint8_t *const live = find_live(&lo, request, roots);
    if (!live)
        return RK_ENOMEM;
    if (!domains_exist(&lo, live, request))
        return RK_EPROGRAM;
    lo.plan->pipeline = rk_atom_str(&module->cx->names, lo.pipeline->name);
    RK_TRY(begin(&lo));
    RK_TRY(make_tables(&lo));
    RK_TRY(name_nodes(&lo));
    count_users(&lo, live, lo.dag->nodes.len);
    for (uint32_t i = 0; i < request->n_shown; i++)
        lo.users[roots[i]]++; /* whoever reads the result */
    roots[request->n_shown] = request->recall ? lo.pipeline->recall : lo.pipeline->root;
    RK_TRY(lower_pipes(&lo, lo.pipeline->root, roots, request->n_shown + 1));
    RK_TRY(lower_pipe(&lo, roots[request->n_shown], &lo.plan->result));
    RK_TRY(lower_shown(&lo, roots, request));
    for (uint32_t i = 0; i < request->n_indexes; i++)
        RK_TRY(lower_index(&lo, request->indexes[i], &index));
    lo.plan->one_producer = count_producers(lo.plan) == 1;
    *out = lo.plan;
    return verify(&lo);
}
