/* life - a packet's way into its flow, deadlines, and the end of a flow. */
#include <stdlib.h>

#include "flow/table.h"

/* Zeek's timeouts (scripts/base/init-bare.zeek), in `at`. */
static const toc_time attempt_delay = 5 * TOC_SEC, close_delay = 5 * TOC_SEC, partial_close_delay = 3 * TOC_SEC;
static const toc_time tcp_idle = 5 * TOC_MIN, tcp_idle_long = TOC_HOUR, other_idle = TOC_MIN;
static const toc_time tunnel_idle = TOC_DAY;
static const toc_time report_every = 10 * TOC_SEC;
enum { REPORT_BYTES = 1000000, COUNT_CHECKSUM = 3 };

/* Ports on which silence is normal: ftp, ssh, telnet. */
static bool is_long_lived(const struct flow *flow)
{
	static const uint16_t ports[] = { 21, 22, 23, 513 };
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (flow->port[TOC_RESP] == ports[i])
			return true;
	return false;
}

static bool is_gone(const struct tcp_end *e)
{
	return e->state == TCP_CLOSED || e->state == TCP_RESET;
}

/* A reset that its receiver may not have taken ends nothing: silence will. */
static bool is_reset(const struct tcp_end *e)
{
	return e->state == TCP_RESET && !e->doubtful;
}

/* When a TCP flow ends if nothing more comes. *ends: it is over by its flags, not by silence. */
static toc_time tcp_deadline(const struct flow *flow, bool *ends)
{
	const struct tcp_end *o = &flow->end[TOC_ORIG], *r = &flow->end[TOC_RESP];
	*ends = true;
	if (is_reset(o) || is_reset(r) || (is_gone(o) && is_gone(r)))
		return flow->seen + close_delay;
	if ((o->state == TCP_SYN_SENT || o->state == TCP_SYN_ACK_SENT) && r->state == TCP_INACTIVE)
		return flow->born + attempt_delay;
	if ((is_gone(o) && r->state == TCP_PARTIAL) || (is_gone(r) && o->state == TCP_PARTIAL) ||
	    (is_gone(o) && r->state == TCP_INACTIVE) || (is_gone(r) && o->state == TCP_INACTIVE))
		return flow->seen + partial_close_delay;
	*ends = false;
	return flow->seen + (is_long_lived(flow) ? tcp_idle_long : tcp_idle);
}

/* Of question and answer a minute's silence would keep a flow far too long: most of a network's flows are such. */
static toc_time udp_deadline(const struct flow *flow)
{
	const struct toc_decoder *d = flow->session ? flow->session->decoder : NULL;
	toc_time every = d ? d->udp_session_ns : 0, due = flow->seen + other_idle;
	if (!every)
		return due;
	toc_time silent = flow->seen + every - TOC_SEC - flow->born;
	toc_time asked = flow->born + (silent + every - 1) / every * every;
	return asked < due ? asked : due;
}

static toc_time end_deadline(const struct flow *flow, bool *ends)
{
	*ends = false;
	if (tunnel_only(flow))
		return flow->seen + tunnel_idle;
	return flow->proto == TOC_IPPROTO_TCP ? tcp_deadline(flow, ends) : udp_deadline(flow);
}

static bool has_untold_bytes(const struct flow *flow)
{
	return flow->told[0] != flow_bytes(flow, 0) || flow->told[1] != flow_bytes(flow, 1);
}

/* Reports are made at multiples of 10 s of the flow's life: at the first one after bytes began to wait for it. */
static void plan_report(struct flow *flow)
{
	if (flow->tunnel) /* the flows inside report what it carries */
		return;
	if (!flow->report_due && has_untold_bytes(flow))
		flow->report_due = flow->born + ((flow->seen - flow->born) / report_every + 1) * report_every;
}

/* A burst at the very beginning and then silence is no flow that is open. */
static bool is_open(const struct flow *flow)
{
	return flow->seen - flow->born >= TOC_SEC || flow_bytes(flow, 0) + flow_bytes(flow, 1) >= REPORT_BYTES;
}

toc_time flow_deadline(const struct toc_flows *f, const struct flow *flow)
{
	bool ends;
	toc_time due = end_deadline(flow, &ends);
	(void)f;
	if (flow->report_due && flow->report_due < due)
		due = flow->report_due;
	if (flow->session && flow->session->held) {
		toc_time held = held_deadline(flow->session);
		due = held < due ? held : due;
	}
	if (flow->session && flow->session->inners) {
		toc_time inner = inner_deadline(flow->session);
		due = inner < due ? inner : due;
	}
	return due;
}

void flow_due(struct toc_flows *f, struct flow *flow, toc_time at)
{
	bool ends;
	f->depth = flow->depth;
	if (flow->session && flow->session->held)
		held_emit_due(f, flow, at, false);
	if (flow->session && flow->session->inners)
		inner_emit_due(f, flow, at);
	if (flow->report_due && flow->report_due <= at) {
		flow->report_due = 0;
		if (is_open(flow))
			transfer_emit(f, flow, at, false);
	}
	if (end_deadline(flow, &ends) > at) {
		timer_arm(f, flow, flow_deadline(f, flow));
		return;
	}
	flow_end(f, flow, at, flow->ordinal, ends ? TOC_END_CLOSED : TOC_END_TIMEOUT);
}

static void flow_gone(struct toc_flows *f, struct flow *flow)
{
	free(flow->parents);
	flow_remove(f, flow);
}

/* ordinal 0: of the packet at hand (an eviction), else of a timer. */
void flow_end(struct toc_flows *f, struct flow *flow, toc_time at, uint64_t ordinal, enum toc_end why)
{
	if (flow->followed) {
		flow_gone(f, flow);
		return;
	}
	f->at = ordinal ? at : 0;
	f->ordinal = ordinal;
	if (flow->session)
		session_end(f, flow, why);
	bool large = flow->told[0] + flow->told[1] || flow_bytes(flow, 0) + flow_bytes(flow, 1) >= REPORT_BYTES ||
		     flow->seen - flow->born >= report_every;
	if (large && !flow->tunnel && flow_bytes(flow, 0) + flow_bytes(flow, 1))
		transfer_emit(f, flow, ordinal ? at : 0, true);
	tunnel_ended(f, flow, why);
	if (!tunnel_only(flow))
		conn_emit(f, flow, ordinal ? at : 0, ordinal);
	f->count.flows_ended++;
	f->at = 0;
	f->ordinal = 0;
	if (flow->session) {
		session_parse_done(f, flow, why);
	}
	flow_gone(f, flow);
}

static bool is_server_port(const struct toc_flows *f, uint8_t proto, uint16_t port)
{
	size_t bit = (proto == TOC_IPPROTO_UDP ? 65536u : 0u) + port;
	return f->server_ports[bit / 8] >> bit % 8 & 1;
}

/* The first packet's sender is the originator, but for an answer: a SYN-ACK, or a well-known source port. */
static bool starts_with_answer(const struct toc_flows *f, const struct toc_packet *p)
{
	if (p->ip_proto == TOC_IPPROTO_TCP) {
		if ((p->tcp.flags & TOC_SYN) && !(p->tcp.flags & TOC_ACK))
			return false;
		if (!is_server_port(f, p->ip_proto, p->sport))
			return (p->tcp.flags & TOC_SYN) != 0;
		return !is_server_port(f, p->ip_proto, p->dport) || p->sport < p->dport;
	}
	return p->ip_proto == TOC_IPPROTO_UDP && is_server_port(f, p->ip_proto, p->sport) &&
	       !is_server_port(f, p->ip_proto, p->dport);
}

/* Of a side whose peer is not seen, answers with other numbers are to other SYNs: each is a connection. */
static bool is_another_answer(const struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	const struct tcp_end *e = &flow->end[dir], *peer = &flow->end[!dir];
	return !flow->packets[!dir] && peer->state == TCP_INACTIVE && e->seen && flow->syn[dir].seen &&
	       (uint32_t)e->start != p->tcp.seq;
}

/* A SYN on a connection that is over begins a new one, and so does the answer to one that came inside another. */
static bool is_reuse(const struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	const struct tcp_end *peer = &flow->end[!dir];
	if (p->ip_proto != TOC_IPPROTO_TCP || !(p->tcp.flags & TOC_SYN) || (p->tcp.flags & TOC_RST))
		return false;
	if (p->tcp.flags & TOC_ACK)
		return (peer->again && p->tcp.ack == peer->again_seq + 1) || is_another_answer(flow, p, dir);
	return is_gone(&flow->end[TOC_ORIG]) &&
	       (is_gone(&flow->end[TOC_RESP]) || flow->end[TOC_RESP].state == TCP_INACTIVE);
}

static uint32_t payload_of(const struct toc_packet *p)
{
	bool icmp = p->ip_proto == TOC_IPPROTO_ICMP || p->ip_proto == TOC_IPPROTO_ICMP6;
	if (icmp) /* behind type, code, checksum and rest of header */
		return p->payload_len > 8 ? p->payload_len - 8 : 0;
	return p->payload_len;
}

static void take_tcp(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	uint64_t seq = tcp_track(f, flow, p, dir);
	if (!seq)
		return;
	if (!flow->session && !flow->decided && f->config.parse && p->payload_len)
		session_open(f, flow, p);
	if (!flow->session || flow->session->done)
		return;
	/* what the sender acknowledges it had received before it said what it says: questions come before answers */
	if (p->tcp.flags & TOC_ACK)
		stream_acked(f, flow, !dir, flow->end[!dir].ack);
	if (p->payload_len && !flow->session->done)
		stream_segment(f, flow, p, dir, seq);
}

static void take_udp(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	if (!(flow->hist_seen[dir] & HIST_DATA)) {
		flow->hist_seen[dir] |= HIST_DATA;
		flow_history(flow, dir, 'D');
	}
	if (p->tunnel)
		return;
	if (!flow->session && !flow->decided && f->config.parse && p->payload.n)
		session_open(f, flow, p);
	if (flow->session && !flow->session->done && p->payload.n)
		session_datagram(f, flow, dir, p->payload);
}

static struct flow *flow_for(struct toc_flows *f, const struct toc_packet *p, unsigned *dir)
{
	struct flow *flow = flow_find(f, p, dir);
	if (flow && is_reuse(flow, p, *dir)) {
		flow_end(f, flow, p->at, 0, TOC_END_CLOSED);
		flow = NULL;
	}
	if (flow)
		return flow;
	bool flip = starts_with_answer(f, p);
	flow = flow_add(f, p, flip);
	*dir = flip ? TOC_RESP : TOC_ORIG;
	if (flip)
		flow_history(flow, TOC_ORIG, '^');
	return flow;
}

/* Decode leaves the checksum to us where much is let go. */
static bool is_broken(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p)
{
	return p->bad_checksum || (p->unverified.n && !shed_checksum(f, flow, p) && !f->config.verify(p));
}

static void account(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	flow->last = p->ts > flow->last ? p->ts : flow->last;
	flow->seen = p->at;
	if (!flow->packets[dir]++)
		flow->ttl[dir] = p->ttl;
	flow->ip_bytes[dir] += p->ip_len;
	flow->bytes[dir] += payload_of(p);
	if (is_broken(f, flow, p)) {
		f->count.bad_checksum++;
		flow_history_count(flow, dir, COUNT_CHECKSUM, 'C');
	}
}

static void take_payload(struct toc_flows *f, struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	if (p->ip_proto == TOC_IPPROTO_TCP)
		take_tcp(f, flow, p, dir);
	else if (p->ip_proto == TOC_IPPROTO_UDP)
		take_udp(f, flow, p, dir);
	else if (f->config.parse && !p->tunnel)
		flow_message(f, flow, p);
}

static void show(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p, unsigned dir)
{
	const char *service =
		flow->session && flow->session->service[0] ? flow->session->service : flow->message_service;
	const struct toc_packet_about about = { .uid = flow->uid,
						.number = flow->packets[0] + flow->packets[1],
						.before = flow->bytes[dir] - payload_of(p),
						.service = service };
	f->config.tap->see(f->config.tap, p, &about);
}

static void arm(struct toc_flows *f, struct flow *flow)
{
	/* armed earlier than needed is fine: the timer looks again */
	toc_time due = flow_deadline(f, flow);
	if (flow->slot == TOC_NONE_INDEX || due < flow->due)
		timer_arm(f, flow, due);
}

/* Of another stage's flow: only what its end and its tunnel's depend on. */
static uint64_t follow_flow(struct toc_flows *f, const struct toc_packet *p, const struct toc_packet *inner)
{
	unsigned dir;
	f->following = true;
	struct flow *flow = flow_for(f, p, &dir);
	f->following = false;
	flow->seen = p->at;
	flow->tunnel_told |= inner && inner->l3 == TOC_L3_IP;
	arm(f, flow);
	return flow->uid;
}

/* inner: what p carries, or NULL. Returns the flow's uid: the flow itself may move when the next one is opened. */
static uint64_t take_flow(struct toc_flows *f, const struct toc_packet *p, const struct toc_packet *inner,
			  const struct parents *parents)
{
	unsigned dir;
	struct flow *flow = flow_for(f, p, &dir);
	account(f, flow, p, dir);
	sink_enter(f, flow, p, p->ts);
	if (parents->n)
		parents_note(flow, parents);
	if (inner)
		tunnel_seen(f, flow, inner);
	weird_packet(f, flow, p);
	take_payload(f, flow, p, dir);
	if (f->config.tap && !inner)
		show(f, flow, p, dir);
	plan_report(flow);
	arm(f, flow);
	return flow->uid;
}

/* The packets around p, the outermost first. */
static void take_outer(struct toc_flows *f, const struct toc_packet *p, bool ours, struct parents *parents)
{
	if (!p->outer)
		return;
	take_outer(f, p->outer, ours, parents);
	f->depth = parents->n;
	uint64_t uid = ours ? take_flow(f, p->outer, p, parents) : follow_flow(f, p->outer, p);
	parents->uid[parents->n++] = uid;
}

void toc_flows_packet(struct toc_flows *f, const struct toc_packet *p)
{
	toc_flows_shared(f, p, true, true);
}

void toc_flows_shared(struct toc_flows *f, const struct toc_packet *p, bool around, bool inside)
{
	struct parents parents = { .n = 0 };
	timer_run(f, p->at);
	f->count.packets += around;
	take_outer(f, p, around, &parents);
	f->depth = parents.n;
	if (!(p->outer ? inside && !p->again : around)) {
		if (!p->outer && p->l3 == TOC_L3_IP)
			follow_flow(f, p, NULL);
		return;
	}
	if (p->l3 == TOC_L3_IP) {
		take_flow(f, p, NULL, &parents);
		return;
	}
	f->count.no_flow++;
	weird_packet(f, NULL, p);
	if (f->config.parse)
		flow_message(f, NULL, p);
}

void toc_flows_dropped(struct toc_flows *f, const struct toc_packet *p)
{
	weird_packet(f, NULL, p);
}

void toc_flows_advance(struct toc_flows *f, toc_time at)
{
	timer_run(f, at);
}

void toc_flows_finish(struct toc_flows *f, toc_time at)
{
	timer_run(f, at);
	while (f->oldest != TOC_NONE_INDEX) {
		struct flow *flow = &f->flows[f->oldest];
		f->depth = flow->depth;
		flow_end(f, flow, at, flow->ordinal, TOC_END_INPUT);
	}
}
