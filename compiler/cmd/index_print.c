/* Words that the actions of rankc index share. */
#include "compiler/cmd/index.h"

#include <inttypes.h>

void cmd_index_add_id(const rk_index *index, uint32_t row, bool json, rk_buf *out)
{
    const rk_index_ids *const ids = &index->ids;
    if (!ids->text) {
        rk_buf_printf(out, "%" PRId64, ids->numbers ? ids->numbers[row] : (int64_t)row);
        return;
    }
    const rk_str text = {ids->bytes + ids->offsets[row], ids->offsets[row + 1] - ids->offsets[row]};
    if (json)
        rk_buf_add_json(out, text);
    else
        cmd_add_plain(out, text);
}

void cmd_index_add_shape(const rk_index *index, rk_buf *out)
{
    rk_buf_printf(out, "%s, %s: %u vector%s of %u numbers", rk_index_kind_name(index->kind),
                  rk_index_metric_name(index->metric), index->n, index->n == 1 ? "" : "s",
                  index->dim);
    if (index->degree)
        rk_buf_printf(out, ", %u links each", index->degree);
}

static rk_status bad_ef(cmd_index *ix, rk_str word)
{
    return cmd_usage(ix->c,
                     "--ef takes whole numbers from 1 to %d with commas between them, not `%.*s`",
                     RK_INDEX_MAX_EF, RK_STR_ARG(word));
}

rk_status cmd_index_efs(cmd_index *ix, uint32_t **out, uint32_t *n)
{
    const rk_str text = ix->c->text[CMD_EF];
    *n = 0;
    *out = RK_NEW_ARRAY(&ix->c->arena, uint32_t, text.len + 1);
    if (!*out)
        return RK_ENOMEM;
    for (size_t at = 0; at <= text.len;) {
        const char *const comma = memchr(text.data + at, ',', text.len - at);
        const size_t end = comma ? (size_t)(comma - text.data) : text.len;
        const rk_str word = {text.data + at, end - at};
        int64_t value;
        if (!rk_str_to_int(word, &value) || value < 1 || value > RK_INDEX_MAX_EF)
            return bad_ef(ix, word);
        (*out)[(*n)++] = (uint32_t)value;
        at = end + 1;
    }
    return RK_OK;
}
