/* period - beacons: hits at even intervals, of even size. */
#include <math.h>

#include "correlate/cell.h"

enum { MOST = 1024 }; /* the newest of the window that are looked at: bounded work for each hit */

struct spread {
	double n, sum, squares;
};

static void note(struct spread *s, double x)
{
	s->n++;
	s->sum += x;
	s->squares += x * x;
}

/* Standard deviation over mean. */
static double variation(const struct spread *s)
{
	const double mean = s->n > 0 ? s->sum / s->n : 0;
	const double variance = s->n > 0 ? s->squares / s->n - mean * mean : 0;
	return mean > 0 ? sqrt(variance > 0 ? variance : 0) / mean : INFINITY;
}

bool period_holds(const struct cell *c)
{
	const struct toc_corr_rule *r = c->tally.rule;
	struct spread gaps = { 0 }, sizes = { 0 };
	const uint32_t from = c->n - c->from > MOST ? c->n - MOST : c->from;
	if (c->n - from < 3)
		return false; /* any two are even */
	for (uint32_t i = from; i < c->n; i++) {
		if (i > from)
			note(&gaps, (double)(cell_hit(c, i)->ts - cell_hit(c, i - 1)->ts) / (double)TOC_SEC);
		note(&sizes, cell_hit(c, i)->second);
	}
	return (r->period.jitter <= 0 || variation(&gaps) <= r->period.jitter) &&
	       (r->period.size_cv <= 0 || variation(&sizes) <= r->period.size_cv);
}
