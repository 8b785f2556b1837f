/* rtp - media streams and their reports, told by several packets that fit together (RFC 3550; RFC 3551 payload types).
 */
#include "tocsin/decoder.h"

enum { HEADER = 12, IN_A_ROW = 4, STEP = 16, TRIES = 12 };

struct side {
	uint32_t source;
	uint16_t sequence;
	uint8_t type, row; /* packets in a row that fit */
};

struct state {
	struct side side[2];
	uint8_t seen;
	bool media, reports;
};

struct packet {
	uint8_t type;
	uint16_t sequence;
	uint32_t source;
};

/* Version 2, sources and extension within the packet, a type that is not RTCP's (RFC 5761, section 4). */
static bool read_media(struct packet *p, struct toc_cursor c)
{
	uint8_t first = toc_u8(&c), second = toc_u8(&c);
	p->type = second & 127;
	p->sequence = toc_be16(&c);
	toc_skip(&c, 4);
	p->source = toc_be32(&c);
	toc_skip(&c, 4u * (first & 15u));
	if (first & 0x10) {
		toc_skip(&c, 2);
		toc_skip(&c, 4u * toc_be16(&c));
	}
	bool type = p->type <= 34 || p->type >= 96;
	return !c.bad && first >> 6 == 2 && type && toc_left(&c) && p->source;
}

/* RFC 3550, section 6.1: a compound of reports; the first is of a sender or a receiver, lengths end where it ends. */
static bool is_report(struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	for (unsigned i = 0; i < 8; i++) {
		uint8_t first = toc_u8(&c), type = toc_u8(&c);
		uint16_t words = toc_be16(&c);
		toc_skip(&c, 4u * words);
		if (c.bad || first >> 6 != 2 || type < 200 || type > 207 || (i == 0 && type > 201))
			return false;
		if (!toc_left(&c))
			return words >= 1;
	}
	return false;
}

static bool follows(struct side *s, const struct packet *p)
{
	bool fits = s->row && p->source == s->source && p->type == s->type &&
		    (uint16_t)(p->sequence - s->sequence - 1) < STEP;
	s->row = fits ? (uint8_t)(s->row + 1) : 1;
	s->source = p->source;
	s->type = p->type;
	s->sequence = p->sequence;
	return s->row >= IN_A_ROW;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	struct packet p;
	if (is_report(toc_rest(in))) {
		s->reports = true;
		toc_sink_confirm(sink, "rtcp");
	} else if (read_media(&p, *in)) {
		s->media |= follows(&s->side[dir], &p);
	} else if (!s->media && !s->reports) {
		toc_sink_child(sink, NULL); /* it was another's: what comes is asked afresh */
		return TOC_DONE;
	}
	if (s->media) {
		toc_sink_confirm(sink, "rtp");
		return TOC_DONE;
	}
	return ++s->seen < TRIES ? TOC_MORE : TOC_DONE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct packet p;
	(void)dir;
	(void)hint;
	return is_report(first) || (first.n >= HEADER && read_media(&p, toc_cursor_of(first))) ? TOC_YES : TOC_NO;
}

static const char *const leads_to[] = { "*", NULL };

const struct toc_decoder toc_decoder_rtp = {
	.name = "rtp",
	.leads_to = leads_to,
	.carriers = TOC_OVER_UDP,
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
