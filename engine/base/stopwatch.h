/* stopwatch - what something took, where somebody measures; the clock is given by app/. */
#ifndef BASE_STOPWATCH_H
#define BASE_STOPWATCH_H

#include <stdint.h>

/* Nanoseconds of any clock; NULL: nobody measures. */
typedef uint64_t (*toc_stopwatch)(void);

static inline uint64_t toc_stopwatch_start(toc_stopwatch now)
{
	return now ? now() : 0;
}

/* Since then, 1 ms at most: beyond that the thread was not running, and what another one took is not counted here. */
static inline uint64_t toc_stopwatch_since(toc_stopwatch now, uint64_t start)
{
	const uint64_t most = 1000000, took = now ? now() - start : 0;
	return took < most ? took : most;
}

#endif
