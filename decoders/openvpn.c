/* openvpn - the first packets of a session, UDP and TCP, plain, tls-auth or tls-crypt (openvpn(8), wire protocol). */
#include "tocsin/decoder.h"

enum field { K_OPENVPN, F_TRANSPORT, F_WRAPPING };

static const struct toc_field_decl fields[] = {
	[K_OPENVPN] = { "openvpn", TOC_KIND, false, TOC_OPEN, NULL, "both sides of an OpenVPN session have begun it" },
	[F_TRANSPORT] = { "proto", TOC_STRING, false, TOC_OPEN, NULL, "udp or tcp" },
	[F_WRAPPING] = { "wrapping", TOC_STRING, false, TOC_OPEN, NULL,
			 "none, tls-auth, or tls-crypt: what guards the control channel" },
};

/* Operation codes: the upper five bits of the first byte; the lower three are a key's number. */
enum {
	RESET_CLIENT_V1 = 1,
	RESET_SERVER_V1 = 2,
	CONTROL = 4,
	ACK = 5,
	RESET_CLIENT_V2 = 7,
	RESET_SERVER_V2 = 8,
	RESET_CLIENT_V3 = 10
};
enum { SESSION = 8, SHORTEST = 14, LONGEST = 1600 };

enum wrapping { UNKNOWN, NONE, AUTH, CRYPT };

struct state {
	bool began, answered;
	uint8_t wrapping;
	uint8_t session[SESSION]; /* the client's */
};

static bool is_zero(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static bool is_reset(uint8_t first, bool client)
{
	uint8_t op = first >> 3;
	if (first & 7)
		return false;
	return client ? op == RESET_CLIENT_V1 || op == RESET_CLIENT_V2 || op == RESET_CLIENT_V3
		      : op == RESET_SERVER_V1 || op == RESET_SERVER_V2;
}

/* An unwrapped end of a reset: no acknowledgement (or one of `session`) and packet number 0. */
static bool ends_plain(struct toc_span rest, const uint8_t *session)
{
	struct toc_cursor c = toc_cursor_of(rest);
	uint8_t acks = toc_u8(&c);
	if (acks > 4 || (acks && !session))
		return false;
	toc_skip(&c, 4u * acks);
	struct toc_span remote = toc_take(&c, acks ? SESSION : 0);
	if (acks && (c.bad || memcmp(remote.p, session, SESSION) != 0))
		return false;
	return toc_be32(&c) == 0 && !c.bad && toc_left(&c) == 0;
}

/* How the message after its session is wrapped; UNKNOWN: it is no reset of OpenVPN's. */
static enum wrapping wrapping_of(struct toc_span rest, const uint8_t *session, uint8_t op)
{
	static const uint8_t digests[] = { 16, 20, 28, 32, 48, 64 };
	struct toc_cursor c;
	if (op != RESET_CLIENT_V3 && ends_plain(rest, session))
		return NONE;
	for (size_t i = 0; i < sizeof(digests); i++) {
		c = toc_cursor_of(rest);
		toc_skip(&c, digests[i]);
		uint32_t number = toc_be32(&c), time = toc_be32(&c);
		/* clocks before 2001 do not exist */
		if (!c.bad && number && number < 16 && time > 1000000000 && ends_plain(toc_rest(&c), session))
			return AUTH;
	}
	/* tls-crypt: number, time, a tag of 32 bytes, five or more encrypted ones; version 2 has its key behind, and
	 * marks in the number */
	c = toc_cursor_of(rest);
	uint32_t number = toc_be32(&c), time = toc_be32(&c);
	bool numbered = number && (number < 16 || op == RESET_CLIENT_V3);
	return numbered && time > 1000000000 && toc_left(&c) >= 37 ? CRYPT : UNKNOWN;
}

static bool is_client_reset(struct toc_span message, enum wrapping *wrapping)
{
	struct toc_cursor c = toc_cursor_of(message);
	uint8_t first = toc_u8(&c);
	struct toc_span session = toc_take(&c, SESSION);
	if (c.bad || message.n < SHORTEST || message.n > LONGEST || !is_reset(first, true) || is_zero(session))
		return false;
	*wrapping = wrapping_of(toc_rest(&c), NULL, first >> 3);
	return *wrapping != UNKNOWN;
}

static void tell(struct state *s, struct toc_sink *sink)
{
	static const char *const names[] = { NULL, "none", "tls-auth", "tls-crypt" };
	s->answered = true;
	toc_sink_confirm(sink, NULL);
	struct toc_draft *d = toc_sink_begin(sink, K_OPENVPN);
	toc_put_cstr(d, F_TRANSPORT, sink->flow->carrier == TOC_OVER_TCP ? "tcp" : "udp");
	toc_put_cstr(d, F_WRAPPING, names[s->wrapping]);
	toc_sink_commit(sink, d);
}

/* The server's reset names the client's session, unless it is wrapped: then the same wrapping must be there. */
static bool answers(const struct state *s, struct toc_span message)
{
	struct toc_cursor c = toc_cursor_of(message);
	uint8_t first = toc_u8(&c);
	struct toc_span session = toc_take(&c, SESSION);
	if (c.bad || !is_reset(first, false) || is_zero(session) || memcmp(session.p, s->session, SESSION) == 0)
		return false;
	return wrapping_of(toc_rest(&c), s->session, first >> 3) == (enum wrapping)s->wrapping;
}

/* False: that is not how a session begins. */
static bool take_message(struct state *s, struct toc_span message, enum toc_dir dir, struct toc_sink *sink)
{
	enum wrapping wrapping;
	if (s->answered)
		return true;
	if (dir == TOC_ORIG) {
		bool reset = is_client_reset(message, &wrapping);
		if (!reset)
			return s->began;
		struct toc_cursor c = toc_cursor_of(message);
		toc_skip(&c, 1);
		memcpy(s->session, toc_take(&c, SESSION).p, SESSION);
		s->wrapping = (uint8_t)wrapping;
		s->began = true;
		return true;
	}
	if (!s->began || !answers(s, message))
		return false;
	tell(s, sink);
	return true;
}

static enum toc_parse parse_stream(struct state *s, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	while (!s->answered) {
		struct toc_cursor look = *in;
		uint16_t n = toc_be16(&look);
		if (look.bad)
			return toc_more(sink, 2);
		if (n < SHORTEST || n > LONGEST)
			return TOC_BAD;
		struct toc_span message = toc_take(&look, n);
		if (look.bad)
			return toc_more(sink, 2 + (size_t)n);
		*in = look;
		if (!take_message(s, message, dir, sink))
			return TOC_BAD;
	}
	return TOC_DONE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	if (sink->flow->carrier == TOC_OVER_TCP)
		return parse_stream(s, in, dir, sink);
	if (!take_message(s, toc_rest(in), dir, sink))
		return TOC_BAD;
	return s->answered ? TOC_DONE : TOC_MORE;
}

/* A stream has the message's length in front. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	enum wrapping wrapping;
	(void)hint;
	if (dir != TOC_ORIG)
		return TOC_NO; /* clients begin */
	if (is_client_reset(first, &wrapping))
		return TOC_YES;
	uint16_t n = toc_be16(&c);
	if (c.bad)
		return first.n && first.p[0] <= LONGEST >> 8 ? TOC_MAYBE : TOC_NO;
	if (n < SHORTEST || n > LONGEST)
		return TOC_NO;
	struct toc_span message = toc_take(&c, n);
	struct toc_span start = toc_rest(&c);
	if (c.bad)
		return start.n == 0 || is_reset(start.p[0], true) ? TOC_MAYBE : TOC_NO;
	return is_client_reset(message, &wrapping) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 1194, 0 };

const struct toc_decoder toc_decoder_openvpn = {
	.name = "openvpn",
	.carriers = TOC_OVER_UDP | TOC_OVER_TCP,
	.tcp_ports = ports,
	.udp_ports = ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
