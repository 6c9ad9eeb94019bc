/* A minimal client of an echo server at a rate, for a second: what udstui's open loop and sockperf under-load are
 * compared with.
 *
 *   at_rate PORT SIZE CONNECTIONS RATE CORE [RECEIVER_CORE]
 *
 * One thread sends when it is time, one packet at a time on a connection, and looks for answers in between, without
 * sleeping. With a core for a receiver that is a thread of its own, which sleeps until answers come, and packets do not
 * wait for one another: as sockperf's. Prints p50 and p99 since sent, in ns.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { LEAD_IN = 4, MOST = 4096 }; /* a quarter as long as what counts */

static int sockets[MOST], poller, connections, core, receiver_core = -1;
static int64_t rate, count, size, answered_of[MOST], parts[MOST];
static int64_t *sent_ns, *took_ns, answered;
static char packet[65536], answer[65536];

static void need(int fine, const char *what)
{
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void stay_on(int number)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(number, &cores);
    need(pthread_setaffinity_np(pthread_self(), sizeof cores, &cores) == 0, "affinity");
}

static void receive(int wait_ms)
{
    struct epoll_event events[64];
    const int ready = epoll_wait(poller, events, 64, wait_ms);
    for (int each = 0; each < ready; each++) {
        const uint32_t index = events[each].data.u32;
        const int64_t came = recv(sockets[index], answer, sizeof answer, 0), now = now_ns();
        need(came > 0, "recv");
        for (parts[index] += came; parts[index] >= size; parts[index] -= size) {
            const int64_t operation = index + connections * answered_of[index]++;
            took_ns[operation] = now - sent_ns[operation];
            answered++;
        }
    }
}

static void *receiver(void *nothing)
{
    stay_on(receiver_core);
    while (answered < count)
        receive(-1);
    return nothing;
}

static void drive(void)
{
    const int64_t started_ns = now_ns();
    for (int64_t each = 0; each < count; each++) {
        while (now_ns() < started_ns + each * 1000000000 / rate ||
               (receiver_core < 0 && answered_of[each % connections] < each / connections))
            if (receiver_core < 0)
                receive(0);
        sent_ns[each] = now_ns();
        need(send(sockets[each % connections], packet, (size_t)size, 0) == size, "send");
    }
    while (receiver_core < 0 && answered < count)
        receive(0);
}

static void open_all(uint16_t port)
{
    const struct sockaddr_in where = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    const int one = 1;
    poller = epoll_create1(0);
    for (int index = 0; index < connections; index++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        sockets[index] = socket(AF_INET, SOCK_STREAM, 0);
        need(connect(sockets[index], (const struct sockaddr *)&where, sizeof where) == 0, "connect");
        setsockopt(sockets[index], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        need(epoll_ctl(poller, EPOLL_CTL_ADD, sockets[index], &event) == 0, "epoll");
    }
}

static int rising(const void *left, const void *right)
{
    const int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

int main(int words, char **word)
{
    if (words < 6)
        return 2;
    size = atoi(word[2]), connections = atoi(word[3]), rate = atoi(word[4]), core = atoi(word[5]);
    if (size < 1 || size > (int64_t)sizeof packet || connections < 1 || connections > MOST || rate < 1000)
        return 2;
    count = rate + rate / LEAD_IN;
    sent_ns = calloc((size_t)count, sizeof *sent_ns), took_ns = calloc((size_t)count, sizeof *took_ns);
    need(sent_ns && took_ns, "memory");
    open_all((uint16_t)atoi(word[1]));
    pthread_t thread;
    if (words > 6) {
        receiver_core = atoi(word[6]);
        need(pthread_create(&thread, NULL, receiver, NULL) == 0, "thread");
    }
    stay_on(core);
    drive();
    if (receiver_core >= 0)
        pthread_join(thread, NULL);
    qsort(took_ns + count - rate, (size_t)rate, sizeof *took_ns, rising);
    printf("%lld %lld\n", (long long)took_ns[count - rate / 2], (long long)took_ns[count - rate / 100]);
    return 0;
}
