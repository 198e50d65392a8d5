/* Types of models and their calls, by §8 of the manual. */
#include "tests/programs/programs.h"

rk_type model_type(const model *m, unsigned part)
{
    const bool one = part == PART_SCORE && m->objective->link == LINK_CLASS;
    if (part == PART_LEAVES)
        return RK_TYPE_LIST(INT);
    if (m->n_outputs > 1 && !one)
        return (rk_type){.kind = RK_KIND_VECTOR, .dim = m->n_outputs};
    return m->library == XGBOOST ? RK_TYPE(FLOAT) : RK_TYPE(DOUBLE);
}

bool tree_is_taken(const model *m, unsigned number)
{
    unsigned before = 0;
    for (unsigned t = 0; t < number; t++)
        before += m->library == CATBOOST || m->trees[t].output == m->trees[number].output;
    return !m->most || before < m->most;
}

void mark_used(model *m)
{
    for (unsigned i = 0; i < m->n_inputs; i++)
        m->inputs[i].used = false;
    for (unsigned t = 0; t < m->n_trees; t++)
        for (unsigned i = 0; tree_is_taken(m, t) && i < m->trees[t].n; i++)
            if (m->trees[t].twigs[i].input >= 0)
                m->inputs[m->trees[t].twigs[i].input].used = true;
}

static bool has_names(const input *in) { return in->kind >= INPUT_TEXT; }

bool input_fits(const input *in, const node *n)
{
    const uint8_t kind = n->type.kind;
    if (!in->used)
        return is_number(kind) || kind == RK_KIND_BOOL || kind == RK_KIND_STRING;
    if (kind == RK_KIND_STRING ? !has_names(in) : !is_number(kind) && kind != RK_KIND_BOOL)
        return false;
    return in->missing || !n->type.optional;
}

/* Inputs that no tree asks for are typed, and that is all. */
bool type_model(program *p, node *n)
{
    const model *const m = &p->models[n->op];
    const rk_type number = RK_TYPE(DOUBLE), nothing = {0};
    n->scope = SCOPE_QUERY;
    for (unsigned i = 0; i < n->n; i++) {
        const input *const in = &m->inputs[i];
        node *const kid = n->kids[i];
        if (!kid) {
            if (in->used || !n->asc)
                return false;
            continue;
        }
        const bool bare = kid->kind == NODE_MISSING;
        if (!type_node(p, kid, bare || !has_names(in) ? number : nothing) || !input_fits(in, kid))
            return false;
        if (in->used && kid->scope > n->scope)
            n->scope = kid->scope;
        n->needs |= kid->needs;
        n->bound |= kid->bound;
    }
    n->type = model_type(m, n->row);
    return true;
}

const char *leaf_name(const program *p, const node *n)
{
    switch (n->kind) {
    case NODE_ITEM:
        return p->item[n->op].name;
    case NODE_SOURCE:
        return p->sources[n->op].fields[n->row].name;
    case NODE_FACTOR:
        return p->factors[n->op].name;
    default:
        return "";
    }
}
