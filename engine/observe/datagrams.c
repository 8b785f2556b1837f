/* datagrams - how much of UDP and ICMP went each way, from conn and transfer events, each packet counted once. */
#include "observe/datagrams.h"

void datagrams_init(struct datagrams_fields *f, struct toc_intern *names)
{
	static const char *const ends[5][2] = { { "id.orig_h", "id.resp_h" },
						{ "id.orig_p", "id.resp_p" },
						{ "orig_pkts", "resp_pkts" },
						{ "orig_bytes", "resp_bytes" },
						{ "orig_ip_bytes", "resp_ip_bytes" } };
	f->conn = toc_intern_add(names, toc_span_str("conn"));
	f->proto = toc_intern_add(names, toc_span_str("proto"));
	f->duration = toc_intern_add(names, toc_span_str("duration"));
	for (unsigned end = 0; end < 2; end++) {
		f->ip[end] = toc_intern_add(names, toc_span_str(ends[0][end]));
		f->port[end] = toc_intern_add(names, toc_span_str(ends[1][end]));
		f->packets[end] = toc_intern_add(names, toc_span_str(ends[2][end]));
		f->bytes[end] = toc_intern_add(names, toc_span_str(ends[3][end]));
		f->ip_bytes[end] = toc_intern_add(names, toc_span_str(ends[4][end]));
	}
}

static uint64_t number(const struct toc_event *ev, toc_field field)
{
	struct toc_value v = toc_event_get(ev, field);
	return v.type == TOC_UINT ? v.as.u : 0;
}

/* The conn of a single packet has no size, as in Zeek: it is read from that of the packet, without its headers. */
static uint64_t payload(const struct datagrams_fields *f, const struct toc_event *ev, const struct datagrams *d,
			unsigned end)
{
	struct toc_value v = toc_event_get(ev, f->bytes[end]);
	uint64_t heads = (toc_addr_is_v4(&d->ip[end]) ? 20 + 8 : 40 + 8) * d->packets[end];
	uint64_t all = v.type == TOC_UINT ? 0 : number(ev, f->ip_bytes[end]);
	return v.type == TOC_UINT ? v.as.u : all > heads ? all - heads : 0;
}

/*
 * Flows with content of a second or of 1 MB have transfers (flow/life.c): their conn says nothing new. What is left is
 * short, or without content; of the latter, which may be long, what fell into one step counts.
 */
static bool untold(const struct datagrams_fields *f, const struct toc_event *ev, struct datagrams *out)
{
	enum { LARGE = 1000000 };
	struct toc_value v = toc_event_get(ev, f->duration);
	toc_time duration = v.type == TOC_DURATION ? v.as.i : 0;
	uint64_t bytes = out->bytes[0] + out->bytes[1];
	if (bytes && (duration >= TOC_SEC || bytes >= LARGE))
		return false;
	double part = duration > DATAGRAMS_STEP * TOC_SEC ? DATAGRAMS_STEP * (double)TOC_SEC / (double)duration : 1;
	for (unsigned end = 0; end < 2; end++)
		out->packets[end] = (uint64_t)((double)out->packets[end] * part);
	return true;
}

void datagrams_vote(struct datagrams_most *m, const struct toc_addr *ip, uint64_t voices)
{
	if (m->votes && toc_addr_eq(&m->ip, ip)) {
		m->votes += voices;
	} else if (m->votes >= voices) {
		m->votes -= voices;
	} else {
		m->ip = *ip;
		m->votes = voices - m->votes;
	}
}

bool datagrams_read(const struct datagrams_fields *f, const struct toc_event *ev, struct datagrams *out)
{
	struct toc_value proto = toc_event_get(ev, f->proto);
	if (proto.type != TOC_STRING || !(toc_span_is(proto.as.s, "udp") || toc_span_is(proto.as.s, "icmp")))
		return false;
	*out = (struct datagrams){ .icmp = toc_span_is(proto.as.s, "icmp"),
				   .live = ev->kind != f->conn,
				   .bucket = ev->ts / (DATAGRAMS_STEP * TOC_SEC) };
	for (unsigned end = 0; end < 2; end++) {
		struct toc_value ip = toc_event_get(ev, f->ip[end]);
		if (ip.type != TOC_IP)
			return false;
		out->ip[end] = ip.as.ip;
		out->port[end] = (uint16_t)number(ev, f->port[end]);
		out->packets[end] = number(ev, f->packets[end]);
		out->bytes[end] = payload(f, ev, out, end);
	}
	return out->live || untold(f, ev, out);
}
