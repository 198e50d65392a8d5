/* rankc plan: what a pipeline computes, list by list. */
#include "compiler/cmd/cmd.h"

#include <unistd.h>

#include "compiler/cmd/answer.h"
#include "compiler/cmd/plan_engine.h"
#include "compiler/cmd/plan_index.h"
#include "compiler/cmd/plan_model.h"
#include "runtime/plan/describe.h"
#include "runtime/plan/plan_rows.h"

typedef struct planner {
    const rk_plan *plan;
    const rk_module *module;
    const plan_engine *engine;
    const plan_models *models;
    rk_buf *out;
    size_t widest; /* columns of a line */
} planner;

/* Names worked out for a list, in order, each once. */
typedef struct names {
    rk_str *items;
    uint32_t len;
} names;

/* ---- what is where ---- */

/* A field that a factor merely names counts as that factor. */
static bool is_factor(const planner *p, const rk_plan_factor *entry)
{
    return !entry->field || rk_module_factor(p->module, entry->name) != RK_MAP_NONE;
}

/* The `factors` (or else fields) of a list, or of all lists for RK_PLAN_NONE. */
static names names_of(const planner *p, rk_arena *arena, uint32_t list, bool factors)
{
    names found = {RK_NEW_ARRAY(arena, rk_str, p->plan->factors.len), 0};
    p->out->failed |= !found.items;
    for (uint32_t i = 0; found.items && i < p->plan->factors.len; i++) {
        const rk_plan_factor *const entry = &p->plan->factors.items[i];
        if ((list != RK_PLAN_NONE && entry->list != list) || is_factor(p, entry) != factors)
            continue;
        bool seen = false;
        for (uint32_t k = 0; k < found.len; k++)
            seen |= rk_str_eq(found.items[k], entry->name);
        if (!seen)
            found.items[found.len++] = entry->name;
    }
    return found;
}

static names gathered_of(const planner *p, rk_arena *arena, uint32_t list)
{
    names found = {RK_NEW_ARRAY(arena, rk_str, p->plan->steps.len), 0};
    p->out->failed |= !found.items;
    for (uint32_t i = 0; found.items && i < p->plan->steps.len; i++) {
        const rk_step *const step = &p->plan->steps.items[i];
        if (step->kind == RK_STEP_GATHER && step->list == list &&
            p->plan->columns.items[step->out].name.len)
            found.items[found.len++] = p->plan->columns.items[step->out].name;
    }
    return found;
}

/* ---- text ---- */

/* `  factors   a, b, c`, broken at 100 columns. */
static void print_names(const planner *p, const char *title, names found)
{
    enum { INDENT = 11, WIDTH = 100 };
    if (!found.len)
        return;
    size_t at = INDENT;
    rk_buf_printf(p->out, "  %-9s", title);
    for (uint32_t i = 0; i < found.len; i++) {
        const size_t width = cmd_width(found.items[i]) + 2;
        if (at + width > WIDTH && i) {
            rk_buf_printf(p->out, "\n%*s", INDENT, "");
            at = INDENT;
        }
        at += width;
        rk_buf_printf(p->out, " %.*s%s", RK_STR_ARG(found.items[i]), i + 1 < found.len ? "," : "");
    }
    rk_buf_add_char(p->out, '\n');
}

static void print_sources(const planner *p)
{
    for (uint32_t i = 0; i < p->plan->sources.len; i++) {
        const rk_plan_source *const source = &p->plan->sources.items[i];
        rk_buf_printf(p->out, "\nsource %.*s: %.*s \"%.*s\" by ", RK_STR_ARG(source->name),
                      RK_STR_ARG(source->kind), RK_STR_ARG(source->path));
        for (uint32_t k = 0; k < source->n_keys; k++)
            rk_buf_printf(p->out, "%s%.*s", k ? ", " : "", RK_STR_ARG(source->keys[k]));
        if (source->ids.len)
            rk_buf_printf(p->out, " of \"%.*s\"", RK_STR_ARG(source->ids));
        rk_buf_add_char(p->out, '\n');
        for (uint32_t k = 0; k < source->wanted.n; k++) {
            const rk_field *const field = &source->wanted.fields[k];
            rk_buf_printf(p->out, "  %.*s: %s\n", RK_STR_ARG(field->name),
                          rk_type_text(field->type).text);
        }
    }
}

/* `index by_vec: hnsw of products, "dot", built when it is loaded; …` */
static void print_indexes(const planner *p)
{
    for (uint32_t i = 0; i < p->plan->indexes.len; i++) {
        rk_buf_add_char(p->out, '\n');
        plan_index_describe(p->plan, i, p->out);
        rk_buf_add_char(p->out, '\n');
    }
}

static void print_list_title(const planner *p, uint32_t list)
{
    const rk_plan_list *const entry = &p->plan->lists.items[list];
    rk_buf_add_char(p->out, '\n');
    if (list == 0) {
        rk_buf_add_chars(p->out, "list 0: the request\n");
        return;
    }
    rk_plan_name_list(p->plan, list, p->out);
    rk_buf_add_chars(p->out, ": ");
    rk_step_describe(p->plan, &p->plan->steps.items[entry->step], p->out);
    if (entry->parent != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, ", of ");
        rk_plan_name_list(p->plan, entry->parent, p->out);
    }
    rk_buf_add_chars(p->out, list == p->plan->result ? " -> result\n" : "\n");
}

/* Fields that one kind of step reads one after the other, the checks between them included. */
typedef struct field_run {
    uint32_t end, fields, required;
} field_run;

static bool reads_field(const rk_step *step)
{
    return step->kind == RK_STEP_QUERY || step->kind == RK_STEP_ITEM || step->kind == RK_STEP_FETCH;
}

static field_run run_of(const planner *p, uint32_t i)
{
    const rk_step *const first = &p->plan->steps.items[i];
    field_run run = {.end = i};
    for (; run.end < p->plan->steps.len; run.end++) {
        const rk_step *const step = &p->plan->steps.items[run.end];
        const bool same = step->kind == first->kind &&
                          (step->kind != RK_STEP_FETCH || step->index == first->index);
        if (step->list != first->list || (!same && step->kind != RK_STEP_REQUIRE))
            break;
        run.fields += same;
        run.required += !same;
    }
    return run;
}

/* `fetch products.price, required`, or `fetch 9 fields of products, 3 required`. */
static void describe_run(const planner *p, uint32_t i, field_run run, rk_buf *out)
{
    const rk_step *const step = &p->plan->steps.items[i];
    if (run.fields == 1)
        rk_step_describe(p->plan, step, out);
    else
        rk_buf_printf(out, "%s %u fields", rk_step_verb(p->plan, step), run.fields);
    if (run.fields > 1 && step->kind == RK_STEP_FETCH)
        rk_buf_printf(out, " of %.*s", RK_STR_ARG(p->plan->sources.items[step->index].name));
    if (run.required == run.fields)
        rk_buf_add_chars(out, ", required");
    else if (run.required)
        rk_buf_printf(out, ", %u required", run.required);
}

/* The engine stands in a column of its own; on a narrow terminal at its edge, or in the next line.
 */
static void print_line(const planner *p, const rk_buf *line, uint32_t step)
{
    enum { ENGINE_COLUMN = 64, INDENT = 4, GAP = 2 };
    rk_buf engine = {0};
    plan_engine_describe_step(p->engine, step, &engine);
    const size_t width = INDENT + cmd_width(rk_buf_str(line)), more = GAP + engine.len;
    size_t column = width < ENGINE_COLUMN ? ENGINE_COLUMN : width;
    if (column + more > p->widest)
        column = width + more > p->widest ? 0 : p->widest - more;
    if (column)
        rk_buf_printf(p->out, "%*s%.*s%*s", INDENT, "", RK_STR_ARG(rk_buf_str(line)),
                      (int)(column - width + GAP), "");
    else {
        cmd_add_wrapped_to(p->out, rk_buf_str(line), INDENT, p->widest);
        rk_buf_printf(p->out, "%*s", 2 * INDENT, "");
    }
    rk_buf_printf(p->out, "%.*s\n", RK_STR_ARG(rk_buf_str(&engine)));
    p->out->failed |= line->failed || engine.failed;
    rk_buf_free(&engine);
}

/* How a model is worked out. */
static void add_way(const planner *p, const rk_step *step, rk_buf *out)
{
    rk_buf way = {0};
    plan_models_describe(p->models, step, &way);
    if (way.len)
        rk_buf_printf(out, ": %.*s", RK_STR_ARG(rk_buf_str(&way)));
    out->failed |= way.failed;
    rk_buf_free(&way);
}

static void print_steps(const planner *p, uint32_t list)
{
    for (uint32_t i = 0; i < p->plan->steps.len; i++) {
        const rk_step *const step = &p->plan->steps.items[i];
        if (step->list != list || rk_step_makes_list(step->kind))
            continue;
        rk_buf line = {0};
        const field_run run = reads_field(step) ? run_of(p, i) : (field_run){.end = i + 1};
        if (reads_field(step))
            describe_run(p, i, run, &line);
        else
            rk_step_describe(p->plan, step, &line);
        add_way(p, step, &line);
        print_line(p, &line, i);
        rk_buf_free(&line);
        i = run.end - 1;
    }
}

static void print_text(const planner *p, rk_arena *arena)
{
    const uint32_t factors = names_of(p, arena, RK_PLAN_NONE, true).len;
    const uint32_t fields = names_of(p, arena, RK_PLAN_NONE, false).len;
    if (p->plan->pipeline.len)
        rk_buf_printf(p->out, "pipeline %.*s: ", RK_STR_ARG(p->plan->pipeline));
    else
        rk_buf_add_chars(p->out, "candidates: ");
    rk_buf_printf(p->out, "%u factor%s, %u field%s beside\n", factors, factors == 1 ? "" : "s",
                  fields, fields == 1 ? "" : "s");
    if (!p->engine->interprets) {
        rk_buf_add_chars(p->out, "engine: ");
        plan_engine_describe(p->engine, p->out);
        rk_buf_add_char(p->out, '\n');
    }
    print_sources(p);
    print_indexes(p);
    for (uint32_t list = 0; list < p->plan->lists.len; list++) {
        print_list_title(p, list);
        print_names(p, "factors", names_of(p, arena, list, true));
        print_names(p, "fields", names_of(p, arena, list, false));
        print_names(p, "gathered", gathered_of(p, arena, list));
        print_steps(p, list);
    }
}

/* ---- JSON ---- */

static void json_names(const planner *p, const char *title, names found)
{
    rk_buf_printf(p->out, ", \"%s\": [", title);
    for (uint32_t i = 0; i < found.len; i++) {
        rk_buf_add_chars(p->out, i ? ", " : "");
        rk_buf_add_json(p->out, found.items[i]);
    }
    rk_buf_add_char(p->out, ']');
}

static void json_words(const planner *p, const rk_step *step)
{
    rk_buf words = {0};
    rk_step_describe(p->plan, step, &words);
    rk_buf_add_json(p->out, rk_buf_str(&words));
    p->out->failed |= words.failed;
    rk_buf_free(&words);
}

static void json_way(const planner *p, const rk_step *step)
{
    rk_buf way = {0};
    plan_models_describe(p->models, step, &way);
    if (way.len) {
        rk_buf_add_chars(p->out, ", \"evaluator\": ");
        rk_buf_add_json(p->out, rk_buf_str(&way));
    }
    p->out->failed |= way.failed;
    rk_buf_free(&way);
}

/* The words of `describe` for the whole, or for a step. */
static void json_engine(const planner *p, uint32_t step)
{
    rk_buf words = {0};
    if (step == RK_PLAN_NONE)
        plan_engine_describe(p->engine, &words);
    else
        plan_engine_describe_step(p->engine, step, &words);
    rk_buf_add_chars(p->out, ", \"engine\": ");
    rk_buf_add_json(p->out, rk_buf_str(&words));
    p->out->failed |= words.failed;
    rk_buf_free(&words);
}

static void json_sources(const planner *p)
{
    rk_buf_add_chars(p->out, ", \"sources\": [");
    for (uint32_t i = 0; i < p->plan->sources.len; i++) {
        const rk_plan_source *const source = &p->plan->sources.items[i];
        rk_buf_printf(p->out, "%s{\"name\": ", i ? ", " : "");
        rk_buf_add_json(p->out, source->name);
        rk_buf_add_chars(p->out, ", \"kind\": ");
        rk_buf_add_json(p->out, source->kind);
        rk_buf_add_chars(p->out, ", \"path\": ");
        rk_buf_add_json(p->out, source->path);
        if (source->ids.len) {
            rk_buf_add_chars(p->out, ", \"ids\": ");
            rk_buf_add_json(p->out, source->ids);
        }
        json_names(p, "keys", (names){source->keys, source->n_keys});
        rk_buf_add_chars(p->out, ", \"fields\": {");
        for (uint32_t k = 0; k < source->wanted.n; k++) {
            rk_buf_add_chars(p->out, k ? ", " : "");
            rk_buf_add_json(p->out, source->wanted.fields[k].name);
            rk_buf_printf(p->out, ": \"%s\"", rk_type_text(source->wanted.fields[k].type).text);
        }
        rk_buf_add_chars(p->out, "}}");
    }
    rk_buf_add_char(p->out, ']');
}

static void json_list(const planner *p, rk_arena *arena, uint32_t list)
{
    const rk_plan_list *const entry = &p->plan->lists.items[list];
    rk_buf_printf(p->out, "%s{\"list\": %u, \"label\": ", list ? ", " : "", list);
    rk_buf_add_json(p->out, entry->label);
    rk_buf_add_chars(p->out, ", \"made\": ");
    if (list)
        json_words(p, &p->plan->steps.items[entry->step]);
    else
        rk_buf_add_chars(p->out, "\"the request\"");
    json_names(p, "factors", names_of(p, arena, list, true));
    json_names(p, "fields", names_of(p, arena, list, false));
    json_names(p, "gathered", gathered_of(p, arena, list));
    rk_buf_add_chars(p->out, ", \"steps\": [");
    bool first = true;
    for (uint32_t i = 0; i < p->plan->steps.len; i++) {
        const rk_step *const step = &p->plan->steps.items[i];
        if (step->list != list || rk_step_makes_list(step->kind))
            continue;
        rk_buf_add_chars(p->out, first ? "{\"does\": " : ", {\"does\": ");
        json_words(p, step);
        json_way(p, step);
        json_engine(p, i);
        rk_buf_add_char(p->out, '}');
        first = false;
    }
    rk_buf_add_chars(p->out, "]}");
}

static void print_json(const planner *p, rk_arena *arena)
{
    rk_buf_add_chars(p->out, "{\"pipeline\": ");
    rk_buf_add_json(p->out, p->plan->pipeline);
    rk_buf_printf(p->out, ", \"factors\": %u", names_of(p, arena, RK_PLAN_NONE, true).len);
    if (!p->engine->interprets)
        json_engine(p, RK_PLAN_NONE);
    json_sources(p);
    plan_indexes_json(p->plan, p->out);
    rk_buf_add_chars(p->out, ", \"lists\": [");
    for (uint32_t list = 0; list < p->plan->lists.len; list++)
        json_list(p, arena, list);
    rk_buf_printf(p->out, "], \"result\": %u}\n", p->plan->result);
}

/* What the terminal has; files and pipes have room for any line. */
static size_t widest(const cmd *c)
{
    cmd_screen screen = {.terminal = c->out.fd == STDOUT_FILENO && isatty(STDOUT_FILENO)};
    cmd_screen_measure(&screen);
    return screen.terminal ? screen.width : SIZE_MAX;
}

rk_status cmd_print_plan(cmd *c, const rk_plan *plan, const rk_module *module, rk_diags *diags)
{
    plan_engine engine;
    plan_models models;
    RK_TRY(plan_models_open(c, plan, module, &models));
    const rk_status status = plan_engine_open(c, plan, diags, &engine);
    const planner p = {plan, module, &engine, &models, &c->out.buf, widest(c)};
    if (status == RK_OK)
        (cmd_format_is(c, "text") ? print_text : print_json)(&p, &c->arena);
    plan_engine_close(&engine);
    return status;
}

rk_status cmd_run_plan(cmd *c)
{
    cmd_program program;
    rk_plan *plan = NULL;
    rk_status status = cmd_open(c, c->files.items[0], &program);
    if (status == RK_OK && !program.dumped)
        status = cmd_plan(c, &program, &plan);
    if (status == RK_OK && !program.dumped)
        status = cmd_print_plan(c, plan, program.compiled.module, &program.compiled.cx.diags);
    cmd_report(c, &program);
    cmd_close(&program);
    return status;
}
