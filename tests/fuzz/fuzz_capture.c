/* fuzz_capture - a stored capture of any bytes, read to its end, each frame given to a worker. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], err[256] = "";
	int fd = memfd_create("capture", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct toc_capture *c = toc_capture_file(path, 0, err, sizeof(err));
	if (!c && !*err)
		abort();
	struct toc_frame frame;
	toc_time at = 0;
	while (c && toc_capture_next(c, &frame) == TOC_READ_FRAME) {
		if (frame.at < at || frame.at < frame.ts || frame.ts < 0)
			abort();
		at = frame.at;
		volatile uint32_t worker = toc_spread(&frame) % 7;
		(void)worker;
	}
	toc_capture_close(c);
	close(fd);
	return 0;
}
