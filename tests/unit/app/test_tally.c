/* tally: what a capture lost goes in order through worker, ring and merge to the alerts, and is no event. */
#include "test.h"

#include "app/engine.h"
#include "app/worker.h"
#include "tocsin/draft.h"

static const toc_time start = INT64_C(1772438400) * TOC_SEC;

/* Two frames that nobody can decode: the first one knows of losses; then nothing for a while, with more of them. */
struct capture {
	struct toc_source source;
	unsigned n;
};

static enum toc_read next(struct toc_source *self, struct toc_frame *out)
{
	static const struct toc_frame frames[] = { { .at = 1, .ordinal = 1, .came = 100, .lost = 40 },
						   { .at = 2, .ordinal = 2 },
						   { .at = 3, .ordinal = 2, .lost = 20 } };
	struct capture *c = (struct capture *)(void *)self;
	if (c->n == 3)
		return TOC_READ_END;
	*out = frames[c->n];
	out->at = out->ts = start + out->at;
	return c->n++ == 2 ? TOC_READ_IDLE : TOC_READ_FRAME;
}

static bool take(void *self, const struct toc_alert *alert)
{
	snprintf(self, 65536, "%.*s", (int)alert->json.n, (const char *)alert->json.p);
	return true;
}

static enum toc_privacy open_to_all(void *user, toc_field kind, toc_field field)
{
	(void)user;
	(void)kind;
	(void)field;
	return TOC_OPEN;
}

static void run_worker(struct toc_ring *ring, struct toc_intern *names, const struct toc_hash_key *key)
{
	static _Atomic bool stop;
	struct toc_wanted *const _Atomic wanted = NULL;
	struct capture capture = { { .next = next }, 0 };
	struct toc_worker w = { .source = &capture.source, .stop = &stop, .wanted = &wanted };
	toc_feed_init(&w.feed, ring, names, (struct toc_print){ 0 });
	w.decode = toc_decode_new(&(struct toc_decode_config){ 0 }, key);
	w.flows = toc_flows_new(&(struct toc_flow_config){ 0 }, toc_decoders, names, key, &w.feed.emit);
	toc_worker_run(&w);
	toc_worker_free(&w);
}

static void what_was_lost_reaches_the_alerts(void **state)
{
	(void)state;
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_outlet outlet = { "test", take };
	static char last[65536];
	const bool spills[] = { false };
	struct toc_alert_rule rule = { .id = "r", .title = "r", .severity = 3, .asks_loss = true, .max_loss = 0.6 };
	struct toc_intern *names = toc_intern_new();
	struct toc_bell *bell = toc_bell_new();
	struct toc_ring *ring = toc_ring_new(1 << 20);
	struct toc_merge *merge = toc_merge_new(&ring, spills, 1, bell);
	struct toc_alerts *alerts = toc_alerts_new(&(struct toc_alert_config){ .sensor = "s", .version = "0" }, &rule,
						   1, names, open_to_all, NULL, &key, &outlet, last);
	struct toc_engine *engine = toc_engine_new(names);
	run_worker(ring, names, &key);
	toc_engine_run(engine, &(struct toc_engine_parts){ .merge = merge, .names = names, .alerts = alerts }, NULL,
		       NULL);
	assert_int_equal(toc_engine_count(engine)->events, 0);
	struct toc_event ev = { .size = sizeof(ev), .kind = toc_intern_add(names, toc_span_str("odd")) };
	ev.heap = sizeof(ev);
	ev.at = ev.ts = start;
	toc_alerts_hit(alerts, 0, &(struct toc_view){ &ev, NULL }, NULL); /* 60 of 100: as much as it bears */
	assert_non_null(strstr(last, "\"confidence\":\"High\""));
	rule.max_loss = 0.59;
	toc_alerts_finish(alerts, start);
	assert_non_null(strstr(last, "\"doubt\":[\"loss\"]"));
	toc_engine_free(engine);
	toc_alerts_free(alerts);
	toc_merge_free(merge);
	toc_ring_free(ring);
	toc_bell_free(bell);
	toc_intern_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_lost_reaches_the_alerts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
