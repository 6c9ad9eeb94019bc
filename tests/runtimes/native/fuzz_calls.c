/* Loops on one connection and on several, over connections of every kind, with peers that answer, dribble, stall or
 * leave; and the figures. */
#include "fuzz_peers.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_SEATS = 5, LARGEST = 300000 };

/* Blocking pipes know no patience: signals interrupt the calls of the library, which keeps its own. */
static void let_interrupt(int how)
{
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(how, &alarm, NULL);
}

static int64_t any_size(void)
{
    static const int64_t sizes[] = {1, 2, 100, 4096, 65536, LARGEST};
    return sizes[any(6)];
}

static int64_t or_bad(int64_t good, int64_t bad)
{
    return any(60) ? good : bad;
}

static struct udstui_job any_job(void)
{
    struct udstui_job job = {.size_bytes = any_size(), .capacity = 1 + any(300)};
    job.answer_bytes = any(3) ? job.size_bytes : any_size();
    job.payload = calloc(1, (size_t)job.size_bytes);
    job.answer = malloc((size_t)job.answer_bytes);
    job.stamps = malloc((size_t)job.capacity * sizeof *job.stamps);
    job.enough = (int64_t)any(4);
    job.lead_in_ns = or_bad(any(2) ? any(MS) : 0, -1);
    job.duration_ns = or_bad(any(2 * MS), -1);
    job.overrun_ns = or_bad(any(2 * MS), INT64_MAX);
    job.drain_ns = or_bad(any(2) ? any(2 * MS) : 0, INT64_MAX);
    job.patience_ns = or_bad(any(5 * MS), INT64_MIN);
    job.longest_ns = or_bad(any(5 * MS), INT64_MAX);
    job.spin = (int32_t)any(2);
    return job;
}

static void free_job(struct udstui_job *job)
{
    free((char *)job->payload);
    free(job->answer);
    free(job->stamps);
}

/* What a caller can get wrong without lying about its memory. */
static struct udstui_job spoilt(struct udstui_job job)
{
    switch (any(40)) {
    case 0: job.payload = NULL; break;
    case 1: job.answer = NULL; break;
    case 2: job.stamps = NULL; break;
    case 3: job.size_bytes = any(2) ? 0 : INT64_MIN; break;
    case 4: job.answer_bytes = any(2) ? 0 : -5; break;
    case 5: job.capacity = any(2) ? 0 : INT64_MIN; break;
    case 6: job.reading = any(2) ? -1 : 999; break;
    case 7: job.sending = any(2) ? INT_MIN : INT_MAX; break;
    case 8: job.enough = any(2) ? -1 : INT64_MAX; break;
    default: break;
    }
    return job;
}

static void check_stamps(const struct udstui_job *job, int64_t done, int overlapping)
{
    check_count(job, done);
    int64_t before = overlapping ? 0 : job->started_ns;
    for (int64_t index = 0; index < done; index++) {
        check(job->stamps[index] >= before, "stamps rise");
        if (!overlapping)
            before = job->stamps[index];
    }
}

static void one_connection(void)
{
    struct ends ends = connect_ends();
    struct peer peer;
    struct udstui_job whole = any_job(), job = spoilt(whole);
    int which = (int)any(7);
    const int is_polled = which == 1 || which >= 4;
    set_mode(ends.ours, any(20) ? !is_polled && !job.spin : (int)any(2));
    if (job.reading == whole.reading)
        job.reading = ends.ours[0];
    if (job.sending == whole.sending)
        job.sending = ends.ours[1];
    start(&peer, &ends);
    let_interrupt(SIG_UNBLOCK);
    int64_t done = which == 0   ? udstui_ping_pong(&job)
                   : which == 1 ? udstui_exchange(&job)
                   : which == 2 ? udstui_bulk_send(&job)
                   : which == 4 ? udstui_polled_ping_pong(&job)
                   : which == 5 ? udstui_polled_bulk_send(&job)
                                : udstui_send_ahead(&job, or_bad(any_size(), -1), is_polled);
    let_interrupt(SIG_BLOCK);
    if (which != 3 && which != 6)
        check_stamps(&job, done, 0);
    close_both(ends.ours);
    pthread_join(peer.thread, NULL);
    free_job(&whole);
}

/* Two lanes, some of whose peers misbehave, and room for few stamps. */
static void turns(void)
{
    enum { LANES = 2, MOST_TURNS = 6 };
    struct ends ends[LANES];
    struct peer peers[LANES];
    struct udstui_job whole[LANES];
    struct udstui_turn all[MOST_TURNS] = {0};
    const int count = 1 + (int)any(MOST_TURNS), is_polled = (int)any(2);
    for (int lane = 0; lane < LANES; lane++) {
        ends[lane] = connect_ends();
        whole[lane] = any_job();
        set_mode(ends[lane].ours, any(20) ? !is_polled : (int)any(2));
        start(&peers[lane], &ends[lane]);
    }
    for (int each = 0; each < count; each++) {
        const int lane = (int)any(LANES);
        all[each] = (struct udstui_turn){.job = spoilt(whole[lane]), .is_polled = is_polled,
                                         .server_clock = any(20) ? CLOCK_PROCESS_CPUTIME_ID : (int64_t)any(1 << 20)};
        if (all[each].job.reading == whole[lane].reading)
            all[each].job.reading = ends[lane].ours[0];
        if (all[each].job.sending == whole[lane].sending)
            all[each].job.sending = ends[lane].ours[1];
    }
    const int64_t room = 1 + any(400);
    int64_t *stamps = malloc((size_t)room * sizeof *stamps), *next = stamps;
    let_interrupt(SIG_UNBLOCK);
    int64_t done = udstui_take_turns(all, count, stamps, room);
    let_interrupt(SIG_BLOCK);
    check(done <= count && (done >= 0 || room < count), "turns are refused only without room for all");
    check(done < 0 || done == count || all[done].operations < 0, "the turn behind the last good one tells why it is not");
    for (int64_t each = 0; each < done; each++) {
        check(all[each].job.stamps == next, "stamps lie one behind the other");
        check_stamps(&all[each].job, all[each].operations, 0);
        next += all[each].operations;
    }
    for (int lane = 0; lane < LANES; lane++) {
        close_both(ends[lane].ours);
        pthread_join(peers[lane].thread, NULL);
        free_job(&whole[lane]);
    }
    free(stamps);
}

/* Operations that are due within a few milliseconds, or at times that cannot be. */
static int64_t at_rate(struct udstui_job *job, struct udstui_seat *seats, int64_t count)
{
    const int64_t most = job->capacity > 0 && job->capacity < 1000 ? job->capacity : 1000;
    struct udstui_schedule schedule = {.count = or_bad(1 + any((unsigned)most), any(2) ? 0 : INT64_MAX),
                                       .overshoot_ns = or_bad(any(100000), -1)};
    int64_t *memory = calloc((size_t)(3 * most), sizeof *memory), moment = 0;
    for (int64_t each = 0; each < most; each++)
        memory[each] = or_bad(moment += any(20000), -1);
    if (schedule.count > most && schedule.count != INT64_MAX)
        schedule.count = most;
    schedule.due_ns = memory;
    schedule.service = memory + most;
    schedule.lateness = memory + 2 * most;
    int64_t done = udstui_open_loop(job, seats, count, &schedule);
    check(done < 0 || (done <= schedule.sent && schedule.sent <= schedule.count), "no more ended than were sent");
    check(done < 0 || (schedule.backlog >= 0 && schedule.backlog <= schedule.count), "a backlog of what was due");
    for (int64_t each = 0; each < done; each++)
        check(schedule.service[each] >= 0 && schedule.lateness[each] >= 0, "nothing was sent before it was due");
    free(memory);
    return done;
}

static void many_connections(void)
{
    const int count = 1 + (int)any(MOST_SEATS), kind = (int)any(4), sending_only = kind == 0;
    struct ends ends[MOST_SEATS];
    struct peer peers[MOST_SEATS];
    struct udstui_job whole = any_job(), job = spoilt(whole);
    struct udstui_seat *seats = calloc((size_t)count, sizeof *seats);
    for (int each = 0; each < count; each++) {
        ends[each] = connect_ends();
        set_mode(ends[each].ours, any(60) == 0);
        seats[each].answer = any(60) ? malloc((size_t)whole.answer_bytes) : NULL;
        seats[each].reading = (int32_t)or_bad(ends[each].ours[0], -1);
        seats[each].sending = (int32_t)or_bad(ends[each].ours[1], 999);
        seats[each].sent = or_bad(0, INT64_MIN);
        seats[each].began_ns = or_bad(0, any(2) ? -1 : 1);
        start(&peers[each], &ends[each]);
    }
    for (int calls = 0; calls < 2; calls++) {
        let_interrupt(SIG_UNBLOCK);
        int64_t done = kind == 1    ? at_rate(&job, seats, or_bad(count, -1))
                     : sending_only ? udstui_many_sends(&job, seats, or_bad(count, 0))
                                    : udstui_many_round_trips(&job, seats, or_bad(count, -1));
        let_interrupt(SIG_BLOCK);
        check_stamps(&job, done, 1);
        int64_t operations = 0;
        for (int each = 0; each < count; each++)
            operations += seats[each].operations;
        check(done < 0 || operations == done, "operations add up");
        if (done < 0) /* after an error nothing is promised of the seats */
            break;
    }
    for (int each = 0; each < count; each++) {
        close_both(ends[each].ours);
        pthread_join(peers[each].thread, NULL);
        free(seats[each].answer);
    }
    free(seats);
    free_job(&whole);
}

static void anatomy(void)
{
    struct udstui_job whole = any_job(), job = spoilt(whole);
    struct ends ends = connect_ends();
    int null = open("/dev/null", O_RDWR), nothing[2] = {null, null};
    const int *ours = any(2) ? ends.ours : nothing, *theirs = ours == nothing ? nothing : ends.theirs;
    free(whole.answer);
    whole.answer = malloc((size_t)whole.size_bytes); /* as long as the payload */
    job.answer = job.answer ? whole.answer : NULL;
    job.answer_bytes = any(3) ? (ours == nothing ? 0 : job.size_bytes) : job.answer_bytes;
    job.reading = ours[0];
    job.sending = ours[1];
    set_patience(ends.theirs[0], 5);
    let_interrupt(SIG_UNBLOCK);
    int64_t done = any(5) ? udstui_four_calls(&job, theirs[0], theirs[1]) : udstui_no_calls(&job);
    let_interrupt(SIG_BLOCK);
    check_stamps(&job, done, 0);
    close(null);
    close_both(ends.ours);
    close_both(ends.theirs);
    free_job(&whole);
}

void refused(void)
{
    let_interrupt(SIG_BLOCK);
    check(udstui_ping_pong(NULL) == UDSTUI_BAD_ARGUMENT && udstui_exchange(NULL) == UDSTUI_BAD_ARGUMENT, "no job");
    check(udstui_polled_ping_pong(NULL) == UDSTUI_BAD_ARGUMENT, "no job");
}

void one_round(int left)
{
    (void)left;
    one_connection();
    turns();
    many_connections();
    anatomy();
    figures();
}
