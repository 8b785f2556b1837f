/* checksum - one's complement sum, eight bytes at a time (RFC 1071). */
#include "decode/checksum.h"

#include <arpa/inet.h>

/* Adds with the carry brought round, which keeps the sum right modulo 0xffff. */
static inline uint64_t add_round(uint64_t a, uint64_t b)
{
	a += b;
	return a + (a < b);
}

static inline uint64_t word(const uint8_t *p)
{
	uint64_t w;
	memcpy(&w, p, 8);
	return w;
}

uint64_t checksum_add(uint64_t sum, struct toc_span bytes)
{
	/* carries are counted apart, so no addition waits for the one before to be brought round: an add and an adc for
	 * eight bytes */
	uint64_t low = 0, carries = 0;
	size_t i = 0;
	for (; i + 32 <= bytes.n; i += 32) {
		const uint64_t a = word(bytes.p + i), b = word(bytes.p + i + 8);
		const uint64_t c = word(bytes.p + i + 16), d = word(bytes.p + i + 24);
		low += a;
		carries += low < a;
		low += b;
		carries += low < b;
		low += c;
		carries += low < c;
		low += d;
		carries += low < d;
	}
	for (; i + 8 <= bytes.n; i += 8)
		sum = add_round(sum, word(bytes.p + i));
	if (i < bytes.n) {
		uint64_t rest = 0;
		memcpy(&rest, bytes.p + i, bytes.n - i);
		sum = add_round(sum, rest);
	}
	return add_round(add_round(sum, low), carries);
}

uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & UINT32_MAX);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

bool checksum_transport(const struct toc_packet *p, struct toc_span bytes)
{
	/* a v4-mapped address adds 0xffff, which is zero in one's complement: one way for both versions */
	uint64_t sum = checksum_add(0, toc_span_of(p->src.b, 16));
	sum = checksum_add(sum, toc_span_of(p->dst.b, 16));
	sum += htonl((uint32_t)bytes.n);
	sum += htons(p->ip_proto);
	return checksum_fold(checksum_add(sum, bytes)) == 0xffff;
}
