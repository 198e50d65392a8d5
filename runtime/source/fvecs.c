/* fvecs, bvecs and ivecs: before each vector stands its length as an int32, then come its numbers:
 * float32, uint8 or int32. */
#include "runtime/source/matrix.h"

enum { LENGTH = 4 };

static int32_t length_at(rk_str bytes, size_t at)
{
    int32_t length;
    memcpy(&length, bytes.data + at, sizeof length);
    return length;
}

static rk_status refuse(const rk_load *load, const rk_source_spec *spec, uint64_t row,
                        const char *words)
{
    rk_error(load->diags, RK_E0524, spec->span, "%.*s: row %llu, from 0, %s",
             RK_STR_ARG(spec->path), (unsigned long long)row, words);
    return RK_EDATA;
}

/* Rows of one length, up to the end of the file. */
static rk_status find_rows(const rk_load *load, const rk_source_spec *spec, rk_str bytes,
                           rk_matrix *out)
{
    for (size_t at = 0; at < bytes.len; at += out->stride, out->n++) {
        if (bytes.len - at < LENGTH)
            return refuse(load, spec, out->n, "is cut off");
        const int32_t length = length_at(bytes, at);
        if (length <= 0)
            return refuse(load, spec, out->n, "says that it has no numbers");
        if (out->n == 0) {
            out->d = (uint64_t)length;
            out->stride = LENGTH + (size_t)length * out->element->size;
            out->data = bytes.data + LENGTH;
        }
        if ((uint64_t)length != out->d) {
            rk_error(load->diags, RK_E0524, spec->span,
                     "%.*s: row %llu, from 0, has %d number%s, and those before it have %llu",
                     RK_STR_ARG(spec->path), (unsigned long long)out->n, (int)length,
                     length == 1 ? "" : "s", (unsigned long long)out->d);
            return RK_EDATA;
        }
        if (bytes.len - at < out->stride)
            return refuse(load, spec, out->n, "is cut off");
    }
    return RK_OK;
}

#define KIND(kind, code)                                                                           \
    static rk_status rows_##kind(const rk_load *load, const rk_source_spec *spec, rk_str bytes,    \
                                 rk_matrix *out)                                                   \
    {                                                                                              \
        *out = (rk_matrix){.element = rk_element_find(RK_STR(code)), .data = bytes.data};          \
        return find_rows(load, spec, bytes, out);                                                  \
    }                                                                                              \
    rk_status rk_##kind##_read(const rk_load *load, const rk_source_spec *spec, rk_str bytes,      \
                               rk_relation *out)                                                   \
    {                                                                                              \
        rk_matrix matrix;                                                                          \
        bool in_place;                                                                             \
        *out = (rk_relation){.n_keys = 1};                                                         \
        RK_TRY(rows_##kind(load, spec, bytes, &matrix));                                           \
        return rk_matrix_load(load, spec, &matrix, out, &in_place);                                \
    }                                                                                              \
    static rk_status load_##kind(const rk_load *load, const rk_source_spec *spec,                  \
                                 rk_relation *out)                                                 \
    {                                                                                              \
        return rk_source_read_file(load, spec, rk_##kind##_read, out);                             \
    }

KIND(fvecs, "f4")
KIND(bvecs, "u1")
KIND(ivecs, "i4")

#define ROW(kind, number)                                                                          \
    {                                                                                              \
        .name = #kind, .sig = "(ids: string = \"\")",                                              \
        .doc = "Vectors of " number ", each behind its length, an int32; all of one length. The "  \
               "field and `ids:` are as with npy.",                                                \
        .example = "source items = " #kind "(\"items." #kind                                       \
                   "\", ids: \"items.ids\") by item.id { vec: vector(64) }",                       \
        .vectors = true, .load = load_##kind, .rows = rows_##kind,                                 \
    }

const rk_source_ops rk_source_fvecs = ROW(fvecs, "float32");
const rk_source_ops rk_source_bvecs = ROW(bvecs, "uint8");
const rk_source_ops rk_source_ivecs = ROW(ivecs, "int32");
