/* usage: PROGRAM SEED ROUNDS
 *
 * It ends with 0 when every call kept its promises. Signals interrupt all of them. */
#include "fuzz.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static unsigned state;

unsigned pick(unsigned *from, unsigned below)
{
    *from = *from * 1664525u + 1013904223u;
    return (*from >> 8) % below;
}

unsigned any(unsigned below)
{
    return pick(&state, below);
}

void check(int holds, const char *promise)
{
    if (!holds) {
        fprintf(stderr, "broken: %s (errno %d)\n", promise, errno);
        abort();
    }
}

void check_count(const struct udstui_job *job, int64_t done)
{
    check(done < 0 ? done >= -4095 || (done <= UDSTUI_CLOSED && done >= UDSTUI_DIFFERS) : done <= job->capacity,
          "a count or a code");
    check(done != -EINTR, "a signal is no failure");
    check(done <= 0 || job->started_ns <= job->ended_ns, "it ends after it starts");
}

static void nothing_to_do(int number)
{
    (void)number;
}

int main(int count, char **words)
{
    check(count == 3, "usage: PROGRAM SEED ROUNDS");
    state = (unsigned)atoi(words[1]);
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = nothing_to_do}; /* no SA_RESTART: calls are interrupted */
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval often = {{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &often, NULL);
    refused();
    for (int left = atoi(words[2]); left; left--)
        one_round(left);
    puts("all promises kept");
    return 0;
}
