#include "fuzz.h"

#include <pthread.h>

struct ends {
    int ours[2], theirs[2]; /* reading, sending */
    int has_messages;
};

struct peer {
    pthread_t thread;
    int wire[2];
    unsigned seed;
    int play;
    int wait; /* as in wire.h: 0 blocks, 1 spins, 2 polls */
};

struct ends connect_ends(void);
void set_mode(const int wire[2], int blocks);
void set_patience(int number, int ms);
void close_both(const int wire[2]);
/* Have a thread play the other end. */
void start(struct peer *peer, const struct ends *ends);
