/* Runs the tests that a program holds: each is a module and a request of its own. */
#include <math.h>

#include "compiler/opt/opt.h"
#include "compiler/rankc.h"

typedef struct runner {
    rk_compiled *c;
    const rk_program_options *options;
    const rk_test *test;
    rk_buf *fault;
} runner;

/* Within 1e-4 of the expected value, or 1e-6 of zero. */
static bool is_near(rk_value a, rk_value b)
{
    a = rk_value_convert(a, RK_TYPE(DOUBLE));
    b = rk_value_convert(b, RK_TYPE(DOUBLE));
    if (isinf(a.as.d) || isinf(b.as.d) || a.as.d == 0 || b.as.d == 0)
        return a.as.d == b.as.d || fabs(a.as.d - b.as.d) <= 1e-6;
    return fabs(a.as.d - b.as.d) <= 1e-4 * fabs(b.as.d);
}

static bool matches(const rk_expect *expect, rk_value left, rk_value right)
{
    const bool numbers = rk_kind_is_number(left.type.kind) && rk_kind_is_number(right.type.kind);
    const rk_value gone = {.type = left.type, .missing = true};
    if (expect->op != RK_EXPECT_NEAR || !numbers || rk_value_eq(left, gone) ||
        rk_value_eq(right, gone))
        return rk_value_eq(left, right);
    return is_near(left, right);
}

static void print_place(const runner *r, const rk_expect *expect)
{
    const rk_text *const text = &r->c->cx.texts.items.items[expect->span.file];
    const rk_place place = rk_text_place(text, expect->span.at);
    rk_str source = place.source;
    while (source.len && (*source.data == ' ' || *source.data == '\t'))
        source = (rk_str){source.data + 1, source.len - 1};
    rk_buf_printf(r->fault, "%.*s:%u: %.*s\n", RK_STR_ARG(text->name), place.line,
                  RK_STR_ARG(source));
}

/* As it is written in a program: strings in quotes, missing by its name. */
static void print_value(const runner *r, const rk_atoms *strings, rk_value value)
{
    if (rk_value_eq(value, (rk_value){.missing = true}))
        rk_buf_add_chars(r->fault, "missing");
    else
        rk_value_print_json(value, strings, r->fault);
}

static void print_difference(const runner *r, const rk_expect *expect, const rk_atoms *strings,
                             uint32_t item, bool many, rk_value left, rk_value right)
{
    print_place(r, expect);
    rk_buf_add_chars(r->fault, "  expected ");
    print_value(r, strings, right);
    rk_buf_add_chars(r->fault, ", found ");
    print_value(r, strings, left);
    if (many)
        rk_buf_printf(r->fault, " for item %u", item + 1);
    rk_buf_add_char(r->fault, '\n');
}

/* Values: each of the column against its expected one. */
static void compare_values(const runner *r, const rk_expect *expect, const rk_column *column,
                           const rk_atoms *strings)
{
    const rk_value yes = {.type = RK_TYPE(BOOL), .as.b = true};
    if (expect->per_item && column->n != expect->n_right) {
        print_place(r, expect);
        rk_buf_printf(r->fault, "  expected %u values, found %u\n", expect->n_right, column->n);
        return;
    }
    for (uint32_t i = 0; i < column->n; i++) {
        const rk_value right =
            expect->op == RK_EXPECT_TRUE ? yes : expect->right[expect->per_item ? i : 0];
        const rk_value left = rk_column_get(column, i);
        if (!matches(expect, left, right)) {
            print_difference(r, expect, strings, i, column->n > 1, left, right);
            return;
        }
    }
}

/* A pipeline: its ids in order. */
static void compare_ids(const runner *r, const rk_expect *expect, const rk_reply *reply,
                        const rk_atoms *strings)
{
    bool same = reply->n == expect->n_right;
    for (uint32_t i = 0; same && i < reply->n; i++)
        same = rk_value_eq(rk_column_get(&reply->ids, i), expect->right[i]);
    if (same)
        return;
    print_place(r, expect);
    rk_buf_add_chars(r->fault, "  expected [");
    for (uint32_t i = 0; i < expect->n_right; i++) {
        rk_buf_add_chars(r->fault, i ? ", " : "");
        rk_value_print_json(expect->right[i], strings, r->fault);
    }
    rk_buf_add_chars(r->fault, "], found [");
    for (uint32_t i = 0; i < reply->n; i++) {
        rk_buf_add_chars(r->fault, i ? ", " : "");
        rk_value_print_json(rk_column_get(&reply->ids, i), strings, r->fault);
    }
    rk_buf_add_chars(r->fault, "]\n");
}

static rk_status run_plan(const runner *r, const rk_expect *expect, rk_engine *engine)
{
    rk_run *run;
    rk_reply reply;
    RK_TRY(rk_run_new(engine, &run));
    rk_status status = rk_run_begin(run);
    if (status == RK_OK)
        status = rk_run_rank(run, &r->test->request, r->test->has_now ? r->test->now : 0,
                             &r->c->cx.diags, &reply);
    if (status == RK_OK && expect->is_pipe)
        compare_ids(r, expect, &reply, rk_run_strings(run));
    else if (status == RK_OK)
        compare_values(r, expect, reply.shown[0], rk_run_strings(run));
    rk_run_free(run);
    return status;
}

static rk_status run_expect(const runner *r, const rk_expect *expect)
{
    rk_plan *plan;
    rk_program *program = NULL;
    const rk_plan_request request = {.pipeline = expect->is_pipe ? expect->pipeline : RK_MAP_NONE,
                                     .shown = &expect->left,
                                     .n_shown = expect->is_pipe ? 0 : 1};
    RK_TRY(rk_lower(r->test->module, &request, &plan));
    rk_program_options options = *r->options;
    options.engine.models = r->c->models;
    rk_status status = rk_program_new(plan, &options, &r->c->cx.diags, &program);
    if (status == RK_OK)
        status = run_plan(r, expect, rk_program_engine(program));
    rk_program_free(program);
    return status;
}

static bool contains(rk_str text, rk_str part)
{
    return part.len == 0 || memmem(text.data, text.len, part.data, part.len) != NULL;
}

rk_status rk_compiled_test(rk_compiled *c, rk_str filter, const rk_program_options *options,
                           rk_test_report *report, void *user, uint32_t *failed)
{
    *failed = 0;
    for (uint32_t i = 0; i < c->module->tests.len; i++) {
        const rk_test *const test = &c->module->tests.items[i];
        if (!test->module || !contains(test->title, filter))
            continue;
        rk_buf fault = {0};
        const runner r = {.c = c, .options = options, .test = test, .fault = &fault};
        rk_status status = rk_optimize(test->module);
        for (uint32_t k = 0; k < test->expects.len && status == RK_OK; k++)
            status = run_expect(&r, &test->expects.items[k]);
        if (status == RK_OK) {
            *failed += fault.len != 0;
            report(user, test, rk_buf_str(&fault));
        }
        rk_buf_free(&fault);
        RK_TRY(status);
    }
    return RK_OK;
}
