/* json: exact text, escapes, bounds. */
#include "test.h"

#include "event/json.h"
#include "tocsin/draft.h"

enum { EV, F_STR, F_IP, F_MAC, F_INT, F_D, F_TIME, F_DUR, F_BOOL, F_LIST, F_ODD, N };
static const struct toc_field_decl decls[N] = {
	[EV] = { .name = "test", .type = TOC_KIND },
	[F_STR] = { .name = "s" },
	[F_IP] = { .name = "id.orig_h" },
	[F_MAC] = { .name = "mac" },
	[F_INT] = { .name = "i" },
	[F_D] = { .name = "d" },
	[F_TIME] = { .name = "t" },
	[F_DUR] = { .name = "dur" },
	[F_BOOL] = { .name = "b" },
	[F_LIST] = { .name = "l" },
	[F_ODD] = { .name = "a\"\\\x01z" },
};

struct fixture {
	struct toc_intern *names;
	toc_field map[N];
	struct toc_draft d;
	_Alignas(8) uint8_t record[65536];
	char text[400000];
};

static const char *print(struct fixture *f)
{
	struct toc_event *ev = toc_draft_seal(&f->d, f->record);
	size_t n = toc_json_event(ev, f->names, f->text);
	assert_true(n <= toc_json_bound(ev, f->names));
	f->text[n] = '\0';
	return f->text;
}

static void prints_every_type(void **state)
{
	struct fixture *f = *state;
	struct toc_addr ip;
	assert_true(toc_addr_parse(toc_span_str("10.1.2.3"), &ip));
	toc_draft_begin(&f->d, f->map, EV);
	f->d.head.ts = 1700000000 * TOC_SEC + 123456789;
	f->d.head.uid = 62 * 62 + 1;
	toc_put_cstr(&f->d, F_STR, "");
	toc_put_ip(&f->d, F_IP, &ip);
	toc_put_mac(&f->d, F_MAC, &(struct toc_mac){ { 0, 1, 2, 0xab, 0xcd, 0xef } });
	toc_put_int(&f->d, F_INT, INT64_MIN);
	toc_put_double(&f->d, F_D, 0.25);
	toc_put_time(&f->d, F_TIME, 5 * TOC_SEC);
	toc_put_duration(&f->d, F_DUR, 2500 * TOC_MS);
	toc_put_bool(&f->d, F_BOOL, true);
	toc_list_duration(&f->d, F_LIST, 300 * TOC_SEC);
	toc_list_duration(&f->d, F_LIST, TOC_MS);
	toc_put_uint(&f->d, F_ODD, UINT64_MAX);
	assert_string_equal(
		print(f),
		"{\"event\":\"test\",\"ts\":1700000000.123456,\"uid\":\"C101\",\"s\":\"\",\"id.orig_h\":\"10.1.2.3\","
		"\"mac\":\"00:01:02:ab:cd:ef\",\"i\":-9223372036854775808,\"d\":0.25,\"t\":5.000000,\"dur\":2.5,"
		"\"b\":true,\"l\":[300,0.001],\"a\\u0022\\u005c\\u0001z\":18446744073709551615");
}

static void escapes_what_json_forbids(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
	} cases[] = {
		{ "plain text, longer than eight", 29, "\"plain text, longer than eight\"" },
		{ "a\"b\\c\n\r\t\x01\x7f\x1b", 11, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\\u001b\"" },
		{ "nul\0in", 6, "\"nul\\u0000in\"" },
		{ "caf\xc3\xa9", 5, "\"caf\xc3\xa9\"" },
		{ "bad\xc3", 4, "\"bad\\u00c3\"" },
		{ "\xc0\xaf\xed\xa0\x80\xf5", 6, "\"\\u00c0\\u00af\\u00ed\\u00a0\\u0080\\u00f5\"" },
		{ "c1\xc2\x9b", 4, "\"c1\\u00c2\\u009b\"" },
		{ "\xf0\x9f\x94\x94", 4, "\"\xf0\x9f\x94\x94\"" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = toc_json_string(toc_span_of(cases[i].in, cases[i].n), f->text);
		f->text[n] = '\0';
		assert_string_equal(f->text, cases[i].out);
	}
}

static void bound_holds_for_the_worst(void **state)
{
	static const uint8_t ones[TOC_DRAFT_STRING] = { 1 };
	struct fixture *f = *state;
	toc_draft_begin(&f->d, f->map, EV);
	toc_put_str(&f->d, F_STR, toc_span_of(ones, sizeof(ones)));
	for (int i = 0; i < 100; i++)
		toc_list_str(&f->d, F_LIST, toc_span_of(ones, 50));
	print(f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	f->names = toc_intern_new();
	toc_intern_decls(f->names, decls, N, f->map);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	toc_intern_free(f->names);
	free(f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prints_every_type, setup, teardown),
		cmocka_unit_test_setup_teardown(escapes_what_json_forbids, setup, teardown),
		cmocka_unit_test_setup_teardown(bound_holds_for_the_worst, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
