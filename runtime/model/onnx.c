/* The walk over an ONNX file: model, graph, nodes, attributes, types of values. Each message is
 * counted first and then read, so that lists take the room they need. */
#include "runtime/model/onnx_read.h"

#include <stdio.h>

/* Fields of the messages. */
/* clang-format off */
enum { MODEL_IR_VERSION = 1, MODEL_PRODUCER, MODEL_PRODUCER_VERSION, MODEL_DOMAIN, MODEL_VERSION, MODEL_DOC, MODEL_GRAPH,
       MODEL_OPSETS, MODEL_METADATA = 14, MODEL_TRAINING = 20, MODEL_FUNCTIONS = 25, MODEL_CONFIGURATION, MODEL_FIELDS };

enum { GRAPH_NODES = 1, GRAPH_NAME, GRAPH_INITIALIZERS = 5, GRAPH_INPUTS = 11, GRAPH_OUTPUTS, GRAPH_INFOS,
       GRAPH_SPARSE = 15, GRAPH_FIELDS };

enum { NODE_INPUTS = 1, NODE_OUTPUTS, NODE_NAME, NODE_OP, NODE_ATTRIBUTES, NODE_DOMAIN = 7, NODE_OVERLOAD, NODE_FIELDS };

enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_S, ATTRIBUTE_T, ATTRIBUTE_G, ATTRIBUTE_FLOATS, ATTRIBUTE_INTS,
       ATTRIBUTE_STRINGS, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS, ATTRIBUTE_TYPE_PROTO = 14, ATTRIBUTE_TYPE_PROTOS,
       ATTRIBUTE_TYPE = 20, ATTRIBUTE_REFERENCE, ATTRIBUTE_SPARSE, ATTRIBUTE_SPARSES, ATTRIBUTE_FIELDS };

enum { VALUE_NAME = 1, VALUE_TYPE };

enum { TENSOR_TYPE = 1, TENSOR_SHAPE };

enum { SHAPE_DIMS = 1, SHAPE_FIELDS };

enum { DIM_VALUE = 1, DIM_NAME };

enum { OPSET_DOMAIN = 1, OPSET_VERSION };

enum { FUNCTION_NAME = 1, FUNCTION_DOMAIN = 10, FUNCTION_OVERLOAD = 13 };

enum { SPARSE_VALUES = 1, SPARSE_NAME = 8 };
/* clang-format on */

rk_status rk_onnx_bad(const rk_model_loading *loading, size_t at, const char *format, ...)
{
    rk_buf words = {0};
    va_list args;
    va_start(args, format);
    rk_buf_vprintf(&words, format, args);
    va_end(args);
    const bool failed = words.failed;
    const rk_status status =
        rk_model_bad(loading, 0, "%.*s, at byte %zu", RK_STR_ARG(rk_buf_str(&words)), at);
    rk_buf_free(&words);
    return failed ? RK_ENOMEM : status;
}

rk_status rk_onnx_sound(const rk_onnx_reader *r)
{
    const rk_proto_file *const file = &r->file;
    return file->fault ? rk_onnx_bad(r->loading, file->fault_at, "%s", file->fault) : RK_OK;
}

static size_t at_of(const rk_onnx_reader *r, rk_proto message)
{
    return (size_t)(message.at - r->file.bytes.data);
}

/* ---- lists ---- */

rk_status rk_onnx_read_ints(rk_onnx_reader *r, rk_proto message, uint32_t number,
                            const int64_t **out, uint32_t *n)
{
    const uint64_t count = rk_proto_count_numbers(message, number, RK_PROTO_VARINT);
    RK_TRY(rk_onnx_sound(r));
    if (count > UINT32_MAX)
        return rk_onnx_bad(r->loading, at_of(r, message), "a list has %llu numbers, too many",
                           (unsigned long long)count);
    int64_t *const ints = rk_arena_alloc_column(r->arena, (size_t)count + 1, sizeof *ints);
    if (!ints)
        return RK_ENOMEM;
    rk_proto_get_numbers(message, number, RK_PROTO_VARINT, sizeof *ints, count, (char *)ints);
    for (uint64_t i = 0; i < count; i++)
        ints[i] = (int64_t)rk_onnx_bits((const char *)&ints[i], sizeof *ints);
    *out = ints;
    *n = (uint32_t)count;
    return rk_onnx_sound(r);
}

static rk_status read_floats(rk_onnx_reader *r, rk_proto message, const float **out, uint32_t *n)
{
    const uint64_t count = rk_proto_count_numbers(message, ATTRIBUTE_FLOATS, RK_PROTO_FIXED32);
    RK_TRY(rk_onnx_sound(r));
    if (count > UINT32_MAX)
        return rk_onnx_bad(r->loading, at_of(r, message), "a list has %llu numbers, too many",
                           (unsigned long long)count);
    float *const floats = rk_arena_alloc_column(r->arena, (size_t)count + 1, sizeof *floats);
    if (!floats)
        return RK_ENOMEM;
    rk_proto_get_numbers(message, ATTRIBUTE_FLOATS, RK_PROTO_FIXED32, 4, count, (char *)floats);
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)rk_onnx_bits((const char *)&floats[i], 4);
        memcpy(&floats[i], &bits, sizeof bits);
    }
    *out = floats;
    *n = (uint32_t)count;
    return RK_OK;
}

rk_status rk_onnx_read_texts(rk_onnx_reader *r, rk_proto message, uint32_t number, uint32_t n,
                             const rk_str **out)
{
    rk_str *const texts = RK_NEW_ARRAY(r->arena, rk_str, n);
    if (!texts)
        return RK_ENOMEM;
    uint32_t at = 0;
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == number)
            texts[at++] = rk_proto_bytes(&message, &field);
    *out = texts;
    return rk_onnx_sound(r);
}

rk_onnx_pair rk_onnx_read_pair(rk_proto message)
{
    rk_onnx_pair pair = {RK_STR(""), RK_STR("")};
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == 1)
            pair.key = rk_proto_bytes(&message, &field);
        else if (field.number == 2)
            pair.value = rk_proto_bytes(&message, &field);
    return pair;
}

/* ONNX's own domain has two names. */
static rk_str domain_of(rk_str domain)
{
    return rk_str_eq(domain, RK_STR("ai.onnx")) ? RK_STR("") : domain;
}

/* ---- attributes ---- */

/* A field whose presence tells the type, where the file does not say: none of before 2018 does. */
static uint32_t type_by_fields(const uint32_t *counts)
{
    static const struct {
        uint32_t field, type;
    } by[] = {
        {ATTRIBUTE_F, RK_ONNX_ATTRIBUTE_FLOAT},
        {ATTRIBUTE_I, RK_ONNX_ATTRIBUTE_INT},
        {ATTRIBUTE_S, RK_ONNX_ATTRIBUTE_STRING},
        {ATTRIBUTE_T, RK_ONNX_ATTRIBUTE_TENSOR},
        {ATTRIBUTE_G, RK_ONNX_ATTRIBUTE_GRAPH},
        {ATTRIBUTE_FLOATS, RK_ONNX_ATTRIBUTE_FLOATS},
        {ATTRIBUTE_INTS, RK_ONNX_ATTRIBUTE_INTS},
        {ATTRIBUTE_STRINGS, RK_ONNX_ATTRIBUTE_STRINGS},
        {ATTRIBUTE_TENSORS, RK_ONNX_ATTRIBUTE_TENSORS},
        {ATTRIBUTE_GRAPHS, RK_ONNX_ATTRIBUTE_GRAPHS},
    };
    for (size_t i = 0; i < RK_ARRAY_LEN(by); i++)
        if (counts[by[i].field])
            return by[i].type;
    return RK_ONNX_ATTRIBUTE_UNDEFINED;
}

static rk_status read_tensors(rk_onnx_reader *r, rk_proto message, uint32_t number, uint32_t n,
                              const rk_onnx_tensor **out)
{
    rk_onnx_tensor *const tensors = RK_NEW_ARRAY(r->arena, rk_onnx_tensor, n);
    if (!tensors)
        return RK_ENOMEM;
    uint32_t at = 0;
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == number)
            RK_TRY(rk_onnx_read_tensor(r, rk_proto_message(&message, &field), &tensors[at++]));
    *out = tensors;
    return rk_onnx_sound(r);
}

/* The one value of the attribute's type; the last one, if it stands there more often. */
static void read_single(rk_proto message, rk_onnx_attribute *out)
{
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == ATTRIBUTE_F && out->type == RK_ONNX_ATTRIBUTE_FLOAT)
            out->as.f = rk_proto_float(&message, &field);
        else if (field.number == ATTRIBUTE_I && out->type == RK_ONNX_ATTRIBUTE_INT)
            out->as.i = rk_proto_int(&message, &field);
        else if ((field.number == ATTRIBUTE_S && out->type == RK_ONNX_ATTRIBUTE_STRING) ||
                 (field.number == ATTRIBUTE_G && out->type == RK_ONNX_ATTRIBUTE_GRAPH))
            out->as.s = rk_proto_bytes(&message, &field);
}

static rk_status read_value(rk_onnx_reader *r, rk_proto message, const uint32_t *counts,
                            rk_onnx_attribute *out)
{
    switch (out->type) {
    case RK_ONNX_ATTRIBUTE_STRING:
    case RK_ONNX_ATTRIBUTE_GRAPH:
        out->as.s = RK_STR("");
        /* fall through */
    case RK_ONNX_ATTRIBUTE_FLOAT:
    case RK_ONNX_ATTRIBUTE_INT:
        read_single(message, out);
        return rk_onnx_sound(r);
    case RK_ONNX_ATTRIBUTE_TENSOR:
        if (counts[ATTRIBUTE_T] != 1)
            return rk_onnx_bad(r->loading, out->at, "attribute `%.*s` has %u tensors, not one",
                               RK_STR_ARG(out->name), counts[ATTRIBUTE_T]);
        return read_tensors(r, message, ATTRIBUTE_T, 1, &out->as.t);
    case RK_ONNX_ATTRIBUTE_FLOATS:
        return read_floats(r, message, &out->as.floats, &out->n);
    case RK_ONNX_ATTRIBUTE_INTS:
        return rk_onnx_read_ints(r, message, ATTRIBUTE_INTS, &out->as.ints, &out->n);
    case RK_ONNX_ATTRIBUTE_STRINGS:
        out->n = counts[ATTRIBUTE_STRINGS];
        return rk_onnx_read_texts(r, message, ATTRIBUTE_STRINGS, out->n, &out->as.strings);
    case RK_ONNX_ATTRIBUTE_TENSORS:
        out->n = counts[ATTRIBUTE_TENSORS];
        return read_tensors(r, message, ATTRIBUTE_TENSORS, out->n, &out->as.t);
    default:
        return RK_OK;
    }
}

rk_status rk_onnx_read_attribute(rk_onnx_reader *r, rk_proto message, rk_onnx_attribute *out)
{
    *out = (rk_onnx_attribute){.name = RK_STR(""), .from = RK_STR(""), .at = at_of(r, message)};
    uint32_t counts[ATTRIBUTE_FIELDS];
    rk_proto_count(message, counts, ATTRIBUTE_FIELDS);
    int64_t type = 0;
    rk_proto rest = message;
    for (rk_proto_field field; rk_proto_next(&rest, &field);)
        if (field.number == ATTRIBUTE_NAME)
            out->name = rk_proto_bytes(&rest, &field);
        else if (field.number == ATTRIBUTE_TYPE)
            type = rk_proto_int(&rest, &field);
        else if (field.number == ATTRIBUTE_REFERENCE)
            out->from = rk_proto_bytes(&rest, &field);
    RK_TRY(rk_onnx_sound(r));
    if (out->name.len == 0)
        return rk_onnx_bad(r->loading, out->at, "an attribute has no name");
    if (type < 0 || type >= RK_ONNX_ATTRIBUTE_TYPE_COUNT)
        return rk_onnx_bad(r->loading, out->at, "attribute `%.*s` has type %lld, which is unknown",
                           RK_STR_ARG(out->name), (long long)type);
    out->type = type ? (uint32_t)type : type_by_fields(counts);
    return out->from.len ? RK_OK : read_value(r, message, counts, out);
}

/* ---- nodes ---- */

static rk_status read_attributes(rk_onnx_reader *r, rk_proto message, uint32_t n, rk_onnx_node *out)
{
    rk_onnx_attribute *const attributes = RK_NEW_ARRAY(r->arena, rk_onnx_attribute, n);
    if (!attributes)
        return RK_ENOMEM;
    out->attributes = attributes;
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        if (field.number != NODE_ATTRIBUTES)
            continue;
        rk_onnx_attribute *const attribute = &attributes[out->n_attributes];
        RK_TRY(rk_onnx_read_attribute(r, rk_proto_message(&message, &field), attribute));
        out->n_attributes++;
    }
    return rk_onnx_sound(r);
}

rk_status rk_onnx_read_node(rk_onnx_reader *r, rk_proto message, rk_onnx_node *out)
{
    *out = (rk_onnx_node){.op = RK_STR(""),
                          .domain = RK_STR(""),
                          .overload = RK_STR(""),
                          .name = RK_STR(""),
                          .at = at_of(r, message)};
    uint32_t counts[NODE_FIELDS];
    rk_proto_count(message, counts, NODE_FIELDS);
    rk_proto rest = message;
    for (rk_proto_field field; rk_proto_next(&rest, &field);)
        if (field.number == NODE_OP)
            out->op = rk_proto_bytes(&rest, &field);
        else if (field.number == NODE_DOMAIN)
            out->domain = domain_of(rk_proto_bytes(&rest, &field));
        else if (field.number == NODE_OVERLOAD)
            out->overload = rk_proto_bytes(&rest, &field);
        else if (field.number == NODE_NAME)
            out->name = rk_proto_bytes(&rest, &field);
    RK_TRY(rk_onnx_sound(r));
    if (out->op.len == 0)
        return rk_onnx_bad(r->loading, out->at, "a node has no operator");
    out->n_inputs = counts[NODE_INPUTS];
    out->n_outputs = counts[NODE_OUTPUTS];
    RK_TRY(rk_onnx_read_texts(r, message, NODE_INPUTS, out->n_inputs, &out->inputs));
    RK_TRY(rk_onnx_read_texts(r, message, NODE_OUTPUTS, out->n_outputs, &out->outputs));
    return read_attributes(r, message, counts[NODE_ATTRIBUTES], out);
}

/* ---- values ---- */

static rk_onnx_dim read_dim(rk_proto message)
{
    rk_onnx_dim dim = {-1, RK_STR("")};
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == DIM_VALUE)
            dim.size = rk_proto_int(&message, &field);
        else if (field.number == DIM_NAME)
            dim.name = rk_proto_bytes(&message, &field);
    if (dim.size < 0)
        dim.size = -1;
    return dim;
}

static rk_status read_shape(rk_onnx_reader *r, rk_proto message, rk_onnx_value *out)
{
    uint32_t counts[SHAPE_FIELDS];
    rk_proto_count(message, counts, SHAPE_FIELDS);
    rk_onnx_dim *const dims = RK_NEW_ARRAY(r->arena, rk_onnx_dim, counts[SHAPE_DIMS]);
    if (!dims)
        return RK_ENOMEM;
    out->shaped = true;
    out->dims = dims;
    out->n_dims = 0;
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == SHAPE_DIMS)
            dims[out->n_dims++] = read_dim(rk_proto_message(&message, &field));
    return RK_OK;
}

static rk_status read_tensor_type(rk_onnx_reader *r, rk_proto message, rk_onnx_value *out)
{
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == TENSOR_TYPE)
            out->type = (uint32_t)rk_proto_int(&message, &field);
        else if (field.number == TENSOR_SHAPE)
            RK_TRY(read_shape(r, rk_proto_message(&message, &field), out));
    return RK_OK;
}

static rk_status read_type(rk_onnx_reader *r, rk_proto message, rk_onnx_value *out)
{
    static const uint8_t kinds[] = {
        [1] = RK_ONNX_TENSOR, [4] = RK_ONNX_SEQUENCE,      [5] = RK_ONNX_MAP,
        [7] = RK_ONNX_OPAQUE, [8] = RK_ONNX_SPARSE_TENSOR, [9] = RK_ONNX_OPTIONAL};
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        const uint32_t kind = field.number < RK_ARRAY_LEN(kinds) ? kinds[field.number] : 0;
        if (kind)
            out->kind = kind;
        if (kind == RK_ONNX_TENSOR)
            RK_TRY(read_tensor_type(r, rk_proto_message(&message, &field), out));
    }
    return RK_OK;
}

static rk_status read_value_info(rk_onnx_reader *r, rk_proto message, rk_onnx_value *out)
{
    *out = (rk_onnx_value){.name = RK_STR(""), .at = at_of(r, message)};
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == VALUE_NAME)
            out->name = rk_proto_bytes(&message, &field);
        else if (field.number == VALUE_TYPE)
            RK_TRY(read_type(r, rk_proto_message(&message, &field), out));
    return rk_onnx_sound(r);
}

/* ---- the graph ---- */

/* A sparse tensor is known by its values' name. */
static rk_status read_sparse(rk_onnx_reader *r, rk_proto message, rk_onnx_tensor *out)
{
    *out = (rk_onnx_tensor){.name = RK_STR(""), .sparse = true, .at = at_of(r, message)};
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        if (field.number != SPARSE_VALUES)
            continue;
        rk_proto values = rk_proto_message(&message, &field);
        for (rk_proto_field inner; rk_proto_next(&values, &inner);)
            if (inner.number == SPARSE_NAME)
                out->name = rk_proto_bytes(&values, &inner);
    }
    return rk_onnx_sound(r);
}

/* The lists of a graph while they fill. */
typedef struct graph_lists {
    rk_onnx_node *nodes;
    rk_onnx_tensor *initializers;
    rk_onnx_value *outputs, *infos;
} graph_lists;

static rk_status allocate(rk_onnx_reader *r, const uint32_t *counts, rk_onnx *out,
                          graph_lists *lists)
{
    const uint64_t tensors = (uint64_t)counts[GRAPH_INITIALIZERS] + counts[GRAPH_SPARSE];
    if (tensors >= UINT32_MAX)
        return rk_model_bad(r->loading, 0, "it has more than 4,294,967,295 initializers");
    lists->nodes = RK_NEW_ARRAY(r->arena, rk_onnx_node, counts[GRAPH_NODES]);
    lists->initializers = RK_NEW_ARRAY(r->arena, rk_onnx_tensor, tensors);
    lists->outputs = RK_NEW_ARRAY(r->arena, rk_onnx_value, counts[GRAPH_OUTPUTS]);
    lists->infos = RK_NEW_ARRAY(r->arena, rk_onnx_value, counts[GRAPH_INFOS]);
    out->inputs = RK_NEW_ARRAY(r->arena, rk_onnx_value, counts[GRAPH_INPUTS]);
    out->nodes = lists->nodes;
    out->initializers = lists->initializers;
    out->outputs = lists->outputs;
    out->infos = lists->infos;
    const bool fine = out->nodes && out->initializers && out->outputs && out->infos && out->inputs;
    return fine ? RK_OK : RK_ENOMEM;
}

static rk_status read_part(rk_onnx_reader *r, uint32_t number, rk_proto part,
                           const graph_lists *lists, rk_onnx *out)
{
    switch (number) {
    case GRAPH_NODES:
        return rk_onnx_read_node(r, part, &lists->nodes[out->n_nodes++]);
    case GRAPH_INITIALIZERS:
        return rk_onnx_read_tensor(r, part, &lists->initializers[out->n_initializers++]);
    case GRAPH_SPARSE:
        return read_sparse(r, part, &lists->initializers[out->n_initializers++]);
    case GRAPH_INPUTS:
        return read_value_info(r, part, &out->inputs[out->n_inputs++]);
    case GRAPH_OUTPUTS:
        return read_value_info(r, part, &lists->outputs[out->n_outputs++]);
    default:
        return read_value_info(r, part, &lists->infos[out->n_infos++]);
    }
}

static rk_status read_graph(rk_onnx_reader *r, rk_proto message, rk_onnx *out)
{
    uint32_t counts[GRAPH_FIELDS];
    rk_proto_count(message, counts, GRAPH_FIELDS);
    RK_TRY(rk_onnx_sound(r));
    graph_lists lists = {0};
    RK_TRY(allocate(r, counts, out, &lists));
    for (rk_proto_field field; rk_proto_next(&message, &field);) {
        const uint32_t number = field.number;
        if (number == GRAPH_NAME) {
            out->name = rk_proto_bytes(&message, &field);
        } else if (number == GRAPH_NODES || number == GRAPH_INITIALIZERS ||
                   number == GRAPH_SPARSE || (number >= GRAPH_INPUTS && number <= GRAPH_INFOS)) {
            const rk_proto part = rk_proto_message(&message, &field);
            RK_TRY(rk_onnx_sound(r));
            RK_TRY(read_part(r, number, part, &lists, out));
        }
    }
    return rk_onnx_sound(r);
}

rk_status rk_onnx_read_branch(const rk_onnx *onnx, rk_str graph, const rk_model_loading *loading,
                              rk_arena *arena, rk_onnx *out)
{
    *out = (rk_onnx){.producer = RK_STR(""), .producer_version = RK_STR(""), .name = RK_STR("")};
    rk_onnx_reader r = {.loading = loading, .arena = arena, .file = {.bytes = onnx->bytes}};
    return read_graph(&r, (rk_proto){&r.file, graph.data, graph.data + graph.len}, out);
}

/* ---- the model ---- */

rk_onnx_opset rk_onnx_read_opset(rk_proto message)
{
    rk_onnx_opset opset = {RK_STR(""), 0};
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == OPSET_DOMAIN)
            opset.domain = domain_of(rk_proto_bytes(&message, &field));
        else if (field.number == OPSET_VERSION)
            opset.version = rk_proto_int(&message, &field);
    return opset;
}

static rk_onnx_function read_function(rk_proto message)
{
    rk_onnx_function function = {RK_STR(""), RK_STR(""), RK_STR(""), {message.at, 0}};
    function.body.len = (size_t)(message.end - message.at);
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == FUNCTION_NAME)
            function.name = rk_proto_bytes(&message, &field);
        else if (field.number == FUNCTION_DOMAIN)
            function.domain = domain_of(rk_proto_bytes(&message, &field));
        else if (field.number == FUNCTION_OVERLOAD)
            function.overload = rk_proto_bytes(&message, &field);
    return function;
}

static rk_status read_lists(rk_onnx_reader *r, rk_proto message, const uint32_t *counts,
                            rk_onnx *out)
{
    rk_onnx_opset *const opsets = RK_NEW_ARRAY(r->arena, rk_onnx_opset, counts[MODEL_OPSETS]);
    rk_onnx_pair *const metadata = RK_NEW_ARRAY(r->arena, rk_onnx_pair, counts[MODEL_METADATA]);
    rk_onnx_function *const functions =
        RK_NEW_ARRAY(r->arena, rk_onnx_function, counts[MODEL_FUNCTIONS]);
    if (!opsets || !metadata || !functions)
        return RK_ENOMEM;
    out->opsets = opsets;
    out->metadata = metadata;
    out->functions = functions;
    for (rk_proto_field field; rk_proto_next(&message, &field);)
        if (field.number == MODEL_OPSETS)
            opsets[out->n_opsets++] = rk_onnx_read_opset(rk_proto_message(&message, &field));
        else if (field.number == MODEL_METADATA)
            metadata[out->n_metadata++] = rk_onnx_read_pair(rk_proto_message(&message, &field));
        else if (field.number == MODEL_FUNCTIONS)
            functions[out->n_functions++] = read_function(rk_proto_message(&message, &field));
    return rk_onnx_sound(r);
}

rk_status rk_onnx_read(rk_onnx *out, rk_str bytes, const rk_model_loading *loading, rk_arena *arena)
{
    *out = (rk_onnx){.producer = RK_STR(""), .producer_version = RK_STR(""), .name = RK_STR("")};
    out->bytes = bytes;
    rk_onnx_reader r = {.loading = loading, .arena = arena, .file = {.bytes = bytes}};
    const rk_proto message = rk_proto_open(&r.file);
    uint32_t counts[MODEL_FIELDS];
    rk_proto_count(message, counts, MODEL_FIELDS);
    RK_TRY(rk_onnx_sound(&r));
    if (counts[MODEL_GRAPH] != 1)
        return rk_model_bad(loading, 0, "it has %u graphs, not one", counts[MODEL_GRAPH]);
    RK_TRY(read_lists(&r, message, counts, out));
    rk_proto rest = message;
    for (rk_proto_field field; rk_proto_next(&rest, &field);)
        if (field.number == MODEL_IR_VERSION)
            out->ir_version = rk_proto_int(&rest, &field);
        else if (field.number == MODEL_PRODUCER)
            out->producer = rk_proto_bytes(&rest, &field);
        else if (field.number == MODEL_PRODUCER_VERSION)
            out->producer_version = rk_proto_bytes(&rest, &field);
        else if (field.number == MODEL_GRAPH)
            RK_TRY(read_graph(&r, rk_proto_message(&rest, &field), out));
    RK_TRY(rk_onnx_sound(&r));
    return rk_onnx_index(&r, out);
}

/* ---- by content ---- */

bool rk_onnx_is(rk_str head)
{
    /* wire of each field of a model, as bits */
    static const uint8_t wires[MODEL_FIELDS] = {[MODEL_IR_VERSION] = 1 << RK_PROTO_VARINT,
                                                [MODEL_PRODUCER] = 1 << RK_PROTO_BYTES,
                                                [MODEL_PRODUCER_VERSION] = 1 << RK_PROTO_BYTES,
                                                [MODEL_DOMAIN] = 1 << RK_PROTO_BYTES,
                                                [MODEL_VERSION] = 1 << RK_PROTO_VARINT,
                                                [MODEL_DOC] = 1 << RK_PROTO_BYTES,
                                                [MODEL_GRAPH] = 1 << RK_PROTO_BYTES,
                                                [MODEL_OPSETS] = 1 << RK_PROTO_BYTES,
                                                [MODEL_METADATA] = 1 << RK_PROTO_BYTES,
                                                [MODEL_TRAINING] = 1 << RK_PROTO_BYTES,
                                                [MODEL_FUNCTIONS] = 1 << RK_PROTO_BYTES,
                                                [MODEL_CONFIGURATION] = 1 << RK_PROTO_BYTES};
    rk_proto_file file = {.bytes = head};
    rk_proto message = rk_proto_open(&file);
    uint32_t n = 0;
    bool versioned = false;
    for (rk_proto_field field; rk_proto_next(&message, &field); n++) {
        if (field.number >= MODEL_FIELDS || !(wires[field.number] >> field.wire & 1))
            return false;
        versioned = versioned || field.number == MODEL_IR_VERSION;
    }
    return versioned && n > 0;
}
