/* Writing index files. */
#include "runtime/index/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PIECE = 1 << 20 }; /* bytes that are still in the cache when they are written */

typedef struct saving {
    const rk_index *index;
    rk_str path;      /* as given, for messages */
    const char *name; /* of the file that is replaced, or made: a link stays one */
    char *part;
    char *folder;
    int fd;
    rk_index_header header;
    uint32_t canaries[RK_INDEX_CANARIES];
} saving;

/* ---- the header ---- */

static uint32_t kind_of_ids(const rk_index_ids *ids)
{
    if (ids->text)
        return RK_INDEX_IDS_TEXTS;
    return ids->numbers ? RK_INDEX_IDS_NUMBERS : RK_INDEX_IDS_ROWS;
}

static bool has_spread(const rk_index *index)
{
    for (uint32_t i = 0; i < RK_INDEX_SPREAD; i++)
        if (index->spread[i] > 0)
            return true;
    return false;
}

static uint32_t version_of(const rk_index *index)
{
    if (index->bounding || has_spread(index))
        return RK_INDEX_VERSION;
    return index->sketch ? RK_INDEX_VERSION_WALKED : RK_INDEX_VERSION_PLAIN;
}

static void pick_canaries(saving *s)
{
    const uint32_t n = s->index->n;
    const uint32_t k = !s->header.maker ? 0 : n < RK_INDEX_CANARIES ? n : RK_INDEX_CANARIES;
    for (uint32_t i = 0; i < k; i++)
        s->canaries[i] = (uint32_t)((uint64_t)i * n / k);
    s->header.n_canaries = k;
}

static void make_header(saving *s, const rk_index_provenance *provenance)
{
    const rk_index *const index = s->index;
    rk_index_header *const h = &s->header;
    memcpy(h->magic, RK_INDEX_MAGIC, sizeof h->magic);
    h->version = version_of(index);
    h->order = RK_INDEX_ORDER;
    h->kind = index->kind;
    h->metric = index->metric;
    h->n = index->n;
    h->dim = index->dim;
    h->stride = index->stride;
    h->degree = index->degree;
    h->n_entries = index->n_entries;
    h->ef_construction = index->ef_construction;
    h->ef = index->ef;
    h->sketch = index->sketch;
    memcpy(h->spread, index->spread, sizeof h->spread);
    h->ids = kind_of_ids(&index->ids);
    h->has_rows = index->rows != NULL;
    h->maker = provenance ? provenance->maker : 0;
    h->source = provenance ? provenance->source : 0;
    pick_canaries(s);
    rk_index_lay_out(h, index->ids.text ? index->ids.offsets[index->n] : 0);
}

/* ---- bytes ---- */

static bool write_at(int fd, const char *bytes, size_t len, uint64_t at)
{
    while (len) {
        const ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
        at += (size_t)n;
    }
    return true;
}

static bool write_section(saving *s, rk_index_section section, const void *data)
{
    rk_index_extent *const extent = &s->header.sections[section];
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    for (uint64_t at = 0; at < extent->len; at += PIECE) {
        const size_t len = extent->len - at < PIECE ? (size_t)(extent->len - at) : PIECE;
        const char *const bytes = (const char *)data + at;
        XXH3_64bits_update(&state, bytes, len);
        if (!write_at(s->fd, bytes, len, extent->at + at))
            return false;
    }
    extent->hash = XXH3_64bits_digest(&state);
    return true;
}

/* Vectors stand by place. */
static bool write_canaries(saving *s)
{
    const rk_index *const index = s->index;
    rk_index_extent *const extent = &s->header.sections[RK_INDEX_CANARY_VECTORS];
    const size_t len = index->dim * sizeof(float);
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    for (uint32_t i = 0; i < s->header.n_canaries; i++) {
        const uint32_t row = s->canaries[i], place = index->places ? index->places[row] : row;
        const float *const vector = index->vectors + (size_t)place * index->dim;
        XXH3_64bits_update(&state, vector, len);
        if (!write_at(s->fd, (const char *)vector, len, extent->at + i * len))
            return false;
    }
    extent->hash = XXH3_64bits_digest(&state);
    return write_section(s, RK_INDEX_CANARY_ROWS, s->canaries);
}

static bool write_all(saving *s)
{
    const rk_index *const index = s->index;
    const void *const ids =
        index->ids.text ? (const void *)index->ids.offsets : (const void *)index->ids.numbers;
    const void *const arrays[] = {
        [RK_INDEX_VECTORS] = index->vectors, [RK_INDEX_ROWS] = index->rows,
        [RK_INDEX_PLACES] = index->places,   [RK_INDEX_IDS] = ids,
        [RK_INDEX_TEXTS] = index->ids.bytes, [RK_INDEX_CODES] = index->codes,
        [RK_INDEX_MEAN] = index->mean,       [RK_INDEX_LINKS] = index->links,
        [RK_INDEX_ENTRIES] = index->entries,
    };
    if (ftruncate(s->fd, (off_t)s->header.size) != 0) /* and zeros between the sections */
        return false;
    for (unsigned i = 0; i < RK_ARRAY_LEN(arrays); i++)
        if (!write_section(s, (rk_index_section)i, arrays[i]))
            return false;
    if (!write_canaries(s))
        return false;
    if (index->sketch && !(write_section(s, RK_INDEX_SKETCHES, index->sketches) &&
                           write_section(s, RK_INDEX_AXES, index->axes)))
        return false;
    const size_t before = offsetof(rk_index_header, hash);
    s->header.hash = XXH3_64bits(&s->header, before);
    return write_at(s->fd, (const char *)&s->header, sizeof s->header, 0);
}

/* ---- files ---- */

static char *joined(rk_arena *arena, const char *path, size_t len, const char *suffix)
{
    char *const out = rk_arena_alloc(arena, len + strlen(suffix) + 1);
    if (out) {
        memcpy(out, path, len);
        strcpy(out + len, suffix);
    }
    return out;
}

/* A link stays one, and what it points to is replaced. */
static rk_status find_names(saving *s, rk_arena *arena)
{
    const char *const path = joined(arena, s->path.data, s->path.len, "");
    if (!path)
        return RK_ENOMEM;
    char *const real = realpath(path, NULL);
    const char *const name = real ? real : path;
    const char *const slash = strrchr(name, '/');
    s->name = joined(arena, name, strlen(name), "");
    s->part = joined(arena, name, strlen(name), ".part");
    s->folder =
        slash ? joined(arena, name, (size_t)(slash - name) + 1, "") : joined(arena, ".", 1, "");
    free(real);
    return s->name && s->part && s->folder ? RK_OK : RK_ENOMEM;
}

/* Opens what nobody else writes: who came later waits for nobody, and whose file was given its name
 * meanwhile has none any more. */
static bool open_part(saving *s)
{
    struct stat opened, named;
    s->fd = open(s->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (s->fd < 0 || fstat(s->fd, &opened) != 0)
        return false;
    errno = EBUSY;
    return S_ISREG(opened.st_mode) && flock(s->fd, LOCK_EX | LOCK_NB) == 0 &&
           stat(s->part, &named) == 0 && named.st_ino == opened.st_ino &&
           named.st_dev == opened.st_dev && ftruncate(s->fd, 0) == 0;
}

static bool keep_rights(const saving *s)
{
    struct stat old;
    if (stat(s->name, &old) != 0)
        return errno == ENOENT;
    errno = EINVAL;
    return S_ISREG(old.st_mode) && fchmod(s->fd, old.st_mode & 07777) == 0;
}

/* A name is on the disk once its folder is. Some file systems have no such thing as its fsync. */
static bool sync_folder(const saving *s)
{
    const int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES; /* a folder that can be written to and not listed */
    const bool fine = fsync(fd) == 0 || errno == EINVAL;
    close(fd);
    return fine;
}

static bool save(saving *s)
{
    if (!open_part(s))
        return false;
    if (keep_rights(s) && write_all(s) && fsync(s->fd) == 0 && rename(s->part, s->name) == 0)
        return sync_folder(s);
    const int reason = errno;
    unlink(s->part);
    errno = reason;
    return false;
}

rk_status rk_index_save(const rk_index *index, const rk_index_provenance *provenance, rk_str path,
                        rk_diags *diags)
{
    saving *const s = RK_NEW(diags->arena, saving);
    if (!s)
        return RK_ENOMEM;
    *s = (saving){.index = index, .path = path, .fd = -1};
    make_header(s, provenance);
    RK_TRY(find_names(s, diags->arena));
    const bool fine = save(s);
    const int reason = errno;
    if (s->fd >= 0)
        close(s->fd);
    if (fine)
        return RK_OK;
    rk_error(diags, RK_E0605, RK_NO_SPAN, "cannot write `%.*s`: %s", RK_STR_ARG(path),
             reason == EBUSY || reason == EWOULDBLOCK ? "it is being written by another process"
                                                      : strerror(reason));
    return RK_EFILE;
}
