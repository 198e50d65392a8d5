/* Case files (tests/cases/README.md tells the format): what a program is expected to print. Read by
 * the runner of `rankc test --cases`. Everything lives in the reader's arena. */
#ifndef RK_CMD_CASE_FILE_H
#define RK_CMD_CASE_FILE_H

#include "compiler/cmd/cmd.h"

/* A file that a case finds beside its program; a name that ends in `/` is a folder. */
typedef struct case_data {
    rk_str name;
    rk_str text;
} case_data;

typedef RK_VEC(case_data) case_datas;

typedef struct case_entry {
    uint32_t line;                    /* of its program in the case file */
    rk_str title;                     /* the first line of its program */
    bool is_value;                    /* the program is one expression, whose values are expected */
    bool fails;                       /* %%FAIL */
    int status;                       /* that it fails with; 0: any */
    rk_str words;                     /* of %%RUN or %%CMD */
    bool own_command;                 /* %%CMD */
    rk_str program;                   /* with what %%WITH puts before it */
    rk_str request;                   /* "" for none */
    rk_str expected;                  /* without empty lines */
    size_t expected_at, expected_len; /* where that stands in the case file */
    case_datas files;
} case_entry;

typedef struct case_reader {
    rk_arena *arena;
    rk_str path;
    rk_str text;
    size_t at;
    uint32_t line; /* of `at`, from 1 */
    rk_str with;   /* put before the programs that follow */
    case_datas files;
    const char *fault; /* what is wrong with the case file at `line`, or NULL */
} case_reader;

/* The next case; false at the end, at a fault, and (fault NULL, at < text.len) without memory. */
bool case_next(case_reader *reader, case_entry *out);

/* `--show a,b 'x y'` as words; false when memory is out. */
typedef RK_VEC(const char *) case_words;
bool case_split(rk_arena *arena, rk_str words, case_words *out);

#endif
