/* Any text goes through the whole line without a crash: parsed, checked, optimised, lowered, its
 * tests run. What compiles is also run over a few items on every CPU level, and the levels agree to
 * the bit. Programs that read files are only compiled. */
#include "compiler/rankc.h"

#include "tests/fuzz/run_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SHOWN_MAX = 64 };

static void ignore_test(void *user, const rk_test *test, rk_str fault)
{
    (void)user;
    (void)test;
    (void)fault;
}

/* Factors that can be shown: a use of a label that the pipeline lacks makes the plan fail. */
static void run_pipeline(rk_compiled *c, uint32_t pipeline)
{
    uint32_t shown[SHOWN_MAX], n = 0;
    rk_plan *plan;
    for (uint32_t i = 0; i < c->module->factors.len && n < SHOWN_MAX; i++)
        shown[n++] = i;
    rk_plan_request request = {.pipeline = pipeline, .shown = shown, .n_shown = n};
    rk_status status = rk_compile_plan(c, &request, &plan);
    if (status == RK_EPROGRAM) {
        request.n_shown = 0;
        status = rk_compile_plan(c, &request, &plan);
    }
    must(status != RK_EBUG);
    if (status == RK_OK)
        check_bytes(plan);
    if (status == RK_OK && plan->sources.len == 0)
        run_plan(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_compiled c;
    uint32_t failed;
    const rk_program_options options = {.choice = RK_ENGINE_INTERP};
    const rk_str text = {(const char *)data, size};
    if (size > 4096 || memmem(data, size, "import", 6))
        return 0;
    must(rk_compiled_init(&c) == RK_OK);
    rk_status status = rk_compile_read_text(&c, RK_STR("fuzz.rank"), text);
    if (rk_compile_check(&c) == RK_OK && status == RK_OK) {
        status = rk_compiled_test(&c, RK_STR(""), &options, ignore_test, NULL, &failed);
        must(status != RK_EBUG);
        for (uint32_t i = 0; i < c.module->pipelines.len; i++)
            run_pipeline(&c, i);
    }
    rk_buf out = {0};
    rk_diags_print(&c.cx.diags, &c.cx.texts, RK_DIAG_TEXT, &out);
    rk_buf_free(&out);
    rk_compiled_free(&c);
    return 0;
}
