/* dns_rr - resource records as Zeek's dns.log prints them (RFC 1035, section 3.3, and the RFC of each type). */
#include "decoders/dns.h"

#include "tocsin/addr.h"

void toc_dns_text_span(struct toc_dns_text *out, struct toc_span s)
{
	size_t room = sizeof(out->b) - out->n;
	if (s.n > room) {
		out->cut = true;
		s.n = room;
	}
	if (s.n)
		memcpy(out->b + out->n, s.p, s.n);
	out->n += s.n;
}

void toc_dns_text_str(struct toc_dns_text *out, const char *s)
{
	toc_dns_text_span(out, toc_span_str(s));
}

void toc_dns_text_uint(struct toc_dns_text *out, uint32_t v)
{
	uint8_t digits[10];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (uint8_t)('0' + v % 10);
		v /= 10;
	} while (v);
	toc_dns_text_span(out, toc_span_of(digits + at, sizeof(digits) - at));
}

void toc_dns_text_type(struct toc_dns_text *out, uint16_t type)
{
	const char *name = toc_dns_type_name(type);
	toc_dns_text_str(out, name ? name : "query-");
	if (!name)
		toc_dns_text_uint(out, type);
}

static void text_name(struct toc_dns_text *out, const struct toc_dns_name *name, const char *root)
{
	if (name->n)
		toc_dns_text_span(out, toc_dns_name_span(name));
	else
		toc_dns_text_str(out, root);
}

bool toc_dns_read_rr(struct toc_dns_in *in, struct toc_dns_rr *rr)
{
	if (!toc_dns_read_name(in, &rr->owner))
		return false;
	rr->type = toc_be16(&in->c);
	rr->class = toc_be16(&in->c);
	rr->ttl = toc_be32(&in->c);
	uint16_t n = toc_be16(&in->c);
	size_t at = in->msg.n - toc_left(&in->c);
	toc_skip(&in->c, n);
	if (in->c.bad)
		return false;
	rr->data = toc_dns_in_of(toc_span_first(in->msg, at + n));
	toc_skip(&rr->data.c, at);
	return true;
}

static bool render_addr(struct toc_dns_text *out, struct toc_span bytes)
{
	char text[TOC_ADDR_TEXT];
	if (bytes.n != 4 && bytes.n != 16)
		return false;
	struct toc_addr addr = bytes.n == 4 ? toc_addr_v4(bytes.p) : toc_addr_v6(bytes.p);
	size_t n = toc_addr_print(&addr, text);
	toc_dns_text_span(out, toc_span_of(text, n));
	return true;
}

static bool render_a(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return toc_left(&rr->data.c) == 4 && render_addr(out, toc_rest(&rr->data.c));
}

static bool render_aaaa(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return toc_left(&rr->data.c) == 16 && render_addr(out, toc_rest(&rr->data.c));
}

/* A name behind n bytes of numbers. */
static bool name_behind(struct toc_dns_rr *rr, size_t n, const char *root, struct toc_dns_text *out)
{
	struct toc_dns_name name;
	toc_skip(&rr->data.c, n);
	if (rr->data.c.bad || !toc_dns_read_name(&rr->data, &name))
		return false;
	text_name(out, &name, root);
	return true;
}

static bool render_name(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return name_behind(rr, 0, "", out);
}

static bool render_mx(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return name_behind(rr, 2, "", out);
}

static bool render_srv(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return name_behind(rr, 6, "", out);
}

/* Each <character-string> as label, length, text. */
static bool render_strings(struct toc_dns_rr *rr, const char *label, struct toc_dns_text *out)
{
	struct toc_cursor *c = &rr->data.c;
	for (const char *gap = ""; toc_left(c); gap = " ") {
		struct toc_span s = toc_take(c, toc_u8(c));
		if (c->bad)
			return false;
		toc_dns_text_str(out, gap);
		toc_dns_text_str(out, label);
		toc_dns_text_uint(out, (uint32_t)s.n);
		toc_dns_text_str(out, " ");
		toc_dns_text_span(out, s);
	}
	return true;
}

static bool render_txt(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return render_strings(rr, "TXT ", out);
}

static bool render_spf(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	return render_strings(rr, "SPF ", out);
}

/* RFC 3403, section 4.1 */
static bool render_naptr(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	struct toc_cursor *c = &rr->data.c;
	struct toc_dns_name replacement;
	uint16_t order = toc_be16(c), preference = toc_be16(c);
	struct toc_span flags = toc_take(c, toc_u8(c));
	struct toc_span service = toc_take(c, toc_u8(c));
	struct toc_span regexp = toc_take(c, toc_u8(c));
	if (c->bad || !toc_dns_read_name(&rr->data, &replacement))
		return false;
	toc_dns_text_str(out, "NAPTR ");
	toc_dns_text_uint(out, order);
	toc_dns_text_str(out, " ");
	toc_dns_text_uint(out, preference);
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, flags);
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, service);
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, regexp);
	toc_dns_text_str(out, regexp.n && replacement.n ? " " : "");
	toc_dns_text_span(out, toc_dns_name_span(&replacement));
	return true;
}

/* RFC 4034, section 3.1: the type covered stands first, the signer's name behind 18 bytes */
static bool render_rrsig(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	uint16_t covered = toc_be16(&rr->data.c);
	toc_dns_text_str(out, "RRSIG ");
	toc_dns_text_uint(out, covered);
	toc_dns_text_str(out, " ");
	return name_behind(rr, 16, "<Root>", out);
}

static bool render_dnskey(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_skip(&rr->data.c, 3);
	toc_dns_text_str(out, "DNSKEY ");
	toc_dns_text_uint(out, toc_u8(&rr->data.c));
	return !rr->data.c.bad;
}

static bool render_ds(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_skip(&rr->data.c, 2);
	toc_dns_text_str(out, "DS ");
	toc_dns_text_uint(out, toc_u8(&rr->data.c));
	toc_dns_text_str(out, " ");
	toc_dns_text_uint(out, toc_u8(&rr->data.c));
	return !rr->data.c.bad;
}

static bool render_nsec(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_dns_text_str(out, "NSEC ");
	toc_dns_text_span(out, toc_dns_name_span(&rr->owner));
	toc_dns_text_str(out, " ");
	return name_behind(rr, 0, "", out);
}

static bool render_nsec3(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_dns_text_str(out, "NSEC3");
	return toc_has(&rr->data.c, 6);
}

static bool render_nsec3param(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_dns_text_str(out, "NSEC3PARAM");
	return toc_has(&rr->data.c, 5);
}

static bool render_binds(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_dns_text_str(out, "BIND9 signing signal");
	return toc_has(&rr->data.c, 5);
}

static bool render_sshfp(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	static const char hex[] = "0123456789abcdef";
	struct toc_cursor *c = &rr->data.c;
	toc_skip(c, 2);
	toc_dns_text_str(out, "SSHFP: ");
	while (toc_left(c)) {
		uint8_t byte = toc_u8(c);
		uint8_t two[2] = { (uint8_t)hex[byte >> 4], (uint8_t)hex[byte & 15] };
		toc_dns_text_span(out, toc_span_of(two, 2));
	}
	return !c->bad;
}

/* RFC 1876, section 2: version, size, horizontal and vertical precision, a byte each */
static bool render_loc(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	toc_skip(&rr->data.c, 1);
	toc_dns_text_str(out, "LOC: ");
	for (int i = 0; i < 3; i++) {
		toc_dns_text_str(out, " ");
		toc_dns_text_uint(out, toc_u8(&rr->data.c));
	}
	return !rr->data.c.bad;
}

/* RFC 8659, section 4.1; Zeek's log has no text for it. */
static bool render_caa(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	struct toc_cursor *c = &rr->data.c;
	toc_dns_text_str(out, "CAA ");
	toc_dns_text_uint(out, toc_u8(c));
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, toc_take(c, toc_u8(c)));
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, toc_rest(c));
	return !c->bad;
}

/* The protocols of an alpn parameter, comma between (RFC 9460, section 7.1.1). */
static void text_alpn(struct toc_dns_text *out, struct toc_cursor value)
{
	for (const char *gap = " alpn="; toc_left(&value) && !value.bad; gap = ",") {
		struct toc_span id = toc_take(&value, toc_u8(&value));
		toc_dns_text_str(out, gap);
		toc_dns_text_span(out, id);
	}
}

/* RFC 9460, section 2.2: priority, target ("." = the owner itself), and of the parameters what tells of evasion */
static bool render_svcb(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	enum { ALPN = 1, ECH = 5 };
	struct toc_cursor *c = &rr->data.c;
	struct toc_dns_name target;
	uint16_t priority = toc_be16(c);
	if (c->bad || !toc_dns_read_name_as_is(&rr->data, &target))
		return false;
	toc_dns_text_type(out, rr->type);
	toc_dns_text_str(out, " ");
	toc_dns_text_uint(out, priority);
	toc_dns_text_str(out, " ");
	text_name(out, &target, ".");
	while (toc_left(c) && !c->bad) {
		uint16_t key = toc_be16(c);
		struct toc_cursor value = toc_sub(c, toc_be16(c));
		if (key == ALPN)
			text_alpn(out, value);
		else if (key == ECH)
			toc_dns_text_str(out, " ech");
	}
	return !c->bad;
}

/* RFC 1002, section 4.2.1.3: flags and address of each owner of the NetBIOS name */
static bool render_nb(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	struct toc_cursor *c = &rr->data.c;
	for (const char *gap = ""; toc_left(c); gap = " ") {
		toc_skip(c, 2);
		struct toc_span addr = toc_take(c, 4);
		toc_dns_text_str(out, gap);
		if (c->bad || !render_addr(out, addr))
			return false;
	}
	return true;
}

static bool render_nothing(struct toc_dns_rr *rr, struct toc_dns_text *out)
{
	(void)rr;
	(void)out;
	return true;
}

static const struct form {
	uint16_t type;
	bool (*render)(struct toc_dns_rr *rr, struct toc_dns_text *out);
} forms[] = {
	{ TOC_DNS_A, render_a },
	{ TOC_DNS_AAAA, render_aaaa },
	{ 5, render_name },	     /* CNAME */
	{ 12, render_name },	     /* PTR */
	{ 16, render_txt },	     /* TXT */
	{ 15, render_mx },	     /* MX */
	{ 2, render_name },	     /* NS */
	{ TOC_DNS_SRV, render_srv }, /* SRV */
	{ 65, render_svcb },	     /* HTTPS */
	{ TOC_DNS_SOA, render_name },
	{ 46, render_rrsig },	   /* RRSIG */
	{ 43, render_ds },	   /* DS */
	{ 48, render_dnskey },	   /* DNSKEY */
	{ 47, render_nsec },	   /* NSEC */
	{ 50, render_nsec3 },	   /* NSEC3 */
	{ 51, render_nsec3param }, /* NSEC3PARAM */
	{ 64, render_svcb },	   /* SVCB */
	{ 99, render_spf },	   /* SPF */
	{ 35, render_naptr },	   /* NAPTR */
	{ 44, render_sshfp },	   /* SSHFP */
	{ 29, render_loc },	   /* LOC */
	{ 257, render_caa },	   /* CAA */
	{ TOC_DNS_A6, render_aaaa },
	{ 65534, render_binds },
	{ 11, render_nothing }, /* WKS */
	{ 13, render_nothing }, /* HINFO */
	{ TOC_DNS_OPT, render_nothing },
	{ 249, render_nothing }, /* TKEY */
	{ 250, render_nothing }, /* TSIG */
};

bool toc_dns_render(struct toc_dns_rr *rr, bool netbios, struct toc_dns_text *out)
{
	enum { NB = 32 };
	if (netbios && rr->type == NB)
		return render_nb(rr, out);
	if (netbios && rr->type == TOC_DNS_SRV)
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].type == rr->type)
			return forms[i].render(rr, out);
	toc_dns_text_str(out, "<unknown type=");
	toc_dns_text_uint(out, rr->type);
	toc_dns_text_str(out, ">");
	return true;
}
