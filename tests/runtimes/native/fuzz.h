/* Programs that call the library with random arguments under sanitizers. Their buffers are exactly as long as the
 * arguments say, so that a byte too far is seen. Each program is fuzz.c with files
 * of which one has the two functions at the end. */
#include "loops.h"

enum { MS = 1000000 };

/* At random, below this. */
unsigned any(unsigned below);
/* The same for a thread that keeps its own state. */
unsigned pick(unsigned *from, unsigned below);
/* End the program unless this holds. */
void check(int holds, const char *promise);
/* What a loop returned is a count of stamps that fit, or a code; and it ended after it started. */
void check_count(const struct udstui_job *job, int64_t done);
/* Summaries of random durations. */
void figures(void);

/* What a caller can get wrong without lying about its memory. */
void refused(void);
/* Any calls; so many rounds are left. */
void one_round(int left);
