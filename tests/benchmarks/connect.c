/* The minimal C client and server that connect, exchange one packet and close, with which udstui's connect is compared.
 *
 *   connect connect uds|tcp SIZE CLIENT_CORE SERVER_CORE SOCKET_PATH block
 *
 * Each line on stdin is a duration in ns, answered with one line: the median of an operation in ns. Both ends set
 * TCP_NODELAY; the client closes first, as programs do. The server is a process of its own and leaves with this one.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 20, LEAD_IN_SHARE = 32 };

static union {
    struct sockaddr any;
    struct sockaddr_un uds;
    struct sockaddr_in tcp;
} address;
static socklen_t address_bytes;
static char *payload, *answer;
static size_t size;
static int64_t *stamps;

static void check(int fine, const char *what)
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

static int new_socket(void)
{
    int number = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(number >= 0, "socket");
    if (address.any.sa_family == AF_INET)
        setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return number;
}

static void stay_on(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    check(sched_setaffinity(0, sizeof cores, &cores) == 0, "sched_setaffinity");
}

static void serve(int listener, int core)
{
    static char buffer[256 * 1024];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on(core);
    for (;;) {
        ssize_t count;
        int caller = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        check(caller >= 0, "accept");
        while ((count = recv(caller, buffer, sizeof buffer, 0)) > 0)
            for (ssize_t sent = 0, more; sent < count && (more = send(caller, buffer + sent, count - sent, 0)) > 0;)
                sent += more;
        close(caller);
    }
}

static void operate(void)
{
    struct timeval patience = {2, 0};
    int client = new_socket();
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    check(connect(client, &address.any, address_bytes) == 0, "connect");
    if (size) {
        check(send(client, payload, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
        for (size_t got = 0; got < size;) {
            ssize_t count = recv(client, answer + got, size - got, 0);
            check(count > 0, "recv");
            got += (size_t)count;
        }
    }
    close(client);
}

static int64_t run(int64_t duration_ns)
{
    int64_t now = now_ns(), deadline = now + duration_ns, done = 0;
    do {
        int64_t began = now;
        operate();
        now = now_ns();
        stamps[done++] = now - began;
    } while (now < deadline && done < MOST);
    return done;
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

int main(int count, char **words)
{
    check(count == 8, "connect connect uds|tcp SIZE CLIENT_CORE SERVER_CORE SOCKET_PATH block");
    size = strtoul(words[3], NULL, 10);
    payload = malloc(size + 1), answer = malloc(size + 1), stamps = malloc(MOST * sizeof *stamps);
    check(payload && answer && stamps && getrandom(payload, size, 0) >= 0, "memory");
    if (strcmp(words[2], "uds") == 0) {
        address.uds.sun_family = AF_UNIX;
        strncpy(address.uds.sun_path, words[6], sizeof address.uds.sun_path - 1);
        address_bytes = sizeof address.uds;
    } else {
        address.tcp.sin_family = AF_INET;
        address.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address_bytes = sizeof address.tcp;
    }
    int listener = new_socket();
    check(bind(listener, &address.any, address_bytes) == 0, "bind");
    check(listen(listener, 512) == 0, "listen");
    check(getsockname(listener, &address.any, &(socklen_t){sizeof address}) == 0, "getsockname");
    if (fork() == 0)
        serve(listener, atoi(words[5]));
    close(listener);
    stay_on(atoi(words[4]));
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        run(atoll(line) / LEAD_IN_SHARE);
        int64_t done = run(atoll(line));
        qsort(stamps, (size_t)done, sizeof *stamps, compare);
        printf("%.1f\n", (double)stamps[done / 2]);
        fflush(stdout);
    }
    return 0;
}
