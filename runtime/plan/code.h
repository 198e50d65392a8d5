/* Native code of a plan: one piece of position-independent bytes for one CPU level, and tables that
 * say which of its functions does which work of the plan. Made by compiler/emit, kept by the cache
 * and in bundles, run by runtime/exec. What the tables do not name, the interpreter runs: code for
 * part of a plan is fine, and no code at all too.
 *
 * The bytes call nothing by address or name: what they need comes through rk_batch. All numbers of
 * kernels, registers, stores, steps and columns are the plan's. */
#ifndef RK_PLAN_CODE_H
#define RK_PLAN_CODE_H

#include "runtime/base/vmath.h"
#include "runtime/plan/plan.h"

/* ---- what a native function sees ---- */

/* Where the code finds or leaves one value an item. Aligned to 64 bytes and with room for n rounded
 * up to 16 items, except inputs that hold one item for all (list 0): of those only item 0 is read.
 * Masks have a bit an item, room for n rounded up to 128. */
typedef struct rk_port {
    void *data;
    uint64_t *present; /* only where the port's type is optional and its kind has a mask; then
                          never NULL */
} rk_port;

typedef struct rk_batch {
    uint64_t n;                /* items; what code writes beyond them, up to 16, is forgotten */
    const rk_port *ports;      /* in the order of the part's or sweep's ports */
    rk_vmath_reg *const *math; /* [RK_MATH_COUNT] of the code's CPU level */
    uint64_t base;             /* number of item 0 in its list: what filters add to positions */
    uint64_t kept;             /* out, of a filter: items that it let through */
    double now;                /* epoch seconds of the request; of kernels */
} rk_batch;

typedef void rk_native_fn(rk_batch *batch);

/* Numbers of the functions in rk_batch.math: RK_MATH_exp_f32, RK_MATH_exp_f64, … */
typedef enum rk_math {
#define RK_MATH_NUMBERS(name) RK_MATH_##name##_f32, RK_MATH_##name##_f64,
    RK_VMATH_EACH1(RK_MATH_NUMBERS) RK_VMATH_EACH2(RK_MATH_NUMBERS)
#undef RK_MATH_NUMBERS
        RK_MATH_COUNT
} rk_math;

/* ---- what the functions do ---- */

typedef enum rk_port_kind {
    RK_PORT_INPUT,  /* reads register `index`, an input of the kernel that is a column */
    RK_PORT_STORE,  /* writes what store `index` of the kernel stores */
    RK_PORT_TEMP,   /* reads or writes register `index`, which another part reads or writes too */
    RK_PORT_FILTER, /* writes positions (uint32_t; room as for a value an item) of the items for
                       which store `index` of the kernel is true and not missing, in order, and sets
                       batch.kept; data alone */
    RK_PORT_COLUMN, /* sweeps: reads column `index`, of the domain or of list 0 */
    RK_PORT_RESULT, /* sweeps: writes column `index` (of list 0), one item; masked iff the column's
                       type is optional and its kind has a mask */
    RK_PORT_KIND_COUNT
} rk_port_kind;

typedef struct rk_code_port {
    uint32_t kind; /* rk_port_kind */
    uint32_t index;
} rk_code_port;

/* A kernel is run as its parts in order: native functions, and between them instructions that only
 * the interpreter has (calls of stdlib over a block; what they read and write lives in memory). The
 * native parts store all registers that native parts compute; stores of inputs and of what the
 * interpreter computes are left to the runtime. A kernel with one native part and nothing else goes
 * over its whole list in one call; others go block by block of RK_FN_BLOCK items. */
typedef struct rk_code_part {
    uint32_t entry;      /* byte in text; RK_PLAN_NONE: not native */
    uint32_t instr;      /* not native: the instruction of the kernel, from 0; else RK_PLAN_NONE */
    uint32_t first_port; /* ports[first_port .. first_port + n_ports] */
    uint32_t n_ports;
} rk_code_part;

typedef struct rk_code_kernel {
    uint32_t first_part; /* parts[first_part .. first_part + n_parts]; none: the interpreter */
    uint32_t n_parts;
} rk_code_kernel;

/* Step `step`, a SELECT of stage `where`, takes its positions from the FILTER port of a kernel; the
 * column that store `store` would write is then not made, unless a STORE port makes it too. */
typedef struct rk_code_filter {
    uint32_t kernel;
    uint32_t store; /* of the kernel, from 0 */
    uint32_t step;
} rk_code_filter;

/* FOLD steps over one domain that are done in one sweep, when the first of them is due. */
typedef struct rk_code_sweep {
    uint32_t entry;
    uint32_t first_port; /* COLUMN and RESULT */
    uint32_t n_ports;
    uint32_t first_step; /* steps[first_step .. first_step + n_steps], ascending */
    uint32_t n_steps;
} rk_code_sweep;

typedef struct rk_code {
    uint32_t cpu;  /* rk_cpu_level */
    uint32_t tier; /* 1 or 2 */
    const uint8_t *text;
    size_t text_size; /* to be mapped at a multiple of 64 */
    const rk_code_kernel *kernels;
    const rk_code_part *parts;
    const rk_code_port *ports;
    const rk_code_filter *filters;
    const rk_code_sweep *sweeps;
    const uint32_t *steps;
    uint32_t n_kernels; /* as the plan has */
    uint32_t n_parts, n_ports, n_filters, n_sweeps, n_steps;
} rk_code;

/* Checks every index and rule above against the plan, but not the bytes themselves; the first fault
 * is described in `out`. RK_EBUG when there is one. */
RK_NODISCARD rk_status rk_code_verify(const rk_code *code, const rk_plan *plan, rk_buf *fault);

/* ---- as bytes: the cache's files and the sections of bundles ---- */

enum { RK_CODE_VERSION = 2 }; /* of the bytes and of rk_batch */

/* What the code depends on: two plans with the same key have the same code for one CPU level and
 * tier. Covers this build's version of rankc, and nothing that is only for people (names, spans,
 * paths). */
typedef struct rk_code_key {
    uint8_t bytes[16];
} rk_code_key;
RK_NODISCARD rk_status rk_code_key_of(const rk_plan *plan, rk_cpu_level cpu, uint32_t tier,
                                      rk_code_key *out);

/* Appends the code as bytes with its key and a hash over all. */
RK_NODISCARD rk_status rk_code_encode(const rk_code *code, const rk_code_key *key, rk_buf *out);

/* Reads what rk_code_encode wrote; the tables and the text point into `bytes`, which must be
 * aligned to 8. RK_EDATA, with the reason in `fault`: truncated, damaged, of another version, or
 * (key not NULL) for another key. */
RK_NODISCARD rk_status rk_code_decode(rk_str bytes, const rk_code_key *key, rk_code *out,
                                      rk_buf *fault);

#endif
