/* decode - the walk from link type to view, and the count of how each frame ended. */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/checksum.h"
#include "decode/duplicate.h"
#include "decode/fragment.h"
#include "decode/walk.h"

#define MAX_LAYERS	24 /* work per frame; a real one has 3 to 8 */
#define LEAST_ETHERTYPE 1536

struct toc_decode {
	struct toc_decode_counters count;
	struct fragments *fragments;
	struct duplicates *duplicates;
	struct toc_packet outer[TOC_TUNNEL_DEPTH];
	bool network_key, lazy;
};

struct next {
	uint16_t number;
	uint8_t layer;
};

#define LINKTYPE(number, layer) { number, LAYER_##layer },
static const struct next linktypes[] = {
#include "decode/layers.def"
};
#define ETHERTYPE(number, layer) { number, LAYER_##layer },
static const struct next ethertypes[] = {
#include "decode/layers.def"
};
#define PPP_PROTOCOL(number, layer) { number, LAYER_##layer },
static const struct next ppp_protocols[] = {
#include "decode/layers.def"
};
#define IP_PROTOCOL(number, layer) { number, LAYER_##layer },
static const struct next ip_protocols[] = {
#include "decode/layers.def"
};
#define GRE_PROTOCOL(number, layer) { number, LAYER_##layer },
static const struct next gre_protocols[] = {
#include "decode/layers.def"
};
#define UDP_PORT(number, layer) { number, LAYER_##layer },
static const struct next udp_ports[] = {
#include "decode/layers.def"
};
#define LAYER(name) [LAYER_##name] = layer_##name,
static enum layer (*const layers[LAYER_COUNT])(struct walk *) = {
#include "decode/layers.def"
};

static const char *const names[TOC_NDROPS][2] = {
	{ "none", "a packet view" },
#define DROP(name, text) { #name, text },
#include "decode/drop.def"
#undef DROP
};

const char *toc_drop_name(enum toc_drop drop)
{
	return names[drop][0];
}

const char *toc_drop_text(enum toc_drop drop)
{
	return names[drop][1];
}

/* LAYER_end when the number is not in the table. */
static enum layer find(const struct next *table, size_t n, unsigned number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return table[i].layer;
	return LAYER_end;
}

#define FIND(table, number) find(table, sizeof(table) / sizeof((table)[0]), number)

enum layer walk_ethertype(struct walk *w, uint16_t type)
{
	enum layer layer = FIND(ethertypes, type);
	if (layer != LAYER_end)
		return layer;
	if (type > 1500)
		return type < LEAST_ETHERTYPE ? walk_drop(w, TOC_DROP_ethertype) : walk_link(w, type);
	if (type < walk_wire(w))
		walk_cut(w, type);
	return LAYER_llc;
}

enum layer walk_ppp(struct walk *w, uint16_t protocol)
{
	enum layer layer = FIND(ppp_protocols, protocol);
	return layer != LAYER_end ? layer : walk_link(w, TOC_LINK_PPP(protocol));
}

enum layer walk_ip(struct walk *w, uint8_t protocol)
{
	enum layer layer = FIND(ip_protocols, protocol);
	w->out->ip_proto = protocol;
	return layer != LAYER_end ? layer : LAYER_other;
}

enum layer walk_gre(uint16_t type)
{
	return FIND(gre_protocols, type);
}

enum layer walk_udp(struct walk *w)
{
	enum layer layer = FIND(udp_ports, w->out->dport);
	if (layer == LAYER_end)
		layer = FIND(udp_ports, w->out->sport);
	return layer != LAYER_end ? layer : looks_like_teredo(w) ? LAYER_teredo : LAYER_end;
}

bool walk_again(struct walk *w, struct toc_span packet, uint8_t version)
{
	if (!w->duplicates || !duplicates_seen(w->duplicates, w->out, packet, version))
		return false;
	w->out->again = w->depth > 0;
	return !w->depth;
}

enum layer walk_link(struct walk *w, uint64_t protocol)
{
	w->out->l3 = TOC_L3_LINK;
	w->out->link = protocol;
	w->out->payload = toc_rest(&w->in);
	w->out->payload_len = (uint32_t)walk_wire(w);
	return LAYER_end;
}

struct toc_decode *toc_decode_new(const struct toc_decode_config *config, const struct toc_hash_key *key)
{
	struct toc_decode *d = calloc(1, sizeof(*d));
	if (!d)
		abort();
	d->network_key = config->network_key;
	d->fragments = fragments_new(config, key, &d->count);
	d->duplicates = config->duplicate_within ? duplicates_new(config->duplicate_within, key) : NULL;
	if (!d->fragments || (config->duplicate_within && !d->duplicates))
		abort();
	return d;
}

void toc_decode_free(struct toc_decode *d)
{
	if (!d)
		return;
	fragments_free(d->fragments);
	duplicates_free(d->duplicates);
	free(d);
}

/* A tunnel's port told of a packet, and what was found may be anything: only IP and ARP are believed there. */
static bool is_believed(const struct walk *w)
{
	static const uint8_t for_ip[] = { 0, 1, 8, 0, 6, 4 };
	if (w->out->l3 == TOC_L3_ARP && w->out->payload.n >= sizeof(for_ip))
		return memcmp(w->out->payload.p, for_ip, sizeof(for_ip)) == 0;
	return w->sure == w->depth || w->slack == WALK_ANY;
}

/* The walk ended inside a tunnel without a view: the packet around it is what is left. */
static void fall_back(struct toc_decode *d, struct walk *w)
{
	bool sure = w->sure == w->depth;
	if (sure)
		d->count.inner_drops[w->drop] += !w->frame->elsewhere;
	const char *weird = sure ? w->out->weird : NULL;
	*w->out = *w->out->outer;
	w->depth--;
	if (!sure)
		w->out->tunnel = TOC_TUNNEL_NONE;
	if (weird)
		w->out->weird = weird;
}

static enum toc_drop walk(struct toc_decode *d, struct walk *w)
{
	enum layer layer = FIND(linktypes, w->frame->linktype);
	if (layer == LAYER_end)
		return TOC_DROP_link_type;
	for (unsigned n = 0; layer != LAYER_end; n++)
		layer = n == MAX_LAYERS ? walk_drop(w, TOC_DROP_layers) : layers[layer](w);
	if (!w->depth)
		return w->drop;
	if (w->drop != TOC_DROP_none || !is_believed(w))
		fall_back(d, w);
	return TOC_DROP_none;
}

enum toc_drop toc_decode(struct toc_decode *d, const struct toc_frame *frame, struct toc_packet *out)
{
	size_t captured = frame->bytes.n;
	struct walk w = {
		.in = toc_cursor_of(frame->bytes),
		.beyond = frame->wire_len > captured ? frame->wire_len - captured : 0,
		.frame = frame,
		.out = out,
		.fragments = d->fragments,
		.duplicates = d->duplicates,
		.outer = d->outer,
		.slack = WALK_ANY,
		.network_key = d->network_key,
		.lazy = d->lazy,
	};
	*out = (struct toc_packet){
		.at = frame->at, .ts = frame->ts, .ordinal = frame->ordinal, .iface = frame->iface
	};
	enum toc_drop drop = walk(d, &w);
	if (frame->elsewhere)
		return drop;
	d->count.seen++;
	d->count.again += drop == TOC_DROP_none && out->again;
	if (drop == TOC_DROP_none)
		d->count.packets++;
	else
		d->count.drops[drop]++;
	return drop;
}

void toc_decode_lazy(struct toc_decode *d, bool lazy)
{
	d->lazy = lazy;
}

bool toc_decode_verify(const struct toc_packet *p)
{
	return checksum_transport(p, p->unverified);
}

const struct toc_decode_counters *toc_decode_count(const struct toc_decode *d)
{
	return &d->count;
}
