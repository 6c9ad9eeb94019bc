/* Bytes through memory that both ends map: no call of the kernel but to wait and to wake, so this is the floor of the
 * machine. The other loops go through descriptors; these do the same through rings. */
#include "shared_ring.h"

static int64_t put_all(const struct end *end, const char *from, int64_t bytes)
{
    for (int64_t sent = 0, count, problem; sent < bytes; sent += count) {
        count = put_some(end, from + sent, bytes - sent);
        if (RARE(count < 0))
            return count;
        if (!count && (problem = wait_for_room(end)))
            return problem;
    }
    return 0;
}

/* Take what there is, once there is anything; 0 at the end. */
static int64_t take_any(const struct end *end, char *into, int64_t most)
{
    for (;;) {
        int64_t count = take_some(end, into, most), problem;
        if (count)
            return count;
        if (atomic_load(&end->in->ended)) /* what was sent before that is seen now */
            return take_some(end, into, most);
        if ((problem = wait_for_bytes(end)))
            return problem == UDSTUI_CLOSED ? take_some(end, into, most) : problem;
    }
}

/* The rest of a round trip: what has come is taken while the rest is put, so no packet is too large. */
static int64_t round_trip(const struct end *end, const struct udstui_job *job, int64_t give_up_ns)
{
    int64_t sent = 0, received = 0, count, moved, problem, now, looked_ns = 0;
    for (;;) {
        moved = 0;
        if (sent < job->size_bytes) {
            if (RARE((count = put_some(end, job->payload + sent, job->size_bytes - sent)) < 0))
                return count;
            sent += count, moved += count;
        }
        if (RARE((count = take_some(end, job->answer + received, job->answer_bytes - received)) < 0))
            return count;
        received += count, moved += count;
        if (received == job->answer_bytes && sent == job->size_bytes)
            return 0;
        if (moved)
            continue;
        if (RARE(atomic_load_explicit(&end->in->ended, memory_order_relaxed)))
            return UDSTUI_CLOSED;
        now = looked_ns ? about_now_ns() : give_up_ns - job->longest_ns;
        give_up_ns += stopped_ns(looked_ns ? looked_ns : now, now, end->patience_ns);
        if (RARE(now > give_up_ns))
            return UDSTUI_TOO_SLOW;
        looked_ns = now;
        if ((problem = wait_for_bytes(end))) /* an echo of ours that has made room has sent as much */
            return problem;
    }
}

/* Round trips; the job has no descriptors. */
int64_t udstui_shared_ping_pong(struct udstui_job *job, const struct udstui_shared *shared)
{
    if (!is_complete(job) || !job->answer || !is_size(job->answer_bytes) || !is_mapped(shared))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    int64_t done = 0, now = now_ns(), problem;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        if (RARE(problem = round_trip(&end, job, now + job->longest_ns)))
            return problem;
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* Put the payload, again. */
int64_t udstui_shared_bulk_send(struct udstui_job *job, const struct udstui_shared *shared)
{
    if (!is_complete(job) || !is_mapped(shared))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    int64_t done = 0, now = now_ns(), problem;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        if (RARE(problem = put_all(&end, job->payload, job->size_bytes)))
            return problem;
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* Put all of this; 0 or what went wrong. */
int64_t udstui_shared_put(const struct udstui_shared *shared, const char *from, int64_t bytes)
{
    if (!is_mapped(shared) || !from || !is_size(bytes))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    return put_all(&end, from, bytes);
}

/* Take what there is, once there is anything; 0 is the end. */
int64_t udstui_shared_take(const struct udstui_shared *shared, char *into, int64_t most)
{
    if (!is_mapped(shared) || !into || !is_size(most))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    return take_any(&end, into, most);
}

/* Say that no more will be sent; and with `leave` that no more will be taken either. */
int64_t udstui_shared_end(const struct udstui_shared *shared, int leave)
{
    if (!is_mapped(shared))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    if (leave)
        atomic_store(&end.out->left, 1);
    atomic_store(&end.out->ended, 1);
    wake(&end.out->written);
    wake(&end.in->taken);
    return 0;
}

/* The echo service, until the client sends no more; the number of bytes. */
int64_t udstui_shared_echo(const struct udstui_shared *shared, char *buffer, int64_t room)
{
    if (!is_mapped(shared) || !buffer || !is_size(room))
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    int64_t total = 0, count, problem;
    while ((count = take_any(&end, buffer, room)) > 0) {
        if (RARE(problem = put_all(&end, buffer, count)))
            return problem;
        total += count;
    }
    return count < 0 ? count : total;
}

/* Take and discard until `enough` bytes have come (0 is all until the end); how many there were. */
int64_t udstui_shared_discard(const struct udstui_shared *shared, char *buffer, int64_t room, int64_t enough)
{
    if (!is_mapped(shared) || !buffer || !is_size(room) || enough < 0)
        return UDSTUI_BAD_ARGUMENT;
    const struct end end = end_of(shared);
    int64_t total = 0, count;
    while (!enough || total < enough) {
        count = take_any(&end, buffer, enough && enough - total < room ? enough - total : room);
        if (count <= 0)
            return count < 0 ? count : total;
        total += count;
    }
    return total;
}
