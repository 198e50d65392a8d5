#include "runtime/index/order.h"

#include "runtime/index/memory.h"

static int compare(const rk_index_input *input, uint32_t a, uint32_t b)
{
    if (!input->numbers)
        return rk_str_cmp(input->texts[a], input->texts[b]);
    return (input->numbers[a] > input->numbers[b]) - (input->numbers[a] < input->numbers[b]);
}

/* Merges the sorted runs [low, middle) and [middle, high) of `from` into `to`. */
static void merge(const rk_index_input *input, const uint32_t *from, uint32_t *to,
                  const size_t *ends)
{
    size_t a = ends[0], b = ends[1];
    for (size_t i = ends[0]; i < ends[2]; i++)
        if (b >= ends[2] || (a < ends[1] && compare(input, from[a], from[b]) <= 0))
            to[i] = from[a++];
        else
            to[i] = from[b++];
}

/* Runs twice as long each time; equal ids keep the input's order. */
static void sort(const rk_index_input *input, uint32_t *order, uint32_t *room)
{
    const size_t n = input->n;
    uint32_t *from = order, *to = room;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t low = 0; low < n; low += 2 * run) {
            const size_t ends[3] = {low, low + run < n ? low + run : n,
                                    low + 2 * run < n ? low + 2 * run : n};
            merge(input, from, to, ends);
        }
        uint32_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != order)
        memcpy(order, from, n * sizeof *order);
}

bool rk_index_order(const rk_index_input *input, uint32_t *order, uint32_t *room, uint32_t *doubled)
{
    for (uint32_t i = 0; i < input->n; i++)
        order[i] = i;
    if (!input->numbers && !input->texts)
        return true;
    bool sorted = true;
    for (uint32_t i = 1; i < input->n && sorted; i++)
        sorted = compare(input, i - 1, i) < 0;
    if (sorted)
        return true;
    sort(input, order, room);
    for (uint32_t i = 1; i < input->n; i++)
        if (compare(input, order[i - 1], order[i]) == 0) {
            *doubled = order[i];
            return false;
        }
    return true;
}

static rk_status take_texts(rk_index *index, const rk_index_input *input, const uint32_t *order)
{
    size_t size = 0;
    for (uint32_t i = 0; i < input->n; i++)
        size += input->texts[i].len;
    uint64_t *const offsets = rk_index_array(index, (size_t)input->n + 1, sizeof *offsets);
    char *const bytes = rk_index_array(index, size, 1);
    if (!offsets || !bytes)
        return RK_ENOMEM;
    offsets[0] = 0;
    for (uint32_t i = 0; i < input->n; i++) {
        const rk_str text = input->texts[order[i]];
        if (text.len > 0)
            memcpy(bytes + offsets[i], text.data, text.len);
        offsets[i + 1] = offsets[i] + text.len;
    }
    index->ids = (rk_index_ids){.text = true, .offsets = offsets, .bytes = bytes};
    return RK_OK;
}

rk_status rk_index_take_ids(rk_index *index, const rk_index_input *input, const uint32_t *order)
{
    if (!input->numbers)
        return input->texts ? take_texts(index, input, order) : RK_OK;
    bool plain = true; /* 0 .. n - 1 need no array */
    for (uint32_t i = 0; i < input->n; i++)
        plain &= input->numbers[order[i]] == (int64_t)i;
    if (plain)
        return RK_OK;
    int64_t *const numbers = rk_index_array(index, input->n, sizeof *numbers);
    if (!numbers)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < input->n; i++)
        numbers[i] = input->numbers[order[i]];
    index->ids.numbers = numbers;
    return RK_OK;
}
