/* What the readers of requests have in common: finding fields by name, filling the query's values
 * and the items' columns, defaults, and the file with its bad requests. */
#ifndef RK_SOURCE_REQUEST_H
#define RK_SOURCE_REQUEST_H

#include "runtime/source/bad.h"
#include "runtime/source/sink.h"
#include "runtime/source/source.h"

/* Fields of a schema by their column names. */
typedef struct rk_names {
    const rk_schema *schema;
    rk_table table;
    uint32_t *same; /* [n] the next field of the same column, in a circle */
    uint32_t next;  /* the field after the last one found: files repeat an order */
} rk_names;

RK_NODISCARD rk_status rk_names_init(rk_names *names, rk_arena *arena, const rk_schema *schema);

/* Index of a field of that column, `same` leads to the others; UINT32_MAX if there is none. */
uint32_t rk_names_find(rk_names *names, rk_str name);

/* Advice for a name that is not one of the fields; `also` is one more that may stand there, or "".
 */
void rk_names_help(const rk_schema *schema, rk_str also, rk_str name, rk_diags *diags,
                   rk_diag *diag);

/* Fields of one object while it is read: one row of sinks and which of them it has sent. */
typedef struct rk_filler {
    const rk_schema *schema;
    rk_sink *sinks;  /* [schema->n] */
    uint32_t *seen;  /* [schema->n] seen[f] == stamp: sent in this object */
    uint32_t stamp;  /* of this object, from 1 */
    uint32_t n_seen; /* in this object */
} rk_filler;

/* Sinks with room for `cap` rows. */
RK_NODISCARD rk_status rk_filler_init(rk_filler *filler, const rk_sink_home *home,
                                      const rk_schema *schema, uint32_t cap);

/* A new object begins. */
static inline void rk_filler_begin(rk_filler *filler)
{
    filler->stamp++;
    filler->n_seen = 0;
}

/* Field f comes; false if it came in this object before. */
static inline bool rk_filler_see(rk_filler *filler, uint32_t f)
{
    if (filler->seen[f] == filler->stamp || filler->seen[f] == ~filler->stamp)
        return false;
    filler->seen[f] = filler->stamp;
    filler->n_seen++;
    return true;
}

/* The value of f was null: it counts as not sent, but must not come again. */
static inline void rk_filler_unsee(rk_filler *filler, uint32_t f)
{
    filler->seen[f] = ~filler->stamp;
    filler->n_seen--;
}

/* A field that was not sent and has neither default nor `?`; NULL when there is none. */
const rk_field *rk_filler_lacks(const rk_filler *filler);

/* Default or missing for what was not sent, at `row`. */
RK_NODISCARD rk_status rk_filler_end(rk_filler *filler, uint32_t row);

/* Row 0 as the values of a request's query. */
RK_NODISCARD rk_status rk_filler_values(rk_filler *filler, rk_arena *arena, rk_value **out);

/* The items of a request while they are read. */
typedef struct rk_items {
    rk_sink ids;
    rk_filler filler;
    uint32_t n;
    uint32_t cap;
} rk_items;

RK_NODISCARD rk_status rk_items_init(rk_items *items, const rk_sink_home *home,
                                     const rk_request_spec *spec, uint32_t cap);

/* Room for item n. RK_ELIMIT beyond 2^31 of them. */
RK_NODISCARD rk_status rk_items_room(rk_items *items);

/* Into the request. */
RK_NODISCARD rk_status rk_items_finish(rk_items *items, rk_arena *arena, rk_request *out);

/* ---- a file of requests ---- */

typedef struct rk_letor_state rk_letor_state;
typedef struct rk_tsv_state rk_tsv_state;

struct rk_requests {
    rk_arena *arena; /* of the stream; not owned */
    rk_request_spec spec;
    rk_mapping file;
    rk_str rest; /* what is not read yet */
    /* Text that comes bit by bit: makes `rest` longer, which may move it; false at the end. NULL
       for a text that is all there. Not for letor, which looks ahead. */
    bool (*refill)(void *user, rk_str *rest);
    void *user;
    uint64_t line;
    uint64_t total; /* requests so far, bad ones too */
    rk_bad bad;
    uint32_t items; /* of the last request: the next is about as long */
    rk_names query_names;
    rk_names item_names;
    rk_letor_state *letor;
    rk_tsv_state *tsv;      /* NULL until the first line is read */
    rk_atoms ids;           /* so far, where they must be unique */
    RK_VEC(uint64_t) lines; /* [ids but for "", which is none] where they stood */
};

/* Maps `path` and makes the stream. */
RK_NODISCARD rk_status rk_requests_open(rk_arena *arena, rk_str path, const rk_request_spec *spec,
                                        rk_diags *diags, rk_requests **out);

/* A stream over text in memory, which must outlive it: for tests. */
RK_NODISCARD rk_status rk_requests_over(rk_arena *arena, rk_str path, rk_str text,
                                        const rk_request_spec *spec, rk_diags *diags,
                                        rk_requests **out);

/* What letor needs beside: over an open stream, which is closed when that fails. */
RK_NODISCARD rk_status rk_requests_open_letor(rk_requests *requests, rk_diags *diags);

/* Remembers the id of a request that was read, where ids must be unique. RK_EDATA: it was there
 * before, which makes a bad request of this one; RK_ENOMEM. */
RK_NODISCARD rk_status rk_requests_see_id(rk_requests *requests, rk_str id);

/* Says that a request is beyond the limits when that is what `status` means, and returns it. */
RK_NODISCARD rk_status rk_requests_limit(rk_requests *requests, rk_status status);

/* Advice for a query field that was not sent. */
void rk_requests_lacks_help(const rk_requests *requests, rk_diag *diag, const rk_field *lacks);

/* At the end of the file: sums up the bad requests, once. */
RK_NODISCARD rk_status rk_requests_finish(rk_requests *requests);

void rk_requests_close(rk_requests *requests);

/* Takes the next line off `rest`, without its end; false when there is none. */
bool rk_requests_line(rk_requests *requests, rk_str *line);

/* Whether the last bad request was one too many. */
static inline bool rk_requests_spoilt(const rk_requests *requests)
{
    return requests->bad.count > requests->bad.allowed;
}

extern const rk_request_ops rk_request_jsonl, rk_request_tsv, rk_request_letor;

#endif
