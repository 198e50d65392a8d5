/* Columns: the values of one field or factor for a run of items, and single values. Data is 64-byte
 * aligned and padded with anything to a multiple of 16 items, so that kernels may run over the end.
 * FLOAT and DOUBLE hold missing as NaN; every NaN in a finished column is the canonical one
 * (0x7fc00000, 0x7ff8000000000000). The other kinds carry a bit mask where they may be missing. */
#ifndef RK_DATA_COLUMN_H
#define RK_DATA_COLUMN_H

#include "runtime/base/atom.h"
#include "runtime/data/type.h"

/* A list in a column: elements at .. at + len of the column's child array. */
typedef struct rk_slice {
    uint32_t at;
    uint32_t len;
} rk_slice;

typedef struct rk_column {
    rk_type type;
    uint32_t n;        /* items */
    void *data;        /* n items of rk_type_size(type) bytes */
    uint64_t *present; /* bit i: item i has a value; NULL: all have (or the kind uses NaN) */
    void *child;       /* LIST: elements of kind type.elem, pointed into by the slices */
} rk_column;

static inline bool rk_bit_get(const uint64_t *bits, size_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}
static inline void rk_bit_set(uint64_t *bits, size_t i) { bits[i >> 6] |= UINT64_C(1) << (i & 63); }
static inline void rk_bit_clear(uint64_t *bits, size_t i)
{
    bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}
/* Words for n bits, rounded up so that a block of 128 items never reads outside. */
static inline size_t rk_bit_words(size_t n) { return (n + 127) / 128 * 2; }

/* Items that a column of n items has room for: n rounded up to 16. */
static inline size_t rk_padded(size_t n) { return (n + 15) & ~(size_t)15; }

/* The canonical NaNs. */
static inline float rk_nan_float(void) { return __builtin_nanf(""); }
static inline double rk_nan_double(void) { return __builtin_nan(""); }

/* A column with uninitialised data for n items; `present` is made (all clear) when the type is
 * optional and its kind has a mask. RK_ENOMEM. */
RK_NODISCARD rk_status rk_column_init(rk_column *column, rk_arena *arena, rk_type type, uint32_t n);

/* Whether item i has a value (for the reals: is not NaN). */
bool rk_column_has(const rk_column *column, uint32_t i);

/* One value: a constant, a default, a query parameter, a cell. */
typedef struct rk_value {
    rk_type type;
    bool missing;
    union {
        bool b;
        int64_t i;
        float f;
        double d;
        rk_atom s;
        struct {
            const void *items; /* VECTOR: dim floats; LIST: len elements; not owned */
            uint32_t len;
        } list;
    } as;
} rk_value;

/* Item i of a column as a value; lists and vectors point into the column. */
rk_value rk_column_get(const rk_column *column, uint32_t i);

/* Stores a value of the column's kind at item i. For a LIST the child array must already hold the
 * elements at value.as.list.items (inside column->child). */
void rk_column_set(rk_column *column, uint32_t i, rk_value value);

/* A column of n times one value; the elements of a list are copied. */
RK_NODISCARD rk_status rk_column_fill(rk_column *column, rk_arena *arena, rk_value value,
                                      uint32_t n);

/* out[i] = in[at[i]]; at[i] = UINT32_MAX gives a missing item, for which out's type must be
 * optional. `out` is initialised here with type `type` (the kind of in). */
RK_NODISCARD rk_status rk_column_gather(rk_column *out, rk_arena *arena, rk_type type,
                                        const rk_column *in, const uint32_t *at, uint32_t n);

/* The same for items from .. to alone, into a column that rk_column_init has made. Two ranges that
 * meet at a multiple of 64 may be gathered at the same time. */
void rk_column_gather_some(rk_column *out, const rk_column *in, const uint32_t *at, uint32_t from,
                           uint32_t to);

/* Numeric or bool value converted up to `kind` (one rounding); for literals and defaults. */
rk_value rk_value_convert(rk_value value, rk_type type);

/* Equal as the language's == on values: numbers by value, missing equals missing, NaN is missing.
 */
bool rk_value_eq(rk_value a, rk_value b);

/* As JSON: null when missing or NaN, "inf" and "-inf" in quotes, floats shortest. */
void rk_value_print_json(rk_value value, const rk_atoms *strings, rk_buf *out);

/* For tables and messages: strings bare, missing as `missing`. */
void rk_value_print(rk_value value, const rk_atoms *strings, rk_buf *out);

#endif
