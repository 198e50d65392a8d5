/* Networks of ONNX files: what they make of items, beside ONNX Runtime; what is known of their
 * inputs and outputs; files that are refused. */
#include <unistd.h>

#include "runtime/model/store.h"
#include "tests/unit/model_golden.h"
#include "tests/unit/network_naive.h"

typedef struct loaded {
    rk_arena arena;
    rk_diags diags;
    rk_model *model;
    rk_status status;
} loaded;

static const char *path_of(const char *name, char *out, size_t size)
{
    const char *const source = getenv("RANK_SRC");
    snprintf(out, size, "%s/tests/models/%s", source ? source : ".", name);
    return out;
}

static void load(loaded *l, const char *name, const rk_str *bytes, uint32_t length)
{
    char path[1024];
    *l = (loaded){0};
    rk_diags_init(&l->diags, &l->arena);
    const rk_model_spec spec = {.path = rk_str_from(path_of(name, path, sizeof path)),
                                .span = RK_NO_SPAN,
                                .bytes = bytes,
                                .options.length = length};
    l->status = rk_model_load(&spec, &l->arena, &l->diags, &l->model);
}

static void unload(loaded *l) { rk_arena_free(&l->arena); }

static rk_str message_of(const loaded *l)
{
    return l->diags.items.len ? l->diags.items.items[0]->message : RK_STR("");
}

/* ---- beside ONNX Runtime ---- */

static const char *const networks[] = {"dssm",    "mmoe",      "cross",  "labels",   "one",
                                       "outside", "attention", "places", "functions"};

enum { MOST = 4096, ITEMS = 6 };

/* An item's numbers as elements of the network's inputs; they lie in `room`. */
static void make_inputs(const rk_model *model, const double *numbers, const void **inputs,
                        char *room)
{
    const rk_network *const network = model->as.network;
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        const rk_network_value *const value = &network->values[network->inputs[i]];
        const uint64_t n = rk_network_elements(value);
        inputs[i] = room;
        for (uint64_t j = 0; j < n; j++, numbers++) {
            const float real = (float)*numbers;
            const int64_t whole = (int64_t)*numbers;
            const size_t size = rk_network_kind_size(value->kind);
            memcpy(room, value->kind == RK_KIND_FLOAT ? (const void *)&real : &whole, size);
            room += size;
        }
        room += 64 - (size_t)room % 64;
    }
}

START_TEST(equals_the_library)
{
    char name[96], path[1024];
    loaded l;
    naive n;
    rk_mapping golden;
    snprintf(name, sizeof name, "network-%s.onnx", networks[_i]);
    load(&l, name, NULL, 0);
    ck_assert_msg(l.status == RK_OK, "%.*s", RK_STR_ARG(message_of(&l)));
    snprintf(name, sizeof name, "network-%s.golden", networks[_i]);
    ck_assert(rk_file_map(path_of(name, path, sizeof path), &golden) == RK_FILE_FINE);
    ck_assert(naive_open(&n, l.model->as.network, &l.arena));
    static double given[MOST], wanted[MOST], got[MOST];
    static char room[8 * MOST];
    const void *inputs[16];
    uint32_t items = 0;
    ck_assert_uint_le(l.model->n_inputs, RK_ARRAY_LEN(inputs));
    for (rk_str rest = golden.text; rest.len; items++) {
        rk_str line = golden_cut(&rest, '\n');
        golden_numbers(golden_cut(&line, ';'), given, MOST);
        ck_assert_uint_eq(golden_numbers(line, wanted, MOST), l.model->n_outputs);
        make_inputs(l.model, given, inputs, room);
        ck_assert(naive_run(&n, inputs, got));
        for (uint32_t k = 0; k < l.model->n_outputs; k++)
            ck_assert_msg(fabs(got[k] - wanted[k]) <= 3e-6 * fmax(1, fabs(wanted[k])),
                          "%s, item %u, output %u: %.9g, not %.9g", networks[_i], items, k, got[k],
                          wanted[k]);
    }
    ck_assert_uint_eq(items, ITEMS);
    rk_file_unmap(&golden);
    unload(&l);
}
END_TEST

/* ---- what is known of them ---- */

static void check_input(const loaded *l, uint32_t i, const char *name, const char *type,
                        uint32_t of)
{
    ck_assert_uint_lt(i, l->model->n_inputs);
    const rk_model_input *const input = &l->model->inputs[i];
    ck_assert_msg(rk_str_eq(input->name, rk_str_from(name)), "%.*s", RK_STR_ARG(input->name));
    ck_assert_str_eq(rk_type_text(input->type).text, type);
    ck_assert_uint_eq(input->of, of);
    ck_assert(input->used && !input->missing);
}

START_TEST(knows_inputs)
{
    loaded l;
    load(&l, "network-dssm.onnx", NULL, 0);
    ck_assert_str_eq(l.model->format, "ONNX");
    ck_assert(rk_str_eq(l.model->version, RK_STR("opset 17, pytorch 2.8")));
    ck_assert_int_eq(l.model->kind, RK_KIND_FLOAT);
    check_input(&l, 0, "clicked", "list(int)", 0);
    ck_assert_uint_eq(l.model->inputs[0].length, 5);
    check_input(&l, 1, "clicked_mask", "vector(5)", 1);
    check_input(&l, 2, "age", "float", 0);
    check_input(&l, 3, "dense", "vector(4)", 0);
    check_input(&l, 4, "item", "int", 0);
    unload(&l);
    load(&l, "network-attention.onnx", NULL, 0);
    check_input(&l, 1, "seen_len", "int", 1);
    unload(&l);
    load(&l, "network-cross.onnx", NULL, 0);
    check_input(&l, 0, "x", "vector(4)", 0); /* serving_default_x:0 */
    unload(&l);
}
END_TEST

START_TEST(knows_outputs)
{
    loaded l;
    load(&l, "network-mmoe.onnx", NULL, 0);
    const rk_network *network = l.model->as.network;
    ck_assert_uint_eq(network->n_outputs, 2);
    ck_assert(rk_str_eq(network->outputs[0].name, RK_STR("ctr")));
    ck_assert(rk_str_eq(network->outputs[1].name, RK_STR("cvr")));
    ck_assert_uint_eq(network->outputs[1].first, 1);
    unload(&l);
    load(&l, "network-labels.onnx", NULL, 0);
    network = l.model->as.network;
    ck_assert_uint_eq(network->outputs[0].value, UINT32_MAX);
    ck_assert(rk_str_eq(network->outputs[0].lacks, RK_STR("output `label` is of int, not float")));
    ck_assert_uint_eq(network->outputs[1].dim, 3);
    ck_assert_uint_eq(l.model->n_outputs, 3);
    unload(&l);
}
END_TEST

static uint32_t count(const rk_network *network, uint8_t kind, int fn)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < network->n_ops; i++)
        n += network->ops[i].kind == kind && (fn < 0 || network->ops[i].fn == fn);
    return n;
}

/* Biases and normalization go into layers, pieces of activations come together. */
START_TEST(brings_together)
{
    loaded l;
    load(&l, "network-cross.onnx", NULL, 0);
    const rk_network *const network = l.model->as.network;
    ck_assert_uint_eq(count(network, RK_NETWORK_DENSE, -1), 4);
    ck_assert_uint_eq(count(network, RK_NETWORK_MAP, RK_NETWORK_GELU), 1);
    ck_assert_uint_eq(count(network, RK_NETWORK_MAP, RK_NETWORK_SILU), 1);
    ck_assert_uint_eq(count(network, RK_NETWORK_MAP, RK_NETWORK_ERF), 0);
    for (uint32_t i = 0; i < network->n_ops; i++)
        if (network->ops[i].kind == RK_NETWORK_DENSE)
            ck_assert_uint_eq(network->ops[i].n, 3);
    unload(&l);
}
END_TEST

/* A file beside the model belongs to it. */
START_TEST(takes_tensors_of_another_file)
{
    loaded l;
    load(&l, "network-outside.onnx", NULL, 0);
    ck_assert_uint_eq(l.model->n_beside, 1);
    ck_assert_uint_ne(l.model->beside_digest, 0);
    const rk_str name = l.model->beside[0], end = RK_STR("/tests/models/network-outside.data");
    ck_assert_uint_ge(name.len, end.len);
    ck_assert(memcmp(name.data + name.len - end.len, end.data, end.len) == 0);
    unload(&l);
}
END_TEST

static void copy_file(const char *folder, const char *name, bool change)
{
    char from[1024], to[1024];
    rk_mapping file;
    ck_assert(rk_file_map(path_of(name, from, sizeof from), &file) == RK_FILE_FINE);
    snprintf(to, sizeof to, "%s/%s", folder, name);
    FILE *const out = fopen(to, "wb");
    ck_assert_ptr_nonnull(out);
    fwrite(file.text.data, 1, file.text.len - 1, out);
    fputc(file.text.data[file.text.len - 1] ^ change, out);
    fclose(out);
    rk_file_unmap(&file);
}

static uint64_t digest_of(const char *folder)
{
    char path[1024];
    rk_arena arena = {0};
    rk_diags diags;
    rk_models models = {0};
    rk_stored stored;
    snprintf(path, sizeof path, "%s/network-outside.onnx", folder);
    rk_diags_init(&diags, &arena);
    const rk_model_spec spec = {.path = rk_str_from(path), .span = RK_NO_SPAN};
    ck_assert_int_eq(rk_models_get(&models, &spec, &diags, &stored), RK_OK);
    rk_models_free(&models);
    rk_arena_free(&arena);
    return stored.digest;
}

/* What tells a model that has changed sees the tensors, too. */
START_TEST(digest_covers_files_beside)
{
    char folder[] = "/tmp/rank-onnx-XXXXXX", path[1024];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    copy_file(folder, "network-outside.onnx", false);
    copy_file(folder, "network-outside.data", false);
    const uint64_t first = digest_of(folder);
    ck_assert_uint_eq(digest_of(folder), first);
    copy_file(folder, "network-outside.data", true);
    ck_assert_uint_ne(digest_of(folder), first);
    snprintf(path, sizeof path, "%s/network-outside.onnx", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/network-outside.data", folder);
    unlink(path);
    rmdir(folder);
}
END_TEST

/* A length that the file leaves open is the declaration's. */
START_TEST(takes_a_length)
{
    loaded l;
    load(&l, "network-bad-open_length.onnx", NULL, 7);
    ck_assert_int_eq(l.status, RK_OK);
    ck_assert_uint_eq(l.model->inputs[0].length, 7);
    unload(&l);
}
END_TEST

/* ---- files that are refused ---- */

/* clang-format off */
static const struct {
    const char *name, *end;
    rk_status status;
} refused[] = {
    {"softmax_over_batch", ": node `loss` (Softmax): it mixes items: it goes over the batch", RK_EDATA},
    {"in_batch", ": node `logits` (MatMul): it mixes items: the batch is an axis of its matrices", RK_EDATA},
    {"mixing_reshape", ": node `view` (Reshape): it mixes items: the axis of the batch is torn apart, or joined to others", RK_EDATA},
    {"fixed_batch", ": input `x` has a batch of 32: export the model with dynamic axes, so that its first dimension has no fixed size", RK_EDATA},
    {"open_length", ": input `ids` leaves its length open: say it, as in `length: 50`", RK_EDATA},
    {"unknown", " uses what is not supported: Det (1), Cos (2), my.own.Frobnicate (1)", RK_EDATA},
    {"counts_items", ": node `mean` (Div): its result depends on the number of items", RK_EDATA},
    {"huge", " uses what is not supported: ConstantOfShape that gives more than 268,435,456 numbers an item (1)", RK_EDATA},
    {"folder_up", ": its tensors lie in `a/../../w`, which is not below its folder", RK_EDATA},
    {"nothing_there", "network-nowhere.data`: no such file", RK_EFILE},
    {"labels_only", ": output `y` is of int, not float", RK_EDATA},
    {"endless", ": its functions call each other more than 16 deep", RK_EDATA},
    {"open_branch", " uses what is not supported: If by what is not known when loading (1)", RK_EDATA},
    {"newer_opset", " uses what is not supported: opset 99 (9 to 26 are known)", RK_EDATA},
};
/* clang-format on */

START_TEST(says_what_is_wrong)
{
    char name[96];
    loaded l;
    snprintf(name, sizeof name, "network-bad-%s.onnx", refused[_i].name);
    load(&l, name, NULL, 0);
    ck_assert_int_eq(l.status, refused[_i].status);
    ck_assert_uint_eq(l.diags.items.len, 1);
    const rk_str message = message_of(&l), end = rk_str_from(refused[_i].end);
    ck_assert_msg(message.len >= end.len &&
                      memcmp(message.data + message.len - end.len, end.data, end.len) == 0,
                  "%.*s", RK_STR_ARG(message));
    unload(&l);
}
END_TEST

static void check_bytes(const char *name, const char *bytes, size_t len)
{
    loaded l;
    const rk_str text = {bytes, len};
    load(&l, name, &text, 0);
    ck_assert(l.status == RK_OK || l.status == RK_EDATA || l.status == RK_EFILE);
    ck_assert_uint_le(rk_arena_capacity(&l.arena), 100 * len + 2000000);
    unload(&l);
}

/* Cut off anywhere, and with each byte changed: no crash, and memory by the file's size. */
START_TEST(survives_damage)
{
    char path[1024], name[96];
    rk_mapping file;
    snprintf(name, sizeof name, "network-%s.onnx", networks[_i]);
    ck_assert(rk_file_map(path_of(name, path, sizeof path), &file) == RK_FILE_FINE);
    for (size_t i = 0; i < file.text.len; i++) {
        char *const exact = malloc(i + 1); /* its end is seen by sanitizers */
        memcpy(exact, file.text.data, i);
        check_bytes(name, exact, i);
        free(exact);
    }
    char *const whole = malloc(file.text.len);
    static const char values[] = {0, 1, 7, 0x7f, (char)0x80, (char)0xff};
    for (size_t i = 0; i < file.text.len; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            memcpy(whole, file.text.data, file.text.len);
            whole[i] = values[v];
            check_bytes(name, whole, file.text.len);
        }
    free(whole);
    rk_file_unmap(&file);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("onnx_network");
    TCase *const tcase = tcase_create("onnx_network");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, equals_the_library, 0, (int)RK_ARRAY_LEN(networks));
    tcase_add_test(tcase, knows_inputs);
    tcase_add_test(tcase, knows_outputs);
    tcase_add_test(tcase, brings_together);
    tcase_add_test(tcase, takes_tensors_of_another_file);
    tcase_add_test(tcase, digest_covers_files_beside);
    tcase_add_test(tcase, takes_a_length);
    tcase_add_loop_test(tcase, says_what_is_wrong, 0, (int)RK_ARRAY_LEN(refused));
    tcase_add_loop_test(tcase, survives_damage, 0, (int)RK_ARRAY_LEN(networks));
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
