/* The runner of case files, `rankc test --cases`: each case is a program, a request and what is
 * expected, run inside this process, in a folder of its own, once for each vector level. */
#include "compiler/cmd/case_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct case_runner {
    cmd *c;
    rk_str path;       /* of the case file */
    char folder[4096]; /* where programs run */
    rk_buf updated;    /* --update: the case file as it should be */
    size_t copied;     /* bytes of the case file that are in `updated` */
    rk_program_options engine;
    uint32_t passed, failed;
} case_runner;

/* ---- the folder ---- */

static bool write_file(rk_str name, rk_str text)
{
    char path[256];
    if (name.len == 0 || name.len >= sizeof path || name.data[0] == '/' || name.data[0] == '.')
        return false;
    memcpy(path, name.data, name.len);
    path[name.len] = '\0';
    if (path[name.len - 1] == '/')
        return mkdir(path, 0700) == 0 || errno == EEXIST;
    FILE *const file = fopen(path, "wb");
    if (!file)
        return false;
    const bool fine = fwrite(text.data ? text.data : "", 1, text.len, file) == text.len;
    return fclose(file) == 0 && fine;
}

static void remove_file(rk_str name)
{
    char path[256];
    snprintf(path, sizeof path, "%.*s", RK_STR_ARG(name));
    remove(path);
}

static bool write_files(const case_entry *entry)
{
    bool fine = write_file(RK_STR("case.rank"), entry->program);
    if (entry->request.len)
        fine = fine && write_file(RK_STR("requests"), entry->request);
    for (uint32_t i = 0; i < entry->files.len; i++)
        fine = fine && write_file(entry->files.items[i].name, entry->files.items[i].text);
    return fine;
}

static void remove_files(const case_entry *entry)
{
    remove_file(RK_STR("case.rank"));
    remove_file(RK_STR("requests"));
    for (uint32_t i = 0; i < entry->files.len; i++)
        remove_file(entry->files.items[i].name);
}

/* ---- one run ---- */

/* The command line of a case. */
static bool words_of(rk_arena *arena, const case_entry *entry, case_words *words)
{
    static const char *const run[] = {"run", "--format=jsonl"};
    bool fine = true;
    for (size_t i = 0; i < RK_ARRAY_LEN(run) && !entry->own_command; i++)
        fine = fine && rk_vec_push(arena, words, run[i]);
    fine = fine && case_split(arena, entry->words, words);
    if (entry->is_value)
        fine = fine && rk_vec_push(arena, words, "--show=value");
    if (entry->request.len)
        fine = fine && rk_vec_push(arena, words, "--requests=requests");
    return fine && rk_vec_push(arena, words, "case.rank");
}

static void add_lines(rk_str text, rk_buf *out)
{
    for (size_t at = 0; at < text.len;) {
        const char *const start = text.data + at;
        const char *const newline = memchr(start, '\n', text.len - at);
        const size_t len = newline ? (size_t)(newline - start) : text.len - at;
        if (len) {
            rk_buf_add(out, (rk_str){start, len});
            rk_buf_add_char(out, '\n');
        }
        at += len + 1;
    }
}

/* What the command said, stdout before stderr, without empty lines. */
static rk_status say(const case_runner *r, const case_entry *entry, rk_cpu_level cpu, rk_buf *said)
{
    cmd c;
    case_words words = {0};
    cmd_init(&c, -1, -1);
    c.cpu = cpu;
    c.in_case = true;
    c.engine = r->engine;
    c.diag_text = entry->fails || !entry->own_command;
    c.values = entry->is_value;
    rk_status status = RK_ENOMEM;
    if (words_of(&c.arena, entry, &words))
        status = cmd_main(&c, (int)words.len, words.items);
    add_lines(rk_buf_str(&c.out.buf), said);
    add_lines(rk_buf_str(&c.err.buf), said);
    cmd_free(&c);
    return status;
}

/* ---- comparing ---- */

static void print_marked(rk_str text, char mark, rk_buf *out)
{
    for (size_t at = 0; at < text.len;) {
        const char *const start = text.data + at;
        const char *const newline = memchr(start, '\n', text.len - at);
        const size_t len = newline ? (size_t)(newline - start) : text.len - at;
        rk_buf_printf(out, "  %c %.*s\n", mark, (int)len, start);
        at += len + 1;
    }
}

/* Bytes of whole lines that both begin with. */
static size_t common_lines(rk_str a, rk_str b)
{
    size_t at = 0, common = 0;
    for (; at < a.len && at < b.len && a.data[at] == b.data[at]; at++)
        if (a.data[at] == '\n')
            common = at + 1;
    return common;
}

static void print_failure(case_runner *r, const case_entry *entry, const char *why, rk_str said)
{
    rk_buf *const out = &r->c->out.buf;
    const size_t common = common_lines(entry->expected, said);
    rk_buf_printf(out, "FAIL  %.*s:%u: %.*s\n      %s\n", RK_STR_ARG(r->path), entry->line,
                  RK_STR_ARG(entry->title), why);
    print_marked((rk_str){said.data, common}, ' ', out);
    print_marked((rk_str){entry->expected.data + common, entry->expected.len - common}, '-', out);
    print_marked((rk_str){said.data + common, said.len - common}, '+', out);
    r->failed++;
}

/* Puts what was said in the place of what was expected. */
static void update(case_runner *r, const case_entry *entry, rk_str text, rk_str said)
{
    rk_buf_add(&r->updated, (rk_str){text.data + r->copied, entry->expected_at - r->copied});
    rk_buf_add(&r->updated, said);
    r->copied = entry->expected_at + entry->expected_len;
}

static bool status_fits(const case_entry *entry, rk_status status)
{
    const int code = status == RK_ENOMEM ? (int)RK_ELIMIT : (int)status;
    if (!entry->fails)
        return code == 0;
    return entry->status ? code == entry->status : code != 0;
}

static void judge(case_runner *r, const case_entry *entry, rk_str text, rk_cpu_level cpu,
                  rk_status status, rk_str said, bool *fine)
{
    char why[80];
    if (!status_fits(entry, status)) {
        snprintf(why, sizeof why, "the exit status is %d, with RANK_CPU=%s", (int)status,
                 rk_cpu_name(cpu));
        print_failure(r, entry, why, said);
        *fine = false;
    } else if (!rk_str_eq(said, entry->expected)) {
        if (r->c->given[CMD_UPDATE] && cpu == RK_CPU_SCALAR)
            update(r, entry, text, said);
        snprintf(why, sizeof why, "expected -, found + with RANK_CPU=%s", rk_cpu_name(cpu));
        print_failure(r, entry, why, said);
        *fine = false;
    }
}

static rk_status run_case(case_runner *r, const case_entry *entry, rk_str text)
{
    bool fine = true;
    if (!write_files(entry)) {
        print_failure(r, entry, "its files cannot be written", RK_STR(""));
        return RK_OK;
    }
    const bool native = r->engine.choice == RK_ENGINE_JIT1 || r->engine.choice == RK_ENGINE_JIT2;
    for (rk_cpu_level cpu = native ? RK_CPU_V3 : RK_CPU_SCALAR; cpu <= RK_CPU_V4 && fine; cpu++) {
        rk_buf said = {0};
        if (!rk_cpu_has(cpu))
            continue;
        const rk_status status = say(r, entry, cpu, &said);
        judge(r, entry, text, cpu, status, rk_buf_str(&said), &fine);
        rk_buf_free(&said);
    }
    r->passed += fine;
    remove_files(entry);
    return RK_OK;
}

/* ---- one file ---- */

static rk_status run_entries(case_runner *r, rk_str text)
{
    rk_arena arena; /* of one file */
    rk_arena_init(&arena);
    case_reader reader = {.arena = &arena, .path = r->path, .text = text, .line = 1};
    case_entry entry;
    rk_status status = RK_OK;
    while (status == RK_OK && case_next(&reader, &entry))
        status = run_case(r, &entry, text);
    if (reader.fault) {
        rk_buf_printf(&r->c->out.buf, "FAIL  %.*s:%u: %s\n", RK_STR_ARG(r->path), reader.line,
                      reader.fault);
        r->failed++;
    } else if (status == RK_OK && reader.at < text.len)
        status = RK_ENOMEM;
    rk_arena_free(&arena);
    return status;
}

/* In a folder of its own, from which it comes back. */
static rk_status run_inside(case_runner *r, rk_str text)
{
    const char *const temporary = getenv("TMPDIR");
    snprintf(r->folder, sizeof r->folder, "%s/rankc.XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    const int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (home < 0 || !mkdtemp(r->folder) || chdir(r->folder) != 0) {
        cmd_note(r->c, "no folder for the cases: %s", strerror(errno));
        if (home >= 0)
            close(home);
        return RK_EFILE;
    }
    rk_status status = run_entries(r, text);
    if (fchdir(home) != 0)
        status = RK_EFILE;
    close(home);
    rmdir(r->folder);
    return status;
}

static rk_status run_file(case_runner *r, const char *path)
{
    rk_mapping mapping;
    const rk_file_problem problem = rk_file_map(path, &mapping);
    if (problem != RK_FILE_FINE) {
        cmd_note(r->c, "`%s`: %s", path, rk_file_problem_text(problem));
        return RK_EFILE;
    }
    r->path = rk_str_from(path);
    r->updated = (rk_buf){0};
    r->copied = 0;
    rk_status status = run_inside(r, mapping.text);
    if (status == RK_OK && r->copied) {
        rk_buf_add(&r->updated,
                   (rk_str){mapping.text.data + r->copied, mapping.text.len - r->copied});
        status =
            r->updated.failed ? RK_ENOMEM : cmd_replace_file(r->c, path, rk_buf_str(&r->updated));
    }
    rk_buf_free(&r->updated);
    rk_file_unmap(&mapping);
    return status;
}

rk_status cmd_run_cases(cmd *c)
{
    case_runner r = {.c = c, .engine = cmd_engine(c)};
    if (!c->given[CMD_ENGINE])
        r.engine.choice = RK_ENGINE_INTERP;
    rk_status first = RK_OK;
    for (uint32_t i = 0; i < c->files.len && first != RK_ENOMEM; i++) {
        const rk_status status = run_file(&r, c->files.items[i]);
        if (first == RK_OK)
            first = status;
    }
    rk_buf_printf(&c->out.buf, "%u passed, %u failed\n", r.passed, r.failed);
    return first == RK_OK && r.failed ? RK_ETEST : first;
}
