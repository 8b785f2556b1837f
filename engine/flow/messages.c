/* messages - decoders of what is neither TCP nor UDP: ARP, link protocols, ICMP, other IP protocols. */
#include "flow/table.h"

static enum toc_carrier carrier_of(const struct toc_packet *p)
{
	if (p->l3 == TOC_L3_ARP)
		return TOC_OVER_ARP;
	if (p->l3 == TOC_L3_LINK)
		return TOC_OVER_LINK;
	if (p->ip_proto == TOC_IPPROTO_ICMP)
		return TOC_OVER_ICMP4;
	return p->ip_proto == TOC_IPPROTO_ICMP6 ? TOC_OVER_ICMP6 : TOC_OVER_IP;
}

static bool names_protocol(const struct toc_decoder *d, const struct toc_packet *p, enum toc_carrier carrier)
{
	if (carrier == TOC_OVER_IP) {
		const uint8_t *at = d->ip_protocols;
		while (at && *at && *at != p->ip_proto)
			at++;
		return at && *at;
	}
	if (carrier != TOC_OVER_LINK)
		return true;
	const uint64_t *at = d->links;
	while (at && *at && *at != p->link)
		at++;
	return at && *at;
}

void flow_message(struct toc_flows *f, struct flow *flow, const struct toc_packet *p)
{
	enum toc_carrier carrier = carrier_of(p);
	struct decoder_set asked = candidates_over(f, carrier);
	bool taken = false;
	for (unsigned i; (i = decoder_set_pop(&asked)) < f->ndecoders;) {
		if (!names_protocol(f->decoders[i], p, carrier))
			continue;
		struct toc_cursor c = toc_cursor_of(p->payload);
		taken = true;
		if (!candidates_wanted(f, i) && (!flow || flow->message_service))
			continue; /* there is no service to be named any more */
		f->now = flow;
		f->message_decoder = i + 1;
		f->info = (struct toc_flow_info){ .orig = p->src,
						  .resp = p->dst,
						  .orig_port = p->sport,
						  .resp_port = p->dport,
						  .carrier = carrier,
						  .packet = p,
						  .start = flow ? flow->first : p->ts };
		f->sink.ts = p->ts;
		f->decoders[i]->parse(NULL, &c, TOC_ORIG, &f->sink);
		f->message_decoder = 0;
	}
	if (!taken && carrier == TOC_OVER_LINK)
		f->count.no_link_decoder++;
}
