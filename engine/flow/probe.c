/* probe - which decoder a flow belongs to, and handing it bytes. */
#include <stdlib.h>

#include "flow/table.h"

enum {
	UNREAD_MOST = 65536,
	NO_DECODER = ~0,
	PROBE_SIZE = 2 * TOC_PROBE_BYTES + TOC_PROBE_CHUNKS * sizeof(struct probe_chunk),
	PROBES_MOST = 64 << 20 /* bytes of all flows that are being recognised */
};

static enum toc_carrier carrier_of(const struct flow *flow)
{
	return flow->proto == TOC_IPPROTO_TCP ? TOC_OVER_TCP : TOC_OVER_UDP;
}

static unsigned find_decoder(const struct toc_flows *f, const char *name)
{
	unsigned i = 0;
	while (i < f->ndecoders && strcmp(f->decoders[i]->name, name) != 0)
		i++;
	return i;
}

static void start_decoder(struct toc_flows *f, struct session *s, unsigned i)
{
	const struct toc_decoder *d = f->decoders[i];
	s->state = d->state_size ? calloc(1, d->state_size) : NULL;
	s->decoder = d->state_size && !s->state ? NULL : d;
	s->decoder_index = i;
}

/* A flow that somebody announced (expect) needs no probing. */
static bool take_expected(struct toc_flows *f, struct flow *flow, toc_time at)
{
	for (unsigned i = 0; i < f->nexpected; i++) {
		struct expected *e = &f->expected[i];
		if (e->port != flow->port[TOC_RESP] || !toc_addr_eq(&e->host, &flow->addr[TOC_RESP]) || e->until < at)
			continue;
		start_decoder(f, flow->session, e->decoder);
		*e = f->expected[--f->nexpected];
		return true;
	}
	return false;
}

bool session_open(struct toc_flows *f, struct flow *flow, const struct toc_packet *p)
{
	struct session *s = calloc(1, sizeof(*s));
	if (!s)
		return false;
	s->held_end = &s->held;
	s->candidates = candidates_over(f, carrier_of(flow));
	s->hinted = candidates_hinted(f, flow);
	flow->session = s;
	if (f->nexpected)
		take_expected(f, flow, p->at);
	return true;
}

static bool probe_keep(struct toc_flows *f, struct session *s)
{
	if (s->probe)
		return true;
	s->probe = f->probe_bytes + PROBE_SIZE <= PROBES_MOST ? malloc(PROBE_SIZE) : NULL;
	if (!s->probe)
		return false;
	s->chunks = (struct probe_chunk *)(void *)(s->probe + 2 * TOC_PROBE_BYTES);
	f->probe_bytes += PROBE_SIZE;
	return true;
}

static void probe_free(struct toc_flows *f, uint8_t *probe)
{
	f->probe_bytes -= probe ? PROBE_SIZE : 0;
	free(probe);
}

/* Frees what only a parser needs; the name of the service stays for conn. */
static void quiet(struct toc_flows *f, struct session *s)
{
	stream_free(f, &s->stream[0]);
	stream_free(f, &s->stream[1]);
	probe_free(f, s->probe);
	free(s->state);
	s->probe = NULL;
	s->state = NULL;
}

static void finish_decoder(struct toc_flows *f, struct flow *flow, enum toc_end why)
{
	struct session *s = flow->session;
	const struct toc_decoder *d = s->decoder;
	if (d && d->finish)
		d->finish(s->state, why, &f->sink);
	if (s->inners)
		inner_finish_all(f, flow, why);
	session_close_bodies(f, flow);
	held_emit_due(f, flow, TOC_NEVER, true);
	memory_free(f, &s->memory);
	s->decoder = NULL;
	free(s->state);
	s->state = NULL;
}

/* Nobody parses this flow any more. */
static void give_up(struct toc_flows *f, struct flow *flow)
{
	struct session *s = flow->session;
	finish_decoder(f, flow, TOC_END_CLOSED);
	quiet(f, s);
	s->done = true;
	flow->decided = true;
}

/* Hands the flow over: the next bytes belong to another decoder. */
static void become_child(struct toc_flows *f, struct flow *flow)
{
	struct session *s = flow->session;
	finish_decoder(f, flow, TOC_END_CLOSED);
	s->child = false;
	s->confirmed = false;
	s->candidates = candidates_over(f, carrier_of(flow));
	s->probe_n = s->nchunks = 0;
	unsigned i = s->child_name ? find_decoder(f, s->child_name) : f->ndecoders;
	if (i < f->ndecoders)
		start_decoder(f, s, i);
}

static void judge(struct toc_flows *f, struct flow *flow, enum toc_parse said)
{
	struct session *s = flow->session;
	if (said == TOC_MORE)
		return;
	if (said == TOC_BAD)
		f->count.decoder_bad++;
	if (s->child)
		become_child(f, flow);
	else
		give_up(f, flow);
}

static bool keep_unread(struct toc_flows *f, struct stream *s, const uint8_t *bytes, size_t n)
{
	if (n > s->unread_room) {
		size_t room = n < 2048 ? 2048 : n * 2 < UNREAD_MOST ? n * 2 : UNREAD_MOST;
		uint8_t *more =
			n > UNREAD_MOST || f->stream_bytes + room > f->config.stream_bytes ? NULL : malloc(room);
		if (!more)
			return false;
		memcpy(more, bytes, n); /* bytes may lie in the old place */
		free(s->unread);
		f->stream_bytes += room - s->unread_room;
		s->unread = more;
		s->unread_room = room;
	} else if (bytes != s->unread) { /* else only more came behind them */
		memmove(s->unread, bytes, n);
	}
	s->unread_n = n;
	return true;
}

/* A decoder whose events nobody uses is done when the service has its name, or when it does not come by it soon. */
static enum toc_parse run(struct toc_flows *f, struct session *s, struct toc_cursor *c, unsigned dir)
{
	enum { IDLE_CALLS = 32 };
	enum toc_parse said = s->decoder->parse(s->state, c, (enum toc_dir)dir, &f->sink);
	if (said != TOC_MORE || candidates_wanted(f, s->decoder_index))
		return said;
	if (!s->confirmed && ++s->idle_calls < IDLE_CALLS)
		return TOC_MORE;
	f->count.not_wanted++;
	return TOC_DONE;
}

/* Parses bytes (the unread ones in front included) and keeps what is left. */
static void parse(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct session *s = flow->session;
	struct stream *stream = &s->stream[dir];
	if (bytes.n < stream->need) {
		if (!keep_unread(f, stream, bytes.p, bytes.n))
			give_up(f, flow);
		return;
	}
	struct toc_cursor c = toc_cursor_of(bytes);
	f->sink.need = 0;
	enum toc_parse said = run(f, s, &c, dir);
	size_t left = toc_rest(&c).n;
	if (said != TOC_MORE) {
		bool child = s->child;
		uint8_t *rest = child && left ? malloc(left) : NULL; /* the old buffer goes with the decoder */
		if (rest)
			memcpy(rest, c.p, left);
		stream->unread_n = stream->need = 0;
		judge(f, flow, said);
		if (rest && !s->done)
			session_bytes(f, flow, dir, toc_span_of(rest, left));
		free(rest);
		return;
	}
	stream->need = f->sink.need > left ? (f->sink.need < UNREAD_MOST ? f->sink.need : UNREAD_MOST) : 0;
	if (!left) {
		stream->unread_n = 0;
	} else if (!keep_unread(f, stream, c.p, left)) {
		f->count.unread_overflow++;
		give_up(f, flow);
	}
}

static void feed(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct stream *s = &flow->session->stream[dir];
	if (!s->unread_n) {
		parse(f, flow, dir, bytes);
		return;
	}
	if (s->unread_n + bytes.n > UNREAD_MOST + (1 << 17)) {
		f->count.unread_overflow++;
		give_up(f, flow);
		return;
	}
	uint8_t *both = s->unread_n + bytes.n <= s->unread_room ? s->unread : malloc(s->unread_n + bytes.n);
	if (!both) {
		give_up(f, flow);
		return;
	}
	if (both != s->unread)
		memcpy(both, s->unread, s->unread_n);
	memcpy(both + s->unread_n, bytes.p, bytes.n);
	bool own = both == s->unread;
	parse(f, flow, dir, toc_span_of(both, s->unread_n + bytes.n));
	if (!own)
		free(both);
}

/* The first bytes of a direction so far, out of the chunks. */
static struct toc_span first_of(const struct session *s, unsigned dir, uint8_t *out)
{
	size_t n = 0, at = 0;
	for (unsigned i = 0; i < s->nchunks; at += s->chunks[i++].n) {
		if (s->chunks[i].dir != dir)
			continue;
		memcpy(out + n, s->probe + at, s->chunks[i].n);
		n += s->chunks[i].n;
	}
	return toc_span_of(out, n);
}

/* The first of `asked` that says YES, or NO_DECODER; those that say NO are ruled out. */
static unsigned ask_these(struct toc_flows *f, struct session *s, struct decoder_set asked, unsigned dir,
			  struct toc_span first)
{
	for (unsigned i; (i = decoder_set_pop(&asked)) < f->ndecoders;) {
		enum toc_probe said = f->decoders[i]->probe(first, (enum toc_dir)dir, decoder_set_has(&s->hinted, i));
		if (said == TOC_YES)
			return i;
		if (said == TOC_NO)
			decoder_set_remove(&s->candidates, i);
	}
	return (unsigned)NO_DECODER;
}

/* Asks the candidates about this direction's first bytes: those with the port first. */
static unsigned ask(struct toc_flows *f, struct session *s, unsigned dir, struct toc_span first)
{
	unsigned i = ask_these(f, s, decoder_set_and(s->candidates, &s->hinted), dir, first);
	if (i == (unsigned)NO_DECODER)
		i = ask_these(f, s, decoder_set_without(s->candidates, &s->hinted), dir, first);
	return i;
}

/* What was seen so far goes to the decoder, in the order in which it came. */
static void replay(struct toc_flows *f, struct flow *flow)
{
	struct session *s = flow->session;
	uint8_t *bytes = s->probe;
	const struct probe_chunk *chunks = s->chunks;
	size_t at = 0;
	unsigned n = s->nchunks;
	s->probe = NULL;
	s->probe_n = s->nchunks = 0;
	for (unsigned i = 0; i < n && s->decoder && !s->done; at += chunks[i++].n)
		feed(f, flow, chunks[i].dir, toc_span_of(bytes + at, chunks[i].n));
	probe_free(f, bytes);
}

/* Chunks count how often the direction changes, not how finely a sender cuts: segments of a byte hide nothing. */
static bool add_chunk(struct session *s, unsigned dir, struct toc_span bytes)
{
	if (!s->nchunks || s->chunks[s->nchunks - 1].dir != dir) {
		if (s->nchunks == TOC_PROBE_CHUNKS)
			return false;
		s->chunks[s->nchunks++] = (struct probe_chunk){ .dir = (uint8_t)dir };
	}
	struct probe_chunk *last = &s->chunks[s->nchunks - 1];
	last->n = (uint16_t)(last->n + bytes.n);
	memcpy(s->probe + s->probe_n, bytes.p, bytes.n);
	s->probe_n = (uint16_t)(s->probe_n + bytes.n);
	return true;
}

/* There are so many flows that nobody recognises that no more is kept of this one: its first bytes must do. */
static void probe_once(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	unsigned i = ask(f, flow->session, dir, toc_span_first(bytes, TOC_PROBE_BYTES));
	f->count.probed_once++;
	if (i == (unsigned)NO_DECODER) {
		f->count.no_protocol++;
		give_up(f, flow);
		return;
	}
	start_decoder(f, flow->session, i);
	if (flow->session->decoder)
		feed(f, flow, dir, bytes);
}

static void probe(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct session *s = flow->session;
	uint8_t first[2 * TOC_PROBE_BYTES];
	if (!probe_keep(f, s)) {
		probe_once(f, flow, dir, bytes);
		return;
	}
	size_t n = (size_t)2 * TOC_PROBE_BYTES - s->probe_n;
	n = bytes.n < n ? bytes.n : n;
	if (!n || !add_chunk(s, dir, toc_span_first(bytes, n))) {
		f->count.no_protocol++;
		give_up(f, flow);
		return;
	}
	unsigned i = ask(f, s, dir, first_of(s, dir, first));
	if (i != (unsigned)NO_DECODER) {
		start_decoder(f, s, i);
		replay(f, flow);
		if (s->decoder && !s->done && n < bytes.n)
			feed(f, flow, dir, toc_span_from(bytes, n));
	} else if (decoder_set_empty(&s->candidates) || n < bytes.n) {
		f->count.no_protocol++;
		give_up(f, flow);
	}
}

void session_bytes(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct session *s = flow->session;
	if (s->done || !bytes.n)
		return;
	if (s->decoder)
		feed(f, flow, dir, bytes);
	else
		probe(f, flow, dir, bytes);
}

void session_gap(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t n)
{
	struct session *s = flow->session;
	if (s->done)
		return;
	s->stream[dir].unread_n = s->stream[dir].need = 0;
	if (!s->decoder)
		return; /* while probing a hole only shifts the first bytes */
	judge(f, flow, s->decoder->gap ? s->decoder->gap(s->state, (enum toc_dir)dir, n, &f->sink) : TOC_DONE);
}

/* Whose the datagram is, if that is known by now. */
static bool datagram_owner(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct session *s = flow->session;
	if (!s->decoder) {
		unsigned i = ask(f, s, dir, bytes);
		if (i != (unsigned)NO_DECODER)
			start_decoder(f, s, i);
		else if (decoder_set_empty(&s->candidates) || ++s->probe_n == 8) {
			f->count.no_protocol++;
			give_up(f, flow);
		}
	}
	return s->decoder && !s->done;
}

/*
 * A datagram that is none of its decoder's. A stray one in front, or one of a port that serves two protocols, must not
 * hide what follows: others are asked, and where nobody has said yet whose flow it is, about later ones too. False:
 * nobody wants it, or this has come too often.
 */
static bool ask_others(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	enum { CHANGES = 3 };
	struct session *s = flow->session;
	if (s->child || s->changes == CHANGES)
		return false;
	s->candidates = candidates_over(f, carrier_of(flow));
	decoder_set_remove(&s->candidates, s->decoder_index);
	unsigned i = ask(f, s, dir, bytes);
	if (i == (unsigned)NO_DECODER && s->confirmed)
		return false;
	s->changes++;
	f->count.decoder_bad++;
	finish_decoder(f, flow, TOC_END_CLOSED);
	s->confirmed = false;
	s->probe_n = 0;
	if (i != (unsigned)NO_DECODER)
		start_decoder(f, s, i);
	return i != (unsigned)NO_DECODER || !decoder_set_empty(&s->candidates);
}

/* A decoder may leave the datagram to another one, which is asked at once; more often than twice nobody wants it. */
void session_datagram(struct toc_flows *f, struct flow *flow, unsigned dir, struct toc_span bytes)
{
	struct session *s = flow->session;
	for (unsigned i = 0; i < 2 && datagram_owner(f, flow, dir, bytes); i++) {
		struct toc_cursor c = toc_cursor_of(bytes);
		enum toc_parse said = run(f, s, &c, dir);
		bool handed = said != TOC_MORE && s->child && toc_rest(&c).n == bytes.n;
		if (said == TOC_BAD && ask_others(f, flow, dir, bytes)) {
			if (!s->decoder)
				return;
			continue;
		}
		judge(f, flow, said);
		if (!handed)
			return;
	}
}

void session_end(struct toc_flows *f, struct flow *flow, enum toc_end why)
{
	struct session *s = flow->session;
	sink_enter(f, flow, NULL, flow->last);
	if (!s->done && flow->proto == TOC_IPPROTO_TCP) {
		stream_flush(f, flow, TOC_ORIG);
		stream_flush(f, flow, TOC_RESP);
	}
	if (!s->done)
		finish_decoder(f, flow, why);
	s->done = true;
}

void session_parse_done(struct toc_flows *f, struct flow *flow, enum toc_end why)
{
	(void)why;
	quiet(f, flow->session);
	free(flow->session->weirds);
	free(flow->session);
	flow->session = NULL;
}
