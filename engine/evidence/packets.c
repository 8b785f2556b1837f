/* packets - which packets are kept, and how much of each (policy.md 2.7: headers; payload where a rule asks). */
#include "evidence/packets.h"

#include <string.h>

bool packets_is_mail(const char *service, size_t n)
{
	static const char *const mail[] = { "smtp", "pop3", "imap", NULL };
	for (const char *const *m = mail; *m; m++)
		if (strlen(*m) == n && memcmp(*m, service, n) == 0)
			return true;
	return false;
}

/* Payload bytes of a direction that may be kept of a flow with these services; mail among them: none. */
static uint32_t wished(const struct payload_wish *wishes, const char *services)
{
	uint32_t most = 0;
	for (const char *at = services; at && *at;) {
		const size_t n = strcspn(at, ",");
		if (packets_is_mail(at, n))
			return 0;
		for (const struct payload_wish *w = wishes; w->service; w++)
			if (strlen(w->service) == n && memcmp(w->service, at, n) == 0 && w->bytes > most)
				most = w->bytes;
		at += n + (at[n] == ',');
	}
	return most;
}

static bool is_worth_it(const struct toc_packet *p, const struct toc_packet_about *about)
{
	return about->number <= PACKETS_OF_FLOW ||
	       (p->ip_proto == TOC_IPPROTO_TCP && (p->tcp.flags & (TOC_SYN | TOC_FIN | TOC_RST)));
}

/* Bytes of the frame before the payload; 0: the payload does not lie in it. */
static size_t headers_of(const struct toc_frame *frame, const struct toc_packet *p)
{
	enum { ICMP_HEADER = 8 };
	const uint8_t *start = frame->bytes.p, *end = start + frame->bytes.n, *at = p->payload.p;
	if (!at || p->reassembled || at < start || at > end)
		return 0;
	size_t n = (size_t)(at - start);
	if (p->ip_proto == TOC_IPPROTO_ICMP || p->ip_proto == TOC_IPPROTO_ICMP6)
		n += p->payload.n < ICMP_HEADER ? p->payload.n : ICMP_HEADER;
	return n <= PACKET_HEADERS_MOST ? n : 0;
}

static size_t payload_of(const struct packets *k, const struct toc_packet *p, const struct toc_packet_about *about)
{
	const bool stream = p->ip_proto == TOC_IPPROTO_TCP || p->ip_proto == TOC_IPPROTO_UDP;
	const uint32_t most = stream && k->wishes ? wished(k->wishes, about->service) : 0;
	const uint64_t left = most > about->before ? most - about->before : 0;
	return p->payload.n < left ? p->payload.n : (size_t)left;
}

static void see(struct toc_packet_tap *tap, const struct toc_packet *p, const struct toc_packet_about *about)
{
	struct packets *k = (struct packets *)tap;
	if (!is_worth_it(p, about))
		return;
	const size_t headers = headers_of(k->frame, p), n = headers + (headers ? payload_of(k, p, about) : 0);
	if (!headers) {
		atomic_fetch_add_explicit(&k->shapeless, 1, memory_order_relaxed);
		return;
	}
	const size_t size = (sizeof(struct packet_record) + n + 7) & ~(size_t)7;
	struct packet_record *r = toc_ring_reserve(k->ring, size);
	if (!r) {
		atomic_fetch_add_explicit(&k->lost, 1, memory_order_relaxed);
		return;
	}
	*r = (struct packet_record){ .size = (uint32_t)size,
				     .wire_len = k->frame->wire_len,
				     .ts = p->ts,
				     .uid = about->uid,
				     .ordinal = p->ordinal,
				     .iface = p->iface,
				     .linktype = k->frame->linktype,
				     .headers = (uint16_t)headers,
				     .n = (uint16_t)n };
	uint8_t *bytes = (uint8_t *)(r + 1);
	memcpy(bytes, k->frame->bytes.p, n);
	memset(bytes + n, 0, size - sizeof(*r) - n);
	toc_ring_push(k->ring);
	atomic_fetch_add_explicit(&k->taken, 1, memory_order_relaxed);
}

void packets_init(struct packets *p, struct toc_ring *ring)
{
	*p = (struct packets){ .tap = { see }, .ring = ring };
}
