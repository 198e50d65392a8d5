/* Ranks five candidates by a compiled program, without its compiler; prints the list as CSV. */
#include <stdio.h>

#include <runtime/rank.h>

enum { N = 5 };

static int fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return 1;
}

static void print(const rank_result *list)
{
    const int64_t *ids = (const int64_t *)list->ids.data;
    const float *scores = (const float *)list->scores.data;
    const rank_string *names = (const rank_string *)list->outputs[0].data;
    printf("rank,id,score,name\n");
    for (size_t i = 0; i < list->n; i++)
        printf("%zu,%lld,%.6g,%.*s\n", i + 1, (long long)ids[i], scores[i], (int)names[i].len,
               names[i].data);
}

/* A server does this for each request, with a context for each thread. */
static rank_status answer(rank_context *cx, uint32_t budget, uint32_t bm25)
{
    const int64_t ids[N] = {5, 3, 1, 4, 2};
    const float texts[N] = {1.5f, 2.0f, 1.0f, 0.5f, 3.0f};
    const rank_result *list;
    rank_status status = rank_begin(cx);
    if (status == RANK_OK)
        status = rank_set_float(cx, budget, 100);
    if (status == RANK_OK)
        status = rank_set_ids(cx, ids, N);
    if (status == RANK_OK)
        status = rank_set_item(cx, bm25, rank_floats(texts, N, N));
    if (status == RANK_OK)
        status = rank_run(cx, 0, &list);
    if (status == RANK_OK)
        print(list);
    return status;
}

int main(int argc, char **argv)
{
    rank_program *program;
    rank_context *cx;
    uint32_t budget, bm25;
    if (rank_open(argc > 1 ? argv[1] : "shop.rankb", NULL, &program) != RANK_OK)
        return fail(rank_program_message(program));
    if (rank_context_new(program, &cx) != RANK_OK)
        return fail("out of memory");
    if (rank_find_query(cx, "budget", &budget) != RANK_OK ||
        rank_find_item(cx, "bm25", &bm25) != RANK_OK || answer(cx, budget, bm25) != RANK_OK)
        return fail(rank_message(cx));
    rank_context_free(cx);
    rank_close(program);
    return 0;
}
