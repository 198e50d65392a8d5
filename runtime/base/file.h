/* Whole files as read-only memory, and the table of the texts of a compilation that spans point
 * into. */
#ifndef RK_BASE_FILE_H
#define RK_BASE_FILE_H

#include "runtime/base/atom.h"

typedef struct rk_mapping {
    rk_str text; /* the bytes; "" for an empty file */
    bool mapped; /* by mmap; else text.data was malloc'ed (a pipe) or is "" */
} rk_mapping;

typedef enum rk_file_problem {
    RK_FILE_FINE,
    RK_FILE_ABSENT,
    RK_FILE_IS_FOLDER,
    RK_FILE_NOT_PLAIN,  /* a pipe or a device, where one is no use */
    RK_FILE_UNREADABLE, /* permission, I/O; errno says which */
    RK_FILE_NO_MEMORY,
    RK_FILE_TOO_LARGE, /* a pipe or device that goes on beyond 2 GB */
} rk_file_problem;

/* Maps a file read-only, or reads a pipe to its end. The caller unmaps. The file must not shrink
 * while it is mapped. */
rk_file_problem rk_file_map(const char *path, rk_mapping *out);
/* The same of a plain file alone; waits for nobody. */
rk_file_problem rk_file_map_plain(const char *path, rk_mapping *out);
void rk_file_unmap(rk_mapping *mapping);

/* Bytes of a mapped file will not be read again soon: the whole pages among them take no memory of
 * this process until they are. */
void rk_file_forget(const void *bytes, size_t size);

/* One word for people: "no such file", "is a folder", or the system's reason. */
const char *rk_file_problem_text(rk_file_problem problem);

/* `path` taken from the folder of `from` unless it is absolute; in the arena, NULL if memory is
 * out. */
char *rk_path_relative(rk_arena *arena, rk_str from, rk_str path);

/* A place in one of the texts of a compilation. len may be 0. */
typedef struct rk_span {
    uint32_t file; /* index in rk_texts; RK_NO_FILE: no place */
    uint32_t at;   /* byte offset */
    uint32_t len;
} rk_span;

#define RK_NO_FILE UINT32_MAX
#define RK_NO_SPAN ((rk_span){RK_NO_FILE, 0, 0})

typedef struct rk_text {
    rk_str name; /* as shown to people */
    rk_str text;
    uint32_t hidden; /* bytes before what people wrote: whole lines, which are not counted */
} rk_text;

typedef struct rk_texts {
    RK_VEC(rk_text) items;
} rk_texts;

/* Files that are in memory, by the names under which they are asked for. */
typedef struct rk_files {
    const rk_text *items;
    uint32_t n;
} rk_files;

/* The bytes of a file, or NULL when it is not there; files may be NULL. */
const rk_str *rk_files_find(const rk_files *files, rk_str name);

typedef struct rk_place {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in code points */
    rk_str source;   /* the whole line, without its end */
    uint32_t offset; /* of the place in that line, in bytes */
} rk_place;

/* Line and column of a span's start. */
rk_place rk_text_place(const rk_text *text, uint32_t at);

/* From the start of a to the end of b; both in one file. */
static inline rk_span rk_span_join(rk_span a, rk_span b)
{
    if (a.file != b.file || b.at < a.at)
        return a;
    return (rk_span){a.file, a.at, b.at + b.len - a.at};
}

#endif
