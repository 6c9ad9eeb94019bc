/* The library as its callers see it. The records lie as in structures.py and turn_record.py, the functions as in
 * binding.py. */
#ifndef UDSTUI_LOOPS_H
#define UDSTUI_LOOPS_H

#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/* A loop returns a count, or minus an errno, or one of these, which are below any of Linux's. */
enum {
    UDSTUI_CLOSED = -10001,      /* the other side closed in the middle of an operation */
    UDSTUI_STUCK = -10002,       /* nothing moved for longer than the patience */
    UDSTUI_TOO_SLOW = -10003,    /* one operation took longer than the longest allowed */
    UDSTUI_BAD_ARGUMENT = -10004,
    UDSTUI_NOT_WHOLE = -10005,   /* a receive got fewer bytes, or more, than come at once */
    UDSTUI_DIFFERS = -10006,     /* an echo is not what was sent */
};

/* One call of a loop on one connection. */
struct udstui_job {
    const char *payload;  /* what one operation sends: size_bytes */
    char *answer;         /* where what comes back goes: answer_bytes */
    int64_t *stamps;      /* room for `capacity` operations: the end of each, or how long it took where they overlap */
    int64_t size_bytes;
    int64_t answer_bytes;
    int64_t capacity;
    int64_t enough;       /* with many connections: so many operations on each are waited for, up to overrun_ns */
    int64_t lead_in_ns;   /* of round trips on one connection: how long others come before, untimed; 0 for none */
    int64_t duration_ns;  /* no operation begins when so much time has passed */
    int64_t overrun_ns;   /* and one that was begun is given up so much later, where that can be */
    int64_t drain_ns;     /* with many round trips: how long those under way at the end are waited for */
    int64_t patience_ns;  /* how long nothing may move */
    int64_t longest_ns;   /* how long one operation may take, with whatever progress */
    int64_t started_ns;   /* set by the loop */
    int64_t ended_ns;     /* set by the loop */
    int32_t reading;      /* the descriptors: one and the same for a socket */
    int32_t sending;
    int32_t spin;         /* ask again and again instead of waiting in the kernel */
    int32_t done;         /* set by round trips that fail: how many had ended, if the other side closed after them;
                           * and by connections of one operation: how many were made */

    /* Whether so many bytes are a whole answer, though not of the usual length; asked when a part has come and nothing
     * more does for a moment. Then the loop ends with UDSTUI_NOT_WHOLE, as with a longer one, for a byte of which there
     * has to be room. NULL where answers are of one length for sure. */
    int64_t (*is_whole)(int64_t seat, int64_t received);
};

/* What was used until one moment; -1 where that is not known. */
struct udstui_usage {
    int64_t clock_ns;
    int64_t client_cpu_ns; /* of this thread */
    int64_t server_cpu_ns; /* by the clock of its process */
    int64_t voluntary_switches; /* of this process */
    int64_t involuntary_switches;
};

/* One of several lanes has its turn. */
struct udstui_turn {
    struct udstui_job job;      /* but for the stamps and the room for them */
    struct udstui_usage before; /* set, as the two below */
    struct udstui_usage after;
    int64_t operations;         /* or what the loop returned instead */
    int64_t server_clock;       /* a clockid_t */
    int64_t is_polled;
    int64_t doubled_median_ns;  /* set by udstui_tell_turns: twice the median, which may lie between two durations */
};

/* One connection, and how far it is with its operation. */
struct udstui_seat {
    char *answer;        /* where its answers go: answer_bytes of the job */
    int64_t began_ns;    /* when the operation that is under way began; 0 where none is */
    int64_t first_ns;    /* when the first one of this call began, or of the call before if it was under way */
    int64_t ended_ns;    /* when the last one ended in this call; 0 where none did */
    int64_t sent;        /* of that operation */
    int64_t received;    /* of that operation */
    int64_t operations;  /* that ended, in this call */
    int64_t moved_bytes; /* sent in this call */
    int32_t reading;
    int32_t sending;
};

/* One option of setsockopt(2). */
struct udstui_option {
    const void *value;
    int32_t level;
    int32_t name;
    int64_t bytes;
};

/* How a connection of one operation is made, and how long its parts took altogether. */
struct udstui_dial {
    const void *address;                 /* a sockaddr: address_bytes */
    const struct udstui_option *options; /* set before connecting: option_count */
    const char *opening;                 /* said on each connection before the payload: opening_bytes, 0 for nothing */
    const char *welcome;                 /* and answered with this: welcome_bytes, UDSTUI_WELCOME_BYTES at most */
    int64_t address_bytes;
    int64_t option_count;
    int64_t opening_bytes;
    int64_t welcome_bytes;
    int64_t room;       /* for the answer, and for a byte more where a longer one would be an error */
    int64_t connect_ns; /* set by the loop, as the three below: the sum over its operations */
    int64_t opening_ns;
    int64_t exchange_ns;
    int64_t close_ns;
    int32_t family;
    int32_t kind;
    int32_t reset;    /* close with a reset, which leaves no port waiting */
    int32_t is_large; /* the payload does not fit the buffers on the way */
};

enum { UDSTUI_WELCOME_BYTES = 64 };

/* How packets with a head are sent: see packets.c. */
struct udstui_packets {
    char *payload;      /* size_bytes of the job: a head, whose clock is set before each is sent, and the rest */
    int64_t there_ns;   /* set by the loop: the sum over its operations */
    int64_t back_ns;
    int32_t writes;     /* that each is sent in */
    int32_t is_stamped; /* stamps are ways there, by the clock of both ends */
};

/* Where clients are accepted. */
struct udstui_door {
    char *buffer;                        /* for what is echoed: room */
    const struct udstui_option *options; /* set on what is accepted: option_count */
    int64_t room;
    int64_t option_count;
    int64_t uid;      /* of the clients that are served; -1 is any */
    int64_t accepted; /* counted while it runs: the clients that were served */
    int32_t listener;
    int32_t each;     /* a thread for each client */
};

/* When the operations of an open loop are due, and what becomes of them. */
struct udstui_schedule {
    const int64_t *due_ns; /* since the start: `count` moments that do not fall */
    int64_t *service;      /* room for as many: how long each took since it was sent, as the stamps lie */
    int64_t *lateness;     /* room for as many: how late each was sent for which nothing was in the way but us */
    int64_t count;
    int64_t overshoot_ns;  /* so long before a moment the loop no longer sleeps, but spins; 0: never */
    int64_t sent;          /* set by the loop */
    int64_t backlog;       /* set by the loop: how many were due and not sent when duration_ns had passed */
};

enum { UDSTUI_BUCKETS = 4992, UDSTUI_PERCENTILES = 4 };

/* The figures of an interval: see summarise.c. */
struct udstui_summary {
    int64_t min_ns, max_ns, sum_ns;
    int64_t percentiles_ns[UDSTUI_PERCENTILES]; /* 50, 90, 99, 99.9; -1 where too few samples lie beyond */
    int64_t used;                               /* how many buckets hold anything */
    int64_t buckets[UDSTUI_BUCKETS];            /* these, rising */
    int64_t counts[UDSTUI_BUCKETS];             /* and how many each of them holds */
};

enum { UDSTUI_RING_BYTES = 256 * 1024, UDSTUI_RINGS_AT = 4096 };

/* Memory that both ends of a connection map: UDSTUI_RINGS_AT bytes of counts, and a ring each way behind them. */
struct udstui_shared {
    char *memory;
    int64_t patience_ns; /* how long nothing may move; 0 is for ever */
    int32_t side;        /* 0 for who made it, 1 for the other */
    int32_t door;        /* a socket between both ends: when it ends, the other one is gone */
    int32_t spin;
    int32_t reserved;
};

/* One end of two message queues. */
struct udstui_queue {
    char *buffer; /* for what is received: room, which the largest message of the queue fits into */
    int64_t room;
    int64_t patience_ns; /* how long nothing may move; 0 is for ever */
    int32_t reading;
    int32_t sending;
    int32_t door; /* a socket between both ends: when it ends, the other one is gone */
    int32_t reserved;
};

enum { UDSTUI_NOTHING, UDSTUI_TEXT, UDSTUI_WHOLE, UDSTUI_REAL };

/* One column of a CSV file, and what is wanted of it. */
struct udstui_column {
    void *values;      /* of whole numbers int64_t, of real ones double; -1 for an empty cell; NULL for other columns */
    int64_t least;     /* that a whole number may be */
    int64_t filled;    /* set: how many of its cells are not empty */
    int32_t kind;      /* one of the four above */
    int32_t is_needed; /* no cell may be empty */
};

/* Rows of a CSV file: see csv.c. */
struct udstui_rows {
    struct udstui_column *columns; /* width, as many as each row has cells */
    int64_t *alike;                /* set: for each row the first one that has the same texts */
    int64_t *starts;               /* set: where each row begins, and where the last one ends */
    int64_t width;
    int64_t capacity;
};

/* Each is explained where it is defined. */
EXPORT uint32_t udstui_fingerprint(void);
EXPORT int64_t udstui_ping_pong(struct udstui_job *job);
EXPORT int64_t udstui_polled_ping_pong(struct udstui_job *job);
EXPORT int64_t udstui_exchange(struct udstui_job *job);
EXPORT int64_t udstui_take_turns(struct udstui_turn *turns, int64_t count, int64_t *stamps, int64_t capacity);
EXPORT int64_t udstui_tell_turns(struct udstui_turn *turns, int64_t count);
EXPORT int64_t udstui_bulk_send(struct udstui_job *job);
EXPORT int64_t udstui_polled_bulk_send(struct udstui_job *job);
EXPORT int64_t udstui_send_ahead(const struct udstui_job *job, int64_t bytes, int is_polled);
EXPORT int64_t udstui_many_round_trips(struct udstui_job *job, struct udstui_seat *seats, int64_t count);
EXPORT int64_t udstui_many_sends(struct udstui_job *job, struct udstui_seat *seats, int64_t count);
EXPORT int64_t udstui_open_loop(struct udstui_job *job, struct udstui_seat *seats, int64_t count,
                                struct udstui_schedule *schedule);
EXPORT int64_t udstui_overshoot(int64_t sleep_ns, int64_t times);
EXPORT int64_t udstui_echo(int reading, int sending, char *buffer, int64_t room, int wait);
EXPORT int64_t udstui_sink(int reading, int sending, char *buffer, int64_t room, int wait, int64_t lead_in_bytes);
EXPORT int64_t udstui_four_calls(struct udstui_job *job, int their_reading, int their_sending);
EXPORT int64_t udstui_no_calls(struct udstui_job *job);
EXPORT int64_t udstui_connect(struct udstui_job *job, struct udstui_dial *dial);
EXPORT int64_t udstui_packet_trips(struct udstui_job *job, struct udstui_packets *packets);
EXPORT int64_t udstui_answer_packets(int reading, int sending, char *buffer, int64_t room, int spin);
EXPORT int64_t udstui_accept(struct udstui_door *door);
EXPORT int64_t udstui_shared_ping_pong(struct udstui_job *job, const struct udstui_shared *shared);
EXPORT int64_t udstui_shared_bulk_send(struct udstui_job *job, const struct udstui_shared *shared);
EXPORT int64_t udstui_shared_put(const struct udstui_shared *shared, const char *from, int64_t bytes);
EXPORT int64_t udstui_shared_take(const struct udstui_shared *shared, char *into, int64_t most);
EXPORT int64_t udstui_shared_end(const struct udstui_shared *shared, int leave);
EXPORT int64_t udstui_shared_echo(const struct udstui_shared *shared, char *buffer, int64_t room);
EXPORT int64_t udstui_shared_discard(const struct udstui_shared *shared, char *buffer, int64_t room, int64_t enough);
EXPORT int64_t udstui_queue_ping_pong(struct udstui_job *job, const struct udstui_queue *queue);
EXPORT int64_t udstui_queue_bulk_send(struct udstui_job *job, const struct udstui_queue *queue);
EXPORT int64_t udstui_queue_packet_trips(struct udstui_job *job, struct udstui_packets *packets,
                                         const struct udstui_queue *queue);
EXPORT int64_t udstui_queue_put(const struct udstui_queue *queue, const char *from, int64_t bytes);
EXPORT int64_t udstui_queue_take(const struct udstui_queue *queue, char *into, int64_t most);
EXPORT int64_t udstui_queue_end(const struct udstui_queue *queue, int leave);
EXPORT int64_t udstui_queue_echo(const struct udstui_queue *queue, char *buffer, int64_t room);
EXPORT int64_t udstui_queue_answer_packets(const struct udstui_queue *queue, char *buffer, int64_t room);
EXPORT int64_t udstui_queue_discard(const struct udstui_queue *queue, char *buffer, int64_t room, int64_t enough);
EXPORT int64_t udstui_summarise(const int64_t *stamps, int64_t count, int64_t before, int are_durations,
                                struct udstui_summary *summary);
EXPORT int64_t udstui_read_rows(const char *text, int64_t size_bytes, struct udstui_rows *rows);
EXPORT int64_t udstui_places(const int64_t *alike, const int64_t *lanes, int64_t rows, int64_t lane, int64_t *places,
                             int64_t capacity);
EXPORT void udstui_pick(const int64_t *values, const int64_t *places, int64_t count, int64_t *picked);

#endif
