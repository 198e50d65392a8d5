#include "runtime/stage/order.h"

/* Below RADIX_FROM items merging is faster than counting; RUN items are sorted by insertion. */
enum { RADIX_FROM = 1024, RUN = 12, SPLITS_MAX = 40 };
enum { PLACE_DIGITS = 4, DIGITS = 12, DIGIT_VALUES = 256 };

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

/* All items that have a value, for one type of element: NaN is told by itself, the rest by the
 * mask. */
#define COLLECT(kind, ctype, key_of)                                                               \
    static uint32_t collect_##kind(const rk_column *key, rk_order_item *items)                     \
    {                                                                                              \
        const ctype *const x = key->data;                                                          \
        uint32_t n = 0;                                                                            \
        for (uint32_t i = 0; i < key->n; i++) {                                                    \
            if (x[i] != x[i] || (key->present && !rk_bit_get(key->present, i)))                    \
                continue;                                                                          \
            items[n++] = (rk_order_item){.key = key_of(x[i]), .at = i};                            \
        }                                                                                          \
        return n;                                                                                  \
    }
COLLECT(bool, uint8_t, (uint64_t))
COLLECT(int, int64_t, rk_order_int)
COLLECT(float, float, rk_order_float)
COLLECT(double, double, rk_order_double)

static uint32_t collect_string(const rk_column *key, const rk_atoms *strings, rk_order_item *items)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < key->n; i++)
        if (rk_column_has(key, i))
            items[n++] = rk_order_item_of(key, strings, i);
    return n;
}

uint32_t rk_order_collect(const rk_column *key, const rk_atoms *strings, rk_order_item *items)
{
    switch (key->type.kind) {
    case RK_KIND_BOOL:
        return collect_bool(key, items);
    case RK_KIND_INT:
        return collect_int(key, items);
    case RK_KIND_FLOAT:
        return collect_float(key, items);
    case RK_KIND_DOUBLE:
        return collect_double(key, items);
    default:
        return collect_string(key, strings, items);
    }
}

uint32_t rk_order_missing(const rk_column *key, uint32_t *out, uint32_t at, uint32_t limit)
{
    for (uint32_t i = 0; i < key->n && at < limit; i++)
        if (!rk_column_has(key, i))
            out[at++] = i;
    return at;
}

/* The order of numbers, smallest first: by key, then place. */
static inline bool number_before(const rk_order_item *a, const rk_order_item *b)
{
    return (a->key < b->key) | ((a->key == b->key) & (a->at < b->at));
}

/* Turns largest first into smallest first, and back. */
static void flip_keys(rk_order_item *items, uint32_t n, bool descending)
{
    for (uint32_t i = 0; descending && i < n; i++)
        items[i].key = ~items[i].key;
}

typedef struct texts {
    const rk_atoms *strings;
    bool descending;
} texts;

static bool text_before(const texts *t, const rk_order_item *a, const rk_order_item *b)
{
    int order = a->key < b->key ? -1 : a->key > b->key;
    if (order == 0 && a->text != b->text)
        order = rk_str_cmp(rk_atom_str(t->strings, a->text), rk_atom_str(t->strings, b->text));
    if (order == 0)
        return a->at < b->at;
    return (order < 0) != t->descending;
}

/* NAME_sort: runs of a few items by insertion, then merged pairwise into the other array. */
#define MERGE_SORT(name, context, before)                                                          \
    static void name##_insert(context, rk_order_item *items, uint32_t n)                           \
    {                                                                                              \
        (void)t;                                                                                   \
        for (uint32_t i = 1; i < n; i++) {                                                         \
            const rk_order_item item = items[i];                                                   \
            uint32_t at = i;                                                                       \
            for (; at > 0 && before(&item, &items[at - 1]); at--)                                  \
                items[at] = items[at - 1];                                                         \
            items[at] = item;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void name##_merge(context, const rk_order_item *from, rk_order_item *to, uint32_t half, \
                             uint32_t n)                                                           \
    {                                                                                              \
        (void)t;                                                                                   \
        uint32_t left = 0, right = half, i = 0;                                                    \
        while (left < half && right < n) {                                                         \
            const bool second = before(&from[right], &from[left]);                                 \
            to[i++] = from[second ? right : left];                                                 \
            right += second;                                                                       \
            left += !second;                                                                       \
        }                                                                                          \
        memcpy(to + i, from + left, (half - left) * sizeof *to);                                   \
        memcpy(to + i + (half - left), from + right, (n - right) * sizeof *to);                    \
    }                                                                                              \
    static void name##_sort(context, rk_order_item *items, rk_order_item *spare, uint32_t n)       \
    {                                                                                              \
        for (uint64_t at = 0; at < n; at += RUN)                                                   \
            name##_insert(t, items + at, n - at < RUN ? (uint32_t)(n - at) : RUN);                 \
        rk_order_item *from = items, *to = spare;                                                  \
        for (uint64_t width = RUN; width < n; width *= 2) {                                        \
            for (uint64_t at = 0; at < n; at += 2 * width) {                                       \
                const uint64_t rest = n - at;                                                      \
                name##_merge(t, from + at, to + at, (uint32_t)(rest < width ? rest : width),       \
                             (uint32_t)(rest < 2 * width ? rest : 2 * width));                     \
            }                                                                                      \
            rk_order_item *const other = from;                                                     \
            from = to;                                                                             \
            to = other;                                                                            \
        }                                                                                          \
        if (from != items)                                                                         \
            memcpy(items, from, (size_t)n * sizeof *items);                                        \
    }
#define TEXT_BEFORE(a, b) text_before(t, (a), (b))
MERGE_SORT(number, const void *t, number_before)
MERGE_SORT(text, const texts *t, TEXT_BEFORE)

/* Moves all items to their places by one byte: of the place for the first digits, then of the key.
 */
static inline uint32_t digit_of(const rk_order_item *item, unsigned digit)
{
    return digit < PLACE_DIGITS ? item->at >> 8 * digit & 0xff
                                : item->key >> 8 * (digit - PLACE_DIGITS) & 0xff;
}

static void scatter(const rk_order_item *from, rk_order_item *to, uint32_t n, unsigned digit,
                    const uint32_t *counts)
{
    uint32_t places[DIGIT_VALUES], at = 0;
    for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
        places[value] = at;
        at += counts[value];
    }
    for (uint32_t i = 0; i < n; i++)
        to[places[digit_of(&from[i], digit)]++] = from[i];
}

static bool places_ascend(const rk_order_item *items, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (items[i - 1].at >= items[i].at)
            return false;
    return true;
}

/* Least significant byte first; bytes that are equal in all items cost nothing, and those of the
 * places neither when the items stand as they arrived. */
static void radix_sort(rk_order_item *items, rk_order_item *spare, uint32_t n)
{
    uint32_t counts[DIGITS][DIGIT_VALUES] = {{0}};
    const unsigned first = places_ascend(items, n) ? PLACE_DIGITS : 0;
    for (uint32_t i = 0; i < n; i++)
        for (unsigned digit = first; digit < DIGITS; digit++)
            counts[digit][digit_of(&items[i], digit)]++;
    rk_order_item *from = items, *to = spare;
    for (unsigned digit = first; digit < DIGITS; digit++) {
        if (counts[digit][digit_of(&from[0], digit)] == n)
            continue;
        scatter(from, to, n, digit, counts[digit]);
        rk_order_item *const other = from;
        from = to;
        to = other;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
}

void rk_order_sort(rk_order_item *items, rk_order_item *spare, uint32_t n, bool descending,
                   const rk_atoms *strings)
{
    if (strings) {
        text_sort(&(texts){strings, descending}, items, spare, n);
        return;
    }
    flip_keys(items, n, descending);
    if (n < RADIX_FROM)
        number_sort(NULL, items, spare, n);
    else
        radix_sort(items, spare, n);
    flip_keys(items, n, descending);
}

static const rk_order_item *median(const rk_order_item *a, const rk_order_item *b,
                                   const rk_order_item *c)
{
    if (number_before(b, a)) {
        const rk_order_item *const other = a;
        a = b;
        b = other;
    }
    return number_before(c, a) ? a : number_before(c, b) ? c : b;
}

/* Splits at a pivot from among the items: before the returned place nothing comes after the pivot,
 * from it on nothing before. Both parts are smaller than the whole. */
static uint32_t split(rk_order_item *items, uint32_t n)
{
    const rk_order_item pivot = *median(&items[0], &items[n / 2], &items[n - 1]);
    uint32_t left = 0, right = n - 1;
    for (;;) {
        while (number_before(&items[left], &pivot))
            left++;
        while (number_before(&pivot, &items[right]))
            right--;
        if (left >= right)
            return left ? left : 1;
        const rk_order_item other = items[left];
        items[left++] = items[right];
        items[right--] = other;
    }
}

/* After so many splits in vain the rest is sorted, so that no order of arrival makes it slow. */
void rk_order_select(rk_order_item *items, rk_order_item *spare, uint32_t n, uint32_t k)
{
    rk_order_item *const all = items;
    const uint32_t n_all = n;
    flip_keys(all, n_all, true);
    uint32_t wanted = k - 1;
    for (unsigned splits = 0; n > RUN && splits < SPLITS_MAX; splits++) {
        const uint32_t at = split(items, n);
        if (wanted < at) {
            n = at;
        } else {
            items += at;
            n -= at;
            wanted -= at;
        }
    }
    number_sort(NULL, items, spare, n);
    flip_keys(all, n_all, true);
}
