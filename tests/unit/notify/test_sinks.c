/* sinks: a local syslog that does not read is not waited for, and gets its message when it does. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify/notify.h"
#include "test.h"

enum { MOST = 5000 }; /* messages that a socket takes unread: net.unix.max_dgram_qlen, 10 by custom */

static bool tell(const struct notify_sinks *sinks)
{
	const struct notify_line line = { .id = "a-1", .severity = 3, .rule = "a rule" };
	const struct notify_message m = { .lines = &line, .n = 1 };
	unsigned taken = 0;
	char err[256] = "";
	bool ok = notify_send(sinks, &m, &taken, err, sizeof(err));
	assert_true(ok || strstr(err, "syslog"));
	return ok;
}

static void a_full_syslog_is_not_waited_for(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char got[512];
	unsigned sent = 0;
	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/test_sinks.%d", (int)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	const struct notify_sinks sinks = { .syslog = at.sun_path };
	alarm(30); /* who waits is ended */
	while (sent < MOST && tell(&sinks))
		sent++;
	assert_in_range(sent, 1, MOST - 1);
	assert_true(recv(fd, got, sizeof(got), 0) > 0);
	assert_non_null(strstr(got, "tocsin["));
	assert_true(tell(&sinks));
	alarm(0);
	close(fd);
	unlink(at.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_full_syslog_is_not_waited_for) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
