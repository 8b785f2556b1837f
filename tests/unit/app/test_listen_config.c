/* syslog: in tocsin.yml: what is taken, and what is said about what is not, with its place. */
#include "test.h"

#include <unistd.h>

#include "app/config.h"
#include "receive/certs.h"

static char folder[64] = "/tmp/tocsin-listen-XXXXXX", path[128];

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	struct pair ca = make_pair("ca", NULL), server = make_pair("localhost", &ca), other = make_pair("other", &ca);
	write_pair(&ca, folder, "ca");
	write_pair(&server, folder, "server");
	write_pair(&other, folder, "other");
	free_pair(&ca), free_pair(&server), free_pair(&other);
	snprintf(path, sizeof(path), "%s/tocsin.yml", folder);
	return 0;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct toc_config *load(const char *listener, struct toc_diag *diag)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "syslog:\n  - {%s}\n", listener);
	fclose(f);
	return toc_config_load(path, "rules", diag);
}

static void what_is_right_is_taken(void **state)
{
	struct toc_diag *diag = toc_diag_new();
	(void)state;
	struct toc_config *c =
		load("tls: '[::1]:6514', cert: server.crt, key: server.key, ca: ca.crt, peers: ['*.example.org', "
		     "'sha1:000102030405060708090a0b0c0d0e0f10111213'], idle: 1h, late: 6h, max_per_sender: 4, allow: "
		     "[10.0.0.0/8, '::1']",
		     diag);
	toc_diag_print(diag, stderr);
	assert_int_equal(toc_diag_errors(diag), 0);
	assert_int_equal(c->nlisteners, 1);
	assert_int_equal(c->listeners[0].kind, TOC_LISTEN_TLS);
	assert_string_equal(c->listeners[0].tls.peers[0], "*.example.org");
	assert_int_equal(c->listeners[0].idle, TOC_HOUR);
	assert_int_equal(c->listeners[0].max_per_sender, 4);
	assert_int_equal(c->late[0], 6 * TOC_HOUR);
	assert_int_equal(c->listeners[0].nallow, 2);
	assert_int_equal(c->listeners[0].allow[0].prefix, 104);
	toc_config_free(c);
	c = load("relp: 2514", diag);
	assert_int_equal(c->listeners[0].kind, TOC_LISTEN_RELP);
	assert_null(c->listeners[0].tls.cert);
	toc_config_free(c);
	c = load("unix_stream: log.sock", diag);
	assert_int_equal(c->listeners[0].kind, TOC_LISTEN_UNIX_STREAM);
	assert_int_equal(toc_diag_errors(diag), 0);
	toc_config_free(c);
	toc_diag_free(diag);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *listener, *says;
		unsigned column;
	} cases[] = {
		{ "tls: 6514", "needs cert", 5 },
		{ "tls: 6514, cert: none.crt, key: server.key", "No such file", 23 },
		{ "tls: 6514, cert: server.crt, key: other.key", "key values mismatch", 40 },
		{ "tls: 6514, cert: server.key, key: server.key", "no start line", 23 },
		{ "tls: 6514, cert: server.crt, key: server.key, ca: server.key", "ca: ", 56 },
		{ "tls: 6514, cert: server.crt, key: server.key, peers: [a.example]", "names need ca", 60 },
		{ "tls: 6514, cert: server.crt, key: server.key, peers: ['sha256:00']", "a fingerprint is", 60 },
		{ "tls: 6514, cert: server.crt, key: server.key, peers: []", "lets nobody in", 59 },
		{ "tcp: 6514, cert: server.crt, key: server.key", "certificates are for", 23 },
		{ "relp: 6514, ca: ca.crt", "need cert and key", 5 },
		{ "udp: 514, idle: 1m", "this is for connections", 22 },
		{ "udp: 514, late: 25h", "at most 24h", 22 },
		{ "udp: 514, allow: [10.0.0.0/33]", "expected an address or a network", 24 },
		{ "unix: log.sock, allow: [10.0.0.1]", "with an address", 29 },
		{ "udp: 514, tcp: 514", "needs one of", 5 },
		{ "tpc: 514", "tpc", 6 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct toc_diag *diag = toc_diag_new();
		struct toc_config *c = load(cases[i].listener, diag);
		struct toc_message m = { 0 };
		assert_true(toc_diag_get(diag, 0, &m));
		if (!strstr(m.text, cases[i].says) || m.at.line != 2 || m.at.column != cases[i].column)
			fail_msg("%s: %u:%u: %s", cases[i].listener, m.at.line, m.at.column, m.text);
		toc_config_free(c);
		toc_diag_free(diag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_right_is_taken),
					    cmocka_unit_test(what_is_wrong_is_told) };
	return cmocka_run_group_tests(tests, setup, teardown);
}
