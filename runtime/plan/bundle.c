/* Opening bundles, whatever their bytes are. */
#include "runtime/plan/bundle.h"

#include "config.h"
#include "runtime/plan/bundle_section.h"
#include "runtime/plan/encode.h"

rk_digest rk_bundle_digest(rk_str front, rk_str manifest)
{
    const rk_digest digests[] = {rk_digest_of(front), rk_digest_of(manifest)};
    return rk_digest_of((rk_str){(const char *)digests, sizeof digests});
}

bool rk_bundle_is(rk_str bytes)
{
    return bytes.len >= RK_MAGIC_SIZE && memcmp(bytes.data, RK_BUNDLE_MAGIC, RK_MAGIC_SIZE) == 0;
}

typedef struct opening {
    rk_bundle *bundle;
    rk_str bytes;
    rk_diags *diags;
} opening;

/* ---- what is wrong ---- */

static rk_status truncated(const opening *o)
{
    rk_error(o->diags, RK_E0611, RK_NO_SPAN, "`%.*s` is truncated", RK_STR_ARG(o->bundle->name));
    return RK_EFILE;
}

static rk_status damaged(const opening *o, const char *what, rk_str name, const char *why)
{
    rk_error(o->diags, RK_E0612, RK_NO_SPAN, "`%.*s` is damaged: %s%s%.*s%s%s",
             RK_STR_ARG(o->bundle->name), what, name.len ? " `" : "", RK_STR_ARG(name),
             name.len ? "` " : " ", why);
    return RK_EFILE;
}

static const char *const section_words[] = {
    [RK_SECTION_PLAN] = "the plan of pipeline",
    [RK_SECTION_CODE] = "code for",
    [RK_SECTION_FILE] = "file",
    [RK_SECTION_TEXT] = "text",
};
_Static_assert(RK_ARRAY_LEN(section_words) == RK_SECTION_COUNT, "words for each kind");

static rk_status bad_section(const opening *o, const rk_bundle_section *section, const char *why)
{
    return damaged(o, section_words[section->kind], section->name, why);
}

/* ---- the front and the manifest ---- */

static rk_status check_version(const opening *o, uint32_t version)
{
    if (version == RK_BUNDLE_VERSION)
        return RK_OK;
    rk_error(o->diags, RK_E0613, RK_NO_SPAN,
             "`%.*s` was made by %s rankc: its format is %u, this one reads %d",
             RK_STR_ARG(o->bundle->name), version > RK_BUNDLE_VERSION ? "a newer" : "another",
             version, RK_BUNDLE_VERSION);
    return RK_EFILE;
}

/* The manifest, once it is known to be as it was written. */
static rk_status find_manifest(const opening *o, rk_str *out)
{
    if (!rk_bundle_is(o->bytes)) {
        rk_error(o->diags, RK_E0610, RK_NO_SPAN, "`%.*s` is no bundle",
                 RK_STR_ARG(o->bundle->name));
        return RK_EFILE;
    }
    rk_reader r = rk_reader_of(o->bytes);
    rk_get_bytes(&r, RK_MAGIC_SIZE);
    const uint32_t version = rk_get_u32(&r);
    if (r.fault)
        return truncated(o);
    RK_TRY(check_version(o, version));
    const uint32_t size = rk_get_u32(&r);
    const uint64_t whole = rk_get_u64(&r);
    const rk_str hash = rk_get_bytes(&r, sizeof(rk_digest));
    *out = rk_get_bytes(&r, size);
    if (r.fault || whole > o->bytes.len)
        return truncated(o);
    const rk_digest digest = rk_bundle_digest((rk_str){o->bytes.data, RK_BUNDLE_HASHED}, *out);
    if (memcmp(digest.bytes, hash.data, sizeof digest) != 0)
        return damaged(o, "its manifest", RK_STR(""), "does not have its hash");
    if (whole != o->bytes.len)
        return damaged(o, "something", RK_STR(""), "follows its end");
    return RK_OK;
}

static rk_status get_text(const opening *o, rk_reader *r, rk_str *out)
{
    const rk_str s = rk_get_str(r);
    *out = (rk_str){rk_arena_copy(&o->bundle->arena, s.data, s.len), s.len};
    return out->data ? RK_OK : RK_ENOMEM;
}

static rk_status get_section(const opening *o, rk_reader *r, rk_bundle_section *out)
{
    out->kind = rk_get_u8(r);
    RK_TRY(get_text(o, r, &out->name));
    RK_TRY(get_text(o, r, &out->detail));
    const uint64_t owner = rk_get_varint(r);
    out->at = rk_get_u64(r);
    const uint64_t size = rk_get_u64(r);
    const rk_str hash = rk_get_bytes(r, sizeof out->digest);
    if (!r->fault &&
        (out->kind >= RK_SECTION_COUNT || owner > UINT32_MAX || out->at % RK_BUNDLE_ALIGN ||
         out->at > o->bytes.len || size > o->bytes.len - out->at))
        rk_reader_fail(r, "names a section that cannot be");
    if (r->fault)
        return RK_OK;
    out->owner = (uint32_t)owner;
    out->bytes = (rk_str){size ? o->bytes.data + out->at : "", (size_t)size};
    memcpy(out->digest.bytes, hash.data, sizeof out->digest);
    return RK_OK;
}

/* The fewest bytes that a section takes in the manifest. */
enum { SECTION_BYTES = 36 };

static rk_status read_manifest(const opening *o, rk_str manifest)
{
    rk_bundle *const bundle = o->bundle;
    rk_reader r = rk_reader_of(manifest);
    RK_TRY(get_text(o, &r, &bundle->rankc));
    bundle->n_sections = rk_get_count(&r, SECTION_BYTES);
    bundle->sections = RK_NEW_ARRAY(&bundle->arena, rk_bundle_section, bundle->n_sections);
    if (!bundle->sections)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < bundle->n_sections && !r.fault; i++)
        RK_TRY(get_section(o, &r, &bundle->sections[i]));
    if (!r.fault && rk_reader_left(&r))
        rk_reader_fail(&r, "is longer than it should be");
    return r.fault ? damaged(o, "its manifest", RK_STR(""), r.fault) : RK_OK;
}

/* ---- sections ---- */

static bool is_whole(const rk_bundle_section *section)
{
    const rk_digest digest = rk_digest_of(section->bytes);
    return rk_digest_eq(&digest, &section->digest);
}

static rk_status open_plan(const opening *o, const rk_bundle_section *section)
{
    rk_bundle *const bundle = o->bundle;
    rk_buf fault = {0};
    rk_plan *plan;
    rk_atoms *const strings = RK_NEW(&bundle->arena, rk_atoms);
    if (!strings)
        return RK_ENOMEM;
    rk_status status = rk_plan_decode(section->bytes, &bundle->arena, strings, &plan, &fault);
    if (status == RK_OK)
        status = rk_plan_verify(plan, &fault);
    if (status == RK_EDATA || status == RK_EBUG)
        status = fault.failed ? RK_ENOMEM : bad_section(o, section, fault.data);
    rk_buf_free(&fault);
    RK_TRY(status);
    const rk_bundle_pipeline pipeline = {section->name, section->detail, plan};
    return rk_vec_push(&bundle->arena, &bundle->pipelines, pipeline) ? RK_OK : RK_ENOMEM;
}

static rk_status open_file(const opening *o, const rk_bundle_section *section)
{
    rk_bundle *const bundle = o->bundle;
    rk_text *const items = (rk_text *)bundle->files.items;
    items[bundle->files.n++] = (rk_text){.name = section->name, .text = section->bytes};
    return RK_OK;
}

static rk_status open_text(const opening *o, const rk_bundle_section *section)
{
    rk_bundle *const bundle = o->bundle;
    const rk_text text = {.name = section->name, .text = section->bytes};
    return rk_vec_push(&bundle->arena, &bundle->texts.items, text) ? RK_OK : RK_ENOMEM;
}

/* Code is looked at when it is asked for. */
static rk_status open_section(const opening *o, const rk_bundle_section *section)
{
    if (section->kind == RK_SECTION_CODE)
        return RK_OK;
    if (!is_whole(section))
        return bad_section(o, section, "does not have its hash");
    switch ((rk_section_kind)section->kind) {
    case RK_SECTION_PLAN:
        return open_plan(o, section);
    case RK_SECTION_FILE:
        return open_file(o, section);
    case RK_SECTION_TEXT:
        return open_text(o, section);
    case RK_SECTION_CODE:
    case RK_SECTION_COUNT:
        break;
    }
    return RK_OK;
}

static rk_status open_bytes(const opening *o)
{
    rk_bundle *const bundle = o->bundle;
    rk_str manifest;
    RK_TRY(find_manifest(o, &manifest));
    RK_TRY(read_manifest(o, manifest));
    bundle->files.items = RK_NEW_ARRAY(&bundle->arena, rk_text, bundle->n_sections);
    if (!bundle->files.items)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < bundle->n_sections; i++)
        RK_TRY(open_section(o, &bundle->sections[i]));
    if (bundle->pipelines.len == 0)
        return damaged(o, "it", RK_STR(""), "has no plan");
    return RK_OK;
}

/* ---- the public functions ---- */

rk_status rk_bundle_read(rk_bundle *bundle, rk_str name, rk_str bytes, rk_diags *diags)
{
    *bundle = (rk_bundle){0};
    bundle->name = (rk_str){rk_arena_copy(&bundle->arena, name.data, name.len), name.len};
    const opening o = {bundle, bytes, diags};
    return bundle->name.data ? open_bytes(&o) : RK_ENOMEM;
}

rk_status rk_bundle_open(rk_bundle *bundle, const char *path, rk_diags *diags)
{
    rk_mapping mapping;
    const rk_file_problem problem = rk_file_map(path, &mapping);
    if (problem != RK_FILE_FINE) {
        *bundle = (rk_bundle){0};
        if (problem == RK_FILE_NO_MEMORY)
            return RK_ENOMEM;
        rk_error(diags, RK_E0601, RK_NO_SPAN, "cannot read `%s`: %s", path,
                 rk_file_problem_text(problem));
        return RK_EFILE;
    }
    const rk_status status = rk_bundle_read(bundle, rk_str_from(path), mapping.text, diags);
    bundle->mapping = mapping;
    return status;
}

void rk_bundle_free(rk_bundle *bundle)
{
    rk_file_unmap(&bundle->mapping);
    rk_arena_free(&bundle->arena);
}

uint32_t rk_bundle_find(const rk_bundle *bundle, rk_str name)
{
    for (uint32_t i = 0; i < bundle->pipelines.len; i++)
        if (rk_str_eq(bundle->pipelines.items[i].name, name))
            return i;
    return RK_PLAN_NONE;
}

static const rk_bundle_section *find_code(const rk_bundle *bundle, uint32_t pipeline,
                                          rk_cpu_level cpu)
{
    const rk_str level = rk_str_from(rk_cpu_name(cpu));
    for (uint32_t i = 0; i < bundle->n_sections; i++) {
        const rk_bundle_section *const section = &bundle->sections[i];
        if (section->kind == RK_SECTION_CODE && section->owner == pipeline &&
            rk_str_eq(section->name, level))
            return section;
    }
    return NULL;
}

rk_status rk_bundle_code(const rk_bundle *bundle, uint32_t pipeline, rk_cpu_level cpu, rk_code *out,
                         rk_buf *why)
{
    const rk_bundle_section *const section = find_code(bundle, pipeline, cpu);
    if (!section) {
        rk_buf_printf(why, "the bundle has no code for %s", rk_cpu_name(cpu));
        return RK_EFILE;
    }
    if (!rk_str_eq(bundle->rankc, RK_STR(PACKAGE_VERSION))) {
        rk_buf_printf(why, "the bundle's code is for rankc %.*s, and this is %s",
                      RK_STR_ARG(bundle->rankc), PACKAGE_VERSION);
        return RK_EFILE;
    }
    rk_code_key key;
    const uint32_t tier = section->detail.len == 1 ? (uint32_t)(section->detail.data[0] - '0') : 0;
    RK_TRY(rk_code_key_of(bundle->pipelines.items[pipeline].plan, cpu, tier, &key));
    return rk_code_decode(section->bytes, &key, out, why); /* it has its own hash */
}
