#include "stdlib/zone.h"

enum { HEADER = 44, TYPE = 6, DAY = 86400, NAME_MAX_LEN = 64 };

/* ---- names ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_zone_name(rk_str name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN || name.data[0] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];
        const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter && !is_digit(c) && c != '/' && c != '_' && c != '-' && c != '+')
            return false; /* a dot too, so that no path leads out of the folder */
    }
    return true;
}

/* `+3`, `+03`, `+0330`, `+03:30`; at most 24 hours. */
static bool parse_fixed(rk_str s, int64_t *offset)
{
    int digits[4], n = 0;
    if (s.len < 2 || (s.data[0] != '+' && s.data[0] != '-'))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        if (s.data[i] == ':' && i == 3 && s.len == 6)
            continue;
        if (!is_digit(s.data[i]) || n == 4)
            return false;
        digits[n++] = s.data[i] - '0';
    }
    if (n == 3)
        return false;
    const int hours = n == 1 ? digits[0] : digits[0] * 10 + digits[1];
    const int minutes = n == 4 ? digits[2] * 10 + digits[3] : 0;
    *offset = (hours * 60 + minutes) * INT64_C(60) * (s.data[0] == '-' ? -1 : 1);
    return minutes < 60 && hours <= 24;
}

/* ---- the rule at a file's end: `CET-1CEST,M3.5.0,M10.5.0/3` ---- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool take_number(cursor *in, int *out)
{
    int value = 0, n = 0;
    for (; in->at < in->end && is_digit(*in->at) && n < 4; n++)
        value = value * 10 + (*in->at++ - '0');
    *out = value;
    return n > 0;
}

/* [+-]hours[:minutes[:seconds]] */
static bool take_time(cursor *in, int64_t *out)
{
    int part[3] = {0};
    const bool minus = take(in, '-');
    if (!minus)
        take(in, '+');
    if (!take_number(in, &part[0]))
        return false;
    for (int i = 1; i < 3 && take(in, ':'); i++)
        if (!take_number(in, &part[i]))
            return false;
    const int64_t seconds = part[0] * INT64_C(3600) + part[1] * INT64_C(60) + part[2];
    *out = minus ? -seconds : seconds;
    return true;
}

static bool take_abbreviation(cursor *in)
{
    const char *const start = in->at;
    if (take(in, '<')) {
        while (in->at < in->end && *in->at != '>')
            in->at++;
        return take(in, '>');
    }
    while (in->at < in->end && ((*in->at | 32) >= 'a' && (*in->at | 32) <= 'z'))
        in->at++;
    return in->at > start;
}

static bool take_change(cursor *in, rk_zone_change *change)
{
    change->time = 2 * 3600;
    if (!take(in, ',') || !take(in, 'M') || !take_number(in, &change->month) || !take(in, '.') ||
        !take_number(in, &change->week) || !take(in, '.') || !take_number(in, &change->weekday))
        return false;
    if (change->month < 1 || change->month > 12 || change->week < 1 || change->week > 5 ||
        change->weekday > 6)
        return false;
    return !take(in, '/') || take_time(in, &change->time);
}

static bool parse_rule(rk_str text, rk_zone_rule *rule)
{
    cursor in = {text.data, text.data + text.len};
    int64_t west;
    *rule = (rk_zone_rule){0};
    if (!take_abbreviation(&in) || !take_time(&in, &west))
        return false;
    rule->standard = -west;
    if (in.at == in.end)
        return true;
    rule->has_summer = true;
    rule->summer = rule->standard + 3600;
    if (!take_abbreviation(&in))
        return false;
    if (in.at < in.end && *in.at != ',') {
        if (!take_time(&in, &west))
            return false;
        rule->summer = -west;
    }
    return take_change(&in, &rule->begin) && take_change(&in, &rule->end) && in.at == in.end;
}

/* ---- calendar ---- */

/* Days from 1970-01-01 to the first of a month, in the Gregorian calendar; years of 400 are alike.
 */
static int64_t days_to_month(int64_t year, int month)
{
    const int64_t y = month <= 2 ? year - 1 : year; /* years begin in March */
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t of_era = y - era * 400;
    const int64_t day = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
}

static int64_t year_of_day(int64_t day)
{
    int64_t year = 1970 + day / 366 - (day < 0);
    while (days_to_month(year + 1, 1) <= day)
        year++;
    return year;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* When the change happens in a year, in seconds of local time. */
static int64_t change_time(const rk_zone_change *change, int64_t year)
{
    const int64_t first = days_to_month(year, change->month);
    const int64_t next =
        change->month == 12 ? days_to_month(year + 1, 1) : days_to_month(year, change->month + 1);
    const int64_t weekday = (first + 4) - floor_div(first + 4, 7) * 7; /* day 0 was a Thursday */
    int64_t day = first + (change->weekday - weekday + 7) % 7 + 7 * (change->week - 1);
    while (day >= next)
        day -= 7;
    return day * DAY + change->time;
}

/* Whole cycles of 400 years are taken off first, so that any time is near. */
static int64_t rule_offset(const rk_zone_rule *rule, int64_t time)
{
    if (!rule->has_summer)
        return rule->standard;
    const int64_t cycle = INT64_C(146097) * DAY;
    const int64_t t = time - floor_div(time, cycle) * cycle;
    const int64_t year = year_of_day(floor_div(t + rule->standard, DAY));
    const int64_t begin = change_time(&rule->begin, year) - rule->standard;
    const int64_t end = change_time(&rule->end, year) - rule->summer;
    const bool is_summer = begin < end ? t >= begin && t < end : t >= begin || t < end;
    return is_summer ? rule->summer : rule->standard;
}

/* ---- files ---- */

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_i64(const uint8_t *p)
{
    return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

typedef struct header {
    uint64_t isut, isstd, leap, time, type, chars;
} header;

static bool read_header(const uint8_t *p, size_t left, header *out)
{
    if (left < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    *out = (header){read_u32(p + 20), read_u32(p + 24), read_u32(p + 28),
                    read_u32(p + 32), read_u32(p + 36), read_u32(p + 40)};
    return true;
}

/* Bytes of a data block whose times have `width` bytes. */
static uint64_t block_size(const header *h, uint64_t width)
{
    return h->time * (width + 1) + h->type * TYPE + h->chars + h->leap * (width + 4) + h->isstd +
           h->isut;
}

static bool types_are_valid(const rk_zone *zone)
{
    for (uint32_t i = 0; i < zone->n_times; i++)
        if (zone->which[i] >= zone->n_types)
            return false;
    return zone->n_types > 0;
}

/* The second block has 64-bit times; behind it stands the rule between two line ends. */
static bool read_file(rk_zone *zone)
{
    const uint8_t *p = (const uint8_t *)zone->file.text.data;
    size_t left = zone->file.text.len;
    header h;
    if (!read_header(p, left, &h) || block_size(&h, 4) > left - HEADER)
        return false;
    p += HEADER + block_size(&h, 4);
    left -= HEADER + (size_t)block_size(&h, 4);
    if (!read_header(p, left, &h) || block_size(&h, 8) > left - HEADER)
        return false;
    zone->n_times = (uint32_t)h.time;
    zone->n_types = (uint32_t)h.type;
    zone->times = p + HEADER;
    zone->which = zone->times + h.time * 8;
    zone->types = zone->which + h.time;
    const char *const rule = (const char *)p + HEADER + block_size(&h, 8);
    left -= HEADER + (size_t)block_size(&h, 8);
    const char *const end = left > 1 && rule[0] == '\n' ? memchr(rule + 1, '\n', left - 1) : NULL;
    const rk_str text = {rule + 1, end ? (size_t)(end - rule - 1) : 0};
    zone->has_rule = text.len > 0 && parse_rule(text, &zone->rule);
    return types_are_valid(zone);
}

bool rk_zone_open(rk_zone *zone, rk_str name)
{
    char path[128] = "/usr/share/zoneinfo/";
    *zone = (rk_zone){.has_rule = true};
    if (rk_str_eq(name, RK_STR("UTC")) || parse_fixed(name, &zone->rule.standard))
        return true;
    zone->has_rule = false;
    if (!is_zone_name(name))
        return false;
    memcpy(path + strlen(path), name.data, name.len);
    if (rk_file_map(path, &zone->file) != RK_FILE_FINE)
        return false;
    if (read_file(zone))
        return true;
    rk_zone_close(zone);
    return false;
}

void rk_zone_close(rk_zone *zone)
{
    if (zone->file.text.len)
        rk_file_unmap(&zone->file);
    *zone = (rk_zone){0};
}

static int64_t type_offset(const rk_zone *zone, uint32_t type)
{
    return (int32_t)read_u32(zone->types + (size_t)type * TYPE);
}

int64_t rk_zone_offset(const rk_zone *zone, int64_t time)
{
    uint32_t low = 0, high = zone->n_times; /* changes up to `time` lie below low */
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (read_i64(zone->times + (size_t)middle * 8) <= time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->n_times && zone->has_rule)
        return rule_offset(&zone->rule, time);
    return type_offset(zone, low ? zone->which[low - 1] : 0);
}
