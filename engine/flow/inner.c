/* inner - decoders inside decoders: named pipes, GSSAPI tokens, what a tunnel carries. */
#include <stdlib.h>

#include "flow/table.h"

enum { INNERS = 32, DEPTH = 4, UNREAD_MOST = 65536, UNREAD_FLOW = 1 << 20 };

/* What a decoder of a flow has of its own. While an inner decoder runs, its part and the session's are exchanged, so
 * that the sink's services work for whoever runs. */
struct part {
	const struct toc_decoder *decoder; /* NULL: over */
	unsigned decoder_index;
	void *state;
	struct held *held, **held_end;
	unsigned nheld;
	struct toc_body *bodies[2];
	struct memory memory;
};

struct inner {
	struct inner *next, *parent; /* parent NULL: the flow's own decoder */
	uint64_t key;
	unsigned asked; /* index of the decoder that it was opened as */
	unsigned depth;
	struct part part;
	struct {
		uint8_t *bytes;
		size_t n, need;
	} unread[2];
};

/* The end of an empty list is a pointer into its owner. */
static struct part part_of(const struct session *s)
{
	return (struct part){
		s->decoder, s->decoder_index, s->state, s->held, s->held_end, s->nheld, { s->bodies[0], s->bodies[1] },
		s->memory
	};
}

static void put_part(struct session *s, const struct part *p)
{
	s->decoder = p->decoder;
	s->decoder_index = p->decoder_index;
	s->state = p->state;
	s->held = p->held;
	s->held_end = p->held ? p->held_end : &s->held;
	s->nheld = p->nheld;
	s->bodies[0] = p->bodies[0];
	s->bodies[1] = p->bodies[1];
	s->memory = p->memory;
}

static void exchange(struct session *s, struct inner *in)
{
	struct part mine = part_of(s);
	put_part(s, &in->part);
	in->part = mine;
}

/* What the call under way is about, besides the parts. */
struct frame {
	struct inner *outside;
	enum toc_carrier carrier;
	size_t need;
	bool child;
};

static struct frame enter(struct toc_flows *f, struct inner *in)
{
	struct session *s = f->now->session;
	struct frame was = { s->inside, f->info.carrier, f->sink.need, s->child };
	exchange(s, in);
	s->inside = in;
	s->child = false;
	f->info.carrier = TOC_OVER_INNER;
	f->sink.need = 0;
	return was;
}

static void leave(struct toc_flows *f, struct inner *in, const struct frame *was)
{
	struct session *s = f->now->session;
	exchange(s, in);
	s->inside = was->outside;
	s->child = was->child;
	f->info.carrier = was->carrier;
	f->sink.need = was->need;
}

static unsigned find_decoder(const struct toc_flows *f, const char *name)
{
	unsigned i = 0;
	while (i < f->ndecoders &&
	       (!(f->decoders[i]->carriers & TOC_OVER_INNER) || strcmp(f->decoders[i]->name, name) != 0))
		i++;
	return i;
}

static struct inner *find(const struct toc_flows *f, const char *decoder, uint64_t key)
{
	const struct session *s = f->now->session;
	for (struct inner *in = s->inners; in; in = in->next)
		if (in->parent == s->inside && in->key == key && strcmp(f->decoders[in->asked]->name, decoder) == 0)
			return in;
	return NULL;
}

/* Gives the inner stream to a decoder; false: no memory. */
static bool begin(struct toc_flows *f, struct inner *in, unsigned i)
{
	const struct toc_decoder *d = f->decoders[i];
	in->part.state = d->state_size ? calloc(1, d->state_size) : NULL;
	if (d->state_size && !in->part.state)
		return false;
	in->part.decoder = d;
	in->part.decoder_index = i;
	return true;
}

static struct inner *open_inner(struct toc_flows *f, const char *decoder, uint64_t key)
{
	struct session *s = f->now->session;
	unsigned i = find_decoder(f, decoder), depth = s->inside ? s->inside->depth + 1 : 1;
	if (i == f->ndecoders || !may_hand_on(f, decoder))
		return NULL;
	if (s->ninners == INNERS || depth > DEPTH) {
		f->count.inner_refused++;
		return NULL;
	}
	struct inner *in = calloc(1, sizeof(*in));
	if (!in || !begin(f, in, i)) {
		free(in);
		return NULL;
	}
	in->parent = s->inside;
	in->key = key;
	in->asked = i;
	in->depth = depth;
	struct inner **last = &s->inners;
	while (*last)
		last = &(*last)->next;
	*last = in;
	s->ninners++;
	f->count.inners++;
	return in;
}

static void drop_unread(struct toc_flows *f, struct session *s, struct inner *in, unsigned dir)
{
	s->inner_unread -= in->unread[dir].n;
	f->stream_bytes -= in->unread[dir].n;
	free(in->unread[dir].bytes);
	in->unread[dir].bytes = NULL;
	in->unread[dir].n = 0;
}

static bool keep_unread(struct toc_flows *f, struct session *s, struct inner *in, unsigned dir, struct toc_span rest)
{
	uint8_t *bytes = NULL;
	if (rest.n) {
		bool room = rest.n <= UNREAD_MOST && s->inner_unread + rest.n <= UNREAD_FLOW &&
			    f->stream_bytes + rest.n <= f->config.stream_bytes;
		bytes = room ? malloc(rest.n) : NULL;
		if (!bytes)
			return false;
		memcpy(bytes, rest.p, rest.n);
	}
	drop_unread(f, s, in, dir);
	in->unread[dir].bytes = bytes;
	in->unread[dir].n = rest.n;
	s->inner_unread += rest.n;
	f->stream_bytes += rest.n;
	return true;
}

static void unlink_inner(struct session *s, const struct inner *in)
{
	struct inner **at = &s->inners;
	while (*at != in)
		at = &(*at)->next;
	*at = in->next;
	s->ninners--;
}

static void end_children(struct toc_flows *f, struct inner *parent, enum toc_end why);

/* This decoder's part is over: its own finish, then those inside it, then what it holds. in->part.decoder is NULL
 * after. */
static void finish(struct toc_flows *f, struct inner *in, enum toc_end why)
{
	struct session *s = f->now->session;
	if (!in->part.decoder)
		return;
	struct frame was = enter(f, in);
	if (s->decoder->finish)
		s->decoder->finish(s->state, why, &f->sink);
	end_children(f, in, why);
	session_close_bodies(f, f->now);
	held_emit_due(f, f->now, TOC_NEVER, true);
	memory_free(f, &s->memory);
	free(s->state);
	s->state = NULL;
	s->decoder = NULL;
	leave(f, in, &was);
	drop_unread(f, s, in, TOC_ORIG);
	drop_unread(f, s, in, TOC_RESP);
}

static void end_inner(struct toc_flows *f, struct inner *in, enum toc_end why)
{
	finish(f, in, why);
	unlink_inner(f->now->session, in);
	free(in);
}

static void end_children(struct toc_flows *f, struct inner *parent, enum toc_end why)
{
	struct inner *in = f->now->session->inners;
	while (in) {
		if (in == parent || in->parent != parent) { /* none is its own */
			in = in->next;
			continue;
		}
		end_inner(f, in, why);
		in = f->now->session->inners; /* those inside it are gone too */
	}
}

/* Runs the decoder on its unread bytes and these. The rest is kept, or goes to the child that it asked for. */
static void parse(struct toc_flows *f, struct inner *in, enum toc_dir dir, struct toc_span bytes)
{
	struct session *s = f->now->session;
	struct toc_cursor c = toc_cursor_of(bytes);
	struct frame was = enter(f, in);
	enum toc_parse said = s->decoder->parse(s->state, &c, dir, &f->sink);
	size_t need = f->sink.need, left = toc_rest(&c).n;
	const char *child = s->child ? s->child_name : NULL;
	leave(f, in, &was);
	if (said == TOC_MORE) {
		in->unread[dir].need = need > left ? (need < UNREAD_MOST ? need : UNREAD_MOST) : 0;
		if (keep_unread(f, s, in, dir, toc_rest(&c)))
			return;
		f->count.unread_overflow++;
	}
	if (said == TOC_BAD)
		f->count.decoder_bad++;
	finish(f, in, TOC_END_CLOSED);
	unsigned next = said == TOC_DONE && child ? find_decoder(f, child) : f->ndecoders;
	if (next < f->ndecoders && begin(f, in, next)) {
		in->unread[0].need = in->unread[1].need = 0;
		if (left)
			parse(f, in, dir, toc_rest(&c));
	}
}

bool inner_bytes(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, struct toc_span bytes)
{
	struct toc_flows *f = flows_of(sink);
	if (f->message_decoder || !bytes.n)
		return false;
	struct inner *in = find(f, decoder, key);
	if (!in)
		in = open_inner(f, decoder, key);
	if (!in || !in->part.decoder)
		return false;
	size_t before = in->unread[dir].n, n = before + bytes.n;
	if (!before && n >= in->unread[dir].need) {
		parse(f, in, dir, bytes);
		return true;
	}
	uint8_t *both = bytes.n <= UNREAD_FLOW ? malloc(n) : NULL;
	if (!both) {
		finish(f, in, TOC_END_CLOSED);
		return false;
	}
	if (before)
		memcpy(both, in->unread[dir].bytes, before);
	memcpy(both + before, bytes.p, bytes.n);
	if (n >= in->unread[dir].need)
		parse(f, in, dir, toc_span_of(both, n));
	else if (!keep_unread(f, f->now->session, in, dir, toc_span_of(both, n)))
		finish(f, in, TOC_END_CLOSED);
	free(both);
	return true;
}

void inner_gap(struct toc_sink *sink, const char *decoder, uint64_t key, enum toc_dir dir, uint64_t n)
{
	struct toc_flows *f = flows_of(sink);
	struct inner *in = f->message_decoder ? NULL : find(f, decoder, key);
	if (!in || !in->part.decoder || !n)
		return;
	struct session *s = f->now->session;
	drop_unread(f, s, in, dir);
	in->unread[dir].need = 0;
	struct frame was = enter(f, in);
	enum toc_parse said = s->decoder->gap ? s->decoder->gap(s->state, dir, n, &f->sink) : TOC_DONE;
	leave(f, in, &was);
	if (said != TOC_MORE)
		finish(f, in, TOC_END_CLOSED);
}

void inner_close(struct toc_sink *sink, const char *decoder, uint64_t key)
{
	struct toc_flows *f = flows_of(sink);
	struct inner *in = f->message_decoder ? NULL : find(f, decoder, key);
	if (in)
		end_inner(f, in, TOC_END_CLOSED);
}

void inner_finish_all(struct toc_flows *f, struct flow *flow, enum toc_end why)
{
	(void)flow;
	end_children(f, f->now->session->inside, why);
}

/* No word to anybody: the stage itself ends. */
void inner_discard_all(struct toc_flows *f, struct flow *flow)
{
	struct session *s = flow->session;
	while (s->inners) {
		struct inner *in = s->inners;
		s->inners = in->next;
		for (unsigned dir = 0; dir < 2; dir++) {
			if (in->part.bodies[dir])
				toc_body_end(f->bodies, in->part.bodies[dir], 0, &f->body_draft, NULL);
			drop_unread(f, s, in, dir);
		}
		while (in->part.held) {
			struct held *next = in->part.held->next;
			free(in->part.held);
			in->part.held = next;
		}
		memory_free(f, &in->part.memory);
		free(in->part.state);
		free(in);
	}
	s->ninners = 0;
	memory_free(f, &s->memory);
}

toc_time inner_deadline(const struct session *s)
{
	toc_time due = TOC_NEVER;
	for (const struct inner *in = s->inners; in; in = in->next)
		if (in->part.held && in->part.held->until < due)
			due = in->part.held->until;
	return due;
}

void inner_emit_due(struct toc_flows *f, struct flow *flow, toc_time at)
{
	struct session *s = flow->session;
	for (struct inner *in = s->inners; in; in = in->next) {
		if (!in->part.held || in->part.held->until > at)
			continue;
		exchange(s, in);
		held_emit_due(f, flow, at, false);
		exchange(s, in);
	}
}
