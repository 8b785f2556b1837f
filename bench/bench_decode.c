/* bench_decode - CPU seconds of capture and decode over stored captures. */
#include <stdio.h>
#include <sys/resource.h>

#include "capture/capture.h"
#include "decode/decode.h"

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int run(const char *path, struct toc_decode *d)
{
	char err[512];
	struct toc_capture *c = toc_capture_file(path, 0, err, sizeof(err));
	if (!c) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	struct toc_frame frame;
	struct toc_packet packet;
	uint64_t bad = 0;
	enum toc_read got;
	while ((got = toc_capture_next(c, &frame)) == TOC_READ_FRAME)
		if (toc_decode(d, &frame, &packet) == TOC_DROP_none)
			bad += packet.bad_checksum;
	if (got == TOC_READ_BROKEN)
		fprintf(stderr, "%s\n", toc_capture_error(c));
	toc_capture_close(c);
	const struct toc_decode_counters *count = toc_decode_count(d);
	printf("%s: %llu frames, %llu packets, %llu bad checksums", path, (unsigned long long)count->seen,
	       (unsigned long long)count->packets, (unsigned long long)bad);
	for (int i = TOC_DROP_none + 1; i < TOC_NDROPS; i++)
		if (count->drops[i])
			printf(", %llu %s", (unsigned long long)count->drops[i], toc_drop_name((enum toc_drop)i));
	printf("\n");
	return got == TOC_READ_BROKEN;
}

int main(int argc, char **argv)
{
	const struct toc_decode_config config = { 0 };
	const struct toc_hash_key key = { 1, 2 };
	int status = 0;
	if (argc < 2) {
		fprintf(stderr, "usage: bench_decode FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		struct toc_decode *d = toc_decode_new(&config, &key);
		double before = cpu_seconds();
		status |= run(argv[i], d);
		printf("%s: %.3f CPU s\n", argv[i], cpu_seconds() - before);
		toc_decode_free(d);
	}
	return status;
}
