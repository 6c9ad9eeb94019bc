/* Clients whose operations overlap, all of them driven by one epoll: what multiplexed.c and open_loop.c share. */
#ifndef UDSTUI_CLIENTS_H
#define UDSTUI_CLIENTS_H

#include "wire.h"

#include <sys/epoll.h>

struct clients {
    struct udstui_job *job;
    struct udstui_seat *seats;
    struct udstui_schedule *schedule; /* of an open loop */
    int64_t count;
    int64_t next;                     /* of the schedule: the first operation that was not due yet */
    int64_t done;
    int64_t under_way;
    int64_t served;                   /* seats with enough operations */
    int64_t deadline_ns;
    int64_t last_ns;                  /* since when no operation begins; 0 while some do */
    int64_t now;
    int64_t stopped_ns;               /* for how long this process was: what is due since is due so much later */
    int64_t progress_ns;
    int64_t looked_ns;                /* when parts of answers were looked at, whether they are whole ones */
    int poller;
    int sockets;
    int is_sending_only;
};

enum { MOST_EVENTS = 256, SENDING = 1 };

/* An event tells the seat, and whether it came from a descriptor for sending alone. */
static inline uint64_t tag(int64_t index, int is_sending)
{
    return (uint64_t)index << 1 | (uint64_t)is_sending;
}

static inline int64_t watch(struct clients *clients, int operation, int number, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(clients->poller, operation, number, &event) < 0 ? -errno : 0;
}

/* Besides what comes, tell when there is room to send; or no longer. */
static inline int64_t watch_room(struct clients *clients, int64_t index, int is_wanted)
{
    struct udstui_seat *seat = &clients->seats[index];
    if (seat->sending == seat->reading)
        return watch(clients, EPOLL_CTL_MOD, seat->reading, is_wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, tag(index, 0));
    return watch(clients, is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, seat->sending, EPOLLOUT, tag(index, SENDING));
}

/* Send as much of the packet as is taken at once. */
static inline int64_t send_some(struct clients *clients, struct udstui_seat *seat)
{
    int64_t count = put(seat->sending, clients->job->payload + seat->sent, clients->job->size_bytes - seat->sent,
                        clients->sockets);
    if (count < 0)
        return would_block(count) || count == -EINTR ? 0 : count;
    seat->sent += count;
    seat->moved_bytes += count;
    clients->progress_ns = clients->now;
    return 0;
}

/* Begin an operation, of which seat->began_ns says when. */
static inline int64_t send_first(struct clients *clients, int64_t index)
{
    struct udstui_seat *seat = &clients->seats[index];
    seat->sent = seat->received = 0;
    clients->under_way++;
    int64_t problem = send_some(clients, seat);
    if (!problem && seat->sent < clients->job->size_bytes)
        problem = watch_room(clients, index, 1);
    return problem;
}

/* Go on with an operation, if one is under way: 1 when all is sent and answered, 0 when not yet, or what is wrong. */
static inline int64_t go_on(struct clients *clients, int64_t index, uint32_t events, int is_room_only)
{
    struct udstui_seat *seat = &clients->seats[index];
    const struct udstui_job *job = clients->job;
    int64_t problem = 0;
    if (RARE(!seat->began_ns)) /* others are waited for */
        return 0;
    if (seat->sent < job->size_bytes && (is_room_only || events & EPOLLOUT)) {
        if ((problem = send_some(clients, seat)))
            return problem;
        if (seat->sent == job->size_bytes && (problem = watch_room(clients, index, 0)))
            return problem;
    }
    if (!is_room_only && seat->received < job->answer_bytes && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        int64_t count = take(seat->reading, seat->answer + seat->received, room_for_answer(job) - seat->received,
                             clients->sockets);
        if (count == 0)
            return UDSTUI_CLOSED;
        if (count < 0)
            return would_block(count) || count == -EINTR ? 0 : count;
        seat->received += count;
        clients->progress_ns = clients->now;
        if (RARE(seat->received > job->answer_bytes))
            return UDSTUI_NOT_WHOLE;
    }
    return seat->received == job->answer_bytes && seat->sent == job->size_bytes;
}

/* How long to wait: not beyond the moment at which parts of answers are looked at. */
static inline int64_t until_look_ns(const struct clients *clients, int64_t wait_ns)
{
    return clients->job->is_whole && wait_ns > QUIET_NS ? QUIET_NS : wait_ns;
}

/* Now and then: whether a part of an answer is a whole one of another length, which nothing more would come of. */
static inline int64_t look_at_parts(struct clients *clients)
{
    const struct udstui_job *job = clients->job;
    if (!job->is_whole || clients->now - clients->looked_ns < QUIET_NS)
        return 0;
    clients->looked_ns = clients->now;
    for (int64_t index = 0; index < clients->count; index++) {
        const struct udstui_seat *seat = &clients->seats[index];
        if (seat->began_ns && seat->received && seat->sent == job->size_bytes && job->is_whole(index, seat->received))
            return UDSTUI_NOT_WHOLE;
    }
    return 0;
}

#endif
