/* Connections of one operation each: connect, an opening, a packet or a request and its answer, close; and the server
 * that accepts them. */
#include "wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { THREAD_BUFFER_BYTES = 64 * 1024, THREAD_STACK_BYTES = 64 * 1024 };

/* Bare calls, as those of wire.h: the library's look out for cancellation in a process with a second thread. */
#if defined(SYS_accept4) && defined(SYS_connect) && !defined(__SANITIZE_ADDRESS__)
#define ACCEPT(number) (int)syscall(SYS_accept4, number, NULL, NULL, SOCK_CLOEXEC)
#define CONNECT(number, address, bytes) (int)syscall(SYS_connect, number, address, bytes)
#define CLOSE(number) (void)syscall(SYS_close, number)
#else
#define ACCEPT(number) accept4(number, NULL, NULL, SOCK_CLOEXEC)
#define CONNECT(number, address, bytes) connect(number, address, bytes)
#define CLOSE(number) (void)close(number)
#endif

/* What both ends ask of a new connection. 0 or minus an errno. */
static int64_t set_options(int number, const struct udstui_option *options, int64_t count)
{
    for (const struct udstui_option *option = options; option < options + count; option++)
        if (RARE(setsockopt(number, option->level, option->name, option->value, (socklen_t)option->bytes) < 0))
            return -errno;
    return 0;
}

/* A connected socket, or minus an errno. */
INLINE int64_t open_one(const struct udstui_dial *dial)
{
    int number = socket(dial->family, dial->kind | SOCK_CLOEXEC, 0);
    if (RARE(number < 0))
        return -errno;
    int64_t problem = set_options(number, dial->options, dial->option_count);
    while (!problem && RARE(CONNECT(number, dial->address, (socklen_t)dial->address_bytes) < 0))
        if (errno != EINTR) /* called again, it waits on */
            problem = -errno;
    if (RARE(problem)) {
        CLOSE(number);
        return problem;
    }
    return number;
}

/* What the other side wants to hear before anything else, and what it answers. */
static int64_t speak_opening(const struct udstui_job *job, const struct udstui_dial *dial, int number)
{
    char heard[UDSTUI_WELCOME_BYTES];
    const struct udstui_job one = {
        .payload = dial->opening, .size_bytes = dial->opening_bytes, .answer = heard,
        .answer_bytes = dial->welcome_bytes, .patience_ns = job->patience_ns, .reading = number, .sending = number,
    };
    int64_t problem = udstui_complete(&one, 0, 0, 0, now_ns() + job->longest_ns);
    return problem ? problem : RARE(memcmp(heard, dial->welcome, (size_t)dial->welcome_bytes)) ? -EPROTO : 0;
}

/* The rest of one operation. An answer is longer if there is more of it by then. */
static int64_t complete(const struct udstui_job *job, const struct udstui_dial *dial, int number, int64_t sent,
                        int64_t received)
{
    char more;
    struct udstui_job one = *job;
    one.reading = one.sending = number;
    int64_t problem = udstui_complete(&one, dial->is_large, sent, received, now_ns() + job->longest_ns);
    return !problem && recv(number, &more, 1, MSG_DONTWAIT) > 0 ? UDSTUI_NOT_WHOLE : problem;
}

/* What a call that moved nothing means: 0 to call again, or what the loop returns. */
static int64_t problem_of(int64_t count)
{
    if (count > 0 || count == -EINTR)
        return 0;
    return !count ? UDSTUI_CLOSED : would_block(count) ? UDSTUI_STUCK : count;
}

/* A payload and its answer that did not go in two calls. */
static __attribute__((noinline)) int64_t exchange_rest(const struct udstui_job *job, const struct udstui_dial *dial,
                                                       int number, int64_t sent, int64_t received)
{
    int64_t problem = problem_of(sent);
    if (!problem && sent == job->size_bytes)
        problem = received > job->answer_bytes ? UDSTUI_NOT_WHOLE : problem_of(received);
    return problem ? problem : complete(job, dial, number, sent < 0 ? 0 : sent, received < 0 ? 0 : received);
}

/* What comes back for a larger payload is read while it is written, or both sides wait for each other. */
static __attribute__((noinline)) int64_t exchange_large(const struct udstui_job *job, const struct udstui_dial *dial,
                                                        int number)
{
    return fcntl(number, F_SETFL, O_NONBLOCK) < 0 ? -errno : complete(job, dial, number, 0, 0);
}

INLINE int64_t exchange(const struct udstui_job *job, const struct udstui_dial *dial, int number)
{
    if (dial->is_large)
        return exchange_large(job, dial, number);
    int64_t sent = put(number, job->payload, job->size_bytes, 1), received = 0;
    if (sent == job->size_bytes)
        received = take(number, job->answer, dial->room, 1);
    return RARE(received != job->answer_bytes) ? exchange_rest(job, dial, number, sent, received) : 0;
}

static int64_t check(const struct udstui_job *job, const struct udstui_dial *dial)
{
    if (!has_stamps(job) || !dial || !dial->address || dial->address_bytes <= 0 || dial->option_count < 0 ||
        (dial->option_count && !dial->options) || !is_time(job->patience_ns) || !is_time(job->longest_ns) ||
        !job->size_bytes != !job->answer_bytes || dial->room < job->answer_bytes ||
        (job->size_bytes && (!is_size(job->size_bytes) || !is_size(job->answer_bytes) || !job->payload || !job->answer)))
        return UDSTUI_BAD_ARGUMENT;
    if (dial->opening_bytes && (!is_size(dial->opening_bytes) || !dial->opening || !is_size(dial->welcome_bytes) ||
                                !dial->welcome || dial->welcome_bytes > UDSTUI_WELCOME_BYTES))
        return UDSTUI_BAD_ARGUMENT;
    return 0;
}

/* What is said on a connection that was made, up to its close: 0 or what went wrong. `moments` takes when the opening
 * and the exchange had ended. */
INLINE int64_t converse(const struct udstui_job *job, const struct udstui_dial *dial, int number, int64_t *moments)
{
    int64_t problem;
    if (dial->opening_bytes) {
        if (RARE(problem = speak_opening(job, dial, number)))
            return problem;
        moments[0] = now_ns();
    }
    if (job->size_bytes && RARE(problem = exchange(job, dial, number)))
        return problem;
    moments[1] = now_ns();
    return 0;
}

/* Connect, speak the opening if there is one, send the payload, wait until all of its answer has come, close, again;
 * without a payload, connect and close. A look at the clock after each part tells them apart. Where no port is left,
 * the loop ends with what it has. */
int64_t udstui_connect(struct udstui_job *job, struct udstui_dial *dial)
{
    int64_t problem = check(job, dial), done = 0, now, connected, number, ended[2];
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (problem)
        return problem;
    dial->connect_ns = dial->opening_ns = dial->exchange_ns = dial->close_ns = 0;
    job->started_ns = now = now_ns();
    const int64_t deadline = now + job->duration_ns;
    do {
        job->done = (int32_t)done;
        number = open_one(dial);
        if (RARE(number < 0)) {
            if (number == -EADDRNOTAVAIL && done)
                break;
            return would_block(number) || number == -EINPROGRESS ? UDSTUI_STUCK : number;
        }
        ended[0] = connected = now_ns();
        if (RARE(problem = converse(job, dial, (int)number, ended))) {
            CLOSE((int)number);
            job->done++;
            return problem;
        }
        if (dial->reset)
            setsockopt((int)number, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        CLOSE((int)number);
        dial->connect_ns += connected - now;
        dial->opening_ns += ended[0] - connected;
        dial->exchange_ns += ended[1] - ended[0];
        job->stamps[done++] = now = now_ns();
        dial->close_ns += now - ended[1];
    } while (now < deadline && done < job->capacity);
    job->ended_ns = now;
    return done;
}

/* Return to a client what it sends, and close when it has no more to say. */
INLINE void serve(int number, char *buffer, int64_t room)
{
    int64_t count, sent, more;
    while ((count = take(number, buffer, room, 1)) > 0 || count == -EINTR)
        for (sent = 0; sent < count; sent += more)
            if (RARE((more = put(number, buffer + sent, count - sent, 1)) < 0)) {
                if (more != -EINTR) {
                    CLOSE(number);
                    return;
                }
                more = 0;
            }
    CLOSE(number);
}

static void *serve_in_thread(void *argument)
{
    char *buffer = malloc(THREAD_BUFFER_BYTES);
    if (buffer)
        serve((int)(intptr_t)argument, buffer, THREAD_BUFFER_BYTES);
    else
        CLOSE((int)(intptr_t)argument);
    free(buffer);
    return NULL;
}

/* Whether the process that connected is this user's; sockets that do not tell are not asked. */
INLINE int is_welcome(int number, int64_t uid)
{
    struct ucred caller;
    socklen_t bytes = sizeof caller;
    return uid < 0 || (getsockopt(number, SOL_SOCKET, SO_PEERCRED, &caller, &bytes) == 0 && caller.uid == uid);
}

static int64_t accept_all(struct udstui_door *door, const pthread_attr_t *detached)
{
    for (;;) {
        pthread_t thread;
        int number = ACCEPT(door->listener);
        if (RARE(number < 0)) {
            if (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN || errno == EPROTO)
                continue;
            return -errno;
        }
        if (RARE(!is_welcome(number, door->uid))) {
            CLOSE(number);
            continue;
        }
        atomic_fetch_add_explicit((_Atomic int64_t *)&door->accepted, 1, memory_order_relaxed);
        if (RARE(door->option_count && set_options(number, door->options, door->option_count)))
            CLOSE(number);
        else if (!door->each)
            serve(number, door->buffer, door->room);
        else if (pthread_create(&thread, detached, serve_in_thread, (void *)(intptr_t)number))
            CLOSE(number);
    }
}

/* Accept clients and echo to each what it sends until it closes: one after the other in this thread, or each in one of
 * its own. Returns minus an errno when nobody can be accepted any more. */
int64_t udstui_accept(struct udstui_door *door)
{
    pthread_attr_t detached;
    if (!door || door->listener < 0 || !door->buffer || !is_size(door->room) || door->option_count < 0)
        return UDSTUI_BAD_ARGUMENT;
    if (pthread_attr_init(&detached))
        return -ENOMEM;
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, THREAD_STACK_BYTES);
    int64_t problem = accept_all(door, &detached);
    pthread_attr_destroy(&detached);
    return problem;
}
