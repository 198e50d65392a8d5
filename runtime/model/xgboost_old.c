/* Files of XGBoost that are no models as we read them: the binary format of versions before 3.1, a
 * booster in memory (what pickle holds), and dumps for people, whose numbers are rounded. Each is
 * told by its content, so that the error can say what to do instead of calling the file damaged. */
#include "runtime/model/xgboost.h"

/* Of the head of a binary file: parameters of the learner, then the length and name of the
 * objective. */
enum { PARAM_SIZE = 136 };

static bool begins(rk_str s, const char *word)
{
    const size_t len = strlen(word);
    return s.len >= len && memcmp(s.data, word, len) == 0;
}

static bool names_objective(rk_str s)
{
    static const char *const kinds[] = {
        "binary:", "count:", "multi:", "rank:", "reg:", "survival:"};
    for (size_t i = 0; i < RK_ARRAY_LEN(kinds); i++)
        if (begins(s, kinds[i]))
            return true;
    return false;
}

static bool is_binary(rk_str head)
{
    if (begins(head, "CONFIG-offset:") || begins(head, "binf"))
        return true;
    if (head.len < PARAM_SIZE + 8)
        return false;
    uint64_t len = 0; /* little-endian */
    for (size_t i = 8; i-- > 0;)
        len = len << 8 | (unsigned char)head.data[PARAM_SIZE + i];
    return len < 64 &&
           names_objective((rk_str){head.data + PARAM_SIZE + 8, head.len - PARAM_SIZE - 8});
}

static bool is_dump(rk_str head)
{
    size_t at = 0;
    while (at < head.len && (unsigned char)head.data[at] <= ' ')
        at++;
    const rk_str rest = {head.data + at, head.len - at};
    return begins(rest, "booster[0]:") ||
           (begins(rest, "[") && memmem(rest.data, rest.len, "\"nodeid\"", 8) != NULL);
}

static rk_status refuse(const rk_model_spec *spec, rk_diags *diags, const char *what,
                        const char *help)
{
    rk_diag *const diag =
        rk_error(diags, RK_E0541, spec->span, "`%.*s` is %s", RK_STR_ARG(spec->path), what);
    rk_diag_help(diags, diag, "%s", help);
    return RK_EDATA;
}

static rk_status load_binary(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                             rk_diags *diags, rk_model *out)
{
    (void)bytes, (void)arena, (void)out;
    return refuse(spec, diags, "in the old binary format of XGBoost, which is not read",
                  "convert it with a version of XGBoost from 1.0 to 3.0: "
                  "xgboost.Booster(model_file=\"old.model\").save_model(\"new.json\")");
}

static rk_status load_dump(const rk_model_spec *spec, rk_str bytes, rk_arena *arena,
                           rk_diags *diags, rk_model *out)
{
    (void)bytes, (void)arena, (void)out;
    return refuse(spec, diags, "a dump of an XGBoost model, which lacks a part of it",
                  "dump_model writes for people; save the model with save_model(\"model.json\")");
}

const rk_model_format rk_model_xgboost_binary = {"XGBoost binary", NULL, is_binary, load_binary};

const rk_model_format rk_model_xgboost_dump = {"XGBoost dump", NULL, is_dump, load_dump};
