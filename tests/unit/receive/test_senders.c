/* senders: shares under a flood, who may come, how many at once, and every loss under its reason. */
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "receive/fair.h"
#include "receive/receive.h"

/* One turn of 2 ms in which the reader manages so many; the rest stays in a buffer of so many. */
enum { CAPACITY = 1000, BUFFER = 20000, QUIET = 8, TURNS = 2000 };

static void a_flood_leaves_the_others_whole(void **state)
{
	struct fair f = { 0 };
	struct toc_sender loud = { .listener = 0 }, quiet[QUIET] = { { .listener = 0 } };
	uint64_t taken = 0, refused = 0, overflow = 0, quiet_lost = 0, waiting_loud = 0, waiting_quiet = 0;
	(void)state;
	for (unsigned turn = 0; turn < TURNS; turn++) {
		/* ten times what can be read comes from one; a share of what can be read from the others */
		uint64_t room = BUFFER - waiting_loud - waiting_quiet, add = 10 * CAPACITY;
		waiting_quiet += 20 * QUIET;
		waiting_loud += add < room - 20 * QUIET ? add : room - 20 * QUIET;
		overflow += add < room - 20 * QUIET ? 0 : 1;
		/* refusing costs a tenth of taking */
		for (unsigned cost = 0; cost < 10 * CAPACITY && waiting_loud + waiting_quiet;) {
			bool is_quiet = waiting_quiet * 11 > (waiting_loud + waiting_quiet) || !waiting_loud;
			struct toc_sender *who = is_quiet && waiting_quiet ? &quiet[cost % QUIET] : &loud;
			bool ok = fair_admits(&f, who);
			if (who == &loud)
				waiting_loud--;
			else
				waiting_quiet--;
			taken += ok;
			refused += !ok && who == &loud;
			quiet_lost += !ok && who != &loud;
			cost += ok ? 10 : 1;
		}
		fair_turn(&f, (toc_time)(turn + 1) * 2 * TOC_MS,
			  (unsigned)((waiting_loud + waiting_quiet) * 100 / BUFFER));
	}
	(void)overflow;
	assert_int_equal(quiet_lost, 0);
	assert_true(refused > taken); /* nine tenths of the flood are gone before they cost anything */
	assert_true(taken > (uint64_t)TURNS * CAPACITY / 4);
}

static void alone_there_is_no_share(void **state)
{
	struct fair f = { 0 };
	struct toc_sender one = { .listener = 0 };
	(void)state;
	for (unsigned turn = 0; turn < 100; turn++) {
		for (unsigned i = 0; i < 1000; i++)
			assert_true(fair_admits(&f, &one));
		fair_turn(&f, (toc_time)turn * 2 * TOC_MS, 60); /* busy, not behind */
	}
	fair_turn(&f, 1000 * TOC_MS, 90);
	assert_int_not_equal(f.share, 0);
	for (unsigned turn = 0; turn < 100; turn++)
		fair_turn(&f, (1002 + (toc_time)turn * 2) * TOC_MS, 0);
	assert_int_equal(f.share, 0);
}

struct heard {
	struct toc_line_taker taker;
	unsigned n;
};

static void take(struct toc_line_taker *self, const struct toc_received *r)
{
	(void)r;
	((struct heard *)self)->n++;
}

static int dial(int type, uint16_t port, const char *from)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in mine = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type, 0);
	assert_int_equal(inet_pton(AF_INET, from, &mine.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&mine, sizeof(mine)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

struct told {
	uint64_t lines, lost[TOC_LOSSES];
	char addr[TOC_ADDR_TEXT];
};

static void look(void *user, const struct toc_sender *s)
{
	struct told *t = user;
	char addr[TOC_ADDR_TEXT];
	toc_addr_print(&s->addr, addr);
	if (strcmp(addr, t->addr) != 0)
		return;
	t->lines += s->lines;
	for (unsigned i = 0; i < TOC_LOSSES; i++)
		t->lost[i] += s->lost[i];
}

static struct told tell_of(struct toc_receiver *r, const char *addr)
{
	struct told t = { 0 };
	snprintf(t.addr, sizeof(t.addr), "%s", addr);
	toc_receiver_senders(r, look, &t);
	return t;
}

static void turns(struct toc_receiver *r)
{
	for (int i = 0; i < 5; i++)
		assert_true(toc_receiver_poll(r, 10) >= 0);
}

static void losses_have_names(void **state)
{
	static const struct toc_listen_net allowed = { { { [10] = 0xff, 0xff, 127, 0, 0, 2 } }, 127 };
	struct heard h = { { take }, 0 };
	char err[256], byte;
	const struct toc_listener listeners[] = {
		{ .kind = TOC_LISTEN_UDP, .address = "127.0.0.1", .max_line = 480, .allow = &allowed, .nallow = 1 },
		{ .kind = TOC_LISTEN_TCP,
		  .address = "127.0.0.1",
		  .max_line = 480,
		  .max_connections = 5,
		  .max_per_sender = 1,
		  .idle = 50 * TOC_MS }
	};
	(void)state;
	struct toc_receiver *r = toc_receiver_new(listeners, 2, 0, &h.taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r);
	int good = dial(SOCK_DGRAM, toc_receiver_port(r, 0), "127.0.0.2"),
	    bad = dial(SOCK_DGRAM, toc_receiver_port(r, 0), "127.0.0.9");
	char longer[600];
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(send(good, "<1>a", 4, 0), 4);
	assert_int_equal(send(good, longer, sizeof(longer), 0), sizeof(longer));
	assert_int_equal(send(bad, "<1>b", 4, 0), 4);
	turns(r);
	assert_int_equal(h.n, 2);
	assert_int_equal(tell_of(r, "127.0.0.2").lines, 2);
	assert_int_equal(tell_of(r, "127.0.0.2").lost[TOC_LOSS_CUT], 1);
	assert_int_equal(tell_of(r, "127.0.0.9").lost[TOC_LOSS_ADDRESS], 1);
	assert_int_equal(tell_of(r, "127.0.0.9").lines, 0);
	/* one connection a sender: the second is closed, another sender's is not */
	int one = dial(SOCK_STREAM, toc_receiver_port(r, 1), "127.0.0.2");
	turns(r);
	int two = dial(SOCK_STREAM, toc_receiver_port(r, 1), "127.0.0.2"),
	    other = dial(SOCK_STREAM, toc_receiver_port(r, 1), "127.0.0.3");
	assert_int_equal(send(other, "4 <1>a4x", 8, 0), 8);
	turns(r);
	assert_true(recv(two, &byte, 1, 0) <= 0);
	assert_int_equal(tell_of(r, "127.0.0.2").lost[TOC_LOSS_CONNECTIONS], 1);
	assert_int_equal(tell_of(r, "127.0.0.3").lost[TOC_LOSS_FRAMING], 1);
	assert_true(recv(other, &byte, 1, 0) <= 0);
	for (int i = 0; i < 20 && recv(one, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN; i++)
		toc_receiver_poll(r, 20); /* silent for longer than idle */
	assert_int_equal(recv(one, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(toc_receiver_count(r)->lost[TOC_LOSS_STALLED], 0); /* that is no fault */
	close(good), close(bad), close(one), close(two), close(other);
	toc_receiver_free(r);
}

static void unix_streams(void **state)
{
	struct heard h = { { take }, 0 };
	char folder[] = "/tmp/tocsin-stream-XXXXXX", path[64], err[256];
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log.sock", folder);
	const struct toc_listener l = {
		.kind = TOC_LISTEN_UNIX_STREAM, .address = path, .max_line = 480, .max_connections = 2
	};
	struct toc_receiver *r = toc_receiver_new(&l, 1, 0, &h.taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(send(fd, "<1>a\n<2>b\0<3>c", 14, 0), 14);
	turns(r);
	assert_int_equal(h.n, 2);
	toc_receiver_drain(r); /* the last one has no end */
	assert_int_equal(h.n, 3);
	close(fd);
	toc_receiver_free(r);
	assert_int_equal(access(path, F_OK), -1);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_flood_leaves_the_others_whole),
					    cmocka_unit_test(alone_there_is_no_share),
					    cmocka_unit_test(losses_have_names), cmocka_unit_test(unix_streams) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
