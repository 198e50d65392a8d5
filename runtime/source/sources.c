/* The kinds of sources and of request files. */
#include "runtime/source/request.h"
#include "runtime/source/rows.h"

/* clang-format off */
const rk_source_ops *const rk_sources[] = {
    &rk_source_csv,
    &rk_source_tsv,
    &rk_source_jsonl,
    &rk_source_letor,
    &rk_source_npy,
    &rk_source_fvecs,
    &rk_source_bvecs,
    &rk_source_ivecs,
    NULL,
};

const rk_request_ops *const rk_request_kinds[] = {
    &rk_request_jsonl,
    &rk_request_tsv,
    &rk_request_letor,
    NULL,
};
/* clang-format on */

const rk_source_ops *rk_source_find(rk_str name)
{
    for (uint32_t i = 0; rk_sources[i]; i++)
        if (rk_str_eq(name, rk_str_from(rk_sources[i]->name)))
            return rk_sources[i];
    return NULL;
}

static const rk_request_ops *request_kind(rk_str name)
{
    for (uint32_t i = 0; rk_request_kinds[i]; i++)
        if (rk_str_eq(name, rk_str_from(rk_request_kinds[i]->name)))
            return rk_request_kinds[i];
    return NULL;
}

static size_t skip_spaces(rk_str s, size_t at)
{
    while (at < s.len && (s.data[at] == ' ' || s.data[at] == '\t'))
        at++;
    return at;
}

/* A word without spaces, spaces, `qid:`. */
static bool looks_like_letor(rk_str s)
{
    size_t at = 0;
    while (at < s.len && s.data[at] > ' ')
        at++;
    if (at == 0 || at == s.len)
        return false;
    at = skip_spaces(s, at);
    return s.len - at >= 4 && memcmp(s.data + at, "qid:", 4) == 0;
}

static bool has_tab(rk_str s)
{
    const char *const newline = s.len ? memchr(s.data, '\n', s.len) : NULL;
    return s.len && memchr(s.data, '\t', newline ? (size_t)(newline - s.data) : s.len);
}

const rk_request_ops *rk_request_find(rk_str name, rk_str first_bytes)
{
    if (name.len)
        return request_kind(name);
    rk_str s = first_bytes;
    if (s.len >= 3 && memcmp(s.data, "\xef\xbb\xbf", 3) == 0)
        s = (rk_str){s.data + 3, s.len - 3};
    while (s.len &&
           (s.data[0] == ' ' || s.data[0] == '\t' || s.data[0] == '\n' || s.data[0] == '\r'))
        s = (rk_str){s.data + 1, s.len - 1};
    if (s.len && s.data[0] == '{')
        return request_kind(RK_STR("jsonl"));
    if (looks_like_letor(s))
        return request_kind(RK_STR("letor"));
    return has_tab(s) ? request_kind(RK_STR("tsv")) : NULL;
}

static bool ends_in(rk_str path, rk_str end)
{
    return path.len > end.len && memcmp(path.data + path.len - end.len, end.data, end.len) == 0;
}

const rk_request_ops *rk_request_of(rk_str path, rk_str first_bytes)
{
    const bool jsonl = ends_in(path, RK_STR(".jsonl")), tsv = ends_in(path, RK_STR(".tsv"));
    return rk_request_find(jsonl ? RK_STR("jsonl") : tsv ? RK_STR("tsv") : RK_STR(""), first_bytes);
}

rk_status rk_request_unknown(rk_diags *diags, rk_str path)
{
    rk_diag *const diag = rk_error(diags, RK_E0520, RK_NO_SPAN,
                                   "`%.*s` holds neither JSON lines, tab-separated lines nor LETOR",
                                   RK_STR_ARG(path));
    rk_diag_help(diags, diag, "{\"query\": {…}, \"items\": [{\"id\": 1, …}]} on one line");
    return RK_EDATA;
}
