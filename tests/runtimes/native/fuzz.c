/* Calls every function of the library with random arguments, over connections of every kind, with peers that answer,
 * dribble, stall or leave. Built together with the library under sanitizers; its buffers are exactly as long as the
 * arguments say, so that a byte too far is seen.
 *
 *   fuzz SEED ROUNDS
 *
 * It ends with 0 when every call kept its promises. */
#include "loops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MOST_SEATS = 5, LARGEST = 300000, MS = 1000000, NEVER = 2000 };

struct ends {
    int ours[2], theirs[2]; /* reading, sending */
    int has_messages;
};

struct peer {
    pthread_t thread;
    int wire[2];
    unsigned seed;
    int play;
    int spin;
};

static unsigned state;

static unsigned pick(unsigned *from, unsigned below)
{
    *from = *from * 1664525u + 1013904223u;
    return (*from >> 8) % below;
}

static unsigned any(unsigned below)
{
    return pick(&state, below);
}

static void check(int fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "broken promise: %s (errno %d)\n", what, errno);
        abort();
    }
}

/* Blocking pipes know no patience: signals interrupt the calls of the library, which keeps its own. */
static void do_nothing(int number)
{
    (void)number;
}

static void let_interrupt(int how)
{
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(how, &alarm, NULL);
}

static void interrupt_often(void)
{
    struct itimerval often = {{0, 1000}, {0, 1000}};
    struct sigaction action = {.sa_handler = do_nothing};
    let_interrupt(SIG_BLOCK);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

/* ---- connections and peers ---- */

static void set_mode(const int wire[2], int blocks)
{
    for (int each = 0; each < 2; each++) {
        int flags = fcntl(wire[each], F_GETFL);
        fcntl(wire[each], F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }
}

static void set_patience(int number, int ms)
{
    struct timeval patience = {ms / 1000, ms % 1000 * 1000};
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void tcp_pair(int pair[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    check(bind(listener, (struct sockaddr *)&address, bytes) == 0 && listen(listener, 1) == 0, "listen");
    getsockname(listener, (struct sockaddr *)&address, &bytes);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    check(connect(pair[0], (struct sockaddr *)&address, bytes) == 0, "connect");
    pair[1] = accept(listener, NULL, NULL);
    close(listener);
}

static struct ends connect_ends(void)
{
    static const int kinds[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    struct ends ends = {.has_messages = 0};
    unsigned kind = any(6);
    int pair[2], there[2], back[2];
    if (kind >= 4) {
        check(pipe(there) == 0 && pipe(back) == 0, "pipe");
        ends = (struct ends){{back[0], there[1]}, {there[0], back[1]}, 0};
        return ends;
    }
    if (kind == 3)
        tcp_pair(pair);
    else
        check(socketpair(AF_UNIX, kinds[kind], 0, pair) == 0, "socketpair");
    set_patience(pair[0], 5);
    set_patience(pair[1], 100); /* nothing tells the peer of a datagram socket that we are gone */
    return (struct ends){{pair[0], pair[0]}, {pair[1], pair[1]}, kind == 1 || kind == 2};
}

static void close_both(const int wire[2])
{
    close(wire[0]);
    if (wire[1] != wire[0])
        close(wire[1]);
}

static void answer_at_random(struct peer *peer)
{
    char some[5000] = {0};
    for (int turns = (int)pick(&peer->seed, 40); turns; turns--) {
        if (read(peer->wire[0], some, 1 + pick(&peer->seed, sizeof some)) <= 0)
            return;
        if (pick(&peer->seed, 4) && write(peer->wire[1], some, 1 + pick(&peer->seed, sizeof some)) < 0)
            return;
        if (pick(&peer->seed, 20) == 0)
            usleep(3000);
    }
}

static void *play(void *given)
{
    struct peer *peer = given;
    int64_t room = 1 + pick(&peer->seed, 70000);
    char *buffer = malloc((size_t)room);
    set_mode(peer->wire, !peer->spin || peer->play > 1);
    if (peer->play == 0)
        udstui_echo(peer->wire[0], peer->wire[1], buffer, room, peer->spin);
    else if (peer->play == 1)
        udstui_sink(peer->wire[0], peer->wire[1], buffer, room, peer->spin, pick(&peer->seed, 3) * 1000);
    else
        answer_at_random(peer);
    free(buffer);
    close_both(peer->wire);
    return NULL;
}

static void start(struct peer *peer, const struct ends *ends)
{
    *peer = (struct peer){.seed = any(INT_MAX), .play = (int)any(4), .wire = {ends->theirs[0], ends->theirs[1]}};
    /* What spins would wait for the end of datagrams that nobody tells it of. */
    peer->spin = !ends->has_messages && any(4) == 0;
    check(pthread_create(&peer->thread, NULL, play, peer) == 0, "pthread_create");
}

/* ---- random jobs ---- */

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
    check(done < 0 ? done >= -4095 || (done <= UDSTUI_CLOSED && done >= UDSTUI_NOT_WHOLE) : done <= job->capacity,
          "a count or a code");
    int64_t before = overlapping ? 0 : job->started_ns;
    for (int64_t index = 0; index < done; index++) {
        check(job->stamps[index] >= before, "stamps rise");
        if (!overlapping)
            before = job->stamps[index];
    }
    check(done <= 0 || job->started_ns <= job->ended_ns, "it ends after it starts");
}

static void one_connection(void)
{
    struct ends ends = connect_ends();
    struct peer peer;
    struct udstui_job whole = any_job(), job = spoilt(whole);
    int which = (int)any(4);
    set_mode(ends.ours, any(20) ? (which == 1 ? 0 : !job.spin) : (int)any(2));
    if (job.reading == whole.reading)
        job.reading = ends.ours[0];
    if (job.sending == whole.sending)
        job.sending = ends.ours[1];
    start(&peer, &ends);
    let_interrupt(SIG_UNBLOCK);
    int64_t done = which == 0   ? udstui_ping_pong(&job)
                   : which == 1 ? udstui_exchange(&job)
                   : which == 2 ? udstui_bulk_send(&job)
                                : udstui_send_ahead(&job, or_bad(any_size(), -1));
    let_interrupt(SIG_BLOCK);
    if (which != 3)
        check_stamps(&job, done, 0);
    close_both(ends.ours);
    pthread_join(peer.thread, NULL);
    free_job(&whole);
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

/* ---- figures ---- */

static int rising(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void figures(void)
{
    static struct udstui_summary summary;
    static const int64_t per_mille[] = {500, 900, 990, 999};
    const int64_t count = 1 + any(any(2) ? 30 : 3000);
    const int bits = 1 + (int)any(62);
    int64_t *durations = malloc((size_t)count * sizeof *durations), total = 0;
    for (int64_t index = 0; index < count; index++) {
        uint64_t value = (uint64_t)any(1 << 24) << 40 ^ (uint64_t)any(1 << 24) << 20 ^ any(1 << 24);
        durations[index] = (int64_t)(value >> (63 - bits) >> 1);
    }
    check(udstui_summarise(durations, count, 0, 1, &summary) == count, "a summary");
    for (int64_t each = 0; each < summary.used; each++) {
        total += summary.counts[each];
        check(!each || summary.buckets[each] > summary.buckets[each - 1], "buckets rise");
        check(summary.buckets[each] < UDSTUI_BUCKETS && summary.counts[each] > 0, "buckets exist and are not empty");
    }
    check(total == count, "buckets hold all");
    qsort(durations, (size_t)count, sizeof *durations, rising);
    check(summary.min_ns == durations[0] && summary.max_ns == durations[count - 1], "extremes");
    for (int each = 0; each < UDSTUI_PERCENTILES; each++) {
        int64_t rank = (count * per_mille[each] + 999) / 1000 - 1;
        int64_t expected = count * (1000 - per_mille[each]) >= 10000 ? durations[rank] : -1;
        check(summary.percentiles_ns[each] == expected, "percentiles are exact");
    }
    durations[any((unsigned)count)] = -1 - (int64_t)any(2) * INT64_MAX;
    check(udstui_summarise(durations, count, 0, 1, &summary) == UDSTUI_BAD_ARGUMENT, "negative durations are refused");
    udstui_summarise(durations, count, INT64_MIN, 0, &summary);
    udstui_summarise(durations, any(2) ? 0 : INT64_MIN, 0, 1, &summary);
    free(durations);
}

int main(int count, char **words)
{
    check(count == 3, "usage: fuzz SEED ROUNDS");
    state = (unsigned)atoi(words[1]);
    signal(SIGPIPE, SIG_IGN);
    interrupt_often();
    for (int rounds = atoi(words[2]); rounds; rounds--) {
        one_connection();
        many_connections();
        anatomy();
        figures();
    }
    check(udstui_ping_pong(NULL) == UDSTUI_BAD_ARGUMENT && udstui_exchange(NULL) == UDSTUI_BAD_ARGUMENT, "no job");
    puts("all promises kept");
    return 0;
}
