/* What the other side does: echo and sink, for one client each, until it closes or shuts down. */
#include "wire.h"

#include <endian.h>

/* Read what there is: in blocking mode one call, else as many as it takes until something comes. 0 is the end. */
INLINE int64_t take_some(int number, char *into, int64_t room, int sockets, int spin)
{
    int64_t count;
    do
        count = take(number, into, room, sockets);
    while (RARE(count == -EINTR || (spin && would_block(count))));
    return count;
}

/* 0 or minus an errno. */
INLINE int64_t put_all(int number, const char *from, int64_t bytes, int sockets, int spin)
{
    for (int64_t sent = 0, count; sent < bytes; sent += count) {
        count = put(number, from + sent, bytes - sent, sockets);
        if (RARE(count < 0)) {
            if (count != -EINTR && !(spin && would_block(count)))
                return count;
            count = 0;
        }
    }
    return 0;
}

INLINE int64_t echo(int reading, int sending, char *buffer, int64_t room, int sockets, int spin)
{
    int64_t total = 0, count, problem = 0;
    while ((count = take_some(reading, buffer, room, sockets, spin)) > 0) {
        if (RARE(problem = put_all(sending, buffer, count, sockets, spin)))
            return problem;
        total += count;
    }
    return count < 0 ? count : total;
}

/* Read until `enough` bytes are in (0 is all until the end), and return how many there were. */
INLINE int64_t discard(int reading, char *buffer, int64_t room, int64_t enough, int sockets, int spin)
{
    int64_t total = 0, count;
    while (!enough || total < enough) {
        int64_t most = enough && enough - total < room ? enough - total : room;
        count = take_some(reading, buffer, most, sockets, spin);
        if (count <= 0)
            return count < 0 ? count : total;
        total += count;
    }
    return total;
}

static int64_t tell(int sending, int64_t total, int sockets, int spin)
{
    const uint64_t answer = htobe64((uint64_t)total);
    return put_all(sending, (const char *)&answer, sizeof answer, sockets, spin);
}

static int64_t check(int reading, int sending, const char *buffer, int64_t room, int spin)
{
    int64_t problem = check_mode(reading, !spin);
    if (!problem)
        problem = check_mode(sending, !spin);
    return !buffer || !is_size(room) ? UDSTUI_BAD_ARGUMENT : problem;
}

/* Return to the client what it sends, as it comes. The number of bytes, or minus an errno when the client is gone. */
int64_t udstui_echo(int reading, int sending, char *buffer, int64_t room, int spin)
{
    int64_t problem = check(reading, sending, buffer, room, spin);
    if (problem)
        return problem;
    if (is_socket(reading) && is_socket(sending))
        return spin ? echo(reading, sending, buffer, room, 1, 1) : echo(reading, sending, buffer, room, 1, 0);
    return spin ? echo(reading, sending, buffer, room, 0, 1) : echo(reading, sending, buffer, room, 0, 0);
}

/* The same, as programs with an event loop do it: the kernel is asked before each read. Nothing blocks. */
int64_t udstui_polled_echo(int reading, int sending, char *buffer, int64_t room)
{
    int64_t problem = check(reading, sending, buffer, room, 1), total = 0, count, sent, part;
    if (problem)
        return problem;
    const int sockets = is_socket(reading) && is_socket(sending);
    for (;;) {
        if ((problem = await_either(reading, -1, FOR_EVER)))
            return problem;
        count = take(reading, buffer, room, sockets);
        if (RARE(count <= 0)) {
            if (count == -EINTR || would_block(count))
                continue;
            return count ? count : total;
        }
        for (sent = 0; sent < count; sent += part) {
            part = put(sending, buffer + sent, count - sent, sockets);
            if (RARE(part < 0)) {
                if (!would_block(part) && part != -EINTR)
                    return part;
                if ((problem = await_either(-1, sending, FOR_EVER)))
                    return problem;
                part = 0;
            }
        }
        total += count;
    }
}

/* Read and discard, and tell the client at the end how many bytes there were, as eight bytes, big endian; and before,
 * when the lead-in that it announced is in, in the same way. Returns the number of bytes. */
int64_t udstui_sink(int reading, int sending, char *buffer, int64_t room, int spin, int64_t lead_in_bytes)
{
    int64_t problem = check(reading, sending, buffer, room, spin), total = 0, more;
    if (problem || lead_in_bytes < 0)
        return problem ? problem : UDSTUI_BAD_ARGUMENT;
    const int sockets = is_socket(reading) && is_socket(sending);
    if (lead_in_bytes) {
        total = discard(reading, buffer, room, lead_in_bytes, sockets, spin);
        if (total < 0 || (problem = tell(sending, total, sockets, spin)))
            return total < 0 ? total : problem;
    }
    if (sockets)
        more = spin ? discard(reading, buffer, room, 0, 1, 1) : discard(reading, buffer, room, 0, 1, 0);
    else
        more = spin ? discard(reading, buffer, room, 0, 0, 1) : discard(reading, buffer, room, 0, 0, 0);
    if (more < 0)
        return more;
    problem = tell(sending, total + more, sockets, spin);
    return problem ? problem : total + more;
}
