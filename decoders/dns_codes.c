/* dns_codes - names of DNS types, classes, response codes and operations (IANA dns-parameters, RFC 1002). */
#include "decoders/dns.h"

struct code {
	uint16_t code;
	const char *name;
};

static const char *const types[] = {
	[1] = "A",	[2] = "NS",	 [3] = "MD",	      [4] = "MF",     [5] = "CNAME",	 [6] = "SOA",
	[7] = "MB",	[8] = "MG",	 [9] = "MR",	      [10] = "NULL",  [11] = "WKS",	 [12] = "PTR",
	[13] = "HINFO", [14] = "MINFO",	 [15] = "MX",	      [16] = "TXT",   [17] = "RP",	 [18] = "AFSDB",
	[19] = "X25",	[20] = "ISDN",	 [21] = "RT",	      [22] = "NSAP",  [23] = "NSAP-PTR", [24] = "SIG",
	[25] = "KEY",	[26] = "PX",	 [27] = "GPOS",	      [28] = "AAAA",  [29] = "LOC",	 [30] = "NXT",
	[31] = "EID",	[32] = "NIMLOC", [33] = "SRV",	      [34] = "ATMA",  [35] = "NAPTR",	 [36] = "KX",
	[37] = "CERT",	[38] = "A6",	 [39] = "DNAME",      [40] = "SINK",  [41] = "OPT",	 [42] = "APL",
	[43] = "DS",	[44] = "SSHFP",	 [45] = "IPSECKEY",   [46] = "RRSIG", [47] = "NSEC",	 [48] = "DNSKEY",
	[49] = "DHCID", [50] = "NSEC3",	 [51] = "NSEC3PARAM", [52] = "TLSA",  [53] = "SMIMEA",	 [55] = "HIP",
	[56] = "NINFO", [57] = "RKEY",	 [58] = "TALINK",     [59] = "CDS",   [60] = "CDNSKEY",	 [61] = "OPENPGPKEY",
	[62] = "CSYNC", [63] = "ZONEMD", [64] = "SVCB",	      [65] = "HTTPS", [99] = "SPF",	 [100] = "UINFO",
	[101] = "UID",	[102] = "GID",	 [103] = "UNSPEC",    [104] = "NID",  [105] = "L32",	 [106] = "L64",
	[107] = "LP",	[108] = "EUI48", [109] = "EUI64",     [249] = "TKEY", [250] = "TSIG",	 [251] = "IXFR",
	[252] = "AXFR", [253] = "MAILB", [254] = "MAILA",     [255] = "*",    [256] = "URI",	 [257] = "CAA",
};

static const struct code high_types[] = {
	{ 32768, "TA" },     { 32769, "DLV" }, { 65281, "WINS" },
	{ 65282, "WINS-R" }, { 65422, "XPF" }, { 65521, "INTEGRITY" },
};

static const struct code classes[] = {
	{ 1, "C_INTERNET" }, { 2, "C_CSNET" }, { 3, "C_CHAOS" }, { 4, "C_HESIOD" }, { 254, "C_NONE" }, { 255, "C_ANY" },
};

/* The header has four bits; extended codes (RFC 6891) are not joined, as in Zeek's log. */
static const char *const rcodes[16] = {
	"NOERROR",	 "FORMERR",	  "SERVFAIL",	   "NXDOMAIN",	    "NOTIMP",  "REFUSED",
	"YXDOMAIN",	 "YXRRSET",	  "NXRRSet",	   "NOTAUTH",	    "NOTZONE", "unassigned-11",
	"unassigned-12", "unassigned-13", "unassigned-14", "unassigned-15",
};

static const char *const opcodes[16] = {
	[0] = "query", [1] = "iquery", [2] = "server-status", [4] = "notify", [5] = "dynamic-update", [6] = "dso",
};

/* RFC 1002, section 4.2.1.1 */
static const char *const netbios_opcodes[16] = {
	[0] = "netbios-query", [5] = "netbios-registration", [6] = "netbios-release",
	[7] = "netbios-wack",  [8] = "netbios-refresh",
};

static const char *find(const struct code *list, size_t n, uint16_t code)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].code == code)
			return list[i].name;
	return NULL;
}

const char *toc_dns_type_name(uint16_t type)
{
	if (type < sizeof(types) / sizeof(types[0]))
		return types[type];
	return find(high_types, sizeof(high_types) / sizeof(high_types[0]), type);
}

const char *toc_dns_class_name(uint16_t class)
{
	return find(classes, sizeof(classes) / sizeof(classes[0]), class);
}

const char *toc_dns_rcode_name(uint8_t rcode)
{
	return rcodes[rcode & 15];
}

const char *toc_dns_opcode_name(uint8_t opcode, bool netbios)
{
	return netbios ? netbios_opcodes[opcode & 15] : opcodes[opcode & 15];
}

void toc_dns_put_code(struct toc_draft *d, unsigned field, const char *name, const char *prefix, uint32_t code)
{
	struct toc_dns_text text;
	if (name) {
		toc_put_cstr(d, field, name);
		return;
	}
	text.n = 0;
	toc_dns_text_str(&text, prefix);
	toc_dns_text_uint(&text, code);
	toc_put_str(d, field, toc_span_of(text.b, text.n));
}
