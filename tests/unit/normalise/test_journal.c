/* records of systemd's journal in JSON: what a line of them would have said, and what is no such record. */
#include "test.h"

#include "normalise/journal.h"

static bool open_as(struct header *h, const char *message, size_t room_size)
{
	static uint8_t room[256];
	*h = (struct header){ .priority = -1, .message = toc_span_str(message) };
	assert_true(room_size <= sizeof(room));
	return journal_open(h, room, room_size);
}

static void is_text(struct toc_span got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void a_record_is_a_line(void **state)
{
	struct header h;
	(void)state;
	assert_true(
		open_as(&h,
			"{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"_HOSTNAME\":\"srv1\","
			"\"PRIORITY\":\"6\",\"SYSLOG_FACILITY\":\"10\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_COMM\":\"x\","
			"\"_PID\":\"78\",\"SYSLOG_PID\":\"77\",\"_CAP_EFFECTIVE\":[\"a\",\"b\"],"
			"\"MESSAGE\":\"Invalid user \\\"x\\\" from 192.0.2.7\"}",
			256));
	is_text(h.host, "srv1");
	is_text(h.app, "sshd");
	is_text(h.pid, "77");
	is_text(h.message, "Invalid user \"x\" from 192.0.2.7");
	assert_int_equal(h.priority, 86);
	assert_true(h.has_time);
	assert_int_equal(h.ts, INT64_C(1772438441120000) * TOC_US);
}

static void what_is_not_said(void **state)
{
	struct header h;
	(void)state;
	assert_true(open_as(&h,
			    "{\"_COMM\":\"backup\",\"_PID\":\"9\",\"PRIORITY\":\"4\",\"MESSAGE\":\"done\","
			    "\"__REALTIME_TIMESTAMP\":\"soon\"}",
			    256));
	is_text(h.app, "backup");
	is_text(h.pid, "9");
	is_text(h.host, "");
	assert_false(h.has_time);
	assert_int_equal(h.priority, 28); /* a daemon's */
	assert_true(open_as(&h, "{\"PRIORITY\":\"99\",\"MESSAGE\":\"x\",\"__REALTIME_TIMESTAMP\":\"1772438441120000\"}",
			    256));
	assert_int_equal(h.priority, -1);
	assert_true(open_as(&h,
			    "{\"PRIORITY\":\"3\",\"SYSLOG_FACILITY\":\"77\",\"MESSAGE\":\"x\","
			    "\"__REALTIME_TIMESTAMP\":\"1772438441120000\"}",
			    256));
	assert_int_equal(h.priority, -1);
}

static void what_is_none_stays_as_it_was(void **state)
{
	static const char *const others[] = { "",
					      "{",
					      "{\"MES",
					      "MESSAGE",
					      "{\"EventID\":4625,\"Channel\":\"Security\"}",
					      "{\"MESSAGE\":\"no time\"}",
					      "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\"}",
					      "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"MESSAGE\":[104,105]}",
					      "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"MESSAGE\":\"cut sho",
					      "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"MESSAGE\":null}",
					      NULL };
	struct header h;
	(void)state;
	for (unsigned i = 0; others[i]; i++) {
		assert_false(open_as(&h, others[i], 256));
		is_text(h.message, others[i]);
		assert_int_equal(h.priority, -1);
	}
	/* an escape in a string that has no room left: cut, and never past the room */
	open_as(&h, "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"MESSAGE\":\"a\\tb\\tc\\td\"}", 4);
	assert_true(h.message.n <= 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_a_line),
		cmocka_unit_test(what_is_not_said),
		cmocka_unit_test(what_is_none_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
