/* Revisions: which declarations they hold, and whether what a member needs is a member too. Members
 * are numbered over all declarations: one for each, and for a source one for each field after it.
 */
#include "compiler/sema/sema.h"

typedef struct members {
    sema *s;
    uint32_t *base; /* [decls] first member number of a declaration */
    uint32_t n;
    uint8_t **sets;   /* [decls] of revisions that are done; NULL else */
    uint8_t *working; /* [decls] revisions being worked out, for cycles */
    uint32_t *path;   /* those revisions, in order; they nest RK_AST_NESTING_MAX deep at most */
    uint32_t n_path;
    uint32_t *from, *queue; /* [decls] room for a walk */
} members;

static bool is_member_kind(rk_decl_kind kind)
{
    return kind == RK_DECL_FACTOR || kind == RK_DECL_SOURCE || kind == RK_DECL_MODEL ||
           kind == RK_DECL_INDEX || kind == RK_DECL_PIPELINE;
}

static uint32_t width(const rk_decl *ast)
{
    return ast->kind == RK_DECL_SOURCE ? ast->n_fields + 1 : 1;
}

static rk_status number_members(members *m)
{
    sema *const s = m->s;
    m->base = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    m->sets = RK_NEW_ARRAY(s->arena, uint8_t *, s->decls.len);
    m->working = RK_NEW_ARRAY(s->arena, uint8_t, s->decls.len);
    m->path = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    m->from = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    m->queue = RK_NEW_ARRAY(s->arena, uint32_t, s->decls.len);
    if (!m->base || !m->sets || !m->working || !m->path || !m->from || !m->queue)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        m->base[i] = m->n;
        m->n += is_member_kind(s->decls.items[i].ast->kind) ? width(s->decls.items[i].ast) : 0;
    }
    return RK_OK;
}

static void set_all(const members *m, uint8_t *set)
{
    memset(set, 1, m->n);
    for (uint32_t i = 0; i < m->s->decls.len; i++)
        if (m->s->decls.items[i].ast->beside)
            set[m->base[i]] = 0;
}

/* Members that one name of a set means: first .. first + count. */
static bool named_members(const members *m, const rk_ast *ast, uint32_t *first, uint32_t *count)
{
    sema *const s = m->s;
    const bool member = ast->kind == RK_AST_MEMBER && ast->as.member.object->kind == RK_AST_NAME;
    const rk_atom name = ast->kind == RK_AST_NAME ? ast->as.name
                         : member                 ? ast->as.member.object->as.name
                                                  : RK_ATOM_EMPTY;
    const uint32_t decl = sema_declared(s, name);
    if (decl != RK_MAP_NONE && is_member_kind(s->decls.items[decl].ast->kind)) {
        const rk_decl *const target = s->decls.items[decl].ast;
        *first = m->base[decl];
        *count = width(target);
        if (!member)
            return true;
        *count = 1;
        for (uint32_t i = 0; target->kind == RK_DECL_SOURCE && i < target->n_fields; i++)
            if (target->fields[i].name == ast->as.member.name) {
                *first += i + 1;
                return true;
            }
    }
    const sema_field *const field = decl == RK_MAP_NONE && !member ? sema_short(s, name) : NULL;
    if (field && field->owner == SEMA_OWNER_SOURCE && field->next == UINT32_MAX) {
        *first = m->base[field->decl] + field->index + 1;
        *count = 1;
        return true;
    }
    return false;
}

static void error_unknown(const members *m, const rk_ast *ast)
{
    sema *const s = m->s;
    rk_buf text = {0};
    rk_ast_format_expr(s->cx, ast, &text);
    rk_suggestion suggestion = rk_suggest(rk_buf_str(&text));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (is_member_kind(s->decls.items[i].ast->kind))
            rk_suggest_offer(&suggestion, sema_name(s, s->decls.items[i].ast->name));
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0311, ast->span,
                                   "`%.*s` is not a factor, source field, model, index or pipeline",
                                   RK_STR_ARG(rk_buf_str(&text)));
    if (suggestion.best.len)
        rk_diag_help(&s->cx->diags, diag, "did you mean `%.*s`?", RK_STR_ARG(suggestion.best));
    rk_buf_free(&text);
}

/* A field needs its source: the row is then found. A source is in when one of its fields is. */
static void keep_sources(const members *m, uint8_t *set)
{
    for (uint32_t i = 0; i < m->s->decls.len; i++) {
        const rk_decl *const ast = m->s->decls.items[i].ast;
        if (ast->kind != RK_DECL_SOURCE || ast->n_fields == 0)
            continue;
        set[m->base[i]] = 0;
        for (uint32_t f = 1; f <= ast->n_fields; f++)
            set[m->base[i]] |= set[m->base[i] + f];
    }
}

/* The revision that is being worked out has an error. */
static void mark_broken(const members *m)
{
    m->s->decls.items[m->path[m->n_path - 1]].broken = true;
}

static void apply_names(const members *m, const rk_ast_term *term, uint8_t *set)
{
    for (uint32_t i = 0; i < term->names.len; i++) {
        const rk_ast *const ast = term->names.items[i];
        uint32_t first, count;
        if (ast->kind == RK_AST_ERROR)
            continue;
        if (!named_members(m, ast, &first, &count)) {
            error_unknown(m, ast);
            mark_broken(m);
            continue;
        }
        bool had = false;
        for (uint32_t k = first; k < first + count; k++) {
            had |= set[k];
            set[k] = term->op != RK_REVISION_SUB;
        }
        if (term->op == RK_REVISION_SUB && !had)
            rk_error(&m->s->cx->diags, RK_E0311, ast->span,
                     "this cannot be taken away: the revision does not have it");
    }
}

static uint8_t *members_of(members *m, uint32_t decl);

/* `term` names a revision of the path again. */
static void error_cycle(const members *m, uint32_t decl, const rk_ast_term *term)
{
    sema *const s = m->s;
    const rk_str name = sema_name(s, s->decls.items[decl].ast->name);
    rk_diag *const diag = rk_error(&s->cx->diags, RK_E0303, term->span,
                                   "revision `%.*s` needs itself", RK_STR_ARG(name));
    uint32_t i = 0;
    while (m->path[i] != decl)
        i++;
    for (; i < m->n_path; i++) {
        const uint32_t next = i + 1 < m->n_path ? m->path[i + 1] : decl;
        rk_diag_note(&s->cx->diags, diag, s->decls.items[m->path[i]].ast->name_span,
                     "`%.*s` needs `%.*s`",
                     RK_STR_ARG(sema_name(s, s->decls.items[m->path[i]].ast->name)),
                     RK_STR_ARG(sema_name(s, s->decls.items[next].ast->name)));
    }
}

/* Of a revision that was in error nothing more is said: it then holds everything. */
static void give_up(const members *m, uint8_t *set)
{
    mark_broken(m);
    set_all(m, set);
}

static void apply_revision(members *m, const rk_ast_term *term, uint8_t *set)
{
    sema *const s = m->s;
    const uint32_t decl = sema_declared(s, term->revision);
    if (decl == RK_MAP_NONE || s->decls.items[decl].ast->kind != RK_DECL_REVISION) {
        rk_error(&s->cx->diags, RK_E0311, term->span, "`%.*s` is not a revision",
                 RK_STR_ARG(sema_name(s, term->revision)));
        give_up(m, set);
        return;
    }
    if (m->working[decl]) {
        error_cycle(m, decl, term);
        return;
    }
    const uint8_t *const other = members_of(m, decl);
    for (uint32_t k = 0; other && k < m->n; k++)
        if (other[k])
            set[k] = term->op != RK_REVISION_SUB;
}

/* The set of a revision; revisions refer to each other in chains, which are short: a chain longer
 * than RK_AST_NESTING_MAX is refused. */
static uint8_t *members_of(members *m, uint32_t decl)
{
    const rk_decl *const ast = m->s->decls.items[decl].ast;
    if (m->sets[decl])
        return m->sets[decl];
    uint8_t *const set = RK_NEW_ARRAY(m->s->arena, uint8_t, m->n + 1u);
    if (!set)
        return NULL;
    if (m->s->depth++ > RK_AST_NESTING_MAX)
        rk_error(&m->s->cx->diags, RK_E0703, ast->name_span,
                 "revisions build on each other too deeply");
    else {
        m->working[decl] = 1;
        m->path[m->n_path++] = decl;
        for (uint32_t i = 0; i < ast->n_terms; i++) {
            const rk_ast_term *const term = &ast->terms[i];
            if (term->star && term->op != RK_REVISION_SUB)
                set_all(m, set);
            else if (term->star)
                memset(set, 0, m->n);
            else if (term->revision != RK_ATOM_EMPTY)
                apply_revision(m, term, set);
            else
                apply_names(m, term, set);
        }
        m->working[decl] = 0;
        m->n_path--;
    }
    m->s->depth--;
    keep_sources(m, set);
    m->sets[decl] = set;
    return set;
}

/* ---- what members need ---- */

typedef struct walk {
    members *m;
    const rk_decl *revision;
    const uint8_t *set;
    uint32_t *from;  /* [decls] through whom a declaration was reached; itself: a member */
    uint32_t *queue; /* declarations to look at */
    uint32_t len;
} walk;

static void reach(walk *w, uint32_t decl, uint32_t from)
{
    if (w->from[decl] != UINT32_MAX)
        return;
    w->from[decl] = from;
    w->queue[w->len++] = decl;
}

static void note_chain(const walk *w, rk_diag *diag, uint32_t decl)
{
    sema *const s = w->m->s;
    for (uint32_t hops = 0; w->from[decl] != decl && hops < 32; hops++) {
        const uint32_t user = w->from[decl];
        rk_diag_note(&s->cx->diags, diag, RK_NO_SPAN, "`%.*s` is needed by `%.*s`",
                     RK_STR_ARG(sema_name(s, s->decls.items[decl].ast->name)),
                     RK_STR_ARG(sema_name(s, s->decls.items[user].ast->name)));
        decl = user;
    }
}

static void error_not_in(const walk *w, uint32_t user, const sema_use *use)
{
    sema *const s = w->m->s;
    const rk_decl *const target = s->decls.items[use->decl].ast;
    const bool field = use->field != UINT32_MAX;
    const rk_str name = sema_name(s, field ? target->fields[use->field].name : target->name);
    const rk_str revision = sema_name(s, w->revision->name);
    rk_diag *const diag = rk_error(
        &s->cx->diags, RK_E0312, use->span, "%s `%.*s` is not in revision `%.*s`",
        field ? "field" : rk_decl_kind_text(target->kind), RK_STR_ARG(name), RK_STR_ARG(revision));
    rk_diag_label(&s->cx->diags, diag, "not in `%.*s`", RK_STR_ARG(revision));
    rk_diag_note(&s->cx->diags, diag,
                 field ? target->fields[use->field].name_span : target->name_span,
                 "`%.*s` is defined", RK_STR_ARG(name));
    note_chain(w, diag, user);
    rk_diag_help(&s->cx->diags, diag, "revision %.*s = { … } + { %.*s }", RK_STR_ARG(revision),
                 RK_STR_ARG(name));
}

static void follow(walk *w, uint32_t user, const sema_use *use)
{
    const rk_decl *const target = w->m->s->decls.items[use->decl].ast;
    const uint32_t member = w->m->base[use->decl] + (use->field == UINT32_MAX ? 0 : use->field + 1);
    if (is_member_kind(target->kind) && !w->set[member])
        error_not_in(w, user, use);
    else if (target->kind == RK_DECL_DEF || target->kind == RK_DECL_SOURCE)
        reach(w, use->decl, user); /* a def has no membership of its own; a source has a key */
}

static void check_needs(members *m, uint32_t decl, const uint8_t *set)
{
    sema *const s = m->s;
    walk w = {.m = m,
              .revision = s->decls.items[decl].ast,
              .set = set,
              .from = m->from,
              .queue = m->queue};
    memset(w.from, 0xff, s->decls.len * sizeof *w.from);
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (is_member_kind(s->decls.items[i].ast->kind) && set[m->base[i]])
            reach(&w, i, i);
    for (uint32_t at = 0; at < w.len; at++) {
        const sema_decl *const user = &s->decls.items[w.queue[at]];
        for (uint32_t i = 0; i < user->uses.len && !user->broken; i++)
            follow(&w, w.queue[at], &user->uses.items[i]);
    }
}

/* Entries of the outline: the members, the labels of pipelines, and what is no member of any. */
static void mark_named(const members *m, const uint8_t *set, uint8_t *named)
{
    const sema *const s = m->s;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const sema_decl *const decl = &s->decls.items[i];
        const bool member = is_member_kind(decl->ast->kind);
        const bool fields = decl->ast->kind == RK_DECL_SOURCE;
        for (uint32_t k = 0; k < decl->n_named; k++)
            named[decl->named + k] = !member || set[m->base[i] + (fields ? k : 0)];
    }
}

static rk_status add_revision(members *m, uint32_t decl)
{
    sema *const s = m->s;
    rk_module *const module = s->module;
    uint8_t *const set = members_of(m, decl);
    rk_revision revision = {.name = s->decls.items[decl].ast->name,
                            .span = s->decls.items[decl].ast->name_span,
                            .factors = RK_NEW_ARRAY(s->arena, uint8_t, module->factors.len),
                            .pipelines = RK_NEW_ARRAY(s->arena, uint8_t, module->pipelines.len),
                            .named = RK_NEW_ARRAY(s->arena, uint8_t, module->outline.items.len)};
    rk_named *const named = &module->outline.items.items[s->decls.items[decl].named];
    if (!set || !revision.factors || !revision.pipelines || !revision.named)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < s->decls.len; i++) {
        const sema_decl *const member = &s->decls.items[i];
        if (member->ast->beside)
            set[m->base[i]] = member->ast->within == revision.name;
        if (member->ast->kind == RK_DECL_FACTOR)
            revision.factors[member->index] = set[m->base[i]];
        else if (member->ast->kind == RK_DECL_PIPELINE)
            revision.pipelines[member->index] = set[m->base[i]];
    }
    mark_named(m, set, revision.named);
    named->broken = s->decls.items[decl].broken;
    named->number = module->revisions.len;
    if (!named->broken)
        check_needs(m, decl, set);
    return rk_vec_push(s->arena, &module->revisions, revision) ? RK_OK : RK_ENOMEM;
}

rk_status sema_revisions(sema *s)
{
    members m = {.s = s};
    RK_TRY(number_members(&m));
    for (uint32_t i = 0; i < s->decls.len; i++)
        if (s->decls.items[i].ast->kind == RK_DECL_REVISION && !s->decls.items[i].broken)
            RK_TRY(add_revision(&m, i));
    return RK_OK;
}
