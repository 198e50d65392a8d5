/* Errors of sema: with the calls of defs that led to the place, and the origin of a missing value.
 */
#include <stdio.h>

#include "compiler/sema/sema.h"

enum { CALLS_SHOWN = 8 };

static void note_calls(sema *s, rk_diag *diag, const sema_env *env)
{
    for (uint32_t n = 0; env && env->def && n < CALLS_SHOWN; env = env->caller, n++)
        rk_diag_note(&s->cx->diags, diag, env->call, "in the call of `%.*s`",
                     RK_STR_ARG(sema_name(s, env->def->name)));
}

/* A name that is unknown in the body of a def is so in every call: it is told once. */
static bool is_told(const sema *s, const sema_env *env, rk_diag_code code, rk_span span)
{
    if (!env || !env->def || (code != RK_E0301 && code != RK_E0306 && code != RK_E0307))
        return false;
    for (uint32_t i = 0; i < s->cx->diags.items.len; i++) {
        const rk_diag *const diag = s->cx->diags.items.items[i];
        if (diag->code == code && diag->span.file == span.file && diag->span.at == span.at)
            return true;
    }
    return false;
}

/* Takes notes for a diagnostic that is not kept: code 0 leaves it as it is. */
static rk_diag *nowhere(void)
{
    static const rk_diag none = {.code = RK_CODE_NONE};
    return (rk_diag *)&none;
}

rk_diag *sema_error(sema *s, const sema_env *env, rk_diag_code code, rk_span span,
                    const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* What is wrong inside a def of the standard library is shown where the user called it. */
    for (; env && env->def && span.file == 0; env = env->caller)
        span = env->call;
    if (is_told(s, env, code, span))
        return nowhere();
    rk_diag *const diag = rk_error(&s->cx->diags, code, span, "%s", text);
    note_calls(s, diag, env);
    return diag;
}

rk_type_name sema_type_of(const sema *s, rk_ref ref)
{
    return rk_type_text(rk_dag_at(s->dag, ref)->type);
}

/* The operand that makes a node optional, or 0. */
static rk_ref optional_operand(const sema *s, rk_ref ref)
{
    const rk_node *const node = rk_dag_at(s->dag, ref);
    for (uint32_t i = 0; i < node->n && node->op != RK_OP_FIELD; i++) {
        const rk_ref operand = rk_dag_operand(s->dag, ref, i);
        if (operand && rk_dag_at(s->dag, operand)->type.optional)
            return operand;
    }
    return 0;
}

rk_ref sema_missing_origin(const sema *s, rk_ref ref)
{
    for (rk_ref next = ref; next; next = optional_operand(s, next))
        ref = next;
    return ref;
}

/* The aggregate on the way to the origin, whose result is to be replaced, not what it goes over. */
static const rk_node *fold_between(const sema *s, rk_ref ref)
{
    for (; ref; ref = optional_operand(s, ref))
        if (rk_dag_at(s->dag, ref)->op == RK_OP_FOLD)
            return rk_dag_at(s->dag, ref);
    return NULL;
}

/* What could stand behind `??` for this type. */
static const char *substitute(rk_type type)
{
    switch (type.kind) {
    case RK_KIND_STRING:
        return "\"\"";
    case RK_KIND_BOOL:
        return "false";
    case RK_KIND_LIST:
        return "[]";
    case RK_KIND_VECTOR:
        return "v";
    default:
        return "0";
    }
}

/* What people write for a node that may be missing: `price`, `query.age`, `vecs.score`; "" where it
 * has no name. A field of the query is always written long; in tests fields of sources look like
 * one. */
static rk_str words_for(sema *s, const rk_node *node, rk_ref ref)
{
    const bool rank = node->op == RK_OP_LABEL_RANK;
    const rk_str name = sema_node_name(s, ref);
    if (rank || node->op == RK_OP_LABEL_SCORE) {
        const rk_node *const domain = rk_dag_at(s->dag, rk_dag_operand(s->dag, ref, 0));
        return sema_join_names(s, sema_name(s, domain->aux),
                               rank ? RK_STR("rank") : RK_STR("score"));
    }
    if (node->op == RK_OP_CALL)
        return RK_STR("");
    return name.len && node->op == RK_OP_QUERY && !s->givens
               ? sema_join_names(s, RK_STR("query"), name)
               : name;
}

static void help_replace(sema *s, rk_diag *diag, rk_ref ref, rk_ref origin, rk_str words)
{
    const rk_node *const fold = fold_between(s, ref);
    const rk_node *const replaced = fold ? fold : rk_dag_at(s->dag, words.len ? origin : ref);
    const char *const by = substitute(replaced->type);
    if (fold)
        rk_diag_help(&s->cx->diags, diag, "say what a missing one becomes, as in `%s(…) ?? %s`",
                     rk_fold_at(fold->aux)->name, by);
    else
        rk_diag_help(&s->cx->diags, diag, "say what a missing one becomes, as in `%.*s ?? %s`",
                     RK_STR_ARG(words.len ? words : RK_STR("x")), by);
}

void sema_error_missing(sema *s, const sema_env *env, rk_ref ref, rk_span span, const char *what)
{
    const rk_node *const given = rk_dag_at(s->dag, ref);
    const bool literal = given->op == RK_OP_CONST;
    rk_diag *const diag =
        sema_error(s, env, RK_E0202, span, "%s needs a value that is always there, and this is %s",
                   what, literal ? "`missing`" : rk_type_text(given->type).text);
    if (literal)
        return;
    const rk_ref origin = sema_missing_origin(s, ref);
    const rk_node *const node = rk_dag_at(s->dag, origin);
    const rk_str words = words_for(s, node, origin);
    rk_diag_label(&s->cx->diags, diag, "may be missing");
    if (words.len)
        rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "the missing comes from `%.*s`: %s",
                     RK_STR_ARG(words), rk_type_text(node->type).text);
    else if (origin != ref)
        rk_diag_note(&s->cx->diags, diag, node->span, "the missing comes from a %s",
                     rk_type_text(node->type).text);
    help_replace(s, diag, ref, origin, words);
}
