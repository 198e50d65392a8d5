/* Tensors of the file as constants, and the files beside it that hold some of them. */
#include "runtime/base/input.h"
#include "runtime/model/onnx_network.h"

enum { LITTLE = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ };

uint8_t rk_net_kind(uint32_t type)
{
    switch (type) {
    case RK_ONNX_FLOAT:
    case RK_ONNX_DOUBLE:
    case RK_ONNX_FLOAT16:
    case RK_ONNX_BFLOAT16:
        return RK_KIND_FLOAT;
    case RK_ONNX_INT8:
    case RK_ONNX_INT16:
    case RK_ONNX_INT32:
    case RK_ONNX_INT64:
    case RK_ONNX_UINT8:
    case RK_ONNX_UINT16:
    case RK_ONNX_UINT32:
    case RK_ONNX_UINT64:
        return RK_KIND_INT;
    case RK_ONNX_BOOL:
        return RK_KIND_BOOL;
    default:
        return RK_KIND_NONE;
    }
}

/* ---- files beside the model ---- */

/* A path below the model's folder: no part of it leads up, or elsewhere. Where a link leads is the
 * business of whoever made it. */
static bool is_below(rk_str path)
{
    if (path.len == 0 || path.data[0] == '/' || memchr(path.data, 0, path.len))
        return false;
    for (size_t at = 0, end; at < path.len; at = end + 1) {
        for (end = at; end < path.len && path.data[end] != '/'; end++)
            continue;
        if (end - at == 2 && path.data[at] == '.' && path.data[at + 1] == '.')
            return false;
    }
    return true;
}

/* The bytes of a file beside the model: in memory, where the model is, or mapped. */
static rk_status map_file(rk_net *net, rk_str path, rk_net_file *file)
{
    const rk_model_spec *const spec = net->loading->spec;
    const rk_str *const known = rk_files_find(spec->files, path);
    file->mapping = (rk_mapping){known ? *known : RK_STR(""), false};
    if (!known)
        RK_TRY(rk_input_map_plain(net->loading->diags, &net->scratch, path, spec->span,
                                  &file->mapping));
    file->mine = !known;
    file->left = file->mapping.text.len;
    return RK_OK;
}

/* The model names the file as a part of itself. */
static rk_status add_beside(rk_net *net, rk_str path, const rk_net_file *file)
{
    const char *const copy = rk_arena_copy(net->arena, path.data, path.len);
    const rk_str kept = {copy, path.len};
    if (!copy || !rk_vec_push(net->arena, &net->beside, kept))
        return RK_ENOMEM;
    net->beside_digest = rk_hash_int(net->beside_digest) + (rk_str_hash(file->mapping.text) | 1);
    return RK_OK;
}

static rk_status open_file(rk_net *net, rk_str location, rk_net_file **out)
{
    for (uint32_t i = 0; i < net->files.len; i++) {
        *out = net->files.items[i];
        if (rk_str_eq((*out)->location, location))
            return RK_OK;
    }
    if (!is_below(location))
        return rk_model_bad(net->loading, 0,
                            "its tensors lie in `%.*s`, which is not below its folder",
                            RK_STR_ARG(location));
    const char *const path = rk_path_relative(&net->scratch, net->loading->spec->path, location);
    rk_net_file *const file = *out = RK_NEW(&net->scratch, rk_net_file);
    if (!path || !file || !rk_vec_push(&net->scratch, &net->files, file))
        return RK_ENOMEM;
    file->location = location;
    file->mapping = (rk_mapping){{"", 0}, false};
    RK_TRY(map_file(net, rk_str_from(path), file));
    net->room += 32 * file->left;
    return add_beside(net, rk_str_from(path), file);
}

rk_status rk_net_external(rk_net *net, const rk_onnx_tensor *tensor, const char **out)
{
    const rk_onnx_external *const external = tensor->external;
    rk_net_file *file = NULL;
    RK_TRY(open_file(net, external->location, &file));
    const uint64_t len = file->mapping.text.len;
    if (external->offset > len || tensor->size > len - external->offset)
        return rk_model_bad(net->loading, 0,
                            "tensor `%.*s` lies at bytes %llu to %llu of `%.*s`, which has %llu",
                            RK_STR_ARG(tensor->name), (unsigned long long)external->offset,
                            (unsigned long long)(external->offset + tensor->size),
                            RK_STR_ARG(external->location), (unsigned long long)len);
    if (tensor->size > file->left)
        return rk_model_bad(net->loading, 0, "its tensors share bytes of `%.*s`",
                            RK_STR_ARG(external->location));
    file->left -= tensor->size;
    *out = file->mapping.text.data + external->offset;
    return RK_OK;
}

/* ---- constants ---- */

static rk_status convert(rk_net *net, const rk_onnx_tensor *tensor, uint8_t kind, void **out)
{
    const size_t size = rk_network_kind_size(kind);
    char *const data = *out =
        rk_arena_alloc_column(&net->scratch, tensor->n ? (size_t)tensor->n : 1, size);
    if (!data)
        return RK_ENOMEM;
    for (uint64_t i = 0; i < tensor->n; i++) {
        double real = 0;
        int64_t whole = 0;
        if (kind == RK_KIND_FLOAT ? !rk_onnx_get_number(tensor, i, &real)
                                  : !rk_onnx_get_int(tensor, i, &whole))
            return rk_net_bad(net, "tensor `%.*s` has a number beyond 64 bits",
                              RK_STR_ARG(tensor->name));
        if (kind == RK_KIND_FLOAT)
            ((float *)(void *)data)[i] = (float)real;
        else if (kind == RK_KIND_INT)
            ((int64_t *)(void *)data)[i] = whole;
        else
            data[i] = whole != 0;
    }
    return RK_OK;
}

/* Dimensions as those of a value; their number and size are bounded. */
static rk_status shape_of(rk_net *net, const rk_onnx_tensor *tensor, rk_net_value *value)
{
    if (tensor->n_dims > RK_NETWORK_DIMS)
        return rk_net_lacks(net, "tensors of %u dimensions", tensor->n_dims);
    value->n_dims = (uint8_t)tensor->n_dims;
    for (uint32_t i = 0; i < tensor->n_dims; i++) {
        if (tensor->dims[i] > INT32_MAX)
            return rk_net_lacks(net, "tensors with a dimension above 2,147,483,647");
        value->dims[i] = (uint32_t)tensor->dims[i];
    }
    return tensor->n > UINT32_MAX ? rk_net_lacks(net, "tensors of more than 4,294,967,295 numbers")
                                  : RK_OK;
}

rk_status rk_net_tensor(rk_net *net, const rk_onnx_tensor *tensor, rk_net_value **out)
{
    rk_onnx_tensor t = *tensor;
    const uint8_t kind = rk_net_kind(t.type);
    if (t.sparse)
        return rk_net_lacks(net, "sparse tensors");
    if (kind == RK_KIND_NONE)
        return rk_net_lacks(net, "tensors of %s", rk_onnx_type_name(t.type));
    rk_net_value *const value = *out = rk_net_value_new(net, kind);
    if (!value)
        return RK_ENOMEM;
    RK_TRY(shape_of(net, &t, value));
    if (t.external)
        RK_TRY(rk_net_external(net, &t, &t.data));
    const bool as_is = t.type == RK_ONNX_FLOAT || t.type == RK_ONNX_INT64;
    const size_t size = rk_network_kind_size(kind);
    void *data = NULL;
    if (LITTLE && as_is && t.data && (uintptr_t)t.data % size == 0) {
        value->data[0] = value->data[1] = t.data;
        return RK_OK;
    }
    RK_TRY(convert(net, &t, kind, &data));
    value->data[0] = value->data[1] = data;
    return RK_OK;
}
