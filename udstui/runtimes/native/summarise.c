/* The figures of an interval from its stamps: those of stats/histogram.py, to the number. */
#include "wire.h"

/* The log-linear histogram: values below 256 have a bucket each; above, the value is shifted right until eight
 * significant bits are left. What lies beyond 2^44 ns is put into the last bucket. */
enum { BITS = 7, HALF = 1 << BITS, BUCKETS = UDSTUI_BUCKETS };
_Static_assert(BUCKETS == (44 - BITS) * HALF + 2 * HALF, "buckets up to 2^44 ns");

enum { PERCENTILES = UDSTUI_PERCENTILES, FEWEST_BEYOND = 10, DIGIT_BITS = 8 };
static const int64_t PER_MILLE[PERCENTILES] = {500, 900, 990, 999};

/* Either durations, or moments that rise from `before` on. */
struct samples {
    const int64_t *stamps;
    int64_t count;
    int64_t before;
    int are_durations;
};

INLINE int64_t duration_of(const struct samples *samples, int64_t index)
{
    if (samples->are_durations)
        return samples->stamps[index];
    return (int64_t)((uint64_t)samples->stamps[index] -
                     (uint64_t)(index ? samples->stamps[index - 1] : samples->before));
}

INLINE int shift_of(int64_t duration_ns)
{
    int bits = duration_ns ? 64 - __builtin_clzll((unsigned long long)duration_ns) : 0;
    return bits > BITS + 1 ? bits - BITS - 1 : 0;
}

INLINE int64_t bucket_of(int64_t duration_ns)
{
    int shift = shift_of(duration_ns);
    int64_t bucket = shift * HALF + (duration_ns >> shift);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The sample of this rank among those whose value, shifted right by so many bits, is the prefix. A digit a pass: the
 * samples stay where they are, and no order of them is a bad one. */
static int64_t select_rank(const struct samples *samples, int64_t rank, int64_t prefix, int bits)
{
    while (bits > 0) {
        const int step = bits < DIGIT_BITS ? bits : DIGIT_BITS, rest = bits - step;
        int64_t counts[1 << DIGIT_BITS] = {0}, digit = 0;
        for (int64_t index = 0; index < samples->count; index++) {
            int64_t value = duration_of(samples, index);
            if (value >> bits == prefix)
                counts[(value >> rest) & ((1 << step) - 1)]++;
        }
        while (rank >= counts[digit])
            rank -= counts[digit++];
        prefix = prefix << step | digit;
        bits = rest;
    }
    return prefix;
}

/* The nearest rank of a percentile, counted from 0, in whole numbers; -1 where too few samples lie beyond. */
static int64_t rank_of(int64_t count, int64_t per_mille)
{
    const int64_t at_most = count < 1000 * FEWEST_BEYOND ? count : 1000 * FEWEST_BEYOND;
    if (at_most * (1000 - per_mille) < 1000 * FEWEST_BEYOND)
        return -1;
    return count / 1000 * per_mille + (count % 1000 * per_mille + 999) / 1000 - 1;
}

static int64_t percentile(const struct samples *samples, const struct udstui_summary *summary, int64_t rank)
{
    int64_t below = 0;
    for (int64_t each = 0; each < summary->used; each++) {
        const int64_t bucket = summary->buckets[each];
        if (rank >= below + summary->counts[each]) {
            below += summary->counts[each];
            continue;
        }
        if (bucket == BUCKETS - 1) /* without end: so search among all */
            return select_rank(samples, rank, 0, 63);
        const int shift = bucket < 2 * HALF ? 0 : (int)(bucket / HALF - 1);
        return select_rank(samples, rank - below, bucket - (int64_t)shift * HALF, shift);
    }
    return -1;
}

/* Few of the buckets lie between the smallest and the largest duration: no others are looked at. */
static void fill_buckets(const struct samples *samples, struct udstui_summary *summary)
{
    const int64_t first = bucket_of(summary->min_ns), last = bucket_of(summary->max_ns);
    for (int64_t bucket = first; bucket <= last; bucket++)
        summary->counts[bucket] = 0;
    for (int64_t index = 0; index < samples->count; index++)
        summary->counts[bucket_of(duration_of(samples, index))]++;
    summary->used = 0;
    for (int64_t bucket = first; bucket <= last; bucket++)
        if (summary->counts[bucket]) {
            summary->buckets[summary->used] = bucket;
            summary->counts[summary->used++] = summary->counts[bucket];
        }
}

int64_t udstui_ranked(const int64_t *durations, int64_t count, int64_t rank)
{
    int64_t bits_of_any = 1;
    for (int64_t index = 0; index < count; index++)
        bits_of_any |= durations[index];
    const struct samples samples = {durations, count, 0, 1};
    return select_rank(&samples, rank, 0, 64 - __builtin_clzll((unsigned long long)bits_of_any));
}

/* Returns the count, or UDSTUI_BAD_ARGUMENT, as it does when a duration is negative. */
int64_t udstui_summarise(const int64_t *stamps, int64_t count, int64_t before, int are_durations,
                         struct udstui_summary *summary)
{
    const struct samples samples = {stamps, count, before, are_durations};
    int64_t min = INT64_MAX, max = INT64_MIN;
    uint64_t sum = 0;
    if (!stamps || count <= 0 || !summary)
        return UDSTUI_BAD_ARGUMENT;
    for (int64_t index = 0; index < count; index++) {
        const int64_t value = duration_of(&samples, index);
        min = value < min ? value : min;
        max = value > max ? value : max;
        sum += (uint64_t)value;
    }
    if (min < 0)
        return UDSTUI_BAD_ARGUMENT;
    summary->min_ns = min;
    summary->max_ns = max;
    summary->sum_ns = (int64_t)sum;
    fill_buckets(&samples, summary);
    for (int each = 0; each < PERCENTILES; each++) {
        const int64_t rank = rank_of(count, PER_MILLE[each]);
        summary->percentiles_ns[each] = rank < 0 ? -1 : percentile(&samples, summary, rank);
    }
    return count;
}
