/* Round trips on one connection: send a payload, wait until all of the answer is there, again. An echo answers with as
 * many bytes as were sent; any other service is told by answer_bytes. */
#include "waking.h"

#include <string.h>

enum { SPINS_BETWEEN_CLOCKS = 256 };

/* What a call's result means to who waits so: 0 to go on, or what the loop returns. In blocking mode a call that waits
 * too long is ended by a signal, or by the socket's own time-outs. */
static int64_t problem_of(int64_t count, enum wait wait)
{
    if (count > 0 || count == -EINTR)
        return 0;
    if (count == 0)
        return UDSTUI_CLOSED;
    if (would_block(count))
        return wait == BLOCK ? UDSTUI_STUCK : 0;
    return count;
}

/* The rest of one operation, of which so much is sent and received, and nothing has moved since then. What does not
 * block is read while it is written, so no packet is too large for the buffers on the way. */
static int64_t complete(const struct udstui_job *job, enum wait wait, int sockets, int64_t sent, int64_t received,
                        int64_t progress_ns, int64_t give_up_ns)
{
    const int64_t room = room_for_answer(job);
    int64_t looked_ns = about_now_ns(), now, stop_ns, count, problem;
    for (int spins = 1, moved = 0; sent < job->size_bytes || received < job->answer_bytes; moved = 0) {
        if (sent < job->size_bytes) {
            count = put(job->sending, job->payload + sent, job->size_bytes - sent, sockets);
            if ((problem = problem_of(count, wait)))
                return problem;
            if (count > 0)
                sent += count, moved = 1;
        }
        const int is_part = job->is_whole && received && sent == job->size_bytes;
        const int is_quiet = is_part && wait == BLOCK && (problem = await_either(job->reading, -1, QUIET_NS));
        if (is_quiet && problem != UDSTUI_STUCK)
            return problem;
        if (received < job->answer_bytes && !is_quiet && (wait != BLOCK || sent == job->size_bytes)) {
            count = take(job->reading, job->answer + received, room - received, sockets);
            if ((problem = problem_of(count, wait)))
                return problem;
            if (count > 0)
                received += count, moved = 1;
        }
        if (!moved && wait == SPIN && spins++ % SPINS_BETWEEN_CLOCKS)
            continue;
        now = about_now_ns();
        stop_ns = stopped_ns(looked_ns, now, job->patience_ns);
        give_up_ns += stop_ns;
        progress_ns = moved ? now : progress_ns + stop_ns;
        looked_ns = now;
        if (now - progress_ns > job->patience_ns)
            return UDSTUI_STUCK;
        if (!moved && is_part && now - progress_ns >= QUIET_NS && job->is_whole(0, received))
            return UDSTUI_NOT_WHOLE;
        if (!moved && wait == POLL &&
            (problem = await_either(received < job->answer_bytes ? job->reading : -1,
                                    sent < job->size_bytes ? job->sending : -1, is_part ? QUIET_NS : job->patience_ns)) &&
            !(is_part && problem == UDSTUI_STUCK))
            return problem;
        if (now > give_up_ns)
            return UDSTUI_TOO_SLOW;
    }
    return received > job->answer_bytes ? UDSTUI_NOT_WHOLE : 0;
}

int64_t udstui_complete(const struct udstui_job *job, int is_polled, int64_t sent, int64_t received,
                        int64_t give_up_ns)
{
    return complete(job, is_polled ? POLL : BLOCK, 1, sent, received, about_now_ns(), give_up_ns);
}

/* An operation that did not go in two calls. */
static __attribute__((noinline)) int64_t finish(const struct udstui_job *job, enum wait wait, int sockets,
                                                int64_t sent, int64_t received, int64_t began_ns)
{
    int64_t problem = problem_of(sent, wait);
    began_ns += stopped_ns(began_ns, about_now_ns(), job->patience_ns);
    if (!problem && sent == job->size_bytes)
        problem = problem_of(received, wait);
    if (problem)
        return problem;
    return complete(job, wait, sockets, sent < 0 ? 0 : sent, received < 0 ? 0 : received,
                    received < 0 ? began_ns : about_now_ns(), began_ns + job->longest_ns);
}

/* The timed loop: inlined for each way to wait and each kind of descriptor, so that none asks which it is. The lead-in
 * is the same loop, and the clock starts right behind it. */
INLINE int64_t round_trips(struct udstui_job *job, enum wait wait, int sockets)
{
    const int reading = job->reading, sending = job->sending;
    const int64_t size = job->size_bytes, answer_bytes = job->answer_bytes, capacity = job->capacity;
    const int64_t room = room_for_answer(job);
    int64_t *const stamps = job->stamps;
    int64_t done = 0, now, deadline, sent, received, problem;
    for (int is_timed = !job->lead_in_ns; is_timed < 2; is_timed++) {
        if (is_timed && job->lead_in_ns)
            memset(job->answer, 0, (size_t)answer_bytes); /* so that the last answer proves itself */
        done = 0;
        job->started_ns = now = now_ns();
        deadline = now + (is_timed ? job->duration_ns : job->lead_in_ns);
        do {
            received = 0;
            sent = put(sending, job->payload, size, sockets);
            if (sent == size) {
                if (wait != POLL || !(received = await_either(reading, -1, job->patience_ns)))
                    received = take(reading, job->answer, room, sockets);
                for (int spins = SPINS_BETWEEN_CLOCKS; wait == SPIN && received == -EAGAIN && spins; spins--)
                    received = take(reading, job->answer, room, sockets);
            }
            if (RARE(received != answer_bytes)) {
                problem = finish(job, wait, sockets, sent, received, now);
                if (problem) {
                    job->done = received <= 0 ? (int32_t)done : -1;
                    return problem;
                }
            }
            stamps[done++] = now = now_ns();
        } while (now < deadline && done < capacity);
    }
    job->ended_ns = now;
    return done;
}

static int64_t check(const struct udstui_job *job, int is_blocking)
{
    int64_t problem;
    if (!is_complete(job) || !job->answer || !is_size(job->answer_bytes))
        return UDSTUI_BAD_ARGUMENT;
    if ((problem = check_mode(job->reading, is_blocking)) || (problem = check_mode(job->sending, is_blocking)))
        return problem;
    return 0;
}

/* On a socket, whose time-outs are in effect again afterwards. */
static int64_t blocking_round_trips(struct udstui_job *job)
{
    const struct waking waking = wake_now_and_then(job->reading, job->patience_ns);
    const int64_t done = round_trips(job, BLOCK, 1);
    wake_no_more(&waking);
    return done;
}

/* The payload has to fit the buffers of the connection, or in blocking mode both sides may wait for ever. */
int64_t udstui_ping_pong(struct udstui_job *job)
{
    int64_t problem = job ? check(job, !job->spin) : UDSTUI_BAD_ARGUMENT;
    if (problem)
        return problem;
    if (is_socket(job->reading) && is_socket(job->sending))
        return job->spin ? round_trips(job, SPIN, 1) : blocking_round_trips(job);
    return job->spin ? round_trips(job, SPIN, 0) : round_trips(job, BLOCK, 0);
}

/* The same, as programs with an event loop do it: the kernel is asked whether the answer is there before it is read.
 * A reader that sleeps in its read is woken on a Unix socket also when the other side has read (unix_write_space), one
 * that asks for something to read is not. The descriptors do not block. */
int64_t udstui_polled_ping_pong(struct udstui_job *job)
{
    int64_t problem = job ? check(job, 0) : UDSTUI_BAD_ARGUMENT;
    if (problem)
        return problem;
    return is_socket(job->reading) && is_socket(job->sending) ? round_trips(job, POLL, 1) : round_trips(job, POLL, 0);
}

/* The same with packets of any size: read while they are written. The descriptors do not block, whether it spins or
 * not. When an operation takes too long the loop ends with those that it has, if it has one. */
int64_t udstui_exchange(struct udstui_job *job)
{
    int64_t problem = job ? check(job, 0) : UDSTUI_BAD_ARGUMENT;
    if (problem)
        return problem;
    const int sockets = is_socket(job->reading) && is_socket(job->sending);
    int64_t done = 0, now = now_ns();
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        problem = complete(job, job->spin ? SPIN : POLL, sockets, 0, 0, now,
                           done ? deadline + job->overrun_ns : now + job->longest_ns);
        if (problem == UDSTUI_TOO_SLOW && done)
            break;
        if (problem)
            return problem;
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}
