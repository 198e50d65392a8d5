/* compiler/emit/link.h: a small object made by hand is linked and runs; what could reach outside
 * itself, and what is damaged, is refused with a reason. */
#include "compiler/emit/link.h"

#include <elf.h>
#include <sys/mman.h>

#include "tests/unit/harness.h"

enum { NONE, TEXT, DATA, SYMBOLS, NAMES, OF_TEXT, OF_DATA, OTHER, SECTIONS };

/* k0: returns the constant; k1: calls k0 and adds 1. A jump table of one row leads to k1 + 9. */
typedef struct object {
    Elf64_Ehdr head;
    uint8_t text[30];
    uint8_t align_data[2];
    int32_t data[2];
    Elf64_Sym symbols[5];
    char names[16];
    Elf64_Rela of_text[2], of_data[1];
    Elf64_Shdr sections[SECTIONS];
} object;

enum { TEXT_SYMBOL = 1, DATA_SYMBOL, K0, K1, CONSTANT = 42 };

static const uint8_t text[30] = {
    0x8b, 0x05, 0, 0, 0, 0,          /* k0: mov eax, [rip + constant] */
    0xc3,                            /* ret */
    0,    0,    0, 0, 0, 0, 0, 0, 0, /* to 16 */
    0xe8, 0,    0, 0, 0,             /* k1: call k0 */
    0x83, 0xc0, 1,                   /* add eax, 1 */
    0xc3,                            /* ret */
    0xb8, 7,    0, 0, 0,             /* k1 + 9 */
};

static Elf64_Shdr section(uint32_t type, uint64_t flags, size_t at, size_t size, uint64_t align)
{
    return (Elf64_Shdr){.sh_type = type,
                        .sh_flags = flags,
                        .sh_offset = at,
                        .sh_size = size,
                        .sh_addralign = align};
}

static Elf64_Sym symbol(uint32_t name, uint8_t type, uint16_t in, uint64_t value)
{
    return (Elf64_Sym){.st_name = name,
                       .st_info = ELF64_ST_INFO(STB_GLOBAL, type),
                       .st_shndx = in,
                       .st_value = value};
}

static Elf64_Rela relocation(uint64_t at, uint64_t of, uint64_t type, int64_t addend)
{
    return (Elf64_Rela){.r_offset = at, .r_info = ELF64_R_INFO(of, type), .r_addend = addend};
}

#define SECTION_OF(type, flags, field, align)                                                      \
    section((type), (flags), offsetof(object, field), sizeof(((object *)0)->field), (align))

static object make(void)
{
    object o = {.names = "\0k0\0k1\0memset", .data = {CONSTANT, 0}};
    memcpy(o.text, text, sizeof text);
    memcpy(o.head.e_ident, ELFMAG, SELFMAG);
    o.head.e_ident[EI_CLASS] = ELFCLASS64;
    o.head.e_ident[EI_DATA] = ELFDATA2LSB;
    o.head.e_type = ET_REL;
    o.head.e_machine = EM_X86_64;
    o.head.e_shoff = offsetof(object, sections);
    o.head.e_shentsize = sizeof(Elf64_Shdr);
    o.head.e_shnum = SECTIONS;
    o.symbols[TEXT_SYMBOL] = symbol(0, STT_SECTION, TEXT, 0);
    o.symbols[DATA_SYMBOL] = symbol(0, STT_SECTION, DATA, 0);
    o.symbols[K0] = symbol(1, STT_FUNC, TEXT, 0);
    o.symbols[K1] = symbol(4, STT_FUNC, TEXT, 16);
    o.of_text[0] = relocation(2, DATA_SYMBOL, R_X86_64_PC32, -4);
    o.of_text[1] = relocation(17, K0, R_X86_64_PLT32, -4);
    o.of_data[0] = relocation(4, TEXT_SYMBOL, R_X86_64_PC32, 25 + 4);
    o.sections[TEXT] = SECTION_OF(SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, 16);
    o.sections[DATA] = SECTION_OF(SHT_PROGBITS, SHF_ALLOC | SHF_MERGE, data, 64);
    o.sections[SYMBOLS] = SECTION_OF(SHT_SYMTAB, 0, symbols, 8);
    o.sections[SYMBOLS].sh_link = NAMES;
    o.sections[NAMES] = SECTION_OF(SHT_STRTAB, 0, names, 1);
    o.sections[OF_TEXT] = SECTION_OF(SHT_RELA, SHF_INFO_LINK, of_text, 8);
    o.sections[OF_TEXT].sh_info = TEXT;
    o.sections[OF_DATA] = SECTION_OF(SHT_RELA, SHF_INFO_LINK, of_data, 8);
    o.sections[OF_DATA].sh_info = DATA;
    o.sections[OTHER] = section(SHT_PROGBITS, 0, 0, 0, 1);
    return o;
}

static rk_status link_bytes(const void *bytes, size_t size, uint32_t n, rk_arena *arena,
                            rk_linked *out, rk_buf *fault)
{
    return rk_link((rk_str){bytes, size}, n, arena, out, fault);
}

static int call(const rk_linked *linked, uint32_t entry)
{
    void *const at =
        mmap(NULL, linked->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(at != MAP_FAILED);
    memcpy(at, linked->text, linked->size);
    ck_assert_int_eq(mprotect(at, linked->size, PROT_READ | PROT_EXEC), 0);
    int (*fn)(void);
    uint8_t *const start = (uint8_t *)at + linked->entries[entry];
    memcpy(&fn, &start, sizeof fn);
    const int result = fn();
    munmap(at, linked->size);
    return result;
}

START_TEST(links_and_runs)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    int32_t row;
    const object o = make();
    ck_assert_int_eq(link_bytes(&o, sizeof o, 2, &arena, &linked, &fault), RK_OK);
    ck_assert_uint_eq(linked.size, 64 + sizeof o.data);
    ck_assert_uint_eq(linked.entries[0], 0);
    ck_assert_uint_eq(linked.entries[1], 16);
    ck_assert_uint_eq((uintptr_t)linked.text % 64, 0);
    ck_assert_uint_eq(linked.text[sizeof text], 0xcc);
    memcpy(&row, linked.text + 64 + 4, sizeof row);
    ck_assert_int_eq(row, 25 - 64); /* from the start of the table */
#ifdef __x86_64__
    ck_assert_int_eq(call(&linked, 0), CONSTANT);
    ck_assert_int_eq(call(&linked, 1), CONSTANT + 1);
#endif
    rk_arena_free(&arena);
    rk_buf_free(&fault);
}
END_TEST

/* The same bytes at an odd address. */
START_TEST(nothing_need_be_aligned)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    const object o = make();
    char bytes[sizeof o + 1];
    memcpy(bytes + 1, &o, sizeof o);
    ck_assert_int_eq(link_bytes(bytes + 1, sizeof o, 2, &arena, &linked, &fault), RK_OK);
    ck_assert_uint_eq(linked.size, 64 + sizeof o.data);
    rk_arena_free(&arena);
    rk_buf_free(&fault);
}
END_TEST

START_TEST(code_stands_first)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    object o = make();
    const Elf64_Shdr code = o.sections[TEXT];
    o.sections[TEXT] = o.sections[DATA];
    o.sections[DATA] = code;
    for (int i = 1; i < 5; i++)
        o.symbols[i].st_shndx = o.symbols[i].st_shndx == TEXT ? DATA : TEXT;
    o.sections[OF_TEXT].sh_info = DATA;
    o.sections[OF_DATA].sh_info = TEXT;
    ck_assert_int_eq(link_bytes(&o, sizeof o, 2, &arena, &linked, &fault), RK_OK);
    ck_assert_uint_eq(linked.entries[1], 16);
#ifdef __x86_64__
    ck_assert_int_eq(call(&linked, 1), CONSTANT + 1);
#endif
    rk_arena_free(&arena);
    rk_buf_free(&fault);
}
END_TEST

/* Notes, unwind tables with their relocations, and empty sections that could be written. */
START_TEST(what_does_not_matter_is_left_out)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    object o = make();
    o.sections[OTHER] = section(SHT_X86_64_UNWIND, SHF_ALLOC, 0, 64, 8);
    o.sections[OF_DATA].sh_info = OTHER;
    ck_assert_int_eq(link_bytes(&o, sizeof o, 2, &arena, &linked, &fault), RK_OK);
    o.sections[OTHER] = section(SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0, 0, 8);
    ck_assert_int_eq(link_bytes(&o, sizeof o, 2, &arena, &linked, &fault), RK_OK);
    ck_assert_uint_eq(linked.size, 64 + sizeof o.data);
    rk_arena_free(&arena);
    rk_buf_free(&fault);
}
END_TEST

/* ---- what is refused ---- */

/* A field of the object gets another value, and the reason then holds these words. */
typedef struct damage {
    size_t at, size;
    uint64_t value;
    const char *reason;
} damage;

#define AT(field, value, reason)                                                                   \
    {                                                                                              \
        offsetof(object, field), sizeof(((object *)0)->field), (uint64_t)(value), (reason)         \
    }
#define RELOCATION(of, type) ELF64_R_INFO((uint64_t)(of), (uint64_t)(type))

/* clang-format off */
static const damage damages[] = {
    AT(head.e_ident[0], 0, "not a relocatable ELF object"),
    AT(head.e_ident[EI_CLASS], ELFCLASS32, "not a relocatable ELF object"),
    AT(head.e_ident[EI_DATA], ELFDATA2MSB, "not a relocatable ELF object"),
    AT(head.e_type, ET_DYN, "not a relocatable ELF object"),
    AT(head.e_machine, EM_AARCH64, "not a relocatable ELF object"),
    AT(head.e_shentsize, 63, "no table of sections"),
    AT(head.e_shnum, 0, "no table of sections"),
    AT(head.e_shnum, SECTIONS + 1, "table of sections is beyond"),
    AT(head.e_shoff, UINT64_MAX, "table of sections is beyond"),
    AT(sections[TEXT].sh_offset, sizeof(object), "section 1 is beyond"),
    AT(sections[TEXT].sh_size, UINT64_MAX, "section 1 is beyond"),
    AT(sections[TEXT].sh_size, sizeof(object) - 64, "sections overlap"),
    AT(sections[TEXT].sh_addralign, 128, "aligned to 128"),
    AT(sections[TEXT].sh_addralign, 24, "aligned to 24"),
    AT(sections[DATA].sh_flags, SHF_ALLOC | SHF_WRITE, "section 2 is neither code nor constants"),
    AT(sections[DATA].sh_flags, SHF_ALLOC | SHF_TLS, "section 2 is neither code nor constants"),
    AT(sections[DATA].sh_flags, SHF_ALLOC | SHF_COMPRESSED, "section 2 is neither"),
    AT(sections[DATA].sh_flags, 0, "`` is neither code nor a constant"),
    AT(sections[DATA].sh_type, SHT_NOBITS, "section 2 is neither code nor constants"),
    AT(sections[DATA].sh_type, SHT_INIT_ARRAY, "section 2 is neither code nor constants"),
    AT(sections[SYMBOLS].sh_type, SHT_NULL, "no table of symbols"),
    AT(sections[OTHER].sh_type, SHT_SYMTAB, "two tables of symbols"),
    AT(sections[SYMBOLS].sh_link, SECTIONS, "no names"),
    AT(sections[SYMBOLS].sh_link, TEXT, "no names"),
    AT(sections[NAMES].sh_size, 0, "no names"),
    AT(sections[NAMES].sh_size, 15, NULL),
    AT(sections[NAMES].sh_size, 13, "no names"),
    AT(sections[OF_TEXT].sh_type, SHT_REL, "relocations without addends"),
    AT(sections[SYMBOLS].sh_size, 3 * sizeof(Elf64_Sym), "there is no symbol 3"),
    AT(symbols[DATA_SYMBOL].st_shndx, SHN_UNDEF, "`` is not in it"),
    AT(symbols[DATA_SYMBOL].st_shndx, SHN_ABS, "neither code nor a constant"),
    AT(symbols[DATA_SYMBOL].st_shndx, SHN_COMMON, "neither code nor a constant"),
    AT(symbols[DATA_SYMBOL].st_shndx, SYMBOLS, "neither code nor a constant"),
    AT(symbols[DATA_SYMBOL].st_value, 9, "beyond its section"),
    AT(symbols[DATA_SYMBOL].st_value, UINT64_MAX, "beyond its section"),
    AT(symbols[K0].st_shndx, SHN_UNDEF, "`k0` is not in it"),
    AT(symbols[K0].st_shndx, DATA, "k0 is no code"),
    AT(symbols[K0].st_info, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), "k0 is not in it"),
    AT(symbols[K1].st_name, 0, "k1 is not in it"),
    AT(symbols[K1].st_name, 7, "k1 is not in it"),
    AT(symbols[K1].st_name, UINT32_MAX, "k1 is not in it"),
    AT(symbols[K1].st_value, sizeof text, "k1 is no code"),
    AT(of_text[0].r_info, RELOCATION(DATA_SYMBOL, R_X86_64_64), "relocation of type 1"),
    AT(of_text[0].r_info, RELOCATION(DATA_SYMBOL, R_X86_64_32S), "relocation of type 11"),
    AT(of_text[0].r_info, RELOCATION(DATA_SYMBOL, R_X86_64_REX_GOTPCRELX), "relocation of type 42"),
    AT(of_text[0].r_info, RELOCATION(5, R_X86_64_PC32), "there is no symbol 5"),
    AT(of_text[0].r_info, RELOCATION(0, R_X86_64_PC32), "`` is not in it"),
    AT(of_text[0].r_offset, sizeof text - 3, "a relocation beyond section 1"),
    AT(of_text[0].r_offset, UINT64_MAX, "a relocation beyond section 1"),
    AT(of_text[0].r_addend, 8, "a reference beyond a section"),
    AT(of_text[0].r_addend, -9, "a reference beyond a section"),
    AT(of_text[0].r_addend, INT64_MIN, "beyond 2 GB"),
    AT(of_text[0].r_addend, INT64_MAX, "beyond 2 GB"),
    AT(of_data[0].r_addend, INT32_MIN, "beyond 2 GB"),
};
/* clang-format on */

START_TEST(damage_is_named)
{
    for (size_t i = 0; i < RK_ARRAY_LEN(damages); i++) {
        const damage *const d = &damages[i];
        rk_arena arena = {0};
        rk_buf fault = {0};
        rk_linked linked;
        object o = make();
        memcpy((char *)&o + d->at, &d->value, d->size);
        const rk_status status = link_bytes(&o, sizeof o, 2, &arena, &linked, &fault);
        ck_assert_msg(status == (d->reason ? RK_EBUG : RK_OK), "damage %zu gives %d: %s", i,
                      (int)status, fault.len ? fault.data : "");
        ck_assert_msg(!d->reason || strstr(fault.data, d->reason), "damage %zu says %s", i,
                      fault.len ? fault.data : "");
        rk_arena_free(&arena);
        rk_buf_free(&fault);
    }
}
END_TEST

START_TEST(calls_outside_are_refused_by_name)
{
    rk_arena arena = {0};
    rk_buf fault = {0};
    rk_linked linked;
    object o = make();
    o.symbols[TEXT_SYMBOL] = symbol(7, STT_NOTYPE, SHN_UNDEF, 0);
    o.of_text[1] = relocation(17, TEXT_SYMBOL, R_X86_64_PLT32, -4);
    ck_assert_int_eq(link_bytes(&o, sizeof o, 2, &arena, &linked, &fault), RK_EBUG);
    ck_assert_str_eq(fault.data, "object: `memset` is not in it");
    rk_arena_free(&arena);
    rk_buf_free(&fault);
}
END_TEST

START_TEST(every_start_of_it_is_refused)
{
    const object o = make();
    for (size_t size = 0; size < sizeof o; size++) {
        rk_arena arena = {0};
        rk_buf fault = {0};
        rk_linked linked;
        char *const copy = malloc(size ? size : 1); /* its end is where sanitizers look */
        memcpy(copy, &o, size);
        ck_assert_int_eq(link_bytes(copy, size, 2, &arena, &linked, &fault), RK_EBUG);
        ck_assert_uint_gt(fault.len, 0);
        free(copy);
        rk_arena_free(&arena);
        rk_buf_free(&fault);
    }
}
END_TEST

/* Whatever stands at any place: an error, or something whole. */
START_TEST(any_byte_may_be_wrong)
{
    static const uint8_t values[] = {0, 1, 2, 7, 0x40, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < sizeof(object); at++)
        for (size_t i = 0; i < sizeof values; i++) {
            rk_arena arena = {0};
            rk_buf fault = {0};
            rk_linked linked;
            object o = make();
            ((uint8_t *)&o)[at] = values[i];
            const rk_status status = link_bytes(&o, sizeof o, 2, &arena, &linked, &fault);
            if (status == RK_OK) {
                ck_assert_uint_lt(linked.entries[0], linked.size);
                ck_assert_uint_lt(linked.entries[1], linked.size);
            } else {
                ck_assert_int_eq(status, RK_EBUG);
                ck_assert_uint_gt(fault.len, 0);
            }
            rk_arena_free(&arena);
            rk_buf_free(&fault);
        }
}
END_TEST

RK_SUITE_MAIN("emit_link", links_and_runs, nothing_need_be_aligned, code_stands_first,
              what_does_not_matter_is_left_out, damage_is_named, calls_outside_are_refused_by_name,
              every_start_of_it_is_refused, any_byte_may_be_wrong)
