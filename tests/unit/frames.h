/* frames - hand-made frames for tests: headers one after another, then lengths and checksums by frame_done. */
#ifndef UNIT_FRAMES_H
#define UNIT_FRAMES_H

#include <assert.h>

#include "tocsin/packet.h"

/* `ip` and `l4` are offsets of the innermost headers; 0 = none yet (raw IP frames begin with frame_raw). */
struct frame {
	size_t n, ip, l4;
	bool has_ip;
	uint8_t version, protocol;
	uint16_t linktype;
	uint8_t b[70000];
};

static inline void frame_u8(struct frame *f, unsigned v)
{
	assert(f->n < sizeof(f->b));
	f->b[f->n++] = (uint8_t)v;
}

static inline void frame_be16(struct frame *f, unsigned v)
{
	frame_u8(f, v >> 8);
	frame_u8(f, v);
}

static inline void frame_be32(struct frame *f, uint32_t v)
{
	frame_be16(f, v >> 16);
	frame_be16(f, v);
}

static inline void frame_bytes(struct frame *f, const void *p, size_t n)
{
	assert(f->n + n <= sizeof(f->b));
	if (n)
		memcpy(f->b + f->n, p, n);
	f->n += n;
}

/* n bytes that differ from each other and from those of another seed. */
static inline void frame_fill(struct frame *f, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		frame_u8(f, (unsigned)(i * 7 + i / 251 + seed));
}

static inline void frame_put16(struct frame *f, size_t at, unsigned v)
{
	f->b[at] = (uint8_t)(v >> 8);
	f->b[at + 1] = (uint8_t)v;
}

static inline void frame_begin(struct frame *f, uint16_t linktype)
{
	f->n = f->ip = f->l4 = 0;
	f->has_ip = false;
	f->protocol = 0;
	f->linktype = linktype;
}

/* Ethernet from 02:00:00:00:00:01 to 02:00:00:00:00:02. */
static inline void frame_eth(struct frame *f, unsigned type)
{
	frame_begin(f, 1);
	frame_bytes(f, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
	frame_be16(f, type);
}

/* A tag whose own type was written by the header before it. */
static inline void frame_vlan(struct frame *f, unsigned id, unsigned type)
{
	frame_be16(f, id);
	frame_be16(f, type);
}

static inline void frame_ip_text(struct frame *f, const char *text, bool v4)
{
	struct toc_addr a;
	bool ok = toc_addr_parse(toc_span_str(text), &a);
	assert(ok && toc_addr_is_v4(&a) == v4);
	(void)ok;
	frame_bytes(f, v4 ? a.b + 12 : a.b, v4 ? 4 : 16);
}

/* IPv4 with the flags and offset field as it is on the wire, and option bytes (a multiple of 4). */
static inline void frame_ip4_full(struct frame *f, const char *src, const char *dst, unsigned protocol, unsigned id,
				  unsigned place, const void *options, size_t noptions)
{
	f->ip = f->n;
	f->has_ip = true;
	f->version = 4;
	f->protocol = (uint8_t)protocol;
	frame_u8(f, 0x45 + (unsigned)noptions / 4);
	frame_u8(f, 0);
	frame_be16(f, 0);
	frame_be16(f, id);
	frame_be16(f, place);
	frame_u8(f, 64);
	frame_u8(f, protocol);
	frame_be16(f, 0);
	frame_ip_text(f, src, true);
	frame_ip_text(f, dst, true);
	frame_bytes(f, options, noptions);
	f->l4 = f->n;
}

static inline void frame_ip4(struct frame *f, const char *src, const char *dst, unsigned protocol)
{
	frame_ip4_full(f, src, dst, protocol, 1, 0, NULL, 0);
}

static inline void frame_ip6(struct frame *f, const char *src, const char *dst, unsigned next)
{
	f->ip = f->n;
	f->has_ip = true;
	f->version = 6;
	f->protocol = (uint8_t)next;
	frame_be32(f, 0x60000000);
	frame_be16(f, 0);
	frame_u8(f, next);
	frame_u8(f, 64);
	frame_ip_text(f, src, false);
	frame_ip_text(f, dst, false);
	f->l4 = f->n;
}

/* An IPv6 extension header of 8 * (1 + extra) bytes in the common form (next header, length, body of zeros). */
static inline void frame_ext(struct frame *f, unsigned next, unsigned extra)
{
	frame_u8(f, next);
	frame_u8(f, extra);
	for (unsigned i = 2; i < 8 * (1 + extra); i++)
		frame_u8(f, 0);
	f->protocol = (uint8_t)next;
	f->l4 = f->n;
}

/* An IPv6 fragment header; offset in bytes. */
static inline void frame_frag6(struct frame *f, unsigned next, unsigned offset, bool more, uint32_t id)
{
	frame_u8(f, next);
	frame_u8(f, 0);
	frame_be16(f, offset | more);
	frame_be32(f, id);
	f->protocol = 0; /* a piece: no checksum of its own */
	f->l4 = f->n;
}

static inline void frame_tcp(struct frame *f, unsigned sport, unsigned dport, uint32_t seq, uint32_t ack,
			     unsigned flags)
{
	f->l4 = f->n;
	frame_be16(f, sport);
	frame_be16(f, dport);
	frame_be32(f, seq);
	frame_be32(f, ack);
	frame_u8(f, 0x50);
	frame_u8(f, flags);
	frame_be16(f, 65535);
	frame_be32(f, 0);
}

static inline void frame_udp(struct frame *f, unsigned sport, unsigned dport)
{
	f->l4 = f->n;
	frame_be16(f, sport);
	frame_be16(f, dport);
	frame_be32(f, 0);
}

static inline void frame_icmp(struct frame *f, unsigned type, unsigned code)
{
	f->l4 = f->n;
	frame_u8(f, type);
	frame_u8(f, code);
	frame_be16(f, 0);
	frame_be32(f, 0x00010001);
}

/* The plain textbook sum, so that tests do not check the engine's sum against itself. */
static inline uint32_t frame_sum(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static inline void frame_checksum(struct frame *f, size_t at, bool pseudo)
{
	size_t addresses = f->version == 4 ? 8 : 32, from = f->ip + (f->version == 4 ? 12 : 8);
	uint32_t sum = 0;
	frame_put16(f, at, 0);
	if (pseudo)
		sum = frame_sum(f->protocol + (uint32_t)(f->n - f->l4), f->b + from, addresses);
	sum = ~frame_sum(sum, f->b + f->l4, f->n - f->l4) & 0xffff;
	frame_put16(f, at, sum ? sum : 0xffff);
}

/* Writes the lengths of the innermost IP and UDP headers and all checksums. Padding may be added after it. */
static inline void frame_done(struct frame *f)
{
	if (!f->has_ip)
		return;
	bool piece = f->version == 4 && ((f->b[f->ip + 6] & 0x3f) || f->b[f->ip + 7]);
	if (f->version == 4) {
		frame_put16(f, f->ip + 2, (unsigned)(f->n - f->ip));
		frame_put16(f, f->ip + 10, 0);
		frame_put16(f, f->ip + 10, ~frame_sum(0, f->b + f->ip, (f->b[f->ip] & 0xfu) * 4u) & 0xffff);
	} else {
		frame_put16(f, f->ip + 4, (unsigned)(f->n - f->ip - 40));
	}
	if (piece)
		return;
	if (f->protocol == TOC_IPPROTO_UDP)
		frame_put16(f, f->l4 + 4, (unsigned)(f->n - f->l4));
	if (f->protocol == TOC_IPPROTO_TCP)
		frame_checksum(f, f->l4 + 16, true);
	else if (f->protocol == TOC_IPPROTO_UDP)
		frame_checksum(f, f->l4 + 6, true);
	else if (f->protocol == TOC_IPPROTO_ICMP || f->protocol == TOC_IPPROTO_ICMP6)
		frame_checksum(f, f->l4 + 2, f->protocol == TOC_IPPROTO_ICMP6);
}

/* "GET /" from 10.0.0.1 port 1234 to 10.0.0.2 port 80. */
static inline void frame_sample_tcp4(struct frame *f)
{
	frame_eth(f, 0x0800);
	frame_ip4(f, "10.0.0.1", "10.0.0.2", 6);
	frame_tcp(f, 1234, 80, 7, 9, TOC_PSH | TOC_ACK);
	frame_bytes(f, "GET /", 5);
	frame_done(f);
}

/* "hello" from 2001:db8::1 port 5353 to 2001:db8::2 port 53. */
static inline void frame_sample_udp6(struct frame *f)
{
	frame_eth(f, 0x86dd);
	frame_ip6(f, "2001:db8::1", "2001:db8::2", 17);
	frame_udp(f, 5353, 53);
	frame_bytes(f, "hello", 5);
	frame_done(f);
}

/* Hop-by-hop, destination, authentication (which counts words of four bytes), routing without segments left, then TCP.
 */
static inline void frame_sample_chain6(struct frame *f)
{
	frame_eth(f, 0x86dd);
	frame_ip6(f, "2001:db8::1", "2001:db8::2", 0);
	frame_ext(f, 60, 1);
	frame_ext(f, 51, 0);
	frame_bytes(f, "\x2b\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	frame_ext(f, 6, 2); /* routing, no segments left */
	frame_tcp(f, 1, 2, 3, 4, TOC_SYN);
	frame_bytes(f, "data", 4);
	frame_done(f);
}

/* As capture would hand it over; the bytes stay the builder's. */
static inline struct toc_frame frame_view(const struct frame *f, toc_time at)
{
	return (struct toc_frame){ .at = at,
				   .ts = at,
				   .ordinal = 1,
				   .bytes = toc_span_of(f->b, f->n),
				   .wire_len = (uint32_t)f->n,
				   .linktype = f->linktype };
}

#endif
