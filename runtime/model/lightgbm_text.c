#include "runtime/model/lightgbm.h"

bool rk_lgb_line(rk_lgb *l, rk_str *out)
{
    if (l->rest.len == 0)
        return false;
    const char *const end = memchr(l->rest.data, '\n', l->rest.len);
    const size_t len = end ? (size_t)(end - l->rest.data) : l->rest.len;
    const size_t used = len + (end != NULL);
    *out = (rk_str){l->rest.data, len};
    if (len && out->data[len - 1] == '\r')
        out->len--;
    l->rest = (rk_str){l->rest.data + used, l->rest.len - used};
    l->line++;
    return true;
}

bool rk_lgb_word(rk_str *rest, char separator, rk_str *out)
{
    const char *p = rest->data, *const end = p + rest->len;
    while (p < end && *p == separator)
        p++;
    if (p == end)
        return false;
    const char *const start = p;
    while (p < end && *p != separator)
        p++;
    *out = (rk_str){start, (size_t)(p - start)};
    *rest = (rk_str){p, (size_t)(end - p)};
    return true;
}

uint64_t rk_lgb_words(rk_str text)
{
    uint64_t n = 0;
    for (rk_str word; rk_lgb_word(&text, ' ', &word);)
        n++;
    return n;
}

bool rk_lgb_after(rk_str line, rk_str prefix, rk_str *out)
{
    if (line.len < prefix.len || memcmp(line.data, prefix.data, prefix.len) != 0)
        return false;
    *out = (rk_str){line.data + prefix.len, line.len - prefix.len};
    return true;
}

/* A text for a message, cut where it gets long. */
static rk_str excerpt(rk_str text)
{
    enum { MOST = 40 };
    return text.len > MOST ? (rk_str){text.data, MOST} : text;
}

rk_status rk_lgb_int(const rk_lgb *l, const char *name, rk_lgb_value value, int64_t least,
                     int64_t most, int64_t *out)
{
    if (value.line == 0)
        return rk_model_bad(&l->loading, l->line, "%s is not given", name);
    if (!rk_str_to_int(value.text, out))
        return rk_model_bad(&l->loading, value.line, "%s is `%.*s`, not a whole number", name,
                            RK_STR_ARG(excerpt(value.text)));
    if (*out < least || *out > most)
        return rk_model_bad(&l->loading, value.line, "%s is %lld, not in %lld to %lld", name,
                            (long long)*out, (long long)least, (long long)most);
    return RK_OK;
}

static rk_status other_count(const rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n)
{
    const unsigned long long found = rk_lgb_words(value.text);
    return rk_model_bad(&l->loading, value.line, "%s has %llu number%s, not %u", name, found,
                        found == 1 ? "" : "s", n);
}

/* An array for n numbers that `value` has the length for. */
static rk_status room(rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n, void **out)
{
    if (value.line == 0)
        return rk_model_bad(&l->loading, l->line, "the tree has no %s", name);
    if (n > value.text.len / 2 + 1)
        return other_count(l, name, value, n);
    *out = rk_arena_alloc_column(&l->one_tree, n, 8);
    return *out ? RK_OK : RK_ENOMEM;
}

rk_status rk_lgb_doubles(rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n, double **out)
{
    RK_TRY(room(l, name, value, n, (void **)out));
    rk_str rest = value.text, word;
    uint32_t i = 0;
    for (; i < n && rk_lgb_word(&rest, ' ', &word); i++)
        if (!rk_str_to_double(word, &(*out)[i]))
            return rk_model_bad(&l->loading, value.line, "%s: `%.*s` is not a number", name,
                                RK_STR_ARG(excerpt(word)));
    return i == n && rk_lgb_words(rest) == 0 ? RK_OK : other_count(l, name, value, n);
}

rk_status rk_lgb_ints(rk_lgb *l, const char *name, rk_lgb_value value, uint32_t n, int64_t **out)
{
    RK_TRY(room(l, name, value, n, (void **)out));
    rk_str rest = value.text, word;
    uint32_t i = 0;
    for (; i < n && rk_lgb_word(&rest, ' ', &word); i++)
        if (!rk_str_to_int(word, &(*out)[i]))
            return rk_model_bad(&l->loading, value.line, "%s: `%.*s` is not a whole number", name,
                                RK_STR_ARG(excerpt(word)));
    return i == n && rk_lgb_words(rest) == 0 ? RK_OK : other_count(l, name, value, n);
}
