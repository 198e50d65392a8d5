/* Which native code an engine's requests run. */
#include "runtime/exec/native.h"

rk_status rk_swap_init(rk_swap *swap)
{
    *swap = (rk_swap){0};
    atomic_init(&swap->epoch, 1);
    return pthread_mutex_init(&swap->lock, NULL) == 0 ? RK_OK : RK_ENOMEM;
}

void rk_swap_free(rk_swap *swap)
{
    rk_native_free(atomic_load(&swap->current));
    for (rk_native *old = swap->retired, *next; old; old = next) {
        next = old->next;
        rk_native_free(old);
    }
    pthread_mutex_destroy(&swap->lock);
}

void rk_swap_join(rk_swap *swap, rk_reader *reader)
{
    pthread_mutex_lock(&swap->lock);
    reader->next = swap->readers;
    swap->readers = reader;
    pthread_mutex_unlock(&swap->lock);
}

void rk_swap_leave(rk_swap *swap, rk_reader *reader)
{
    pthread_mutex_lock(&swap->lock);
    for (rk_reader **at = &swap->readers; *at; at = &(*at)->next)
        if (*at == reader) {
            *at = reader->next;
            break;
        }
    pthread_mutex_unlock(&swap->lock);
}

/* Whether a request that began before `epoch` still runs. */
static bool is_read(const rk_swap *swap, uint64_t epoch)
{
    for (rk_reader *reader = swap->readers; reader; reader = reader->next) {
        const uint64_t since = atomic_load(&reader->since);
        if (since && since < epoch)
            return true;
    }
    return false;
}

/* Takes out of the retired what nobody runs; under the lock. */
static rk_native *take_idle(rk_swap *swap)
{
    rk_native *idle = NULL;
    for (rk_native **at = &swap->retired; *at;) {
        rk_native *const old = *at;
        if (is_read(swap, old->retired)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        old->next = idle;
        idle = old;
    }
    atomic_store(&swap->waiting, swap->retired != NULL);
    return idle;
}

static void give_back(rk_native *idle)
{
    for (rk_native *next; idle; idle = next) {
        next = idle->next;
        rk_native_free(idle);
    }
}

void rk_swap_publish(rk_swap *swap, rk_native *native)
{
    pthread_mutex_lock(&swap->lock);
    rk_native *const old = atomic_exchange(&swap->current, native);
    atomic_store(&swap->tier, native ? native->code.tier : 0);
    const uint64_t epoch = atomic_fetch_add(&swap->epoch, 1) + 1;
    if (old) {
        old->retired = epoch;
        old->next = swap->retired;
        swap->retired = old;
    }
    rk_native *const idle = take_idle(swap);
    pthread_mutex_unlock(&swap->lock);
    give_back(idle);
}

const rk_native *rk_swap_enter(rk_swap *swap, rk_reader *reader)
{
    atomic_store(&reader->since, atomic_load(&swap->epoch));
    return atomic_load(&swap->current);
}

void rk_swap_exit(rk_swap *swap, rk_reader *reader)
{
    atomic_store_explicit(&reader->since, 0, memory_order_release);
    if (!atomic_load_explicit(&swap->waiting, memory_order_relaxed))
        return;
    if (pthread_mutex_trylock(&swap->lock) != 0)
        return; /* whoever has it, or the next request, looks */
    rk_native *const idle = take_idle(swap);
    pthread_mutex_unlock(&swap->lock);
    give_back(idle);
}
