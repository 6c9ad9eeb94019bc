/* What all loops share: the job they are given, the codes they return, one clock, one send and one receive. */
#ifndef UDSTUI_WIRE_H
#define UDSTUI_WIRE_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define RARE(condition) __builtin_expect(!!(condition), 0)

/* A loop returns a count, or minus an errno, or one of these, which are below any of Linux's. */
enum {
    UDSTUI_CLOSED = -10001,      /* the other side closed in the middle of an operation */
    UDSTUI_STUCK = -10002,       /* nothing moved for longer than the patience */
    UDSTUI_TOO_SLOW = -10003,    /* one operation took longer than the longest allowed */
    UDSTUI_BAD_ARGUMENT = -10004,
    UDSTUI_NOT_WHOLE = -10005,   /* a receive of the anatomy did not get all bytes at once */
};

/* One call of a loop on one connection. The fields lie as in binding.Job. */
struct udstui_job {
    const char *payload;  /* what one operation sends: size_bytes */
    char *answer;         /* where what comes back goes: answer_bytes */
    int64_t *stamps;      /* room for `capacity` operations: the end of each, or how long it took where they overlap */
    int32_t *owners;      /* with many connections: the index of the one that ended; or NULL */
    int64_t size_bytes;
    int64_t answer_bytes;
    int64_t capacity;
    int64_t enough;       /* with many connections: so many operations are waited for, up to overrun_ns */
    int64_t duration_ns;  /* no operation begins when so much time has passed */
    int64_t overrun_ns;   /* and one that was begun is given up so much later, where that can be */
    int64_t patience_ns;  /* how long nothing may move */
    int64_t longest_ns;   /* how long one operation may take, with whatever progress */
    int64_t started_ns;   /* set by the loop */
    int64_t ended_ns;     /* set by the loop */
    int32_t reading;      /* the descriptors: one and the same for a socket */
    int32_t sending;
    int32_t spin;         /* ask again and again instead of waiting in the kernel */
    int32_t done;         /* set by round trips that fail: how many had ended, if the other side closed after them */
};

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

/* Both return a count or minus an errno. */
INLINE int64_t put(int number, const char *from, int64_t bytes, int is_socket)
{
    ssize_t count = is_socket ? send(number, from, (size_t)bytes, MSG_NOSIGNAL) : write(number, from, (size_t)bytes);
    return RARE(count < 0) ? -errno : count;
}

INLINE int64_t take(int number, char *into, int64_t bytes, int is_socket)
{
    ssize_t count = is_socket ? recv(number, into, (size_t)bytes, 0) : read(number, into, (size_t)bytes);
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
    return has_stamps(job) && job->payload && is_size(job->size_bytes) && is_time(job->overrun_ns) &&
           is_time(job->patience_ns) && is_time(job->longest_ns);
}

/* For poll and epoll_wait: rounded up, so that when they give up the time has passed. */
static inline int milliseconds(int64_t duration_ns)
{
    int64_t rounded = (duration_ns + 999999) / 1000000;
    return rounded < 0 ? 0 : rounded > 1000000 ? 1000000 : (int)rounded;
}

#endif
