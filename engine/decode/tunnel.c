/* tunnel - packets in packets: IP in IP (RFC 2003, 2473, 4213), MPLS in IP (RFC 4023), EtherIP (RFC 3378). */
#include "base/hash.h"
#include "decode/walk.h"

/*
 * How many bytes may follow the inner IP packet. A UDP port tells little: there, an IP header must account for all
 * bytes, or for all but what pads a frame.
 */
enum { PADDED = 64 };
static const size_t slack[TOC_NTUNNELS] = {
	[TOC_TUNNEL_IP] = WALK_ANY,   [TOC_TUNNEL_GRE] = WALK_ANY,  [TOC_TUNNEL_VXLAN] = PADDED,
	[TOC_TUNNEL_GENEVE] = PADDED, [TOC_TUNNEL_CAPWAP] = PADDED, [TOC_TUNNEL_L2TP] = PADDED,
};

/*
 * The same for both directions. With the outer pair in it, a flow is whole in the worker that the pair is spread to.
 * The network is in it where that is asked for: a gateway that routes between two sends each direction in the network
 * of its receiver (RFC 9135, section 4.2).
 */
static uint64_t path_of(const struct toc_packet *outer, enum toc_tunnel type, uint32_t network)
{
	bool swap = memcmp(outer->src.b, outer->dst.b, 16) > 0;
	struct toc_addr pair[2] = { swap ? outer->dst : outer->src, swap ? outer->src : outer->dst };
	uint64_t h = toc_hash_mix(toc_hash_fixed(pair, sizeof(pair)), outer->path);
	h = toc_hash_mix(h, (uint64_t)type << 32 | network);
	return h ? h : 1;
}

enum layer walk_tunnel(struct walk *w, enum toc_tunnel type, uint32_t network, enum layer inner)
{
	struct toc_packet *out = w->out;
	if (w->depth == TOC_TUNNEL_DEPTH) {
		walk_weird(w, "exceeded_tunnel_max_depth");
		return LAYER_end;
	}
	struct toc_packet *outer = &w->outer[w->depth++];
	*outer = *out;
	outer->tunnel = (uint8_t)type;
	*out = (struct toc_packet){ .at = outer->at,
				    .ts = outer->ts,
				    .ordinal = outer->ordinal,
				    .iface = outer->iface,
				    .outer = outer,
				    .path = path_of(outer, type, w->network_key ? network : 0) };
	w->slack = slack[type];
	w->no_checksum = false;
	return inner;
}

enum layer layer_ip_in_ip(struct walk *w)
{
	walk_done(w);
	return walk_tunnel(w, TOC_TUNNEL_IP, 0, LAYER_ip4);
}

enum layer layer_ip6_in_ip(struct walk *w)
{
	walk_done(w);
	return walk_tunnel(w, TOC_TUNNEL_IP, 0, LAYER_ip6);
}

enum layer layer_mpls_in_ip(struct walk *w)
{
	walk_done(w);
	return walk_tunnel(w, TOC_TUNNEL_IP, 0, LAYER_mpls);
}

/* RFC 3378, section 3: version 3 and twelve bits of nothing. */
enum layer layer_ether_ip(struct walk *w)
{
	walk_done(w);
	if (toc_be16(&w->in) != 0x3000 || w->in.bad)
		return LAYER_end;
	return walk_tunnel(w, TOC_TUNNEL_IP, 0, LAYER_ethernet);
}
