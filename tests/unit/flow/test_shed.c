/* flow: what is let go under pressure - files, streams, checksums - and what never is. */
#include "test.h"

#include "rig.h"

enum { LARGE = 4000, FIRST = 2000, PIECE = 1000 };

enum { KIND, F_SIZE, F_FUID, N_FIELDS };
static const struct toc_field_decl fields[N_FIELDS] = {
	[KIND] = { "piece", TOC_KIND, false, TOC_OPEN, NULL, "bytes that the decoder was given" },
	[F_SIZE] = { "size", TOC_UINT, false, TOC_OPEN, NULL, "how many" },
	[F_FUID] = { "fuid", TOC_STRING, false, TOC_OPEN, NULL, "unused" },
};

struct taken {
	bool open;
	uint64_t at;
};

static bool placed; /* the decoder says where bytes of the file lie (SMB) */

static enum toc_probe yes(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first, (void)dir, (void)hint;
	return TOC_YES;
}

/* All that comes is one file, and each call is told. */
static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct taken *t = state;
	struct toc_span bytes = toc_take(in, toc_left(in));
	if (!t->open)
		toc_body_open(s, dir, "TEST", toc_span_str(""), UINT64_MAX);
	t->open = true;
	if (placed)
		t->at = toc_body_at(s, dir, t->at, bytes);
	else
		toc_body_data(s, dir, bytes);
	struct toc_draft *d = toc_sink_begin(s, KIND);
	toc_put_uint(d, F_SIZE, bytes.n);
	toc_sink_commit(s, d);
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	(void)state;
	toc_body_gap(s, dir, n);
	return TOC_MORE;
}

static unsigned verified;
static bool verify(const struct toc_packet *p)
{
	(void)p;
	verified++;
	return true;
}

static struct toc_decoder file = { .name = "file",
				   .carriers = TOC_OVER_TCP,
				   .fields = fields,
				   .nfields = N_FIELDS,
				   .state_size = sizeof(struct taken),
				   .bodies = true,
				   .probe = yes,
				   .parse = parse,
				   .gap = gap };

static struct rig *begin(bool parses)
{
	static const struct toc_decoder *const list[] = { &file, NULL };
	const struct toc_flow_config config = {
		.parse = parses, .shed_large = LARGE, .shed_first = FIRST, .verify = verify
	};
	verified = 0;
	placed = false;
	file.vital = false;
	return rig_new(&config, list);
}

/* Piece i of the stream, from 0. */
static void send(struct rig *r, unsigned i)
{
	static uint8_t bytes[PIECE];
	struct toc_packet p = { .at = TOC_SEC + i, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_TCP, .ip_len = 40 + PIECE };
	p.src = rig_addr("10.0.0.1");
	p.dst = rig_addr("192.0.2.1");
	p.sport = 1000;
	p.dport = 80;
	p.tcp.seq = 1 + i * PIECE;
	p.tcp.flags = TOC_ACK;
	p.payload = p.unverified = toc_span_of(bytes, PIECE);
	p.payload_len = PIECE;
	rig_packet(r, &p);
}

static void send_many(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		send(r, i);
}

static const struct toc_flow_counters *count(const struct rig *r)
{
	return toc_flows_count(r->flows);
}

static void end(struct rig *r)
{
	toc_flows_finish(r->flows, 10 * TOC_SEC);
}

static void a_large_file_keeps_its_first_bytes(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	toc_flows_shed(r->flows, 1u << TOC_SHED_large);
	send_many(r, 10);
	end(r);
	assert_int_equal(count(r)->shed_large_bytes, 10 * PIECE - LARGE);
	assert_int_equal(rig_count(r, "\"seen_bytes\":10000"), 1); /* its length is known all the same */
	assert_int_equal(rig_count(r, "\"missing_bytes\":0"), 1);
	assert_int_equal(rig_count(r, "sha256"), 0);
	assert_int_equal(rig_count(r, "\"event\":\"piece\""), 10); /* what is around the body is read */
	assert_int_equal(rig_count(r, "\"orig_bytes\":10000"), 1);
	rig_free(r);
}

static void a_file_in_places_is_let_go_as_well(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	placed = true;
	toc_flows_shed(r->flows, 1u << TOC_SHED_large);
	send_many(r, 10);
	end(r);
	assert_int_equal(count(r)->shed_large_bytes, 10 * PIECE - LARGE);
	assert_int_equal(rig_count(r, "\"seen_bytes\":10000"), 1);
	assert_int_equal(rig_count(r, "\"missing_bytes\":0"), 1);
	assert_int_equal(rig_count(r, "sha256"), 0);
	rig_free(r);
}

/* A hash of the beginning and the end would be one of nothing. */
static void a_file_that_was_shed_gets_no_hash_later(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	send_many(r, 5);
	toc_flows_shed(r->flows, 1u << TOC_SHED_large);
	send(r, 5);
	toc_flows_shed(r->flows, 0);
	send(r, 6);
	end(r);
	assert_int_equal(count(r)->shed_large_bytes, PIECE);
	assert_int_equal(rig_count(r, "\"seen_bytes\":7000"), 1);
	assert_int_equal(rig_count(r, "sha256"), 0);
	rig_free(r);
}

static void a_small_file_keeps_what_tells_its_type(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	toc_flows_shed(r->flows, 1u << TOC_SHED_files);
	send_many(r, 10);
	end(r);
	const uint64_t shed = count(r)->shed_files_bytes;
	assert_true(shed > 0 && shed < 10 * PIECE);
	assert_int_equal(count(r)->shed_large_bytes, 0);
	rig_free(r);
}

static void a_stream_keeps_its_first_bytes(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	toc_flows_shed(r->flows, 1u << TOC_SHED_payload);
	send_many(r, 10);
	toc_flows_shed(r->flows, 0);
	send(r, 10); /* read again, behind what is as good as lost */
	end(r);
	assert_int_equal(count(r)->shed_payload_bytes, 10 * PIECE - FIRST);
	assert_int_equal(rig_count(r, "\"event\":\"piece\""), 3);
	assert_int_equal(rig_count(r, "\"missed_bytes\":0"), 1); /* the mirror has shown it */
	assert_int_equal(rig_count(r, "\"orig_bytes\":11000"), 1);
	rig_free(r);
}

static void who_logs_in_is_read_to_the_end(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	file.vital = true;
	toc_flows_shed(r->flows, 1u << TOC_SHED_payload);
	send_many(r, 10);
	assert_int_equal(count(r)->shed_payload_bytes, 0);
	assert_int_equal(rig_count(r, "\"event\":\"piece\""), 10);
	rig_free(r);
}

/* Nobody reads this flow: its checksums go first, once it is large. */
static void checksums_of_what_nobody_reads(void **state)
{
	(void)state;
	static const struct toc_decoder *const none[] = { NULL };
	const struct toc_flow_config config = { .parse = true, .shed_large = LARGE, .verify = verify };
	struct rig *r = rig_new(&config, none);
	verified = 0;
	toc_flows_shed(r->flows, 1u << TOC_SHED_encrypted);
	send_many(r, 10);
	assert_int_equal(verified, LARGE / PIECE - 1); /* the packet that makes it large is the first to go */
	assert_int_equal(count(r)->shed_encrypted_bytes, 11 * PIECE - LARGE);
	end(r);
	assert_int_equal(rig_count(r, "\"orig_bytes\":10000"), 1);
	rig_free(r);
}

static void without_pressure_all_is_read(void **state)
{
	(void)state;
	struct rig *r = begin(true);
	send_many(r, 10);
	end(r);
	assert_int_equal(verified, 10);
	assert_int_equal(rig_count(r, "sha256"), 1);
	assert_int_equal(count(r)->shed_large_bytes + count(r)->shed_files_bytes + count(r)->shed_payload_bytes, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_file_keeps_its_first_bytes),
		cmocka_unit_test(a_file_in_places_is_let_go_as_well),
		cmocka_unit_test(a_file_that_was_shed_gets_no_hash_later),
		cmocka_unit_test(a_small_file_keeps_what_tells_its_type),
		cmocka_unit_test(a_stream_keeps_its_first_bytes),
		cmocka_unit_test(who_logs_in_is_read_to_the_end),
		cmocka_unit_test(checksums_of_what_nobody_reads),
		cmocka_unit_test(without_pressure_all_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
