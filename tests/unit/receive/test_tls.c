/* tls: who may come, who may not, what is said about it; new certificates while it runs. */
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/certs.h"
#include "receive/receive.h"

struct heard {
	struct toc_line_taker taker;
	unsigned n;
	char text[4096];
};

struct rig {
	char folder[64], cert[128], key[128], ca_file[128], fingerprint[128];
	struct pair ca, other_ca, server, client, stranger;
	struct heard heard;
};

static void take(struct toc_line_taker *self, const struct toc_received *r)
{
	struct heard *h = (struct heard *)self;
	size_t at = strlen(h->text);
	h->n++;
	snprintf(h->text + at, sizeof(h->text) - at, "%.*s|", (int)r->text.n, (const char *)r->text.p);
}

static int set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	unsigned char digest[32];
	unsigned n;
	snprintf(r->folder, sizeof(r->folder), "/tmp/tocsin-tls-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	r->ca = make_pair("ca", NULL);
	r->other_ca = make_pair("other", NULL);
	r->server = make_pair("localhost", &r->ca);
	r->client = make_pair("fw1.example.org", &r->ca);
	r->stranger = make_pair("fw1.example.org", &r->other_ca);
	write_pair(&r->ca, r->folder, "ca");
	write_pair(&r->server, r->folder, "server");
	snprintf(r->cert, sizeof(r->cert), "%s/server.crt", r->folder);
	snprintf(r->key, sizeof(r->key), "%s/server.key", r->folder);
	snprintf(r->ca_file, sizeof(r->ca_file), "%s/ca.crt", r->folder);
	X509_digest(r->stranger.cert, EVP_sha256(), digest, &n);
	size_t at = (size_t)snprintf(r->fingerprint, sizeof(r->fingerprint), "sha256:");
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(r->fingerprint + at, sizeof(r->fingerprint) - at, "%02X%s", digest[i],
				       i + 1 < n ? ":" : "");
	r->heard.taker.line = take;
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	char command[128];
	free_pair(&r->ca), free_pair(&r->other_ca), free_pair(&r->server), free_pair(&r->client);
	free_pair(&r->stranger);
	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	free(r);
	return system(command);
}

static int dial(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Sends one line over TLS as this client (NULL: without a certificate), and whether the server's name was issued by ca.
 */
static bool speak(struct toc_receiver *r, const struct pair *as, const char *bytes, const struct pair *ca)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	bool sent = false;
	if (as) {
		assert_int_equal(SSL_CTX_use_certificate(context, as->cert), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(context, as->key), 1);
	}
	if (ca)
		X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca->cert);
	int fd = dial(toc_receiver_port(r, 0));
	SSL *tls = SSL_new(context);
	SSL_set_fd(tls, fd);
	SSL_set_connect_state(tls);
	for (int i = 0; i < 60 && !sent; i++) {
		sent = SSL_write(tls, bytes, (int)strlen(bytes)) > 0;
		assert_true(toc_receiver_poll(r, 5) >= 0);
	}
	bool known = sent && (!ca || SSL_get_verify_result(tls) == X509_V_OK);
	SSL_shutdown(tls);
	for (int i = 0; i < 4; i++)
		assert_true(toc_receiver_poll(r, 5) >= 0);
	SSL_free(tls);
	SSL_CTX_free(context);
	close(fd);
	toc_receiver_poll(r, 5);
	return known;
}

static struct toc_receiver *open_with(struct rig *r, struct toc_listener *l)
{
	char err[256] = "";
	*l = (struct toc_listener){ .kind = TOC_LISTEN_TLS,
				    .address = "127.0.0.1",
				    .max_line = 1000,
				    .max_connections = 10,
				    .tls = { .cert = r->cert, .key = r->key, .ca = l->tls.ca, .peers = l->tls.peers } };
	memset(r->heard.text, 0, sizeof(r->heard.text));
	r->heard.n = 0;
	struct toc_receiver *got = toc_receiver_new(l, 1, 0, &r->heard.taker, &toc_opener_self, err, sizeof(err));
	if (!got)
		fail_msg("%s", err);
	return got;
}

static uint64_t lost(const struct toc_receiver *r, enum toc_loss why)
{
	return toc_receiver_count(r)->lost[why];
}

static void lines_come(void **state)
{
	struct rig *r = *state;
	struct toc_listener l = { 0 };
	struct toc_receiver *got = open_with(r, &l);
	assert_true(speak(got, NULL, "4 <1>a6 <2>b\nc", &r->ca));
	assert_true(speak(got, NULL, "<3>lines\n<4>too\n", &r->ca));
	assert_string_equal(r->heard.text, "<1>a|<2>b\nc|<3>lines|<4>too|");
	assert_false(speak(got, NULL, "4 <1>a9x", &r->other_ca)); /* the server is not who it should be */
	assert_int_equal(lost(got, TOC_LOSS_FRAMING), 1);
	toc_receiver_free(got);
}

static void clients_are_known(void **state)
{
	static const char *const names[] = { "*.example.org", NULL }, *const wrong[] = { "fw2.example.org", NULL };
	struct rig *r = *state;
	const char *const prints[] = { r->fingerprint, NULL };
	struct toc_listener l = { .tls = { .ca = r->ca_file, .peers = names } };
	struct toc_receiver *got = open_with(r, &l);
	speak(got, &r->client, "<1>known\n", NULL);
	assert_string_equal(r->heard.text, "<1>known|");
	speak(got, NULL, "<1>nobody\n", NULL);
	speak(got, &r->stranger, "<1>stranger\n", NULL);
	assert_string_equal(r->heard.text, "<1>known|");
	assert_int_equal(lost(got, TOC_LOSS_HANDSHAKE), 2);
	toc_receiver_free(got);

	l.tls.peers = wrong;
	got = open_with(r, &l);
	speak(got, &r->client, "<1>other name\n", NULL);
	assert_int_equal(r->heard.n, 0);
	assert_int_equal(lost(got, TOC_LOSS_PEER), 1);
	toc_receiver_free(got);

	l.tls = (struct toc_listen_tls){ .peers = prints }; /* a fingerprint vouches without a CA */
	got = open_with(r, &l);
	speak(got, &r->client, "<1>not listed\n", NULL);
	speak(got, &r->stranger, "<1>listed\n", NULL);
	assert_string_equal(r->heard.text, "<1>listed|");
	assert_int_equal(lost(got, TOC_LOSS_PEER), 1);
	toc_receiver_free(got);
}

static void plain_text_is_closed(void **state)
{
	struct rig *r = *state;
	struct toc_listener l = { 0 };
	struct toc_receiver *got = open_with(r, &l);
	char byte;
	int fd = dial(toc_receiver_port(got, 0));
	assert_int_equal(send(fd, "<1>plain\n", 9, 0), 9);
	for (int i = 0; i < 10 && !lost(got, TOC_LOSS_NO_TLS); i++)
		toc_receiver_poll(got, 10);
	assert_int_equal(lost(got, TOC_LOSS_NO_TLS), 1);
	assert_true(recv(fd, &byte, 1, 0) <= 0 && errno != EAGAIN);
	assert_int_equal(r->heard.n, 0);
	close(fd);
	toc_receiver_free(got);
}

static void new_certificates(void **state)
{
	struct rig *r = *state;
	struct toc_listener l = { 0 };
	struct toc_receiver *got = open_with(r, &l);
	struct toc_diag *diag = toc_diag_new();
	struct toc_message m;
	struct pair renewed = make_pair("localhost", &r->other_ca);
	write_pair(&renewed, r->folder, "server");
	assert_true(speak(got, NULL, "<1>old\n", &r->ca));
	assert_true(toc_receiver_reload(got, &l, &toc_opener_self, diag));
	assert_true(speak(got, NULL, "<1>new\n", &r->other_ca));
	/* a key that does not belong to the certificate: told, and what is in use stays */
	write_pair(&r->client, r->folder, "swap");
	char swap[128];
	snprintf(swap, sizeof(swap), "%s/swap.key", r->folder);
	assert_int_equal(rename(swap, r->key), 0);
	assert_false(toc_receiver_reload(got, &l, &toc_opener_self, diag));
	assert_true(toc_diag_get(diag, 0, &m));
	assert_non_null(strstr(m.text, "key"));
	assert_true(speak(got, NULL, "<1>still\n", &r->other_ca));
	assert_string_equal(r->heard.text, "<1>old|<1>new|<1>still|");
	/* a key that everybody can read is refused */
	write_pair(&renewed, r->folder, "server");
	assert_int_equal(chmod(r->key, 0644), 0);
	assert_false(toc_receiver_reload(got, &l, &toc_opener_self, diag));
	write_pair(&r->server, r->folder, "server");
	free_pair(&renewed);
	toc_diag_free(diag);
	toc_receiver_free(got);
}

static void peers_are_checked(void **state)
{
	(void)state;
	assert_null(toc_listen_peer_wrong("fw1.example.org", true));
	assert_null(toc_listen_peer_wrong("*.example.org", true));
	assert_non_null(toc_listen_peer_wrong("fw1.example.org", false));
	assert_non_null(toc_listen_peer_wrong("fw 1", true));
	assert_non_null(toc_listen_peer_wrong("sha256:AB:CD", false));
	assert_null(toc_listen_peer_wrong("SHA1:0102030405060708090a0b0c0d0e0f1011121314", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_come), cmocka_unit_test(clients_are_known),
					    cmocka_unit_test(plain_text_is_closed), cmocka_unit_test(new_certificates),
					    cmocka_unit_test(peers_are_checked) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
