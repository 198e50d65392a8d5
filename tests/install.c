/* Compiled by tests/install.sh against the installed headers and libraries alone: an embedder's
 * first program. */
#include <compiler/rankc.h>

#include <stdio.h>

static void report(void *user, const rk_test *test, rk_str fault)
{
    (void)user;
    printf("%.*s%s\n", RK_STR_ARG(fault), fault.len ? "" : "fine");
    (void)test;
}

int main(void)
{
    const rk_str text =
        RK_STR("item { id: int, price: float }\n"
               "pipeline best = candidates | top(1, by: price)\n"
               "test \"dear first\" { given price = [1, 3, 2] expect best == [2] }\n");
    rk_compiled c;
    uint32_t failed = 1;
    const rk_program_options options = {.engine.cpu = rk_cpu_best()};
    rk_status status = rk_compiled_init(&c);
    if (status == RK_OK)
        status = rk_compile_read_text(&c, RK_STR("text"), text);
    if (status == RK_OK)
        status = rk_compile_check(&c);
    if (status == RK_OK)
        status = rk_compiled_test(&c, RK_STR(""), &options, report, NULL, &failed);
    rk_compiled_free(&c);
    return status != RK_OK || failed != 0;
}
