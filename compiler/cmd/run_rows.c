/* The forms of a ranked list that other programs read. */
#include "compiler/cmd/cmd.h"

#include <math.h>
#include <stdio.h>

static rk_value id_of(const cmd_list *list, uint32_t i)
{
    return rk_column_get(&list->reply->ids, i);
}

static bool has_score(const cmd_list *list) { return list->reply->scores != NULL; }

/* ---- json ---- */

static void add_json(const cmd_list *list, rk_value value, rk_buf *out)
{
    rk_value_print_json(value, list->strings, out);
}

static void print_json_item(const cmd_list *list, uint32_t i, rk_buf *out)
{
    rk_buf_printf(out, "{\"rank\": %u, \"id\": ", i + 1);
    add_json(list, id_of(list, i), out);
    rk_buf_add_chars(out, ", \"score\": ");
    if (has_score(list))
        add_json(list, rk_column_get(list->reply->scores, i), out);
    else
        rk_buf_add_chars(out, "null");
    rk_buf_add_chars(out, ", \"factors\": {");
    for (uint32_t k = 0; k < list->n_shown; k++) {
        rk_buf_add_chars(out, k ? ", " : "");
        rk_buf_add_json(out, list->shown[k]);
        rk_buf_add_chars(out, ": ");
        add_json(list, cmd_shown_value(list, k, i), out);
    }
    rk_buf_add_chars(out, "}}");
}

static void print_object(const cmd_list *list, rk_buf *out)
{
    rk_buf_printf(out, "{\"request\": %u, ", list->number);
    if (list->name.len) {
        rk_buf_add_chars(out, "\"id\": ");
        rk_buf_add_json(out, list->name);
        rk_buf_add_chars(out, ", ");
    }
    rk_buf_add_chars(out, "\"pipeline\": ");
    rk_buf_add_json(out, list->pipeline);
    rk_buf_add_chars(out, ", \"items\": [");
    for (uint32_t i = 0; i < list->n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        print_json_item(list, i, out);
    }
    rk_buf_add_chars(out, "]}");
}

static void print_jsonl(const cmd_list *list, rk_buf *out)
{
    print_object(list, out);
    rk_buf_add_char(out, '\n');
}

static void begin_json(const cmd_list *list, rk_buf *out)
{
    (void)list;
    rk_buf_add_char(out, '[');
}

/* ---- csv ---- */

static void add_cell(rk_str s, rk_buf *out)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++)
        quoted |= strchr(",\"\r\n", s.data[i]) != NULL && s.data[i];
    if (!quoted) {
        rk_buf_add(out, s);
        return;
    }
    rk_buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        rk_buf_add_char(out, s.data[i]);
        if (s.data[i] == '"')
            rk_buf_add_char(out, '"');
    }
    rk_buf_add_char(out, '"');
}

void cmd_add_csv(rk_value value, const rk_atoms *strings, rk_buf *out)
{
    const rk_value gone = {.type = value.type, .missing = true};
    if (rk_value_eq(value, gone))
        return;
    rk_buf text = {0};
    if (value.type.kind == RK_KIND_LIST || value.type.kind == RK_KIND_VECTOR)
        rk_value_print_json(value, strings, &text);
    else
        rk_value_print(value, strings, &text);
    add_cell(rk_buf_str(&text), out);
    out->failed |= text.failed;
    rk_buf_free(&text);
}

static void add_request(const cmd_list *list, rk_buf *out)
{
    if (list->name.len)
        rk_buf_add(out, list->name);
    else
        rk_buf_printf(out, "%u", list->number);
}

static void begin_csv(const cmd_list *list, rk_buf *out)
{
    rk_buf_add_chars(out, "request,rank,id,score");
    for (uint32_t k = 0; k < list->n_shown; k++) {
        rk_buf_add_char(out, ',');
        add_cell(list->shown[k], out);
    }
    rk_buf_add_char(out, '\n');
}

static void print_csv(const cmd_list *list, rk_buf *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        add_request(list, out);
        rk_buf_printf(out, ",%u,", i + 1);
        cmd_add_csv(id_of(list, i), list->strings, out);
        rk_buf_add_char(out, ',');
        if (has_score(list))
            cmd_add_csv(rk_column_get(list->reply->scores, i), list->strings, out);
        for (uint32_t k = 0; k < list->n_shown; k++) {
            rk_buf_add_char(out, ',');
            cmd_add_csv(cmd_shown_value(list, k, i), list->strings, out);
        }
        rk_buf_add_char(out, '\n');
    }
}

/* ---- trec and msmarco: words between spaces or tabs ---- */

/* Spaces and control characters would end the word: they become %20 and the like, and so does %. */
static void add_word(rk_str s, rk_buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.data[i];
        if (c <= 0x20 || c == 0x7f || c == '%')
            rk_buf_printf(out, "%%%02X", c);
        else
            rk_buf_add_char(out, (char)c);
    }
}

static void add_value_word(const cmd_list *list, rk_value value, rk_buf *out)
{
    rk_buf text = {0};
    rk_value_print(value, list->strings, &text);
    add_word(rk_buf_str(&text), out);
    out->failed |= text.failed;
    rk_buf_free(&text);
}

static void add_request_word(const cmd_list *list, rk_buf *out)
{
    if (list->name.len)
        add_word(list->name, out);
    else
        rk_buf_printf(out, "%u", list->number);
}

/* Readers of these forms want a number, and sort by it: without one the rank stands in, turned. */
static void add_score(const cmd_list *list, uint32_t i, rk_buf *out)
{
    rk_value score = {.type = RK_TYPE(INT), .as.i = -(int64_t)i - 1};
    if (has_score(list)) {
        const rk_value own = rk_column_get(list->reply->scores, i);
        const rk_value gone = {.type = own.type, .missing = true};
        if (own.type.kind == RK_KIND_BOOL && !own.missing)
            score.as.i = own.as.b;
        else if (rk_kind_is_number(own.type.kind) && !rk_value_eq(own, gone))
            score = own;
    }
    rk_value_print(score, list->strings, out);
}

static void print_trec(const cmd_list *list, rk_buf *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        add_request_word(list, out);
        rk_buf_add_chars(out, " Q0 ");
        add_value_word(list, id_of(list, i), out);
        rk_buf_printf(out, " %u ", i + 1);
        add_score(list, i, out);
        rk_buf_add_chars(out, " rankc\n");
    }
}

static void print_msmarco(const cmd_list *list, rk_buf *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        add_request_word(list, out);
        rk_buf_add_char(out, '\t');
        add_value_word(list, id_of(list, i), out);
        rk_buf_printf(out, "\t%u\t", i + 1);
        add_score(list, i, out);
        rk_buf_add_char(out, '\n');
    }
}

/* ---- the table ---- */

static const cmd_form forms[] = {
    {"text", NULL, cmd_print_table, "\n", ""}, {"json", begin_json, print_object, ",\n", "]\n"},
    {"jsonl", NULL, print_jsonl, "", ""},      {"csv", begin_csv, print_csv, "", ""},
    {"trec", NULL, print_trec, "", ""},        {"msmarco", NULL, print_msmarco, "", ""},
};

const cmd_form *cmd_form_find(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(forms); i++)
        if (rk_str_eq(name, rk_str_from(forms[i].name)))
            return &forms[i];
    return NULL;
}
