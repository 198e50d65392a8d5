#include "runtime/model/vocab.h"

#include "runtime/base/map.h"
#include "runtime/model/load.h"

#define HEAD "# rankc vocab"

typedef struct reader {
    rk_model_loading loading;
    rk_str rest;
    uint64_t line;
    rk_arena *arena;
    rk_vocab *vocab;
    rk_str *keys;
    int64_t *codes;
    uint32_t n;
    rk_table seen; /* of keys */
    int64_t next;
} reader;

static bool is_vocab(rk_str head)
{
    const size_t n = sizeof HEAD - 1;
    return head.len >= n && memcmp(head.data, HEAD, n) == 0 &&
           (head.len == n || head.data[n] == '\n' || head.data[n] == '\r');
}

/* The next line without its end; false after the last one. */
static bool next_line(reader *r, rk_str *out)
{
    if (r->rest.len == 0)
        return false;
    const char *const end = memchr(r->rest.data, '\n', r->rest.len);
    size_t n = end ? (size_t)(end - r->rest.data) : r->rest.len;
    *out = (rk_str){r->rest.data, n};
    r->rest.data += n + (end != NULL);
    r->rest.len -= n + (end != NULL);
    if (out->len && out->data[out->len - 1] == '\r')
        out->len--;
    r->line++;
    return true;
}

static bool same_key(const void *owner, uint32_t value, const void *key)
{
    return rk_str_eq(((const reader *)owner)->keys[value], *(const rk_str *)key);
}

static rk_status add_key(reader *r, rk_str key, int64_t code)
{
    const uint64_t hash = rk_str_hash(key);
    if (rk_table_find(&r->seen, hash, same_key, r, &key) != RK_MAP_NONE)
        return rk_model_bad(&r->loading, r->line, "`%.*s` is there twice", RK_STR_ARG(key));
    const char *const copy = rk_arena_copy(r->arena, key.data, key.len);
    if (!copy)
        return RK_ENOMEM;
    r->keys[r->n] = (rk_str){copy, key.len};
    r->codes[r->n] = code;
    return rk_table_add(r->arena, &r->seen, hash, r->n++) ? RK_OK : RK_ENOMEM;
}

static rk_status add_special(reader *r, rk_str key, int64_t code, bool *has, int64_t *out)
{
    if (*has)
        return rk_model_bad(&r->loading, r->line, "`%.*s` is there twice", RK_STR_ARG(key));
    *has = true;
    *out = code;
    return RK_OK;
}

static rk_status bad_number(const reader *r, rk_str number)
{
    bool digits = number.len > 0;
    for (size_t i = number.len > 1 && strchr("+-", number.data[0]); i < number.len; i++)
        digits &= number.data[i] >= '0' && number.data[i] <= '9';
    return rk_model_bad(&r->loading, r->line, "`%.*s` is %s", RK_STR_ARG(number),
                        digits ? "too large for an int of 64 bits" : "no whole number");
}

static rk_status read_line(reader *r, rk_str line)
{
    const char *const tab = memchr(line.data, '\t', line.len);
    const size_t n = tab ? (size_t)(tab - line.data) : line.len;
    const rk_str key = {line.data, n};
    const rk_str number = {line.data + n + 1, tab ? line.len - n - 1 : 0};
    int64_t code = r->next;
    if (tab && !rk_str_to_int(number, &code))
        return bad_number(r, number);
    r->next = code == INT64_MAX ? code : code + 1;
    if (rk_str_eq(key, RK_STR("<unknown>")))
        return add_special(r, key, code, &r->vocab->has_unknown, &r->vocab->unknown);
    if (rk_str_eq(key, RK_STR("<missing>")))
        return add_special(r, key, code, &r->vocab->has_missing, &r->vocab->missing);
    return add_key(r, key, code);
}

static uint64_t count_lines(rk_str text)
{
    uint64_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

static rk_status read_lines(reader *r)
{
    rk_str line;
    const uint64_t n = count_lines(r->rest);
    if (n >= UINT32_MAX)
        return rk_model_bad(&r->loading, 0, "it has too many lines");
    r->keys = RK_NEW_ARRAY(r->arena, rk_str, n);
    r->codes = RK_NEW_ARRAY(r->arena, int64_t, n);
    if (!r->keys || !r->codes)
        return RK_ENOMEM;
    next_line(r, &line); /* the head */
    while (next_line(r, &line))
        if (line.len)
            RK_TRY(read_line(r, line));
    return RK_OK;
}

static rk_status load_vocab(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                            rk_diags *diags, rk_model *out)
{
    reader r = {.loading = {.spec = spec, .diags = diags},
                .rest = bytes,
                .arena = arena,
                .vocab = RK_NEW(arena, rk_vocab)};
    rk_model_input *const input = RK_NEW(arena, rk_model_input);
    if (!r.vocab || !input)
        return RK_ENOMEM;
    if (rk_str_utf8_valid(bytes) != bytes.len)
        return rk_model_bad(&r.loading, 0, "it is not UTF-8");
    RK_TRY(read_lines(&r));
    r.vocab->codes = r.codes;
    *input = (rk_model_input){
        .used = true, .missing = true, .ids = true, .n_categories = r.n, .categories = r.keys};
    out->inputs = input;
    out->n_inputs = 1;
    out->n_outputs = 1;
    out->kind = RK_KIND_INT;
    out->shape = RK_MODEL_VOCAB;
    out->as.vocab = r.vocab;
    return RK_OK;
}

const rk_model_format rk_model_vocab = {.name = "vocabulary",
                                        .doc = "lines of keys and their numbers",
                                        .is = is_vocab,
                                        .load = load_vocab};
