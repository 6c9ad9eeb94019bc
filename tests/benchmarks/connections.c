/* A minimal client with many connections, which udstui's is compared with: one epoll, one packet under way on each. And
 * a minimal echo server for both, which prints its port, or 0 for a path.
 *
 *   connections uds|tcp PATH|PORT SIZE CONNECTIONS CORE
 *   connections uds|tcp PATH|0 SIZE serve CORE
 *
 * Each line on stdin is a duration in ns. It is measured on fresh connections to a server that is there already, from
 * the moment at which as many answers are in as there are connections, and answered with one line: the round trips a
 * second.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char **words;
static size_t size;
static int connections;
static char *packet, *echoes;

static void need(int fine, const char *what)
{
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A socket that was bound or connected by one of these two. */
static int made_with(int (*join)(int, const struct sockaddr *, socklen_t))
{
    int made, one = 1;
    if (strcmp(words[1], "uds") == 0) {
        struct sockaddr_un where = {.sun_family = AF_UNIX};
        strncpy(where.sun_path, words[2], sizeof where.sun_path - 1);
        made = socket(AF_UNIX, SOCK_STREAM, 0);
        need(join(made, (struct sockaddr *)&where, sizeof where) == 0, words[2]);
    } else {
        struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[2]))};
        struct linger reset = {1, 0};
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        made = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* which accept() hands down */
        setsockopt(made, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        need(join(made, (struct sockaddr *)&where, sizeof where) == 0, words[2]);
    }
    return made;
}

static int dial(void)
{
    int made = made_with(connect);
    fcntl(made, F_SETFL, O_NONBLOCK);
    return made;
}

static void serve(void)
{
    struct epoll_event ready[256], wanted = {.events = EPOLLIN};
    struct sockaddr_in where = {0};
    socklen_t bytes = sizeof where;
    static char data[65536];
    int poller = epoll_create1(0), listener = wanted.data.fd = made_with(bind);
    need(listen(listener, 1024) == 0, "listen");
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &wanted);
    getsockname(listener, (struct sockaddr *)&where, &bytes);
    printf("%d\n", where.sin_family == AF_INET ? ntohs(where.sin_port) : 0);
    fflush(stdout);
    for (;;) {
        int events = epoll_wait(poller, ready, 256, -1);
        for (int e = 0; e < events; e++) {
            int one = ready[e].data.fd;
            if (one == listener) {
                wanted.data.fd = accept(listener, NULL, NULL);
                epoll_ctl(poller, EPOLL_CTL_ADD, wanted.data.fd, &wanted);
                continue;
            }
            ssize_t count = recv(one, data, sizeof data, 0);
            if (count <= 0 || send(one, data, (size_t)count, MSG_NOSIGNAL) != count)
                close(one);
        }
    }
}

static double measure(double duration)
{
    struct epoll_event ready[256];
    size_t got[1024] = {0};
    int sockets[1024], poller = epoll_create1(0);
    long done = 0;
    for (int i = 0; i < connections; i++) {
        struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        sockets[i] = dial();
        epoll_ctl(poller, EPOLL_CTL_ADD, sockets[i], &wanted);
        need(send(sockets[i], packet, size, 0) == (ssize_t)size, "send");
    }
    double started = 0, now = 0;
    while (done <= connections || now < started + duration) {
        int events = epoll_wait(poller, ready, 256, -1);
        for (int e = 0; e < events; e++) {
            uint32_t i = ready[e].data.u32;
            ssize_t more = recv(sockets[i], echoes + i * size + got[i], size - got[i], 0);
            need(more > 0, "recv");
            if ((got[i] += (size_t)more) == size) {
                got[i] = 0;
                now = seconds();
                if (++done == connections)
                    started = now;
                need(send(sockets[i], packet, size, 0) == (ssize_t)size, "send");
            }
        }
    }
    for (int i = 0; i < connections; i++)
        close(sockets[i]);
    close(poller);
    return (double)(done - connections) / (now - started);
}

int main(int count, char **given)
{
    char line[64];
    cpu_set_t cores;
    need(count == 6, "usage");
    words = given;
    size = strtoul(words[3], NULL, 10);
    connections = atoi(words[4]);
    CPU_ZERO(&cores);
    CPU_SET(atoi(words[5]), &cores);
    need(sched_setaffinity(0, sizeof cores, &cores) == 0, "sched_setaffinity");
    if (strcmp(words[4], "serve") == 0)
        serve();
    need(connections > 0 && connections <= 1024, "connections");
    packet = malloc(size);
    echoes = malloc(size * (size_t)connections);
    memset(packet, 'x', size);
    while (fgets(line, sizeof line, stdin)) {
        printf("%.1f\n", measure(atof(line) / 1e9));
        fflush(stdout);
    }
    return 0;
}
