/* senders: shares under a flood, who may come, how many at once, and every loss under its reason. */
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "receive/receive.h"
#include "receive/waiting.h"

struct heard {
	struct toc_line_taker taker;
	unsigned n;
};

static void take(struct toc_line_taker *self, const struct toc_received *r)
{
	(void)r;
	((struct heard *)self)->n++;
}

/* A taker that has room for so many lines, and counts whose they are by their last byte. */
struct narrow {
	struct toc_line_taker taker;
	unsigned room, of[256];
	char first[64];
};

static void take_narrow(struct toc_line_taker *self, const struct toc_received *r)
{
	struct narrow *n = (struct narrow *)self;
	size_t at = strlen(n->first);
	n->room -= n->room > 0;
	n->of[r->peer.b[15]]++;
	if (at + 2 < sizeof(n->first))
		snprintf(n->first + at, sizeof(n->first) - at, "%u", r->peer.b[15]);
}

static bool room_narrow(struct toc_line_taker *self)
{
	return ((struct narrow *)self)->room > 0;
}

struct queue_rig {
	struct receiving_env env;
	struct toc_listener listener;
	struct source source;
	struct waiting waiting;
	struct narrow taker;
};

static void open_queue(struct queue_rig *q)
{
	memset(q, 0, sizeof(*q));
	q->listener.address = "127.0.0.1";
	q->source.listener = &q->listener;
	q->taker.taker = (struct toc_line_taker){ take_narrow, room_narrow };
	q->env.taker = &q->taker.taker;
	q->env.now = TOC_SEC;
	assert_true(senders_init(&q->env.senders, &q->env.count));
}

static void put_from(struct queue_rig *q, uint8_t sender, unsigned times)
{
	const uint8_t b[4] = { 10, 0, 0, sender };
	const struct toc_addr peer = toc_addr_v4(b);
	for (unsigned i = 0; i < times; i++)
		waiting_put(&q->env, &q->waiting, &q->source, &peer, toc_span_str("<1>x"), false);
}

static uint64_t flood_losses(struct queue_rig *q, uint8_t sender)
{
	const uint8_t b[4] = { 10, 0, 0, sender };
	const struct toc_addr peer = toc_addr_v4(b);
	return senders_find(&q->env.senders, &peer, &q->listener, 0, q->env.now)->lost[TOC_LOSS_FLOOD];
}

static void turns_are_taken(void **state)
{
	struct queue_rig q;
	(void)state;
	open_queue(&q);
	put_from(&q, 1, 5);
	put_from(&q, 2, 2);
	put_from(&q, 3, 1);
	q.taker.room = 4;
	waiting_serve(&q.env, &q.waiting, &q.source, 100, false);
	assert_string_equal(q.taker.first, "1231");
	assert_int_equal(q.waiting.lines, 4);
	waiting_serve(&q.env, &q.waiting, &q.source, 0, true);
	assert_string_equal(q.taker.first, "12312111");
	assert_int_equal(q.waiting.senders, 0);
	put_from(&q, 2, 3);
	waiting_free(&q.waiting);
	senders_end(&q.env.senders);
}

/* Ten times what can be taken comes from one, a hundredth from each of eight others: none of theirs is lost. */
static void a_flood_leaves_the_others_whole(void **state)
{
	enum { CAPACITY = 1000, QUIET = 8, EACH = 10, TURNS = 200 };
	struct queue_rig q;
	(void)state;
	open_queue(&q);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		put_from(&q, 1, 5 * CAPACITY);
		for (uint8_t i = 2; i < 2 + QUIET; i++)
			put_from(&q, i, EACH);
		put_from(&q, 1, 5 * CAPACITY);
		q.taker.room = CAPACITY;
		waiting_serve(&q.env, &q.waiting, &q.source, 10 * CAPACITY, false);
		assert_int_equal(q.taker.room, 0);
	}
	for (uint8_t i = 2; i < 2 + QUIET; i++) {
		assert_int_equal(flood_losses(&q, i), 0);
		assert_int_equal(q.taker.of[i], TURNS * EACH); /* at once, too */
	}
	assert_int_equal(q.taker.of[1], TURNS * (CAPACITY - QUIET * EACH));
	assert_int_equal(flood_losses(&q, 1) + q.waiting.lines + q.taker.of[1], TURNS * 10 * CAPACITY);
	/* the flood ends and another sender's begins: now that one is the longest in its turn */
	waiting_serve(&q.env, &q.waiting, &q.source, 0, true);
	put_from(&q, 3, 3 * WAITING_LINES);
	put_from(&q, 2, 100);
	assert_int_equal(flood_losses(&q, 3), 2 * WAITING_LINES + 100);
	assert_int_equal(flood_losses(&q, 2), 0);
	waiting_free(&q.waiting);
	senders_end(&q.env.senders);
}

/* A line each from more forged addresses than the table holds: memory stays within its bounds, and no line is
 * unaccounted for. */
static void forged_addresses_stay_within_bounds(void **state)
{
	enum { FORGED = SENDERS_STRANGE + 30000 };
	struct queue_rig q;
	uint64_t taken = 0;
	(void)state;
	open_queue(&q);
	for (uint32_t i = 0; i < FORGED; i++) {
		const uint8_t b[4] = { 11, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		const struct toc_addr peer = toc_addr_v4(b);
		waiting_put(&q.env, &q.waiting, &q.source, &peer, toc_span_str("<1>x"), false);
	}
	assert_int_equal(q.env.count.senders_forgotten, FORGED - SENDERS_STRANGE);
	assert_true(q.waiting.lines <= WAITING_LINES && q.waiting.bytes <= WAITING_BYTES);
	assert_true(q.waiting.senders <= q.waiting.lines);
	assert_int_equal(q.env.count.lost[TOC_LOSS_FLOOD] + q.waiting.lines, FORGED);
	waiting_serve(&q.env, &q.waiting, &q.source, 0, true);
	for (unsigned i = 0; i < 256; i++)
		taken += q.taker.of[i];
	assert_int_equal(taken + q.env.count.lost[TOC_LOSS_FLOOD], FORGED);
	waiting_free(&q.waiting);
	senders_end(&q.env.senders);
}

/* Who was heard in so many periods, by so many lines handed over in each. */
static void get_to_know(struct queue_rig *q, uint8_t sender, unsigned lines)
{
	const uint8_t b[4] = { 10, 0, 0, sender };
	const struct toc_addr peer = toc_addr_v4(b);
	for (unsigned i = 0; i < REGULARS_PERIODS; i++, q->env.now += REGULARS_PERIOD * TOC_SEC)
		for (unsigned k = 0; k < lines; k++) {
			source_line(&q->env, &q->source, toc_span_str("<1>x"), false, &peer,
				    senders_find(&q->env.senders, &peer, &q->listener, 0, q->env.now));
			(void)senders_find(&q->env.senders, NULL, &q->listener, 0, q->env.now); /* another between */
		}
}

/* A million lines of ever new addresses, while those who are known say little, and more at once than each stranger:
 * no line of theirs is lost, none waits long, and what they gave is still told. */
static void who_is_known_stays(void **state)
{
	enum { KNOWN = 20, EACH = 5, BURST = 10000, TURNS = 100, CAPACITY = 1000, NAMED = 200 };
	static const struct toc_listen_net named[] = { { { { [10] = 0xff, 0xff, 10, 0, 0, NAMED } }, 128 },
						       { { { 0 } }, 0 } };
	struct queue_rig q;
	uint32_t strangers = 0;
	(void)state;
	open_queue(&q);
	q.listener.allow = named;
	q.listener.nallow = 2;
	for (uint8_t i = 1; i <= KNOWN; i++)
		get_to_know(&q, i, 3);
	memset(q.taker.of, 0, sizeof(q.taker.of));
	for (unsigned turn = 0; turn < TURNS; turn++) {
		for (unsigned i = 0; i < BURST; i++, strangers++) {
			const uint8_t b[4] = { 11, (uint8_t)(strangers >> 16), (uint8_t)(strangers >> 8), 0 };
			struct toc_addr peer = toc_addr_v4(b);
			peer.b[0] = (uint8_t)strangers; /* their last byte is nobody's */
			waiting_put(&q.env, &q.waiting, &q.source, &peer, toc_span_str("<1>x"), false);
		}
		for (uint8_t i = 1; i <= KNOWN; i++)
			put_from(&q, i, EACH);
		put_from(&q, NAMED, EACH);
		q.taker.room = CAPACITY;
		waiting_serve(&q.env, &q.waiting, &q.source, CAPACITY, false);
		for (unsigned i = 1; i <= KNOWN; i++)
			assert_int_equal(q.taker.of[i], (turn + 1) * EACH); /* in its turn, whoever else waits */
		assert_int_equal(q.taker.of[NAMED], (turn + 1) * EACH);
	}
	for (uint8_t i = 1; i <= KNOWN; i++) {
		const uint8_t b[4] = { 10, 0, 0, i };
		const struct toc_addr peer = toc_addr_v4(b);
		const struct toc_sender *who = senders_peek(&q.env.senders, &peer, 0);
		assert_non_null(who);
		assert_true(who->known);
		assert_int_equal(who->lines, 3 * REGULARS_PERIODS + TURNS * EACH);
		assert_int_equal(who->lost[TOC_LOSS_FLOOD], 0);
	}
	assert_int_equal(q.env.count.known_forgotten, 0);
	assert_true(q.env.count.senders_forgotten > 0);
	assert_true(q.waiting.lines <= WAITING_LINES && q.waiting.bytes <= WAITING_BYTES);
	waiting_free(&q.waiting);
	senders_end(&q.env.senders);
}

/* Strangers with a line and with two in turn: whose is the longest queue is known without a look at all of them. */
static void mixed_strangers_cost_no_search(void **state)
{
	enum { FULL = 2 * WAITING_LINES, MORE = 100000 };
	struct queue_rig q;
	clock_t before = 0;
	(void)state;
	open_queue(&q);
	for (uint32_t i = 0; i < FULL + MORE; i++) {
		const uint32_t who = i / 3 * 2 + (i % 3 == 2);
		const uint8_t b[4] = { 11, (uint8_t)(who >> 16), (uint8_t)(who >> 8), (uint8_t)who };
		const struct toc_addr peer = toc_addr_v4(b);
		before = i == WAITING_LINES ? clock() : before;
		waiting_put(&q.env, &q.waiting, &q.source, &peer, toc_span_str("<1>x"), false);
	}
	assert_true((double)(clock() - before) / CLOCKS_PER_SEC < 2); /* half a second; by search seven */
	assert_int_equal(q.env.count.lost[TOC_LOSS_FLOOD] + q.waiting.lines, FULL + MORE);
	waiting_free(&q.waiting);
	senders_end(&q.env.senders);
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
	struct heard h = { { .line = take }, 0 };
	char err[256], byte;
	const struct toc_listener listeners[] = {
		{ .kind = TOC_LISTEN_UDP, .address = "127.0.0.1", .max_line = 480, .allow = &allowed, .nallow = 1 },
		{ .kind = TOC_LISTEN_TCP,
		  .address = "127.0.0.1",
		  .max_line = 480,
		  .max_connections = 5,
		  .max_per_sender = 1,
		  .idle = 500 * TOC_MS /* the second comes before the first is idle, on a slow machine too */ }
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
	for (int i = 0; i < 100 && recv(one, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN; i++)
		toc_receiver_poll(r, 20); /* silent for longer than idle */
	assert_int_equal(recv(one, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(toc_receiver_count(r)->lost[TOC_LOSS_STALLED], 0); /* that is no fault */
	close(good), close(bad), close(one), close(two), close(other);
	toc_receiver_free(r);
}

static bool is_open(int fd)
{
	char byte;
	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Four places: one sender has them all, then others come, a stranger and one who is named. */
static void who_has_most_gives_way(void **state)
{
	static const struct toc_listen_net allow[] = { { { { [10] = 0xff, 0xff, 127, 0, 0, 7 } }, 128 },
						       { { { [10] = 0xff, 0xff, 127 } }, 104 } };
	struct heard h = { { .line = take }, 0 };
	char err[256];
	int many[4], open_ones = 0;
	const struct toc_listener l = { .kind = TOC_LISTEN_TCP,
					.address = "127.0.0.1",
					.max_line = 480,
					.max_connections = 4,
					.allow = allow,
					.nallow = 2 };
	(void)state;
	struct toc_receiver *r = toc_receiver_new(&l, 1, 0, &h.taker, &toc_opener_self, err, sizeof(err));
	assert_non_null(r);
	for (unsigned i = 0; i < 4; i++)
		many[i] = dial(SOCK_STREAM, toc_receiver_port(r, 0), "127.0.0.2");
	turns(r);
	assert_int_equal(send(many[0], "<1>whole\n<1>half", 16, 0), 16); /* heard last: it goes last */
	turns(r);
	int stranger = dial(SOCK_STREAM, toc_receiver_port(r, 0), "127.0.0.3");
	turns(r);
	int second = dial(SOCK_STREAM, toc_receiver_port(r, 0), "127.0.0.4");
	turns(r);
	assert_true(is_open(stranger) && is_open(second) && is_open(many[0]));
	for (unsigned i = 0; i < 4; i++)
		open_ones += is_open(many[i]);
	assert_int_equal(open_ones, 2);
	assert_int_equal(tell_of(r, "127.0.0.2").lost[TOC_LOSS_CONNECTIONS], 2);
	/* nobody has two more than a third stranger: he is refused; who is named takes a stranger's place */
	int third = dial(SOCK_STREAM, toc_receiver_port(r, 0), "127.0.0.2");
	turns(r);
	assert_false(is_open(third));
	int named = dial(SOCK_STREAM, toc_receiver_port(r, 0), "127.0.0.7");
	turns(r);
	assert_true(is_open(named) && is_open(many[0]));
	assert_int_equal(send(named, "<1>a\n", 5, 0), 5);
	turns(r);
	assert_int_equal(h.n, 2);
	for (unsigned i = 0; i < 4; i++)
		close(many[i]);
	close(stranger), close(second), close(third), close(named);
	toc_receiver_free(r);
}

static void unix_streams(void **state)
{
	struct heard h = { { .line = take }, 0 };
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
					    cmocka_unit_test(forged_addresses_stay_within_bounds),
					    cmocka_unit_test(who_is_known_stays),
					    cmocka_unit_test(mixed_strangers_cost_no_search),
					    cmocka_unit_test(turns_are_taken),
					    cmocka_unit_test(losses_have_names),
					    cmocka_unit_test(who_has_most_gives_way),
					    cmocka_unit_test(unix_streams) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
