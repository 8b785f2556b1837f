/* observed - what an alert of a detection would be keyed by, so that tune can say how many there would have been. */
#include "app/observed.h"

#include "alert/alert.h"
#include "correlate/peaks.h"
#include "event/value.h"

void toc_observed_hit(struct toc_correlator *c, const struct toc_alert_rule *rule, const struct toc_view *view)
{
	char key[TOC_EPISODE_KEYS * (TOC_KEY_TEXT + 1)];
	size_t n = 0;
	if (!toc_correlate_watches(c, rule->number))
		return;
	for (unsigned i = 0; i < rule->nkeys; i++) {
		const struct toc_event *owner;
		const struct toc_value v = toc_fieldset_get(&rule->key[i], view, &owner);
		n += v.list ? 0 : toc_value_text(&v, key + n, TOC_KEY_TEXT);
		key[n++] = '\0';
	}
	toc_correlate_opened(c, rule->number, toc_span_of(key, n), view->ev->ts, toc_alerts_close(rule));
}
