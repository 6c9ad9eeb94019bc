/* Connections of one operation, packets that tell their own length, and message queues under the sanitizers: random
 * calls between ends that behave, and with others that answer too much, too little, in pieces, late or not at all.
 * Signals interrupt all of it. */
#include "fuzz.h"
#include "packet_head.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 200000, MESSAGE = 4096 };
static const int64_t LONG_NS = 60LL * 1000 * MS;

/* The other side: one of those of the library, or one that does as it likes. */
struct peer {
    struct udstui_door door;
    struct udstui_queue queue;
    pthread_t thread;
    int reading, sending;
    int likes; /* to do as it likes */
    int which;
    unsigned seed;
};

static void answer_as_it_likes(struct peer *peer, int reading, int sending)
{
    static char some[3 * MESSAGE];
    for (int turns = (int)pick(&peer->seed, 6); turns; turns--) {
        if (read(reading, some, 1 + pick(&peer->seed, sizeof some)) == 0)
            return;
        if (pick(&peer->seed, 5) && write(sending, some, 1 + pick(&peer->seed, sizeof some)) < 0)
            return;
        if (pick(&peer->seed, 9) == 0)
            usleep(3000);
    }
}

static void *accept_clients(void *given)
{
    struct peer *peer = given;
    int number;
    if (!peer->likes) {
        check(udstui_accept(&peer->door) < 0, "it accepts until nobody can be accepted");
        return NULL;
    }
    while ((number = accept(peer->door.listener, NULL, NULL)) >= 0 || errno == EINTR)
        if (number >= 0) {
            answer_as_it_likes(peer, number, number);
            close(number);
        }
    return NULL;
}

static int listening(struct sockaddr_storage *address, socklen_t *bytes)
{
    const int family = any(2) ? AF_UNIX : AF_INET;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const sa_family_t unnamed = AF_UNIX; /* the kernel makes a name up */
    int listener = socket(family, SOCK_STREAM, 0);
    if (family == AF_INET)
        check(bind(listener, (struct sockaddr *)&here, sizeof here) == 0, "an address");
    else
        check(bind(listener, (const struct sockaddr *)&unnamed, sizeof unnamed) == 0, "a name");
    *bytes = sizeof *address;
    check(listen(listener, any(2) ? 0 : 64) == 0, "listen");
    getsockname(listener, (struct sockaddr *)address, bytes);
    return listener;
}

static struct udstui_job a_job(int64_t size, int64_t patience_ns)
{
    struct udstui_job job = {.payload = malloc((size_t)size + 1), .answer = calloc(1, (size_t)size + 1),
                             .size_bytes = size, .answer_bytes = size, .capacity = 1 + any(200),
                             .duration_ns = any(3 * MS), .patience_ns = patience_ns, .longest_ns = patience_ns};
    job.stamps = malloc((size_t)job.capacity * sizeof *job.stamps);
    for (int64_t each = 0; each < size; each++)
        ((char *)(uintptr_t)job.payload)[each] = (char)any(256);
    return job;
}

static void free_job(const struct udstui_job *job)
{
    free((char *)(uintptr_t)job->payload);
    free(job->answer);
    free(job->stamps);
}

static void connections(void)
{
    struct sockaddr_storage address;
    socklen_t bytes;
    struct peer peer = {.likes = any(2) == 0, .seed = any(1 << 20)};
    const int64_t room = 1 + any(70000), size = any(4) ? any(MESSAGE) : any(MOST);
    const int64_t patience_ns = peer.likes ? 5 * MS : LONG_NS;
    const struct timeval patience = {patience_ns / MS / 1000, patience_ns / MS % 1000 * 1000};
    const struct udstui_option options[] = {{&patience, SOL_SOCKET, SO_RCVTIMEO, sizeof patience},
                                            {&patience, SOL_SOCKET, SO_SNDTIMEO, sizeof patience}};
    char *buffer = malloc((size_t)room);
    peer.door = (struct udstui_door){.buffer = buffer, .room = room, .uid = -1, .each = (int32_t)any(2),
                                     .listener = listening(&address, &bytes)};
    struct udstui_job job = a_job(size, patience_ns);
    struct udstui_dial dial = {.address = &address, .address_bytes = bytes, .options = options, .option_count = 2,
                               .opening = "hello", .welcome = any(9) ? "hello" : "hallo", .welcome_bytes = 5,
                               .opening_bytes = any(2) ? 5 : 0, .room = size + any(2), .family = address.ss_family,
                               .kind = SOCK_STREAM, .reset = (int32_t)any(2), .is_large = size > MESSAGE};
    const int is_welcome = !dial.opening_bytes || memcmp(dial.welcome, "hello", 5) == 0;
    pthread_create(&peer.thread, NULL, accept_clients, &peer);
    int64_t done = udstui_connect(&job, &dial);
    check_count(&job, done);
    for (int64_t each = 1; each < done; each++)
        check(job.stamps[each] >= job.stamps[each - 1], "stamps rise");
    check(done <= 0 || dial.connect_ns + dial.opening_ns + dial.exchange_ns + dial.close_ns ==
          job.ended_ns - job.started_ns, "the parts add up");
    check(peer.likes || (is_welcome ? done > 0 : done == -EPROTO), "an echo answers as it should");
    check(peer.likes || done < 0 || memcmp(job.payload, job.answer, (size_t)size) == 0, "the echo is what was sent");
    shutdown(peer.door.listener, SHUT_RDWR);
    pthread_join(peer.thread, NULL);
    check(peer.likes || done < 0 || peer.door.accepted == done, "all were accepted");
    close(peer.door.listener);
    free(buffer);
    free_job(&job);
}

static void *answer_packets(void *given)
{
    struct peer *peer = given;
    const int64_t room = HEAD_BYTES + pick(&peer->seed, 5000);
    char *buffer = malloc((size_t)room);
    if (peer->likes)
        answer_as_it_likes(peer, peer->reading, peer->sending);
    else
        udstui_answer_packets(peer->reading, peer->sending, buffer, room, 0);
    free(buffer);
    close(peer->sending);
    if (peer->reading != peer->sending)
        close(peer->reading);
    return NULL;
}

/* A head before a payload that is as long as the job says. */
static struct udstui_packets a_packet(struct udstui_job *job, int64_t most_writes)
{
    struct udstui_packets packets = {.payload = (char *)(uintptr_t)job->payload, .is_stamped = (int32_t)any(2),
                                     .writes = (int32_t)(1 + any((unsigned)most_writes))};
    if (job->size_bytes + 1 < HEAD_BYTES + packets.writes)
        packets.writes = 1;
    const struct head head = {.bytes = (uint32_t)job->size_bytes, .writes = (uint16_t)packets.writes,
                              .is_stamped = (uint16_t)packets.is_stamped};
    memcpy(packets.payload, &head, sizeof head);
    return packets;
}

static void packets(void)
{
    int there[2], back[2], is_pipe = any(3) == 0;
    struct peer peer = {.likes = any(3) == 0, .seed = any(1 << 20)};
    const struct timeval patience = {peer.likes ? 0 : 60, 5000};
    if (is_pipe) {
        peer.likes = 0; /* a pipe that blocks knows no patience */
        check(pipe(there) == 0 && pipe(back) == 0, "pipes");
    } else {
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, there) == 0, "a pair");
        setsockopt(there[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(there[1], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        back[0] = there[1], back[1] = there[0];
    }
    struct udstui_job job = a_job(HEAD_BYTES + any(any(4) ? 5000 : MOST), peer.likes ? 5 * MS : LONG_NS);
    struct udstui_packets sent = a_packet(&job, MOST_WRITES);
    peer.reading = there[0], peer.sending = back[1], job.reading = back[0], job.sending = there[1];
    pthread_create(&peer.thread, NULL, answer_packets, &peer);
    int64_t done = udstui_packet_trips(&job, &sent);
    check_count(&job, done);
    check(peer.likes || done > 0, "packets are answered");
    check(done <= 0 || !sent.is_stamped || sent.there_ns + sent.back_ns == job.ended_ns - job.started_ns,
          "both ways add up");
    close(job.sending);
    if (is_pipe)
        close(job.reading);
    pthread_join(peer.thread, NULL);
    free_job(&job);
}

static void *serve_queue(void *given)
{
    struct peer *peer = given;
    char *buffer = malloc(MESSAGE);
    int64_t served = 0;
    for (int left = 1 + (int)pick(&peer->seed, 9); peer->likes && left && served >= 0; left--) {
        served = udstui_queue_take(&peer->queue, buffer, 1 + pick(&peer->seed, MESSAGE));
        if (served > 0)
            served = udstui_queue_put(&peer->queue, buffer, pick(&peer->seed, MESSAGE));
    }
    if (!peer->likes)
        served = peer->which == 0   ? udstui_queue_echo(&peer->queue, buffer, MESSAGE)
                 : peer->which == 1 ? udstui_queue_answer_packets(&peer->queue, buffer, MESSAGE)
                                    : udstui_queue_discard(&peer->queue, buffer, MESSAGE, 0);
    check(served != -EINTR && (peer->likes || served >= 0), "a client that behaves is served to its end");
    udstui_queue_end(&peer->queue, 1);
    free(buffer);
    return NULL;
}

/* Both ends of a new queue. 0 where the machine has none. */
static int make_queue(int ends[2])
{
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 1 + any(8), .mq_msgsize = MESSAGE};
    snprintf(name, sizeof name, "/fuzz-%d-%u", (int)getpid(), any(1 << 24));
    ends[0] = (int)mq_open(name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes);
    ends[1] = (int)mq_open(name, O_WRONLY | O_CLOEXEC);
    mq_unlink(name);
    return ends[0] >= 0 && ends[1] >= 0;
}

static void queues(void)
{
    int there[2], back[2], doors[2];
    if (!make_queue(there))
        return;
    check(make_queue(back) && socketpair(AF_UNIX, SOCK_STREAM, 0, doors) == 0, "a second queue");
    struct peer peer = {.likes = any(3) == 0, .which = (int)any(3), .seed = any(1 << 20)};
    const int64_t patience_ns = peer.likes ? 5 * MS : LONG_NS;
    char *ours = malloc(MESSAGE), *theirs = malloc(MESSAGE);
    const struct udstui_queue near = {.buffer = ours, .room = MESSAGE, .patience_ns = patience_ns, .reading = back[0],
                                      .sending = there[1], .door = doors[0]};
    peer.queue = (struct udstui_queue){.buffer = theirs, .room = MESSAGE, .reading = there[0], .sending = back[1],
                                       .door = doors[1]};
    struct udstui_job job = a_job(HEAD_BYTES + any(MESSAGE - HEAD_BYTES), patience_ns);
    struct udstui_packets sent = a_packet(&job, 1);
    pthread_create(&peer.thread, NULL, serve_queue, &peer);
    int64_t done = peer.which == 0   ? udstui_queue_ping_pong(&job, &near)
                   : peer.which == 1 ? udstui_queue_packet_trips(&job, &sent, &near)
                                     : udstui_queue_bulk_send(&job, &near);
    check_count(&job, done);
    check(peer.likes || done > 0, "messages are answered");
    check(peer.likes || peer.which || memcmp(job.payload, job.answer, (size_t)job.size_bytes) == 0,
          "the echo is what was sent");
    udstui_queue_end(&near, peer.likes);
    shutdown(doors[0], SHUT_RDWR); /* who gets no end sees by this that nobody is there */
    pthread_join(peer.thread, NULL);
    const int all[] = {there[0], there[1], back[0], back[1], doors[0], doors[1]};
    for (int each = 0; each < 6; each++)
        close(all[each]);
    free(ours);
    free(theirs);
    free_job(&job);
}

/* What a caller can get wrong without lying about its memory. */
void refused(void)
{
    char byte = 0;
    int64_t stamp;
    struct udstui_job empty = {0}, job = {.stamps = &stamp, .capacity = 1, .payload = &byte, .answer = &byte};
    struct udstui_dial dial = {0};
    struct udstui_packets none = {0};
    struct udstui_door door = {.listener = -1};
    const struct udstui_queue closed = {.buffer = &byte, .room = 1, .reading = -1, .sending = -1, .door = -1};
    const int64_t answers[] = {
        udstui_connect(NULL, &dial), udstui_connect(&empty, &dial), udstui_connect(&job, NULL),
        udstui_connect(&job, &dial), udstui_accept(NULL), udstui_accept(&door),
        udstui_packet_trips(NULL, &none), udstui_packet_trips(&job, NULL), udstui_packet_trips(&job, &none),
        udstui_answer_packets(-1, -1, &byte, 1, 0), udstui_queue_ping_pong(NULL, &closed),
        udstui_queue_ping_pong(&job, NULL), udstui_queue_bulk_send(&job, &closed),
        udstui_queue_packet_trips(&job, &none, &closed), udstui_queue_put(&closed, &byte, 1),
        udstui_queue_put(NULL, &byte, 1), udstui_queue_take(&closed, &byte, 1), udstui_queue_end(NULL, 1),
        udstui_queue_echo(&closed, &byte, 1), udstui_queue_answer_packets(&closed, &byte, 1),
        udstui_queue_discard(&closed, &byte, 1, -1),
    };
    for (size_t each = 0; each < sizeof answers / sizeof *answers; each++)
        check(answers[each] == UDSTUI_BAD_ARGUMENT, "what cannot be is refused");
}

void one_round(int left)
{
    (void)left;
    connections();
    packets();
    queues();
}
