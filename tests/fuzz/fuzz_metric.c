/* Any bytes are read as a run and labels without a crash, and what is measured of them is a
 * measure: lists are sorted, values lie between 0 and 1, a run is as good as itself. The first byte
 * chooses, a line `%%` parts the run from the labels. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/metric/compare.h"
#include "runtime/metric/metric.h"

#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { BY_RANK = 1, COMPLETE = 2, PATIENT = 4, RELEVANT_2 = 8 };

typedef struct world {
    rk_arena arena, scratch;
    rk_marks run, labels;
    uint64_t n_refused, n_twice;
    bool patient; /* goes on after a bad line */
} world;

static bool refuse(void *user, const rk_mark_problem *problem)
{
    world *const w = user;
    REQUIRE(problem->words != NULL);
    if (problem->query.len)
        w->n_twice++;
    else
        w->n_refused++;
    return w->patient;
}

static void check_marks(const rk_marks *marks, rk_str text)
{
    for (uint32_t i = 0; i < marks->items.len; i++) {
        const rk_mark *const mark = &marks->items.items[i];
        REQUIRE(mark->query > 0 && mark->query < rk_atoms_count(&marks->queries));
        REQUIRE(mark->doc >= text.data && mark->doc + mark->doc_len <= text.data + text.len);
        REQUIRE(mark->doc_len > 0 && mark->line > 0);
        REQUIRE(i == 0 || mark[-1].query < mark->query ||
                (mark[-1].query == mark->query && mark[-1].line < mark->line));
    }
}

static void check_list(const rk_judged *list)
{
    for (uint32_t i = 1; i < list->n; i++) {
        const float before = (float)list->scores[i - 1], score = (float)list->scores[i];
        REQUIRE(before >= score || isnan(score));
    }
    for (uint32_t i = 0; i < list->n; i++)
        REQUIRE(list->labels[i] >= 0 && (list->labels[i] == 0 || list->n_ideal > 0));
    for (uint32_t i = 0; i < list->n_ideal; i++)
        REQUIRE(list->ideal[i] > 0 && (i == 0 || list->ideal[i] <= list->ideal[i - 1]));
}

static bool is_share(double x) { return isnan(x) || (x >= 0 && x <= 1 + 1e-9); }

static void check_itself(world *w, const rk_measured *measured, uint32_t n)
{
    rk_comparison both;
    const rk_compare_spec spec = {.a = measured->values,
                                  .b = measured->values,
                                  .a_weights = measured->weights,
                                  .b_weights = measured->weights,
                                  .n = n,
                                  .is_mean = true,
                                  .seed = 1,
                                  .samples = 8};
    REQUIRE(rk_compare(&spec, &w->arena, &both) == RK_OK);
    REQUIRE(both.wins == 0 && both.losses == 0 && both.ties == both.n);
    REQUIRE(isnan(both.p) && (both.difference == 0 || both.n == 0));
    REQUIRE(isnan(both.low) || (both.low == 0 && both.high == 0));
}

static void check_measures(world *w, const rk_judgement *judgement, int32_t relevant)
{
    static const uint32_t cuts[] = {1, 3, UINT32_MAX};
    rk_metric_scene scene = {
        .relevant = relevant, .max_grade = judgement->counts.largest, .arena = &w->scratch};
    REQUIRE(rk_metric_scene_init(&scene, &w->arena, judgement->longest) == RK_OK);
    for (const rk_metric *metric = rk_metrics; metric->name; metric++)
        for (size_t k = metric->takes_k ? 0 : 2; k < 3; k++) {
            const rk_measure measure = {.metric = metric, .k = cuts[k]};
            rk_measured measured;
            REQUIRE(rk_measure_all(&measure, judgement, &scene, &w->arena, &measured) == RK_OK);
            REQUIRE(is_share(measured.whole));
            for (uint32_t q = 0; q < judgement->n; q++) {
                REQUIRE(is_share(measured.values[q]));
                REQUIRE((measured.weights[q] > 0) == !isnan(measured.values[q]));
            }
            check_itself(w, &measured, judgement->n);
        }
}

/* A copy of exactly its size, so that reading beyond the end shows. */
static rk_str copy(const uint8_t *data, size_t size)
{
    char *const text = malloc(size ? size : 1);
    memcpy(text, data, size);
    return (rk_str){text, size};
}

static size_t find_end_of_run(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 4 <= size; i++)
        if (memcmp(data + i, "\n%%\n", 4) == 0)
            return i + 1;
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const uint8_t choice = *data++;
    const size_t before = find_end_of_run(data, --size),
                 behind = before + 3 < size ? before + 3 : size;
    world w = {.patient = choice & PATIENT};
    const rk_mark_user user = {refuse, &w};
    const rk_str run = copy(data, before), labels = copy(data + behind, size - behind);
    uint64_t n_run, n_labels, n_twice;
    REQUIRE(rk_marks_init(&w.run, &w.arena) == RK_OK);
    REQUIRE(rk_marks_init(&w.labels, &w.arena) == RK_OK);
    REQUIRE(rk_marks_read_run(&w.run, run, choice & BY_RANK, &user, &n_run) == RK_OK);
    REQUIRE(rk_marks_read_qrels(&w.labels, labels, &user, &n_labels) == RK_OK);
    REQUIRE(w.run.items.len + w.labels.items.len + w.n_refused == n_run + n_labels);
    REQUIRE(rk_marks_group(&w.run) == RK_OK && rk_marks_group(&w.labels) == RK_OK);
    check_marks(&w.run, run);
    check_marks(&w.labels, labels);
    const rk_judge_spec spec = {.run = &w.run,
                                .labels = &w.labels,
                                .complete = choice & COMPLETE,
                                .in_run = &user,
                                .in_labels = &user};
    rk_judgement judgement;
    REQUIRE(rk_judge(&spec, &w.arena, &judgement, &n_twice) == RK_OK);
    REQUIRE(w.patient ? n_twice == w.n_twice : n_twice >= w.n_twice);
    for (uint32_t q = 0; q < judgement.n; q++)
        check_list(&judgement.items[q]);
    if (n_twice == 0)
        check_measures(&w, &judgement, choice & RELEVANT_2 ? 2 : 1);
    free((char *)run.data);
    free((char *)labels.data);
    rk_arena_free(&w.arena);
    rk_arena_free(&w.scratch);
    return 0;
}
