/* ip6 - Internet Protocol version 6 and its extension headers (RFC 8200, sections 3 and 4). */
#include "decode/fragment.h"
#include "decode/walk.h"

enum { HEADER = 40, MAX_CHAIN = 8, NO_NEXT = 59 };

/* Ends the chain of headers: more is false, and `next` is the upper layer or the frame is dropped. */
struct chain {
	uint8_t next;
	bool more;
	uint32_t unfragmentable; /* bytes of headers before the current one, the fixed one included */
};

/* One extension header: reads it and sets the next. Returns why the frame is dropped. */
typedef enum toc_drop extension(struct walk *w, struct chain *c);

/* Next header and length in units of `unit` bytes beyond `base`: the body as a cursor. */
static struct toc_cursor body(struct walk *w, struct chain *c, size_t unit, size_t base)
{
	c->next = toc_u8(&w->in);
	size_t length = toc_u8(&w->in) * unit + base;
	c->unfragmentable += (uint32_t)length;
	return toc_sub(&w->in, length - 2);
}

static enum toc_drop options(struct walk *w, struct chain *c)
{
	return body(w, c, 8, 8).bad ? TOC_DROP_ip_short : TOC_DROP_none;
}

/* RFC 4302, section 2.2: the length counts words of four bytes, minus two. */
static enum toc_drop authentication(struct walk *w, struct chain *c)
{
	return body(w, c, 4, 8).bad ? TOC_DROP_ip_short : TOC_DROP_none;
}

/*
 * While segments are left, the packet is under way to a router; its final destination is what flows and checksums go
 * by: the last address of type 0 (RFC 2460) and 2 (RFC 6275), the first of type 4 (RFC 8754).
 */
static enum toc_drop routing(struct walk *w, struct chain *c)
{
	struct toc_cursor in = body(w, c, 8, 8);
	if (in.bad)
		return TOC_DROP_ip_short;
	uint8_t type = toc_u8(&in), left = toc_u8(&in);
	if (left == 0)
		return TOC_DROP_none;
	toc_skip(&in, 4);
	size_t addresses = toc_left(&in) / 16;
	if (addresses == 0 || (type != 0 && type != 2 && type != 4)) {
		w->no_checksum = true;
		return TOC_DROP_none;
	}
	if (type != 4)
		toc_skip(&in, (addresses - 1) * 16);
	w->out->dst = toc_addr_v6(toc_take(&in, 16).p);
	return TOC_DROP_none;
}

static enum toc_drop fragment(struct walk *w, struct chain *c)
{
	c->next = toc_u8(&w->in);
	toc_skip(&w->in, 1);
	uint16_t place = toc_be16(&w->in);
	uint32_t id = toc_be32(&w->in);
	if (w->in.bad)
		return TOC_DROP_ip_short;
	if (!(place & ~6u)) /* offset 0 and no more: an atomic fragment is a datagram of its own (RFC 6946) */
		return TOC_DROP_none;
	struct fragment piece = { .version = 6,
				  .protocol = c->next,
				  .id = id,
				  .offset = place & 0xfff8u,
				  .more = place & 1,
				  .header = c->unfragmentable };
	enum toc_drop drop = fragment_add(w, &piece);
	c->next = piece.protocol; /* what follows is told by the first piece, not by the one that came last */
	return drop;
}

static const struct {
	uint8_t number;
	extension *read;
} extensions[] = { { 0, options },	   { 60, options },  { 43, routing }, { 44, fragment },
		   { 51, authentication }, { 135, options }, { 139, options } };

static extension *find(uint8_t number)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (extensions[i].number == number)
			return extensions[i].read;
	return NULL;
}

static enum layer follow(struct walk *w, uint8_t next)
{
	struct chain c = { .next = next, .unfragmentable = HEADER };
	extension *read = find(next);
	for (unsigned n = 0; read; n++) {
		if (n == MAX_CHAIN)
			return walk_drop(w, TOC_DROP_ip6_chain);
		enum toc_drop drop = read(w, &c);
		if (drop == TOC_DROP_ip_short && w->beyond == 0)
			drop = TOC_DROP_ip_header; /* nothing is missing: the header claims more than the packet has */
		if (drop != TOC_DROP_none)
			return walk_drop(w, drop);
		read = find(c.next);
	}
	return walk_ip(w, c.next);
}

enum layer layer_ip6(struct walk *w)
{
	struct toc_packet *out = w->out;
	struct toc_span all = toc_rest(&w->in);
	uint8_t version = (uint8_t)(toc_be32(&w->in) >> 28);
	size_t length = toc_be16(&w->in);
	uint8_t next = toc_u8(&w->in);
	out->ttl = toc_u8(&w->in);
	struct toc_span src = toc_take(&w->in, 16), dst = toc_take(&w->in, 16);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_ip_short);
	if (version != 6)
		return walk_drop(w, TOC_DROP_ip_version);
	if (length == 0 && next != NO_NEXT) /* a jumbogram's (RFC 2675), or offload has not filled it in: the frame's */
		length = walk_wire(w);
	if (length > walk_wire(w))
		return walk_drop(w, TOC_DROP_ip_cut);
	if (walk_wire(w) - length > w->slack)
		return walk_drop(w, TOC_DROP_tunnel_doubt);
	walk_sure(w);
	walk_cut(w, length);
	if (walk_again(w, toc_span_first(all, HEADER + length), 6))
		return walk_drop(w, TOC_DROP_duplicate);
	out->l3 = TOC_L3_IP;
	out->src = toc_addr_v6(src.p);
	out->dst = toc_addr_v6(dst.p);
	out->ip_len = (uint32_t)(HEADER + length);
	return follow(w, next);
}
