/* The layout of a bundle, for bundle.c and bundle_write.c:
 *
 *     magic 8 | version u32 | size of the manifest u32 | size of the whole u64 | hash 16
 *     manifest: version of rankc, number of sections, and of each section
 *         kind u8 | name | detail | owner | at | size | hash 16
 *     zeros and sections, each at a multiple of 64
 *
 * The hash in front is over what stands before it and over the manifest. */
#ifndef RK_PLAN_BUNDLE_SECTION_H
#define RK_PLAN_BUNDLE_SECTION_H

#include "runtime/plan/bundle.h"
#include "runtime/plan/bytes.h"

#define RK_BUNDLE_MAGIC "RANKB\r\n\x1a"

enum {
    RK_BUNDLE_HASHED = 24, /* bytes of the front before its hash */
    RK_BUNDLE_FRONT = RK_BUNDLE_HASHED + sizeof(rk_digest),
    RK_BUNDLE_ALIGN = 64,
};

/* What a section holds, and what its name and detail are; numbers stand in files. */
typedef enum rk_section_kind {
    RK_SECTION_PLAN, /* pipeline, revision */
    RK_SECTION_CODE, /* CPU level, tier; owner: number of the pipeline */
    RK_SECTION_FILE, /* path */
    RK_SECTION_TEXT, /* as in messages; in the order of rk_texts */
    RK_SECTION_COUNT
} rk_section_kind;

typedef struct rk_bundle_section {
    uint8_t kind; /* rk_section_kind */
    rk_str name, detail;
    uint32_t owner;
    rk_str bytes;
    uint64_t at; /* in the file */
    rk_digest digest;
} rk_bundle_section;

/* Of the front as far as it is hashed, and the manifest behind it. */
rk_digest rk_bundle_digest(rk_str front, rk_str manifest);

#endif
