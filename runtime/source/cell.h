/* The text of one cell, by type: for csv, tsv, letor and `--query` pairs. Spaces around numbers and
 * bools are let be; text is taken whole. Lists and vectors are JSON arrays. */
#ifndef RK_SOURCE_CELL_H
#define RK_SOURCE_CELL_H

#include "runtime/base/json.h"
#include "runtime/source/sink.h"

/* Reads `text` into row `row` of the sink. `nan` is an empty cell. On RK_CELL_BAD `why` is filled.
 */
typedef rk_cell rk_cell_read(rk_sink *sink, uint32_t row, rk_str text, rk_why *why);

/* The reader for a column's type. */
rk_cell_read *rk_cell_reader(rk_type type);

/* The value that begins with event `first`, into row `row`; null is RK_CELL_EMPTY. The reader
 * stands behind the value afterwards, unless that is RK_CELL_BAD. */
rk_cell rk_cell_from_json(rk_sink *sink, uint32_t row, rk_json *json, rk_json_event first,
                          rk_why *why);

/* UTF-8 without NUL; else `why` is filled. */
bool rk_cell_is_text(rk_str text, rk_why *why);

#endif
