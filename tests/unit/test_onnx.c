/* runtime/model/onnx and protobuf: what a file holds is found, and nothing in it is believed. */
#include "runtime/model/onnx.h"

#include <math.h>

#include "tests/unit/harness.h"
#include "tests/unit/proto_text.h"

typedef struct opened {
    rk_arena arena;
    rk_diags diags;
    rk_model_spec spec;
    rk_model_loading loading;
    char *bytes; /* exactly the file: its end is seen by sanitizers */
    rk_onnx onnx;
    rk_status status;
} opened;

static void open_bytes(opened *o, rk_str bytes)
{
    *o = (opened){.spec = {.path = RK_STR("m"), .span = RK_NO_SPAN}};
    rk_diags_init(&o->diags, &o->arena);
    o->loading = (rk_model_loading){.spec = &o->spec, .diags = &o->diags};
    o->bytes = malloc(bytes.len ? bytes.len : 1);
    memcpy(o->bytes, bytes.data, bytes.len);
    o->status = rk_onnx_read(&o->onnx, (rk_str){o->bytes, bytes.len}, &o->loading, &o->arena);
}

static void close_file(opened *o)
{
    rk_arena_free(&o->arena);
    rk_buf_free(&o->loading.lacks);
    free(o->bytes);
}

/* A model of which the graph is given; frees it. */
static rk_buf model_of(rk_buf *graph)
{
    rk_buf out = {0}, opset = {0};
    put_int(&out, 1, 8);
    put_text(&out, 2, "hand");
    put_message(&out, 7, graph);
    put_text(&opset, 1, "ai.onnx");
    put_int(&opset, 2, 17);
    put_message(&out, 8, &opset);
    return out;
}

static void open_graph(opened *o, rk_buf *graph)
{
    rk_buf model = model_of(graph);
    open_bytes(o, rk_buf_str(&model));
    rk_buf_free(&model);
}

static void check_message(const opened *o, const char *wanted)
{
    ck_assert_int_eq(o->status, RK_EDATA);
    ck_assert_uint_eq(o->diags.items.len, 1);
    const rk_str is = o->diags.items.items[0]->message;
    ck_assert_msg(rk_str_eq(is, rk_str_from(wanted)), "%.*s", RK_STR_ARG(is));
}

/* ---- graphs ---- */

/* Ends an attribute; type 0: it is not told. */
static void put_attribute(rk_buf *node, rk_buf *attribute, const char *name, int type)
{
    put_text(attribute, 1, name);
    if (type)
        put_int(attribute, 20, type);
    put_message(node, 5, attribute);
}

/* y = Op(x, , w) with a value of each type of attribute. */
static rk_buf whole_node(void)
{
    rk_buf node = {0}, a = {0}, tensor = {0};
    put_text(&node, 1, "x");
    put_text(&node, 1, "");
    put_text(&node, 1, "w");
    put_text(&node, 2, "y");
    put_text(&node, 3, "first");
    put_text(&node, 4, "Op");
    put_text(&node, 7, "ai.onnx");
    put_float(&a, 2, 1.5F);
    put_attribute(&node, &a, "f", RK_ONNX_ATTRIBUTE_FLOAT);
    put_int(&a, 3, -7);
    put_attribute(&node, &a, "i", 0);
    put_text(&a, 4, "text");
    put_attribute(&node, &a, "s", RK_ONNX_ATTRIBUTE_STRING);
    put_float(&a, 7, 1);
    put_float(&a, 7, -2);
    put_attribute(&node, &a, "floats", RK_ONNX_ATTRIBUTE_FLOATS);
    put_int(&a, 8, 5);
    put_bytes(&a, 8, (rk_str){"\x01\x80\x02", 3}); /* a run of two */
    put_attribute(&node, &a, "ints", RK_ONNX_ATTRIBUTE_INTS);
    put_text(&a, 9, "a");
    put_text(&a, 9, "bc");
    put_attribute(&node, &a, "strings", RK_ONNX_ATTRIBUTE_STRINGS);
    put_text(&a, 6, "not even a graph");
    put_attribute(&node, &a, "then", RK_ONNX_ATTRIBUTE_GRAPH);
    put_int(&tensor, 2, RK_ONNX_INT64);
    put_int(&tensor, 7, -3);
    put_message(&a, 5, &tensor);
    put_attribute(&node, &a, "t", RK_ONNX_ATTRIBUTE_TENSOR);
    return node;
}

/* With an input of shape (N, 4), the initializer w named among inputs, and an output of no type. */
static rk_buf whole_graph(void)
{
    rk_buf graph = {0}, node = whole_node(), value = {0}, type = {0}, tensor = {0}, shape = {0},
           dim = {0};
    put_message(&graph, 1, &node);
    put_text(&graph, 2, "g");
    put_int(&tensor, 1, 2);
    put_int(&tensor, 2, RK_ONNX_FLOAT);
    put_text(&tensor, 8, "w");
    put_bytes(&tensor, 9, (rk_str){"\0\0\x80\x3f\0\0\0\xc0", 8});
    put_message(&graph, 5, &tensor);
    put_text(&dim, 2, "N");
    put_message(&shape, 1, &dim);
    put_int(&dim, 1, 4);
    put_message(&shape, 1, &dim);
    put_int(&value, 1, RK_ONNX_FLOAT);
    put_message(&value, 2, &shape);
    put_message(&type, 1, &value);
    put_text(&value, 1, "x");
    put_message(&value, 2, &type);
    put_message(&graph, 11, &value);
    put_text(&value, 1, "w");
    put_message(&graph, 11, &value);
    put_text(&value, 1, "y");
    put_message(&graph, 12, &value);
    return graph;
}

static void check_attributes(const rk_onnx_node *node)
{
    const rk_onnx_attribute *a = rk_onnx_attribute_find(node, "f");
    ck_assert_uint_eq(node->n_attributes, 8);
    ck_assert(a->as.f == 1.5F);
    a = rk_onnx_attribute_find(node, "i");
    ck_assert_uint_eq(a->type, RK_ONNX_ATTRIBUTE_INT);
    ck_assert_int_eq(a->as.i, -7);
    ck_assert(rk_str_eq(rk_onnx_attribute_find(node, "s")->as.s, RK_STR("text")));
    a = rk_onnx_attribute_find(node, "floats");
    ck_assert(a->n == 2 && a->as.floats[0] == 1 && a->as.floats[1] == -2);
    a = rk_onnx_attribute_find(node, "ints");
    ck_assert(a->n == 3 && a->as.ints[0] == 5 && a->as.ints[1] == 1 && a->as.ints[2] == 256);
    a = rk_onnx_attribute_find(node, "strings");
    ck_assert(a->n == 2 && rk_str_eq(a->as.strings[1], RK_STR("bc")));
    ck_assert_uint_eq(rk_onnx_attribute_find(node, "then")->type, RK_ONNX_ATTRIBUTE_GRAPH);
    int64_t value;
    const rk_onnx_tensor *const t = rk_onnx_attribute_find(node, "t")->as.t;
    ck_assert(t->n == 1 && t->n_dims == 0 && rk_onnx_get_int(t, 0, &value) && value == -3);
    ck_assert(rk_onnx_attribute_find(node, "none") == NULL);
}

START_TEST(finds_all_of_a_graph)
{
    opened o;
    rk_buf graph = whole_graph();
    open_graph(&o, &graph);
    const rk_onnx *const x = &o.onnx;
    ck_assert_int_eq(o.status, RK_OK);
    ck_assert(x->ir_version == 8 && rk_str_eq(x->producer, RK_STR("hand")));
    ck_assert(rk_onnx_version(x, RK_STR("")) == 17 && rk_onnx_version(x, RK_STR("other")) == 0);
    ck_assert(x->n_nodes == 1 && x->n_inputs == 2 && x->n_outputs == 1 && x->n_initializers == 1);
    const rk_onnx_node *const node = x->nodes;
    ck_assert(rk_str_eq(node->op, RK_STR("Op")) && node->domain.len == 0);
    ck_assert(node->n_inputs == 3 && node->inputs[1].len == 0 && node->n_outputs == 1);
    check_attributes(node);
    const rk_onnx_value *const in = x->inputs;
    ck_assert(in->kind == RK_ONNX_TENSOR && in->type == RK_ONNX_FLOAT && in->n_dims == 2);
    ck_assert(in->dims[0].size == -1 && rk_str_eq(in->dims[0].name, RK_STR("N")));
    ck_assert(in->dims[1].size == 4 && !in->initialized && x->inputs[1].initialized);
    ck_assert_uint_eq(x->outputs->kind, RK_ONNX_NO_KIND);
    const rk_onnx_tensor *const w = rk_onnx_initializer(x, RK_STR("w"));
    double value;
    ck_assert(rk_onnx_get_number(w, 1, &value) && value == -2);
    ck_assert(!rk_onnx_get_number(w, 2, &value));
    ck_assert(w->data >= o.bytes && rk_onnx_initializer(x, RK_STR("x")) == NULL);
    close_file(&o);
}
END_TEST

/* A file that is cut off anywhere is refused. */
START_TEST(refuses_files_cut_off)
{
    rk_buf graph = whole_graph(), model = model_of(&graph);
    for (size_t len = 2; len < model.len; len++) {
        opened o;
        open_bytes(&o, (rk_str){model.data, len});
        /* the graph ends before the opsets do, which may be gone */
        ck_assert_msg(o.status == RK_EDATA || len > 20, "%zu", len);
        ck_assert(o.status == RK_EDATA || o.onnx.n_opsets == 0);
        ck_assert(rk_onnx_is((rk_str){model.data, len}));
        close_file(&o);
    }
    rk_buf_free(&model);
}
END_TEST

/* Any byte may be another one. */
START_TEST(survives_damage)
{
    rk_buf graph = whole_graph(), model = model_of(&graph);
    for (size_t at = 0; at < model.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            opened o;
            model.data[at] = (char)(model.data[at] ^ 1 << bit);
            open_bytes(&o, rk_buf_str(&model));
            ck_assert(o.status == RK_OK || o.status == RK_EDATA);
            ck_assert_uint_le(rk_arena_capacity(&o.arena), 100000);
            close_file(&o);
            model.data[at] = (char)(model.data[at] ^ 1 << bit);
        }
    rk_buf_free(&model);
}
END_TEST

/* ---- tensors ---- */

#define RAW(literal) literal, sizeof(literal) - 1

static const struct {
    uint32_t type;
    const char *raw; /* the second of two elements */
    size_t len;
    double value; /* NaN: it is no number */
} numbers[] = {
    {RK_ONNX_FLOAT, RAW("\0\0\0\0\0\0\xc0\x3f"), 1.5},
    {RK_ONNX_UINT8, RAW("\1\xff"), 255},
    {RK_ONNX_INT8, RAW("\1\xff"), -1},
    {RK_ONNX_UINT16, RAW("\0\0\xff\xff"), 65535},
    {RK_ONNX_INT16, RAW("\0\0\0\x80"), -32768},
    {RK_ONNX_INT32, RAW("\0\0\0\0\xfe\xff\xff\xff"), -2},
    {RK_ONNX_INT64, RAW("\0\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff"), -2},
    {RK_ONNX_BOOL, RAW("\0\1"), 1},
    {RK_ONNX_FLOAT16, RAW("\0\0\0\xbe"), -1.5},
    {RK_ONNX_FLOAT16, RAW("\0\0\1\0"), 0x1p-24},
    {RK_ONNX_FLOAT16, RAW("\0\0\0\x7c"), INFINITY},
    {RK_ONNX_DOUBLE, RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf8\x3f"), 1.5},
    {RK_ONNX_UINT32, RAW("\0\0\0\0\xff\xff\xff\xff"), 4294967295.0},
    {RK_ONNX_UINT64, RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80"), 0x1p63},
    {RK_ONNX_BFLOAT16, RAW("\0\0\xc0\x3f"), 1.5},
    {RK_ONNX_UINT4, RAW("\xf1"), 15},
    {RK_ONNX_INT4, RAW("\xf1"), -1},
    {RK_ONNX_FLOAT8E5M2, RAW("\0\x3c"), NAN},
    {RK_ONNX_COMPLEX64, RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), NAN},
};

START_TEST(reads_numbers)
{
    rk_buf graph = {0}, tensor = {0};
    put_int(&tensor, 1, 2);
    put_int(&tensor, 2, numbers[_i].type);
    put_text(&tensor, 8, "w");
    put_bytes(&tensor, 9, (rk_str){numbers[_i].raw, numbers[_i].len});
    put_message(&graph, 5, &tensor);
    opened o;
    open_graph(&o, &graph);
    ck_assert_int_eq(o.status, RK_OK);
    double value = -5;
    const bool is = rk_onnx_get_number(rk_onnx_initializer(&o.onnx, RK_STR("w")), 1, &value);
    ck_assert_int_eq(is, !isnan(numbers[_i].value));
    ck_assert_msg(!is || value == numbers[_i].value, "row %d: %.17g", _i, value);
    close_file(&o);
}
END_TEST

/* Numbers in the fields of their types, alone and in runs. */
START_TEST(reads_typed_fields)
{
    static const struct {
        uint32_t type, field;
        const char *run;
        size_t len;
        const char *alone;
        size_t alone_len;
        uint8_t wire;
    } rows[] = {
        {RK_ONNX_FLOAT, 4, RAW("\0\0\x80\x3f\0\0\0\x40"), RAW("\0\0\x40\x40"), 5},
        {RK_ONNX_DOUBLE, 10, RAW("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40"),
         RAW("\0\0\0\0\0\0\x08\x40"), 1},
        {RK_ONNX_INT32, 5, RAW("\1\2"), RAW("\3"), 0},
        {RK_ONNX_UINT8, 5, RAW("\1\2"), RAW("\3"), 0},
        {RK_ONNX_INT64, 7, RAW("\1\2"), RAW("\3"), 0},
        {RK_ONNX_UINT32, 11, RAW("\1\2"), RAW("\3"), 0},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(rows); i++)
        for (int alone = 0; alone < 2; alone++) {
            rk_buf graph = {0}, tensor = {0};
            put_int(&tensor, 1, 2 + alone);
            put_int(&tensor, 2, rows[i].type);
            put_text(&tensor, 8, "w");
            put_bytes(&tensor, rows[i].field, (rk_str){rows[i].run, rows[i].len});
            if (alone) {
                put_varint(&tensor, rows[i].field << 3 | rows[i].wire);
                rk_buf_add(&tensor, (rk_str){rows[i].alone, rows[i].alone_len});
            }
            put_message(&graph, 5, &tensor);
            opened o;
            open_graph(&o, &graph);
            ck_assert_int_eq(o.status, RK_OK);
            for (int j = 0; j < 2 + alone; j++) {
                double value;
                ck_assert(rk_onnx_get_number(o.onnx.initializers, (uint64_t)j, &value));
                ck_assert(value == 1 + j);
            }
            close_file(&o);
        }
}
END_TEST

typedef struct claim {
    int64_t dim, type;
    const char *raw;      /* NULL: none */
    const char *location; /* NULL: none */
    const char *length;
    int ints; /* in int32_data */
    const char *message;
} claim;

static const claim claims[] = {
    {1 << 30, RK_ONNX_FLOAT, "abcd", NULL, NULL, 0,
     "`m`: tensor `w` has 4 bytes, its dimensions ask for 4294967296, at byte 12"},
    {INT64_MAX, RK_ONNX_FLOAT, "abcd", NULL, NULL, 0, "`m`: tensor `w` is too large, at byte 12"},
    {-1, RK_ONNX_FLOAT, "", NULL, NULL, 0, "`m`: tensor `w` has a dimension of -1, at byte 12"},
    {1 << 30, RK_ONNX_FLOAT, NULL, NULL, NULL, 0,
     "`m`: tensor `w` has 0 bytes, its dimensions ask for 4294967296, at byte 12"},
    {1 << 30, RK_ONNX_STRING, NULL, NULL, NULL, 0,
     "`m`: tensor `w` has 0 strings, its dimensions ask for 1073741824, at byte 12"},
    {1, 99, "a", NULL, NULL, 0,
     "`m`: tensor `w` has elements of type 99, which is unknown, at byte 12"},
    {1, 0, "a", NULL, NULL, 0,
     "`m`: tensor `w` has elements of type 0, which is unknown, at byte 12"},
    {1, RK_ONNX_INT8, "a", NULL, NULL, 1,
     "`m`: tensor `w` has its elements in two ways, at byte 12"},
    {1, RK_ONNX_INT8, "a", "f", NULL, 0,
     "`m`: tensor `w` has its elements in two ways, at byte 12"},
    {1, RK_ONNX_INT8, NULL, "", NULL, 0,
     "`m`: tensor `w` lies in another file at no place that makes sense, at byte 12"},
    {1, RK_ONNX_INT8, NULL, "f", "2", 0,
     "`m`: tensor `w` lies in another file at no place that makes sense, at byte 12"},
    {1, RK_ONNX_INT8, NULL, NULL, NULL, 2,
     "`m`: tensor `w` has 2 bytes, its dimensions ask for 1, at byte 12"},
    {1, RK_ONNX_INT8, NULL, "f", "1", 0, NULL},
    {1, RK_ONNX_INT8, NULL, NULL, NULL, 1, NULL},
    {0, RK_ONNX_INT8, NULL, NULL, NULL, 0, NULL},
};

static void put_pair(rk_buf *tensor, const char *key, const char *value)
{
    rk_buf pair = {0};
    put_text(&pair, 1, key);
    put_text(&pair, 2, value);
    put_message(tensor, 13, &pair);
}

START_TEST(believes_no_claim)
{
    const claim *const c = &claims[_i];
    rk_buf graph = {0}, tensor = {0};
    put_int(&tensor, 1, c->dim);
    put_int(&tensor, 2, c->type);
    put_text(&tensor, 8, "w");
    if (c->raw)
        put_text(&tensor, 9, c->raw);
    for (int i = 0; i < c->ints; i++)
        put_int(&tensor, 5, 7);
    if (c->location) {
        put_int(&tensor, 14, 1);
        put_pair(&tensor, "location", c->location);
        put_pair(&tensor, "offset", "4096");
        if (c->length)
            put_pair(&tensor, "length", c->length);
    }
    put_message(&graph, 5, &tensor);
    opened o;
    open_graph(&o, &graph);
    ck_assert_uint_le(rk_arena_capacity(&o.arena), 100000);
    if (c->message) {
        check_message(&o, c->message);
    } else {
        ck_assert_int_eq(o.status, RK_OK);
        const rk_onnx_external *const external = o.onnx.initializers->external;
        ck_assert(!external || external->offset == 4096);
        ck_assert_int_eq(external != NULL, c->location != NULL);
    }
    close_file(&o);
}
END_TEST

/* ---- other faults ---- */

static const struct {
    rk_str model;
    const char *message;
} faults[] = {
#define FILE_OF(literal)                                                                           \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
    {FILE_OF("\x08\x08"), "`m`: it has 0 graphs, not one"},
    {FILE_OF("\x3a\0\x3a\0"), "`m`: it has 2 graphs, not one"},
    {FILE_OF("\x3a\x05"), "`m`: a field is longer than what holds it, at byte 2"},
    {FILE_OF("\x3a\xff\xff\xff\xff\x07"), "`m`: a field is longer than what holds it, at byte 6"},
    {FILE_OF("\x3a\x80"), "`m`: a number is cut off, at byte 1"},
    {FILE_OF("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     "`m`: a number has more than 64 bits, at byte 1"},
    {FILE_OF("\x38\0"), "`m`: a field is of another kind than it should be, at byte 1"},
    {FILE_OF("\x3b\0"), "`m`: a field is of no known kind, at byte 1"},
    {FILE_OF("\0\0"), "`m`: a field's number is out of range, at byte 0"},
    {FILE_OF("\x3a\x02\x0a\0"), "`m`: a node has no operator, at byte 4"},
    {FILE_OF("\x3a\x04\x0a\x02\x2a\0"), "`m`: a node has no operator, at byte 4"},
    {FILE_OF("\x3a\x07\x0a\x05\x22\1x\x2a\0"), "`m`: an attribute has no name, at byte 9"},
    {FILE_OF("\x3a\x0d\x0a\x0b\x22\1x\x2a\6\x0a\1y\xa0\1\x63"),
     "`m`: attribute `y` has type 99, which is unknown, at byte 9"},
    {FILE_OF("\x3a\x0d\x0a\x0b\x22\1x\x2a\6\x0a\1y\xa0\1\x04"),
     "`m`: attribute `y` has 0 tensors, not one, at byte 9"},
    {FILE_OF("\x3a\x06\x2a\4\x10\3\x52\0"),
     "`m`: tensor `` has 0 bytes, its dimensions ask for 1, at byte 4"},
    {FILE_OF("\x3a\x08\x7a\x00\x7a\x04\x0a\x02\x42\x00"),
     "`m`: an initializer has no name, at byte 4"},
#undef FILE_OF
};

START_TEST(refuses_faults)
{
    opened o;
    open_bytes(&o, faults[_i].model);
    check_message(&o, faults[_i].message);
    close_file(&o);
}
END_TEST

START_TEST(tells_what_is_not_supported)
{
    rk_buf graph = {0}, node = {0}, sparse = {0}, values = {0};
    put_text(&node, 1, "s");
    put_text(&node, 4, "F");
    put_message(&graph, 1, &node);
    put_text(&values, 8, "s");
    put_message(&sparse, 1, &values);
    put_message(&graph, 15, &sparse);
    rk_buf model = model_of(&graph);
    opened o;
    open_bytes(&o, rk_buf_str(&model));
    rk_buf_free(&model);
    ck_assert_int_eq(o.status, RK_OK);
    rk_onnx_lacks(&o.onnx, &o.loading);
    ck_assert(rk_str_eq(rk_buf_str(&o.loading.lacks), RK_STR("sparse initializers (1)")));
    close_file(&o);
}
END_TEST

static void put_node(rk_buf *to, uint32_t field, const char *op, const char *in, const char *out)
{
    rk_buf node = {0};
    put_text(&node, 1, in);
    put_text(&node, 2, out);
    put_text(&node, 4, op);
    put_text(&node, 7, strcmp(op, "F") == 0 ? "mine" : "");
    put_message(to, field, &node);
}

/* F(a) is Abs(Neg(a)), and stands there twice. */
START_TEST(functions_come_in_place)
{
    static const struct {
        const char *op, *in, *out;
    } wanted[] = {
        {"Neg", "s", "t'1"}, {"Abs", "t'1", "u"}, {"Neg", "u", "t'2"}, {"Abs", "t'2", "v"}};
    rk_buf graph = {0}, function = {0};
    put_node(&graph, 1, "F", "s", "u");
    put_node(&graph, 1, "F", "u", "v");
    rk_buf model = model_of(&graph);
    put_text(&function, 1, "F");
    put_text(&function, 4, "a");
    put_text(&function, 5, "b");
    put_node(&function, 7, "Neg", "a", "t");
    put_node(&function, 7, "Abs", "t", "b");
    put_text(&function, 10, "mine");
    put_message(&model, 25, &function);
    opened o;
    open_bytes(&o, rk_buf_str(&model));
    ck_assert_int_eq(o.status, RK_OK);
    ck_assert(rk_str_eq(rk_onnx_called(&o.onnx, &o.onnx.nodes[0])->name, RK_STR("F")));
    ck_assert_int_eq(rk_onnx_inline(&o.onnx, &o.loading, &o.arena), RK_OK);
    ck_assert_uint_eq(o.onnx.n_nodes, RK_ARRAY_LEN(wanted));
    for (uint32_t i = 0; i < RK_ARRAY_LEN(wanted); i++) {
        ck_assert(rk_str_eq(o.onnx.nodes[i].op, rk_str_from(wanted[i].op)));
        ck_assert(rk_str_eq(o.onnx.nodes[i].inputs[0], rk_str_from(wanted[i].in)));
        ck_assert(rk_str_eq(o.onnx.nodes[i].outputs[0], rk_str_from(wanted[i].out)));
    }
    rk_buf_free(&model);
    close_file(&o);
}
END_TEST

START_TEST(is_told_by_content)
{
    rk_buf graph = whole_graph(), model = model_of(&graph);
    ck_assert(rk_onnx_is(rk_buf_str(&model)));
    ck_assert(rk_onnx_is((rk_str){model.data, 15})); /* it goes on */
    ck_assert(!rk_onnx_is(RK_STR("")));
    ck_assert(!rk_onnx_is(RK_STR("tree\nversion=v4\n")));
    ck_assert(!rk_onnx_is(RK_STR("{\"learner\":{}}")));
    ck_assert(!rk_onnx_is(RK_STR("\n\n{")));
    ck_assert(!rk_onnx_is(RK_STR("CBM1\x10\0\0\0")));
    ck_assert(!rk_onnx_is(RK_STR("\x12\x04hand")));
    rk_buf_free(&model);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("onnx");
    TCase *const tcase = tcase_create("onnx");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, finds_all_of_a_graph);
    tcase_add_test(tcase, refuses_files_cut_off);
    tcase_add_test(tcase, survives_damage);
    tcase_add_loop_test(tcase, reads_numbers, 0, (int)RK_ARRAY_LEN(numbers));
    tcase_add_test(tcase, reads_typed_fields);
    tcase_add_loop_test(tcase, believes_no_claim, 0, (int)RK_ARRAY_LEN(claims));
    tcase_add_loop_test(tcase, refuses_faults, 0, (int)RK_ARRAY_LEN(faults));
    tcase_add_test(tcase, tells_what_is_not_supported);
    tcase_add_test(tcase, functions_come_in_place);
    tcase_add_test(tcase, is_told_by_content);
    suite_add_tcase(suite, tcase);
    return rk_suite_run(suite);
}
