/* transport - TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, RFC 4443) and all the rest. */
#include "decode/checksum.h"
#include "decode/walk.h"

/* A header that is not all there: cut by the snap length, or too long for its packet. */
static enum layer incomplete(struct walk *w)
{
	return walk_drop(w, w->beyond ? TOC_DROP_transport_short : TOC_DROP_transport_header);
}

/* Looks at the whole of header and payload, before either is read; only where all of it was captured. */
static void verify(struct walk *w, struct toc_span bytes)
{
	if (w->beyond || w->no_checksum)
		return;
	if (w->lazy)
		w->out->unverified = bytes;
	else if (!checksum_transport(w->out, bytes))
		w->out->bad_checksum = true;
}

enum layer layer_tcp(struct walk *w)
{
	enum { LEAST = 20 };
	struct toc_packet *out = w->out;
	struct toc_span all = toc_rest(&w->in);
	size_t wire = walk_wire(w);
	out->sport = toc_be16(&w->in);
	out->dport = toc_be16(&w->in);
	out->tcp.seq = toc_be32(&w->in);
	out->tcp.ack = toc_be32(&w->in);
	size_t header = (toc_u8(&w->in) >> 4) * 4u;
	out->tcp.flags = toc_u8(&w->in) & 0x3f;
	out->tcp.window = toc_be16(&w->in);
	toc_skip(&w->in, 2);
	out->tcp.urgent = toc_be16(&w->in);
	if (w->in.bad)
		return incomplete(w);
	if (header < LEAST || header > wire)
		return walk_drop(w, TOC_DROP_transport_header);
	verify(w, all);
	size_t left = toc_left(&w->in), options = header - LEAST;
	if (options > left) { /* cut within the options: no payload was captured, but how much there was is known */
		toc_skip(&w->in, left);
		w->beyond -= options - left;
		return walk_done(w);
	}
	out->tcp.options = toc_take(&w->in, options);
	return walk_done(w);
}

enum layer layer_udp(struct walk *w)
{
	enum { HEADER = 8 };
	struct toc_packet *out = w->out;
	struct toc_cursor in = w->in;
	out->sport = toc_be16(&in);
	out->dport = toc_be16(&in);
	size_t length = toc_be16(&in);
	uint16_t sum = toc_be16(&in);
	if (in.bad)
		return incomplete(w);
	/* a length of 0 is a jumbogram's or an offload's; one beyond the packet is a lie: both go by the IP length */
	if (length != 0 && length < HEADER)
		return walk_drop(w, TOC_DROP_transport_header);
	if (length >= HEADER && length < walk_wire(w))
		walk_cut(w, length);
	if (sum != 0 || !toc_addr_is_v4(&out->src))
		verify(w, toc_rest(&w->in));
	toc_skip(&w->in, HEADER);
	walk_done(w);
	return walk_udp(w);
}

/* ICMP for both versions: type and code stand for ports, and the payload begins with the ICMP header. */
enum layer layer_icmp(struct walk *w)
{
	struct toc_packet *out = w->out;
	struct toc_cursor in = w->in;
	out->sport = toc_u8(&in);
	out->dport = toc_u8(&in);
	toc_skip(&in, 6);
	if (in.bad)
		return incomplete(w);
	struct toc_span all = toc_rest(&w->in);
	if (out->ip_proto == TOC_IPPROTO_ICMP6)
		verify(w, all);
	else if (w->beyond == 0 && checksum_fold(checksum_add(0, all)) != 0xffff)
		out->bad_checksum = true;
	return walk_done(w);
}

/* Protocols without ports that flows know: IGMP, GRE, ESP, SCTP … */
enum layer layer_other(struct walk *w)
{
	return walk_done(w);
}
