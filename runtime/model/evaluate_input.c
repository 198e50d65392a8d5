#include "runtime/model/evaluate_input.h"

#include <string.h>

double rk_numbers_one(const rk_feature *feature, uint32_t at)
{
    const uint32_t i = feature->constant ? 0 : at;
    if (feature->kind == RK_KIND_DOUBLE)
        return ((const double *)feature->data)[i];
    if (feature->kind == RK_KIND_FLOAT)
        return (double)((const float *)feature->data)[i];
    if (feature->present && !rk_bit_get(feature->present, i))
        return rk_nan_double();
    if (feature->kind == RK_KIND_INT)
        return (double)((const int64_t *)feature->data)[i];
    return ((const uint8_t *)feature->data)[i] != 0;
}

/* Kinds that are not in place, or too short at the end. */
static void copy(const rk_feature *feature, uint32_t at, uint32_t n, double *out)
{
    if (feature->kind == RK_KIND_INT && !feature->present)
        for (uint32_t i = 0; i < n; i++)
            out[i] = (double)((const int64_t *)feature->data)[at + i];
    else
        for (uint32_t i = 0; i < n; i++)
            out[i] = rk_numbers_one(feature, at + i);
}

const double *rk_numbers_double(const rk_feature *feature, uint32_t at, uint32_t n, uint32_t whole,
                                double *room)
{
    if (feature->kind == RK_KIND_DOUBLE && n == whole && !feature->constant)
        return (const double *)feature->data + at;
    if (feature->constant) {
        const double value = rk_numbers_one(feature, at);
        for (uint32_t i = 0; i < whole; i++)
            room[i] = value;
        return room;
    }
    if (feature->kind == RK_KIND_DOUBLE)
        memcpy(room, (const double *)feature->data + at, n * sizeof *room);
    else
        copy(feature, at, n, room);
    memset(room + n, 0, (whole - n) * sizeof *room);
    return room;
}

rk_numbers rk_numbers_get(const rk_feature *feature, uint32_t at, uint32_t n, uint32_t whole,
                          double *room)
{
    if (feature->kind != RK_KIND_FLOAT || feature->constant)
        return (rk_numbers){.doubles = rk_numbers_double(feature, at, n, whole, room)};
    const float *const data = (const float *)feature->data + at;
    if (n == whole)
        return (rk_numbers){.floats = data};
    float *const floats = (float *)(void *)room;
    memcpy(floats, data, n * sizeof *floats);
    memset(floats + n, 0, (whole - n) * sizeof *floats);
    return (rk_numbers){.floats = floats};
}
