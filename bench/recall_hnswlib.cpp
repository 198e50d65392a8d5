// hnswlib, for recall.py: whole lists of queries in a call, one after the other on the calling thread.
#include "hnswlib/hnswlib.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <queue>

namespace {

struct Index {
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;
    size_t d;
};

// low <= values[row] < high, as a price between two bounds is.
struct Between : hnswlib::BaseFilterFunctor {
    const float *values;
    float low, high;
    bool operator()(hnswlib::labeltype row) override
    {
        return values[row] >= low && values[row] < high;
    }
};

hnswlib::SpaceInterface<float> *space(int l2, size_t d)
{
    if (l2)
        return new hnswlib::L2Space(d);
    return new hnswlib::InnerProductSpace(d);
}

} // namespace

extern "C" {

// NULL where the file is none of ours.
Index *peer_open(const char *path, int l2, size_t d)
{
    auto index = std::make_unique<Index>();
    index->d = d;
    index->space.reset(space(l2, d));
    try {
        index->graph.reset(new hnswlib::HierarchicalNSW<float>(index->space.get(), path));
    } catch (const std::exception &) {
        return nullptr;
    }
    return index.release();
}

void peer_close(Index *index) { delete index; }

// rows: [n][d].
void peer_build(const char *path, int l2, size_t d, const float *rows, size_t n, size_t m, size_t ef)
{
    std::unique_ptr<hnswlib::SpaceInterface<float>> s(space(l2, d));
    hnswlib::HierarchicalNSW<float> graph(s.get(), n, m, ef);
    for (size_t i = 0; i < n; i++)
        graph.addPoint(rows + i * d, i);
    graph.saveIndex(path);
}

// queries: [n][d]; out: [n][k], -1 where fewer were found. values (or NULL): a number of each row, which must lie
// between bounds[i] and bounds[n + i].
void peer_search(Index *index, const float *queries, size_t n, size_t k, size_t ef, const float *values,
                 const float *bounds, int32_t *out)
{
    Between between;
    between.values = values;
    index->graph->setEf(ef);
    for (size_t i = 0; i < n; i++) {
        if (values) {
            between.low = bounds[i];
            between.high = bounds[n + i];
        }
        auto found = index->graph->searchKnn(queries + i * index->d, k, values ? &between : nullptr);
        for (size_t j = found.size(); j < k; j++)
            out[i * k + j] = -1;
        for (size_t j = found.size(); j-- > 0; found.pop())
            out[i * k + j] = static_cast<int32_t>(found.top().second);
    }
}
}
