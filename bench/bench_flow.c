/* bench_flow - memory and CPU of many flows at once: open ones, open ones with holes, and a flood among real ones. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "flow/flow.h"

static uint64_t events, real_conns;
static toc_field state_field;

/* Real flows end in order; a flood's never begin. */
static void count_event(struct toc_emit *self, struct toc_draft *d)
{
	(void)self;
	events++;
	for (unsigned i = 0; i < d->head.nslots; i++)
		if (d->slots[i].id == state_field && d->slots[i].len == 2 &&
		    memcmp(d->heap + d->slots[i].bits, "SF", 2) == 0)
			real_conns++;
}

static uint64_t ordinal;

static void packet(struct toc_flows *f, const uint8_t client[4], uint16_t port, bool reply, uint8_t flags, uint32_t seq,
		   struct toc_span payload)
{
	static const uint8_t server[4] = { 192, 0, 2, 1 };
	struct toc_packet p = { .at = TOC_DAY + (toc_time)ordinal * 4 * TOC_US,
				.l3 = TOC_L3_IP,
				.ip_proto = TOC_IPPROTO_TCP,
				.ip_len = 40 };
	p.ts = p.at;
	p.ordinal = ++ordinal;
	p.src = toc_addr_v4(reply ? server : client);
	p.dst = toc_addr_v4(reply ? client : server);
	p.sport = reply ? 443 : port;
	p.dport = reply ? port : 443;
	p.tcp.seq = seq;
	p.tcp.ack = 1;
	p.tcp.window = 1000;
	p.tcp.flags = flags;
	p.payload = payload;
	p.payload_len = (uint32_t)payload.n;
	toc_flows_packet(f, &p);
}

static void client_of(uint32_t flow, uint8_t out[4])
{
	const uint8_t a[4] = { 10, (uint8_t)(flow >> 16), (uint8_t)(flow >> 8), (uint8_t)flow };
	memcpy(out, a, 4);
}

/* Handshakes of n flows, none of which ends; with holes: then 1,000 bytes behind a missing byte, in two pieces. */
static void open_flows(struct toc_flows *f, uint32_t n, bool holes)
{
	static const uint8_t flags[] = { TOC_SYN, TOC_SYN | TOC_ACK, TOC_ACK, TOC_ACK, TOC_ACK };
	static const uint8_t bytes[500];
	uint8_t client[4];
	for (unsigned step = 0; step < (holes ? 5 : 3); step++)
		for (uint32_t flow = 0; flow < n; flow++) {
			client_of(flow, client);
			struct toc_span payload = toc_span_of(bytes, step < 3 ? 0 : sizeof(bytes));
			uint32_t seq = step == 0 ? 0 : step < 3 ? 1 : step == 3 ? 600 : 2;
			packet(f, client, (uint16_t)(1024 + (flow >> 24) * 7), step == 1, flags[step], seq, payload);
		}
}

/* n SYNs from anywhere; every 500th packet belongs to one of 1,000 sessions of ten packets that are at work. */
static void flood(struct toc_flows *f, uint32_t n)
{
	uint64_t random = 1;
	uint8_t from[4], client[4];
	for (uint32_t i = 0; i < n; i++) {
		random = toc_hash_mix(random, i);
		from[0] = (uint8_t)(random | 1);
		from[1] = (uint8_t)(random >> 8);
		from[2] = (uint8_t)(random >> 16);
		from[3] = (uint8_t)(random >> 24);
		packet(f, from, (uint16_t)(random >> 32), false, TOC_SYN, (uint32_t)(random >> 40), toc_span_of("", 0));
		if (i % 500)
			continue;
		uint32_t turn = i / 500, flow = turn % 1000, step = turn / 1000;
		client_of(flow, client);
		uint8_t flags = step == 0 ? TOC_SYN : step == 1 ? TOC_SYN | TOC_ACK : TOC_ACK;
		if (step < 8)
			packet(f, client, 5000, step == 1, flags, step != 0, toc_span_of("", 0));
		else if (step < 10)
			packet(f, client, 5000, step == 9, TOC_FIN | TOC_ACK, 1, toc_span_of("", 0));
	}
}

static double cpu_seconds(long *peak_kb)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	*peak_kb = u.ru_maxrss;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* bench_flow [N] [open|holes|flood] */
int main(int argc, char **argv)
{
	static const struct toc_hash_key key = { 1, 2 };
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	const char *mode = argc > 2 ? argv[2] : "open";
	bool is_flood = strcmp(mode, "flood") == 0;
	struct toc_emit emit = { count_event };
	const struct toc_flow_config config = { .flows = is_flood ? 0 : n + 1, .parse = true };
	struct toc_intern *names = toc_intern_new();
	struct toc_flows *f = toc_flows_new(&config, toc_decoders, names, &key, &emit);
	state_field = toc_intern_find(names, toc_span_str("conn_state"));
	long peak;
	if (is_flood)
		flood(f, n);
	else
		open_flows(f, n, strcmp(mode, "holes") == 0);
	const struct toc_flow_counters *c = toc_flows_count(f);
	double cpu = cpu_seconds(&peak);
	printf("%s %u: %llu flows, %llu evicted, %llu segments kept, %llu refused: peak %ld MB, %.0f packets a CPU "
	       "second\n",
	       mode, n, (unsigned long long)c->flows_new, (unsigned long long)c->flows_evicted,
	       (unsigned long long)c->segments_kept, (unsigned long long)c->segments_refused, peak / 1024,
	       (double)ordinal / cpu);
	toc_flows_finish(f, TOC_DAY + (toc_time)ordinal * 4 * TOC_US);
	if (is_flood)
		printf("real flows: %llu conn events of 1000; %llu events in all\n", (unsigned long long)real_conns,
		       (unsigned long long)events);
	return 0;
}
