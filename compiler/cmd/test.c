/* rankc test: the tests that programs declare. */
#include "compiler/cmd/cmd.h"

typedef struct tester {
    cmd *c;
    const char *path;
    uint32_t passed, failed;
} tester;

static void report(void *user, const rk_test *test, rk_str fault)
{
    tester *const t = user;
    rk_buf *const out = &t->c->out.buf;
    t->passed += fault.len == 0;
    t->failed += fault.len != 0;
    if (!cmd_format_is(t->c, "text")) {
        rk_buf_add_chars(out, "{\"file\": ");
        rk_buf_add_json(out, rk_str_from(t->path));
        rk_buf_add_chars(out, ", \"test\": ");
        rk_buf_add_json(out, test->title);
        rk_buf_printf(out, ", \"passed\": %s", fault.len ? "false, \"fault\": " : "true");
        if (fault.len)
            rk_buf_add_json(out, fault);
        rk_buf_add_chars(out, "}\n");
    } else if (fault.len) {
        rk_buf_printf(out, "%sFAIL%s  %.*s\n", t->c->out.color ? "\x1b[1;31m" : "",
                      t->c->out.color ? "\x1b[0m" : "", RK_STR_ARG(test->title));
        rk_buf_add(out, fault);
    }
}

static rk_status test_file(tester *t)
{
    cmd *const c = t->c;
    cmd_program program;
    uint32_t failed;
    rk_program_options options = cmd_engine(c);
    if (!c->given[CMD_ENGINE] && !c->in_case) /* a few items are no work for a compiler */
        options.choice = RK_ENGINE_INTERP;
    rk_status status = cmd_open(c, t->path, &program);
    if (status == RK_OK)
        status =
            rk_compiled_test(&program.compiled, c->text[CMD_FILTER], &options, report, t, &failed);
    if (program.compiled.module)
        cmd_report(c, &program);
    cmd_close(&program);
    return status;
}

rk_status cmd_run_test(cmd *c)
{
    tester t = {.c = c};
    rk_status first = RK_OK;
    if (c->given[CMD_CASES])
        return cmd_run_cases(c);
    for (uint32_t i = 0; i < c->files.len && first != RK_ENOMEM; i++) {
        t.path = c->files.items[i];
        const rk_status status = test_file(&t);
        if (first == RK_OK)
            first = status;
    }
    if (cmd_format_is(c, "text") && (first == RK_OK || t.passed + t.failed))
        rk_buf_printf(&c->out.buf, "%u passed, %u failed\n", t.passed, t.failed);
    if (first == RK_OK && c->given[CMD_FILTER] && t.passed + t.failed == 0)
        cmd_note(c, "no test has `%.*s` in its title", RK_STR_ARG(c->text[CMD_FILTER]));
    return first == RK_OK && t.failed ? RK_ETEST : first;
}
