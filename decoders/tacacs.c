/* tacacs - headers of TACACS+ (RFC 8907, section 4.1). Bodies are obfuscated, or secret where they are not: not read.
 */
#include "tocsin/decoder.h"

enum field { K_TACACS, F_TYPE, F_VERSION, F_SESSION, F_UNENCRYPTED, F_SINGLE };

static const struct toc_field_decl fields[] = {
	[K_TACACS] = { "tacacs", TOC_KIND, false, TOC_OPEN, NULL, "the first packet of a TACACS+ session" },
	[F_TYPE] = { "type", TOC_STRING, false, TOC_OPEN, NULL, "authentication, authorization or accounting" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "12.0 or 12.1" },
	[F_SESSION] = { "session_id", TOC_UINT, false, TOC_OPEN, NULL, "identifier of the session" },
	[F_UNENCRYPTED] = { "unencrypted", TOC_BOOL, false, TOC_OPEN, NULL,
			    "the body, passwords too, is in the clear" },
	[F_SINGLE] = { "single_connect", TOC_BOOL, false, TOC_OPEN, NULL, "many sessions on one connection" },
};

enum { HEADER = 12, LONGEST = 65536, UNENCRYPTED = 1, SINGLE = 4 };

struct state {
	uint32_t skip[2]; /* of the body */
};

struct header {
	uint8_t version, type, sequence, flags;
	uint32_t session, length;
};

static struct header read_header(struct toc_cursor *c)
{
	struct header h;
	h.version = toc_u8(c);
	h.type = toc_u8(c);
	h.sequence = toc_u8(c);
	h.flags = toc_u8(c);
	h.session = toc_be32(c);
	h.length = toc_be32(c);
	return h;
}

/* Clients send odd numbers, servers even ones. */
static bool plausible(const struct header *h, enum toc_dir dir)
{
	return (h->version & 0xfe) == 0xc0 && h->type >= 1 && h->type <= 3 && h->sequence &&
	       (h->sequence & 1) == (dir == TOC_ORIG) && !(h->flags & ~(UNENCRYPTED | SINGLE)) && h->length &&
	       h->length <= LONGEST;
}

static void tell(struct toc_sink *sink, const struct header *h)
{
	static const char *const types[] = { NULL, "authentication", "authorization", "accounting" };
	struct toc_draft *d = toc_sink_begin(sink, K_TACACS);
	toc_put_cstr(d, F_TYPE, types[h->type]);
	toc_put_cstr(d, F_VERSION, h->version & 1 ? "12.1" : "12.0");
	toc_put_uint(d, F_SESSION, h->session);
	toc_put_bool(d, F_UNENCRYPTED, h->flags & UNENCRYPTED);
	toc_put_bool(d, F_SINGLE, (h->flags & SINGLE) != 0);
	toc_sink_commit(sink, d);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	for (;;) {
		size_t skip = s->skip[dir] < toc_left(in) ? s->skip[dir] : toc_left(in);
		toc_skip(in, skip);
		s->skip[dir] -= (uint32_t)skip;
		if (s->skip[dir] || !toc_left(in))
			return TOC_MORE;
		if (toc_left(in) < HEADER)
			return toc_more(sink, HEADER);
		struct header h = read_header(in);
		if (!plausible(&h, dir))
			return TOC_BAD;
		s->skip[dir] = h.length;
		if (h.sequence == 1)
			tell(sink, &h);
		toc_sink_confirm(sink, NULL);
	}
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	struct header h = read_header(&c);
	if (c.bad)
		return first.n && (first.p[0] & 0xfe) != 0xc0 ? TOC_NO : TOC_MAYBE;
	return plausible(&h, dir) && (hint || h.sequence == 1) ? TOC_YES : TOC_NO;
}

static const uint16_t tcp_ports[] = { 49, 0 };

const struct toc_decoder toc_decoder_tacacs = {
	.name = "tacacs",
	.carriers = TOC_OVER_TCP,
	.tcp_ports = tcp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
