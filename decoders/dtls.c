/* dtls - DTLS 1.0, 1.2 and 1.3 over UDP (RFC 6347, RFC 9147): records, fragments in any order; rows as for TLS. */
#include "decoders/gather.h"
#include "decoders/ssl_fields.h"
#include "decoders/ssl_row.h"

enum record { RECORD_CCS = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_DATA = 23, RECORD_HEARTBEAT = 24 };
enum { HEADER = 13, FRAGMENT_HEADER = 12, MESSAGE_MOST = 8192, SEQUENCES = 64, RECORDS_MOST = 64 };

/* One message of a side is put together at a time, in the decoder's memory (bytes_of); whole ones need no room. */
struct side {
	uint64_t seen; /* message_seq that are done: bit n */
	struct gather gather;
	uint16_t seq, length;
	bool open;
	uint8_t type;
};

struct dtls {
	bool any;
	struct ssl_row row;
	struct side side[2];
};

static bool is_client(const struct dtls *c, enum toc_dir dir)
{
	return (dir == TOC_ORIG) != c->row.flipped;
}

static bool is_version(uint16_t v)
{
	return v == 0xfeff || v == 0xfefd || v == 0xfefc || v == 0x0100; /* the last: OpenSSL before 0.9.8f */
}

/* NULL: nothing is being put together, or the cap on all flows is reached. */
static uint8_t *bytes_of(enum toc_dir dir, size_t size, struct toc_sink *s)
{
	return toc_sink_memory(s, dir + 1u, size);
}

static void take_fragment(struct side *side, uint8_t type, uint16_t seq, size_t length, size_t offset,
			  struct toc_span part, uint8_t *bytes)
{
	if (side->open && side->seq != seq)
		return; /* one at a time */
	if (!side->open) {
		side->open = true;
		side->seq = seq;
		side->type = type;
		side->length = (uint16_t)length;
		side->gather = (struct gather){ 0 };
	}
	if (side->length != length || side->type != type ||
	    !gather_add(&side->gather, (uint32_t)offset, (uint32_t)(offset + part.n)))
		return;
	if (part.n)
		memcpy(bytes + offset, part.p, part.n);
}

/* msg_type, length, message_seq, fragment_offset, fragment_length (RFC 9147, section 5.2). */
static void handshake(struct dtls *c, struct toc_cursor in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	while (toc_left(&in) >= FRAGMENT_HEADER) {
		uint8_t type = toc_u8(&in);
		size_t length = toc_be24(&in);
		uint16_t seq = toc_be16(&in);
		size_t offset = toc_be24(&in);
		struct toc_span part = toc_take(&in, toc_be24(&in));
		if (in.bad || offset + part.n > length) {
			toc_sink_weird(s, "dtls_bad_fragment");
			return;
		}
		if (seq >= SEQUENCES || side->seen >> seq & 1)
			continue; /* sent again */
		if (part.n == length) {
			side->seen |= UINT64_C(1) << seq;
			ssl_row_message(&c->row, type, part, is_client(c, dir), s);
			continue;
		}
		if (length > MESSAGE_MOST) {
			toc_sink_weird(s, "ssl_large_message");
			continue;
		}
		uint8_t *bytes = bytes_of(dir, side->open ? 0 : length, s);
		if (!bytes)
			continue;
		take_fragment(side, type, seq, length, offset, part, bytes);
		if (!side->open || gather_whole(&side->gather) < side->length)
			continue;
		side->open = false;
		side->seen |= UINT64_C(1) << side->seq;
		ssl_row_message(&c->row, side->type, toc_span_of(bytes, side->length), is_client(c, dir), s);
		toc_sink_forget(s, dir + 1u);
	}
}

/* Which end is which shows the first hello. */
static void orient(struct dtls *c, struct toc_cursor body, enum toc_dir dir)
{
	uint8_t type = toc_u8(&body);
	if (type == SSL_MSG_CLIENT_HELLO)
		c->row.flipped = dir == TOC_RESP;
	else if (type == SSL_MSG_SERVER_HELLO || type == SSL_MSG_HELLO_VERIFY)
		c->row.flipped = dir == TOC_ORIG;
}

static void take_record(struct dtls *c, uint8_t type, bool cipher, struct toc_cursor body, enum toc_dir dir,
			struct toc_sink *s)
{
	if (!c->any && type == RECORD_HANDSHAKE && !cipher)
		orient(c, body, dir);
	c->any = true;
	bool client = is_client(c, dir);
	if (cipher)
		ssl_row_ciphered(&c->row, client, true, s);
	else if (type == RECORD_HANDSHAKE)
		handshake(c, body, dir, s);
	else if (type == RECORD_CCS)
		ssl_row_change_cipher(&c->row, client);
	else if (type == RECORD_ALERT)
		ssl_row_alert(&c->row, toc_rest(&body), client, s);
	else if (type == RECORD_HEARTBEAT)
		ssl_row_heartbeat(&c->row, toc_rest(&body), client, s);
}

/* 001CSLEE, connection id, sequence number, length (RFC 9147, section 4): all in cipher. */
static bool unified_record(struct dtls *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	uint8_t first = toc_u8(in);
	toc_skip(in, first & 8 ? 2 : 1);
	size_t length = first & 4 ? toc_be16(in) : toc_left(in);
	toc_skip(in, length);
	if (in->bad || first & 0x10) /* the length of a connection id stands nowhere */
		return !in->bad;
	ssl_row_ciphered(&c->row, is_client(c, dir), true, s);
	return true;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct dtls *c = state;
	c->row.over = SSL_OVER_DTLS;
	for (unsigned n = 0; toc_left(in) && n < RECORDS_MOST && !c->row.established; n++) {
		struct toc_cursor at = *in;
		uint8_t type = toc_u8(&at);
		if (type >> 5 == 1) {
			if (!unified_record(c, in, dir, s))
				return TOC_MORE;
			continue;
		}
		uint16_t version = toc_be16(&at), epoch = toc_be16(&at);
		toc_skip(&at, 6);
		struct toc_cursor body = toc_sub(&at, toc_be16(&at));
		if (at.bad || !is_version(version))
			return TOC_MORE; /* other protocols share the ports (RFC 7983) */
		toc_sink_confirm(s, NULL);
		take_record(c, type, epoch > 0, body, dir, s);
		*in = at;
	}
	return c->row.established ? TOC_DONE : TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct dtls *c = state;
	(void)why;
	ssl_row_log(&c->row, s);
}

/* Binding requests (RFC 8489) come before the handshake where both are on one port. */
static bool is_stun(struct toc_span d)
{
	struct toc_cursor c = toc_cursor_of(d);
	uint16_t type = toc_be16(&c), length = toc_be16(&c);
	return toc_be32(&c) == 0x2112a442 && !c.bad && type < 0x4000 && length % 4 == 0 && length + 20u <= d.n;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t type = toc_u8(&c);
	uint16_t version = toc_be16(&c), epoch = toc_be16(&c);
	toc_skip(&c, 6);
	struct toc_cursor body = toc_sub(&c, toc_be16(&c));
	(void)dir;
	(void)hint;
	if (is_stun(first))
		return TOC_MAYBE;
	if (c.bad || !is_version(version) || type < RECORD_CCS || type > RECORD_HEARTBEAT)
		return TOC_NO;
	if (epoch > 0) /* mid-session: it must fit to the last byte */
		return toc_left(&c) == 0 && toc_left(&body) >= 16 && epoch < 8 && type != RECORD_CCS ? TOC_YES : TOC_NO;
	uint8_t message = toc_u8(&body);
	toc_skip(&body, FRAGMENT_HEADER - 1);
	bool hello = message >= SSL_MSG_CLIENT_HELLO && message <= SSL_MSG_HELLO_VERIFY;
	return type == RECORD_HANDSHAKE && !body.bad && hello ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 443, 853, 4433, 4740, 5684, 6514, 0 };

const struct toc_decoder toc_decoder_dtls = { .name = "dtls",
					      .bodies = true,
					      .carriers = TOC_OVER_UDP,
					      .udp_ports = ports,
					      .fields = ssl_fields,
					      .nfields = SSL_FIELDS,
					      .state_size = sizeof(struct dtls),
					      .probe = probe,
					      .parse = parse,
					      .finish = finish };
