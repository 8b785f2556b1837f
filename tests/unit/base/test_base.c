/* base: cursor edges, addresses, intern, drafts and records, rings, YAML places. */
#include "test.h"

#include <pthread.h>

#include "base/diag.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/ring.h"
#include "base/yaml.h"
#include "tocsin/cursor.h"
#include "tocsin/draft.h"

static void cursor_is_sticky(void **unused)
{
	(void)unused;
	const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct toc_cursor c = toc_cursor_of(toc_span_of(bytes, sizeof(bytes)));
	assert_int_equal(toc_be32(&c), 0x01020304);
	assert_int_equal(toc_be32(&c), 0); /* one byte short */
	assert_true(c.bad);
	assert_int_equal(toc_rest(&c).n, 3);
	assert_int_equal(toc_left(&c), 0); /* so that reading while something is left ends */
	assert_int_equal(toc_u8(&c), 0);   /* bad stays bad, although a byte is there */
	c = toc_cursor_of(toc_span_of(bytes, sizeof(bytes)));
	struct toc_cursor sub = toc_sub(&c, 3);
	assert_int_equal(toc_le16(&sub), 0x0201);
	assert_int_equal(toc_u8(&sub), 3);
	assert_false(sub.bad);
	sub = toc_sub(&c, 5);
	assert_true(sub.bad);
}

static void addresses_read_and_print(void **unused)
{
	(void)unused;
	static const char *const texts[] = { "10.1.2.3", "255.255.255.255", "0.0.0.0", "2001:db8::1", "fe80::1" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct toc_addr a;
		char out[TOC_ADDR_TEXT];
		assert_true(toc_addr_parse(toc_span_str(texts[i]), &a));
		assert_int_equal(toc_addr_print(&a, out), strlen(texts[i]));
		assert_string_equal(out, texts[i]);
	}
	struct toc_addr a;
	assert_false(toc_addr_parse(toc_span_str("10.1.2"), &a));
	assert_false(toc_addr_parse(toc_span_str("10.1.2.3 "), &a));
	assert_false(toc_addr_parse(toc_span_str(""), &a));
	static const char *const macs[] = { "aabbcc-0deeff", "aa:bb:cc:0d:ee:ff", "AA-BB-CC-0D-EE-FF", "aabb.cc0d.eeff",
					    "aabbcc0deeff" };
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		struct toc_mac m;
		char out[TOC_MAC_TEXT];
		assert_true(toc_mac_parse(toc_span_str(macs[i]), &m));
		toc_mac_print(&m, out);
		assert_string_equal(out, "aa:bb:cc:0d:ee:ff");
	}
	struct toc_mac m;
	assert_false(toc_mac_parse(toc_span_str("aa:bb:cc:0d:ee:fg"), &m));
	assert_false(toc_mac_parse(toc_span_str("aa:bb-cc:0d:ee:ff"), &m));
	assert_false(toc_mac_parse(toc_span_str("aabbccd-0eeff"), &m));
}

/* The examples of FIPS 180-4; the second one begins anew. */
static void sha1_of_one_text_after_the_other(void **unused)
{
	(void)unused;
	static const struct {
		const char *text, *hex;
	} examples[] = { { "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
			 { "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
			 { "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" } };
	struct toc_sha1 *h = toc_sha1_new();
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		uint8_t sum[20];
		char hex[41] = "";
		toc_sha1_of(h, toc_span_str(examples[i].text), sum);
		toc_hex(sum, sizeof(sum), hex);
		assert_string_equal(hex, examples[i].hex);
	}
	toc_sha1_free(h);
}

static void hash_is_siphash(void **unused)
{
	(void)unused;
	struct toc_hash_key a = { 1, 2 }, b = { 1, 3 };
	assert_true(toc_hash(&a, "tocsin", 6) == toc_hash(&a, "tocsin", 6));
	assert_true(toc_hash(&a, "tocsin", 6) != toc_hash(&b, "tocsin", 6));
	assert_true(toc_hash(&a, "tocsin", 6) != toc_hash(&a, "tocsim", 6));
	assert_true(toc_hash(&a, "", 0) != toc_hash(&a, "\0", 1));
	assert_true(toc_hash_fixed("a", 1) == UINT64_C(0xaf63dc4c8601ec8c)); /* FNV-1a's published vector */
}

static void intern_gives_stable_ids(void **unused)
{
	(void)unused;
	struct toc_intern *t = toc_intern_new();
	toc_field a = toc_intern_add(t, toc_span_str("id.orig_h")), b = toc_intern_add(t, toc_span_str("query"));
	assert_int_not_equal(a, 0);
	assert_int_not_equal(a, b);
	assert_int_equal(toc_intern_add(t, toc_span_str("id.orig_h")), a);
	assert_int_equal(toc_intern_find(t, toc_span_str("nobody")), 0);
	assert_string_equal(toc_intern_name(t, b), "query");
	toc_intern_free(t);
}

enum { EV, F_U, F_S, F_IP4, F_IP6, F_MAC, F_D, F_LIST, F_NUMBERS, N };

static void record_keeps_what_the_draft_got(void **unused)
{
	(void)unused;
	static struct toc_draft d, again;
	const toc_field map[N] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct toc_addr v4, v6;
	struct toc_mac mac = { { 1, 2, 3, 4, 5, 6 } };
	assert_true(toc_addr_parse(toc_span_str("10.0.0.1"), &v4) && toc_addr_parse(toc_span_str("2001:db8::2"), &v6));
	toc_draft_begin(&d, map, EV);
	toc_put_uint(&d, F_U, 42);
	toc_put_cstr(&d, F_S, "hello");
	toc_put_ip(&d, F_IP4, &v4);
	toc_put_ip(&d, F_IP6, &v6);
	toc_put_mac(&d, F_MAC, &mac);
	toc_put_double(&d, F_D, 1.5);
	for (unsigned i = 0; i < 9; i++) {
		char text[8];
		snprintf(text, sizeof(text), "n%u", i);
		toc_list_str(&d, F_LIST, toc_span_str(text));
		toc_list_uint(&d, F_NUMBERS, i * 10);
	}
	_Alignas(8) static uint8_t buffer[4096], second[4096];
	assert_true(toc_draft_size(&d) <= sizeof(buffer));
	struct toc_event *ev = toc_draft_seal(&d, buffer);
	toc_draft_reopen(&again, map, ev);
	toc_list_str(&again, F_LIST, toc_span_str("n9"));
	ev = toc_draft_seal(&again, second);
	memset(buffer, 0xee, sizeof(buffer)); /* nothing of the first record is borrowed */
	assert_int_equal(ev->kind, 1);
	assert_int_equal(ev->lost, 0);
	assert_true(toc_event_get(ev, 2).as.u == 42);
	assert_true(toc_span_is(toc_event_get(ev, 3).as.s, "hello"));
	struct toc_value got4 = toc_event_get(ev, 4), got6 = toc_event_get(ev, 5);
	assert_true(toc_addr_eq(&got4.as.ip, &v4) && toc_addr_eq(&got6.as.ip, &v6));
	assert_memory_equal(toc_event_get(ev, 6).as.mac.b, mac.b, 6);
	assert_true(toc_event_get(ev, 7).as.d == 1.5);
	struct toc_value list = toc_event_get(ev, 8), numbers = toc_event_get(ev, 9);
	assert_int_equal(list.count, 10);
	assert_int_equal(numbers.count, 9);
	assert_true(toc_span_is(toc_event_item(ev, &list, 9).as.s, "n9"));
	assert_true(toc_event_item(ev, &numbers, 8).as.u == 80);
	assert_int_equal(toc_event_get(ev, 77).type, TOC_NONE);
}

static void draft_counts_what_does_not_fit(void **unused)
{
	(void)unused;
	static struct toc_draft d;
	static uint8_t big[TOC_DRAFT_STRING + 1];
	const toc_field map[N] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	toc_draft_begin(&d, map, EV);
	toc_put_str(&d, F_S, toc_span_of(big, sizeof(big)));
	assert_int_equal(d.head.lost, 1); /* cut */
	for (unsigned i = 0; i < 10; i++)
		toc_put_str(&d, F_S, toc_span_of(big, TOC_DRAFT_STRING));
	assert_true(d.head.lost > 5 && d.heap_n <= TOC_DRAFT_HEAP);
	for (unsigned i = 0; i < 2 * TOC_DRAFT_SLOTS; i++)
		toc_put_uint(&d, F_U, i);
	assert_int_equal(d.head.nslots, TOC_DRAFT_SLOTS);
	for (unsigned i = 0; i < 5000; i++)
		toc_list_uint(&d, F_LIST, i);
	assert_true(toc_draft_size(&d) <= sizeof(d));
}

enum { RECORDS = 200000 };

static void *produce(void *ring)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		uint32_t n = 8 + 8 * (i % 17);
		uint32_t *p = toc_ring_reserve_wait(ring, n);
		p[0] = n;
		p[1] = i;
		toc_ring_push(ring);
	}
	return NULL;
}

static void ring_keeps_order_between_threads(void **unused)
{
	(void)unused;
	struct toc_ring *r = toc_ring_new(4096);
	pthread_t producer;
	assert_int_equal(pthread_create(&producer, NULL, produce, r), 0);
	for (uint32_t i = 0; i < RECORDS; i++) {
		const uint32_t *p = toc_ring_peek_wait(r, -1);
		assert_int_equal(p[0], 8 + 8 * (i % 17));
		assert_int_equal(p[1], i);
		toc_ring_pop(r);
	}
	assert_null(toc_ring_peek_wait(r, 1));
	pthread_join(producer, NULL);
	toc_ring_free(r);
}

static void yaml_knows_places(void **unused)
{
	(void)unused;
	struct toc_arena *a = toc_arena_new();
	struct toc_diag *d = toc_diag_new();
	unsigned n;
	const char *text = "title: x\nlist: [1, two, '3']\nlevle: high\ntitle: again\n";
	const struct toc_yaml *const *docs = toc_yaml_read(a, toc_span_str(text), "f.yml", d, &n);
	assert_int_equal(n, 1);
	assert_int_equal(toc_diag_errors(d), 1);
	struct toc_message m;
	assert_true(toc_diag_get(d, 0, &m));
	assert_int_equal(m.at.line, 4);
	const struct toc_yaml *list = toc_yaml_get(docs[0], "list");
	assert_int_equal(list->n, 3);
	assert_true(list->as.items[0]->plain);
	assert_false(list->as.items[2]->plain);
	static const char *const keys[] = { "title", "list", "level", NULL };
	toc_yaml_only(docs[0], keys, "a rule", d);
	assert_true(toc_diag_get(d, 1, &m));
	assert_string_equal(m.text, "unknown key \"levle\" in a rule (level?)");
	assert_int_equal(m.at.line, 3);
	toc_yaml_read(a, toc_span_str("a: &x [*x]\n"), "g.yml", d, &n);
	toc_yaml_read(a, toc_span_str("a: [1\n"), "h.yml", d, &n);
	toc_yaml_read(a, toc_span_str("a: \xff\n"), "i.yml", d, &n);
	assert_int_equal(toc_diag_errors(d), 5);
	toc_diag_free(d);
	toc_arena_free(a);
}

/* So many keys are refused when the last one is read, before anything is done about them. */
static void yaml_bounds_the_keys_of_a_map(void **unused)
{
	(void)unused;
	struct toc_message m;
	char *text = NULL;
	size_t size;
	unsigned n;
	for (unsigned more = 0; more < 2; more++) {
		FILE *out = open_memstream(&text, &size);
		for (unsigned i = 0; i < TOC_YAML_KEYS + more; i++)
			fprintf(out, "k%u: 1\n", i);
		fclose(out);
		struct toc_arena *a = toc_arena_new();
		struct toc_diag *d = toc_diag_new();
		toc_yaml_read(a, toc_span_of(text, size), "f.yml", d, &n);
		assert_int_equal(n, 1 - more);
		assert_int_equal(toc_diag_get(d, 0, &m), more);
		if (more)
			assert_int_equal(m.at.line, TOC_YAML_KEYS + 1);
		toc_diag_free(d);
		toc_arena_free(a);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_is_sticky),
		cmocka_unit_test(addresses_read_and_print),
		cmocka_unit_test(sha1_of_one_text_after_the_other),
		cmocka_unit_test(hash_is_siphash),
		cmocka_unit_test(intern_gives_stable_ids),
		cmocka_unit_test(record_keeps_what_the_draft_got),
		cmocka_unit_test(draft_counts_what_does_not_fit),
		cmocka_unit_test(ring_keeps_order_between_threads),
		cmocka_unit_test(yaml_knows_places),
		cmocka_unit_test(yaml_bounds_the_keys_of_a_map),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
