/* Any bytes are read as a vocabulary, a scaler or a linear model of numbers and ids; what is read
 * says of odd columns of each type what its file does, looked for entry by entry. */
#include "tests/fuzz/model_check.h"

#include "runtime/model/scaler.h"
#include "runtime/model/score_ids.h"
#include "runtime/model/terms.h"
#include "runtime/model/vocab.h"

enum { ROWS = 16, LONGEST = 3 };

typedef struct bench {
    const rk_model *model;
    rk_arena *arena;
    rk_atoms strings;
    rk_scorer scorer;
    rk_column *columns; /* [n_inputs] */
    const rk_column **pointers;
    uint32_t choice;
} bench;

/* ---- columns ---- */

/* A key of an input's, or one that it may not have. */
static rk_str key_text(const rk_model_input *input, uint32_t i)
{
    static const char *const odd[] = {"", "<unknown>", "<missing>", "7", "-0", " 7", "berlin\t2"};
    if (i % 3 && input->n_categories)
        return input->categories[i * 7 % input->n_categories];
    return rk_str_from(odd[i % RK_ARRAY_LEN(odd)]);
}

static int64_t key_number(const rk_model_input *input, uint32_t i)
{
    static const int64_t odd[] = {0, -1, 7, INT64_MAX, INT64_MIN, INT64_C(1) << 53};
    int64_t number = odd[i % RK_ARRAY_LEN(odd)];
    if (i % 3 && input->n_categories)
        (void)rk_str_to_int(input->categories[i * 7 % input->n_categories], &number);
    return number;
}

static void put_key(bench *b, const rk_model_input *input, uint8_t kind, void *data, uint32_t i,
                    uint32_t at)
{
    if (kind == RK_KIND_STRING)
        REQUIRE(rk_atom_intern(&b->strings, key_text(input, i), (rk_atom *)data + at) == RK_OK);
    else
        ((int64_t *)data)[at] = key_number(input, i);
}

static void put_number(uint8_t kind, void *data, uint32_t i, uint32_t at)
{
    static const double odd[] = {0,         -0.0,        1,     -1.5, 1e300, INFINITY,
                                 -INFINITY, (double)NAN, 1e-40, 3,    2.5e9, -1e-310};
    const double x = odd[i % RK_ARRAY_LEN(odd)];
    switch (kind) {
    case RK_KIND_BOOL:
        ((uint8_t *)data)[at] = i & 1;
        break;
    case RK_KIND_INT:
        ((int64_t *)data)[at] = i % 5 ? (int64_t)i - 8 : INT64_MIN + (int64_t)i;
        break;
    case RK_KIND_FLOAT:
        ((float *)data)[at] = (float)x;
        break;
    default:
        ((double *)data)[at] = x;
    }
}

/* Empty, of one element, or longer; one behind the other. */
static void make_lists(bench *b, const rk_model_input *input, rk_column *column)
{
    uint32_t at = 0;
    column->child = rk_arena_alloc_column(b->arena, rk_padded(ROWS * LONGEST), 8);
    REQUIRE(column->child);
    for (uint32_t i = 0; i < column->n; i++) {
        const uint32_t len = (i + b->choice) % (LONGEST + 1);
        ((rk_slice *)column->data)[i] = (rk_slice){at, len};
        for (uint32_t k = 0; k < len; k++, at++)
            put_key(b, input, column->type.elem, column->child, i + k + b->choice, at);
    }
}

static rk_type type_of(const bench *b, const rk_model_input *input, uint32_t f)
{
    static const rk_type keys[] = {{.kind = RK_KIND_STRING},
                                   {.kind = RK_KIND_INT},
                                   {.kind = RK_KIND_LIST, .elem = RK_KIND_STRING},
                                   {.kind = RK_KIND_LIST, .elem = RK_KIND_INT}};
    static const uint8_t numbers[] = {RK_KIND_DOUBLE, RK_KIND_FLOAT, RK_KIND_INT, RK_KIND_BOOL};
    const uint32_t way = (f + b->choice) & 3;
    const rk_type type = input->ids ? keys[way] : (rk_type){.kind = numbers[way]};
    return rk_type_opt(type, input->missing);
}

static void make_column(bench *b, uint32_t f)
{
    const rk_model_input *const input = &b->model->inputs[f];
    rk_column *const column = &b->columns[f];
    const rk_type type = type_of(b, input, f);
    const uint32_t n = b->model->n_inputs > 1 && f % 5 == 4 ? 1 : ROWS; /* or one for all */
    REQUIRE(rk_column_init(column, b->arena, type, n) == RK_OK);
    if (type.kind == RK_KIND_LIST)
        make_lists(b, input, column);
    for (uint32_t i = 0; i < n; i++) {
        if (column->present && (i + f) % 5)
            rk_bit_set(column->present, i);
        if (input->ids && type.kind != RK_KIND_LIST)
            put_key(b, input, type.kind, column->data, i + b->choice, i);
        else if (!input->ids)
            put_number(type.kind, column->data, i + f, i);
    }
    b->pointers[f] = column;
}

/* ---- what files say ---- */

/* The first key that is this text or number; RK_MAP_NONE: none is. */
static uint32_t find_key(const bench *b, uint32_t f, const void *data, uint8_t kind, uint32_t at)
{
    const rk_model_input *const input = &b->model->inputs[f];
    for (uint32_t i = 0; i < input->n_categories; i++) {
        const rk_str key = input->categories[i];
        int64_t number;
        if (kind == RK_KIND_STRING
                ? rk_str_eq(key, rk_atom_str(&b->strings, ((const rk_atom *)data)[at]))
                : rk_str_to_int(key, &number) && number == ((const int64_t *)data)[at])
            return i;
    }
    return RK_MAP_NONE;
}

static bool is_there(const rk_column *column, uint32_t i)
{
    return !column->present || rk_bit_get(column->present, i);
}

static double number_at(const bench *b, uint32_t f, uint32_t row)
{
    const rk_column *const column = &b->columns[f];
    const uint32_t i = column->n == 1 ? 0 : row;
    if (!is_there(column, i))
        return (double)NAN;
    switch (column->type.kind) {
    case RK_KIND_BOOL:
        return ((const uint8_t *)column->data)[i];
    case RK_KIND_INT:
        return (double)((const int64_t *)column->data)[i];
    case RK_KIND_FLOAT:
        return (double)((const float *)column->data)[i];
    default:
        return ((const double *)column->data)[i];
    }
}

static double weight(const bench *b, uint32_t f, const void *data, uint8_t kind, uint32_t at)
{
    const rk_term *const term = &b->model->as.terms->terms[f];
    const uint32_t key = find_key(b, f, data, kind, at);
    return key == RK_MAP_NONE ? term->unknown : term->weights[key];
}

static double add_term(const bench *b, uint32_t f, uint32_t row, double sum)
{
    const rk_term *const term = &b->model->as.terms->terms[f];
    const rk_column *const column = &b->columns[f];
    const uint32_t i = column->n == 1 ? 0 : row;
    if (!term->weights) {
        const double x = number_at(b, f, row);
        return sum + term->weight * (isnan(x) ? term->missing : x);
    }
    if (!is_there(column, i))
        return sum + term->missing;
    if (column->type.kind != RK_KIND_LIST)
        return sum + weight(b, f, column->data, column->type.kind, i);
    const rk_slice slice = ((const rk_slice *)column->data)[i];
    for (uint32_t k = slice.at; k < slice.at + slice.len; k++)
        sum += weight(b, f, column->child, column->type.elem, k);
    return sum;
}

/* ---- comparisons ---- */

static bool same_double(double a, double b)
{
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof a) == 0;
}

static void check_terms(const bench *b, const rk_column *raw, const rk_column *score)
{
    for (uint32_t row = 0; row < ROWS; row++) {
        double sum = b->model->as.terms->bias;
        for (uint32_t f = 0; f < b->model->n_inputs; f++)
            sum = add_term(b, f, row, sum);
        const double given = ((const double *)score->data)[row];
        REQUIRE(same_double(sum, ((const double *)raw->data)[row]));
        REQUIRE(isnan(sum) == isnan(given));
        REQUIRE(b->model->transform != RK_TRANSFORM_NONE || same_double(sum, given));
        REQUIRE(b->model->transform != RK_TRANSFORM_SIGMOID || isnan(given) ||
                (given >= 0 && given <= 1));
    }
}

static void check_scaler(const bench *b, const rk_column *out)
{
    const rk_scaler *const scaler = b->model->as.scaler;
    for (uint32_t row = 0; row < ROWS; row++)
        for (uint32_t f = 0; f < scaler->n; f++) {
            const rk_scaled *const to = &scaler->features[f];
            double x = number_at(b, f, row);
            x = isnan(x) ? to->median : x;
            const float wanted = to->std == 0 ? 0 : (float)((x - to->mean) / to->std);
            const float given = ((const float *)out->data)[row * scaler->n + f];
            REQUIRE(same_double((double)wanted, (double)given));
        }
}

static bool code(const bench *b, const void *data, uint8_t kind, uint32_t at, int64_t *out)
{
    const rk_vocab *const vocab = b->model->as.vocab;
    const uint32_t key = find_key(b, 0, data, kind, at);
    *out = key == RK_MAP_NONE ? vocab->unknown : vocab->codes[key];
    return key != RK_MAP_NONE || vocab->has_unknown;
}

static void check_codes(const bench *b, const rk_column *out)
{
    const rk_vocab *const vocab = b->model->as.vocab;
    const rk_column *const in = &b->columns[0];
    for (uint32_t row = 0; row < ROWS; row++) {
        int64_t wanted = vocab->missing;
        bool known = vocab->has_missing;
        if (is_there(in, row))
            known = code(b, in->data, in->type.kind, row, &wanted);
        REQUIRE(known == is_there(out, row));
        REQUIRE(!known || ((const int64_t *)out->data)[row] == wanted);
    }
}

static void check_code_lists(const bench *b, const rk_column *out)
{
    const rk_column *const in = &b->columns[0];
    for (uint32_t row = 0; row < ROWS; row++) {
        const rk_slice from = ((const rk_slice *)in->data)[row];
        const rk_slice to = ((const rk_slice *)out->data)[row];
        REQUIRE(is_there(in, row) == is_there(out, row));
        REQUIRE(to.len == (is_there(in, row) ? from.len : 0));
        for (uint32_t k = 0; k < to.len; k++) {
            int64_t wanted;
            const bool known = code(b, in->child, in->type.elem, from.at + k, &wanted);
            REQUIRE(!known || ((const int64_t *)out->child)[to.at + k] == wanted);
        }
    }
}

/* ---- runs ---- */

static void run(bench *b, rk_model_part part, rk_column *out)
{
    rk_arena scratch = {0};
    const rk_scoring with = {rk_vmath_get(rk_cpu_best()), &b->strings, &scratch};
    const rk_type type = rk_model_call_type(b->model, part, &b->columns[0].type);
    REQUIRE(rk_column_init(out, b->arena, type, ROWS) == RK_OK);
    if (type.kind == RK_KIND_LIST) {
        const uint64_t n = rk_vocab_slices(&b->columns[0], out);
        out->child = rk_arena_alloc_column(b->arena, rk_padded(n) + 1, sizeof(int64_t));
    }
    REQUIRE(rk_scorer_run(&b->scorer, part, b->pointers, 0, ROWS, &with, out) == RK_OK);
    rk_arena_free(&scratch);
}

static void score(bench *b)
{
    const rk_stored stored = {.path = RK_STR("m"), .model = (rk_model *)b->model};
    rk_column raw, out;
    REQUIRE(rk_atoms_init(&b->strings, b->arena, NULL) == RK_OK);
    REQUIRE(rk_scorer_init(&b->scorer, &stored, &b->strings, b->arena) == RK_OK);
    b->columns = RK_NEW_ARRAY(b->arena, rk_column, b->model->n_inputs);
    b->pointers = RK_NEW_ARRAY(b->arena, const rk_column *, b->model->n_inputs);
    for (uint32_t f = 0; f < b->model->n_inputs; f++)
        make_column(b, f);
    run(b, RK_MODEL_SCORE, &out);
    if (b->model->shape == RK_MODEL_SCALER) {
        check_scaler(b, &out);
    } else if (b->model->shape == RK_MODEL_TERMS) {
        run(b, RK_MODEL_RAW, &raw);
        check_terms(b, &raw, &out);
    } else if (out.type.kind == RK_KIND_LIST) {
        check_code_lists(b, &out);
    } else {
        check_codes(b, &out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_model m;
    static const rk_model_options options;
    const rk_model *const model = fuzz_model_read(&m, (rk_str){(const char *)data, size}, &options);
    if (!model || model->shape < RK_MODEL_VOCAB)
        return 0;
    bench b = {.model = model, .arena = &m.arena, .choice = (uint32_t)size};
    score(&b);
    return 0;
}
