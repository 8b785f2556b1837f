/* ssh - versions, negotiated algorithms, host key, and a guess at the login's result (RFC 4253), as Zeek's ssh.log has
 * it. */
#include "decoders/ssh.h"

enum field {
	K_SSH,
	F_VERSION,
	F_AUTH_SUCCESS,
	F_AUTH_ATTEMPTS,
	F_DIRECTION,
	F_CLIENT,
	F_SERVER,
	F_CIPHER_ALG,
	F_MAC_ALG,
	F_COMPRESSION_ALG,
	F_KEX_ALG,
	F_HOST_KEY_ALG,
	F_HOST_KEY_FINGERPRINT,
	F_HASSH,
	F_HASSH_SERVER
};

static const struct toc_field_decl fields[] = {
	[K_SSH] = { "ssh", TOC_KIND, false, TOC_OPEN, NULL, "an SSH connection" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "major version that both speak: 1 or 2" },
	[F_AUTH_SUCCESS] = { "auth_success", TOC_BOOL, false, TOC_OPEN, NULL,
			     "the login worked: guessed from the sizes of replies; unset = no guess" },
	[F_AUTH_ATTEMPTS] = { "auth_attempts", TOC_UINT, false, TOC_OPEN, NULL, "logins tried, guessed the same way" },
	[F_DIRECTION] = { "direction", TOC_STRING, false, TOC_OPEN, NULL,
			  "OUTBOUND: only the client has a private address; INBOUND: only the server" },
	[F_CLIENT] = { "client", TOC_STRING, false, TOC_OPEN, NULL, "version line of the client" },
	[F_SERVER] = { "server", TOC_STRING, false, TOC_OPEN, NULL, "version line of the server" },
	[F_CIPHER_ALG] = { "cipher_alg", TOC_STRING, false, TOC_OPEN, NULL, "cipher" },
	[F_MAC_ALG] = { "mac_alg", TOC_STRING, false, TOC_OPEN, NULL, "message authentication code" },
	[F_COMPRESSION_ALG] = { "compression_alg", TOC_STRING, false, TOC_OPEN, NULL, "compression" },
	[F_KEX_ALG] = { "kex_alg", TOC_STRING, false, TOC_OPEN, NULL, "key exchange" },
	[F_HOST_KEY_ALG] = { "host_key_alg", TOC_STRING, false, TOC_OPEN, NULL, "kind of the server's key" },
	[F_HOST_KEY_FINGERPRINT] = { "host_key_fingerprint", TOC_STRING, false, TOC_OPEN, NULL,
				     "the server's key, as ssh-keygen -l prints it" },
	[F_HASSH] = { "hassh", TOC_STRING, false, TOC_DEVICE, NULL, "fingerprint of the client's offer" },
	[F_HASSH_SERVER] = { "hasshServer", TOC_STRING, false, TOC_OPEN, NULL, "fingerprint of the server's offer" },
};

enum { MSG_KEXINIT = 20, MSG_NEWKEYS = 21, MSG_KEX_REPLY = 31, MSG_GEX_REPLY = 33 };
enum { LINE_MOST = 1024, LINES_MOST = 64, PACKET_MOST = 35000, CIPHER_MOST = 1 << 16, PADDING = 16 };

/* AT_DEAF: what comes is not understood (version 1, or after a loss) and only passed over. */
enum at { AT_LINES, AT_PACKETS, AT_CIPHER, AT_DEAF };

struct side {
	uint8_t at; /* enum at */
	uint8_t lines;
	uint8_t version; /* major; 3 = both 1 and 2 ("1.99") */
};

struct ssh {
	struct side side[2];
	bool any, logged, gex, compressed, decided, lost, has_result, result;
	uint16_t offer_n; /* of the KEXINIT that came first; 0 = none yet */
	enum toc_dir offer_dir;
	/* the server's replies in cipher: a "segment" is what came at one moment, which packets do and cuts do not
	 * change */
	toc_time moment;
	uint32_t segment, accepted, failure, attempts, ciphered;
	bool begun; /* the segment is one to look at: not the one in which encryption began */
};

enum { OFFER = 1 }; /* key of the offer that came first in the decoder's memory */

/* --- the row ------------------------------------------------------------------------------------------------------ */

/* What a site has inside: loopback and shared address space (RFC 6598) as well. */
static bool is_inside(const struct toc_addr *a)
{
	const bool v4 = toc_addr_is_v4(a);
	return toc_addr_is_private(a) || (v4 && a->b[12] == 127) || (v4 && a->b[12] == 100 && (a->b[13] & 0xc0) == 64);
}

static struct toc_draft *row(struct ssh *c, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_SSH, 0);
	if (d)
		return d;
	d = toc_sink_begin(s, K_SSH);
	c->any = true;
	bool from_us = is_inside(&s->flow->orig), to_us = is_inside(&s->flow->resp);
	if (from_us != to_us)
		toc_put_cstr(d, F_DIRECTION, from_us ? "OUTBOUND" : "INBOUND");
	return d;
}

static void log_row(struct ssh *c, struct toc_sink *s)
{
	if (c->logged || !c->any)
		return;
	struct toc_draft *d = row(c, s);
	unsigned both = c->side[0].version & c->side[1].version;
	c->logged = true;
	if (both)
		toc_put_uint(d, F_VERSION, both & 2 ? 2 : 1);
	if (c->has_result)
		toc_put_bool(d, F_AUTH_SUCCESS, c->result);
	toc_put_uint(d, F_AUTH_ATTEMPTS, c->attempts);
	toc_sink_commit(s, d);
}

/* --- key exchange ------------------------------------------------------------------------------------------------- */

static void put_some(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (v.n)
		toc_put_str(d, field, v);
}

static void agree(struct ssh *c, const struct ssh_offer *client, const struct ssh_offer *server, struct toc_draft *d)
{
	char text[SSH_BOTH];
	struct toc_span kex = ssh_choice(client->list[SSH_KEX], server->list[SSH_KEX]);
	struct toc_span compression = ssh_choice_both(client, server, SSH_COMPRESSION_OUT, text);
	c->gex = toc_span_starts(kex, "diffie-hellman-group-exchange-");
	c->compressed = toc_span_is(compression, "zlib") || toc_span_is(compression, "zlib@openssh.com");
	put_some(d, F_COMPRESSION_ALG, compression);
	put_some(d, F_CIPHER_ALG, ssh_choice_both(client, server, SSH_CIPHER_OUT, text));
	put_some(d, F_MAC_ALG, ssh_choice_both(client, server, SSH_MAC_OUT, text));
	put_some(d, F_KEX_ALG, kex);
	put_some(d, F_HOST_KEY_ALG, ssh_choice(client->list[SSH_HOST_KEY], server->list[SSH_HOST_KEY]));
}

static void keep_offer(struct ssh *c, struct toc_span body, enum toc_dir dir, struct toc_sink *s)
{
	uint8_t *offer = body.n <= SSH_KEXINIT ? toc_sink_memory(s, OFFER, body.n) : NULL;
	if (!offer) {
		toc_sink_weird(s, "ssh_large_kexinit");
		return;
	}
	memcpy(offer, body.p, body.n);
	c->offer_n = (uint16_t)body.n;
	c->offer_dir = dir;
}

/* The offer that comes first is kept, the second one settles what both use. */
static void kexinit(struct ssh *c, struct toc_span body, enum toc_dir dir, struct toc_sink *s)
{
	struct ssh_offer mine, other;
	char hassh[32];
	bool client = dir == TOC_ORIG;
	if (!ssh_offer_read(body, &mine)) {
		toc_sink_weird(s, "ssh_bad_kexinit");
		return;
	}
	struct toc_draft *d = row(c, s);
	ssh_hassh(&mine, client, hassh);
	if (!toc_draft_find(d, client ? F_HASSH : F_HASSH_SERVER))
		toc_put_str(d, client ? F_HASSH : F_HASSH_SERVER, toc_span_of(hassh, 32));
	const uint8_t *offer = c->offer_n && c->offer_dir != dir ? toc_sink_memory(s, OFFER, 0) : NULL;
	if (offer && !toc_draft_find(d, F_KEX_ALG) && ssh_offer_read(toc_span_of(offer, c->offer_n), &other))
		agree(c, client ? &mine : &other, client ? &other : &mine, d);
	toc_sink_hold(s, d, 0);
	if (offer)
		toc_sink_forget(s, OFFER);
	if (!c->offer_n)
		keep_offer(c, body, dir, s);
}

/* The reply of every method begins with the host key (RFC 4253 section 8, RFC 4419 section 3, RFC 5656 section 4). */
static void key_reply(struct ssh *c, struct toc_span body, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(body);
	struct toc_span key = toc_take(&in, toc_be32(&in));
	char text[64];
	if (in.bad || key.n < 4)
		return;
	struct toc_draft *d = row(c, s);
	if (!toc_draft_find(d, F_HOST_KEY_FINGERPRINT))
		toc_put_str(d, F_HOST_KEY_FINGERPRINT, toc_span_of(text, ssh_fingerprint(key, text)));
	toc_sink_hold(s, d, 0);
}

/* --- the guess ---------------------------------------------------------------------------------------------------- */

/*
 * What Zeek documents. The server's first reply in cipher is SERVICE_ACCEPT: its padded length tells the cipher's and
 * the MAC's share. USERAUTH_SUCCESS is one byte, hence 16 shorter. The reply to "none" is a USERAUTH_FAILURE, and so is
 * whatever has its length.
 */
static void reply(struct ssh *c, uint32_t n)
{
	bool success = n + PADDING == c->accepted;
	if (!c->accepted) {
		c->accepted = n;
		return;
	}
	if (!c->failure && !success) {
		c->failure = n;
		return;
	}
	if (!success && n != c->failure)
		return;
	c->decided = success;
	if (c->compressed)
		return; /* lengths say nothing */
	c->attempts++;
	c->has_result = true;
	c->result = success;
}

/* What came at one moment has come to its end. */
static void end_segment(struct ssh *c)
{
	uint32_t n = c->segment;
	c->segment = 0;
	if (c->begun && n && !c->decided && !c->lost)
		reply(c, n);
}

static enum toc_parse ciphered(struct ssh *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	uint32_t n = (uint32_t)toc_left(in);
	toc_skip(in, n);
	if (dir == TOC_ORIG) {
		end_segment(c);
	} else {
		if (s->ts != c->moment) {
			end_segment(c);
			c->moment = s->ts;
			c->begun = true;
		}
		c->segment += n;
	}
	c->ciphered += n;
	if (!c->decided && c->ciphered < CIPHER_MOST)
		return TOC_MORE;
	log_row(c, s);
	return TOC_DONE;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static uint8_t major(struct toc_span line)
{
	if (line.n > 7 && toc_span_starts(line, "SSH-1.99"))
		return 3;
	return line.n < 5 ? 0 : line.p[4] == '1' ? 1 : line.p[4] == '2' ? 2 : 0;
}

/* SSH-protoversion-softwareversion SP comments (RFC 4253, section 4.2); a server may talk before. */
static enum toc_parse read_line(struct ssh *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	struct toc_span rest = toc_span_first(toc_rest(in), LINE_MOST);
	size_t end = toc_span_find(rest, '\n');
	if (end == rest.n)
		return rest.n == LINE_MOST ? TOC_BAD : toc_more(s, rest.n + 1);
	struct toc_span line = toc_span_first(rest, end);
	toc_skip(in, end + 1);
	if (!toc_span_starts(line, "SSH-"))
		return dir == TOC_RESP && ++side->lines < LINES_MOST ? TOC_MORE : TOC_BAD;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	side->version = major(line);
	side->at = side->version & 2 ? AT_PACKETS : AT_DEAF;
	toc_sink_confirm(s, NULL);
	struct toc_draft *d = row(c, s);
	toc_put_str(d, dir == TOC_ORIG ? F_CLIENT : F_SERVER, line);
	toc_sink_hold(s, d, 0);
	return TOC_MORE;
}

static void take_packet(struct ssh *c, struct toc_span payload, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(payload);
	uint8_t type = toc_u8(&in);
	if (type == MSG_KEXINIT)
		kexinit(c, toc_rest(&in), dir, s);
	else if (type == (c->gex ? MSG_GEX_REPLY : MSG_KEX_REPLY) && dir == TOC_RESP)
		key_reply(c, toc_rest(&in), s);
	else if (type == MSG_NEWKEYS)
		c->side[dir].at = AT_CIPHER;
	if (type == MSG_NEWKEYS && dir == TOC_RESP)
		c->moment = s->ts;
}

/* uint32 packet_length, byte padding_length, payload, padding (RFC 4253, section 6). */
static enum toc_parse read_packet(struct ssh *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor at = *in;
	/* both versions are possible: which one was meant shows the first packet (version 1 has no such padding) */
	if (c->side[!dir].version == 1) {
		c->side[dir].at = AT_DEAF;
		return TOC_MORE;
	}
	size_t n = toc_be32(&at);
	size_t padding = toc_u8(&at);
	if (at.bad)
		return toc_more(s, 5);
	if (n < 2 || n > PACKET_MOST || padding + 1 >= n) {
		toc_sink_weird(s, "ssh_bad_packet");
		c->side[dir].at = AT_DEAF;
		return TOC_MORE;
	}
	if (toc_left(in) < n + 4)
		return toc_more(s, n + 4);
	struct toc_span payload = toc_take(&at, n - 1 - padding);
	toc_skip(in, n + 4);
	take_packet(c, payload, dir, s);
	return TOC_MORE;
}

static enum toc_parse step(struct ssh *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	switch ((enum at)c->side[dir].at) {
	case AT_LINES:
		return read_line(c, in, dir, s);
	case AT_PACKETS:
		return read_packet(c, in, dir, s);
	case AT_CIPHER:
		return ciphered(c, in, dir, s);
	case AT_DEAF:
		toc_skip(in, toc_left(in));
		return TOC_MORE;
	}
	return TOC_BAD;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct ssh *c = state;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		uint8_t at = c->side[dir].at;
		enum toc_parse p = step(c, in, dir, s);
		if (p == TOC_BAD && c->any)
			return TOC_DONE;
		if (p != TOC_MORE || (toc_left(in) == before && at == c->side[dir].at))
			return p;
	}
	return TOC_MORE;
}

/* Packets have no mark to begin again at; what was agreed in clear may be lost, and the guess with it. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct ssh *c = state;
	(void)n;
	(void)s;
	if (dir == TOC_RESP)
		c->lost = true;
	if (c->side[dir].at != AT_CIPHER)
		c->side[dir].at = AT_DEAF;
	return c->any ? TOC_MORE : TOC_DONE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct ssh *c = state;
	(void)why;
	end_segment(c);
	log_row(c, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char mark[] = "SSH-";
	size_t n = first.n < sizeof(mark) - 1 ? first.n : sizeof(mark) - 1;
	if (memcmp(first.n ? first.p : (const uint8_t *)mark, mark, n) == 0) {
		if (first.n < 6)
			return TOC_MAYBE;
		return (first.p[4] == '1' || first.p[4] == '2') && first.p[5] == '.' ? TOC_YES : TOC_NO;
	}
	if (dir != TOC_RESP || !hint)
		return TOC_NO;
	for (struct toc_span rest = first; rest.n;) { /* lines before the version */
		size_t end = toc_span_find(rest, '\n');
		rest = toc_span_from(rest, end + 1);
		if (toc_span_starts(rest, mark))
			return TOC_YES;
	}
	return TOC_MAYBE;
}

static const uint16_t ports[] = { 22, 0 };

const struct toc_decoder toc_decoder_ssh = { .name = "ssh",
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .fields = fields,
					     .nfields = sizeof(fields) / sizeof(fields[0]),
					     .state_size = sizeof(struct ssh),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap,
					     .finish = finish };
