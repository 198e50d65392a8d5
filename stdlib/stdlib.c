/* The registries: families in a row, seen as one table. */
#include "stdlib/families.h"

static const rk_fn_family *const fn_families[] = {
#define FAMILY(name) &rk_fn_family_##name,
    RK_FN_FAMILIES(FAMILY)
#undef FAMILY
};

static const rk_fold_family *const fold_families[] = {
#define FAMILY(name) &rk_fold_family_##name,
    RK_FOLD_FAMILIES(FAMILY)
#undef FAMILY
};

static bool is_name(const char *text, rk_str name)
{
    return name.len && text[0] == name.data[0] && strlen(text) == name.len &&
           memcmp(text, name.data, name.len) == 0;
}

const rk_fn *rk_fn_at(uint32_t index)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(fn_families); i++) {
        if (index < fn_families[i]->n)
            return &fn_families[i]->rows[index];
        index -= fn_families[i]->n;
    }
    return NULL;
}

uint32_t rk_fn_count(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < RK_ARRAY_LEN(fn_families); i++)
        count += fn_families[i]->n;
    return count;
}

const rk_fn *rk_fn_find(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(fn_families); i++)
        for (uint32_t k = 0; k < fn_families[i]->n; k++)
            if (is_name(fn_families[i]->rows[k].name, name))
                return &fn_families[i]->rows[k];
    return NULL;
}

uint32_t rk_fn_index(const rk_fn *fn)
{
    uint32_t base = 0;
    for (size_t i = 0; i < RK_ARRAY_LEN(fn_families); i++) {
        const rk_fn_family *const family = fn_families[i];
        if (fn >= family->rows && fn < family->rows + family->n)
            return base + (uint32_t)(fn - family->rows);
        base += family->n;
    }
    return UINT32_MAX;
}

const rk_fold_fn *rk_fold_at(uint32_t index)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(fold_families); i++) {
        if (index < fold_families[i]->n)
            return &fold_families[i]->rows[index];
        index -= fold_families[i]->n;
    }
    return NULL;
}

uint32_t rk_fold_count(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < RK_ARRAY_LEN(fold_families); i++)
        count += fold_families[i]->n;
    return count;
}

const rk_fold_fn *rk_fold_find(rk_str name)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(fold_families); i++)
        for (uint32_t k = 0; k < fold_families[i]->n; k++)
            if (is_name(fold_families[i]->rows[k].name, name))
                return &fold_families[i]->rows[k];
    return NULL;
}

uint32_t rk_fold_index(const rk_fold_fn *fn)
{
    uint32_t base = 0;
    for (size_t i = 0; i < RK_ARRAY_LEN(fold_families); i++) {
        const rk_fold_family *const family = fold_families[i];
        if (fn >= family->rows && fn < family->rows + family->n)
            return base + (uint32_t)(fn - family->rows);
        base += family->n;
    }
    return UINT32_MAX;
}

/* The bytes are made from prelude.rank by local.mk. */
static const unsigned char prelude[] = {
#include "stdlib/prelude.inc"
    0};

rk_str rk_prelude(void) { return (rk_str){(const char *)prelude, sizeof prelude - 1}; }
