/* sensor - what the sensor was like when it told. */
#include "alert/episode.h"

/* A clock that was set back gives no time below 0; nor does an alert that was decided on before any event came, of
 * windows that a restart has taken over. */
static double ms_between(toc_time from, toc_time to)
{
	return from > 0 && to > from ? (double)(to - from) / (double)TOC_MS : 0;
}

/* Whole seconds at the end of an episode are no time that it took. */
static void put_latency(struct text *t, const struct revision *r)
{
	if (r->state == TOC_ALERT_CLOSE)
		return;
	const toc_time now = r->clock->now(r->clock->user);
	json_name(t, "latency_ms");
	text_printf(t, "{\"seen\":%.3f,\"matched\":%.3f,\"queued\":%.3f}", ms_between(r->episode->last, r->at),
		    ms_between(r->at, r->began), ms_between(r->at, now));
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
