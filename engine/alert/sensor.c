/* sensor - what the sensor was like when it told. */
#include "alert/episode.h"

/* Whole seconds at the end of an episode are no time that it took. A clock that was set back gives no time below 0. */
static void put_latency(struct text *t, const struct revision *r)
{
	const toc_time now = r->clock->now(r->clock->user),
		       at[3] = { r->at - r->episode->last, r->began - r->at, now - r->at };
	static const char *const names[] = { "seen", "matched", "queued" };
	if (r->state == TOC_ALERT_CLOSE)
		return;
	json_name(t, "latency_ms");
	text_puts(t, "{");
	for (unsigned i = 0; i < 3; i++) {
		json_name(t, names[i]);
		text_printf(t, "%.3f", at[i] > 0 ? (double)at[i] / (double)TOC_MS : 0.0);
	}
	text_puts(t, "}");
}

/* Whatever the rule asks for: an alert that is made while a thousandth or more is lost may be half of the story. */
void sensor_write(struct text *t, const struct revision *r)
{
	const double worth_a_word = 0.001;
	json_name(t, "sensor");
	text_puts(t, "{");
	json_puts(t, "id", r->sensor);
	if (r->lost >= worth_a_word)
		text_printf(t, ",\"degraded\":true,\"drop_ratio\":%.6f", r->lost);
	if (r->clock) {
		json_puts(t, "clock_state", r->clock->state(r->clock->user));
		put_latency(t, r);
	}
	text_puts(t, "}");
}
