/* presence - names flows of protocols that have no decoder of their own, by signatures of both sides. */
#include "decoders/presence.h"

struct state {
	uint8_t index; /* signature + 1; 0 = not chosen yet */
	uint8_t dir;   /* who said it */
};

static bool pattern_matches(const struct presence_side *side, struct toc_span first, bool *whole)
{
	size_t have = first.n > side->offset ? first.n - side->offset : 0;
	size_t n = have < side->n ? have : side->n;
	const uint8_t *at = first.p + side->offset;
	*whole = n == side->n;
	for (size_t i = 0; i < n; i++) {
		uint8_t mask = side->mask ? (uint8_t)side->mask[i] : 0xff;
		if ((at[i] & mask) != ((uint8_t)side->bytes[i] & mask))
			return false;
	}
	return true;
}

enum toc_probe presence_side_matches(const struct presence_side *side, struct toc_span first, bool datagram)
{
	bool whole;
	if (!pattern_matches(side, first, &whole))
		return TOC_NO;
	bool enough = whole && first.n >= side->least;
	if (!enough)
		return datagram ? TOC_NO : TOC_MAYBE;
	if (datagram && side->most && first.n > side->most)
		return TOC_NO;
	enum toc_probe said = side->check ? side->check(toc_span_first(first, PRESENCE_LOOK)) : TOC_YES;
	return said == TOC_MAYBE && (datagram || first.n >= PRESENCE_LOOK) ? TOC_NO : said;
}

/* The first signature that fits; MAYBE while an earlier one may still come to fit, so that cuts do not matter, and
 * where the answer will tell. */
static enum toc_probe choose(const struct presence *table, struct toc_span first, enum toc_dir dir, bool datagram,
			     unsigned *index)
{
	enum toc_probe none = TOC_NO;
	for (unsigned i = 0; table[i].service; i++) {
		if (table[i].after_noise && dir == TOC_ORIG &&
		    presence_side_matches(&table[i].answer, first, datagram) == TOC_YES)
			none = TOC_MAYBE;
		if (!table[i].either && table[i].server_first != (dir == TOC_RESP))
			continue;
		enum toc_probe said = presence_side_matches(&table[i].say, first, datagram);
		if (said == TOC_NO)
			continue;
		*index = i;
		return said;
	}
	return none;
}

static bool has_answer(const struct presence *p)
{
	return !p->after_noise && (p->answer.n || p->answer.check || p->answer.least);
}

static enum toc_parse parse(struct state *s, const struct presence *table, struct toc_cursor *in, enum toc_dir dir,
			    struct toc_sink *sink)
{
	bool datagram = sink->flow->carrier == TOC_OVER_UDP;
	unsigned index = 0;
	enum toc_probe said;
	if (!s->index) {
		said = choose(table, toc_rest(in), dir, datagram, &index);
		if (said == TOC_YES) {
			s->index = (uint8_t)(index + 1);
			s->dir = (uint8_t)dir;
			toc_skip(in, toc_left(in));
			if (!has_answer(&table[index])) {
				toc_sink_confirm(sink, table[index].service);
				return TOC_DONE;
			}
		}
		return said == TOC_NO ? TOC_BAD : TOC_MORE;
	}
	const struct presence *p = &table[s->index - 1];
	if (dir == (enum toc_dir)s->dir) {
		toc_skip(in, toc_left(in));
		return TOC_MORE;
	}
	said = presence_side_matches(&p->answer, toc_rest(in), datagram);
	if (said == TOC_YES)
		toc_sink_confirm(sink, p->service);
	return said == TOC_YES ? TOC_DONE : said == TOC_MAYBE ? TOC_MORE : TOC_BAD;
}

static enum toc_parse parse_tcp(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	return parse(state, presence_tcp_signatures, in, dir, sink);
}

static enum toc_parse parse_udp(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	return parse(state, presence_udp_signatures, in, dir, sink);
}

static enum toc_probe probe_tcp(struct toc_span first, enum toc_dir dir, bool hint)
{
	unsigned index;
	(void)hint;
	return choose(presence_tcp_signatures, first, dir, false, &index);
}

static enum toc_probe probe_udp(struct toc_span first, enum toc_dir dir, bool hint)
{
	unsigned index;
	(void)hint;
	return choose(presence_udp_signatures, first, dir, true, &index);
}

const struct toc_decoder toc_decoder_presence = {
	.name = "presence",
	.carriers = TOC_OVER_TCP,
	.state_size = sizeof(struct state),
	.probe = probe_tcp,
	.parse = parse_tcp,
};

const struct toc_decoder toc_decoder_presence_udp = {
	.name = "presence_udp",
	.carriers = TOC_OVER_UDP,
	.state_size = sizeof(struct state),
	.probe = probe_udp,
	.parse = parse_udp,
};
