/* tcp - states, sequence space and history of a connection, as Zeek's conn log tells them (RFC 9293). */
#include "flow/table.h"

enum { TOO_FAR = 1048576 }; /* a SYN's or RST's number further off than this is not believed */

enum { COUNT_GAP, COUNT_REXMIT, COUNT_ZERO_WINDOW, COUNT_CHECKSUM };

void flow_history(struct flow *flow, unsigned dir, char letter)
{
	if (flow->history_n < TOC_HISTORY)
		flow->history[flow->history_n++] = dir == TOC_ORIG || letter == '^' ? letter : (char)(letter + 32);
}

/* Repeating oddities are noted at 1, 10, 100 … times. */
void flow_history_count(struct flow *flow, unsigned dir, unsigned which, char letter)
{
	uint32_t n = ++flow->counts[dir][which], power = 1;
	while (power < n && power < 1000000000)
		power *= 10;
	if (power == n)
		flow_history(flow, dir, letter);
}

static bool once(struct flow *flow, unsigned dir, unsigned bit, char letter)
{
	if (flow->hist_seen[dir] & bit)
		return false;
	flow->hist_seen[dir] |= (uint8_t)bit;
	flow_history(flow, dir, letter);
	return true;
}

/* S/H, F and R come again only with another sequence number. */
static void once_a_number(struct flow *flow, unsigned dir, unsigned bit, unsigned which, char letter, uint32_t seq)
{
	struct tcp_end *e = &flow->end[dir];
	if (!once(flow, dir, bit, letter)) {
		if (e->hist_seq[which] == seq)
			return;
		flow_history(flow, dir, letter);
	}
	e->hist_seq[which] = seq;
}

static void note_flags(struct flow *flow, unsigned dir, const struct toc_packet *p)
{
	uint8_t flags = p->tcp.flags;
	int n = !!(flags & TOC_SYN) + !!(flags & TOC_FIN) + !!(flags & TOC_RST);
	if (n > 1) {
		bool both = (flags & TOC_FIN) && (flags & TOC_RST);
		once(flow, dir, both ? HIST_FINRST : HIST_MULTI, both ? 'I' : 'Q');
	} else if (flags & TOC_SYN) {
		once_a_number(flow, dir, HIST_SYN, 0, flags & TOC_ACK ? 'H' : 'S', p->tcp.seq);
	} else if (flags & TOC_FIN) {
		once_a_number(flow, dir, HIST_FIN, 1, 'F', p->tcp.seq + p->payload_len);
	} else if (flags & TOC_RST) {
		once_a_number(flow, dir, HIST_RST, 2, 'R', p->tcp.seq);
	} else if (p->payload_len) {
		once(flow, dir, HIST_DATA, 'D');
	} else if (flags & TOC_ACK) {
		once(flow, dir, HIST_ACK, 'A');
	}
}

static void set_state(struct tcp_end *e, enum tcp_state state)
{
	e->before = e->state;
	e->state = (uint8_t)state;
}

/* First sight of an endpoint's numbers. Room below, so that differences never fall under zero. */
static void begin_numbers(struct tcp_end *e, uint32_t first)
{
	e->seen = true;
	e->start = e->last = e->ack = (UINT64_C(1) << 33) + first;
}

static void track_seq(struct toc_flows *f, struct flow *flow, struct tcp_end *e, unsigned dir,
		      const struct toc_packet *p)
{
	uint8_t flags = p->tcp.flags;
	(void)f;
	if (!e->seen) {
		begin_numbers(e, flags & TOC_SYN ? p->tcp.seq : p->tcp.seq - 1);
		e->last = e->start + p->payload_len + 1 -
			  ((flags & (TOC_SYN | TOC_FIN)) == 0 && !p->payload_len && (flags & TOC_RST) ? 1 : 0);
		e->last += (flags & TOC_FIN) && !(flags & TOC_SYN);
		e->ack = e->start;
		return;
	}
	uint64_t end = tcp_unwrap(e->last, p->tcp.seq) + p->payload_len + !!(flags & TOC_SYN) + !!(flags & TOC_FIN);
	int64_t ahead = (int64_t)(end - e->last);
	if ((flags & (TOC_SYN | TOC_RST)) && (ahead > TOO_FAR || ahead < -TOO_FAR))
		return;
	if ((flags & TOC_RST) && !p->payload_len)
		return;
	if (ahead > 0)
		e->last = end;
	else if (p->payload_len && (int64_t)(tcp_unwrap(e->last, p->tcp.seq) - e->start) > 0)
		flow_history_count(flow, dir, COUNT_REXMIT, 'T');
}

/*
 * Of two answers to a SYN the client has taken one, and its first acknowledgement tells which: the numbers of the side
 * that it answers are those from then on.
 */
static void believe_ack(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *peer = &flow->end[!dir];
	if ((p->tcp.flags & (TOC_SYN | TOC_RST | TOC_ACK)) != TOC_ACK || !peer->seen || peer->ack != peer->start ||
	    peer->last != peer->start + 1 || !flow->syn[!dir].seen)
		return;
	int64_t ahead = (int64_t)(tcp_unwrap(peer->last, p->tcp.ack) - peer->last);
	if ((ahead >= 0 && ahead <= TOO_FAR) || p->tcp.ack == 0)
		return;
	weird_flow(f, flow, WEIRD_SYN_SEQ_JUMP);
	begin_numbers(peer, p->tcp.ack - 1);
	peer->last = peer->start + 1;
}

/* An ACK tells about the other side's bytes. */
static void track_ack(struct tcp_end *peer, const struct toc_packet *p)
{
	if (!(p->tcp.flags & TOC_ACK) || (p->tcp.flags & TOC_RST))
		return;
	if (!peer->seen) {
		begin_numbers(peer, p->tcp.ack - 1);
		peer->last = peer->ack = peer->start + 1;
		return;
	}
	uint64_t ack = tcp_unwrap(peer->ack, p->tcp.ack);
	if (p->tcp.ack == 0 && ack - peer->ack > TOO_FAR)
		return; /* a broken field rather than a large transfer that lands on zero */
	if ((int64_t)(ack - peer->ack) > 0)
		peer->ack = ack;
}

static void from_inactive(struct tcp_end *e, struct tcp_end *peer, uint8_t flags, unsigned dir)
{
	if (flags & TOC_RST) {
		set_state(e, TCP_RESET);
	} else if (flags & TOC_SYN) {
		if (!(flags & TOC_ACK)) {
			set_state(e, TCP_SYN_SENT);
		} else if (peer->state == TCP_INACTIVE) {
			set_state(e, TCP_SYN_ACK_SENT);
		} else {
			set_state(e, TCP_ESTABLISHED);
			if (peer->state != TCP_CLOSED && peer->state != TCP_RESET && peer->state != TCP_PARTIAL)
				set_state(peer, TCP_ESTABLISHED);
		}
	} else {
		set_state(e, TCP_PARTIAL);
		if (flags & TOC_FIN)
			set_state(e, TCP_CLOSED);
	}
	(void)dir;
}

static void from_syn_sent(struct tcp_end *e, struct tcp_end *peer, uint8_t flags)
{
	if (flags & TOC_RST) {
		set_state(e, TCP_RESET);
	} else if (flags & TOC_FIN) {
		set_state(e, TCP_CLOSED);
	} else if (((flags & TOC_SYN) && (flags & TOC_ACK) && peer->state == TCP_SYN_SENT) ||
		   (e->state == TCP_SYN_ACK_SENT && !(flags & TOC_SYN) && peer->state == TCP_PARTIAL)) {
		set_state(e, TCP_ESTABLISHED);
		set_state(peer, TCP_ESTABLISHED);
	}
}

static void from_open(struct tcp_end *e, uint8_t flags)
{
	if (flags & TOC_RST)
		set_state(e, TCP_RESET);
	else if (flags & TOC_FIN)
		set_state(e, TCP_CLOSED);
}

static void move(struct flow *flow, unsigned dir, uint8_t flags)
{
	struct tcp_end *e = &flow->end[dir], *peer = &flow->end[!dir];
	switch ((enum tcp_state)e->state) {
	case TCP_INACTIVE:
		from_inactive(e, peer, flags, dir);
		break;
	case TCP_SYN_SENT:
	case TCP_SYN_ACK_SENT:
		from_syn_sent(e, peer, flags);
		break;
	case TCP_PARTIAL:
	case TCP_ESTABLISHED:
		from_open(e, flags);
		break;
	case TCP_CLOSED: /* a reset behind the end of both changes nothing */
		if ((flags & TOC_RST) && peer->state != TCP_CLOSED)
			set_state(e, TCP_RESET);
		break;
	case TCP_RESET:
		break;
	}
}

/* What nearly all segments are: nothing to be looked at twice (tcp_odd.c). */
static bool is_plain(struct tcp_end *e, const struct toc_packet *p)
{
	if ((p->tcp.flags & (TOC_SYN | TOC_FIN | TOC_RST | TOC_URG)) || e->state == TCP_RESET ||
	    (int32_t)(p->tcp.seq - (uint32_t)e->last) > TOO_FAR)
		return false;
	e->window = p->tcp.window;
	e->has_window = true;
	return true;
}

uint64_t tcp_track(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	struct tcp_end *e = &flow->end[dir];
	uint8_t flags = p->tcp.flags;
	note_flags(flow, dir, p);
	if (!is_plain(e, p) && !tcp_sound(f, flow, p, dir))
		return 0;
	believe_ack(f, flow, p, dir);
	track_seq(f, flow, e, dir, p);
	track_ack(&flow->end[!dir], p);
	if (p->tcp.window == 0 && !(flags & (TOC_SYN | TOC_RST | TOC_FIN)))
		flow_history_count(flow, dir, COUNT_ZERO_WINDOW, 'W');
	move(flow, dir, flags);
	if ((flags & TOC_FIN) && !e->fin) {
		e->fin = true;
		e->fin_seq = p->tcp.seq + p->payload_len;
	}
	return tcp_unwrap(e->last, p->tcp.seq) + !!(flags & TOC_SYN);
}

/* Zeek's rule (TCP_Endpoint::Size): from sequence numbers, the peer's acknowledgements included. */
uint64_t tcp_size(const struct flow *flow, unsigned dir)
{
	const struct tcp_end *e = &flow->end[dir];
	if (!e->seen || (e->before == TCP_SYN_SENT && e->state == TCP_RESET && flow->end[!dir].state == TCP_INACTIVE &&
			 e->ack == e->start))
		return 0;
	uint64_t end = e->last > e->ack ? e->last : e->ack, size = end - e->start;
	if (size)
		size--; /* the SYN, or the byte before a midstream's first */
	if (e->fin && size)
		size--;
	return size;
}
