/* ONNX files that are refused: damaged, cut off, or not supported. */
#include "runtime/model/onnx_trees.h"
#include "tests/unit/proto_text.h"
#include "tests/unit/xgboost_text.h"

/* ---- an ensemble by hand: x0 <= 2 ? 1 : 2 ---- */

typedef struct recipe {
    const char *op, *mode, *post, *aggregate;
    int64_t feature, yes, no, target, n_targets;
    int bases, trees;
    const char *before, *behind; /* operators round it */
    const char *message;         /* NULL: it loads */
} recipe;

static void put_end(rk_buf *node, rk_buf *attribute, const char *name, int type)
{
    put_text(attribute, 1, name);
    put_int(attribute, 20, type);
    put_message(node, 5, attribute);
}

static void put_ints(rk_buf *node, const char *name, int64_t a, int64_t b, int64_t c, int n)
{
    const int64_t items[] = {a, b, c};
    rk_buf attribute = {0};
    for (int i = 0; i < n; i++)
        put_int(&attribute, 8, items[i]);
    put_end(node, &attribute, name, RK_ONNX_ATTRIBUTE_INTS);
}

static void put_floats(rk_buf *node, const char *name, int n)
{
    rk_buf attribute = {0};
    for (int i = 0; i < n; i++)
        put_float(&attribute, 7, (float)(2 - i));
    put_end(node, &attribute, name, RK_ONNX_ATTRIBUTE_FLOATS);
}

static void put_word(rk_buf *node, const char *name, const char *word)
{
    rk_buf attribute = {0};
    put_text(&attribute, 4, word);
    put_end(node, &attribute, name, RK_ONNX_ATTRIBUTE_STRING);
}

static rk_buf ensemble_of(const recipe *r)
{
    rk_buf node = {0}, a = {0};
    put_text(&node, 1, r->before ? "x" : "in");
    put_text(&node, 2, r->behind ? "y" : "out");
    put_text(&node, 4, r->op ? r->op : "TreeEnsembleRegressor");
    put_text(&node, 7, "ai.onnx.ml");
    put_ints(&node, "nodes_treeids", 0, 0, 0, 3);
    put_ints(&node, "nodes_nodeids", 0, 1, 2, 3);
    put_ints(&node, "nodes_featureids", r->feature, 0, 0, 3);
    put_ints(&node, "nodes_truenodeids", r->yes ? r->yes : 1, 0, 0, 3);
    put_ints(&node, "nodes_falsenodeids", r->no ? r->no : 2, 0, 0, 3);
    put_floats(&node, "nodes_values", 3);
    put_text(&a, 9, r->mode ? r->mode : "BRANCH_LEQ");
    put_text(&a, 9, "LEAF");
    put_text(&a, 9, "LEAF");
    put_end(&node, &a, "nodes_modes", RK_ONNX_ATTRIBUTE_STRINGS);
    put_ints(&node, "target_treeids", 0, 0, 0, 2);
    put_ints(&node, "target_nodeids", 1, 2, 0, 2);
    put_ints(&node, "target_ids", r->target, 0, 0, 2);
    put_floats(&node, "target_weights", 2);
    if (r->bases)
        put_floats(&node, "base_values", r->bases);
    put_int(&a, 3, r->n_targets ? r->n_targets : 1);
    put_end(&node, &a, "n_targets", RK_ONNX_ATTRIBUTE_INT);
    if (r->post)
        put_word(&node, "post_transform", r->post);
    if (r->aggregate)
        put_word(&node, "aggregate_function", r->aggregate);
    return node;
}

static void put_op(rk_buf *graph, const char *in, const char *op, const char *out)
{
    rk_buf node = {0};
    put_text(&node, 1, in);
    put_text(&node, 2, out);
    put_text(&node, 4, op);
    put_message(graph, 1, &node);
}

static rk_buf model_of(const recipe *r)
{
    rk_buf out = {0}, graph = {0}, value = {0}, type = {0}, tensor = {0}, shape = {0}, dim = {0};
    if (r->before)
        put_op(&graph, "in", r->before, "x");
    for (int i = 0; i < (r->trees ? r->trees : 1); i++) {
        rk_buf node = ensemble_of(r);
        put_message(&graph, 1, &node);
    }
    if (r->behind)
        put_op(&graph, "y", r->behind, "out");
    put_text(&dim, 2, "N");
    put_message(&shape, 1, &dim);
    put_int(&dim, 1, 3);
    put_message(&shape, 1, &dim);
    put_int(&tensor, 1, RK_ONNX_FLOAT);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_text(&value, 1, "in");
    put_message(&value, 2, &type);
    put_message(&graph, 11, &value);
    put_text(&value, 1, "out");
    put_message(&graph, 12, &value);
    put_int(&out, 1, 8);
    put_message(&out, 7, &graph);
    return out;
}

/* clang-format off */
static const recipe recipes[] = {
    {.message = NULL},
    {.mode = "BRANCH_EQ", .message = NULL},
    {.feature = 2, .target = 1, .n_targets = 2, .message = NULL},
    {.bases = 1, .aggregate = "AVERAGE", .before = "Identity", .behind = "Exp", .message = NULL},
    {.feature = 3, .message = "`m`: it asks for column 3 of 3, at byte "},
    {.feature = -1, .message = "`m`: it asks for column -1 of 3, at byte "},
    {.yes = 3, .message = "`m`: tree 0 has no node 3, at byte "},
    {.no = -1, .message = "`m`: tree 0 has no node -1, at byte "},
    {.target = 1, .message = "`m`: a leaf adds to output 1 of 1, at byte "},
    {.n_targets = -5, .message = "`m`: it has -5 outputs, at byte "},
    {.n_targets = INT64_C(1) << 40, .message = "`m`: it claims 1099511627776 outputs, too many for a file of this size, at byte "},
    {.bases = 2, .message = "`m`: it has 2 base values for 1 outputs, at byte "},
    {.mode = "BRANCH_IN", .message = "`m`: a node has mode `BRANCH_IN`, which is unknown, at byte "},
    {.post = "PROBIT", .message = "`m` uses what is not supported: post_transform PROBIT"},
    {.aggregate = "MAX", .post = "TANH", .message = "`m` uses what is not supported: post_transform TANH, aggregate_function MAX"},
    {.trees = 2, .message = "`m` uses what is not supported: several tree ensembles (2)"},
    {.before = "Scaler", .message = "`m` uses what is not supported: operators before the trees: Scaler (1)"},
    {.behind = "Neg", .message = "`m` uses what is not supported: operators behind the trees: Neg (1)"},
    {.before = "Neg", .behind = "Neg", .message = "`m` uses what is not supported: operators before and behind the trees: Neg (2)"},
    {.bases = 2, .n_targets = 2, .target = 1, .message = "`m` uses what is not supported: base values of outputs that some leaves do not name (2)"},
};
/* clang-format on */

START_TEST(refuses_what_does_not_fit)
{
    const recipe *const r = &recipes[_i];
    rk_buf model = model_of(r);
    loaded l = load_bytes(rk_buf_str(&model));
    const rk_str message = message_of(&l);
    if (!r->message) {
        ck_assert_msg(l.status == RK_OK, "%.*s", RK_STR_ARG(message));
    } else {
        const size_t len = strlen(r->message);
        const bool whole = r->message[len - 1] != ' ';
        ck_assert_int_eq(l.status, RK_EDATA);
        ck_assert_uint_eq(l.diags.items.len, 1);
        ck_assert_msg(message.len >= len && (!whole || message.len == len) &&
                          memcmp(message.data, r->message, len) == 0,
                      "%.*s, not %s", RK_STR_ARG(message), r->message);
    }
    unload(&l);
    rk_buf_free(&model);
}
END_TEST

/* A file ends where the last node may: then its outputs are gone, so it is refused too. */
START_TEST(refuses_files_cut_off)
{
    const recipe r = {.bases = 1, .behind = "Exp"};
    rk_buf model = model_of(&r);
    for (size_t len = 0; len < model.len; len++) {
        char *const exact = malloc(len + 1);
        memcpy(exact, model.data, len);
        loaded l = load_bytes((rk_str){exact, len});
        ck_assert_msg(l.status == RK_EDATA, "%zu bytes", len);
        unload(&l);
        free(exact);
    }
    rk_buf_free(&model);
}
END_TEST

/* Any byte may be another one: what loads then is whole all the same. */
START_TEST(survives_damage)
{
    const recipe r = {.mode = "BRANCH_EQ", .n_targets = 2};
    rk_buf model = model_of(&r);
    for (size_t at = 0; at < model.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            model.data[at] = (char)(model.data[at] ^ 1 << bit);
            loaded l = load_bytes(rk_buf_str(&model));
            ck_assert(l.status == RK_OK || l.status == RK_EDATA);
            ck_assert_uint_le(rk_arena_capacity(&l.arena), 3000000);
            unload(&l);
            model.data[at] = (char)(model.data[at] ^ 1 << bit);
        }
    rk_buf_free(&model);
}
END_TEST

/* Two nodes that lead to each other, for ever. */
START_TEST(refuses_circles)
{
    const recipe r = {.yes = 0, .no = 0};
    rk_buf model = model_of(&r);
    char *const ids = memmem(model.data, model.len, "nodes_truenodeids", 17);
    ck_assert(ids != NULL);
    ids[-7] = 0; /* the first node's way leads to itself */
    loaded l = load_bytes(rk_buf_str(&model));
    const rk_str message = message_of(&l);
    ck_assert_int_eq(l.status, RK_EDATA);
    ck_assert_msg(memmem(message.data, message.len, "lead round in circles", 21) != NULL, "%.*s",
                  RK_STR_ARG(message));
    unload(&l);
    rk_buf_free(&model);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("model_onnx_bad");
    TCase *const tcase = tcase_create("model_onnx_bad");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, refuses_what_does_not_fit, 0, (int)RK_ARRAY_LEN(recipes));
    tcase_add_test(tcase, refuses_files_cut_off);
    tcase_add_test(tcase, survives_damage);
    tcase_add_test(tcase, refuses_circles);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
