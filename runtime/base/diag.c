#include "runtime/base/diag.h"

#include <stdio.h>
#include <stdlib.h>

void rk_diags_init(rk_diags *diags, rk_arena *arena) { *diags = (rk_diags){.arena = arena}; }

/* The formatted text in the arena; "" when memory is out. */
static rk_str format_text(rk_diags *diags, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, args);
    char *const text = len < 0 ? NULL : rk_arena_alloc(diags->arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    else
        diags->no_memory = true;
    va_end(again);
    return text ? (rk_str){text, (size_t)len} : RK_STR("");
}

/* When a diagnostic cannot be kept it goes nowhere: notes added to it are dropped by code 0. */
static rk_diag *nowhere(void)
{
    static const rk_diag none = {.code = RK_CODE_NONE};
    return (rk_diag *)&none; /* never written: every writer tests the code first */
}

static rk_diag *add(rk_diags *diags, rk_diag diag)
{
    if (!diag.warning && ++diags->errors > RK_DIAG_LIMIT) {
        diags->dropped++;
        return nowhere();
    }
    rk_diag *const kept = RK_NEW(diags->arena, rk_diag);
    if (!kept || !rk_vec_push(diags->arena, &diags->items, kept)) {
        diags->no_memory = true;
        return nowhere();
    }
    *kept = diag;
    return kept;
}

rk_diag *rk_error(rk_diags *diags, rk_diag_code code, rk_span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const rk_str text = format_text(diags, format, args);
    va_end(args);
    return add(diags, (rk_diag){.code = code, .span = span, .message = text});
}

rk_diag *rk_warning(rk_diags *diags, rk_diag_code code, rk_span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const rk_str text = format_text(diags, format, args);
    va_end(args);
    return add(diags, (rk_diag){.code = code, .span = span, .message = text, .warning = true});
}

void rk_diag_label(rk_diags *diags, rk_diag *diag, const char *format, ...)
{
    if (diag->code == RK_CODE_NONE)
        return;
    va_list args;
    va_start(args, format);
    diag->label = format_text(diags, format, args);
    va_end(args);
}

static void add_note(rk_diags *diags, rk_diag *diag, rk_note note)
{
    if (!rk_vec_push(diags->arena, &diag->notes, note))
        diags->no_memory = true;
}

void rk_diag_note(rk_diags *diags, rk_diag *diag, rk_span span, const char *format, ...)
{
    if (diag->code == RK_CODE_NONE)
        return;
    va_list args;
    va_start(args, format);
    add_note(diags, diag, (rk_note){span, format_text(diags, format, args), false});
    va_end(args);
}

void rk_diag_help(rk_diags *diags, rk_diag *diag, const char *format, ...)
{
    if (diag->code == RK_CODE_NONE)
        return;
    va_list args;
    va_start(args, format);
    add_note(diags, diag, (rk_note){RK_NO_SPAN, format_text(diags, format, args), true});
    va_end(args);
}

/* clang-format off */
static const struct { const char *name, *title, *explanation; } codes[] = {
    [RK_CODE_NONE] = {"", "", ""},
#define RK_DIAG(code, title, explanation) [RK_##code] = {#code, title, explanation},
#include "runtime/base/diag.def"
#undef RK_DIAG
};
/* clang-format on */

const char *rk_diag_code_name(rk_diag_code code) { return codes[code].name; }
const char *rk_diag_code_title(rk_diag_code code) { return codes[code].title; }
const char *rk_diag_code_explanation(rk_diag_code code) { return codes[code].explanation; }

rk_diag_code rk_diag_code_find(rk_str name)
{
    for (rk_diag_code code = RK_CODE_NONE + 1; code < RK_CODE_COUNT; code++)
        if (rk_str_eq(name, rk_str_from(codes[code].name)))
            return code;
    return RK_CODE_NONE;
}

static rk_status status_of(rk_diag_code code)
{
    const char *const name = codes[code].name;
    if (strncmp(name, "E05", 3) == 0)
        return RK_EDATA;
    if (strncmp(name, "E06", 3) == 0)
        return RK_EFILE;
    return strncmp(name, "E07", 3) == 0 ? RK_ELIMIT : RK_EPROGRAM;
}

/* The program's own errors win over the rest: they are mended first. */
rk_status rk_diags_status(const rk_diags *diags)
{
    rk_status status = diags->errors ? RK_EPROGRAM : RK_OK;
    for (uint32_t i = 0; i < diags->items.len; i++) {
        if (diags->items.items[i]->warning)
            continue;
        status = status_of(diags->items.items[i]->code);
        if (status == RK_EPROGRAM)
            break;
    }
    return diags->no_memory ? RK_ENOMEM : status;
}

static uint64_t place_key(const rk_diag *diag)
{
    return (uint64_t)diag->span.file << 32 | diag->span.at;
}

static bool same_notes(const rk_diag *a, const rk_diag *b)
{
    bool same = a->notes.len == b->notes.len;
    for (uint32_t i = 0; same && i < a->notes.len; i++) {
        const rk_note *const x = &a->notes.items[i], *const y = &b->notes.items[i];
        same = x->help == y->help && x->span.file == y->span.file && x->span.at == y->span.at &&
               rk_str_eq(x->text, y->text);
    }
    return same;
}

/* Whether the last of `n` sorted diagnostics says what one before it says: passes come by one place
 * more than once. What differs in its notes, as in the calls that led there, is another one. */
static bool is_told(rk_diag *const *items, uint32_t n)
{
    const rk_diag *const last = items[n - 1];
    for (uint32_t i = n - 1; i > 0 && place_key(items[i - 1]) == place_key(last); i--) {
        const rk_diag *const diag = items[i - 1];
        if (diag->code == last->code && diag->span.len == last->span.len &&
            rk_str_eq(diag->message, last->message) && rk_str_eq(diag->label, last->label) &&
            same_notes(diag, last))
            return true;
    }
    return false;
}

static void drop_doubles(rk_diags *diags)
{
    rk_diag **const items = diags->items.items;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < diags->items.len; i++) {
        items[kept] = items[i];
        if (!is_told(items, kept + 1))
            kept++;
        else if (!items[i]->warning)
            diags->errors--;
    }
    diags->items.len = kept;
}

void rk_diags_sort(rk_diags *diags)
{
    rk_diag **const items = diags->items.items;
    for (uint32_t i = 1; i < diags->items.len; i++) { /* stable, and nearly sorted already */
        rk_diag *const diag = items[i];
        uint32_t at = i;
        for (; at > 0 && place_key(items[at - 1]) > place_key(diag); at--)
            items[at] = items[at - 1];
        items[at] = diag;
    }
    drop_doubles(diags);
}

rk_suggestion rk_suggest(rk_str name) { return (rk_suggestion){name, RK_STR(""), SIZE_MAX}; }

void rk_suggest_offer(rk_suggestion *suggestion, rk_str candidate)
{
    const size_t limit = suggestion->name.len < 4 ? 1 : suggestion->name.len < 8 ? 2 : 3;
    const size_t distance = rk_str_distance(suggestion->name, candidate, limit);
    if (distance <= limit && distance < suggestion->distance && distance < candidate.len &&
        distance < suggestion->name.len) {
        suggestion->best = candidate;
        suggestion->distance = distance;
    }
}
