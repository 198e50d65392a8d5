#include "runtime/index/scratch.h"

enum { MANY = 4, AHEAD = 8, LINE = 64, MOST_LINES = 16 };

/* The scores of four vectors; of cosines the lengths are taken on the way. */
static void score4(const rk_index *index, const rk_product *product, const rk_seeker *seeker,
                   const float *const *vectors, float *out)
{
    if (index->metric == RK_INDEX_L2)
        product->gap4(seeker->vector, vectors, index->dim, out);
    else
        product->dot4(seeker->vector, vectors, index->dim, out);
    for (uint32_t m = 0; m < MANY; m++) {
        if (index->metric == RK_INDEX_L2) {
            out[m] = -sqrtf(out[m]);
        } else if (index->metric == RK_INDEX_COSINE) {
            const float square = product->dot(vectors[m], vectors[m], index->dim);
            out[m] = rk_product_cosine(out[m], seeker->length, rk_product_length(square));
        }
    }
}

static const float *vector_at(const rk_index *index, uint32_t place)
{
    return index->vectors + (size_t)place * index->dim;
}

static void fetch(const rk_index *index, uint32_t place)
{
    const char *const bytes = (const char *)vector_at(index, place);
    size_t size = index->dim * sizeof(float);
    if (size > MOST_LINES * LINE) /* the rest follows by itself */
        size = MOST_LINES * LINE;
    for (size_t i = 0; i < size; i += LINE)
        __builtin_prefetch(bytes + i);
}

void rk_seeker_score(const rk_index *index, rk_index_scratch *scratch, rk_seeker *seeker,
                     const uint32_t *places, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < AHEAD; i++)
        fetch(index, places[i]);
    for (uint32_t i = 0; i < n; i += MANY) {
        for (uint32_t j = i + AHEAD; j < n && j < i + AHEAD + MANY; j++)
            fetch(index, places[j]);
        const float *vectors[MANY];
        float scores[MANY];
        for (uint32_t m = 0; m < MANY; m++)
            vectors[m] = vector_at(index, places[i + m < n ? i + m : i]);
        score4(index, scratch->product, seeker, vectors, scores);
        for (uint32_t m = 0; m < MANY && i + m < n; m++) {
            const uint32_t row = rk_index_row(index, places[i + m]);
            rk_keep_add(&seeker->keep, rk_keep_key(scores[m], row));
        }
    }
    scratch->stats.n_scored += n;
}
