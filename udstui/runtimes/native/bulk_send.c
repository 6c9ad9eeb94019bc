/* Sends on one connection, as fast as they are taken. Who receives them counts them: see udstui_sink. */
#include "wire.h"

enum { SPINS_BETWEEN_CLOCKS = 256 };

/* The rest of a packet of which so much is sent; `count` is what the last call returned. */
static __attribute__((noinline)) int64_t send_rest(const struct udstui_job *job, enum wait wait, int64_t bytes,
                                                   int sockets, int64_t count, int64_t began_ns)
{
    int64_t sent = 0, looked_ns = began_ns, progress_ns = began_ns, now, stop_ns, problem;
    for (int spins = 1;; spins++) {
        if (count >= 0) {
            sent += count;
            if (sent == bytes)
                return 0;
        } else if (would_block(count) && wait == BLOCK) {
            return UDSTUI_STUCK; /* the kernel has waited already */
        } else if (would_block(count) && wait == POLL) {
            if ((problem = await_either(-1, job->sending, job->patience_ns)))
                return problem;
        } else if (!would_block(count) && count != -EINTR) {
            return count;
        }
        if (count >= 0 || count == -EINTR || spins % SPINS_BETWEEN_CLOCKS == 0) {
            now = about_now_ns();
            stop_ns = stopped_ns(looked_ns, now, job->patience_ns);
            began_ns += stop_ns;
            progress_ns = count > 0 ? now : progress_ns + stop_ns;
            looked_ns = now;
            if (now - progress_ns > job->patience_ns)
                return UDSTUI_STUCK;
            if (sent && now - began_ns > job->longest_ns)
                return UDSTUI_TOO_SLOW;
        }
        count = put(job->sending, job->payload + sent, bytes - sent, sockets);
    }
}

INLINE int64_t sends(struct udstui_job *job, enum wait wait, int sockets)
{
    const int sending = job->sending;
    const int64_t size = job->size_bytes, capacity = job->capacity;
    int64_t *const stamps = job->stamps;
    int64_t done = 0, now = now_ns(), sent, problem;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        sent = put(sending, job->payload, size, sockets);
        if (RARE(sent != size)) {
            problem = send_rest(job, wait, size, sockets, sent, now);
            if (problem)
                return problem;
        }
        stamps[done++] = now = now_ns();
    } while (now < deadline && done < capacity);
    job->ended_ns = now;
    return done;
}

static int64_t check(const struct udstui_job *job, enum wait wait)
{
    return is_complete(job) ? check_mode(job->sending, wait == BLOCK) : UDSTUI_BAD_ARGUMENT;
}

/* The number of packets that were sent whole; none is left half-sent. */
int64_t udstui_bulk_send(struct udstui_job *job)
{
    int64_t problem = check(job, job && job->spin ? SPIN : BLOCK);
    if (problem)
        return problem;
    if (is_socket(job->sending))
        return job->spin ? sends(job, SPIN, 1) : sends(job, BLOCK, 1);
    return job->spin ? sends(job, SPIN, 0) : sends(job, BLOCK, 0);
}

/* The same, as programs with an event loop do it: what is not taken at once waits until there is room. */
int64_t udstui_polled_bulk_send(struct udstui_job *job)
{
    int64_t problem = check(job, POLL);
    if (problem)
        return problem;
    return is_socket(job->sending) ? sends(job, POLL, 1) : sends(job, POLL, 0);
}

/* Send so many bytes, the payload again and again, and time nothing. Returns `bytes`. */
int64_t udstui_send_ahead(const struct udstui_job *job, int64_t bytes, int is_polled)
{
    if (!job || !job->payload || !is_size(job->size_bytes) || !is_size(bytes) || !is_time(job->patience_ns) ||
        !is_time(job->longest_ns))
        return UDSTUI_BAD_ARGUMENT;
    const enum wait wait = is_polled ? POLL : job->spin ? SPIN : BLOCK;
    int64_t problem = check_mode(job->sending, wait == BLOCK);
    const int sockets = is_socket(job->sending);
    for (int64_t left = bytes, piece; left && !problem; left -= piece) {
        piece = left < job->size_bytes ? left : job->size_bytes;
        problem = send_rest(job, wait, piece, sockets, put(job->sending, job->payload, piece, sockets), now_ns());
    }
    return problem ? problem : bytes;
}
