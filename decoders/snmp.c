/* snmp - one event a flow: versions 1, 2c, 3 (RFC 1157, RFC 3416, RFC 3412). The community is a password: never kept.
 */
#include "tocsin/decoder.h"

#include "decoders/der.h"

enum field {
	K_SNMP,
	F_DURATION,
	F_VERSION,
	F_GET_REQUESTS,
	F_GET_BULK_REQUESTS,
	F_GET_RESPONSES,
	F_SET_REQUESTS,
	F_TRAPS,
	F_REPORTS,
	F_DISPLAY_STRING,
	F_UP_SINCE,
	F_SECURITY,
	F_ERRORS
};

static const struct toc_field_decl fields[] = {
	[K_SNMP] = { "snmp", TOC_KIND, false, TOC_OPEN, NULL,
		     "SNMP between two ends; Zeek's `community` is left out on purpose: it is a password" },
	[F_DURATION] = { "duration", TOC_DURATION, false, TOC_OPEN, "s", "from the first to the last message" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "1, 2c or 3" },
	[F_GET_REQUESTS] = { "get_requests", TOC_UINT, false, TOC_OPEN, NULL, "variables asked for, one by one" },
	[F_GET_BULK_REQUESTS] = { "get_bulk_requests", TOC_UINT, false, TOC_OPEN, NULL, "variables asked for in bulk" },
	[F_GET_RESPONSES] = { "get_responses", TOC_UINT, false, TOC_OPEN, NULL, "variables in responses" },
	[F_SET_REQUESTS] = { "set_requests", TOC_UINT, false, TOC_OPEN, NULL, "variables to be changed" },
	[F_TRAPS] = { "traps", TOC_UINT, false, TOC_OPEN, NULL, "traps, notifications and informs" },
	[F_REPORTS] = { "reports", TOC_UINT, false, TOC_OPEN, NULL, "version 3: reports, such as wrong digests" },
	[F_DISPLAY_STRING] = { "display_string", TOC_STRING, false, TOC_DEVICE, NULL, "what the device says it is" },
	[F_UP_SINCE] = { "up_since", TOC_TIME, false, TOC_DEVICE, NULL, "when the device started, by its counter" },
	[F_SECURITY] = { "security", TOC_STRING, false, TOC_OPEN, NULL,
			 "version 3, the weakest seen: noAuthNoPriv, authNoPriv or authPriv" },
	[F_ERRORS] = { "errors", TOC_UINT, false, TOC_OPEN, NULL, "responses that tell of an error" },
};

enum { V1 = 0, V2C = 1, V3 = 3 };
enum { GET = 0xa0, GET_NEXT, RESPONSE, SET, TRAP, GET_BULK, INFORM, TRAP2, REPORT };
enum { TIME_TICKS = 0x43, VARIABLES_MOST = 256, DISPLAY_MOST = 120 };

struct state {
	toc_time first, last, up_since;
	uint32_t gets, bulks, responses, sets, traps, reports, errors;
	uint8_t version, security, display_n;
	bool seen, secured;
	uint8_t display[DISPLAY_MOST];
};

static bool read_uint(struct toc_cursor *c, uint32_t *out)
{
	struct toc_cursor v = der_take(c, DER_INTEGER);
	if (v.bad || toc_left(&v) == 0 || toc_left(&v) > 5)
		return false;
	*out = 0;
	while (toc_left(&v))
		*out = *out << 8 | toc_u8(&v);
	return true;
}

static void take_variable(struct state *s, struct toc_span name, uint8_t tag, struct toc_cursor value, toc_time ts)
{
	static const uint8_t descr[] = { 0x2b, 6, 1, 2, 1, 1, 1, 0 }, up_time[] = { 0x2b, 6, 1, 2, 1, 1, 3, 0 };
	struct toc_span bytes = toc_rest(&value);
	if (tag == DER_OCTET_STRING && toc_span_eq(name, toc_span_of(descr, sizeof(descr))) && !s->display_n) {
		s->display_n = (uint8_t)(bytes.n < DISPLAY_MOST ? bytes.n : DISPLAY_MOST);
		if (s->display_n)
			memcpy(s->display, bytes.p, s->display_n);
	}
	if (tag == TIME_TICKS && toc_span_eq(name, toc_span_of(up_time, sizeof(up_time))) && bytes.n <= 5) {
		uint64_t ticks = 0;
		while (toc_left(&value))
			ticks = ticks << 8 | toc_u8(&value);
		s->up_since = ts - (toc_time)(ticks & UINT32_MAX) * 10 * TOC_MS;
	}
}

/* Counts the variables; false when they are broken. */
static bool read_variables(struct state *s, struct toc_cursor *c, bool response, toc_time ts, uint32_t *n)
{
	struct toc_cursor list = der_take(c, DER_SEQUENCE);
	for (*n = 0; !list.bad && toc_left(&list) && *n < VARIABLES_MOST; ++*n) {
		uint8_t tag;
		struct toc_cursor variable = der_take(&list, DER_SEQUENCE);
		struct toc_cursor name = der_take(&variable, DER_OID), value = der_next(&variable, &tag);
		if (variable.bad || list.bad)
			return false;
		if (response)
			take_variable(s, toc_rest(&name), tag, value, ts);
	}
	return !list.bad;
}

static bool read_pdu(struct state *s, struct toc_cursor *c, toc_time ts)
{
	uint8_t tag;
	uint32_t id, error, index, n;
	struct toc_cursor pdu = der_next(c, &tag);
	if (pdu.bad || tag < GET || tag > REPORT)
		return false;
	if (tag == TRAP) { /* RFC 1157: has another header */
		s->traps++;
		return true;
	}
	if (!read_uint(&pdu, &id) || !read_uint(&pdu, &error) || !read_uint(&pdu, &index) ||
	    !read_variables(s, &pdu, tag == RESPONSE, ts, &n))
		return false;
	uint32_t *const counts[] = { &s->gets,	&s->gets,  &s->responses, &s->sets,   NULL,
				     &s->bulks, &s->traps, &s->traps,	  &s->reports };
	*counts[tag - GET] += tag == INFORM || tag == TRAP2 || tag == REPORT ? 1 : n;
	s->errors += tag == RESPONSE && error;
	return true;
}

/* RFC 3412, section 6: what is encrypted ends here */
static bool read_v3(struct state *s, struct toc_cursor *c, toc_time ts)
{
	uint32_t id, size, model;
	struct toc_cursor head = der_take(c, DER_SEQUENCE);
	if (!read_uint(&head, &id) || !read_uint(&head, &size))
		return false;
	struct toc_cursor flags = der_take(&head, DER_OCTET_STRING);
	uint8_t bits = toc_u8(&flags) & 3;
	if (flags.bad || !read_uint(&head, &model))
		return false;
	der_take(c, DER_OCTET_STRING); /* security parameters: user, digest */
	if (c->bad)
		return false;
	/* discovery is always without: it says nothing of the users */
	struct toc_cursor scoped;
	if (!der_optional(c, DER_SEQUENCE, &scoped)) {
		struct toc_cursor encrypted = der_take(c, DER_OCTET_STRING);
		if (encrypted.bad)
			return false;
		s->security = s->secured && s->security < bits ? s->security : bits;
		s->secured = true;
		return true;
	}
	uint32_t n = s->reports, empty = s->gets + s->bulks + s->responses + s->sets + s->traps;
	der_take(&scoped, DER_OCTET_STRING); /* engine */
	der_take(&scoped, DER_OCTET_STRING); /* context */
	if (scoped.bad || !read_pdu(s, &scoped, ts))
		return false;
	if (s->reports == n && s->gets + s->bulks + s->responses + s->sets + s->traps != empty) {
		s->security = s->secured && s->security < bits ? s->security : bits;
		s->secured = true;
	}
	return true;
}

static bool read_message(struct state *s, struct toc_cursor *in, toc_time ts)
{
	uint32_t version;
	struct toc_cursor c = der_take(in, DER_SEQUENCE);
	if (c.bad || !read_uint(&c, &version) || (version != V1 && version != V2C && version != V3))
		return false;
	if (version == V3) {
		if (!read_v3(s, &c, ts))
			return false;
	} else {
		der_take(&c, DER_OCTET_STRING); /* community */
		if (c.bad || !read_pdu(s, &c, ts))
			return false;
	}
	s->version = (uint8_t)version;
	return true;
}

static bool at_port(const struct toc_flow_info *flow)
{
	enum { AGENT = 161, TRAPS = 162 };
	return flow->resp_port == AGENT || flow->resp_port == TRAPS || flow->orig_port == AGENT ||
	       flow->orig_port == TRAPS;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	(void)dir;
	if (!read_message(s, in, sink->ts)) {
		if (!at_port(sink->flow))
			return TOC_BAD; /* whose it was, by its first message alone */
		toc_sink_weird(sink, "snmp_malformed_message");
		return TOC_MORE;
	}
	if (!s->seen)
		s->first = sink->ts;
	s->seen = true;
	s->last = sink->ts;
	toc_sink_confirm(sink, NULL);
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *sink)
{
	static const char *const versions[] = { [V1] = "1", [V2C] = "2c", [V3] = "3" };
	static const char *const security[] = { "noAuthNoPriv", "authNoPriv", "noAuthNoPriv", "authPriv" };
	const struct state *s = state;
	(void)why;
	if (!s->seen)
		return;
	struct toc_draft *d = toc_sink_begin(sink, K_SNMP);
	d->head.ts = s->first;
	toc_put_duration(d, F_DURATION, s->last - s->first);
	toc_put_cstr(d, F_VERSION, versions[s->version]);
	toc_put_uint(d, F_GET_REQUESTS, s->gets);
	toc_put_uint(d, F_GET_BULK_REQUESTS, s->bulks);
	toc_put_uint(d, F_GET_RESPONSES, s->responses);
	toc_put_uint(d, F_SET_REQUESTS, s->sets);
	toc_put_uint(d, F_TRAPS, s->traps);
	toc_put_uint(d, F_REPORTS, s->reports);
	toc_put_uint(d, F_ERRORS, s->errors);
	if (s->display_n)
		toc_put_str(d, F_DISPLAY_STRING, toc_span_of(s->display, s->display_n));
	if (s->up_since)
		toc_put_time(d, F_UP_SINCE, s->up_since);
	if (s->secured)
		toc_put_cstr(d, F_SECURITY, security[s->security]);
	toc_sink_commit(sink, d);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	struct state s = { 0 };
	(void)dir;
	if (read_message(&s, &c, 0))
		return TOC_YES;
	return hint && first.n && first.p[0] == DER_SEQUENCE ? TOC_MAYBE : TOC_NO;
}

static const uint16_t udp_ports[] = { 161, 162, 0 };

const struct toc_decoder toc_decoder_snmp = {
	.name = "snmp",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
	.finish = finish,
};
