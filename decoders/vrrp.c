/* vrrp - which router answers for a shared address: VRRP (RFC 3768, RFC 9568) and CARP (OpenBSD's ip_carp.h), one
 * number. */
#include "tocsin/decoder.h"

enum field { K_VRRP, F_PROTOCOL, F_VERSION, F_VRID, F_PRIORITY, F_AUTH_TYPE, F_ADDRESSES };

static const struct toc_field_decl fields[] = {
	[K_VRRP] = { "vrrp", TOC_KIND, false, TOC_OPEN, NULL, "a router claims a shared address" },
	[F_PROTOCOL] = { "protocol", TOC_STRING, false, TOC_OPEN, NULL, "vrrp or carp" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "protocol version" },
	[F_VRID] = { "vrid", TOC_UINT, false, TOC_OPEN, NULL, "number of the virtual router" },
	[F_PRIORITY] = { "priority", TOC_UINT, false, TOC_OPEN, NULL,
			 "VRRP: 255 owns the address, 0 resigns; CARP: skew, the least wins" },
	[F_AUTH_TYPE] = { "auth_type", TOC_UINT, false, TOC_OPEN, NULL, "version 2: 0 = none, 1 = password in clear" },
	[F_ADDRESSES] = { "addresses", TOC_IP, true, TOC_OPEN, NULL, "addresses that it answers for" },
};

enum { CARP = 36, CARP_WORDS = 7, ADDRESSES_MOST = 20 };

static bool is_carp(struct toc_span bytes)
{
	return bytes.n == CARP && bytes.p[0] == 0x21 && bytes.p[3] == CARP_WORDS;
}

static void put_addresses(struct toc_draft *d, struct toc_cursor *c, unsigned n, bool v6)
{
	for (unsigned i = 0; i < n && i < ADDRESSES_MOST; i++) {
		struct toc_span bytes = toc_take(c, v6 ? 16 : 4);
		if (c->bad)
			return;
		struct toc_addr addr = v6 ? toc_addr_v6(bytes.p) : toc_addr_v4(bytes.p);
		toc_list_ip(d, F_ADDRESSES, &addr);
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	bool carp = is_carp(toc_rest(in));
	uint8_t first = toc_u8(in), vrid = toc_u8(in), priority = toc_u8(in), n = toc_u8(in), auth = toc_u8(in);
	uint8_t version = first >> 4;
	(void)state;
	(void)dir;
	toc_skip(in, 3);
	if (in->bad || (first & 15) != 1 || (version != 2 && version != 3) || !vrid)
		return TOC_MORE;
	toc_sink_confirm(sink, carp ? "carp" : NULL);
	struct toc_draft *d = toc_sink_begin(sink, K_VRRP);
	toc_put_cstr(d, F_PROTOCOL, carp ? "carp" : "vrrp");
	toc_put_uint(d, F_VERSION, version);
	toc_put_uint(d, F_VRID, vrid);
	toc_put_uint(d, F_PRIORITY, priority);
	if (version == 2 && !carp)
		toc_put_uint(d, F_AUTH_TYPE, auth);
	if (!carp)
		put_addresses(d, in, n, !toc_addr_is_v4(&sink->flow->orig));
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

static const uint8_t protocols[] = { 112, 0 };

const struct toc_decoder toc_decoder_vrrp = {
	.name = "vrrp",
	.carriers = TOC_OVER_IP,
	.ip_protocols = protocols,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.parse = parse,
};
