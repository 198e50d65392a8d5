/* Bundles (`.rankb`): a program in one file, with all that it needs to run where there is no
 * compiler. One plan a pipeline, native code for some CPU levels, the files of its sources, and its
 * texts, so that messages are those of the program itself. Written by `rankc compile
 * --emit=bundle`, opened by rankc and by librank. Hashes find accidents, not malice: a bundle
 * brings machine code, and is to be trusted as any program is. */
#ifndef RK_PLAN_BUNDLE_H
#define RK_PLAN_BUNDLE_H

#include "runtime/plan/code.h"

/* Of the container; plans and code in it have their own. */
enum { RK_BUNDLE_VERSION = 1 };

/* ---- opening ---- */

typedef struct rk_bundle_pipeline {
    rk_str name;     /* may be empty: of a program without pipelines */
    rk_str revision; /* that it was planned in; may be empty */
    const rk_plan *plan;
} rk_bundle_pipeline;

typedef struct rk_bundle {
    rk_arena arena;
    rk_mapping mapping; /* of the file, if rk_bundle_open mapped it */
    rk_str name;        /* as messages say it */
    rk_str rankc;       /* the version that wrote it */
    RK_VEC(rk_bundle_pipeline) pipelines;
    rk_texts texts; /* for rk_diags_print: spans of the plans point into them */
    rk_files files; /* for rk_engine_options */
    struct rk_bundle_section *sections;
    uint32_t n_sections;
} rk_bundle;

/* Opens a bundle file, or bytes (aligned to 8, which must outlive it), which messages call `name`.
 * All sections but code are checked against their hashes, and plans verified. What is wrong goes to
 * diags: E0601, E0610 no bundle, E0611 truncated, E0612 damaged, E0613 of another version; the
 * status is RK_EFILE, or RK_ENOMEM. Freed with rk_bundle_free, also after a failure, and after the
 * engines that run its plans. */
RK_NODISCARD rk_status rk_bundle_open(rk_bundle *bundle, const char *path, rk_diags *diags);
RK_NODISCARD rk_status rk_bundle_read(rk_bundle *bundle, rk_str name, rk_str bytes,
                                      rk_diags *diags);
void rk_bundle_free(rk_bundle *bundle);

/* Whether these first bytes of a file are a bundle's, of whatever version. */
bool rk_bundle_is(rk_str bytes);

/* The number of a pipeline, or RK_PLAN_NONE. */
uint32_t rk_bundle_find(const rk_bundle *bundle, rk_str name);

/* Code of a pipeline for a CPU level; its tables and text are in the bundle. RK_EFILE, with the
 * reason in `why`, where there is none, or none for this version of rankc: the interpreter can go
 * on. RK_EDATA: it is damaged. The code is not verified yet: rk_engine_use does that. */
RK_NODISCARD rk_status rk_bundle_code(const rk_bundle *bundle, uint32_t pipeline, rk_cpu_level cpu,
                                      rk_code *out, rk_buf *why);

/* ---- writing ---- */

typedef struct rk_bundle_writer {
    rk_arena arena;
    RK_VEC(struct rk_bundle_section) sections;
    RK_VEC(const rk_plan *) plans;
    RK_VEC(rk_mapping) mappings; /* of the sources' files */
} rk_bundle_writer;

void rk_bundle_writer_init(rk_bundle_writer *writer);
void rk_bundle_writer_free(rk_bundle_writer *writer);

/* Adds a sound plan, its pipeline's name with it; it must live until the writer is freed. Pipelines
 * are numbered in the order in which they are added. RK_ENOMEM, as all below. */
RK_NODISCARD rk_status rk_bundle_add_plan(rk_bundle_writer *writer, const rk_plan *plan,
                                          rk_str revision);

/* Adds code of pipeline `pipeline`, one a CPU level; it is copied. */
RK_NODISCARD rk_status rk_bundle_add_code(rk_bundle_writer *writer, uint32_t pipeline,
                                          const rk_code *code);

/* Adds a file, under the name by which plans ask for it, unless it is in already. The bytes are
 * borrowed until the writer is freed. */
RK_NODISCARD rk_status rk_bundle_add_file(rk_bundle_writer *writer, rk_str path, rk_str bytes);

/* The same of a file that is read now, and kept until then; RK_EFILE, with E0601 in diags. */
RK_NODISCARD rk_status rk_bundle_add_path(rk_bundle_writer *writer, rk_str path, rk_span span,
                                          rk_diags *diags);

/* Adds the files of a plan's sources, models and indexes; RK_EFILE, with E0601 in diags, when one
 * cannot be read. */
RK_NODISCARD rk_status rk_bundle_add_data(rk_bundle_writer *writer, const rk_plan *plan,
                                          rk_diags *diags);

/* Adds texts of a program, all of them in their order; borrowed like files. */
RK_NODISCARD rk_status rk_bundle_add_texts(rk_bundle_writer *writer, const rk_texts *texts);

/* Appends the bundle to an empty buffer. */
RK_NODISCARD rk_status rk_bundle_finish(const rk_bundle_writer *writer, rk_buf *out);

#endif
