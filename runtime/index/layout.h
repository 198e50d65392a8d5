/* The bytes of an index file: what save.c writes and open.c checks. The same counts give the same
 * layout, so a file whose table says otherwise is damaged. */
#ifndef RK_INDEX_LAYOUT_H
#define RK_INDEX_LAYOUT_H

#include "runtime/index/file.h"

#define RK_INDEX_MAGIC "\x93RANKI\r\n"

enum {
    RK_INDEX_VERSION = 3,        /* of a file with a spread, or sketches that bound distances; */
    RK_INDEX_VERSION_WALKED = 2, /* with sketches that only walks look at, and no spread; */
    RK_INDEX_VERSION_PLAIN = 1,  /* others are as they always were */
    RK_INDEX_ORDER = 0x01020304,
    RK_INDEX_PAGE = 4096,
};

typedef enum rk_index_section {
    RK_INDEX_VECTORS,
    RK_INDEX_ROWS,
    RK_INDEX_PLACES,
    RK_INDEX_IDS,   /* int64 numbers [n], or the uint64 offsets [n + 1] of texts */
    RK_INDEX_TEXTS, /* the bytes of text ids */
    RK_INDEX_CODES,
    RK_INDEX_MEAN,
    RK_INDEX_LINKS,
    RK_INDEX_ENTRIES,
    RK_INDEX_CANARY_ROWS,
    RK_INDEX_CANARY_VECTORS,
    RK_INDEX_SKETCHES, /* this and the next: all 0 in a file without */
    RK_INDEX_AXES,
    RK_INDEX_SECTION_COUNT
} rk_index_section;

/* What ids are, in the header. */
enum { RK_INDEX_IDS_ROWS, RK_INDEX_IDS_NUMBERS, RK_INDEX_IDS_TEXTS, RK_INDEX_IDS_COUNT };

typedef struct rk_index_extent {
    uint64_t at;   /* in the file */
    uint64_t len;  /* bytes */
    uint64_t hash; /* XXH3-64 of them */
} rk_index_extent;

/* Little-endian, as it stands in memory. */
typedef struct rk_index_header {
    char magic[8];
    uint32_t version;
    uint32_t order; /* RK_INDEX_ORDER, of the bytes of numbers */
    uint64_t size;  /* of the file */
    uint32_t kind, metric;
    uint32_t n, dim;
    uint64_t stride;
    uint32_t degree, n_entries;
    uint32_t ef_construction, ef;
    uint32_t ids; /* RK_INDEX_IDS_… */
    uint32_t has_rows;
    uint32_t n_canaries;
    uint32_t sketch; /* numbers */
    uint64_t maker, source;
    rk_index_extent sections[RK_INDEX_SECTION_COUNT];
    float spread[RK_INDEX_SPREAD];
    uint8_t zeros[RK_INDEX_PAGE - 96 - 24 * RK_INDEX_SECTION_COUNT - 4 * RK_INDEX_SPREAD - 8];
    uint64_t hash; /* XXH3-64 of all before */
} rk_index_header;
_Static_assert(sizeof(rk_index_header) == RK_INDEX_PAGE, "a page");

/* How many sections a file has. */
static inline unsigned rk_index_sections(const rk_index_header *header)
{
    return header->sketch ? RK_INDEX_SECTION_COUNT : RK_INDEX_SKETCHES;
}

/* Places the sections and sets the size, by the counts of a header, in range, and the length of the
 * texts; hashes stay. */
void rk_index_lay_out(rk_index_header *header, uint64_t texts);

#endif
