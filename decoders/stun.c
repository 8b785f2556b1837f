/* stun - STUN and TURN, one event a flow (RFC 8489, RFC 8656; frames of ICE over TCP: RFC 4571, RFC 6544). */
#include "tocsin/decoder.h"

enum field { K_STUN, F_METHODS, F_MAPPED, F_RELAYED, F_PEER, F_SOFTWARE, F_ERROR };

static const struct toc_field_decl fields[] = {
	[K_STUN] = { "stun", TOC_KIND, false, TOC_OPEN, NULL, "what STUN or TURN did in one flow" },
	[F_METHODS] = { "methods", TOC_STRING, true, TOC_OPEN, NULL, "Binding, Allocate, Send, ChannelBind …" },
	[F_MAPPED] = { "mapped_addr", TOC_IP, false, TOC_DEVICE, NULL, "the client's address, as seen from outside" },
	[F_RELAYED] = { "relayed_addr", TOC_IP, false, TOC_OPEN, NULL, "TURN: the address that relays for it" },
	[F_PEER] = { "peer_addr", TOC_IP, false, TOC_DEVICE, NULL, "TURN: whom it talks to over the relay" },
	[F_SOFTWARE] = { "software", TOC_STRING, false, TOC_OPEN, NULL, "program at either end" },
	[F_ERROR] = { "error_code", TOC_UINT, false, TOC_OPEN, NULL, "last error that is more than a challenge" },
};

enum { HEADER = 20, ATTRIBUTES_MOST = 32, SOFTWARE_MOST = 48, LONGEST = 2048 };
enum { MAPPED = 1, ERROR = 9, XOR_PEER = 0x12, XOR_RELAYED = 0x16, XOR_MAPPED = 0x20, SOFTWARE = 0x8022 };
enum { RESPONSE = 0x100, ERROR_RESPONSE = 0x110, CLASSES = 0x110 };
static const uint32_t cookie = 0x2112a442;

struct state {
	uint16_t methods; /* bit a method */
	uint16_t error;
	uint8_t software_n, known; /* known: which of the addresses */
	bool framed;		   /* TCP: each message has its length in front */
	toc_time first;
	uint32_t skip[2]; /* TCP: rest of a message that was too long to look at */
	struct toc_addr mapped, relayed, peer;
	char software[SOFTWARE_MOST];
};

struct header {
	uint16_t type, length;
	struct toc_span id; /* cookie and transaction: what addresses are masked with */
	bool classic;	    /* RFC 3489: no cookie */
};

static struct header read_header(struct toc_cursor *c)
{
	struct header h;
	h.type = toc_be16(c);
	h.length = toc_be16(c);
	struct toc_cursor id = *c;
	h.classic = toc_be32(&id) != cookie;
	h.id = toc_take(c, 16);
	return h;
}

/* The method's twelve bits lie around the two of the class (RFC 8489, section 5). */
static unsigned method_of(uint16_t type)
{
	return (type & 0xfu) | (type >> 1 & 0x70u) | (type >> 2 & 0xf80u);
}

static const char *const methods[] = {
	NULL,
	"Binding",
	"SharedSecret",
	"Allocate",
	"Refresh",
	NULL,
	"Send",
	"Data",
	"CreatePermission",
	"ChannelBind",
	"Connect",
	"ConnectionBind",
	"ConnectionAttempt",
};
enum { METHODS = sizeof(methods) / sizeof(methods[0]), OTHER = 15 };

static bool is_known(uint16_t type)
{
	unsigned m = method_of(type);
	return m < METHODS && methods[m];
}

/* The first three attributes must lie within: old STUN has no cookie to tell it by. */
static bool attributes_hold(struct toc_cursor c)
{
	unsigned n = 0;
	for (; toc_left(&c) && n < 3; n++) {
		toc_skip(&c, 2);
		uint16_t length = toc_be16(&c);
		toc_skip(&c, (length + 3u) & ~3u);
		if (c.bad)
			return false;
	}
	return true;
}

/* A whole message at the front, which a datagram holds alone. Lengths are rounded up; with the cookie others are
 * forgiven, and methods of makers' own, since large messengers have both. */
static bool is_message(struct toc_span bytes, bool alone)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	struct header h = read_header(&c);
	if (c.bad || h.type & 0xc000 || (h.classic && !is_known(h.type)) || (h.length % 4 && h.classic) ||
	    (alone && toc_left(&c) != h.length))
		return false;
	return !h.classic || (alone && method_of(h.type) <= 2 && h.length && attributes_hold(c));
}

static bool read_addr(struct toc_cursor v, struct toc_span mask, bool masked, struct toc_addr *out)
{
	uint8_t bytes[16] = { 0 };
	toc_skip(&v, 1);
	uint8_t family = toc_u8(&v);
	toc_skip(&v, 2);
	struct toc_span addr = toc_take(&v, family == 2 ? 16 : 4);
	if (v.bad || (family != 1 && family != 2))
		return false;
	for (size_t i = 0; i < addr.n; i++)
		bytes[i] = (uint8_t)(addr.p[i] ^ (masked ? mask.p[i] : 0));
	*out = family == 1 ? toc_addr_v4(bytes) : toc_addr_v6(bytes);
	return true;
}

static void read_attribute(struct state *s, const struct header *h, uint16_t type, struct toc_cursor v)
{
	enum { K_MAPPED = 1, K_RELAYED = 2, K_PEER = 4 };
	bool success = (h->type & CLASSES) == RESPONSE;
	if ((type == XOR_MAPPED || type == MAPPED) && success && read_addr(v, h->id, type == XOR_MAPPED, &s->mapped))
		s->known |= K_MAPPED;
	else if (type == XOR_RELAYED && success && read_addr(v, h->id, true, &s->relayed))
		s->known |= K_RELAYED;
	else if (type == XOR_PEER && !(s->known & K_PEER) && read_addr(v, h->id, true, &s->peer))
		s->known |= K_PEER;
	else if (type == SOFTWARE && !s->software_n) {
		struct toc_span text = toc_span_first(toc_rest(&v), SOFTWARE_MOST);
		s->software_n = (uint8_t)text.n;
		if (text.n)
			memcpy(s->software, text.p, text.n);
	} else if (type == ERROR) {
		toc_skip(&v, 2);
		unsigned hundreds = toc_u8(&v) & 7u, code = hundreds * 100 + toc_u8(&v);
		if (!v.bad && code != 401 && code != 438)
			s->error = (uint16_t)code;
	}
}

static void read_message(struct state *s, struct toc_cursor *in, struct toc_sink *sink)
{
	struct header h = read_header(in);
	struct toc_cursor c = toc_sub(in, h.length);
	if (!s->methods)
		s->first = sink->ts;
	s->methods |= (uint16_t)(1u << (is_known(h.type) ? method_of(h.type) : OTHER));
	for (unsigned i = 0; i < ATTRIBUTES_MOST && toc_left(&c) && !c.bad; i++) {
		uint16_t type = toc_be16(&c), n = toc_be16(&c);
		struct toc_cursor v = toc_sub(&c, n);
		if (c.bad)
			break;
		toc_skip(&c, (4u - n % 4u) % 4u);
		read_attribute(s, &h, type, v);
	}
	toc_sink_confirm(sink, NULL);
}

/*
 * What shares a flow with STUN is told by its first byte (RFC 7983, section 7): ChannelData of TURN stays here, media
 * and DTLS are for others.
 */
static enum toc_parse parse_datagram(struct state *s, struct toc_cursor *in, struct toc_sink *sink)
{
	struct toc_span bytes = toc_rest(in);
	struct toc_cursor look = *in;
	if (is_message(bytes, true)) {
		read_message(s, in, sink);
		return TOC_MORE;
	}
	uint8_t first = toc_u8(&look);
	if (bytes.n >= 12 && first >= 128 && first <= 191)
		toc_sink_confirm(sink, bytes.p[1] >= 192 && bytes.p[1] <= 223 ? "rtcp" : "rtp");
	if (first < 20 || first > 63 || bytes.n < 13 || bytes.p[1] != 0xfe)
		return TOC_MORE;
	toc_sink_child(sink, NULL); /* the datagram is unread, so it goes there too */
	return TOC_DONE;
}

/* A length, and behind it a message that fills it: enough to know the frames of RFC 4571 by. */
static bool is_framed(struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint16_t n = toc_be16(&c);
	struct toc_span message = toc_span_first(toc_rest(&c), HEADER);
	struct toc_cursor look = toc_cursor_of(message);
	struct header h = read_header(&look);
	return !look.bad && !h.classic && is_message(message, false) && n == h.length + HEADER;
}

/* What is no message in a frame is media. */
static enum toc_parse parse_frames(struct state *s, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	for (;;) {
		size_t skip = s->skip[dir] < toc_left(in) ? s->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		s->skip[dir] -= (uint32_t)skip;
		if (s->skip[dir] || !toc_left(in))
			return TOC_MORE;
		if (toc_left(in) < 2 + HEADER)
			return toc_more(sink, 2 + HEADER);
		struct toc_cursor look = *in;
		uint16_t n = toc_be16(&look);
		if (!is_framed(toc_rest(in)) || n > LONGEST) {
			*in = look;
			s->skip[dir] = n;
			continue;
		}
		if (toc_left(in) < 2u + n)
			return toc_more(sink, 2u + n);
		toc_skip(in, 2);
		read_message(s, in, sink);
	}
}

/* Messages one behind the other; ChannelData in between has a length too (RFC 8656, section 12.4). */
static enum toc_parse parse_stream(struct state *s, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	for (;;) {
		size_t skip = s->skip[dir] < toc_left(in) ? s->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		s->skip[dir] -= (uint32_t)skip;
		if (s->skip[dir] || !toc_left(in))
			return TOC_MORE;
		struct toc_cursor look = *in;
		uint16_t type = toc_be16(&look), length = toc_be16(&look);
		if (look.bad)
			return toc_more(sink, 4);
		if (type >= 0x4000 && type < 0x8000) {
			*in = look;
			s->skip[dir] = (length + 3u) & ~3u;
			continue;
		}
		if (toc_left(in) < HEADER)
			return toc_more(sink, HEADER);
		if (!is_message(toc_span_first(toc_rest(in), HEADER), false))
			return TOC_BAD;
		if (length > LONGEST) {
			*in = look;
			s->skip[dir] = length + HEADER - 4u;
			continue;
		}
		if (toc_left(in) < (size_t)HEADER + length)
			return toc_more(sink, (size_t)HEADER + length);
		read_message(s, in, sink);
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	if (sink->flow->carrier == TOC_OVER_TCP) {
		if (!s->methods && !s->framed && !s->skip[0] && !s->skip[1]) {
			if (toc_left(in) < 2 + HEADER)
				return toc_more(sink, 2 + HEADER);
			s->framed = is_framed(toc_rest(in));
		}
		return s->framed ? parse_frames(s, in, dir, sink) : parse_stream(s, in, dir, sink);
	}
	return parse_datagram(state, in, sink);
}

static void finish(void *state, enum toc_end why, struct toc_sink *sink)
{
	const struct state *s = state;
	(void)why;
	if (!s->methods)
		return;
	struct toc_draft *d = toc_sink_begin(sink, K_STUN);
	d->head.ts = s->first;
	for (unsigned i = 0; i < METHODS; i++)
		if (s->methods >> i & 1)
			toc_list_str(d, F_METHODS, toc_span_str(methods[i]));
	if (s->methods >> OTHER & 1)
		toc_list_str(d, F_METHODS, toc_span_str("other"));
	if (s->known & 1)
		toc_put_ip(d, F_MAPPED, &s->mapped);
	if (s->known & 2)
		toc_put_ip(d, F_RELAYED, &s->relayed);
	if (s->known & 4)
		toc_put_ip(d, F_PEER, &s->peer);
	if (s->software_n)
		toc_put_str(d, F_SOFTWARE, toc_span_of(s->software, s->software_n));
	if (s->error)
		toc_put_uint(d, F_ERROR, s->error);
	toc_sink_commit(sink, d);
}

/* So few bytes that they may still become the header of a message with the cookie (RFC 8489, section 5). */
static bool may_begin(struct toc_span s)
{
	static const uint8_t bytes[] = { 0x21, 0x12, 0xa4, 0x42 };
	struct toc_span at = toc_span_first(toc_span_from(s, 4), sizeof(bytes));
	struct toc_cursor c = toc_cursor_of(s);
	return s.n < HEADER && !(toc_u8(&c) & 0xc0) && memcmp(at.p, bytes, at.n) == 0;
}

/* The carrier is not told: a message alone, or (with the cookie) the beginning of a stream. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	(void)dir;
	if (is_message(first, true) || is_framed(first))
		return TOC_YES;
	if (may_begin(first) || (first.n > 1 && may_begin(toc_span_from(first, 2))))
		return TOC_MAYBE; /* by itself, or in a frame */
	struct header h = read_header(&c);
	if (c.bad)
		return hint && first.n && !(first.p[0] & 0xc0) ? TOC_MAYBE : TOC_NO;
	return !h.classic && is_message(toc_span_first(first, HEADER), false) && toc_left(&c) != h.length ? TOC_YES
													  : TOC_NO;
}

static const uint16_t ports[] = { 3478, 3479, 5349, 19302, 0 };

static const char *const leads_to[] = { "*", NULL };

const struct toc_decoder toc_decoder_stun = {
	.name = "stun",
	.leads_to = leads_to,
	.carriers = TOC_OVER_UDP | TOC_OVER_TCP,
	.tcp_ports = ports,
	.udp_ports = ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
	.finish = finish,
};
