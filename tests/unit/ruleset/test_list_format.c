/* list_format: entries of hosts files, CSV feeds, DROP, Tor's exits and plain lines. */
#include "test.h"

#include <stdio.h>

#include "ruleset/list_format.h"

static char text[512];

static void note(void *self, struct toc_span entry)
{
	(void)self;
	size_t n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "%s%.*s", n ? "|" : "", (int)entry.n, (const char *)entry.p);
}

static const char *read_line(struct list_format f, const char *line)
{
	text[0] = 0;
	list_format_line(&f, toc_span_str(line), note, NULL);
	return text;
}

static void lines(void **state)
{
	(void)state;
	const struct list_format f = { LIST_LINES, 1, false };
	assert_string_equal(read_line(f, "  games.example \t# a comment\r"), "games.example");
	assert_string_equal(read_line(f, "# nothing"), "");
	assert_string_equal(read_line(f, ""), "");
}

static void hosts(void **state)
{
	(void)state;
	const struct list_format f = { LIST_HOSTS, 1, false };
	assert_string_equal(read_line(f, "0.0.0.0 ads.example track.example # both"), "ads.example|track.example");
	assert_string_equal(read_line(f, "127.0.0.1\tlocalhost localhost.localdomain"), "");
	assert_string_equal(read_line(f, "::1 ip6-localhost ip6-loopback"), "");
	assert_string_equal(read_line(f, "0.0.0.0"), "");
}

static void csv(void **state)
{
	(void)state;
	struct list_format f = { LIST_CSV, 2, false };
	assert_string_equal(read_line(f, "\"2026-03-02 08:00:00\", \"192.0.2.7\",\"443\""), "192.0.2.7");
	assert_string_equal(read_line(f, "# first_seen,dst_ip"), "");
	assert_string_equal(read_line(f, "a"), "");
	assert_string_equal(read_line(f, "\"a,b\",\"say \"\"x\"\"\",c"), "say \"\"x\"\"");
	assert_string_equal(read_line(f, "\"never ends"), "");
	f = (struct list_format){ LIST_CSV, 3, true };
	assert_string_equal(read_line(f, "1,x,https://user@bad.example:8080/a#b?c"), "bad.example");
	assert_string_equal(read_line(f, "1,x,192.0.2.7:4444"), "192.0.2.7");
	assert_string_equal(read_line(f, "1,x,http://[2001:db8::7]:80/"), "2001:db8::7");
	assert_string_equal(read_line(f, "1,x,2001:db8::7"), "2001:db8::7");
}

static void others(void **state)
{
	(void)state;
	assert_string_equal(read_line((struct list_format){ LIST_DROP, 1, false }, "192.0.2.0/24 ; SBL1"),
			    "192.0.2.0/24");
	assert_string_equal(read_line((struct list_format){ LIST_DROP, 1, false }, "; a heading"), "");
	const struct list_format tor = { LIST_TOR, 1, false };
	assert_string_equal(read_line(tor, "ExitAddress 192.0.2.9 2026-03-02 08:00:00"), "192.0.2.9");
	assert_string_equal(read_line(tor, "ExitNode 0011223344"), "");
	enum list_form form;
	assert_true(list_form_named("hosts", &form) && form == LIST_HOSTS);
	assert_false(list_form_named("Hosts", &form));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(hosts), cmocka_unit_test(csv),
					    cmocka_unit_test(others) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
