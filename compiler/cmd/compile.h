/* What the files of `rankc compile` have in common: compile.c with the forms that are one plan's,
 * and those with a file of their own. */
#ifndef RK_CMD_COMPILE_H
#define RK_CMD_COMPILE_H

#include "compiler/cmd/cmd.h"
#include "compiler/emit/emit.h"

/* Seconds of the processor beside those of rk_compile_times. */
typedef struct cmd_times {
    double cache, load, bundle;
    rk_emit_times emit;
    bool emitted;
} cmd_times;

typedef struct compilation {
    cmd *c;
    const char *path; /* of the program */
    cmd_program program;
    rk_plan *plan;   /* of the picked pipeline */
    rk_diags *diags; /* of the program */
    rk_cpu_level cpu;
    cmd_times times;
} compilation;

double cmd_cpu_seconds(void);

/* The path of a file with the program's name: `dir/shop.rank` gives `dir/PREFIXshopSUFFIX`. NULL
 * when memory is out. */
const char *cmd_beside(cmd *c, const char *path, const char *prefix, const char *suffix);

/* What -o names, else the file beside the program. */
RK_NODISCARD rk_status cmd_pick_output(compilation *k, const char *prefix, const char *suffix,
                                       const char **out);

/* Tells people which file there is now. */
void cmd_say_written(cmd *c, const char *path);

/* Writes to what -o names; without that to the file beside the program, or for text (`suffix` NULL)
 * to standard output. */
RK_NODISCARD rk_status cmd_write_output(compilation *k, const char *suffix, rk_str bytes);

/* Native code of a plan, in `arena`; what goes wrong is a diagnostic of the program. */
RK_NODISCARD rk_status cmd_make_code(compilation *k, const rk_plan *plan, rk_cpu_level cpu,
                                     rk_arena *arena, rk_code *out);

/* The plan as LLVM's IR, as assembly or as an object. */
RK_NODISCARD rk_status cmd_print_form(compilation *k, rk_emit_form form, rk_buf *out);

/* ---- compile_bundle.c ---- */

/* Plans with their code, files and texts as the bytes of a bundle. */
RK_NODISCARD rk_status cmd_make_bundle(compilation *k, const cmd_plans *plans, rk_buf *out);
RK_NODISCARD rk_status cmd_compile_bundle(compilation *k);

/* ---- compile_library.c ---- */

/* A shared library of the picked plan, and its header. */
RK_NODISCARD rk_status cmd_compile_library(compilation *k);

#endif
