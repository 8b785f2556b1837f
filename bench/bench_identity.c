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

/* Questions about `most` of the addresses, at random. */
static void ask(const struct toc_bindings *b, uint32_t most, const char *what)
{
	uint64_t seed = 88172645463325252, named = 0;
	double before = now();
	for (unsigned i = 0; i < ASKED; i++) {
		struct toc_chain chain;
		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		const struct toc_addr a = address((uint32_t)(seed % most));
		toc_chain_at(b, &a, TOC_HOUR, &chain);
		named += chain.user != NULL;
	}
	printf("%s: %.0f ns a question (device, host and user), %llu of %u named\n", what,
	       1e9 * (now() - before) / ASKED, (unsigned long long)named, ASKED);
}

int main(void)
{
	const struct toc_hash_key key = { 1, 2 };
	struct toc_bindings *b = toc_bindings_new(2 * ADDRESSES, &key);
	if (!b)
		return 1;
	double before = now();
	fill(b);
	printf("%u statements: %.0f ns each to learn\n", 5 * ADDRESSES, 1e9 * (now() - before) / (5.0 * ADDRESSES));
	for (unsigned run = 0; run < RUNS; run++) {
		ask(b, ADDRESSES, "all of them");
		ask(b, 1000, "a thousand of them");
	}
	toc_bindings_free(b);
	return 0;
}
