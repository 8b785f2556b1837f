/* websocket - frames after an upgrade (RFC 6455, section 5); the row of the upgrade itself is http's. */
#include "tocsin/decoder.h"

static const struct toc_field_decl fields[] = { { NULL, TOC_NONE, false, TOC_OPEN, NULL, NULL } };

enum { CONTINUED, TEXT, BINARY, CLOSE = 8, PING, PONG };
enum { FRAMES = 16, CONTROL_MOST = 125, FIRST = 4 };

struct side {
	uint64_t skip;
	uint8_t frames;
};

struct websocket {
	struct side side[2];
};

/* A frame's header. What its payload begins with shows whether something else is carried inside. */
static enum toc_parse frame(struct side *side, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor at = *in;
	uint8_t first = toc_u8(&at), second = toc_u8(&at), op = first & 15;
	bool masked = second & 0x80;
	uint64_t length = second & 0x7f;
	if (length == 126)
		length = toc_be16(&at);
	else if (length == 127)
		length = toc_be64(&at);
	struct toc_span mask = toc_take(&at, masked ? 4 : 0);
	size_t header = toc_left(in) - toc_left(&at), peek = length < FIRST ? (size_t)length : FIRST;
	if (at.bad)
		return toc_more(s, toc_left(in) + 1);
	if ((op > BINARY && op < CLOSE) || op > PONG || (op >= CLOSE && (length > CONTROL_MOST || !(first & 0x80)))) {
		toc_sink_weird(s, "websocket_bad_frame");
		return TOC_BAD;
	}
	if (toc_left(&at) < peek)
		return toc_more(s, header + peek);
	if (masked != (dir == TOC_ORIG))
		toc_sink_weird(s, "websocket_mask_the_wrong_way_round");
	struct toc_span start = toc_take(&at, peek);
	uint8_t plain[FIRST];
	for (size_t i = 0; i < start.n; i++)
		plain[i] = masked ? start.p[i] ^ mask.p[i] : start.p[i];
	if (side->frames == 0 && toc_span_eq(toc_span_of(plain, start.n), toc_span_str("SSH-")))
		toc_sink_confirm(s, "ssh"); /* a tunnel: wstunnel and its like */
	toc_skip(in, header);
	side->skip = length;
	side->frames++;
	toc_sink_confirm(s, NULL);
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct websocket *c = state;
	struct side *side = &c->side[dir];
	while (toc_left(in)) {
		if (side->skip) {
			size_t n = toc_left(in) < side->skip ? toc_left(in) : (size_t)side->skip;
			toc_skip(in, n);
			side->skip -= n;
			continue;
		}
		size_t before = toc_left(in);
		enum toc_parse p = side->frames < FRAMES ? frame(side, in, dir, s) : TOC_DONE;
		if (p != TOC_MORE || toc_left(in) == before)
			return p;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct websocket *c = state;
	(void)s;
	if (c->side[dir].skip < n)
		return TOC_DONE; /* nothing marks where a frame begins */
	c->side[dir].skip -= n;
	return TOC_MORE;
}

/* Only an upgrade leads here: frames alone look like anything. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first;
	(void)dir;
	(void)hint;
	return TOC_NO;
}

const struct toc_decoder toc_decoder_websocket = { .name = "websocket",
						   .carriers = TOC_OVER_TCP | TOC_OVER_INNER,
						   .fields = fields,
						   .nfields = 0,
						   .state_size = sizeof(struct websocket),
						   .probe = probe,
						   .parse = parse,
						   .gap = gap };
