/* decode: every stored capture that lies beside the tree (../shared/conformance) is read without a stumble. */
#include "test.h"

#include <fts.h>
#include <sys/stat.h>

#include "capture/capture.h"
#include "decode/decode.h"

static struct toc_decode *d;
static unsigned files, unread;

static void read_one(const char *path)
{
	char err[512];
	struct toc_capture *c = toc_capture_file(path, 0, err, sizeof(err));
	if (!c) {
		unread++;
		return;
	}
	struct toc_frame frame;
	struct toc_packet p;
	files++;
	while (toc_capture_next(c, &frame) == TOC_READ_FRAME) {
		toc_spread(&frame);
		if (toc_decode(d, &frame, &p) == TOC_DROP_none)
			assert_true(p.payload.n <= p.payload_len && p.l3 != TOC_L3_NONE);
	}
	toc_capture_close(c);
}

static void all_captures(void **state)
{
	(void)state;
	const char *given = getenv("TOC_SHARED");
	char folder[512];
	snprintf(folder, sizeof(folder), "%s/conformance", given ? given : "../shared");
	struct stat s;
	if (stat(folder, &s) != 0) {
		print_message("no captures are read: %s is not there\n", folder);
		skip();
	}
	const struct toc_decode_config config = { 0 };
	const struct toc_hash_key key = { 1, 2 };
	d = toc_decode_new(&config, &key);
	char *roots[] = { folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(tree);
	for (FTSENT *e = fts_read(tree); e; e = fts_read(tree))
		if (e->fts_info == FTS_F)
			read_one(e->fts_path);
	fts_close(tree);
	const struct toc_decode_counters *c = toc_decode_count(d);
	uint64_t sum = c->packets;
	for (int i = 0; i < TOC_NDROPS; i++)
		sum += c->drops[i];
	print_message("%u captures, %u other files, %llu frames, %llu packets\n", files, unread,
		      (unsigned long long)c->seen, (unsigned long long)c->packets);
	assert_true(sum == c->seen);
	assert_true(files > 1000 && c->packets * 10 > c->seen * 9);
	toc_decode_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_captures) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
