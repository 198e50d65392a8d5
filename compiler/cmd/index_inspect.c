/* rankc index inspect: what an index file has in it. */
#include "compiler/cmd/index.h"

#include <inttypes.h>

#include "compiler/cmd/model.h"
#include "runtime/index/codes.h"

/* Neighbours that are wanted, when it is told which way a search goes. */
enum { LOOKED_FOR = 10 };

typedef struct facts {
    const char *path;
    const rk_index *index;
    rk_index_provenance provenance;
    uint64_t vectors, codes, sketches, links, ids; /* bytes */
    uint32_t least, most;                          /* links of a vector */
    double mean;
    bool verified;
} facts;

/* ---- facts ---- */

static void count_links(facts *f)
{
    const rk_index *const index = f->index;
    uint64_t total = 0;
    f->least = index->n && index->degree ? index->degree : 0;
    for (uint32_t place = 0; place < index->n && index->degree; place++) {
        const uint32_t *const links = index->links + (size_t)place * index->degree;
        uint32_t n = 0;
        while (n < index->degree && links[n] != RK_INDEX_NONE)
            n++;
        total += n;
        f->least = n < f->least ? n : f->least;
        f->most = n > f->most ? n : f->most;
    }
    f->mean = index->n ? (double)total / index->n : 0.0;
}

static void measure(facts *f)
{
    const rk_index *const index = f->index;
    const uint64_t n = index->n;
    f->vectors = n * index->dim * sizeof(float);
    f->codes = n * index->stride;
    f->sketches = index->sketch ? n * rk_code_stride(index->sketch) : 0;
    f->links = n * index->degree * sizeof(uint32_t);
    if (index->ids.text)
        f->ids = (n + 1) * sizeof(uint64_t) + index->ids.offsets[n];
    else if (index->ids.numbers)
        f->ids = n * sizeof(int64_t);
    count_links(f);
}

static const char *id_words(const rk_index *index)
{
    if (index->ids.text)
        return "texts";
    return index->ids.numbers ? "numbers" : "numbers of rows";
}

/* ---- text ---- */

static void print_size(const char *name, uint64_t bytes, rk_buf *out)
{
    rk_buf_printf(out, "%s", name);
    cmd_model_add_size(out, bytes);
    rk_buf_add_char(out, '\n');
}

static void print_sketches(const rk_index *index, rk_buf *out)
{
    static const char *const words[] = {"which are not looked at", "which scans look at first",
                                        "which walks go by",
                                        "which walks go by, and scans look at first"};
    rk_buf_printf(out, "sketches    of %u numbers, %s\n", index->sketch,
                  words[2 * (index->degree > 0) + index->bounding]);
}

static void print_graph(const facts *f, rk_buf *out)
{
    const rk_index *const index = f->index;
    rk_buf_printf(out, "links       %u a vector: %.4g in use, at least %u, at most %u\n",
                  index->degree, f->mean, f->least, f->most);
    rk_buf_printf(out, "entries     %u\n", index->n_entries);
    if (index->ef_construction)
        rk_buf_printf(out, "built       with ef_construction %u\n", index->ef_construction);
    const uint32_t from = rk_index_graph_from(index, LOOKED_FOR, 0);
    if (from == UINT32_MAX)
        rk_buf_add_chars(out, "searched    by looking at every vector: there are few\n");
    else
        rk_buf_printf(out, "searched    for %d through the graph, where %u vectors or more pass\n",
                      LOOKED_FOR, from);
}

static void print_ids(const facts *f, rk_buf *out)
{
    const rk_index *const index = f->index;
    rk_buf_printf(out, "ids         %s", id_words(index));
    if (index->n) {
        rk_buf_add_chars(out, ", ");
        cmd_index_add_id(index, 0, index->ids.text, out);
        rk_buf_add_chars(out, " .. ");
        cmd_index_add_id(index, index->n - 1, index->ids.text, out);
    }
    rk_buf_add_char(out, '\n');
}

static void print_origin(const facts *f, rk_buf *out)
{
    const rk_index_provenance *const p = &f->provenance;
    if (p->maker)
        rk_buf_printf(out,
                      "made from   model %016" PRIx64 ", source %016" PRIx64
                      ", %u vectors to compare with\n",
                      p->maker, p->source, p->n_canaries);
    else
        rk_buf_add_chars(out, "made from   bare vectors\n");
}

static void print_text(const facts *f, rk_buf *out)
{
    const rk_index *const index = f->index;
    rk_buf_printf(out, "file        %s\n", f->path);
    rk_buf_printf(out, "kind        %s\n", rk_index_kind_name(index->kind));
    rk_buf_printf(out, "metric      %s\n", rk_index_metric_name(index->metric));
    rk_buf_printf(out, "vectors     %u of %u numbers\n", index->n, index->dim);
    if (index->sketch)
        print_sketches(index, out);
    if (index->degree)
        print_graph(f, out);
    if (index->ef)
        rk_buf_printf(out, "ef          %u\n", index->ef);
    print_ids(f, out);
    print_origin(f, out);
    print_size("memory      vectors ", f->vectors, out);
    print_size("            codes ", f->codes, out);
    if (index->sketch)
        print_size("            sketches ", f->sketches, out);
    if (index->degree)
        print_size("            links ", f->links, out);
    if (f->ids)
        print_size("            ids ", f->ids, out);
    rk_buf_printf(out, "verified    %s\n",
                  f->verified ? "every byte"
                              : "header, ids and links; --verify looks at every byte");
}

/* ---- JSON ---- */

static void add_hash(rk_buf *out, const char *name, uint64_t hash)
{
    if (hash)
        rk_buf_printf(out, ", \"%s\": \"%016" PRIx64 "\"", name, hash);
    else
        rk_buf_printf(out, ", \"%s\": null", name);
}

static void add_ids(const rk_index *index, rk_buf *out)
{
    rk_buf_add_chars(out, ", \"ids\": {\"kind\": ");
    rk_buf_add_json(out, rk_str_from(id_words(index)));
    if (index->n) {
        rk_buf_add_chars(out, ", \"first\": ");
        cmd_index_add_id(index, 0, true, out);
        rk_buf_add_chars(out, ", \"last\": ");
        cmd_index_add_id(index, index->n - 1, true, out);
    }
    rk_buf_add_char(out, '}');
}

static void add_links(const facts *f, rk_buf *out)
{
    const rk_index *const index = f->index;
    const uint32_t from = rk_index_graph_from(index, LOOKED_FOR, 0);
    char mean[32];
    rk_buf_printf(out, ", \"links\": {\"degree\": %u, \"mean\": ", index->degree);
    rk_buf_add(out, (rk_str){mean, rk_double_print(f->mean, mean)});
    rk_buf_printf(out, ", \"least\": %u, \"most\": %u}, \"entries\": %u", f->least, f->most,
                  index->n_entries);
    rk_buf_printf(out, ", \"ef_construction\": %u, \"graph_from\": ", index->ef_construction);
    if (from == UINT32_MAX)
        rk_buf_add_chars(out, "null");
    else
        rk_buf_printf(out, "%u", from);
}

static void print_json(const facts *f, rk_buf *out)
{
    const rk_index *const index = f->index;
    rk_buf_add_chars(out, "{\"file\": ");
    rk_buf_add_json(out, rk_str_from(f->path));
    rk_buf_printf(out, ", \"kind\": \"%s\", \"metric\": \"%s\", \"vectors\": %u, \"dim\": %u",
                  rk_index_kind_name(index->kind), rk_index_metric_name(index->metric), index->n,
                  index->dim);
    if (index->degree)
        add_links(f, out);
    if (index->ef)
        rk_buf_printf(out, ", \"ef\": %u", index->ef);
    add_ids(index, out);
    add_hash(out, "maker", f->provenance.maker);
    add_hash(out, "source", f->provenance.source);
    rk_buf_printf(out,
                  ", \"canaries\": %u, \"bytes\": {\"vectors\": %" PRIu64 ", \"codes\": %" PRIu64
                  ", \"sketches\": %" PRIu64 ", \"links\": %" PRIu64 ", \"ids\": %" PRIu64
                  "}, \"verified\": %s}\n",
                  f->provenance.n_canaries, f->vectors, f->codes, f->sketches, f->links, f->ids,
                  f->verified ? "true" : "false");
}

rk_status cmd_index_inspect(cmd_index *ix)
{
    facts f = {.path = ix->files[0], .verified = ix->c->given[CMD_VERIFY]};
    rk_index *index;
    RK_TRY(cmd_index_open(ix, &index, &f.provenance));
    f.index = index;
    measure(&f);
    const bool text = cmd_format_is(ix->c, "text");
    (text ? print_text : print_json)(&f, &ix->c->out.buf);
    rk_index_free(index);
    return RK_OK;
}
