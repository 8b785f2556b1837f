/* igmp - who asks for and leaves multicast groups (RFC 1112, RFC 2236, RFC 3376). */
#include "tocsin/decoder.h"

enum field { K_IGMP, F_VERSION, F_TYPE, F_GROUPS, F_SOURCES, F_MAX_RESPONSE };

static const struct toc_field_decl fields[] = {
	[K_IGMP] = { "igmp", TOC_KIND, false, TOC_OPEN, NULL, "one IGMP message" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "1, 2 or 3, as the message shows" },
	[F_TYPE] = { "type", TOC_STRING, false, TOC_OPEN, NULL, "query, report or leave" },
	[F_GROUPS] = { "groups", TOC_IP, true, TOC_OPEN, NULL, "groups that it is about; unset: all" },
	[F_SOURCES] = { "sources", TOC_UINT, false, TOC_OPEN, NULL, "version 3: sources named" },
	[F_MAX_RESPONSE] = { "max_response", TOC_DURATION, false, TOC_OPEN, "s", "query: how soon to answer" },
};

enum { QUERY = 0x11, REPORT_V1 = 0x12, REPORT_V2 = 0x16, LEAVE = 0x17, REPORT_V3 = 0x22 };
enum { V3_QUERY = 12, GROUPS_MOST = 64 };

static void put_group(struct toc_draft *d, struct toc_span addr)
{
	static const uint8_t any[4];
	if (addr.n != 4 || memcmp(addr.p, any, 4) == 0)
		return;
	struct toc_addr group = toc_addr_v4(addr.p);
	toc_list_ip(d, F_GROUPS, &group);
}

/* RFC 3376, section 4.1.1: from 128 on an exponent and a mantissa */
static toc_time response_of(uint8_t code, unsigned version)
{
	unsigned tenths = code;
	if (version == 3 && code >= 128)
		tenths = ((code & 15u) | 16u) << ((code >> 4 & 7u) + 3);
	return tenths * 100 * TOC_MS;
}

static void read_query(struct toc_draft *d, struct toc_cursor *c, uint8_t code, bool v3)
{
	unsigned version = v3 ? 3 : code ? 2 : 1;
	toc_put_uint(d, F_VERSION, version);
	toc_put_cstr(d, F_TYPE, "query");
	put_group(d, toc_take(c, 4));
	if (code)
		toc_put_duration(d, F_MAX_RESPONSE, response_of(code, version));
	toc_skip(c, 2);
	uint16_t sources = toc_be16(c);
	if (v3 && !c->bad)
		toc_put_uint(d, F_SOURCES, sources);
}

/* RFC 3376, section 4.2: records, each a group with sources and auxiliary words. Leaving is to include no source. */
static void read_report3(struct toc_draft *d, struct toc_cursor *c)
{
	enum { TO_INCLUDE = 3 };
	unsigned sources = 0, leaves = 0, n = 0;
	toc_skip(c, 2);
	uint16_t records = toc_be16(c);
	toc_put_uint(d, F_VERSION, 3);
	for (; n < records && n < GROUPS_MOST; n++) {
		uint8_t type = toc_u8(c), words = toc_u8(c);
		uint16_t count = toc_be16(c);
		struct toc_span group = toc_take(c, 4);
		toc_skip(c, 4u * (count + (size_t)words));
		if (c->bad)
			break;
		put_group(d, group);
		sources += count;
		leaves += type == TO_INCLUDE && count == 0;
	}
	toc_put_cstr(d, F_TYPE, n && leaves == n ? "leave" : "report");
	toc_put_uint(d, F_SOURCES, sources);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	bool v3 = toc_left(in) >= V3_QUERY;
	uint8_t type = toc_u8(in), code = toc_u8(in);
	(void)state;
	(void)dir;
	toc_skip(in, 2);
	bool known = type == QUERY || type == REPORT_V1 || type == REPORT_V2 || type == LEAVE || type == REPORT_V3;
	if (!known || !toc_has(in, 4))
		return TOC_MORE; /* DVMRP, PIM of old and router discovery have types of their own */
	toc_sink_confirm(sink, NULL);
	struct toc_draft *d = toc_sink_begin(sink, K_IGMP);
	if (type == QUERY) {
		read_query(d, in, code, v3);
	} else if (type == REPORT_V3) {
		read_report3(d, in);
	} else {
		toc_put_uint(d, F_VERSION, type == REPORT_V1 ? 1 : 2);
		toc_put_cstr(d, F_TYPE, type == LEAVE ? "leave" : "report");
		put_group(d, toc_take(in, 4));
	}
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

static const uint8_t protocols[] = { 2, 0 };

const struct toc_decoder toc_decoder_igmp = {
	.name = "igmp",
	.carriers = TOC_OVER_IP,
	.ip_protocols = protocols,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.parse = parse,
};
