#include "runtime/index/check.h"

static bool are_inverse(const rk_index *index)
{
    for (uint32_t place = 0; place < index->n; place++) {
        const uint32_t row = index->rows[place];
        if (row >= index->n || index->places[row] != place)
            return false;
    }
    return true;
}

/* Places, and then RK_INDEX_NONE up to the end. Without a branch in it: a large graph has
 * milliards. */
static bool are_links(const uint32_t *links, uint32_t degree, uint32_t n)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < degree; i++)
        wrong |= (links[i] >= n) & (links[i] != RK_INDEX_NONE);
    for (uint32_t i = 1; i < degree; i++)
        wrong |= (links[i - 1] == RK_INDEX_NONE) & (links[i] != RK_INDEX_NONE);
    return !wrong;
}

static bool are_finite(const float *numbers, size_t n)
{
    bool finite = true;
    for (size_t i = 0; i < n; i++)
        finite &= numbers[i] - numbers[i] == 0.0f;
    return finite;
}

const char *rk_index_check(const rk_index *index)
{
    if (!are_finite(index->mean, index->dim))
        return "its mean makes no sense";
    if (index->rows && !are_inverse(index))
        return "its rows and places make no sense";
    for (uint32_t place = 0; place < index->n && index->degree; place++)
        if (!are_links(index->links + (size_t)place * index->degree, index->degree, index->n))
            return "its links make no sense";
    for (uint32_t i = 0; i < index->n_entries; i++)
        if (index->entries[i] >= index->n)
            return "its entries make no sense";
    return NULL;
}

const char *rk_index_check_vectors(const rk_index *index)
{
    return are_finite(index->vectors, (size_t)index->n * index->dim)
               ? NULL
               : "its vectors have a NaN or an infinity";
}

static bool do_offsets_ascend(const uint64_t *offsets, uint32_t n)
{
    if (offsets[0] != 0)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (offsets[i + 1] < offsets[i])
            return false;
    return true;
}

static bool do_texts_ascend(const rk_index_ids *ids, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const uint64_t *const at = ids->offsets + i;
        const rk_str before = {ids->bytes + at[-1], at[0] - at[-1]};
        const rk_str after = {ids->bytes + at[0], at[1] - at[0]};
        if (rk_str_cmp(before, after) >= 0)
            return false;
    }
    return true;
}

const char *rk_index_check_ids(const rk_index *index)
{
    const rk_index_ids *const ids = &index->ids;
    bool fine = true;
    if (ids->text)
        fine = do_offsets_ascend(ids->offsets, index->n) && do_texts_ascend(ids, index->n);
    else
        for (uint32_t i = 1; ids->numbers && i < index->n; i++)
            fine &= ids->numbers[i - 1] < ids->numbers[i];
    return fine ? NULL : "its ids make no sense";
}
