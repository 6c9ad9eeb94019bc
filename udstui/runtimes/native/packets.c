/* Packets that tell their own length: answered when they are whole, sent in one write or in several, and stamped with
 * the clock that both ends of one machine share. A head of 16 bytes leads each: the sender's clock (8 bytes, in ns), the
 * length of the packet with its head (4), the number of writes (2), and whether the answer is to be stamped (2). */
#include "packet_head.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

enum { SPINS_BETWEEN_CLOCKS = 256 };

/* How long one side waits for the other: in the kernel, by its own time-out, or spinning, up to the patience. */
struct waiting {
    int spin;
    int sockets;
    int64_t patience_ns; /* 0 is for ever */
};

/* What a call's result means: 0 to ask again, or what the loop returns. */
static int64_t problem_of(int64_t count, const struct waiting *how, int64_t *spins, struct silence *silence)
{
    if (count != -EINTR) { /* each signal begins the wait in the kernel, and its time-out, anew */
        if (!would_block(count))
            return count;
        if (!how->spin)
            return UDSTUI_STUCK;
        if (++*spins % SPINS_BETWEEN_CLOCKS)
            return 0;
    }
    return is_too_long(silence, how->patience_ns) ? UDSTUI_STUCK : 0;
}

/* All of it, or minus an errno. */
INLINE int64_t put_whole(int number, const char *from, int64_t bytes, const struct waiting *how)
{
    int64_t count, problem, spins = 0;
    struct silence silence = {0};
    for (int64_t sent = 0; sent < bytes; sent += count) {
        count = put(number, from + sent, bytes - sent, how->sockets);
        if (RARE(count < 0)) {
            if ((problem = problem_of(count, how, &spins, &silence)))
                return problem;
            count = 0;
        }
    }
    return 0;
}

/* Until `enough` bytes are there of which there are `got`: how many came altogether, 0 at the end of the stream. */
INLINE int64_t take_whole(int number, char *into, int64_t room, int64_t got, int64_t enough, const struct waiting *how)
{
    int64_t count, problem, spins = 0;
    struct silence silence = {0};
    for (; got < enough; got += count) {
        count = take(number, into + got, room - got, how->sockets);
        if (RARE(count == 0))
            return got ? UDSTUI_CLOSED : 0;
        if (RARE(count < 0)) {
            if ((problem = problem_of(count, how, &spins, &silence)))
                return problem;
            count = 0;
        }
    }
    return got;
}

/* In one write; or the head in the first, and the rest in equal parts. */
INLINE int64_t put_in_writes(int number, const char *from, int64_t bytes, int64_t writes, const struct waiting *how)
{
    int64_t problem = 0, sent = writes > 1 ? HEAD_BYTES : bytes;
    if ((problem = put_whole(number, from, sent, how)))
        return problem;
    for (int64_t left = writes - 1; left > 0; left--) {
        int64_t part = (bytes - sent) / left;
        if ((problem = put_whole(number, from + sent, part, how)))
            return problem;
        sent += part;
    }
    return 0;
}

/* Answer every packet of one client when it is whole. The number of bytes, or minus an errno when the client is gone. */
static int64_t answer_all(int reading, int sending, char *buffer, int64_t room, const struct waiting *how,
                          char **larger)
{
    struct head head;
    int64_t total = 0, got, problem;
    for (;;) {
        if ((got = take_whole(reading, buffer, room, 0, HEAD_BYTES, how)) <= 0)
            return got ? got : total;
        memcpy(&head, buffer, sizeof head);
        if (RARE(!is_head(&head) || got > head.bytes))
            return -EPROTO;
        if (RARE(head.bytes > room)) {
            char *more = malloc(head.bytes);
            if (!more)
                return -ENOMEM;
            memcpy(more, buffer, (size_t)got);
            free(*larger);
            *larger = buffer = more;
            room = head.bytes;
        }
        if (got < head.bytes && (got = take_whole(reading, buffer, room, got, head.bytes, how)) != head.bytes)
            return got < 0 ? got : -EPROTO;
        if (head.is_stamped) {
            head.clock_ns = now_ns();
            memcpy(buffer, &head.clock_ns, sizeof head.clock_ns);
        }
        if (RARE(problem = put_in_writes(sending, buffer, head.bytes, head.writes, how)))
            return problem;
        total += head.bytes;
    }
}

int64_t udstui_answer_packets(int reading, int sending, char *buffer, int64_t room, int spin)
{
    int64_t problem = check_mode(reading, !spin);
    if (!problem)
        problem = check_mode(sending, !spin);
    if (problem || !buffer || room < HEAD_BYTES)
        return problem ? problem : UDSTUI_BAD_ARGUMENT;
    const struct waiting how = {.spin = spin, .sockets = is_socket(reading) && is_socket(sending)};
    char *larger = NULL;
    int64_t total = answer_all(reading, sending, buffer, room, &how, &larger);
    free(larger);
    return total;
}

/* Send a packet in so many writes, wait until its answer is whole, again. Stamps take the end of each operation; or,
 * where packets are stamped, how long each was on its way there. One look at the clock an operation: the end of one is
 * the beginning of the next. */
INLINE int64_t packet_trips(struct udstui_job *job, struct udstui_packets *packets, const struct waiting *how)
{
    const int64_t size = job->size_bytes;
    int64_t done = 0, now = now_ns(), began, there, problem, got;
    const int64_t deadline = now + job->duration_ns;
    packets->there_ns = packets->back_ns = 0;
    job->started_ns = now;
    do {
        began = now;
        if (packets->is_stamped)
            memcpy(packets->payload, &began, sizeof began);
        if (RARE(problem = put_in_writes(job->sending, packets->payload, size, packets->writes, how)))
            return problem;
        got = take_whole(job->reading, job->answer, size, 0, size, how);
        if (RARE(got <= 0))
            return got ? got : UDSTUI_CLOSED;
        now = now_ns();
        if (packets->is_stamped) {
            memcpy(&there, job->answer, sizeof there);
            if (RARE(there < began || there > now))
                return -EPROTO;
            packets->there_ns += there - began;
            packets->back_ns += now - there;
            job->stamps[done++] = there - began;
        } else {
            job->stamps[done++] = now;
        }
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* The payload begins with a head, whose clock is written anew for each packet that is stamped. */
int64_t udstui_packet_trips(struct udstui_job *job, struct udstui_packets *packets)
{
    struct head head;
    int64_t problem;
    if (!job || !packets || !packets->payload || !has_stamps(job) || !job->answer || !is_time(job->patience_ns) ||
        job->size_bytes < HEAD_BYTES || job->answer_bytes != job->size_bytes)
        return UDSTUI_BAD_ARGUMENT;
    memcpy(&head, packets->payload, sizeof head);
    if (!is_head(&head) || head.bytes != job->size_bytes || head.writes != packets->writes)
        return UDSTUI_BAD_ARGUMENT;
    if ((problem = check_mode(job->reading, !job->spin)) || (problem = check_mode(job->sending, !job->spin)))
        return problem;
    const struct waiting how = {
        .spin = job->spin, .sockets = is_socket(job->reading) && is_socket(job->sending),
        .patience_ns = job->patience_ns,
    };
    return packet_trips(job, packets, &how);
}
