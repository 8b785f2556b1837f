/*
 * fuzz_tls_server - a hostile client against the TLS listener: bytes that may be no TLS at all, and a client that
 * shakes hands and then breaks framing (first byte odd: RELP under TLS).
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2 || n > 60000)
		return 0;
	if (!receiver)
		begin();
	int fd = dial(data[0] & 1);
	if (data[0] & 2) {
		speak_tls(fd, data + 1, n - 1);
	} else if (send(fd, data + 1, n - 1, MSG_NOSIGNAL) > 0) {
		toc_receiver_poll(receiver, 1);
		toc_receiver_poll(receiver, 0);
	}
	close(fd);
	toc_receiver_poll(receiver, 0);
	return 0;
}
