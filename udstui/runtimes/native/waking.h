/* Waits without a time-out of their own, which a signal ends now and then, so that the loop can look at the clock.
 *
 * With SO_RCVTIMEO the kernel starts a timer for each wait and stops it when there is something to read. That was 3 % of
 * a round trip on a Unix socket, where a reader also wakes when the other side has read, and 1 % over TCP. */
#ifndef UDSTUI_WAKING_H
#define UDSTUI_WAKING_H

#include "wire.h"

#include <signal.h>
#include <sys/time.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Signals that come faster than they are taken leave no time for anything else. */
enum { LOOKS_A_PATIENCE = 8, SOONEST_NS = 1000000 };

struct waking {
    int timer, number, is_on;
    struct timeval receive, send; /* the socket's own time-outs */
};

static void wake(int signal)
{
    (void)signal; /* that it came is enough: the wait ends with EINTR */
}

static inline int time_out_of(int number, int option, struct timeval *value)
{
    socklen_t bytes = sizeof *value;
    return getsockopt(number, SOL_SOCKET, option, value, &bytes);
}

static inline void set_time_outs(int number, const struct timeval *receive, const struct timeval *send)
{
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, receive, sizeof *receive);
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, send, sizeof *send);
}

/* Take a socket's time-outs off and have this thread woken instead. Where a timer is not to be had, they stay. Nobody
 * misses the signal: what it is for, urgent data, is ignored by default. */
static inline struct waking wake_now_and_then(int number, int64_t patience_ns)
{
    const int64_t part_ns = patience_ns / LOOKS_A_PATIENCE;
    const int64_t every_ns = part_ns > SOONEST_NS ? part_ns : SOONEST_NS;
    const struct timespec tick = {.tv_sec = every_ns / 1000000000, .tv_nsec = every_ns % 1000000000};
    const struct itimerspec every = {.it_interval = tick, .it_value = tick};
    const struct sigaction action = {.sa_handler = wake};
    const struct timeval for_ever = {0, 0};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    struct waking waking = {.number = number};
    event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    if (time_out_of(number, SO_RCVTIMEO, &waking.receive) || time_out_of(number, SO_SNDTIMEO, &waking.send) ||
        sigaction(SIGURG, &action, NULL) || syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &waking.timer))
        return waking;
    waking.is_on = !syscall(SYS_timer_settime, waking.timer, 0, &every, NULL);
    if (waking.is_on)
        set_time_outs(number, &for_ever, &for_ever);
    else
        syscall(SYS_timer_delete, waking.timer);
    return waking;
}

static inline void wake_no_more(const struct waking *waking)
{
    if (!waking->is_on)
        return;
    syscall(SYS_timer_delete, waking->timer);
    set_time_outs(waking->number, &waking->receive, &waking->send);
}

#endif
