/* What a request of rank.h is made of: values and columns are checked as they are handed over, and
 * only remembered; api_run.c reads them. */
#include <inttypes.h>

#include "runtime/exec/api.h"

/* ---- checks ---- */

/* What a caller gave may be no kind at all. */
static bool is_kind(rank_kind kind) { return (unsigned)kind < RK_KIND_COUNT; }

static const char *type_text(rank_type type, rk_type_name *room)
{
    if (!is_kind(type.kind) || !is_kind(type.element))
        return "no type";
    *room = rk_type_text(
        (rk_type){.kind = (uint8_t)type.kind, .elem = (uint8_t)type.element, .dim = type.dim});
    return room->text;
}

static rank_status wrong_type(rank_context *cx, const char *what, const rank_field *field,
                              rank_type given)
{
    rk_type_name is, got;
    return rk_api_fail(cx, RANK_EUSAGE, "%s field `%s` is of type %s, and %s was given", what,
                       field->name, type_text(field->type, &is), type_text(given, &got));
}

static size_t align_of(rank_kind kind)
{
    if (kind == RANK_STRING)
        return _Alignof(rank_string);
    if (kind == RANK_LIST)
        return _Alignof(rank_slice);
    return rk_type_size((rk_type){.kind = (uint8_t)kind, .dim = 1});
}

/* Memory for n values of a kind: there, and aligned as C asks. */
static rank_status check_memory(rank_context *cx, const char *name, rank_kind kind,
                                const void *data, size_t n)
{
    const size_t align = align_of(kind);
    if (n > INT32_MAX)
        return rk_api_fail(cx, RANK_ELIMIT, "`%s`: %zu values are more than 2147483647", name, n);
    if (n && !data)
        return rk_api_fail(cx, RANK_EUSAGE, "`%s`: the values are NULL", name);
    if (align && (uintptr_t)data % align)
        return rk_api_fail(cx, RANK_EUSAGE, "`%s`: the values stand at no multiple of %zu bytes",
                           name, align);
    return RANK_OK;
}

static rank_status check_text(rank_context *cx, const char *name, size_t i, rank_string text)
{
    if (text.len && !text.data)
        return rk_api_fail(cx, RANK_EUSAGE, "`%s`: text %zu is NULL", name, i);
    const rk_str s = {text.data, text.len};
    if (text.len && rk_str_utf8_valid(s) != text.len)
        return rk_api_fail(cx, RANK_EDATA, "%s: text %zu of `%s` is not UTF-8",
                           rk_diag_code_name(RK_E0508), i, name);
    return RANK_OK;
}

static bool is_there(const uint64_t *present, size_t i)
{
    return !present || rk_bit_get(present, i);
}

/* Texts that are missing are not looked at. */
static rank_status check_texts(rank_context *cx, const char *name, const rank_string *texts,
                               const uint64_t *present, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const rank_status status =
            is_there(present, i) ? check_text(cx, name, i, texts[i]) : RANK_OK;
        if (status != RANK_OK)
            return status;
    }
    return RANK_OK;
}

/* ---- the query ---- */

/* NULL with words when there is none. */
static const rank_field *find_query(rank_context *cx, uint32_t field)
{
    const rank_info *const info = &cx->program->info;
    if (field < info->n_query)
        return &info->query[field];
    rk_api_fail(cx, RANK_EUSAGE, "there is no query field %" PRIu32 ": the program has %zu", field,
                info->n_query);
    return NULL;
}

/* The place of one value of a kind, or NULL: RANK_EUSAGE, with words. */
static rk_api_sent *place_of(rank_context *cx, uint32_t field, rank_kind kind)
{
    const rank_field *const f = cx ? find_query(cx, field) : NULL;
    if (!f)
        return NULL;
    if (f->type.kind != kind) {
        wrong_type(cx, "query", f, (rank_type){.kind = kind});
        return NULL;
    }
    rk_api_sent *const sent = &cx->query[field];
    sent->column = rank_column_of(kind, &sent->one, 1, 1);
    return sent;
}

rank_status rank_set_bool(rank_context *cx, uint32_t field, bool value)
{
    rk_api_sent *const sent = place_of(cx, field, RANK_BOOL);
    if (!sent)
        return RANK_EUSAGE;
    sent->one.b = value;
    return RANK_OK;
}

rank_status rank_set_int(rank_context *cx, uint32_t field, int64_t value)
{
    rk_api_sent *const sent = place_of(cx, field, RANK_INT);
    if (!sent)
        return RANK_EUSAGE;
    sent->one.i = value;
    return RANK_OK;
}

rank_status rank_set_float(rank_context *cx, uint32_t field, float value)
{
    rk_api_sent *const sent = place_of(cx, field, RANK_FLOAT);
    if (!sent)
        return RANK_EUSAGE;
    sent->one.f = value;
    return RANK_OK;
}

rank_status rank_set_double(rank_context *cx, uint32_t field, double value)
{
    rk_api_sent *const sent = place_of(cx, field, RANK_DOUBLE);
    if (!sent)
        return RANK_EUSAGE;
    sent->one.d = value;
    return RANK_OK;
}

rank_status rank_set_string(rank_context *cx, uint32_t field, const char *text, size_t len)
{
    rk_api_sent *const sent = place_of(cx, field, RANK_STRING);
    if (!sent)
        return RANK_EUSAGE;
    sent->one.s = (rank_string){text, len};
    const rank_status status = check_text(cx, cx->program->info.query[field].name, 0, sent->one.s);
    if (status != RANK_OK)
        sent->column.data = NULL;
    return status;
}

static bool fits_list(const rank_field *field, const rank_column *values)
{
    if (field->type.kind == RANK_VECTOR)
        return values->type.kind == RANK_FLOAT && values->n == field->type.dim;
    return field->type.kind == RANK_LIST && values->type.kind == field->type.element;
}

/* What was given for a list or vector, as a type for people. */
static rank_type given_list(const rank_field *field, const rank_column *values)
{
    if (field->type.kind == RANK_VECTOR && values->type.kind == RANK_FLOAT)
        return (rank_type){.kind = RANK_VECTOR, .dim = (uint32_t)values->n};
    return (rank_type){.kind = RANK_LIST, .element = values->type.kind};
}

static bool is_scalar(rank_kind kind) { return kind >= RANK_BOOL && kind <= RANK_STRING; }

rank_status rank_set_list(rank_context *cx, uint32_t field, rank_column values)
{
    const rank_field *const f = cx ? find_query(cx, field) : NULL;
    if (!f)
        return RANK_EUSAGE;
    if (!is_scalar(values.type.kind) || values.present)
        return rk_api_fail(cx, RANK_EUSAGE,
                           "the elements of query field `%s` must be scalars, all there", f->name);
    if (!fits_list(f, &values))
        return wrong_type(cx, "query", f, given_list(f, &values));
    rank_status status = check_memory(cx, f->name, values.type.kind, values.data, values.n);
    if (status == RANK_OK && values.type.kind == RANK_STRING)
        status = check_texts(cx, f->name, values.data, NULL, values.n);
    if (status != RANK_OK)
        return status;
    cx->query[field].column = values;
    if (!values.data) /* an empty list is not a missing one */
        cx->query[field].column.data = &cx->query[field].one;
    return RANK_OK;
}

rank_status rank_set_missing(rank_context *cx, uint32_t field)
{
    if (!cx || !find_query(cx, field))
        return RANK_EUSAGE;
    cx->query[field].column = (rank_column){0};
    return RANK_OK;
}

/* ---- items ---- */

static void forget_items(rank_context *cx)
{
    memset(cx->item, 0, cx->program->info.n_item * sizeof *cx->item);
    cx->has_ids = false;
}

static rank_status set_ids(rank_context *cx, rank_column ids)
{
    const rank_info *const info = &cx->program->info;
    rk_type_name is, got;
    forget_items(cx);
    if (info->id_kind != ids.type.kind)
        return rk_api_fail(cx, RANK_EUSAGE, "item.id is of type %s, and %s was given",
                           type_text((rank_type){.kind = info->id_kind}, &is),
                           type_text(ids.type, &got));
    rank_status status = check_memory(cx, "id", ids.type.kind, ids.data, ids.n);
    if (status == RANK_OK && ids.type.kind == RANK_STRING)
        status = check_texts(cx, "id", ids.data, NULL, ids.n);
    if (status != RANK_OK)
        return status;
    cx->ids = ids;
    cx->has_ids = true;
    return RANK_OK;
}

rank_status rank_set_ids(rank_context *cx, const int64_t *ids, size_t n)
{
    return cx ? set_ids(cx, rank_ints(ids, n, n)) : RANK_EUSAGE;
}

rank_status rank_set_string_ids(rank_context *cx, const rank_string *ids, size_t n)
{
    return cx ? set_ids(cx, rank_strings(ids, n)) : RANK_EUSAGE;
}

static bool fits_item(const rank_type *type, const rank_type *given)
{
    return type->kind == given->kind &&
           (type->kind != RANK_LIST || type->element == given->element) &&
           (type->kind != RANK_VECTOR || type->dim == given->dim);
}

/* Slices stay inside of the elements, those of missing lists too. */
static rank_status check_lists(rank_context *cx, const char *name, const rank_column *values)
{
    const rank_slice *const slices = values->data;
    const rank_status status =
        check_memory(cx, name, values->type.element, values->elements, values->n_elements);
    if (status != RANK_OK)
        return status;
    for (size_t i = 0; i < values->n; i++)
        if (slices[i].at > values->n_elements || slices[i].len > values->n_elements - slices[i].at)
            return rk_api_fail(cx, RANK_EUSAGE, "`%s`: list %zu reaches beyond the %zu elements",
                               name, i, values->n_elements);
    if (values->type.element == RANK_STRING)
        return check_texts(cx, name, values->elements, NULL, values->n_elements);
    return RANK_OK;
}

static rank_status check_item(rank_context *cx, const rank_field *field, const rank_column *values)
{
    if (!fits_item(&field->type, &values->type))
        return wrong_type(cx, "item", field, values->type);
    if (!cx->has_ids)
        return rk_api_fail(cx, RANK_EUSAGE, "`%s` was given before the ids of the items",
                           field->name);
    if (values->n != cx->ids.n)
        return rk_api_fail(cx, RANK_EUSAGE, "`%s` has %zu values for %zu ids", field->name,
                           values->n, cx->ids.n);
    const rank_status status =
        check_memory(cx, field->name, values->type.kind, values->data, values->n);
    if (status != RANK_OK)
        return status;
    if (values->type.kind == RANK_LIST)
        return check_lists(cx, field->name, values);
    if (values->type.kind == RANK_STRING)
        return check_texts(cx, field->name, values->data, values->present, values->n);
    return RANK_OK;
}

rank_status rank_set_item(rank_context *cx, uint32_t field, rank_column values)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    if (field >= info->n_item)
        return rk_api_fail(cx, RANK_EUSAGE,
                           "there is no item field %" PRIu32 ": the program has %zu", field,
                           info->n_item);
    const rank_status status = check_item(cx, &info->item[field], &values);
    cx->item[field] = status == RANK_OK ? values : (rank_column){0};
    return status;
}

/* ---- the whole ---- */

rank_status rank_set_now(rank_context *cx, double now)
{
    if (!cx)
        return RANK_EUSAGE;
    cx->now = now;
    cx->has_now = true;
    return RANK_OK;
}

rank_status rank_begin(rank_context *cx)
{
    if (!cx)
        return RANK_EUSAGE;
    const rank_info *const info = &cx->program->info;
    for (size_t i = 0; i < info->n_query; i++)
        cx->query[i].column = (rank_column){0};
    forget_items(cx);
    cx->has_now = false;
    cx->result = (rank_result){0};
    rk_buf_free(&cx->message);
    return RANK_OK;
}
