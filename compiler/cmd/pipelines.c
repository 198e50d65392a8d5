/* Which of several pipelines is meant. */
#include "compiler/cmd/cmd.h"

/* `a, b and c`. */
static void add_names(const cmd_names *names, rk_buf *out)
{
    for (uint32_t i = 0; i < names->len; i++)
        rk_buf_printf(out, "%s`%.*s`",
                      !i                    ? ""
                      : i + 1 == names->len ? " and "
                                            : ", ",
                      RK_STR_ARG(names->items[i]));
}

static rk_status unknown(cmd *c, const cmd_names *names, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (uint32_t i = 0; i < names->len; i++)
        rk_suggest_offer(&suggestion, names->items[i]);
    const char *const mean = cmd_mean(c, &suggestion, "");
    rk_buf list = {0};
    add_names(names, &list);
    cmd_usage(c, "the program has no pipeline `%.*s`%s%s%.*s", RK_STR_ARG(name), mean,
              *mean || !list.len ? "" : "; it has ", *mean ? 0 : (int)list.len,
              list.data ? list.data : "");
    rk_buf_free(&list);
    return RK_EUSAGE;
}

static rk_status several(cmd *c, const cmd_names *names)
{
    rk_buf list = {0};
    add_names(names, &list);
    cmd_usage(c, "the program has %u pipelines, %.*s: --pipeline says which", names->len,
              (int)list.len, list.data ? list.data : "");
    rk_buf_free(&list);
    return RK_EUSAGE;
}

rk_status cmd_pick_name(cmd *c, const cmd_names *names, uint32_t *out)
{
    *out = names->len ? 0 : RK_MAP_NONE;
    if (!c->given[CMD_PIPELINE])
        return names->len > 1 ? several(c, names) : RK_OK;
    for (uint32_t i = 0; i < names->len; i++) {
        if (!rk_str_eq(names->items[i], c->text[CMD_PIPELINE]))
            continue;
        *out = i;
        return RK_OK;
    }
    return unknown(c, names, c->text[CMD_PIPELINE]);
}
