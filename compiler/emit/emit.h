/* From a plan to native code through LLVM. This folder is built as a plug-in, the only thing that
 * links LLVM; whoever needs code opens it (compiler/driver/native.h) and sees nothing of it but one
 * table of functions, of this type. No function here fails by exit or leaves anything behind. */
#ifndef RK_EMIT_EMIT_H
#define RK_EMIT_EMIT_H

#include "runtime/plan/code.h"

typedef struct rk_emit_options {
    rk_cpu_level cpu; /* RK_CPU_V3 or RK_CPU_V4; need not be this machine's */
    uint32_t tier;    /* 1: quick to make; 2: quick to run. Equal bits */
    bool verify;      /* LLVM's verifier over the module */
} rk_emit_options;

/* CPU seconds of the thread, and sizes, for `rankc compile --time`. */
typedef struct rk_emit_times {
    double ir, codegen, link;
    uint32_t functions;
    size_t text; /* bytes of code and constants */
} rk_emit_times;

typedef enum rk_emit_form { RK_EMIT_IR, RK_EMIT_ASM, RK_EMIT_OBJECT } rk_emit_form;

/* Of the members up to `stamp`, which stay where they are. */
enum { RK_EMITTER_VERSION = 2 };

typedef struct rk_emitter {
    uint32_t version;  /* RK_EMITTER_VERSION */
    const char *rankc; /* version of rankc it was built with: must be the host's */
    const char *stamp; /* compiler/emit/stamp.inc: a sum over the headers of plans, as the two were
                          built apart if they differ */
    const char *llvm;  /* "19.1.7" */

    /* Code of all that this folder knows to emit; the rest has no entry in its tables. Text and
     * tables are made in `arena`. RK_ENOMEM, or RK_EBUG with the reason in `fault`. Any thread. */
    rk_status (*code)(const rk_plan *plan, const rk_emit_options *options, rk_arena *arena,
                      rk_code *out, rk_emit_times *times, rk_buf *fault);

    /* The same as text for people, or as an ELF object. */
    rk_status (*print)(const rk_plan *plan, const rk_emit_options *options, rk_emit_form form,
                       rk_buf *out, rk_emit_times *times, rk_buf *fault);
} rk_emitter;

/* The name of the plug-in's one exported symbol, a const rk_emitter. */
#define RK_EMITTER_SYMBOL "rk_emitter_llvm"

#endif
