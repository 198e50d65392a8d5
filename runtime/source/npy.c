/* npy, numpy's file of one array: a header that is a dict of Python in text, then the numbers. Laid
 * out as numpy.lib.format tells, versions 1 to 3. */
#include "runtime/source/matrix.h"

#include "runtime/base/input.h"

enum { MAGIC = 6, NAMES_MOST = 32 };

typedef struct parser {
    rk_str text;
    size_t at;
    const char *fault; /* NULL: none so far */
} parser;

static bool fail(parser *p, const char *fault)
{
    p->fault = p->fault ? p->fault : fault;
    return false;
}

static char peek(parser *p)
{
    while (p->at < p->text.len && strchr(" \t\r\n", p->text.data[p->at]) && p->text.data[p->at])
        p->at++;
    return p->at < p->text.len ? p->text.data[p->at] : '\0';
}

static bool take(parser *p, char c)
{
    if (peek(p) != c || p->at >= p->text.len)
        return false;
    p->at++;
    return true;
}

static bool take_word(parser *p, const char *word)
{
    const size_t len = strlen(word);
    peek(p);
    if (p->text.len - p->at < len || memcmp(p->text.data + p->at, word, len) != 0)
        return false;
    p->at += len;
    return true;
}

/* Names and codes have no escapes. */
static bool read_string(parser *p, rk_str *out)
{
    const char quote = peek(p);
    if ((quote != '\'' && quote != '"') || !take(p, quote))
        return fail(p, "a quoted word is expected");
    const char *const start = p->text.data + p->at;
    const char *const end = memchr(start, quote, p->text.len - p->at);
    if (!end)
        return fail(p, "a quote is not closed");
    *out = (rk_str){start, (size_t)(end - start)};
    p->at += out->len + 1;
    return true;
}

static bool read_number(parser *p, uint64_t *out)
{
    const size_t start = p->at;
    *out = 0;
    while (p->at < p->text.len && p->text.data[p->at] >= '0' && p->text.data[p->at] <= '9') {
        const uint64_t digit = (uint64_t)(p->text.data[p->at++] - '0');
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit, out))
            return fail(p, "a dimension is beyond 64 bits");
    }
    if (p->at == start)
        return fail(p, "a dimension is no number");
    take(p, 'L'); /* a long int of Python 2 */
    return true;
}

static bool read_shape(parser *p, rk_npy *out)
{
    if (!take(p, '('))
        return fail(p, "the shape is no tuple");
    out->n_dims = 0;
    out->shape[0] = out->shape[1] = 1;
    while (!take(p, ')')) {
        uint64_t length;
        peek(p);
        if (!read_number(p, &length))
            return false;
        if (out->n_dims < RK_ARRAY_LEN(out->shape))
            out->shape[out->n_dims] = length;
        if (++out->n_dims > NAMES_MOST)
            return fail(p, "it has more dimensions than numpy's arrays can have");
        if (!take(p, ',') && peek(p) != ')')
            return fail(p, "the shape is no tuple");
    }
    return true;
}

/* A list is the description of records, which are not looked into. */
static bool read_descr(parser *p, rk_npy *out)
{
    if (peek(p) == '[')
        return fail(p, "it is an array of records, not of numbers");
    return read_string(p, &out->descr);
}

static bool read_order(parser *p, rk_npy *out)
{
    out->fortran = take_word(p, "True");
    return out->fortran || take_word(p, "False") || fail(p, "`fortran_order` is no bool");
}

static bool read_member(parser *p, rk_npy *out, unsigned *seen)
{
    static const struct {
        const char *name;
        bool (*read)(parser *p, rk_npy *out);
    } members[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};
    rk_str name;
    if (!read_string(p, &name) || (!take(p, ':') && !fail(p, "a `:` is expected")))
        return false;
    for (unsigned i = 0; i < RK_ARRAY_LEN(members); i++) {
        if (!rk_str_eq(name, rk_str_from(members[i].name)))
            continue;
        if (*seen >> i & 1)
            return fail(p, "a member stands twice");
        *seen |= 1u << i;
        return members[i].read(p, out);
    }
    return fail(p, "it has a member other than descr, fortran_order and shape");
}

static bool read_dict(parser *p, rk_npy *out)
{
    unsigned seen = 0;
    if (!take(p, '{'))
        return fail(p, "it is no dict");
    while (!take(p, '}')) {
        if (!read_member(p, out, &seen))
            return false;
        if (!take(p, ',') && peek(p) != '}')
            return fail(p, "a `,` is expected");
    }
    if (peek(p) != '\0' || p->at < p->text.len)
        return fail(p, "something follows the dict");
    return seen == 7 || fail(p, "descr, fortran_order or shape is not there");
}

/* ---- the file ---- */

static rk_status refuse(rk_diags *diags, rk_span span, rk_str path, const char *words)
{
    rk_error(diags, RK_E0524, span, "%.*s: %s", RK_STR_ARG(path), words);
    return RK_EDATA;
}

bool rk_npy_is(rk_str bytes)
{
    return bytes.len >= MAGIC && memcmp(bytes.data, "\x93NUMPY", MAGIC) == 0;
}

/* The text of the header, and what follows it. */
static const char *split(rk_str bytes, rk_str *header, rk_str *data)
{
    if (!rk_npy_is(bytes))
        return "it does not begin as an npy file does";
    if (bytes.len < MAGIC + 2)
        return "it ends within its header";
    const uint8_t *const b = (const uint8_t *)bytes.data;
    const uint8_t version = b[MAGIC];
    if (version < 1 || version > 3)
        return "it is of a version of npy that is not known: 1 to 3 are";
    const size_t start = MAGIC + 2 + (version == 1 ? 2 : 4);
    if (bytes.len < start)
        return "it ends within its header";
    const size_t len = version == 1
                           ? (size_t)(b[8] | b[9] << 8)
                           : b[8] | (size_t)b[9] << 8 | (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (len > bytes.len - start)
        return "it ends within its header";
    *header = (rk_str){bytes.data + start, len};
    *data = (rk_str){header->data + len, bytes.len - start - len};
    return NULL;
}

rk_status rk_npy_open(rk_diags *diags, rk_span span, rk_str path, rk_str bytes, rk_npy *out)
{
    parser p = {0};
    *out = (rk_npy){0};
    const char *const fault = split(bytes, &p.text, &out->data);
    if (fault)
        return refuse(diags, span, path, fault);
    if (read_dict(&p, out))
        return RK_OK;
    rk_error(diags, RK_E0524, span, "%.*s: the header cannot be read: %s", RK_STR_ARG(path),
             p.fault);
    return RK_EDATA;
}

rk_status rk_npy_code(rk_diags *diags, rk_span span, rk_str path, const rk_npy *npy, rk_str *out)
{
    const bool one = npy->descr.len && strchr("<|=", npy->descr.data[0]);
    if (npy->descr.len && npy->descr.data[0] == '>')
        return refuse(diags, span, path,
                      "its numbers are big-endian: save it with astype(\"<f4\")");
    *out = one ? (rk_str){npy->descr.data + 1, npy->descr.len - 1} : npy->descr;
    return RK_OK;
}

rk_status rk_npy_check(rk_diags *diags, rk_span span, rk_str path, const rk_npy *npy, uint32_t size)
{
    uint64_t need;
    const unsigned long long n = npy->shape[0], d = npy->shape[1], has = npy->data.len;
    if (npy->fortran && npy->n_dims > 1)
        return refuse(diags, span, path,
                      "its columns stand together, not its rows (fortran_order): save it with "
                      "numpy.ascontiguousarray");
    if (npy->n_dims == 0 || npy->n_dims > 2) {
        rk_error(diags, RK_E0524, span,
                 "%.*s: an array of %u dimensions is no table of vectors: that has two",
                 RK_STR_ARG(path), npy->n_dims);
        return RK_EDATA;
    }
    if (__builtin_mul_overflow(npy->shape[0], npy->shape[1], &need) ||
        __builtin_mul_overflow(need, size, &need))
        need = UINT64_MAX;
    if (need == has)
        return RK_OK;
    rk_error(diags, RK_E0524, span,
             "%.*s: the header says %llu x %llu numbers of %u byte%s, and %llu bytes follow it: "
             "the file %s",
             RK_STR_ARG(path), n, d, size, size == 1 ? "" : "s", has,
             need > has ? "was cut off" : "has more than one array, or is damaged");
    return RK_EDATA;
}

/* ---- the source ---- */

static rk_status find_rows(const rk_load *load, const rk_source_spec *spec, rk_str bytes,
                           rk_matrix *out)
{
    rk_npy npy;
    rk_str code;
    RK_TRY(rk_npy_open(load->diags, spec->span, spec->path, bytes, &npy));
    RK_TRY(rk_npy_code(load->diags, spec->span, spec->path, &npy, &code));
    const rk_element *const element = rk_element_find(code);
    if (!element) {
        rk_error(load->diags, RK_E0524, spec->span,
                 "%.*s: numbers of type `%s` make no vectors here; %s do", RK_STR_ARG(spec->path),
                 rk_excerpt_of(npy.descr).text, rk_element_names());
        return RK_EDATA;
    }
    RK_TRY(rk_npy_check(load->diags, spec->span, spec->path, &npy, element->size));
    if (npy.shape[1] == 0)
        return refuse(load->diags, spec->span, spec->path, "its rows have no numbers");
    *out = (rk_matrix){.element = element,
                       .data = npy.data.data,
                       .n = npy.shape[0],
                       .d = npy.shape[1],
                       .stride = npy.shape[1] * element->size};
    return RK_OK;
}

rk_status rk_npy_read(const rk_load *load, const rk_source_spec *spec, rk_str bytes,
                      rk_relation *out)
{
    rk_matrix matrix;
    bool in_place;
    *out = (rk_relation){.n_keys = 1};
    RK_TRY(find_rows(load, spec, bytes, &matrix));
    return rk_matrix_load(load, spec, &matrix, out, &in_place);
}

/* A large file is neither read nor copied: its vectors are looked at where it is mapped. */
static rk_status load_npy(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    if (spec->bytes)
        return rk_npy_read(load, spec, *spec->bytes, out);
    rk_mapping file;
    rk_matrix matrix = {0};
    bool in_place = false;
    *out = (rk_relation){.n_keys = 1};
    RK_TRY(rk_input_map(load->diags, load->arena, spec->path, spec->span, &file));
    rk_status status = find_rows(load, spec, file.text, &matrix);
    matrix.lasts = file.mapped;
    if (status == RK_OK)
        status = rk_matrix_load(load, spec, &matrix, out, &in_place);
    if (status == RK_OK && in_place)
        out->file = file;
    else
        rk_file_unmap(&file);
    return status;
}

const rk_source_ops rk_source_npy = {
    .name = "npy",
    .sig = "(ids: string = \"\")",
    .doc = "An array of numpy, a row a vector: float32, float64, float16, int8, uint8 or int32, in "
           "C order. Its one field is a vector as long as the rows, or a float where they have one "
           "number. `ids:` is a text with the key of each row on a line, or an npy file of ints; "
           "without it a row's key is its number from 0. A file of float32 is mapped, not read.",
    .example =
        "source items = npy(\"items.npy\", ids: \"items.ids\") by item.id { vec: vector(64) }",
    .vectors = true,
    .load = load_npy,
    .rows = find_rows,
};
