/* The table of commands, and the way from a line to one of them. */
#include "compiler/cmd/repl.h"

/* clang-format off */
const repl_command repl_commands[] = {
    {"help", "[NAME]", "this list, or what a command, function or own name is",
     REPL_ARG_TOPIC, false, repl_do_help},
    {"type", "EXPR", "type and scope of an expression, without its value",
     REPL_ARG_EXPRESSION, true, repl_do_type},
    {"list", "[KIND]", "what the program declares, all or one kind",
     REPL_ARG_KIND, false, repl_do_list},
    {"show", "NAME", "how something is declared", REPL_ARG_NAME, true, repl_do_show},
    {"deps", "NAME", "what it needs", REPL_ARG_NAME, true, repl_do_deps},
    {"users", "NAME", "what needs it", REPL_ARG_NAME, true, repl_do_users},
    {"plan", "[EXPR]", "what is worked out for it, list by list",
     REPL_ARG_EXPRESSION, false, repl_do_plan},
    {"dump", "STAGE [EXPR]", "what becomes of it: ast, dag, opt, plan, ir or asm",
     REPL_ARG_STAGE, true, repl_do_dump},
    {"load", "FILE", "add a program", REPL_ARG_FILE, true, repl_do_load},
    {"reload", "", "read all files again", REPL_ARG_NONE, false, repl_do_reload},
    {"save", "FILE", "write what was typed into a new file", REPL_ARG_FILE, true, repl_do_save},
    {"save!", "FILE", "the same in place of what stands there", REPL_ARG_FILE, true,
     repl_do_save_over},
    {"revision", "[NAME]", "use one revision of the program; `*` is all of it",
     REPL_ARG_REVISION, false, repl_do_revision},
    {"pipeline", "[NAME]", "take what a pipeline recalls; `*` is the first again",
     REPL_ARG_PIPELINE, false, repl_do_pipeline},
    {"request", "N", "take request N of the file, from 1", REPL_ARG_NUMBER, true, repl_do_request},
    {"requests", "FILE", "take the requests of a file", REPL_ARG_FILE, true, repl_do_requests},
    {"engine", "[NAME]", "who does the work: auto, interp, jit1 or jit2", REPL_ARG_ENGINE, false,
     repl_do_engine},
    {"time", "[on|off]", "say what each input costs", REPL_ARG_SWITCH, false, repl_do_time},
    {"reset", "[NAME]", "forget what was typed and given, or one name of it", REPL_ARG_NAME, false,
     repl_do_reset},
    {"quit", "", "leave; so does Ctrl-D", REPL_ARG_NONE, false, repl_do_quit},
    {0},
};
/* clang-format on */

static bool begins_with(const char *name, rk_str start)
{
    return strlen(name) >= start.len && memcmp(name, start.data, start.len) == 0;
}

const repl_command *repl_command_find(rk_str name)
{
    const repl_command *only = NULL;
    uint32_t n = 0;
    for (const repl_command *row = repl_commands; row->name; row++) {
        if (rk_str_eq(name, rk_str_from(row->name)))
            return row;
        if (!begins_with(row->name, name))
            continue;
        only = row;
        n++;
    }
    return n == 1 ? only : NULL;
}

static rk_status unknown(repl *r, rk_str name)
{
    rk_suggestion suggestion = rk_suggest(name);
    rk_buf many = {0};
    for (const repl_command *row = repl_commands; row->name; row++) {
        rk_suggest_offer(&suggestion, rk_str_from(row->name));
        if (name.len && begins_with(row->name, name))
            rk_buf_printf(&many, "%s:%s", many.len ? " " : "", row->name);
    }
    if (many.len)
        repl_say(r, "`:%.*s` may be %s", RK_STR_ARG(name), many.data);
    else {
        const char *const mean = cmd_mean(r->c, &suggestion, ":");
        rk_buf shown = {0};
        cmd_add_plain(&shown, name.len > 40 ? (rk_str){name.data, 40} : name);
        repl_say(r, "there is no command `:%.*s`%s", RK_STR_ARG(rk_buf_str(&shown)),
                 *mean ? mean : "; :help lists them");
        rk_buf_free(&shown);
    }
    rk_buf_free(&many);
    return RK_EUSAGE;
}

rk_status repl_command_run(repl *r, rk_str line)
{
    rk_str rest = {line.data + 1, line.len - 1};
    const rk_str name = repl_word(&rest);
    const repl_command *const row = repl_command_find(name);
    if (!row)
        return unknown(r, name);
    if (row->required && !rest.len)
        return repl_say(r, ":%s needs %s", row->name, row->args);
    if (row->argument == REPL_ARG_NONE && rest.len)
        return repl_say(r, ":%s takes nothing more", row->name);
    return row->run(r, rest);
}
