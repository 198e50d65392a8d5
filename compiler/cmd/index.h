/* rankc index, from above: index.c says which of its actions takes which options; a file each does
 * them; index_vectors.c reads vectors and index_print.c has the words of both. */
#ifndef RK_CMD_INDEX_H
#define RK_CMD_INDEX_H

#include "compiler/cmd/watch.h"
#include "runtime/index/build.h"
#include "runtime/index/file.h"
#include "runtime/source/matrix.h"

/* Where an action's memory and words are. Begun by index.c. */
typedef struct cmd_index {
    cmd *c;
    const char *const *files; /* behind the action */
    uint32_t n_files;
    rk_diags diags;
    rk_texts texts; /* none: what is wrong has no place in a text */
    uint32_t printed;
    const rk_flag *stop;
} cmd_index;

/* Prints what was said since. */
void cmd_index_report(cmd_index *ix);

/* ---- the actions ---- */

rk_status cmd_index_build(cmd_index *ix);
rk_status cmd_index_import(cmd_index *ix);
rk_status cmd_index_inspect(cmd_index *ix);
rk_status cmd_index_query(cmd_index *ix);
rk_status cmd_index_eval(cmd_index *ix);

/* ---- index_build.c ---- */

/* What --kind, --metric, --m, --ef-construction, --ef and --threads say. */
RK_NODISCARD rk_status cmd_index_options(cmd_index *ix, rk_index_options *out);

/* While an index is built: a bar for people. */
typedef struct cmd_index_progress {
    cmd *c;
    cmd_watch watch;
    bool began;
} cmd_index_progress;
void cmd_index_watch(cmd_index_progress *progress, cmd *c, rk_index_options *options);
void cmd_index_unwatch(cmd_index_progress *progress);

/* Saves an index as -o and tells what it is. */
RK_NODISCARD rk_status cmd_index_save(cmd_index *ix, const rk_index *index,
                                      const rk_index_provenance *provenance);

/* ---- index_vectors.c ---- */

/* A file of vectors, read; its ids are numbers of rows where it has none. */
typedef struct cmd_vectors {
    const char *path;
    const float *rows; /* [n][dim] */
    uint32_t n, dim;
    const int64_t *numbers; /* [n] or NULL */
    const rk_str *texts;    /* [n] or NULL */
    rk_relation relation;
} cmd_vectors;

/* Reads and checks finite vectors, of `dim` numbers unless that is 0, and ids from the file `ids`
 * unless that is "". Must be freed, also after a failure. */
typedef struct cmd_vectors_spec {
    const char *path;
    rk_str ids;
    uint32_t dim;
} cmd_vectors_spec;
RK_NODISCARD rk_status cmd_vectors_read(cmd_index *ix, const cmd_vectors_spec *spec,
                                        cmd_vectors *out);
void cmd_vectors_free(cmd_vectors *vectors);

/* Rows of ints, for what is known about queries: [n][d] in the command's arena. */
typedef struct cmd_ints {
    const int64_t *rows;
    uint64_t n, d;
} cmd_ints;
RK_NODISCARD rk_status cmd_ints_read(cmd_index *ix, const char *path, cmd_ints *out);

/* ---- index_query.c ---- */

/* Opens the index that is the first file. */
RK_NODISCARD rk_status cmd_index_open(cmd_index *ix, rk_index **out,
                                      rk_index_provenance *provenance);

/* ---- index_print.c ---- */

/* An id, as a word or in JSON. */
void cmd_index_add_id(const rk_index *index, uint32_t row, bool json, rk_buf *out);
/* "hnsw, l2: 60000 vectors of 784 numbers" */
void cmd_index_add_shape(const rk_index *index, rk_buf *out);

/* The numbers of `--ef 10,20,40`: [*n] in the command's arena. */
RK_NODISCARD rk_status cmd_index_efs(cmd_index *ix, uint32_t **out, uint32_t *n);

#endif
