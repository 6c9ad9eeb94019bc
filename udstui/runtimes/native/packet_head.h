/* What leads a packet that tells its own length. */
#ifndef UDSTUI_PACKET_HEAD_H
#define UDSTUI_PACKET_HEAD_H

#include <stdint.h>

enum { HEAD_BYTES = 16, MOST_WRITES = 16, LARGEST_BYTES = 64 * 1024 * 1024 };

struct head {
    int64_t clock_ns;
    uint32_t bytes;
    uint16_t writes;
    uint16_t is_stamped;
};

static inline int is_head(const struct head *head)
{
    return head->bytes >= HEAD_BYTES && head->bytes <= LARGEST_BYTES && head->writes >= 1 &&
           head->writes <= MOST_WRITES && head->bytes + 1 >= (uint32_t)HEAD_BYTES + head->writes;
}

#endif
