/* board: revisions and deeds come in any order and fold to the same; who had not seen the last deed changes nothing. */
#include "test.h"

#include "cli/board.h"
#include "cli/filter.h"
#include "cli/fold.h"

static const char id[] = "0123456789abcdef0123456789abcdef";

static const struct toc_person persons[] = { { .uid = "amy", .routes = (const char *const[]){ "ts", NULL } },
					     { .uid = "bo", .routes = (const char *const[]){ "ts", NULL } } };
static const struct toc_people people = { 2, (struct toc_person *)(uintptr_t)persons, NULL };

static struct cli_board *board(void)
{
	static const char *const routes[] = { "ts", NULL };
	const struct cli_board_config c = { .uid = "amy", .people = &people, .routes = routes };
	return cli_board_new(&c);
}

static bool take(struct cli_board *b, const char *alert, unsigned rev, const char *act, unsigned sev)
{
	char revision[16], severity[16], json[512];
	snprintf(revision, sizeof(revision), "%u", rev);
	snprintf(severity, sizeof(severity), "%u", sev);
	snprintf(json, sizeof(json),
		 "{\"rule\":\"r1\",\"message\":\"m\",\"count\":%u,\"start_time\":1000,\"end_time\":%u000,\"finding_"
		 "info\":{\"title\":\"Odd "
		 "login\"},\"unmapped\":{\"tocsin\":{\"key\":{\"ip\":\"10.1.2.3\",\"user\":\"tok_1\"}}}}",
		 rev, rev);
	const char *const text[] = { "v", "1",	 "id",	   alert,  "rev", revision, "act",
				     act, "sev", severity, "rule", "r1",  "ev",	    json };
	struct toc_span f[14];
	for (int i = 0; i < 14; i++)
		f[i] = toc_span_str(text[i]);
	return cli_board_take_alert(b, "ts", 14, f);
}

static bool deed(struct cli_board *b, const char *who, const char *at, const char *what, const char *on,
		 const char *more, const char *value)
{
	const char *const text[] = { "v", "1", "id", id, "rev", "1", "do", what, "on", on, more, value };
	struct toc_span f[12];
	unsigned n = more ? 12 : 10;
	for (unsigned i = 0; i < n; i++)
		f[i] = toc_span_str(text[i]);
	return cli_board_take_event(b, who, at, n, f);
}

static struct cli_alert *the(struct cli_board *b)
{
	bool many;
	return cli_board_find(b, id, &many);
}

static void the_newest_revision_counts(void **state)
{
	struct cli_board *b = board();
	(void)state;
	assert_true(take(b, id, 2, "update", 4));
	assert_true(take(b, id, 1, "create", 4)); /* late, or once more */
	assert_int_equal(the(b)->rev, 2);
	assert_int_equal(the(b)->act, 'u');
	assert_string_equal(the(b)->key, "ip 10.1.2.3, user tok_1");
	assert_true(take(b, id, 3, "close", 4));
	assert_int_equal(the(b)->act, 'x');
	assert_false(take(b, "../../etc/passwd", 1, "create", 4));
	assert_false(take(b, "fedcba9876543210fedcba9876543210", 0, "create", 4));
	assert_false(take(b, "0123456789ABCDEF0123456789abcdef", 1, "create", 4));
	cli_board_free(b);
}

static void who_was_slower_changes_nothing(void **state)
{
	struct cli_board *b = board();
	(void)state;
	take(b, id, 1, "create", 4);
	assert_true(deed(b, "bo", "101-0", "ack", "-", "verdict", "false"));
	assert_true(deed(b, "amy", "100-0", "ack", "-", "verdict", "true")); /* read later, done earlier */
	assert_true(deed(b, "bo", "102-0", "note", "-", "note", "not so sure"));
	struct cli_alert *a = the(b);
	assert_string_equal(a->now.verdict, "true");
	assert_string_equal(a->now.by, "amy");
	assert_string_equal(a->head, "amy/100-0");
	assert_int_equal(a->conflicts, 1);
	assert_true(a->events[1]->conflict);
	assert_false(a->events[2]->conflict); /* a note is no conflict */
	assert_true(deed(b, "bo", "103-0", "assign", "amy/100-0", "to", "bo"));
	assert_string_equal(a->now.assignee, "bo");
	cli_board_free(b);
}

static void undo_goes_back_and_forth(void **state)
{
	struct cli_board *b = board();
	(void)state;
	take(b, id, 1, "create", 4);
	deed(b, "amy", "100-0", "ack", "-", "verdict", "true");
	deed(b, "amy", "101-0", "close", "amy/100-0", "verdict", "benign");
	assert_true(the(b)->now.closed);
	deed(b, "amy", "102-0", "undo", "amy/101-0", NULL, NULL);
	assert_false(the(b)->now.closed);
	assert_true(the(b)->now.acked);
	assert_string_equal(the(b)->now.verdict, "true");
	deed(b, "amy", "103-0", "undo", "amy/102-0", NULL, NULL);
	assert_true(the(b)->now.closed);
	assert_string_equal(the(b)->now.verdict, "benign");
	cli_board_free(b);
}

static void an_exemption_stands_until_it_is_undone(void **state)
{
	struct cli_board *b = board();
	(void)state;
	take(b, id, 1, "create", 4);
	deed(b, "amy", "100-0", "exempt", "-", "days", "30");
	assert_string_equal(the(b)->now.exempt->id, "amy/100-0");
	assert_int_equal(the(b)->now.exempt->days, 30);
	deed(b, "bo", "101-0", "exempt", "-", "days", "90"); /* had not seen it */
	assert_string_equal(the(b)->now.exempt->id, "amy/100-0");
	deed(b, "bo", "102-0", "undo", "amy/100-0", NULL, NULL);
	assert_null(the(b)->now.exempt);
	cli_board_free(b);
}

/* The first that is left follows what retention took away; the others are held to what they saw. */
static void what_is_gone_conflicts_with_nothing(void **state)
{
	struct cli_board *b = board();
	(void)state;
	take(b, id, 1, "create", 4);
	deed(b, "amy", "100-0", "close", "bo/50-0", "verdict", "true");
	assert_true(the(b)->now.closed);
	assert_int_equal(the(b)->conflicts, 0);
	deed(b, "bo", "101-0", "assign", "bo/50-0", "to", "bo");
	assert_int_equal(the(b)->conflicts, 1);
	assert_null(the(b)->now.assignee);
	cli_board_free(b);
}

/* Without alerts: their ids are enough. */
static void deeds_alone(void **state)
{
	static const char *const routes[] = { "ts", NULL };
	const struct cli_board_config c = {
		.uid = toc_keeper_uid, .people = &people, .routes = routes, .deeds_only = true
	};
	struct cli_board *b = cli_board_new(&c);
	unsigned n;
	(void)state;
	assert_true(deed(b, "amy", "100-0", "exempt", "-", "days", "7"));
	assert_non_null(the(b)->now.exempt);
	assert_true(deed(b, "bo", "101-0", "undo", "amy/100-0", NULL, NULL));
	assert_null(the(b)->now.exempt);
	assert_non_null(cli_board_alerts(b, &n));
	assert_int_equal(n, 1);
	cli_board_free(b);
}

static void deeds_before_their_alert(void **state)
{
	struct cli_board *b = board();
	(void)state;
	deed(b, "amy", "100-0", "ack", "-", "verdict", "true");
	assert_null(the(b));
	take(b, id, 1, "create", 4);
	assert_true(the(b)->now.acked);
	cli_board_free(b);
}

static void nonsense_is_left_out(void **state)
{
	struct cli_board *b = board();
	(void)state;
	take(b, id, 1, "create", 4);
	assert_false(deed(b, "amy", "100-0", "explode", "-", NULL, NULL));
	assert_false(deed(b, "amy", "100-0", "ack", "-", "verdict", "guilty"));
	assert_int_equal(the(b)->nevents, 0);
	cli_board_free(b);
}

static void filters(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} rows[] = { { "", true },
		     { "odd", true },
		     { "ODD LOGIN", true },
		     { "\"odd login\"", true },
		     { "\"login odd\"", false },
		     { "-odd", false },
		     { "sev:4", true },
		     { "sev>=5", false },
		     { "sev<5 sev>3", true },
		     { "is:new", false },
		     { "is:acked", true },
		     { "-is:closed", true },
		     { "is:mine", true },
		     { "who:amy", true },
		     { "who:bo", false },
		     { "verdict:true", true },
		     { "id:0123", true },
		     { "id:123", false },
		     { "route:ts", true },
		     { "rule:r1", true },
		     { "age<1m", false },
		     { "age>30s", true },
		     { "count>=2", true },
		     { "is:grown", true },
		     { "10.1.2.3", true },
		     { "is:engaged", true } };
	static const char *const wrong[] = { "is:red", "sev:high", "age<soon", "rule>x",
					     "a b c d e f g h i j k l m n o p q" };
	struct cli_board *b = board();
	struct cli_filter f;
	char err[128];
	(void)state;
	take(b, id, 2, "update", 4);
	deed(b, "amy", "100-0", "ack", "-", "verdict", "true");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(cli_filter_parse(rows[i].text, &f, err, sizeof(err)));
		if (cli_filter_holds(&f, the(b), "amy", 2000 + 61000) != rows[i].holds)
			fail_msg("%s", rows[i].text);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (cli_filter_parse(wrong[i], &f, err, sizeof(err)))
			fail_msg("%s is no filter", wrong[i]);
	cli_board_free(b);
}

/* Unacknowledged ones first, the severest of them on top. */
static void order(void **state)
{
	struct cli_board *b = board();
	unsigned n;
	(void)state;
	take(b, "00000000000000000000000000000001", 1, "create", 2);
	take(b, "00000000000000000000000000000002", 1, "create", 5);
	take(b, id, 1, "create", 5);
	deed(b, "amy", "100-0", "ack", "-", "verdict", "true");
	struct cli_alert *const *all = cli_board_alerts(b, &n);
	assert_int_equal(n, 3);
	assert_string_equal(all[0]->id, "00000000000000000000000000000002");
	assert_string_equal(all[1]->id, "00000000000000000000000000000001");
	assert_string_equal(all[2]->id, id);
	bool many;
	assert_null(cli_board_find(b, "0000", &many));
	assert_true(many);
	assert_null(cli_board_find(b, "ffff", &many));
	assert_false(many);
	cli_board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_revision_counts),
		cmocka_unit_test(who_was_slower_changes_nothing),
		cmocka_unit_test(undo_goes_back_and_forth),
		cmocka_unit_test(an_exemption_stands_until_it_is_undone),
		cmocka_unit_test(what_is_gone_conflicts_with_nothing),
		cmocka_unit_test(deeds_alone),
		cmocka_unit_test(deeds_before_their_alert),
		cmocka_unit_test(nonsense_is_left_out),
		cmocka_unit_test(filters),
		cmocka_unit_test(order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
