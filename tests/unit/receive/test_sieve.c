/* sieve: who is in it passes seldom, all others always; what it dropped is counted to him; the pressure over, it goes.
 */
#include "test.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/sieve.h"

enum { LOUD = 1600, QUIET = 100 };

struct sieve_rig {
	struct receiving_env env;
	struct toc_listener listener;
	struct source source;
	struct sieve sieve;
};

static struct sockaddr_storage at_of(const char *address, in_port_t port, socklen_t *n)
{
	struct sockaddr_storage at = { .ss_family = strchr(address, ':') ? AF_INET6 : AF_INET };
	struct sockaddr_in *in = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&at;
	const bool v4 = at.ss_family == AF_INET;
	*n = v4 ? sizeof(*in) : sizeof(*in6);
	in->sin_port = port; /* in the same place in both */
	assert_int_equal(inet_pton(at.ss_family, address, v4 ? (void *)&in->sin_addr : (void *)&in6->sin6_addr), 1);
	return at;
}

static bool open_rig(struct sieve_rig *r, const char *address)
{
	int size = 8 << 20;
	socklen_t n;
	const struct sockaddr_storage at = at_of(address, 0, &n);
	memset(r, 0, sizeof(*r));
	r->listener.address = address;
	r->env.now = TOC_SEC;
	assert_true(senders_init(&r->env.senders, &r->env.count));
	r->source =
		(struct source){ .fd = socket(at.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0), .listener = &r->listener };
	if (r->source.fd >= 0)
		setsockopt(r->source.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return r->source.fd >= 0 && bind(r->source.fd, (const struct sockaddr *)&at, n) == 0;
}

static void close_rig(struct sieve_rig *r)
{
	close(r->source.fd);
	senders_end(&r->env.senders);
}

/* So many from there; how many of them arrive. */
static unsigned passed(struct sieve_rig *r, const char *from, unsigned times)
{
	struct sockaddr_storage to, mine;
	socklen_t n = sizeof(to);
	char byte;
	unsigned came = 0;
	assert_int_equal(getsockname(r->source.fd, (struct sockaddr *)&to, &n), 0);
	mine = at_of(from, 0, &n);
	int fd = socket(to.ss_family, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&mine, n), 0);
	for (unsigned i = 0; i < times; i++) {
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, n), 1);
		while (recv(r->source.fd, &byte, 1, 0) == 1)
			came++;
	}
	close(fd);
	return came;
}

/* What is read of a sender, and then a look at a buffer that is so full. */
static struct toc_sender *look(struct sieve_rig *r, const char *who, unsigned times, unsigned full)
{
	struct toc_addr addr;
	assert_true(toc_addr_parse(toc_span_str(who), &addr));
	struct toc_sender *cell = senders_find(&r->env.senders, &addr, &r->listener, 0, r->env.now);
	for (unsigned i = 0; i < times; i++)
		sieve_note(&r->sieve, cell);
	r->env.now += TOC_SEC;
	sieve_look(&r->env, &r->sieve, &r->source, full);
	return cell;
}

static void who_floods_passes_seldom(void **state)
{
	struct sieve_rig r;
	(void)state;
	assert_true(open_rig(&r, "127.0.0.1"));
	look(&r, "127.0.0.2", 1000, 10);
	assert_int_equal(r.sieve.n, 0); /* there is room */
	struct toc_sender *loud = look(&r, "127.0.0.2", 1000, 50);
	assert_int_equal(r.sieve.n, 1);
	const unsigned came = passed(&r, "127.0.0.2", LOUD);
	assert_in_range(came, 20, 300); /* a sixteenth are 100 */
	assert_int_equal(passed(&r, "127.0.0.3", QUIET), QUIET);
	assert_true(sieve_lost(&r.env, &r.sieve, &r.source, LOUD - came));
	assert_int_equal(loud->lost[TOC_LOSS_SIEVE], LOUD - came);
	look(&r, "127.0.0.2", 1000, 50);
	assert_true(passed(&r, "127.0.0.2", LOUD) < came);
	look(&r, "127.0.0.4", 1000, 50);
	assert_int_equal(r.sieve.n, 2);
	assert_true(passed(&r, "127.0.0.4", LOUD) < LOUD / 2);
	for (unsigned i = 0; i < 20 && r.sieve.n; i++)
		look(&r, "127.0.0.2", 1, 1);
	assert_int_equal(r.sieve.n, 0);
	assert_int_equal(passed(&r, "127.0.0.2", QUIET), QUIET);
	assert_false(sieve_lost(&r.env, &r.sieve, &r.source, 5)); /* nobody's */
	close_rig(&r);
}

static void nobody_who_sends_little(void **state)
{
	static const char *const many[] = { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6" };
	struct sieve_rig r;
	(void)state;
	assert_true(open_rig(&r, "127.0.0.1"));
	for (unsigned i = 0; i < 5; i++) {
		struct toc_addr addr;
		assert_true(toc_addr_parse(toc_span_str(many[i]), &addr));
		for (unsigned k = 0; k < 200; k++)
			sieve_note(&r.sieve, senders_find(&r.env.senders, &addr, &r.listener, 0, r.env.now));
	}
	r.env.now += TOC_SEC;
	sieve_look(&r.env, &r.sieve, &r.source, 90);
	assert_int_equal(r.sieve.n, 0);
	close_rig(&r);
}

static void know(struct sieve_rig *r, const char *address)
{
	struct toc_addr addr;
	assert_true(toc_addr_parse(toc_span_str(address), &addr));
	for (unsigned i = 0; i <= REGULARS_PERIODS; i++, r->env.now += REGULARS_PERIOD * TOC_SEC) {
		senders_heard(&r->env.senders, senders_find(&r->env.senders, &addr, &r->listener, 0, r->env.now),
			      r->env.now);
		(void)senders_find(&r->env.senders, NULL, &r->listener, 1, r->env.now);
	}
}

/* Nobody of many is the one; who is known passes always, however many of them there are. */
static void strangers_together(const char *at, const char *form, const char *known, const char *stranger)
{
	enum { STRANGERS = 50, KNOWN = 1000 };
	struct sieve_rig r;
	char address[64];
	if (!open_rig(&r, at)) {
		close_rig(&r);
		skip(); /* this machine has none */
	}
	for (unsigned i = 0; i < KNOWN; i++) {
		snprintf(address, sizeof(address), form, 100 + i / 200, i % 200);
		know(&r, address);
	}
	know(&r, known);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < STRANGERS; i++) {
			struct toc_addr addr;
			snprintf(address, sizeof(address), form, 200, i);
			assert_true(toc_addr_parse(toc_span_str(address), &addr));
			for (unsigned k = 0; k < 10; k++)
				sieve_note(&r.sieve, senders_find(&r.env.senders, &addr, &r.listener, 0, r.env.now));
		}
		r.env.now += TOC_SEC;
		sieve_look(&r.env, &r.sieve, &r.source, 50);
	}
	assert_int_equal(r.sieve.n, 0);
	assert_true(r.sieve.strangers > 0);
	if (stranger)
		assert_in_range(passed(&r, stranger, LOUD), 1, LOUD / 8); /* of 64 one: 25 */
	if (strchr(at, '.') || !stranger) /* no address of the documentation's is this machine's */
		assert_int_equal(passed(&r, known, QUIET), QUIET);
	assert_true(sieve_lost(&r.env, &r.sieve, &r.source, 7));
	assert_int_equal(r.env.count.lost[TOC_LOSS_STRANGERS], 7);
	for (unsigned i = 0; i < 20 && r.sieve.strangers; i++)
		look(&r, known, 1, 1);
	assert_int_equal(r.sieve.strangers, 0);
	if (stranger)
		assert_int_equal(passed(&r, stranger, QUIET), QUIET);
	close_rig(&r);
}

static void strangers_pass_seldom(void **state)
{
	(void)state;
	strangers_together("127.0.0.1", "127.7.%u.%u", "127.0.0.3", "127.9.0.1");
}

static void strangers_of_ipv6(void **state)
{
	(void)state;
	strangers_together("::1", "2001:db8::%u:%u", "::1", NULL);
	strangers_together("::1", "2001:db8::%u:%u", "2001:db8::7", "::1");
}

static void addresses_of_ipv6(void **state)
{
	struct sieve_rig r;
	(void)state;
	if (!open_rig(&r, "::1")) {
		close_rig(&r);
		skip(); /* this machine has none */
	}
	look(&r, "::2", 1000, 50);
	assert_int_equal(passed(&r, "::1", QUIET), QUIET);
	look(&r, "::1", 1000, 50);
	assert_true(passed(&r, "::1", LOUD) < LOUD / 4);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_floods_passes_seldom),
					    cmocka_unit_test(nobody_who_sends_little),
					    cmocka_unit_test(strangers_pass_seldom),
					    cmocka_unit_test(strangers_of_ipv6), cmocka_unit_test(addresses_of_ipv6) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
