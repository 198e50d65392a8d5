#include "runtime/model/slice.h"

#include "runtime/base/simd.h"

extern const rk_slice_kernels RK_SIMD_NAME(rk_slice_kernels);

#if RK_SIMD == 0

/* Without vectors a walk is quicker. */
const rk_slice_kernels RK_SIMD_NAME(rk_slice_kernels) = {0};

#else

#include "runtime/model/slice_leaf.h"

#define SLICE_WORDS 2
#include "runtime/model/slice_width.def"
#define SLICE_WORDS 4
#include "runtime/model/slice_width.def"
#if RK_SIMD == 4
#define SLICE_WORDS 8
#include "runtime/model/slice_width.def"
#define TREES_8 trees_8
#else
#define TREES_8 NULL /* no registers of 512 bits */
#endif

static void categorise(const double *x, bool narrows, bool whole, const rk_slice_room *room)
{
    for (uint32_t i = 0; i < room->groups * 64; i++) {
        const int32_t category = rk_forest_category(x[i], narrows, whole);
        room->categories[i] = category < 0 ? 0 : category;
        room->bits[i] = category < 0 ? 0 : 1u << (category & 31);
    }
}

static void begin(const rk_slices *slices, const rk_slice_room *room, const double *base)
{
    const uint32_t width = room->words * 64;
    for (uint32_t k = 0; k < slices->n_outputs; k++) {
        if (slices->in_float)
            for (uint32_t i = 0; i < room->groups * 64; i++)
                ((float *)room->sums)[(size_t)k * width + i] = (float)base[k];
        else
            for (uint32_t i = 0; i < room->groups * 64; i++)
                ((double *)room->sums)[(size_t)k * width + i] = base[k];
    }
}

static void end(const rk_slices *slices, const rk_slice_room *room, uint32_t output, uint32_t n,
                void *out)
{
    const size_t first = (size_t)output * room->words * 64;
    if (slices->in_float)
        for (uint32_t i = 0; i < n; i++)
            ((float *)out)[i] = ((const float *)room->sums)[first + place_float(i)];
    else
        for (uint32_t i = 0; i < n; i++)
            ((double *)out)[i] = ((const double *)room->sums)[first + place_double(i)];
}

const rk_slice_kernels RK_SIMD_NAME(rk_slice_kernels) = {.table_in_words = TABLE_IN_WORDS,
                                                         .rank_double = rank_double,
                                                         .rank_float = rank_float,
                                                         .categorise = categorise,
                                                         .find_missing = find_missing,
                                                         .answer = answer,
                                                         .answer_set = answer_set,
                                                         .trees = {trees_2, trees_4, TREES_8},
                                                         .begin = begin,
                                                         .end = end};
#endif
