/* Files of vectors: rows of one length, of numbers of one kind, and nothing else. A format (npy.c,
 * fvecs.c) says where the rows stand; here they become a relation of one field, keyed by the ids of
 * a file of their own or by the rows' numbers from 0. */
#ifndef RK_SOURCE_MATRIX_H
#define RK_SOURCE_MATRIX_H

#include "runtime/source/rows.h"

/* A kind of number in such a file, little-endian. */
typedef struct rk_element {
    const char *code; /* as numpy writes it, without the order of bytes: "f4" */
    const char *name; /* for people: "float32" */
    uint32_t size;    /* bytes */
    void (*widen)(const char *from, float *to, size_t n); /* each in one rounding, NaN canonical */
} rk_element;

/* NULL if vectors cannot be made of it. */
const rk_element *rk_element_find(rk_str code);
/* `float32, float64 …`: all that can be read. */
const char *rk_element_names(void);

typedef struct rk_matrix {
    const rk_element *element;
    const char *data; /* row 0 */
    uint64_t n;       /* rows; all of them are there */
    uint64_t d;       /* numbers of a row; 0: no row says it */
    size_t stride;    /* bytes from a row to the next */
    bool lasts;       /* the bytes stay as long as the relation: they may be its column */
} rk_matrix;

/* The relation of a matrix, of which *in_place says that it needs the bytes of data. Errors: E0525,
 * where the field's type does not fit, E0526 and those of ids. */
RK_NODISCARD rk_status rk_matrix_load(const rk_load *load, const rk_source_spec *spec,
                                      const rk_matrix *matrix, rk_relation *out, bool *in_place);

/* ---- ids.c ---- */

/* The n keys: lines of spec->ids, or an array of ints; without a file the numbers from 0. */
RK_NODISCARD rk_status rk_ids_load(const rk_load *load, const rk_source_spec *spec, uint32_t n,
                                   rk_relation *out);

/* ---- npy.c ---- */

/* What the header of an npy file says. */
typedef struct rk_npy {
    rk_str descr;      /* "<f4"; "" for records */
    bool fortran;      /* columns stand together */
    uint32_t n_dims;   /* as in the file; the first two are kept */
    uint64_t shape[2]; /* 1 where there is no such dimension */
    rk_str data;       /* behind the header */
} rk_npy;

bool rk_npy_is(rk_str bytes);
/* E0524 with `path` when it is damaged. */
RK_NODISCARD rk_status rk_npy_open(rk_diags *diags, rk_span span, rk_str path, rk_str bytes,
                                   rk_npy *out);
/* The kind of an array, in C order and little-endian, of which exactly as many bytes are there as
 * the header says; else E0524. `code` is what stands behind the order of bytes. */
RK_NODISCARD rk_status rk_npy_check(rk_diags *diags, rk_span span, rk_str path, const rk_npy *npy,
                                    uint32_t size);
/* `f4` of `<f4`; E0524 for big-endian ones. */
RK_NODISCARD rk_status rk_npy_code(rk_diags *diags, rk_span span, rk_str path, const rk_npy *npy,
                                   rk_str *out);

#endif
