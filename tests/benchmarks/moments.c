/* How late a loop that only looks at the clock is at moments RATE times a second, for a second, on the core that it is
 * held on: what the machine takes away. Usage: moments CORE RATE. Prints the p99 in ns. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LEAD_IN_NS = 300000000 };

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int rising(const void *left, const void *right)
{
    const int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

int main(int count, char **words)
{
    if (count != 3)
        return 2;
    const int rate = atoi(words[2]);
    int64_t *late = rate > 0 ? calloc((size_t)rate, sizeof *late) : NULL;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(atoi(words[1]), &cores);
    if (!late || sched_setaffinity(0, sizeof cores, &cores))
        return 1;
    const int64_t started_ns = now_ns() + LEAD_IN_NS; /* as the generator's warm-up, in which others leave the core */
    for (int64_t each = 0; each < rate; each++) {
        const int64_t due_ns = started_ns + (2 * each + 1) * 500000000 / rate;
        int64_t now;
        while ((now = now_ns()) < due_ns)
            continue;
        late[each] = now - due_ns;
    }
    qsort(late, (size_t)rate, sizeof *late, rising);
    printf("%lld\n", (long long)late[(int64_t)rate * 99 / 100]);
    return 0;
}
