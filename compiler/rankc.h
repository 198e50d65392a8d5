/* librankc: from the text of a program to a plan that librank runs. One rk_compiled is one
 * compilation with everything that belongs to it: texts, names, diagnostics, the checked module and
 * its plans. One thread at a time; free it after the engines that run its plans. */
#ifndef RK_RANKC_H
#define RK_RANKC_H

#include "compiler/driver/program.h"
#include "compiler/lower/lower.h"
#include "compiler/sema/module.h"
#include "runtime/exec/exec.h"

/* Seconds of the processor that each phase has cost the thread, for `rankc compile --time`. */
typedef struct rk_compile_times {
    double read, parse, check, optimize, lower;
} rk_compile_times;

typedef struct rk_compiled {
    rk_context cx;
    RK_VEC(rk_ast_file *) files; /* [0] the prelude, [1] the main file, then its imports */
    RK_VEC(rk_mapping) mappings; /* of the texts that were read from files */
    RK_VEC(char *) paths;        /* [files] resolved, or NULL for a text from memory */
    rk_module *module;           /* after rk_compile_check */
    rk_models *models;           /* where models are kept: `own_models`, unless a caller with
                                    more compilations sets its own after rk_compiled_init */
    rk_models own_models;
    const rk_files *known; /* files that are in memory: looked into before the file system.
                              Set after rk_compiled_init; may be NULL */
    rk_compile_times times;
} rk_compiled;

/* Must be freed even when it fails. */
RK_NODISCARD rk_status rk_compiled_init(rk_compiled *c);
void rk_compiled_free(rk_compiled *c);

/* Reads and parses a file and what it imports; nothing when it is read already. Syntax errors and
 * missing files are diagnostics. */
RK_NODISCARD rk_status rk_compile_read(rk_compiled *c, const char *path);

/* The same for a text in memory, called `name` in messages; it must outlive the compilation. */
RK_NODISCARD rk_status rk_compile_read_text(rk_compiled *c, rk_str name, rk_str text);

/* ---- between reading and checking ---- */

/* Gives a factor another value, a literal of Rank, in place of what the program says. */
RK_NODISCARD rk_status rk_compile_define(rk_compiled *c, rk_str name, rk_str value);

/* Makes an expression a factor that can be looked at beside a pipeline's list; messages say that it
 * stands in `from`. *factor is its name, for rk_module_factor, and lives with the compilation. It
 * belongs to `revision` ("": none) alone. */
RK_NODISCARD rk_status rk_compile_show(rk_compiled *c, rk_str from, rk_str expression,
                                       rk_str revision, rk_str *factor);

/* Checks this revision alone; an unknown one is a diagnostic. */
RK_NODISCARD rk_status rk_compile_revision(rk_compiled *c, rk_str name);

/* ---- checking and planning ---- */

/* Types and checks what was read, every revision included; the module is then at c->module. The
 * status is that of the diagnostics: RK_EPROGRAM when there are errors. */
RK_NODISCARD rk_status rk_compile_check(rk_compiled *c);

/* After a check without errors: rewrites the graph (once; later calls do nothing). */
RK_NODISCARD rk_status rk_compile_optimize(rk_compiled *c);

/* The plan of one pipeline, with the values of some factors beside the list. */
RK_NODISCARD rk_status rk_compile_plan(rk_compiled *c, const rk_plan_request *request,
                                       rk_plan **out);

/* ---- tests in programs ---- */

/* Called after each test: `fault` is empty when it passed, else says what was expected and what was
 * found, one line each. */
typedef void rk_test_report(void *user, const rk_test *test, rk_str fault);

/* Runs the tests of a checked program whose title contains `filter` ("": all). *failed counts those
 * that failed. */
RK_NODISCARD rk_status rk_compiled_test(rk_compiled *c, rk_str filter,
                                        const rk_program_options *options, rk_test_report *report,
                                        void *user, uint32_t *failed);

#endif
