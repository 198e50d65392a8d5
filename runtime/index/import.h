/* Indexes of other libraries: FAISS's IndexFlat, IndexHNSWFlat and IndexIVFFlat, with or without an
 * id map, and hnswlib's. The vectors are scored as ever; the lowest layer of a graph is taken as it
 * is, so that nothing is built. Used by `rankc index import`. */
#ifndef RK_INDEX_IMPORT_H
#define RK_INDEX_IMPORT_H

#include "runtime/base/diag.h"
#include "runtime/index/build.h"

typedef struct rk_index_import {
    rk_str path;         /* for messages too */
    const rk_str *bytes; /* its content where that is in memory; NULL: it is read */
    /* What a score is. hnswlib's files do not say it; one of FAISS's does, and may only be told
     * that its inner products are cosines. */
    bool has_metric;
    rk_index_metric metric;
    bool has_kind; /* options.kind is wanted: a graph is built where there is none, or left out */
    rk_index_options options;
} rk_index_import;

/* RK_EFILE, with what is wrong: E0601 not to be read, E0624 damaged, E0625 of a kind that is not
 * taken; RK_EDATA E0527: a NaN or an infinity, or two ids that are equal; RK_EUSAGE E0626: the
 * metric is not known, or another, E0627: an option that says nothing of it; RK_ENOMEM, RK_ESTOP.
 */
RK_NODISCARD rk_status rk_index_import_file(const rk_index_import *from, rk_diags *diags,
                                            rk_index **out);

#endif
