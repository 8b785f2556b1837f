/* quic - versions 1 and 2 and the drafts before them (RFC 9000, 9001, 9369): Initial packets are opened, their TLS
 * becomes an ssl row; as Zeek's quic.log has it. */
#include "decoders/quic.h"

#include "decoders/gather.h"
#include "decoders/ssl_fields.h"
#include "decoders/ssl_row.h"
#include "tocsin/digest.h"

enum field {
	K_QUIC = SSL_FIELDS,
	F_QUIC_VERSION,
	F_CLIENT_INITIAL_DCID,
	F_CLIENT_SCID,
	F_SERVER_SCID,
	F_QUIC_SERVER_NAME,
	F_CLIENT_PROTOCOL,
	F_HISTORY
};

static const struct toc_field_decl fields[] = {
#define SSL_FIELD(id, name, type, list, privacy, unit, meaning) [id] = { name, type, list, privacy, unit, meaning },
#include "decoders/ssl_fields.def"
#undef SSL_FIELD
	[K_QUIC] = { "quic", TOC_KIND, false, TOC_OPEN, NULL, "a QUIC connection" },
	[F_QUIC_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "1, quicv2, draft-29, Q050 …" },
	[F_CLIENT_INITIAL_DCID] = { "client_initial_dcid", TOC_STRING, false, TOC_OPEN, NULL,
				    "first connection id that the client chose for the server" },
	[F_CLIENT_SCID] = { "client_scid", TOC_STRING, false, TOC_OPEN, NULL, "the client's connection id" },
	[F_SERVER_SCID] = { "server_scid", TOC_STRING, false, TOC_OPEN, NULL, "the server's connection id" },
	[F_QUIC_SERVER_NAME] = { "server_name", TOC_STRING, false, TOC_OPEN, NULL, "name that the client asked for" },
	[F_CLIENT_PROTOCOL] = { "client_protocol", TOC_STRING, false, TOC_OPEN, NULL,
				"first protocol that the client offered (ALPN)" },
	[F_HISTORY] = { "history", TOC_STRING, false, TOC_OPEN, NULL,
			"packets in order: i Initial, s hello, h Handshake, z 0-RTT, r Retry, o short header; upper "
			"case: client" },
};

/* TRIES: how often an Initial that does not open is tried at all. */
enum { CRYPTO_MOST = 8192, HISTORY = 32, TRIES = 24, DATAGRAMS = 96, FRAMES_MOST = 256, PACKETS_MOST = 16 };

struct side {
	bool keyed, hello;
	struct quic_keys keys;
	struct gather
		gather; /* of the stream from 0 on, one hello: its bytes are in the decoder's memory (crypto_of) */
};

struct quic {
	uint32_t version;
	bool any, retried, logged;
	uint8_t tries, datagrams, dcid_n;
	uint8_t dcid[QUIC_CID]; /* that the keys come from */
	uint8_t history_n;
	char history[HISTORY];
	uint32_t shorts[2];
	struct ssl_row ssl;
	struct side side[2]; /* client, server */
};

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void note(struct quic *c, char letter, bool client)
{
	if (c->history_n < HISTORY)
		c->history[c->history_n++] = client ? letter : (char)toc_lower((uint8_t)letter);
}

static struct toc_draft *row(struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_QUIC, 0);
	return d ? d : toc_sink_begin(s, K_QUIC);
}

static void put_hex(struct toc_draft *d, unsigned field, struct toc_span id)
{
	char text[2 * QUIC_CID];
	if (toc_draft_find(d, field) || id.n > QUIC_CID)
		return;
	toc_hex(id.p, id.n, text);
	toc_put_str(d, field, toc_span_of(text, 2 * id.n));
}

static void put_version(struct toc_draft *d, uint32_t number)
{
	static const char digits[] = "0123456789abcdef";
	const struct quic_version *v = quic_version(number);
	char text[16] = "unknown-";
	if (toc_draft_find(d, F_QUIC_VERSION))
		return;
	for (unsigned i = 0; i < 8; i++)
		text[8 + i] = digits[number >> (28 - 4 * i) & 15];
	toc_put_str(d, F_QUIC_VERSION, v ? toc_span_str(v->name) : toc_span_of(text, sizeof(text)));
}

static void log_rows(struct quic *c, struct toc_sink *s)
{
	if (c->logged || !c->any)
		return;
	c->logged = true;
	struct toc_draft *d = row(s);
	if (c->history_n)
		toc_put_str(d, F_HISTORY, toc_span_of(c->history, c->history_n));
	toc_sink_commit(s, d);
	ssl_row_log(&c->ssl, s);
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static void client_hello(struct toc_span body, struct toc_sink *s)
{
	struct ssl_hello h;
	if (!ssl_client_hello(body, SSL_OVER_QUIC, &h))
		return;
	struct toc_draft *d = row(s);
	if (h.server_name.n)
		toc_put_str(d, F_QUIC_SERVER_NAME, h.server_name);
	if (h.alpn_first.n)
		toc_put_str(d, F_CLIENT_PROTOCOL, h.alpn_first);
	toc_sink_hold(s, d, 0);
}

/* Where a side's CRYPTO stream is put together; NULL: nothing came yet, or the cap on all flows is reached. */
static uint8_t *crypto_of(bool client, size_t size, struct toc_sink *s)
{
	return toc_sink_memory(s, client ? 1 : 2, size);
}

/* A hello that is there as a whole; more does not come in Initials. */
static void take_hello(struct quic *c, bool client, struct toc_sink *s)
{
	struct side *side = &c->side[!client];
	const uint8_t *bytes = crypto_of(client, 0, s);
	uint32_t whole = bytes ? gather_whole(&side->gather) : 0;
	struct toc_cursor in = toc_cursor_of(toc_span_of(bytes, whole));
	uint8_t type = toc_u8(&in);
	size_t length = toc_be24(&in);
	struct toc_span body = toc_take(&in, length);
	if (side->hello)
		return;
	if (length + 4 > CRYPTO_MOST && whole >= 4) {
		toc_sink_weird(s, "quic_large_hello");
		side->hello = true;
	}
	if (in.bad || type != (client ? SSL_MSG_CLIENT_HELLO : SSL_MSG_SERVER_HELLO))
		return;
	struct ssl_hello retry;
	side->hello = true;
	note(c, 'S', client);
	if (client) {
		toc_sink_confirm(s, "ssl");
		client_hello(body, s);
	} else if (ssl_server_hello(body, &retry) && retry.retry) {
		side->hello = false; /* another one follows it */
		side->gather = (struct gather){ 0 };
	}
	ssl_row_message(&c->ssl, type, body, client, s);
	if (side->hello)
		toc_sink_forget(s, client ? 1 : 2);
}

static void crypto_frame(struct quic *c, struct toc_cursor *in, bool client, struct toc_sink *s)
{
	struct side *side = &c->side[!client];
	uint64_t offset = quic_int(in), length = quic_int(in);
	struct toc_span bytes = toc_take(in, (size_t)length);
	if (in->bad || side->hello || offset >= CRYPTO_MOST)
		return;
	bytes = toc_span_first(bytes, CRYPTO_MOST - (size_t)offset);
	uint8_t *crypto = bytes.n ? crypto_of(client, CRYPTO_MOST, s) : NULL;
	if (!crypto)
		return;
	if (!gather_add(&side->gather, (uint32_t)offset, (uint32_t)(offset + bytes.n))) {
		toc_sink_weird(s, "quic_crypto_in_too_many_pieces");
		return;
	}
	memcpy(crypto + offset, bytes.p, bytes.n);
}

static void ack_frame(struct toc_cursor *in, bool ecn)
{
	quic_int(in); /* largest */
	quic_int(in); /* delay */
	uint64_t ranges = quic_int(in);
	quic_int(in);
	for (uint64_t i = 0; i < 2 * ranges + (ecn ? 3 : 0) && !in->bad; i++)
		quic_int(in);
}

/* What an Initial may hold (RFC 9000, section 12.4): padding, ping, acknowledgements, CRYPTO, CONNECTION_CLOSE. */
static void frames_of(struct quic *c, struct toc_span frames, bool client, struct toc_sink *s)
{
	struct toc_cursor in = toc_cursor_of(frames);
	for (unsigned n = 0; toc_left(&in) && !in.bad && n < FRAMES_MOST;) {
		uint64_t type = quic_int(&in);
		if (type == 0)
			continue;
		n++;
		if (type == 2 || type == 3)
			ack_frame(&in, type == 3);
		else if (type == 6)
			crypto_frame(c, &in, client, s);
		else if (type == 0x1c)
			note(c, 'C', client);
		if (type > 6 || type == 4 || type == 5)
			break;
	}
	take_hello(c, client, s);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void make_keys(struct quic *c, const struct quic_packet *p)
{
	const struct quic_version *v = quic_version(p->version);
	c->dcid_n = (uint8_t)(p->dcid.n <= QUIC_CID ? p->dcid.n : 0);
	if (c->dcid_n)
		memcpy(c->dcid, p->dcid.p, c->dcid_n);
	for (unsigned i = 0; i < 2; i++) {
		quic_keys_of(v, p->dcid, i == 0, &c->side[i].keys);
		c->side[i].keyed = true;
	}
}

/* Keys come from the id in the client's first Initial, and anew after a Retry (RFC 9001, section 5.2). */
static void initial(struct quic *c, const struct quic_packet *p, bool client, struct toc_sink *s)
{
	uint8_t plain[QUIC_PACKET];
	struct side *side = &c->side[!client];
	bool ours = toc_span_eq(p->dcid, toc_span_of(c->dcid, c->dcid_n));
	if (side->hello || c->tries >= TRIES || p->dcid.n > QUIC_CID)
		return;
	if (client && !side->keyed)
		make_keys(c, p);
	if (!side->keyed)
		return;
	struct toc_span frames = quic_open(p, &side->keys, plain);
	if (!frames.n && client && !ours) {
		make_keys(c, p);
		frames = quic_open(p, &side->keys, plain);
	}
	if (!frames.n) {
		c->tries++;
		return;
	}
	frames_of(c, frames, client, s);
}

/* Which end is the client: the one that the first Initial with a token's place or an id of 8 bytes or more comes from;
 * a capture that began late has them the wrong way round. Servers on well-known ports tell. */
static void orient(struct quic *c, enum toc_dir dir, const struct toc_flow_info *flow)
{
	bool low = flow->orig_port == 443 && flow->resp_port != 443;
	c->ssl.flipped = low && dir == TOC_ORIG;
}

static void take_long(struct quic *c, const struct quic_packet *p, bool client, struct toc_sink *s)
{
	static const char letters[] = { 'I', 'Z', 'H', 'R' };
	const struct quic_version *v = quic_version(p->version);
	if (p->version == 0) { /* version negotiation (RFC 9000, section 17.2.1) */
		note(c, 'V', client);
		return;
	}
	struct toc_draft *d = row(s);
	c->version = p->version;
	put_version(d, p->version);
	if (client) {
		put_hex(d, F_CLIENT_INITIAL_DCID, p->dcid);
		put_hex(d, F_CLIENT_SCID, p->scid);
	} else {
		put_hex(d, F_SERVER_SCID, p->scid);
	}
	toc_sink_hold(s, d, 0);
	note(c, v ? letters[p->type] : 'U', client);
	if (v && v->salt && p->type == QUIC_INITIAL)
		initial(c, p, client, s);
}

/* Google's header before version 46: flags, connection id, version. */
static bool old_google(struct toc_span d, uint32_t *version)
{
	struct toc_cursor c = toc_cursor_of(d);
	uint8_t flags = toc_u8(&c);
	toc_skip(&c, 8);
	*version = toc_be32(&c);
	return !c.bad && (flags & 0xc9) == 0x09 && *version >> 16 == 0x5130 && (*version >> 8 & 0xff) >= '2' &&
	       (*version >> 8 & 0xff) <= '4' && (*version & 0xff) >= '0' && (*version & 0xff) <= '9';
}

static void take_short(struct quic *c, bool client)
{
	uint32_t n = ++c->shorts[!client];
	if ((n & (n - 1)) == 0)
		note(c, 'O', client);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct quic *c = state;
	struct quic_packet p;
	uint32_t google;
	c->ssl.over = SSL_OVER_QUIC;
	if (!c->any)
		orient(c, dir, s->flow);
	bool client = (dir == TOC_ORIG) != c->ssl.flipped, first = true;
	if (old_google(toc_rest(in), &google)) {
		p = (struct quic_packet){ .version = google, .dcid = toc_span_of(NULL, 0) };
		c->any = true;
		toc_sink_confirm(s, NULL);
		struct toc_draft *d = row(s);
		put_version(d, google);
		toc_sink_hold(s, d, 0);
		log_rows(c, s);
		return TOC_DONE;
	}
	for (unsigned n = 0; n < PACKETS_MOST && toc_left(in); n++, first = false) {
		if (!(*in->p & 0x80)) {
			if (first || c->any)
				take_short(c, client);
			break;
		}
		if (!quic_packet_read(in, &p))
			break;
		toc_sink_confirm(s, NULL);
		c->any = true;
		take_long(c, &p, client, s);
	}
	/* both hellos are read, or will not come: what follows is in cipher */
	bool over = c->side[0].hello && (c->side[1].hello || !c->side[1].keyed) && c->shorts[0];
	if (!over && ++c->datagrams < DATAGRAMS)
		return TOC_MORE;
	log_rows(c, s);
	return TOC_DONE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	(void)why;
	log_rows(state, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	struct quic_packet p;
	uint32_t google;
	(void)dir;
	if (old_google(first, &google))
		return TOC_YES;
	if (first.n == 0 || (first.p[0] & 0xc0) != 0xc0) /* a greased bit (RFC 9287) comes after the first packets */
		return TOC_NO;
	if (!quic_packet_read(&c, &p))
		return TOC_NO;
	if (quic_version(p.version))
		return p.dcid.n <= QUIC_CID && p.scid.n <= QUIC_CID ? TOC_YES : TOC_NO;
	return hint && p.dcid.n <= QUIC_CID && p.scid.n <= QUIC_CID ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 443, 784, 853, 8853, 0 };

const struct toc_decoder toc_decoder_quic = { .name = "quic",
					      .carriers = TOC_OVER_UDP,
					      .udp_ports = ports,
					      .fields = fields,
					      .nfields = sizeof(fields) / sizeof(fields[0]),
					      .state_size = sizeof(struct quic),
					      .probe = probe,
					      .parse = parse,
					      .finish = finish };
