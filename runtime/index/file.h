/* Index files, `.ranki`: an index as it stands in memory, mapped read-only. A header with a
 * version, the counts, and a table of sections; each section begins at a multiple of 4,096 bytes
 * and has a checksum. Written as a whole or not at all; the bytes depend on nothing but what is
 * given. README.md has the layout. */
#ifndef RK_INDEX_FILE_H
#define RK_INDEX_FILE_H

#include "runtime/base/diag.h"
#include "runtime/index/index.h"

enum { RK_INDEX_CANARIES = 16 };

/* Where the vectors of an index come from, so that one of other vectors is not taken for it. */
typedef struct rk_index_provenance {
    uint64_t maker;  /* hash of the model and definition that make the vectors; 0: bare vectors */
    uint64_t source; /* hash of the keys and columns that went in; 0: not known */
    /* Vectors that whoever has the maker can make again, to see whether they still come out the
     * same: some rows, evenly spread, where maker is not 0. rk_index_save picks them; rk_index_open
     * gives them, in memory of the index. */
    uint32_t n_canaries;
    const uint32_t *canaries; /* [n_canaries] rows, ascending */
    const float *vectors;     /* [n_canaries][dim] bit for bit */
} rk_index_provenance;

/* Writes an index beside `path` (as `path`.part), has it put on the disk, and gives it the name: at
 * any moment there is the whole old file or the whole new one. `provenance` may be NULL: bare
 * vectors. E0605: it cannot be written, RK_EFILE. */
RK_NODISCARD rk_status rk_index_save(const rk_index *index, const rk_index_provenance *provenance,
                                     rk_str path, rk_diags *diags);

typedef struct rk_index_file {
    rk_str path;  /* for messages too */
    rk_span span; /* of what names it */
    const rk_str
        *bytes;  /* its content where that is in memory, for as long as the index; NULL: mapped */
    bool header; /* look at nothing but the header: the index has no arrays that may be read */
    bool verify; /* look at every byte: all checksums, and no NaN or infinity; else what a search
                    relies on: the header, ids, places and links */
} rk_index_file;

/* Opens an index, which the caller frees. The file may be replaced meanwhile, but not changed in
 * place. RK_EFILE, with what is wrong: E0601 not to be read, E0620 no index, E0621 truncated, E0622
 * damaged, E0623 of another version; RK_ENOMEM. `provenance` may be NULL. */
RK_NODISCARD rk_status rk_index_open(const rk_index_file *from, rk_diags *diags, rk_index **out,
                                     rk_index_provenance *provenance);

/* Copies what walks through a graph read all over, codes, sketches and links, from the file to
 * memory of huge pages: a quarter and more of a search is waiting for pages otherwise, and the
 * first searches wait for the disk. For whoever will search often; vectors stay in the file.
 * RK_ENOMEM: the index is as it was. */
RK_NODISCARD rk_status rk_index_hold(rk_index *index);

/* Whether bytes begin as an index does. */
bool rk_index_file_is(rk_str bytes);

#endif
