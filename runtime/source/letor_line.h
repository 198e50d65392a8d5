/* Lines of a letor (SVMlight) file, `label qid:Q i:v … # docid rest`, into columns called `label`,
 * `qid`, `docid` and `f1`, `f2` …: for the source and for requests of that kind. */
#ifndef RK_SOURCE_LETOR_LINE_H
#define RK_SOURCE_LETOR_LINE_H

#include "runtime/base/diag.h"
#include "runtime/source/cell.h"

enum { RK_LETOR_FEATURES = 1000000 };

/* A line cut into its parts. */
typedef struct rk_letor_line {
    rk_str label;
    rk_str qid;      /* "" if there is none */
    rk_str docid;    /* "" if there is none */
    rk_str features; /* what is not read yet */
} rk_letor_line;

/* What is wrong with a line. */
typedef struct rk_letor_problem {
    rk_diag_code code;
    uint32_t column; /* wanted column, UINT32_MAX: the line's form */
    rk_str text;     /* what was read */
    rk_why why;
} rk_letor_problem;

/* False if the line has no label; blank lines and comments are to be passed over before. */
bool rk_letor_split(rk_str line, rk_letor_line *out, rk_letor_problem *problem);

/* Whether nothing stands on the line but a comment. */
bool rk_letor_is_blank(rk_str line);

/* Which wanted columns take what. */
typedef struct rk_letor_map {
    rk_sink **sinks; /* [n] */
    uint32_t n;
    uint32_t *parts;    /* [n] what the column takes: a feature's number, or RK_LETOR_LABEL … */
    uint32_t *same;     /* [n] the next column with the same feature, or UINT32_MAX */
    uint32_t *features; /* [n_features] number -> first column, or UINT32_MAX */
    uint32_t n_features;
    uint64_t *seen; /* [n] the last line that named the column: stamp, + 1 if it gave a value */
    uint64_t stamp; /* of this line; even */
} rk_letor_map;

enum {
    RK_LETOR_LABEL = RK_LETOR_FEATURES + 1,
    RK_LETOR_QID,
    RK_LETOR_DOCID,
    RK_LETOR_OTHER, /* not a column of a letor file: always absent */
};

/* What a column of this name takes. */
uint32_t rk_letor_part(rk_str name);

/* Columns `sinks`, each with its part. */
RK_NODISCARD rk_status rk_letor_map_init(rk_letor_map *map, rk_arena *arena, rk_sink **sinks,
                                         const uint32_t *parts, uint32_t n);

/* Stores the line at `row` of all sinks: a feature that it does not name is 0, a docid or qid that
 * is not there is absent. RK_EDATA with *problem filled when the line is bad. */
RK_NODISCARD rk_status rk_letor_store(rk_letor_map *map, rk_letor_line *line, uint32_t row,
                                      rk_letor_problem *problem);

/* Whether column i got a value from the last line stored. */
static inline bool rk_letor_given(const rk_letor_map *map, uint32_t i)
{
    return map->seen[i] == map->stamp + 1;
}

#endif
