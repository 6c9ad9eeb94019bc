/* Messages through two POSIX message queues, one each way (mq_overview(7)). They know no end, so an empty message is one;
 * and no time-out of their own, so every call brings the moment at which it looks up. */
#include "packet_head.h"
#include "wire.h"

#include <string.h>

enum { LOOK_NS = 100 * 1000 * 1000, SPINS_BETWEEN_LOOKS = 4096 };

/* One end, and when a call that waits looks up next, by the clock of the time of day. */
struct end {
    const struct udstui_queue *queue;
    struct timespec look;
};

static void look_later(struct end *end)
{
    clock_gettime(CLOCK_REALTIME, &end->look);
    end->look.tv_nsec += LOOK_NS;
    if (end->look.tv_nsec >= 1000000000) {
        end->look.tv_nsec -= 1000000000;
        end->look.tv_sec++;
    }
}

static struct end end_of(const struct udstui_queue *queue)
{
    struct end end = {.queue = queue};
    look_later(&end);
    return end;
}

static int is_open(const struct udstui_queue *queue)
{
    return queue && queue->reading >= 0 && queue->sending >= 0 && queue->buffer && is_size(queue->room) &&
           is_time(queue->patience_ns);
}

/* When a call did not go: 0 to call again, or what the loop returns. */
static __attribute__((noinline)) int64_t wait_more(struct end *end, struct silence *silence, int64_t *spins)
{
    char byte;
    int problem = errno, door = end->queue->door;
    if (problem == EINTR || (problem == EAGAIN && ++*spins % SPINS_BETWEEN_LOOKS))
        return 0;
    if (problem != ETIMEDOUT && problem != EAGAIN)
        return -problem;
    if (door >= 0 && recv(door, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        return UDSTUI_CLOSED;
    look_later(end);
    return is_too_long(silence, end->queue->patience_ns) ? UDSTUI_STUCK : 0;
}

INLINE int64_t put_message(struct end *end, const char *from, int64_t bytes)
{
    struct silence silence = {0};
    int64_t spins = 0, problem;
    while (RARE(syscall(SYS_mq_timedsend, end->queue->sending, from, (size_t)bytes, 0, &end->look) < 0))
        if ((problem = wait_more(end, &silence, &spins)))
            return problem;
    return 0;
}

/* Its length; 0 is the end. */
INLINE int64_t take_message(struct end *end)
{
    const struct udstui_queue *queue = end->queue;
    struct silence silence = {0};
    int64_t spins = 0, problem, count;
    while (RARE((count = syscall(SYS_mq_timedreceive, queue->reading, queue->buffer, (size_t)queue->room, NULL,
                                 &end->look)) < 0))
        if ((problem = wait_more(end, &silence, &spins)))
            return problem;
    return count;
}

/* Round trips of one message each; the answer of the last one is kept. The job has no descriptors. */
int64_t udstui_queue_ping_pong(struct udstui_job *job, const struct udstui_queue *queue)
{
    if (!is_complete(job) || !job->answer || job->answer_bytes != job->size_bytes || !is_open(queue) ||
        queue->room < job->size_bytes)
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t done = 0, now = now_ns(), problem, got;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        if (RARE(problem = put_message(&end, job->payload, job->size_bytes)))
            return problem;
        got = take_message(&end);
        if (RARE(got != job->size_bytes))
            return got < 0 ? got : got ? UDSTUI_NOT_WHOLE : UDSTUI_CLOSED;
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    memcpy(job->answer, queue->buffer, (size_t)job->answer_bytes);
    return done;
}

/* Send the payload, again. */
int64_t udstui_queue_bulk_send(struct udstui_job *job, const struct udstui_queue *queue)
{
    if (!is_complete(job) || !is_open(queue))
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t done = 0, now = now_ns(), problem;
    const int64_t deadline = now + job->duration_ns;
    job->started_ns = now;
    do {
        if (RARE(problem = put_message(&end, job->payload, job->size_bytes)))
            return problem;
        job->stamps[done++] = now = now_ns();
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* As udstui_packet_trips() of packets.c, a packet in one message. */
int64_t udstui_queue_packet_trips(struct udstui_job *job, struct udstui_packets *packets,
                                  const struct udstui_queue *queue)
{
    struct head head;
    if (!has_stamps(job) || !packets || !packets->payload || !job->answer || job->size_bytes < HEAD_BYTES ||
        job->answer_bytes != job->size_bytes || packets->writes != 1 || !is_open(queue) ||
        queue->room < job->size_bytes)
        return UDSTUI_BAD_ARGUMENT;
    memcpy(&head, packets->payload, sizeof head);
    if (!is_head(&head) || head.bytes != job->size_bytes || head.writes != 1)
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t done = 0, now = now_ns(), began, there, problem, got;
    const int64_t deadline = now + job->duration_ns;
    packets->there_ns = packets->back_ns = 0;
    job->started_ns = now;
    do {
        began = now;
        memcpy(packets->payload, &began, sizeof began);
        if (RARE(problem = put_message(&end, packets->payload, job->size_bytes)))
            return problem;
        got = take_message(&end);
        if (RARE(got != job->size_bytes))
            return got < 0 ? got : got ? UDSTUI_NOT_WHOLE : UDSTUI_CLOSED;
        now = now_ns();
        memcpy(&there, queue->buffer, sizeof there);
        if (RARE(there < began || there > now))
            return -EPROTO;
        packets->there_ns += there - began;
        packets->back_ns += now - there;
        job->stamps[done++] = there - began;
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    memcpy(job->answer, queue->buffer, (size_t)job->answer_bytes);
    return done;
}

/* Send one message; of no bytes it is the end. 0 or what went wrong. */
int64_t udstui_queue_put(const struct udstui_queue *queue, const char *from, int64_t bytes)
{
    if (!is_open(queue) || !from || bytes < 0)
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    return put_message(&end, from, bytes);
}

/* Receive one message of `most` bytes or fewer; 0 is the end. */
int64_t udstui_queue_take(const struct udstui_queue *queue, char *into, int64_t most)
{
    if (!is_open(queue) || !into || !is_size(most))
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t count = take_message(&end);
    if (count > most)
        return UDSTUI_NOT_WHOLE;
    if (count > 0)
        memcpy(into, queue->buffer, (size_t)count);
    return count;
}

/* Say that no more will be sent; with `leave` only where there is room for that. */
int64_t udstui_queue_end(const struct udstui_queue *queue, int leave)
{
    const struct timespec past = {0};
    if (!leave)
        return udstui_queue_put(queue, "", 0);
    if (!is_open(queue))
        return UDSTUI_BAD_ARGUMENT;
    (void)syscall(SYS_mq_timedsend, queue->sending, "", (size_t)0, 0, &past);
    return 0;
}

/* The echo service, until the client sends no more; the number of bytes. */
int64_t udstui_queue_echo(const struct udstui_queue *queue, char *buffer, int64_t room)
{
    if (!is_open(queue) || !buffer || !is_size(room))
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t total = 0, count, problem;
    for (; (count = take_message(&end)) > 0; total += count)
        if (RARE(problem = put_message(&end, queue->buffer, count)))
            return problem;
    return count < 0 ? count : total;
}

/* Answer each packet, with the moment of its arrival where it is stamped; the number of bytes. */
int64_t udstui_queue_answer_packets(const struct udstui_queue *queue, char *buffer, int64_t room)
{
    if (!is_open(queue) || !buffer || !is_size(room))
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    struct head head;
    int64_t total = 0, count, problem;
    for (; (count = take_message(&end)) > 0; total += count) {
        if (RARE(count < HEAD_BYTES))
            return -EPROTO;
        memcpy(&head, queue->buffer, sizeof head);
        if (RARE(!is_head(&head) || head.bytes != count))
            return -EPROTO;
        if (head.is_stamped) {
            head.clock_ns = now_ns();
            memcpy(queue->buffer, &head.clock_ns, sizeof head.clock_ns);
        }
        if (RARE(problem = put_message(&end, queue->buffer, count)))
            return problem;
    }
    return count < 0 ? count : total;
}

/* Receive and discard until `enough` bytes have come (0 is all until the end); how many there were. */
int64_t udstui_queue_discard(const struct udstui_queue *queue, char *buffer, int64_t room, int64_t enough)
{
    if (!is_open(queue) || !buffer || !is_size(room) || enough < 0)
        return UDSTUI_BAD_ARGUMENT;
    struct end end = end_of(queue);
    int64_t total = 0, count;
    for (; !enough || total < enough; total += count)
        if ((count = take_message(&end)) <= 0)
            return count < 0 ? count : total;
    return total;
}
