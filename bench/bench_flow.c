/* bench_flow - memory and CPU of many flows at once: N flows of three packets each, none of which ends. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "flow/flow.h"

static uint64_t events;

static void count_event(struct toc_emit *self, struct toc_draft *d)
{
	(void)self, (void)d;
	events++;
}

static void packet(struct toc_flows *f, uint32_t flow, unsigned step, uint64_t *ordinal)
{
	static const uint8_t flags[] = { TOC_SYN, TOC_SYN | TOC_ACK, TOC_ACK };
	struct toc_packet p = {
		.at = TOC_DAY + (toc_time)*ordinal * TOC_US, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_TCP, .ip_len = 40
	};
	const uint8_t client[4] = { 10, (uint8_t)(flow >> 16), (uint8_t)(flow >> 8), (uint8_t)flow },
		      server[4] = { 192, 0, 2, 1 };
	bool reply = step == 1;
	p.ts = p.at;
	p.ordinal = ++*ordinal;
	p.src = toc_addr_v4(reply ? server : client);
	p.dst = toc_addr_v4(reply ? client : server);
	p.sport = reply ? 443 : (uint16_t)(1024 + (flow >> 24) * 7);
	p.dport = reply ? (uint16_t)(1024 + (flow >> 24) * 7) : 443;
	p.tcp.seq = step ? 1 : 0;
	p.tcp.ack = step ? 1 : 0;
	p.tcp.flags = flags[step];
	toc_flows_packet(f, &p);
}

static double cpu_seconds(long *peak_kb)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	*peak_kb = u.ru_maxrss;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
	static const struct toc_hash_key key = { 1, 2 };
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	struct toc_emit emit = { count_event };
	const struct toc_flow_config config = { .flows = n + 1, .parse = true };
	struct toc_flows *f = toc_flows_new(&config, toc_decoders, toc_intern_new(), &key, &emit);
	uint64_t ordinal = 0;
	long peak;
	for (unsigned step = 0; step < 3; step++)
		for (uint32_t flow = 0; flow < n; flow++)
			packet(f, flow, step, &ordinal);
	double cpu = cpu_seconds(&peak);
	const struct toc_flow_counters *c = toc_flows_count(f);
	printf("%u flows open, %llu evicted: peak %ld MB, %.0f packets a CPU second\n", n,
	       (unsigned long long)c->flows_evicted, peak / 1024, 3.0 * n / cpu);
	return c->flows_new != n;
}
