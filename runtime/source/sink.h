/* A column while it is being filled, one row after another: by the loaders of sources, and with
 * cap = 1 for the single values of a request. Knows the field's default, grows, and keeps the
 * elements of lists. */
#ifndef RK_SOURCE_SINK_H
#define RK_SOURCE_SINK_H

#include "runtime/data/schema.h"
#include "runtime/source/excerpt.h"

/* How reading a value ended. */
typedef enum rk_cell {
    RK_CELL_FINE,
    RK_CELL_EMPTY, /* no value there; nothing was stored */
    RK_CELL_BAD,   /* not of the column's type; see rk_why */
    RK_CELL_NO_MEMORY,
    RK_CELL_LIMIT, /* more than 2^32 - 2 strings or list elements */
} rk_cell;

typedef struct rk_sink {
    rk_column column;
    rk_arena *arena;   /* of the finished column */
    rk_arena *scratch; /* of list elements until rk_sink_finish copies them; may equal arena */
    rk_atoms *strings;
    uint32_t cap;       /* rows there is room for */
    uint32_t child_len; /* elements in column.child */
    uint32_t child_cap;
    bool has_initial; /* what rk_sink_absent stores */
    rk_value initial;
    char *room; /* of the JSON reader of lists in cells, kept from one to the next */
    size_t room_size;
} rk_sink;

/* Where the parts of a sink live. */
typedef struct rk_sink_home {
    rk_arena *arena;
    rk_arena *scratch;
    rk_atoms *strings;
} rk_sink_home;

/* A sink for a field. Its column is plain when the field has a default, else optional. */
RK_NODISCARD rk_status rk_sink_init(rk_sink *sink, const rk_sink_home *home, const rk_field *field,
                                    uint32_t cap);

/* A sink for values that are always there. */
RK_NODISCARD rk_status rk_sink_init_plain(rk_sink *sink, const rk_sink_home *home, rk_type type,
                                          uint32_t cap);

/* Room for `cap` rows, of which the first n are kept. */
RK_NODISCARD rk_status rk_sink_grow(rk_sink *sink, uint32_t n, uint32_t cap);

/* The default, or missing, at `row`. */
RK_NODISCARD rk_status rk_sink_absent(rk_sink *sink, uint32_t row);

/* Row `from` again at row `to`, which stands before it: closes the gap of a row left out. */
void rk_sink_move(rk_sink *sink, uint32_t from, uint32_t to);

/* Room for one more list element, NULL when there is none (`child_len` at its limit or no memory).
 * The element counts once child_len is raised. */
void *rk_sink_element(rk_sink *sink);

/* The column of the first n rows. */
RK_NODISCARD rk_status rk_sink_finish(rk_sink *sink, uint32_t n, rk_column *out);

static inline void rk_sink_mark(rk_sink *sink, uint32_t row, bool present)
{
    if (!sink->column.present)
        return;
    if (present)
        rk_bit_set(sink->column.present, row);
    else
        rk_bit_clear(sink->column.present, row);
}

/* RK_CELL_NO_MEMORY and RK_CELL_LIMIT as a status. */
static inline rk_status rk_cell_status(rk_cell cell)
{
    return cell == RK_CELL_NO_MEMORY ? RK_ENOMEM : cell == RK_CELL_LIMIT ? RK_ELIMIT : RK_OK;
}

#endif
