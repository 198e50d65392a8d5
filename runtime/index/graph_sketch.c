#include "runtime/index/graph_sketch.h"

#include <float.h>
#include <math.h>

#include "runtime/base/pool.h"
#include "runtime/base/product.h"
#include "runtime/index/memory.h"

enum {
    LINE = 64,
    MANY = 4,           /* products at a time */
    LEAST_ROWS = 4096,  /* fewer codes are in the processor's caches anyway */
    LEAST_LINES = 2,    /* of a sketch: */
    LINES_PER_LINE = 4, /* one for so many of a code */
    SAMPLED = 4096,     /* vectors that directions are found from, */
    SAMPLED_OF = 4,     /* at most one of so many */
    ROUNDS = 4,         /* in which they turn towards the leading ones */
    PART = 256,         /* sketches of a task */
    SHRINKS = 64,       /* of axes at most */
    MOST_STRIDE = RK_INDEX_MAX_DIM + LINE,
};

/* The share of the squares that sketches must know of. */
static const double LEAST_SHARE = 0.9;
/* What two vectors have left besides their numbers goes the same way to some part, the more so the
 * nearer they are: the cosine is taken for the square of this. */
static const float REST = 0.5F;

/* What float makes of a product of codes is so much off, relatively, at most. */
static const double PRODUCT_OFF = 4 * 0x1p-24;
/* Of a square, how wrong what is left of it can be, and what an underflow can add to a length. */
static const double REST_OFF = 16 * 0x1p-24, UNDERFLOWN = 1e-19;
/* Axes are made shorter by so much until they bound lengths. */
static const float SHRINK = 0.998F;
/* More than floats can be wrong by: 239 products, each of less than 1. */
static const double MARGIN = 0x1p-13;

static const float zeros[RK_SKETCH_MOST];

rk_index rk_sketch_set(const rk_index *index)
{
    return (rk_index){.metric = RK_INDEX_L2,
                      .n = index->n,
                      .dim = index->sketch,
                      .codes = index->sketches,
                      .stride = rk_code_stride(index->sketch),
                      .mean = zeros};
}

uint32_t rk_sketch_ef(const rk_index *index, uint32_t ef)
{
    return index->sketch ? ef + ef / 2 : ef;
}

/* ---- a sketch ---- */

/* Products with n axes themselves: no square, and not -2 times. */
static void multiply_axes(const rk_index *index, const rk_code_ops *ops, const rk_coded *code,
                          uint32_t n, float *out)
{
    rk_coded along = *code;
    along.by = 0;
    along.factor = -code->factor / 2;
    ops->following(&along, index->axes, n, out);
}

/* Numbers along the axes, and what is left of a code; returns how far from the true ones they can
 * be, if axes bound lengths. Those of a damaged file may give anything. */
static double project(const rk_index *index, const rk_code_ops *ops, const rk_coded *code,
                      float *out)
{
    const uint32_t n_axes = index->sketch - 1;
    const double square = (double)code->square, off = square * REST_OFF;
    multiply_axes(index, ops, code, n_axes, out);
    double rest = square;
    for (uint32_t i = 0; i < n_axes; i++) {
        out[i] = isfinite(out[i]) ? out[i] : 0;
        rest -= (double)out[i] * (double)out[i];
    }
    rest = rest > 0 ? rest : 0;
    out[n_axes] = REST * (float)sqrt(rest);
    /* of the root: the less, the more is left */
    const double root_off = rest > off ? off / sqrt(rest) : sqrt(off);
    return PRODUCT_OFF * sqrt(square) + (double)REST * root_off + UNDERFLOWN;
}

/* A float that is not less, of what is at least UNDERFLOWN. */
static float above(double x)
{
    const double more = x * (1 + 0x1p-22);
    return more < (double)FLT_MAX ? (float)more : FLT_MAX;
}

void rk_sketch_query(const rk_index *index, const rk_code_ops *ops, const rk_coded *query,
                     int8_t *room, rk_coded *out)
{
    const rk_index set = rk_sketch_set(index);
    float numbers[RK_SKETCH_MOST];
    const double off = project(index, ops, query, numbers);
    rk_code_query(&set, numbers, room, out);
    out->error = above((double)out->error + off);
}

/* ---- whether axes bound lengths ---- */

/* Where rows of a lower triangle begin. */
static size_t row_at(uint32_t i) { return (size_t)i * (i + 1) / 2; }

static double product_of(const double *a, const double *b, uint32_t n)
{
    enum { SUMS = 4 };
    double sums[SUMS] = {0};
    uint32_t i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (uint32_t j = 0; j < SUMS; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Whether a symmetric matrix, of which the lower triangle is given and overwritten, has a root
 * (Cholesky's), and so nothing below 0 comes of it. Not if there is a NaN in it. */
static bool has_root(double *lower, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        double *const row = lower + row_at(i);
        for (uint32_t j = 0; j < i; j++) {
            const double *const other = lower + row_at(j);
            row[j] = (row[j] - product_of(row, other, j)) / other[j];
        }
        const double pivot = row[i] - product_of(row, row, i);
        if (!(pivot > 0))
            return false;
        row[i] = sqrt(pivot);
    }
    return true;
}

/* 1 - A A', a little less: it has a root where no singular value of A is above 1. */
rk_status rk_sketch_check(const rk_index *index, const rk_code_ops *ops, bool *bounding)
{
    const uint32_t n = index->sketch - 1;
    const rk_index axes = {.dim = index->dim, .codes = index->axes, .stride = index->stride};
    _Alignas(LINE) int8_t room[MOST_STRIDE];
    float products[RK_SKETCH_MOST];
    rk_arena arena = {0};
    double *const lower = rk_arena_alloc_column(&arena, row_at(n), sizeof *lower);
    *bounding = false;
    if (!lower)
        return RK_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        rk_coded axis;
        rk_code_query_at(&axes, i, room, &axis);
        multiply_axes(index, ops, &axis, i + 1, products);
        for (uint32_t j = 0; j <= i; j++)
            lower[row_at(i) + j] = (j == i ? 1 - MARGIN : 0) - (double)products[j];
    }
    *bounding = has_root(lower, n);
    rk_arena_free(&arena);
    return RK_OK;
}

/* ---- directions ---- */

typedef struct making {
    rk_index *index;
    const rk_index_options *options;
    const rk_product *product;
    const rk_code_ops *ops;
    rk_arena arena; /* of what is not in the result */
    uint32_t n_threads;
    uint32_t n_axes, n_sampled;
    double least_share; /* of squares that the axes have to hold */
    float *sample;      /* [n_sampled][dim] */
    float *turned;      /* [dim][n_sampled] the same */
    float *axes;        /* [n_axes][dim] of length 1 and upright to each other, or 0 */
    float *along;       /* [n_axes][n_sampled] numbers of the sample */
    uint8_t *sketches;
} making;

static bool is_stopped(const making *m)
{
    const rk_flag *const stop = m->options->stop;
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

static float largest_square(const making *m)
{
    float most = 0;
    for (uint32_t i = 0; i < m->index->n; i++) {
        const float square = rk_code_own(m->index, i);
        most = square > most ? square : most;
    }
    return most;
}

/* Vectors spread evenly over all, the longest there is of length 1; false: squares that say
 * nothing.
 */
static bool take_sample(making *m)
{
    const rk_index *const index = m->index;
    const float square = largest_square(m);
    if (square < FLT_MIN || square >= FLT_MAX / 4)
        return false;
    const double by = 1 / sqrt((double)square);
    for (uint32_t i = 0; i < m->n_sampled; i++) {
        const uint64_t place = (uint64_t)i * index->n / m->n_sampled;
        const uint8_t *const code = index->codes + place * index->stride;
        const double scale = by * (double)rk_code_tail_of(code, index->stride).scale;
        for (uint32_t j = 0; j < index->dim; j++) {
            const float number = (float)(scale * (code[j] - 128));
            m->sample[(size_t)i * index->dim + j] = number;
            m->turned[(size_t)j * m->n_sampled + i] = number;
        }
    }
    return true;
}

/* Products of rows first .. first + MANY of a, at most n, with all rows of b, of `len` numbers. */
typedef struct products {
    const rk_product *product;
    const float *a, *b;
    uint32_t n, n_b, len;
    float *out; /* [n][n_b] */
} products;

static void multiply_task(void *user, uint32_t task, uint32_t worker)
{
    const products *const p = user;
    const float *rows[MANY];
    float some[MANY];
    (void)worker;
    for (uint32_t k = 0; k < MANY; k++) {
        const uint32_t row = task * MANY + k < p->n ? task * MANY + k : p->n - 1;
        rows[k] = p->a + (size_t)row * p->len;
    }
    for (uint32_t i = 0; i < p->n_b; i++) {
        p->product->dot4(p->b + (size_t)i * p->len, rows, p->len, some);
        for (uint32_t k = 0; k < MANY && task * MANY + k < p->n; k++)
            p->out[(size_t)(task * MANY + k) * p->n_b + i] = some[k];
    }
}

static void multiply(const making *m, products p)
{
    p.product = m->product;
    p.n = m->n_axes;
    rk_pool_run((p.n + MANY - 1) / MANY, m->n_threads, multiply_task, &p);
}

/* How far the sample goes along each axis. */
static void measure(making *m)
{
    multiply(m, (products){.a = m->axes,
                           .b = m->sample,
                           .n_b = m->n_sampled,
                           .len = m->index->dim,
                           .out = m->along});
}

/* Each axis becomes the sum of the sample, by how far that goes along it. */
static void turn(making *m)
{
    multiply(m, (products){.a = m->along,
                           .b = m->turned,
                           .n_b = m->index->dim,
                           .len = m->n_sampled,
                           .out = m->axes});
}

/* An axis is made upright to those before it, twice, as the first time leaves float's errors; of
 * what was nearly along them nothing is left. */
static void straighten(making *m)
{
    const uint32_t dim = m->index->dim;
    for (uint32_t i = 0; i < m->n_axes; i++) {
        float *const axis = m->axes + (size_t)i * dim;
        const float before = m->product->dot(axis, axis, dim);
        for (uint32_t pair = 0; pair < 2 * i; pair++) {
            const float *const other = m->axes + (size_t)(pair % i) * dim;
            const float by = m->product->dot(axis, other, dim);
            for (uint32_t j = 0; j < dim; j++)
                axis[j] -= by * other[j];
        }
        const float square = m->product->dot(axis, axis, dim);
        const float by = square > 1e-6F * before ? 1 / sqrtf(square) : 0;
        for (uint32_t j = 0; j < dim; j++)
            axis[j] *= by;
    }
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

/* Each axis becomes a sum of all, or of their opposites. The first ones had most of a vector, which
 * set the scale of its code, and those that had little were rounded away; now all have as much. */
static void mix(making *m, uint64_t *state)
{
    const size_t dim = m->index->dim;
    float *const mixed = m->turned; /* what is in it was needed so far */
    for (uint32_t i = 0; i < m->n_axes; i++) {
        float *const axis = mixed + i * dim;
        memset(axis, 0, dim * sizeof *axis);
        for (uint32_t j = 0; j < m->n_axes; j++) {
            const float by = draw(state) >> 31 ? 1 : -1;
            for (size_t k = 0; k < dim; k++)
                axis[k] += by * m->axes[j * dim + k];
        }
    }
    memcpy(m->axes, mixed, m->n_axes * dim * sizeof *mixed);
}

/* The leading directions of the sample, by turns (subspace iteration: G. H. Golub, C. F. Van Loan,
 * Matrix Computations, 7.3.2). */
static rk_status find_axes(making *m)
{
    uint64_t state = UINT64_C(0x13198a2e03707344);
    for (size_t i = 0; i < (size_t)m->n_axes * m->index->dim; i++)
        m->axes[i] = (float)(int32_t)draw(&state) * 0x1p-31F;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        straighten(m);
        measure(m);
        turn(m);
        if (is_stopped(m))
            return RK_ESTOP;
    }
    straighten(m);
    mix(m, &state);
    straighten(m);
    return RK_OK;
}

static double squares(const float *numbers, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)numbers[i] * (double)numbers[i];
    return sum;
}

static bool axes_know_enough(making *m)
{
    measure(m);
    return squares(m->along, (size_t)m->n_axes * m->n_sampled) >=
           m->least_share * squares(m->sample, (size_t)m->n_sampled * m->index->dim);
}

/* ---- making them ---- */

/* A quarter of a code's lines; 0: the code is short. Of products, whose query has a mean of its
 * own, the nearest are not those around. */
static uint32_t wanted_numbers(const rk_index *index)
{
    const size_t lines = index->stride / LINE / LINES_PER_LINE;
    if (index->metric == RK_INDEX_DOT || index->n < LEAST_ROWS || lines < LEAST_LINES)
        return 0;
    const uint32_t numbers = (uint32_t)(lines * LINE - sizeof(rk_code_tail));
    return numbers < RK_SKETCH_MOST ? numbers : RK_SKETCH_MOST;
}

/* Codes of axes are not quite upright to each other, nor of length 1: they are made shorter until
 * they bound lengths. */
static rk_status code_axes(making *m)
{
    rk_index *const index = m->index;
    const size_t dim = index->dim;
    uint8_t *const axes = rk_index_array(index, m->n_axes, index->stride);
    const float *const mean = rk_arena_array(&m->arena, dim, sizeof *mean);
    if (!axes || !mean)
        return RK_ENOMEM;
    const rk_index set = {.metric = RK_INDEX_L2, .dim = index->dim, .mean = mean};
    index->axes = axes;
    index->bounding = false;
    for (uint32_t turn = 0; turn < SHRINKS && !index->bounding; turn++) {
        for (size_t i = 0; turn > 0 && i < m->n_axes * dim; i++)
            m->axes[i] *= SHRINK;
        for (uint32_t i = 0; i < m->n_axes; i++)
            rk_code_vector(&set, m->axes + i * dim, axes + i * index->stride);
        RK_TRY(rk_sketch_check(index, m->ops, &index->bounding));
    }
    return RK_OK;
}

/* Of the tail of a sketch, and of how far its numbers can be from the true ones. */
static void set_tail(const making *m, uint32_t place, const rk_coded *code, double off,
                     rk_code_tail *tail)
{
    const rk_index *const index = m->index;
    const float own = rk_code_tail_of(index->codes + place * index->stride, index->stride).error;
    const bool trusted = own < FLT_MAX && tail->error < FLT_MAX;
    tail->error = trusted ? above((double)own + (double)tail->error + off) : FLT_MAX;
    tail->length = tail->square;
    tail->square = code->square;
}

/* Of zeros, without what makes them farther: no axis is along that. */
static rk_coded without_distance(const rk_coded *code)
{
    rk_coded plain = *code;
    plain.square = (float)fmin((double)code->square, (double)code->length * (double)code->length);
    return plain;
}

static void sketch_task(void *user, uint32_t task, uint32_t worker)
{
    const making *const m = user;
    const rk_index set = rk_sketch_set(m->index);
    _Alignas(LINE) int8_t room[MOST_STRIDE];
    float numbers[RK_SKETCH_MOST];
    (void)worker;
    for (uint32_t i = task * PART; i < m->index->n && i < (task + 1) * PART; i++) {
        uint8_t *const sketch = m->sketches + i * set.stride;
        rk_coded code;
        rk_code_query_at(m->index, i, room, &code);
        const rk_coded plain = without_distance(&code);
        const double off = project(m->index, m->ops, &plain, numbers);
        rk_code_vector(&set, numbers, sketch);
        rk_code_tail tail = rk_code_tail_of(sketch, set.stride);
        set_tail(m, i, &code, off, &tail);
        memcpy(sketch + set.stride - sizeof tail, &tail, sizeof tail);
    }
}

static rk_status make_sketches(making *m)
{
    rk_index *const index = m->index;
    index->sketch = m->n_axes + 1;
    m->sketches = rk_index_array(index, index->n, rk_code_stride(index->sketch));
    index->sketches = m->sketches;
    if (!m->sketches)
        return RK_ENOMEM;
    RK_TRY(code_axes(m));
    rk_pool_run((index->n + PART - 1) / PART, m->n_threads, sketch_task, m);
    return RK_OK;
}

static rk_status make(making *m)
{
    const size_t dim = m->index->dim;
    rk_arena *const arena = &m->arena;
    m->sample = rk_arena_alloc_column(arena, m->n_sampled * dim, sizeof *m->sample);
    m->turned = rk_arena_alloc_column(arena, m->n_sampled * dim, sizeof *m->turned);
    m->axes = rk_arena_alloc_column(arena, m->n_axes * dim, sizeof *m->axes);
    m->along = rk_arena_alloc_column(arena, (size_t)m->n_axes * m->n_sampled, sizeof *m->along);
    if (!m->sample || !m->turned || !m->axes || !m->along)
        return RK_ENOMEM;
    if (!take_sample(m))
        return RK_OK;
    RK_TRY(find_axes(m));
    return axes_know_enough(m) ? make_sketches(m) : RK_OK;
}

static rk_status make_of(rk_index *index, uint32_t numbers, double least_share,
                         const rk_index_options *options, uint8_t **sketches)
{
    const uint32_t part = index->n / SAMPLED_OF;
    const uint32_t some = part < numbers ? numbers : part; /* axes are mixed in the sample's room */
    const uint32_t most = rk_pool_hold();
    const uint32_t threads = options->threads ? options->threads : most;
    making m = {.index = index,
                .options = options,
                .product = rk_product_get(options->cpu),
                .ops = rk_code_ops_get(options->cpu),
                .n_threads = threads < most ? threads : most,
                .n_axes = numbers - 1,
                .n_sampled = some < SAMPLED ? some : SAMPLED,
                .least_share = least_share};
    const rk_status status = make(&m);
    rk_arena_free(&m.arena);
    rk_pool_release();
    *sketches = m.sketches;
    return status;
}

rk_status rk_sketch_make_of(rk_index *index, uint32_t numbers, const rk_index_options *options,
                            uint8_t **sketches)
{
    return make_of(index, numbers, 0, options, sketches);
}

rk_status rk_sketch_make(rk_index *index, const rk_index_options *options, uint8_t **sketches)
{
    const uint32_t numbers = wanted_numbers(index);
    *sketches = NULL;
    return numbers ? make_of(index, numbers, LEAST_SHARE, options, sketches) : RK_OK;
}
