/* rankc help: rows of the registries, as they stand there. */
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

static bool is_called(const cmd_topics *all, rk_str name)
{
    for (uint32_t i = 0; i < all->items.len; i++)
        if (cmd_topic_is(&all->items.items[i], name))
            return true;
    return false;
}

static void print_index(const cmd_topics *all, rk_buf *out)
{
    cmd_topics_print_index(all, out);
    rk_buf_add_chars(
        out, "\n`rankc help NAME` tells more, of a whole group too: `rankc help stages`.\n");
}

rk_status cmd_run_help(cmd *c)
{
    cmd_topics all;
    cmd_names names = {0};
    if (c->files.len == 2 && cmd_action_usage(c->files.items[0], c->files.items[1], &c->out.buf))
        return RK_OK;
    RK_TRY(cmd_topics_init(&all, &c->arena));
    for (uint32_t i = 0; i < c->files.len; i++) {
        const rk_str name = rk_str_from(c->files.items[i]);
        if (!is_called(&all, name))
            return nothing_called(c, &all, name);
        if (!rk_vec_push(&c->arena, &names, name))
            return RK_ENOMEM;
    }
    if (cmd_format_is(c, "markdown"))
        cmd_topics_print_markdown(&all, &names, &c->out.buf);
    else if (!names.len)
        print_index(&all, &c->out.buf);
    else
        for (uint32_t i = 0; i < names.len; i++) {
            rk_buf_add_chars(&c->out.buf, i ? "\n" : "");
            cmd_topics_print(&all, names.items[i], &c->out.buf);
        }
    return RK_OK;
}
