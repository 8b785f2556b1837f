/* pcap_file: both formats in all byte orders, broken files at every byte, and messages that help. */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "capture/capture.h"
#include "frames.h"

enum { FRAME_BYTES = 60 };

static char path[64];
static char err[512];
static struct frame file; /* the file's bytes: the builder writes big-endian */
static bool little;

static int set_up(void **state)
{
	(void)state;
	strcpy(path, "/tmp/tocsin-capture-XXXXXX");
	int fd = mkstemp(path);
	close(fd);
	file.n = 0;
	little = false;
	return fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void w16(unsigned v)
{
	frame_be16(&file, little ? (v & 0xff) << 8 | (v >> 8 & 0xff) : v);
}

static void w32(uint32_t v)
{
	frame_be32(&file, little ? __builtin_bswap32(v) : v);
}

static void write_file(size_t n)
{
	FILE *out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(file.b, 1, n, out), n);
	fclose(out);
}

static struct toc_capture *open_file(void)
{
	err[0] = '\0';
	struct toc_capture *c = toc_capture_file(path, 5, err, sizeof(err));
	assert_true(c || (strlen(err) > 10 && !strchr(err, '\n')));
	return c;
}

static void pcap_header(bool nano, uint32_t linktype)
{
	w32(nano ? 0xa1b23c4d : 0xa1b2c3d4);
	w16(2);
	w16(4);
	w32(0);
	w32(0);
	w32(65535);
	w32(linktype);
}

static void pcap_frame(uint32_t sec, uint32_t fraction, unsigned seed)
{
	w32(sec);
	w32(fraction);
	w32(FRAME_BYTES);
	w32(1000);
	frame_fill(&file, FRAME_BYTES, seed);
}

static void ng_block(uint32_t type, uint32_t total)
{
	w32(type);
	w32(total);
}

static void ng_section(void)
{
	ng_block(0x0a0d0d0a, 28);
	w32(0x1a2b3c4d);
	w16(1);
	w16(0);
	w32(UINT32_MAX);
	w32(UINT32_MAX);
	w32(28);
}

/* With nanosecond stamps: option if_tsresol = 9. */
static void ng_interface(unsigned linktype, uint32_t snaplen)
{
	ng_block(1, 32);
	w16(linktype);
	w16(0);
	w32(snaplen);
	w16(9);
	w16(1);
	frame_be32(&file, 0x09000000);
	w32(0);
	w32(32);
}

static void ng_packet(uint32_t interface, uint64_t ns, unsigned seed)
{
	ng_block(6, 32 + FRAME_BYTES);
	w32(interface);
	w32((uint32_t)(ns >> 32));
	w32((uint32_t)ns);
	w32(FRAME_BYTES);
	w32(1000);
	frame_fill(&file, FRAME_BYTES, seed);
	w32(32 + FRAME_BYTES);
}

static void assert_frame(struct toc_capture *c, toc_time ts, unsigned seed)
{
	static struct frame expected;
	struct toc_frame f;
	assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
	expected.n = 0;
	frame_fill(&expected, FRAME_BYTES, seed);
	assert_true(f.ts == ts);
	assert_int_equal(f.bytes.n, FRAME_BYTES);
	assert_memory_equal(f.bytes.p, expected.b, FRAME_BYTES);
	assert_int_equal(f.wire_len, 1000);
	assert_int_equal(f.iface, 5);
	assert_int_equal(f.linktype, 1);
}

static void all_byte_orders_and_precisions(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 6; form++) {
		bool nano = form & 2, ng = form & 4;
		file.n = 0;
		little = form & 1;
		if (ng) {
			ng_section();
			ng_interface(1, 65535);
			ng_packet(0, 1700000000123456789u, 1);
			ng_packet(0, 1700000001000000000u, 2);
		} else {
			pcap_header(nano, 1);
			pcap_frame(1700000000, nano ? 123456789 : 123456, 1);
			pcap_frame(1700000001, 0, 2);
		}
		write_file(file.n);
		struct toc_capture *c = open_file();
		assert_non_null(c);
		assert_frame(c, 1700000000 * TOC_SEC + (nano || ng ? 123456789 : 123456000), 1);
		assert_frame(c, 1700000001 * TOC_SEC, 2);
		struct toc_frame f;
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_END);
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_END); /* and it stays so */
		struct toc_capture_stats s;
		toc_capture_stats(c, &s);
		assert_true(s.frames == 2 && s.bytes == 2 * FRAME_BYTES && s.kernel_received == 0);
		toc_capture_close(c);
	}
}

static void time_never_goes_back(void **state)
{
	(void)state;
	static const uint32_t seconds[] = { 100, 300, 200, UINT32_MAX, 400 };
	static const int64_t at[] = { 100, 300, 300, UINT32_MAX, UINT32_MAX };
	pcap_header(false, 1);
	for (size_t i = 0; i < 5; i++)
		pcap_frame(seconds[i], 0, 1);
	write_file(file.n);
	struct toc_capture *c = open_file();
	struct toc_frame f;
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
		assert_true(f.ts == seconds[i] * TOC_SEC);
		assert_true(f.at == at[i] * TOC_SEC);
		assert_int_equal(f.ordinal, i + 1);
	}
	toc_capture_close(c);
}

/* A forged time may not overflow when a timeout is added to it. */
static void forged_times_are_held_back(void **state)
{
	(void)state;
	ng_section();
	ng_interface(1, 65535);
	ng_packet(0, UINT64_MAX, 1);
	write_file(file.n);
	struct toc_capture *c = open_file();
	struct toc_frame f;
	assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
	assert_true(f.at > 0 && f.at <= INT64_MAX / 2);
	toc_capture_close(c);
	file.n = 0;
	pcap_header(true, 1);
	pcap_frame(10, UINT32_MAX, 1); /* more than a second of nanoseconds */
	write_file(file.n);
	c = open_file();
	assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
	assert_true(f.ts >= 10 * TOC_SEC && f.ts < 15 * TOC_SEC);
	toc_capture_close(c);
}

/* Cut at every byte: the whole frames come, then one clear word; never a frame that is not whole. */
static void cut_files_give_their_whole_frames(void **state)
{
	(void)state;
	for (unsigned ng = 0; ng < 2; ng++) {
		size_t ends[3];
		file.n = 0;
		if (ng) {
			ng_section();
			ng_interface(1, 65535);
		} else {
			pcap_header(false, 1);
		}
		ends[0] = file.n;
		for (unsigned i = 1; i < 3; i++) {
			if (ng)
				ng_packet(0, i * 1000000000u, i);
			else
				pcap_frame(i, 0, i);
			ends[i] = file.n;
		}
		for (size_t n = 0; n < file.n; n++) {
			write_file(n);
			struct toc_capture *c = open_file();
			if (n < ends[0]) {
				assert_null(c);
				continue;
			}
			unsigned whole = n >= ends[1];
			for (unsigned i = 1; i <= whole; i++)
				assert_frame(c, i * TOC_SEC, i);
			struct toc_frame f;
			bool at_end = n == ends[whole];
			assert_int_equal(toc_capture_next(c, &f), at_end ? TOC_READ_END : TOC_READ_BROKEN);
			assert_int_equal(toc_capture_next(c, &f), at_end ? TOC_READ_END : TOC_READ_BROKEN);
			assert_true(at_end || strstr(toc_capture_error(c), "cut off"));
			toc_capture_close(c);
		}
	}
}

static void assert_refused(const void *bytes, size_t n, const char *word)
{
	file.n = 0;
	frame_bytes(&file, bytes, n);
	write_file(n);
	assert_null(open_file());
	if (!strstr(err, word))
		fail_msg("\"%s\" does not say \"%s\"", err, word);
}

static void refusals_say_why(void **state)
{
	(void)state;
	assert_refused("", 0, "empty");
	assert_refused("<165>1 2026-01-01T00:00:00Z host app - - - hello\n", 49, "not a pcap");
	assert_refused("\x1f\x8b\x08\0\0\0\0\0", 8, "zcat");
	assert_refused("PK\x03\x04....", 8, "zip");
	assert_null(toc_capture_file("/nonexistent/x.pcap", 0, err, sizeof(err)));
	assert_non_null(strstr(err, "No such file"));
	assert_null(toc_capture_file("/tmp", 0, err, sizeof(err)));
	assert_non_null(strstr(err, "directory"));
}

/* Two interfaces, the second with this link type and snap length, and a frame of each. */
static struct toc_capture *two_interfaces(unsigned linktype, uint32_t snaplen, bool idle)
{
	file.n = 0;
	ng_section();
	ng_interface(1, 65535);
	ng_interface(linktype, snaplen);
	ng_packet(0, 1000000000, 1);
	if (!idle)
		ng_packet(1, 2000000000, 2);
	ng_packet(0, 3000000000, 3);
	write_file(file.n);
	struct toc_capture *c = open_file();
	assert_non_null(c);
	return c;
}

static void interfaces_of_other_types_are_told(void **state)
{
	(void)state;
	struct toc_frame f;
	for (int i = 0; i < 4; i++) {
		little = i & 1;
		bool idle = i & 2;
		struct toc_capture *c = two_interfaces(101, 65535, idle);
		assert_frame(c, TOC_SEC, 1);
		assert_frame(c, 3 * TOC_SEC, 3);
		assert_int_equal(toc_capture_next(c, &f), idle ? TOC_READ_END : TOC_READ_BROKEN);
		assert_true(idle || strstr(toc_capture_error(c), "different link types in one file: 1 frames"));
		toc_capture_close(c);
	}
}

static void snap_lengths_may_differ(void **state)
{
	(void)state;
	struct toc_frame f;
	for (int i = 0; i < 2; i++) {
		little = i & 1;
		struct toc_capture *c = two_interfaces(1, 96, false);
		for (unsigned frame = 1; frame <= 3; frame++)
			assert_frame(c, frame * TOC_SEC, frame);
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_END);
		toc_capture_close(c);
	}
}

/* Simple packets say how long they were; the snap length of the first interface says how much of it is in the file. */
static void simple_packets_are_read(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		file.n = 0;
		little = i & 1;
		ng_section();
		ng_interface(1, FRAME_BYTES);
		for (unsigned seed = 1; seed < 3; seed++) {
			ng_block(3, 16 + FRAME_BYTES);
			w32(seed == 1 ? 1000 : FRAME_BYTES);
			frame_fill(&file, FRAME_BYTES, seed);
			w32(16 + FRAME_BYTES);
		}
		write_file(file.n);
		struct toc_capture *c = open_file();
		struct toc_frame f;
		for (unsigned n = 0; n < 2; n++) {
			assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
			assert_int_equal(f.bytes.n, FRAME_BYTES);
		}
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_END);
		toc_capture_close(c);
	}
}

static void link_types_are_the_formats(void **state)
{
	(void)state;
	static const uint16_t linktypes[] = { 0, 1, 9, 101, 105, 108, 113, 127, 228, 229, 276 };
	for (size_t i = 0; i < sizeof(linktypes) / sizeof(linktypes[0]); i++) {
		file.n = 0;
		pcap_header(false, linktypes[i]);
		pcap_frame(1, 0, 1);
		write_file(file.n);
		struct toc_capture *c = open_file();
		struct toc_frame f;
		assert_int_equal(toc_capture_next(c, &f), TOC_READ_FRAME);
		assert_int_equal(f.linktype, linktypes[i]);
		toc_capture_close(c);
	}
}

static void standard_input_is_read(void **state)
{
	(void)state;
	pcap_header(false, 1);
	pcap_frame(1, 0, 1);
	write_file(file.n);
	int kept = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	dup2(fd, STDIN_FILENO);
	close(fd);
	struct toc_capture *c = toc_capture_file("-", 5, err, sizeof(err));
	assert_non_null(c);
	assert_frame(c, TOC_SEC, 1);
	toc_capture_close(c);
	if (kept >= 0)
		dup2(kept, STDIN_FILENO);
	close(kept);
	toc_capture_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(all_byte_orders_and_precisions),
		TEST(time_never_goes_back),
		TEST(forged_times_are_held_back),
		TEST(cut_files_give_their_whole_frames),
		TEST(refusals_say_why),
		TEST(interfaces_of_other_types_are_told),
		TEST(snap_lengths_may_differ),
		TEST(simple_packets_are_read),
		TEST(link_types_are_the_formats),
		TEST(standard_input_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
