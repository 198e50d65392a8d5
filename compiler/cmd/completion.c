/* rankc completion: the script of a shell, or the words that a script asks for. */
#include "compiler/cmd/completion.h"

#include "compiler/cmd/topics.h"
#include "runtime/metric/metric.h"
#include "runtime/plan/bundle.h"

/* ---- what can stand where ---- */

cmd_words cmd_words_of_option(cmd_option_id id)
{
    const cmd_option *const option = &cmd_options[id];
    switch (id) {
    case CMD_PIPELINE:
    case CMD_COMPARE_PIPELINE:
        return CMD_WORDS_PIPELINES;
    case CMD_REVISION:
        return CMD_WORDS_REVISIONS;
    case CMD_DEFINE:
        return CMD_WORDS_FACTORS;
    case CMD_QUERY:
        return CMD_WORDS_QUERY;
    case CMD_SHOW:
    case CMD_FACTOR:
        return CMD_WORDS_VALUES;
    case CMD_METRIC:
        return CMD_WORDS_METRICS;
    case CMD_ROWS:
    case CMD_EF:
    case CMD_VECTOR:
        return CMD_WORDS_NONE;
    default:
        break;
    }
    if (option->kind == CMD_CHOICE)
        return CMD_WORDS_CHOICES;
    const bool is_file = (option->kind == CMD_TEXT || option->kind == CMD_MAYBE) &&
                         strcmp(option->value, "TEXT") != 0;
    return is_file ? CMD_WORDS_FILES : CMD_WORDS_NONE;
}

cmd_words cmd_words_of_argument(const cmd_row *row)
{
    static const struct {
        const char *args;
        cmd_words words;
    } known[] = {{"SHELL", CMD_WORDS_SHELLS},         {"inspect|verify FILE", CMD_WORDS_MODELS},
                 {"build|import", CMD_WORDS_INDEXES}, {"[NAME...]", CMD_WORDS_TOPICS},
                 {"[CODE...]", CMD_WORDS_CODES},      {"RUN|FILE", CMD_WORDS_FILES},
                 {"FILE", CMD_WORDS_PROGRAMS}};
    if (row->run == cmd_run_run)
        return CMD_WORDS_BUNDLES;
    for (size_t i = 0; i < RK_ARRAY_LEN(known); i++)
        if (strstr(row->args, known[i].args))
            return known[i].words;
    return *row->args ? CMD_WORDS_FILES : CMD_WORDS_NONE;
}

void cmd_add_brief(const cmd_row *row, cmd_option_id id, rk_buf *out)
{
    rk_buf doc = {0};
    cmd_add_option_doc(row, id, &doc);
    size_t len = 0;
    while (len < doc.len &&
           !(strchr(".;:", doc.data[len]) && (len + 1 == doc.len || doc.data[len + 1] == ' ')))
        len++;
    rk_buf_add(out, (rk_str){doc.data, len});
    rk_buf_free(&doc);
}

void cmd_add_quoted(rk_buf *out, rk_str text, const char *escape)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\'')
            rk_buf_add_chars(out, escape);
        else
            rk_buf_add_char(out, text.data[i]);
}

/* ---- the words that scripts ask for: a name a line, and behind a tab what it is ---- */

static rk_str first_sentence(rk_str doc) { return cmd_topic_brief(&(cmd_topic){.doc = doc}); }

static void add_word(cmd *c, rk_str name, rk_str doc)
{
    rk_buf_add(&c->out.buf, name);
    rk_buf_add_chars(&c->out.buf, doc.len ? "\t" : "");
    cmd_add_plain(&c->out.buf, first_sentence(doc));
    rk_buf_add_char(&c->out.buf, '\n');
}

static void add_fields(cmd *c, const rk_atoms *names, const rk_decl *decl)
{
    for (uint32_t i = 0; i < decl->n_fields; i++)
        if (decl->fields[i].name != RK_ATOM_EMPTY)
            add_word(c, rk_atom_str(names, decl->fields[i].name), decl->fields[i].doc);
}

static void add_decl(cmd *c, const rk_atoms *names, const rk_decl *decl, cmd_words words)
{
    static const rk_decl_kind kinds[] = {[CMD_WORDS_PIPELINES] = RK_DECL_PIPELINE,
                                         [CMD_WORDS_REVISIONS] = RK_DECL_REVISION,
                                         [CMD_WORDS_FACTORS] = RK_DECL_FACTOR,
                                         [CMD_WORDS_QUERY] = RK_DECL_QUERY,
                                         [CMD_WORDS_VALUES] = RK_DECL_FACTOR};
    const rk_decl_kind kind = decl->kind;
    if (words == CMD_WORDS_VALUES && (kind == RK_DECL_ITEM || kind == RK_DECL_SOURCE))
        add_fields(c, names, decl);
    else if (kind == kinds[words] && kind == RK_DECL_QUERY)
        add_fields(c, names, decl);
    else if (kind == kinds[words] && decl->name != RK_ATOM_EMPTY)
        add_word(c, rk_atom_str(names, decl->name), decl->doc);
}

static rk_status list_bundle(cmd *c, const char *path, cmd_words words)
{
    rk_bundle bundle;
    rk_diags diags;
    rk_diags_init(&diags, &c->arena);
    const rk_status status = rk_bundle_open(&bundle, path, &diags);
    for (uint32_t i = 0; i < bundle.pipelines.len && words == CMD_WORDS_PIPELINES; i++)
        if (bundle.pipelines.items[i].name.len)
            add_word(c, bundle.pipelines.items[i].name, RK_STR(""));
    rk_bundle_free(&bundle);
    return status;
}

/* What a file declares, its imports included. A file with errors, or none, gives what it can: who
 * completes a word is not told about them. */
static rk_status list_declared(cmd *c, const char *path, cmd_words words)
{
    if (cmd_is_bundle(path))
        return list_bundle(c, path, words) == RK_ENOMEM ? RK_ENOMEM : RK_OK;
    rk_compiled program;
    rk_status status = rk_compiled_init(&program);
    if (status == RK_OK)
        status = rk_compile_read(&program, path);
    for (uint32_t i = 1; i < program.files.len; i++) /* [0] is the prelude */
        for (uint32_t k = 0; k < program.files.items[i]->decls.len; k++)
            add_decl(c, &program.cx.names, program.files.items[i]->decls.items[k], words);
    rk_compiled_free(&program);
    return status == RK_ENOMEM ? RK_ENOMEM : RK_OK;
}

static rk_status list_topics(cmd *c)
{
    cmd_topics all;
    const char *group = "";
    RK_TRY(cmd_topics_init(&all, &c->arena));
    for (uint32_t i = 0; i < all.items.len; i++) {
        const cmd_topic *const topic = &all.items.items[i];
        const char *const family = strchr(topic->group, ':');
        const rk_str name = rk_str_from(family ? family + 2 : topic->group);
        if (strcmp(group, topic->group) != 0 && !memchr(name.data, ' ', name.len))
            add_word(c, name, RK_STR("All of this group"));
        group = topic->group;
        add_word(c, topic->name, topic->doc);
    }
    return RK_OK;
}

static void list_codes(cmd *c)
{
    for (rk_diag_code code = RK_CODE_NONE + 1; code < RK_CODE_COUNT; code++)
        add_word(c, rk_str_from(rk_diag_code_name(code)), rk_str_from(rk_diag_code_title(code)));
}

/* ---- the command ---- */

static const char *const word_names[] = {
    [CMD_WORDS_PIPELINES] = "pipelines", [CMD_WORDS_REVISIONS] = "revisions",
    [CMD_WORDS_FACTORS] = "factors",     [CMD_WORDS_QUERY] = "query",
    [CMD_WORDS_VALUES] = "values",       [CMD_WORDS_METRICS] = "metrics",
    [CMD_WORDS_TOPICS] = "topics",       [CMD_WORDS_CODES] = "codes"};

const char *cmd_words_name(cmd_words words) { return word_names[words]; }

static rk_status list(cmd *c, cmd_words words)
{
    if (words == CMD_WORDS_TOPICS)
        return list_topics(c);
    if (words == CMD_WORDS_CODES)
        list_codes(c);
    else if (words == CMD_WORDS_METRICS)
        for (const rk_metric *metric = rk_metrics; metric->name; metric++)
            add_word(c, rk_str_from(metric->name), rk_str_from(metric->doc));
    else if (c->files.len == 2)
        return list_declared(c, c->files.items[1], words);
    return RK_OK;
}

rk_status cmd_run_completion(cmd *c)
{
    static const struct {
        const char *name;
        void (*write)(rk_buf *out);
    } shells[] = {
        {"bash", cmd_complete_bash}, {"zsh", cmd_complete_zsh}, {"fish", cmd_complete_fish}};
    const rk_str word = rk_str_from(c->files.items[0]);
    for (size_t i = 0; i < RK_ARRAY_LEN(shells); i++)
        if (rk_str_eq(word, rk_str_from(shells[i].name))) {
            shells[i].write(&c->out.buf);
            return RK_OK;
        }
    for (cmd_words words = CMD_WORDS_LISTED; words < RK_ARRAY_LEN(word_names); words++)
        if (rk_str_eq(word, rk_str_from(word_names[words])))
            return list(c, words);
    rk_suggestion suggestion = rk_suggest(word);
    cmd_offer_words(&suggestion, CMD_SHELLS);
    const char *const mean = cmd_mean(c, &suggestion, "");
    return cmd_usage(c, "there are no completions for `%.*s`%s", RK_STR_ARG(word),
                     *mean ? mean : "; the shells are " CMD_SHELLS);
}
