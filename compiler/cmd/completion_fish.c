/* Completions of fish: one `complete` for each command, option and argument. */
#include "compiler/cmd/completion.h"

static const char head[] =
    "# fish completion of rankc, made by `rankc completion fish`.\n"
    "\n"
    "function __rankc_first\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "function __rankc_in\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -ge 2; and test $words[2] = $argv[1]\n"
    "end\n"
    "\n"
    "# What rankc lists, of the program that stands on the line.\n"
    "function __rankc_words\n"
    "    set -l words (string replace -r '^~/' $HOME/ -- (commandline -op))\n"
    "    set -l files (string match -r '.*[.]rankb?$' -- $words[2..-1])\n"
    "    $words[1] completion $argv[1] $files[1] 2>/dev/null\n"
    "end\n"
    "\n"
    "# Names with commas between them.\n"
    "function __rankc_list\n"
    "    set -l token (string replace -r '^--[^=]*=' '' -- (commandline -ct))\n"
    "    set -l before (string match -r '.*,' -- $token; or echo '')\n"
    "    printf '%s\\n' $before(__rankc_words $argv[1])\n"
    "end\n"
    "\n"
    "# name=value.\n"
    "function __rankc_pair\n"
    "    __rankc_words $argv[1] | string replace -r '(\\t|$)' '=$1'\n"
    "end\n"
    "\n"
    "complete -c rankc -f\n";

static void add_text(rk_buf *out, rk_str text)
{
    rk_buf_add_chars(out, " -d '");
    cmd_add_quoted(out, text, "\\'");
    rk_buf_add_char(out, '\'');
}

/* -a and the words; of a value -x says that it is no file, -r that it is one. */
static void add_words(rk_buf *out, cmd_words words, const char *choices)
{
    if (cmd_words_actions(words))
        rk_buf_printf(out, " -F -a '%s'", cmd_words_actions(words));
    else if (words == CMD_WORDS_CHOICES || words == CMD_WORDS_SHELLS)
        rk_buf_printf(out, " -a '%s'", words == CMD_WORDS_SHELLS ? CMD_SHELLS : choices);
    else if (words == CMD_WORDS_PROGRAMS || words == CMD_WORDS_BUNDLES)
        rk_buf_printf(out, " -k -a '(%s__fish_complete_suffix .rank)'",
                      words == CMD_WORDS_BUNDLES ? "__fish_complete_suffix .rankb; " : "");
    else if (words >= CMD_WORDS_LISTED)
        rk_buf_printf(out, " -a '(__rankc_%s %s)'",
                      cmd_words_are_lists(words)   ? "list"
                      : cmd_words_are_pairs(words) ? "pair"
                                                   : "words",
                      cmd_words_name(words));
}

static void add_option(rk_buf *out, const cmd_row *row, cmd_option_id id)
{
    const cmd_option *const option = &cmd_options[id];
    const bool is_long = option->name[1] == '-';
    rk_buf brief = {0};
    cmd_add_brief(row, id, &brief);
    rk_buf_printf(out, "complete -c rankc -n '__rankc_in %s' -%c %s", row->name,
                  is_long ? 'l' : 's', option->name + (is_long ? 2 : 1));
    if (option->value) {
        const cmd_words words = cmd_words_of_option(id);
        rk_buf_add_chars(out, option->kind == CMD_MAYBE  ? " -F"
                              : words == CMD_WORDS_FILES ? " -r -F"
                                                         : " -x");
        add_words(out, words, cmd_choices(row, id));
    }
    add_text(out, rk_buf_str(&brief));
    rk_buf_add_char(out, '\n');
    rk_buf_free(&brief);
}

static void add_command(rk_buf *out, const cmd_row *row)
{
    const cmd_words words = cmd_words_of_argument(row);
    rk_buf_printf(out, "\ncomplete -c rankc -n __rankc_first -a %s", row->name);
    add_text(out, rk_str_from(row->doc));
    rk_buf_add_char(out, '\n');
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++)
        if (cmd_shows(row, id))
            add_option(out, row, id);
    if (words == CMD_WORDS_NONE)
        return;
    rk_buf_printf(out, "complete -c rankc -n '__rankc_in %s'%s", row->name,
                  words == CMD_WORDS_FILES ? " -F" : "");
    add_words(out, words, NULL);
    rk_buf_add_char(out, '\n');
}

void cmd_complete_fish(rk_buf *out)
{
    rk_buf_add_chars(out, head);
    rk_buf_add_chars(out, "complete -c rankc -l help -d 'Print what the command does, and its "
                          "options'\n"
                          "complete -c rankc -n __rankc_first -l version -d 'Print the version'\n");
    for (const cmd_row *row = cmd_rows; row->name; row++)
        add_command(out, row);
}
