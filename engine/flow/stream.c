/* stream - one direction's bytes in order: segments that wait, overlaps, holes. */
#include <stdlib.h>

#include "flow/table.h"

/* What a segment costs beside its bytes; and how many may wait, since each that comes is put in its place by a walk. */
enum { COUNT_GAP = 0, OVERHEAD = sizeof(struct segment) + 16, SEGMENTS = 1024 };

static bool later(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

static void release(struct toc_flows *f, struct stream *s, struct segment *seg)
{
	size_t size = seg->n + (size_t)OVERHEAD;
	s->waiting_bytes -= size;
	s->nwaiting--;
	f->stream_bytes -= size;
	free(seg);
}

void stream_free(struct toc_flows *f, struct stream *s)
{
	while (s->waiting) {
		struct segment *next = s->waiting->next;
		release(f, s, s->waiting);
		s->waiting = next;
	}
	s->last = NULL;
	recent_release(f, s);
	f->stream_bytes -= s->unread_room;
	free(s->unread);
	s->unread = NULL;
	s->unread_room = s->unread_n = 0;
}

/*
 * Sockets take the urgent byte out of the stream (RFC 6093, section 3.1) and so what a server reads does not have it,
 * but for the few programs that ask for it in its place. Of several that wait the last one is taken out.
 */
static bool takes_urgent_inline(const struct toc_flows *f, const struct session *s)
{
	struct decoder_set hinted = s->hinted;
	if (s->decoder)
		return s->decoder->urgent_inline;
	for (unsigned i; (i = decoder_set_pop(&hinted)) < f->ndecoders;)
		if (f->decoders[i]->urgent_inline)
			return true;
	return false;
}

static void note_urgent(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir, uint64_t seq)
{
	struct stream *s = &flow->session->stream[dir];
	uint64_t place = seq + p->tcp.urgent - 1;
	if (!p->tcp.urgent || later(s->next, place) || takes_urgent_inline(f, flow->session))
		return;
	weird_flow(f, flow, WEIRD_URGENT_DATA);
	s->urgent = place;
	s->has_urgent = true;
}

/* The bytes at [at, at + n), without the urgent one among them. */
static void deliver_bytes(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t at, struct toc_span bytes)
{
	struct stream *s = &flow->session->stream[dir];
	uint64_t before = s->urgent - at;
	if (!s->has_urgent || before >= bytes.n) {
		session_bytes(f, flow, dir, bytes);
		return;
	}
	s->has_urgent = false;
	session_bytes(f, flow, dir, toc_span_first(bytes, before));
	session_bytes(f, flow, dir, toc_span_from(bytes, before + 1));
}

/* A run of [at, at + n) becomes known: bytes, or only that they are missing from the capture. */
static void deliver(struct toc_flows *f, struct flow *flow, unsigned dir, const uint8_t *bytes, uint64_t n)
{
	struct stream *s = &flow->session->stream[dir];
	uint64_t at = s->next;
	s->next += n;
	if (!bytes || (f->shed && shed_stream(f, flow, dir, at, n))) {
		session_gap(f, flow, dir, n);
		return;
	}
	recent_note(f, s, at, toc_span_of(bytes, n), flow->end[dir].ack);
	deliver_bytes(f, flow, dir, at, toc_span_of(bytes, n));
}

static void note_gap(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t n)
{
	f->count.gaps++;
	f->count.gap_bytes += n;
	flow->missed += n;
	flow_history_count(flow, dir, COUNT_GAP, 'G');
	deliver(f, flow, dir, NULL, n);
}

/* Hands over what has become contiguous. The session may end meanwhile. */
static void drain(struct toc_flows *f, struct flow *flow, unsigned dir)
{
	struct stream *s = &flow->session->stream[dir];
	while (s->waiting && !later(s->waiting->at, s->next)) {
		struct segment *seg = s->waiting;
		s->waiting = seg->next;
		if (!s->waiting)
			s->last = NULL;
		uint64_t skip = s->next - seg->at;
		if (skip < seg->n) {
			if (seg->has_bytes)
				deliver(f, flow, dir, seg->bytes + skip, seg->n - skip);
			else
				note_gap(f, flow, dir, seg->n - skip);
		}
		release(f, s, seg);
	}
}

/* The first bytes told win; other bytes for the same place are an attempt to evade, or a broken stack: told. */
static void compare(struct toc_flows *f, struct flow *flow, const struct segment *seg, uint64_t at,
		    struct toc_span bytes)
{
	uint64_t from = later(seg->at, at) ? seg->at : at;
	uint64_t to = later(seg->at + seg->n, at + bytes.n) ? at + bytes.n : seg->at + seg->n;
	if (!seg->has_bytes || !later(to, from))
		return;
	if (memcmp(seg->bytes + (from - seg->at), bytes.p + (from - at), to - from) != 0) {
		f->count.overlaps_differ++;
		weird_flow(f, flow, WEIRD_REXMIT_INCONSISTENCY);
	}
}

static bool may_keep(struct toc_flows *f, const struct stream *s, size_t n)
{
	n += OVERHEAD;
	return s->nwaiting < SEGMENTS && s->waiting_bytes + n <= f->config.stream_flow_bytes &&
	       f->stream_bytes + n <= f->config.stream_bytes;
}

/* Puts the parts of [at, at + n) that nobody holds yet in their places. False: no room. */
static bool keep(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t at, struct toc_span bytes)
{
	struct stream *s = &flow->session->stream[dir];
	/* most come behind all that waits */
	bool behind = s->last && !later(s->last->at + s->last->n, at);
	struct segment **place = behind ? &s->last->next : &s->waiting;
	while (bytes.n) {
		while (*place && !later((*place)->at + (*place)->n, at))
			place = &(*place)->next;
		uint64_t room = bytes.n;
		if (*place && !later((*place)->at, at)) { /* it begins inside one that is here */
			compare(f, flow, *place, at, bytes);
			uint64_t skip = (*place)->at + (*place)->n - at;
			at += skip < bytes.n ? skip : bytes.n;
			bytes = toc_span_from(bytes, skip);
			continue;
		}
		if (*place && later(at + bytes.n, (*place)->at)) {
			compare(f, flow, *place, at, bytes);
			room = (*place)->at - at;
		}
		struct segment *seg = may_keep(f, s, room) ? malloc(sizeof(*seg) + room) : NULL;
		if (!seg)
			return false;
		*seg = (struct segment){ .next = *place, .at = at, .n = (uint32_t)room, .has_bytes = true };
		memcpy(seg->bytes, bytes.p, room);
		*place = seg;
		if (!seg->next)
			s->last = seg;
		s->waiting_bytes += room + OVERHEAD;
		s->nwaiting++;
		f->stream_bytes += room + OVERHEAD;
		f->count.segments_kept++;
		at += room;
		bytes = toc_span_from(bytes, room);
	}
	return true;
}

/* Gives up the hole in front of the first segment that waits. */
static void skip_hole(struct toc_flows *f, struct flow *flow, unsigned dir)
{
	struct stream *s = &flow->session->stream[dir];
	if (s->waiting && later(s->waiting->at, s->next))
		note_gap(f, flow, dir, s->waiting->at - s->next);
	if (!flow->session->done)
		drain(f, flow, dir);
}

static void out_of_order(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t seq, struct toc_span bytes)
{
	struct stream *s = &flow->session->stream[dir];
	while (!keep(f, flow, dir, seq, bytes)) {
		f->count.segments_refused++;
		if (!s->waiting || flow->session->done) {
			/* not even one fits: what came first is taken as a hole */
			if (later(seq, s->next))
				note_gap(f, flow, dir, seq - s->next);
			if (!flow->session->done)
				deliver(f, flow, dir, bytes.p, bytes.n);
			return;
		}
		skip_hole(f, flow, dir);
		if (flow->session->done)
			return;
		if (!later(seq, s->next))
			break;
	}
	drain(f, flow, dir);
}

void stream_segment(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir, uint64_t seq)
{
	struct stream *s = &flow->session->stream[dir];
	struct toc_span bytes = p->payload;
	if (!s->started) {
		s->started = true;
		s->next = flow->end[dir].start + 1;
		if (later(s->next, seq)) /* midstream, and this one lies before the first seen */
			s->next = seq;
	}
	uint64_t end = seq + p->payload_len;
	if (later(s->next, seq) && recent_differs(s, seq, bytes)) {
		f->count.overlaps_differ++;
		weird_flow(f, flow, WEIRD_REXMIT_INCONSISTENCY);
	}
	if (!later(end, s->next))
		return; /* all of it was delivered before */
	flow->session->stream[!dir].turn = 0;
	if (p->tcp.flags & TOC_URG)
		note_urgent(f, flow, p, dir, seq);
	if (later(s->next, seq)) {
		uint64_t skip = s->next - seq;
		bytes = toc_span_from(bytes, skip);
		seq = s->next;
	}
	if (seq == s->next && !s->waiting) {
		if (bytes.n)
			deliver(f, flow, dir, bytes.p, bytes.n);
	} else if (bytes.n) {
		out_of_order(f, flow, dir, seq, bytes);
	}
	/* the snap length cut the segment: its rest is lost for good */
	if (seq + bytes.n != end && !flow->session->done && seq + bytes.n == s->next)
		note_gap(f, flow, dir, end - s->next);
}

void stream_acked(struct toc_flows *f, struct flow *flow, unsigned dir, uint64_t upto)
{
	struct stream *s = &flow->session->stream[dir];
	if (s->recent && !later(s->recent->from + s->recent->n, upto))
		recent_release(f, s);
	/* the receiver has what we miss: it will not come again. The FIN takes a number too. */
	if (flow->end[dir].fin && upto == flow->end[dir].last)
		upto--;
	while (!flow->session->done && s->started && s->waiting && later(upto, s->next) &&
	       later(s->waiting->at, s->next)) {
		if (later(s->waiting->at, upto))
			return;
		skip_hole(f, flow, dir);
	}
}

void stream_flush(struct toc_flows *f, struct flow *flow, unsigned dir)
{
	struct stream *s = &flow->session->stream[dir];
	while (!flow->session->done && s->waiting)
		skip_hole(f, flow, dir);
	if (!s->started && flow->end[dir].seen && flow->packets[dir]) { /* seen, but not a byte of it */
		s->started = true;
		s->next = flow->end[dir].start + 1;
	}
	/* what the receiver acknowledged and nobody saw; while the flow lived it could still come, out of order */
	uint64_t upto = flow->end[dir].ack - (flow->end[dir].fin && flow->end[dir].ack == flow->end[dir].last);
	if (!flow->session->done && s->started && later(upto, s->next) && upto - s->next < (UINT64_C(1) << 31))
		note_gap(f, flow, dir, upto - s->next);
}
