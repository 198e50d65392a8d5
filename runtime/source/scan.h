/* Finds where the cells of delimited text end: 64 bytes at a time, as bit masks, so that cells
 * nobody asked for cost a fraction of a cycle a byte. Used by csv.c. */
#ifndef RK_SOURCE_SCAN_H
#define RK_SOURCE_SCAN_H

#include "runtime/base/str.h"

typedef enum rk_scan_end {
    RK_SCAN_MORE,  /* the budget or the room for ends is used up */
    RK_SCAN_ALL,   /* the text is at its end; a last line without newline has its end too */
    RK_SCAN_QUOTE, /* a quote where none may stand, at `stop` */
    RK_SCAN_OPEN,  /* the text ends inside quotes */
} rk_scan_end;

typedef struct rk_scan {
    char sep;
    bool quotes;    /* `"` quotes (csv); false: it is a letter like any other (tsv) */
    uint32_t *ends; /* [cap] offsets of separators and line ends outside quotes */
    uint32_t cap;   /* at least RK_SCAN_BLOCK */
    uint32_t n;     /* ends found */
    size_t stop;    /* where the scan ended */
    bool embedded;  /* a newline stands inside quotes */
} rk_scan;

enum { RK_SCAN_BLOCK = 64 };

/* Scans from the start of `text`, which must be the start of a row, until `budget` bytes are done
 * (at most 2^31), the room is full, or the text ends. */
rk_scan_end rk_scan_run(rk_scan *scan, rk_str text, size_t budget);

/* The number of newlines. */
size_t rk_scan_count_lines(rk_str text);

#endif
