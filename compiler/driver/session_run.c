/* Values and lists of a session's input: planned, and worked out over a request. */
#include <time.h>

#include "compiler/driver/session_parts.h"
#include "compiler/opt/opt.h"
#include "runtime/plan/restring.h"

double session_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint32_t session_pipeline(const rk_session *session, const rk_module *module)
{
    const rk_str name = rk_buf_str(&session->pipeline);
    if (name.len)
        return rk_module_pipeline(module, name);
    for (uint32_t i = 0; i < module->pipelines.len; i++) {
        const rk_str one = rk_atom_str(&module->cx->names, module->pipelines.items[i].name);
        if (module->pipelines.items[i].root && !rk_str_eq(one, SESSION_INPUT))
            return i;
    }
    return RK_MAP_NONE;
}

/* ---- planning ---- */

/* Type and scope as checked: optimising may find that a value is the same for all items. */
static void describe(const rk_module *module, uint32_t factor, rk_answer *out)
{
    const rk_node *const node = rk_dag_at(&module->dag, module->factors.items[factor].value);
    out->type = node->type;
    out->scope = (rk_scope)node->scope;
}

static void find_constant(rk_session *session, const rk_module *module, uint32_t factor,
                          const rk_answer *answer)
{
    const rk_ref value = module->factors.items[factor].value;
    if (answer->scope != RK_SCOPE_ITEM && rk_dag_is_const(&module->dag, value))
        session->constant = rk_dag_value(&module->dag, value);
}

/* What a test's only expectation shows, or the input's factor. */
static rk_status plan_of_test(rk_session *session, bool is_pipe, rk_answer *out, rk_plan **plan)
{
    const rk_module *const module = session->last->module;
    if (module->tests.len != 1 || !module->tests.items[0].module)
        return RK_EBUG;
    rk_module *const test = module->tests.items[0].module;
    const rk_expect *const shown = &module->tests.items[0].expects.items[0];
    const rk_plan_request request = {.pipeline = is_pipe ? shown->pipeline : RK_MAP_NONE,
                                     .shown = &shown->left,
                                     .n_shown = is_pipe ? 0 : 1};
    if (!is_pipe)
        describe(test, shown->left, out);
    RK_TRY(rk_optimize(test));
    if (!is_pipe)
        find_constant(session, test, shown->left, out);
    return rk_lower(test, &request, plan);
}

static rk_status plan_of_program(rk_session *session, bool is_pipe, rk_answer *out, rk_plan **plan)
{
    rk_compiled *const c = session->last;
    rk_module *const module = c->module;
    const uint32_t factor = rk_module_factor(module, SESSION_INPUT);
    rk_plan_request request = {.pipeline = session_pipeline(session, module), .recall = true};
    if (module->id_type.kind == RK_KIND_NONE)
        module->id_type = RK_TYPE(INT); /* without items lists are empty */
    if (is_pipe)
        request = (rk_plan_request){.pipeline = rk_module_pipeline(module, SESSION_INPUT)};
    else if (factor == RK_MAP_NONE)
        return RK_EBUG;
    else {
        describe(module, factor, out);
        request.shown = &factor;
        request.n_shown = 1;
    }
    if (!plan)
        return RK_OK;
    RK_TRY(rk_compile_optimize(c));
    if (!is_pipe)
        find_constant(session, module, factor, out);
    return rk_compile_plan(c, &request, plan);
}

static rk_status give_title(rk_session *session, const rk_compiled *c, rk_answer *out)
{
    const rk_ast_file *const file = c->files.items[c->files.len - 1];
    const rk_decl *const decl = file->decls.items[0];
    const rk_ast *const ast =
        decl->kind == RK_DECL_TEST ? decl->steps[decl->n_steps - 1].subject : decl->value;
    session->title.len = 0;
    rk_ast_format_expr(&c->cx, ast, &session->title);
    out->text = rk_buf_str(&session->title);
    while (out->text.len && out->text.data[0] == ' ')
        out->text = (rk_str){out->text.data + 1, out->text.len - 1};
    return session->title.failed ? RK_ENOMEM : RK_OK;
}

rk_status session_plan_input(rk_session *session, bool is_pipe, rk_answer *out, rk_plan **plan)
{
    session->constant = NULL;
    session->load_time = session->run_time = 0;
    out->kind = is_pipe ? RK_ANSWER_RANKED : RK_ANSWER_VALUE;
    out->type = is_pipe ? RK_TYPE(CANDIDATES) : (rk_type){0};
    out->scope = RK_SCOPE_QUERY;
    RK_TRY(give_title(session, session->last, out));
    const rk_status status = plan && session_is_test(session)
                                 ? plan_of_test(session, is_pipe, out, plan)
                                 : plan_of_program(session, is_pipe, out, plan);
    if (status == RK_OK && is_pipe && plan)
        (*plan)->pipeline = out->text;
    return status == RK_OK ? rk_diags_status(&session->last->cx.diags) : status;
}

/* ---- running ---- */

static double now(const rk_session *session)
{
    struct timespec time;
    if (session->options.has_now)
        return session->options.now;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static rk_status rank(rk_session *session, const rk_plan *plan, const rk_relation *relations,
                      const rk_request *request, double when, rk_reply *reply)
{
    const double start = session_clock();
    rk_diags *const diags = &session->last->cx.diags;
    rk_program_options options = session->options.program;
    options.engine.relations = relations;
    options.engine.models = &session->models;
    options.engine.indexes = &session->indexes;
    options.engine.program = session->paths.len ? session->paths.items[0].data : NULL;
    options.no_cache = true; /* code of one plan is of no use to the next */
    RK_TRY(rk_program_new(plan, &options, diags, &session->program));
    RK_TRY(rk_run_new(rk_program_engine(session->program), &session->run));
    RK_TRY(rk_run_begin(session->run));
    RK_TRY(rk_run_rank(session->run, request, when, diags, reply));
    rk_program_count(session->program, reply);
    session->run_time = session_clock() - start;
    return RK_OK;
}

static rk_status run_test(rk_session *session, const rk_plan *plan, rk_reply *reply)
{
    const rk_test *const test = &session->last->module->tests.items[0];
    return rank(session, plan, NULL, &test->request, test->has_now ? test->now : now(session),
                reply);
}

/* The plan moves onto the session's strings, which nothing adds to while it runs. */
static rk_status run_program(rk_session *session, const rk_plan *plan, rk_reply *reply)
{
    rk_diags *const diags = &session->last->cx.diags;
    const rk_relation *relations;
    rk_request request;
    rk_plan *moved;
    const double start = session_clock();
    RK_TRY(session_load(session, plan, diags, &relations));
    RK_TRY(session_read_request(session, plan, diags, &request));
    session->load_time = session_clock() - start;
    RK_TRY(rk_atoms_init(&session->moved, &session->answer, &session->strings));
    RK_TRY(rk_plan_restring(plan, &session->moved, &session->answer, &moved));
    const rk_module *const module = session->last->module;
    const double when = module->has_now ? module->now : now(session);
    return rank(session, moved, relations, &request, when, reply);
}

static rk_status take_reply(rk_session *session, const rk_reply *reply, bool is_pipe,
                            rk_answer *out)
{
    out->strings = rk_run_strings(session->run);
    out->dropped = reply->dropped;
    out->n = reply->n;
    if (is_pipe) {
        out->ids = &reply->ids;
        out->scores = reply->scores;
        return RK_OK;
    }
    out->values = reply->shown[0];
    if (out->scope != RK_SCOPE_ITEM) {
        out->n = 1;
        return RK_OK;
    }
    out->ids = &reply->ids;
    if (out->values->n == out->n)
        return RK_OK;
    rk_column *const spread = RK_NEW(&session->answer, rk_column); /* one value for all */
    out->values = spread;
    return spread
               ? rk_column_fill(spread, &session->answer, rk_column_get(reply->shown[0], 0), out->n)
               : RK_ENOMEM;
}

/* A constant needs neither a request nor sources. */
static rk_status take_constant(rk_session *session, rk_answer *out)
{
    rk_column *const column = RK_NEW(&session->answer, rk_column);
    if (!column)
        return RK_ENOMEM;
    out->strings = &session->last->cx.names;
    out->values = column;
    out->n = 1;
    return rk_column_fill(column, &session->answer, *session->constant, 1);
}

rk_status session_run_plan(rk_session *session, const rk_plan *plan, bool is_pipe, rk_answer *out)
{
    rk_reply *const reply = RK_NEW(&session->answer, rk_reply);
    if (session->constant)
        return take_constant(session, out);
    if (!reply)
        return RK_ENOMEM;
    RK_TRY(session_is_test(session) ? run_test(session, plan, reply)
                                    : run_program(session, plan, reply));
    out->times.load = session->load_time;
    out->times.run = session->run_time;
    return take_reply(session, reply, is_pipe, out);
}
