#include "runtime/model/ubjson.h"

void rk_ubjson_init(rk_ubjson *reader, rk_str text) { *reader = (rk_ubjson){.text = text}; }

static rk_json_event fail(rk_ubjson *r, const char *error)
{
    if (!r->error) {
        r->error = error;
        r->error_at = r->start;
    }
    return RK_JSON_ERROR;
}

static size_t left(const rk_ubjson *r) { return r->text.len - r->at; }

static int peek(const rk_ubjson *r) { return left(r) ? (unsigned char)r->text.data[r->at] : -1; }

static void skip_nothing(rk_ubjson *r)
{
    while (peek(r) == 'N')
        r->at++;
}

/* Bytes of a number of this type; 0 for what is no number. */
static size_t number_size(int type)
{
    switch (type) {
    case 'i':
    case 'U':
    case 'C':
        return 1;
    case 'I':
        return 2;
    case 'l':
    case 'd':
        return 4;
    case 'L':
    case 'D':
        return 8;
    default:
        return 0;
    }
}

static uint64_t read_bytes(rk_ubjson *r, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | (unsigned char)r->text.data[r->at + i];
    r->at += size;
    return bits;
}

static void read_real(rk_ubjson *r, int type)
{
    r->whole = false;
    if (type == 'd') {
        const uint32_t bits = (uint32_t)read_bytes(r, 4);
        float value;
        memcpy(&value, &bits, sizeof value);
        r->real = (double)value;
        return;
    }
    const uint64_t bits = read_bytes(r, 8);
    memcpy(&r->real, &bits, sizeof bits);
}

static void read_whole(rk_ubjson *r, int type)
{
    r->whole = true;
    const size_t size = number_size(type);
    const uint64_t bits = read_bytes(r, size);
    const unsigned unused = type == 'U' ? 0 : 64 - 8 * (unsigned)size;
    r->integer = (int64_t)(bits << unused) >> unused;
}

static rk_json_event read_number(rk_ubjson *r, int type)
{
    if (left(r) < number_size(type))
        return fail(r, "the file ends inside a number");
    if (type == 'd' || type == 'D')
        read_real(r, type);
    else
        read_whole(r, type);
    return RK_JSON_NUMBER;
}

/* A length or count with its type before it, of things that take a byte or more each. */
static bool read_length(rk_ubjson *r, uint64_t *out)
{
    const int type = peek(r);
    if (number_size(type) == 0 || type == 'd' || type == 'D')
        return fail(r, "a length should stand here");
    r->at++;
    if (left(r) < number_size(type))
        return fail(r, "the file ends inside a length");
    read_whole(r, type);
    if (r->integer < 0 || (uint64_t)r->integer > left(r))
        return fail(r, "a length is more than what is left of the file");
    *out = (uint64_t)r->integer;
    return true;
}

static bool read_text(rk_ubjson *r)
{
    uint64_t len;
    if (!read_length(r, &len))
        return false;
    r->token = (rk_str){r->text.data + r->at, (size_t)len};
    if (rk_str_utf8_valid(r->token) != r->token.len)
        return fail(r, "a text is not UTF-8");
    r->at += (size_t)len;
    return true;
}

/* After [ or {: its type and count, as far as it has them. */
static rk_json_event open_level(rk_ubjson *r, bool object)
{
    if (r->depth == RK_JSON_DEPTH)
        return fail(r, "lists and objects are nested more than 64 deep");
    rk_ubjson_level *const level = &r->levels[r->depth];
    *level = (rk_ubjson_level){.object = object};
    skip_nothing(r);
    if (peek(r) == '$') {
        r->at++;
        const int type = peek(r);
        r->at += type >= 0;
        /* Others take no byte, so that any count of them would do. */
        if (number_size(type) == 0 && type != 'S' && type != '[' && type != '{')
            return fail(r, "values of this type cannot fill a list");
        level->type = (char)type;
        if (peek(r) != '#')
            return fail(r, "a count should follow the type of a list");
    }
    if (peek(r) == '#') {
        r->at++;
        if (!read_length(r, &level->left))
            return RK_JSON_ERROR;
        level->counted = true;
        const size_t size = number_size(level->type);
        if (size && level->left > left(r) / size)
            return fail(r, "a list claims more values than are left of the file");
    }
    r->depth++;
    r->named = false;
    return object ? RK_JSON_OBJECT : RK_JSON_LIST;
}

static rk_json_event close_level(rk_ubjson *r)
{
    r->named = false;
    return r->levels[--r->depth].object ? RK_JSON_OBJECT_END : RK_JSON_LIST_END;
}

static rk_json_event read_value(rk_ubjson *r, int type)
{
    r->named = false;
    switch (type) {
    case '[':
        return open_level(r, false);
    case '{':
        return open_level(r, true);
    case 'Z':
        return RK_JSON_NULL;
    case 'T':
        return RK_JSON_TRUE;
    case 'F':
        return RK_JSON_FALSE;
    case 'S':
        return read_text(r) ? RK_JSON_STRING : RK_JSON_ERROR;
    case -1:
        return fail(r, "the file ends where a value should stand");
    default:
        if (number_size(type))
            return read_number(r, type);
        return fail(r, "this is not UBJSON: a value should stand here");
    }
}

/* A value with its type before it. */
static rk_json_event read_typed(rk_ubjson *r)
{
    skip_nothing(r);
    r->start = r->at;
    const int type = peek(r);
    r->at += type >= 0;
    return read_value(r, type);
}

static rk_json_event read_name(rk_ubjson *r)
{
    if (!read_text(r))
        return RK_JSON_ERROR;
    r->named = true;
    return RK_JSON_NAME;
}

static rk_json_event next_inside(rk_ubjson *r)
{
    rk_ubjson_level *const level = &r->levels[r->depth - 1];
    if (!r->named) {
        if (level->counted ? level->left == 0 : peek(r) == (level->object ? '}' : ']')) {
            r->at += !level->counted;
            return close_level(r);
        }
        level->left -= level->counted;
        if (level->object)
            return read_name(r);
    }
    return level->type ? read_value(r, (unsigned char)level->type) : read_typed(r);
}

rk_json_event rk_ubjson_next(rk_ubjson *r)
{
    if (r->error)
        return RK_JSON_ERROR;
    if (r->depth == 0 || !r->levels[r->depth - 1].type)
        skip_nothing(r);
    r->start = r->at;
    if (r->depth)
        return next_inside(r);
    if (!r->begun) {
        r->begun = true;
        return read_typed(r);
    }
    return left(r) ? fail(r, "something follows the end of the value") : RK_JSON_END;
}

bool rk_ubjson_skip(rk_ubjson *r, rk_json_event first)
{
    if (first == RK_JSON_ERROR)
        return false;
    if (first != RK_JSON_LIST && first != RK_JSON_OBJECT)
        return true;
    const uint8_t outside = (uint8_t)(r->depth - 1);
    while (r->depth > outside) {
        rk_ubjson_level *const level = &r->levels[r->depth - 1];
        const size_t size = number_size(level->type);
        if (size && !level->object) {
            r->at += (size_t)level->left * size; /* was checked when the list began */
            level->left = 0;
        }
        if (rk_ubjson_next(r) == RK_JSON_ERROR)
            return false;
    }
    return true;
}
