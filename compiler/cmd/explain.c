/* rankc explain: a diagnostic's code at length. */
#include "compiler/cmd/cmd.h"

static rk_status unknown_code(cmd *c, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    for (rk_diag_code code = RK_CODE_NONE + 1; code < RK_CODE_COUNT; code++)
        rk_suggest_offer(&suggestion, rk_str_from(rk_diag_code_name(code)));
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "there is no code `%.*s`%s", RK_STR_ARG(name),
                     *mean ? mean : "; `rankc explain` lists them");
}

/* In any case, and in the brackets that messages put around it. */
static rk_diag_code find_code(const char *word)
{
    char name[8] = "";
    size_t len = 0;
    for (; *word; word++) {
        if (*word == '[' || *word == ']')
            continue;
        if (len + 1 == sizeof name)
            return RK_CODE_NONE;
        name[len++] = *word >= 'a' && *word <= 'z' ? (char)(*word - 'a' + 'A') : *word;
    }
    return rk_diag_code_find((rk_str){name, len});
}

static void explain(cmd *c, rk_diag_code code)
{
    rk_buf *const out = &c->out.buf;
    rk_buf_printf(out, "%s%s: %s%s\n\n%s", c->out.color ? "\x1b[1m" : "", rk_diag_code_name(code),
                  rk_diag_code_title(code), c->out.color ? "\x1b[0m" : "",
                  rk_diag_code_explanation(code));
}

rk_status cmd_run_explain(cmd *c)
{
    if (!c->files.len)
        for (rk_diag_code code = RK_CODE_NONE + 1; code < RK_CODE_COUNT; code++)
            rk_buf_printf(&c->out.buf, "%s  %s\n", rk_diag_code_name(code),
                          rk_diag_code_title(code));
    for (uint32_t i = 0; i < c->files.len; i++) {
        const rk_diag_code code = find_code(c->files.items[i]);
        if (code == RK_CODE_NONE)
            return unknown_code(c, rk_str_from(c->files.items[i]));
        rk_buf_add_chars(&c->out.buf, i ? "\n" : "");
        explain(c, code);
    }
    return RK_OK;
}
