/* table - flows by the unordered pair of end points; the oldest goes when the table is full. */
#include "flow/table.h"

#include <stdlib.h>

enum { FIRST = 1024 };

/* The lower end first, so that both directions are the same key. */
struct flow_key {
	struct toc_addr low, high;
	uint16_t low_port, high_port;
	uint8_t proto, one_way, zero[2];
	uint64_t path;
};

static const struct {
	uint8_t type, counterpart;
	bool icmp6;
} icmp_pairs[] = { { 8, 0, false },    { 13, 14, false },  { 15, 16, false },  { 17, 18, false },
		   { 10, 9, false },   { 128, 129, true }, { 133, 134, true }, { 135, 136, true },
		   { 130, 131, true }, { 139, 140, true }, { 144, 145, true } };

/* ICMP: the type that answers this one becomes the other "port" (Zeek's convention); else type and code, one-way. */
static void icmp_ports(const struct toc_packet *p, uint16_t port[2], bool *one_way)
{
	bool icmp6 = p->ip_proto == TOC_IPPROTO_ICMP6;
	port[0] = p->sport;
	for (size_t i = 0; i < sizeof(icmp_pairs) / sizeof(icmp_pairs[0]); i++) {
		if (icmp_pairs[i].icmp6 != icmp6 ||
		    (icmp_pairs[i].type != p->sport && icmp_pairs[i].counterpart != p->sport))
			continue;
		port[1] = icmp_pairs[i].type == p->sport ? icmp_pairs[i].counterpart : icmp_pairs[i].type;
		*one_way = false;
		return;
	}
	port[1] = p->dport;
	*one_way = true;
}

static void ports_of(const struct toc_packet *p, uint16_t port[2], bool *one_way)
{
	*one_way = false;
	port[0] = p->sport;
	port[1] = p->dport;
	if (p->ip_proto == TOC_IPPROTO_ICMP || p->ip_proto == TOC_IPPROTO_ICMP6)
		icmp_ports(p, port, one_way);
}

/* Where a flow is, beside its ends. */
static uint64_t path_of(const struct toc_flows *f, const struct toc_packet *p)
{
	if (!f->config.vlan_key || !(p->vlan | p->inner_vlan))
		return p->path;
	return toc_hash_mix(p->path, (uint64_t)p->vlan << 16 | p->inner_vlan);
}

/* dir = 0 when the source is the lower end. */
static unsigned make_key(const struct toc_packet *p, const uint16_t port[2], bool one_way, uint64_t path,
			 struct flow_key *k)
{
	int c = memcmp(p->src.b, p->dst.b, 16);
	bool low = one_way || c < 0 || (c == 0 && port[0] <= port[1]);
	*k = (struct flow_key){ low ? p->src : p->dst,
				low ? p->dst : p->src,
				low ? port[0] : port[1],
				low ? port[1] : port[0],
				p->ip_proto,
				one_way,
				{ 0 },
				path };
	return low ? 0 : 1;
}

static bool same(const struct flow *flow, const struct toc_packet *p, const uint16_t port[2], uint64_t path,
		 unsigned *dir)
{
	if (flow->proto != p->ip_proto || flow->path != path)
		return false;
	if (flow->port[0] == port[0] && flow->port[1] == port[1] && toc_addr_eq(&flow->addr[0], &p->src) &&
	    toc_addr_eq(&flow->addr[1], &p->dst)) {
		*dir = TOC_ORIG;
		return true;
	}
	*dir = TOC_RESP;
	return !flow->one_way && flow->port[1] == port[0] && flow->port[0] == port[1] &&
	       toc_addr_eq(&flow->addr[1], &p->src) && toc_addr_eq(&flow->addr[0], &p->dst);
}

static uint32_t hash_of(const struct toc_flows *f, const struct flow_key *k)
{
	return (uint32_t)toc_hash(&f->key, k, sizeof(*k));
}

static int32_t *bucket_of_flow(struct toc_flows *f, const struct flow *flow)
{
	struct toc_packet p = {
		.src = flow->addr[0], .dst = flow->addr[1], .ip_proto = flow->proto, .path = flow->path
	};
	struct flow_key k;
	make_key(&p, flow->port, flow->one_way, flow->path, &k);
	return &f->buckets[hash_of(f, &k) & (f->nbuckets - 1)];
}

struct flow *flow_find(struct toc_flows *f, const struct toc_packet *p, unsigned *dir)
{
	uint16_t port[2];
	bool one_way;
	struct flow_key k;
	uint64_t path = path_of(f, p);
	ports_of(p, port, &one_way);
	make_key(p, port, one_way, path, &k);
	if (!f->nbuckets)
		return NULL;
	for (int32_t i = f->buckets[hash_of(f, &k) & (f->nbuckets - 1)]; i != TOC_NONE_INDEX;
	     i = f->flows[i].bucket_next)
		if (f->flows[i].one_way == one_way && same(&f->flows[i], p, port, path, dir))
			return &f->flows[i];
	return NULL;
}

static void grow(struct toc_flows *f)
{
	uint32_t room = f->room ? 2 * f->room : FIRST, nbuckets = f->nbuckets ? f->nbuckets : FIRST;
	if (room > f->config.flows)
		room = (uint32_t)f->config.flows;
	while (nbuckets < room)
		nbuckets *= 2;
	struct flow *flows = realloc(f->flows, room * sizeof(*flows));
	if (!flows)
		return; /* the table stays as large as it is: the oldest goes */
	f->flows = flows;
	f->room = room;
	if (nbuckets == f->nbuckets)
		return;
	int32_t *buckets = malloc(nbuckets * sizeof(*buckets));
	if (!buckets)
		return;
	free(f->buckets);
	f->buckets = buckets;
	f->nbuckets = nbuckets;
	for (uint32_t i = 0; i < nbuckets; i++)
		buckets[i] = TOC_NONE_INDEX;
	for (int32_t i = f->oldest; i != TOC_NONE_INDEX; i = f->flows[i].newer) {
		int32_t *b = bucket_of_flow(f, &f->flows[i]);
		f->flows[i].bucket_next = *b;
		*b = i;
	}
}

/*
 * A half-open flow, else the oldest: an attacker's SYNs go before sessions. The search goes on where the last one
 * stopped, so that sessions, of which a flood leaves nothing else at the old end, are passed over once a round.
 */
static struct flow *victim(struct toc_flows *f)
{
	enum { TRIES = 1024 };
	int32_t i = f->hand;
	for (unsigned tries = 0; tries < TRIES; tries++) {
		if (i == TOC_NONE_INDEX)
			i = f->oldest;
		struct flow *flow = &f->flows[i];
		f->hand = flow->newer;
		if (flow->packets[1] == 0)
			return flow;
		i = flow->newer;
	}
	return &f->flows[f->oldest];
}

static int32_t place(struct toc_flows *f, const struct toc_packet *p)
{
	if (f->free == TOC_NONE_INDEX && f->used == f->room && f->room < f->config.flows)
		grow(f);
	if (f->free == TOC_NONE_INDEX && f->used == f->room) {
		f->count.flows_evicted++;
		flow_end(f, victim(f), p->at, 0, TOC_END_EVICTED);
	}
	int32_t i = f->free;
	if (i != TOC_NONE_INDEX)
		f->free = f->flows[i].bucket_next;
	else
		i = (int32_t)f->used;
	f->used++;
	return i;
}

static uint64_t make_uid(const struct toc_flows *f, const struct flow *flow)
{
	uint64_t h = toc_hash_fixed(flow->addr, sizeof(flow->addr));
	h = toc_hash_mix(h, (uint64_t)flow->port[0] << 32 | (uint64_t)flow->port[1] << 16 | flow->proto);
	h = toc_hash_mix(h, (uint64_t)flow->born);
	h = toc_hash_mix(h, flow->ordinal);
	h = toc_hash_mix(h, f->config.sensor ^ flow->iface);
	if (flow->path)
		h = toc_hash_mix(h, flow->path);
	return h ? h : 1;
}

struct flow *flow_add(struct toc_flows *f, const struct toc_packet *p, bool flip)
{
	int32_t i = place(f, p);
	struct flow *flow = &f->flows[i];
	uint16_t port[2];
	memset(flow, 0, sizeof(*flow));
	ports_of(p, port, &flow->one_way);
	flow->addr[flip] = p->src;
	flow->addr[!flip] = p->dst;
	flow->port[flip] = port[0];
	flow->port[!flip] = port[1];
	flow->mac[flip] = p->src_mac;
	flow->mac[!flip] = p->dst_mac;
	flow->proto = p->ip_proto;
	flow->first = flow->last = p->ts;
	flow->born = flow->seen = p->at;
	flow->ordinal = p->ordinal;
	flow->path = path_of(f, p);
	flow->iface = p->iface;
	flow->vlan = p->vlan;
	flow->inner_vlan = p->inner_vlan;
	flow->flipped = flip;
	flow->depth = (uint8_t)f->depth;
	flow->followed = f->following;
	flow->slot = TOC_NONE_INDEX;
	flow->uid = make_uid(f, flow);
	int32_t *b = bucket_of_flow(f, flow);
	flow->bucket_next = *b;
	*b = i;
	flow->newer = TOC_NONE_INDEX;
	flow->older = f->newest;
	*(f->newest == TOC_NONE_INDEX ? &f->oldest : &f->flows[f->newest].newer) = i;
	f->newest = i;
	f->count.flows_new += !f->following;
	return flow;
}

void flow_remove(struct toc_flows *f, struct flow *flow)
{
	int32_t i = flow_index(f, flow), *at = bucket_of_flow(f, flow);
	timer_disarm(f, flow);
	if (f->hand == i)
		f->hand = flow->newer;
	while (*at != i)
		at = &f->flows[*at].bucket_next;
	*at = flow->bucket_next;
	*(flow->newer == TOC_NONE_INDEX ? &f->newest : &f->flows[flow->newer].older) = flow->older;
	*(flow->older == TOC_NONE_INDEX ? &f->oldest : &f->flows[flow->older].newer) = flow->newer;
	flow->bucket_next = f->free;
	f->free = i;
	f->used--;
}
