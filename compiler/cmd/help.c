/* rankc help: rows of the registries, as they stand there. */
#include "compiler/cmd/cmd.h"
#include "compiler/cmd/topics.h"

static rk_status nothing_called(cmd *c, const cmd_topics *all, rk_str name)
{
    if (rk_diag_code_find(name) != RK_CODE_NONE)
        return cmd_usage(c, "`rankc explain %.*s` tells about diagnostics", RK_STR_ARG(name));
    const rk_suggestion suggestion = cmd_topics_suggest(all, name);
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "nothing is called `%.*s`%s", RK_STR_ARG(name),
                     *mean ? mean : "; `rankc help` lists all names");
}

rk_status cmd_run_help(cmd *c)
{
    cmd_topics all;
    RK_TRY(cmd_topics_init(&all, &c->arena));
    if (!c->files.len) {
        cmd_topics_print_index(&all, &c->out.buf);
        rk_buf_add_chars(&c->out.buf,
                         "\n`rankc help NAME` tells more, of a whole group too: `rankc help "
                         "stages`.\n");
    }
    for (uint32_t i = 0; i < c->files.len; i++) {
        const rk_str name = rk_str_from(c->files.items[i]);
        rk_buf_add_chars(&c->out.buf, i ? "\n" : "");
        if (!cmd_topics_print(&all, name, &c->out.buf))
            return nothing_called(c, &all, name);
    }
    return RK_OK;
}
