/* Many connections at once: each a closed loop of its own, all of them driven by one epoll. Operations overlap, so a
 * stamp is how long an operation took; stamps lie in the order in which the operations ended. The slowest operations
 * are those that are under way when the time is up: they are waited for. */
#include "clients.h"

static int64_t begin(struct clients *clients, int64_t index)
{
    clients->seats[index].began_ns = clients->now;
    return send_first(clients, index);
}

/* Whether no operation begins any more: there are stamps left for those that are waited for only, or time is up. */
static int is_time_up(struct clients *clients)
{
    const struct udstui_job *job = clients->job;
    if (clients->last_ns)
        return 1;
    if (clients->done + (job->drain_ns ? clients->under_way : 0) < job->capacity) {
        if (clients->now < clients->deadline_ns || !clients->done)
            return 0;
        if (job->enough && clients->served < clients->count && clients->now < clients->deadline_ns + job->overrun_ns)
            return 0;
    }
    clients->last_ns = clients->now;
    return 1;
}

static int is_over(struct clients *clients)
{
    return is_time_up(clients) && (!clients->under_way || clients->now >= clients->last_ns + clients->job->drain_ns);
}

static void end_operation(struct clients *clients, int64_t index)
{
    struct udstui_seat *seat = &clients->seats[index];
    clients->now = now_ns();
    clients->job->stamps[clients->done++] = clients->now - seat->began_ns;
    clients->served += ++seat->operations == clients->job->enough;
    seat->ended_ns = clients->now;
    seat->began_ns = 0;
}

/* Go on with a round trip. The one that the time ends with is followed by no other. */
static int64_t answered(struct clients *clients, int64_t index, uint32_t events, int is_room_only)
{
    int64_t result = go_on(clients, index, events, is_room_only);
    if (result <= 0)
        return result;
    end_operation(clients, index);
    clients->under_way--;
    return is_time_up(clients) ? 0 : begin(clients, index);
}

static int64_t sent_on(struct clients *clients, int64_t index)
{
    struct udstui_seat *seat = &clients->seats[index];
    int64_t problem = send_some(clients, seat);
    if (problem || seat->sent < clients->job->size_bytes)
        return problem;
    end_operation(clients, index);
    clients->progress_ns = clients->now;
    clients->under_way--;
    if (is_time_up(clients))
        return watch(clients, EPOLL_CTL_DEL, seat->sending, 0, 0);
    seat->sent = 0;
    seat->began_ns = clients->now;
    clients->under_way++;
    return 0;
}

/* How long epoll may wait: not beyond the moment at which something has to be decided. */
static int patience_ms(const struct clients *clients)
{
    int64_t left_ns = clients->progress_ns + clients->job->patience_ns - clients->now;
    int64_t until_end_ns = clients->deadline_ns - clients->now;
    if (clients->last_ns)
        until_end_ns = clients->last_ns + clients->job->drain_ns - clients->now;
    else if (clients->job->enough && clients->served < clients->count && until_end_ns <= 0)
        until_end_ns += clients->job->overrun_ns;
    if (clients->job->spin)
        return 0;
    return milliseconds(until_look_ns(clients, clients->done && until_end_ns < left_ns ? until_end_ns : left_ns));
}

static int64_t drive(struct clients *clients)
{
    struct epoll_event events[MOST_EVENTS];
    int64_t problem;
    while (!is_over(clients)) {
        const int wait_ms = patience_ms(clients);
        int count = epoll_wait(clients->poller, events, MOST_EVENTS, wait_ms);
        if (count < 0 && errno != EINTR)
            return -errno;
        const int64_t now = now_ns();
        const int64_t stop_ns =
            stopped_around_ns(clients->now, now, clients->job->patience_ns, wait_ms * 1000000LL, count);
        clients->progress_ns += stop_ns;
        clients->deadline_ns += stop_ns;
        clients->last_ns += clients->last_ns ? stop_ns : 0;
        clients->now = now;
        for (int each = 0; each < count; each++) {
            int64_t index = (int64_t)(events[each].data.u64 >> 1);
            problem = clients->is_sending_only
                          ? sent_on(clients, index)
                          : answered(clients, index, events[each].events, (int)(events[each].data.u64 & SENDING));
            if (problem)
                return problem;
            if (is_over(clients))
                break;
        }
        if ((problem = look_at_parts(clients)))
            return problem;
        if (clients->now - clients->progress_ns > clients->job->patience_ns)
            return clients->last_ns ? clients->done : UDSTUI_STUCK;
        if (!clients->done && clients->now > clients->deadline_ns + clients->job->longest_ns)
            return UDSTUI_TOO_SLOW;
    }
    return clients->done;
}

/* Register every seat, before the clock runs: with what is under way from the call before. */
static int64_t watch_all(struct clients *clients)
{
    int64_t problem = 0;
    for (int64_t index = 0; index < clients->count && !problem; index++) {
        struct udstui_seat *seat = &clients->seats[index];
        seat->operations = seat->moved_bytes = seat->ended_ns = 0;
        if (clients->is_sending_only) {
            problem = watch(clients, EPOLL_CTL_ADD, seat->sending, EPOLLOUT, tag(index, SENDING));
            continue;
        }
        problem = watch(clients, EPOLL_CTL_ADD, seat->reading, EPOLLIN, tag(index, 0));
        if (!problem && seat->began_ns && seat->sent < clients->job->size_bytes)
            problem = watch_room(clients, index, 1);
    }
    return problem;
}

/* Begin an operation where none is under way. What is sent only begins when there is room. */
static int64_t begin_all(struct clients *clients)
{
    int64_t problem = 0;
    for (int64_t index = 0; index < clients->count && !problem; index++) {
        struct udstui_seat *seat = &clients->seats[index];
        seat->first_ns = seat->began_ns ? seat->began_ns : clients->now;
        if (!seat->began_ns && !clients->is_sending_only) {
            problem = begin(clients, index);
            continue;
        }
        clients->under_way++;
        if (!seat->began_ns) {
            seat->sent = 0;
            seat->began_ns = clients->now;
        }
    }
    return problem;
}

/* Whether what a seat says of its operation can be, and leaves something to do. */
static int is_possible(const struct udstui_job *job, const struct udstui_seat *seat, int sending_only)
{
    if (!sending_only && !seat->answer)
        return 0;
    if (!seat->began_ns) /* then it is begun anew, whatever it says */
        return 1;
    if (seat->sent < 0 || seat->sent > job->size_bytes || seat->received < 0 || seat->received > job->answer_bytes)
        return 0;
    return seat->sent < job->size_bytes || (!sending_only && seat->received < job->answer_bytes);
}

static int64_t check(const struct udstui_job *job, const struct udstui_seat *seats, int64_t count, int sending_only)
{
    int64_t problem = 0;
    if (!is_complete(job) || !seats || count <= 0 || count > INT32_MAX || job->enough < 0 || !is_time(job->drain_ns))
        return UDSTUI_BAD_ARGUMENT;
    if (job->drain_ns && job->capacity < count)
        return UDSTUI_BAD_ARGUMENT;
    if (!sending_only && !is_size(job->answer_bytes))
        return UDSTUI_BAD_ARGUMENT;
    for (int64_t index = 0; index < count && !problem; index++) {
        if (!is_possible(job, &seats[index], sending_only))
            return UDSTUI_BAD_ARGUMENT;
        problem = check_mode(seats[index].sending, 0);
        if (!problem && !sending_only)
            problem = check_mode(seats[index].reading, 0);
    }
    return problem;
}

static int64_t run(struct udstui_job *job, struct udstui_seat *seats, int64_t count, int sending_only)
{
    int64_t done = check(job, seats, count, sending_only);
    if (done)
        return done;
    struct clients clients = {.job = job, .seats = seats, .count = count, .is_sending_only = sending_only};
    clients.sockets = is_socket(seats[0].sending) && (sending_only || is_socket(seats[0].reading));
    clients.poller = epoll_create1(EPOLL_CLOEXEC);
    if (clients.poller < 0)
        return -errno;
    done = watch_all(&clients);
    clients.now = job->started_ns = clients.progress_ns = now_ns();
    clients.deadline_ns = clients.now + job->duration_ns;
    if (!done)
        done = begin_all(&clients);
    if (!done)
        done = drive(&clients);
    job->ended_ns = clients.now;
    close(clients.poller);
    return done;
}

/* Round trips, or requests, on all seats until the time is up, and until those that are under way then have ended too,
 * but for drain_ns at most. What is still under way, and how far it is, stays in the seats: the next call goes on. */
int64_t udstui_many_round_trips(struct udstui_job *job, struct udstui_seat *seats, int64_t count)
{
    return run(job, seats, count, 0);
}

int64_t udstui_many_sends(struct udstui_job *job, struct udstui_seat *seats, int64_t count)
{
    return run(job, seats, count, 1);
}
