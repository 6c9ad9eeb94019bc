/* Lanes that take turns: round trips on one connection for some ms, then on another one's.
 *
 * Nothing is computed between two turns. When a client has computed on the core that it shares with its server, each
 * wake-up of the server preempts it for a while afterwards, twice as long as it computed: on a Unix socket a round trip
 * takes 20 % longer meanwhile, over TCP as long as ever. */
#include "wire.h"

#include <string.h>
#include <sys/resource.h>

static int64_t cpu_ns(int64_t clock)
{
    struct timespec used;
    return clock_gettime((clockid_t)clock, &used) ? -1 : used.tv_sec * 1000000000LL + used.tv_nsec;
}

static struct udstui_usage used_until_now(int64_t server_clock)
{
    struct rusage own;
    const int knows = !getrusage(RUSAGE_SELF, &own);
    return (struct udstui_usage){
        .clock_ns = now_ns(),
        .client_cpu_ns = cpu_ns(CLOCK_THREAD_CPUTIME_ID),
        .server_cpu_ns = cpu_ns(server_clock),
        .voluntary_switches = knows ? own.ru_nvcsw : -1,
        .involuntary_switches = knows ? own.ru_nivcsw : -1,
    };
}

static int64_t take_one(struct udstui_turn *turn)
{
    struct udstui_job *const job = &turn->job;
    turn->before = used_until_now(turn->server_clock);
    int64_t done = turn->is_polled ? udstui_polled_ping_pong(job) : udstui_ping_pong(job);
    turn->after = used_until_now(turn->server_clock);
    if (done > 0 && (job->answer_bytes != job->size_bytes || memcmp(job->payload, job->answer, (size_t)job->size_bytes)))
        return UDSTUI_DIFFERS;
    return done;
}

/* How long each operation of these turns took, in the place of the stamp of its end; and the median of each turn. */
int64_t udstui_tell_turns(struct udstui_turn *turns, int64_t count)
{
    if (!turns || count < 0)
        return UDSTUI_BAD_ARGUMENT;
    for (struct udstui_turn *turn = turns; turn < turns + count; turn++) {
        int64_t *const stamps = turn->job.stamps;
        const int64_t operations = turn->operations;
        if (!stamps || operations <= 0)
            return UDSTUI_BAD_ARGUMENT;
        for (int64_t each = operations - 1; each >= 0; each--)
            stamps[each] -= each ? stamps[each - 1] : turn->job.started_ns;
        turn->doubled_median_ns = udstui_ranked(stamps, operations, (operations - 1) / 2) +
                                  udstui_ranked(stamps, operations, operations / 2);
    }
    return count;
}

/* The turns one after the other, each of round trips with an echo. Their stamps lie one behind the other: every turn
 * has its share of the room that is left. Ends with the first one that fails, and returns how many did not. */
int64_t udstui_take_turns(struct udstui_turn *turns, int64_t count, int64_t *stamps, int64_t capacity)
{
    if (!turns || count <= 0 || !stamps || capacity < count)
        return UDSTUI_BAD_ARGUMENT;
    for (int64_t each = 0; each < count; each++) {
        turns[each].job.stamps = stamps;
        turns[each].job.capacity = capacity / (count - each);
        turns[each].operations = take_one(&turns[each]);
        if (turns[each].operations < 0)
            return each;
        stamps += turns[each].operations;
        capacity -= turns[each].operations;
    }
    return count;
}
