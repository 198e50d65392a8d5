/* The categories of a pandas DataFrame: the last line has a list of lists, one for each column of
 * type `category`, in the order of the columns, and nothing says which columns these were. */
#include "runtime/base/json.h"
#include "runtime/model/lightgbm.h"

typedef RK_VEC(rk_str) category_list;
typedef RK_VEC(category_list) category_lists;

static rk_status refuse(const rk_lgb *l, const rk_json *json, const char *what)
{
    if (json->no_memory)
        return RK_ENOMEM;
    return rk_model_bad(&l->loading, l->pandas.line, "pandas_categorical, byte %zu: %s",
                        json->error ? json->error_at : json->start,
                        json->error ? json->error : what);
}

static rk_status read_list(rk_lgb *l, rk_json *json, category_list *out)
{
    for (;;) {
        const rk_json_event event = rk_json_next(json);
        if (event == RK_JSON_LIST_END)
            return RK_OK;
        rk_str text = json->token;
        if (event == RK_JSON_TRUE || event == RK_JSON_FALSE)
            text = event == RK_JSON_TRUE ? RK_STR("true") : RK_STR("false");
        else if (event != RK_JSON_STRING && event != RK_JSON_NUMBER)
            return refuse(l, json, "a category should stand here");
        text.data = rk_arena_copy(l->arena, text.data, text.len);
        if (!text.data || !rk_vec_push(l->arena, out, text))
            return RK_ENOMEM;
    }
}

static rk_status read_lists(rk_lgb *l, category_lists *out)
{
    rk_json json;
    rk_json_init(&json, &l->one_tree, l->pandas.text);
    rk_json_event event = rk_json_next(&json);
    if (event == RK_JSON_NULL)
        return rk_json_next(&json) == RK_JSON_END ? RK_OK : refuse(l, &json, "text after `null`");
    if (event != RK_JSON_LIST)
        return refuse(l, &json, "a list should stand here");
    while ((event = rk_json_next(&json)) == RK_JSON_LIST) {
        category_list list = {0};
        RK_TRY(read_list(l, &json, &list));
        if (!rk_vec_push(&l->one_tree, out, list))
            return RK_ENOMEM;
    }
    if (event != RK_JSON_LIST_END || rk_json_next(&json) != RK_JSON_END)
        return refuse(l, &json, "a list of categories should stand here");
    return RK_OK;
}

/* ---- which columns ---- */

/* `3:1:2` is what feature_infos says of categories, `[0:1]` of numbers, `none` of a constant. */
static bool is_categorical(rk_str info)
{
    return info.len && info.data[0] != '[' && !rk_str_eq(info, RK_STR("none"));
}

/* Marks the columns that the parameter categorical_feature names by number; how many, UINT32_MAX if
 * it says something else. */
static uint32_t choose_by_parameter(const rk_lgb *l, bool *chosen)
{
    rk_str rest = l->categorical.text, word;
    uint32_t n = 0;
    for (int64_t column; rk_lgb_word(&rest, ',', &word); n++) {
        if (!rk_str_to_int(word, &column) || column < 0 || column >= l->n_inputs || chosen[column])
            return UINT32_MAX;
        chosen[column] = true;
    }
    return n;
}

static uint32_t choose_by_infos(const rk_lgb *l, rk_str infos, bool *chosen)
{
    uint32_t n = 0;
    rk_str info;
    for (uint32_t i = 0; i < l->n_inputs; i++) {
        chosen[i] = rk_lgb_word(&infos, ' ', &info) && is_categorical(info);
        n += chosen[i];
    }
    return n;
}

/* Whether a column can have had these categories: its numbers in training were their places. */
static bool fits(rk_str info, uint32_t n_categories)
{
    rk_str word;
    int64_t number;
    if (info.len && info.data[0] == '[')
        return false;
    if (!is_categorical(info))
        return true;
    while (rk_lgb_word(&info, ':', &word))
        if (!rk_str_to_int(word, &number) || number >= n_categories)
            return false;
    return true;
}

/* Gives the lists to the columns chosen, in order; false if one cannot be right. */
static bool give(rk_lgb *l, rk_str infos, const bool *chosen, const category_lists *lists)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_inputs; i++) {
        rk_str info = {"", 0};
        rk_lgb_word(&infos, ' ', &info);
        if (!chosen[i])
            continue;
        const category_list *const list = &lists->items[n++];
        if (!fits(info, list->len))
            return false;
        l->inputs[i].categories = list->items;
        l->inputs[i].n_categories = list->len;
    }
    return true;
}

rk_status rk_lgb_categories(rk_lgb *l, rk_str feature_infos)
{
    category_lists lists = {0};
    if (l->pandas.line == 0)
        return RK_OK;
    RK_TRY(read_lists(l, &lists));
    if (lists.len == 0)
        return RK_OK;
    bool *const chosen = RK_NEW_ARRAY(&l->one_tree, bool, l->n_inputs);
    if (!chosen)
        return RK_ENOMEM;
    uint32_t n = choose_by_parameter(l, chosen);
    if (n != lists.len)
        n = choose_by_infos(l, feature_infos, chosen);
    if (n != lists.len)
        rk_model_lacks(&l->loading,
                       "pandas categories whose columns the file does not tell (lists: %u, "
                       "categorical features: %u)",
                       lists.len, n);
    else if (!give(l, feature_infos, chosen, &lists))
        rk_model_lacks(&l->loading, "pandas categories of columns that are numbers to the model");
    return RK_OK;
}
