/* spread: symmetric, even, and the kernel's program gives the same number as the C function. */
#include "test.h"

#include "capture/capture.h"
#include "capture/spread.h"
#include "frames.h"

static struct frame f;
static struct bpf_insn code[SPREAD_PROGRAM];

static uint32_t in_c(void)
{
	struct toc_frame frame = frame_view(&f, 0);
	return toc_spread(&frame);
}

static uint32_t in_bpf(void)
{
	return bpf_filter(code, f.b, (u_int)f.n, (u_int)f.n);
}

/* A small generator: the same numbers in every run. */
static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* A frame with `tags` VLAN tags and random addresses; version 0 = ARP. */
static void make(unsigned version, unsigned tags, uint32_t *seed)
{
	static const unsigned tag_types[] = { 0x8100, 0x88a8, 0x9100 };
	unsigned type = version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0x0806;
	frame_eth(&f, tags ? tag_types[next(seed) % 3] : type);
	for (unsigned i = 0; i < tags; i++)
		frame_vlan(&f, next(seed) & 0xfff, i + 1 < tags ? tag_types[next(seed) % 3] : type);
	if (version == 6)
		frame_ip6(&f, "::", "::", 17);
	else
		frame_ip4(&f, "0.0.0.0", "0.0.0.0", 17);
	size_t from = f.ip + (version == 6 ? 8 : 12);
	for (size_t i = from; i < f.l4; i++)
		f.b[i] = (uint8_t)next(seed);
	frame_udp(&f, 1, 2);
}

/* What the pair of make_wide has when it comes bare. */
static void make_plain(unsigned version, uint32_t *hash)
{
	frame_eth(&f, version == 6 ? 0x86dd : 0x0800);
	if (version == 6)
		frame_ip6(&f, "2001:db8::1", "2001:db8::2", 17);
	else
		frame_ip4(&f, "10.0.0.1", "192.168.7.9", 17);
	*hash = in_c();
}

/* Below a session of PPPoE, MPLS labels, or both; sometimes an Ethernet pseudowire, sometimes what nobody reads. */
static void make_wide(uint32_t *seed)
{
	static const uint8_t numbers[] = { 0x21, 0x57, 0x81, 0x83, 0x99 };
	unsigned session = next(seed) % 2, labels = session ? next(seed) % 2 * 3 : 1 + next(seed) % 5;
	unsigned version = next(seed) % 3 ? 4 : 6, wire = labels && next(seed) % 4 == 0;
	frame_eth(&f, 0x8100);
	frame_vlan(&f, 7, session ? 0x8864 : next(seed) % 2 ? 0x8847 : 0x8848);
	if (session) {
		uint8_t number = next(seed) % 8 == 0 ? numbers[next(seed) % 5]
				 : labels	     ? 0x81
				 : version == 4	     ? 0x21
						     : 0x57;
		frame_bytes(&f, "\x11\0\0\1\0\x40", 6);
		frame_bytes(&f, (uint8_t[]){ number > 0x80 ? 2 : 0, number }, 2);
	}
	for (unsigned i = 0; i < labels; i++)
		frame_bytes(&f, (uint8_t[]){ (uint8_t)next(seed), 16, i + 1 == labels, 64 }, 4);
	if (wire) {
		frame_fill(&f, 4, next(seed) % 8 == 0 ? 0x70 : 0);
		frame_fill(&f, 12, 2);
		frame_bytes(&f, "\x81\0\0\7", 4);
		frame_bytes(&f, version == 4 ? "\x08\0" : "\x86\xdd", 2);
	}
	if (version == 6)
		frame_ip6(&f, "2001:db8::1", "2001:db8::2", 17);
	else
		frame_ip4(&f, "10.0.0.1", "192.168.7.9", 17);
	frame_udp(&f, 1, 2);
}

static void wide_program_equals_function(void **state)
{
	(void)state;
	uint32_t seed = 4711, bare[2], found = 0;
	unsigned n = spread_program(code, 12, 14);
	make_plain(4, &bare[0]);
	make_plain(6, &bare[1]);
	for (unsigned i = 0; i < 50000; i++) {
		make_wide(&seed);
		if (i % 3 == 0)
			f.n = next(&seed) % (f.n + 1);
		uint32_t got = in_c();
		assert_int_equal(got, in_bpf());
		found += got == bare[0] || got == bare[1];
	}
	assert_true(n <= SPREAD_PROGRAM && found > 25000);
}

static void swap_addresses(unsigned version)
{
	uint8_t kept[16];
	size_t n = version == 6 ? 16 : 4, from = f.ip + (version == 6 ? 8 : 12);
	memcpy(kept, f.b + from, n);
	memmove(f.b + from, f.b + from + n, n);
	memcpy(f.b + from + n, kept, n);
}

static void program_equals_function(void **state)
{
	(void)state;
	uint32_t seed = 12345;
	unsigned n = spread_program(code, 12, 14);
	assert_true(n <= SPREAD_PROGRAM);
	assert_true(bpf_validate(code, (int)n));
	for (unsigned i = 0; i < 50000; i++) {
		unsigned version = i % 5 == 0 ? 0 : i % 2 ? 4 : 6;
		make(version, i / 7 % 6, &seed);
		if (i % 3 == 0)
			f.n = next(&seed) % (f.n + 1);
		assert_int_equal(in_c(), in_bpf());
	}
}

static void direction_does_not_matter(void **state)
{
	(void)state;
	uint32_t seed = 99;
	for (unsigned i = 0; i < 2000; i++) {
		unsigned version = i % 2 ? 4 : 6;
		make(version, i % 4, &seed);
		uint32_t there = in_c();
		swap_addresses(version);
		assert_int_equal(in_c(), there);
	}
}

static void what_is_not_ip_goes_to_the_first(void **state)
{
	(void)state;
	uint32_t seed = 7;
	make(0, 0, &seed);
	assert_int_equal(in_c(), 0);
	make(4, 4, &seed); /* more tags than are looked through */
	assert_int_equal(in_c(), 0);
	make(4, 0, &seed);
	assert_int_not_equal(in_c(), 0);
	f.linktype = 147;
	assert_int_equal(in_c(), 0);
}

/* Other link types find the same addresses. */
static void link_types_agree(void **state)
{
	(void)state;
	static const struct {
		uint16_t linktype;
		const char *head;
		size_t n;
	} links[] = {
		{ 101, "", 0 },
		{ 228, "", 0 },
		{ 0, "\2\0\0\0", 4 },
		{ 113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0", 16 },
		{ 276, "\x08\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 20 },
	};
	frame_eth(&f, 0x0800);
	frame_ip4(&f, "10.0.0.1", "192.168.7.9", 17);
	uint32_t expected = in_c();
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		frame_begin(&f, links[i].linktype);
		frame_bytes(&f, links[i].head, links[i].n);
		frame_ip4(&f, "10.0.0.1", "192.168.7.9", 17);
		assert_int_equal(in_c(), expected);
	}
}

/* One server and its many clients in order: the shape of a real network. */
static void workers_get_equal_shares(void **state)
{
	(void)state;
	for (unsigned workers = 2; workers <= 8; workers++) {
		unsigned got[8] = { 0 };
		for (unsigned i = 0; i < 8000; i++) {
			frame_eth(&f, 0x0800);
			frame_ip4(&f, "10.0.0.1", "10.20.0.0", 17);
			frame_put16(&f, f.ip + 18, i);
			got[in_c() % workers]++;
		}
		for (unsigned w = 0; w < workers; w++) {
			assert_true(got[w] > 8000 / workers * 85 / 100);
			assert_true(got[w] < 8000 / workers * 115 / 100);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_equals_function),	    cmocka_unit_test(direction_does_not_matter),
		cmocka_unit_test(what_is_not_ip_goes_to_the_first), cmocka_unit_test(link_types_agree),
		cmocka_unit_test(workers_get_equal_shares),	    cmocka_unit_test(wide_program_equals_function),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
