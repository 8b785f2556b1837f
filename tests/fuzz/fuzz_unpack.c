/* fuzz_unpack - hostile archives: whatever is in them, the thread ends, and what comes out stands in proportion. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t out[1 << 16];
	size_t all = 0, stop = n ? data[n - 1] * (size_t)4096 : 0; /* who reads stops somewhere */
	int fd = memfd_create("archive", 0);
	if (!toc_unpack_format(toc_span_of(data, n)) || write(fd, data, n) != (ssize_t)n) {
		close(fd);
		return 0;
	}
	lseek(fd, 0, SEEK_SET);
	struct toc_unpack *u = toc_unpack_start(fd, toc_span_of(data, n));
	if (!u)
		abort();
	for (ssize_t got = 1; got > 0 && all <= stop; all += got > 0 ? (size_t)got : 0)
		got = read(toc_unpack_fd(u), out, sizeof(out));
	toc_unpack_finish(u);
	close(toc_unpack_fd(u));
	toc_unpack_free(u);
	if (all > (size_t)TOC_UNPACK_FREE + n * TOC_UNPACK_RATIO)
		abort();
	return 0;
}
