#include "runtime/index/index.h"

static const char *const metrics[RK_INDEX_METRIC_COUNT] = {
    [RK_INDEX_DOT] = "dot", [RK_INDEX_COSINE] = "cosine", [RK_INDEX_L2] = "l2"};
static const char *const kinds[RK_INDEX_KIND_COUNT] = {
    [RK_INDEX_FLAT] = "flat", [RK_INDEX_HNSW] = "hnsw"};

const char *rk_index_metric_name(rk_index_metric metric) { return metrics[metric]; }
const char *rk_index_kind_name(rk_index_kind kind) { return kinds[kind]; }

bool rk_index_metric_parse(rk_str name, rk_index_metric *out)
{
    for (int i = 0; i < RK_INDEX_METRIC_COUNT; i++)
        if (rk_str_eq(name, rk_str_from(metrics[i]))) {
            *out = (rk_index_metric)i;
            return true;
        }
    return false;
}
