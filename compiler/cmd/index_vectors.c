/* Files of vectors, for rankc index. */
#include "compiler/cmd/index.h"

#include "runtime/base/input.h"
#include "runtime/index/build.h"
#include "runtime/source/excerpt.h"

/* ---- which file it is ---- */

static rk_status find_kind(cmd_index *ix, const char *path, const rk_source_ops **out)
{
    const char *const dot = strrchr(path, '.');
    *out = dot ? rk_source_find(rk_str_from(dot + 1)) : NULL;
    if (*out && (*out)->rows)
        return RK_OK;
    return cmd_usage(ix->c, "`%s` has no name of a file of vectors: .npy, .fvecs, .bvecs or .ivecs",
                     path);
}

/* Its rows; the caller unmaps. */
static rk_status find_rows(const rk_load *load, const rk_source_ops *ops,
                           const rk_source_spec *spec, rk_mapping *file, rk_matrix *out)
{
    RK_TRY(rk_input_map_plain(load->diags, load->arena, spec->path, spec->span, file));
    return ops->rows(load, spec, file->text, out);
}

/* ---- ids ---- */

/* As an int is printed: an id with zeros before it is a text. */
static bool is_int(rk_str line)
{
    int64_t value;
    const size_t sign = line.len && line.data[0] == '-';
    return rk_str_to_int(line, &value) && line.data[0] != '+' &&
           (line.data[sign] != '0' || (line.len == 1 && !sign));
}

/* Ids are ints where all lines are. */
static bool are_ints(rk_str text)
{
    for (size_t at = 0; at < text.len;) {
        const char *const newline = memchr(text.data + at, '\n', text.len - at);
        const size_t end = newline ? (size_t)(newline - text.data) : text.len;
        rk_str line = {text.data + at, end - at};
        line.len -= line.len && line.data[line.len - 1] == '\r';
        if (!is_int(line))
            return false;
        at = end + 1;
    }
    return true;
}

static rk_status find_id_type(cmd_index *ix, rk_str ids, rk_type *out)
{
    rk_mapping file;
    *out = RK_TYPE(INT);
    if (!ids.len)
        return RK_OK;
    RK_TRY(rk_input_map_plain(&ix->diags, &ix->c->arena, ids, RK_NO_SPAN, &file));
    if (!rk_npy_is(file.text) && !are_ints(file.text))
        *out = RK_TYPE(STRING);
    rk_file_unmap(&file);
    return RK_OK;
}

static rk_status take_ids(cmd_index *ix, const rk_atoms *strings, cmd_vectors *out)
{
    const rk_column *const keys = &out->relation.keys[0];
    if (keys->type.kind == RK_KIND_INT) {
        out->numbers = keys->data;
        return RK_OK;
    }
    rk_str *const texts = RK_NEW_ARRAY(&ix->c->arena, rk_str, out->n);
    if (!texts)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < out->n; i++)
        texts[i] = rk_atom_str(strings, ((const rk_atom *)keys->data)[i]);
    out->texts = texts;
    return RK_OK;
}

/* ---- vectors ---- */

static rk_status bad_row(cmd_index *ix, const cmd_vectors_spec *spec, uint32_t row,
                         const char *words)
{
    rk_diag *const diag = rk_error(&ix->diags, RK_E0527, RK_NO_SPAN, "`%s`: row %u, from 0, %s",
                                   spec->path, row, words);
    rk_diag_help(&ix->diags, diag, "leave it out of the file%s, or find out what made it",
                 spec->ids.len ? ", and its id out of theirs" : "");
    return RK_EDATA;
}

static rk_status check_rows(cmd_index *ix, const cmd_vectors_spec *spec, const cmd_vectors *vectors)
{
    for (uint32_t row = 0; row < vectors->n; row++) {
        const float *const numbers = vectors->rows + (size_t)row * vectors->dim;
        if (!rk_index_is_finite(numbers, vectors->dim))
            return bad_row(ix, spec, row, rk_index_wild(numbers, vectors->dim));
    }
    return RK_OK;
}

static rk_status check_shape(cmd_index *ix, const cmd_vectors_spec *spec, const rk_matrix *matrix)
{
    const unsigned long long d = matrix->d;
    if (matrix->n == 0) {
        rk_error(&ix->diags, RK_E0527, RK_NO_SPAN, "`%s` has no vectors", spec->path);
        return RK_EDATA;
    }
    if (matrix->d < RK_INDEX_MIN_DIM || matrix->d > RK_INDEX_MAX_DIM) {
        rk_error(&ix->diags, RK_E0527, RK_NO_SPAN,
                 "`%s` has vectors of %llu number%s; an index takes %d to %d", spec->path, d,
                 d == 1 ? "" : "s", RK_INDEX_MIN_DIM, RK_INDEX_MAX_DIM);
        return RK_EDATA;
    }
    if (spec->dim && matrix->d != spec->dim) {
        rk_error(&ix->diags, RK_E0525, RK_NO_SPAN,
                 "`%s` has vectors of %llu numbers, and the index of %u", spec->path, d, spec->dim);
        return RK_EDATA;
    }
    return RK_OK;
}

/* How long the rows are, before they are read as vectors of that length. */
static rk_status look(cmd_index *ix, const cmd_vectors_spec *spec, const rk_load *load,
                      const rk_source_ops *ops, uint32_t *dim)
{
    const rk_source_spec file = {.path = rk_str_from(spec->path), .span = RK_NO_SPAN};
    rk_mapping mapping = {0};
    rk_matrix matrix;
    rk_status status = find_rows(load, ops, &file, &mapping, &matrix);
    if (status == RK_OK)
        status = check_shape(ix, spec, &matrix);
    if (status == RK_OK)
        *dim = (uint32_t)matrix.d;
    rk_file_unmap(&mapping);
    return status;
}

static rk_status load_rows(cmd_index *ix, const cmd_vectors_spec *spec, const rk_load *load,
                           cmd_vectors *out)
{
    static const rk_str id = {"id", 2};
    const rk_source_ops *ops;
    rk_type id_type;
    RK_TRY(find_kind(ix, spec->path, &ops));
    RK_TRY(look(ix, spec, load, ops, &out->dim));
    RK_TRY(find_id_type(ix, spec->ids, &id_type));
    rk_field field = {.name = RK_STR("vec"),
                      .column = RK_STR("vec"),
                      .type = {.kind = RK_KIND_VECTOR, .dim = out->dim},
                      .span = RK_NO_SPAN};
    const rk_schema schema = {.fields = &field, .n = 1};
    const rk_source_spec source = {.name = RK_STR("vectors"),
                                   .span = RK_NO_SPAN,
                                   .path = rk_str_from(spec->path),
                                   .wanted = &schema,
                                   .keys = &id,
                                   .key_types = &id_type,
                                   .n_keys = 1,
                                   .ids = spec->ids};
    RK_TRY(rk_relation_load(load, ops, &source, &out->relation));
    out->n = out->relation.n_rows;
    out->rows = out->relation.columns[0].data;
    return RK_OK;
}

rk_status cmd_vectors_read(cmd_index *ix, const cmd_vectors_spec *spec, cmd_vectors *out)
{
    rk_atoms *const strings = RK_NEW(&ix->c->arena, rk_atoms);
    *out = (cmd_vectors){.path = spec->path};
    if (!strings)
        return RK_ENOMEM;
    RK_TRY(rk_atoms_init(strings, &ix->c->arena, NULL));
    const rk_load load = {
        .arena = &ix->c->arena, .strings = strings, .diags = &ix->diags, .stop = ix->stop};
    RK_TRY(load_rows(ix, spec, &load, out));
    if (spec->ids.len)
        RK_TRY(take_ids(ix, strings, out));
    return check_rows(ix, spec, out);
}

void cmd_vectors_free(cmd_vectors *vectors) { rk_relation_free(&vectors->relation); }

/* ---- ints ---- */

static const rk_element int64 = {.code = "i8", .name = "int64", .size = sizeof(int64_t)};

static rk_status not_ints(cmd_index *ix, const char *path, const char *type)
{
    return cmd_usage(ix->c, "`%s` has numbers of type %s; it takes int32 or int64", path, type);
}

/* An array of numpy may also have int64, of which no vectors are made. */
static rk_status find_array(cmd_index *ix, const rk_source_spec *spec, rk_str bytes, rk_matrix *out)
{
    rk_npy npy;
    rk_str code;
    RK_TRY(rk_npy_open(&ix->diags, spec->span, spec->path, bytes, &npy));
    RK_TRY(rk_npy_code(&ix->diags, spec->span, spec->path, &npy, &code));
    const bool wide = rk_str_eq(code, rk_str_from(int64.code));
    const rk_element *const element = wide ? &int64 : rk_element_find(code);
    if (!element)
        return not_ints(ix, spec->path.data, rk_excerpt_of(npy.descr).text);
    RK_TRY(rk_npy_check(&ix->diags, spec->span, spec->path, &npy, element->size));
    *out = (rk_matrix){.element = element,
                       .data = npy.data.data,
                       .n = npy.shape[0],
                       .d = npy.shape[1],
                       .stride = npy.shape[1] * element->size};
    return RK_OK;
}

static int64_t int_at(const char *from, bool wide)
{
    int32_t narrow;
    int64_t value;
    if (wide) {
        memcpy(&value, from, sizeof value);
        return value;
    }
    memcpy(&narrow, from, sizeof narrow);
    return narrow;
}

static rk_status copy_ints(cmd_index *ix, const char *path, const rk_matrix *matrix, cmd_ints *out)
{
    const bool wide = matrix->element == &int64;
    if (!wide && strcmp(matrix->element->code, "i4") != 0)
        return not_ints(ix, path, matrix->element->name);
    const size_t size = sizeof(int64_t);
    int64_t *const rows = rk_arena_alloc_column(&ix->c->arena, matrix->n * matrix->d + 1, size);
    if (!rows)
        return RK_ENOMEM;
    for (uint64_t row = 0; row < matrix->n; row++)
        for (uint64_t i = 0; i < matrix->d; i++) {
            const char *const from =
                matrix->data + row * matrix->stride + i * matrix->element->size;
            rows[row * matrix->d + i] = int_at(from, wide);
        }
    *out = (cmd_ints){.rows = rows, .n = matrix->n, .d = matrix->d};
    return RK_OK;
}

rk_status cmd_ints_read(cmd_index *ix, const char *path, cmd_ints *out)
{
    const rk_load load = {.arena = &ix->c->arena, .diags = &ix->diags, .stop = ix->stop};
    const rk_source_spec spec = {.path = rk_str_from(path), .span = RK_NO_SPAN};
    const rk_source_ops *ops;
    rk_mapping mapping = {0};
    rk_matrix matrix;
    RK_TRY(find_kind(ix, path, &ops));
    RK_TRY(rk_input_map_plain(load.diags, load.arena, spec.path, spec.span, &mapping));
    rk_status status = ops == &rk_source_npy ? find_array(ix, &spec, mapping.text, &matrix)
                                             : ops->rows(&load, &spec, mapping.text, &matrix);
    if (status == RK_OK)
        status = copy_ints(ix, path, &matrix, out);
    rk_file_unmap(&mapping);
    return status;
}
