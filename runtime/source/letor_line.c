#include "runtime/source/letor_line.h"

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static rk_str skip_spaces(rk_str s)
{
    while (s.len && is_space(s.data[0]))
        s = (rk_str){s.data + 1, s.len - 1};
    return s;
}

/* Takes the next word off *s; "" at the end. */
static rk_str take_word(rk_str *s)
{
    *s = skip_spaces(*s);
    size_t len = 0;
    while (len < s->len && !is_space(s->data[len]))
        len++;
    const rk_str word = {s->data, len};
    *s = (rk_str){s->data + len, s->len - len};
    return word;
}

static bool starts_with(rk_str s, rk_str start)
{
    return s.len >= start.len && memcmp(s.data, start.data, start.len) == 0;
}

/* The document of a comment: after `docid =`, else the first word. */
static rk_str docid_of(rk_str comment)
{
    rk_str rest = skip_spaces(comment);
    if (!starts_with(rest, RK_STR("docid")))
        return take_word(&rest);
    rk_str value = skip_spaces((rk_str){rest.data + 5, rest.len - 5});
    if (value.len == 0 || (value.data[0] != '=' && value.data[0] != ':'))
        return take_word(&rest);
    value = (rk_str){value.data + 1, value.len - 1};
    return take_word(&value);
}

bool rk_letor_is_blank(rk_str line)
{
    line = skip_spaces(line);
    return line.len == 0 || line.data[0] == '#';
}

static bool bad_form(rk_letor_problem *problem, rk_str text, const char *words)
{
    *problem = (rk_letor_problem){.code = RK_E0512, .column = UINT32_MAX, .text = text};
    rk_why_set(&problem->why, "%s", words);
    return false;
}

bool rk_letor_split(rk_str line, rk_letor_line *out, rk_letor_problem *problem)
{
    *out = (rk_letor_line){{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    const char *const comment = line.len ? memchr(line.data, '#', line.len) : NULL;
    if (comment) {
        const size_t before = (size_t)(comment - line.data);
        out->docid = docid_of((rk_str){comment + 1, line.len - before - 1});
        line.len = before;
    }
    out->label = take_word(&line);
    if (out->label.len == 0 || memchr(out->label.data, ':', out->label.len))
        return bad_form(problem, out->label, "stands where the label should be");
    rk_str rest = line;
    const rk_str word = take_word(&rest);
    if (starts_with(word, RK_STR("qid:"))) {
        out->qid = (rk_str){word.data + 4, word.len - 4};
        if (out->qid.len == 0)
            return bad_form(problem, word, "names no query");
        line = rest;
    }
    out->features = line;
    return true;
}

/* The number of a feature, 0 if it is none; beyond RK_LETOR_FEATURES all are one. */
static uint32_t feature_number(rk_str s)
{
    uint32_t number = 0;
    for (size_t i = 0; i < s.len; i++) {
        const unsigned digit = (unsigned char)s.data[i] - (unsigned)'0';
        if (digit > 9)
            return 0;
        number = number * 10 + digit;
        if (number > RK_LETOR_FEATURES)
            number = RK_LETOR_FEATURES + 1;
    }
    return number;
}

uint32_t rk_letor_part(rk_str name)
{
    if (rk_str_eq(name, RK_STR("label")))
        return RK_LETOR_LABEL;
    if (rk_str_eq(name, RK_STR("qid")))
        return RK_LETOR_QID;
    if (rk_str_eq(name, RK_STR("docid")))
        return RK_LETOR_DOCID;
    if (name.len < 2 || name.data[0] != 'f' || name.data[1] == '0')
        return RK_LETOR_OTHER;
    const uint32_t number = feature_number((rk_str){name.data + 1, name.len - 1});
    return number == 0 || number > RK_LETOR_FEATURES ? (uint32_t)RK_LETOR_OTHER : number;
}

rk_status rk_letor_map_init(rk_letor_map *map, rk_arena *arena, rk_sink **sinks,
                            const uint32_t *parts, uint32_t n)
{
    *map = (rk_letor_map){.sinks = sinks, .n = n, .stamp = 0};
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        if (parts[i] <= RK_LETOR_FEATURES && parts[i] > most)
            most = parts[i];
    map->n_features = most + 1;
    map->parts = RK_NEW_ARRAY(arena, uint32_t, n);
    map->same = RK_NEW_ARRAY(arena, uint32_t, n);
    map->seen = RK_NEW_ARRAY(arena, uint64_t, n);
    map->features = RK_NEW_ARRAY(arena, uint32_t, map->n_features);
    if (!map->parts || !map->same || !map->seen || !map->features)
        return RK_ENOMEM;
    memset(map->features, 0xff, map->n_features * sizeof *map->features);
    for (uint32_t i = 0; i < n; i++) {
        map->parts[i] = parts[i];
        map->same[i] = UINT32_MAX;
        if (parts[i] > RK_LETOR_FEATURES)
            continue;
        map->same[i] = map->features[parts[i]];
        map->features[parts[i]] = i;
    }
    return RK_OK;
}

/* `text` into column i. */
static rk_status store_text(rk_letor_map *map, uint32_t i, rk_str text, uint32_t row,
                            rk_letor_problem *problem)
{
    rk_sink *const sink = map->sinks[i];
    const rk_cell cell = rk_cell_reader(sink->column.type)(sink, row, text, &problem->why);
    RK_TRY(rk_cell_status(cell));
    if (cell == RK_CELL_BAD) {
        const bool text_kind = sink->column.type.kind == RK_KIND_STRING;
        problem->code = text_kind ? RK_E0508 : RK_E0502;
        problem->column = i;
        problem->text = text;
        return RK_EDATA;
    }
    map->seen[i] = map->stamp + (cell == RK_CELL_FINE);
    return cell == RK_CELL_FINE ? RK_OK : rk_sink_absent(sink, row);
}

/* Whether this line named feature column i. */
static bool was_named(const rk_letor_map *map, uint32_t i) { return map->seen[i] >= map->stamp; }

static void store_zero(rk_sink *sink, uint32_t row)
{
    const size_t size = rk_type_size(sink->column.type);
    memset((char *)sink->column.data + row * size, 0, size);
    rk_sink_mark(sink, row, true);
}

/* One `i:v`. */
static rk_status store_feature(rk_letor_map *map, rk_str word, uint32_t row,
                               rk_letor_problem *problem)
{
    const char *const colon = memchr(word.data, ':', word.len);
    const rk_str index = {word.data, colon ? (size_t)(colon - word.data) : 0};
    const uint32_t number = feature_number(index);
    if (!colon || number == 0 || index.len + 1 == word.len) {
        bad_form(problem, word, "is not a feature like 3:0.5, numbered from 1");
        return RK_EDATA;
    }
    const rk_str value = {colon + 1, word.len - index.len - 1};
    uint32_t i = number < map->n_features ? map->features[number] : UINT32_MAX;
    for (; i != UINT32_MAX; i = map->same[i]) {
        if (was_named(map, i)) {
            bad_form(problem, word, "gives this feature a second time");
            return RK_EDATA;
        }
        RK_TRY(store_text(map, i, value, row, problem));
    }
    return RK_OK;
}

/* Label, qid and docid; 0 for the features that did not come. */
static rk_status store_rest(rk_letor_map *map, const rk_letor_line *line, uint32_t row,
                            rk_letor_problem *problem)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const uint32_t part = map->parts[i];
        const rk_str text = part == RK_LETOR_LABEL ? line->label
                            : part == RK_LETOR_QID ? line->qid
                                                   : line->docid;
        if (part <= RK_LETOR_FEATURES) {
            if (!was_named(map, i))
                store_zero(map->sinks[i], row);
        } else if (part == RK_LETOR_OTHER || text.len == 0) {
            RK_TRY(rk_sink_absent(map->sinks[i], row));
        } else {
            RK_TRY(store_text(map, i, text, row, problem));
        }
    }
    return RK_OK;
}

rk_status rk_letor_store(rk_letor_map *map, rk_letor_line *line, uint32_t row,
                         rk_letor_problem *problem)
{
    map->stamp += 2;
    for (;;) {
        const rk_str word = take_word(&line->features);
        if (word.len == 0)
            break;
        RK_TRY(store_feature(map, word, row, problem));
    }
    return store_rest(map, line, row, problem);
}
