/* What a libcheck test program of this folder needs: its list of tests and the last line that
 * tests/run.sh adds up.
 *
 *     START_TEST(sum_wraps) { ck_assert_int_eq(…); } END_TEST
 *     RK_SUITE_MAIN("sum", sum_wraps, …)
 */
#ifndef RK_UNIT_HARNESS_H
#define RK_UNIT_HARNESS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs a suite, prints what failed and `N passed, N failed`; returns the exit code. */
static inline int rk_suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    const int passed = srunner_ntests_run(runner) - failed;
    srunner_free(runner);
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A suite of one case; each test may take a minute, for sanitizers on a busy machine. */
static inline Suite *rk_suite_new(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}

#define RK_SUITE_MAIN(name, ...)                                                                   \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return rk_suite_run(rk_suite_new((name), tests, sizeof(tests) / sizeof(tests[0])));        \
    }

#endif
