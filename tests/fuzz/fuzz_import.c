/* Any bytes are imported as an index of FAISS or hnswlib, or refused with a message; what is
 * imported holds together and is searched. The first byte chooses the search, the second the
 * metric, the kind, and what is searched. */
#include "tests/fuzz/index_check.h"

#include "runtime/index/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *const exact = malloc(size - 2 ? size - 2 : 1); /* reading beyond it shows */
    memcpy(exact, data + 2, size - 2);
    const rk_str bytes = {exact, size - 2};
    const rk_index_import from = {.path = RK_STR("fuzz"),
                                  .bytes = &bytes,
                                  .has_metric = data[1] & 1,
                                  .metric =
                                      (rk_index_metric)((data[1] >> 1) % RK_INDEX_METRIC_COUNT),
                                  .has_kind = data[1] & 8,
                                  .options = {.kind = data[1] & 16 ? RK_INDEX_HNSW : RK_INDEX_FLAT,
                                              .m = data[1] & 32 ? 4 : 0,
                                              .ef_construction = data[1] & 32 ? 20 : 0,
                                              .threads = 1}};
    rk_arena arena;
    rk_diags diags;
    rk_index *index;
    rk_arena_init(&arena);
    rk_diags_init(&diags, &arena);
    const rk_status status = rk_index_import_file(&from, &diags, &index);
    REQUIRE((status == RK_OK) == (diags.errors == 0) && (status == RK_OK) == (index != NULL));
    REQUIRE(status == RK_OK || status == RK_EFILE || status == RK_EDATA || status == RK_EUSAGE);
    if (index) {
        REQUIRE(!rk_index_check(index) && !rk_index_check_ids(index));
        check_searches(index, data[0], data[1] >> 6);
    }
    rk_index_free(index);
    rk_arena_free(&arena);
    free(exact);
    return 0;
}
