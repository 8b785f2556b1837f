/* tunnel - flows whose packets carry packets of other flows: tunnel events (Zeek's), and who carries whom. */
#include <stdlib.h>

#include "flow/table.h"

/* Zeek's names for the type and, where the outer flow is one of UDP, for its service. */
static const struct {
	const char *type, *service;
} kinds[TOC_NTUNNELS] = {
	[TOC_TUNNEL_IP] = { "Tunnel::IP", NULL },
	[TOC_TUNNEL_GRE] = { "Tunnel::GRE", NULL },
	[TOC_TUNNEL_VXLAN] = { "Tunnel::VXLAN", "vxlan" },
	[TOC_TUNNEL_GENEVE] = { "Tunnel::GENEVE", "geneve" },
	[TOC_TUNNEL_GTP] = { "Tunnel::GTPv1", "gtpv1" },
	[TOC_TUNNEL_TEREDO] = { "Tunnel::TEREDO", "teredo" },
	[TOC_TUNNEL_AYIYA] = { "Tunnel::AYIYA", "ayiya" },
	[TOC_TUNNEL_L2TP] = { "Tunnel::L2TP", "l2tp" },
	[TOC_TUNNEL_CAPWAP] = { "Tunnel::CAPWAP", "capwap" },
};

static void tell(struct toc_flows *f, const struct flow *flow, toc_time ts, const char *type, const char *action)
{
	struct toc_draft *d = &f->body_draft;
	toc_draft_begin(d, f->map, EV_TUNNEL);
	d->head.at = f->at;
	d->head.ordinal = f->ordinal;
	d->head.ts = ts;
	d->head.uid = flow->uid;
	flow_put_ends(flow, d, FU_ORIG_H);
	toc_put_cstr(d, FU_TYPE, type);
	toc_put_cstr(d, FU_ACTION, action);
	flow_emit(f, d);
}

/* As in Zeek, a tunnel is told of when it carries a flow; one that carries only ARP so far has a service. */
void tunnel_seen(struct toc_flows *f, struct flow *flow, const struct toc_packet *inner)
{
	if (!flow->tunnel) {
		flow->tunnel = inner->outer->tunnel;
		flow->message_service = kinds[flow->tunnel].service;
		f->count.tunnels++;
	}
	if (flow->tunnel_told || inner->l3 != TOC_L3_IP)
		return;
	flow->tunnel_told = true;
	tell(f, flow, inner->ts, kinds[flow->tunnel].type, "Tunnel::DISCOVER");
}

void tunnel_ended(struct toc_flows *f, struct flow *flow, enum toc_end why)
{
	if (!flow->tunnel_told)
		return;
	if (!tunnel_only(flow))
		tell(f, flow, flow->last, kinds[flow->tunnel].type, "Tunnel::CLOSE");
	else if (why != TOC_END_INPUT)
		tell(f, flow, flow->last, kinds[flow->tunnel].type, "Tunnel::EXPIRE");
}

/* What a decoder saw set up, told once a day of a client and its proxy: the flow goes on as one, nothing is closed. */
void tunnel_by_decoder(struct toc_sink *sink, const char *type)
{
	struct toc_flows *f = flows_of(sink);
	f->count.tunnels++;
	uint64_t name = toc_hash_mix(toc_hash_fixed(type, strlen(type)), f->now->port[TOC_RESP]);
	if (!told_of_pair(f, name, f->now->addr, f->now->seen, TOC_DAY))
		tell(f, f->now, sink->ts, type, "Tunnel::DISCOVER");
}

void parents_note(struct flow *flow, const struct parents *p)
{
	if (!flow->parents)
		flow->parents = calloc(1, sizeof(*flow->parents));
	struct parents *all = flow->parents;
	for (unsigned i = 0; all && i < p->n; i++) {
		unsigned at = 0;
		while (at < all->n && all->uid[at] != p->uid[i])
			at++;
		if (at == all->n && at < TOC_PARENTS)
			all->uid[all->n++] = p->uid[i];
	}
}
