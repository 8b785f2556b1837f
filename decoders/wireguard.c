/* wireguard - handshake and data of WireGuard (whitepaper, section 5.4), and Tailscale's discovery beside it. */
#include "tocsin/decoder.h"

enum field { K_WIREGUARD, F_KIND };

static const struct toc_field_decl fields[] = {
	[K_WIREGUARD] = { "wireguard", TOC_KIND, false, TOC_OPEN, NULL, "both sides speak WireGuard, or Tailscale's" },
	[F_KIND] = { "implementation", TOC_STRING, false, TOC_OPEN, NULL, "wireguard or tailscale" },
};

enum { INITIATION = 1, RESPONSE = 2, COOKIE = 3, TRANSPORT = 4 };
enum { INITIATION_N = 148, RESPONSE_N = 92, COOKIE_N = 64, TRANSPORT_LEAST = 32, DISCO_LEAST = 62 };

struct state {
	uint32_t sender[2]; /* index that a direction gave itself; the other must use it */
	bool began[2];
	uint32_t receiver[2]; /* index in transport messages, where the handshake was not seen */
	uint64_t counter[2];
	uint8_t data[2]; /* transport messages in a row with growing counters */
	bool told, tailscale;
};

static bool length_fits(uint32_t type, size_t n)
{
	switch (type) {
	case INITIATION:
		return n == INITIATION_N;
	case RESPONSE:
		return n == RESPONSE_N;
	case COOKIE:
		return n == COOKIE_N;
	case TRANSPORT:
		return n >= TRANSPORT_LEAST && n % 16 == 0;
	}
	return false;
}

/* Tailscale's disco messages begin with six bytes of their own, then a key. */
static bool is_disco(struct toc_span bytes)
{
	return bytes.n >= DISCO_LEAST && toc_span_starts(bytes, "TS\xf0\x9f\x92\xac");
}

static void tell(struct state *s, struct toc_sink *sink)
{
	const char *name = s->tailscale ? "tailscale" : "wireguard";
	toc_sink_confirm(sink, name);
	if (s->told)
		return;
	s->told = true;
	struct toc_draft *d = toc_sink_begin(sink, K_WIREGUARD);
	toc_put_cstr(d, F_KIND, name);
	toc_sink_commit(sink, d);
}

/* Three messages in a row under one index, with numbers that grow by little: nobody's chance. */
static bool take_data(struct state *s, struct toc_cursor *in, enum toc_dir dir)
{
	enum { IN_A_ROW = 3, STEP = 64 };
	uint32_t receiver = toc_le32(in);
	uint64_t counter = toc_le64(in);
	if (s->began[!dir] && receiver == s->sender[!dir])
		return true;
	bool follows = s->data[dir] && receiver == s->receiver[dir] && counter - s->counter[dir] - 1 < STEP;
	s->data[dir] = follows ? (uint8_t)(s->data[dir] + (s->data[dir] < IN_A_ROW)) : 1;
	s->receiver[dir] = receiver;
	s->counter[dir] = counter;
	return s->data[dir] == IN_A_ROW && s->data[!dir];
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	size_t n = toc_left(in);
	if (is_disco(toc_rest(in))) {
		s->tailscale = true;
		s->told = false;
		tell(s, sink);
		return TOC_DONE;
	}
	uint32_t type = toc_le32(in);
	if (!length_fits(type, n))
		return s->began[TOC_ORIG] || s->began[TOC_RESP] || s->told ? TOC_MORE : TOC_BAD;
	bool known = false;
	if (type == INITIATION) {
		s->sender[dir] = toc_le32(in);
		s->began[dir] = true;
	} else if (type == RESPONSE) {
		uint32_t sender = toc_le32(in);
		known = s->began[!dir] && toc_le32(in) == s->sender[!dir];
		s->sender[dir] = sender;
		s->began[dir] = known;
	} else if (type == COOKIE) {
		known = s->began[!dir] && toc_le32(in) == s->sender[!dir];
	} else {
		known = take_data(s, in, dir);
	}
	if (known)
		tell(s, sink);
	return TOC_MORE; /* a disco message may still tell whose it is */
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	(void)dir;
	if (is_disco(first))
		return TOC_YES;
	uint32_t type = toc_le32(&c);
	if (c.bad || !length_fits(type, first.n))
		return TOC_NO;
	return hint || type != TRANSPORT ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 51820, 41641, 0 };

const struct toc_decoder toc_decoder_wireguard = {
	.name = "wireguard",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
