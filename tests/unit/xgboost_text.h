/* XGBoost models of tests/models as texts, to be changed and loaded from memory. */
#ifndef RK_UNIT_XGBOOST_TEXT_H
#define RK_UNIT_XGBOOST_TEXT_H

#include "tests/unit/model_golden.h"

typedef struct loaded {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    rk_status status;
} loaded;

static inline loaded load_bytes(rk_str bytes)
{
    loaded l = {0};
    rk_diags_init(&l.diags, &l.arena);
    const rk_model_spec spec = {.path = RK_STR("m"), .span = RK_NO_SPAN, .bytes = &bytes};
    l.status = rk_model_load(&spec, &l.arena, &l.diags, &l.model);
    return l;
}

static inline rk_str message_of(const loaded *l)
{
    return l->diags.items.len ? l->diags.items.items[0]->message : RK_STR("");
}

static inline void unload(loaded *l)
{
    rk_arena_free(&l->arena);
    *l = (loaded){0};
}

/* A fixture, as a text that may be changed. */
static inline rk_buf read_fixture(const char *name)
{
    char path[1024];
    const char *const source = getenv("RANK_SRC");
    snprintf(path, sizeof path, "%s/tests/models/xgboost-%s", source ? source : ".", name);
    rk_mapping file;
    ck_assert_msg(rk_file_map(path, &file) == RK_FILE_FINE, "%s", path);
    rk_buf out = {0};
    rk_buf_add(&out, file.text);
    rk_file_unmap(&file);
    return out;
}

/* The text with the first `from` after the first `after` put as `to`. */
static inline rk_buf change(rk_buf text, const char *after, const char *from, const char *to)
{
    char *const start = strstr(text.data, after);
    ck_assert_msg(start != NULL, "no %s", after);
    const char *const at = strstr(start, from);
    ck_assert_msg(at != NULL, "no %s", from);
    rk_buf out = {0};
    rk_buf_add(&out, (rk_str){text.data, (size_t)(at - text.data)});
    rk_buf_add_chars(&out, to);
    rk_buf_add_chars(&out, at + strlen(from));
    rk_buf_free(&text);
    return out;
}

#endif
