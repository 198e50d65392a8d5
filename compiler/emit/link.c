#include "compiler/emit/link.h"

#include <elf.h>

enum { ALIGN_MAX = 64, CODE_SLACK = 8 };

static const uint32_t nowhere = UINT32_MAX;

typedef struct linker {
    rk_str object;
    rk_buf *fault;
    rk_arena *arena;
    Elf64_Ehdr head;
    const Elf64_Shdr *sections; /* [head.e_shnum] copies: nothing in an object need be aligned */
    uint32_t *base;             /* [head.e_shnum] where a section goes in text, or `nowhere` */
    const Elf64_Shdr *symtab, *strtab;
    uint64_t n_symbols;
    uint8_t *text;
    uint64_t size;
    uint64_t taken; /* bytes of the object that are in sections kept so far */
} linker;

static rk_status refuse(linker *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static rk_status refuse(linker *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rk_buf_add_chars(l->fault, "object: ");
    rk_buf_vprintf(l->fault, format, args);
    va_end(args);
    return RK_EBUG;
}

/* ---- reading ---- */

static bool is_inside(const linker *l, uint64_t at, uint64_t size)
{
    return at <= l->object.len && size <= l->object.len - at;
}

static rk_status read_head(linker *l)
{
    if (!is_inside(l, 0, sizeof l->head))
        return refuse(l, "too short for a header");
    memcpy(&l->head, l->object.data, sizeof l->head);
    const unsigned char *const ident = l->head.e_ident;
    if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_CLASS] != ELFCLASS64 ||
        ident[EI_DATA] != ELFDATA2LSB || l->head.e_type != ET_REL || l->head.e_machine != EM_X86_64)
        return refuse(l, "not a relocatable ELF object for x86-64");
    if (l->head.e_shentsize != sizeof(Elf64_Shdr) || l->head.e_shnum == 0)
        return refuse(l, "no table of sections");
    const uint64_t size = (uint64_t)l->head.e_shnum * sizeof(Elf64_Shdr);
    if (!is_inside(l, l->head.e_shoff, size))
        return refuse(l, "the table of sections is beyond the end");
    Elf64_Shdr *const sections = RK_NEW_ARRAY(l->arena, Elf64_Shdr, l->head.e_shnum);
    l->base = RK_NEW_ARRAY(l->arena, uint32_t, l->head.e_shnum);
    if (!sections || !l->base)
        return RK_ENOMEM;
    memcpy(sections, l->object.data + l->head.e_shoff, (size_t)size);
    l->sections = sections;
    return RK_OK;
}

static rk_status check_sections(linker *l)
{
    for (uint32_t i = 0; i < l->head.e_shnum; i++) {
        const Elf64_Shdr *const section = &l->sections[i];
        if (section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL &&
            !is_inside(l, section->sh_offset, section->sh_size))
            return refuse(l, "section %u is beyond the end", i);
        if (section->sh_type != SHT_SYMTAB)
            continue;
        if (l->symtab)
            return refuse(l, "two tables of symbols");
        l->symtab = section;
    }
    if (!l->symtab)
        return refuse(l, "no table of symbols");
    if (l->symtab->sh_link >= l->head.e_shnum)
        return refuse(l, "no names of symbols");
    l->strtab = &l->sections[l->symtab->sh_link];
    if (l->strtab->sh_type != SHT_STRTAB || l->strtab->sh_size == 0 ||
        l->object.data[l->strtab->sh_offset + l->strtab->sh_size - 1] != '\0')
        return refuse(l, "no names of symbols");
    l->n_symbols = l->symtab->sh_size / sizeof(Elf64_Sym);
    return RK_OK;
}

static Elf64_Sym symbol_at(const linker *l, uint64_t i)
{
    Elf64_Sym symbol;
    memcpy(&symbol, l->object.data + l->symtab->sh_offset + i * sizeof symbol, sizeof symbol);
    return symbol;
}

static const char *symbol_name(const linker *l, const Elf64_Sym *symbol)
{
    return symbol->st_name < l->strtab->sh_size
               ? l->object.data + l->strtab->sh_offset + symbol->st_name
               : "";
}

/* ---- laying out ---- */

/* Unwind tables are left out: nothing is thrown through this code, nor out of it. */
static bool is_kept(const Elf64_Shdr *section)
{
    return (section->sh_flags & SHF_ALLOC) && section->sh_type != SHT_X86_64_UNWIND &&
           section->sh_size > 0;
}

static bool is_code(const Elf64_Shdr *section) { return section->sh_flags & SHF_EXECINSTR; }

static rk_status place(linker *l, uint32_t i)
{
    const Elf64_Shdr *const section = &l->sections[i];
    const uint64_t align = section->sh_addralign ? section->sh_addralign : 1;
    const uint64_t known =
        SHF_ALLOC | SHF_EXECINSTR | SHF_MERGE | SHF_STRINGS | SHF_GROUP | SHF_INFO_LINK;
    if (section->sh_type != SHT_PROGBITS || (section->sh_flags & ~known))
        return refuse(l, "section %u is neither code nor constants", i);
    if (align > ALIGN_MAX || (align & (align - 1)))
        return refuse(l, "section %u is aligned to %llu", i, (unsigned long long)align);
    const uint64_t at = (l->size + align - 1) & ~(align - 1);
    if (section->sh_size > INT32_MAX - at)
        return refuse(l, "more than 2 GB");
    l->taken += section->sh_size;
    if (l->taken > l->object.len - sizeof l->head)
        return refuse(l, "sections overlap");
    l->base[i] = (uint32_t)at;
    l->size = at + section->sh_size;
    return RK_OK;
}

/* Code first, then constants. */
static rk_status place_all(linker *l)
{
    for (uint32_t i = 0; i < l->head.e_shnum; i++)
        l->base[i] = nowhere;
    for (int code = 1; code >= 0; code--)
        for (uint32_t i = 0; i < l->head.e_shnum; i++)
            if (is_kept(&l->sections[i]) && is_code(&l->sections[i]) == code)
                RK_TRY(place(l, i));
    l->text = rk_arena_alloc_column(l->arena, l->size ? (size_t)l->size : 1, 1);
    if (!l->text)
        return RK_ENOMEM;
    memset(l->text, 0xcc, (size_t)l->size); /* gaps hold int3 */
    for (uint32_t i = 0; i < l->head.e_shnum; i++)
        if (l->base[i] != nowhere)
            memcpy(l->text + l->base[i], l->object.data + l->sections[i].sh_offset,
                   (size_t)l->sections[i].sh_size);
    return RK_OK;
}

/* *at = where a symbol stands in text, *end = where its section ends. */
static rk_status locate(linker *l, uint64_t number, int64_t *at, int64_t *end)
{
    if (number >= l->n_symbols)
        return refuse(l, "there is no symbol %llu", (unsigned long long)number);
    const Elf64_Sym symbol = symbol_at(l, number);
    if (symbol.st_shndx == SHN_UNDEF)
        return refuse(l, "`%s` is not in it", symbol_name(l, &symbol));
    if (symbol.st_shndx >= l->head.e_shnum || l->base[symbol.st_shndx] == nowhere)
        return refuse(l, "`%s` is neither code nor a constant", symbol_name(l, &symbol));
    const uint64_t size = l->sections[symbol.st_shndx].sh_size;
    if (symbol.st_value > size)
        return refuse(l, "`%s` is beyond its section", symbol_name(l, &symbol));
    *at = (int64_t)(l->base[symbol.st_shndx] + symbol.st_value);
    *end = (int64_t)(l->base[symbol.st_shndx] + size);
    return RK_OK;
}

/* ---- relocating ---- */

/* The distance from the place `section` + r_offset to a symbol, in 4 bytes. What an instruction
 * refers to must be in the symbol's section, up to the bytes of the instruction that follow the
 * place; a jump table in the constants adds its own start later, so there only the width counts. */
static rk_status relocate(linker *l, uint32_t section, const Elf64_Rela *rela)
{
    const uint64_t type = ELF64_R_TYPE(rela->r_info), size = l->sections[section].sh_size;
    int64_t at, end;
    if (type != R_X86_64_PC32 && type != R_X86_64_PLT32)
        return refuse(l, "a relocation of type %llu", (unsigned long long)type);
    if (size < 4 || rela->r_offset > size - 4)
        return refuse(l, "a relocation beyond section %u", section);
    RK_TRY(locate(l, ELF64_R_SYM(rela->r_info), &at, &end));
    if (rela->r_addend > INT32_MAX || rela->r_addend < INT32_MIN)
        return refuse(l, "a relocation beyond 2 GB");
    const int64_t to = at + rela->r_addend, from = (int64_t)(l->base[section] + rela->r_offset);
    const Elf64_Sym symbol = symbol_at(l, ELF64_R_SYM(rela->r_info));
    const int64_t start = l->base[symbol.st_shndx];
    if (is_code(&l->sections[section]) && (to < start - CODE_SLACK || to >= end))
        return refuse(l, "a reference beyond a section");
    const int64_t distance = to - from;
    if (distance > INT32_MAX || distance < INT32_MIN)
        return refuse(l, "a distance beyond 2 GB");
    const int32_t value = (int32_t)distance;
    memcpy(l->text + from, &value, sizeof value);
    return RK_OK;
}

static rk_status relocate_section(linker *l, const Elf64_Shdr *section)
{
    const uint64_t n = section->sh_size / sizeof(Elf64_Rela);
    if (section->sh_type == SHT_REL)
        return refuse(l, "relocations without addends");
    for (uint64_t i = 0; i < n; i++) {
        Elf64_Rela rela;
        memcpy(&rela, l->object.data + section->sh_offset + i * sizeof rela, sizeof rela);
        RK_TRY(relocate(l, section->sh_info, &rela));
    }
    return RK_OK;
}

static rk_status relocate_all(linker *l)
{
    for (uint32_t i = 0; i < l->head.e_shnum; i++) {
        const Elf64_Shdr *const section = &l->sections[i];
        if (section->sh_type != SHT_RELA && section->sh_type != SHT_REL)
            continue;
        if (section->sh_info < l->head.e_shnum && l->base[section->sh_info] != nowhere)
            RK_TRY(relocate_section(l, section));
    }
    return RK_OK;
}

/* ---- entries ---- */

/* The i of "k<i>"; `nowhere` for other names. */
static uint32_t entry_number(const char *name)
{
    uint64_t number = 0;
    if (name[0] != 'k' || name[1] == '\0' || (name[1] == '0' && name[2]))
        return nowhere;
    for (const char *c = name + 1; *c; c++) {
        if (*c < '0' || *c > '9' || number >= nowhere / 10)
            return nowhere;
        number = number * 10 + (uint64_t)(*c - '0');
    }
    return (uint32_t)number;
}

static rk_status find_entries(linker *l, uint32_t n, const uint32_t **out)
{
    uint32_t *const entries = RK_NEW_ARRAY(l->arena, uint32_t, n);
    if (!entries)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        entries[i] = nowhere;
    for (uint64_t i = 0; i < l->n_symbols; i++) {
        const Elf64_Sym symbol = symbol_at(l, i);
        const uint32_t number = entry_number(symbol_name(l, &symbol));
        int64_t at, end;
        if (number >= n || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        RK_TRY(locate(l, i, &at, &end));
        if (!is_code(&l->sections[symbol.st_shndx]) || at >= end)
            return refuse(l, "k%u is no code", number);
        entries[number] = (uint32_t)at;
    }
    for (uint32_t i = 0; i < n; i++)
        if (entries[i] == nowhere)
            return refuse(l, "k%u is not in it", i);
    *out = entries;
    return RK_OK;
}

rk_status rk_link(rk_str object, uint32_t n_entries, rk_arena *arena, rk_linked *out, rk_buf *fault)
{
    linker l = {.object = object, .fault = fault, .arena = arena};
    RK_TRY(read_head(&l));
    RK_TRY(check_sections(&l));
    RK_TRY(place_all(&l));
    RK_TRY(relocate_all(&l));
    RK_TRY(find_entries(&l, n_entries, &out->entries));
    out->text = l.text;
    out->size = (size_t)l.size;
    return RK_OK;
}
