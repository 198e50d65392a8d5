#include "runtime/index/layout.h"

#include "runtime/index/codes.h"

static uint64_t ids_len(const rk_index_header *header)
{
    if (header->ids == RK_INDEX_IDS_NUMBERS)
        return (uint64_t)header->n * sizeof(int64_t);
    return header->ids == RK_INDEX_IDS_TEXTS ? ((uint64_t)header->n + 1) * sizeof(uint64_t) : 0;
}

void rk_index_lay_out(rk_index_header *header, uint64_t texts)
{
    const uint64_t n = header->n, dim = header->dim;
    const uint64_t rows = header->has_rows ? n * sizeof(uint32_t) : 0;
    const uint64_t lens[RK_INDEX_SECTION_COUNT] = {
        [RK_INDEX_VECTORS] = n * dim * sizeof(float),
        [RK_INDEX_ROWS] = rows,
        [RK_INDEX_PLACES] = rows,
        [RK_INDEX_IDS] = ids_len(header),
        [RK_INDEX_TEXTS] = texts,
        [RK_INDEX_CODES] = n * header->stride,
        [RK_INDEX_MEAN] = dim * sizeof(float),
        [RK_INDEX_LINKS] = n * header->degree * sizeof(uint32_t),
        [RK_INDEX_ENTRIES] = header->n_entries * sizeof(uint32_t),
        [RK_INDEX_CANARY_ROWS] = header->n_canaries * sizeof(uint32_t),
        [RK_INDEX_CANARY_VECTORS] = header->n_canaries * dim * sizeof(float),
        [RK_INDEX_SKETCHES] = n * rk_code_stride(header->sketch),
        [RK_INDEX_AXES] = (header->sketch - UINT64_C(1)) * header->stride,
    };
    uint64_t at = RK_INDEX_PAGE;
    for (unsigned i = 0; i < rk_index_sections(header); i++) {
        header->sections[i].at = at;
        header->sections[i].len = lens[i];
        at += (lens[i] + RK_INDEX_PAGE - 1) / RK_INDEX_PAGE * RK_INDEX_PAGE;
    }
    header->size = at;
}
