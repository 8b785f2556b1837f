/* packets: how much of which packet is kept, and what a cut makes of it. */
#include "test.h"

#include <bson/bson.h>

#include <unistd.h>

#include "capture/capture.h"
#include "evidence/batch.h"
#include "evidence/store.h"

enum { HEADERS = 54, PAYLOAD = 200 };

struct fixture {
	struct toc_ring *ring;
	struct packets packets;
	uint8_t bytes[HEADERS + PAYLOAD];
	struct toc_frame frame;
	struct toc_packet p;
	struct toc_packet_about about;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	f->ring = toc_ring_new(1 << 16);
	packets_init(&f->packets, f->ring);
	for (unsigned i = 0; i < sizeof(f->bytes); i++)
		f->bytes[i] = (uint8_t)(i < HEADERS ? 'h' : 'P');
	f->frame = (struct toc_frame){ .bytes = toc_span_of(f->bytes, sizeof(f->bytes)),
				       .wire_len = sizeof(f->bytes),
				       .linktype = 1 };
	f->p = (struct toc_packet){ .ts = 5 * TOC_SEC,
				    .ordinal = 7,
				    .ip_proto = TOC_IPPROTO_TCP,
				    .payload = toc_span_of(f->bytes + HEADERS, PAYLOAD) };
	f->about = (struct toc_packet_about){ .uid = 42, .number = 1 };
	f->packets.frame = &f->frame;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	toc_ring_free(f->ring);
	free(f);
	return 0;
}

/* Bytes that were kept of the packet; -1: none was. */
static int kept(struct fixture *f)
{
	f->packets.tap.see(&f->packets.tap, &f->p, &f->about);
	const struct packet_record *r = toc_ring_peek(f->ring);
	if (!r)
		return -1;
	const int n = r->n;
	assert_true(packet_record_sound((const uint8_t *)r, r->size));
	assert_int_equal(r->headers, n < HEADERS ? n : HEADERS);
	assert_memory_equal(r + 1, f->bytes, (size_t)n);
	toc_ring_pop(f->ring);
	return n;
}

static void test_headers(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(kept(f), HEADERS);
	f->p.reassembled = true;
	assert_int_equal(kept(f), -1);
	assert_int_equal(f->packets.shapeless, 1);
}

static void test_first_of_a_flow(void **state)
{
	struct fixture *f = *state;
	f->about.number = PACKETS_OF_FLOW;
	assert_int_equal(kept(f), HEADERS);
	f->about.number++;
	assert_int_equal(kept(f), -1);
	f->p.tcp.flags = TOC_FIN | TOC_ACK;
	assert_int_equal(kept(f), HEADERS);
}

static void test_payload(void **state)
{
	struct fixture *f = *state;
	static const struct payload_wish wishes[] = { { "http", 300 }, { "smtp", 300 }, { NULL, 0 } };
	f->packets.wishes = wishes;
	assert_int_equal(kept(f), HEADERS); /* nobody knows the service */
	f->about.service = "ssh";
	assert_int_equal(kept(f), HEADERS);
	f->about.service = "http";
	assert_int_equal(kept(f), HEADERS + PAYLOAD);
	f->about.before = 200; /* of a direction 300 bytes */
	assert_int_equal(kept(f), HEADERS + 100);
	f->about.before = 300;
	assert_int_equal(kept(f), HEADERS);
	f->about.before = 0;
	f->about.service = "smtp"; /* never, whatever was asked */
	assert_int_equal(kept(f), HEADERS);
	f->about.service = "http,smtp";
	assert_int_equal(kept(f), HEADERS);
	f->about.service = "httpd";
	assert_int_equal(kept(f), HEADERS);
}

/* ICMP is kept with its own header, not with what it quotes. */
static void test_icmp(void **state)
{
	struct fixture *f = *state;
	f->p.ip_proto = TOC_IPPROTO_ICMP;
	f->p.payload = toc_span_of(f->bytes + 34, 100);
	f->packets.tap.see(&f->packets.tap, &f->p, &f->about);
	const struct packet_record *r = toc_ring_peek(f->ring);
	assert_int_equal(r->n, 42);
}

/* A clerk that is behind costs packets, never time. */
static void test_full(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 2000; i++)
		f->packets.tap.see(&f->packets.tap, &f->p, &f->about);
	assert_int_equal(f->packets.taken + f->packets.lost, 2000);
	assert_true(f->packets.lost > 0);
}

/* --- from the store to a cut -------------------------------------------------------------------------------------- */

static struct packet_record *record(uint64_t uid, toc_time ts, uint8_t *room)
{
	struct packet_record *r = (struct packet_record *)(void *)room;
	*r = (struct packet_record){ .size = sizeof(*r) + 104,
				     .wire_len = 1500,
				     .ts = ts,
				     .uid = uid,
				     .ordinal = (uint64_t)ts,
				     .linktype = 1,
				     .headers = HEADERS,
				     .n = 100 };
	memset(r + 1, 'h', HEADERS);
	memset((uint8_t *)(r + 1) + HEADERS, 'P', 104 - HEADERS);
	return r;
}

static struct cut *cut_for(uint64_t uid, uint16_t payload)
{
	static const struct toc_trace line = { .ts = 1, .line = { (const uint8_t *)"a line", 6 }, .sha256 = "x" };
	const struct toc_trace traces[] = { { .ts = TOC_SEC, .at = 2 * TOC_SEC, .uid = uid }, line };
	const struct toc_alert alert = { .state = TOC_ALERT_OPEN,
					 .id = "0123456789abcdef0123456789abcdef",
					 .revision = 3,
					 .rule = "r",
					 .evidence = { .payload = payload },
					 .ntraces = 2,
					 .traces = traces };
	return cut_new(&alert);
}

/* The packets of a written cut are a capture: those of its flow, in order, with as much of each as the rule asks. */
static void check_cut(struct cut *c, unsigned packets, uint32_t bytes)
{
	struct text out = { 0 };
	struct cut_record r;
	struct toc_frame frame;
	toc_time last = 0;
	char path[] = "/tmp/tocsin-test-XXXXXX", err[256];
	cut_write(c, "s1", "why", &out);
	assert_true(cut_read((const uint8_t *)out.p, (uint32_t)out.n, &r));
	assert_string_equal(r.id, "0123456789abcdef0123456789abcdef");
	assert_int_equal(r.revision, 3);
	assert_int_equal(r.npackets, packets);
	assert_int_equal(r.nlines, 1);
	assert_false(r.line[0].whole); /* "x" is no digest of it */
	assert_true(r.whole);
	assert_string_equal(r.missing, packets ? "" : "why");
	int fd = mkstemp(path);
	assert_int_equal(write(fd, r.pcapng.p, r.pcapng.n), (ssize_t)r.pcapng.n);
	close(fd);
	struct toc_capture *in = packets ? toc_capture_file(path, 0, err, sizeof(err)) : NULL;
	for (unsigned i = 0; i < packets; i++) {
		assert_int_equal(toc_capture_next(in, &frame), TOC_READ_FRAME);
		assert_int_equal(frame.bytes.n, bytes);
		assert_int_equal(frame.wire_len, 1500);
		assert_true(frame.ts > last);
		last = frame.ts;
		for (uint32_t k = 0; k < bytes; k++)
			assert_int_equal(frame.bytes.p[k], k < HEADERS ? 'h' : 'P');
	}
	if (in) {
		assert_int_equal(toc_capture_next(in, &frame), TOC_READ_END);
		toc_capture_close(in);
	}
	unlink(path);
	text_free(&out);
}

static void test_cut(void **state)
{
	char folder[] = "/tmp/tocsin-test-XXXXXX", err[256], command[64];
	_Alignas(8) uint8_t room[256];
	uint64_t pos = 0;
	(void)state;
	assert_non_null(mkdtemp(folder));
	const struct spool_config c = { folder, 8 << 20, 0, &toc_opener_self };
	struct store *store = store_new(spool_open(&c, err, sizeof(err)));
	struct cut *plain = cut_for(42, 0), *deep = cut_for(42, 16), *none = cut_for(43, 0);
	plain->next = deep;
	deep->next = none;
	for (unsigned i = 5000; i > 0; i--) /* two workers: not in order; several blocks */
		store_add(store, record(i % 100 == 0 ? 42 : 1000 + i, i * TOC_SEC, room));
	store_flush(store);
	struct batch *batch = batch_new(plain);
	while (store_next(store, &pos, batch_offer, batch))
		;
	batch_free(batch);
	check_cut(plain, 50, HEADERS);
	check_cut(deep, 50, HEADERS + 16);
	check_cut(none, 0, 0);
	cut_free(plain);
	cut_free(deep);
	cut_free(none);
	store_free(store);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

/* A block that was damaged, or made by somebody else. */
static void test_records_from_a_disk(void **state)
{
	_Alignas(8) uint8_t room[256] = { 0 };
	struct packet_record *r = record(1, 1, room);
	(void)state;
	assert_true(packet_record_sound(room, sizeof(room)));
	assert_false(packet_record_sound(room, r->size - 8u));
	r->n = 105;
	assert_false(packet_record_sound(room, sizeof(room)));
	r = record(1, 1, room);
	r->headers = 101;
	assert_false(packet_record_sound(room, sizeof(room)));
	r = record(1, 1, room);
	r->size = 0;
	assert_false(packet_record_sound(room, sizeof(room)));
	struct cut_record out;
	assert_false(cut_read(room, sizeof(room), &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_of_a_flow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_payload, setup, teardown),
		cmocka_unit_test_setup_teardown(test_icmp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_records_from_a_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
