/* fuzz_flows - a hostile capture through decode, flow and all decoders. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"
#include "decode/decode.h"
#include "flow/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void forget(struct toc_emit *self, struct toc_draft *d)
{
	static uint8_t record[1 << 18];
	(void)self;
	if (toc_draft_size(d) <= sizeof(record))
		toc_draft_seal(d, record);
}

static void play(struct toc_capture *c, struct toc_decode *decode, struct toc_flows *flows)
{
	struct toc_frame frame = { 0 };
	struct toc_packet packet;
	while (toc_capture_next(c, &frame) == TOC_READ_FRAME)
		if (toc_decode(decode, &frame, &packet) == TOC_DROP_none)
			toc_flows_packet(flows, &packet);
		else
			toc_flows_dropped(flows, &packet);
	toc_flows_finish(flows, frame.at + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_decode_config no_decode = { 0 };
	static const struct toc_flow_config config = { .flows = 64, .parse = true };
	struct toc_emit emit = { forget };
	char path[64], err[256];
	int fd = memfd_create("f.pcap", 0);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct toc_capture *c = toc_capture_file(path, 0, err, sizeof(err));
	if (c) {
		struct toc_intern *names = toc_intern_new();
		struct toc_decode *decode = toc_decode_new(&no_decode, &key);
		struct toc_flows *flows = toc_flows_new(&config, toc_decoders, names, &key, &emit);
		play(c, decode, flows);
		toc_flows_free(flows);
		toc_decode_free(decode);
		toc_intern_free(names);
		toc_capture_close(c);
	}
	close(fd);
	return 0;
}
