/* Models as files, in the forms of their libraries; their declarations and calls. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/programs/programs.h"

/* ---- lists ---- */

typedef struct row {
    const model *m;
    const tree *t;
    const twig *b;
    unsigned i;
} row;

typedef void (*cell)(const row *r, rk_buf *out);

/* `what` of those twigs of a tree that are splits (1), leaves (2), or either (3). */
static void print_cells(const model *m, const tree *t, unsigned which, const char *between,
                        cell what, rk_buf *out)
{
    const char *before = "";
    for (unsigned i = 0; i < t->n; i++) {
        const row r = {m, t, &t->twigs[i], i};
        if (!(which & (r.b->input < 0 ? 2 : 1)))
            continue;
        rk_buf_add_chars(out, before);
        what(&r, out);
        before = between;
    }
}

static bool is_category(const model *m, const twig *b)
{
    return b->input >= 0 && m->inputs[b->input].kind != INPUT_NUMBER;
}

static void print_input(const row *r, rk_buf *out)
{
    rk_buf_printf(out, "%d", r->b->input < 0 ? 0 : r->b->input);
}

/* ---- LightGBM ---- */

static unsigned splits_before(const tree *t, unsigned at)
{
    unsigned n = 0;
    for (unsigned i = 0; i < at; i++)
        n += t->twigs[i].input >= 0;
    return n;
}

static unsigned sets_before(const row *r)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->i; i++)
        n += is_category(r->m, &r->t->twigs[i]);
    return n;
}

static void lgb_cut(const row *r, rk_buf *out)
{
    if (is_category(r->m, r->b))
        rk_buf_printf(out, "%u", sets_before(r));
    else
        rk_buf_printf(out, "%.17g", r->b->cut);
}

static void lgb_decision(const row *r, rk_buf *out)
{
    const bool category = is_category(r->m, r->b);
    rk_buf_printf(out, "%u", category | (category ? 0u : r->b->nan_left * 2u) | r->b->missing << 2);
}

static void lgb_child(const row *r, unsigned child, rk_buf *out)
{
    const twig *const b = &r->t->twigs[child];
    rk_buf_printf(out, "%d", b->input < 0 ? -1 - (int)b->number : (int)splits_before(r->t, child));
}

static void lgb_left(const row *r, rk_buf *out) { lgb_child(r, r->b->left, out); }
static void lgb_right(const row *r, rk_buf *out) { lgb_child(r, r->b->right, out); }

/* Two words for each set. */
static void lgb_sets(const model *m, const tree *t, rk_buf *out)
{
    const row end = {m, t, NULL, t->n};
    const unsigned n = sets_before(&end);
    const char *before = "";
    rk_buf_printf(out, "num_cat=%u\n", n);
    if (n == 0)
        return;
    rk_buf_add_chars(out, "cat_boundaries=0");
    for (unsigned i = 1; i <= n; i++)
        rk_buf_printf(out, " %u", 2 * i);
    rk_buf_add_chars(out, "\ncat_threshold=");
    for (unsigned i = 0; i < t->n; i++) {
        if (!is_category(m, &t->twigs[i]))
            continue;
        const uint64_t set = t->twigs[i].set;
        rk_buf_printf(out, "%s%u %u", before, (unsigned)set, (unsigned)(set >> 32));
        before = " ";
    }
    rk_buf_add_char(out, '\n');
}

static void lgb_tree(const model *m, const tree *t, unsigned number, rk_buf *out)
{
    static const struct {
        const char *key;
        cell what;
    } lines[] = {{"split_feature", print_input},
                 {"threshold", lgb_cut},
                 {"decision_type", lgb_decision},
                 {"left_child", lgb_left},
                 {"right_child", lgb_right}};
    rk_buf_printf(out, "Tree=%u\nnum_leaves=%u\n", number, t->n_leaves);
    lgb_sets(m, t, out);
    for (size_t i = 0; t->n_leaves > 1 && i < RK_ARRAY_LEN(lines); i++) {
        rk_buf_printf(out, "%s=", lines[i].key);
        print_cells(m, t, 1, " ", lines[i].what, out);
        rk_buf_add_char(out, '\n');
    }
    rk_buf_add_chars(out, "leaf_value=");
    for (unsigned i = 0; i < t->n_leaves; i++)
        rk_buf_printf(out, "%s%.17g", i ? " " : "", t->values[i]);
    rk_buf_add_chars(out, "\nis_linear=0\nshrinkage=1\n\n\n");
}

static void lgb_infos(const model *m, rk_buf *out)
{
    rk_buf_add_chars(out, "feature_infos=");
    for (unsigned i = 0; i < m->n_inputs; i++)
        rk_buf_printf(out, "%s%s", i ? " " : "",
                      m->inputs[i].kind == INPUT_NUMBER ? "[-1:1]" : "0:1:5");
    rk_buf_add_char(out, '\n');
}

static void print_category(const input *in, unsigned i, rk_buf *out)
{
    if (in->kind == INPUT_WHOLE)
        rk_buf_printf(out, "%d", category_wholes[i]);
    else
        rk_buf_printf(out, "\"%s\"", category_texts[i]);
}

static void lgb_tail(const model *m, rk_buf *out)
{
    const char *before = "";
    rk_buf_add_chars(out, "end of trees\n\nparameters:\n[categorical_feature: ");
    for (unsigned i = 0; i < m->n_inputs; i++)
        if (m->inputs[i].kind != INPUT_NUMBER) {
            rk_buf_printf(out, "%s%u", before, i);
            before = ",";
        }
    rk_buf_add_chars(out, "]\nend of parameters\n\npandas_categorical:[");
    before = "";
    for (unsigned i = 0; i < m->n_inputs; i++) {
        const input *const in = &m->inputs[i];
        if (in->kind < INPUT_TEXT)
            continue;
        rk_buf_printf(out, "%s[", before);
        for (unsigned k = 0; k < CATEGORIES; k++) {
            rk_buf_add_chars(out, k ? ", " : "");
            print_category(in, k, out);
        }
        rk_buf_add_char(out, ']');
        before = ", ";
    }
    rk_buf_add_chars(out, "]\n");
}

static void print_lightgbm(const model *m, rk_buf *out)
{
    rk_buf_printf(out,
                  "tree\nversion=v4\nnum_class=%u\nnum_tree_per_iteration=%u\nlabel_index=0\n"
                  "max_feature_idx=%u\nobjective=%s",
                  m->n_outputs, m->n_outputs, m->n_inputs - 1, m->objective->text);
    if (m->objective->several && m->objective->link != LINK_NONE)
        rk_buf_printf(out, " num_class:%u", m->n_outputs);
    rk_buf_add_chars(out, m->average ? "\naverage_output\n" : "\n");
    rk_buf_add_chars(out, "feature_names=");
    for (unsigned i = 0; i < m->n_inputs; i++)
        rk_buf_printf(out, "%s%s", i ? " " : "", m->inputs[i].name);
    rk_buf_add_char(out, '\n');
    lgb_infos(m, out);
    rk_buf_add_char(out, '\n');
    for (unsigned t = 0; t < m->n_trees; t++)
        lgb_tree(m, &m->trees[t], t, out);
    lgb_tail(m, out);
}

/* ---- XGBoost ---- */

static void xgb_left(const row *r, rk_buf *out)
{
    rk_buf_printf(out, "%d", r->b->input < 0 ? -1 : (int)r->b->left);
}
static void xgb_right(const row *r, rk_buf *out)
{
    rk_buf_printf(out, "%d", r->b->input < 0 ? -1 : (int)r->b->right);
}
static void xgb_default(const row *r, rk_buf *out)
{
    rk_buf_add_chars(out, r->b->input >= 0 && r->b->nan_left ? "1" : "0");
}
static void xgb_cut(const row *r, rk_buf *out)
{
    rk_buf_printf(out, "%.9g", r->b->input < 0 ? r->t->values[r->b->number] : r->b->cut);
}
static void xgb_type(const row *r, rk_buf *out)
{
    rk_buf_add_chars(out, is_category(r->m, r->b) ? "1" : "0");
}

static unsigned size_of(uint64_t set) { return (unsigned)__builtin_popcountll(set); }

/* Which nodes have sets, where each begins, how long it is, and all their categories. */
static void xgb_sets(const model *m, const tree *t, rk_buf *out)
{
    rk_buf nodes = {0}, from = {0}, sizes = {0}, all = {0};
    unsigned n = 0;
    for (unsigned i = 0; i < t->n; i++) {
        const twig *const b = &t->twigs[i];
        if (!is_category(m, b))
            continue;
        rk_buf_printf(&nodes, "%s%u", nodes.len ? "," : "", i);
        rk_buf_printf(&from, "%s%u", from.len ? "," : "", n);
        rk_buf_printf(&sizes, "%s%u", sizes.len ? "," : "", size_of(b->set));
        for (unsigned c = 0; c < 64; c++)
            if (b->set >> c & 1)
                rk_buf_printf(&all, "%s%u", n++ ? "," : "", c);
    }
    rk_buf_printf(out,
                  "\"categories\":[%.*s],\"categories_nodes\":[%.*s],\"categories_segments\":[%.*s]"
                  ",\"categories_sizes\":[%.*s],",
                  RK_STR_ARG(rk_buf_str(&all)), RK_STR_ARG(rk_buf_str(&nodes)),
                  RK_STR_ARG(rk_buf_str(&from)), RK_STR_ARG(rk_buf_str(&sizes)));
    rk_buf_free(&nodes);
    rk_buf_free(&from);
    rk_buf_free(&sizes);
    rk_buf_free(&all);
}

static void xgb_tree(const model *m, const tree *t, unsigned number, rk_buf *out)
{
    static const struct {
        const char *key;
        cell what;
    } lists[] = {{"default_left", xgb_default},  {"left_children", xgb_left},
                 {"right_children", xgb_right},  {"split_conditions", xgb_cut},
                 {"split_indices", print_input}, {"split_type", xgb_type}};
    rk_buf_add_chars(out, number ? ",{" : "{");
    xgb_sets(m, t, out);
    for (size_t i = 0; i < RK_ARRAY_LEN(lists); i++) {
        rk_buf_printf(out, "\"%s\":[", lists[i].key);
        print_cells(m, t, 3, ",", lists[i].what, out);
        rk_buf_add_chars(out, "],");
    }
    rk_buf_printf(out, "\"id\":%u,\"tree_param\":{\"size_leaf_vector\":\"1\"}}", number);
}

/* One after the other without a gap, and where each ends. */
static void xgb_names(const input *in, rk_buf *out)
{
    unsigned end = 0;
    if (in->kind == INPUT_WHOLE)
        rk_buf_add_chars(out, "{\"type\":15,\"values\":[");
    else {
        rk_buf_add_chars(out, "{\"offsets\":[");
        for (unsigned i = 0; in->kind == INPUT_TEXT && i < CATEGORIES; i++) {
            rk_buf_printf(out, "%u,", end);
            end += (unsigned)strlen(category_texts[i]);
        }
        rk_buf_printf(out, in->kind == INPUT_TEXT ? "%u],\"values\":[" : "],\"values\":[", end);
    }
    const char *before = "";
    for (unsigned i = 0; in->kind >= INPUT_TEXT && i < CATEGORIES; i++) {
        if (in->kind == INPUT_WHOLE)
            rk_buf_printf(out, "%s%d", i ? "," : "", category_wholes[i]);
        for (const char *c = category_texts[i]; in->kind == INPUT_TEXT && *c; c++) {
            rk_buf_printf(out, "%s%d", before, *c);
            before = ",";
        }
    }
    rk_buf_add_chars(out, "]}");
}

static void xgb_cats(const model *m, rk_buf *out)
{
    unsigned named = 0;
    for (unsigned i = 0; i < m->n_inputs; i++)
        named += m->inputs[i].kind >= INPUT_TEXT;
    rk_buf_add_chars(out, "\"cats\":{\"enc\":[");
    for (unsigned i = 0; named && i < m->n_inputs; i++) {
        rk_buf_add_chars(out, i ? "," : "");
        xgb_names(&m->inputs[i], out);
    }
    rk_buf_add_chars(out, "]},");
}

static void xgb_model(const model *m, rk_buf *out)
{
    rk_buf_add_chars(out, "\"model\":{");
    xgb_cats(m, out);
    rk_buf_printf(out, "\"gbtree_model_param\":{\"num_trees\":\"%u\"},\"tree_info\":[", m->n_trees);
    for (unsigned t = 0; t < m->n_trees; t++)
        rk_buf_printf(out, "%s%u", t ? "," : "", m->trees[t].output);
    rk_buf_add_chars(out, "],\"trees\":[");
    for (unsigned t = 0; t < m->n_trees; t++)
        xgb_tree(m, &m->trees[t], t, out);
    rk_buf_add_chars(out, "]}");
}

static void xgb_booster(const model *m, rk_buf *out)
{
    if (!m->dart) {
        xgb_model(m, out);
        rk_buf_add_chars(out, ",\"name\":\"gbtree\"");
        return;
    }
    rk_buf_add_chars(out, "\"gbtree\":{");
    xgb_model(m, out);
    rk_buf_add_chars(out, ",\"name\":\"gbtree\"},\"name\":\"dart\",\"weight_drop\":[");
    for (unsigned t = 0; t < m->n_trees; t++)
        rk_buf_printf(out, "%s%.9g", t ? "," : "", (double)m->trees[t].weight);
    rk_buf_add_char(out, ']');
}

static void print_xgboost(const model *m, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"learner\":{\"attributes\":{},\"feature_names\":[");
    for (unsigned i = 0; !m->nameless && i < m->n_inputs; i++)
        rk_buf_printf(out, "%s\"%s\"", i ? "," : "", m->inputs[i].name);
    rk_buf_add_chars(out, "],\"feature_types\":[");
    for (unsigned i = 0; i < m->n_inputs; i++)
        rk_buf_printf(out, "%s\"%s\"", i ? "," : "",
                      m->inputs[i].kind == INPUT_NUMBER ? "float" : "c");
    rk_buf_add_chars(out, "],\"gradient_booster\":{");
    xgb_booster(m, out);
    rk_buf_printf(out,
                  "},\"learner_model_param\":{\"base_score\":\"[%.9g]\",\"num_class\":\"%u\","
                  "\"num_feature\":\"%u\",\"num_target\":\"1\"},\"objective\":{\"name\":\"%s\"}},"
                  "\"version\":[3,2,0]}\n",
                  (double)m->base, m->objective->several ? m->n_outputs : 0, m->n_inputs,
                  m->objective->text);
}

/* ---- CatBoost ---- */

/* Questions are numbered: all borders of numbers, then all categories. */
static unsigned question_of(const model *m, const twig *b)
{
    const bool category = is_category(m, b);
    unsigned n = b->which;
    for (unsigned i = 0; i < m->n_inputs; i++) {
        const bool other = m->inputs[i].kind == INPUT_HASH;
        n += (other == category && i < (unsigned)b->input) || (category && !other) ? m->inputs[i].n
                                                                                   : 0;
    }
    return n;
}

static void cat_feature(const model *m, unsigned i, unsigned number, rk_buf *out)
{
    static const char *const treatments[] = {"AsIs", "AsFalse", "AsTrue"};
    const input *const in = &m->inputs[i];
    const bool category = in->kind == INPUT_HASH;
    rk_buf_printf(out, "%s{\"feature_index\":%u,\"flat_feature_index\":%u,\"feature_id\":\"%s\",",
                  number ? "," : "", number, i, in->name);
    if (!category)
        rk_buf_printf(out, "\"has_nans\":%s,\"nan_value_treatment\":\"%s\",",
                      in->has_nans ? "true" : "false", treatments[in->nans]);
    rk_buf_add_chars(out, category ? "\"values\":[" : "\"borders\":[");
    for (unsigned k = 0; k < in->n; k++)
        if (category)
            rk_buf_printf(out, "%s%ld", k ? "," : "", category_hashes[in->hashes[k]].hash);
        else
            rk_buf_printf(out, "%s%.9g", k ? "," : "", (double)in->borders[k]);
    rk_buf_add_chars(out, "]}");
}

static void cat_features(const model *m, bool category, rk_buf *out)
{
    unsigned n = 0;
    rk_buf_printf(out, "\"%s\":[", category ? "categorical_features" : "float_features");
    for (unsigned i = 0; i < m->n_inputs; i++)
        if ((m->inputs[i].kind == INPUT_HASH) == category)
            cat_feature(m, i, n++, out);
    rk_buf_add_char(out, ']');
}

static void cat_values(const model *m, const tree *t, unsigned first, unsigned n, rk_buf *out)
{
    rk_buf_add_char(out, '[');
    for (unsigned i = 0; i < n * m->n_outputs; i++)
        rk_buf_printf(out, "%s%.17g", i ? "," : "", t->values[first * m->n_outputs + i]);
    rk_buf_add_char(out, ']');
}

static void cat_levels(const model *m, const tree *t, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"leaf_values\":");
    cat_values(m, t, 0, t->n_leaves, out);
    rk_buf_add_chars(out, ",\"splits\":[");
    for (unsigned i = 0; i < t->n; i++)
        rk_buf_printf(out, "%s{\"split_index\":%u}", i ? "," : "", question_of(m, &t->twigs[i]));
    rk_buf_add_chars(out, "]}");
}

static void cat_node(const model *m, const tree *t, unsigned at, rk_buf *out)
{
    const twig *const b = &t->twigs[at];
    if (b->input < 0) {
        rk_buf_add_chars(out, "{\"value\":");
        cat_values(m, t, b->number, 1, out);
        rk_buf_add_char(out, '}');
        return;
    }
    rk_buf_add_chars(out, "{\"left\":");
    cat_node(m, t, b->left, out);
    rk_buf_add_chars(out, ",\"right\":");
    cat_node(m, t, b->right, out);
    rk_buf_printf(out, ",\"split\":{\"split_index\":%u}}", question_of(m, b));
}

static void print_catboost(const model *m, rk_buf *out)
{
    rk_buf_add_chars(out, "{\"features_info\":{");
    cat_features(m, false, out);
    rk_buf_add_char(out, ',');
    cat_features(m, true, out);
    rk_buf_printf(out,
                  "},\"model_info\":{\"params\":{\"loss_function\":{\"type\":\"%s\"}}},\"%s\":[",
                  m->objective->text, m->symmetric ? "oblivious_trees" : "trees");
    for (unsigned t = 0; t < m->n_trees; t++) {
        rk_buf_add_chars(out, t ? "," : "");
        if (m->symmetric)
            cat_levels(m, &m->trees[t], out);
        else
            cat_node(m, &m->trees[t], 0, out);
    }
    rk_buf_printf(out, "],\"scale_and_bias\":[%.17g,[", m->scale);
    for (unsigned k = 0; k < m->n_outputs; k++)
        rk_buf_printf(out, "%s%.17g", k ? "," : "", m->bias[k]);
    rk_buf_add_chars(out, "]]}\n");
}

/* ---- files ---- */

static void path_of(const program *p, unsigned number, char *out, size_t size)
{
    snprintf(out, size, "programs.%llu.m%u", (unsigned long long)p->seed, number + 1);
}

static void print_file(const model *m, rk_buf *out)
{
    void (*const print[])(const model *, rk_buf *) = {print_lightgbm, print_xgboost,
                                                      print_catboost};
    print[m->library](m, out);
}

void write_models(const program *p)
{
    for (unsigned i = 0; i < p->n_models; i++) {
        char path[64];
        rk_buf text = {0};
        path_of(p, i, path, sizeof path);
        FILE *const file = fopen(path, "w");
        if (!file)
            abort();
        print_file(&p->models[i], &text);
        fwrite(text.data, 1, text.len, file);
        rk_buf_free(&text);
        fclose(file);
    }
}

void show_models(const program *p, rk_buf *out)
{
    for (unsigned i = 0; i < p->n_models; i++) {
        char path[64];
        path_of(p, i, path, sizeof path);
        rk_buf_printf(out, "---- %s\n", path);
        print_file(&p->models[i], out);
        rk_buf_add_chars(out, "----\n");
    }
}

void remove_models(const program *p)
{
    for (unsigned i = 0; i < p->n_models; i++) {
        char path[64];
        path_of(p, i, path, sizeof path);
        remove(path);
    }
}

/* ---- in the program ---- */

void print_model(const program *p, unsigned number, rk_buf *out)
{
    char path[64];
    path_of(p, number, path, sizeof path);
    rk_buf_printf(out, "model m%u = gbdt(\"%s\"", number + 1, path);
    if (p->models[number].most)
        rk_buf_printf(out, ", trees: %u", p->models[number].most);
    rk_buf_add_chars(out, ")\n");
}

void print_model_call(const program *p, const node *n, rk_buf *out)
{
    static const char *const parts[] = {"", ".raw", ".leaves"};
    const model *const m = &p->models[n->op];
    const char *before = "";
    rk_buf_printf(out, "m%u%s(", n->op + 1, parts[n->row]);
    for (unsigned i = 0; i < n->n; i++) {
        const node *const kid = n->kids[i];
        const bool named = (int)i >= n->over;
        if (named && n->asc && (!kid || strcmp(leaf_name(p, kid), m->inputs[i].name) == 0))
            continue;
        rk_buf_add_chars(out, before);
        if (named)
            rk_buf_printf(out, "%s: ", m->inputs[i].name);
        print_node(p, kid, out);
        before = ", ";
    }
    rk_buf_printf(out, n->asc ? "%s...)" : ")", before);
}
