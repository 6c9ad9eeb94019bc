/* The parts of a round trip: its four calls in one thread, which holds both ends, so that nothing is switched to and
 * nothing woken; and the loop with nothing in it. */
#include "wire.h"

INLINE int64_t four_calls(struct udstui_job *job, int their_reading, int their_sending, int sockets)
{
    const int reading = job->reading, sending = job->sending;
    const int64_t size = job->size_bytes, arriving = job->answer_bytes, capacity = job->capacity;
    int64_t done = 0, now = now_ns(), there, arrived, back, returned;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        there = put(sending, job->payload, size, sockets);
        arrived = take(their_reading, job->answer, size, sockets);
        back = put(their_sending, job->payload, size, sockets);
        returned = take(reading, job->answer, size, sockets);
        if (RARE(there != size || arrived != arriving || back != size || returned != arriving)) {
            const int64_t all[] = {there, arrived, back, returned};
            for (int each = 0; each < 4; each++)
                if (all[each] < 0)
                    return would_block(all[each]) ? UDSTUI_STUCK : all[each];
            return UDSTUI_NOT_WHOLE;
        }
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < capacity);
    job->ended_ns = now;
    return done;
}

/* Send, receive, send back, receive; the job has our end. Each receive gets answer_bytes: those of the payload, which
 * has to fit the buffers on the way; or none, from a file that takes everything and has nothing. */
int64_t udstui_four_calls(struct udstui_job *job, int their_reading, int their_sending)
{
    if (!is_complete(job) || !job->answer || (job->answer_bytes != 0 && job->answer_bytes != job->size_bytes))
        return UDSTUI_BAD_ARGUMENT;
    const int all[] = {job->reading, job->sending, their_reading, their_sending};
    int sockets = 1;
    for (int each = 0; each < 4; each++) {
        int64_t problem = check_mode(all[each], 1);
        if (problem)
            return problem;
        sockets = sockets && is_socket(all[each]);
    }
    return sockets ? four_calls(job, their_reading, their_sending, 1) : four_calls(job, their_reading, their_sending, 0);
}

/* What the clock and the loop cost. */
int64_t udstui_no_calls(struct udstui_job *job)
{
    if (!has_stamps(job))
        return UDSTUI_BAD_ARGUMENT;
    int64_t done = 0, now = now_ns();
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do
        job->stamps[done++] = now = now_ns();
    while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* Tells a library that was built from other sources. */
uint32_t udstui_fingerprint(void)
{
    return UDSTUI_FINGERPRINT;
}
