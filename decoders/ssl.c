/* ssl - TLS and SSL 3 records over TCP (RFC 8446, section 5; RFC 5246, section 6), SSL 2 hellos; resynchronises after
 * losses. */
#include "decoders/ssl_fields.h"
#include "decoders/ssl_row.h"

enum record { RECORD_CCS = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_DATA = 23, RECORD_HEARTBEAT = 24 };
enum {
	HEADER = 5,
	RECORD_MOST = (1 << 14) + 2048,
	MESSAGE_MOST = 48000,
	SEARCH_MOST = 1 << 16,
	PIECES_MOST = 256,
	BEYOND_MOST = 512
};

struct side {
	bool any;	 /* a record was read */
	bool searched;	 /* after a loss: a record begins somewhere ahead */
	uint16_t used;	 /* payload bytes of the first unread handshake record that are done with */
	uint32_t skip;	 /* bytes of a record that nobody reads */
	uint32_t waste;	 /* handshake bytes of a message too large to be kept */
	uint32_t passed; /* while searching */
};

struct ssl {
	struct side side[2];
	bool v2;
	uint16_t beyond; /* records since both sides spoke in cipher */
	struct ssl_row row;
};

static bool is_client(const struct ssl *c, enum toc_dir dir)
{
	return (dir == TOC_ORIG) != c->row.flipped;
}

/* --- handshake messages ------------------------------------------------------------------------------------------- */

/* The handshake bytes that are there: of whole records in a row, from the first unread one on. need: bytes that the
 * cursor must have before there can be more. */
static size_t gather(const struct side *side, struct toc_cursor in, uint8_t *out, size_t want, size_t *need)
{
	size_t n = 0, all = toc_left(&in), used = side->used;
	for (unsigned pieces = 0; n < want; pieces++) {
		if (pieces == PIECES_MOST) { /* nobody's honest message: each piece costs a look at all before it */
			*need = 0;
			break;
		}
		struct toc_cursor at = in;
		uint8_t type = toc_u8(&at);
		toc_skip(&at, 2);
		size_t length = toc_be16(&at);
		*need = all - toc_left(&in) + HEADER + (at.bad ? 0 : length);
		struct toc_span payload = toc_take(&at, length);
		if (at.bad || type != RECORD_HANDSHAKE)
			break;
		payload = toc_span_from(payload, used);
		size_t take = payload.n < want - n ? payload.n : want - n;
		memcpy(out + n, payload.p, take);
		n += take;
		used = 0;
		in = at;
	}
	return n;
}

/* n handshake bytes are done with: whole records are read, of the last one `used` remembers how much. */
static void consume(struct side *side, struct toc_cursor *in, size_t n)
{
	while (n) {
		struct toc_cursor at = *in;
		toc_skip(&at, 3);
		size_t length = toc_be16(&at), left = length - side->used;
		if (n < left) {
			side->used = (uint16_t)(side->used + n);
			return;
		}
		n -= left;
		side->used = 0;
		toc_skip(in, HEADER + length);
	}
}

/* The next message of a side; a record of another type within one ends it. */
static enum toc_parse handshake(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	uint8_t buffer[MESSAGE_MOST];
	size_t need = 0, n = gather(side, *in, buffer, side->waste ? side->waste : 4, &need);
	if (side->waste) {
		if (n == 0)
			return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
		consume(side, in, n);
		side->waste -= (uint32_t)n;
		return TOC_MORE;
	}
	if (n < 4)
		return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
	size_t length = (size_t)buffer[1] << 16 | (size_t)buffer[2] << 8 | buffer[3];
	if (length + 4 > MESSAGE_MOST) {
		toc_sink_weird(s, "ssl_large_message");
		side->waste = (uint32_t)length + 4;
		return TOC_MORE;
	}
	n = gather(side, *in, buffer, length + 4, &need);
	if (n < length + 4)
		return need > toc_left(in) ? toc_more(s, need) : TOC_BAD;
	ssl_row_message(&c->row, buffer[0], toc_span_of(buffer + 4, length), is_client(c, dir), s);
	consume(side, in, length + 4);
	return TOC_MORE;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* The payload of a record that is not handshake in clear; it is there as a whole, or skipped. */
static enum toc_parse other_record(struct ssl *c, uint8_t type, size_t length, struct toc_cursor *in, enum toc_dir dir,
				   struct toc_sink *s)
{
	bool client = is_client(c, dir);
	c->beyond += c->row.established;
	bool cipher = c->row.encrypted[!client] || type == RECORD_DATA;
	if (!cipher && toc_left(in) < HEADER + length)
		return toc_more(s, HEADER + length);
	toc_skip(in, HEADER);
	if (cipher) {
		c->side[dir].skip = (uint32_t)length;
		if (type == RECORD_HEARTBEAT)
			ssl_row_heartbeat_ciphered(&c->row, (uint32_t)length, client, s);
		ssl_row_ciphered(&c->row, client, type == RECORD_DATA, s);
		return TOC_MORE;
	}
	struct toc_span body = toc_take(in, length);
	if (type == RECORD_CCS)
		ssl_row_change_cipher(&c->row, client);
	else if (type == RECORD_ALERT)
		ssl_row_alert(&c->row, body, client, s);
	else if (type == RECORD_HEARTBEAT)
		ssl_row_heartbeat(&c->row, body, client, s);
	return TOC_MORE;
}

/* A two-byte header with its top bit set, then a hello: how old clients begin, whatever they then speak. */
static bool is_v2(struct toc_cursor in, bool client)
{
	uint16_t length = toc_be16(&in) & 0x7fff;
	uint8_t type = toc_u8(&in);
	if (client) {
		uint16_t version = toc_be16(&in), ciphers = toc_be16(&in), session = toc_be16(&in);
		uint16_t challenge = toc_be16(&in);
		return !in.bad && type == 1 && (version == 2 || version >> 8 == 3) && ciphers && ciphers % 3 == 0 &&
		       (session == 0 || session == 16) && challenge >= 16 && challenge <= 32 &&
		       length == 9 + ciphers + session + challenge;
	}
	toc_skip(&in, 2);
	uint16_t version = toc_be16(&in), cert = toc_be16(&in), ciphers = toc_be16(&in), id = toc_be16(&in);
	return !in.bad && type == 4 && version == 2 && ciphers % 3 == 0 && length == 11 + cert + ciphers + id;
}

enum { V2_HEADER = 13 }; /* enough of the larger hello's fixed part */

static enum toc_parse v2_record(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor at = *in;
	if (toc_left(in) < V2_HEADER)
		return toc_more(s, V2_HEADER);
	size_t length = toc_be16(&at) & 0x7fff;
	if (!is_v2(*in, is_client(c, dir)))
		return TOC_BAD;
	if (toc_left(in) < length + 2)
		return toc_more(s, length + 2);
	ssl_row_v2(&c->row, toc_take(&at, length), is_client(c, dir), s);
	toc_skip(in, length + 2);
	c->side[dir].any = true;
	c->v2 = c->v2 || !is_client(c, dir);
	return c->v2 ? TOC_DONE : TOC_MORE; /* what follows a hello of the server is in cipher */
}

static bool is_record(uint8_t type, uint8_t major, size_t length)
{
	return type >= RECORD_CCS && type <= RECORD_HEARTBEAT && (major == 3 || major == 0x7f) && length <= RECORD_MOST;
}

/* How sure is it that a record begins here? Handshake tells more of itself; of others, the next one must follow. */
static enum toc_probe record_here(struct toc_cursor in)
{
	size_t all = toc_left(&in);
	uint8_t type = toc_u8(&in), major = toc_u8(&in), minor = toc_u8(&in);
	size_t length = toc_be16(&in);
	if ((all > 0 && (type < RECORD_CCS || type > RECORD_HEARTBEAT)) || (all > 1 && major != 3) ||
	    (all > 2 && minor > 4) || (all >= HEADER && (length == 0 || length > RECORD_MOST)))
		return TOC_NO;
	if (in.bad)
		return TOC_MAYBE;
	struct toc_cursor message = in;
	uint8_t kind = toc_u8(&message);
	size_t n = toc_be24(&message);
	if (type == RECORD_HANDSHAKE) {
		if (message.bad)
			return TOC_MAYBE;
		if (kind <= SSL_MSG_STATUS && n + 4 == length)
			return TOC_YES;
	}
	toc_skip(&in, length);
	type = toc_u8(&in);
	major = toc_u8(&in);
	toc_skip(&in, 1);
	length = toc_be16(&in);
	if (in.bad)
		return TOC_MAYBE;
	return is_record(type, major, length) ? TOC_YES : TOC_NO;
}

/* After a loss: passes bytes over until a record begins. */
static enum toc_parse search(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	while (toc_left(in)) {
		enum toc_probe here = record_here(*in);
		if (here == TOC_YES) {
			side->searched = false;
			side->passed = 0;
			return TOC_MORE;
		}
		if (here == TOC_MAYBE)
			return toc_more(s, toc_left(in) + 1);
		toc_skip(in, 1);
		if (++side->passed > SEARCH_MOST)
			return TOC_BAD;
	}
	return TOC_MORE;
}

/* The first record of the flow: which end is which, and whether there is a handshake to come at all. */
static enum toc_parse first_record(struct ssl *c, uint8_t type, struct toc_cursor body, enum toc_dir dir,
				   struct toc_sink *s)
{
	if (type != RECORD_HANDSHAKE) { /* a session that began before the capture */
		toc_sink_confirm(s, NULL);
		return TOC_DONE;
	}
	uint8_t kind = toc_u8(&body);
	c->row.flipped = kind == (dir == TOC_ORIG ? SSL_MSG_SERVER_HELLO : SSL_MSG_CLIENT_HELLO);
	return TOC_MORE;
}

static enum toc_parse record(struct ssl *c, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &c->side[dir];
	if (side->skip) {
		size_t n = toc_left(in) < side->skip ? toc_left(in) : side->skip;
		toc_skip(in, n);
		side->skip -= (uint32_t)n;
		return TOC_MORE;
	}
	if (side->searched)
		return search(c, in, dir, s);
	struct toc_cursor head = *in;
	uint8_t type = toc_u8(&head), major = toc_u8(&head);
	toc_skip(&head, 1);
	size_t length = toc_be16(&head);
	if (!side->any && type & 0x80)
		return v2_record(c, in, dir, s);
	if (head.bad)
		return toc_more(s, HEADER);
	if (!is_record(type, major, length))
		return TOC_BAD;
	if (!side->any && !c->side[!dir].any && length) {
		if (type == RECORD_HANDSHAKE && !toc_left(&head))
			return toc_more(s, HEADER + 1);
		if (first_record(c, type, head, dir, s) == TOC_DONE)
			return TOC_DONE;
	}
	side->any = true;
	if (type == RECORD_HANDSHAKE && !c->row.encrypted[!is_client(c, dir)] && length)
		return handshake(c, in, dir, s);
	return other_record(c, type, length, in, dir, s);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct ssl *c = state;
	struct side *side = &c->side[dir];
	while (toc_left(in)) {
		size_t before = toc_left(in);
		const struct side was = *side;
		enum toc_parse p = record(c, in, dir, s);
		/* heartbeats are agreed on by hardly anybody today: then a session's first records are looked at too */
		if (c->row.established && (!c->row.heartbeats || c->beyond > BEYOND_MOST))
			return TOC_DONE;
		bool stuck = toc_left(in) == before && side->used == was.used && side->waste == was.waste &&
			     side->searched == was.searched;
		if (p == TOC_BAD && c->row.any)
			return TOC_DONE; /* it was TLS, and is broken: what is known is told */
		if (p != TOC_MORE || stuck)
			return p;
	}
	return TOC_MORE;
}

/* What was lost may have held anything. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct ssl *c = state;
	struct side *side = &c->side[dir];
	(void)s;
	if (side->skip >= n) {
		side->skip -= (uint32_t)n;
		return TOC_MORE;
	}
	side->skip = side->waste = 0;
	side->used = 0;
	side->searched = true;
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct ssl *c = state;
	(void)why;
	ssl_row_log(&c->row, s);
}

/* The capture began within a session. On a port of TLS one header is enough, elsewhere a second one must follow. */
static enum toc_probe probe_late(struct toc_span first, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	uint8_t type = toc_u8(&c), major = toc_u8(&c), minor = toc_u8(&c);
	uint16_t length = toc_be16(&c);
	if ((first.n && (type < RECORD_CCS || type > RECORD_DATA)) || (first.n > 1 && major != 3) ||
	    (first.n > 2 && minor > 4))
		return TOC_NO;
	if (c.bad)
		return TOC_MAYBE;
	if (length == 0 || length > RECORD_MOST)
		return TOC_NO;
	return hint ? TOC_YES : record_here(toc_cursor_of(first));
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first), whole = c;
	uint8_t type = toc_u8(&c), major = toc_u8(&c), minor = toc_u8(&c);
	uint16_t length = toc_be16(&c);
	uint8_t message = toc_u8(&c);
	if (first.n && type & 0x80) {
		if (first.n > 2 && minor != 1 && minor != 4)
			return TOC_NO;
		return first.n < V2_HEADER ? TOC_MAYBE : is_v2(whole, dir == TOC_ORIG) ? TOC_YES : TOC_NO;
	}
	/* the ends may be the wrong way round */
	bool hello = message == SSL_MSG_CLIENT_HELLO || message == SSL_MSG_SERVER_HELLO;
	if (!c.bad && type == RECORD_HANDSHAKE && major == 3 && minor <= 4 && hello && length >= 4 &&
	    length <= RECORD_MOST)
		return TOC_YES;
	return c.bad && type == RECORD_HANDSHAKE ? probe_late(first, false) : probe_late(first, hint);
}

static const uint16_t ports[] = { 443, 465, 563, 585, 614, 636, 853, 989, 990, 992, 993, 995, 5223, 8443, 0 };

const struct toc_decoder toc_decoder_ssl = { .name = "ssl",
					     .bodies = true,
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .fields = ssl_fields,
					     .nfields = SSL_FIELDS,
					     .state_size = sizeof(struct ssl),
					     .probe = probe,
					     .parse = parse,
					     .gap = gap,
					     .finish = finish };
