/* The request of bench/request.rank by hand: doubled ids once, then filter, score, select, score
 * what is left, select. Compiled by gcc as the table says. */
#include "bench/request.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SLOTS = 4096, FIRST = 300 };

static struct {
    int64_t ids[SLOTS];
    uint32_t seen[SLOTS], round; /* seen[i] == round: ids[i] is of this request */
    uint32_t at[REQUEST_MOST];
    float column[REQUEST_FIELDS][REQUEST_MOST]; /* of the items let through */
    float score[REQUEST_MOST];
    uint32_t order[REQUEST_MOST];
} m;

static bool is_ascending(const int64_t *ids, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (ids[i - 1] >= ids[i])
            return false;
    return true;
}

static bool is_new(int64_t id)
{
    uint32_t slot = (uint32_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 52);
    for (; m.seen[slot] == m.round; slot = (slot + 1) % SLOTS)
        if (m.ids[slot] == id)
            return false;
    m.seen[slot] = m.round;
    m.ids[slot] = id;
    return true;
}

/* Places of the items that are new and cheap enough. */
static size_t filter(const request *r)
{
    const float limit = r->budget * 2;
    const bool ascending = is_ascending(r->ids, r->n);
    size_t kept = 0;
    m.round++;
    for (size_t i = 0; i < r->n; i++) {
        m.at[kept] = (uint32_t)i;
        kept += (ascending || is_new(r->ids[i])) & (r->fields[PRICE][i] <= limit);
    }
    return kept;
}

static void gather(const request *r, int field, const uint32_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        m.column[field][i] = r->fields[field][at[i]];
}

/* The k best of n scores, their places in m.order, best first. */
static void sift(uint32_t *heap, size_t n, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && m.score[heap[child + 1]] < m.score[heap[child]])
            child++;
        if (m.score[heap[at]] <= m.score[heap[child]])
            return;
        const uint32_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

static size_t best(size_t n, size_t k)
{
    uint32_t *const heap = m.order;
    k = k < n ? k : n;
    for (size_t i = 0; i < k; i++)
        heap[i] = (uint32_t)i;
    for (size_t i = k / 2; i-- > 0;)
        sift(heap, k, i);
    for (size_t i = k; i < n; i++) {
        if (m.score[i] <= m.score[heap[0]])
            continue;
        heap[0] = (uint32_t)i;
        sift(heap, k, 0);
    }
    for (size_t left = k; left-- > 1;) { /* heap sort: the least goes to the end */
        const uint32_t least = heap[0];
        heap[0] = heap[left];
        heap[left] = least;
        sift(heap, left, 0);
    }
    return k;
}

static float coarse(size_t n, float *max_bm25, float *avg_price)
{
    double sum = 0;
    float most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        sum += m.column[PRICE][i];
        most = fmaxf(most, m.column[BM25][i]);
    }
    *avg_price = fmaxf((float)(sum / (double)n), 0.01f);
    *max_bm25 = fmaxf(most, 0.001f);
    const float max = *max_bm25;
    for (size_t i = 0; i < n; i++) {
        const float words = m.column[BM25][i] / max;
        const float fresh = expf(-m.column[AGE][i] / 30);
        const float known = log1pf(m.column[CLICKS][i]);
        m.score[i] =
            0.5f * words + 0.04f * known + 0.2f * fresh + 0.1f * (m.column[RATING][i] * 0.2f);
    }
    return 0;
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

static void fine(const request *r, size_t n, float max_bm25, float avg_price)
{
    for (size_t i = 0; i < n; i++) {
        const float price = m.column[PRICE][i], orders = m.column[ORDERS][i];
        const float sold = log1pf(orders);
        const float ctr = (orders + 1) / (m.column[CLICKS][i] + 20);
        const float cheap = 1 / (1 + price / avg_price);
        const float near = 1 / sqrtf(1 + m.column[DIST][i]);
        const float stocked = fminf(m.column[STOCK][i], 10) * 0.1f;
        const float gain = m.column[MARGIN][i] * price * 0.01f;
        const float afford = sigmoid((r->budget - price) / 10);
        const float alike = m.column[SIM][i] * m.column[SIM][i];
        const float engage = sigmoid(20 * ctr + alike - 1);
        const float worth = gain * afford * stocked;
        const float mix = 0.4f * engage + 0.2f * near * r->rush + 0.2f * cheap + 0.02f * sold;
        m.score[i] = mix + 0.1f * worth + 0.2f * (m.column[RATING][i] * 0.2f) +
                     0.3f * (m.column[BM25][i] / max_bm25);
    }
}

size_t NAME(const request *r, int64_t *ids, float *scores)
{
    static const int first[] = {BM25, PRICE, RATING, CLICKS, AGE};
    static uint32_t at[FIRST];
    float max_bm25, avg_price;
    size_t n = filter(r);
    for (size_t f = 0; f < sizeof first / sizeof *first; f++)
        gather(r, first[f], m.at, n);
    coarse(n, &max_bm25, &avg_price);
    n = best(n, FIRST);
    for (size_t i = 0; i < n; i++)
        at[i] = m.at[m.order[i]];
    for (int f = 0; f < REQUEST_FIELDS; f++)
        if (f != AGE)
            gather(r, f, at, n);
    fine(r, n, max_bm25, avg_price);
    n = best(n, REQUEST_LIST);
    for (size_t i = 0; i < n; i++) {
        ids[i] = r->ids[at[m.order[i]]];
        scores[i] = m.score[m.order[i]];
    }
    return n;
}
