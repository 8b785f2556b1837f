/*
 * tcp_odd - segments that no sound TCP sends, and those that a receiver passes over (RFC 9293, section 3.10.7; RFC
 * 5961): whoever wants to lead a reader astray sends them. Told once a flow; they move neither state nor numbers.
 */
#include "flow/table.h"

/* Further off than this is not believed; and how far a window may be exceeded where losses hide acknowledgements. */
enum { TOO_FAR = 1048576, MOST_SCALE = 14 };

static bool is_after(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

/* Nothing but its SYN is known of the side, and nobody has acknowledged that. */
static bool only_syn(const struct flow *flow, unsigned dir)
{
	const struct tcp_end *e = &flow->end[dir];
	bool started = flow->session && flow->session->stream[dir].started;
	return e->last == e->start + 1 && !is_after(e->ack, e->start) && !started;
}

/*
 * RFC 9293, section 3.10.7.3: an answer to a SYN that was not sent is reset, and nothing else happens. Of two SYNs the
 * server may have seen the first alone: its numbers are then the ones that will be used.
 */
static bool answers_another_syn(struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *peer = &flow->end[!dir];
	if (!(p->tcp.flags & TOC_ACK) || !peer->seen || peer->state != TCP_SYN_SENT)
		return false;
	if (peer->jumped && p->tcp.ack == peer->again_seq + 1 && only_syn(flow, !dir)) {
		peer->start = peer->ack = tcp_unwrap(peer->start, peer->again_seq);
		peer->last = peer->start + 1;
		return false;
	}
	uint64_t ack = tcp_unwrap(peer->last, p->tcp.ack);
	return !is_after(ack, peer->start) || is_after(ack, peer->last);
}

static bool sound_syn(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *e = &flow->end[dir];
	syn_note(&flow->syn[dir], p);
	if (p->tcp.flags & (TOC_FIN | TOC_RST))
		weird_flow(f, flow, WEIRD_TCP_CHRISTMAS);
	if (p->tcp.flags & TOC_URG)
		weird_flow(f, flow, WEIRD_BAROQUE_SYN);
	if (p->payload_len && !flow->syn[dir].fast_open) /* RFC 7413 */
		weird_flow(f, flow, WEIRD_SYN_WITH_DATA);
	if (flow->syn[dir].scale > MOST_SCALE) /* RFC 7323, section 2.3 */
		weird_flow(f, flow, WEIRD_TCP_SCALE_RANGE);
	if (answers_another_syn(flow, p, dir)) {
		weird_flow(f, flow, WEIRD_BAD_SYN_ACK);
		return false;
	}
	if (!e->seen || (uint32_t)e->start == p->tcp.seq || e->state == TCP_RESET || e->state == TCP_CLOSED)
		return true;
	if (!only_syn(flow, dir)) {
		weird_flow(f, flow, WEIRD_SYN_INSIDE_CONNECTION);
		e->again = !(p->tcp.flags & TOC_ACK);
		e->again_seq = p->tcp.seq;
		return false;
	}
	weird_flow(f, flow, WEIRD_SYN_SEQ_JUMP);
	e->jumped = true;
	e->again_seq = (uint32_t)e->start;
	e->seen = false; /* the new attempt's numbers are the ones that will be used */
	return true;
}

/* RFC 5961, section 3: only a reset at the next number is taken; one elsewhere may be somebody else's. */
static void look_at_reset(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *e = &flow->end[dir];
	if (!e->seen || e->state == TCP_RESET)
		return;
	uint64_t place = tcp_unwrap(e->last, p->tcp.seq);
	bool before = is_after(e->ack, place), behind = is_after(place, e->last);
	e->doubtful = before || behind;
	if (!e->fin && (before || is_after(place, e->last + TOO_FAR)))
		weird_flow(f, flow, WEIRD_RST_OUT_OF_WINDOW);
}

/* What the receiver has room for, as it told; where its SYN was not seen, the scale is the largest there is. */
static uint64_t window_of(const struct flow *flow, unsigned dir)
{
	unsigned scale = MOST_SCALE;
	if (flow->syn[0].seen && flow->syn[1].seen)
		scale = flow->syn[0].has_scale && flow->syn[1].has_scale ? flow->syn[dir].scale & 15u : 0;
	return (uint64_t)flow->end[dir].window << (scale > MOST_SCALE ? MOST_SCALE : scale);
}

/* Far beyond the window: not merely beyond it, for the acknowledgement that opened it may have been lost to us. */
static bool out_of_window(const struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	const struct tcp_end *e = &flow->end[dir], *peer = &flow->end[!dir];
	uint64_t place = tcp_unwrap(e->last, p->tcp.seq);
	if (!is_after(place, e->last + TOO_FAR) || !e->seen || !peer->has_window || !is_after(e->ack, e->start))
		return false;
	return is_after(place, e->ack + TOO_FAR) && is_after(place, e->ack + window_of(flow, !dir) + TOO_FAR);
}

bool tcp_sound(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *e = &flow->end[dir];
	uint8_t flags = p->tcp.flags;
	if (flags & TOC_SYN)
		return sound_syn(f, flow, p, dir);
	if ((flags & TOC_FIN) && (flags & TOC_URG) && !(flags & TOC_ACK))
		weird_flow(f, flow, WEIRD_TCP_CHRISTMAS);
	if (flags & TOC_RST) {
		look_at_reset(f, flow, p, dir);
		return true;
	}
	if (p->payload_len && e->state == TCP_RESET && e->seen &&
	    is_after(tcp_unwrap(e->last, p->tcp.seq) + p->payload_len, e->last))
		weird_flow(f, flow, WEIRD_DATA_AFTER_RESET);
	if (p->payload_len && out_of_window(flow, p, dir)) {
		weird_flow(f, flow, WEIRD_DATA_OUT_OF_WINDOW);
		return false;
	}
	e->window = p->tcp.window;
	e->has_window = true;
	return true;
}
