/* What all loops share: one clock, one send and one receive, and what they ask of their arguments. */
#ifndef UDSTUI_WIRE_H
#define UDSTUI_WIRE_H

#include "loops.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define INLINE static inline __attribute__((always_inline))
#define RARE(condition) __builtin_expect(!!(condition), 0)

/* How a loop waits for the other side: in the call itself, by asking again and again, or in poll(2). */
enum wait { BLOCK, SPIN, POLL };

#define LONGEST_NS (1LL << 60) /* three of these and the time of day fit an int64_t */

/* The clock of Python's time.perf_counter_ns. */
INLINE int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The same time as of the last tick of the kernel, a few ms ago, for a third of the price: to lose patience by. */
INLINE int64_t about_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#define SHORTEST_STOP_NS 1000000000

/* For how long this process was stopped (SIGSTOP, a frozen cgroup, a paused machine) between two looks at the clock: no
 * wait is longer than the patience, so one that seems to be was none, and nobody else was slow. */
INLINE int64_t stopped_ns(int64_t looked_ns, int64_t now, int64_t patience_ns)
{
    int64_t passed_ns = now - looked_ns;
    return RARE(passed_ns > patience_ns && passed_ns > SHORTEST_STOP_NS) ? passed_ns : 0;
}

/* The same around a wait for events, of which there were so many. One whose time was up may have lasted as long as the
 * patience, and a moment more; a stop would have ended it without any. */
static inline int64_t stopped_around_ns(int64_t looked_ns, int64_t now, int64_t patience_ns, int64_t wait_ns, int events)
{
    return stopped_ns(looked_ns, now, patience_ns + (events ? 0 : wait_ns));
}

/* A wait of many short ones: since when, without the time in which this process was stopped, and the latest look. */
struct silence {
    int64_t since_ns, looked_ns;
};

/* Whether it has been too long. The first call begins it; a patience of 0 is for ever. */
static inline int is_too_long(struct silence *silence, int64_t patience_ns)
{
    const int64_t now = about_now_ns();
    if (!silence->looked_ns)
        silence->since_ns = silence->looked_ns = now;
    silence->since_ns += stopped_ns(silence->looked_ns, now, patience_ns);
    silence->looked_ns = now;
    return patience_ns && now - silence->since_ns > patience_ns;
}

/* Once a process has a second thread, the C library's own send and recv look out for cancellation, 20 ns each time; a
 * bare call does not. A build with a sanitizer takes the library's, which it watches. */
#if defined(SYS_sendto) && defined(SYS_recvfrom) && !defined(__SANITIZE_ADDRESS__)
#define SEND(number, from, bytes) syscall(SYS_sendto, number, from, bytes, MSG_NOSIGNAL, NULL, 0)
#define RECEIVE(number, into, bytes) syscall(SYS_recvfrom, number, into, bytes, 0, NULL, NULL)
#define WRITE(number, from, bytes) syscall(SYS_write, number, from, bytes)
#define READ(number, into, bytes) syscall(SYS_read, number, into, bytes)
#else
#define SEND(number, from, bytes) send(number, from, bytes, MSG_NOSIGNAL)
#define RECEIVE(number, into, bytes) recv(number, into, bytes, 0)
#define WRITE(number, from, bytes) write(number, from, bytes)
#define READ(number, into, bytes) read(number, into, bytes)
#endif

/* Both return a count or minus an errno. On a socket, send and recv take 50 ns less each than write and read do. */
INLINE int64_t put(int number, const char *from, int64_t bytes, int is_socket)
{
    int64_t count = is_socket ? SEND(number, from, (size_t)bytes) : WRITE(number, from, (size_t)bytes);
    return RARE(count < 0) ? -errno : count;
}

INLINE int64_t take(int number, char *into, int64_t bytes, int is_socket)
{
    int64_t count = is_socket ? RECEIVE(number, into, (size_t)bytes) : READ(number, into, (size_t)bytes);
    return RARE(count < 0) ? -errno : count;
}

INLINE int would_block(int64_t count)
{
    return count == -EAGAIN || count == -EWOULDBLOCK;
}

/* Whether it is a socket: what is none knows no send and recv. */
static inline int is_socket(int number)
{
    int kind;
    socklen_t bytes = sizeof kind;
    return getsockopt(number, SOL_SOCKET, SO_TYPE, &kind, &bytes) == 0;
}

/* 0 for a descriptor in the mode that a loop relies on: blocking ones would never return to a loop that spins, and
 * others would look stuck at once to a loop that waits. */
static inline int64_t check_mode(int number, int is_blocking)
{
    int flags;
    if (number < 0)
        return UDSTUI_BAD_ARGUMENT;
    if ((flags = fcntl(number, F_GETFL)) < 0)
        return -errno;
    return ((flags & O_NONBLOCK) == 0) == (is_blocking != 0) ? 0 : UDSTUI_BAD_ARGUMENT;
}

static inline int is_size(int64_t bytes)
{
    return bytes > 0 && (uint64_t)bytes <= PTRDIFF_MAX;
}

static inline int is_time(int64_t duration_ns)
{
    return duration_ns >= 0 && duration_ns <= LONGEST_NS;
}

static inline int has_stamps(const struct udstui_job *job)
{
    return job && job->stamps && job->capacity > 0 && is_time(job->duration_ns);
}

/* All but the descriptors and where the answer goes. */
static inline int is_complete(const struct udstui_job *job)
{
    return has_stamps(job) && job->payload && is_size(job->size_bytes) && is_time(job->lead_in_ns) &&
           is_time(job->overrun_ns) && is_time(job->patience_ns) && is_time(job->longest_ns);
}

enum { QUIET_NS = 5000000 };

/* Where answers may be of other lengths there is a byte more for them, which a longer one fills. */
INLINE int64_t room_for_answer(const struct udstui_job *job)
{
    return job->answer_bytes + (job->is_whole != NULL);
}

/* Of ping_pong.c: the rest of one operation on a socket, of which so much is sent and received. What does not block is
 * polled, and read while it is written. */
int64_t udstui_complete(const struct udstui_job *job, int is_polled, int64_t sent, int64_t received,
                        int64_t give_up_ns);

/* Of summarise.c: the one of these durations, none of them negative, that has this rank, counted from 0. */
int64_t udstui_ranked(const int64_t *durations, int64_t count, int64_t rank);

/* For poll and epoll_wait: rounded up, so that when they give up the time has passed. */
static inline int milliseconds(int64_t duration_ns)
{
    int64_t rounded = (duration_ns + 999999) / 1000000;
    return rounded < 0 ? 0 : rounded > 1000000 ? 1000000 : (int)rounded;
}

enum { FOR_EVER = -1 };

/* Wait until there is something to read or room to send, on a descriptor that is not -1: 0, also where a signal ended
 * it, or why not. */
INLINE int64_t await_either(int reading, int sending, int64_t patience_ns)
{
    struct pollfd ends[2] = {{.fd = reading, .events = POLLIN}, {.fd = sending, .events = POLLOUT}};
    const nfds_t ways = sending < 0 ? 1 : 2;
    int count = poll(ends, ways, patience_ns == FOR_EVER ? -1 : milliseconds(patience_ns));
    if (RARE(!count)) /* who was stopped meanwhile goes on only now, and so may the other side */
        count = poll(ends, ways, milliseconds(patience_ns / 8));
    if (count < 0)
        return errno == EINTR ? 0 : -errno;
    return count ? 0 : UDSTUI_STUCK;
}

#endif
