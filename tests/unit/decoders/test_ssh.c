/* ssh: version lines, offers, keys and the guess, packets by hand from RFC 4253. */
#include "test.h"

#include "decoders/ssh.h"
#include "harness.h"

extern const struct toc_decoder toc_decoder_ssh;

struct conversation {
	uint8_t bytes[8192];
	size_t n, nsteps;
	struct trial_step steps[24];
};

static void say(struct conversation *c, enum toc_dir dir, const void *bytes, size_t n)
{
	assert_true(c->n + n <= sizeof(c->bytes) && c->nsteps < 24);
	memcpy(c->bytes + c->n, bytes, n);
	c->steps[c->nsteps++] = (struct trial_step){ dir, c->bytes + c->n, n };
	c->n += n;
}

static void line(struct conversation *c, enum toc_dir dir, const char *text)
{
	say(c, dir, text, strlen(text));
}

static size_t put32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
	return 4;
}

/* packet_length, padding_length, payload, padding */
static void packet(struct conversation *c, enum toc_dir dir, const uint8_t *payload, size_t n)
{
	uint8_t out[4096] = { 0 };
	size_t padding = 8 - (n + 5) % 8 + 4;
	put32(out, n + padding + 1);
	out[4] = (uint8_t)padding;
	memcpy(out + 5, payload, n);
	say(c, dir, out, n + padding + 5);
}

static void kexinit(struct conversation *c, enum toc_dir dir, const char *const lists[SSH_LISTS])
{
	uint8_t out[2048] = { 20 };
	size_t n = 17;
	for (unsigned i = 0; i < SSH_LISTS; i++) {
		size_t length = strlen(lists[i]);
		n += put32(out + n, length);
		memcpy(out + n, lists[i], length);
		n += length;
	}
	n += 4 + 4 + 1 + 4; /* two lists of languages, first_kex_packet_follows, reserved */
	packet(c, dir, out, n);
}

/* Bytes in cipher: a reply, or a request, of so many. */
static void cipher(struct conversation *c, enum toc_dir dir, size_t n)
{
	uint8_t out[512];
	memset(out, 0xa5, sizeof(out));
	say(c, dir, out, n);
}

static const char *const client_lists[SSH_LISTS] = { "curve25519-sha256,diffie-hellman-group14-sha256",
						     "ssh-ed25519,rsa-sha2-512",
						     "aes128-ctr,aes256-ctr",
						     "aes128-ctr,aes256-ctr",
						     "hmac-sha2-256,hmac-sha1",
						     "hmac-sha1,hmac-sha2-256",
						     "none,zlib@openssh.com",
						     "none" };
static const char *const server_lists[SSH_LISTS] = { "diffie-hellman-group14-sha256,curve25519-sha256",
						     "rsa-sha2-512,ssh-ed25519",
						     "aes256-ctr",
						     "aes256-ctr",
						     "hmac-sha2-256,hmac-sha1",
						     "hmac-sha2-256,hmac-sha1",
						     "none",
						     "none" };

static void clear_part(struct conversation *c)
{
	static const uint8_t reply[] = { 31, 0, 0, 0, 8, 0, 0, 0, 4, 't', 'e', 's', 't', 0, 0, 0, 0 };
	static const uint8_t newkeys[] = { 21 };
	line(c, TOC_RESP, "SSH-2.0-OpenSSH_9.2p1 Debian\r\n");
	line(c, TOC_ORIG, "SSH-2.0-Example_1.0\r\n");
	kexinit(c, TOC_ORIG, client_lists);
	kexinit(c, TOC_RESP, server_lists);
	packet(c, TOC_RESP, reply, sizeof(reply));
	packet(c, TOC_RESP, newkeys, 1);
	packet(c, TOC_ORIG, newkeys, 1);
}

static char *text_of(const struct conversation *c)
{
	assert_true(trial_same_however_cut(&toc_decoder_ssh, 22, c->steps, c->nsteps, 40));
	return trial_run(&toc_decoder_ssh, TOC_OVER_TCP, 22, c->steps, c->nsteps);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

/* SERVICE_ACCEPT of 64 bytes, the failure of "none" and of a password of 80, then success: 16 less than the first. */
static void login(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	clear_part(&c);
	static const size_t replies[] = { 64, 80, 80, 48 };
	for (unsigned i = 0; i < 4; i++) {
		cipher(&c, TOC_ORIG, 100);
		cipher(&c, TOC_RESP, replies[i]);
	}
	cipher(&c, TOC_ORIG, 40);
	char *text = text_of(&c);
	has(text, "\"version\":2");
	has(text, "\"auth_success\":true,\"auth_attempts\":2");
	has(text, "\"client\":\"SSH-2.0-Example_1.0\"");
	has(text, "\"server\":\"SSH-2.0-OpenSSH_9.2p1 Debian\"");
	has(text, "\"cipher_alg\":\"aes256-ctr\"");
	has(text, "\"mac_alg\":\"To server: hmac-sha2-256, to client: hmac-sha1\"");
	has(text, "\"compression_alg\":\"none\"");
	has(text, "\"kex_alg\":\"curve25519-sha256\"");
	has(text, "\"host_key_alg\":\"ssh-ed25519\"");
	/* sha256 of 00000004 "test" */
	has(text, "\"host_key_fingerprint\":\"SHA256:");
	has(text, "\"hassh\":\"");
	has(text, "\"hasshServer\":\"");
	free(text);
}

static void failures(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	clear_part(&c);
	static const size_t replies[] = { 64, 80, 80, 80 };
	for (unsigned i = 0; i < 4; i++) {
		cipher(&c, TOC_ORIG, 100);
		cipher(&c, TOC_RESP, replies[i]);
	}
	char *text = text_of(&c);
	has(text, "\"auth_success\":false,\"auth_attempts\":2");
	free(text);
}

/* By key on the first attempt; and what was lost in cipher ends the guessing, not the row. */
static void at_once_and_lost(void **state)
{
	(void)state;
	struct conversation c = { 0 }, lost;
	clear_part(&c);
	cipher(&c, TOC_ORIG, 100);
	cipher(&c, TOC_RESP, 64);
	cipher(&c, TOC_ORIG, 100);
	lost = c;
	cipher(&c, TOC_RESP, 48);
	char *text = text_of(&c);
	has(text, "\"auth_success\":true,\"auth_attempts\":1");
	free(text);
	lost.steps[lost.nsteps++] = (struct trial_step){ TOC_RESP, NULL, 48 };
	cipher(&lost, TOC_RESP, 48);
	struct trial *t = trial_new(&toc_decoder_ssh, TOC_OVER_TCP, 22);
	for (size_t i = 0; i < lost.nsteps; i++)
		trial_feed(t, &lost.steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 1);
	assert_null(trial_value(t, 0, "auth_success"));
	trial_free(t);
}

/* Lines before the version, version 1, a line without end, no SSH at all. */
static void lines(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	line(&c, TOC_RESP, "Welcome\r\nto this machine\n");
	line(&c, TOC_RESP, "SSH-1.99-Old\n");
	line(&c, TOC_ORIG, "SSH-1.5-Older\n");
	line(&c, TOC_RESP, "\0\0\1\0garbage");
	char *text = text_of(&c);
	has(text, "\"version\":1");
	has(text, "\"server\":\"SSH-1.99-Old\"");
	free(text);
	struct conversation endless = { 0 };
	for (unsigned i = 0; i < 12; i++)
		line(&endless, TOC_ORIG,
		     "SSH-2.0-"
		     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		     "a");
	text = text_of(&endless);
	has(text, "\"bad\"");
	free(text);
}

/* A packet longer than the RFC's 35000 bytes, padding longer than the packet: named, and the rest passed over. */
static void broken(void **state)
{
	(void)state;
	static const char large[] = "\0\1\0\0\4 and more", padded[] = "\0\0\0\x0c\xff and more!!";
	struct conversation c = { 0 };
	line(&c, TOC_ORIG, "SSH-2.0-x\r\n");
	say(&c, TOC_ORIG, large, sizeof(large) - 1);
	line(&c, TOC_RESP, "SSH-2.0-y\r\n");
	say(&c, TOC_RESP, padded, sizeof(padded) - 1);
	char *text = text_of(&c);
	has(text, "ssh_bad_packet");
	has(text, "\"auth_attempts\":0");
	free(text);
}

static void choices(void **state)
{
	(void)state;
	struct toc_span a = ssh_choice(toc_span_str("x,y,z"), toc_span_str("zz,z,y"));
	assert_true(toc_span_is(a, "y"));
	assert_int_equal(ssh_choice(toc_span_str("x"), toc_span_str("y")).n, 0);
	assert_int_equal(ssh_choice(toc_span_str(""), toc_span_str("y")).n, 0);
	char text[64];
	assert_int_equal(ssh_fingerprint(toc_span_str("abc"), text), 50);
	/* base64 of SHA-256("abc") of FIPS 180-2 */
	assert_memory_equal(text, "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0", 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login), cmocka_unit_test(failures), cmocka_unit_test(at_once_and_lost),
		cmocka_unit_test(lines), cmocka_unit_test(broken),   cmocka_unit_test(choices)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
