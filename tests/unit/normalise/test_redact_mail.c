/* redact_mail: of what mail programs log no recipient, subject or name of an attachment stays (policy.md SYS-03,
 * SYS-04). */
#include "test.h"

#include "normalise/redact.h"

static void expect(const char *line, const char *left)
{
	uint8_t room[512];
	const struct toc_span got = redact_mail(toc_span_str(line), room, sizeof(room));
	char text[512];
	snprintf(text, sizeof(text), "%.*s", (int)got.n, (const char *)got.p);
	assert_string_equal(text, left);
}

static void words(void **state)
{
	(void)state;
	expect("warning: header Subject: a fine day from pc7", "warning: header Subject: [redacted]");
	expect("reject: filename=\"x.pdf\" from pc7", "reject: filename= [redacted]");
	expect("to=<a.b@far.example>, relay=mx", "to=<[address]>, relay=mx");
	expect("SCAN - a@b.example 2 71 - SUBJ:a fine day", "SCAN - [address] 2 71 - SUBJ: [redacted]"); /* Barracuda */
	expect("subjects are many", "subjects are many");
}

static void brackets(void **state)
{
	(void)state;
	expect("Blocked BANNED (.exe,x.pdf), <a@b.example> -> <c@d.example>",
	       "Blocked BANNED ([redacted]), <[address]> -> <[address]>");
	expect("lmtp(erin): stored", "lmtp([redacted]): stored");
	expect("lmtp(erin", "lmtp([redacted]"); /* the line was cut */
	expect("BANNED (a) lda(b)", "BANNED ([redacted]) lda([redacted])");
	expect("host (10.9.0.7) said", "host (10.9.0.7) said");
	expect("(", "(");
}

/* Names of recipients that have no domain. */
static void bare(void **state)
{
	(void)state;
	expect("error,relay=192.0.2.7,from=<a@b.example>,to=<erin>: 550 User <erin> unknown.",
	       "error,relay=192.0.2.7,from=<[address]>,to=<[address]>: 550 User <[address]> unknown.");
	expect("550 User <erin@school.example> unknown", "550 User <[address]> unknown");
	expect("550 User <eri", "550 User <[address]"); /* the line was cut */
	expect("orig_to=<root>, RCPT TO:<erin>", "orig_to=<[address]>, RCPT TO:<[address]>");
	expect("from=<>, to=<>, helo=<pc7>", "from=<>, to=<>, helo=<pc7>");
	expect("user <erin> logged in", "user <erin> logged in");
	expect("550 User unknown <", "550 User unknown <");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(brackets),
					    cmocka_unit_test(bare) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
