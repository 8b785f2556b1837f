/* keeper: it opens what the configuration names, refuses the rest, survives nonsense, and ends with the engine. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/keeper.h"
#include "deliver/segment.h"

struct rig {
	char folder[64], log[128], other[128], sock[128], journal[128], url[64];
	struct toc_config config;
	struct toc_keeper *keeper;
	int listening, queue;
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	snprintf(r->folder, sizeof(r->folder), "/tmp/tocsin-unit-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->log, sizeof(r->log), "%s/auth.log", r->folder);
	snprintf(r->other, sizeof(r->other), "%s/other.log", r->folder);
	snprintf(r->sock, sizeof(r->sock), "%s/log.sock", r->folder);
	snprintf(r->journal, sizeof(r->journal), "%s/journal", r->folder);
	assert_int_equal(mkdir(r->journal, 0700), 0);
	write_file(r->log, "first\n");
	write_file(r->other, "not for it\n");
	write_file(r->sock, "");
	r->listening = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->listening, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(r->listening, 4), 0);
	assert_int_equal(getsockname(r->listening, (struct sockaddr *)&at, &n), 0);
	snprintf(r->url, sizeof(r->url), "redis://localhost:%u", ntohs(at.sin_port));
	r->config.redis_url = r->url;
	r->config.nlisteners = 2;
	r->config.listeners[0] = (struct toc_listener){ .kind = TOC_LISTEN_FILE, .address = r->log };
	r->config.listeners[1] = (struct toc_listener){ .kind = TOC_LISTEN_UNIX, .address = r->sock };
	r->queue = inotify_init1(IN_NONBLOCK | IN_CLOEXEC); /* before the fork: both have it */
	assert_true(r->queue >= 0);
	r->keeper = toc_keeper_new(&r->config, r->journal);
	*state = r;
	return r->keeper ? 0 : -1;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	char command[128];
	toc_keeper_free(r->keeper);
	close(r->listening);
	close(r->queue);
	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	int status = system(command);
	free(r);
	return status;
}

/* Runs the body in an engine's process; its exit status comes back through the keeper. */
static int served(struct rig *r, int (*body)(struct rig *r, const struct toc_opener *o))
{
	sigset_t none;
	sigemptyset(&none);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		toc_keeper_engine(r->keeper);
		_exit(body(r, toc_keeper_opener(r->keeper, TOC_KEEPER_DELIVERY)));
	}
	int status = toc_keeper_serve(r->keeper, child, &none, NULL, -1);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The number of the line that failed is the exit status. */
#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			return __LINE__ & 255 ? __LINE__ & 255 : 255;                                                  \
	} while (0)

static int reads_its_log(struct rig *r, const struct toc_opener *o)
{
	char text[16] = { 0 };
	int fd = toc_open(o, TOC_ASK_READ, r->log);
	MUST(fd > 0 && read(fd, text, sizeof(text) - 1) == 6 && strcmp(text, "first\n") == 0);
	MUST((fcntl(fd, F_GETFD) & FD_CLOEXEC) && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	/* its changes, and names in its folder, in a queue that the engine cannot fill itself */
	char what[300];
	snprintf(what, sizeof(what), "%d %s", r->queue, r->log);
	const int number = toc_open(o, TOC_ASK_WATCH, what);
	FILE *f = fopen(r->log, "a");
	MUST(number > 0 && f && fputs("more\n", f) > 0 && fclose(f) == 0);
	struct inotify_event e = { 0 };
	MUST(read(r->queue, &e, sizeof(e)) == sizeof(e) && e.wd == number && e.mask == IN_MODIFY);
	snprintf(what, sizeof(what), "%d %s", r->queue, r->folder);
	MUST(toc_open(o, TOC_ASK_WATCH, what) > number);
	snprintf(what, sizeof(what), "0 %s", r->log); /* what is no queue, the kernel refuses */
	MUST(toc_open(o, TOC_ASK_WATCH, what) == -1 && errno != EPERM);
	MUST(unlink(r->log) == 0 && toc_open(o, TOC_ASK_READ, r->log) == -1 && errno == ENOENT);
	return 0;
}

static int makes_and_removes_segments(struct rig *r, const struct toc_opener *o)
{
	char path[256], name[64];
	struct stat st;
	toc_segment_name(0, 20000, name);
	snprintf(path, sizeof(path), "%s/%s", r->journal, name);
	int fd = toc_open(o, TOC_ASK_SEGMENT, path);
	MUST(fd > 0 && write(fd, "abc", 3) == 3 && stat(path, &st) == 0 && st.st_size == 3);
	MUST((st.st_mode & 0777) == 0600);
	MUST(toc_open(o, TOC_ASK_REMOVE, path) == 0 && stat(path, &st) != 0);
	MUST(toc_open(o, TOC_ASK_REMOVE, r->sock) == 0 && stat(r->sock, &st) != 0);
	return 0;
}

static int refused(const struct toc_opener *o, enum toc_ask ask, const char *what)
{
	errno = 0;
	return toc_open(o, ask, what) == -1 && errno == EPERM;
}

static int is_refused_the_rest(struct rig *r, const struct toc_opener *o)
{
	char path[256], long_name[2 * TOC_ASK_MOST];
	struct stat st;
	MUST(refused(o, TOC_ASK_READ, "/etc/passwd") && refused(o, TOC_ASK_READ, r->other));
	MUST(refused(o, TOC_ASK_READ, r->sock) && refused(o, TOC_ASK_READ, ""));
	MUST(refused(o, TOC_ASK_SEGMENT, r->log) && refused(o, TOC_ASK_SEGMENT, r->journal));
	snprintf(path, sizeof(path), "%s/../other.log", r->journal);
	MUST(refused(o, TOC_ASK_SEGMENT, path) && refused(o, TOC_ASK_REMOVE, path));
	snprintf(path, sizeof(path), "%s/cursor", r->journal);
	MUST(refused(o, TOC_ASK_REMOVE, path));
	MUST(refused(o, TOC_ASK_REMOVE, r->log) && stat(r->log, &st) == 0);
	MUST(refused(o, TOC_ASK_CONNECT, "tcp:192.0.2.1:80") && refused(o, TOC_ASK_CONNECT, "unix:/run/docker.sock"));
	memset(long_name, 'a', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	MUST(toc_open(o, TOC_ASK_READ, long_name) == -1 && errno == ENAMETOOLONG);
	MUST(refused(o, (enum toc_ask)99, r->log)); /* it goes on after nonsense */
	MUST(toc_open(o, TOC_ASK_READ, r->log) > 0);
	char what[300];
	snprintf(what, sizeof(what), "%d %s", r->queue, r->other);
	MUST(refused(o, TOC_ASK_WATCH, what) && refused(o, TOC_ASK_WATCH, r->log) &&
	     refused(o, TOC_ASK_FOLDER, "/etc"));
	return 0;
}

static int connects_to_its_redis(struct rig *r, const struct toc_opener *o)
{
	char to[96];
	snprintf(to, sizeof(to), "tcp:localhost:%s", strrchr(r->url, ':') + 1);
	for (int i = 0; i < 20; i++) { /* each by a child of the keeper's */
		int fd = toc_open(o, TOC_ASK_CONNECT, to);
		MUST(fd > 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK));
		int came = accept(r->listening, NULL, NULL);
		MUST(came >= 0);
		close(came);
		close(fd);
	}
	return 0;
}

static void a_log(void **state)
{
	assert_int_equal(served(*state, reads_its_log), 0);
}

static void segments(void **state)
{
	assert_int_equal(served(*state, makes_and_removes_segments), 0);
}

static void the_rest(void **state)
{
	assert_int_equal(served(*state, is_refused_the_rest), 0);
}

static void redis(void **state)
{
	assert_int_equal(served(*state, connects_to_its_redis), 0);
}

static int gives_its_status(struct rig *r, const struct toc_opener *o)
{
	(void)r, (void)o;
	return 42;
}

static void the_end(void **state)
{
	assert_int_equal(served(*state, gives_its_status), 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_log, set_up, tear_down),
		cmocka_unit_test_setup_teardown(segments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_rest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(redis, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
