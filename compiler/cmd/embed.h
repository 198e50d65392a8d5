/* rankc embed, from above: embed.c goes through the rows, embed_needs.c says which rows they are
 * and that no request is needed, embed_file.c writes, embed_resume.c remembers how far it came. */
#ifndef RK_CMD_EMBED_H
#define RK_CMD_EMBED_H

#include "compiler/cmd/watch.h"
#include "runtime/plan/bytes.h"

/* ---- embed_needs.c ---- */

/* The value that is kept. */
typedef struct embed_wish {
    uint32_t factor; /* in the module */
    uint32_t source; /* in the module: whose rows are meant */
    uint32_t dim;    /* numbers of a value */
    bool vector;     /* else one float */
} embed_wish;

/* Checks that the shown factor is a vector or a float and needs no request, and finds its source;
 * says what is wrong. */
RK_NODISCARD rk_status embed_find(cmd *c, cmd_program *program, embed_wish *out);

/* ---- embed_file.c ---- */

/* How far the work is: what is kept on the disk for the next time, too. */
typedef struct embed_state {
    uint64_t done;    /* rows of the source that are done */
    uint64_t kept;    /* of them in the file */
    uint64_t vectors; /* bytes of OUT.part that count */
    uint64_t ids;     /* the same of the ids' */
} embed_state;

/* OUT and the ids, under other names until they are whole. */
typedef struct embed_file {
    cmd *c;
    const char *path, *ids_path; /* as they will be called */
    const char *part, *ids_part; /* as they are called meanwhile */
    const char *note;            /* the file that holds the state */
    bool npy;                    /* else fvecs */
    uint32_t dim;
    rk_digest inputs;    /* of everything that the bytes depend on */
    int fd, ids_fd;      /* -1: not open */
    rk_buf vectors, ids; /* that are not written yet */
    uint32_t added;      /* rows of them */
    embed_state state;
} embed_file;

/* A file with its names, from -o and --ids. */
RK_NODISCARD rk_status embed_file_name(cmd *c, embed_file *out);
/* Opens the parts, either at a state that fits the inputs or empty. Must be closed, also after a
 * failure. */
RK_NODISCARD rk_status embed_file_open(embed_file *file);
/* Adds a row. RK_EDATA with a message when its id cannot be a line. */
RK_NODISCARD rk_status embed_file_add(embed_file *file, const float *numbers, rk_value id,
                                      const rk_atoms *strings);
/* Writes what was added up to row `done` of the source. */
RK_NODISCARD rk_status embed_file_write(embed_file *file, uint64_t done);
/* Gives the files their names. */
RK_NODISCARD rk_status embed_file_finish(embed_file *file);
/* Takes away what is of no use the next time. */
void embed_file_drop(const embed_file *file);
void embed_file_close(embed_file *file);
/* Says that a file cannot be written, by errno. */
rk_status embed_file_fail(const embed_file *file, const char *path);

/* ---- embed_resume.c ---- */

/* What the bytes of OUT depend on: the plan, the files of its sources, the form of OUT. */
RK_NODISCARD rk_status embed_digest(cmd *c, const rk_plan *plan, embed_file *file);
/* The state that an earlier run left for the same inputs, else an empty one; tells people which. */
RK_NODISCARD rk_status embed_resume(embed_file *file);
/* Keeps the state, with what it counts on the disk. */
RK_NODISCARD rk_status embed_keep(embed_file *file);

#endif
