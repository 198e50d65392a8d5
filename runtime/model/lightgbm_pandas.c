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

static void give(rk_model_input *input, const category_list *list)
{
    input->categories = list->items;
    input->n_categories = list->len;
}

/* The training's parameter names the columns by number, in order; false if it names others. */
static bool give_by_parameter(rk_lgb *l, const category_lists *lists)
{
    rk_str rest = l->categorical.text, word;
    uint32_t n = 0;
    int64_t column, last = -1;
    for (; rk_lgb_word(&rest, ',', &word); n++) {
        if (!rk_str_to_int(word, &column) || column <= last || column >= l->n_inputs)
            return false;
        last = column;
    }
    if (n != lists->len)
        return false;
    rest = l->categorical.text;
    for (n = 0; rk_lgb_word(&rest, ',', &word) && rk_str_to_int(word, &column); n++)
        give(&l->inputs[column], &lists->items[n]);
    return true;
}

/* `3:1:2` is what feature_infos says of categories, `[0:1]` of numbers, `none` of a constant. */
static bool is_categorical(rk_str info)
{
    return info.len && info.data[0] != '[' && !rk_str_eq(info, RK_STR("none"));
}

static uint32_t count_categorical(rk_str infos)
{
    uint32_t n = 0;
    for (rk_str info; rk_lgb_word(&infos, ' ', &info);)
        n += is_categorical(info);
    return n;
}

static bool give_by_infos(rk_lgb *l, rk_str infos, const category_lists *lists)
{
    rk_str rest = infos, info;
    uint32_t n = 0;
    if (count_categorical(infos) != lists->len)
        return false;
    for (uint32_t i = 0; rk_lgb_word(&rest, ' ', &info); i++)
        if (is_categorical(info))
            give(&l->inputs[i], &lists->items[n++]);
    return true;
}

rk_status rk_lgb_categories(rk_lgb *l, rk_str feature_infos)
{
    category_lists lists = {0};
    if (l->pandas.line == 0)
        return RK_OK;
    RK_TRY(read_lists(l, &lists));
    if (lists.len && !give_by_parameter(l, &lists) && !give_by_infos(l, feature_infos, &lists))
        rk_model_lacks(&l->loading,
                       "pandas categories whose columns the file does not tell (lists: %u, "
                       "categorical features: %u)",
                       lists.len, count_categorical(feature_infos));
    return RK_OK;
}
