/* receive: framing however cut, and real sockets on loopback. */
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "receive/receive.h"

struct heard {
	struct toc_line_taker taker;
	unsigned n, cut;
	char text[65536];
	size_t at;
};

static void append(struct heard *h, struct toc_span s, bool truncated)
{
	h->n++;
	h->cut += truncated;
	h->at += (size_t)snprintf(h->text + h->at, sizeof(h->text) - h->at, "%.*s|", (int)s.n, (const char *)s.p);
}

static void frame_line(void *user, struct toc_span text, bool truncated)
{
	append(user, text, truncated);
}

/* Fed in pieces of `step` bytes; 0 = at once. */
static bool feed(const char *bytes, size_t step, size_t max, struct heard *h)
{
	struct toc_framing *f = toc_framing_new(max);
	size_t n = strlen(bytes);
	bool ok = true;
	*h = (struct heard){ 0 };
	for (size_t i = 0; i < n && ok; i += step ? step : n)
		ok = toc_framing_feed(f, toc_span_of(bytes + i, step && step < n - i ? step : n - i), false, frame_line,
				      h);
	if (ok)
		toc_framing_feed(f, toc_span_str(""), true, frame_line, h);
	toc_framing_free(f);
	return ok;
}

static void framing(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
		bool ok;
	} cases[] = { { "<1>a\n<2>bb\n\n<3>c", "<1>a|<2>bb|<3>c|", true },
		      { "4 <1>a6 <2>b\nc3 xyz", "<1>a|<2>b\nc|xyz|", true },
		      { "4 <1>a\n5 <2>bb", "<1>a|<2>bb|", true },
		      { "12345678 x\nb\n", "12345678 x|b|", true },
		      { "2026-03-02 x\nb", "2026-03-02 x|b|", true },
		      { "4x\n", "4x|", true },
		      { "0 x\n", "0 x|", true },
		      { "4 <1>a9x", "", false },
		      { "<1>long line that is cut\nnext\n", "<1>long line tha|next|", true },
		      { "20 <1>long line that is4 next", "<1>long line tha|next|", true } };
	struct heard *h = malloc(sizeof(*h));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 0; step < 8; step++) {
			assert_int_equal(feed(cases[i].in, step, 16, h), cases[i].ok);
			if (cases[i].ok)
				assert_string_equal(h->text, cases[i].out);
		}
	free(h);
}

static void take(struct toc_line_taker *self, const struct toc_received *r)
{
	append((struct heard *)self, r->text, r->truncated);
}

static int dial(int type, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void poll_until(struct toc_receiver *r, const struct heard *h, unsigned n)
{
	for (int i = 0; i < 100 && h->n < n; i++)
		assert_true(toc_receiver_poll(r, 20) >= 0);
	assert_int_equal(h->n, n);
}

static void sockets(void **state)
{
	(void)state;
	char err[256], path[] = "/tmp/tocsin-receive-XXXXXX";
	assert_non_null(mkdtemp(path));
	char unix_path[64], log[64];
	snprintf(unix_path, sizeof(unix_path), "%s/log.sock", path);
	snprintf(log, sizeof(log), "%s/app.log", path);
	struct heard *h = calloc(1, sizeof(*h));
	h->taker.line = take;
	const struct toc_listener listeners[] = {
		{ .kind = TOC_LISTEN_UDP, .address = "127.0.0.1", .port = 0, .max_line = 64, .max_connections = 2 },
		{ .kind = TOC_LISTEN_TCP, .address = "127.0.0.1", .port = 0, .max_line = 64, .max_connections = 2 },
		{ .kind = TOC_LISTEN_UNIX, .address = unix_path, .port = 0, .max_line = 64, .max_connections = 2 },
		{ .kind = TOC_LISTEN_FILE, .address = log, .port = 0, .max_line = 64, .max_connections = 2 }
	};
	struct toc_receiver *r = toc_receiver_new(listeners, 4, 0, &h->taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r);
	int udp = dial(SOCK_DGRAM, toc_receiver_port(r, 0)), tcp = dial(SOCK_STREAM, toc_receiver_port(r, 1));
	assert_int_equal(send(udp, "u1", 2, 0), 2);
	poll_until(r, h, 1);
	assert_int_equal(send(tcp, "t1\nt2\nhal", 9, 0), 9);
	poll_until(r, h, 3);
	assert_int_equal(send(tcp, "f\n", 2, 0), 2);
	poll_until(r, h, 4);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, unix_path, strlen(unix_path) + 1);
	int un = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(sendto(un, "x1", 2, 0, (struct sockaddr *)&at, sizeof(at)), 2);
	poll_until(r, h, 5);
	FILE *f = fopen(log, "w"); /* it appears after the start */
	fputs("l1\nl2\n", f);
	fflush(f);
	poll_until(r, h, 7);
	fputs("before\n", f);
	fclose(f);
	char old[80];
	snprintf(old, sizeof(old), "%s.1", log);
	assert_int_equal(rename(log, old), 0); /* rotation: the old one's rest, then the new one */
	f = fopen(log, "w");
	fputs("after\n", f);
	fclose(f);
	poll_until(r, h, 9);
	assert_non_null(strstr(h->text, "u1|t1|t2|half|x1|l1|l2|before|after|"));
	/* a third connection is one too many; what the socket holds at the end is not lost */
	int second = dial(SOCK_STREAM, toc_receiver_port(r, 1)), third = dial(SOCK_STREAM, toc_receiver_port(r, 1));
	toc_receiver_poll(r, 20);
	toc_receiver_poll(r, 20);
	assert_int_equal(toc_receiver_count(r)->refused, 1);
	assert_int_equal(send(second, "last without end", 16, 0), 16);
	toc_receiver_drain(r);
	assert_int_equal(h->n, 10);
	assert_non_null(strstr(h->text, "last without end|"));
	toc_receiver_free(r);
	close(udp), close(tcp), close(un), close(second), close(third);
	unlink(old), unlink(log), rmdir(path);
	free(h);
}

struct places {
	struct toc_followed one;
	unsigned n;
};

static void keep_place(void *user, const struct toc_followed *f)
{
	struct places *p = user;
	p->one = *f;
	p->n++;
}

static void write_to(const char *path, const char *how, const char *text)
{
	FILE *f = fopen(path, how);
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* One run over the file: what was kept before, what is said meanwhile, what stands at the end. */
static void run_over(const struct toc_listener *l, struct places *p, const char *text, const char *wanted)
{
	char err[256];
	struct heard *h = calloc(1, sizeof(*h));
	assert_non_null(h);
	h->taker.line = take;
	struct toc_receiver *r = toc_receiver_new(l, 1, 0, &h->taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r);
	toc_receiver_resume(r, &p->one, p->n);
	toc_receiver_poll(r, 5);
	write_to(l->address, "a", text);
	toc_receiver_drain(r);
	p->n = 0;
	toc_receiver_followed(r, keep_place, p);
	assert_int_equal(p->n, 1);
	assert_string_equal(h->text, wanted);
	toc_receiver_free(r);
	free(h);
}

static void files_go_on(void **state)
{
	char folder[] = "/tmp/tocsin-follow-XXXXXX", log[64], old[80];
	struct places p = { .n = 0 };
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(log, sizeof(log), "%s/app.log", folder);
	snprintf(old, sizeof(old), "%s.1", log);
	const struct toc_listener l = { .kind = TOC_LISTEN_FILE, .address = log, .max_line = 64 };
	write_to(log, "w", "before all\n");
	run_over(&l, &p, "a\nha", "a|"); /* the first time from its end on */
	write_to(log, "a", "lf\nb\n");
	run_over(&l, &p, "c\n", "half|b|c|");
	write_to(log, "a", "d\n");
	assert_int_equal(rename(log, old), 0);
	write_to(log, "w", "e\n");
	run_over(&l, &p, "f\n", "d|e|f|");
	write_to(log, "w", "another one, of more bytes than the one before\n"); /* the same inode */
	run_over(&l, &p, "g\n", "another one, of more bytes than the one before|g|");
	unlink(log);
	run_over(&l, &p, "h\n", "h|");
	unlink(old), unlink(log), rmdir(folder);
}

static void trouble(void **state)
{
	(void)state;
	char err[256] = "";
	struct heard h = { .taker = { .line = take } };
	const struct toc_listener twice[] = {
		{ .kind = TOC_LISTEN_TCP, .address = "127.0.0.1", .port = 0, .max_line = 64, .max_connections = 2 }
	};
	struct toc_receiver *r = toc_receiver_new(twice, 1, 0, &h.taker, &toc_opener_self, err, sizeof(err));
	const struct toc_listener taken[] = { { .kind = TOC_LISTEN_TCP,
						.address = "127.0.0.1",
						.port = toc_receiver_port(r, 0),
						.max_line = 64,
						.max_connections = 2 } };
	assert_null(toc_receiver_new(taken, 1, 0, &h.taker, &toc_opener_self, err, sizeof(err)));
	assert_non_null(strstr(err, "another program"));
	const struct toc_listener nowhere[] = {
		{ .kind = TOC_LISTEN_UDP, .address = "192.0.2.1", .port = 5514, .max_line = 64, .max_connections = 2 }
	};
	assert_null(toc_receiver_new(nowhere, 1, 0, &h.taker, &toc_opener_self, err, sizeof(err)));
	assert_non_null(strstr(err, "does not have that address"));
	toc_receiver_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(framing), cmocka_unit_test(sockets),
					    cmocka_unit_test(files_go_on), cmocka_unit_test(trouble) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
