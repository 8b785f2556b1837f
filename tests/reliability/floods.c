/*
 * floods - packets that fill tables, beside fifty requests over HTTP that must be seen and a hundred connections that
 * must live. `floods syn|xor|unknown|fragments|holes N CAP` prints what it took: RSS that was added, what the stage
 * counts, what was seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "decode/decode.h"
#include "flow/flow.h"
#include "flow/table.h"

enum { PLANTED = 50, ALIVE = 100, STEPS = 6 };

struct flood {
	struct toc_emit emit;
	struct toc_flows *flows;
	struct toc_decode *decode;
	toc_field http, state;
	uint64_t ordinal, requests, lived;
	uint32_t random;
};

static void look(struct toc_emit *self, struct toc_draft *d)
{
	struct flood *f = (struct flood *)self;
	f->requests += d->head.kind == f->http;
	for (unsigned i = 0; i < d->head.nslots; i++)
		f->lived += d->slots[i].id == f->state && d->slots[i].len == 2 &&
			    memcmp(d->heap + d->slots[i].bits, "SF", 2) == 0;
}

static uint32_t roll(struct flood *f)
{
	f->random = f->random * 1664525 + 1013904223;
	return f->random >> 3 ^ f->random << 11;
}

static void send(struct flood *f, const uint8_t ends[2][4], unsigned dir, uint16_t port, uint8_t flags,
		 const uint32_t seq[2], const char *text)
{
	struct toc_packet p = { .at = TOC_DAY + (toc_time)f->ordinal * 4 * TOC_US,
				.l3 = TOC_L3_IP,
				.ip_proto = TOC_IPPROTO_TCP };
	p.payload = toc_span_str(text);
	p.payload_len = (uint32_t)p.payload.n;
	p.ip_len = (uint16_t)(40 + p.payload.n);
	p.ts = p.at;
	p.ordinal = ++f->ordinal;
	p.src = toc_addr_v4(ends[dir]);
	p.dst = toc_addr_v4(ends[!dir]);
	p.sport = dir ? 80 : port;
	p.dport = dir ? port : 80;
	p.tcp.seq = seq[dir];
	p.tcp.ack = seq[!dir];
	p.tcp.window = 1000;
	p.tcp.flags = flags;
	toc_flows_packet(f->flows, &p);
}

/* Step 0 … STEPS-1 of a connection with one request; of those that only live, without it. */
static void step_of(struct flood *f, unsigned number, unsigned step, bool request)
{
	const uint8_t ends[2][4] = { { 10, 9, (uint8_t)(number >> 8), (uint8_t)number }, { 192, 0, 2, 7 } };
	const char *ask = request ? "GET /attack HTTP/1.1\r\nHost: a\r\n\r\n" : "",
		   *say = request ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : "";
	const uint32_t begin[2] = { 0, 0 }, open[2] = { 1, 1 }, asked[2] = { 1 + (uint32_t)strlen(ask), 1 },
		       done[2] = { 1 + (uint32_t)strlen(ask), 1 + (uint32_t)strlen(say) };
	switch (step) {
	case 0:
		send(f, ends, 0, 5000, TOC_SYN, begin, "");
		break;
	case 1:
		send(f, ends, 1, 5000, TOC_SYN | TOC_ACK, (const uint32_t[2]){ 1, 0 }, "");
		break;
	case 2:
		send(f, ends, 0, 5000, TOC_ACK, open, ask);
		break;
	case 3:
		send(f, ends, 1, 5000, TOC_ACK, asked, say);
		break;
	case 4:
		send(f, ends, 0, 5000, TOC_FIN | TOC_ACK, done, "");
		break;
	default:
		send(f, ends, 1, 5000, TOC_FIN | TOC_ACK, (const uint32_t[2]){ done[0] + 1, done[1] }, "");
	}
}

/* What is planted, spread over the flood: connections that live open at once, say a word now and then, and end with it.
 */
static void planted(struct flood *f, uint32_t i, uint32_t n)
{
	uint32_t every = n / (PLANTED * STEPS), word = n / (ALIVE * 20) + 1;
	if (i < ALIVE * 3 && n > ALIVE * 3)
		step_of(f, 1000 + i / 3, i % 3, false);
	else if (i % word == 0)
		step_of(f, 1000 + i / word % ALIVE, 2, false);
	if (i >= n - ALIVE * 2)
		step_of(f, 1000 + (n - i - 1) / 2, 4 + !((n - i) % 2), false);
	if (i % every == 0 && i / every < PLANTED * STEPS)
		step_of(f, i / every / STEPS, i / every % STEPS, true);
}

static void flood_packet(struct flood *f, const char *mode)
{
	static const uint32_t zero[2] = { 0, 0 }, far[2] = { 100, 1 };
	uint32_t a = roll(f), b = roll(f);
	uint8_t ends[2][4] = { { (uint8_t)(a | 1), (uint8_t)(a >> 8), (uint8_t)(a >> 16), (uint8_t)(a >> 24) },
			       { 192, 0, 2, (uint8_t)b } };
	if (strcmp(mode, "xor") == 0) { /* what a hash by exclusive or puts into one place */
		memcpy(ends[1], ends[0], 4);
		ends[1][0] ^= 0x55;
	}
	send(f, (const uint8_t(*)[4])ends, 0, strcmp(mode, "xor") == 0 ? 1000 : (uint16_t)(b >> 8), TOC_SYN, zero, "");
	bool unknown = strcmp(mode, "unknown") == 0;
	if (unknown || strcmp(mode, "holes") == 0) {
		static const uint32_t next[2] = { 1, 1 };
		static char text[1001];
		memset(text, 'x', sizeof(text) - 1);
		send(f, (const uint8_t(*)[4])ends, 0, (uint16_t)(b >> 8), TOC_ACK, unknown ? next : far, text);
	}
}

/* The first of two fragments, whose other half never comes. */
static void flood_fragment(struct flood *f)
{
	uint32_t a = roll(f), id = roll(f);
	uint8_t bytes[20 + 1024] = { 0x45, 0, 4, 20, (uint8_t)id, (uint8_t)(id >> 8), 0x20, 0, 64, 17 };
	struct toc_packet p;
	memcpy(bytes + 12, &a, 4);
	memcpy(bytes + 16, "\300\0\2\1", 4);
	const struct toc_frame frame = { .at = TOC_DAY + (toc_time)f->ordinal * 4 * TOC_US,
					 .ts = TOC_DAY,
					 .ordinal = f->ordinal + 1,
					 .bytes = toc_span_of(bytes, sizeof(bytes)),
					 .wire_len = sizeof(bytes),
					 .linktype = 101 };
	f->ordinal++;
	if (toc_decode(f->decode, &frame, &p) == TOC_DROP_none)
		toc_flows_packet(f->flows, &p);
	else
		toc_flows_dropped(f->flows, &p);
}

static double rss_mib(void)
{
	long pages = 0, shared = 0;
	FILE *s = fopen("/proc/self/statm", "r");
	if (!s || fscanf(s, "%ld %ld", &pages, &shared) != 2)
		abort();
	fclose(s);
	return (double)shared * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* What a table of so many flows takes when it is full: the flows and the heads of their chains, a power of two. */
static double table_mib(uint32_t flows)
{
	size_t heads = 1;
	while (heads < flows)
		heads *= 2;
	return (double)(flows * sizeof(struct flow) + heads * sizeof(int32_t)) / (1 << 20);
}

int main(int argc, char **argv)
{
	static const struct toc_hash_key key = { 0x5ca1ab1e, 0xfeedface };
	if (argc != 4 || strtoul(argv[2], NULL, 10) < 1000) {
		fprintf(stderr, "usage: floods syn|xor|unknown|fragments|holes N CAP (flows, or MiB); N >= 1000\n");
		return 2;
	}
	const char *mode = argv[1];
	uint32_t n = (uint32_t)strtoul(argv[2], NULL, 10), cap = (uint32_t)strtoul(argv[3], NULL, 10);
	bool fragments = strcmp(mode, "fragments") == 0, holes = strcmp(mode, "holes") == 0;
	struct flood f = { .emit = { look }, .random = 1 };
	const struct toc_decode_config decode = { .fragment_bytes = fragments ? (size_t)cap << 20 : 0 };
	const struct toc_flow_config config = { .flows = fragments || holes ? 2 * n + 1000 : cap,
						.stream_bytes = holes ? (size_t)cap << 20 : 0,
						.parse = true };
	struct toc_intern *names = toc_intern_new();
	f.flows = toc_flows_new(&config, toc_decoders, names, &key, &f.emit);
	f.decode = toc_decode_new(&decode, &key);
	f.http = toc_intern_find(names, toc_span_str("http"));
	f.state = toc_intern_find(names, toc_span_str("conn_state"));
	double before = rss_mib();
	clock_t began = clock();
	for (uint32_t i = 0; i < n; i++) {
		if (fragments)
			flood_fragment(&f);
		else
			flood_packet(&f, mode);
		planted(&f, i, n);
	}
	double spent = (double)(clock() - began) / CLOCKS_PER_SEC, grown = rss_mib() - before;
	toc_flows_finish(f.flows, 2 * TOC_DAY);
	const struct toc_flow_counters *c = toc_flows_count(f.flows);
	const struct toc_decode_counters *d = toc_decode_count(f.decode);
	printf("{\"grown_mib\": %.1f, \"table_mib\": %.1f, \"cpu\": %.3f, \"requests\": %llu, \"lived\": %llu, \"flows_new\": %llu, "
	       "\"flows_ended\": %llu, \"evicted\": %llu, \"kept\": %llu, \"refused\": %llu, \"probed_once\": %llu, "
	       "\"packets\": %llu, \"fragments_evicted\": %llu, \"fragments_seen\": %llu, \"fragments_dropped\": "
	       "%llu}\n",
	       grown, table_mib(cap), spent, (unsigned long long)f.requests, (unsigned long long)f.lived,
	       (unsigned long long)c->flows_new, (unsigned long long)c->flows_ended,
	       (unsigned long long)c->flows_evicted, (unsigned long long)c->segments_kept,
	       (unsigned long long)c->segments_refused, (unsigned long long)c->probed_once,
	       (unsigned long long)c->packets, (unsigned long long)d->fragments_evicted, (unsigned long long)d->seen,
	       (unsigned long long)d->drops[TOC_DROP_fragment_held]);
	toc_flows_free(f.flows);
	toc_decode_free(f.decode);
	toc_intern_free(names);
	return 0;
}
