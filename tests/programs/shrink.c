/* A program that differs, made smaller as long as it does: fewer items, stages and factors, and
 * expressions replaced by their parts. */
#include "tests/programs/programs.h"

typedef struct shrinker {
    program *p;
    request *r;
    bool formatted;
    unsigned left; /* tries */
} shrinker;

/* Whether the program is still a program, and differs. */
static bool still_differs(shrinker *s)
{
    fault f;
    if (s->left == 0)
        return false;
    s->left--;
    return type_program(s->p) && !run_program(s->p, s->r, 1, s->formatted, &f);
}

/* ---- items ---- */

static void take_out(const program *p, request *r, unsigned from, unsigned n)
{
    const size_t rest = (r->n - from - n) * sizeof(value);
    memmove(r->ids + from, r->ids + from + n, rest);
    for (unsigned f = 0; f < p->n_item; f++)
        memmove(r->items[f] + from, r->items[f] + from + n, rest);
    r->n -= n;
}

static request copy_request(shrinker *s)
{
    request copy = *s->r;
    copy.ids = NEW_ARRAY(&s->p->arena, value, copy.n);
    memcpy(copy.ids, s->r->ids, copy.n * sizeof(value));
    for (unsigned f = 0; f < s->p->n_item; f++) {
        copy.items[f] = NEW_ARRAY(&s->p->arena, value, copy.n);
        memcpy(copy.items[f], s->r->items[f], copy.n * sizeof(value));
    }
    return copy;
}

static bool fewer_items(shrinker *s)
{
    bool any = false;
    for (unsigned n = (s->r->n + 1) / 2; n > 0; n /= 2)
        for (unsigned from = 0; from + n <= s->r->n;) {
            const request old = copy_request(s);
            take_out(s->p, s->r, from, n);
            if (still_differs(s))
                any = true;
            else {
                *s->r = old;
                from += n;
            }
        }
    return any;
}

/* ---- expressions ---- */

static bool try_node(shrinker *s, node *n, const node *by)
{
    const node old = *n;
    *n = *by;
    if (still_differs(s))
        return true;
    *n = old;
    return false;
}

static bool smaller_node(shrinker *s, node *n)
{
    bool any = false;
    if (n->kind == NODE_FACTOR && s->p->factors[n->op].value) {
        const node *const copy = node_copy(&s->p->arena, s->p->factors[n->op].value);
        any |= copy->n == 0 && try_node(s, n, copy);
    }
    for (unsigned i = 0; i < n->n; i++)
        if (n->kids[i] && n->kids[i]->type.kind == n->type.kind && try_node(s, n, n->kids[i]))
            return true;
    if (n->kind == NODE_FOLD)
        for (unsigned i = 1; i < 3; i++) {
            node *const kid = n->kids[i];
            n->kids[i] = NULL;
            if (kid && still_differs(s))
                any = true;
            else
                n->kids[i] = kid;
        }
    if (n->kind == NODE_DEF && n->body && try_node(s, n, n->body))
        return true;
    for (unsigned i = 0; i < n->n; i++)
        any |= n->kids[i] && smaller_node(s, n->kids[i]);
    return any;
}

/* ---- factors and stages ---- */

static bool fewer_factors(shrinker *s)
{
    bool any = false;
    for (unsigned i = s->p->n_factors; i-- > 0;) {
        node *const value = s->p->factors[i].value;
        if (!value)
            continue;
        s->p->factors[i].value = NULL;
        if (still_differs(s)) {
            any = true;
            continue;
        }
        s->p->factors[i].value = value;
        const rk_type declared = s->p->factors[i].declared;
        s->p->factors[i].declared = (rk_type){0};
        if (declared.kind == RK_KIND_NONE || !still_differs(s))
            s->p->factors[i].declared = declared;
        any |= smaller_node(s, value);
    }
    return any;
}

static bool fewer_stages(shrinker *s, pipe **at)
{
    pipe *const q = *at;
    bool any = false;
    for (unsigned i = 0; i < q->n; i++) {
        *at = q->from[i];
        if (still_differs(s))
            return true;
        *at = q;
    }
    const int label = q->label;
    q->label = -1;
    if (label < 0 || !still_differs(s))
        q->label = label;
    for (unsigned i = 0; i < q->n; i++)
        any |= fewer_stages(s, &q->from[i]);
    node *const args[] = {q->key, q->count[0], q->count[1], q->vector};
    for (unsigned i = 0; i < RK_ARRAY_LEN(args); i++)
        any |= args[i] && smaller_node(s, args[i]);
    return any;
}

/* What a hidden field's use makes of the text is an error of `check`, which differs too: so fields
 * go last, and only where the fault stays the same. */
static bool same_kind_of_fault(shrinker *s, const fault *first)
{
    fault f;
    return type_program(s->p) && !run_program(s->p, s->r, 1, s->formatted, &f) &&
           (strncmp(f.text, "check", 5) == 0) == (strncmp(first->text, "check", 5) == 0);
}

static void hide_fields(shrinker *s)
{
    fault first;
    if (!type_program(s->p) || run_program(s->p, s->r, 1, s->formatted, &first) ||
        strncmp(first.text, "check", 5) == 0)
        return;
    for (unsigned f = 0; f < s->p->n_query + s->p->n_item; f++) {
        field *const at = f < s->p->n_query ? &s->p->query[f] : &s->p->item[f - s->p->n_query];
        at->hidden = true;
        at->hidden = same_kind_of_fault(s, &first);
    }
    for (unsigned k = SOURCES; k-- > 0;) {
        s->p->sources[k].hidden = true;
        s->p->sources[k].hidden = same_kind_of_fault(s, &first);
    }
}

/* A forest has whole rounds of all outputs. */
static bool fewer_trees(shrinker *s)
{
    bool any = false;
    for (unsigned i = 0; i < s->p->n_models; i++) {
        model *const m = &s->p->models[i];
        for (unsigned n = m->n_trees / m->n_outputs / 2; n > 0; n /= 2) {
            const model old = *m;
            m->n_trees = n * m->n_outputs;
            mark_used(m);
            write_models(s->p);
            any |= still_differs(s);
            if (any)
                break;
            *m = old;
            write_models(s->p);
        }
    }
    return any;
}

void shrink(program *p, request *r, bool formatted)
{
    shrinker s = {.p = p, .r = r, .formatted = formatted, .left = 4000};
    bool any = true;
    while (any && s.left) {
        any = fewer_items(&s);
        any |= fewer_trees(&s);
        any |= fewer_factors(&s);
        for (unsigned i = 0; i < p->n_pipelines; i++)
            any |= fewer_stages(&s, &p->pipelines[i]);
    }
    hide_fields(&s);
    type_program(p);
}
