/* What is made of durations, against the same by sorting them. */
#include "fuzz.h"

#include <stdlib.h>

static int rising(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void figures(void)
{
    static struct udstui_summary summary;
    static const int64_t per_mille[] = {500, 900, 990, 999};
    const int64_t count = 1 + any(any(2) ? 30 : 3000);
    const int bits = 1 + (int)any(62);
    int64_t *durations = malloc((size_t)count * sizeof *durations), total = 0;
    for (int64_t index = 0; index < count; index++) {
        uint64_t value = (uint64_t)any(1 << 24) << 40 ^ (uint64_t)any(1 << 24) << 20 ^ any(1 << 24);
        durations[index] = (int64_t)(value >> (63 - bits) >> 1);
    }
    check(udstui_summarise(durations, count, 0, 1, &summary) == count, "a summary");
    for (int64_t each = 0; each < summary.used; each++) {
        total += summary.counts[each];
        check(!each || summary.buckets[each] > summary.buckets[each - 1], "buckets rise");
        check(summary.buckets[each] < UDSTUI_BUCKETS && summary.counts[each] > 0, "buckets exist and are not empty");
    }
    check(total == count, "buckets hold all");
    qsort(durations, (size_t)count, sizeof *durations, rising);
    check(summary.min_ns == durations[0] && summary.max_ns == durations[count - 1], "extremes");
    for (int each = 0; each < UDSTUI_PERCENTILES; each++) {
        int64_t rank = (count * per_mille[each] + 999) / 1000 - 1;
        int64_t expected = count * (1000 - per_mille[each]) >= 10000 ? durations[rank] : -1;
        check(summary.percentiles_ns[each] == expected, "percentiles are exact");
    }
    durations[any((unsigned)count)] = -1 - (int64_t)any(2) * INT64_MAX;
    check(udstui_summarise(durations, count, 0, 1, &summary) == UDSTUI_BAD_ARGUMENT, "negative durations are refused");
    udstui_summarise(durations, count, INT64_MIN, 0, &summary);
    udstui_summarise(durations, any(2) ? 0 : INT64_MIN, 0, 1, &summary);
    free(durations);
}
