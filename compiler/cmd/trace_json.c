/* Traces as events of the "Trace Event Format" of Chrome's about:tracing, which Perfetto reads too:
 * complete events ("X") with times in microseconds, one process ("pid") a request, one thread
 * ("tid") a worker, and metadata events ("M") that name them. */
#include <inttypes.h>

#include "compiler/cmd/trace.h"
#include "runtime/plan/describe.h"
#include "runtime/plan/plan_rows.h"

static void add_time(const char *name, uint64_t ns, rk_buf *out)
{
    rk_buf_printf(out, ", \"%s\": %" PRIu64 ".%03u", name, ns / 1000, (unsigned)(ns % 1000));
}

/* `{"ph": "X", "pid": 1, "tid": 1, "name": …`, after the events before it. */
static void begin_event(const cmd_ranked *ranked, const char *kind, uint32_t worker, rk_buf *out)
{
    rk_buf_printf(out, "{\"ph\": \"%s\", \"pid\": %" PRIu64 ", \"tid\": %u, \"name\": ", kind,
                  (uint64_t)ranked->number + 1, worker + 1);
}

static void add_words(rk_buf *words, rk_buf *out)
{
    rk_buf_add_json(out, rk_buf_str(words));
    out->failed |= words->failed;
    rk_buf_free(words);
}

static void name_process(const cmd_ranked *ranked, rk_buf *out)
{
    rk_buf name = {0};
    cmd_trace_name(ranked, &name);
    begin_event(ranked, "M", 0, out);
    rk_buf_add_chars(out, "\"process_name\", \"args\": {\"name\": ");
    add_words(&name, out);
    rk_buf_add_chars(out, "}},\n");
    begin_event(ranked, "M", 0, out);
    rk_buf_printf(out, "\"process_sort_index\", \"args\": {\"sort_index\": %u}},\n",
                  ranked->number);
}

static void name_threads(const cmd_ranked *ranked, rk_buf *out)
{
    for (uint32_t i = 0; i < ranked->reply->trace->n_workers; i++) {
        begin_event(ranked, "M", i, out);
        rk_buf_printf(out, "\"thread_name\", \"args\": {\"name\": \"thread %u%s\"}},\n", i + 1,
                      i ? "" : ", the caller's");
    }
}

/* The event that encloses the others. */
static void add_request(const cmd_ranked *ranked, uint64_t first, rk_buf *out)
{
    const rk_trace *const trace = ranked->reply->trace;
    begin_event(ranked, "X", 0, out);
    rk_buf_add_chars(out, "\"request\", \"cat\": \"request\"");
    add_time("ts", trace->began - first, out);
    add_time("dur", trace->length, out);
    rk_buf_printf(out, ", \"args\": {\"candidates\": %u, \"items\": %u, \"engine\": \"%s\"",
                  ranked->reply->n_candidates, ranked->reply->n, cmd_trace_engine(trace));
    add_time("critical_path_us", trace->critical, out);
    rk_buf_add_chars(out, "}}");
}

/* What is known of models alone. */
static void add_model(const cmd_ranked *ranked, const rk_trace_part *part, rk_buf *out)
{
    const rk_plan *const plan = ranked->subject->plan;
    const rk_step *const step = &plan->steps.items[part->step];
    rk_buf way = {0};
    if (step->kind != RK_STEP_MODEL)
        return;
    rk_buf_add_chars(out, ", \"model\": ");
    rk_buf_add_json(out, plan->models.items[step->index].name);
    rk_buf_add_chars(out, ", \"evaluator\": ");
    cmd_trace_add_way(ranked, part, &way);
    add_words(&way, out);
}

static void add_search(const rk_trace_step *step, rk_buf *out)
{
    const rk_index_stats *const search = &step->search;
    if (!search->n_distances && !search->n_scored && !search->n_asked)
        return;
    rk_buf_printf(out,
                  ", \"search\": \"%s\", \"distances\": %" PRIu64 ", \"scored\": %" PRIu64
                  ", \"asked\": %" PRIu64,
                  search->scanned ? "scan" : "graph", search->n_distances, search->n_scored,
                  search->n_asked);
}

static void add_part(const cmd_ranked *ranked, const rk_trace_part *part, uint64_t first,
                     rk_buf *out)
{
    static const char *const suffixes[] = {
        [RK_TRACE_BEGIN] = " (begin)", [RK_TRACE_END] = " (end)"};
    static const char *const acts[] = {"whole", "begin", "part", "end"};
    const rk_trace_step *const step = &ranked->reply->trace->steps[part->step];
    const rk_plan *const plan = ranked->subject->plan;
    const uint32_t kind = plan->steps.items[part->step].kind;
    rk_buf name = {0};
    rk_step_describe(plan, &plan->steps.items[part->step], &name);
    if (part->act == RK_TRACE_BEGIN || part->act == RK_TRACE_END)
        rk_buf_add_chars(&name, suffixes[part->act]);
    begin_event(ranked, "X", part->worker, out);
    add_words(&name, out);
    rk_buf_printf(out, ", \"cat\": \"%s\"", rk_step_text(kind));
    add_time("ts", ranked->reply->trace->began - first + part->begin, out);
    add_time("dur", part->end - part->begin, out);
    rk_buf_printf(out, ", \"args\": {\"step\": %u, \"act\": \"%s\"", part->step, acts[part->act]);
    if (part->act == RK_TRACE_SOME)
        rk_buf_printf(out, ", \"from\": %u, \"to\": %u", part->from, part->to);
    rk_buf_printf(out, ", \"rows_in\": %u, \"rows_out\": %u, \"critical\": %s", step->rows_in,
                  step->rows_out, step->critical ? "true" : "false");
    add_model(ranked, part, out);
    add_search(step, out);
    rk_buf_add_chars(out, "}}");
}

void cmd_trace_print_json(const cmd_ranked *ranked, uint64_t first, rk_buf *out)
{
    const rk_trace *const trace = ranked->reply->trace;
    name_process(ranked, out);
    name_threads(ranked, out);
    add_request(ranked, first, out);
    for (uint32_t i = 0; i < trace->n_parts; i++) {
        rk_buf_add_chars(out, ",\n");
        add_part(ranked, &trace->parts[i], first, out);
    }
}
