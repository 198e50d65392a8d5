/* The list of all rows, and how a row's arguments are read. */
#include "runtime/stage/stage_rows.h"

const rk_stage *const rk_stages[] = {
    &rk_stage_candidates, &rk_stage_scan, &rk_stage_nearest, &rk_stage_union,
    &rk_stage_where,      &rk_stage_top,  &rk_stage_sort,    &rk_stage_limit,
    &rk_stage_spread,     &rk_stage_pin,  &rk_stage_sink,    NULL,
};

const rk_stage *rk_stage_find(rk_str name)
{
    for (const rk_stage *const *stage = rk_stages; *stage; stage++)
        if (rk_str_eq(name, rk_str_from((*stage)->name)))
            return *stage;
    return NULL;
}

uint32_t rk_stage_index(const rk_stage *stage)
{
    uint32_t index = 0;
    while (rk_stages[index] && rk_stages[index] != stage)
        index++;
    return index;
}

uint32_t rk_stage_pick(rk_stage_call *call, bool meets, uint32_t at)
{
    const uint8_t *const key = call->key->data;
    const uint64_t *const present = call->key->present;
    const uint32_t start = at;
    for (uint32_t i = 0; i < call->n; i++)
        if ((key[i] && (!present || rk_bit_get(present, i))) == meets)
            call->out[at++] = i;
    return at - start;
}

/* What is left of `args` after an expected word, or NULL. */
static const char *skip(const char *args, const char *word)
{
    const size_t len = strlen(word);
    return args && strncmp(args, word, len) == 0 ? args + len : NULL;
}

static const char *read_name(const char *args, rk_str *name)
{
    const size_t len = strspn(args, "abcdefghijklmnopqrstuvwxyz_");
    *name = (rk_str){args, len};
    return len ? args + len : NULL;
}

static bool find_type(rk_str name, rk_stage_type *type)
{
    static const char *const types[] = {
        [RK_STAGE_KEY] = "key",       [RK_STAGE_COND] = "cond",   [RK_STAGE_INT] = "int",
        [RK_STAGE_SOURCE] = "source", [RK_STAGE_INDEX] = "index", [RK_STAGE_VECTOR] = "vector",
        [RK_STAGE_PIPE] = "pipe",
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(types); i++)
        if (rk_str_eq(name, rk_str_from(types[i]))) {
            *type = (rk_stage_type)i;
            return true;
        }
    return false;
}

/* `name: type` with its marks; NULL if it is not one. */
static const char *read_param(const char *args, rk_stage_param *param)
{
    rk_str type;
    args = skip(read_name(args, &param->name), ": ");
    args = args ? read_name(args, &type) : NULL;
    if (!args || !find_type(type, &param->type))
        return NULL;
    const char *const many = skip(args, "...");
    param->many = many != NULL;
    args = many ? many : args;
    const char *const optional = skip(args, " = true");
    param->optional = optional != NULL;
    return optional ? optional : args;
}

uint32_t rk_stage_params(const rk_stage *stage, rk_stage_param out[RK_STAGE_PARAMS_MAX])
{
    if (strcmp(stage->args, "()") == 0)
        return 0;
    const char *args = skip(stage->args, "(");
    for (uint32_t n = 0; args && n < RK_STAGE_PARAMS_MAX; n++) {
        rk_stage_param param = {.either = n > 0 && args[-2] == '|'};
        args = read_param(args, &param);
        out[n] = param;
        if (args && strcmp(args, ")") == 0)
            return n + 1;
        const char *const either = skip(args, " | ");
        args = either ? either : skip(args, ", ");
    }
    return UINT32_MAX;
}
