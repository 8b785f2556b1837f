/* bench_replay - a capture again and again through decode, flow and all decoders, as if it went on: memory must stay
 * flat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/capture.h"
#include "decode/decode.h"
#include "flow/flow.h"

static uint64_t events;

static void count_event(struct toc_emit *self, struct toc_draft *d)
{
	(void)self, (void)d;
	events++;
}

static long resident_mb(void)
{
	long pages = 0, unused;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%ld %ld", &unused, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * sysconf(_SC_PAGESIZE) >> 20;
}

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* One pass; times and ordinals go on where the last one ended. Returns the last time. */
static toc_time pass(const char *path, struct toc_decode *decode, struct toc_flows *flows, toc_time from,
		     uint64_t *ordinal)
{
	char err[512];
	struct toc_capture *c = toc_capture_file(path, 0, err, sizeof(err));
	struct toc_frame frame = { 0 };
	struct toc_packet packet;
	toc_time shift = 0, last = from;
	if (!c) {
		fprintf(stderr, "%s\n", err);
		exit(2);
	}
	while (toc_capture_next(c, &frame) == TOC_READ_FRAME) {
		if (!shift)
			shift = from ? from + TOC_SEC - frame.at : 0;
		frame.at += shift;
		frame.ts += shift;
		frame.ordinal = ++*ordinal;
		last = frame.at;
		if (toc_decode(decode, &frame, &packet) == TOC_DROP_none)
			toc_flows_packet(flows, &packet);
	}
	toc_capture_close(c);
	return last;
}

int main(int argc, char **argv)
{
	static const struct toc_hash_key key = { 1, 2 };
	const struct toc_decode_config no_decode = { 0 };
	const struct toc_flow_config config = { .parse = true };
	struct toc_emit emit = { count_event };
	unsigned loops = 10;
	toc_time at = 0;
	uint64_t ordinal = 0;
	if (argc == 4 && strcmp(argv[2], "--loop") == 0)
		loops = (unsigned)strtoul(argv[3], NULL, 10);
	else if (argc != 2) {
		fprintf(stderr, "usage: bench_replay FILE.pcap [--loop N]\n");
		return 2;
	}
	struct toc_decode *decode = toc_decode_new(&no_decode, &key);
	struct toc_flows *flows = toc_flows_new(&config, toc_decoders, toc_intern_new(), &key, &emit);
	for (unsigned i = 1; i <= loops; i++) {
		double before = cpu_seconds();
		at = pass(argv[1], decode, flows, at, &ordinal);
		printf("loop %2u: %.2f CPU s, resident %ld MB, %llu events so far\n", i, cpu_seconds() - before,
		       resident_mb(), (unsigned long long)events);
	}
	return 0;
}
