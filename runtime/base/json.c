#include "runtime/base/json.h"

/* What may come next. */
enum {
    WANT_VALUE,      /* a value: at the start, after a colon, after a comma in a list */
    WANT_FIRST,      /* just after [ */
    WANT_FIRST_NAME, /* just after { */
    WANT_COMMA,      /* after a value inside a list or object */
    WANT_NOTHING,    /* after the whole value */
};

void rk_json_init(rk_json *json, rk_arena *arena, rk_str text)
{
    *json = (rk_json){.text = text, .arena = arena};
}

void rk_json_reset(rk_json *json, rk_str text)
{
    *json = (rk_json){.text = text,
                      .loose = json->loose,
                      .arena = json->arena,
                      .room = json->room,
                      .room_size = json->room_size};
}

static rk_json_event fail(rk_json *json, size_t at, const char *error)
{
    if (!json->error) {
        json->error = error;
        json->error_at = at;
    }
    return RK_JSON_ERROR;
}

static int peek(const rk_json *json)
{
    return json->at < json->text.len ? (unsigned char)json->text.data[json->at] : -1;
}

static void skip_space(rk_json *json)
{
    for (;; json->at++) {
        const int c = peek(json);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
    }
}

static void value_done(rk_json *json) { json->state = json->depth ? WANT_COMMA : WANT_NOTHING; }

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static bool skip_digits(rk_json *json)
{
    const size_t start = json->at;
    while (is_digit(peek(json)))
        json->at++;
    return json->at > start;
}

/* NaN or Infinity, where they may stand. */
static rk_json_event read_special(rk_json *json)
{
    const char *const word = peek(json) == 'N' ? "NaN" : "Infinity";
    const size_t len = strlen(word);
    if (json->text.len - json->at < len || memcmp(json->text.data + json->at, word, len) != 0)
        return fail(json, json->start, "this is not a number");
    json->at += len;
    json->token = (rk_str){json->text.data + json->start, json->at - json->start};
    value_done(json);
    return RK_JSON_NUMBER;
}

static rk_json_event read_number(rk_json *json)
{
    const char *const text = json->text.data;
    json->at += text[json->at] == '-';
    if (json->loose && peek(json) == 'I')
        return read_special(json);
    const size_t whole = json->at;
    if (!skip_digits(json))
        return fail(json, json->start, "this is not a number");
    if (text[whole] == '0' && json->at - whole > 1)
        return fail(json, whole, "a number does not begin with 0");
    if (peek(json) == '.') {
        json->at++;
        if (!skip_digits(json))
            return fail(json, json->at, "digits should follow the point");
    }
    if (peek(json) == 'e' || peek(json) == 'E') {
        json->at++;
        if (peek(json) == '+' || peek(json) == '-')
            json->at++;
        if (!skip_digits(json))
            return fail(json, json->at, "digits should follow the `e`");
    }
    json->token = (rk_str){text + json->start, json->at - json->start};
    value_done(json);
    return RK_JSON_NUMBER;
}

/* Bytes of the 8 at p that end a plain run (quote, backslash, control, not ASCII), as high bits. */
static uint64_t special_bytes(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    const uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
    const uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                         ((word - ones * 0x20) & ~word) | word;
    return hit & highs;
}

/* Moves over bytes that stand for themselves. */
static void skip_plain(rk_json *json)
{
    const char *const text = json->text.data;
    while (json->text.len - json->at >= 8 && !special_bytes(text + json->at))
        json->at += 8;
    for (; json->at < json->text.len; json->at++) {
        const unsigned char c = (unsigned char)text[json->at];
        if (c < 0x20 || c == '"' || c == '\\' || c >= 0x80)
            return;
    }
}

/* Moves to the next quote or backslash, checking UTF-8 on the way. */
static bool skip_unescaped(rk_json *json)
{
    for (;;) {
        skip_plain(json);
        const int c = peek(json);
        if (c == '"' || c == '\\')
            return true;
        if (c < 0)
            return fail(json, json->start, "this text has no end");
        if (c < 0x20)
            return fail(json, json->at, "a control character must be written as an escape");
        const size_t before = json->at;
        rk_str_utf8_next(json->text, &json->at);
        if (json->at == before + 1)
            return fail(json, before, "this is not UTF-8");
    }
}

static int hex_value(int c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits after \u; -1 if they are not there. */
static int32_t read_hex4(rk_json *json)
{
    int32_t code = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        const int digit = hex_value(peek(json));
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[len] | code);
    return len;
}

/* After \u. Pairs of surrogates join; a lone one is an error. Returns the bytes written, 0 on
 * error. */
static size_t read_code_point(rk_json *json, char *out)
{
    const size_t start = json->at - 2;
    int32_t code = read_hex4(json);
    if (code < 0)
        return fail(json, start, "\\u needs four hexadecimal digits");
    if (code >= 0xd800 && code < 0xdc00) {
        const bool pair = json->text.len - json->at >= 6 && json->text.data[json->at] == '\\' &&
                          json->text.data[json->at + 1] == 'u';
        json->at += pair ? 2 : 0;
        const int32_t low = pair ? read_hex4(json) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(json, start, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
        return fail(json, start, "half of a surrogate pair");
    }
    return put_utf8(out, (uint32_t)code);
}

/* After a backslash. Returns the bytes written, 0 on error. */
static size_t read_escape(rk_json *json, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const int c = peek(json);
    const char *const known = c > 0 ? strchr(from, c) : NULL;
    json->at += c >= 0;
    if (c == 'u')
        return read_code_point(json, out);
    if (!known)
        return fail(json, json->at - 1,
                    "this escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    *out = to[known - from];
    return 1;
}

/* Makes sure of `size` bytes of room, whose first `used` are kept. */
static bool make_room(rk_json *json, size_t used, size_t size)
{
    if (size <= json->room_size)
        return true;
    const size_t want = size < 256 ? 256 : size > SIZE_MAX / 2 ? size : size * 2;
    char *const room = rk_arena_alloc_column(json->arena, want, 1);
    if (!room) {
        json->no_memory = true;
        return fail(json, json->at, "out of memory");
    }
    if (used)
        memcpy(room, json->room, used);
    json->room = room;
    json->room_size = want;
    return true;
}

/* The rest of a string from its first backslash on. */
static bool read_escaped(rk_json *json, size_t from)
{
    size_t len = 0;
    for (;;) {
        const size_t run = json->at - from;
        if (!make_room(json, len, len + run + 4))
            return false;
        memcpy(json->room + len, json->text.data + from, run);
        len += run;
        const bool end = peek(json) == '"';
        json->at++;
        if (end)
            break;
        const size_t got = read_escape(json, json->room + len);
        if (got == 0)
            return false;
        len += got;
        from = json->at;
        if (!skip_unescaped(json))
            return false;
    }
    json->token = (rk_str){json->room, len};
    return true;
}

/* At the opening quote. */
static bool read_string(rk_json *json)
{
    const size_t from = ++json->at;
    if (!skip_unescaped(json))
        return false;
    if (peek(json) == '\\')
        return read_escaped(json, from);
    json->token = (rk_str){json->text.data + from, json->at - from};
    json->at++;
    return true;
}

static rk_json_event read_word(rk_json *json, const char *word, rk_json_event event)
{
    const size_t len = strlen(word);
    if (json->text.len - json->at < len || memcmp(json->text.data + json->at, word, len) != 0)
        return fail(json, json->at, "this is not JSON: a value should stand here");
    json->at += len;
    value_done(json);
    return event;
}

static rk_json_event open_level(rk_json *json, bool object)
{
    if (json->depth == RK_JSON_DEPTH)
        return fail(json, json->at, "lists and objects are nested more than 64 deep");
    const uint64_t bit = UINT64_C(1) << json->depth++;
    json->objects = object ? json->objects | bit : json->objects & ~bit;
    json->at++;
    json->state = object ? WANT_FIRST_NAME : WANT_FIRST;
    return object ? RK_JSON_OBJECT : RK_JSON_LIST;
}

static rk_json_event close_level(rk_json *json)
{
    const bool object = json->objects >> --json->depth & 1;
    json->at++;
    value_done(json);
    return object ? RK_JSON_OBJECT_END : RK_JSON_LIST_END;
}

static rk_json_event read_value(rk_json *json)
{
    const int c = peek(json);
    switch (c) {
    case '{':
        return open_level(json, true);
    case '[':
        return open_level(json, false);
    case '"':
        if (!read_string(json))
            return RK_JSON_ERROR;
        value_done(json);
        return RK_JSON_STRING;
    case 't':
        return read_word(json, "true", RK_JSON_TRUE);
    case 'f':
        return read_word(json, "false", RK_JSON_FALSE);
    case 'n':
        return read_word(json, "null", RK_JSON_NULL);
    case 'N':
    case 'I':
        if (json->loose)
            return read_special(json);
        return fail(json, json->at, "NaN and Infinity are not JSON: write null or \"inf\"");
    case -1:
        return fail(json, json->at, "the text ends where a value should stand");
    default:
        if (c == '-' || is_digit(c))
            return read_number(json);
        return fail(json, json->at, "this is not JSON: a value should stand here");
    }
}

/* A member's name and the colon after it. */
static rk_json_event read_name(rk_json *json)
{
    if (peek(json) != '"')
        return fail(json, json->at, "a member's name in quotes should stand here");
    if (!read_string(json))
        return RK_JSON_ERROR;
    skip_space(json);
    if (peek(json) != ':')
        return fail(json, json->at, "a colon should stand here");
    json->at++;
    json->state = WANT_VALUE;
    return RK_JSON_NAME;
}

static rk_json_event after_value(rk_json *json)
{
    const bool object = json->objects >> (json->depth - 1) & 1;
    if (peek(json) == (object ? '}' : ']'))
        return close_level(json);
    if (peek(json) != ',')
        return fail(json, json->at,
                    object ? "a comma or `}` should stand here"
                           : "a comma or `]` should stand here");
    json->at++;
    skip_space(json);
    json->start = json->at;
    return object ? read_name(json) : read_value(json);
}

rk_json_event rk_json_next(rk_json *json)
{
    if (json->error)
        return RK_JSON_ERROR;
    skip_space(json);
    json->start = json->at;
    switch (json->state) {
    case WANT_FIRST:
        return peek(json) == ']' ? close_level(json) : read_value(json);
    case WANT_FIRST_NAME:
        return peek(json) == '}' ? close_level(json) : read_name(json);
    case WANT_COMMA:
        return after_value(json);
    case WANT_NOTHING:
        if (json->at < json->text.len)
            return fail(json, json->at, "something follows the end of the value");
        return RK_JSON_END;
    default:
        return read_value(json);
    }
}

bool rk_json_skip(rk_json *json, rk_json_event first)
{
    if (first == RK_JSON_ERROR)
        return false;
    if (first != RK_JSON_LIST && first != RK_JSON_OBJECT)
        return true;
    const uint8_t outside = (uint8_t)(json->depth - 1);
    while (json->depth > outside)
        if (rk_json_next(json) == RK_JSON_ERROR)
            return false;
    return true;
}

const char *rk_json_event_text(rk_json_event event)
{
    switch (event) {
    case RK_JSON_NULL:
        return "null";
    case RK_JSON_FALSE:
    case RK_JSON_TRUE:
        return "a bool";
    case RK_JSON_NUMBER:
        return "a number";
    case RK_JSON_STRING:
        return "text";
    case RK_JSON_LIST:
        return "a list";
    case RK_JSON_OBJECT:
        return "an object";
    default:
        return "nothing";
    }
}
