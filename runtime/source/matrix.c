#include "runtime/source/matrix.h"

enum { MOST_ROWS = 0xfffffffe, ALIGNED = 64, PIECE = 4096 };

/* A type that the file's rows do not have. */
static rk_status misfit(const rk_load *load, const rk_source_spec *spec, const rk_field *field,
                        uint64_t d)
{
    const unsigned long long has = d;
    rk_diag *const diag =
        rk_error(load->diags, RK_E0525, field->span,
                 "%.*s has vectors of %llu number%s, and `%.*s` is %s", RK_STR_ARG(spec->path), has,
                 has == 1 ? "" : "s", RK_STR_ARG(field->name), rk_type_text(field->type).text);
    rk_diag_help(load->diags, diag, "declare it as `%.*s: vector(%llu)`", RK_STR_ARG(field->name),
                 has);
    return RK_EDATA;
}

static rk_status check_fields(const rk_load *load, const rk_source_spec *spec,
                              const rk_matrix *matrix)
{
    for (uint32_t i = 0; i < spec->wanted->n; i++) {
        const rk_field *const field = &spec->wanted->fields[i];
        const bool fits = field->type.kind == RK_KIND_VECTOR
                              ? field->type.dim == matrix->d
                              : field->type.kind == RK_KIND_FLOAT && matrix->d == 1;
        if (!fits && (matrix->d || matrix->n))
            return misfit(load, spec, field, matrix->d);
    }
    return RK_OK;
}

/* Rows as they stand in the file are a column where nothing is between them and the first begins on
 * a line of the cache. Columns of floats have room behind their end, which a file has not. */
static bool fits_in_place(const rk_matrix *matrix, const rk_field *field)
{
    return matrix->lasts && field->type.kind == RK_KIND_VECTOR &&
           strcmp(matrix->element->code, "f4") == 0 &&
           matrix->stride == matrix->d * matrix->element->size &&
           (uintptr_t)matrix->data % ALIGNED == 0;
}

static bool is_stopped(const rk_load *load)
{
    return load->stop && atomic_load_explicit(load->stop, memory_order_relaxed);
}

static rk_status make_column(const rk_load *load, const rk_matrix *matrix, const rk_field *field,
                             rk_column *out, bool *in_place)
{
    const rk_type type = rk_type_plain(field->type);
    const uint32_t n = (uint32_t)matrix->n;
    if (fits_in_place(matrix, field)) {
        *out = (rk_column){.type = type, .n = n, .data = (void *)matrix->data};
        *in_place = true;
        return RK_OK;
    }
    RK_TRY(rk_column_init(out, load->arena, type, n));
    for (uint32_t i = 0; i < n; i++) {
        if (i % PIECE == 0 && is_stopped(load))
            return RK_ESTOP;
        matrix->element->widen(matrix->data + i * matrix->stride,
                               (float *)out->data + i * matrix->d, matrix->d);
    }
    return RK_OK;
}

rk_status rk_matrix_load(const rk_load *load, const rk_source_spec *spec, const rk_matrix *matrix,
                         rk_relation *out, bool *in_place)
{
    *in_place = false;
    *out = (rk_relation){.n_keys = 1};
    if (matrix->n > MOST_ROWS) {
        rk_error(load->diags, RK_E0750, spec->span, "%.*s has more than 4,294,967,294 rows",
                 RK_STR_ARG(spec->path));
        return RK_ELIMIT;
    }
    RK_TRY(check_fields(load, spec, matrix));
    out->n_rows = (uint32_t)matrix->n;
    RK_TRY(rk_ids_load(load, spec, out->n_rows, out));
    out->columns = RK_NEW_ARRAY(load->arena, rk_column, spec->wanted->n);
    if (!out->columns)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < spec->wanted->n; i++)
        RK_TRY(make_column(load, matrix, &spec->wanted->fields[i], &out->columns[i], in_place));
    return RK_OK;
}
