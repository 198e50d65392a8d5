/* A reader of UBJSON (draft 12) that gives the events of base/json.h: numbers of all widths, typed
 * and counted lists and objects, no-ops. Nothing is built; nesting is bounded, and no length is
 * believed that is more than what is left. Used through events.h. */
#ifndef RK_MODEL_UBJSON_H
#define RK_MODEL_UBJSON_H

#include "runtime/base/json.h"

/* An open list or object. */
typedef struct rk_ubjson_level {
    bool object;
    bool counted;
    char type;     /* of all its values; 0: each says its own */
    uint64_t left; /* values to come, of a counted one */
} rk_ubjson_level;

typedef struct rk_ubjson {
    rk_str text;
    size_t at;
    size_t start; /* where the last token begins */
    rk_str token; /* of STRING and NAME */
    bool whole;   /* of NUMBER: `integer` has it, else `real` */
    int64_t integer;
    double real;
    const char *error; /* static words, NULL while all is well */
    size_t error_at;
    bool begun;
    bool named; /* inside an object: the name was read, its value comes */
    uint8_t depth;
    rk_ubjson_level levels[RK_JSON_DEPTH];
} rk_ubjson;

/* A reader of `text`, which must outlive it. */
void rk_ubjson_init(rk_ubjson *reader, rk_str text);

rk_json_event rk_ubjson_next(rk_ubjson *reader);

/* Reads on to the end of the value whose first event was `first`; false on an error. Lists of
 * numbers are jumped over. */
bool rk_ubjson_skip(rk_ubjson *reader, rk_json_event first);

#endif
