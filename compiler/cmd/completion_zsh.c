/* Completions of zsh: an autoloaded function that leaves the options to _arguments. */
#include "compiler/cmd/completion.h"

static const char head[] =
    "#compdef rankc\n"
    "# zsh completion of rankc, made by `rankc completion zsh`.\n"
    "\n"
    "# What rankc lists, of the program that stands on the line: _rankc_words WHAT [for compadd]\n"
    "_rankc_words() {\n"
    "    local word file what=$1\n"
    "    local -a lines\n"
    "    shift\n"
    "    for word in \"${(@Q)words[2,-1]}\"; do\n"
    "        case $word in (*.rank|*.rankb) file=${word/#\\~\\//$HOME/}; break ;; esac\n"
    "    done\n"
    "    lines=(\"${(@f)$(_call_program $what ${(q)rankc} completion $what ${(q)file} "
    "2>/dev/null)}\")\n"
    "    lines=(\"${(@)lines/$'\\t'/:}\")\n"
    "    [[ -n $lines ]] && _describe -t $what $what lines \"$@\"\n"
    "}\n"
    "\n"
    "# Names with commas between them; name=value.\n"
    "_rankc_list() { _sequence _rankc_words $1 }\n"
    "_rankc_pair() {\n"
    "    if compset -P '*='; then _message value; else _rankc_words $1 -S =; fi\n"
    "}\n"
    "\n"
    "_rankc() {\n"
    "    local curcontext=$curcontext rankc=${${(Q)words[1]}/#\\~\\//$HOME/} command=$words[2]\n"
    "    local -a commands common\n"
    "    commands=(\n";

static const char middle[] =
    "    )\n"
    "    if (( CURRENT == 2 )); then\n"
    "        _describe -t commands command commands\n"
    "        _describe -o -t options option '( --help:\"Print the commands\" --version:\"Print the "
    "version\" )'\n"
    "        return\n"
    "    fi\n"
    "    common=(-S '--help[Print what the command does, and its options]')\n"
    "    shift words\n"
    "    (( CURRENT-- ))\n"
    "    case $command in\n";

static void add_text(rk_buf *out, rk_str text) { cmd_add_quoted(out, text, "'\\''"); }

/* The action of a spec. */
static void add_action(rk_buf *out, cmd_words words, const char *choices)
{
    if (words == CMD_WORDS_CHOICES || words == CMD_WORDS_SHELLS)
        rk_buf_printf(out, "(%s)", words == CMD_WORDS_SHELLS ? CMD_SHELLS : choices);
    else if (words == CMD_WORDS_FILES)
        rk_buf_add_chars(out, "_files");
    else if (words == CMD_WORDS_PROGRAMS || words == CMD_WORDS_BUNDLES)
        rk_buf_printf(out, "_files -g \"*.rank%s(-.)\"", words == CMD_WORDS_BUNDLES ? "(|b)" : "");
    else if (words == CMD_WORDS_NONE)
        rk_buf_add_char(out, ' ');
    else
        rk_buf_printf(out, "%s %s",
                      cmd_words_are_lists(words)   ? " _rankc_list"
                      : cmd_words_are_pairs(words) ? " _rankc_pair"
                                                   : " _rankc_words",
                      cmd_words_name(words));
}

/* `--format=[How to print]:FORM:(text json)`; `-D+` and `--format=` take the next word as well. */
static void add_option(rk_buf *out, const cmd_row *row, cmd_option_id id)
{
    const cmd_option *const option = &cmd_options[id];
    rk_buf brief = {0};
    cmd_add_brief(row, id, &brief);
    rk_buf_printf(out, " \\\n            '%s%s%s[", option->kind == CMD_PAIRS ? "*" : "",
                  option->name,
                  !option->value              ? ""
                  : option->kind == CMD_MAYBE ? "=-"
                  : option->name[1] == '-'    ? "="
                                              : "+");
    add_text(out, rk_buf_str(&brief));
    rk_buf_add_char(out, ']');
    if (option->value) {
        rk_buf_printf(out, "%s:%s:", option->kind == CMD_MAYBE ? ":" : "", option->value);
        add_action(out, cmd_words_of_option(id), cmd_choices(row, id));
    }
    rk_buf_add_char(out, '\'');
    rk_buf_free(&brief);
}

static void add_case(rk_buf *out, const cmd_row *row)
{
    const cmd_words argument = cmd_words_of_argument(row);
    rk_buf_printf(out, "    (%s)\n        _arguments $common", row->name);
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++)
        if (cmd_shows(row, id))
            add_option(out, row, id);
    if (cmd_words_actions(argument))
        rk_buf_printf(out, " \\\n            '1:what:(%s)' \\\n            '*:FILE:_files'",
                      cmd_words_actions(argument));
    else if (argument != CMD_WORDS_NONE) {
        const bool one = argument == CMD_WORDS_SHELLS;
        rk_buf_printf(out, " \\\n            '%s:%s:", one ? "1" : "*", row->args);
        add_action(out, argument, NULL);
        rk_buf_add_char(out, '\'');
    }
    rk_buf_add_chars(out, " ;;\n");
}

void cmd_complete_zsh(rk_buf *out)
{
    rk_buf_add_chars(out, head);
    for (const cmd_row *row = cmd_rows; row->name; row++) {
        rk_buf_printf(out, "        '%s:", row->name);
        add_text(out, rk_str_from(row->doc));
        rk_buf_add_chars(out, "'\n");
    }
    rk_buf_add_chars(out, middle);
    for (const cmd_row *row = cmd_rows; row->name; row++)
        add_case(out, row);
    rk_buf_add_chars(out,
                     "    (*) _files ;;\n    esac\n}\n\n"
                     "if [[ $funcstack[1] == _rankc ]]; then _rankc \"$@\"; else compdef _rankc "
                     "rankc; fi\n");
}
