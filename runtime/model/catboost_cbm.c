/* CatBoost's binary form: "CBM1", the size of what follows, and FlatBuffers with the trees. Behind
 * them are tables of CTRs and the like, which we do not read. The numbers of fields are those of
 * the library's model.fbs and features.fbs. */
#include "runtime/model/catboost.h"
#include "runtime/model/flat.h"

#include <stdio.h>

enum { HEAD = 8 };

/* clang-format off */
enum { CORE_FORMAT, CORE_TREES, CORE_INFO };

enum { TREES_OUTPUTS, TREES_SPLITS, TREES_SIZES, TREES_STARTS, TREES_CATS, TREES_FLOATS, TREES_ONE_HOTS, TREES_CTRS,
       TREES_LEAVES, TREES_WEIGHTS, TREES_NODES, TREES_NODE_LEAVES, TREES_TEXTS, TREES_ESTIMATED, TREES_SCALE,
       TREES_BIAS, TREES_BIASES, TREES_BINS, TREES_EMBEDDINGS };

enum { FLOAT_NANS, FLOAT_INDEX, FLOAT_FLAT, FLOAT_BORDERS, FLOAT_NAME, FLOAT_NAN };

enum { OTHER_INDEX, OTHER_FLAT, OTHER_NAME };

enum { ONE_HOT_INDEX, ONE_HOT_VALUES };

enum { INFO_KEY, INFO_VALUE };
/* clang-format on */

typedef struct reader {
    rk_catboost *c;
    rk_flat flat;
    rk_flat_table trees;
} reader;

/* The fault of the file's structure, if there is one. */
static rk_status sound(const reader *r)
{
    if (!r->flat.fault)
        return RK_OK;
    return rk_model_bad(&r->c->loading, 0, "%s, at byte %zu", r->flat.fault,
                        r->flat.fault_at + HEAD);
}

static rk_status copy_name(reader *r, rk_flat_table table, int id, rk_str *out)
{
    const rk_str text = rk_flat_get_text(&r->flat, table, id);
    *out = (rk_str){rk_arena_copy(r->c->arena, text.data, text.len), text.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

/* ---- features ---- */

static rk_status read_float(reader *r, rk_flat_table table)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector borders = rk_flat_get_vector(&r->flat, table, FLOAT_BORDERS, 4);
    rk_catboost_float feature = {.flat = rk_flat_get_int(&r->flat, table, FLOAT_FLAT, -1),
                                 .n_borders = borders.n,
                                 .nan = rk_flat_get_byte(&r->flat, table, FLOAT_NAN, 0),
                                 .has_nans = rk_flat_get_byte(&r->flat, table, FLOAT_NANS, 0)};
    if (feature.nan >= RK_CATBOOST_NAN_COUNT)
        return rk_model_bad(&c->loading, 0, "feature %u treats NaN in way %u of %u", c->floats.len,
                            feature.nan, RK_CATBOOST_NAN_COUNT);
    RK_TRY(copy_name(r, table, FLOAT_NAME, &feature.name));
    for (uint32_t i = 0; i < borders.n; i++) {
        const uint32_t bits = rk_flat_u32_at(&r->flat, borders, i);
        float border;
        memcpy(&border, &bits, sizeof border);
        if (!rk_vec_push(&c->keep, &c->borders, border))
            return RK_ENOMEM;
    }
    return rk_vec_push(&c->keep, &c->floats, feature) ? RK_OK : RK_ENOMEM;
}

static rk_status read_other(reader *r, rk_flat_table table, rk_catboost_other *out)
{
    out->index = rk_flat_get_int(&r->flat, table, OTHER_INDEX, -1);
    out->flat = rk_flat_get_int(&r->flat, table, OTHER_FLAT, -1);
    return copy_name(r, table, OTHER_NAME, &out->name);
}

static rk_status read_one_hot(reader *r, rk_flat_table table)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector values = rk_flat_get_vector(&r->flat, table, ONE_HOT_VALUES, 4);
    const rk_catboost_one_hot feature = {rk_flat_get_int(&r->flat, table, ONE_HOT_INDEX, -1),
                                         values.n};
    for (uint32_t i = 0; i < values.n; i++)
        if (!rk_vec_push(&c->keep, &c->values, rk_flat_u32_at(&r->flat, values, i)))
            return RK_ENOMEM;
    return rk_vec_push(&c->keep, &c->one_hots, feature) ? RK_OK : RK_ENOMEM;
}

static rk_status read_features(reader *r, int id)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector tables = rk_flat_get_vector(&r->flat, r->trees, id, 4);
    for (uint32_t i = 0; i < tables.n && !r->flat.fault; i++) {
        const rk_flat_table table = rk_flat_table_at(&r->flat, tables, i);
        rk_catboost_other other;
        if (id == TREES_FLOATS) {
            RK_TRY(read_float(r, table));
            continue;
        }
        if (id == TREES_ONE_HOTS) {
            RK_TRY(read_one_hot(r, table));
            continue;
        }
        RK_TRY(read_other(r, table, &other));
        if (id == TREES_CATS ? !rk_vec_push(&c->keep, &c->cats, other)
                             : !rk_vec_push(&c->keep, &c->others, other))
            return RK_ENOMEM;
    }
    return sound(r);
}

static rk_status read_all_features(reader *r)
{
    RK_TRY(read_features(r, TREES_FLOATS));
    RK_TRY(read_features(r, TREES_CATS));
    RK_TRY(read_features(r, TREES_TEXTS));
    RK_TRY(read_features(r, TREES_EMBEDDINGS));
    RK_TRY(read_features(r, TREES_ONE_HOTS));
    r->c->n_ctrs = rk_flat_get_vector(&r->flat, r->trees, TREES_CTRS, 4).n;
    r->c->n_estimated = rk_flat_get_vector(&r->flat, r->trees, TREES_ESTIMATED, 4).n;
    return sound(r);
}

/* ---- trees ---- */

static rk_status read_sizes(reader *r)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector sizes = rk_flat_get_vector(&r->flat, r->trees, TREES_SIZES, 4);
    const rk_flat_vector starts = rk_flat_get_vector(&r->flat, r->trees, TREES_STARTS, 4);
    uint64_t start = 0;
    for (uint32_t t = 0; t < sizes.n; t++) {
        const uint32_t size = rk_flat_u32_at(&r->flat, sizes, t);
        if (starts.n && (starts.n != sizes.n || rk_flat_u32_at(&r->flat, starts, t) != start))
            return rk_model_bad(&c->loading, 0, "tree %u does not follow the one before", t);
        start += size;
        if (!rk_vec_push(&c->keep, &c->sizes, size))
            return RK_ENOMEM;
    }
    return sound(r);
}

static rk_status read_splits(reader *r)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector splits = rk_flat_get_vector(&r->flat, r->trees, TREES_SPLITS, 4);
    for (uint32_t i = 0; i < splits.n; i++)
        if (!rk_vec_push(&c->keep, &c->splits, (int32_t)rk_flat_u32_at(&r->flat, splits, i)))
            return RK_ENOMEM;
    const rk_flat_vector nodes = rk_flat_get_vector(&r->flat, r->trees, TREES_NODES, 4);
    for (uint32_t i = 0; i < nodes.n; i++) {
        const rk_catboost_node node = {rk_flat_u16_at(&r->flat, nodes, 2 * (size_t)i),
                                       rk_flat_u16_at(&r->flat, nodes, 2 * (size_t)i + 1)};
        if (!rk_vec_push(&c->keep, &c->nodes, node))
            return RK_ENOMEM;
    }
    const rk_flat_vector leaves = rk_flat_get_vector(&r->flat, r->trees, TREES_NODE_LEAVES, 4);
    for (uint32_t i = 0; i < leaves.n; i++)
        if (!rk_vec_push(&c->keep, &c->node_leaves, rk_flat_u32_at(&r->flat, leaves, i)))
            return RK_ENOMEM;
    return sound(r);
}

static rk_status read_values(reader *r)
{
    rk_catboost *const c = r->c;
    const rk_flat_vector leaves = rk_flat_get_vector(&r->flat, r->trees, TREES_LEAVES, 8);
    for (uint32_t i = 0; i < leaves.n; i++)
        if (!rk_vec_push(&c->keep, &c->leaves, rk_flat_double_at(&r->flat, leaves, i)))
            return RK_ENOMEM;
    const rk_flat_vector weights = rk_flat_get_vector(&r->flat, r->trees, TREES_WEIGHTS, 8);
    for (uint32_t i = 0; i < weights.n; i++)
        if (!rk_vec_push(&c->keep, &c->weights, rk_flat_double_at(&r->flat, weights, i)))
            return RK_ENOMEM;
    const rk_flat_vector biases = rk_flat_get_vector(&r->flat, r->trees, TREES_BIASES, 8);
    for (uint32_t i = 0; i < biases.n; i++)
        if (!rk_vec_push(&c->keep, &c->bias, rk_flat_double_at(&r->flat, biases, i)))
            return RK_ENOMEM;
    const double bias = rk_flat_get_double(&r->flat, r->trees, TREES_BIAS, 0);
    if (c->bias.len == 0 && !rk_vec_push(&c->keep, &c->bias, bias))
        return RK_ENOMEM;
    c->n_outputs = rk_flat_get_int(&r->flat, r->trees, TREES_OUTPUTS, 0);
    c->scale = rk_flat_get_double(&r->flat, r->trees, TREES_SCALE, 1);
    return sound(r);
}

/* ---- the file ---- */

static rk_status read_info(reader *r, rk_flat_table core)
{
    const rk_flat_vector pairs = rk_flat_get_vector(&r->flat, core, CORE_INFO, 4);
    for (uint32_t i = 0; i < pairs.n && !r->flat.fault; i++) {
        const rk_flat_table pair = rk_flat_table_at(&r->flat, pairs, i);
        const rk_str key = rk_flat_get_text(&r->flat, pair, INFO_KEY);
        const rk_str value = rk_flat_get_text(&r->flat, pair, INFO_VALUE);
        RK_TRY(sound(r));
        RK_TRY(rk_catboost_read_info(r->c, key, value));
    }
    return sound(r);
}

static rk_status check_format(reader *r, rk_flat_table core)
{
    const rk_str format = rk_flat_get_text(&r->flat, core, CORE_FORMAT);
    RK_TRY(sound(r));
    if (!rk_str_eq(format, RK_STR("FlabuffersModel_v1"))) /* spelt so by the library */
        rk_model_lacks(&r->c->loading, "form `%.*s`", RK_STR_ARG(format));
    return RK_OK;
}

rk_status rk_catboost_read_cbm(rk_catboost *c, rk_str bytes)
{
    reader r = {.c = c};
    uint32_t size = 0;
    for (int i = 7; i >= 4 && bytes.len >= HEAD; i--)
        size = size << 8 | (unsigned char)bytes.data[i];
    if (bytes.len < HEAD || size > bytes.len - HEAD)
        return rk_model_bad(&c->loading, 0, "the file is cut off: it has %zu bytes, not %llu",
                            bytes.len, (unsigned long long)size + HEAD);
    rk_flat_init(&r.flat, (rk_str){bytes.data + HEAD, size});
    const rk_flat_table core = rk_flat_root(&r.flat);
    RK_TRY(check_format(&r, core));
    r.trees = rk_flat_get_table(&r.flat, core, CORE_TREES);
    RK_TRY(sound(&r));
    if (!r.trees)
        return rk_model_bad(&c->loading, 0, "it has no trees");
    RK_TRY(read_info(&r, core));
    RK_TRY(read_all_features(&r));
    RK_TRY(read_sizes(&r));
    RK_TRY(read_splits(&r));
    return read_values(&r);
}
