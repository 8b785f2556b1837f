/* xmpp - streams of XML between chat clients and servers: that they are there, and STARTTLS (RFC 6120, section 5.4). */
#include "decoders/line.h"

enum { LOOK_MOST = 8192 };

struct xmpp {
	uint16_t seen; /* of the server's bytes */
	uint8_t at;    /* how much of <proceed has passed */
};

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	static const char element[] = "<proceed";
	struct xmpp *x = state;
	if (toc_left(in))
		toc_sink_confirm(s, NULL);
	if (dir == TOC_ORIG) {
		toc_skip(in, toc_left(in));
		return TOC_MORE;
	}
	while (toc_left(in)) {
		uint8_t c = toc_u8(in);
		if (++x->seen > LOOK_MOST)
			return TOC_DONE;
		if (x->at == sizeof(element) - 1) {
			if (c != '>')
				continue;
			toc_sink_child(s, "ssl");
			return TOC_DONE;
		}
		x->at = c == (uint8_t)element[x->at] ? (uint8_t)(x->at + 1) : c == '<';
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	(void)n;
	(void)s;
	if (dir == TOC_RESP)
		((struct xmpp *)state)->at = 0;
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	static const char *const openings[] = { "<?xml", "<stream:stream", NULL };
	(void)dir;
	(void)hint;
	enum toc_probe begins = line_begins_any(first, openings);
	if (begins != TOC_YES)
		return begins;
	if (line_find(first, "<stream:stream") < first.n && line_find(first, "jabber:") < first.n)
		return TOC_YES;
	return line_find(first, "<stream:stream") < first.n || first.n < 256 ? TOC_MAYBE : TOC_NO;
}

static const uint16_t ports[] = { 5222, 5269, 0 };

static const char *const leads_to[] = { "ssl", NULL };

const struct toc_decoder toc_decoder_xmpp = { .name = "xmpp",
					      .leads_to = leads_to,
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .state_size = sizeof(struct xmpp),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap };
