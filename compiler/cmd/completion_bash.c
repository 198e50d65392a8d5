/* Completions of bash. They use nothing but bash itself, from 4.4 on. */
#include "compiler/cmd/completion.h"

static const char head[] =
    "# bash completion of rankc, made by `rankc completion bash`.\n"
    "\n"
    "# What rankc lists, of the program that stands on the line.\n"
    "_rankc_words()\n"
    "{\n"
    "    local word file=\n"
    "    for word in \"${COMP_WORDS[@]:2}\"; do\n"
    "        word=${word//[\\\\\\\"\\']/}\n"
    "        case $word in *.rank | *.rankb) file=${word/#\\~\\//$HOME/} && break ;; esac\n"
    "    done\n"
    "    \"$rankc\" completion \"$1\" ${file:+\"$file\"} 2>/dev/null | cut -f 1\n"
    "}\n"
    "\n"
    "_rankc_choose()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W \"$*\" -- \"$cur\")\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
    "}\n"
    "\n"
    "# Names with commas between them.\n"
    "_rankc_list()\n"
    "{\n"
    "    [[ $cur == *,* ]] && prefix+=${cur%,*}, cur=${cur##*,}\n"
    "    compopt -o nospace\n"
    "    _rankc_choose \"$(_rankc_words \"$1\")\"\n"
    "}\n"
    "\n"
    "# name=value.\n"
    "_rankc_pair()\n"
    "{\n"
    "    compopt -o nospace\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -S = -W \"$(_rankc_words \"$1\")\" -- "
    "\"$cur\")\n"
    "}\n"
    "\n"
    "# Files with these suffixes, and folders; without a suffix, any file.\n"
    "_rankc_files()\n"
    "{\n"
    "    local suffix\n"
    "    compopt -o filenames -o default\n"
    "    mapfile -t COMPREPLY < <(\n"
    "        for suffix; do compgen -P \"$prefix\" -f -X \"!*.$suffix\" -- \"$cur\"; done\n"
    "        compgen -P \"$prefix\" -$([[ $# == 0 ]] && echo f || echo d) -- \"$cur\"\n"
    "    )\n"
    "}\n"
    "\n"
    "_rankc()\n"
    "{\n"
    "    local rankc=${1/#\\~\\//$HOME/} command=${COMP_WORDS[1]} prefix= option= word\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} ended=\n"
    "    local maybe=' --trace ' # their values stand behind `=`, or there is none\n"
    "    COMPREPLY=()\n"
    "    for word in \"${COMP_WORDS[@]:2:COMP_CWORD - 2}\"; do [[ $word == -- ]] && ended=1; done\n"
    "    # `--format=json` is three words where `=` divides words, else one; so is `-Dname` one.\n"
    "    if [[ $ended || $COMP_CWORD -lt 2 ]]; then :\n"
    "    elif [[ $cur == = || $prev == = ]]; then\n"
    "        [[ $cur == = ]] && option=$prev cur= || option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "        [[ $option == --* ]] || return 0\n"
    "    elif [[ $cur == --*=* ]]; then option=${cur%%=*} prefix=$option= cur=${cur#*=}\n"
    "    elif [[ $cur == -[!-]?* ]]; then option=${cur:0:2} prefix=$option cur=${cur:2}\n"
    "    elif [[ $prev == -?* && $maybe != *\" $prev \"* ]]; then option=$prev\n"
    "    fi\n"
    "    case $command:$option in\n";

static const char middle[] = "    *)\n"
                             "        if [[ $COMP_CWORD == 1 ]]; then\n"
                             "            _rankc_choose %s\n"
                             "            [[ $cur == -* ]] && _rankc_choose --help --version\n"
                             "        elif [[ $cur == -* && ! $ended ]]; then\n"
                             "            case $command in\n";

/* Calls what offers such words; `choices` may be NULL. */
static void add_offer(rk_buf *out, cmd_words words, const char *choices)
{
    if (words == CMD_WORDS_CHOICES || words == CMD_WORDS_SHELLS)
        rk_buf_printf(out, "_rankc_choose %s", words == CMD_WORDS_SHELLS ? CMD_SHELLS : choices);
    else if (cmd_words_actions(words))
        rk_buf_printf(out,
                      "if [[ $COMP_CWORD == 2 ]]; then _rankc_choose %s; else _rankc_files; fi",
                      cmd_words_actions(words));
    else if (words == CMD_WORDS_FILES)
        rk_buf_add_chars(out, "_rankc_files");
    else if (words == CMD_WORDS_PROGRAMS || words == CMD_WORDS_BUNDLES)
        rk_buf_printf(out, "_rankc_files rank%s", words == CMD_WORDS_BUNDLES ? " rankb" : "");
    else if (words == CMD_WORDS_NONE)
        rk_buf_add_char(out, ':');
    else if (cmd_words_are_lists(words) || cmd_words_are_pairs(words))
        rk_buf_printf(out, "_rankc_%s %s", cmd_words_are_lists(words) ? "list" : "pair",
                      cmd_words_name(words));
    else
        rk_buf_printf(out, "_rankc_choose \"$(_rankc_words %s)\"", cmd_words_name(words));
}

static void add_values(rk_buf *out, const cmd_row *row)
{
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++) {
        if (!cmd_shows(row, id) || !cmd_options[id].value)
            continue;
        rk_buf_printf(out, "    %s:%s) ", row->name, cmd_options[id].name);
        add_offer(out, cmd_words_of_option(id), cmd_choices(row, id));
        rk_buf_add_chars(out, " ;;\n");
    }
}

static void add_flags(rk_buf *out, const cmd_row *row)
{
    rk_buf_printf(out, "            %s) _rankc_choose", row->name);
    for (cmd_option_id id = 0; id < CMD_OPTION_COUNT; id++)
        if (cmd_shows(row, id))
            rk_buf_printf(out, "%s%s %s%s", cmd_options[id].kind == CMD_MAYBE ? " " : "",
                          cmd_options[id].kind == CMD_MAYBE ? cmd_options[id].name : "",
                          cmd_options[id].name,
                          cmd_options[id].value && cmd_options[id].name[1] == '-' ? "=" : "");
    rk_buf_add_chars(out, " --help ;;\n");
}

void cmd_complete_bash(rk_buf *out)
{
    rk_buf names = {0};
    rk_buf_add_chars(out, head);
    for (const cmd_row *row = cmd_rows; row->name; row++) {
        add_values(out, row);
        rk_buf_printf(&names, "%s%s", names.len ? " " : "", row->name);
    }
    rk_buf_printf(out, middle, names.failed ? "" : names.data);
    for (const cmd_row *row = cmd_rows; row->name; row++)
        add_flags(out, row);
    rk_buf_add_chars(out, "            esac\n        else\n            case $command in\n");
    for (const cmd_row *row = cmd_rows; row->name; row++) {
        rk_buf_printf(out, "            %s) ", row->name);
        add_offer(out, cmd_words_of_argument(row), NULL);
        rk_buf_add_chars(out, " ;;\n");
    }
    rk_buf_add_chars(out, "            esac\n        fi\n        ;;\n    esac\n}\n"
                          "complete -F _rankc rankc\n");
    rk_buf_free(&names);
}
