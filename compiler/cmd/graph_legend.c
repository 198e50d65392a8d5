/* The style of the picture, its title, and what its shapes mean. */
#include "compiler/cmd/graph_svg.h"

/* Dark where the reader's screen is, never on paper. No variables: not every program that shows
 * pictures knows them. */
static const char style[] =
    "<style>\n"
    "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\","
    "\"Liberation Mono\",monospace;fill:#1c2430}\n"
    ".n{font-weight:600}\n"
    ".s{font-size:11px;fill:#5d6875}.e{text-anchor:end}\n"
    ".w,.ws{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu "
    "Sans\",Arial,sans-serif}\n"
    ".w{font-size:16px;font-weight:600}.ws{font-size:12px;fill:#5d6875}\n"
    ".paper{fill:#fff}\n"
    ".b{stroke-width:1.2}.g,.r,.k{fill:none}.h{fill:none;pointer-events:all}\n"
    ".item .b{fill:#eaf2fe;stroke:#3a6db5}.item .g,.item .o,.item .r{stroke:#3a6db5}\n"
    ".query .b{fill:#fff4df;stroke:#b2710f}.query .g,.query .o,.query .r{stroke:#b2710f}\n"
    ".const .b{fill:#f2f3f5;stroke:#7d8794}.const .r{stroke:#7d8794}\n"
    ".model .b{fill:#f3ecfc;stroke:#7a4fb0}.index .b{fill:#e2f4f6;stroke:#12788a}\n"
    ".plain .b{fill:#fff;stroke:#7d8794;stroke-dasharray:4 2}.plain .g{stroke:#7d8794}\n"
    ".pipe .b{fill:#f4faf6;stroke:#2c7a4f}.pipe .r,.k{stroke:#2c7a4f}\n"
    ".stage .b{fill:#dcf1e4;stroke:#2c7a4f}.stage .v{fill:#fff;stroke:#2c7a4f}\n"
    ".o{fill:#fff}.g{stroke-width:1.2}.r{stroke-opacity:.5}.k{stroke-width:1.4}\n"
    ".lines path{fill:none;stroke-width:1.3}\n"
    ".lines .i{stroke:#7fa3d6}.lines .q{stroke:#d2a256;stroke-dasharray:6 3}\n"
    ".lines .c{stroke:#a9b1bc}.lines .l{stroke:#5aa37c;stroke-dasharray:2 3}\n"
    ".lines .p{stroke:#9bcfb1;stroke-width:3}\n"
    ".a{fill:#5d6875}.m{stroke:#5d6875}.d{opacity:.36}.d .d{opacity:1}\n"
    "@media screen and (prefers-color-scheme:dark){\n"
    "text{fill:#e4e8ee}.s,.ws{fill:#9aa6b4}.paper{fill:#14181e}\n"
    ".item .b{fill:#1a2a42;stroke:#6f9fe0}.item .g,.item .o,.item .r{stroke:#6f9fe0}\n"
    ".query .b{fill:#382a12;stroke:#d99a3d}.query .g,.query .o,.query .r{stroke:#d99a3d}\n"
    ".const .b{fill:#262b33;stroke:#8a95a3}.plain .b{fill:#14181e}\n"
    ".model .b{fill:#2b2040;stroke:#a884dc}.index .b{fill:#12323a;stroke:#4fb3c4}\n"
    ".pipe .b{fill:#14231b;stroke:#58b383}.pipe .r,.k{stroke:#58b383}\n"
    ".stage .b{fill:#1d3d2c;stroke:#58b383}.stage .v{fill:#14181e;stroke:#58b383}\n"
    ".o{fill:#14181e}\n"
    ".lines .i{stroke:#4d74ad}.lines .q{stroke:#9c7432}.lines .c{stroke:#5d6875}\n"
    ".lines .l{stroke:#4a9a70}.lines .p{stroke:#2f6b4a}.a{fill:#9aa6b4}.m{stroke:#9aa6b4}\n"
    "}\n"
    "@media print{svg{width:100%;height:auto}}\n";

/* The lines of the node under the pointer; what does not know :has() leaves this out. */
static void add_hover(svg *s)
{
    rk_buf_add_chars(s->out, ".row:hover .h{fill:#7fa3d6;fill-opacity:.25}\n");
    for (uint32_t i = 0; i < s->g->nodes.len; i++)
        rk_buf_printf(s->out, "svg:has(#n%u:hover) .n%u{stroke-width:3;stroke-dasharray:none}\n", i,
                      i);
}

void svg_add_style(svg *s)
{
    rk_buf_add_chars(s->out, style);
    if (s->hover)
        add_hover(s);
    rk_buf_add_chars(s->out, "</style>\n");
}

/* ---- the legend ---- */

static bool has_kind(const graph *g, graph_kind kind)
{
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].kind == kind)
            return true;
    return false;
}

static bool has_fold(const graph *g, bool item)
{
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].folds && (g->nodes.items[i].scope == RK_SCOPE_ITEM) == item)
            return true;
    return false;
}

static bool has_scope(const graph *g, rk_scope scope)
{
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].has_value && g->nodes.items[i].scope == scope)
            return true;
    return false;
}

/* A sample is drawn into a box of this size at the left of its words. */
enum { SAMPLE_WIDTH = 30, SAMPLE_HEIGHT = 16, ENTRY_GAP = 22, LINE = 26, TITLE = 34 };

static bool shows_item(const graph *g) { return has_scope(g, RK_SCOPE_ITEM); }
static bool shows_query(const graph *g) { return has_scope(g, RK_SCOPE_QUERY); }
static bool shows_const(const graph *g) { return has_scope(g, RK_SCOPE_CONST); }
static bool shows_aggregate(const graph *g) { return has_fold(g, false); }
static bool shows_listwise(const graph *g) { return has_fold(g, true); }
static bool shows_source(const graph *g) { return has_kind(g, GRAPH_SOURCE); }
static bool shows_def(const graph *g) { return has_kind(g, GRAPH_DEF); }
static bool shows_model(const graph *g) { return has_kind(g, GRAPH_MODEL); }
static bool shows_index(const graph *g) { return has_kind(g, GRAPH_INDEX); }
static bool shows_stage(const graph *g) { return has_kind(g, GRAPH_STAGE); }
static bool shows_dead(const graph *g) { return g->has_dead; }
static bool shows_label(const graph *g)
{
    for (uint32_t i = 0; i < g->nodes.len; i++)
        if (g->nodes.items[i].label.len)
            return true;
    return false;
}

/* `%` are the place of the sample, x then y, as often as they stand there. */
static const struct entry {
    bool (*shown)(const graph *g);
    const char *class;
    const char *sample;
    const char *words;
} entries[] = {
    {shows_item, "item",
     "<rect class=\"b\" x=\"3\" y=\"3\" width=\"27\" height=\"13\" rx=\"3\"/>"
     "<rect class=\"b\" width=\"27\" height=\"13\" rx=\"3\"/>",
     "one value an item"},
    {shows_query, "query", "<rect class=\"b\" y=\"1\" width=\"30\" height=\"14\" rx=\"7\"/>",
     "one value a request"},
    {shows_const, "const", "<rect class=\"b\" y=\"1\" width=\"30\" height=\"14\"/>", "constant"},
    {shows_aggregate, "query",
     "<circle class=\"o\" cx=\"15\" cy=\"8\" r=\"8\"/>"
     "<path class=\"g\" d=\"M18 6v-1.5h-6l3.5 3.5-3.5 3.5h6v-1.5\"/>",
     "aggregate over the items"},
    {shows_listwise, "item",
     "<circle class=\"o\" cx=\"15\" cy=\"8\" r=\"8\"/>"
     "<path class=\"g\" d=\"M12.5 4v8m-2-2l2 2 2-2M17.5 12v-8m-2 2l2-2 2 2\"/>",
     "an item among the others"},
    {shows_source, "const",
     "<path class=\"r\" fill=\"none\" style=\"stroke-opacity:1\" d=\"M9 3v10a6 2.5 0 0 0 12 "
     "0v-10M9 3a6 "
     "2.5 0 0 0 12 0a6 2.5 0 0 0-12 0\"/>",
     "source"},
    {shows_def, "plain",
     "<rect class=\"b\" y=\"1\" width=\"30\" height=\"14\"/><path class=\"g\" d=\"M4 1v14M26 "
     "1v14\"/>",
     "def"},
    {shows_model, "model", "<path class=\"b\" d=\"M7 1h16l7 7-7 7h-16l-7-7z\"/>", "model"},
    {shows_index, "index", "<path class=\"b\" d=\"M7 1h23l-7 14h-23z\"/>", "index"},
    {shows_stage, "stage", "<path class=\"b\" d=\"M0 0h9l6 4 6-4h9v12h-9l-6 4-6-4h-9z\"/>",
     "stage"},
    {shows_label, "stage", "<path class=\"v\" d=\"M0 2h22l8 6-8 6h-22z\"/>", "label of a stage"},
    {shows_dead, "item d", "<rect class=\"b\" y=\"1\" width=\"30\" height=\"14\" rx=\"3\"/>",
     "needed by no pipeline shown"},
};

static double words_width(const char *words) { return (double)strlen(words) * 6.8; }

/* Goes through the entries, line by line; draws them if asked to. Gives the height. */
static double walk(svg *s, bool draws)
{
    double x = SVG_MARGIN, y = SVG_MARGIN + TITLE;
    for (size_t i = 0; i < RK_ARRAY_LEN(entries); i++) {
        const struct entry *const e = &entries[i];
        const double width = SAMPLE_WIDTH + 8 + words_width(e->words);
        if (!e->shown(s->g))
            continue;
        if (x > SVG_MARGIN && x + width > s->width - SVG_MARGIN) {
            x = SVG_MARGIN;
            y += LINE;
        }
        if (draws) {
            rk_buf_printf(s->out, "<g class=\"%s\"", e->class);
            SVG_PUT(s, " transform=\"translate(% %)\">", x, y);
            rk_buf_printf(s->out, "%s<text class=\"ws\" x=\"38\" y=\"12.5\">%s</text></g>\n",
                          e->sample, e->words);
        }
        x += width + ENTRY_GAP;
    }
    return y + LINE + 14 - SVG_MARGIN;
}

double svg_legend_height(const svg *s) { return walk((svg *)s, false); }

static void add_count(rk_buf *out, uint32_t n, const char *word)
{
    rk_buf_printf(out, "%s%u %s%s", out->len ? ", " : "", n, word, n == 1 ? "" : "s");
}

static void add_subtitle(const graph *g, rk_buf *out)
{
    uint32_t counts[GRAPH_KIND_COUNT] = {0};
    for (uint32_t i = 0; i < g->nodes.len; i++)
        counts[g->nodes.items[i].kind]++;
    add_count(out, counts[GRAPH_FACTOR], "factor");
    if (counts[GRAPH_SOURCE])
        add_count(out, counts[GRAPH_SOURCE], "source");
    if (counts[GRAPH_PIPELINE])
        add_count(out, counts[GRAPH_PIPELINE], "pipeline");
    if (g->pipeline.len)
        rk_buf_printf(out, "; what %.*s needs", RK_STR_ARG(g->pipeline));
    if (g->revision.len)
        rk_buf_printf(out, "; revision %.*s", RK_STR_ARG(g->revision));
}

void svg_draw_legend(svg *s)
{
    rk_buf words = {0};
    add_subtitle(s->g, &words);
    svg_text(s, "w", SVG_MARGIN, SVG_MARGIN + 10, s->g->file, 80);
    svg_text(s, "ws", SVG_MARGIN, SVG_MARGIN + 27, rk_buf_str(&words), 200);
    s->out->failed |= words.failed;
    rk_buf_free(&words);
    (void)walk(s, true);
}
