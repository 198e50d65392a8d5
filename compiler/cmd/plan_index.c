#include "compiler/cmd/plan_index.h"

#include "compiler/cmd/answer.h"
#include "compiler/cmd/plan_model.h"
#include "runtime/index/build.h"
#include "runtime/index/file.h"

enum { GUESSED_K = 100 }; /* of a search whose k the request says */

/* One index, and the file that it is searched in. */
typedef struct facts {
    const rk_plan *plan;
    uint32_t number;
    rk_index *file; /* NULL: there is none, or it cannot be read */
} facts;

static facts open_facts(const rk_plan *plan, uint32_t number)
{
    facts f = {.plan = plan, .number = number};
    const rk_plan_index *const index = &plan->indexes.items[number];
    const rk_index_file file = {.path = index->path, .span = RK_NO_SPAN};
    rk_arena arena = {0};
    rk_diags ignored;
    rk_diags_init(&ignored, &arena);
    if (index->path.len && rk_index_open(&file, &ignored, &f.file, NULL) != RK_OK)
        f.file = NULL; /* whoever searches says why */
    rk_arena_free(&arena);
    return f;
}

static void close_facts(facts *f) { rk_index_free(f->file); }

static const rk_index_form *form_of(const facts *f)
{
    return &f->plan->indexes.items[f->number].form;
}

/* What would be built of n rows. */
static rk_index outline(const facts *f, uint32_t n)
{
    const rk_index_form *const form = form_of(f);
    const rk_index_options options = {
        .kind = form->kind, .metric = form->metric, .m = form->m, .ef = form->ef};
    const uint32_t vector = f->plan->indexes.items[f->number].vector;
    return rk_index_outline(&options, n, f->plan->columns.items[vector].type.dim);
}

/* The least number of rows of which a search for k of all goes through the graph. */
static uint32_t least_rows(const facts *f, uint32_t k)
{
    uint32_t least = 1, most = RK_INDEX_LOADED_GRAPH + 1;
    while (least < most) {
        const uint32_t middle = least + (most - least) / 2;
        const rk_index index = outline(f, middle);
        if (rk_index_graph_from(&index, k, form_of(f)->ef) == UINT32_MAX)
            least = middle + 1;
        else
            most = middle;
    }
    return most;
}

/* ---- searches ---- */

/* The k of a NEAREST step; *guessed: the request says it. */
static uint32_t k_of(const rk_plan *plan, const rk_step *step, bool *guessed)
{
    const uint32_t k = plan_constant_of(plan, plan->operands.items[step->first + 1]);
    *guessed = k == UINT32_MAX;
    return *guessed ? GUESSED_K : k;
}

/* The next search of the index from step *i on; NULL behind the last one. */
static const rk_step *next_search(const facts *f, uint32_t *i)
{
    while (*i < f->plan->steps.len) {
        const rk_step *const step = &f->plan->steps.items[(*i)++];
        if (step->kind == RK_STEP_NEAREST && step->index == f->number)
            return step;
    }
    return NULL;
}

/* `exact over all 4,000 rows`, `through the graph where 5,200 of the 60,000 rows pass or more, else
 * exact over those that pass`. */
static void add_way(const facts *f, const rk_step *step, uint32_t k, rk_buf *out)
{
    const bool asked = step->list != RK_PLAN_NONE;
    const uint32_t n = f->file->n, from = rk_index_graph_from(f->file, k, form_of(f)->ef);
    if (from == UINT32_MAX || (asked && from > 1)) {
        if (from != UINT32_MAX) {
            rk_buf_add_chars(out, "through the graph where ");
            answer_add_count(from, out);
            rk_buf_add_chars(out, " or more of the ");
            answer_add_count(n, out);
            rk_buf_add_chars(out, " rows pass, else ");
        }
        rk_buf_add_chars(out, "exact over ");
        rk_buf_add_chars(out, asked ? "those that pass" : "all ");
        if (!asked) {
            answer_add_count(n, out);
            rk_buf_add_chars(out, " rows");
        }
        return;
    }
    rk_buf_add_chars(out, "through the graph");
}

/* The same before anybody knows how many rows there are. */
static void add_rule(const facts *f, const rk_step *step, uint32_t k, rk_buf *out)
{
    const uint32_t rows = least_rows(f, k);
    const rk_index largest = outline(f, RK_INDEX_LOADED_GRAPH);
    const uint32_t from = rk_index_graph_from(&largest, k, form_of(f)->ef);
    if (rows > RK_INDEX_LOADED_GRAPH) {
        rk_buf_add_chars(out, "exact");
        return;
    }
    rk_buf_add_chars(out, "exact up to ");
    answer_add_count(rows - 1, out);
    rk_buf_add_chars(out, " rows; of more through the graph");
    if (step->list == RK_PLAN_NONE)
        return;
    rk_buf_add_chars(out, " where enough pass (");
    answer_add_count(from, out);
    rk_buf_add_chars(out, " of ");
    answer_add_count(RK_INDEX_LOADED_GRAPH, out);
    rk_buf_add_chars(out, "), else exact");
}

static void add_search(const facts *f, const rk_step *step, rk_buf *out)
{
    bool guessed;
    const uint32_t k = k_of(f->plan, step, &guessed);
    rk_buf_printf(out, guessed ? "\n  k nearest, if that is %u: " : "\n  %u nearest: ", k);
    if (form_of(f)->kind == RK_INDEX_FLAT)
        rk_buf_add_chars(out, step->list == RK_PLAN_NONE ? "exact over all rows"
                                                         : "exact over those that pass");
    else
        (f->file ? add_way : add_rule)(f, step, k, out);
}

/* A larger one is refused then (E0752). */
static void add_building(const rk_plan_index *index, rk_buf *out)
{
    rk_buf_add_chars(out, "built when the program is loaded, of at most ");
    if (index->form.kind == RK_INDEX_HNSW) {
        answer_add_count(RK_INDEX_LOADED_GRAPH, out);
        rk_buf_add_chars(out, " rows");
    } else {
        rk_buf_printf(out, "%d GB of vectors", (int)(RK_INDEX_LOADED_BYTES >> 30));
    }
}

void plan_index_describe(const rk_plan *plan, uint32_t number, rk_buf *out)
{
    const rk_plan_index *const index = &plan->indexes.items[number];
    facts f = open_facts(plan, number);
    rk_buf_printf(out, "index %.*s: %s of %.*s, metric \"%s\", vectors in list %u\n  ",
                  RK_STR_ARG(index->name), rk_index_kind_name(index->form.kind),
                  RK_STR_ARG(plan->sources.items[index->source].name),
                  rk_index_metric_name(index->form.metric),
                  plan->columns.items[index->vector].list);
    if (index->path.len)
        rk_buf_add_json(out, index->path);
    else
        add_building(index, out);
    if (f.file) {
        rk_buf_add_chars(out, ": ");
        answer_add_count(f.file->n, out);
        rk_buf_add_chars(out, f.file->n == 1 ? " row" : " rows");
    } else if (index->path.len) {
        rk_buf_add_chars(out, ", which cannot be read");
    }
    uint32_t at = 0;
    for (const rk_step *step = next_search(&f, &at); step; step = next_search(&f, &at))
        add_search(&f, step, out);
    close_facts(&f);
}

/* ---- json ---- */

/* `"graph_from"`: so many must pass, of the rows of the file; `"graph_rows"`: so many rows there
 * must be, where all pass. */
static void json_search(const facts *f, const rk_step *step, rk_buf *out)
{
    bool guessed;
    const bool graph = form_of(f)->kind == RK_INDEX_HNSW;
    const uint32_t k = k_of(f->plan, step, &guessed);
    const uint32_t rows = graph ? least_rows(f, k) : UINT32_MAX;
    const uint32_t from =
        graph && f->file ? rk_index_graph_from(f->file, k, form_of(f)->ef) : UINT32_MAX;
    rk_buf_printf(out, "{\"k\": %u, \"guessed\": %s, \"condition\": %s, \"graph_rows\": ", k,
                  guessed ? "true" : "false", step->list == RK_PLAN_NONE ? "false" : "true");
    if (rows <= RK_INDEX_LOADED_GRAPH)
        rk_buf_printf(out, "%u, \"graph_from\": ", rows);
    else
        rk_buf_add_chars(out, "null, \"graph_from\": ");
    if (from == UINT32_MAX)
        rk_buf_add_chars(out, "null}");
    else
        rk_buf_printf(out, "%u}", from);
}

static void json_index(const rk_plan *plan, uint32_t number, rk_buf *out)
{
    const rk_plan_index *const index = &plan->indexes.items[number];
    facts f = open_facts(plan, number);
    rk_buf_add_chars(out, "{\"name\": ");
    rk_buf_add_json(out, index->name);
    rk_buf_printf(out, ", \"kind\": \"%s\", \"metric\": \"%s\", \"source\": ",
                  rk_index_kind_name(index->form.kind), rk_index_metric_name(index->form.metric));
    rk_buf_add_json(out, plan->sources.items[index->source].name);
    rk_buf_add_chars(out, ", \"path\": ");
    if (index->path.len)
        rk_buf_add_json(out, index->path);
    else
        rk_buf_add_chars(out, "null");
    rk_buf_printf(out, ", \"vectors\": %u, \"rows\": ", plan->columns.items[index->vector].list);
    if (f.file)
        rk_buf_printf(out, "%u", f.file->n);
    else
        rk_buf_add_chars(out, "null");
    rk_buf_printf(out, ", \"search\": \"%s\", \"searches\": [",
                  index->form.kind == RK_INDEX_FLAT ? "scan" : "graph");
    uint32_t at = 0;
    for (const rk_step *step = next_search(&f, &at), *first = step; step;
         step = next_search(&f, &at)) {
        rk_buf_add_chars(out, step == first ? "" : ", ");
        json_search(&f, step, out);
    }
    rk_buf_add_chars(out, "]}");
    close_facts(&f);
}

void plan_indexes_json(const rk_plan *plan, rk_buf *out)
{
    rk_buf_add_chars(out, ", \"indexes\": [");
    for (uint32_t i = 0; i < plan->indexes.len; i++) {
        rk_buf_add_chars(out, i ? ", " : "");
        json_index(plan, i, out);
    }
    rk_buf_add_char(out, ']');
}
