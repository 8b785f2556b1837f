/* steady - the machine's clock held against one that goes on evenly, over suspends too (clock_gettime(2),
 * CLOCK_BOOTTIME). */
#include "app/steady.h"

#include <stdlib.h>
#include <time.h>

#include "app/now.h"

static const toc_time jumps_from = 30 * TOC_SEC, told_from = 2 * TOC_SEC, at_once = 100 * TOC_MS;

static toc_time never_set(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

/* The machine's clock less the other one, both read in one moment: a process may be stopped between two calls. */
static toc_time offset_now(toc_time *at)
{
	toc_time wall, before = never_set();
	for (;;) {
		wall = toc_now();
		*at = never_set();
		if (*at - before < at_once)
			return wall - *at;
		before = *at;
	}
}

void toc_steady_begin(struct toc_steady *s)
{
	toc_time at;
	atomic_store(&s->offset, offset_now(&at));
}

toc_time toc_steady_now(struct toc_steady *s)
{
	toc_time at, believed = atomic_load(&s->offset);
	const toc_time offset = offset_now(&at), step = offset - believed;
	if (atomic_load(&s->jump) || llabs(step) >= jumps_from) {
		atomic_store(&s->jump, step ? step : 1);
		return at + believed;
	}
	if (atomic_compare_exchange_strong(&s->offset, &believed, offset) && llabs(step) >= told_from) {
		atomic_fetch_add(&s->stepped, step);
		atomic_store(&s->at, at);
	}
	return at + offset;
}

const char *toc_steady_state(struct toc_steady *s)
{
	toc_time at = atomic_load(&s->at);
	if (atomic_load(&s->jump))
		return "held";
	return at && never_set() - at < TOC_HOUR ? "stepped" : "steady";
}

toc_time toc_steady_stamp(struct toc_steady *s, toc_time stamp, toc_time last)
{
	if (!atomic_load_explicit(&s->jump, memory_order_relaxed) && llabs(stamp - last) < jumps_from)
		return stamp;
	const toc_time now = toc_steady_now(s), moved = stamp - atomic_load(&s->jump);
	return llabs(moved - now) < llabs(stamp - now) ? moved : stamp; /* it may be from before the jump */
}
