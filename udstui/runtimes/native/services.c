/* What the other side does: echo and sink, for one client each, until it closes or shuts down. */
#include "wire.h"

#include <endian.h>

/* Read what there is: in blocking mode one call, else as many as it takes until something comes. 0 is the end. */
INLINE int64_t take_some(int number, char *into, int64_t room, int sockets, enum wait wait)
{
    int64_t count;
    do
        if (wait != POLL || !(count = await_either(number, -1, FOR_EVER)))
            count = take(number, into, room, sockets);
    while (RARE(count == -EINTR || (wait != BLOCK && would_block(count))));
    return count;
}

/* 0 or minus an errno. */
INLINE int64_t put_all(int number, const char *from, int64_t bytes, int sockets, enum wait wait)
{
    int64_t problem;
    for (int64_t sent = 0, count; sent < bytes; sent += count) {
        count = put(number, from + sent, bytes - sent, sockets);
        if (RARE(count < 0)) {
            if (count != -EINTR && (wait == BLOCK || !would_block(count)))
                return count;
            if (wait == POLL && would_block(count) && (problem = await_either(-1, number, FOR_EVER)))
                return problem;
            count = 0;
        }
    }
    return 0;
}

INLINE int64_t echo(int reading, int sending, char *buffer, int64_t room, int sockets, enum wait wait)
{
    int64_t total = 0, count, problem = 0;
    while ((count = take_some(reading, buffer, room, sockets, wait)) > 0) {
        if (RARE(problem = put_all(sending, buffer, count, sockets, wait)))
            return problem;
        total += count;
    }
    return count < 0 ? count : total;
}

/* Read until `enough` bytes are in (0 is all until the end), and return how many there were. */
INLINE int64_t discard(int reading, char *buffer, int64_t room, int64_t enough, int sockets, enum wait wait)
{
    int64_t total = 0, count;
    while (!enough || total < enough) {
        int64_t most = enough && enough - total < room ? enough - total : room;
        count = take_some(reading, buffer, most, sockets, wait);
        if (count <= 0)
            return count < 0 ? count : total;
        total += count;
    }
    return total;
}

static int64_t tell(int sending, int64_t total, int sockets, enum wait wait)
{
    const uint64_t answer = htobe64((uint64_t)total);
    return put_all(sending, (const char *)&answer, sizeof answer, sockets, wait);
}

static int64_t check(int reading, int sending, const char *buffer, int64_t room, int wait)
{
    int64_t problem;
    if (wait < BLOCK || wait > POLL || !buffer || !is_size(room))
        return UDSTUI_BAD_ARGUMENT;
    problem = check_mode(reading, wait == BLOCK);
    return problem ? problem : check_mode(sending, wait == BLOCK);
}

/* A loop of its own for each way to wait and each kind of descriptor, so that none asks which it is. */
#define FOR_EACH_WAY(loop, ...)                                                                                        \
    (wait == POLL   ? (sockets ? loop(__VA_ARGS__, 1, POLL) : loop(__VA_ARGS__, 0, POLL))                              \
     : wait == SPIN ? (sockets ? loop(__VA_ARGS__, 1, SPIN) : loop(__VA_ARGS__, 0, SPIN))                              \
                    : (sockets ? loop(__VA_ARGS__, 1, BLOCK) : loop(__VA_ARGS__, 0, BLOCK)))

/* Return to the client what it sends, as it comes. The number of bytes, or minus an errno when the client is gone.
 * Waiting in poll(2) is how programs with an event loop do it: the kernel is asked before each read. */
int64_t udstui_echo(int reading, int sending, char *buffer, int64_t room, int wait)
{
    int64_t problem = check(reading, sending, buffer, room, wait);
    if (problem)
        return problem;
    const int sockets = is_socket(reading) && is_socket(sending);
    return FOR_EACH_WAY(echo, reading, sending, buffer, room);
}

/* Read and discard, and tell the client at the end how many bytes there were, as eight bytes, big endian; and before,
 * when the lead-in that it announced is in, in the same way. Returns the number of bytes. */
int64_t udstui_sink(int reading, int sending, char *buffer, int64_t room, int wait, int64_t lead_in_bytes)
{
    int64_t problem = check(reading, sending, buffer, room, wait), total = 0, more;
    if (problem || lead_in_bytes < 0)
        return problem ? problem : UDSTUI_BAD_ARGUMENT;
    const int sockets = is_socket(reading) && is_socket(sending);
    if (lead_in_bytes) {
        total = discard(reading, buffer, room, lead_in_bytes, sockets, (enum wait)wait);
        if (total < 0 || (problem = tell(sending, total, sockets, (enum wait)wait)))
            return total < 0 ? total : problem;
    }
    more = FOR_EACH_WAY(discard, reading, buffer, room, 0);
    if (more < 0)
        return more;
    problem = tell(sending, total + more, sockets, (enum wait)wait);
    return problem ? problem : total + more;
}
