/* A JSON reader that gives one event a call and builds nothing: for JSON lines, requests, models,
 * and the lists in the cells of other files. Strict RFC 8259: no comments, no NaN, no trailing
 * commas; text must be UTF-8 and nesting is bounded. Numbers keep their spelling, so that the
 * reader of an int gets all 64 bits and the reader of a float rounds once. */
#ifndef RK_BASE_JSON_H
#define RK_BASE_JSON_H

#include "runtime/base/arena.h"
#include "runtime/base/str.h"

typedef enum rk_json_event {
    RK_JSON_ERROR, /* error and error_at say what and where; comes again when called again */
    RK_JSON_NULL,
    RK_JSON_FALSE,
    RK_JSON_TRUE,
    RK_JSON_NUMBER, /* token: as written */
    RK_JSON_STRING, /* token: decoded */
    RK_JSON_NAME,   /* of a member; token: decoded; its value comes next */
    RK_JSON_LIST,
    RK_JSON_LIST_END,
    RK_JSON_OBJECT,
    RK_JSON_OBJECT_END,
    RK_JSON_END, /* the whole text was one value */
} rk_json_event;

enum { RK_JSON_DEPTH = 64 };

typedef struct rk_json {
    rk_str text;
    size_t at;         /* the next byte */
    size_t start;      /* where the last token begins */
    rk_str token;      /* valid until the next call */
    const char *error; /* static words, NULL while all is well */
    size_t error_at;
    bool loose;       /* NaN, Infinity and -Infinity are numbers; set after rk_json_init */
    bool no_memory;   /* the error is ours */
    uint8_t state;    /* what may come next */
    uint8_t depth;    /* open lists and objects */
    uint64_t objects; /* bit d: level d is an object */
    rk_arena *arena;  /* of `room`; not owned */
    char *room;       /* for strings with escapes; grows */
    size_t room_size;
} rk_json;

/* A reader of `text`, which must outlive it. */
void rk_json_init(rk_json *json, rk_arena *arena, rk_str text);

/* The same reader on another text; keeps its room and `loose`. */
void rk_json_reset(rk_json *json, rk_str text);

rk_json_event rk_json_next(rk_json *json);

/* Reads on to the end of the value whose first event was `first`; false on an error. */
bool rk_json_skip(rk_json *json, rk_json_event first);

/* "a list", "text" …: what began with this event. */
const char *rk_json_event_text(rk_json_event event);

#endif
