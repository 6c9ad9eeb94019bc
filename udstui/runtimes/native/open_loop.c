/* Operations that are due at moments given beforehand, whatever became of those before: an open loop. They go to the
 * connections in turn, and each connection carries one at a time: what is due meanwhile waits, and its time runs. A
 * stamp is how long an operation took since it was due; stamps lie in the order in which the operations ended. */
#include "clients.h"

#include <sys/prctl.h>

enum { ATTENTIVE_NS = 1000000 };

static int64_t due_ns(const struct clients *clients, int64_t operation)
{
    return clients->job->started_ns + clients->stopped_ns + clients->schedule->due_ns[operation];
}

/* Send the next operation of a seat, which is due. Late is what waited for us, and not for the one before. */
static int64_t begin(struct clients *clients, int64_t index)
{
    struct udstui_seat *seat = &clients->seats[index];
    struct udstui_schedule *schedule = clients->schedule;
    seat->began_ns = due_ns(clients, index + seat->operations * clients->count);
    clients->now = seat->first_ns = now_ns();
    schedule->lateness[schedule->sent++] =
        seat->first_ns - (seat->ended_ns > seat->began_ns ? seat->ended_ns : seat->began_ns);
    return send_first(clients, index);
}

/* Begin what has become due on seats that are free. */
static int64_t begin_due(struct clients *clients)
{
    int64_t problem = 0;
    while (!problem && clients->next < clients->schedule->count && due_ns(clients, clients->next) <= clients->now) {
        const int64_t index = clients->next++ % clients->count;
        if (!clients->seats[index].began_ns)
            problem = begin(clients, index);
    }
    return problem;
}

static int64_t end_operation(struct clients *clients, int64_t index)
{
    struct udstui_seat *seat = &clients->seats[index];
    clients->now = seat->ended_ns = now_ns();
    clients->job->stamps[clients->done] = clients->now - seat->began_ns;
    clients->schedule->service[clients->done++] = clients->now - seat->first_ns;
    seat->operations++;
    seat->began_ns = 0;
    clients->under_way--;
    return index + seat->operations * clients->count < clients->next ? begin(clients, index) : 0;
}

static int64_t answered(struct clients *clients, int64_t index, uint32_t events, int is_room_only)
{
    int64_t result = go_on(clients, index, events, is_room_only);
    return result > 0 ? end_operation(clients, index) : result;
}

/* How long to sleep: until shortly before the next moment at which something has to be done. 0 is to spin: on a core of
 * its own also while answers are out, for a while. Else they took longer by a core's waking, or not: by chance. */
static int64_t sleep_ns(const struct clients *clients)
{
    const struct udstui_job *job = clients->job;
    if (clients->schedule->overshoot_ns && clients->under_way && clients->now - clients->progress_ns < ATTENTIVE_NS)
        return 0;
    int64_t until_ns = clients->deadline_ns + job->drain_ns;
    if (clients->progress_ns + job->patience_ns < until_ns)
        until_ns = clients->progress_ns + job->patience_ns;
    if (clients->next < clients->schedule->count)
        until_ns = due_ns(clients, clients->next) - clients->schedule->overshoot_ns;
    return job->spin || until_ns < clients->now ? 0 : until_look_ns(clients, until_ns - clients->now);
}

static int wait_for(const struct clients *clients, struct epoll_event *events, int64_t duration_ns)
{
    if (!duration_ns && clients->count == 1) { /* asked directly, it costs half */
        *events = (struct epoll_event){.events = EPOLLIN | EPOLLOUT};
        return 1;
    }
#ifdef SYS_epoll_pwait2
    if (duration_ns) {
        const struct timespec duration = {duration_ns / 1000000000, duration_ns % 1000000000};
        long count = syscall(SYS_epoll_pwait2, clients->poller, events, MOST_EVENTS, &duration, NULL, 0);
        if (count >= 0 || errno == EINTR)
            return (int)count;
    }
#endif
    return epoll_wait(clients->poller, events, MOST_EVENTS, (int)(duration_ns / 1000000 % 1000000));
}

/* Whether there is nothing left to wait for, or nobody waits any longer. */
static int is_over(struct clients *clients)
{
    struct udstui_schedule *schedule = clients->schedule;
    if (schedule->backlog < 0 && clients->now >= clients->deadline_ns)
        schedule->backlog = schedule->count - schedule->sent;
    return clients->done == schedule->count || clients->now >= clients->deadline_ns + clients->job->drain_ns;
}

/* What time it is. If this process was stopped since it looked last, neither the server nor the rate is to blame: all
 * that is due from now on is so much later. */
static void look(struct clients *clients, int64_t wait_ns, int events)
{
    const int64_t now = now_ns(), patience_ns = clients->job->patience_ns;
    const int64_t stop_ns = stopped_around_ns(clients->now, now, patience_ns, wait_ns, events);
    clients->stopped_ns += stop_ns;
    clients->deadline_ns += stop_ns;
    clients->progress_ns += stop_ns;
    clients->now = now;
}

static int64_t drive(struct clients *clients)
{
    struct epoll_event events[MOST_EVENTS];
    int64_t problem;
    while (!is_over(clients)) {
        const int64_t wait_ns = sleep_ns(clients);
        int count = wait_for(clients, events, wait_ns);
        if (count < 0 && errno != EINTR)
            return -errno;
        look(clients, wait_ns, count);
        for (int each = 0; each < count; each++) {
            const uint64_t data = events[each].data.u64;
            problem = answered(clients, (int64_t)(data >> 1), events[each].events, (int)(data & SENDING));
            if (problem)
                return problem;
        }
        if ((problem = begin_due(clients)) || (problem = look_at_parts(clients)))
            return problem;
        if (!clients->under_way)
            clients->progress_ns = clients->now;
        if (clients->now - clients->progress_ns > clients->job->patience_ns)
            return clients->done ? clients->done : UDSTUI_STUCK;
    }
    return clients->done ? clients->done : UDSTUI_STUCK;
}

static int64_t check(const struct udstui_job *job, const struct udstui_seat *seats, int64_t count,
                     const struct udstui_schedule *schedule)
{
    int64_t problem = 0;
    if (!is_complete(job) || !seats || count <= 0 || count > INT32_MAX || !is_time(job->drain_ns) ||
        !is_size(job->answer_bytes) || !schedule || !schedule->due_ns || !schedule->service || !schedule->lateness)
        return UDSTUI_BAD_ARGUMENT;
    if (schedule->count <= 0 || schedule->count > job->capacity || !is_time(schedule->overshoot_ns))
        return UDSTUI_BAD_ARGUMENT;
    for (int64_t index = 0; index < schedule->count; index++)
        if (!is_time(schedule->due_ns[index]))
            return UDSTUI_BAD_ARGUMENT;
    for (int64_t index = 0; index < count && !problem; index++) {
        if (!seats[index].answer)
            return UDSTUI_BAD_ARGUMENT;
        problem = check_mode(seats[index].sending, 0);
        if (!problem)
            problem = check_mode(seats[index].reading, 0);
    }
    return problem;
}

/* Round trips that are due as the schedule says, until all have ended, but no longer than drain_ns after duration_ns.
 * No operation may be under way on any seat. Afterwards a seat tells what is: since when it was due. */
int64_t udstui_open_loop(struct udstui_job *job, struct udstui_seat *seats, int64_t count,
                         struct udstui_schedule *schedule)
{
    int64_t done = check(job, seats, count, schedule);
    if (done)
        return done;
    struct clients clients = {.job = job, .seats = seats, .schedule = schedule, .count = count};
    clients.sockets = is_socket(seats[0].sending) && is_socket(seats[0].reading);
    clients.poller = epoll_create1(EPOLL_CLOEXEC);
    if (clients.poller < 0)
        return -errno;
    for (int64_t index = 0; index < count && !done; index++) {
        seats[index].began_ns = seats[index].ended_ns = seats[index].operations = seats[index].moved_bytes = 0;
        done = watch(&clients, EPOLL_CTL_ADD, seats[index].reading, EPOLLIN, tag(index, 0));
    }
    const int slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    schedule->sent = 0;
    schedule->backlog = -1;
    clients.now = job->started_ns = clients.progress_ns = now_ns();
    clients.deadline_ns = clients.now + job->duration_ns;
    if (!done)
        done = drive(&clients);
    job->ended_ns = clients.now;
    if (slack_ns > 0)
        prctl(PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
    if (schedule->backlog < 0) /* all had ended before */
        schedule->backlog = 0;
    close(clients.poller);
    return done;
}

/* By how much a sleep of so many ns is too long: the most of so many. */
int64_t udstui_overshoot(int64_t sleep_ns, int64_t times)
{
    int64_t most = 0;
    if (sleep_ns <= 0 || sleep_ns >= 1000000000 || times <= 0)
        return UDSTUI_BAD_ARGUMENT;
    const struct timespec duration = {0, sleep_ns};
    const int slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    for (int64_t each = 0; each < times; each++) {
        const int64_t before = now_ns();
        nanosleep(&duration, NULL);
        const int64_t over = now_ns() - before - sleep_ns;
        most = over > most ? over : most;
    }
    if (slack_ns > 0)
        prctl(PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
    return most;
}
