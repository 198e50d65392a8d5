/* XGBoost's models: what the library says of them, bit for bit, and what files may look like. */
#include <math.h>

#include "runtime/base/json.h"
#include "tests/unit/xgboost_text.h"

/* Scores are floats: so many steps of double are 4 of float. */
#define FOUR_ULPS (UINT64_C(4) << 29)

/* clang-format off */
static const struct { const char *name, *suffix; } fixtures[] = {
    {"squarederror", "json"}, {"squaredlogerror", "json"}, {"reg-logistic", "json"}, {"pseudohubererror", "json"},
    {"absoluteerror", "json"}, {"gamma", "json"}, {"tweedie", "json"}, {"quantileerror", "json"}, {"poisson", "json"},
    {"logistic", "json"}, {"logitraw", "json"}, {"hinge", "json"}, {"softmax", "json"}, {"softprob", "json"},
    {"pairwise", "json"}, {"ndcg", "json"}, {"map", "json"}, {"aft", "json"}, {"cox", "json"},
    {"binary-ubjson", "ubj"}, {"dart", "json"}, {"dart-ubjson", "ubj"}, {"linear", "json"}, {"linear-multi", "ubj"},
    {"targets", "json"}, {"parallel", "json"}, {"best", "json"}, {"deep", "ubj"}, {"pruned", "json"}, {"empty", "json"},
    {"leaf", "json"}, {"tiny", "json"}, {"categories", "json"}, {"onehot", "ubj"}, {"names", "json"},
    {"names-ubjson", "ubj"}, {"old-1.0", "json"}, {"old-1.7", "json"},
};
/* clang-format on */

START_TEST(equals_the_library)
{
    char model[96], name[64];
    snprintf(name, sizeof name, "xgboost-%s", fixtures[_i].name);
    snprintf(model, sizeof model, "%s.%s", name, fixtures[_i].suffix);
    golden g;
    golden_open(&g, model, name, 0);
    ck_assert_uint_ge(g.n, 20);
    golden_check(&g, name, FOUR_ULPS);
    golden_close(&g);
}
END_TEST

/* `trees` counts those of each output: three of each, which are one round of this model. Without it
 * early stopping's best round is the last; with it all may be had. */
START_TEST(takes_the_first_trees)
{
    golden g;
    golden_open(&g, "xgboost-parallel.json", "xgboost-parallel-first", 3);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 9);
    golden_check(&g, "parallel-first", FOUR_ULPS);
    golden_close(&g);
    golden_open(&g, "xgboost-best.json", "xgboost-best", 0);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 10);
    golden_close(&g);
    golden_open(&g, "xgboost-best.json", "xgboost-best-all", 1000);
    ck_assert_uint_eq(g.model->as.forest->n_trees, 18);
    golden_check(&g, "best-all", FOUR_ULPS);
    golden_close(&g);
}
END_TEST

static void check_same(const rk_model *a, const rk_model *b)
{
    const rk_forest *const x = a->as.forest, *const y = b->as.forest;
    ck_assert_uint_eq(a->n_inputs, b->n_inputs);
    ck_assert_uint_eq(x->n_trees, y->n_trees);
    ck_assert_uint_eq(x->n_splits, y->n_splits);
    ck_assert_uint_eq(x->n_words, y->n_words);
    for (uint32_t i = 0; i < x->n_splits; i++) {
        const rk_tree_split *const s = &x->splits[i], *const t = &y->splits[i];
        ck_assert(s->threshold == t->threshold && s->feature == t->feature && s->left == t->left);
        ck_assert(s->right == t->right && s->set == t->set && s->nan_left == t->nan_left);
        ck_assert(x->gains[i] == y->gains[i] && x->covers[i] == y->covers[i]);
    }
    ck_assert(memcmp(x->leaves, y->leaves, x->n_leaves * sizeof *x->leaves) == 0);
    ck_assert(memcmp(x->base, y->base, x->n_outputs * sizeof *x->base) == 0);
    ck_assert(x->n_words == 0 || memcmp(x->words, y->words, x->n_words * sizeof *x->words) == 0);
}

/* ---- what is known of a model besides its scores ---- */

START_TEST(describes_itself)
{
    golden g;
    golden_open(&g, "xgboost-logistic.json", "xgboost-logistic", 0);
    ck_assert_str_eq(g.model->format, "XGBoost JSON");
    ck_assert(rk_str_eq(g.model->version, RK_STR("3.2.0")));
    ck_assert(rk_str_eq(g.model->objective, RK_STR("binary:logistic")));
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_SIGMOID);
    ck_assert(g.model->slope == 1);
    ck_assert_int_eq(rk_model_type(g.model, RK_MODEL_SCORE).kind, RK_KIND_FLOAT);
    ck_assert(rk_type_eq(rk_model_type(g.model, RK_MODEL_LEAVES), RK_TYPE_LIST(INT)));
    ck_assert(g.model->as.forest->gains[0] > 0 && g.model->as.forest->covers[0] > 0);
    golden_close(&g);
    /* One class is told of the three, which remain as raw scores. */
    golden_open(&g, "xgboost-softmax.json", "xgboost-softmax", 0);
    ck_assert_int_eq(g.model->transform, RK_TRANSFORM_CLASS);
    ck_assert_int_eq(rk_model_type(g.model, RK_MODEL_SCORE).kind, RK_KIND_FLOAT);
    ck_assert_uint_eq(rk_model_type(g.model, RK_MODEL_RAW).dim, 3);
    golden_close(&g);
    golden_open(&g, "xgboost-binary-ubjson.ubj", "xgboost-binary-ubjson", 0);
    ck_assert_str_eq(g.model->format, "XGBoost UBJSON");
    golden_close(&g);
    golden_open(&g, "xgboost-old-1.0.json", "xgboost-old-1.0", 0);
    ck_assert(rk_str_eq(g.model->version, RK_STR("1.0.2")));
    golden_close(&g);
}
END_TEST

static void check_names(const char *file, const char *golden_name)
{
    static const char *const names[] = {"price", "colour", "gr\u00f6\u00dfe, \"x\"", "shop"};
    static const char *const colours[] = {"red", "green", "blue", "", "a,b", "light blue"};
    golden g;
    golden_open(&g, file, golden_name, 0);
    ck_assert_uint_eq(g.model->n_inputs, 4);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert(rk_str_eq(g.model->inputs[i].name, rk_str_from(names[i])));
        ck_assert(g.model->inputs[i].missing);
    }
    const rk_model_input *const colour = &g.model->inputs[1], *const shop = &g.model->inputs[3];
    ck_assert_uint_eq(g.model->inputs[0].n_categories, 0);
    ck_assert_uint_eq(colour->n_categories, RK_ARRAY_LEN(colours));
    for (uint32_t i = 0; i < RK_ARRAY_LEN(colours); i++)
        ck_assert(rk_str_eq(colour->categories[i], rk_str_from(colours[i])));
    ck_assert(colour->categorical && !g.model->inputs[0].categorical);
    ck_assert_uint_gt(shop->n_categories, 60);
    ck_assert(rk_str_eq(shop->categories[0], RK_STR("-30")));
    ck_assert(rk_str_eq(shop->categories[shop->n_categories - 1], RK_STR("660")));
    golden_close(&g);
}

START_TEST(knows_its_inputs)
{
    check_names("xgboost-names.json", "xgboost-names");
    check_names("xgboost-names-ubjson.ubj", "xgboost-names-ubjson");
    golden g;
    golden_open(&g, "xgboost-leaf.json", "xgboost-leaf", 0);
    for (uint32_t i = 0; i < g.model->n_inputs; i++)
        ck_assert(!g.model->inputs[i].used && g.model->inputs[i].name.len == 0);
    golden_close(&g);
    golden_open(&g, "xgboost-linear.json", "xgboost-linear", 0);
    for (uint32_t i = 0; i < g.model->n_inputs; i++)
        ck_assert(g.model->inputs[i].used && g.model->inputs[i].missing);
    golden_close(&g);
}
END_TEST

/* XGBoost cuts strings in wrong places when they are not ASCII: the codes are the input then. */
START_TEST(does_not_trust_categories_that_are_not_ascii)
{
    rk_buf text = read_fixture("names.json");
    text = change(text, "\"values\":[114", "114", "-61");
    loaded l = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(l.status, RK_OK);
    ck_assert_uint_eq(l.model->inputs[1].n_categories, 0);
    ck_assert(l.model->inputs[1].categorical && l.model->inputs[3].n_categories > 60);
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* An input whose weights are all 0 is not asked for. */
START_TEST(leaves_out_weights_of_zero)
{
    rk_buf text = read_fixture("linear.json");
    char *const first = strstr(text.data, "\"weights\":[") + strlen("\"weights\":[");
    const rk_str weight = {first, strcspn(first, ",")};
    char from[64];
    snprintf(from, sizeof from, "%.*s,", RK_STR_ARG(weight));
    text = change(text, "\"weights\"", from, "0E0,");
    loaded l = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(l.status, RK_OK);
    ck_assert(!l.model->inputs[0].used && l.model->inputs[1].used);
    unload(&l);
    rk_buf_free(&text);
}
END_TEST

/* ---- forms of files ---- */

START_TEST(takes_base_scores_of_all_forms)
{
    static const char *const forms[] = {"\"3.0000001E-1\"", "\"0.300000012\"", "0.300000012",
                                        "[0.300000012]", "\" [ 3.0000001E-1 ] \""};
    rk_buf text = read_fixture("logistic.json");
    loaded a = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(a.status, RK_OK);
    /* logit(0.3f) as XGBoost has it, in float. */
    ck_assert(a.model->as.forest->base[0] == (double)-logf(1.0f / 0.3f - 1.0f));
    for (size_t i = 0; i < RK_ARRAY_LEN(forms); i++) {
        rk_buf other = {0};
        rk_buf_add(&other, rk_buf_str(&text));
        other = change(other, "\"base_score\":", "\"[3E-1]\"", forms[i]);
        loaded b = load_bytes(rk_buf_str(&other));
        ck_assert_msg(b.status == RK_OK, "%s: %.*s", forms[i], RK_STR_ARG(message_of(&b)));
        check_same(a.model, b.model);
        unload(&b);
        rk_buf_free(&other);
    }
    unload(&a);
    rk_buf_free(&text);
}
END_TEST

/* A probability of 0 or 1, of labels all alike, is taken for 1e-6 from there. */
START_TEST(bounds_base_scores_of_logistic_models)
{
    static const struct {
        const char *score;
        float margin;
    } rows[] = {{"\"0\"", -13.815510f}, {"\"1\"", 13.7451601f}};
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++) {
        rk_buf text = read_fixture("logistic.json");
        text = change(text, "\"base_score\":", "\"[3E-1]\"", rows[i].score);
        loaded l = load_bytes(rk_buf_str(&text));
        ck_assert_int_eq(l.status, RK_OK);
        ck_assert_msg((float)l.model->as.forest->base[0] == rows[i].margin, "%.9g",
                      l.model->as.forest->base[0]);
        unload(&l);
        rk_buf_free(&text);
    }
}
END_TEST

/* Statistics of degenerate splits are no finite numbers, nor are some thresholds: less than NaN is
 * nothing, less than infinity is all but infinity itself. */
START_TEST(takes_numbers_that_are_not_finite)
{
    rk_buf text = read_fixture("squarederror.json");
    text = change(text, "\"loss_changes\":[", "[", "[NaN,");
    text = change(text, "\"loss_changes\":[NaN,", ",", ",Infinity],\"was\":[");
    loaded l = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(l.status, RK_OK); /* too few gains: there are none */
    ck_assert(l.model->as.forest->gains == NULL && l.model->as.forest->covers != NULL);
    unload(&l);
    rk_buf_free(&text);

    static const struct {
        const char *threshold;
        double is;
    } rows[] = {{"NaN", -INFINITY}, {"-Infinity", -INFINITY}, {"Infinity", 0x1.ffffffp127}};
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++) {
        text = read_fixture("squarederror.json");
        char *const first = strstr(text.data, "\"split_conditions\":[") + 20;
        const rk_str old = {first, strcspn(first, ",")};
        char from[64];
        snprintf(from, sizeof from, "%.*s", RK_STR_ARG(old));
        text = change(text, "\"split_conditions\":[", from, rows[i].threshold);
        l = load_bytes(rk_buf_str(&text));
        ck_assert_msg(l.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&l)));
        ck_assert(l.model->as.forest->splits[0].threshold == rows[i].is);
        unload(&l);
        rk_buf_free(&text);
    }
}
END_TEST

/* Another order of members, spaces, members that we do not know. */
START_TEST(reads_members_in_any_order)
{
    rk_buf text = read_fixture("categories.json");
    loaded a = load_bytes(rk_buf_str(&text));
    rk_buf other = {0};
    rk_buf_add(&other, rk_buf_str(&text));
    const char *const version = strstr(text.data, ",\"version\"");
    rk_buf moved = {0};
    rk_buf_printf(
        &moved,
        " {\n  \"version\" : [3, 2, 0],\r\n\t\"new\": {\"x\": [[], {}, null, true]},%.*s}\n",
        (int)(version - text.data - 1), text.data + 1);
    loaded b = load_bytes(rk_buf_str(&moved));
    ck_assert_msg(b.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&b)));
    check_same(a.model, b.model);
    unload(&a);
    unload(&b);
    rk_buf_free(&moved);
    rk_buf_free(&other);
    rk_buf_free(&text);
}
END_TEST

/* After 3.2 DART is no booster of its own: a forest has weights. */
START_TEST(reads_weights_inside_the_forest)
{
    rk_buf text = read_fixture("dart.json");
    loaded a = load_bytes(rk_buf_str(&text));
    ck_assert_int_eq(a.status, RK_OK);
    const char *const weights = strstr(text.data, "\"weight_drop\":[");
    const char *const end = strchr(weights, ']') + 1;
    const char *const inner = strstr(text.data, "\"gbtree\":{") + strlen("\"gbtree\":{");
    const char *const model = strstr(inner, "\"model\":{") + strlen("\"model\":{");
    const char *const outer = strstr(inner, "},\"name\":\"dart\"");
    rk_buf other = {0};
    rk_buf_add(&other, (rk_str){text.data, (size_t)(inner - text.data) - strlen("\"gbtree\":{")});
    rk_buf_printf(&other, "\"model\":{%.*s,", (int)(end - weights), weights);
    rk_buf_add(&other, (rk_str){model, (size_t)(outer - model)});
    rk_buf_add_chars(&other, end);
    ck_assert(strstr(other.data, "dart") == NULL);
    loaded b = load_bytes(rk_buf_str(&other));
    ck_assert_msg(b.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&b)));
    check_same(a.model, b.model);
    unload(&a);
    unload(&b);
    rk_buf_free(&text);
    rk_buf_free(&other);
}
END_TEST

/* ---- UBJSON in other words ---- */

static void put_big(rk_buf *out, uint64_t bits, int size)
{
    for (int i = size - 1; i >= 0; i--)
        rk_buf_add_char(out, (char)(bits >> (8 * i)));
}

/* Of the types that hold it, another one each time. */
static void put_int(rk_buf *out, int64_t value, uint32_t *turn)
{
    static const struct {
        char type;
        int size;
        int64_t least, most;
    } types[] = {{'i', 1, INT8_MIN, INT8_MAX},
                 {'U', 1, 0, UINT8_MAX},
                 {'I', 2, INT16_MIN, INT16_MAX},
                 {'l', 4, INT32_MIN, INT32_MAX},
                 {'L', 8, INT64_MIN, INT64_MAX}};
    uint32_t at = ++*turn % RK_ARRAY_LEN(types);
    while (value < types[at].least || value > types[at].most)
        at++;
    rk_buf_add_char(out, types[at].type);
    put_big(out, (uint64_t)value, types[at].size);
}

static void put_text(rk_buf *out, rk_str text, uint32_t *turn)
{
    put_int(out, (int64_t)text.len, turn);
    rk_buf_add(out, text);
}

static void put_number(rk_buf *out, rk_str token, uint32_t *turn)
{
    int64_t whole;
    double real;
    if (rk_str_to_int(token, &whole)) {
        put_int(out, whole, turn);
        return;
    }
    ck_assert(rk_str_to_double(token, &real));
    float narrow = 0;
    ck_assert(rk_str_to_float(token, &narrow));
    uint64_t bits;
    uint32_t half;
    real = (double)narrow;
    memcpy(&bits, &real, 8);
    memcpy(&half, &narrow, 4);
    const bool wide = ++*turn % 2;
    rk_buf_add_char(out, wide ? 'D' : 'd');
    put_big(out, wide ? bits : half, wide ? 8 : 4);
}

/* JSON as UBJSON without counts, its numbers in changing types, with no-ops between. */
static rk_buf to_ubjson(rk_str text)
{
    rk_buf out = {0};
    rk_arena arena = {0};
    rk_json json;
    uint32_t turn = 0;
    rk_json_init(&json, &arena, text);
    for (;;) {
        const rk_json_event event = rk_json_next(&json);
        static const char marks[] = {
            [RK_JSON_NULL] = 'Z',   [RK_JSON_FALSE] = 'F',     [RK_JSON_TRUE] = 'T',
            [RK_JSON_STRING] = 'S', [RK_JSON_LIST] = '[',      [RK_JSON_LIST_END] = ']',
            [RK_JSON_OBJECT] = '{', [RK_JSON_OBJECT_END] = '}'};
        ck_assert_int_ne(event, RK_JSON_ERROR);
        if (event == RK_JSON_END)
            break;
        if (out.len && turn % 7 == 0)
            rk_buf_add_char(&out, 'N');
        if (event < (int)sizeof marks && marks[event])
            rk_buf_add_char(&out, marks[event]);
        if (event == RK_JSON_NUMBER)
            put_number(&out, json.token, &turn);
        if (event == RK_JSON_NAME || event == RK_JSON_STRING)
            put_text(&out, json.token, &turn);
    }
    rk_arena_free(&arena);
    return out;
}

START_TEST(reads_all_forms_of_ubjson)
{
    rk_buf text = read_fixture("categories.json");
    rk_buf other = to_ubjson(rk_buf_str(&text));
    loaded a = load_bytes(rk_buf_str(&text)), b = load_bytes(rk_buf_str(&other));
    ck_assert_msg(b.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&b)));
    ck_assert_str_eq(b.model->format, "XGBoost UBJSON");
    check_same(a.model, b.model);
    unload(&a);
    unload(&b);
    rk_buf_free(&text);
    rk_buf_free(&other);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_xgboost");
    TCase *const tcase = tcase_create("model_xgboost");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(fixtures));
    tcase_add_test(tcase, takes_the_first_trees);
    tcase_add_test(tcase, describes_itself);
    tcase_add_test(tcase, knows_its_inputs);
    tcase_add_test(tcase, does_not_trust_categories_that_are_not_ascii);
    tcase_add_test(tcase, leaves_out_weights_of_zero);
    tcase_add_test(tcase, takes_base_scores_of_all_forms);
    tcase_add_test(tcase, bounds_base_scores_of_logistic_models);
    tcase_add_test(tcase, takes_numbers_that_are_not_finite);
    tcase_add_test(tcase, reads_members_in_any_order);
    tcase_add_test(tcase, reads_weights_inside_the_forest);
    tcase_add_test(tcase, reads_all_forms_of_ubjson);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
