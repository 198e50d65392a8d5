/* csv (RFC 4180) and tsv (no quoting) into columns. The text is scanned for the ends of cells in
 * pieces of 32 KiB; the rows of a piece are checked for their length, then each wanted column is
 * read for all of them at once. Nothing in that loop makes messages: a row that has something wrong
 * is marked, read again cell by cell to say what, and left out. */
#include "runtime/source/csv.h"

#include "runtime/base/digits.h"

enum { PIECE = 32 * 1024, LONGEST_ROW = 1 << 30 };

/* The rows of a piece: row r begins at starts[r], its cells end at scan.ends[firsts[r]] and on. */
typedef struct batch {
    uint32_t n;
    uint32_t *starts;
    uint32_t *firsts;
    uint64_t *lines;
    uint8_t *bad;
} batch;

typedef struct reader {
    const char *text; /* where the file begins */
    rk_csv csv;
    rk_rows rows;
    batch batch;
    size_t budget;
    char *room; /* for cells with doubled quotes; grows */
    size_t room_size;
} reader;

static rk_status open_batch(reader *reader)
{
    rk_csv *const csv = &reader->csv;
    const uint32_t bytes = csv->rest.len < PIECE ? (uint32_t)csv->rest.len : PIECE;
    const uint32_t cap = bytes + csv->n_columns + 4 * RK_SCAN_BLOCK;
    batch *const b = &reader->batch;
    csv->scan.cap = cap;
    csv->scan.ends = rk_arena_alloc_column(csv->scratch, cap, sizeof *csv->scan.ends);
    b->starts = rk_arena_alloc_column(csv->scratch, cap, sizeof *b->starts);
    b->firsts = rk_arena_alloc_column(csv->scratch, cap, sizeof *b->firsts);
    b->lines = rk_arena_alloc_column(csv->scratch, cap, sizeof *b->lines);
    b->bad = rk_arena_alloc_column(csv->scratch, cap, sizeof *b->bad);
    return csv->scan.ends && b->starts && b->firsts && b->lines && b->bad ? RK_OK : RK_ENOMEM;
}

static rk_status unquote(reader *reader, rk_str *cell)
{
    if (cell->len > reader->room_size) {
        reader->room_size = cell->len * 2;
        reader->room = rk_arena_alloc_column(reader->csv.scratch, reader->room_size, 1);
        if (!reader->room)
            return RK_ENOMEM;
    }
    *cell = rk_csv_unquote(*cell, reader->room);
    return RK_OK;
}

/* Cell `column` of row r as it stands in the text. */
static inline rk_str raw_cell(const reader *reader, uint32_t r, uint32_t column)
{
    const rk_csv *const csv = &reader->csv;
    const uint32_t *const ends = csv->scan.ends + reader->batch.firsts[r];
    const char *const text = csv->rest.data;
    const size_t start = column ? ends[column - 1] + (size_t)1 : reader->batch.starts[r];
    size_t end = ends[column];
    if (column == csv->n_columns - 1 && end > start && text[end - 1] == '\r')
        end--;
    return (rk_str){text + start, end - start};
}

/* Without its quotes. */
static inline rk_status bare_cell(reader *reader, rk_str *cell)
{
    if (cell->len && cell->data[0] == '"' && reader->csv.scan.quotes)
        return unquote(reader, cell);
    return RK_OK;
}

/* Numbers of at most eight characters, which most are, here and now; false leaves the cell to its
 * reader. Eight bytes up to the cell's end can be read. */
static inline bool read_short(rk_sink *sink, uint32_t row, rk_str cell)
{
    if (cell.len - 1 >= 8)
        return false;
    const uint64_t word = rk_digits_load_end(cell.data + cell.len - 8, cell.len);
    double value;
    switch (sink->column.type.kind) {
    case RK_KIND_INT:
        if (!rk_digits_all(word))
            return false;
        ((int64_t *)sink->column.data)[row] = rk_digits_value(word);
        rk_sink_mark(sink, row, true);
        return true;
    case RK_KIND_FLOAT:
        return rk_digits_decimal(word, cell.len, &value) &&
               rk_digits_narrow(value, (float *)sink->column.data + row);
    case RK_KIND_DOUBLE:
        return rk_digits_decimal(word, cell.len, (double *)sink->column.data + row);
    default:
        return false;
    }
}

/* Reads wanted column i of all rows of the batch; marks the bad ones and sets *any. */
static rk_status read_column(reader *reader, uint32_t i, bool *any)
{
    rk_sink *const sink = rk_rows_sink(&reader->rows, i);
    const bool key = i < reader->csv.spec->n_keys;
    const uint32_t column = reader->csv.wanted[i];
    rk_cell_read *const read = rk_cell_reader(sink->column.type);
    rk_why why;
    const bool short_ones = reader->csv.rest.data - reader->text >= 8;
    for (uint32_t r = 0; r < reader->batch.n; r++) {
        const uint32_t row = reader->rows.n + r;
        rk_str text = raw_cell(reader, r, column);
        if (short_ones && read_short(sink, row, text))
            continue;
        RK_TRY(bare_cell(reader, &text));
        const rk_cell cell = read(sink, row, text, &why);
        if (cell == RK_CELL_FINE && (text.len || !key))
            continue;
        RK_TRY(rk_cell_status(cell));
        if (cell == RK_CELL_EMPTY && !key)
            RK_TRY(rk_sink_absent(sink, row));
        else
            reader->batch.bad[r] = *any = true;
    }
    return RK_OK;
}

/* Says what is wrong with cell i of row r, if anything is. */
static rk_status explain_cell(reader *reader, uint32_t r, uint32_t i, bool *found)
{
    const rk_csv *const csv = &reader->csv;
    rk_bad *const bad = &reader->rows.bad;
    rk_sink *const sink = rk_rows_sink(&reader->rows, i);
    rk_str text = raw_cell(reader, r, csv->wanted[i]);
    RK_TRY(bare_cell(reader, &text));
    rk_why why;
    const rk_cell cell = rk_cell_reader(sink->column.type)(sink, reader->rows.n + r, text, &why);
    RK_TRY(rk_cell_status(cell));
    const bool no_key = i < csv->spec->n_keys && (cell == RK_CELL_EMPTY || text.len == 0);
    *found = no_key || cell == RK_CELL_BAD;
    const rk_excerpt name = rk_excerpt_of(rk_spec_column(csv->spec, i));
    const rk_span span = rk_spec_span(csv->spec, i);
    const uint64_t line = reader->batch.lines[r];
    if (no_key) {
        rk_bad_add(bad, RK_E0505, span, line, "the key in column `%s` is empty", name.text);
    } else if (cell == RK_CELL_BAD) {
        const bool text_kind = sink->column.type.kind == RK_KIND_STRING;
        rk_diag *const diag =
            rk_bad_add(bad, text_kind ? RK_E0508 : RK_E0502, span, line, "column `%s`: `%s` %s",
                       name.text, rk_excerpt_of(text).text, why.text);
        rk_bad_help(bad, diag, &why);
    }
    return RK_OK;
}

static rk_status explain_row(reader *reader, uint32_t r)
{
    bool found = false;
    for (uint32_t i = 0; i < rk_spec_columns(reader->csv.spec) && !found; i++)
        RK_TRY(explain_cell(reader, r, i, &found));
    return RK_OK;
}

/* Keeps the good rows of the batch, which has bad ones too. */
static rk_status keep_good(reader *reader)
{
    rk_rows *const rows = &reader->rows;
    const uint32_t first = rows->n;
    for (uint32_t r = 0; r < reader->batch.n; r++)
        if (reader->batch.bad[r] && !rows->bad.stop)
            RK_TRY(explain_row(reader, r));
    for (uint32_t r = 0; r < reader->batch.n; r++) {
        if (reader->batch.bad[r])
            continue;
        if (rows->n != first + r)
            for (uint32_t i = 0; i < rk_spec_columns(reader->csv.spec); i++)
                rk_sink_move(rk_rows_sink(rows, i), first + r, rows->n);
        RK_TRY(rk_rows_keep(rows, reader->batch.lines[r]));
    }
    return RK_OK;
}

/* Reads the rows of the batch into the sinks and empties it. */
static rk_status flush(reader *reader)
{
    batch *const b = &reader->batch;
    if (b->n == 0)
        return RK_OK;
    RK_TRY(rk_rows_room(&reader->rows, b->n));
    memset(b->bad, 0, b->n);
    bool any = false;
    for (uint32_t i = 0; i < rk_spec_columns(reader->csv.spec); i++)
        RK_TRY(read_column(reader, i, &any));
    if (any)
        RK_TRY(keep_good(reader));
    for (uint32_t r = 0; r < b->n && !any; r++)
        RK_TRY(rk_rows_keep(&reader->rows, b->lines[r]));
    b->n = 0;
    return RK_OK;
}

static bool is_line_end(const rk_csv *csv, uint32_t at)
{
    return at == csv->rest.len || csv->rest.data[at] == '\n';
}

/* Whether the n_columns ends from k on are one row. */
static bool is_row(const rk_csv *csv, uint32_t k)
{
    const uint32_t *const ends = csv->scan.ends + k;
    const uint32_t last = csv->n_columns - 1;
    if (csv->scan.n - k <= last || !is_line_end(csv, ends[last]))
        return false;
    for (uint32_t i = 0; i < last; i++)
        if (csv->rest.data[ends[i]] == '\n')
            return false;
    return true;
}

static bool is_blank(const rk_csv *csv, size_t start, uint32_t k)
{
    const size_t end = csv->scan.ends[k];
    return (end == start || (end == start + 1 && csv->rest.data[start] == '\r')) &&
           is_line_end(csv, csv->scan.ends[k]);
}

/* Lines from start to the end at `end`, its newline included. */
static uint64_t lines_of(const rk_csv *csv, size_t start, size_t end)
{
    if (!csv->scan.embedded)
        return 1;
    return 1 + rk_scan_count_lines((rk_str){csv->rest.data + start, end - start});
}

/* Row from `start`, whose cells end at k and on, is too long or too short. Returns the index after
 * its last end; that of k when the row has no end yet. */
static rk_status ragged_row(reader *reader, uint32_t *k)
{
    rk_csv *const csv = &reader->csv;
    uint32_t last = *k;
    while (last < csv->scan.n && !is_line_end(csv, csv->scan.ends[last]))
        last++;
    if (last == csv->scan.n)
        return RK_OK;
    RK_TRY(flush(reader));
    if (!reader->rows.bad.stop)
        rk_bad_add(&reader->rows.bad, RK_E0503, csv->spec->span, csv->line,
                   "the row has %u cell%s, the header line names %u column%s", last - *k + 1,
                   last == *k ? "" : "s", csv->n_columns, csv->n_columns == 1 ? "" : "s");
    *k = last + 1;
    return RK_OK;
}

/* Takes the whole rows of the scan; *used: where the first one begins that is not whole. */
static rk_status take_rows(reader *reader, size_t *used)
{
    rk_csv *const csv = &reader->csv;
    batch *const b = &reader->batch;
    size_t start = 0;
    uint32_t k = 0;
    while (k < csv->scan.n && !reader->rows.bad.stop) {
        uint32_t next = k;
        if (is_blank(csv, start, k)) {
            next = k + 1;
        } else if (is_row(csv, k)) {
            b->starts[b->n] = (uint32_t)start;
            b->firsts[b->n] = k;
            b->lines[b->n++] = csv->line;
            next = k + csv->n_columns;
        } else {
            RK_TRY(ragged_row(reader, &next));
            if (next == k)
                break;
        }
        csv->line += lines_of(csv, start, csv->scan.ends[next - 1]);
        start = csv->scan.ends[next - 1] + (size_t)1;
        k = next;
    }
    *used = start < csv->rest.len ? start : csv->rest.len;
    return reader->rows.bad.stop ? RK_OK : flush(reader);
}

static void skip(rk_csv *csv, size_t bytes)
{
    csv->rest = (rk_str){csv->rest.data + bytes, csv->rest.len - bytes};
}

/* The row at the front is beyond saving: what follows its first line is tried as rows again. */
static void skip_line(rk_csv *csv)
{
    const char *const newline = memchr(csv->rest.data, '\n', csv->rest.len);
    skip(csv, newline ? (size_t)(newline - csv->rest.data) + 1 : csv->rest.len);
    csv->line++;
}

/* The name of the column that the scan stopped in; `used`: where its row begins. */
static rk_excerpt column_at_stop(const rk_csv *csv, size_t used)
{
    uint32_t column = 0;
    for (uint32_t i = 0; i < csv->scan.n; i++)
        column += csv->scan.ends[i] >= used;
    return rk_excerpt_of(column < csv->n_columns ? csv->names[column] : RK_STR("?"));
}

static void bad_quote(reader *reader, rk_scan_end end, size_t used)
{
    rk_csv *const csv = &reader->csv;
    rk_bad *const bad = &reader->rows.bad;
    const rk_excerpt name = column_at_stop(csv, used);
    rk_diag *const diag =
        end == RK_SCAN_OPEN
            ? rk_bad_add(bad, RK_E0504, csv->spec->span, csv->line,
                         "column `%s`: a quote is opened and never closed", name.text)
            : rk_bad_add(bad, RK_E0504, csv->spec->span, csv->line,
                         "column `%s`: a quote in the middle of a cell", name.text);
    rk_diag_help(bad->diags, diag,
                 "a cell with quotes in it is quoted whole and its own are doubled: "
                 "\"5\"\" nails\"");
}

/* No row ended within the scan: it is longer than the budget, or has too many cells. */
static void long_row(reader *reader)
{
    rk_csv *const csv = &reader->csv;
    const bool full = csv->scan.cap - csv->scan.n < 2 * RK_SCAN_BLOCK;
    if (!full && reader->budget < LONGEST_ROW) {
        reader->budget *= 2;
        return;
    }
    if (full)
        rk_bad_add(&reader->rows.bad, RK_E0503, csv->spec->span, csv->line,
                   "the row has more than %u cells, the header line names %u columns", csv->scan.n,
                   csv->n_columns);
    else
        rk_bad_add(&reader->rows.bad, RK_E0750, csv->spec->span, csv->line,
                   "the row is longer than 1 GiB");
    skip_line(csv);
    reader->budget = PIECE;
}

static rk_status read_rows(reader *reader)
{
    rk_csv *const csv = &reader->csv;
    while (csv->rest.len && !reader->rows.bad.stop) {
        const rk_scan_end end = rk_scan_run(&csv->scan, csv->rest, reader->budget);
        size_t used;
        RK_TRY(take_rows(reader, &used));
        if (reader->rows.bad.stop)
            break;
        const bool quote = end == RK_SCAN_QUOTE || end == RK_SCAN_OPEN;
        if (quote)
            bad_quote(reader, end, used);
        else if (used == 0)
            long_row(reader);
        if (used)
            reader->budget = PIECE;
        skip(csv, used);
        if (quote)
            skip_line(csv);
    }
    return RK_OK;
}

/* Rows end in newlines and hold at least a byte for each column. */
static uint64_t most_rows(const rk_csv *csv)
{
    const uint64_t lines = rk_scan_count_lines(csv->rest) + (uint64_t)1;
    const uint64_t rows = csv->rest.len / csv->n_columns + (uint64_t)1;
    return lines < rows ? lines : rows;
}

/* How cells are told apart. */
typedef struct dialect {
    char sep;
    bool quotes;
} dialect;

static rk_status read_text(const rk_load *load, const rk_source_spec *spec, rk_str text,
                           rk_arena *scratch, rk_relation *out, dialect how)
{
    reader reader = {.text = text.data, .budget = PIECE};
    reader.csv = (rk_csv){.load = load, .spec = spec, .rest = text, .line = 1, .scratch = scratch};
    reader.csv.scan.sep = how.sep;
    reader.csv.scan.quotes = how.quotes;
    RK_TRY(rk_csv_header(&reader.csv));
    RK_TRY(open_batch(&reader));
    rk_status status = rk_rows_open(&reader.rows, load, spec, most_rows(&reader.csv), out);
    if (status == RK_OK)
        status = read_rows(&reader);
    return rk_rows_close(&reader.rows, status);
}

static rk_status read_delimited(const rk_load *load, const rk_source_spec *spec, rk_str text,
                                rk_relation *out, dialect how)
{
    rk_arena scratch;
    rk_arena_init(&scratch);
    const rk_status status = read_text(load, spec, text, &scratch, out, how);
    rk_arena_free(&scratch);
    return status;
}

static bool is_separator(char c)
{
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return c > 0 && !word && c != '"' && c != '\n' && c != '\r';
}

rk_status rk_csv_read(const rk_load *load, const rk_source_spec *spec, rk_str text,
                      rk_relation *out)
{
    const rk_str sep = spec->sep.len ? spec->sep : RK_STR(",");
    if (sep.len == 1 && is_separator(sep.data[0]))
        return read_delimited(load, spec, text, out, (dialect){sep.data[0], true});
    rk_error(load->diags, RK_E0518, spec->span, "`%s` cannot separate the cells of a csv file",
             rk_excerpt_of(sep).text);
    return RK_EDATA;
}

rk_status rk_tsv_read(const rk_load *load, const rk_source_spec *spec, rk_str text,
                      rk_relation *out)
{
    return read_delimited(load, spec, text, out, (dialect){'\t', false});
}

static rk_status load_csv(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    return rk_source_read_file(load, spec, rk_csv_read, out);
}

static rk_status load_tsv(const rk_load *load, const rk_source_spec *spec, rk_relation *out)
{
    return rk_source_read_file(load, spec, rk_tsv_read, out);
}

const rk_source_ops rk_source_csv = {
    .name = "csv",
    .sig = "(key: string, sep: string = \",\")",
    .doc =
        "Comma-separated text (RFC 4180) with a header line. Cells may be quoted; an empty one is "
        "the field's default, or missing, and of a string the empty string. A list or a vector is "
        "a JSON array in its cell.",
    .example = "source products = csv(\"products.csv\", key: \"id\") by item.id { price: float }",
    .load = load_csv,
};

const rk_source_ops rk_source_tsv = {
    .name = "tsv",
    .sig = "(key: string)",
    .doc =
        "Tab-separated text with a header line, without quoting or escapes: a cell is what stands "
        "between two tabs. Empty cells, lists and vectors are as in csv.",
    .example = "source products = tsv(\"products.tsv\", key: \"id\") by item.id { price: float }",
    .load = load_tsv,
};
