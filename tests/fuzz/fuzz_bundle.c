/* Any bytes are opened as a bundle, or refused with a message. The first byte chooses: a manifest
 * behind a front that is right, or records that are made a whole bundle with right hashes
 * throughout, so that what stands in the sections is reached. */
#include "runtime/plan/bundle_section.h"
#include "runtime/plan/plan_bytes.h"
#include "tests/fuzz/run_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_front(rk_buf *out, rk_str manifest, uint64_t size)
{
    rk_put_front(out, RK_BUNDLE_MAGIC, RK_BUNDLE_VERSION);
    rk_put_u32(out, (uint32_t)manifest.len);
    rk_put_u64(out, size);
    const rk_digest digest = rk_bundle_digest(rk_buf_str(out), manifest);
    rk_buf_add(out, (rk_str){(const char *)digest.bytes, sizeof digest.bytes});
    rk_buf_add(out, manifest);
}

/* Two bytes of length, the manifest, and the rest. */
static void from_manifest(rk_reader *r, rk_buf *out)
{
    const size_t size = rk_get_u8(r) | (size_t)rk_get_u8(r) << 8;
    const size_t left = rk_reader_left(r);
    const rk_str manifest = rk_get_bytes(r, size < left ? size : left);
    const rk_str rest = rk_get_bytes(r, rk_reader_left(r));
    put_front(out, manifest, RK_BUNDLE_FRONT + manifest.len + rest.len);
    rk_buf_add(out, rest);
}

/* Kind, name, detail, owner, bytes; plans and code get their front and hash. */
static void put_record(rk_reader *r, rk_buf *manifest, rk_buf *body)
{
    rk_buf bytes = {0};
    const uint8_t kind = rk_get_u8(r);
    const rk_str name = rk_get_str(r), detail = rk_get_str(r);
    const uint8_t owner = rk_get_u8(r);
    const rk_str inner = rk_get_str(r);
    if (kind == RK_SECTION_PLAN)
        rk_put_front(&bytes, RK_PLAN_MAGIC, RK_PLAN_VERSION);
    if (kind == RK_SECTION_CODE)
        rk_put_front(&bytes, "RKCODE\r\n", RK_CODE_VERSION);
    rk_buf_add(&bytes, inner);
    if (kind <= RK_SECTION_CODE)
        rk_put_digest(&bytes, 0);
    rk_put_padding(body, 0, RK_BUNDLE_ALIGN);
    const rk_digest digest = rk_digest_of(rk_buf_str(&bytes));
    rk_put_u8(manifest, kind);
    rk_put_str(manifest, name);
    rk_put_str(manifest, detail);
    rk_put_varint(manifest, owner);
    rk_put_u64(manifest, 4096 + body->len); /* the front and the manifest fit before */
    rk_put_u64(manifest, bytes.len);
    rk_buf_add(manifest, (rk_str){(const char *)digest.bytes, sizeof digest.bytes});
    rk_buf_add(body, rk_buf_str(&bytes));
    rk_buf_free(&bytes);
}

static void from_records(rk_reader *r, rk_buf *out)
{
    enum { MOST = 16 };
    rk_buf list = {0}, body = {0}, manifest = {0};
    uint32_t n = 0;
    while (rk_reader_left(r) && n < MOST && list.len < 3000) {
        put_record(r, &list, &body);
        n++;
    }
    rk_put_str(&manifest, RK_STR("0.1.0"));
    rk_put_varint(&manifest, n);
    rk_buf_add(&manifest, rk_buf_str(&list));
    put_front(out, rk_buf_str(&manifest), 4096 + body.len);
    while (out->len < 4096)
        rk_buf_add_char(out, 0);
    rk_buf_add(out, rk_buf_str(&body));
    rk_buf_free(&list);
    rk_buf_free(&body);
    rk_buf_free(&manifest);
}

static void check_bundle(const rk_bundle *bundle)
{
    rk_buf words = {0};
    for (uint32_t i = 0; i < bundle->pipelines.len; i++) {
        const rk_plan *const plan = bundle->pipelines.items[i].plan;
        rk_plan_print(plan, &words);
        check_bytes(plan);
        for (rk_cpu_level cpu = RK_CPU_SCALAR; cpu <= RK_CPU_V4; cpu++) {
            rk_code code;
            if (rk_bundle_code(bundle, i, cpu, &code, &words) == RK_OK)
                must(rk_code_verify(&code, plan, &words) != RK_ENOMEM);
        }
    }
    rk_buf_free(&words);
}

/* Opens bytes that stand in memory of their own. */
static void try_bundle(const rk_buf *bytes)
{
    rk_arena arena = {0};
    rk_diags diags;
    rk_bundle bundle;
    rk_buf words = {0};
    rk_diags_init(&diags, &arena);
    const rk_status status = rk_bundle_read(&bundle, RK_STR("x.rankb"), rk_buf_str(bytes), &diags);
    must(status == RK_OK || (status == RK_EFILE && diags.errors));
    rk_diags_print(&diags, &bundle.texts, RK_DIAG_TEXT, &words);
    if (status == RK_OK)
        check_bundle(&bundle);
    rk_bundle_free(&bundle);
    rk_buf_free(&words);
    rk_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_buf bytes = {0};
    rk_reader r = rk_reader_of((rk_str){(const char *)data, size});
    const uint8_t choice = rk_get_u8(&r);
    if (choice == 0)
        from_manifest(&r, &bytes);
    else if (choice == 1)
        from_records(&r, &bytes);
    else
        rk_buf_add(&bytes, (rk_str){(const char *)data, size});
    must(!bytes.failed);
    char *const copy = malloc(bytes.len + 1); /* so that a sanitizer sees its end */
    must(copy != NULL);
    if (bytes.len)
        memcpy(copy, bytes.data, bytes.len);
    const rk_buf whole = {.data = copy, .len = bytes.len};
    try_bundle(&whole);
    free(copy);
    rk_buf_free(&bytes);
    return 0;
}
