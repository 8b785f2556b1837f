/* multi-part messages: segments in any order become one record, records of the audit know who did it; bounded, and
 * apart by sender.
 */
#include "test.h"

#include "normalise/multipart.h"

struct rig {
	struct multipart *p;
	uint32_t incomplete;
	toc_time at;
};

static int setup(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->p = multipart_new(&key);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	multipart_free(r->p);
	free(r);
	return 0;
}

static const char *take(struct rig *r, uint64_t sender, const char *message)
{
	static char out[65536];
	const struct header h = { .message = toc_span_str(message) };
	uint32_t incomplete = 0;
	struct toc_span text = multipart_wanted(&h) ? multipart_take(r->p, sender, &h, r->at, &incomplete) : h.message;
	r->incomplete += incomplete;
	snprintf(out, sizeof(out), "%.*s", (int)text.n, (const char *)text.p);
	return out;
}

#define same(r, sender, message) assert_string_equal(take(r, sender, message), message)

static void the_last_segment_is_the_whole(void **state)
{
	struct rig *r = *state;
	same(r, 1, "CISE_Passed 00012 3 0 2026-03-02 08:00:44 +00:00 77 5200 NOTICE Passed: ok, UserName=erin,");
	same(r, 1, "CISE_Passed 00012 3 2  C=3");
	same(r, 2, "CISE_Passed 00012 3 1  B=evil");  /* of another sender */
	same(r, 1, "CISE_Passed 00013 3 1  B=other"); /* of another record */
	assert_string_equal(take(r, 1, "CISE_Passed 00012 3 1 B=2, "),
			    "joined CISE_Passed 12 3 0 2026-03-02 08:00:44 +00:00 77 5200 NOTICE Passed: ok, "
			    "UserName=erin, B=2, C=3");
	same(r, 1, "CISE_Passed 00012 3 1 B=2, "); /* it is done: this begins anew */
	assert_int_equal(r->incomplete, 0);
}

static void what_is_no_segment(void **state)
{
	struct rig *r = *state;
	static const char *const others[] = { "CISE_Passed 1 1 0 x",
					      "CISE_Passed 1 17 0 x",
					      "CISE_Passed 1 4 4 x",
					      "CISE_Passed 1 4 0",
					      "CISE_Passed 1 4 ",
					      "CISE_Passed 99999999999999999999 4 0 x",
					      "CISE_Passed",
					      "CISE_",
					      "hello" };
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (unsigned twice = 0; twice < 2; twice++)
			same(r, 1, others[i]);
	same(r, 1, "CISE_P 5 2 1 b");
	same(r, 1, "CISE_P 5 2 1 b"); /* the same segment again */
	assert_string_equal(take(r, 1, "CISE_P 5 2 0 a"), "joined CISE_P 5 2 0 a, b");
}

static void records_are_given_up(void **state)
{
	struct rig *r = *state;
	char line[64], big[9000];
	same(r, 1, "CISE_P 5 2 0 a");
	r->at = 11 * TOC_SEC;
	same(r, 1, "CISE_P 5 2 1 b"); /* too late: that number means another one */
	assert_int_equal(r->incomplete, 1);
	for (int i = 10; i < 15; i++) { /* four fit */
		snprintf(line, sizeof(line), "CISE_P %d 2 0 a", i);
		same(r, 1, line);
	}
	assert_int_equal(r->incomplete, 3);
	same(r, 3, "CISE_P 5 2 0 a"); /* others have room of their own */
	assert_string_equal(take(r, 3, "CISE_P 5 2 1 b"), "joined CISE_P 5 2 0 a, b");
	memset(big, 'x', sizeof(big));
	memcpy(big, "CISE_P 7 2 0 ", 13);
	big[sizeof(big) - 1] = '\0';
	same(r, 4, big);
	big[11] = '1';
	same(r, 4, big); /* more than a record may have */
	assert_int_equal(r->incomplete, 4);
}

static void the_audit_knows_who(void **state)
{
	struct rig *r = *state;
	same(r, 1,
	     "type=SYSCALL msg=audit(1772438441.120:2995): arch=c000003e syscall=59 success=yes a0=55d ppid=10 pid=11 "
	     "auid=1004 uid=0 "
	     "tty=pts1 ses=4 comm=\"wget\" exe=\"/usr/bin/wget\" key=(null)");
	assert_string_equal(
		take(r, 1, "type=EXECVE msg=audit(1772438441.120:2995): argc=2 a0=\"wget\" pid=12"),
		"type=EXECVE msg=audit(1772438441.120:2995): argc=2 a0=\"wget\" pid=12 ppid=10 auid=1004 uid=0 ses=4 "
		"tty=pts1 comm=\"wget\" exe=\"/usr/bin/wget\" key=(null) success=yes");
	same(r, 1, "type=PATH msg=audit(1772438441.120:2996): item=0"); /* of another serial */
	same(r, 2, "type=PATH msg=audit(1772438441.120:2995): item=0"); /* of another machine */
	assert_non_null(
		strstr(take(r, 1, "node=srv1 type=PATH msg=audit(1772438441.120:2995): item=0"), " auid=1004 "));
	same(r, 1, "type=SYSCALL msg=audit(");
	same(r, 1, "type=");
	same(r, 1, "node=x");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_segment_is_the_whole),
		TEST(what_is_no_segment),
		TEST(records_are_given_up),
		TEST(the_audit_knows_who),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
