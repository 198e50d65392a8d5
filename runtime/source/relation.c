/* Loading a source and finding its rows by key. One key whose values lie close together, as ids and
 * the atoms of strings do, is an array; another one an rk_intmap; several a table of their hash. */
#include <stdio.h>

#include "runtime/source/excerpt.h"
#include "runtime/source/source.h"

enum { AHEAD = 16, DENSE_FACTOR = 8, DENSE_FREE = 1024, DUPLICATES_SHOWN = 5 };

/* Part i of a key: an INT, or an atom. */
static inline int64_t part(const rk_column *key, uint32_t i)
{
    return key->type.kind == RK_KIND_STRING ? ((const rk_atom *)key->data)[i]
                                            : ((const int64_t *)key->data)[i];
}

/* Asks for the slot of a key that is looked for soon, so that cache misses overlap. The map has
 * slots. */
static inline void prefetch_int(const rk_relation *r, int64_t key)
{
    __builtin_prefetch(&r->by_int.slots[rk_hash_int((uint64_t)key) & (r->by_int.cap - 1)]);
}

/* ---- building ---- */

typedef struct builder {
    const rk_load *load;
    const rk_source_spec *spec;
    rk_relation *relation;
    uint32_t duplicates;
} builder;

/* Key part k of a row, for people. */
static rk_excerpt key_text(const builder *b, uint32_t k, uint32_t row)
{
    char digits[24];
    const rk_column *const key = &b->relation->keys[k];
    if (key->type.kind == RK_KIND_STRING)
        return rk_excerpt_of(rk_atom_str(b->load->strings, ((const rk_atom *)key->data)[row]));
    snprintf(digits, sizeof digits, "%lld", (long long)part(key, row));
    return rk_excerpt_of(rk_str_from(digits));
}

/* Reports the first few. */
static void duplicate(builder *b, uint32_t first, uint32_t second)
{
    if (++b->duplicates > DUPLICATES_SHOWN)
        return;
    const rk_str path = b->spec->ids.len ? b->spec->ids : b->spec->path;
    const bool lines = b->relation->lines.len > 0;
    const unsigned long long at[2] = {lines ? rk_relation_line(b->relation, first) : first,
                                      lines ? rk_relation_line(b->relation, second) : second};
    rk_diag *const diag = rk_error(
        b->load->diags, RK_E0506, b->spec->span,
        lines ? "%.*s:%llu: the key `%s`%s%s%s is also in line %llu"
              : "%.*s: row %llu, from 0: the key `%s`%s%s%s is also in row %llu",
        RK_STR_ARG(path), at[1], key_text(b, 0, second).text, b->spec->n_keys > 1 ? ", `" : "",
        b->spec->n_keys > 1 ? key_text(b, 1, second).text : "", b->spec->n_keys > 1 ? "`" : "",
        at[0]);
    if (lines)
        rk_diag_note(b->load->diags, diag, RK_NO_SPAN, "%.*s:%llu: the first row with it",
                     RK_STR_ARG(path), at[0]);
}

/* The least value and the number of values up to the greatest; false if that is too many. */
static bool key_range(const rk_relation *r, int64_t *first, uint32_t *len)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (uint32_t i = 0; i < r->n_rows; i++) {
        const int64_t key = part(&r->keys[0], i);
        least = key < least ? key : least;
        most = key > most ? key : most;
    }
    const uint64_t span = (uint64_t)most - (uint64_t)least;
    if (r->n_rows == 0 || span >= (uint64_t)r->n_rows * DENSE_FACTOR + DENSE_FREE ||
        span >= UINT32_MAX)
        return false;
    *first = least;
    *len = (uint32_t)span + 1;
    return true;
}

static rk_status index_dense(builder *b)
{
    rk_relation *const r = b->relation;
    r->dense = rk_arena_alloc_column(b->load->arena, r->dense_len, sizeof *r->dense);
    if (!r->dense)
        return RK_ENOMEM;
    memset(r->dense, 0xff, (size_t)r->dense_len * sizeof *r->dense);
    for (uint32_t i = 0; i < r->n_rows; i++) {
        uint32_t *const slot = &r->dense[part(&r->keys[0], i) - r->dense_first];
        if (*slot != UINT32_MAX)
            duplicate(b, *slot, i);
        else
            *slot = i;
    }
    return RK_OK;
}

static rk_status index_int(builder *b)
{
    rk_relation *const r = b->relation;
    if (r->n_rows && !rk_intmap_reserve(b->load->arena, &r->by_int, r->n_rows))
        return RK_ENOMEM;
    for (uint32_t i = 0; i < r->n_rows; i++) {
        if (i + AHEAD < r->n_rows)
            prefetch_int(r, part(&r->keys[0], i + AHEAD));
        uint32_t found;
        if (rk_intmap_add(b->load->arena, &r->by_int, part(&r->keys[0], i), i, &found))
            continue;
        if (found == RK_MAP_NONE)
            return RK_ENOMEM;
        duplicate(b, found, i);
    }
    return RK_OK;
}

/* A key of several parts that is looked for: item `at` of the columns. */
typedef struct wanted_key {
    const rk_column *parts;
    uint32_t at;
} wanted_key;

static uint64_t hash_parts(const rk_column *parts, uint32_t n_keys, uint32_t i)
{
    uint64_t hash = 0;
    for (uint32_t k = 0; k < n_keys; k++)
        hash = rk_hash_int(hash ^ (uint64_t)part(&parts[k], i));
    return hash;
}

static bool has_key(const void *owner, uint32_t row, const void *key)
{
    const rk_relation *const r = owner;
    const wanted_key *const want = key;
    for (uint32_t k = 0; k < r->n_keys; k++)
        if (part(&r->keys[k], row) != part(&want->parts[k], want->at))
            return false;
    return true;
}

static rk_status index_parts(builder *b)
{
    rk_relation *const r = b->relation;
    for (uint32_t i = 0; i < r->n_rows; i++) {
        const uint64_t hash = hash_parts(r->keys, r->n_keys, i);
        const wanted_key want = {r->keys, i};
        const uint32_t found = rk_table_find(&r->by_hash, hash, has_key, r, &want);
        if (found != RK_MAP_NONE)
            duplicate(b, found, i);
        else if (!rk_table_add(b->load->arena, &r->by_hash, hash, i))
            return RK_ENOMEM;
    }
    return RK_OK;
}

rk_status rk_relation_load(const rk_load *load, const rk_source_ops *ops,
                           const rk_source_spec *spec, rk_relation *out)
{
    RK_TRY(ops->load(load, spec, out));
    builder b = {load, spec, out, 0};
    if (out->n_keys > 1)
        RK_TRY(index_parts(&b));
    else if (key_range(out, &out->dense_first, &out->dense_len))
        RK_TRY(index_dense(&b));
    else
        RK_TRY(index_int(&b));
    return b.duplicates ? RK_EDATA : RK_OK;
}

void rk_relation_free(rk_relation *relation) { rk_file_unmap(&relation->file); }

uint64_t rk_relation_line(const rk_relation *relation, uint32_t row)
{
    uint32_t low = 0, high = relation->lines.len; /* the last run at or before the row */
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (relation->lines.items[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    if (high == 0)
        return 0;
    const rk_line_run run = relation->lines.items[low];
    return run.line + (row - run.row);
}

/* ---- finding ---- */

static void find_dense(const rk_relation *r, const rk_column *key, uint32_t n, uint32_t *rows)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t at = (uint64_t)part(key, i) - (uint64_t)r->dense_first;
        rows[i] = at < r->dense_len ? r->dense[at] : UINT32_MAX;
    }
}

static void find_int(const rk_relation *r, const rk_column *key, uint32_t n, uint32_t *rows)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n && r->by_int.cap)
            prefetch_int(r, part(key, i + AHEAD));
        rows[i] = rk_intmap_find(&r->by_int, part(key, i));
    }
}

static void find_parts(const rk_relation *r, const rk_column *keys, uint32_t n, uint32_t *rows)
{
    const uint32_t mask = r->by_hash.cap - 1;
    uint64_t hashes[AHEAD];
    for (uint32_t start = 0; start < n; start += AHEAD) {
        const uint32_t count = n - start < AHEAD ? n - start : AHEAD;
        for (uint32_t i = 0; i < count; i++) {
            hashes[i] = hash_parts(keys, r->n_keys, start + i);
            if (r->by_hash.cap)
                __builtin_prefetch(&r->by_hash.slots[hashes[i] & mask]);
        }
        for (uint32_t i = 0; i < count; i++) {
            const wanted_key want = {keys, start + i};
            rows[start + i] = rk_table_find(&r->by_hash, hashes[i], has_key, r, &want);
        }
    }
}

void rk_relation_find(const rk_relation *relation, const rk_column *keys, uint32_t n,
                      uint32_t *rows)
{
    if (relation->n_keys > 1)
        find_parts(relation, keys, n, rows);
    else if (relation->dense)
        find_dense(relation, keys, n, rows);
    else
        find_int(relation, keys, n, rows);
    for (uint32_t k = 0; k < relation->n_keys; k++)
        for (uint32_t i = 0; i < n && keys[k].present; i++)
            if (!rk_bit_get(keys[k].present, i))
                rows[i] = UINT32_MAX;
}
