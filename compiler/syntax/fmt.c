/* The canonical form of a file: declarations, their columns and blocks; see fmt.h. */
#include "compiler/syntax/fmt.h"

#include "compiler/syntax/parser.h"

enum { WIDTH = 90, ALIGNED_MAX = 40 };

static void text(rk_fmt *fmt, const char *chars) { rk_layout_chars(fmt->out, chars); }
static void add(rk_fmt *fmt, rk_layout_kind kind) { rk_layout_add(fmt->out, kind); }
static void indent(rk_fmt *fmt, int32_t columns) { rk_layout_indent(fmt->out, columns); }

static uint32_t name_width(const rk_fmt *fmt, rk_atom name)
{
    const rk_str word = rk_atom_str(&fmt->cx->names, name);
    return (uint32_t)word.len + (rk_word_reserved(word) ? 2 : 0);
}

/* Spaces up to a column; a name wider than all others of its block would be gets none. */
static void pad(rk_fmt *fmt, rk_layout_kind kind, uint32_t width, uint32_t column)
{
    if (width < column)
        rk_layout_spaces(fmt->out, kind, column - width);
}

/* ---- types ---- */

static uint32_t type_width(const rk_fmt *fmt, const rk_ast_type *type)
{
    uint32_t width = 0;
    for (; type; type = type->of) {
        width += name_width(fmt, type->name) + type->optional;
        width += type->of ? 2 : type->size ? type->size->span.len + 2 : 0;
    }
    return width;
}

static void type_name(rk_fmt *fmt, const rk_ast_type *type)
{
    rk_fmt_name(fmt, type->name, type->span);
    if (type->size || type->of)
        text(fmt, "(");
    if (type->size)
        rk_fmt_source(fmt, type->size->span);
    if (type->of)
        type_name(fmt, type->of);
    if (type->size || type->of) {
        const uint32_t end = rk_span_end(type->span) - type->optional;
        rk_fmt_comments(fmt, (rk_span){type->span.file, end - 1, 1}, false);
        text(fmt, ")");
    }
    if (type->optional) {
        rk_fmt_comments(fmt, rk_span_last(type->span), false);
        text(fmt, "?");
    }
}

/* ---- blocks of fields and steps ---- */

/* The next `{` from a place on; only space and comments stand before it. */
static rk_span brace_after(const rk_fmt *fmt, rk_span place)
{
    const rk_str s = fmt->cx->texts.items.items[place.file].text;
    uint32_t at = rk_span_end(place);
    while (at < s.len && s.data[at] != '{') {
        const char *const end = s.data[at] == '#' ? memchr(s.data + at, '\n', s.len - at) : NULL;
        at = end ? (uint32_t)(end - s.data) : at + 1;
    }
    return (rk_span){place.file, at, 1};
}

static void open_block(rk_fmt *fmt, rk_span before)
{
    rk_fmt_comments(fmt, brace_after(fmt, before), false);
    text(fmt, "{");
    indent(fmt, 4);
    fmt->may_blank = false;
}

static void close_block(rk_fmt *fmt, rk_span decl, rk_layout_kind line)
{
    rk_fmt_comments(fmt, rk_span_last(decl), true);
    indent(fmt, -4);
    add(fmt, line);
    text(fmt, "}");
}

/* Begins a part of a block: the comments and the empty line before it. */
static void begin_part(rk_fmt *fmt, rk_span part, rk_layout_kind line)
{
    rk_fmt_comments(fmt, part, true);
    add(fmt, line);
    if (fmt->may_blank && rk_fmt_blank_before(fmt, part))
        add(fmt, RK_LAYOUT_BLANK);
    fmt->may_blank = true;
}

/* The widest name of the fields from `first` up to an empty line; `end` is where they end. */
static uint32_t fields_column(const rk_fmt *fmt, const rk_decl *decl, uint32_t first, uint32_t *end)
{
    uint32_t widest = 0, comment = 0, i = first;
    for (; i < decl->n_fields; i++) {
        const rk_ast_field *const field = &decl->fields[i];
        if (i > first && rk_fmt_apart(fmt, &comment, decl->fields[i - 1].span, field->span))
            break;
        const uint32_t width = name_width(fmt, field->name);
        if (width > widest && width <= ALIGNED_MAX)
            widest = width;
    }
    *end = i;
    return widest;
}

static void field(rk_fmt *fmt, const rk_ast_field *f, uint32_t column)
{
    rk_fmt_name(fmt, f->name, f->name_span);
    pad(fmt, RK_LAYOUT_BROKEN, name_width(fmt, f->name), column);
    rk_layout_spaces(fmt->out, RK_LAYOUT_BROKEN, 1);
    text(fmt, ": ");
    type_name(fmt, &f->type);
    if (f->initial) {
        text(fmt, " = ");
        rk_fmt_expr(fmt, f->initial);
    }
    if (f->from.data) {
        text(fmt, " from ");
        rk_fmt_source(fmt, f->from_span);
    }
}

/* On one line if it was written so and fits, else a field a line. */
static void fields(rk_fmt *fmt, const rk_decl *decl, rk_span before)
{
    add(fmt, RK_LAYOUT_OPEN);
    if (rk_fmt_has_line(fmt, decl->span.file, rk_span_end(before), rk_span_end(decl->span)) &&
        decl->n_fields)
        add(fmt, RK_LAYOUT_BREAK);
    open_block(fmt, before);
    uint32_t column = 0;
    for (uint32_t i = 0, end = 0; i < decl->n_fields; i++) {
        if (i == end)
            column = fields_column(fmt, decl, i, &end);
        begin_part(fmt, decl->fields[i].span, RK_LAYOUT_LINE);
        field(fmt, &decl->fields[i], column);
        if (i + 1 < decl->n_fields) {
            rk_layout_chars(fmt->out, ",");
            fmt->out->ops.items[fmt->out->ops.len - 1].kind = RK_LAYOUT_FLAT;
        }
    }
    close_block(fmt, decl->span, decl->n_fields ? RK_LAYOUT_LINE : RK_LAYOUT_SOFT);
    add(fmt, RK_LAYOUT_CLOSE);
}

static void step(rk_fmt *fmt, const rk_ast_step *s)
{
    text(fmt, s->given ? "given " : "expect ");
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    rk_fmt_expr(fmt, s->subject);
    if (s->given)
        text(fmt, " =");
    if (s->value) {
        rk_fmt_trailing(fmt, s->subject->span, false);
        add(fmt, RK_LAYOUT_LINE);
        if (!s->given)
            text(fmt, s->op == RK_EXPECT_NEAR ? "~ " : "== ");
        rk_fmt_expr(fmt, s->value);
    }
    indent(fmt, -4);
    add(fmt, RK_LAYOUT_CLOSE);
}

static void steps(rk_fmt *fmt, const rk_decl *decl)
{
    open_block(fmt, decl->text_span);
    for (uint32_t i = 0; i < decl->n_steps; i++) {
        begin_part(fmt, decl->steps[i].span, RK_LAYOUT_HARD);
        step(fmt, &decl->steps[i]);
    }
    close_block(fmt, decl->span, decl->n_steps ? RK_LAYOUT_HARD : RK_LAYOUT_SOFT);
}

/* ---- revisions ---- */

static void set(rk_fmt *fmt, const rk_ast_term *term)
{
    text(fmt, "{");
    add(fmt, RK_LAYOUT_OPEN);
    indent(fmt, 4);
    for (uint32_t i = 0; i < term->names.len; i++) {
        add(fmt, i ? RK_LAYOUT_FILL : RK_LAYOUT_LINE);
        rk_fmt_expr(fmt, term->names.items[i]);
        if (i + 1 < term->names.len) {
            text(fmt, ",");
            rk_fmt_trailing(fmt, term->names.items[i]->span, true);
        }
    }
    rk_fmt_comments(fmt, rk_span_last(term->span), false);
    indent(fmt, -4);
    add(fmt, term->names.len ? RK_LAYOUT_LINE : RK_LAYOUT_SOFT);
    add(fmt, RK_LAYOUT_CLOSE);
    text(fmt, "}");
}

static void term(rk_fmt *fmt, const rk_ast_term *t)
{
    static const char *const ops[] = {"", "+ ", "- "};
    text(fmt, ops[t->op]);
    if (t->star)
        text(fmt, "*");
    else if (t->revision != RK_ATOM_EMPTY)
        rk_fmt_name(fmt, t->revision, t->span);
    else
        set(fmt, t);
}

static void terms(rk_fmt *fmt, const rk_decl *decl)
{
    add(fmt, RK_LAYOUT_OPEN);
    for (uint32_t i = 0; i < decl->n_terms; i++) {
        rk_fmt_comments(fmt, decl->terms[i].span, false);
        if (i)
            add(fmt, RK_LAYOUT_LINE);
        term(fmt, &decl->terms[i]);
        if (i == 0)
            indent(fmt, 4);
    }
    indent(fmt, -4);
    add(fmt, RK_LAYOUT_CLOSE);
}

/* ---- declarations ---- */

/* Where the words, the names and the `=` of neighbouring declarations stand. */
typedef struct columns {
    uint32_t end;        /* of the block: index of a declaration */
    uint32_t word, name; /* widths */
} columns;

/* Declarations of one family stand in columns: those of values, of revisions, of schemas. */
static int family(rk_decl_kind kind)
{
    switch (kind) {
    case RK_DECL_FACTOR:
    case RK_DECL_DEF:
    case RK_DECL_MODEL:
    case RK_DECL_INDEX:
        return 1;
    case RK_DECL_REVISION:
        return 2;
    case RK_DECL_QUERY:
    case RK_DECL_ITEM:
        return 3;
    default:
        return 0;
    }
}

static uint32_t head_width(const rk_fmt *fmt, const rk_decl *decl)
{
    if (decl->kind == RK_DECL_DEF)
        return 0; /* its `=` stands where its parameters end */
    const bool typed = decl->type.name != RK_ATOM_EMPTY;
    return name_width(fmt, decl->name) + (typed ? 2 + type_width(fmt, &decl->type) : 0);
}

static columns columns_of(const rk_fmt *fmt, const rk_ast_file *file, uint32_t first)
{
    columns c = {.end = first};
    uint32_t comment = 0;
    const int own = family(file->decls.items[first]->kind);
    for (uint32_t i = first; i < file->decls.len; i++) {
        const rk_decl *const decl = file->decls.items[i];
        if (i > first && (own == 0 || family(decl->kind) != own ||
                          rk_fmt_apart(fmt, &comment, file->decls.items[i - 1]->span, decl->span)))
            break;
        const uint32_t word = (uint32_t)strlen(rk_decl_kind_text(decl->kind));
        const uint32_t name = head_width(fmt, decl);
        c.word = word > c.word ? word : c.word;
        c.name = name > c.name && name <= ALIGNED_MAX ? name : c.name;
        c.end = i + 1;
    }
    return c;
}

static void params(rk_fmt *fmt, const rk_decl *decl)
{
    text(fmt, "(");
    for (uint32_t i = 0; i < decl->n_params; i++) {
        rk_fmt_name(fmt, decl->params[i].name, decl->params[i].span);
        if (i + 1 < decl->n_params)
            text(fmt, ", ");
    }
    text(fmt, ")");
}

static void head(rk_fmt *fmt, const rk_decl *decl, const columns *c)
{
    const char *const word = rk_decl_kind_text(decl->kind);
    text(fmt, word);
    pad(fmt, RK_LAYOUT_TEXT, (uint32_t)strlen(word), c->word);
    text(fmt, " ");
    if (decl->name == RK_ATOM_EMPTY)
        return;
    rk_fmt_name(fmt, decl->name, decl->name_span);
    if (decl->kind == RK_DECL_DEF)
        params(fmt, decl);
    if (decl->type.name != RK_ATOM_EMPTY) {
        text(fmt, ": ");
        type_name(fmt, &decl->type);
    }
    if (decl->kind != RK_DECL_DEF)
        pad(fmt, RK_LAYOUT_TEXT, head_width(fmt, decl), c->name);
    text(fmt, " =");
}

static void source(rk_fmt *fmt, const rk_decl *decl)
{
    text(fmt, " ");
    rk_fmt_expr(fmt, decl->value);
    text(fmt, " by ");
    rk_fmt_expr(fmt, decl->key);
    text(fmt, " ");
    fields(fmt, decl, decl->key->span);
}

static void declaration(rk_fmt *fmt, const rk_decl *decl, const columns *c)
{
    head(fmt, decl, c);
    switch (decl->kind) {
    case RK_DECL_IMPORT:
        rk_fmt_source(fmt, decl->text_span);
        break;
    case RK_DECL_QUERY:
    case RK_DECL_ITEM:
        fields(fmt, decl, decl->name_span);
        break;
    case RK_DECL_SOURCE:
        source(fmt, decl);
        break;
    case RK_DECL_FACTOR:
    case RK_DECL_DEF:
    case RK_DECL_MODEL:
    case RK_DECL_INDEX:
    case RK_DECL_PIPELINE:
        rk_fmt_value(fmt, decl->value);
        break;
    case RK_DECL_REVISION:
        text(fmt, " ");
        terms(fmt, decl);
        break;
    case RK_DECL_TEST:
        rk_fmt_source(fmt, decl->text_span);
        text(fmt, " ");
        steps(fmt, decl);
        break;
    }
}

void rk_ast_format(const rk_context *cx, const rk_ast_file *file, rk_buf *out)
{
    rk_layout layout = {0};
    rk_fmt fmt = {.cx = cx,
                  .out = &layout,
                  .comments = file->comments.items,
                  .n_comments = file->comments.len};
    columns c = {0};
    for (uint32_t i = 0; i < file->decls.len; i++) {
        const rk_decl *const decl = file->decls.items[i];
        if (i == c.end)
            c = columns_of(&fmt, file, i);
        begin_part(&fmt, decl->span, RK_LAYOUT_HARD);
        declaration(&fmt, decl, &c);
        rk_fmt_comments(&fmt, rk_span_last(decl->span), false);
        rk_fmt_trailing(&fmt, decl->span, false);
        fmt.may_blank = true;
    }
    rk_fmt_comments(&fmt, (rk_span){file->file, UINT32_MAX, 0}, true);
    add(&fmt, RK_LAYOUT_HARD);
    rk_layout_print(&layout, WIDTH, out);
    rk_layout_free(&layout);
}
