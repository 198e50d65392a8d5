/* rankc model verify: compares a model with what the library that trained it says of some rows. */
#include "compiler/cmd/model.h"

#include <inttypes.h>

#include "compiler/cmd/table.h"
#include "compiler/driver/golden.h"

typedef struct verification {
    cmd *c;
    cmd_model model;
    rk_golden_spec spec;
    rk_golden golden;
} verification;

/* --golden, or the model's own. */
static rk_status find_golden(verification *v)
{
    rk_buf path = {0};
    if (v->c->given[CMD_GOLDEN])
        rk_buf_add(&path, v->c->text[CMD_GOLDEN]);
    else
        rk_buf_printf(&path, "%s" RK_GOLDEN_SUFFIX, v->model.path);
    const char *const copy = rk_arena_copy(&v->c->arena, path.data, path.len);
    v->spec.path = (rk_str){copy, path.len};
    rk_buf_free(&path);
    return copy ? RK_OK : RK_ENOMEM;
}

/* ---- text ---- */

enum { LINE, COLUMN, WANT, HAVE, ULP, N_COLUMNS };

static void add_distance(const rk_golden_fault *fault, rk_buf *out)
{
    if (fault->ulp == UINT64_MAX)
        rk_buf_add_char(out, '-');
    else
        rk_buf_printf(out, "%" PRIu64, fault->ulp);
}

static bool add_fault(const verification *v, cmd_column *columns, const rk_golden_fault *fault)
{
    rk_buf cells[N_COLUMNS] = {0};
    bool fine = true;
    rk_buf_printf(&cells[LINE], "%" PRIu64, fault->line);
    rk_buf_add_chars(&cells[COLUMN], fault->column);
    rk_golden_print(v->spec.stored.model, fault->want, &cells[WANT]);
    rk_golden_print(v->spec.stored.model, fault->have, &cells[HAVE]);
    add_distance(fault, &cells[ULP]);
    for (uint32_t i = 0; i < N_COLUMNS; i++) {
        fine = fine && !cells[i].failed &&
               cmd_column_add(&columns[i], &v->c->arena, rk_buf_str(&cells[i]));
        rk_buf_free(&cells[i]);
    }
    return fine;
}

static rk_status print_faults(const verification *v)
{
    static const char *const titles[N_COLUMNS] = {"line", "column", "golden", "model", "ulp"};
    cmd_column columns[N_COLUMNS] = {[LINE] = {.right = true}, [ULP] = {.right = true}};
    bool fine = true;
    for (uint32_t i = 0; i < N_COLUMNS; i++)
        fine = fine && cmd_column_add(&columns[i], &v->c->arena, rk_str_from(titles[i]));
    for (uint32_t i = 0; i < v->golden.n_faults; i++)
        fine = fine && add_fault(v, columns, &v->golden.faults[i]);
    for (uint32_t i = 0; fine && i <= v->golden.n_faults; i++)
        cmd_columns_print(columns, N_COLUMNS, i, &v->c->out.buf);
    cmd_columns_free(columns, N_COLUMNS);
    return fine ? RK_OK : RK_ENOMEM;
}

static const char *what(const verification *v)
{
    return v->golden.has_score ? "raw and score" : v->golden.by_output ? "outputs" : "raw";
}

static rk_status print_text(const verification *v)
{
    const rk_golden *const golden = &v->golden;
    if (golden->n_faults)
        RK_TRY(print_faults(v));
    rk_buf_printf(&v->c->out.buf, "%s: ", v->model.path);
    if (golden->n_different)
        rk_buf_printf(&v->c->out.buf, "%u of ", golden->n_different);
    rk_buf_printf(&v->c->out.buf, "%u row%s, %s: %s\n", golden->n_rows,
                  golden->n_rows == 1 ? "" : "s", what(v),
                  golden->n_different ? "other than in the golden" : "as in the golden");
    if (v->model.model->shape == RK_MODEL_NETWORK)
        rk_buf_printf(&v->c->out.buf, "the largest difference is %.2g\n", golden->apart);
    return RK_OK;
}

/* ---- JSON ---- */

/* NaN and infinities stand in quotes. */
static void json_number(const verification *v, double value, rk_buf *out)
{
    const char *const quote = value - value != 0 ? "\"" : "";
    rk_buf_add_chars(out, quote);
    rk_golden_print(v->spec.stored.model, value, out);
    rk_buf_add_chars(out, quote);
}

static void json_double(double value, rk_buf *out)
{
    char text[32];
    const size_t len = rk_double_print(value, text);
    const char *const quote = value - value != 0 ? "\"" : "";
    rk_buf_printf(out, "%s%.*s%s", quote, (int)len, text, quote);
}

static void print_json(const verification *v)
{
    const rk_golden *const golden = &v->golden;
    rk_buf *const out = &v->c->out.buf;
    rk_buf_add_chars(out, "{\"file\": ");
    rk_buf_add_json(out, rk_str_from(v->model.path));
    rk_buf_add_chars(out, ", \"golden\": ");
    rk_buf_add_json(out, v->spec.path);
    rk_buf_printf(out, ", \"rows\": %u, \"different\": %u, \"score\": %s, \"first\": [",
                  golden->n_rows, golden->n_different, golden->has_score ? "true" : "false");
    for (uint32_t i = 0; i < golden->n_faults; i++) {
        const rk_golden_fault *const fault = &golden->faults[i];
        rk_buf_printf(out,
                      "%s{\"line\": %" PRIu64 ", \"column\": \"%s\", \"golden\": ", i ? ", " : "",
                      fault->line, fault->column);
        json_number(v, fault->want, out);
        rk_buf_add_chars(out, ", \"model\": ");
        json_number(v, fault->have, out);
        if (fault->ulp != UINT64_MAX)
            rk_buf_printf(out, ", \"ulp\": %" PRIu64, fault->ulp);
        rk_buf_add_char(out, '}');
    }
    rk_buf_add_char(out, ']');
    if (v->model.model->shape == RK_MODEL_NETWORK) {
        rk_buf_add_chars(out, ", \"apart\": ");
        json_double(golden->apart, out);
    }
    rk_buf_add_chars(out, "}\n");
}

/* ---- the command ---- */

/* Its own golden is not there: perhaps there is another, or none yet. */
static void help_absent(verification *v)
{
    rk_diags *const diags = &v->model.diags;
    const uint32_t n = diags->items.len;
    if (!v->c->given[CMD_GOLDEN] && n && diags->items.items[n - 1]->code == RK_E0601)
        rk_diag_help(
            diags, diags->items.items[n - 1],
            "--golden ROWS names another file; `rankc help model verify` tells what is in one");
}

static rk_status verify(verification *v)
{
    RK_TRY(find_golden(v));
    v->spec.models = &v->model.models;
    v->spec.stored = v->model.stored;
    const rk_status status = rk_golden_compare(&v->spec, &v->model.diags, &v->golden);
    if (status != RK_OK)
        help_absent(v);
    RK_TRY(status);
    if (cmd_format_is(v->c, "text"))
        RK_TRY(print_text(v));
    else
        print_json(v);
    return v->golden.n_different ? RK_ETEST : RK_OK;
}

rk_status cmd_model_verify(cmd *c, const char *path)
{
    verification v = {.c = c, .spec = {.span = RK_NO_SPAN, .cpu = c->cpu}};
    rk_status status = cmd_model_open(c, path, &v.model);
    if (status == RK_OK)
        status = verify(&v);
    cmd_model_report(c, &v.model);
    cmd_model_close(&v.model);
    return status;
}
