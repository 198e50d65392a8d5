/* Answers for other programs. */
#include "compiler/cmd/answer.h"

static void add_column(const char *name, const rk_column *column, const rk_atoms *strings,
                       rk_buf *out)
{
    rk_buf_printf(out, ", \"%s\": [", name);
    for (uint32_t i = 0; i < column->n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        rk_value_print_json(rk_column_get(column, i), strings, out);
    }
    rk_buf_add_char(out, ']');
}

static void add_number(const char *name, rk_value value, rk_buf *out)
{
    if (value.type.kind == RK_KIND_NONE)
        return;
    rk_buf_printf(out, ", \"%s\": ", name);
    rk_value_print_json(value, NULL, out);
}

static void add_counts(const rk_answer *answer, rk_buf *out)
{
    answer_stats stats;
    answer_stats_of(answer->values, &stats);
    rk_buf_printf(out, ", \"items\": %u, \"missing\": %u, \"dropped\": %u", stats.n, stats.missing,
                  answer->dropped);
    add_number("min", stats.min, out);
    if (stats.min.type.kind != RK_KIND_NONE)
        add_number("avg", (rk_value){.type = RK_TYPE(DOUBLE), .as.d = stats.avg}, out);
    add_number("max", stats.max, out);
    out->failed |= stats.no_memory;
}

static void add_value(const rk_answer *answer, rk_buf *out)
{
    static const char *const scopes[] = {"const", "query", "item"};
    rk_buf_printf(out, ", \"type\": \"%s\", \"scope\": \"%s\"", rk_type_text(answer->type).text,
                  scopes[answer->scope]);
    if (answer->scope != RK_SCOPE_ITEM) {
        rk_buf_add_chars(out, ", \"value\": ");
        rk_value_print_json(rk_column_get(answer->values, 0), answer->strings, out);
        return;
    }
    add_counts(answer, out);
    add_column("ids", answer->ids, answer->strings, out);
    add_column("values", answer->values, answer->strings, out);
}

static void add_ranked(const rk_answer *answer, rk_buf *out)
{
    rk_buf_printf(out, ", \"type\": \"candidates\", \"items\": %u, \"dropped\": %u", answer->n,
                  answer->dropped);
    add_column("ids", answer->ids, answer->strings, out);
    if (answer->scores)
        add_column("scores", answer->scores, answer->strings, out);
    else
        rk_buf_add_chars(out, ", \"scores\": null");
}

static bool has_result(const rk_answer *answer)
{
    return answer->kind == RK_ANSWER_VALUE || answer->kind == RK_ANSWER_RANKED ||
           answer->kind == RK_ANSWER_EXPECTED;
}

void cmd_answer_print_json(const rk_answer *answer, rk_buf *out)
{
    if (!has_result(answer))
        return;
    rk_buf_add_chars(out, "{\"expression\": ");
    rk_buf_add_json(out, answer->text);
    if (answer->kind == RK_ANSWER_VALUE)
        add_value(answer, out);
    else if (answer->kind == RK_ANSWER_RANKED)
        add_ranked(answer, out);
    else {
        rk_buf_printf(out, ", \"holds\": %s, \"fault\": ", answer->holds ? "true" : "false");
        rk_buf_add_json(out, answer->fault);
    }
    rk_buf_add_chars(out, "}\n");
}

void cmd_answer_print_csv(const rk_answer *answer, rk_buf *out)
{
    const bool ranked = answer->kind == RK_ANSWER_RANKED;
    const rk_column *const values = ranked ? answer->scores : answer->values;
    if (answer->kind == RK_ANSWER_EXPECTED)
        rk_buf_printf(out, "holds\n%s\n", answer->holds ? "true" : "false");
    if (answer->kind != RK_ANSWER_VALUE && !ranked)
        return;
    rk_buf_add_chars(out, ranked ? "rank,id,score\n" : answer->ids ? "id,value\n" : "value\n");
    for (uint32_t i = 0; i < answer->n; i++) {
        if (ranked)
            rk_buf_printf(out, "%u,", i + 1);
        if (answer->ids) {
            cmd_add_csv(rk_column_get(answer->ids, i), answer->strings, out);
            rk_buf_add_char(out, ',');
        }
        if (values)
            cmd_add_csv(rk_column_get(values, i), answer->strings, out);
        rk_buf_add_char(out, '\n');
    }
}
