/* alerts: episodes open once, are updated as they grow, close; ids do not change; names are masked; any bytes are JSON.
 */
#include "test.h"

#include "alert/alert.h"
#include "alert/maintenance.h"
#include "tocsin/draft.h"

enum { K, ADDR, USER, BODY, HOST, FILES, ZONE, N };
static const struct toc_field_decl fields[N] = {
	[K] = { "login", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[ADDR] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "" },
	[USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "" },
	[BODY] = { "body", TOC_STRING, false, TOC_CONTENT, NULL, "" },
	[HOST] = { "host", TOC_STRING, false, TOC_DEVICE, NULL, "" },
	[FILES] = { "files", TOC_STRING, true, TOC_OPEN, NULL, "" },
	[ZONE] = { "src_zone", TOC_STRING, false, TOC_OPEN, NULL, "" },
};

struct rig {
	struct toc_intern *names;
	toc_field map[N];
	struct toc_alert_rule rule;
	struct toc_alerts *alerts;
	struct toc_draft draft;
	const char *host, *zone;
	const struct toc_raised *raised; /* of the next event */
	unsigned n, severity;
	char states[64], ids[64][33], last[65536];
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
	assert_true(r->n < 64 && a->json.n < sizeof(r->last));
	assert_null(memchr(a->json.p, '\n', a->json.n));
	r->states[r->n] = "ouc"[a->state];
	r->severity = a->severity;
	memcpy(r->ids[r->n++], a->id, 33);
	memcpy(r->last, a->json.p, a->json.n);
	r->last[a->json.n] = '\0';
	return true;
}

static const struct toc_outlet outlet = { "test", take };

static struct rig *rig_new(bool names)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	r->names = toc_intern_new();
	toc_intern_decls(r->names, fields, N, r->map);
	r->rule = (struct toc_alert_rule){ .id = "r1",
					   .title = "Odd login",
					   .severity = 3,
					   .alerts = true,
					   .nkeys = 2,
					   .key_names = { "src_ip", "user" },
					   .stance = TOC_STANCE_VICTIM };
	r->rule.key[0] = (struct toc_fieldset){ 1, { r->map[ADDR] } };
	r->rule.key[1] = (struct toc_fieldset){ 1, { r->map[USER] } };
	r->rule.subject = r->rule.key[1];
	const struct toc_alert_config config = { .sensor = "s", .site_key = { 7 }, .names = names, .version = "0" };
	r->alerts = toc_alerts_new(&config, &r->rule, 1, r->names, privacy, r, &key, &outlet, r);
	return r;
}

static void rig_free(struct rig *r)
{
	toc_alerts_free(r->alerts);
	toc_intern_free(r->names);
	free(r);
}

static void hit(struct rig *r, toc_time at, const char *user)
{
	struct toc_addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3 } };
	toc_draft_begin(&r->draft, r->map, K);
	r->draft.head.at = r->draft.head.ts = at;
	r->draft.head.uid = 5;
	toc_put_ip(&r->draft, ADDR, &a);
	toc_put_cstr(&r->draft, USER, user);
	toc_put_cstr(&r->draft, BODY, "dear diary");
	if (r->zone)
		toc_put_cstr(&r->draft, ZONE, r->zone);
	if (r->host) {
		toc_put_cstr(&r->draft, HOST, r->host);
		toc_list_open(&r->draft, FILES, TOC_STRING);
		toc_list_str(&r->draft, FILES, toc_span_str("plan.odt"));
		toc_list_str(&r->draft, FILES, toc_span_str(r->host));
	}
	struct toc_event *ev = toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
	const struct toc_view view = { ev, NULL };
	toc_alerts_advance(r->alerts, at);
	toc_alerts_hit(r->alerts, 0, &view, r->raised);
	free(ev);
}

static const toc_time start = INT64_C(1772438400) * TOC_SEC;

static void an_episode(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	for (int i = 0; i < 8; i++) /* told at 1, 2, 4 and 8 */
		hit(r, start + i * TOC_SEC, "erin");
	assert_string_equal(r->states, "ouuu");
	assert_non_null(strstr(r->last, "\"count\":8"));
	assert_null(strstr(r->last, "the account of")); /* the key names the account already */
	toc_alerts_advance(r->alerts, start + 7 * TOC_SEC + 10 * TOC_MIN - TOC_SEC);
	assert_int_equal(r->n, 4);
	toc_alerts_advance(r->alerts, start + 7 * TOC_SEC + 10 * TOC_MIN);
	assert_string_equal(r->states, "ouuuc");
	for (int i = 1; i < 5; i++)
		assert_string_equal(r->ids[i], r->ids[0]);
	hit(r, start + TOC_HOUR, "erin"); /* a new one */
	assert_string_not_equal(r->ids[5], r->ids[0]);
	toc_alerts_finish(r->alerts, start + TOC_HOUR);
	assert_string_equal(r->states, "ouuucoc");
	assert_int_equal(toc_alerts_count(r->alerts)->opened, 2);
	assert_int_equal(toc_alerts_count(r->alerts)->closed, 2);
	rig_free(r);
}

static void hit_raised(struct rig *r, toc_time at, uint32_t number)
{
	const struct toc_raised raised = { &number, 1 };
	r->raised = &raised;
	hit(r, at, "erin");
	r->raised = NULL;
}

/* It is told at once, and stays: also after a reload that gives the rule another level. */
static void an_event_raises_an_alert(void **state)
{
	(void)state;
	static const struct toc_raise raises[] = { { 7, 4 }, { 8, 5 } };
	static const char *const names[] = { "protected", NULL };
	struct rig *r = rig_new(true);
	r->rule.nraises = 2;
	r->rule.raises = raises;
	r->rule.raised_by[5] = names;
	r->rule.quiet = TOC_HOUR;
	hit(r, start, "erin");
	assert_non_null(strstr(r->last, "\"severity_id\":3"));
	assert_null(strstr(r->last, "raised"));
	hit_raised(r, start + TOC_SEC, 9); /* of another rule */
	assert_string_equal(r->states, "o");
	hit_raised(r, start + TOC_SEC, 8);
	assert_string_equal(r->states, "ou");
	assert_non_null(strstr(r->last, "\"severity_id\":5"));
	assert_non_null(strstr(r->last, "\"raised\":{\"from\":\"medium\",\"by\":[\"protected\"]}"));
	assert_int_equal(r->severity, 5);
	hit_raised(r, start + 2 * TOC_SEC, 7); /* lower than what it is: nothing new */
	assert_string_equal(r->states, "ou");
	struct toc_alert_rule next = r->rule;
	next.severity = 4;
	assert_true(toc_alerts_adopt(r->alerts, &next, 1, NULL, 0));
	toc_alerts_finish(r->alerts, start + TOC_MIN);
	assert_string_equal(r->states, "ouc");
	assert_non_null(strstr(r->last, "\"severity_id\":5"));
	assert_non_null(strstr(r->last, "\"from\":\"high\""));
	rig_free(r);
}

static void what_the_capture_lost_is_doubt(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	r->rule.asks_loss = true;
	r->rule.max_loss = 0.01;
	toc_alerts_loss(r->alerts, start - TOC_HOUR, 1000, 1000); /* long ago */
	toc_alerts_loss(r->alerts, start, 1000, 10);
	hit(r, start, "erin");
	assert_non_null(strstr(r->last, "\"confidence\":\"High\""));
	assert_null(strstr(r->last, "doubt"));
	toc_alerts_loss(r->alerts, start + TOC_SEC, 1000, 11);
	hit(r, start + 2 * TOC_SEC, "erin"); /* an update says so, too */
	assert_non_null(strstr(r->last, "\"confidence\":\"Low\""));
	assert_non_null(strstr(r->last, "\"doubt\":[\"loss\"]"));
	assert_non_null(strstr(r->last, "\"degraded\":true,\"drop_ratio\":0.010500}"));
	toc_alerts_finish(r->alerts, start + TOC_MIN);
	r->rule.timespan = 2 * TOC_HOUR; /* as a correlation's */
	r->rule.max_loss = 0.2;
	hit(r, start + TOC_HOUR, "erin");
	assert_non_null(strstr(r->last, "\"confidence\":\"Low\""));
	toc_alerts_finish(r->alerts, start + TOC_HOUR);
	r->rule.max_loss = 1;
	hit(r, start + 25 * TOC_HOUR, "erin");
	assert_non_null(strstr(r->last, "\"confidence\":\"High\""));
	rig_free(r);
}

/* A reload: the episode of a rule that is still there goes on under its new words, with its id; others close. */
static void rules_change_under_an_episode(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	struct toc_alert_rule next[2] = { r->rule, r->rule };
	next[0].id = "another";
	next[1].title = "Odder login";
	next[1].number = 1;
	hit(r, start, "erin");
	assert_true(toc_alerts_adopt(r->alerts, next, 2, NULL, 0));
	assert_string_equal(r->states, "o");
	struct toc_alert_rule gone = r->rule;
	gone.id = "gone";
	memset(&r->rule, 0, sizeof(r->rule)); /* the old generation is no longer looked at */
	toc_alerts_finish(r->alerts, start + TOC_SEC);
	assert_string_equal(r->states, "oc");
	assert_string_equal(r->ids[1], r->ids[0]);
	assert_non_null(strstr(r->last, "Odder login"));
	r->rule = next[1];
	assert_true(toc_alerts_adopt(r->alerts, &r->rule, 1, NULL, 0));
	hit(r, start + 2 * TOC_SEC, "erin");
	assert_true(toc_alerts_adopt(r->alerts, &gone, 1, NULL, 0));
	assert_string_equal(r->states, "ococ");
	rig_free(r);
}

/* An episode under another key would be found by nobody: it closes. */
static void a_changed_key_closes(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	struct toc_alert_rule next = r->rule;
	next.nkeys = 1;
	hit(r, start, "erin");
	assert_true(toc_alerts_adopt(r->alerts, &next, 1, NULL, 0));
	assert_string_equal(r->states, "oc");
	rig_free(r);
}

static void the_sentence_names_the_account(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	r->rule.nkeys = 1; /* by address alone: the account stands nowhere else */
	hit(r, start, "erin");
	assert_non_null(strstr(r->last, "the account of erin"));
	rig_free(r);
}

static void ids_are_the_same_again(void **state)
{
	(void)state;
	struct rig *a = rig_new(true), *b = rig_new(false);
	hit(a, start, "erin");
	hit(b, start, "erin");
	assert_string_equal(a->ids[0], b->ids[0]); /* whether names are shown or not */
	hit(a, start, "mallory");
	assert_string_not_equal(a->ids[0], a->ids[1]);
	rig_free(a);
	rig_free(b);
}

static void names_are_masked(void **state)
{
	(void)state;
	struct rig *r = rig_new(false);
	char first[65536];
	hit(r, start, "erin");
	assert_null(strstr(r->last, "erin"));
	assert_null(strstr(r->last, "diary"));
	assert_non_null(strstr(r->last, "\"user\":\"tok_"));
	memcpy(first, strstr(r->last, "tok_"), 16);
	hit(r, start + TOC_HOUR, "ERIN"); /* accounts do not differ by case */
	assert_memory_equal(first, strstr(r->last, "tok_"), 16);
	hit(r, start + TOC_HOUR, "mallory");
	assert_memory_not_equal(first, strstr(r->last, "tok_"), 16);
	rig_free(r);
}

/* A person is known by the event; the name must not stand in any other field of any privacy class. */
static void names_are_hidden_wherever_they_stand(void **state)
{
	static const char *const hosts[] = { "erin-laptop.school", "ERIN", "pc of Erin Example", "https://x/?u=erin",
					     "\xff"
					     "erin\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct rig *r = rig_new(false);
		r->host = hosts[i];
		r->rule.key_names[0] = "host";
		r->rule.key[0] = (struct toc_fieldset){ .n = 1, .id = { r->map[HOST] } };
		r->rule.subject = (struct toc_fieldset){ .n = 1, .id = { r->map[HOST] } };
		r->rule.stance = TOC_STANCE_VICTIM;
		hit(r, start, "SCHOOL\\erin");
		for (char *c = r->last; *c; c++)
			*c = (char)toc_lower((uint8_t)*c);
		if (strstr(r->last, "erin"))
			fail_msg("%s: %s", hosts[i], r->last);
		assert_non_null(strstr(r->last, "tok_"));
		rig_free(r);
	}
}

static void short_names_are_hidden_as_words(void **state)
{
	(void)state;
	struct rig *r = rig_new(false);
	r->host = "amy-laptop in xamyx";
	hit(r, start, "amy");
	assert_null(strstr(r->last, "amy-"));
	assert_non_null(strstr(r->last, "-laptop in xamyx"));
	assert_null(strstr(r->last, "plan.odt")); /* a list with a name in it is left out */
	r->host = "printer";
	hit(r, start + TOC_HOUR, "amy");
	assert_non_null(strstr(r->last, "plan.odt"));
	rig_free(r);
}

/* needs.identity: nobody said who it was, so it is not sure enough. */
static void doubt_is_said(void **state)
{
	(void)state;
	for (unsigned needs = 0; needs < 2; needs++) {
		struct rig *r = rig_new(true);
		r->rule.needs_identity = needs ? 0.8 : 0;
		hit(r, TOC_SEC, "ann");
		assert_int_equal(strstr(r->last, "\"confidence\":\"Low\"") != NULL, needs);
		rig_free(r);
	}
}

/* What opens in announced work says so; a hit when it is over is told as news, once; other rules, places and times are
 * as ever. */
static void announced_work_is_marked(void **state)
{
	(void)state;
	static const char *const rules[] = { "r1", NULL }, *const others[] = { "r2", NULL };
	static const char *const here[] = { "lab", NULL }, *const elsewhere[] = { "gym", NULL };
	const struct toc_maintenance windows[] = {
		{ "m-00000001", "o", "not this rule", start, start + TOC_DAY, others, NULL },
		{ "m-00000002", "o", "not here", start, start + TOC_DAY, NULL, elsewhere },
		{ "m-00000003", "Ann", "imaging \"lab\"", start + TOC_SEC, start + TOC_MIN, rules, here },
	};
	const struct toc_maintenances list = { windows, 3 };
	struct rig *r = rig_new(true);
	r->zone = "lab";
	toc_alerts_maintain(r->alerts, &list);
	hit(r, start, "before");
	assert_null(strstr(r->last, "maintenance"));
	hit(r, start + TOC_SEC, "erin");
	assert_non_null(strstr(r->last, "\"maintenance\":{\"id\":\"m-00000003\",\"owner\":\"Ann\",\"reason\":\"imaging "
					"\\\"lab\\\"\",\"until\":\"2026-03-02T08:01:00.000000Z\"}"));
	hit(r, start + 2 * TOC_SEC, "erin"); /* twice as many */
	assert_string_equal(r->states, "oou");
	assert_non_null(strstr(r->last, "m-00000003"));
	assert_null(strstr(r->last, "maintenance_over"));
	hit(r, start + TOC_MIN, "erin"); /* less than twice as many, but beyond its time */
	assert_string_equal(r->states, "oouu");
	assert_non_null(strstr(r->last, "\"maintenance_over\":true"));
	assert_null(strstr(r->last, "m-00000003"));
	hit(r, start + TOC_MIN, "erin");
	hit(r, start + TOC_MIN, "after");
	assert_string_equal(r->states, "oouuo");
	assert_null(strstr(r->last, "maintenance"));
	assert_int_equal(toc_alerts_count(r->alerts)->maintained, 1);
	r->zone = "attic";
	toc_alerts_maintain(r->alerts, &list);
	hit(r, start + 2 * TOC_SEC, "somewhere");
	assert_null(strstr(r->last, "maintenance"));
	toc_alerts_maintain(r->alerts, NULL);
	rig_free(r);
}

static void any_bytes(void **state)
{
	(void)state;
	struct rig *r = rig_new(true);
	hit(r, start, "\"\\\x01\n\xff\xc3(x");
	assert_non_null(strstr(r->last, "\"user\":\"\\\"\\\\\\u0001\\n"));
	for (const char *p = r->last; *p; p++)
		assert_true((unsigned char)*p >= 0x20);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_episode),
		cmocka_unit_test(rules_change_under_an_episode),
		cmocka_unit_test(a_changed_key_closes),
		cmocka_unit_test(an_event_raises_an_alert),
		cmocka_unit_test(what_the_capture_lost_is_doubt),
		cmocka_unit_test(the_sentence_names_the_account),
		cmocka_unit_test(ids_are_the_same_again),
		cmocka_unit_test(names_are_masked),
		cmocka_unit_test(names_are_hidden_wherever_they_stand),
		cmocka_unit_test(short_names_are_hidden_as_words),
		cmocka_unit_test(doubt_is_said),
		cmocka_unit_test(announced_work_is_marked),
		cmocka_unit_test(any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
