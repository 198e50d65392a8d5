/* Delimited text while it is read into rows: csv.c drives, csv_header.c finds the columns. */
#ifndef RK_SOURCE_CSV_H
#define RK_SOURCE_CSV_H

#include "runtime/source/cell.h"
#include "runtime/source/rows.h"
#include "runtime/source/scan.h"

enum { RK_CSV_COLUMNS = 65535 };

typedef struct rk_csv {
    const rk_load *load;
    const rk_source_spec *spec;
    rk_str rest;        /* the text from the row on that is read next */
    uint64_t line;      /* of rest.data */
    rk_scan scan;       /* of rest */
    rk_arena *scratch;  /* dies with the load */
    rk_str *names;      /* [n_columns] of the header line */
    uint32_t n_columns; /* 1 or more */
    uint32_t *wanted;   /* [rk_spec_columns] index of the column */
} rk_csv;

/* Reads the header line, moves `rest` behind it, finds the wanted columns. Diagnostics: E0501,
 * E0504, E0508, E0509, E0517, E0750. */
RK_NODISCARD rk_status rk_csv_header(rk_csv *csv);

/* The cell without its quotes; doubled ones are made single in `room` (cell.len bytes). */
rk_str rk_csv_unquote(rk_str cell, char *room);

#endif
