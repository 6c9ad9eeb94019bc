/* Shared memory under the sanitizers: random calls between two ends that behave, and with somebody who writes anything
 * into the counts meanwhile. No byte outside may be touched, and every loop has to end. */
#include "fuzz.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = UDSTUI_RINGS_AT + 2 * UDSTUI_RING_BYTES, HEAD_WORDS = 48, LARGEST = 3 * UDSTUI_RING_BYTES };

struct round {
    struct udstui_shared near, far;
    _Atomic int is_over;
    int is_sink;
    int64_t served;
};

static void *serve(void *argument)
{
    struct round *round = argument;
    const int64_t room = 1 + (int64_t)(round->near.patience_ns % 70001);
    char *buffer = malloc((size_t)room);
    round->served = round->is_sink ? udstui_shared_discard(&round->far, buffer, room, 0)
                                   : udstui_shared_echo(&round->far, buffer, room);
    udstui_shared_end(&round->far, 1);
    free(buffer);
    return NULL;
}

/* Writes what it likes into the counts, as a process that means harm could. */
static void *meddle(void *argument)
{
    struct round *round = argument;
    uint64_t value = 88172645463325252u;
    while (!atomic_load(&round->is_over)) {
        value ^= value << 13, value ^= value >> 7, value ^= value << 17;
        ((_Atomic uint64_t *)(void *)round->near.memory)[value % HEAD_WORDS] = value >> (value % 64);
        usleep(20);
    }
    return NULL;
}

static void play(int is_meddled_with)
{
    int doors[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, doors) == 0, "a pair of doors");
    char *memory = aligned_alloc(4096, SIZE);
    memset(memory, 0, SIZE);
    const int32_t spin = any(2) && !is_meddled_with;
    struct round round = {
        .near = {.memory = memory, .patience_ns = (is_meddled_with ? 20000000LL : 30000000000LL) + any(1000000), .side = 0, .door = doors[0], .spin = spin},
        .far = {.memory = memory, .side = 1, .door = doors[1], .spin = spin},
        .is_sink = any(3) == 0,
    };
    if (is_meddled_with)
        round.far.patience_ns = round.near.patience_ns;
    const int64_t size = any(4) ? 1 + any(5000) : 1 + any(LARGEST), capacity = 1 + any(3000);
    struct udstui_job job = {.payload = malloc((size_t)size), .answer = malloc((size_t)size), .size_bytes = size,
                             .answer_bytes = size, .capacity = capacity, .duration_ns = any(4000000),
                             .patience_ns = round.near.patience_ns, .longest_ns = is_meddled_with ? 100000000 : 60000000000,
                             .stamps = malloc((size_t)capacity * sizeof *job.stamps)};
    for (int64_t each = 0; each < size; each++)
        ((char *)(uintptr_t)job.payload)[each] = (char)any(256);
    pthread_t server, meddler;
    pthread_create(&server, NULL, serve, &round);
    if (is_meddled_with)
        pthread_create(&meddler, NULL, meddle, &round);
    int64_t done = round.is_sink ? udstui_shared_bulk_send(&job, &round.near) : udstui_shared_ping_pong(&job, &round.near);
    check(done <= capacity, "no more operations than stamps");
    for (int64_t each = 1; each < done; each++)
        check(job.stamps[each] >= job.stamps[each - 1], "stamps rise");
    udstui_shared_end(&round.near, any(2) || is_meddled_with);
    if (any(2) || is_meddled_with)
        shutdown(doors[0], SHUT_RDWR);
    pthread_join(server, NULL);
    atomic_store(&round.is_over, 1);
    if (is_meddled_with)
        pthread_join(meddler, NULL);
    else {
        check(done > 0, "operations");
        check(round.served == done * size, "the other end has seen every byte");
        check(round.is_sink || memcmp(job.payload, job.answer, (size_t)size) == 0, "the echo is what was sent");
    }
    free((char *)(uintptr_t)job.payload);
    free(job.answer);
    free(job.stamps);
    free(memory);
    close(doors[0]);
    close(doors[1]);
}

void refused(void)
{
    char byte = 0;
    struct udstui_job job = {0};
    struct udstui_shared nothing = {0}, crooked = {.memory = &byte + 1, .door = -1};
    const struct udstui_shared *bad[] = {NULL, &nothing, &crooked};
    for (int each = 0; each < 3; each++) {
        check(udstui_shared_ping_pong(&job, bad[each]) == UDSTUI_BAD_ARGUMENT, "a job without anything");
        check(udstui_shared_ping_pong(NULL, bad[each]) == UDSTUI_BAD_ARGUMENT, "no job");
        check(udstui_shared_bulk_send(&job, bad[each]) == UDSTUI_BAD_ARGUMENT, "a job without anything");
        if (bad[each] == &crooked && ((uintptr_t)crooked.memory & 63) == 0)
            continue;
        check(udstui_shared_put(bad[each], &byte, 1) == UDSTUI_BAD_ARGUMENT, "no memory");
        check(udstui_shared_take(bad[each], &byte, 1) == UDSTUI_BAD_ARGUMENT, "no memory");
        check(udstui_shared_echo(bad[each], &byte, 1) == UDSTUI_BAD_ARGUMENT, "no memory");
        check(udstui_shared_discard(bad[each], &byte, 1, 0) == UDSTUI_BAD_ARGUMENT, "no memory");
        check(udstui_shared_end(bad[each], 1) == UDSTUI_BAD_ARGUMENT, "no memory");
    }
}

void one_round(int left)
{
    play(left % 4 == 0);
}
