/* exempt: the preview is of the same rule and key, and nobody else's; dates from strangers do not overflow. */
#include "test.h"

#include "cli/deed.h"
#include "cli/exempt.h"

static const char *const routes[] = { "ts", NULL };
static const struct cli_board_config config = { .uid = "amy", .routes = routes };

static void take(struct cli_board *b, char first, const char *rule, const char *ip, unsigned count, unsigned end)
{
	char id[33] = "0123456789abcdef0123456789abcdef", json[512];
	id[0] = first;
	snprintf(json, sizeof(json),
		 "{\"rule\":\"%s\",\"message\":\"m\",\"count\":%u,\"start_time\":1000,\"end_time\":%u,"
		 "\"finding_info\":{\"title\":\"t\"},\"unmapped\":{\"tocsin\":{\"key\":{\"ip\":\"%s\"}}}}",
		 rule, count, end, ip);
	const char *const text[] = { "v",      "1",   "id", id,	    "rev", "1",	 "act",
				     "create", "sev", "3",  "rule", rule,  "ev", json };
	struct toc_span f[14];
	for (int i = 0; i < 14; i++)
		f[i] = toc_span_str(text[i]);
	assert_true(cli_board_take_alert(b, "ts", 14, f));
}

static void the_effect_is_of_rule_and_key(void **state)
{
	struct cli_board *b = cli_board_new(&config);
	struct cli_effect e;
	struct cli_lines lines = { 0 };
	bool many, found = false;
	(void)state;
	take(b, 'a', "r1", "10.0.0.1", 3, 5000);
	take(b, 'b', "r1", "10.0.0.1", 4, 9000);
	take(b, 'c', "r1", "10.0.0.2", 5, 9000);
	take(b, 'd', "r2", "10.0.0.1", 6, 9000);
	const char *const text[] = { "v",   "1", "id",	    "b123456789abcdef0123456789abcdef",
				     "rev", "1", "do",	    "ack",
				     "on",  "-", "verdict", "true" };
	struct toc_span f[12];
	for (int i = 0; i < 12; i++)
		f[i] = toc_span_str(text[i]);
	assert_true(cli_board_take_event(b, "amy", "10-0", 12, f));
	cli_effect_read(b, cli_board_find(b, "a", &many), &e);
	assert_int_equal(e.n, 2);
	assert_int_equal(e.events, 7);
	assert_int_equal(e.judged_true, 1);
	assert_int_equal(e.last, 9000);
	cli_effect_lines(&e, 30, 0, &lines);
	for (unsigned i = 0; i < lines.n; i++)
		found = found || strstr(lines.at[i], "1 of them was judged true");
	assert_true(found);
	cli_lines_free(&lines);
	cli_effect_free(&e);
	cli_board_free(b);
}

static void dates_of_strangers(void **state)
{
	const struct cli_event far = { .ms = UINT64_MAX, .days = UINT32_MAX }, soon = { .ms = 1000, .days = 2 };
	(void)state;
	assert_true(cli_exempt_until(&far) > 0);
	assert_int_equal(cli_exempt_until(&soon), 1000 + 2 * 86400000);
}

/* Before anything is written: there is no server here. */
static void what_cannot_be_meant_is_not_asked(void **state)
{
	struct cli_board *b = cli_board_new(&config);
	const struct {
		unsigned days;
		const char *why, *said;
	} rows[] = { { 0, "our own scanner", "1 to 90" },
		     { 91, "our own scanner", "1 to 90" },
		     { 7, "short", "reason" },
		     { 7, NULL, "reason" } };
	char err[256];
	bool many;
	(void)state;
	take(b, 'a', "r1", "10.0.0.1", 3, 5000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cli_deed_made d = { .alert = cli_board_find(b, "a", &many),
						 .deed = CLI_EXEMPT,
						 .days = rows[i].days,
						 .note = rows[i].why };
		assert_false(cli_deed_write(NULL, "amy", &d, err, sizeof(err)));
		assert_non_null(strstr(err, rows[i].said));
	}
	cli_board_free(b);
}

static void who_may(void **state)
{
	static const char *const none[] = { NULL }, *const some[] = { "exemptions", NULL };
	struct toc_person persons[] = { { .uid = "amy", .routes = routes, .approves = some },
					{ .uid = "bo", .routes = routes, .approves = none } };
	const struct toc_people people = { 2, persons, NULL };
	char err[128];
	(void)state;
	assert_true(cli_exempt_may(NULL, "bo", err, sizeof(err)));
	assert_true(cli_exempt_may(&people, "amy", err, sizeof(err)));
	assert_false(cli_exempt_may(&people, "bo", err, sizeof(err)));
	assert_false(cli_exempt_may(&people, "nobody", err, sizeof(err)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_effect_is_of_rule_and_key),
					    cmocka_unit_test(dates_of_strangers),
					    cmocka_unit_test(what_cannot_be_meant_is_not_asked),
					    cmocka_unit_test(who_may) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
