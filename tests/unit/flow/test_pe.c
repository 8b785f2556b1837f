/* pe: a program's headers by hand, cut at every place, and as the files service tells them. */
#include "test.h"

#include "../decoders/wire.h"
#include "event/json.h"
#include "flow/body.h"
#include "flow/pe.h"

static const struct {
	const char *name;
} sections[] = { { ".text" }, { ".rdata" }, { "12345678" } };

/* A library for AMD64 with two tables; wide: PE32+. */
static struct wire program(bool wide)
{
	struct wire w = { .n = 0 };
	wire_text(&w, "MZ");
	wire_zeros(&w, 0x3c - 2);
	wire_le(&w, 4, 0x80);
	wire_zeros(&w, 0x80 - w.n);
	wire_bytes(&w, "PE\0\0", 4);
	wire_le(&w, 2, wide ? 0x8664 : 0x14c);
	wire_le(&w, 2, 3);
	wire_le(&w, 4, 1700000000);
	wire_zeros(&w, 8);
	wire_le(&w, 2, wide ? 240 : 224);
	wire_le(&w, 2, wide ? 0x2022 : 0x102);
	const size_t optional = w.n;
	wire_le(&w, 2, wide ? 0x20b : 0x10b);
	wire_zeros(&w, 38);
	wire_le(&w, 2, 6);
	wire_le(&w, 2, 1);
	wire_zeros(&w, 24);
	wire_le(&w, 2, wide ? 2 : 77);
	wire_le(&w, 2, wide ? 0x160 : 0x480);
	wire_zeros(&w, wide ? 36 : 20);
	wire_le(&w, 4, 16);
	for (unsigned i = 0; i < 16; i++) {
		wire_le(&w, 4, 0x1000);
		wire_le(&w, 4, i == 1 || i == 4 ? 64 : 0); /* imports, certificates */
	}
	assert_int_equal(w.n - optional, wide ? 240 : 224);
	for (unsigned i = 0; i < 3; i++) {
		wire_bytes(&w, sections[i].name, strlen(sections[i].name));
		wire_zeros(&w, 40 - strlen(sections[i].name));
	}
	return w;
}

/* The event of a file that begins so, as JSON; "" where there is none. */
static const char *told(struct toc_span bytes, bool asked)
{
	static const struct toc_flow_info flow = { .carrier = TOC_OVER_TCP };
	static struct toc_draft event;
	static char text[16384];
	struct toc_intern *names = toc_intern_new();
	struct toc_bodies *t = toc_bodies_new(names, 4);
	struct toc_body_info info = { .uid = 1, .flow = &flow, .source = "HTTP", .expected = UINT64_MAX };
	struct toc_body_summary sum;
	info.name = toc_span_str("");
	toc_bodies_want(t, false, asked);
	struct toc_body *b = toc_body_new(t, &info);
	toc_body_feed(b, bytes, TOC_SEC);
	memset(text, 0, sizeof(text));
	if (toc_body_program(t, b, &event)) {
		struct toc_event *ev = malloc(toc_draft_size(&event));
		toc_draft_seal(&event, ev);
		toc_json_fields(ev, names, text);
		free(ev);
	}
	toc_body_end(t, b, TOC_SEC, &event, &sum);
	if (text[0])
		assert_non_null(strstr(text, sum.fuid));
	toc_bodies_free(t);
	toc_intern_free(names);
	return text;
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("%s is not in %s", what, text);
}

static void headers_are_told(void **state)
{
	(void)state;
	struct wire w = program(true);
	const char *text = told(toc_span_of(w.b, w.n), true);
	has(text, "\"machine\":\"AMD64\",\"compile_ts\":1700000000");
	has(text,
	    "\"is_exe\":true,\"is_64bit\":true,\"os\":\"Windows 7 or Server 2008 R2\",\"subsystem\":\"WINDOWS_GUI\"");
	has(text, "\"uses_aslr\":true,\"uses_dep\":true,\"uses_code_integrity\":false,\"uses_seh\":true");
	has(text,
	    "\"has_export_table\":false,\"has_import_table\":true,\"has_cert_table\":true,\"has_debug_data\":false");
	has(text, "\"section_names\":[\".text\",\".rdata\",\"12345678\"]");
	w = program(false);
	text = told(toc_span_of(w.b, w.n), true);
	has(text, "\"machine\":\"I386\"");
	has(text, "\"is_64bit\":false");
	has(text, "\"subsystem\":\"unknown-77\"");
	has(text, "\"uses_aslr\":false,\"uses_dep\":false,\"uses_code_integrity\":true,\"uses_seh\":false");
	has(text, "\"has_cert_table\":true");
}

static void nobody_asks_or_it_is_none(void **state)
{
	(void)state;
	struct wire w = program(true);
	assert_string_equal(told(toc_span_of(w.b, w.n), false), "");
	w.b[0x80] = 'N'; /* a program of an older Windows */
	assert_string_equal(told(toc_span_of(w.b, w.n), true), "");
	w = program(true);
	memset(w.b + 0x3c, 0xff, 4);
	assert_string_equal(told(toc_span_of(w.b, w.n), true), "");
	assert_string_equal(told(toc_span_str("MZ is how this text begins"), true), "");
}

/* Wherever the file ends: what is there is told, nothing behind it is read (the copy ends there, for the sanitizer). */
static void cut_anywhere(void **state)
{
	(void)state;
	struct wire w = program(true);
	for (size_t n = 0; n <= w.n; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		memcpy(copy, w.b, n);
		const char *text = told(toc_span_of(copy, n), true);
		assert_int_equal(text[0] != '\0', n >= 0x80 + 24);
		assert_int_equal(strstr(text, "uses_seh") != NULL, n >= 0x80 + 24 + 72);
		assert_int_equal(strstr(text, "12345678") != NULL, n == w.n);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(headers_are_told),
					    cmocka_unit_test(nobody_asks_or_it_is_none),
					    cmocka_unit_test(cut_anywhere) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
