#include "compiler/sema/outline.h"

const char *rk_named_kind_text(rk_named_kind kind)
{
    static const char *const texts[] = {
        [RK_NAMED_QUERY_FIELD] = "query field",
        [RK_NAMED_ITEM_FIELD] = "item field",
        [RK_NAMED_SOURCE] = "source",
        [RK_NAMED_SOURCE_FIELD] = "source field",
        [RK_NAMED_FACTOR] = "factor",
        [RK_NAMED_DEF] = "def",
        [RK_NAMED_MODEL] = "model",
        [RK_NAMED_INDEX] = "index",
        [RK_NAMED_PIPELINE] = "pipeline",
        [RK_NAMED_LABEL] = "label",
        [RK_NAMED_REVISION] = "revision",
    };
    return texts[kind];
}

/* Fields of the query have no short name. */
static bool has_short_name(rk_named_kind kind)
{
    return kind == RK_NAMED_ITEM_FIELD || kind == RK_NAMED_SOURCE_FIELD || kind == RK_NAMED_LABEL;
}

/* A field hides a label of its name. */
static bool is_better(const rk_outline *outline, uint32_t i, uint32_t found)
{
    return outline->items.items[found].kind == RK_NAMED_LABEL &&
           outline->items.items[i].kind != RK_NAMED_LABEL;
}

uint32_t rk_outline_find(const rk_outline *outline, rk_str name)
{
    uint32_t found = RK_MAP_NONE;
    bool several = false;
    for (uint32_t i = 0; i < outline->items.len; i++) {
        const rk_named *const named = &outline->items.items[i];
        if (rk_str_eq(named->long_name, name))
            return i;
        if (!has_short_name(named->kind) || !rk_str_eq(named->name, name))
            continue;
        if (found == RK_MAP_NONE || is_better(outline, i, found)) {
            found = i;
            several = false;
        } else if (!is_better(outline, found, i))
            several = true;
    }
    return several ? RK_MAP_NONE : found;
}

/* ---- what hangs together ---- */

typedef const uint32_t *neighbours(const rk_outline *outline, uint32_t i, uint32_t *n);

/* Marks what the marked things lead to; `queue` begins with the `len` of them. */
static void spread(const rk_outline *outline, neighbours *next, uint8_t *marks, uint32_t *queue,
                   uint32_t len)
{
    for (uint32_t at = 0; at < len; at++) {
        uint32_t n;
        const uint32_t *const others = next(outline, queue[at], &n);
        for (uint32_t k = 0; k < n; k++)
            if (!marks[others[k]]) {
                marks[others[k]] = 1;
                queue[len++] = others[k];
            }
    }
}

static uint8_t *spread_from(const rk_outline *outline, rk_arena *arena, uint32_t i,
                            neighbours *next)
{
    uint8_t *const marks = RK_NEW_ARRAY(arena, uint8_t, outline->items.len);
    uint32_t *const queue = RK_NEW_ARRAY(arena, uint32_t, outline->items.len);
    if (!marks || !queue)
        return NULL;
    marks[i] = 1;
    queue[0] = i;
    spread(outline, next, marks, queue, 1);
    return marks;
}

uint8_t *rk_outline_all_reads(const rk_outline *outline, rk_arena *arena, uint32_t i)
{
    return spread_from(outline, arena, i, rk_outline_reads);
}

uint8_t *rk_outline_all_users(const rk_outline *outline, rk_arena *arena, uint32_t i)
{
    return spread_from(outline, arena, i, rk_outline_users);
}

uint8_t *rk_outline_live(const rk_outline *outline, rk_arena *arena, uint32_t pipeline,
                         const uint8_t *members)
{
    const rk_named *const items = outline->items.items;
    uint8_t *const marks = RK_NEW_ARRAY(arena, uint8_t, outline->items.len);
    uint32_t *const queue = RK_NEW_ARRAY(arena, uint32_t, outline->items.len);
    uint32_t len = 0;
    if (!marks || !queue)
        return NULL;
    for (uint32_t i = 0; i < outline->items.len; i++) {
        if (items[i].kind != RK_NAMED_PIPELINE || (pipeline != RK_MAP_NONE && pipeline != i) ||
            (members && !members[i]))
            continue;
        marks[i] = 1;
        queue[len++] = i;
    }
    spread(outline, rk_outline_reads, marks, queue, len);
    for (uint32_t i = 0; i < outline->items.len; i++)
        if (items[i].kind == RK_NAMED_LABEL) /* one of a pipeline that does not run is none */
            marks[i] = marks[items[i].owner];
    return marks;
}
