/* Signatures of rows: a small grammar of its own, so that stdlib needs no compiler. */
#include "stdlib/fn.h"

typedef struct cursor {
    const char *at; /* NUL-terminated */
} cursor;

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_spaces(cursor *in)
{
    while (*in->at == ' ')
        in->at++;
}

/* Takes the punctuation mark if it is next. */
static bool take(cursor *in, const char *mark)
{
    skip_spaces(in);
    const size_t len = strlen(mark);
    if (strncmp(in->at, mark, len) != 0)
        return false;
    in->at += len;
    return true;
}

static bool take_word(cursor *in, rk_str *word)
{
    skip_spaces(in);
    const char *const start = in->at;
    while (is_word_char(*in->at))
        in->at++;
    *word = (rk_str){start, (size_t)(in->at - start)};
    return word->len > 0;
}

static bool take_list(cursor *in, rk_type *type)
{
    rk_str word;
    if (!take(in, "(") || !take_word(in, &word) || !take(in, ")"))
        return false;
    type->elem = (uint8_t)rk_kind_find(word);
    return rk_kind_is_scalar(type->elem);
}

/* [const] any | kind | list(kind), each with an optional `?`. */
static bool take_type(cursor *in, rk_param *param)
{
    rk_str word;
    if (!take_word(in, &word))
        return false;
    param->constant = rk_str_eq(word, RK_STR("const"));
    if (param->constant && !take_word(in, &word))
        return false;
    param->type = (rk_type){0};
    param->any = rk_str_eq(word, RK_STR("any"));
    if (!param->any) {
        param->type.kind = (uint8_t)rk_kind_find(word);
        if (param->type.kind == RK_KIND_NONE)
            return false;
        if (param->type.kind == RK_KIND_LIST && !take_list(in, &param->type))
            return false;
    }
    param->type.optional = take(in, "?");
    return true;
}

static bool take_text(cursor *in, rk_param *param)
{
    const char *const end = strchr(in->at, '"');
    if (!end || param->type.kind != RK_KIND_STRING)
        return false;
    param->initial = (rk_value){.type = RK_TYPE(STRING)};
    param->initial_text = (rk_str){in->at, (size_t)(end - in->at)};
    in->at = end + 1;
    return true;
}

static bool take_number(cursor *in, rk_param *param)
{
    const char *const start = in->at;
    while (is_word_char(*in->at) || *in->at == '.' || *in->at == '-' || *in->at == '+')
        in->at++;
    const rk_str text = {start, (size_t)(in->at - start)};
    if (param->type.kind == RK_KIND_INT) {
        param->initial.type = RK_TYPE(INT);
        return rk_str_to_int(text, &param->initial.as.i);
    }
    param->initial.type = RK_TYPE(DOUBLE);
    return rk_kind_is_real(param->type.kind) && rk_str_to_double(text, &param->initial.as.d);
}

static bool take_initial(cursor *in, rk_param *param)
{
    param->has_initial = true;
    param->initial = (rk_value){0};
    if (take(in, "\""))
        return take_text(in, param);
    if (param->type.kind != RK_KIND_BOOL)
        return take_number(in, param);
    param->initial.type = RK_TYPE(BOOL);
    param->initial.as.b = take(in, "true");
    return param->initial.as.b || take(in, "false");
}

static bool take_param(cursor *in, rk_signature *out)
{
    if (out->n_params == RK_FN_ARGS_MAX)
        return false;
    rk_param *const param = &out->params[out->n_params++];
    *param = (rk_param){0};
    if (!take_word(in, &param->name) || !take(in, ":") || !take_type(in, param))
        return false;
    return !take(in, "=") || take_initial(in, param);
}

bool rk_signature_parse(const char *sig, rk_signature *out)
{
    cursor in = {sig};
    rk_param result = {0};
    out->n_params = 0;
    out->dim_sum = false;
    if (!take(&in, "("))
        return false;
    if (!take(&in, ")")) {
        do {
            if (!take_param(&in, out))
                return false;
        } while (take(&in, ","));
        if (!take(&in, ")"))
            return false;
    }
    if (!take(&in, "->") || !take_type(&in, &result) || result.any || result.constant)
        return false;
    out->result = result.type;
    out->dim_sum = result.type.kind == RK_KIND_VECTOR && take(&in, "+");
    return *in.at == 0;
}
