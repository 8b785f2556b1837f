/* provenance: what a document says of itself: the one before it, its clock, who stood behind it and who said so. */
#include "test.h"

#include "alert/alert.h"
#include "alert/chain.h"
#include "tocsin/draft.h"

enum { K, ADDR, USER, WHO, SRC_USER, SRC_MAC, SRC_CONF, SRC_SOURCE, SRC_SINCE, N };
static const struct toc_field_decl fields[N] = {
	[K] = { "login", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[ADDR] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "" },
	[USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "" },
	[WHO] = { "identity", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[SRC_USER] = { "src_user", TOC_STRING, false, TOC_PERSON, NULL, "" },
	[SRC_MAC] = { "src_mac", TOC_STRING, false, TOC_DEVICE, NULL, "" },
	[SRC_CONF] = { "src_conf", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[SRC_SOURCE] = { "src_source", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[SRC_SINCE] = { "src_since", TOC_TIME, false, TOC_OPEN, NULL, "" },
};

static const toc_time start = INT64_C(1772438400) * TOC_SEC; /* 2026-03-02T08:00:00Z */

struct rig {
	struct toc_intern *names;
	toc_field map[N];
	struct toc_alert_rule rule;
	struct toc_alerts *alerts;
	struct toc_draft draft;
	struct toc_alert_clock clock;
	toc_time now;
	const char *source; /* who told of the user; NULL: nobody is known */
	unsigned sure, n;
	char last[65536], before[CHAIN_HASH + 1];
};

static enum toc_privacy privacy(void *user, toc_field kind, toc_field field)
{
	const struct rig *r = user;
	(void)kind;
	for (unsigned i = 0; i < N; i++)
		if (r->map[i] == field)
			return fields[i].privacy;
	return TOC_OPEN;
}

static bool take(void *self, const struct toc_alert *a)
{
	struct rig *r = self;
	const char *hash = r->n ? chain_hash_of(toc_span_str(r->last)) : NULL;
	snprintf(r->before, sizeof(r->before), "%.*s", CHAIN_HASH, hash ? hash : "");
	assert_true(a->json.n < sizeof(r->last));
	memcpy(r->last, a->json.p, a->json.n);
	r->last[a->json.n] = '\0';
	r->n++;
	return true;
}

static toc_time clock_now(void *self)
{
	struct rig *r = self;
	return r->now += 2 * TOC_MS; /* each look takes that long */
}

static const char *clock_state(void *self)
{
	(void)self;
	return "steady";
}

static struct rig *rig_new(bool names, bool live)
{
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_outlet outlet = { "test", take };
	static const char *const routes[] = { "ts", NULL };
	struct rig *r = calloc(1, sizeof(*r));
	r->names = toc_intern_new();
	toc_intern_decls(r->names, fields, N, r->map);
	r->clock = (struct toc_alert_clock){ clock_now, clock_state, r };
	r->rule = (struct toc_alert_rule){ .id = "r1",
					   .title = "Odd login",
					   .category = "breach",
					   .severity = 3,
					   .alerts = true,
					   .nkeys = 1,
					   .routes = routes };
	r->rule.key_names[0] = "user";
	r->rule.key[0] = (struct toc_fieldset){ 1, { r->map[USER] } };
	const struct toc_alert_config config = {
		.sensor = "s", .site_key = { 7 }, .names = names, .version = "0", .clock = live ? &r->clock : NULL
	};
	r->alerts = toc_alerts_new(&config, &r->rule, 1, r->names, privacy, r, &key, &outlet, r);
	return r;
}

static void rig_free(struct rig *r)
{
	toc_alerts_free(r->alerts);
	toc_intern_free(r->names);
	free(r);
}

static struct toc_event *sealed(struct rig *r)
{
	return toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
}

static struct toc_event *who(struct rig *r)
{
	if (!r->source)
		return NULL;
	toc_draft_begin(&r->draft, r->map, WHO);
	toc_put_cstr(&r->draft, SRC_USER, "erin");
	toc_put_cstr(&r->draft, SRC_MAC, "02:00:5e:00:00:01");
	toc_put_uint(&r->draft, SRC_CONF, r->sure);
	toc_put_cstr(&r->draft, SRC_SOURCE, r->source);
	toc_put_time(&r->draft, SRC_SINCE, start - TOC_MIN);
	return sealed(r);
}

static void hit(struct rig *r, toc_time at, const char *user)
{
	struct toc_addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3 } };
	toc_draft_begin(&r->draft, r->map, K);
	r->draft.head.at = at;
	r->draft.head.ts = at - 5 * TOC_MS;
	toc_put_ip(&r->draft, ADDR, &a);
	toc_put_cstr(&r->draft, USER, user);
	struct toc_event *ev = sealed(r), *side = who(r);
	const struct toc_view view = { ev, side };
	toc_alerts_hit(r->alerts, 0, &view, NULL);
	free(ev);
	free(side);
}

static bool says(const struct rig *r, const char *text)
{
	return strstr(r->last, text) != NULL;
}

static void each_names_the_one_before(void **state)
{
	(void)state;
	char expected[256];
	struct rig *r = rig_new(true, false);
	hit(r, start, "erin");
	assert_true(chain_holds(toc_span_str(r->last)));
	assert_true(says(r, "\"chain\":{\"prev\":{},\"hash\":\""));
	hit(r, start, "mallory");
	assert_true(chain_holds(toc_span_str(r->last)));
	snprintf(expected, sizeof(expected), "\"chain\":{\"prev\":{\"*\":\"%s\",\"ts\":\"%s\"},\"hash\":\"", r->before,
		 r->before);
	assert_true(says(r, expected));
	for (size_t n = strlen(r->last), i = 0; i < n; i += 97) { /* whatever is changed */
		r->last[i] ^= 1;
		assert_false(chain_holds(toc_span_str(r->last)));
		r->last[i] ^= 1;
	}
	assert_false(chain_holds(toc_span_str("{}")));
	rig_free(r);
}

static void a_restart_goes_on_with_the_chain(void **state)
{
	(void)state;
	static const char head[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct rig *r = rig_new(true, false);
	toc_alerts_chain(r->alerts, "ts", head);
	toc_alerts_chain(r->alerts, "da", head); /* that gets nothing of this */
	hit(r, start, "erin");
	assert_true(says(r, "\"prev\":{\"ts\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}"));
	rig_free(r);
}

static void the_clock_of_a_running_sensor(void **state)
{
	(void)state;
	struct rig *r = rig_new(true, true);
	r->now = start + 30 * TOC_MS;
	hit(r, start, "erin");
	assert_true(says(r, "\"sensor\":{\"id\":\"s\",\"clock_state\":\"steady\",\"latency_ms\":{\"seen\":5.000,"
			    "\"matched\":32.000,\"queued\":34.000}}"));
	r->now = start - TOC_SEC; /* a clock that was set back */
	hit(r, start + TOC_SEC, "erin");
	assert_true(says(r, "\"latency_ms\":{\"seen\":5.000,\"matched\":0.000,\"queued\":0.000}"));
	toc_alerts_finish(r->alerts, start + TOC_MIN); /* the end of an episode took no time */
	assert_true(says(r, "\"clock_state\":\"steady\"}"));
	rig_free(r);
	r = rig_new(true, false);
	hit(r, start, "erin");
	assert_true(says(r, "\"sensor\":{\"id\":\"s\"}"));
	rig_free(r);
}

static void what_no_revision_was_made_for(void **state)
{
	(void)state;
	struct rig *r = rig_new(true, false);
	for (unsigned i = 0; i < 10; i++) { /* told at 1, 2, 4 and 8 */
		static const char *const folded[] = { "0", "0", NULL, "1", NULL, NULL, NULL, "4", NULL, NULL };
		char expected[64];
		hit(r, start + i * TOC_SEC, "erin");
		snprintf(expected, sizeof(expected), "\"suppressed_count\":%s,", folded[i] ? folded[i] : "");
		assert_true(!folded[i] || says(r, expected));
	}
	toc_alerts_finish(r->alerts, start + TOC_MIN);
	assert_true(says(r, "\"count\":10,") && says(r, "\"suppressed_count\":6,"));
	assert_true(says(r, "\"category\":\"breach\""));
	rig_free(r);
}

static void who_it_was_and_who_said_so(void **state)
{
	(void)state;
	struct rig *r = rig_new(true, false);
	r->source = "dhcp";
	r->sure = 90;
	hit(r, start, "erin");
	hit(r, start, "erin"); /* the same again is one entry */
	assert_true(says(r, "\"identity\":[{\"ip\":\"10.1.2.3\",\"mac\":\"02:00:5e:00:00:01\",\"user\":\"erin\","
			    "\"source\":\"dhcp\",\"valid_from\":\"2026-03-02T07:59:00.000000Z\",\"confidence\":90}]"));
	r->source = "radius\"\n";
	hit(r, start, "erin");
	hit(r, start, "erin");
	assert_true(says(r, "\"source\":\"radius\\\"\\n\"") && says(r, "},{\"ip\":\"10.1.2.3\",\"mac\""));
	rig_free(r);
	r = rig_new(false, false);
	r->source = "dhcp";
	hit(r, start, "other");
	assert_true(says(r, "\"identity\":[{\"ip\":\"10.1.2.3\",\"mac\":\""));
	assert_false(says(r, "erin"));
	r->source = NULL;
	hit(r, start, "third");
	assert_false(says(r, "\"identity\""));
	rig_free(r);
}

static void how_sure_in_per_cent(void **state)
{
	(void)state;
	struct rig *r = rig_new(true, false);
	r->source = "dhcp";
	r->sure = 90;
	hit(r, start, "a");
	assert_false(says(r, "confidence_score"));
	r->rule.needs_identity = 0.8;
	hit(r, start, "b");
	assert_true(says(r, "\"confidence\":\"High\",\"confidence_score\":90,"));
	r->rule.asks_loss = true;
	r->rule.max_loss = 0.1;
	toc_alerts_loss(r->alerts, start, 1000, 500);
	hit(r, start, "c");
	assert_true(says(r, "\"confidence\":\"Low\",\"confidence_score\":50,"));
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_names_the_one_before),	 cmocka_unit_test(a_restart_goes_on_with_the_chain),
		cmocka_unit_test(the_clock_of_a_running_sensor), cmocka_unit_test(what_no_revision_was_made_for),
		cmocka_unit_test(who_it_was_and_who_said_so),	 cmocka_unit_test(how_sure_in_per_cent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
