/* Followed files: inotify wakes, queues that overflow, folders that come later, patterns, who cannot watch. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "receive/receive.h"

enum { TEXT = 1 << 15 };

struct rig {
	struct toc_line_taker taker;
	char folder[40], path[128], text[TEXT];
	size_t n;
	unsigned lines;
	struct toc_listener listener;
	struct toc_receiver *receiver;
};

static void take(struct toc_line_taker *self, const struct toc_received *got)
{
	struct rig *r = (struct rig *)self;
	r->lines++;
	if (r->n + got->text.n + 2 > TEXT)
		return;
	memcpy(r->text + r->n, got->text.p, got->text.n);
	r->n += got->text.n;
	r->text[r->n++] = '|';
	r->text[r->n] = '\0';
}

static const char *in(const struct rig *r, const char *name)
{
	static char path[4][160];
	static unsigned i;
	char *out = path[i++ % 4];
	snprintf(out, sizeof(path[0]), "%s/%s", r->folder, name);
	return out;
}

static void append(const struct rig *r, const char *name, const char *text)
{
	FILE *f = fopen(in(r, name), "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void set_up(struct rig *r, const char *pattern)
{
	*r = (struct rig){ .taker = { .line = take }, .folder = "/tmp/tocsin-files-XXXXXX" };
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->path, sizeof(r->path), "%s/%s", r->folder, pattern);
	r->listener = (struct toc_listener){ .kind = TOC_LISTEN_FILE, .address = r->path, .max_line = 256 };
}

static void start(struct rig *r, const struct toc_opener *opener)
{
	char err[256] = "";
	r->receiver = toc_receiver_new(&r->listener, 1, 0, &r->taker, opener, err, sizeof(err));
	if (!r->receiver)
		fail_msg("%s", err);
	toc_receiver_poll(r->receiver, 0);
}

static void tear_down(struct rig *r)
{
	char command[80];
	toc_receiver_free(r->receiver);
	snprintf(command, sizeof(command), "rm -r %s", r->folder);
	assert_int_equal(system(command), 0);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until so many lines came; how long it took. A poll waits for ever so long: who is not woken comes too late. */
static double wait_for(struct rig *r, unsigned lines, int timeout_ms)
{
	const double from = seconds();
	while (r->lines < lines && seconds() - from < 20)
		assert_true(toc_receiver_poll(r->receiver, timeout_ms) >= 0);
	assert_int_equal(r->lines, lines);
	return seconds() - from;
}

static void *write_later(void *arg)
{
	const struct rig *r = arg;
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	append(r, "app.log", "later\n");
	return NULL;
}

static void a_line_wakes(void **state)
{
	static struct rig r;
	pthread_t writer;
	(void)state;
	set_up(&r, "app.log");
	append(&r, "app.log", "before us\n");
	start(&r, &toc_opener_self);
	assert_int_equal(pthread_create(&writer, NULL, write_later, &r), 0);
	assert_true(wait_for(&r, 1, 10000) < 5);
	pthread_join(writer, NULL);
	assert_string_equal(r.text, "later|");
	tear_down(&r);
}

static int cannot_watch(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	(void)self;
	errno = EOPNOTSUPP;
	return ask == TOC_ASK_WATCH ? -1 : toc_open(&toc_opener_self, ask, what);
}

/* NFS and the like: as often as the receiver is asked. */
static void without_inotify(void **state)
{
	static const struct toc_opener opener = { cannot_watch };
	static struct rig r;
	(void)state;
	set_up(&r, "app.log");
	append(&r, "app.log", "before us\n");
	start(&r, &opener);
	append(&r, "app.log", "a\n");
	assert_true(wait_for(&r, 1, 20) < 1);
	assert_int_equal(rename(in(&r, "app.log"), in(&r, "app.log.1")), 0);
	append(&r, "app.log", "b\n");
	assert_true(wait_for(&r, 2, 20) < 1);
	assert_string_equal(r.text, "a|b|");
	tear_down(&r);
}

/* What happened is not told any more, and still nothing waits for the look that comes anyway. */
static void the_queue_overflows(void **state)
{
	static struct rig r;
	char names[2][160];
	(void)state;
	set_up(&r, "app.log");
	append(&r, "app.log", "");
	append(&r, "other", "");
	start(&r, &toc_opener_self);
	snprintf(names[0], sizeof(names[0]), "%s/other", r.folder);
	snprintf(names[1], sizeof(names[1]), "%s/another", r.folder);
	for (unsigned i = 0; i < 40000; i++) /* fs.inotify.max_queued_events is 16,384 */
		assert_int_equal(rename(names[i & 1], names[~i & 1]), 0);
	append(&r, "app.log", "not told\n");
	assert_true(wait_for(&r, 1, 10) < 1);
	tear_down(&r);
}

static void a_folder_comes_later(void **state)
{
	static struct rig r;
	(void)state;
	set_up(&r, "one/two/app.log");
	start(&r, &toc_opener_self);
	toc_receiver_poll(r.receiver, 120);
	assert_int_equal(mkdir(in(&r, "one"), 0700), 0);
	toc_receiver_poll(r.receiver, 120);
	assert_int_equal(mkdir(in(&r, "one/two"), 0700), 0);
	append(&r, "one/two/app.log", "first\n");
	assert_true(wait_for(&r, 1, 20) < 1.5);
	assert_string_equal(r.text, "first|");
	tear_down(&r);
}

/* logrotate renames and makes the new file; the daemon writes into the old one until it is told. */
static void a_writer_is_late(void **state)
{
	static struct rig r;
	(void)state;
	set_up(&r, "app.log");
	append(&r, "app.log", "");
	start(&r, &toc_opener_self);
	append(&r, "app.log", "a\nha");
	wait_for(&r, 1, 20);
	assert_int_equal(rename(in(&r, "app.log"), in(&r, "app.log.1")), 0);
	append(&r, "app.log", "new 1\n");
	wait_for(&r, 2, 20);
	append(&r, "app.log.1", "lf\n");
	append(&r, "app.log", "new 2\n");
	wait_for(&r, 4, 20);
	assert_non_null(strstr(r.text, "half|"));
	assert_non_null(strstr(r.text, "new 1|"));
	assert_non_null(strstr(r.text, "new 2|"));
	tear_down(&r);
}

static void cut_and_written_anew(void **state)
{
	static struct rig r;
	(void)state;
	set_up(&r, "app.log");
	append(&r, "app.log", "");
	start(&r, &toc_opener_self);
	append(&r, "app.log", "first of the old\nits last, without en");
	wait_for(&r, 1, 20);
	/* copytruncate, and more bytes than before until we look again */
	assert_int_equal(truncate(in(&r, "app.log"), 0), 0);
	append(&r, "app.log", "the new one's first line, which is longer\nthe second\n");
	wait_for(&r, 4, 20);
	assert_string_equal(
		r.text, "first of the old|its last, without en|the new one's first line, which is longer|the second|");
	tear_down(&r);
}

/* Two folders of hosts; a new host's folder is found, what does not match is not read, what was rotated not twice. */
static void patterns(void **state)
{
	static struct rig r;
	(void)state;
	set_up(&r, "*/app.log*");
	assert_int_equal(mkdir(in(&r, "sw1"), 0700), 0);
	append(&r, "sw1/app.log", "before us\n");
	append(&r, "sw1/app.log.1", "long before us\n");
	start(&r, &toc_opener_self);
	append(&r, "sw1/app.log", "a\n");
	append(&r, "sw1/other.log", "not ours\n");
	assert_true(wait_for(&r, 1, 20) < 1);
	assert_int_equal(mkdir(in(&r, "sw2"), 0700), 0);
	append(&r, "sw2/app.log", "b\n");
	assert_true(wait_for(&r, 2, 20) < 1.5);
	append(&r, "sw1/app.log", "c\n");
	assert_int_equal(rename(in(&r, "sw1/app.log.1"), in(&r, "sw1/app.log.2")), 0);
	assert_int_equal(rename(in(&r, "sw1/app.log"), in(&r, "sw1/app.log.1")), 0);
	append(&r, "sw1/app.log", "d\n");
	append(&r, "sw1/app.log.3.gz", "packed\n");
	wait_for(&r, 4, 20);
	for (unsigned i = 0; i < 30; i++)
		toc_receiver_poll(r.receiver, 10);
	append(&r, "sw1/app.log.1", "e\n"); /* it has a name of ours still */
	assert_true(wait_for(&r, 5, 20) < 1);
	assert_int_equal(strlen(r.text), 10);
	for (const char *c = "abcde"; *c; c++)
		assert_non_null(strchr(r.text, *c));
	tear_down(&r);
}

struct places {
	struct toc_followed at[8];
	char paths[8][160];
	unsigned n;
};

static void keep(void *user, const struct toc_followed *f)
{
	struct places *p = user;
	assert_true(p->n < 8);
	snprintf(p->paths[p->n], sizeof(p->paths[0]), "%s", f->path);
	p->at[p->n] = *f;
	p->at[p->n].path = p->paths[p->n];
	p->n++;
}

static void a_pattern_goes_on(void **state)
{
	static struct rig r;
	static struct places p;
	(void)state;
	set_up(&r, "*.log");
	append(&r, "a.log", "a1\n");
	append(&r, "b.log", "b1\n");
	start(&r, &toc_opener_self);
	toc_receiver_resume(r.receiver, NULL, 0);
	append(&r, "a.log", "a2\n");
	append(&r, "b.log", "b2\nb");
	toc_receiver_drain(r.receiver);
	assert_string_equal(r.text, "a2|b2|");
	toc_receiver_followed(r.receiver, keep, &p);
	assert_int_equal(p.n, 2);
	toc_receiver_free(r.receiver);
	append(&r, "b.log", "3\n");
	append(&r, "a.log", "a3\n");
	assert_int_equal(rename(in(&r, "a.log"), in(&r, "a.log.1")), 0);
	append(&r, "a.log", "a4\n");
	append(&r, "c.log", "c1\n"); /* it came while we were away */
	r.n = r.lines = 0;
	char err[256];
	r.receiver = toc_receiver_new(&r.listener, 1, 0, &r.taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r.receiver);
	toc_receiver_resume(r.receiver, p.at, p.n);
	wait_for(&r, 4, 20);
	assert_true(strstr(r.text, "a3|") < strstr(r.text, "a4|"));
	assert_non_null(strstr(r.text, "a3|"));
	assert_non_null(strstr(r.text, "b3|"));
	assert_non_null(strstr(r.text, "c1|"));
	tear_down(&r);
}

/* Which paths a keeper opens, and which folders it searches, for a pattern. */
static void what_a_pattern_allows(void **state)
{
	static const struct toc_listener l = { .kind = TOC_LISTEN_FILE, .address = "/var/log/hosts/*/messages.log" };
	static const struct toc_listener plain = { .kind = TOC_LISTEN_FILE, .address = "/var/log/auth.log" };
	(void)state;
	assert_true(toc_listener_follows(&l, "/var/log/hosts/sw1/messages.log"));
	assert_false(toc_listener_follows(&l, "/var/log/hosts/sw1/x/messages.log"));
	assert_false(toc_listener_follows(&l, "/var/log/hosts/../messages.log"));
	assert_false(toc_listener_follows(&l, "/etc/shadow"));
	assert_true(toc_listener_searches(&l, "/"));
	assert_true(toc_listener_searches(&l, "/var/log"));
	assert_true(toc_listener_searches(&l, "/var/log/hosts"));
	assert_true(toc_listener_searches(&l, "/var/log/hosts/sw1"));
	assert_false(toc_listener_searches(&l, "/var/log/hosts/.."));
	assert_false(toc_listener_searches(&l, "/var/log/hosts/sw1/messages.log"));
	assert_false(toc_listener_searches(&l, "/etc"));
	assert_true(toc_listener_follows(&plain, "/var/log/auth.log"));
	assert_false(toc_listener_follows(&plain, "/var/log/auth.log.1"));
	assert_true(toc_listener_searches(&plain, "/var/log"));
	assert_false(toc_listener_searches(&plain, "/var/lib"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_line_wakes),
					    cmocka_unit_test(without_inotify),
					    cmocka_unit_test(the_queue_overflows),
					    cmocka_unit_test(a_folder_comes_later),
					    cmocka_unit_test(a_writer_is_late),
					    cmocka_unit_test(cut_and_written_anew),
					    cmocka_unit_test(patterns),
					    cmocka_unit_test(a_pattern_goes_on),
					    cmocka_unit_test(what_a_pattern_allows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
