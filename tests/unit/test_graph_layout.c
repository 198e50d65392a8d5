/* The layout of graphs: random ones, and the odd ones out. Boxes stay apart, lines go forward and
 * past the boxes between, and the same graph gives the same picture. */
#include "compiler/cmd/graph_layout.h"

#include <math.h>
#include <string.h>

#include "tests/unit/harness.h"

typedef struct world {
    rk_arena arena;
    graph_layout l;
    uint32_t *level; /* [boxes] as given: the layout turns levels into columns */
    uint64_t seed;
} world;

static uint32_t below(world *w, uint32_t n)
{
    w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->seed >> 33) % n);
}

static void open_world(world *w, uint64_t seed, uint32_t n_boxes, uint32_t n_levels,
                       uint32_t n_lines)
{
    *w = (world){.seed = seed, .l = {.gap = 14, .line_gap = 6}};
    w->l.n_boxes = n_boxes;
    w->l.n_levels = n_levels;
    w->l.boxes = RK_NEW_ARRAY(&w->arena, graph_box, n_boxes);
    w->l.lines = RK_NEW_ARRAY(&w->arena, graph_line, n_lines);
    w->level = RK_NEW_ARRAY(&w->arena, uint32_t, n_boxes);
    for (uint32_t i = 0; i < n_boxes; i++) /* a box at least in each level */
        w->l.boxes[i] = (graph_box){.level = i < n_levels ? i : below(w, n_levels),
                                    .width = 40 + below(w, 200),
                                    .height = 30,
                                    .port = 15};
}

/* Every sixth box has rows, which may move or not. */
static void add_rows(world *w)
{
    for (uint32_t i = 0; i < w->l.n_boxes; i += 6) {
        graph_box *const box = &w->l.boxes[i];
        box->n_rows = 1 + below(w, 12);
        box->rows_top = 40;
        box->row_height = 22;
        box->free_rows = below(w, 2);
        box->height = 40 + box->n_rows * 22.0;
    }
}

static uint32_t some_row(world *w, uint32_t box)
{
    const uint32_t n = w->l.boxes[box].n_rows;
    return n && below(w, 4) ? below(w, n) : GRAPH_WHOLE;
}

static void add_lines(world *w, uint32_t n)
{
    for (uint32_t tries = 0; w->l.n_lines < n && tries < 20 * n; tries++) {
        const uint32_t a = below(w, w->l.n_boxes), b = below(w, w->l.n_boxes);
        if (w->l.boxes[a].level < w->l.boxes[b].level)
            w->l.lines[w->l.n_lines++] = (graph_line){
                .from = a, .to = b, .from_row = some_row(w, a), .to_row = some_row(w, b)};
    }
}

static void arrange(world *w)
{
    for (uint32_t i = 0; i < w->l.n_boxes; i++)
        w->level[i] = w->l.boxes[i].level;
    ck_assert_int_eq(graph_arrange(&w->l, &w->arena), RK_OK);
}

static void close_world(world *w) { rk_arena_free(&w->arena); }

/* ---- what must hold ---- */

static bool are_apart(const graph_box *a, const graph_box *b)
{
    return a->x + a->width + 1 <= b->x || b->x + b->width + 1 <= a->x ||
           a->y + a->height + 1 <= b->y || b->y + b->height + 1 <= a->y;
}

static void boxes_are_apart(const world *w)
{
    const graph_layout *const l = &w->l;
    for (uint32_t i = 0; i < l->n_boxes; i++) {
        ck_assert(l->boxes[i].x >= 0 && l->boxes[i].y > -0.01);
        ck_assert(l->boxes[i].x + l->boxes[i].width <= l->width + 0.01);
        ck_assert(l->boxes[i].y + l->boxes[i].height <= l->height + 0.01);
        for (uint32_t k = 0; k < i; k++)
            ck_assert_msg(are_apart(&l->boxes[i], &l->boxes[k]), "%u and %u", i, k);
    }
}

static void rows_are_all_there(const world *w)
{
    for (uint32_t i = 0; i < w->l.n_boxes; i++) {
        uint64_t seen = 0;
        for (uint32_t row = 0; row < w->l.boxes[i].n_rows; row++) {
            seen |= UINT64_C(1) << w->l.boxes[i].row_at[row];
            ck_assert(w->l.boxes[i].free_rows || w->l.boxes[i].row_at[row] == row);
        }
        ck_assert_uint_eq(seen, (UINT64_C(1) << w->l.boxes[i].n_rows) - 1);
    }
}

static void passes_no_box(const world *w, uint32_t column, double y)
{
    for (uint32_t i = 0; i < w->l.n_boxes; i++) {
        const graph_box *const box = &w->l.boxes[i];
        if (box->level == column)
            ck_assert_msg(y <= box->y - 1 || y >= box->y + box->height + 1, "through box %u", i);
    }
}

static void lines_go_forward(const world *w)
{
    for (uint32_t i = 0; i < w->l.n_lines; i++) {
        const graph_line *const line = &w->l.lines[i];
        const graph_box *const from = &w->l.boxes[line->from], *const to = &w->l.boxes[line->to];
        const double *const ys = w->l.ys.items + line->first_y;
        ck_assert(from->x + from->width < to->x);
        ck_assert(fabs(ys[0] - graph_port(from, line->from_row)) < 1e-9);
        ck_assert(line->n_y == to->level - from->level);
        for (uint32_t k = 1; k < line->n_y; k++)
            passes_no_box(w, from->level + k, ys[k]);
    }
}

static void levels_are_columns_in_order(const world *w)
{
    for (uint32_t i = 0; i < w->l.n_boxes; i++)
        for (uint32_t k = 0; k < w->l.n_boxes; k++)
            if (w->level[i] < w->level[k])
                ck_assert(w->l.boxes[i].level < w->l.boxes[k].level);
}

static void check_all(const world *w)
{
    boxes_are_apart(w);
    rows_are_all_there(w);
    lines_go_forward(w);
    levels_are_columns_in_order(w);
}

/* ---- tests ---- */

START_TEST(random_graphs)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        world w;
        open_world(&w, seed, 4 + (uint32_t)seed * 2, 2 + seed % 7 % 3, 300);
        add_rows(&w);
        add_lines(&w, (uint32_t)seed * 5);
        arrange(&w);
        check_all(&w);
        close_world(&w);
    }
}
END_TEST

START_TEST(deep_graphs)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        world w;
        open_world(&w, seed, 80, 40, 200);
        add_rows(&w);
        add_lines(&w, 160);
        arrange(&w);
        check_all(&w);
        close_world(&w);
    }
}
END_TEST

START_TEST(a_wide_level_is_wrapped)
{
    world w;
    open_world(&w, 7, 202, 3, 400);
    for (uint32_t i = 0; i < 202; i++)
        w.l.boxes[i].level = i == 0 ? 0 : i == 201 ? 2 : 1;
    for (uint32_t i = 1; i < 201; i++) {
        w.l.lines[w.l.n_lines++] = (graph_line){0, i, GRAPH_WHOLE, GRAPH_WHOLE, 0, 0};
        w.l.lines[w.l.n_lines++] = (graph_line){i, 201, GRAPH_WHOLE, GRAPH_WHOLE, 0, 0};
    }
    arrange(&w);
    check_all(&w);
    ck_assert_uint_gt(w.l.n_levels, 4);
    ck_assert(w.l.height < 2 * w.l.width);
    close_world(&w);
}
END_TEST

/* Two that would cross are put in order, and so are rows that may move. */
START_TEST(crossings_are_undone)
{
    world w;
    open_world(&w, 1, 5, 2, 8);
    for (uint32_t i = 0; i < 5; i++)
        w.l.boxes[i].level = i >= 1;
    w.l.boxes[0] = (graph_box){.level = 0,
                               .width = 50,
                               .height = 128,
                               .port = 20,
                               .rows_top = 40,
                               .row_height = 22,
                               .n_rows = 4,
                               .free_rows = true};
    for (uint32_t i = 0; i < 4; i++)
        w.l.lines[w.l.n_lines++] = (graph_line){0, 1 + i, 3 - i, GRAPH_WHOLE, 0, 0};
    arrange(&w);
    check_all(&w);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; k < i; k++)
            ck_assert((graph_port(&w.l.boxes[0], 3 - i) < graph_port(&w.l.boxes[0], 3 - k)) ==
                      (w.l.boxes[1 + i].y < w.l.boxes[1 + k].y));
    close_world(&w);
}
END_TEST

/* A chain, all of whose links the last one reads, has more places to pass than there is room for.
 */
START_TEST(far_too_long_lines)
{
    enum { N = 2000 };
    world w;
    open_world(&w, 1, N, N, 2 * N);
    for (uint32_t i = 0; i + 1 < N; i++) {
        w.l.lines[w.l.n_lines++] = (graph_line){i, i + 1, GRAPH_WHOLE, GRAPH_WHOLE, 0, 0};
        w.l.lines[w.l.n_lines++] = (graph_line){i, N - 1, GRAPH_WHOLE, GRAPH_WHOLE, 0, 0};
    }
    arrange(&w);
    ck_assert_uint_lt(w.l.ys.len, 500000);
    for (uint32_t i = 0; i < w.l.n_lines; i++)
        ck_assert(w.l.lines[i].n_y == 1 || w.l.lines[i].n_y == w.l.lines[i].to - w.l.lines[i].from);
    close_world(&w);
}
END_TEST

START_TEST(the_same_each_time)
{
    world a, b;
    open_world(&a, 5, 90, 6, 200);
    add_lines(&a, 200);
    open_world(&b, 5, 90, 6, 200);
    add_lines(&b, 200);
    arrange(&a);
    arrange(&b);
    for (uint32_t i = 0; i < 90; i++)
        ck_assert(a.l.boxes[i].x == b.l.boxes[i].x && a.l.boxes[i].y == b.l.boxes[i].y);
    ck_assert_uint_eq(a.l.ys.len, b.l.ys.len);
    ck_assert_int_eq(memcmp(a.l.ys.items, b.l.ys.items, a.l.ys.len * sizeof *a.l.ys.items), 0);
    close_world(&a);
    close_world(&b);
}
END_TEST

START_TEST(nothing_and_one)
{
    world w;
    open_world(&w, 1, 0, 0, 0);
    arrange(&w);
    ck_assert(w.l.width == 0 && w.l.height == 0);
    close_world(&w);
    open_world(&w, 1, 1, 1, 0);
    arrange(&w);
    ck_assert(w.l.boxes[0].x == 0 && w.l.boxes[0].y == 0 && w.l.height == 30);
    close_world(&w);
}
END_TEST

RK_SUITE_MAIN("graph layout", random_graphs, deep_graphs, a_wide_level_is_wrapped,
              crossings_are_undone, far_too_long_lines, the_same_each_time, nothing_and_one)
