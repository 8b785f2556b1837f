/* dns_edns - what the OPT record says (RFC 6891, section 6.1; client subnet: RFC 7871; errors: RFC 8914). */
#include "decoders/dns.h"

#include "tocsin/addr.h"

enum { SIZE, DNSSEC_OK, OPTIONS, CLIENT_SUBNET, ERROR, RCODE };
enum { OPTION_SUBNET = 8, OPTION_ERROR = 15, OPTIONS_MOST = 16 };

/* The address is cut behind the last bit that counts. */
static void put_subnet(struct toc_draft *d, unsigned field, struct toc_cursor v)
{
	struct toc_dns_text text = { .n = 0 };
	uint8_t bytes[16] = { 0 };
	char addr[TOC_ADDR_TEXT];
	uint16_t family = toc_be16(&v);
	uint8_t bits = toc_u8(&v);
	toc_skip(&v, 1);
	struct toc_span part = toc_rest(&v);
	if (v.bad || (family != 1 && family != 2) || part.n > (family == 1 ? 4 : 16) || bits > (family == 1 ? 32 : 128))
		return;
	if (part.n)
		memcpy(bytes, part.p, part.n);
	struct toc_addr a = family == 1 ? toc_addr_v4(bytes) : toc_addr_v6(bytes);
	toc_dns_text_span(&text, toc_span_of(addr, toc_addr_print(&a, addr)));
	toc_dns_text_str(&text, "/");
	toc_dns_text_uint(&text, bits);
	toc_put_str(d, field, toc_span_of(text.b, text.n));
}

static void read_options(struct toc_draft *d, unsigned first, struct toc_cursor c)
{
	bool list = !toc_draft_find(d, first + OPTIONS);
	for (unsigned i = 0; i < OPTIONS_MOST && toc_left(&c) >= 4; i++) {
		uint16_t code = toc_be16(&c), n = toc_be16(&c);
		struct toc_cursor v = toc_sub(&c, n);
		if (c.bad)
			return;
		if (list)
			toc_list_uint(d, first + OPTIONS, code);
		if (code == OPTION_SUBNET && !toc_draft_find(d, first + CLIENT_SUBNET))
			put_subnet(d, first + CLIENT_SUBNET, v);
		if (code == OPTION_ERROR && n >= 2 && !toc_draft_find(d, first + ERROR))
			toc_put_uint(d, first + ERROR, toc_be16(&v));
	}
}

void toc_dns_put_edns(struct toc_draft *d, unsigned first, struct toc_dns_in *in, uint32_t before, uint32_t additionals,
		      uint8_t rcode)
{
	struct toc_dns_rr rr;
	for (uint32_t i = 0; i < before; i++)
		if (!toc_dns_read_rr(in, &rr))
			return;
	for (uint32_t i = 0; i < additionals; i++) {
		if (!toc_dns_read_rr(in, &rr))
			return;
		if (rr.type != TOC_DNS_OPT || rr.owner.n)
			continue;
		if (!toc_draft_find(d, first + SIZE)) {
			toc_put_uint(d, first + SIZE, rr.class);
			toc_put_bool(d, first + DNSSEC_OK, (rr.ttl & 0x8000) != 0);
		}
		read_options(d, first, rr.data.c);
		if (rr.ttl >> 24 && !toc_draft_find(d, first + RCODE))
			toc_put_uint(d, first + RCODE, rr.ttl >> 24 << 4 | rcode);
		return;
	}
}
