#include "compiler/syntax/layout.h"

void rk_layout_free(rk_layout *layout) { rk_arena_free(&layout->arena); }

static void push(rk_layout *layout, rk_layout_op op)
{
    if (!rk_vec_push(&layout->arena, &layout->ops, op))
        layout->failed = true;
}

void rk_layout_add(rk_layout *layout, rk_layout_kind kind)
{
    push(layout, (rk_layout_op){.kind = kind});
}

void rk_layout_text(rk_layout *layout, rk_str text)
{
    push(layout, (rk_layout_op){.kind = RK_LAYOUT_TEXT, .text = text});
}

void rk_layout_chars(rk_layout *layout, const char *chars)
{
    rk_layout_text(layout, rk_str_from(chars));
}

void rk_layout_spaces(rk_layout *layout, rk_layout_kind kind, uint32_t n)
{
    static const char spaces[] = "                                                                ";
    const uint32_t most = sizeof spaces - 1;
    push(layout, (rk_layout_op){.kind = kind, .text = {spaces, n < most ? n : most}});
}

void rk_layout_indent(rk_layout *layout, int32_t columns)
{
    push(layout, (rk_layout_op){.kind = RK_LAYOUT_INDENT, .n = columns});
}

/* Whether an operation puts something on the line. */
static bool is_ink(rk_layout_kind kind)
{
    return kind <= RK_LAYOUT_BROKEN || kind == RK_LAYOUT_TRAIL || kind == RK_LAYOUT_OWN;
}

static bool is_break(rk_layout_kind kind)
{
    return kind >= RK_LAYOUT_LINE && kind <= RK_LAYOUT_BLANK;
}

/* A `##` comment that no longer trails must not become the doc of what comes next. */
static rk_str undocumented(rk_str text)
{
    const bool doc = text.len >= 2 && text.data[1] == '#' && (text.len == 2 || text.data[2] != '#');
    return doc ? (rk_str){text.data + 1, text.len - 1} : text;
}

/* A comment trailed what is not printed, a comma, behind other comments: none of them is a doc. */
static void join_comments(rk_layout *layout)
{
    rk_layout_op *const ops = layout->ops.items;
    ops[layout->ops.len - 1].kind = RK_LAYOUT_OWN;
    for (uint32_t i = layout->ops.len; i > 0; i--) {
        if (ops[i - 1].kind == RK_LAYOUT_OWN)
            ops[i - 1].text = undocumented(ops[i - 1].text);
        else if (is_ink(ops[i - 1].kind))
            return;
    }
}

/* Where a comment goes that trails the last ink: ahead of the first break since. */
static uint32_t end_of_ink(const rk_layout *layout)
{
    const rk_layout_op *const ops = layout->ops.items;
    uint32_t ahead = layout->ops.len;
    for (uint32_t at = layout->ops.len; at > 0 && !is_ink(ops[at - 1].kind); at--)
        if (is_break(ops[at - 1].kind))
            ahead = at - 1;
    return ahead;
}

static bool ends_in_comment(const rk_layout *layout)
{
    uint32_t at = layout->ops.len;
    while (at > 0 && !is_ink(layout->ops.items[at - 1].kind))
        at--;
    return at > 0 && layout->ops.items[at - 1].kind >= RK_LAYOUT_TRAIL;
}

void rk_layout_comment(rk_layout *layout, rk_layout_kind kind, rk_str text)
{
    const rk_layout_op op = {.kind = kind, .text = text};
    const uint32_t len = layout->ops.len;
    const uint32_t ahead = end_of_ink(layout);
    const bool joins = kind == RK_LAYOUT_TRAIL && ends_in_comment(layout);
    push(layout, op);
    if (layout->failed || kind != RK_LAYOUT_TRAIL)
        return;
    if (joins) {
        join_comments(layout);
        return;
    }
    rk_layout_op *const ops = layout->ops.items;
    memmove(ops + ahead + 1, ops + ahead, (len - ahead) * sizeof *ops);
    ops[ahead] = op;
}

/* ---- before printing: widths, ends of groups, groups that must break ---- */

static int32_t columns_of(rk_str text)
{
    int32_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return columns;
}

static bool forces_break(rk_layout_kind kind)
{
    return kind == RK_LAYOUT_HARD || kind == RK_LAYOUT_BLANK || kind == RK_LAYOUT_BREAK ||
           kind == RK_LAYOUT_TRAIL || kind == RK_LAYOUT_OWN;
}

typedef RK_VEC(uint32_t) stack;

static void close_group(rk_layout_op *ops, stack *open, uint32_t at)
{
    rk_layout_op *const group = &ops[open->items[--open->len]];
    group->n = (int32_t)at;
    if (group->text.len && open->len)
        ops[open->items[open->len - 1]].text.len = 1;
}

static void prepare(rk_layout *layout)
{
    stack open = {0};
    rk_layout_op *const ops = layout->ops.items;
    for (uint32_t i = 0; i < layout->ops.len && !layout->failed; i++) {
        if (ops[i].kind <= RK_LAYOUT_BROKEN)
            ops[i].n = columns_of(ops[i].text);
        else if (ops[i].kind == RK_LAYOUT_OPEN)
            layout->failed |= !rk_vec_push(&layout->arena, &open, i);
        else if (ops[i].kind == RK_LAYOUT_CLOSE)
            close_group(ops, &open, i);
        else if (forces_break(ops[i].kind) && open.len)
            ops[open.items[open.len - 1]].text.len = 1;
    }
}

/* ---- printing ---- */

typedef struct trail {
    size_t at; /* offset of the space before the comment */
    uint32_t line;
    uint32_t column;
    int32_t indent; /* of its line */
} trail;

typedef struct printer {
    rk_layout *layout;
    const rk_layout_op *ops;
    rk_buf out;
    int32_t width;
    int32_t indent;
    int32_t column;
    uint32_t line;
    int32_t line_indent; /* of the line at hand */
    bool empty;          /* nothing on the line yet */
    bool commented;      /* the line ends in a comment */
    RK_VEC(bool) flat;
    RK_VEC(trail) trails;
} printer;

static void trim(rk_buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        out->len--;
}

static void end_line(printer *p)
{
    if (p->empty)
        return;
    trim(&p->out);
    rk_buf_add_char(&p->out, '\n');
    p->line++;
    p->column = 0;
    p->empty = true;
    p->commented = false;
}

static void blank_line(printer *p)
{
    end_line(p);
    const rk_buf *const out = &p->out;
    if (out->len < 2 || (out->data[out->len - 1] == '\n' && out->data[out->len - 2] == '\n'))
        return;
    rk_buf_add_char(&p->out, '\n');
    p->line++;
}

static void ink(printer *p, rk_str text, int32_t columns)
{
    if (p->commented)
        end_line(p);
    for (; p->empty && text.len && text.data[0] == ' '; columns--) /* no line begins with padding */
        text = (rk_str){text.data + 1, text.len - 1};
    if (text.len == 0)
        return;
    if (p->empty) {
        for (int32_t i = 0; i < p->indent; i++)
            rk_buf_add_char(&p->out, ' ');
        p->column = p->line_indent = p->indent;
    }
    p->empty = false;
    rk_buf_add(&p->out, text);
    p->column += columns;
}

static bool is_flat(const printer *p) { return p->flat.len && p->flat.items[p->flat.len - 1]; }

/* Columns that are left on the line for what comes next. */
static int32_t room(const printer *p)
{
    return p->width - (p->empty || p->commented ? p->indent : p->column);
}

/* Whether the group that opens at `at` fits flat, with what follows it up to the next break. */
static bool fits(const printer *p, uint32_t at)
{
    const uint32_t close = (uint32_t)p->ops[at].n;
    int32_t left = room(p);
    for (uint32_t i = at; i < p->layout->ops.len && left >= 0; i++) {
        const rk_layout_op *const op = &p->ops[i];
        if (op->kind <= RK_LAYOUT_FLAT)
            left -= op->n;
        else if (is_break(op->kind) && i > close)
            return true;
        else if (op->kind == RK_LAYOUT_LINE || op->kind == RK_LAYOUT_FILL)
            left--;
        else if (op->kind == RK_LAYOUT_TRAIL || op->kind == RK_LAYOUT_OWN)
            return true;
    }
    return left >= 0;
}

/* Whether what follows a filling break fits, up to the next break of the same group. */
static bool fill_fits(const printer *p, uint32_t at)
{
    int32_t left = room(p) - 1;
    int32_t depth = 0;
    for (uint32_t i = at + 1; i < p->layout->ops.len && left >= 0; i++) {
        const rk_layout_op *const op = &p->ops[i];
        depth += (op->kind == RK_LAYOUT_OPEN) - (op->kind == RK_LAYOUT_CLOSE);
        if (op->kind <= RK_LAYOUT_FLAT)
            left -= op->n;
        else if (is_break(op->kind) && depth <= 0)
            return true;
        else if (op->kind == RK_LAYOUT_LINE || op->kind == RK_LAYOUT_FILL)
            left--;
        else if (op->kind == RK_LAYOUT_TRAIL || op->kind == RK_LAYOUT_OWN)
            return true;
    }
    return left >= 0;
}

static void open_group(printer *p, uint32_t at)
{
    const bool flat = is_flat(p) || (p->ops[at].text.len == 0 && fits(p, at));
    if (!rk_vec_push(&p->layout->arena, &p->flat, flat))
        p->layout->failed = true;
}

static void own_comment(printer *p, rk_str text)
{
    end_line(p);
    ink(p, text, columns_of(text));
    p->commented = true;
}

static void trailing_comment(printer *p, rk_str text)
{
    if (p->empty || p->commented) {
        own_comment(p, text);
        return;
    }
    const size_t before = p->out.len;
    trim(&p->out);
    p->column -= (int32_t)(before - p->out.len);
    const trail here = {p->out.len, p->line, (uint32_t)p->column, p->line_indent};
    if (!rk_vec_push(&p->layout->arena, &p->trails, here))
        p->layout->failed = true;
    rk_buf_add_chars(&p->out, "  ");
    rk_buf_add(&p->out, text);
    p->commented = true;
}

static void line_break(printer *p, const char *flat)
{
    if (is_flat(p) && !p->commented)
        ink(p, rk_str_from(flat), (int32_t)strlen(flat));
    else
        end_line(p);
}

static void print_op(printer *p, uint32_t at)
{
    const rk_layout_op *const op = &p->ops[at];
    switch (op->kind) {
    case RK_LAYOUT_TEXT:
        ink(p, op->text, op->n);
        break;
    case RK_LAYOUT_FLAT:
        if (is_flat(p))
            ink(p, op->text, op->n);
        break;
    case RK_LAYOUT_BROKEN:
        if (!is_flat(p))
            ink(p, op->text, op->n);
        break;
    case RK_LAYOUT_LINE:
        line_break(p, " ");
        break;
    case RK_LAYOUT_SOFT:
        line_break(p, "");
        break;
    case RK_LAYOUT_FILL:
        if (!p->commented && fill_fits(p, at))
            ink(p, RK_STR(" "), 1);
        else
            line_break(p, " ");
        break;
    case RK_LAYOUT_HARD:
        end_line(p);
        break;
    case RK_LAYOUT_BLANK:
        blank_line(p);
        break;
    case RK_LAYOUT_OPEN:
        open_group(p, at);
        break;
    case RK_LAYOUT_CLOSE:
        p->flat.len -= p->flat.len > 0;
        break;
    case RK_LAYOUT_INDENT:
        p->indent += op->n;
        break;
    case RK_LAYOUT_BREAK:
        break;
    case RK_LAYOUT_TRAIL:
        trailing_comment(p, op->text);
        break;
    case RK_LAYOUT_OWN:
        own_comment(p, op->text);
        break;
    }
}

/* ---- comments in a column ---- */

enum { ALIGN_MAX = 64 }; /* longer lines keep their comment to themselves */

/* The end of the run of neighbouring lines that begins at trail `first`, and its column. */
static uint32_t run_of(const printer *p, uint32_t first, uint32_t *column)
{
    const trail *const trails = p->trails.items;
    uint32_t end = first + 1;
    *column = trails[first].column;
    if (*column > ALIGN_MAX)
        return end;
    for (; end < p->trails.len; end++) {
        const trail *const next = &trails[end];
        if (next->line != trails[end - 1].line + 1 || next->indent != trails[first].indent ||
            next->column > ALIGN_MAX)
            break;
        if (next->column > *column)
            *column = next->column;
    }
    return end;
}

static void copy_aligned(const printer *p, rk_buf *out)
{
    size_t done = 0;
    for (uint32_t first = 0; first < p->trails.len;) {
        uint32_t column;
        const uint32_t end = run_of(p, first, &column);
        for (; first < end; first++) {
            const trail *const here = &p->trails.items[first];
            rk_buf_add(out, (rk_str){p->out.data + done, here->at - done});
            for (uint32_t i = here->column; i < column; i++)
                rk_buf_add_char(out, ' ');
            done = here->at;
        }
    }
    rk_buf_add(out, (rk_str){p->out.data + done, p->out.len - done});
}

void rk_layout_print(rk_layout *layout, uint32_t width, rk_buf *out)
{
    prepare(layout);
    printer p = {
        .layout = layout, .ops = layout->ops.items, .width = (int32_t)width, .empty = true};
    for (uint32_t i = 0; i < layout->ops.len && !layout->failed; i++)
        print_op(&p, i);
    if (!layout->failed && !p.out.failed)
        copy_aligned(&p, out);
    out->failed |= layout->failed || p.out.failed;
    rk_buf_free(&p.out);
}
