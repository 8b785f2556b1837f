/* bench_identity - what it costs to ask who an address was, with a million statements remembered, and to be told of
 * one. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "identity/chain.h"

enum { ADDRESSES = 200000, ASKED = 500000, RUNS = 3 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct toc_addr address(uint32_t i)
{
	struct toc_addr a = { .b = { [10] = 0xff, [11] = 0xff, [12] = 10 } };
	a.b[13] = (uint8_t)(i >> 16);
	a.b[14] = (uint8_t)(i >> 8);
	a.b[15] = (uint8_t)i;
	return a;
}

/* Five statements of each address: its device, its host and a user; the device's address and user. */
static void fill(struct toc_bindings *b)
{
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		const struct toc_addr a = address(i);
		const struct toc_mac mac = { { 0x3c, 0x22, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
		const struct toc_addr device = toc_binding_device(&mac);
		char mac_text[TOC_MAC_TEXT], ip_text[TOC_ADDR_TEXT], host[16], user[16];
		toc_mac_print(&mac, mac_text);
		toc_addr_print(&a, ip_text);
		snprintf(host, sizeof(host), "pc-%u", i);
		snprintf(user, sizeof(user), "u%u", i);
		toc_bindings_learn(b, &a, TOC_BIND_MAC, toc_span_str(mac_text), 0, TOC_DAY, 85, "dhcp-log");
		toc_bindings_learn(b, &a, TOC_BIND_HOST, toc_span_str(host), 0, TOC_DAY, 75, "dhcp-log");
		toc_bindings_learn(b, &a, TOC_BIND_USER, toc_span_str(user), 1, TOC_DAY, 80, "windows");
		toc_bindings_learn(b, &device, TOC_BIND_ADDRESS, toc_span_str(ip_text), 0, TOC_DAY, 85, "dhcp-log");
		toc_bindings_learn(b, &device, TOC_BIND_USER, toc_span_str(user), 2, TOC_DAY, 85, "radius");
	}
}

/* xorshift64 (Marsaglia 2003) */
static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
	return *seed;
}

/* --- what is asked for: drawn before, so that only the answer is timed
 * ------------------------------------------------ */

static void draw_evenly(uint32_t *asked, uint32_t most, uint64_t *seed)
{
	for (unsigned i = 0; i < ASKED; i++)
		asked[i] = (uint32_t)(draw(seed) % most);
}

/* Zipf's law with exponent 1: the busiest address is asked for as often as the next two together, and so on. */
static void draw_zipf(uint32_t *asked, uint64_t *seed)
{
	static double sums[ADDRESSES];
	double sum = 0;
	for (uint32_t i = 0; i < ADDRESSES; i++)
		sums[i] = sum += 1.0 / (i + 1.0);
	for (unsigned i = 0; i < ASKED; i++) {
		const double at = sum * (double)(draw(seed) >> 11) / (double)(UINT64_C(1) << 53);
		uint32_t low = 0, high = ADDRESSES - 1;
		while (low < high) {
			const uint32_t middle = low + (high - low) / 2;
			*(sums[middle] < at ? &low : &high) = sums[middle] < at ? middle + 1 : middle;
		}
		asked[i] = (uint32_t)((low * UINT64_C(2654435761)) % ADDRESSES); /* the busy ones are no neighbours */
	}
}

/* --- asking
 * ----------------------------------------------------------------------------------------------------------- */

/* `together` at a time, as an event's two ends are. */
static void ask(const struct toc_bindings *b, const uint32_t *asked, unsigned together, const char *what)
{
	uint64_t named = 0;
	double before = now();
	for (unsigned i = 0; i + together <= ASKED; i += together) {
		struct toc_chain chains[TOC_LOOKS];
		struct toc_addr a[TOC_LOOKS];
		for (unsigned k = 0; k < together; k++)
			a[k] = address(asked[i + k]);
		toc_chains_at(b, a, together, TOC_HOUR, chains);
		for (unsigned k = 0; k < together; k++)
			named += chains[k].user != NULL;
	}
	printf("%-28s %s: %4.0f ns a question (device, host and user), %llu of %u named\n", what,
	       together == 1 ? "one at a time" : "two at a time", 1e9 * (now() - before) / ASKED,
	       (unsigned long long)named, ASKED);
}

int main(void)
{
	static uint32_t any[ASKED], zipf[ASKED], few[ASKED];
	const struct toc_hash_key key = { 1, 2 };
	struct toc_bindings *b = toc_bindings_new(2 * ADDRESSES, &key);
	uint64_t seed = 88172645463325252;
	if (!b)
		return 1;
	double before = now();
	fill(b);
	printf("%u statements: %.0f ns each to learn\n", 5 * ADDRESSES, 1e9 * (now() - before) / (5.0 * ADDRESSES));
	draw_evenly(any, ADDRESSES, &seed);
	draw_evenly(few, 8000, &seed);
	draw_zipf(zipf, &seed);
	for (unsigned run = 0; run < RUNS; run++)
		for (unsigned together = 1; together <= TOC_LOOKS; together++) {
			ask(b, any, together, "any of 200,000, all alike");
			ask(b, zipf, together, "any of 200,000, by Zipf");
			ask(b, few, together, "8,000 of them (a school)");
		}
	toc_bindings_free(b);
	return 0;
}
