/* A bundle in place of a program: the same requests, lists and messages, without the compiler. */
#include "compiler/cmd/rank.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/plan/bundle.h"

/* Only a plain file is looked into: what is read of a pipe would be lost to the program. */
bool cmd_begins_as_bundle(const char *path)
{
    char first[64];
    struct stat info;
    ssize_t n = 0;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        n = read(fd, first, sizeof first);
    close(fd);
    return n > 0 && rk_bundle_is((rk_str){first, (size_t)n});
}

bool cmd_is_bundle(const char *path)
{
    const char *const dot = strrchr(path, '.');
    return (dot && strcmp(dot, ".rankb") == 0) || cmd_begins_as_bundle(path);
}

rk_status cmd_refuse_bundle(cmd *c, const char *path)
{
    if (strcmp(path, "-") == 0)
        return cmd_usage(c, "standard input is a bundle: `rankc run` takes one by its name");
    return cmd_usage(c, "`%s` is compiled: only `rankc run` and `rankc metrics` take it", path);
}

/* ---- one bundle ---- */

typedef struct bundle_ranker {
    cmd *c;
    const char *path;
    rk_bundle bundle;
    rk_diags diags;
    uint32_t printed;
    uint32_t pipeline;
    rk_code code;
    bool has_code;
} bundle_ranker;

static rk_status check_words(cmd *c, const char *path)
{
    const cmd_option_id compiled[] = {CMD_SHOW, CMD_DEFINE, CMD_REVISION};
    for (size_t i = 0; i < RK_ARRAY_LEN(compiled); i++)
        if (c->given[compiled[i]])
            return cmd_usage(c, "`%s` is compiled: %s belongs to the `rankc compile` that makes it",
                             path, cmd_options[compiled[i]].name);
    if (c->given[CMD_DUMP] && !rk_str_eq(c->text[CMD_DUMP], RK_STR("plan")))
        return cmd_usage(c, "`%s` is compiled: it has a plan alone to dump", path);
    return RK_OK;
}

static rk_status pick(bundle_ranker *r)
{
    cmd_names names = {0};
    for (uint32_t i = 0; i < r->bundle.pipelines.len; i++) {
        const rk_str name = r->bundle.pipelines.items[i].name;
        if (name.len && !rk_vec_push(&r->c->arena, &names, name))
            return RK_ENOMEM;
    }
    RK_TRY(cmd_pick_name(r->c, &names, &r->pipeline));
    if (r->pipeline == RK_MAP_NONE)
        r->pipeline = 0; /* the one without a name */
    return r->pipeline < r->bundle.pipelines.len ? RK_OK : RK_EBUG;
}

/* A bundle without code for this machine is fine; damaged code is not. */
static rk_status find_code(bundle_ranker *r)
{
    rk_buf why = {0};
    const rk_engine_choice choice = cmd_engine(r->c).choice;
    if (choice == RK_ENGINE_INTERP || r->c->cpu < RK_CPU_V3)
        return RK_OK;
    const rk_status status = rk_bundle_code(&r->bundle, r->pipeline, r->c->cpu, &r->code, &why);
    r->has_code = status == RK_OK;
    if (status == RK_EDATA)
        rk_error(&r->diags, RK_E0612, RK_NO_SPAN, "code for %s in `%.*s` cannot be used: %.*s",
                 rk_cpu_name(r->c->cpu), RK_STR_ARG(r->bundle.name), RK_STR_ARG(rk_buf_str(&why)));
    rk_buf_free(&why);
    if (status == RK_EDATA)
        return rk_diags_status(&r->diags);
    return status == RK_EFILE ? RK_OK : status;
}

static rk_status open_bundle(bundle_ranker *r)
{
    RK_TRY(rk_bundle_open(&r->bundle, r->path, &r->diags));
    RK_TRY(pick(r));
    return find_code(r);
}

static rk_status rank(bundle_ranker *r, const cmd_taker *taker)
{
    const rk_plan *const plan = r->bundle.pipelines.items[r->pipeline].plan;
    rk_str *const shown = RK_NEW_ARRAY(&r->c->arena, rk_str, plan->shown.len);
    if (!shown)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < plan->shown.len; i++)
        shown[i] = plan->shown.items[i].name;
    if (r->c->given[CMD_DUMP]) {
        rk_plan_print(plan, &r->c->out.buf);
        return RK_OK;
    }
    const cmd_subject subject = {.plan = plan,
                                 .texts = &r->bundle.texts,
                                 .diags = &r->diags,
                                 .printed = &r->printed,
                                 .shown = shown,
                                 .n_shown = plan->shown.len,
                                 .ready = r->has_code ? &r->code : NULL,
                                 .files = &r->bundle.files};
    return cmd_rank(r->c, &subject, taker);
}

rk_status cmd_rank_bundle(cmd *c, const char *path, const cmd_taker *taker)
{
    bundle_ranker r = {.c = c, .path = path};
    RK_TRY(check_words(c, path));
    rk_diags_init(&r.diags, &c->arena);
    rk_status status = open_bundle(&r);
    cmd_report_diags(c, &r.diags, &r.bundle.texts, &r.printed);
    if (status == RK_OK)
        status = rank(&r, taker);
    if (!c->busy)
        rk_bundle_free(&r.bundle);
    return status;
}
