/* audience: who gets an alert, what each is shown, what moves it elsewhere, and who its tokens are under seal. */
#include "test.h"

#include <unistd.h>

#include "alert/alert.h"
#include "alert/mask.h"
#include "base/opener.h"
#include "base/seal.h"
#include "tocsin/draft.h"

enum { K, USER, HOST, MAC, SITE, ROLE, NOTE, BODY, N };
static const struct toc_field_decl fields[N] = {
	[K] = { "login", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "" },
	[HOST] = { "host", TOC_STRING, false, TOC_DEVICE, NULL, "" },
	[MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "" },
	[SITE] = { "src_site", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[ROLE] = { "src_role", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[NOTE] = { "note", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[BODY] = { "body", TOC_STRING, false, TOC_CONTENT, NULL, "" },
};

enum { COPIES = 12, TEXT = 32768 };

struct rig {
	struct toc_intern *names;
	toc_field map[N];
	const char *routes[8];
	struct toc_alert_rule rule;
	struct toc_alert_config config;
	struct toc_alerts *alerts;
	struct toc_draft draft;
	unsigned n; /* copies that went somewhere, of the last revision */
	char where[COPIES][256], what[COPIES][TEXT], own[TEXT], id[64];
	uint8_t sealed[32768];
	size_t nsealed;
	unsigned year, revision;
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

static void take_copy(struct rig *r, const char *const *routes, struct toc_span json)
{
	char *out = r->where[r->n];
	out[0] = '\0';
	for (; *routes; routes++)
		sprintf(out + strlen(out), "%s%s", out[0] ? "," : "", *routes);
	assert_true(json.n < TEXT);
	memcpy(r->what[r->n], json.p, json.n);
	r->what[r->n][json.n] = '\0';
	r->n += out[0] != '\0';
}

static bool take(void *self, const struct toc_alert *a)
{
	struct rig *r = self;
	r->n = 0;
	memcpy(r->own, a->json.p, a->json.n);
	r->own[a->json.n] = '\0';
	take_copy(r, a->routes, a->json);
	for (unsigned i = 0; i < a->ncopies; i++)
		take_copy(r, a->copies[i].routes, a->copies[i].json);
	assert_true(a->sealed.n <= sizeof(r->sealed));
	memcpy(r->sealed, a->sealed.p, a->sealed.n);
	r->nsealed = a->sealed.n;
	r->year = a->school_year;
	r->revision = a->revision;
	snprintf(r->id, sizeof(r->id), "%s", a->id);
	return true;
}

static const struct toc_outlet outlet = { "test", take };

/* people: of people.yml, or NULL; routes: separated by spaces. */
static struct rig *rig_new(struct toc_arena *arena, const char *routes, const char *people)
{
	static const struct toc_route_grant grants[] = { { "vet", true, false } };
	struct rig *r = calloc(1, sizeof(*r));
	char *list = (char *)(uintptr_t)toc_arena_str(arena, toc_span_str(routes)), *rest = list;
	for (unsigned i = 0; i < 7 && (r->routes[i] = strtok_r(rest, " ", &rest)); i++)
		;
	r->names = toc_intern_new();
	toc_intern_decls(r->names, fields, N, r->map);
	r->rule = (struct toc_alert_rule){ .id = "r1",
					   .title = "Odd login",
					   .severity = 3,
					   .alerts = true,
					   .nkeys = 1,
					   .key_names = { "user" },
					   .routes = r->routes,
					   .stance = TOC_STANCE_ACTOR };
	r->rule.key[0] = (struct toc_fieldset){ 1, { r->map[USER] } };
	r->rule.subject = r->rule.key[0];
	r->config = (struct toc_alert_config){
		.sensor = "s", .site_key = { 7 }, .version = "0", .routes = grants, .nroutes = 1
	};
	if (people) {
		struct toc_diag *diag = toc_diag_new();
		char path[] = "/tmp/people.XXXXXX";
		FILE *f = fdopen(mkstemp(path), "w");
		fputs(people, f);
		fclose(f);
		r->config.people = toc_people_read(arena, &toc_opener_self, path, diag);
		assert_int_equal(toc_diag_errors(diag), 0);
		toc_diag_free(diag);
		unlink(path);
	}
	return r;
}

static void rig_free(struct rig *r)
{
	toc_alerts_free(r->alerts);
	toc_intern_free(r->names);
	free(r);
}

static const toc_time start = INT64_C(1772438400) * TOC_SEC; /* 2026-03-02 */

static void hit(struct rig *r, toc_time at, const char *user, const char *site, const char *role)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct toc_mac mac = { { 2, 0, 0x5e, 0, 3, 0x66 } };
	if (!r->alerts)
		r->alerts = toc_alerts_new(&r->config, &r->rule, 1, r->names, privacy, r, &key, &outlet, r);
	toc_draft_begin(&r->draft, r->map, K);
	r->draft.head.at = r->draft.head.ts = at;
	toc_put_cstr(&r->draft, USER, user);
	toc_put_cstr(&r->draft, HOST, "lab-pc-7");
	toc_put_mac(&r->draft, MAC, &mac);
	if (site)
		toc_put_cstr(&r->draft, SITE, site);
	if (role)
		toc_put_cstr(&r->draft, ROLE, role);
	toc_put_cstr(&r->draft, NOTE, "seen on LAB-PC-7 and 02:00:5e:00:03:66");
	toc_put_cstr(&r->draft, BODY, "dear diary");
	struct toc_event *ev = toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
	const struct toc_view view = { ev, NULL };
	toc_alerts_advance(r->alerts, at);
	toc_alerts_hit(r->alerts, 0, &view, NULL);
	free(ev);
}

static const char *copy_for(const struct rig *r, const char *route)
{
	for (unsigned i = 0; i < r->n; i++) {
		char list[260], *rest = list, *one;
		snprintf(list, sizeof(list), "%s", r->where[i]);
		while ((one = strtok_r(rest, ",", &rest)))
			if (strcmp(one, route) == 0)
				return r->what[i];
	}
	return NULL;
}

static void each_route_sees_its_own(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts da hr vet", NULL);
	hit(r, start, "erin.doe", NULL, NULL);
	const char *ts = copy_for(r, "ts"), *da = copy_for(r, "da"), *vet = copy_for(r, "vet");
	assert_true(ts && da && vet);
	assert_ptr_equal(da, copy_for(r, "hr")); /* rendered once: they are shown the same */
	assert_int_equal(r->n, 3);
	assert_null(strstr(ts, "erin"));
	assert_non_null(strstr(ts, "lab-pc-7"));
	assert_non_null(strstr(ts, "02:00:5e:00:03:66"));
	assert_null(strstr(da, "erin"));
	assert_null(strstr(da, "lab-pc-7"));
	assert_null(strstr(da, "LAB-PC-7"));
	assert_null(strstr(da, "02:00:5e:00:03:66"));
	assert_non_null(strstr(da, "\"host\":\"dev_"));
	assert_non_null(strstr(vet, "erin.doe")); /* granted */
	for (unsigned i = 0; i < r->n; i++)
		assert_null(strstr(r->what[i], "diary"));
	assert_non_null(strstr(ts, "\"route\":[\"ts\"]")); /* nobody reads who else knows */
	assert_non_null(strstr(da, "\"route\":[\"da\",\"hr\"]"));
	rig_free(r);
	toc_arena_free(arena);
}

static void principals_see_their_building(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "bp", NULL);
	r->rule.nkeys = 0;
	r->rule.subject.n = 0;
	hit(r, start, "erin.doe", "East High", "student");
	assert_string_equal(r->where[0], "bp.east-high");
	assert_null(strstr(r->what[0], "erin"));
	hit(r, start + TOC_SEC, "mallory", "west", "student");
	assert_int_equal(r->n, 2);
	char east[TOKEN_TEXT], west[TOKEN_TEXT];
	memcpy(east, strstr(copy_for(r, "bp.east-high"), "\"user\":\"tok_") + 8, 16);
	memcpy(west, strstr(copy_for(r, "bp.west"), "\"user\":\"tok_") + 8, 16);
	east[16] = west[16] = '\0';
	assert_string_not_equal(east, west);
	assert_null(strstr(copy_for(r, "bp.east-high"), west)); /* not even their token */
	assert_null(strstr(copy_for(r, "bp.west"), east));
	assert_non_null(strstr(r->own, east));
	assert_non_null(strstr(r->own, west));
	rig_free(r);
	r = rig_new(arena, "bp", NULL);
	hit(r, start, "erin.doe", "east", "staff"); /* a colleague: not for the principal */
	assert_int_equal(r->n, 1);
	assert_string_equal(r->where[0], "da");
	rig_free(r);
	r = rig_new(arena, "bp", NULL);
	hit(r, start, "erin.doe", NULL, NULL); /* of no building */
	assert_string_equal(r->where[0], "da");
	rig_free(r);
	toc_arena_free(arena);
}

static const char people[] = "people:\n"
			     "  - {uid: amy, accounts: [aito, aito-admin], routes: [ts], recusals: [bito]}\n"
			     "  - {uid: dan, routes: [da], approves: [staff]}\n"
			     "  - {uid: out, routes: [vet]}\n"
			     "outside: vet\n";

static void who_is_concerned_does_not_get_it(void **state)
{
	static const struct {
		const char *user, *routes;
	} rows[] = { { "erin", "ts" },
		     { "AITO", "da" },
		     { "SCHOOL\\aito-admin", "da" },
		     { "bito@school.example", "da" },
		     { "aito.other", "ts" },
		     { "dan", "vet,ts" } };
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct toc_arena *arena = toc_arena_new();
		struct rig *r = rig_new(arena, strcmp(rows[i].user, "dan") == 0 ? "da ts" : "ts", people);
		hit(r, start, rows[i].user, NULL, NULL);
		char got[COPIES * 260] = "";
		for (unsigned k = r->n; k--;)
			sprintf(got + strlen(got), "%s%s", got[0] ? "," : "", r->where[k]);
		assert_string_equal(got, rows[i].routes);
		assert_int_equal(toc_alerts_count(r->alerts)->moved, strcmp(rows[i].routes, "ts") != 0);
		rig_free(r);
		toc_arena_free(arena);
	}
}

/* The end goes where the beginning went, whatever the later evidence says; who was concerned stays out. */
static void revisions_keep_their_readers(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts", people);
	r->rule.nkeys = 0;
	r->rule.subject.n = 0;
	hit(r, start, "erin", NULL, NULL);
	assert_string_equal(r->where[0], "ts");
	hit(r, start + TOC_SEC, "aito", NULL, NULL);
	assert_string_equal(r->where[0], "da");
	assert_int_equal(r->n, 1);
	toc_alerts_finish(r->alerts, start + TOC_MIN);
	assert_int_equal(r->n, 1);
	assert_string_equal(r->where[0], "da");
	rig_free(r);
	toc_arena_free(arena);
}

static void tokens_change_with_the_school_year(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts", NULL);
	r->config.school_year = 815;
	assert_int_equal(school_year(start, 815), 2025);
	assert_int_equal(school_year(INT64_C(1786665600) * TOC_SEC, 815), 2025); /* 2026-08-14 */
	assert_int_equal(school_year(INT64_C(1786752000) * TOC_SEC, 815), 2026);
	hit(r, start, "erin.doe", NULL, NULL);
	char first[17] = "", again[17] = "";
	memcpy(first, strstr(r->own, "tok_"), 16);
	hit(r, start + 30 * TOC_DAY, "erin.doe", NULL, NULL);
	memcpy(again, strstr(r->own, "tok_"), 16);
	assert_string_equal(first, again);
	hit(r, INT64_C(1786752000) * TOC_SEC, "erin.doe", NULL, NULL);
	memcpy(again, strstr(r->own, "tok_"), 16);
	assert_string_not_equal(first, again);
	rig_free(r);
	toc_arena_free(arena);
}

static void the_seal_holds_who_it_was(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts", NULL);
	struct mask m = { .site_key = r->config.site_key };
	uint8_t plain[4096];
	char aad[80], token[17] = "";
	hit(r, start, "Erin.Doe", NULL, NULL);
	memcpy(token, strstr(r->own, "tok_"), 16);
	mask_use_year(&m, r->year);
	snprintf(aad, sizeof(aad), "%s-%u", r->id, r->revision);
	const struct toc_span sealed = toc_span_of(r->sealed, r->nsealed);
	assert_true(toc_unseal(m.seal_key, toc_span_str(aad), sealed, plain));
	plain[r->nsealed - TOC_SEAL_MORE] = '\0';
	assert_non_null(strstr((char *)plain, token));
	assert_non_null(strstr((char *)plain, "erin.doe"));
	for (size_t i = 0; i + 8 <= r->nsealed; i++)
		assert_int_not_equal(memcmp(r->sealed + i, "erin.doe", 8), 0);
	assert_false(toc_unseal(m.seal_key, toc_span_str("another-1"), sealed, plain));
	r->sealed[r->nsealed - 20] ^= 1;
	assert_false(toc_unseal(m.seal_key, toc_span_str(aad), sealed, plain));
	r->sealed[r->nsealed - 20] ^= 1;
	mask_use_year(&m, r->year + 1);
	assert_false(toc_unseal(m.seal_key, toc_span_str(aad), sealed, plain));
	rig_free(r);
	toc_arena_free(arena);
}

/* The whole district's stream: masked, and never of what administrators, HR or counsellors are told. */
static void all_is_masked_and_narrow(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts", NULL);
	r->config.all = true;
	hit(r, start, "erin.doe", NULL, NULL);
	assert_null(strstr(copy_for(r, "all"), "lab-pc"));
	rig_free(r);
	static const char *const closed[] = { "ts da", "ts hr", "coun.east", "ts vet" };
	for (unsigned i = 0; i < 4; i++) {
		r = rig_new(arena, closed[i], NULL);
		r->config.all = true;
		hit(r, start, "erin.doe", "east", "student");
		assert_null(copy_for(r, "all"));
		assert_true(r->n > 0);
		rig_free(r);
	}
	toc_arena_free(arena);
}

/* More names than are kept: nothing that could not be looked through is shown. */
static void too_many_names_hide_everything(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct rig *r = rig_new(arena, "ts", NULL);
	char user[8000];
	r->rule.nkeys = 0;
	for (int i = 0; i < 4; i++) {
		memset(user, 'a' + i, sizeof(user) - 1);
		memcpy(user + sizeof(user) - 10, "last.name", 10);
		hit(r, start + i * TOC_SEC, user, NULL, NULL);
	}
	assert_null(strstr(r->own, "last.name"));
	assert_null(strstr(r->own, "LAB-PC-7"));
	rig_free(r);
	toc_arena_free(arena);
}

static void people_with_mistakes(void **state)
{
	static const char *const wrong[] = { "people: x\n",
					     "people: [{uid: Amy}]\n",
					     "people: [{uid: a, routes: ['*']}]\n",
					     "people: [{uid: a, approves: [all]}]\n",
					     "people: [{uid: a, hours: '9-5'}]\n",
					     "people: [{uid: a}, {uid: a}]\n",
					     "people: [{uid: a, routes: [da]}]\n",
					     "people: [{uid: a, surprise: 1}]\n",
					     "people: [{uid: a, routes: [{}]}]\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct toc_arena *arena = toc_arena_new();
		struct toc_diag *diag = toc_diag_new();
		char path[] = "/tmp/people.XXXXXX";
		FILE *f = fdopen(mkstemp(path), "w");
		fputs(wrong[i], f);
		fclose(f);
		assert_non_null(toc_people_read(arena, &toc_opener_self, path, diag));
		if (!toc_diag_errors(diag))
			fail_msg("nothing wrong with %s", wrong[i]);
		unlink(path);
		toc_diag_free(diag);
		toc_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_route_sees_its_own),
		cmocka_unit_test(principals_see_their_building),
		cmocka_unit_test(who_is_concerned_does_not_get_it),
		cmocka_unit_test(revisions_keep_their_readers),
		cmocka_unit_test(tokens_change_with_the_school_year),
		cmocka_unit_test(the_seal_holds_who_it_was),
		cmocka_unit_test(all_is_masked_and_narrow),
		cmocka_unit_test(too_many_names_hide_everything),
		cmocka_unit_test(people_with_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
