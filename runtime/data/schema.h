/* What a source or a request must supply: named, typed fields with defaults. Loaders fill columns
 * by it; the compiler makes it from the declarations. */
#ifndef RK_DATA_SCHEMA_H
#define RK_DATA_SCHEMA_H

#include "runtime/base/file.h"
#include "runtime/data/column.h"

typedef struct rk_field {
    rk_str name;      /* as programs call it */
    rk_str column;    /* as the file calls it; equals name unless `from` was given */
    rk_type type;     /* plain or optional; ROW and CANDIDATES never */
    bool has_initial; /* a default for absent rows and empty cells */
    rk_value initial;
    rk_span span; /* of its declaration, for messages */
} rk_field;

typedef struct rk_schema {
    rk_field *fields;
    uint32_t n;
} rk_schema;

/* One request, ready to be ranked. Columns have `n_items` items in the order sent. */
typedef struct rk_request {
    rk_str name;     /* the qid of a letor request, the id of a JSON one; may be empty */
    rk_value *query; /* [schema.n]: sent values, else defaults, else missing */
    bool has_items;  /* whether items were sent at all */
    uint32_t n_items;
    rk_column ids;    /* INT or STRING, plain */
    rk_column *items; /* [item schema.n], `id` excluded; unsent: default, else missing: these
                         columns are optional typed where a value can be absent. One without
                         data: not sent for any item */
} rk_request;

#endif
