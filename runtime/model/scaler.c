#include "runtime/model/scaler.h"

#include "runtime/model/members.h"

static bool is_scaler(rk_str head) { return rk_members_is(head, "scaler"); }

/* One feature whose object is open. */
static rk_status read_feature(rk_members *m, rk_scaled *out, rk_model_input *input)
{
    bool more, has_mean = false, has_std = false;
    rk_str name;
    *input = (rk_model_input){.used = true};
    *out = (rk_scaled){.median = rk_nan_double()};
    RK_TRY(rk_members_next(m, &name, &more));
    while (more) {
        if (rk_str_eq(name, RK_STR("name")))
            RK_TRY(rk_members_text(m, &input->name));
        else if (rk_str_eq(name, RK_STR("median"))) {
            RK_TRY(rk_members_number(m, &out->median));
            input->missing = true;
        } else if (rk_str_eq(name, RK_STR("mean"))) {
            RK_TRY(rk_members_number(m, &out->mean));
            has_mean = true;
        } else if (rk_str_eq(name, RK_STR("std"))) {
            RK_TRY(rk_members_number(m, &out->std));
            has_std = true;
        } else
            return rk_members_bad(m, "a feature has no `%.*s`", RK_STR_ARG(name));
        RK_TRY(rk_members_next(m, &name, &more));
    }
    if (!has_mean || !has_std)
        return rk_members_bad(m, "a feature needs `mean` and `std`");
    return out->std >= 0 ? RK_OK : rk_members_bad(m, "`std` is negative");
}

typedef struct features {
    RK_VEC(rk_scaled) items;
    RK_VEC(rk_model_input) inputs;
} features;

static rk_status read_features(rk_members *m, features *out)
{
    bool more;
    RK_TRY(rk_members_expect(m, RK_JSON_LIST));
    RK_TRY(rk_members_object(m, &more));
    while (more) {
        rk_scaled item;
        rk_model_input input;
        RK_TRY(read_feature(m, &item, &input));
        if (!rk_vec_push(m->arena, &out->items, item) ||
            !rk_vec_push(m->arena, &out->inputs, input))
            return RK_ENOMEM;
        RK_TRY(rk_members_named(m, out->inputs.items, out->inputs.len));
        RK_TRY(rk_members_object(m, &more));
    }
    return RK_OK;
}

static rk_status load_scaler(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                             rk_diags *diags, rk_model *out)
{
    rk_members m;
    features all = {0};
    rk_str name;
    bool more;
    rk_members_open(&m, spec, bytes, arena, diags);
    RK_TRY(rk_members_expect(&m, RK_JSON_OBJECT));
    RK_TRY(rk_members_next(&m, &name, &more));
    while (more) {
        if (rk_str_eq(name, RK_STR("rankc")))
            RK_TRY(rk_members_text(&m, &name));
        else if (rk_str_eq(name, RK_STR("features")) && !all.items.len)
            RK_TRY(read_features(&m, &all));
        else
            return rk_members_bad(&m, "a scaler has no `%.*s`, or not twice", RK_STR_ARG(name));
        RK_TRY(rk_members_next(&m, &name, &more));
    }
    RK_TRY(rk_members_expect(&m, RK_JSON_END));
    if (!all.items.len)
        return rk_members_bad(&m, "there are no `features`");
    out->as.scaler = RK_NEW(arena, rk_scaler);
    if (!out->as.scaler)
        return RK_ENOMEM;
    *out->as.scaler = (rk_scaler){all.items.items, all.items.len};
    out->inputs = all.inputs.items;
    out->n_inputs = out->n_outputs = all.inputs.len;
    out->kind = RK_KIND_FLOAT;
    out->shape = RK_MODEL_SCALER;
    return RK_OK;
}

static float scale(const rk_scaled *feature, double x)
{
    x = x == x ? x : feature->median;
    const double y = feature->std == 0 ? 0 : (x - feature->mean) / feature->std;
    return y == y ? (float)y : rk_nan_float();
}

void rk_scaler_run(const rk_scaler *scaler, const rk_rows_in *rows, float *out)
{
    for (uint32_t f = 0; f < scaler->n; f++)
        for (uint32_t i = 0; i < rows->n; i++)
            out[(size_t)i * scaler->n + f] = scale(&scaler->features[f], rows->columns[f][i]);
}

const rk_model_format rk_model_scaler = {.name = "scaler",
                                         .doc = "means and standard deviations as JSON",
                                         .is = is_scaler,
                                         .load = load_scaler};
