/* The values: of constants that are odd, of all pairs of them, of any bits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/map.h"
#include "tests/conform/conform.h"

void *must_alloc(rk_arena *arena, size_t size)
{
    void *const memory = rk_arena_alloc(arena, size);
    if (!memory)
        abort();
    return memory;
}

/* ---- what there is; the usual comes first, at most 30 of a kind, so that PAIR_ITEMS hold all
 * pairs with missing ones ---- */

static const int64_t ints[] = {
    3,
    1,
    0,
    -1,
    2,
    7,
    10,
    60,
    -60,
    -7,
    127,
    1 << 24 | 1,
    INT32_MAX,
    INT32_MIN,
    1L << 32,
    1L << 53,
    -1L << 53,
    1L << 62,
    -1L << 62,
    INT64_MAX,
    INT64_MIN,
    INT64_MAX - 1,
    INT64_MIN + 1,
    1700000000,
    0x5555555555555555,
    4,
};
static const double reals[] = {
    2.5,
    0.5,
    -1.5,
    3.0,
    1.0,
    0.0,
    -0.0,
    -1.0,
    0x1.fffffep0,
    0.1,
    -2.5,
    88.8,
    -104.0,
    710.0,
    0x1p-149,
    -0x1p-140,
    0x1p-126,
    0x1p-1074,
    0x1p-1022,
    0x1.fffffep127,
    -0x1.fffffep127,
    1e300,
    INFINITY,
    -INFINITY,
    16777217.0,
    0x1p63,
    -0x1p63,
    1.7e9,
    0x1p-25,
    0.75,
};
static const char *const texts[] = {
    "nut",
    "a",
    "",
    "UTC",
    "Europe/Moscow",
    "+03:00",
    "{} of {}",
    "\xd0\x9e\xd1\x80\xd0\xb5\xd1\x85\xd0\xb8 \xd0\xb8",
    "\xe5\x9d\x9a\xe6\x9e\x9c nut",
    "e\xcc\x81t\xc3\xa9",
    "12.5",
    "-9223372036854775808",
    "inf",
    "\xff\xc0 b\xe2\x82",
    "no such/../zone",
    "\xef\xac\x83 \xe2\x84\x96\xc2\xbd \xc5\x92\xc3\x9f\xd0\x81",
    "  to trim\t",
    "A,b,,c",
    "nan",
    "1e400",
    "nut nut shell",
    "0",
    "a longer text, of more than thirty-two bytes, NUT",
};
/* Lengths of lists. */
static const uint32_t lengths[] = {3, 1, 0, 2, 5, 8, 4, 16, 7, 17, 33, 40};

enum { TEXTS = RK_ARRAY_LEN(texts), LISTS = RK_ARRAY_LEN(lengths), CHILDREN = 136 };

_Static_assert(RK_ARRAY_LEN(reals) <= 30 && RK_ARRAY_LEN(ints) <= 30 && TEXTS <= 30, "all pairs");

const char *const sort_names[SORT_COUNT] = {"b",  "i",  "f",  "d",  "s", "lb",
                                            "li", "lf", "ld", "ls", "v"};

static bool is_list(sort s) { return s >= SORT_BOOLS && s <= SORT_STRINGS; }

rk_type sort_type(sort s, bool optional)
{
    static const uint8_t kinds[] = {RK_KIND_BOOL, RK_KIND_INT, RK_KIND_FLOAT, RK_KIND_DOUBLE,
                                    RK_KIND_STRING};
    rk_type type = {.kind = RK_KIND_VECTOR, .dim = DIMENSIONS, .optional = optional};
    if (is_list(s))
        type = (rk_type){.kind = RK_KIND_LIST, .elem = kinds[s - SORT_BOOLS], .optional = optional};
    else if (s < SORT_BOOLS)
        type = (rk_type){.kind = kinds[s], .optional = optional};
    return type;
}

sort sort_of(rk_type type)
{
    sort s = 0;
    for (; s < SORT_COUNT; s++) {
        const rk_type own = sort_type(s, false);
        if (own.kind == type.kind && own.elem == type.elem)
            break;
    }
    return s;
}

/* How many constants a sort has; what comes after them is missing. */
static uint32_t count_of(sort s)
{
    static const uint32_t counts[] = {2, RK_ARRAY_LEN(ints), RK_ARRAY_LEN(reals),
                                      RK_ARRAY_LEN(reals), TEXTS};
    return s < SORT_BOOLS ? counts[s] : is_list(s) ? LISTS : 29;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    return rk_hash_int(rk_hash_int(a) ^ (b + 0x9e3779b97f4a7c15u));
}

/* ---- one value ---- */

/* `number` of a constant, or beyond PAIR_ITEMS of anything: bit 63 is set, the rest is chance. */
#define ANYTHING (UINT64_C(1) << 63)

static uint64_t pick(sort s, uint32_t slot, bool optional, uint32_t item)
{
    const uint32_t n = count_of(s) + optional;
    const uint64_t chance = mix(item, (uint64_t)s * 64 + slot * 2 + optional);
    if (item < PAIR_ITEMS && slot < 2)
        return slot == 0 ? item % n : item / n % n;
    if (item < PAIR_ITEMS || chance >> 62 == 0)
        return chance % n;
    return optional && chance % 11 == 0 ? n - 1 : chance | ANYTHING;
}

static uint64_t pick_query(sort s, uint32_t slot, bool optional, uint32_t query)
{
    const uint32_t n = count_of(s) + optional;
    return query ? mix(query * 1000 + slot, (uint64_t)s * 2 + optional) % n : slot % n;
}

static int64_t int_at(uint64_t number)
{
    if (number & ANYTHING)
        return (int64_t)(number & 4 ? rk_hash_int(number) : number >> 8 & 63) - 20;
    return ints[number];
}

/* Small ones, and any exponent at all. */
static double real_at(uint64_t number)
{
    if (!(number & ANYTHING))
        return reals[number];
    const double fraction = (double)(number & 0xffffff) / 0x1p24 + 0.5;
    const int exponent =
        number & 0x1000000 ? (int)(number >> 32 & 511) - 256 : (int)(number >> 32 & 7) - 3;
    return (number >> 44 & 1 ? -1.0 : 1.0) * ldexp(fraction, exponent);
}

/* Finite and infinite ones keep their sort; a float's narrowing may give either. */
static float float_at(uint64_t number) { return (float)real_at(number); }

static void put_vector(uint64_t number, float *out)
{
    for (uint32_t i = 0; i < DIMENSIONS; i++) {
        const uint64_t chance = mix(number, i);
        switch (number % 8) {
        case 0:
            out[i] = 0.0f;
            break;
        case 1:
            out[i] = float_at(chance % RK_ARRAY_LEN(reals));
            break;
        case 2:
            out[i] = float_at(chance | ANYTHING);
            break;
        default:
            out[i] = (float)((double)(chance & 0xffff) / 0x1p15 - 1.0);
        }
    }
}

/* One value of any sort but lists, texts as their number. */
static void put(sort s, uint64_t number, void *out)
{
    const uint32_t text = (uint32_t)((number & ~ANYTHING) % TEXTS);
    switch (s) {
    case SORT_BOOL:
        *(uint8_t *)out = number & 1;
        break;
    case SORT_INT:
        *(int64_t *)out = int_at(number);
        break;
    case SORT_FLOAT:
        *(float *)out = float_at(number);
        break;
    case SORT_DOUBLE:
        *(double *)out = real_at(number);
        break;
    case SORT_STRING:
        memcpy(out, &text, sizeof text);
        break;
    default:
        put_vector(number, out);
    }
}

/* ---- lists: all of a kind lie in one array ---- */

static rk_slice slice_at(uint64_t number)
{
    const uint32_t list = (uint32_t)((number & ~ANYTHING) % LISTS);
    rk_slice slice = {.at = 0, .len = lengths[list]};
    for (uint32_t i = 0; i < list; i++)
        slice.at += lengths[i];
    return slice;
}

static void *children_of(sort s, rk_arena *arena)
{
    const sort elem = s - SORT_BOOLS;
    const size_t size = rk_type_size(sort_type(elem, false));
    char *const out = rk_arena_alloc_column(arena, CHILDREN, size);
    if (!out)
        abort();
    for (uint32_t i = 0; i < CHILDREN; i++)
        put(elem, mix(i, s) % count_of(elem), out + i * size);
    /* NaN is an element like others. */
    for (uint32_t i = 5; i < CHILDREN; i += 19) {
        if (elem == SORT_FLOAT)
            ((float *)(void *)out)[i] = rk_nan_float();
        else if (elem == SORT_DOUBLE)
            ((double *)(void *)out)[i] = rk_nan_double();
    }
    return out;
}

/* ---- columns ---- */

static void put_item(rk_column *column, sort s, uint32_t at, uint64_t number)
{
    char *const to = (char *)column->data + at * rk_type_size(column->type);
    const bool missing = number == count_of(s);
    if (column->present && !missing)
        rk_bit_set(column->present, at);
    if (missing && s == SORT_FLOAT)
        *(float *)(void *)to = rk_nan_float();
    else if (missing && s == SORT_DOUBLE)
        *(double *)(void *)to = rk_nan_double();
    else if (missing) /* what stands there is nobody's business */
        memset(to, is_list(s) || s == SORT_STRING || s == SORT_BOOL ? 0 : 0x55,
               rk_type_size(column->type));
    else if (is_list(s)) {
        const rk_slice slice = slice_at(number);
        memcpy(to, &slice, sizeof slice);
    } else
        put(s, number, to);
}

static const rk_column *column_of(sample *s, sort sort, uint32_t slot, bool optional)
{
    rk_column *const column = &s->columns[sort][slot][optional];
    if (column->data)
        return column;
    if (rk_column_init(column, s->arena, sort_type(sort, optional), s->n) != RK_OK)
        abort();
    if (is_list(sort))
        column->child = children_of(sort, s->arena);
    for (uint32_t i = 0; i < s->n; i++)
        put_item(column, sort, i, pick(sort, slot, optional, s->items[i]));
    return column;
}

/* ---- requests ---- */

/* The texts of a run. */
static const rk_atom *intern(rk_run *run)
{
    rk_atom *const out = NEW_ARRAY(rk_run_arena(run), rk_atom, TEXTS);
    for (uint32_t i = 0; i < TEXTS; i++)
        if (rk_atom_intern(rk_run_strings(run), rk_str_from(texts[i]), &out[i]) != RK_OK)
            abort();
    return out;
}

static void *translate(const void *numbers, uint32_t n, const rk_atom *atoms, rk_arena *arena)
{
    rk_atom *const out = rk_arena_alloc_column(arena, rk_padded(n), sizeof *out);
    if (!out)
        abort();
    for (uint32_t i = 0; i < n; i++)
        out[i] = atoms[((const uint32_t *)numbers)[i]];
    return out;
}

static rk_column item_column(sample *s, sort sort, uint32_t slot, bool optional,
                             const rk_atom *atoms, rk_arena *arena)
{
    rk_column column = *column_of(s, sort, slot, optional);
    if (sort == SORT_STRING)
        column.data = translate(column.data, s->n, atoms, arena);
    else if (sort == SORT_STRINGS)
        column.child = translate(column.child, CHILDREN, atoms, arena);
    return column;
}

static rk_value query_value(sort s, uint32_t slot, bool optional, uint32_t query,
                            const rk_atom *atoms, rk_arena *arena)
{
    const uint64_t number = pick_query(s, slot, optional, query);
    rk_column column;
    if (rk_column_init(&column, arena, sort_type(s, optional), 1) != RK_OK)
        abort();
    if (is_list(s))
        column.child = children_of(s, arena);
    put_item(&column, s, 0, number);
    if (s == SORT_STRING)
        column.data = translate(column.data, 1, atoms, arena);
    if (s == SORT_STRINGS)
        column.child = translate(column.child, CHILDREN, atoms, arena);
    rk_value value = rk_column_get(&column, 0);
    value.missing = number == count_of(s);
    return value;
}

static bool is_used(const rk_plan *plan, uint32_t field)
{
    for (uint32_t i = 0; i < plan->steps.len; i++)
        if (plan->steps.items[i].kind == RK_STEP_ITEM && plan->steps.items[i].index == field)
            return true;
    return false;
}

void sample_request(sample *s, const rk_plan *plan, rk_run *run, rk_request *out)
{
    rk_arena *const arena = rk_run_arena(run);
    const rk_atom *const atoms = intern(run);
    *out = (rk_request){.has_items = true, .n_items = s->n};
    out->query = NEW_ARRAY(arena, rk_value, plan->query.n);
    out->items = NEW_ARRAY(arena, rk_column, plan->item.n);
    out->ids = (rk_column){.type = RK_TYPE(INT), .n = s->n, .data = s->ids};
    for (uint32_t f = 0; f < SORT_COUNT * SLOTS * 2; f++) {
        const sort sort = f / (SLOTS * 2);
        const uint32_t slot = f / 2 % SLOTS;
        out->query[f] = query_value(sort, slot, f % 2, s->query, atoms, arena);
        if (is_used(plan, f))
            out->items[f] = item_column(s, sort, slot, f % 2, atoms, arena);
    }
}

sample *sample_new(rk_arena *arena, const char *name, uint32_t n, uint32_t query)
{
    sample *const s = must_alloc(arena, sizeof *s);
    *s = (sample){.n = n, .query = query, .arena = arena};
    snprintf(s->name, sizeof s->name, "%s, query %u", name, query);
    s->items = NEW_ARRAY(arena, uint32_t, n);
    s->ids = rk_arena_alloc_column(arena, rk_padded(n) + 16, sizeof *s->ids);
    if (!s->ids)
        abort();
    for (uint32_t i = 0; i < n; i++)
        s->ids[i] = s->items[i] = i;
    return s;
}

/* ---- text ---- */

static void print_name(sort s, uint32_t slot, bool optional, bool query, rk_buf *out)
{
    rk_buf_printf(out, "%s%s%u%s", query ? "query." : "", sort_names[s], slot + 1,
                  optional ? "o" : "");
}

void grid_declare(rk_buf *out)
{
    for (int query = 0; query < 2; query++) {
        rk_buf_add_chars(out, query ? "query {\n" : "item { id: int\n");
        for (uint32_t f = 0; f < SORT_COUNT * SLOTS * 2; f++) {
            const sort sort = f / (SLOTS * 2);
            print_name(sort, f / 2 % SLOTS, f % 2, false, out);
            rk_buf_add_chars(out, ": ");
            rk_type_print(sort_type(sort, f % 2), out);
            rk_buf_add_chars(out, "\n");
        }
        rk_buf_add_chars(out, "}\n");
    }
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* `query.f2` is another than `f2`. */
static bool has_word(const char *text, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !is_word_char(at[-1])) && !is_word_char(at[len]))
            return true;
    return false;
}

void grid_print(const char *text, uint32_t item, uint32_t query, rk_buf *out)
{
    rk_arena arena = {0};
    rk_atoms strings;
    rk_atom atoms[TEXTS];
    if (rk_atoms_init(&strings, &arena, NULL) != RK_OK)
        abort();
    for (uint32_t i = 0; i < TEXTS; i++)
        if (rk_atom_intern(&strings, rk_str_from(texts[i]), &atoms[i]) != RK_OK)
            abort();
    sample *const one = sample_new(&arena, "", 1, query);
    one->items[0] = item;
    for (uint32_t f = 0; f < SORT_COUNT * SLOTS * 4; f++) {
        const sort s = f / (SLOTS * 4);
        const uint32_t slot = f / 4 % SLOTS;
        const bool optional = f % 2, asks = f / 2 % 2;
        rk_buf name = {0};
        print_name(s, slot, optional, asks, &name);
        const bool there = has_word(text, name.data);
        if (!there && optional && !asks) /* `f2n` is `f2o ?? NaN` */
            name.data[name.len - 1] = 'n';
        if (there || has_word(text, name.data)) {
            const rk_column column = item_column(one, s, slot, optional, atoms, &arena);
            rk_buf_printf(out, ", %s = ", name.data);
            rk_value_print_json(asks ? query_value(s, slot, optional, query, atoms, &arena)
                                     : rk_column_get(&column, 0),
                                &strings, out);
        }
        rk_buf_free(&name);
    }
    rk_arena_free(&arena);
}
