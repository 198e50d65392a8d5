/* The rows of a source while its file is read: what csv, tsv, jsonl and letor have in common. A
 * reader writes row `n` into the sinks, then keeps it with rk_rows_keep or reports it with
 * rk_bad_add and lets the next row take its place. */
#ifndef RK_SOURCE_ROWS_H
#define RK_SOURCE_ROWS_H

#include "runtime/source/bad.h"
#include "runtime/source/sink.h"
#include "runtime/source/source.h"

typedef struct rk_rows {
    const rk_load *load;
    const rk_source_spec *spec;
    rk_relation *out;
    rk_arena scratch; /* freed by rk_rows_close */
    rk_sink *keys;    /* [spec->n_keys] */
    rk_sink *fields;  /* [spec->wanted->n] */
    uint32_t cap;     /* room of the sinks */
    uint32_t n;       /* rows kept */
    rk_bad bad;
    uint32_t errors; /* of diagnostics when reading began */
} rk_rows;

/* Sinks for at most `max_rows` rows. Must be closed even when it fails. */
RK_NODISCARD rk_status rk_rows_open(rk_rows *rows, const rk_load *load, const rk_source_spec *spec,
                                    uint64_t max_rows, rk_relation *out);

/* Makes sure that `more` rows fit; more than 2^32 - 2 are an error. Here a load is stopped. */
RK_NODISCARD rk_status rk_rows_room(rk_rows *rows, uint32_t more);

/* Row n, which begins at `line`, stays. */
RK_NODISCARD rk_status rk_rows_keep(rk_rows *rows, uint64_t line);

/* Finishes the columns when `status` is RK_OK and frees the scratch; returns the final status. */
RK_NODISCARD rk_status rk_rows_close(rk_rows *rows, rk_status status);

/* The columns that a spec asks for: keys first, then fields. */
static inline uint32_t rk_spec_columns(const rk_source_spec *spec)
{
    return spec->n_keys + spec->wanted->n;
}
static inline rk_str rk_spec_column(const rk_source_spec *spec, uint32_t i)
{
    return i < spec->n_keys ? spec->keys[i] : spec->wanted->fields[i - spec->n_keys].column;
}
static inline rk_span rk_spec_span(const rk_source_spec *spec, uint32_t i)
{
    return i < spec->n_keys ? spec->span : spec->wanted->fields[i - spec->n_keys].span;
}
static inline rk_sink *rk_rows_sink(rk_rows *rows, uint32_t i)
{
    return i < rows->spec->n_keys ? &rows->keys[i] : &rows->fields[i - rows->spec->n_keys];
}

/* ---- readers of text that is in memory, for ops->load and for tests ---- */

typedef rk_status rk_source_read(const rk_load *load, const rk_source_spec *spec, rk_str text,
                                 rk_relation *out);
rk_source_read rk_csv_read, rk_tsv_read, rk_jsonl_read, rk_letor_read;
rk_source_read rk_npy_read, rk_fvecs_read, rk_bvecs_read, rk_ivecs_read; /* and spec->ids */

/* Maps spec->path, reads it, unmaps it. */
RK_NODISCARD rk_status rk_source_read_file(const rk_load *load, const rk_source_spec *spec,
                                           rk_source_read *read, rk_relation *out);

extern const rk_source_ops rk_source_csv, rk_source_tsv, rk_source_jsonl, rk_source_letor;
extern const rk_source_ops rk_source_npy, rk_source_fvecs, rk_source_bvecs, rk_source_ivecs;

#endif
