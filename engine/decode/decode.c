/* decode - the walk from link type to view, and the count of how each frame ended. */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/fragment.h"
#include "decode/walk.h"

#define MAX_LAYERS	24 /* work per frame; a real one has 3 to 8 */
#define LEAST_ETHERTYPE 1536

struct toc_decode {
	struct toc_decode_counters count;
	struct fragments *fragments;
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
	d->fragments = fragments_new(config, key, &d->count);
	if (!d->fragments)
		abort();
	return d;
}

void toc_decode_free(struct toc_decode *d)
{
	if (!d)
		return;
	fragments_free(d->fragments);
	free(d);
}

static enum toc_drop walk(struct walk *w)
{
	enum layer layer = FIND(linktypes, w->frame->linktype);
	if (layer == LAYER_end)
		return TOC_DROP_link_type;
	for (unsigned n = 0; layer != LAYER_end; n++) {
		if (n == MAX_LAYERS)
			return TOC_DROP_layers;
		layer = layers[layer](w);
	}
	return w->drop;
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
	};
	*out = (struct toc_packet){
		.at = frame->at, .ts = frame->ts, .ordinal = frame->ordinal, .iface = frame->iface
	};
	enum toc_drop drop = walk(&w);
	d->count.seen++;
	if (drop == TOC_DROP_none)
		d->count.packets++;
	else
		d->count.drops[drop]++;
	return drop;
}

const struct toc_decode_counters *toc_decode_count(const struct toc_decode *d)
{
	return &d->count;
}
