/* The minimal C loop that udstui is compared with: the same loop, the same socket options, the same cores, and memory
 * that begins with a page as well. It calls send and recv, the cheaper way in C; in Python read and write are.
 *
 *   loop ping-pong|bulk-send uds|tcp|tcp-reno SIZE CLIENT_CORE SERVER_CORE SOCKET_PATH block|spin
 *
 * Each line on stdin is a duration in ns. It is measured on a fresh connection and answered with one line: the
 * median round trip in ns, or GB/s. The server is a process of its own; it leaves with this one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, MOST_STAMPS = 1 << 22, LEAD_IN_SHARE = 32, FIRST_LEAD_IN_BYTES = 1 << 20 };

union any_address {
    struct sockaddr any;
    struct sockaddr_un uds;
    struct sockaddr_in tcp;
};

static union any_address address;
static const char *congestion_control; /* NULL is the system's own */
static socklen_t address_bytes;
static int64_t *stamps;
static char *payload, *answer;
static size_t size;
static int receive_flags; /* MSG_DONTWAIT to spin */
static volatile int64_t *lead_in_bytes; /* shared with the server */

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

static char *page_aligned(size_t bytes)
{
    char *made = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(made != MAP_FAILED, "mmap");
    return made;
}

static void stay_on(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    check(sched_setaffinity(0, sizeof cores, &cores) == 0, "sched_setaffinity");
}

static int new_socket(void)
{
    int one = 1, made = socket(address.any.sa_family, SOCK_STREAM, 0);
    check(made >= 0, "socket");
    if (address.any.sa_family == AF_INET)
        check(setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0, "TCP_NODELAY");
    if (congestion_control)
        check(setsockopt(made, IPPROTO_TCP, TCP_CONGESTION, congestion_control, strlen(congestion_control)) == 0,
              "TCP_CONGESTION");
    return made;
}

/* What recv returns once there is something, or the end. */
static ssize_t receive(int connection, char *into, size_t room)
{
    ssize_t count;
    do
        count = recv(connection, into, room, receive_flags);
    while (count < 0 && receive_flags && errno == EAGAIN);
    return count;
}

/* ---- the server ---- */

static void echo(int connection, char *buffer)
{
    ssize_t count;
    while ((count = receive(connection, buffer, BUFFER_BYTES)) > 0)
        for (ssize_t sent = 0, more; sent < count; sent += more)
            if ((more = send(connection, buffer + sent, count - sent, MSG_NOSIGNAL)) < 0)
                return;
}

static void tell(int connection, uint64_t total)
{
    send(connection, &total, sizeof total, MSG_NOSIGNAL);
}

static void sink(int connection, char *buffer)
{
    uint64_t total = 0, enough = *lead_in_bytes;
    ssize_t count;
    while (total < enough) {
        size_t room = enough - total < BUFFER_BYTES ? enough - total : BUFFER_BYTES;
        if ((count = receive(connection, buffer, room)) <= 0)
            return;
        total += count;
    }
    tell(connection, total);
    while ((count = receive(connection, buffer, BUFFER_BYTES)) > 0)
        total += count;
    tell(connection, total);
}

static void serve(int listener, int core, void (*service)(int, char *))
{
    char *buffer = page_aligned(BUFFER_BYTES);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on(core);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        check(connection >= 0, "accept");
        service(connection, buffer);
        close(connection);
    }
}

/* ---- the client ---- */

static int connect_anew(void)
{
    struct linger reset = {1, 0};
    int client = new_socket();
    if (address.any.sa_family == AF_INET)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    check(connect(client, &address.any, address_bytes) == 0, "connect");
    return client;
}

static void send_all(int client, size_t bytes)
{
    for (size_t sent = 0; sent < bytes;) {
        ssize_t more = send(client, payload + sent, bytes - sent, 0);
        check(more > 0, "send");
        sent += more;
    }
}

static void receive_all(int client, char *into, size_t bytes)
{
    for (size_t received = 0; received < bytes;) {
        ssize_t more = receive(client, into + received, bytes - received);
        check(more > 0, "recv");
        received += more;
    }
}

static int64_t round_trips(int client, int64_t deadline)
{
    int64_t done = 0, now;
    do {
        send_all(client, size);
        receive_all(client, answer, size);
        stamps[done++] = now = now_ns();
    } while (now < deadline && done < MOST_STAMPS);
    return done;
}

static int rising(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double ping_pong(int client, int64_t duration)
{
    round_trips(client, now_ns() + duration / LEAD_IN_SHARE);
    int64_t started = now_ns(), done = round_trips(client, started + duration);
    check(memcmp(payload, answer, size) == 0, "the echo differs");
    for (int64_t index = done; index-- > 0;)
        stamps[index] -= index ? stamps[index - 1] : started;
    qsort(stamps, done, sizeof *stamps, rising);
    return (stamps[(done - 1) / 2] + stamps[done / 2]) / 2.0;
}

static double bulk_send(int client, int64_t duration)
{
    static int64_t usual_bytes;
    uint64_t total;
    for (int64_t left = *lead_in_bytes; left > 0; left -= size)
        send_all(client, (size_t)left < size ? (size_t)left : size);
    receive_all(client, (char *)&total, sizeof total);
    int64_t started = now_ns(), done = 0, now;
    do {
        send_all(client, size);
        stamps[done++] = now = now_ns();
    } while (now < started + duration && done < MOST_STAMPS);
    shutdown(client, SHUT_WR);
    receive_all(client, (char *)&total, sizeof total);
    int64_t elapsed = now_ns() - started;
    usual_bytes = total - *lead_in_bytes;
    check(usual_bytes == done * (int64_t)size, "bytes were lost");
    *lead_in_bytes = usual_bytes / LEAD_IN_SHARE;
    return (double)usual_bytes / elapsed;
}

int main(int count, char **words)
{
    check(count == 8, "usage");
    int pinging = strcmp(words[1], "ping-pong") == 0;
    size = strtoul(words[3], NULL, 10);
    receive_flags = strcmp(words[7], "spin") == 0 ? MSG_DONTWAIT : 0;
    payload = page_aligned(size);
    answer = page_aligned(size);
    stamps = calloc(MOST_STAMPS, sizeof *stamps);
    lead_in_bytes = mmap(NULL, sizeof *lead_in_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(lead_in_bytes != MAP_FAILED, "mmap");
    *lead_in_bytes = size < FIRST_LEAD_IN_BYTES ? size : FIRST_LEAD_IN_BYTES;
    for (size_t have = 0; have < size;) {
        ssize_t more = getrandom(payload + have, size - have, 0);
        check(more > 0, "getrandom");
        have += more;
    }

    if (strcmp(words[2], "tcp-reno") == 0)
        congestion_control = "reno";
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
    check(listen(listener, 8) == 0, "listen");
    check(getsockname(listener, &address.any, &(socklen_t){sizeof address}) == 0, "getsockname");
    if (fork() == 0)
        serve(listener, atoi(words[5]), pinging ? echo : sink);
    close(listener);
    stay_on(atoi(words[4]));

    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        int client = connect_anew();
        double figure = (pinging ? ping_pong : bulk_send)(client, atoll(line));
        close(client);
        printf("%.6f\n", figure);
        fflush(stdout);
    }
    return 0;
}
