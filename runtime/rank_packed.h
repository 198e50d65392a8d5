/* For the C that `rankc compile --emit=so` writes: requests and ranked lists that stand in structs
 * made for one program. The tables here say where in the structs things are; the call does what an
 * embedder would do with rank.h. C11 and C++17. */
#ifndef RK_RANK_PACKED_H
#define RK_RANK_PACKED_H

#include "runtime/rank.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RANK_PACKED_VERSION 1
#define RANK_PACKED_NONE    UINT32_MAX

/* A member of the query's or the items' struct: bytes from its start. A text is a `const char *`,
 * NULL where there is none; other things that were not sent are NULL pointers. */
typedef struct rank_packed_field {
    const char *name; /* in the program */
    rank_type type;
    uint32_t at;  /* query: the value, a pointer to one (`by_pointer`), or the array of a vector or
                     list. items: the array, of n values */
    uint32_t len; /* of lists: size_t, the number of elements at `at`; else NONE */
    uint32_t slices;  /* items, of lists: const rank_slice * with n of them; else NONE */
    uint32_t present; /* items: const uint64_t *, a bit for each value that is there, or NULL for
                         all; else NONE */
    uint32_t by_pointer;
} rank_packed_field;

typedef struct rank_packed {
    uint32_t version;   /* RANK_PACKED_VERSION */
    const void *bundle; /* aligned to 8 */
    const void *bundle_end;
    rank_kind id_kind;
    /* the request: bytes from its start; of `query` and `items` to their structs, NONE if not there
     */
    uint32_t query, items, now; /* now: const double *, NULL for the clock */
    uint32_t n, ids;            /* in items: size_t, and the array of ids */
    const rank_packed_field *query_fields;
    const rank_packed_field *item_fields;
    uint32_t n_query_fields, n_item_fields;
    /* the ranked list: bytes from its start */
    uint32_t room;            /* size_t: of the caller's arrays */
    uint32_t ranked;          /* size_t, filled: items of the list, perhaps more than room */
    uint32_t ranked_ids;      /* int64_t *, or const char ** with the texts in: */
    uint32_t text, text_room; /* char *, size_t; NONE where ids are ints */
    uint32_t scores;          /* double *, or NULL: not wanted; NaN: none */
    uint32_t message;         /* char[RANK_PACKED_MESSAGE], filled after a failure */
    const uint32_t *outputs;  /* [n_outputs] double *, as scores */
    uint32_t n_outputs;
} rank_packed;

enum { RANK_PACKED_MESSAGE = 256 };

/* Ranks a request. *state is NULL before the first call and belongs to the library; any number of
 * threads may call with one state. Returns a rank_status; texts of ids that do not fit are
 * RANK_ELIMIT. */
int rank_call_packed(const rank_packed *what, void **state, const void *request, void *ranked);

/* Gives all memory back, when nobody calls any more. */
void rank_end_packed(void **state);

#ifdef __cplusplus
}
#endif

#endif
