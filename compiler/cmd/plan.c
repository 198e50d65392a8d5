/* rankc plan: what a pipeline computes, list by list. */
#include "compiler/cmd/cmd.h"

#include "compiler/cmd/plan_engine.h"
#include "compiler/cmd/plan_model.h"
#include "runtime/stage/stage.h"
#include "stdlib/fn.h"

typedef struct planner {
    const rk_plan *plan;
    const rk_module *module;
    const plan_engine *engine;
    const plan_models *models;
    rk_buf *out;
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

static bool makes_list(const rk_step *step)
{
    switch (step->kind) {
    case RK_STEP_CANDIDATES:
    case RK_STEP_SCAN:
    case RK_STEP_UNION:
    case RK_STEP_CHOOSE:
    case RK_STEP_SELECT:
    case RK_STEP_DROP:
        return true;
    default:
        return false;
    }
}

/* ---- words for a step ---- */

static const char *verb(const planner *p, const rk_step *step)
{
    static const char *const verbs[] = {
        [RK_STEP_QUERY] = "query",   [RK_STEP_CANDIDATES] = "candidates",
        [RK_STEP_SCAN] = "scan",     [RK_STEP_UNION] = "union",
        [RK_STEP_CHOOSE] = "choose", [RK_STEP_SELECT] = "",
        [RK_STEP_DROP] = "drop",     [RK_STEP_ID] = "id",
        [RK_STEP_ITEM] = "item",     [RK_STEP_LOOKUP] = "look up",
        [RK_STEP_FETCH] = "fetch",   [RK_STEP_REQUIRE] = "require",
        [RK_STEP_MAP] = "map",       [RK_STEP_GATHER] = "gather",
        [RK_STEP_RANK] = "rank in",  [RK_STEP_SCORE] = "score in",
        [RK_STEP_KERNEL] = "kernel", [RK_STEP_FOLD] = "",
        [RK_STEP_MODEL] = "model",
    };
    if (step->kind == RK_STEP_SELECT)
        return rk_stages[step->index]->name;
    if (step->kind == RK_STEP_KERNEL && p->plan->kernels.items[step->index].n_instrs == 0)
        return "fill"; /* a constant, or one value for all items */
    if (step->kind == RK_STEP_FOLD)
        return rk_fold_at(p->plan->folds.items[step->index].fn)->name;
    return verbs[step->kind];
}

static void add_column(const planner *p, uint32_t column, rk_buf *out)
{
    const rk_str name = p->plan->columns.items[column].name;
    if (name.len)
        rk_buf_add(out, name);
    else
        rk_buf_printf(out, "c%u", column);
}

static void add_list(const planner *p, uint32_t list, rk_buf *out)
{
    const rk_str label = p->plan->lists.items[list].label;
    rk_buf_printf(out, "list %u", list);
    if (label.len)
        rk_buf_printf(out, " `%.*s`", RK_STR_ARG(label));
}

static void add_operands(const planner *p, const rk_step *step, bool lists, rk_buf *out)
{
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t operand = p->plan->operands.items[step->first + i];
        rk_buf_add_chars(out, i ? ", " : " ");
        (lists ? add_list : add_column)(p, operand, out);
    }
}

static void add_kernel(const planner *p, const rk_plan_kernel *kernel, rk_buf *out)
{
    for (uint32_t i = 0; i < kernel->n_stores; i++) {
        rk_buf_add_chars(out, i ? ", " : " ");
        add_column(p, p->plan->stores.items[kernel->first_store + i].column, out);
    }
    if (kernel->n_instrs)
        rk_buf_printf(out, ": %u operation%s", kernel->n_instrs, kernel->n_instrs == 1 ? "" : "s");
}

/* `avg(p) as p_avg` without its first word. */
static void add_fold(const planner *p, const rk_plan_fold *fold, rk_buf *out)
{
    const struct {
        const char *before;
        uint32_t column;
    } parts[] = {{"", fold->value}, {"by: ", fold->by}, {"where: ", fold->where}};
    bool first = true;
    rk_buf_add_char(out, '(');
    for (size_t i = 0; i < RK_ARRAY_LEN(parts); i++) {
        if (parts[i].column == RK_PLAN_NONE)
            continue;
        rk_buf_printf(out, "%s%s", first ? "" : ", ", parts[i].before);
        add_column(p, parts[i].column, out);
        first = false;
    }
    rk_buf_add_chars(out, ") as ");
    add_column(p, fold->out, out);
}

static void add_source_field(const planner *p, const rk_step *step, rk_buf *out)
{
    if (step->index == RK_PLAN_NONE) {
        rk_buf_printf(out, " %.*s", RK_STR_ARG(p->plan->item.fields[step->b].name));
        return;
    }
    const rk_plan_source *const source = &p->plan->sources.items[step->index];
    rk_buf_printf(out, " %.*s.%.*s", RK_STR_ARG(source->name),
                  RK_STR_ARG(source->wanted.fields[step->b].name));
}

static void add_key(const planner *p, const rk_step *step, rk_buf *out)
{
    const rk_stage *const stage = rk_stages[step->index];
    if (step->a == RK_PLAN_NONE)
        return;
    if (strcmp(stage->name, "sort") == 0)
        rk_buf_add_chars(out, step->b == 0 ? " asc: " : " desc: ");
    else
        rk_buf_add_chars(out, stage->scores ? " by " : " ");
    add_column(p, step->a, out);
}

/* ` buy.raw of 12 inputs as c7` */
static void add_model(const planner *p, const rk_step *step, rk_buf *out)
{
    static const char *const parts[] = {"", ".raw", ".leaves"};
    const rk_str name = p->plan->models.items[step->index].name;
    rk_buf_printf(out, " %.*s%s of %u input%s as ", RK_STR_ARG(name), parts[step->b], step->n,
                  step->n == 1 ? "" : "s");
    add_column(p, step->out, out);
}

/* A step in words: what it does with what. */
static void describe(const planner *p, const rk_step *step, rk_buf *out)
{
    rk_buf_add_chars(out, verb(p, step));
    switch (step->kind) {
    case RK_STEP_QUERY:
    case RK_STEP_ITEM:
    case RK_STEP_GATHER:
        rk_buf_add_char(out, ' ');
        add_column(p, step->out, out);
        break;
    case RK_STEP_SCAN:
        rk_buf_printf(out, " %.*s", RK_STR_ARG(p->plan->sources.items[step->index].name));
        break;
    case RK_STEP_LOOKUP:
        rk_buf_printf(out, " %.*s by", RK_STR_ARG(p->plan->sources.items[step->index].name));
        add_operands(p, step, false, out);
        break;
    case RK_STEP_FETCH:
    case RK_STEP_REQUIRE:
        add_source_field(p, step, out);
        break;
    case RK_STEP_UNION:
    case RK_STEP_CHOOSE:
        add_operands(p, step, true, out);
        break;
    case RK_STEP_SELECT:
        add_key(p, step, out);
        break;
    case RK_STEP_MAP:
        rk_buf_add_chars(out, " into ");
        add_list(p, step->a, out);
        break;
    case RK_STEP_RANK:
    case RK_STEP_SCORE:
        rk_buf_add_char(out, ' ');
        add_list(p, p->plan->maps.items[step->index].in, out);
        break;
    case RK_STEP_KERNEL:
        add_kernel(p, &p->plan->kernels.items[step->index], out);
        break;
    case RK_STEP_MODEL:
        add_model(p, step, out);
        break;
    case RK_STEP_FOLD:
        add_fold(p, &p->plan->folds.items[step->index], out);
        break;
    default:
        break;
    }
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
        rk_buf_add_char(p->out, '\n');
        for (uint32_t k = 0; k < source->wanted.n; k++) {
            const rk_field *const field = &source->wanted.fields[k];
            rk_buf_printf(p->out, "  %.*s: %s\n", RK_STR_ARG(field->name),
                          rk_type_text(field->type).text);
        }
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
    add_list(p, list, p->out);
    rk_buf_add_chars(p->out, ": ");
    describe(p, &p->plan->steps.items[entry->step], p->out);
    if (entry->parent != RK_PLAN_NONE) {
        rk_buf_add_chars(p->out, ", of ");
        add_list(p, entry->parent, p->out);
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
        describe(p, step, out);
    else
        rk_buf_printf(out, "%s %u fields", verb(p, step), run.fields);
    if (run.fields > 1 && step->kind == RK_STEP_FETCH)
        rk_buf_printf(out, " of %.*s", RK_STR_ARG(p->plan->sources.items[step->index].name));
    if (run.required == run.fields)
        rk_buf_add_chars(out, ", required");
    else if (run.required)
        rk_buf_printf(out, ", %u required", run.required);
}

static void print_line(const planner *p, const rk_buf *line, uint32_t step)
{
    enum { ENGINE_COLUMN = 60 };
    const size_t width = cmd_width(rk_buf_str(line));
    rk_buf_printf(p->out, "    %.*s%*s  ", RK_STR_ARG(rk_buf_str(line)),
                  width < ENGINE_COLUMN ? (int)(ENGINE_COLUMN - width) : 0, "");
    plan_engine_describe_step(p->engine, step, p->out);
    rk_buf_add_char(p->out, '\n');
    p->out->failed |= line->failed;
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
        if (step->list != list || makes_list(step))
            continue;
        rk_buf line = {0};
        const field_run run = reads_field(step) ? run_of(p, i) : (field_run){.end = i + 1};
        if (reads_field(step))
            describe_run(p, i, run, &line);
        else
            describe(p, step, &line);
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
    describe(p, step, &words);
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
        if (step->list != list || makes_list(step))
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
    rk_buf_add_chars(p->out, ", \"lists\": [");
    for (uint32_t list = 0; list < p->plan->lists.len; list++)
        json_list(p, arena, list);
    rk_buf_printf(p->out, "], \"result\": %u}\n", p->plan->result);
}

rk_status cmd_print_plan(cmd *c, const rk_plan *plan, const rk_module *module, rk_diags *diags)
{
    plan_engine engine;
    plan_models models;
    RK_TRY(plan_models_open(c, plan, module, &models));
    const rk_status status = plan_engine_open(c, plan, diags, &engine);
    const planner p = {plan, module, &engine, &models, &c->out.buf};
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
