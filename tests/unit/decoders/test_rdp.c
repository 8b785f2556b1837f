/* rdp: cookie, negotiation, settings of both ends (MS-RDPBCGR, sections 2.2.1.1 to 2.2.1.4). */
#include "test.h"

#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_rdp;

/* From `at` on: X.224 and TPKT go in front. */
static void tpkt(struct wire *w, size_t at, uint8_t code)
{
	size_t n = w->n - at, head = code == 0xf0 ? 7 : 11;
	uint8_t h[11] = {
		3, 0, (uint8_t)((n + head) >> 8), (uint8_t)(n + head), (uint8_t)(code == 0xf0 ? 2 : n + 6), code, 0x80
	};
	if (code != 0xf0)
		h[6] = 0;
	wire_zeros(w, head);
	memmove(w->b + at + head, w->b + at, n);
	memcpy(w->b + at, h, head);
}

static void request(struct wire *w, const char *cookie)
{
	size_t at = w->n;
	wire_text(w, cookie);
	wire_bytes(w, "\1\0\10\0\3\0\0\0", 8);
	tpkt(w, at, 0xe0);
}

static void confirm(struct wire *w, uint8_t type, uint32_t value)
{
	size_t at = w->n;
	wire_le(w, 1, type);
	wire_bytes(w, "\0\10\0", 3);
	wire_le(w, 4, value);
	tpkt(w, at, 0xd0);
}

static void expect(struct trial *t, unsigned i, const char *field, const char *text)
{
	const char *got = trial_value(t, i, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static struct trial *play(const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(&toc_decoder_rdp, TOC_OVER_TCP, 3389);
	for (size_t i = 0; i < n; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_rdp, 3389, steps, n, 20));
	assert_int_equal(trial_events(t), 1);
	return t;
}

static void negotiated(void **state)
{
	static const struct {
		uint32_t value;
		const char *protocol;
	} cases[] = { { 1, "\"SSL\"" }, { 2, "\"HYBRID\"" }, { 8, "\"HYBRID_EX\"" } };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct wire a = { .n = 0 }, b = { .n = 0 };
		request(&a, "Cookie: mstshash=anna\r\n");
		confirm(&b, 2, cases[i].value);
		const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
		struct trial *t = play(steps, 2);
		expect(t, 0, "cookie", "\"anna\"");
		expect(t, 0, "security_protocol", cases[i].protocol);
		expect(t, 0, "result", "\"encrypted\"");
		assert_non_null(strstr(trial_text(t), "{\"child\":\"ssl\"}"));
		trial_free(t);
	}
}

static void refused(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, "Cookie: msts=3640205228.15629.0000\r\n");
	confirm(&b, 3, 5);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	expect(t, 0, "cookie", NULL); /* a routing token names nobody */
	expect(t, 0, "result", "\"HYBRID_REQUIRED_BY_SERVER\"");
	trial_free(t);
}

static void block(struct wire *w, uint16_t type, const struct wire *data)
{
	wire_le(w, 2, type);
	wire_le(w, 2, data->n + 4);
	wire_bytes(w, data->b, data->n);
}

/* GCC's frame around the blocks, MCS's around that. */
static void connect(struct wire *w, bool initial, const struct wire *blocks)
{
	size_t at = w->n;
	if (initial) {
		wire_str(w, 0x04, "\1");
		wire_str(w, 0x04, "\1");
		wire_str(w, 0x01, "\xff");
		for (unsigned i = 0; i < 3; i++)
			wire_str(w, 0x30, "");
	} else {
		wire_element(w, 0x0a, "\0", 1);
		wire_element(w, 0x02, "\0", 1);
		wire_str(w, 0x30, "");
	}
	size_t gcc = w->n;
	wire_bytes(w, "\0\5\0\x14\x7c\0\1\x81\2\0\x08\0\x10\0\1\xc0\0", 17);
	wire_text(w, initial ? "Duca" : "McDn");
	wire_be(w, 2, 0x8000 | blocks->n);
	wire_bytes(w, blocks->b, blocks->n);
	wire_wrap(w, gcc, 0x04);
	/* [APPLICATION 101] or 102: a tag of two bytes */
	wire_wrap(w, at, (uint8_t)(initial ? 101 : 102));
	wire_zeros(w, 1);
	memmove(w->b + at + 1, w->b + at, w->n - at - 1);
	w->b[at] = 0x7f;
	tpkt(w, at, 0xf0);
}

static void settings(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 }, core = { .n = 0 }, net = { .n = 0 }, sec = { .n = 0 },
		    blocks = { .n = 0 };
	wire_le(&core, 4, 0x80004);
	wire_le(&core, 2, 1280);
	wire_le(&core, 2, 1024);
	wire_zeros(&core, 4);
	wire_le(&core, 4, 0x0407);
	wire_le(&core, 4, 9600);
	wire_utf16(&core, "LAB-PC7");
	wire_zeros(&core, 32 - 14 + 12 + 64 + 2 + 2 + 4);
	wire_le(&core, 2, 24);
	wire_le(&core, 2, 15);
	wire_le(&core, 2, 1);
	wire_utf16(&core, "id-1");
	wire_zeros(&core, 64 - 8);
	wire_le(&net, 4, 2);
	wire_bytes(&net, "rdpdr\0\0\0xxxxcliprdr\0xxxx", 24);
	block(&blocks, 0xc001, &core);
	block(&blocks, 0xc003, &net);
	request(&a, "Cookie: mstshash=anna\r\n");
	connect(&a, true, &blocks);
	blocks.n = 0;
	wire_le(&sec, 4, 2);
	wire_le(&sec, 4, 3);
	wire_le(&sec, 4, 4);
	wire_le(&sec, 4, 8);
	wire_text(&sec, "rrrr");
	wire_le(&sec, 4, 0x80000002);
	wire_le(&sec, 4, 2);
	block(&blocks, 0x0c02, &sec);
	confirm(&b, 2, 0);
	connect(&b, false, &blocks);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	expect(t, 0, "security_protocol", "\"RDP\"");
	expect(t, 0, "desktop_width", "1280");
	expect(t, 0, "desktop_height", "1024");
	expect(t, 0, "keyboard_layout", "\"German - Germany\"");
	expect(t, 0, "client_build", "\"RDP 8.1\"");
	expect(t, 0, "client_name", "\"LAB-PC7\"");
	expect(t, 0, "requested_color_depth", "\"24bit\"");
	expect(t, 0, "client_dig_product_id", "\"id-1\"");
	expect(t, 0, "client_channels", "[\"rdpdr\",\"cliprdr\"]");
	expect(t, 0, "result", "\"Success\"");
	expect(t, 0, "encryption_method", "\"128bit\"");
	expect(t, 0, "encryption_level", "\"High\"");
	expect(t, 0, "cert_type", "\"X.509\"");
	expect(t, 0, "cert_count", "2");
	expect(t, 0, "cert_permanent", "false");
	assert_null(strstr(trial_text(t), "child"));
	trial_free(t);
}

static void probing(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	request(&a, "Cookie: mstshash=anna\r\n");
	assert_int_equal(toc_decoder_rdp.probe(toc_span_of(a.b, a.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_rdp.probe(toc_span_of(a.b, 5), TOC_ORIG, false), TOC_MAYBE);
	/* other protocols on the same transport: ISO-TSAP of automation, H.323 */
	assert_int_equal(
		toc_decoder_rdp.probe(toc_span_of("\3\0\0\x16\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2", 22),
				      TOC_ORIG, false),
		TOC_NO);
	assert_int_equal(toc_decoder_rdp.probe(toc_span_of("\3\0\0\x16\2\xf0\x80", 7), TOC_ORIG, false), TOC_NO);
	assert_int_equal(toc_decoder_rdp.probe(toc_span_of("GET /", 5), TOC_ORIG, true), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(negotiated), cmocka_unit_test(refused),
					    cmocka_unit_test(settings), cmocka_unit_test(probing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
