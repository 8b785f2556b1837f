/* second path: a line reaches a syslog socket, also one that came later than the sensor. */
#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/second_path.h"

static void a_line(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/tmp/tocsin-second.XXXXXX" };
	char line[1024];
	(void)state;
	assert_non_null(mkdtemp(at.sun_path));
	char folder[sizeof(at.sun_path)];
	snprintf(folder, sizeof(folder), "%s", at.sun_path);
	strcat(at.sun_path, "/log");
	struct toc_second_path *s = toc_second_path_new(&toc_opener_self, at.sun_path);
	toc_second_path_say(s, "nobody listens, and nothing breaks");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	toc_second_path_say(s, "no alert reaches Redis since %d s\n<0>forged", 60);
	ssize_t n = recv(fd, line, sizeof(line) - 1, 0);
	assert_true(n > 0);
	line[n] = '\0';
	assert_int_equal(strncmp(line, "<25>tocsin[", 11), 0);
	assert_non_null(strstr(line, "]: no alert reaches Redis since 60 s?<0>forged"));
	close(fd);
	unlink(at.sun_path);
	rmdir(folder);
	toc_second_path_free(s);
	toc_second_path_say(NULL, "stderr only");
}

/* The engine's thread says here what it lost: a syslog that does not read may not stop it. */
static void who_does_not_read_is_not_waited_for(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/tmp/tocsin-second.XXXXXX" };
	char line[64] = "";
	(void)state;
	assert_non_null(mkdtemp(at.sun_path));
	char folder[sizeof(at.sun_path)];
	snprintf(folder, sizeof(folder), "%s", at.sun_path);
	strcat(at.sun_path, "/log");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(connect(other, (struct sockaddr *)&at, sizeof(at)), 0);
	while (send(other, line, sizeof(line), MSG_DONTWAIT) > 0)
		;
	struct toc_second_path *s = toc_second_path_new(&toc_opener_self, at.sun_path);
	alarm(5); /* ends the test where it would wait for ever */
	toc_second_path_say(s, "lost");
	toc_second_path_note(s, "noted");
	alarm(0);
	while (recv(fd, line, sizeof(line), MSG_DONTWAIT) > 0)
		;
	toc_second_path_say(s, "heard again");
	assert_true(recv(fd, line, sizeof(line), MSG_DONTWAIT) > 0);
	close(fd);
	close(other);
	unlink(at.sun_path);
	rmdir(folder);
	toc_second_path_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_line),
					    cmocka_unit_test(who_does_not_read_is_not_waited_for) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
