/* ip4 - Internet Protocol version 4 (RFC 791, section 3.1). */
#include "decode/checksum.h"
#include "decode/fragment.h"
#include "decode/walk.h"

enum { MORE = 0x2000, OFFSET = 0x1fff, LEAST = 20 };

/* The lengths of the header: whether they agree with each other and with the frame. */
static enum toc_drop check_lengths(const struct walk *w, struct toc_span head, size_t header, size_t *total)
{
	if (head.p[0] >> 4 != 4)
		return TOC_DROP_ip_version;
	if (*total == 0) /* segmentation offload: the capturing machine had not filled it in yet */
		*total = walk_wire(w);
	if (header < LEAST || *total < header)
		return TOC_DROP_ip_header;
	if (*total > walk_wire(w))
		return TOC_DROP_ip_cut;
	return header > toc_left(&w->in) ? TOC_DROP_ip_short : TOC_DROP_none;
}

enum layer layer_ip4(struct walk *w)
{
	struct toc_packet *out = w->out;
	struct toc_cursor in = w->in;
	struct toc_span head = toc_rest(&in);
	size_t header = (toc_u8(&in) & 0xfu) * 4u;
	toc_skip(&in, 1);
	size_t total = toc_be16(&in);
	uint16_t id = toc_be16(&in), place = toc_be16(&in);
	out->ttl = toc_u8(&in);
	uint8_t protocol = toc_u8(&in);
	toc_skip(&in, 2);
	struct toc_span src = toc_take(&in, 4), dst = toc_take(&in, 4);
	if (in.bad)
		return walk_drop(w, TOC_DROP_ip_short);
	enum toc_drop wrong = check_lengths(w, head, header, &total);
	if (wrong == TOC_DROP_none && walk_wire(w) - total > w->slack)
		wrong = TOC_DROP_tunnel_doubt;
	if (wrong != TOC_DROP_none)
		return walk_drop(w, wrong);
	walk_sure(w);
	out->l3 = TOC_L3_IP;
	out->src = toc_addr_v4(src.p);
	out->dst = toc_addr_v4(dst.p);
	out->ip_len = (uint32_t)total;
	out->bad_checksum = checksum_fold(checksum_add(0, toc_span_first(head, header))) != 0xffff;
	walk_cut(w, total);
	if (walk_again(w, toc_rest(&w->in), 4))
		return walk_drop(w, TOC_DROP_duplicate);
	toc_skip(&w->in, header);
	if (!(place & (MORE | OFFSET)))
		return walk_ip(w, protocol);
	struct fragment piece = { .version = 4,
				  .protocol = protocol,
				  .id = id,
				  .offset = (place & OFFSET) * 8u,
				  .more = place & MORE,
				  .header = (uint32_t)header };
	wrong = fragment_add(w, &piece);
	return wrong == TOC_DROP_none ? walk_ip(w, protocol) : walk_drop(w, wrong);
}
