/* relp: sessions however cut, what breaks them, and how we leave. */
#include "test.h"

#include "receive/receive.h"

struct said {
	char lines[4096], answers[4096];
};

static void add(char *to, struct toc_span s, const char *end)
{
	size_t at = strlen(to);
	snprintf(to + at, 4096 - at, "%.*s%s", (int)s.n, (const char *)s.p, end);
}

static void line(void *user, struct toc_span text, bool truncated)
{
	add(((struct said *)user)->lines, text, truncated ? "~|" : "|");
}

static void answer(void *user, struct toc_span bytes)
{
	add(((struct said *)user)->answers, bytes, "");
}

static const struct toc_relp_calls calls = { line, answer };

static bool feed(struct toc_relp *r, const char *bytes, size_t step, struct said *s)
{
	size_t n = strlen(bytes);
	bool ok = true;
	for (size_t i = 0; i < n && ok; i += step)
		ok = toc_relp_feed(r, toc_span_of(bytes + i, step < n - i ? step : n - i), &calls, s);
	return ok;
}

#define OPEN   "1 open 39 relp_version=0\ncommands=syslog,eventlog\n"
#define OPENED "1 rsp 58 200 OK\nrelp_version=0\nrelp_software=tocsin\ncommands=syslog\n"

static void sessions(void **state)
{
	static const struct {
		const char *in, *lines, *answers;
		bool ok, closed;
	} cases[] = {
		{ OPEN "2 syslog 4 <1>a\n3 syslog 6 <2>b\nc\n4 close 0\n", "<1>a|<2>b\nc|",
		  OPENED "2 rsp 6 200 OK\n3 rsp 6 200 OK\n4 rsp 0 \n0 serverclose 0\n", true, true },
		{ OPEN "2 syslog 0\n3 syslog 0 \n", "", OPENED "2 rsp 6 200 OK\n3 rsp 6 200 OK\n", true, false },
		{ "1 open 21 commands=eventlog,a=b\n", "", "1 rsp 32 500 the command syslog is needed\n", true, false },
		{ "1 syslog 4 <1>a\n", "", "", false, false },
		{ OPEN "2 frobnicate 0\n", "", OPENED "2 rsp 28 500 there is no such command\n", true, false },
		{ OPEN "2 syslog 4 <1>aX", "", OPENED, false, false },
		{ OPEN "2 syslog 999999999 x", "", OPENED, false, false },
		{ OPEN OPEN, "", OPENED, false, false },
		{ "GET / HTTP/1.1\r\n", "", "", false, false },
		{ "1234567890 open 0\n", "", "", false, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 1; step < 80; step += 13) {
			struct toc_relp *r = toc_relp_new(480);
			struct said s = { "", "" };
			bool ok = feed(r, cases[i].in, step, &s);
			if (ok != cases[i].ok || strcmp(s.lines, cases[i].lines) != 0 ||
			    strcmp(s.answers, cases[i].answers) != 0)
				fail_msg("%s: %d, %s, %s", cases[i].in, ok, s.lines, s.answers);
			assert_int_equal(toc_relp_closed(r), cases[i].closed);
			toc_relp_free(r);
		}
}

static void long_ones_are_cut(void **state)
{
	char frame[800], text[600];
	(void)state;
	memset(text, 'x', 599);
	text[599] = '\0';
	snprintf(frame, sizeof(frame), OPEN "2 syslog 599 %s\n3 syslog 1 y\n", text);
	struct toc_relp *r = toc_relp_new(480);
	struct said s = { "", "" };
	assert_true(feed(r, frame, 7, &s));
	assert_int_equal(strlen(s.lines), 480 + 2 + 2);
	assert_non_null(strstr(s.lines, "x~|y|"));
	assert_non_null(strstr(s.answers, "2 rsp 6 200 OK\n3 rsp 6 200 OK\n")); /* it was taken as far as it goes */
	toc_relp_free(r);
}

/* After our goodbye nothing is taken, and nothing acknowledged: the sender keeps it. */
static void leaving(void **state)
{
	(void)state;
	struct toc_relp *r = toc_relp_new(480);
	struct said s = { "", "" };
	assert_true(feed(r, OPEN "2 syslog 1 a\n3 sys", 100, &s));
	assert_true(toc_relp_waits(r));
	s.answers[0] = '\0';
	toc_relp_leave(r, &calls, &s);
	assert_string_equal(s.answers, "0 serverclose 0\n");
	assert_true(feed(r, "log 1 b\n4 syslog 1 c\n", 100, &s));
	assert_string_equal(s.lines, "a|");
	assert_string_equal(s.answers, "0 serverclose 0\n");
	assert_false(toc_relp_waits(r));
	toc_relp_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sessions), cmocka_unit_test(long_ones_are_cut),
					    cmocka_unit_test(leaving) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
