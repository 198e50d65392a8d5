/* Steps of models. */
#include "runtime/plan/verify.h"

static rk_type column_type(const rk_checker *c, uint32_t column)
{
    return c->plan->columns.items[column].type;
}

bool rk_check_model(rk_checker *c, const rk_step *step)
{
    if (step->index >= c->plan->models.len)
        return rk_check_fail(c, "model %u of %u", step->index, c->plan->models.len);
    const uint32_t wanted = c->plan->models.items[step->index].n_operands;
    if (step->n != wanted || step->b >= RK_MODEL_PART_COUNT)
        return rk_check_fail(c, "%u inputs for %u, part %u", step->n, wanted, step->b);
    if (!rk_check_operands(c, step->first, step->n))
        return false;
    for (uint32_t i = 0; i < step->n; i++) {
        const uint32_t column = c->plan->operands.items[step->first + i];
        if (!rk_check_read(c, column, step->list, true))
            return false;
        if (!rk_model_takes(column_type(c, column)))
            return rk_check_fail(c, "input %u is %s", i, rk_type_text(column_type(c, column)).text);
    }
    if (!rk_check_make(c, step->out, step->list))
        return false;
    const rk_type type = column_type(c, step->out);
    const bool list = type.kind == RK_KIND_LIST && type.elem == RK_KIND_INT;
    const bool score =
        rk_kind_is_real(type.kind) || type.kind == RK_KIND_VECTOR || type.kind == RK_KIND_INT;
    return (step->b == RK_MODEL_LEAVES ? list : score || list) ||
           rk_check_fail(c, "column %u is %s", step->out, rk_type_text(type).text);
}

/* How many floats an item of a column has: none of another kind. */
static uint32_t floats_of(rk_type type)
{
    return type.kind == RK_KIND_FLOAT ? 1 : type.kind == RK_KIND_VECTOR ? type.dim : 0;
}

bool rk_check_part(rk_checker *c, const rk_step *step)
{
    if (!rk_check_read(c, step->a, step->list, false) || !rk_check_make(c, step->out, step->list))
        return false;
    const rk_type whole = column_type(c, step->a), part = column_type(c, step->out);
    const uint32_t n = floats_of(whole), wanted = floats_of(part);
    return (whole.kind == RK_KIND_VECTOR && !whole.optional && !part.optional && wanted != 0 &&
            step->b <= n && wanted <= n - step->b) ||
           rk_check_fail(c, "%s from %u on of %s", rk_type_text(part).text, step->b,
                         rk_type_text(whole).text);
}
