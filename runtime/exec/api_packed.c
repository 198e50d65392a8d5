/* Requests in structs that were made for one program (runtime/rank_packed.h). */
#include "runtime/rank_packed.h"

#include <pthread.h>
#include <stdio.h>

#include "runtime/exec/api.h"

/* A context while nobody uses it. */
typedef struct worker {
    rank_context *cx;
    rk_arena texts; /* of one request: strings with their lengths */
    struct worker *next;
} worker;

typedef struct packed_state {
    rk_arena arena; /* holds the state itself, and workers */
    pthread_mutex_t lock;
    rank_program *program;  /* NULL until it is open */
    uint32_t *query, *item; /* numbers of the fields */
    worker *idle;
} packed_state;

static const void *at(const void *base, uint32_t offset) { return (const char *)base + offset; }

static const void *pointer_at(const void *base, uint32_t offset)
{
    return *(const void *const *)at(base, offset);
}

static void tell(const rank_packed *what, void *ranked, const char *words)
{
    snprintf((char *)ranked + what->message, RANK_PACKED_MESSAGE, "%s", words);
}

/* ---- the state ---- */

static void state_free(packed_state *state)
{
    for (worker *w = state->idle; w; w = w->next) {
        rank_context_free(w->cx);
        rk_arena_free(&w->texts);
    }
    rank_close(state->program);
    pthread_mutex_destroy(&state->lock);
    rk_arena arena = state->arena;
    rk_arena_free(&arena);
}

/* The first caller makes it; one that comes second throws its own away. */
static packed_state *state_of(void **slot)
{
    packed_state *found = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (found)
        return found;
    rk_arena arena = {0};
    packed_state *const state = RK_NEW(&arena, packed_state);
    if (!state)
        return NULL;
    state->arena = arena;
    pthread_mutex_init(&state->lock, NULL);
    void *expected = NULL;
    if (__atomic_compare_exchange_n(slot, &expected, state, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return state;
    state_free(state);
    return expected;
}

static rank_status find_fields(packed_state *state, rank_context *cx, const rank_packed *what)
{
    state->query = RK_NEW_ARRAY(&state->arena, uint32_t, what->n_query_fields);
    state->item = RK_NEW_ARRAY(&state->arena, uint32_t, what->n_item_fields);
    rank_status status = state->query && state->item ? RANK_OK : RANK_ENOMEM;
    for (uint32_t i = 0; i < what->n_query_fields && status == RANK_OK; i++)
        status = rank_find_query(cx, what->query_fields[i].name, &state->query[i]);
    for (uint32_t i = 0; i < what->n_item_fields && status == RANK_OK; i++)
        status = rank_find_item(cx, what->item_fields[i].name, &state->item[i]);
    return status;
}

/* Opens the program, under the lock. A failure leaves the state as it was, for the next call. */
static rank_status open_program(packed_state *state, const rank_packed *what, void *ranked)
{
    rank_program *program = NULL;
    rank_context *cx = NULL;
    const size_t size = (size_t)((const char *)what->bundle_end - (const char *)what->bundle);
    rank_status status = rank_open_bytes(what->bundle, size, NULL, &program);
    if (status != RANK_OK)
        tell(what, ranked, program ? rank_program_message(program) : "out of memory");
    else if ((status = rank_context_new(program, &cx)) != RANK_OK ||
             (status = find_fields(state, cx, what)) != RANK_OK)
        tell(what, ranked, cx ? rank_message(cx) : "out of memory");
    rank_context_free(cx);
    if (status == RANK_OK)
        state->program = program;
    else
        rank_close(program);
    return status;
}

static rank_status new_worker(packed_state *state, worker **out)
{
    *out = RK_NEW(&state->arena, worker);
    if (!*out)
        return RANK_ENOMEM;
    const rank_status status = rank_context_new(state->program, &(*out)->cx);
    if (status == RANK_OK)
        return status;
    rank_context_free((*out)->cx);
    *out = NULL;
    return status;
}

static rank_status take_worker(packed_state *state, const rank_packed *what, void *ranked,
                               worker **out)
{
    pthread_mutex_lock(&state->lock);
    rank_status status = state->program ? RANK_OK : open_program(state, what, ranked);
    *out = status == RANK_OK ? state->idle : NULL;
    if (*out)
        state->idle = (*out)->next;
    else if (status == RANK_OK && (status = new_worker(state, out)) != RANK_OK)
        tell(what, ranked, "out of memory");
    pthread_mutex_unlock(&state->lock);
    return status;
}

static void give_worker(packed_state *state, worker *w)
{
    pthread_mutex_lock(&state->lock);
    w->next = state->idle;
    state->idle = w;
    pthread_mutex_unlock(&state->lock);
}

/* ---- the request ---- */

/* Texts with their lengths; `present` gets a bit for each that is there. NULL: no memory. */
static rank_string *strings_of(worker *w, const char *const *texts, size_t n, uint64_t **present)
{
    rank_string *const out = RK_NEW_ARRAY(&w->texts, rank_string, n);
    *present = RK_NEW_ARRAY(&w->texts, uint64_t, n / 64 + 1);
    if (!out || !*present)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        out[i] = (rank_string){texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) : 0};
        (*present)[i / 64] |= (uint64_t)(texts[i] != NULL) << i % 64;
    }
    return out;
}

static rank_status set_scalar(rank_context *cx, uint32_t field, rank_kind kind, const void *value)
{
    switch (kind) {
    case RANK_BOOL:
        return rank_set_bool(cx, field, *(const bool *)value);
    case RANK_INT:
        return rank_set_int(cx, field, *(const int64_t *)value);
    case RANK_FLOAT:
        return rank_set_float(cx, field, *(const float *)value);
    case RANK_DOUBLE:
        return rank_set_double(cx, field, *(const double *)value);
    default:
        return RANK_EUSAGE;
    }
}

/* An array of a vector's or list's elements. */
static rank_status set_elements(worker *w, uint32_t field, const rank_packed_field *f,
                                const void *data, size_t n)
{
    const rank_kind kind = f->type.kind == RANK_VECTOR ? RANK_FLOAT : f->type.element;
    uint64_t *present;
    if (kind == RANK_STRING) {
        data = strings_of(w, data, n, &present);
        if (!data)
            return RANK_ENOMEM;
    }
    return rank_set_list(w->cx, field, rank_column_of(kind, data, n, n));
}

static rank_status set_query(worker *w, uint32_t field, const rank_packed_field *f,
                             const void *query)
{
    const void *const value = f->by_pointer ? pointer_at(query, f->at) : at(query, f->at);
    if (!value)
        return RANK_OK;
    if (f->type.kind == RANK_STRING)
        return rank_set_string(w->cx, field, value, strlen(value));
    if (f->type.kind == RANK_VECTOR)
        return set_elements(w, field, f, value, f->type.dim);
    if (f->type.kind == RANK_LIST)
        return set_elements(w, field, f, value, *(const size_t *)at(query, f->len));
    return set_scalar(w->cx, field, f->type.kind, value);
}

static rank_status column_of(worker *w, const rank_packed_field *f, const void *items, size_t n,
                             rank_column *out)
{
    const void *const data = pointer_at(items, f->at);
    uint64_t *present = NULL;
    *out = rank_column_of(f->type.kind, data, n, n);
    out->type = f->type;
    if (f->type.kind == RANK_STRING) {
        out->data = strings_of(w, data, n, &present);
        out->present = present;
        return out->data ? RANK_OK : RANK_ENOMEM;
    }
    if (f->present != RANK_PACKED_NONE)
        out->present = pointer_at(items, f->present);
    if (f->type.kind != RANK_LIST)
        return RANK_OK;
    out->data = pointer_at(items, f->slices);
    out->elements = data;
    out->n_elements = *(const size_t *)at(items, f->len);
    if (f->type.element == RANK_STRING)
        out->elements = strings_of(w, data, out->n_elements, &present);
    return out->elements ? RANK_OK : RANK_ENOMEM;
}

static rank_status set_ids(worker *w, const rank_packed *what, const void *items, size_t n)
{
    const void *const ids = pointer_at(items, what->ids);
    uint64_t *present;
    if (what->id_kind == RANK_INT)
        return rank_set_ids(w->cx, ids, n);
    if (!ids)
        return rank_set_string_ids(w->cx, NULL, n);
    const rank_string *const texts = strings_of(w, ids, n, &present);
    return texts ? rank_set_string_ids(w->cx, texts, n) : RANK_ENOMEM;
}

static rank_status set_items(const packed_state *state, worker *w, const rank_packed *what,
                             const void *items)
{
    const size_t n = *(const size_t *)at(items, what->n);
    rank_status status = set_ids(w, what, items, n);
    for (uint32_t i = 0; i < what->n_item_fields && n && status == RANK_OK; i++) {
        rank_column column;
        if (!pointer_at(items, what->item_fields[i].at))
            continue;
        status = column_of(w, &what->item_fields[i], items, n, &column);
        if (status == RANK_OK)
            status = rank_set_item(w->cx, state->item[i], column);
    }
    return status;
}

static rank_status set_all(const packed_state *state, worker *w, const rank_packed *what,
                           const void *request)
{
    rk_arena_reset(&w->texts);
    rank_status status = rank_begin(w->cx);
    const double *const now = pointer_at(request, what->now);
    if (status == RANK_OK && now)
        status = rank_set_now(w->cx, *now);
    for (uint32_t i = 0; i < what->n_query_fields && status == RANK_OK; i++)
        status = set_query(w, state->query[i], &what->query_fields[i], at(request, what->query));
    if (status == RANK_OK && what->items != RANK_PACKED_NONE)
        status = set_items(state, w, what, at(request, what->items));
    return status;
}

/* ---- the ranked list ---- */

static double number_of(const rank_column *column, size_t i)
{
    if (column->present && !(column->present[i / 64] >> i % 64 & 1))
        return rk_nan_double();
    switch (column->type.kind) {
    case RANK_BOOL:
        return ((const bool *)column->data)[i];
    case RANK_INT:
        return (double)((const int64_t *)column->data)[i];
    case RANK_FLOAT:
        return (double)((const float *)column->data)[i];
    case RANK_DOUBLE:
        return ((const double *)column->data)[i];
    default:
        return rk_nan_double();
    }
}

/* A column of one value is that of all items. */
static void copy_numbers(const rank_column *column, size_t n, double *out)
{
    for (size_t i = 0; out && i < n; i++)
        out[i] = number_of(column, column->n == 1 ? 0 : i);
}

static bool copy_texts(const rank_string *ids, size_t n, const char **out, char *text, size_t room)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i].len >= room)
            return false;
        memcpy(text, ids[i].data, ids[i].len);
        text[ids[i].len] = '\0';
        out[i] = text;
        text += ids[i].len + 1;
        room -= ids[i].len + 1;
    }
    return true;
}

static rank_status copy_ids(const rank_packed *what, const rank_result *result, size_t n,
                            void *ranked)
{
    void *const out = (void *)pointer_at(ranked, what->ranked_ids);
    if (!out)
        return RANK_OK;
    if (what->id_kind == RANK_INT) {
        memcpy(out, result->ids.data, n * sizeof(int64_t));
        return RANK_OK;
    }
    if (copy_texts(result->ids.data, n, out, (char *)pointer_at(ranked, what->text),
                   *(const size_t *)at(ranked, what->text_room)))
        return RANK_OK;
    tell(what, ranked, "the texts of the ids do not fit into text_room bytes");
    return RANK_ELIMIT;
}

static rank_status copy_result(const rank_packed *what, const rank_result *result, void *ranked)
{
    const size_t room = *(const size_t *)at(ranked, what->room);
    const size_t n = result->n < room ? result->n : room;
    *(size_t *)((char *)ranked + what->ranked) = result->n;
    copy_numbers(&result->scores, n, (double *)pointer_at(ranked, what->scores));
    for (uint32_t i = 0; i < what->n_outputs && i < result->n_outputs; i++)
        copy_numbers(&result->outputs[i], n, (double *)pointer_at(ranked, what->outputs[i]));
    return n ? copy_ids(what, result, n, ranked) : RANK_OK;
}

/* ---- the calls ---- */

int rank_call_packed(const rank_packed *what, void **slot, const void *request, void *ranked)
{
    worker *w;
    const rank_result *result;
    if (!ranked)
        return RANK_EUSAGE;
    *(size_t *)((char *)ranked + what->ranked) = 0;
    tell(what, ranked, request ? "" : "the request is NULL");
    if (!request)
        return RANK_EUSAGE;
    if (what->version != RANK_PACKED_VERSION) {
        tell(what, ranked, "the library librank is of another version");
        return RANK_EUSAGE;
    }
    packed_state *const state = state_of(slot);
    if (!state) {
        tell(what, ranked, "out of memory");
        return RANK_ENOMEM;
    }
    rank_status status = take_worker(state, what, ranked, &w);
    if (status != RANK_OK)
        return status;
    status = set_all(state, w, what, request);
    if (status == RANK_OK)
        status = rank_run(w->cx, 0, &result);
    if (status != RANK_OK)
        tell(what, ranked, status == RANK_ENOMEM ? "out of memory" : rank_message(w->cx));
    else
        status = copy_result(what, result, ranked);
    give_worker(state, w);
    return status;
}

void rank_end_packed(void **slot)
{
    packed_state *const state = __atomic_exchange_n(slot, NULL, __ATOMIC_ACQ_REL);
    if (state)
        state_free(state);
}
