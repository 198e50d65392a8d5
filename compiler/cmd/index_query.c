/* rankc index query: the nearest neighbours of some vectors. */
#include "compiler/cmd/index.h"

#include <stdlib.h>

#include "compiler/cmd/table.h"

rk_status cmd_index_open(cmd_index *ix, rk_index **out, rk_index_provenance *provenance)
{
    const rk_index_file from = {
        .path = rk_str_from(ix->files[0]), .span = RK_NO_SPAN, .verify = ix->c->given[CMD_VERIFY]};
    return rk_index_open(&from, &ix->diags, out, provenance);
}

typedef struct querying {
    cmd_index *ix;
    rk_index *index;
    cmd_vectors file; /* of --queries */
    const float *vectors;
    uint32_t n, k;
    uint32_t ef;
    rk_index_hits hits;
} querying;

/* ---- the queries ---- */

static rk_status bad_vector(querying *q, rk_str word)
{
    return cmd_usage(q->ix->c, "--vector takes finite numbers with commas between them, not `%.*s`",
                     RK_STR_ARG(word));
}

static rk_str trimmed(rk_str s)
{
    while (s.len && strchr(" \t[", s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len && strchr(" \t]", s.data[s.len - 1]))
        s.len--;
    return s;
}

/* `[0.5, 1, -2]`, with or without the brackets. */
static rk_status parse_vector(querying *q)
{
    const rk_str text = trimmed(q->ix->c->text[CMD_VECTOR]);
    float *const numbers = RK_NEW_ARRAY(&q->ix->c->arena, float, text.len + 1);
    uint32_t n = 0;
    if (!numbers)
        return RK_ENOMEM;
    for (size_t at = 0; at <= text.len;) {
        const char *const comma = memchr(text.data + at, ',', text.len - at);
        const size_t end = comma ? (size_t)(comma - text.data) : text.len;
        const rk_str word = trimmed((rk_str){text.data + at, end - at});
        if (!rk_str_to_float(word, &numbers[n]) || !rk_index_is_finite(&numbers[n], 1))
            return bad_vector(q, word);
        n++;
        at = end + 1;
    }
    if (n != q->index->dim)
        return cmd_usage(q->ix->c, "--vector has %u number%s, and the index has vectors of %u", n,
                         n == 1 ? "" : "s", q->index->dim);
    q->vectors = numbers;
    q->n = 1;
    return RK_OK;
}

static rk_status read_queries(querying *q)
{
    cmd *const c = q->ix->c;
    if (c->given[CMD_VECTOR] && c->given[CMD_QUERIES])
        return cmd_usage(c, "--vector and --queries exclude each other");
    if (!c->given[CMD_VECTOR] && !c->given[CMD_QUERIES])
        return cmd_usage(c, "`rankc index query` needs --vector or --queries");
    if (c->given[CMD_VECTOR])
        return parse_vector(q);
    const cmd_vectors_spec spec = {.path = c->text[CMD_QUERIES].data, .dim = q->index->dim};
    RK_TRY(cmd_vectors_read(q->ix, &spec, &q->file));
    q->vectors = q->file.rows;
    q->n = q->file.n;
    return RK_OK;
}

static rk_status read_ef(querying *q)
{
    uint32_t *efs, n;
    if (!q->ix->c->given[CMD_EF])
        return RK_OK;
    RK_TRY(cmd_index_efs(q->ix, &efs, &n));
    q->ef = efs[0];
    return n == 1 ? RK_OK : cmd_usage(q->ix->c, "`rankc index query` takes one --ef");
}

/* ---- the answers ---- */

static rk_status search(querying *q)
{
    cmd *const c = q->ix->c;
    const uint32_t most = cmd_count(c, CMD_K, 10);
    q->k = most < q->index->n ? most : q->index->n; /* there are no more */
    const size_t room = (size_t)q->n * q->k;
    uint32_t *const rows = rk_arena_alloc_column(&c->arena, room + 1, sizeof *rows);
    float *const scores = rk_arena_alloc_column(&c->arena, room + 1, sizeof *scores);
    uint32_t *const counts = rk_arena_alloc_column(&c->arena, q->n + 1u, sizeof *counts);
    rk_index_scratch *const scratch = rk_index_scratch_new(c->cpu);
    rk_status status = RK_ENOMEM;
    if (rows && scores && counts && scratch) {
        const rk_index_query query = {.vectors = q->vectors,
                                      .n = q->n,
                                      .k = q->k,
                                      .ef = q->ef,
                                      .exact = c->given[CMD_EXACT],
                                      .stop = q->ix->stop};
        q->hits = (rk_index_hits){.rows = rows, .scores = scores, .counts = counts};
        status = rk_index_search(q->index, scratch, &query, &q->hits);
    }
    rk_index_scratch_free(scratch);
    return status;
}

/* Products of large numbers may be infinite, and cosines of those none: as `run` prints them. */
static void add_score(rk_buf *out, float score, bool json)
{
    const rk_value value = {.type = RK_TYPE(FLOAT), .as.f = score};
    (json ? rk_value_print_json : rk_value_print)(value, NULL, out);
}

static bool add_hit(const querying *q, size_t at, cmd_column columns[3], uint32_t rank)
{
    rk_arena *const arena = &q->ix->c->arena;
    rk_buf cell = {0};
    rk_buf_printf(&cell, "%u", rank);
    bool fine = cmd_column_add(&columns[0], arena, rk_buf_str(&cell));
    cell.len = 0;
    cmd_index_add_id(q->index, q->hits.rows[at], false, &cell);
    fine &= cmd_column_add(&columns[1], arena, rk_buf_str(&cell));
    cell.len = 0;
    add_score(&cell, q->hits.scores[at], false);
    fine &= cmd_column_add(&columns[2], arena, rk_buf_str(&cell)) && !cell.failed;
    rk_buf_free(&cell);
    return fine;
}

static rk_status print_table(const querying *q, uint32_t query)
{
    cmd_column columns[3] = {{.right = true}, {.right = !q->index->ids.text}, {.right = false}};
    rk_arena *const arena = &q->ix->c->arena;
    bool fine = cmd_column_add(&columns[0], arena, RK_STR("rank")) &&
                cmd_column_add(&columns[1], arena, RK_STR("id")) &&
                cmd_column_add(&columns[2], arena, RK_STR("score"));
    for (uint32_t i = 0; i < q->hits.counts[query] && fine; i++)
        fine = add_hit(q, (size_t)query * q->k + i, columns, i + 1);
    for (uint32_t i = 0; i <= q->hits.counts[query] && fine; i++)
        cmd_columns_print(columns, 3, i, &q->ix->c->out.buf);
    cmd_columns_free(columns, 3);
    return fine ? RK_OK : RK_ENOMEM;
}

static void print_object(const querying *q, uint32_t query, rk_buf *out)
{
    const size_t from = (size_t)query * q->k;
    const uint32_t n = q->hits.counts[query];
    rk_buf_printf(out, "{\"query\": %u, \"ids\": [", query);
    for (uint32_t i = 0; i < n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        cmd_index_add_id(q->index, q->hits.rows[from + i], true, out);
    }
    rk_buf_add_chars(out, "], \"scores\": [");
    for (uint32_t i = 0; i < n; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        add_score(out, q->hits.scores[from + i], true);
    }
    rk_buf_add_chars(out, "]}");
}

static rk_status print(const querying *q)
{
    rk_buf *const out = &q->ix->c->out.buf;
    const bool text = cmd_format_is(q->ix->c, "text"), json = cmd_format_is(q->ix->c, "json");
    rk_buf_add_chars(out, json ? "[" : "");
    for (uint32_t i = 0; i < q->n; i++) {
        if (text && q->n > 1)
            rk_buf_printf(out, "%squery %u\n", i ? "\n" : "", i);
        rk_buf_add_chars(out, json && i ? ",\n " : "");
        if (text)
            RK_TRY(print_table(q, i));
        else
            print_object(q, i, out);
        rk_buf_add_chars(out, text || json ? "" : "\n");
        RK_TRY(cmd_flush(&q->ix->c->out));
    }
    rk_buf_add_chars(out, json ? "]\n" : "");
    return RK_OK;
}

rk_status cmd_index_query(cmd_index *ix)
{
    querying q = {.ix = ix};
    RK_TRY(read_ef(&q));
    rk_status status = cmd_index_open(ix, &q.index, NULL);
    if (status == RK_OK)
        status = read_queries(&q);
    if (status == RK_OK)
        status = search(&q);
    if (status == RK_OK)
        status = print(&q);
    cmd_vectors_free(&q.file);
    rk_index_free(q.index);
    return status;
}
