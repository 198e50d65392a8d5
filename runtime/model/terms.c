#include "runtime/model/terms.h"

#include "runtime/base/map.h"
#include "runtime/model/members.h"

static bool is_linear(rk_str head) { return rk_members_is(head, "linear"); }

typedef struct ids {
    RK_VEC(rk_str) keys;
    RK_VEC(double) weights;
    rk_table seen;
} ids;

static bool same_key(const void *owner, uint32_t value, const void *key)
{
    return rk_str_eq(((const ids *)owner)->keys.items[value], *(const rk_str *)key);
}

static rk_status read_ids(rk_members *m, rk_term *out, rk_model_input *input)
{
    ids all = {0};
    rk_str key;
    bool more;
    RK_TRY(rk_members_expect(m, RK_JSON_OBJECT));
    RK_TRY(rk_members_next(m, &key, &more));
    while (more) {
        double weight;
        const uint64_t hash = rk_str_hash(key);
        if (rk_table_find(&all.seen, hash, same_key, &all, &key) != RK_MAP_NONE)
            return rk_members_bad(m, "`%.*s` is there twice", RK_STR_ARG(key));
        RK_TRY(rk_members_number(m, &weight));
        if (!rk_table_add(m->arena, &all.seen, hash, all.keys.len) ||
            !rk_vec_push(m->arena, &all.keys, key) || !rk_vec_push(m->arena, &all.weights, weight))
            return RK_ENOMEM;
        RK_TRY(rk_members_next(m, &key, &more));
    }
    static const double none;
    out->weights = all.weights.len ? all.weights.items : &none;
    input->ids = true;
    input->categories = all.keys.items;
    input->n_categories = all.keys.len;
    return RK_OK;
}

static rk_status read_member(rk_members *m, rk_str name, rk_term *out, rk_model_input *input,
                             bool *has_weight)
{
    if (rk_str_eq(name, RK_STR("name")))
        return rk_members_text(m, &input->name);
    if (rk_str_eq(name, RK_STR("unknown")))
        return rk_members_number(m, &out->unknown);
    if (rk_str_eq(name, RK_STR("missing"))) {
        input->missing = true;
        return rk_members_number(m, &out->missing);
    }
    if (rk_str_eq(name, RK_STR("weight")) && !*has_weight) {
        *has_weight = true;
        return rk_members_number(m, &out->weight);
    }
    if (rk_str_eq(name, RK_STR("weights")) && !*has_weight) {
        *has_weight = true;
        return read_ids(m, out, input);
    }
    return rk_members_bad(m, "an input has no `%.*s`, or has one of `weight` and `weights` already",
                          RK_STR_ARG(name));
}

/* One input whose object is open. */
static rk_status read_input(rk_members *m, rk_term *out, rk_model_input *input)
{
    bool more, has_weight = false;
    rk_str name;
    *input = (rk_model_input){.used = true};
    *out = (rk_term){0};
    RK_TRY(rk_members_next(m, &name, &more));
    while (more) {
        RK_TRY(read_member(m, name, out, input, &has_weight));
        RK_TRY(rk_members_next(m, &name, &more));
    }
    return has_weight ? RK_OK : rk_members_bad(m, "an input needs `weight` or `weights`");
}

typedef struct inputs {
    RK_VEC(rk_term) terms;
    RK_VEC(rk_model_input) inputs;
} inputs;

static rk_status read_inputs(rk_members *m, inputs *out)
{
    bool more;
    RK_TRY(rk_members_expect(m, RK_JSON_LIST));
    RK_TRY(rk_members_object(m, &more));
    while (more) {
        rk_term term;
        rk_model_input input;
        RK_TRY(read_input(m, &term, &input));
        if (!rk_vec_push(m->arena, &out->terms, term) ||
            !rk_vec_push(m->arena, &out->inputs, input))
            return RK_ENOMEM;
        RK_TRY(rk_members_named(m, out->inputs.items, out->inputs.len));
        RK_TRY(rk_members_object(m, &more));
    }
    return RK_OK;
}

static rk_status read_link(rk_members *m, rk_model *out)
{
    static const struct {
        const char *name;
        rk_transform transform;
    } links[] = {{"identity", RK_TRANSFORM_NONE},
                 {"logistic", RK_TRANSFORM_SIGMOID},
                 {"exp", RK_TRANSFORM_EXP}};
    RK_TRY(rk_members_text(m, &out->objective));
    for (size_t i = 0; i < RK_ARRAY_LEN(links); i++)
        if (rk_str_eq(out->objective, rk_str_from(links[i].name))) {
            out->transform = links[i].transform;
            return RK_OK;
        }
    return rk_members_bad(m, "`link` is identity, logistic or exp, not `%.*s`",
                          RK_STR_ARG(out->objective));
}

static rk_status read_model(rk_members *m, rk_model *out, inputs *all, double *bias)
{
    rk_str name;
    bool more;
    RK_TRY(rk_members_expect(m, RK_JSON_OBJECT));
    RK_TRY(rk_members_next(m, &name, &more));
    while (more) {
        if (rk_str_eq(name, RK_STR("rankc")))
            RK_TRY(rk_members_text(m, &name));
        else if (rk_str_eq(name, RK_STR("bias")))
            RK_TRY(rk_members_number(m, bias));
        else if (rk_str_eq(name, RK_STR("link")))
            RK_TRY(read_link(m, out));
        else if (rk_str_eq(name, RK_STR("inputs")) && !all->terms.len)
            RK_TRY(read_inputs(m, all));
        else
            return rk_members_bad(m, "a linear model has no `%.*s`, or not twice",
                                  RK_STR_ARG(name));
        RK_TRY(rk_members_next(m, &name, &more));
    }
    return rk_members_expect(m, RK_JSON_END);
}

static rk_status load_terms(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                            rk_diags *diags, rk_model *out)
{
    rk_members m;
    inputs all = {0};
    double bias = 0;
    rk_members_open(&m, spec, bytes, arena, diags);
    out->slope = 1;
    RK_TRY(read_model(&m, out, &all, &bias));
    if (!all.terms.len)
        return rk_members_bad(&m, "there are no `inputs`");
    out->as.terms = RK_NEW(arena, rk_terms);
    if (!out->as.terms)
        return RK_ENOMEM;
    *out->as.terms = (rk_terms){all.terms.items, all.terms.len, bias};
    out->inputs = all.inputs.items;
    out->n_inputs = all.inputs.len;
    out->n_outputs = 1;
    out->kind = RK_KIND_DOUBLE;
    out->shape = RK_MODEL_TERMS;
    return RK_OK;
}

const rk_model_format rk_model_terms = {.name = "linear model",
                                        .doc = "weights of numbers and ids as JSON",
                                        .is = is_linear,
                                        .load = load_terms};
