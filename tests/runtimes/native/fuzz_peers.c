/* Connections of every kind, and peers that answer, dribble, stall or leave. */
#include "fuzz_peers.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void set_mode(const int wire[2], int blocks)
{
    for (int each = 0; each < 2; each++) {
        int flags = fcntl(wire[each], F_GETFL);
        fcntl(wire[each], F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }
}

void set_patience(int number, int ms)
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

struct ends connect_ends(void)
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

void close_both(const int wire[2])
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
    set_mode(peer->wire, !peer->wait || peer->play > 1);
    if (peer->play == 0)
        udstui_echo(peer->wire[0], peer->wire[1], buffer, room, peer->wait);
    else if (peer->play == 1)
        udstui_sink(peer->wire[0], peer->wire[1], buffer, room, peer->wait, pick(&peer->seed, 3) * 1000);
    else
        answer_at_random(peer);
    free(buffer);
    close_both(peer->wire);
    return NULL;
}

void start(struct peer *peer, const struct ends *ends)
{
    *peer = (struct peer){.seed = any(INT_MAX), .play = (int)any(4), .wire = {ends->theirs[0], ends->theirs[1]}};
    /* What does not block would wait for the end of datagrams that nobody tells it of. */
    peer->wait = !ends->has_messages && any(3) == 0 ? 1 + (int)any(2) : 0;
    check(pthread_create(&peer->thread, NULL, play, peer) == 0, "pthread_create");
}
