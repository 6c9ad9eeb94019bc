/* Memory that both ends map: a ring of bytes each way, and a futex or spinning to wait.
 *
 * Nothing in the memory is trusted: whoever is at the other end may write anything there. A count is looked at once, and
 * no place lies outside of the ring, whatever it says. */
#ifndef UDSTUI_RING_H
#define UDSTUI_RING_H

#include "wire.h"

#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

enum { RING = UDSTUI_RING_BYTES, LOOK_NS = 50000000, SPINS_BETWEEN_LOOKS = 4096 };

/* What each of these holds lies in a cache line of its own, so that neither end takes away what the other writes. */
struct ring {
    _Alignas(64) _Atomic uint64_t written; /* by the sending end, counted from the beginning */
    _Alignas(64) _Atomic uint64_t taken;   /* by the receiving end */
    _Alignas(64) _Atomic uint32_t reader_waits;
    _Atomic uint32_t writer_waits;
    _Atomic uint32_t ended; /* the sending end will send no more */
    _Atomic uint32_t left;  /* and it has gone, so that it takes no more either */
};

struct end {
    struct ring *out, *in;
    char *sending;
    const char *receiving;
    int64_t patience_ns; /* 0 is for ever */
    int door, spin;
};

_Static_assert(2 * sizeof(struct ring) <= UDSTUI_RINGS_AT, "the rings begin behind their heads");

static struct end end_of(const struct udstui_shared *shared)
{
    struct ring *heads = (struct ring *)(void *)shared->memory;
    const int ours = shared->side != 0;
    char *const rings = shared->memory + UDSTUI_RINGS_AT;
    return (struct end){.out = &heads[ours],
                        .in = &heads[!ours],
                        .sending = rings + ours * RING,
                        .receiving = rings + !ours * RING,
                        .patience_ns = shared->patience_ns,
                        .door = shared->door,
                        .spin = shared->spin != 0};
}

static int is_mapped(const struct udstui_shared *shared)
{
    return shared && shared->memory && ((uintptr_t)shared->memory & 63) == 0 && is_time(shared->patience_ns);
}

/* The half of a count that a futex compares: the lower one on a little-endian machine, which all of ours are. */
static uint32_t *word_of(_Atomic uint64_t *count)
{
    return (uint32_t *)(void *)count;
}

static void wake(_Atomic uint64_t *count)
{
    syscall(SYS_futex, word_of(count), FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Tell who waits for this count that it has grown. Each end says that it waits, and looks again, before it does: the
 * fence lets one of both see the other. */
INLINE void tell(_Atomic uint64_t *count, _Atomic uint32_t *waits, int spin)
{
    if (spin)
        return;
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(waits, memory_order_relaxed))
        wake(count);
}

/* Put as much into the ring as there is room for; how much, or BAD_ARGUMENT when the other end counts what cannot be. */
INLINE int64_t put_some(const struct end *end, const char *from, int64_t bytes)
{
    const uint64_t written = atomic_load_explicit(&end->out->written, memory_order_relaxed);
    const uint64_t waiting = written - atomic_load_explicit(&end->out->taken, memory_order_acquire);
    if (RARE(waiting > RING))
        return UDSTUI_BAD_ARGUMENT;
    const int64_t room = (int64_t)(RING - waiting), count = bytes < room ? bytes : room;
    const int64_t place = (int64_t)(written % RING), first = count < RING - place ? count : RING - place;
    memcpy(end->sending + place, from, (size_t)first);
    if (RARE(first < count))
        memcpy(end->sending, from + first, (size_t)(count - first));
    if (count) {
        atomic_store_explicit(&end->out->written, written + (uint64_t)count, memory_order_release);
        tell(&end->out->written, &end->out->reader_waits, end->spin);
    }
    return count;
}

INLINE int64_t take_some(const struct end *end, char *into, int64_t most)
{
    const uint64_t taken = atomic_load_explicit(&end->in->taken, memory_order_relaxed);
    const uint64_t waiting = atomic_load_explicit(&end->in->written, memory_order_acquire) - taken;
    if (RARE(waiting > RING))
        return UDSTUI_BAD_ARGUMENT;
    const int64_t count = (int64_t)waiting < most ? (int64_t)waiting : most;
    const int64_t place = (int64_t)(taken % RING), first = count < RING - place ? count : RING - place;
    memcpy(into, end->receiving + place, (size_t)first);
    if (RARE(first < count))
        memcpy(into + first, end->receiving, (size_t)(count - first));
    if (count) {
        atomic_store_explicit(&end->in->taken, taken + (uint64_t)count, memory_order_release);
        tell(&end->in->taken, &end->in->writer_waits, end->spin);
    }
    return count;
}

/* The other end has gone, whether it could say so or not: the socket that the memory was handed over through tells. */
static int is_gone(const struct end *end)
{
    struct pollfd door = {.fd = end->door, .events = POLLRDHUP};
    return atomic_load(&end->in->left) || (end->door >= 0 && poll(&door, 1, 0) > 0);
}

/* Wait until a count is no longer what it was. A wait for bytes also ends when the other end sends no more; every wait
 * ends when it has gone. Who waits longer than the patience is stuck. */
static __attribute__((noinline)) int64_t wait_for(const struct end *end, _Atomic uint64_t *count,
                                                  _Atomic uint32_t *waits, uint64_t was, int for_bytes)
{
    for (struct silence silence = {0};;) {
        if (end->spin) {
            for (int spins = 0; spins < SPINS_BETWEEN_LOOKS; spins++) {
                if (atomic_load_explicit(count, memory_order_acquire) != was)
                    return 0;
#if defined(__x86_64__) || defined(__i386__)
                __builtin_ia32_pause();
#endif
            }
        } else {
            const struct timespec most = {.tv_nsec = LOOK_NS};
            atomic_store(waits, 1);
            if (atomic_load(count) == was && !atomic_load(&end->in->left) &&
                !(for_bytes && atomic_load(&end->in->ended)))
                syscall(SYS_futex, word_of(count), FUTEX_WAIT, (uint32_t)was, &most, NULL, 0);
            atomic_store_explicit(waits, 0, memory_order_relaxed);
        }
        if (atomic_load(count) != was || (for_bytes && atomic_load(&end->in->ended)))
            return 0;
        if (is_gone(end))
            return UDSTUI_CLOSED;
        if (is_too_long(&silence, end->patience_ns))
            return UDSTUI_STUCK;
    }
}

/* Wait for bytes, of which there are none. 0 also where the other end has said that none will come. */
INLINE int64_t wait_for_bytes(const struct end *end)
{
    return wait_for(end, &end->in->written, &end->in->reader_waits,
                    atomic_load_explicit(&end->in->taken, memory_order_relaxed), 1);
}

/* Wait until there is room, of which there is none. */
INLINE int64_t wait_for_room(const struct end *end)
{
    return wait_for(end, &end->out->taken, &end->out->writer_waits,
                    atomic_load_explicit(&end->out->written, memory_order_relaxed) - RING, 0);
}

#endif
