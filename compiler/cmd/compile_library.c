/* rankc compile --emit=so: a shared library with one function, and its header. The library is a few
 * lines of C around a bundle, which the C compiler of the machine makes and links with librank. */
#include "compiler/cmd/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/driver/library.h"

extern char **environ;

/* The names of files in a folder of their own, where the compiler runs. */
static const char *const workfiles[] = {"library.h", "library.c", "bundle", "library.so", "said"};

typedef struct linking {
    compilation *k;
    const char *out;    /* libNAME.so */
    const char *header; /* NAME.h beside it */
    rk_library made;
    char folder[256];
} linking;

/* ---- names ---- */

/* `dir/libshop.so` gives the name `shop`. */
static rk_status find_name(linking *l)
{
    cmd *const c = l->k->c;
    const char *const slash = strrchr(l->out, '/');
    const char *name = slash ? slash + 1 : l->out;
    name += strncmp(name, "lib", 3) == 0 ? 3 : 0;
    const char *const dot = strchr(name, '.');
    const rk_str word = {name, dot ? (size_t)(dot - name) : strlen(name)};
    if (!rk_library_is_name(word))
        return cmd_usage(
            c,
            "`%s` names the functions of the library `%.*s`, which is no free name in C: "
            "-o gives another, as in -o libshop.so",
            l->out, RK_STR_ARG(word));
    l->made.name = rk_arena_copy(&c->arena, word.data, word.len);
    const size_t folder = slash ? (size_t)(slash - l->out) + 1 : 0;
    char *const header = rk_arena_alloc(&c->arena, folder + word.len + 3);
    if (!l->made.name || !header)
        return RK_ENOMEM;
    snprintf(header, folder + word.len + 3, "%.*s%s.h", (int)folder, l->out, l->made.name);
    l->header = header;
    return RK_OK;
}

/* ---- the folder ---- */

static const char *in_folder(const linking *l, const char *name)
{
    const size_t room = strlen(l->folder) + strlen(name) + 2;
    char *const path = rk_arena_alloc(&l->k->c->arena, room);
    if (path)
        snprintf(path, room, "%s/%s", l->folder, name);
    return path;
}

static rk_status open_folder(linking *l)
{
    const char *const temporary = getenv("TMPDIR");
    const char *const at = temporary && *temporary ? temporary : "/tmp";
    const int len = snprintf(l->folder, sizeof l->folder, "%s/rankc.XXXXXX", at);
    if (len > 0 && (size_t)len < sizeof l->folder && mkdtemp(l->folder))
        return RK_OK;
    l->folder[0] = '\0';
    cmd_note(l->k->c, "no folder to compile in: %s", strerror(errno));
    return RK_EFILE;
}

static void close_folder(const linking *l)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(workfiles) && *l->folder; i++) {
        const char *const path = in_folder(l, workfiles[i]);
        if (path)
            unlink(path);
    }
    if (*l->folder)
        rmdir(l->folder);
}

static rk_status write_work(linking *l, const char *name, rk_str bytes)
{
    const char *const path = in_folder(l, name);
    return path ? cmd_write_file(l->k->c, path, bytes) : RK_ENOMEM;
}

/* ---- the C compiler ---- */

typedef RK_VEC(char *) argv_words;

static bool add_word(cmd *c, argv_words *words, const char *word)
{
    char *const copy = rk_arena_copy(&c->arena, word, strlen(word));
    return copy && rk_vec_push(&c->arena, words, copy);
}

/* The words of a variable of the environment, between spaces. */
static bool add_variable(cmd *c, argv_words *words, const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    if (!value || !*value)
        value = otherwise;
    while (*(value += strspn(value, " "))) {
        const size_t len = strcspn(value, " ");
        char *const copy = rk_arena_copy(&c->arena, value, len);
        if (!copy || !rk_vec_push(&c->arena, words, copy))
            return false;
        value += len;
    }
    return true;
}

/* What the user sets goes before what was installed. */
static bool command_line(cmd *c, argv_words *words)
{
    static const char *const own[] = {
        "-std=c11", "-O2",        "-fPIC",    "-shared", "-fvisibility=hidden",
        "-o",       "library.so", "library.c"};
    bool fine = add_variable(c, words, "CC", "cc") && add_variable(c, words, "CPPFLAGS", "") &&
                add_variable(c, words, "CFLAGS", "");
    for (size_t i = 0; i < RK_ARRAY_LEN(own); i++)
        fine = fine && add_word(c, words, own[i]);
    return fine && add_word(c, words, "-I" RK_PKGINCLUDEDIR) &&
           add_variable(c, words, "LDFLAGS", "") && add_word(c, words, "-L" RK_LIBDIR) &&
           add_word(c, words, "-lrank") && add_word(c, words, "-Wl,-z,defs") &&
           rk_vec_push(&c->arena, words, NULL);
}

/* Runs it in the folder; what it says goes to a file there. 0, or why it did not start. */
static int spawn(const linking *l, char *const *words, int *status)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    int error = posix_spawn_file_actions_addchdir_np(&actions, l->folder);
    if (!error)
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "said",
                                                 O_WRONLY | O_CREAT, 0600);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(&child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (!error && waitpid(child, status, 0) < 0)
        error = errno == EINTR ? 0 : errno;
    return error;
}

/* The words of a compiler differ, but not the names in them. */
static bool misses_librank(rk_str said)
{
    static const char *const names[] = {"rank_packed.h", "-lrank"};
    for (size_t i = 0; i < RK_ARRAY_LEN(names); i++)
        if (said.len && memmem(said.data, said.len, names[i], strlen(names[i])))
            return true;
    return false;
}

static rk_status cannot_link(linking *l, const char *compiler, const char *reason)
{
    rk_mapping said = {0};
    rk_diags *const diags = &l->k->program.compiled.cx.diags;
    const char *const path = in_folder(l, "said");
    rk_diag *const diag =
        rk_error(diags, RK_E0603, RK_NO_SPAN, "the C compiler `%s` %s", compiler, reason);
    const bool spoke = path && rk_file_map(path, &said) == RK_FILE_FINE;
    if (spoke && misses_librank(said.text))
        rk_diag_help(diags, diag,
                     "librank must be installed, or CPPFLAGS and LDFLAGS say where it is, as in "
                     "CPPFLAGS=-I/opt/rank/include/rankc LDFLAGS=-L/opt/rank/lib");
    cmd_report(l->k->c, &l->k->program);
    if (spoke)
        rk_buf_add(&l->k->c->err.buf, said.text);
    rk_file_unmap(&said);
    return RK_EFILE;
}

static rk_status run_compiler(linking *l)
{
    argv_words words = {0};
    int status = 0;
    if (!command_line(l->k->c, &words))
        return RK_ENOMEM;
    const int error = spawn(l, words.items, &status);
    if (error)
        return cannot_link(l, words.items[0],
                           error == ENOENT ? "is not there" : "cannot be started");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return cannot_link(l, words.items[0], "could not make the library");
    return RK_OK;
}

/* ---- the whole ---- */

static rk_status write_sources(linking *l, rk_buf *header, rk_buf *source)
{
    rk_arena *const arena = &l->k->c->arena;
    rk_buf why = {0};
    const rk_status status = rk_library_header(&l->made, arena, header, &why);
    if (status == RK_EUSAGE)
        cmd_usage(l->k->c, "%.*s", RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    RK_TRY(status);
    RK_TRY(rk_library_source(&l->made, arena, "library.h", "bundle", source));
    RK_TRY(write_work(l, "library.h", rk_buf_str(header)));
    return write_work(l, "library.c", rk_buf_str(source));
}

static rk_status write_bundle(linking *l)
{
    cmd_plans plans = {0};
    rk_buf bytes = {0};
    if (!rk_vec_push(&l->k->c->arena, &plans, l->k->plan))
        return RK_ENOMEM;
    rk_status status = cmd_make_bundle(l->k, &plans, &bytes);
    if (status == RK_OK)
        status = write_work(l, "bundle", rk_buf_str(&bytes));
    rk_buf_free(&bytes);
    return status;
}

/* The header comes last: it is of no use without the library. */
static rk_status take_out(linking *l, const rk_buf *header)
{
    rk_mapping made;
    const char *const path = in_folder(l, "library.so");
    if (!path)
        return RK_ENOMEM;
    if (rk_file_map(path, &made) != RK_FILE_FINE)
        return cannot_link(l, "cc", "made no library");
    const rk_status status = cmd_write_file(l->k->c, l->out, made.text);
    rk_file_unmap(&made);
    RK_TRY(status);
    RK_TRY(cmd_write_file(l->k->c, l->header, rk_buf_str(header)));
    cmd_say_written(l->k->c, l->out);
    cmd_say_written(l->k->c, l->header);
    return RK_OK;
}

static rk_status make(linking *l, rk_buf *header, rk_buf *source)
{
    RK_TRY(open_folder(l));
    RK_TRY(write_sources(l, header, source));
    RK_TRY(write_bundle(l));
    RK_TRY(run_compiler(l));
    return take_out(l, header);
}

rk_status cmd_compile_library(compilation *k)
{
    rk_buf header = {0}, source = {0};
    linking l = {.k = k};
    l.made = (rk_library){.program = rk_str_from(k->path), .plan = k->plan};
    RK_TRY(cmd_pick_output(k, "lib", ".so", &l.out));
    if (strcmp(l.out, "-") == 0)
        return cmd_usage(k->c, "a library cannot go to standard output: -o names a file, as in "
                               "-o libshop.so");
    RK_TRY(find_name(&l));
    const rk_status status = make(&l, &header, &source);
    close_folder(&l);
    rk_buf_free(&header);
    rk_buf_free(&source);
    return status;
}
