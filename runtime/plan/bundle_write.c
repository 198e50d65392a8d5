/* Writing bundles. Sections are collected, then laid out behind the manifest that names them. */
#include "config.h"
#include "runtime/plan/bundle_section.h"
#include "runtime/plan/encode.h"

void rk_bundle_writer_init(rk_bundle_writer *writer) { *writer = (rk_bundle_writer){0}; }

void rk_bundle_writer_free(rk_bundle_writer *writer)
{
    for (uint32_t i = 0; i < writer->mappings.len; i++)
        rk_file_unmap(&writer->mappings.items[i]);
    rk_arena_free(&writer->arena);
}

static rk_status copy(rk_arena *arena, rk_str *s)
{
    s->data = rk_arena_copy(arena, s->data, s->len);
    return s->data ? RK_OK : RK_ENOMEM;
}

/* Its words are copied, its bytes are not. */
static rk_status add(rk_bundle_writer *writer, rk_bundle_section section)
{
    RK_TRY(copy(&writer->arena, &section.name));
    RK_TRY(copy(&writer->arena, &section.detail));
    section.digest = rk_digest_of(section.bytes);
    return rk_vec_push(&writer->arena, &writer->sections, section) ? RK_OK : RK_ENOMEM;
}

/* The same for bytes that were made for it: they are copied, and the buffer is freed. */
static rk_status add_made(rk_bundle_writer *writer, rk_bundle_section section, rk_status status,
                          rk_buf *bytes)
{
    section.bytes = rk_buf_str(bytes);
    if (status == RK_OK)
        status = copy(&writer->arena, &section.bytes);
    rk_buf_free(bytes);
    return status == RK_OK ? add(writer, section) : status;
}

rk_status rk_bundle_add_plan(rk_bundle_writer *writer, const rk_plan *plan, rk_str revision)
{
    rk_buf bytes = {0};
    const rk_bundle_section section = {
        .kind = RK_SECTION_PLAN, .name = plan->pipeline, .detail = revision};
    const rk_status status = rk_plan_encode(plan, &bytes);
    RK_TRY(add_made(writer, section, status, &bytes));
    return rk_vec_push(&writer->arena, &writer->plans, plan) ? RK_OK : RK_ENOMEM;
}

rk_status rk_bundle_add_code(rk_bundle_writer *writer, uint32_t pipeline, const rk_code *code)
{
    rk_code_key key;
    rk_buf bytes = {0};
    const rk_cpu_level cpu = (rk_cpu_level)code->cpu;
    const rk_bundle_section section = {
        .kind = RK_SECTION_CODE,
        .name = rk_str_from(rk_cpu_name(cpu)),
        .detail = code->tier == 1 ? RK_STR("1") : RK_STR("2"),
        .owner = pipeline,
    };
    if (pipeline >= writer->plans.len)
        return RK_EUSAGE;
    RK_TRY(rk_code_key_of(writer->plans.items[pipeline], cpu, code->tier, &key));
    const rk_status status = rk_code_encode(code, &key, &bytes);
    return add_made(writer, section, status, &bytes);
}

static bool has_file(const rk_bundle_writer *writer, rk_str path)
{
    for (uint32_t i = 0; i < writer->sections.len; i++)
        if (writer->sections.items[i].kind == RK_SECTION_FILE &&
            rk_str_eq(writer->sections.items[i].name, path))
            return true;
    return false;
}

rk_status rk_bundle_add_file(rk_bundle_writer *writer, rk_str path, rk_str bytes)
{
    if (has_file(writer, path))
        return RK_OK;
    return add(writer, (rk_bundle_section){.kind = RK_SECTION_FILE, .name = path, .bytes = bytes});
}

rk_status rk_bundle_add_path(rk_bundle_writer *writer, rk_str path, rk_span span, rk_diags *diags)
{
    if (has_file(writer, path))
        return RK_OK;
    RK_TRY(copy(&writer->arena, &path));
    rk_mapping mapping = {{"", 0}, false};
    const bool cut = path.len && memchr(path.data, 0, path.len);
    const rk_file_problem problem = cut ? RK_FILE_ABSENT : rk_file_map(path.data, &mapping);
    if (problem == RK_FILE_NO_MEMORY)
        return RK_ENOMEM;
    if (problem != RK_FILE_FINE) {
        rk_error(diags, RK_E0601, span, "cannot read `%s`: %s", path.data,
                 rk_file_problem_text(problem));
        return RK_EFILE;
    }
    if (!rk_vec_push(&writer->arena, &writer->mappings, mapping)) {
        rk_file_unmap(&mapping);
        return RK_ENOMEM;
    }
    return rk_bundle_add_file(writer, path, mapping.text);
}

rk_status rk_bundle_add_data(rk_bundle_writer *writer, const rk_plan *plan, rk_diags *diags)
{
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < plan->sources.len; i++) {
        const rk_plan_source *const source = &plan->sources.items[i];
        const rk_status one = rk_bundle_add_path(writer, source->path, source->span, diags);
        status = status == RK_OK ? one : status;
        const rk_status ids =
            source->ids.len ? rk_bundle_add_path(writer, source->ids, source->span, diags) : RK_OK;
        status = status == RK_OK ? ids : status;
    }
    for (uint32_t i = 0; i < plan->models.len; i++) {
        const rk_plan_model *const model = &plan->models.items[i];
        const rk_status one = rk_bundle_add_path(writer, model->path, model->span, diags);
        status = status == RK_OK ? one : status;
    }
    for (uint32_t i = 0; i < plan->indexes.len; i++) {
        const rk_plan_index *const index = &plan->indexes.items[i];
        const rk_status one =
            index->path.len ? rk_bundle_add_path(writer, index->path, index->span, diags) : RK_OK;
        status = status == RK_OK ? one : status;
    }
    return status;
}

rk_status rk_bundle_add_texts(rk_bundle_writer *writer, const rk_texts *texts)
{
    for (uint32_t i = 0; i < texts->items.len; i++) {
        const rk_text *const text = &texts->items.items[i];
        RK_TRY(add(writer, (rk_bundle_section){
                               .kind = RK_SECTION_TEXT, .name = text->name, .bytes = text->text}));
    }
    return RK_OK;
}

/* ---- the layout ---- */

/* Offsets are of eight bytes, so that the manifest's size does not depend on them. */
static void put_manifest(rk_buf *out, const rk_bundle_writer *writer, uint64_t at)
{
    rk_put_str(out, RK_STR(PACKAGE_VERSION));
    rk_put_varint(out, writer->sections.len);
    for (uint32_t i = 0; i < writer->sections.len; i++) {
        const rk_bundle_section *const section = &writer->sections.items[i];
        at = (at + RK_BUNDLE_ALIGN - 1) / RK_BUNDLE_ALIGN * RK_BUNDLE_ALIGN;
        rk_put_u8(out, section->kind);
        rk_put_str(out, section->name);
        rk_put_str(out, section->detail);
        rk_put_varint(out, section->owner);
        rk_put_u64(out, at);
        rk_put_u64(out, section->bytes.len);
        rk_buf_add(out, (rk_str){(const char *)section->digest.bytes, sizeof(rk_digest)});
        at += section->bytes.len;
    }
}

static uint64_t whole_size(const rk_bundle_writer *writer, uint64_t at)
{
    for (uint32_t i = 0; i < writer->sections.len; i++)
        at = (at + RK_BUNDLE_ALIGN - 1) / RK_BUNDLE_ALIGN * RK_BUNDLE_ALIGN +
             writer->sections.items[i].bytes.len;
    return at;
}

static void put_front(rk_buf *out, rk_str manifest, uint64_t size)
{
    rk_put_front(out, RK_BUNDLE_MAGIC, RK_BUNDLE_VERSION);
    rk_put_u32(out, (uint32_t)manifest.len);
    rk_put_u64(out, size);
    if (out->failed)
        return;
    const rk_digest digest = rk_bundle_digest(rk_buf_str(out), manifest);
    rk_buf_add(out, (rk_str){(const char *)digest.bytes, sizeof digest.bytes});
    rk_buf_add(out, manifest);
}

rk_status rk_bundle_finish(const rk_bundle_writer *writer, rk_buf *out)
{
    rk_buf manifest = {0};
    put_manifest(&manifest, writer, 0);
    const uint64_t start = RK_BUNDLE_FRONT + manifest.len;
    manifest.len = 0;
    put_manifest(&manifest, writer, start);
    const bool fine = !manifest.failed && manifest.len <= UINT32_MAX;
    if (fine)
        put_front(out, rk_buf_str(&manifest), whole_size(writer, start));
    rk_buf_free(&manifest);
    for (uint32_t i = 0; i < writer->sections.len; i++) {
        rk_put_padding(out, 0, RK_BUNDLE_ALIGN);
        rk_buf_add(out, writer->sections.items[i].bytes);
    }
    return fine && !out->failed ? RK_OK : RK_ENOMEM;
}
