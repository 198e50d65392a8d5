#include "runtime/stage/order.h"

/* Below RADIX_FROM items merging is faster than counting; RUN items are sorted by insertion. */
enum { RADIX_FROM = 1024, RUN = 16, DIGITS = 8, DIGIT_VALUES = 256 };

/* The first eight bytes as a number, so that most texts differ in it. */
static uint64_t text_key(rk_str s)
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++)
        key = key << 8 | (i < s.len ? (uint8_t)s.data[i] : 0);
    return key;
}

rk_order_item rk_order_item_of(const rk_column *key, const rk_atoms *strings, uint32_t at)
{
    rk_order_item item = {.at = at};
    switch (key->type.kind) {
    case RK_KIND_BOOL:
        item.key = ((const uint8_t *)key->data)[at];
        break;
    case RK_KIND_INT:
        item.key = rk_order_int(((const int64_t *)key->data)[at]);
        break;
    case RK_KIND_FLOAT:
        item.key = rk_order_float(((const float *)key->data)[at]);
        break;
    case RK_KIND_DOUBLE:
        item.key = rk_order_double(((const double *)key->data)[at]);
        break;
    case RK_KIND_STRING:
        item.text = ((const rk_atom *)key->data)[at];
        item.key = text_key(rk_atom_str(strings, item.text));
        break;
    default:
        break;
    }
    return item;
}

uint32_t rk_order_collect(const rk_column *key, const rk_atoms *strings, rk_order_item *items)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < key->n; i++)
        if (rk_column_has(key, i))
            items[n++] = rk_order_item_of(key, strings, i);
    return n;
}

uint32_t rk_order_missing(const rk_column *key, uint32_t *out, uint32_t at, uint32_t limit)
{
    for (uint32_t i = 0; i < key->n && at < limit; i++)
        if (!rk_column_has(key, i))
            out[at++] = i;
    return at;
}

/* Whether b must come before a although it arrived later. */
static bool is_after(const rk_order_item *a, const rk_order_item *b, const rk_atoms *strings)
{
    if (a->key != b->key || !strings || a->text == b->text)
        return a->key > b->key;
    return rk_str_cmp(rk_atom_str(strings, a->text), rk_atom_str(strings, b->text)) > 0;
}

typedef struct sorter {
    const rk_atoms *strings;
    bool descending;
} sorter;

static inline bool swapped(const sorter *s, const rk_order_item *a, const rk_order_item *b)
{
    return s->descending ? is_after(b, a, s->strings) : is_after(a, b, s->strings);
}

static void insertion(const sorter *s, rk_order_item *items, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const rk_order_item item = items[i];
        uint32_t at = i;
        for (; at > 0 && swapped(s, &items[at - 1], &item); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Merges two sorted neighbours [0, half) and [half, n) of `from` into `to`. */
static void merge(const sorter *s, const rk_order_item *from, rk_order_item *to, uint32_t half,
                  uint32_t n)
{
    uint32_t left = 0, right = half;
    for (uint32_t i = 0; i < n; i++) {
        const bool take_right =
            right < n && (left == half || swapped(s, &from[left], &from[right]));
        to[i] = from[take_right ? right++ : left++];
    }
}

static void merge_sort(const sorter *s, rk_order_item *items, rk_order_item *spare, uint32_t n)
{
    for (uint64_t at = 0; at < n; at += RUN)
        insertion(s, items + at, n - at < RUN ? (uint32_t)(n - at) : RUN);
    rk_order_item *from = items, *to = spare;
    for (uint64_t width = RUN; width < n; width *= 2) {
        for (uint64_t at = 0; at < n; at += 2 * width) {
            const uint32_t rest = (uint32_t)(n - at);
            const uint32_t half = rest < width ? rest : (uint32_t)width;
            merge(s, from + at, to + at, half, rest < 2 * width ? rest : (uint32_t)(2 * width));
        }
        rk_order_item *const other = from;
        from = to;
        to = other;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
}

/* Moves all items to their places by one byte of the key. */
static void scatter(const rk_order_item *from, rk_order_item *to, uint32_t n, unsigned shift,
                    const uint32_t *counts)
{
    uint32_t places[DIGIT_VALUES], at = 0;
    for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
        places[value] = at;
        at += counts[value];
    }
    for (uint32_t i = 0; i < n; i++)
        to[places[from[i].key >> shift & 0xff]++] = from[i];
}

/* Least significant byte first; bytes that are equal in all keys cost nothing. */
static void radix_sort(rk_order_item *items, rk_order_item *spare, uint32_t n, bool descending)
{
    uint32_t counts[DIGITS][DIGIT_VALUES] = {{0}};
    const uint64_t flip = descending ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < n; i++) {
        items[i].key ^= flip;
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][items[i].key >> 8 * digit & 0xff]++;
    }
    rk_order_item *from = items, *to = spare;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (counts[digit][from[0].key >> 8 * digit & 0xff] == n)
            continue;
        scatter(from, to, n, 8 * digit, counts[digit]);
        rk_order_item *const other = from;
        from = to;
        to = other;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
    for (uint32_t i = 0; i < n && flip; i++)
        items[i].key ^= flip;
}

void rk_order_sort(rk_order_item *items, rk_order_item *spare, uint32_t n, bool descending,
                   const rk_atoms *strings)
{
    const sorter s = {strings, descending};
    if (n <= RUN)
        insertion(&s, items, n);
    else if (strings || n < RADIX_FROM)
        merge_sort(&s, items, spare, n);
    else
        radix_sort(items, spare, n, descending);
}
