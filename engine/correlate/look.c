/* look - the windows of one correlation as they stand: for people who ask why it did not fire. */
#include "correlate/state.h"

void toc_correlate_windows(const struct toc_correlator *c, unsigned rule,
			   void (*tell)(void *user, const struct toc_corr_window *w), void *user)
{
	for (const struct cell *cell = c->running[rule].oldest; cell; cell = cell->rule_newer) {
		struct toc_corr_window w = { .hits = cell->n - (cell->tally.rule ? cell->from : 0),
					     .value = cell->tally.rule ? tally_value(&cell->tally) : cell->value,
					     .open = cell->open };
		const char *text = cell->text;
		for (unsigned k = 0; k < c->running[rule].rule->nkeys; k++) {
			w.key[k] = toc_span_str(text);
			text += w.key[k].n + 1;
		}
		tell(user, &w);
	}
}
