/*
 * fuzz_tls_server - a hostile client against the TLS listener: bytes that may be no TLS at all, a client that shakes
 * hands and then breaks framing (first byte odd: RELP under TLS), and one whose flights, handshake and records, are
 * cut, changed, sent twice, out of order or in single bytes, and which asks for new keys and handshakes.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/certs.h"
#include "receive/receive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char folder[] = "/tmp/tocsin-fuzz-XXXXXX", cert[64], key[64];
static struct toc_listener listeners[2];
static struct toc_receiver *receiver;
static SSL_CTX *client;

static void take(struct toc_line_taker *self, const struct toc_received *r)
{
	(void)self;
	if (r->text.n > 480)
		abort();
}

static struct toc_line_taker taker = { take, NULL };

static void tidy(void)
{
	unlink(cert);
	unlink(key);
	rmdir(folder);
}

static void begin(void)
{
	char err[256];
	struct pair server = make_pair("localhost", NULL);
	if (!mkdtemp(folder))
		abort();
	write_pair(&server, folder, "s");
	free_pair(&server);
	snprintf(cert, sizeof(cert), "%s/s.crt", folder);
	snprintf(key, sizeof(key), "%s/s.key", folder);
	atexit(tidy);
	signal(SIGPIPE, SIG_IGN); /* as `run` does */
	for (int i = 0; i < 2; i++)
		listeners[i] = (struct toc_listener){ .kind = i ? TOC_LISTEN_RELP : TOC_LISTEN_TLS,
						      .address = "127.0.0.1",
						      .max_line = 480,
						      .max_connections = 4,
						      .tls = { .cert = cert, .key = key } };
	receiver = toc_receiver_new(listeners, 2, 0, &taker, &toc_opener_self, err, sizeof(err));
	client = SSL_CTX_new(TLS_client_method());
	if (!receiver || !client)
		abort();
	if (!getenv("TOC_FUZZ_WORDS") &&
	    !freopen("/dev/null", "w", stderr)) /* words about bad clients are what is wanted here */
		abort();
}

static int dial(unsigned listener)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(toc_receiver_port(receiver, listener)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct linger now = { 1, 0 }; /* no port is kept waiting */
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		abort();
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void speak_tls(int fd, const uint8_t *data, size_t n)
{
	SSL *tls = SSL_new(client);
	bool sent = false;
	SSL_set_fd(tls, fd);
	SSL_set_connect_state(tls);
	for (int i = 0; i < 8 && !sent; i++) {
		sent = SSL_write(tls, data, (int)n) > 0;
		toc_receiver_poll(receiver, 1);
	}
	toc_receiver_poll(receiver, 0);
	SSL_free(tls);
}

/* --- a client that keeps to the protocol, and somebody in between who does not -------------------------------------
 */

enum { FLIGHT = 1 << 16, ROUNDS = 14, STEP = 4 };
enum deed { PASS, FLIP, CUT, TWICE, OLD, DROP, BYTES, INSERT, DEEDS };

struct between {
	int fd;
	const uint8_t *steps; /* STEP bytes each: what to do with that flight, where (2 bytes), with which byte */
	size_t nsteps, at;
	uint8_t flight[FLIGHT], before[FLIGHT];
	size_t n, nbefore;
};

static void put(const struct between *b, const uint8_t *p, size_t n)
{
	if (n && send(b->fd, p, n, MSG_NOSIGNAL) < 0)
		return;
	toc_receiver_poll(receiver, 0);
}

/* One flight on its way to the server. */
static void pass(struct between *b)
{
	const uint8_t *step = b->at < b->nsteps ? b->steps + STEP * b->at++ : NULL;
	const enum deed deed = step ? step[0] % DEEDS : PASS;
	const size_t where = step && b->n ? (size_t)(step[1] << 8 | step[2]) % b->n : 0;
	if (deed == OLD)
		put(b, b->before, b->nbefore);
	if (deed == FLIP)
		b->flight[where] ^= step[3] | 1;
	const size_t first = deed == CUT || deed == INSERT ? where : deed == DROP ? 0 : deed == BYTES ? 0 : b->n;
	put(b, b->flight, first);
	if (deed == INSERT) {
		put(b, step, STEP);
		put(b, b->flight + where, b->n - where);
	}
	if (deed == TWICE)
		put(b, b->flight, b->n);
	for (size_t i = 0; deed == BYTES && i < b->n && i < 400; i++)
		put(b, b->flight + i, 1);
	if (deed == BYTES && b->n > 400)
		put(b, b->flight + 400, b->n - 400);
	memcpy(b->before, b->flight, b->n);
	b->nbefore = b->n;
}

/* wants: bits of what the client asks for once it may speak. */
static void ask(SSL *tls, unsigned wants)
{
	if (wants & 1)
		SSL_key_update(tls, SSL_KEY_UPDATE_REQUESTED);
	if (wants & 2)
		SSL_renegotiate(tls);
	if (wants & 3)
		SSL_do_handshake(tls);
}

static void speak_between(int fd, const uint8_t *data, size_t n)
{
	static const int versions[] = { 0, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_1_VERSION };
	static struct between b;
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL *tls = SSL_new(client);
	uint8_t answer[4096];
	const unsigned wants = data[0] >> 4;
	b = (struct between){ .fd = fd, .steps = data + 2, .nsteps = data[1] % 16 };
	if (b.nsteps * STEP > n - 2)
		b.nsteps = (n - 2) / STEP;
	const uint8_t *lines = b.steps + b.nsteps * STEP;
	const int nlines = (int)(n - 2 - b.nsteps * STEP);
	SSL_set_bio(tls, in, out);
	SSL_set_connect_state(tls);
	SSL_set_security_level(tls, 0);
	SSL_set_min_proto_version(tls, versions[data[0] >> 2 & 3]);
	SSL_set_max_proto_version(tls, versions[data[0] >> 2 & 3]);
	for (int i = 0; i < ROUNDS; i++) {
		if (SSL_is_init_finished(tls)) {
			ask(tls, wants);
			if (nlines)
				SSL_write(tls, lines, nlines);
		} else {
			SSL_do_handshake(tls);
		}
		const int got = BIO_read(out, b.flight, FLIGHT);
		b.n = got > 0 ? (size_t)got : 0;
		if (b.n)
			pass(&b);
		toc_receiver_poll(receiver, 1);
		for (ssize_t k; (k = recv(fd, answer, sizeof(answer), 0)) > 0;)
			BIO_write(in, answer, (int)k);
		char rest[256];
		SSL_read(tls, rest, sizeof(rest));
	}
	SSL_free(tls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2 || n > 60000)
		return 0;
	if (!receiver)
		begin();
	int fd = dial(data[0] & 1);
	if (n > 3 && data[0] & 4) {
		speak_between(fd, data + 1, n - 1);
	} else if (data[0] & 2) {
		speak_tls(fd, data + 1, n - 1);
	} else if (send(fd, data + 1, n - 1, MSG_NOSIGNAL) > 0) {
		toc_receiver_poll(receiver, 1);
		toc_receiver_poll(receiver, 0);
	}
	close(fd);
	toc_receiver_poll(receiver, 0);
	return 0;
}
