/* The named things of a checked program, and which of them reads which: what the REPL lists and
 * completes, and `rankc graph` draws. Made by rk_resolve in the module's arena, from what stands in
 * the files (defs of the standard library are left out); of a program with errors too, as far as it
 * is known. Things are numbered in the order of declaration, files in the order in which they were
 * read; the fields of a source follow it, and the labels of a pipeline follow that. */
#ifndef RK_SEMA_OUTLINE_H
#define RK_SEMA_OUTLINE_H

#include "compiler/dag/dag.h"
#include "compiler/syntax/ast.h"

typedef enum rk_named_kind {
    RK_NAMED_QUERY_FIELD,
    RK_NAMED_ITEM_FIELD, /* `item.id` is one */
    RK_NAMED_SOURCE,
    RK_NAMED_SOURCE_FIELD,
    RK_NAMED_FACTOR,
    RK_NAMED_DEF,
    RK_NAMED_MODEL,
    RK_NAMED_INDEX,
    RK_NAMED_PIPELINE,
    RK_NAMED_LABEL, /* what a stage of a pipeline is called there */
    RK_NAMED_REVISION,
    RK_NAMED_KIND_COUNT
} rk_named_kind;

typedef struct rk_named {
    rk_named_kind kind;
    bool broken;      /* has errors, or needs what has: type and scope say nothing */
    bool beside;      /* a factor that no file declares (rk_decl.beside) */
    bool folds;       /* a factor whose own expression looks at all items: avg(price), zscore(x) */
    uint8_t scope;    /* rk_scope: of factors, fields and sources */
    uint32_t owner;   /* a field's source, a label's pipeline; else RK_MAP_NONE */
    uint32_t number;  /* in the module's factors, sources, pipelines or revisions; of a field: in
                         its schema; of a label: in its pipeline; RK_MAP_NONE: item.id and others */
    rk_str name;      /* "price" */
    rk_str long_name; /* "products.price", "query.text", "search.l1"; else the same as `name` */
    rk_str doc;       /* may be empty */
    rk_span span;     /* of the name */
    rk_span whole;    /* of the declaration or field; of a label: of the name */
    rk_type type;     /* of factors and fields; pipelines, labels: CANDIDATES; sources: ROW */
    const rk_decl *decl; /* that it stands in */
    uint32_t first_read, n_reads, first_user, n_users;
    uint32_t first_mention, n_mentions;
} rk_named;

/* A place in a thing's text where another is named. */
typedef struct rk_mention {
    uint32_t named;
    rk_span span;
} rk_mention;

/* A thing reads what its own text names: a factor the defs that it calls, and the def what is free
 * in it; a field reads its source, the source what its key names; a factor with `l1.rank` or
 * `over: l1` reads the labels `l1` of all pipelines. Both lists are in the order of numbers,
 * without doubles. */
typedef struct rk_outline {
    RK_VEC(rk_named) items;
    uint32_t *reads;             /* numbers of things, a run for each */
    uint32_t *users;             /* the same, turned round */
    RK_VEC(rk_mention) mentions; /* what makes the reads: a run for each thing, in no order */
} rk_outline;

/* "query field", "factor" … */
const char *rk_named_kind_text(rk_named_kind kind);

/* By long name, else by a short name that only one field or label has; RK_MAP_NONE. */
uint32_t rk_outline_find(const rk_outline *outline, rk_str name);

/* What a thing reads, and by what it is read: `n` is how many. */
static inline const uint32_t *rk_outline_reads(const rk_outline *outline, uint32_t i, uint32_t *n)
{
    *n = outline->items.items[i].n_reads;
    return outline->reads + outline->items.items[i].first_read;
}
static inline const uint32_t *rk_outline_users(const rk_outline *outline, uint32_t i, uint32_t *n)
{
    *n = outline->items.items[i].n_users;
    return outline->users + outline->items.items[i].first_user;
}

/* A byte a thing, in the arena: 1 for those that one reads, through others too, and for itself; or
 * for its users. NULL when memory is out. */
uint8_t *rk_outline_all_reads(const rk_outline *outline, rk_arena *arena, uint32_t i);
uint8_t *rk_outline_all_users(const rk_outline *outline, rk_arena *arena, uint32_t i);

/* The same for what a pipeline needs, its labels included (RK_MAP_NONE: what any pipeline of
 * `members` needs; NULL: of all). Factors that are not needed are dead: nothing works them out. */
uint8_t *rk_outline_live(const rk_outline *outline, rk_arena *arena, uint32_t pipeline,
                         const uint8_t *members);

#endif
