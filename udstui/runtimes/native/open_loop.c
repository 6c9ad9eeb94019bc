/* Operations that are due at moments given beforehand, whatever became of those before: an open loop. They go to the
 * connections in turn, and each connection carries one at a time: what is due meanwhile waits, and its time runs. A
 * stamp is how long an operation took since it was due; stamps lie in the order in which the operations ended. */
#include "wire.h"

#include <sys/epoll.h>
#include <sys/prctl.h>

struct generator {
    struct udstui_job *job;
    struct udstui_seat *seats;
    struct udstui_schedule *schedule;
    int64_t count;
    int64_t next;      /* of the schedule: the first operation that was not due yet */
    int64_t done;
    int64_t under_way;
    int64_t now;
    int64_t stopped_ns; /* for how long this process was: what is due since is due so much later */
    int64_t deadline_ns;
    int64_t progress_ns;
    int poller;
    int sockets;
};

enum { MOST_EVENTS = 256, SENDING = 1 };

static int64_t due_ns(const struct generator *generator, int64_t operation)
{
    return generator->job->started_ns + generator->stopped_ns + generator->schedule->due_ns[operation];
}

static int64_t watch(struct generator *generator, int operation, int number, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(generator->poller, operation, number, &event) < 0 ? -errno : 0;
}

/* Besides what comes, tell when there is room to send; or no longer. */
static int64_t watch_room(struct generator *generator, int64_t index, int is_wanted)
{
    const struct udstui_seat *seat = &generator->seats[index];
    const uint64_t data = (uint64_t)index << 1;
    if (seat->sending == seat->reading)
        return watch(generator, EPOLL_CTL_MOD, seat->reading, is_wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, data);
    return watch(generator, is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, seat->sending, EPOLLOUT, data | SENDING);
}

static int64_t send_some(struct generator *generator, struct udstui_seat *seat)
{
    const struct udstui_job *job = generator->job;
    int64_t count = put(seat->sending, job->payload + seat->sent, job->size_bytes - seat->sent, generator->sockets);
    if (count < 0)
        return would_block(count) || count == -EINTR ? 0 : count;
    seat->sent += count;
    seat->moved_bytes += count;
    generator->progress_ns = generator->now;
    return 0;
}

/* Send the next operation of a seat, which is due. Late is what waited for us, and not for the one before. */
static int64_t begin(struct generator *generator, int64_t index)
{
    struct udstui_seat *seat = &generator->seats[index];
    struct udstui_schedule *schedule = generator->schedule;
    seat->began_ns = due_ns(generator, index + seat->operations * generator->count);
    generator->now = seat->first_ns = now_ns();
    schedule->lateness[schedule->sent++] =
        seat->first_ns - (seat->ended_ns > seat->began_ns ? seat->ended_ns : seat->began_ns);
    seat->sent = seat->received = 0;
    generator->under_way++;
    int64_t problem = send_some(generator, seat);
    if (!problem && seat->sent < generator->job->size_bytes)
        problem = watch_room(generator, index, 1);
    return problem;
}

/* Begin what has become due on seats that are free. */
static int64_t begin_due(struct generator *generator)
{
    int64_t problem = 0;
    while (!problem && generator->next < generator->schedule->count &&
           due_ns(generator, generator->next) <= generator->now) {
        const int64_t index = generator->next++ % generator->count;
        if (!generator->seats[index].began_ns)
            problem = begin(generator, index);
    }
    return problem;
}

static int64_t end_operation(struct generator *generator, int64_t index)
{
    struct udstui_seat *seat = &generator->seats[index];
    generator->now = seat->ended_ns = now_ns();
    generator->job->stamps[generator->done] = generator->now - seat->began_ns;
    generator->schedule->service[generator->done++] = generator->now - seat->first_ns;
    seat->operations++;
    seat->began_ns = 0;
    generator->under_way--;
    return index + seat->operations * generator->count < generator->next ? begin(generator, index) : 0;
}

static int64_t go_on(struct generator *generator, int64_t index, uint32_t events, int is_room_only)
{
    struct udstui_seat *seat = &generator->seats[index];
    const struct udstui_job *job = generator->job;
    int64_t problem = 0;
    if (RARE(!seat->began_ns))
        return 0;
    if (seat->sent < job->size_bytes && (is_room_only || events & EPOLLOUT)) {
        if ((problem = send_some(generator, seat)))
            return problem;
        if (seat->sent == job->size_bytes && (problem = watch_room(generator, index, 0)))
            return problem;
    }
    if (!is_room_only && seat->received < job->answer_bytes && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        int64_t count = take(seat->reading, seat->answer + seat->received, job->answer_bytes - seat->received,
                             generator->sockets);
        if (count == 0)
            return UDSTUI_CLOSED;
        if (count < 0)
            return would_block(count) || count == -EINTR ? 0 : count;
        seat->received += count;
        generator->progress_ns = generator->now;
    }
    if (seat->received < job->answer_bytes || seat->sent < job->size_bytes)
        return 0;
    return end_operation(generator, index);
}

/* How long to sleep: until shortly before the next moment at which something has to be done. 0 is to spin. */
static int64_t sleep_ns(const struct generator *generator)
{
    const struct udstui_job *job = generator->job;
    int64_t until_ns = generator->deadline_ns + job->drain_ns;
    if (generator->progress_ns + job->patience_ns < until_ns)
        until_ns = generator->progress_ns + job->patience_ns;
    if (generator->next < generator->schedule->count)
        until_ns = due_ns(generator, generator->next) - generator->schedule->overshoot_ns;
    return job->spin || until_ns < generator->now ? 0 : until_ns - generator->now;
}

static int wait_for(const struct generator *generator, struct epoll_event *events, int64_t duration_ns)
{
    if (!duration_ns && generator->count == 1) { /* asked directly, it costs half */
        *events = (struct epoll_event){.events = EPOLLIN | EPOLLOUT};
        return 1;
    }
#ifdef SYS_epoll_pwait2
    if (duration_ns) {
        const struct timespec duration = {duration_ns / 1000000000, duration_ns % 1000000000};
        long count = syscall(SYS_epoll_pwait2, generator->poller, events, MOST_EVENTS, &duration, NULL, 0);
        if (count >= 0 || errno == EINTR)
            return (int)count;
    }
#endif
    return epoll_wait(generator->poller, events, MOST_EVENTS, (int)(duration_ns / 1000000 % 1000000));
}

/* Whether there is nothing left to wait for, or nobody waits any longer. */
static int is_over(struct generator *generator)
{
    struct udstui_schedule *schedule = generator->schedule;
    if (schedule->backlog < 0 && generator->now >= generator->deadline_ns)
        schedule->backlog = schedule->count - schedule->sent;
    return generator->done == schedule->count || generator->now >= generator->deadline_ns + generator->job->drain_ns;
}

/* What time it is. If this process was stopped since it looked last, neither the server nor the rate is to blame: all
 * that is due from now on is so much later. */
static void look(struct generator *generator, int64_t wait_ns, int events)
{
    const int64_t now = now_ns(), patience_ns = generator->job->patience_ns;
    const int64_t stop_ns = stopped_around_ns(generator->now, now, patience_ns, wait_ns, events);
    generator->stopped_ns += stop_ns;
    generator->deadline_ns += stop_ns;
    generator->progress_ns += stop_ns;
    generator->now = now;
}

static int64_t drive(struct generator *generator)
{
    struct epoll_event events[MOST_EVENTS];
    int64_t problem;
    while (!is_over(generator)) {
        const int64_t wait_ns = sleep_ns(generator);
        int count = wait_for(generator, events, wait_ns);
        if (count < 0 && errno != EINTR)
            return -errno;
        look(generator, wait_ns, count);
        for (int each = 0; each < count; each++) {
            const uint64_t data = events[each].data.u64;
            problem = go_on(generator, (int64_t)(data >> 1), events[each].events, (int)(data & SENDING));
            if (problem)
                return problem;
        }
        if ((problem = begin_due(generator)))
            return problem;
        if (!generator->under_way)
            generator->progress_ns = generator->now;
        if (generator->now - generator->progress_ns > generator->job->patience_ns)
            return generator->done ? generator->done : UDSTUI_STUCK;
    }
    return generator->done ? generator->done : UDSTUI_STUCK;
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
    struct generator generator = {.job = job, .seats = seats, .schedule = schedule, .count = count};
    generator.sockets = is_socket(seats[0].sending) && is_socket(seats[0].reading);
    generator.poller = epoll_create1(EPOLL_CLOEXEC);
    if (generator.poller < 0)
        return -errno;
    for (int64_t index = 0; index < count && !done; index++) {
        seats[index].began_ns = seats[index].ended_ns = seats[index].operations = seats[index].moved_bytes = 0;
        done = watch(&generator, EPOLL_CTL_ADD, seats[index].reading, EPOLLIN, (uint64_t)index << 1);
    }
    const int slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    schedule->sent = 0;
    schedule->backlog = -1;
    generator.now = job->started_ns = generator.progress_ns = now_ns();
    generator.deadline_ns = generator.now + job->duration_ns;
    if (!done)
        done = drive(&generator);
    job->ended_ns = generator.now;
    if (slack_ns > 0)
        prctl(PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
    if (schedule->backlog < 0) /* all had ended before */
        schedule->backlog = 0;
    close(generator.poller);
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
