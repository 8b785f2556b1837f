/* arp: what is said, what is gratuitous, what is no ARP of ours. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_arp;

/* request for 10.0.0.9 by 10.0.0.5, 02:…:05 */
static const uint8_t request[28] = { 0,	 1, 8, 0, 6, 4, 0, 1, 2, 0, 0,	0, 0, 5,
				     10, 0, 0, 5, 0, 0, 0, 0, 0, 0, 10, 0, 0, 9 };

static struct trial *tell(const uint8_t *bytes, size_t n, const uint8_t src_mac[6], const uint8_t dst_mac[6])
{
	struct trial *t = trial_new(&toc_decoder_arp, TOC_OVER_ARP, 0);
	struct toc_packet *p = trial_packet(t);
	p->has_mac = true;
	memcpy(p->src_mac.b, src_mac, 6);
	memcpy(p->dst_mac.b, dst_mac, 6);
	trial_feed(t, &(struct trial_step){ TOC_ORIG, bytes, n });
	return t;
}

#define assert_field(t, field, text)                                                                                   \
	do {                                                                                                           \
		const char *got_ = trial_value(t, 0, field);                                                           \
		assert_non_null(got_);                                                                                 \
		assert_string_equal(got_, text);                                                                       \
	} while (0)

static const uint8_t sender[6] = { 2, 0, 0, 0, 0, 5 }, other[6] = { 2, 0, 0, 0, 0, 6 },
		     everybody[6] = { 255, 255, 255, 255, 255, 255 };

static void request_is_told(void **state)
{
	(void)state;
	struct trial *t = tell(request, sizeof(request), sender, everybody);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "arp");
	assert_field(t, "op", "\"request\"");
	assert_field(t, "sender_ip", "\"10.0.0.5\"");
	assert_field(t, "sender_mac", "\"02:00:00:00:00:05\"");
	assert_field(t, "target_ip", "\"10.0.0.9\"");
	assert_field(t, "gratuitous", "false");
	assert_field(t, "probe", "false");
	assert_null(trial_value(t, 0, "target_mac"));
	assert_null(trial_value(t, 0, "src_mac"));
	trial_free(t);
}

static void frame_of_another_sender_shows(void **state)
{
	(void)state;
	struct trial *t = tell(request, sizeof(request), other, everybody);
	assert_field(t, "src_mac", "\"02:00:00:00:00:06\"");
	trial_free(t);
}

static void unasked_claims_are_gratuitous(void **state)
{
	(void)state;
	uint8_t b[28];
	memcpy(b, request, sizeof(b));
	memcpy(b + 24, b + 14, 4); /* announces itself */
	struct trial *t = tell(b, sizeof(b), sender, everybody);
	assert_field(t, "gratuitous", "true");
	trial_free(t);
	memcpy(b, request, sizeof(b));
	b[7] = 2;
	t = tell(b, sizeof(b), sender, other); /* an ordinary reply */
	assert_field(t, "op", "\"reply\"");
	assert_field(t, "gratuitous", "false");
	trial_free(t);
	t = tell(b, sizeof(b), sender, everybody);
	assert_field(t, "gratuitous", "true");
	trial_free(t);
}

static void probe_claims_nothing(void **state)
{
	(void)state;
	uint8_t b[28];
	memcpy(b, request, sizeof(b));
	memset(b + 14, 0, 4);
	struct trial *t = tell(b, sizeof(b), sender, everybody);
	assert_field(t, "probe", "true");
	assert_field(t, "gratuitous", "false");
	assert_field(t, "sender_ip", "\"0.0.0.0\"");
	trial_free(t);
}

static void what_is_not_ours_is_weird(void **state)
{
	static const struct {
		unsigned at, value;
		const char *weird;
	} cases[] = { { 1, 15, "corrupt_arp_header" },
		      { 2, 0x86, "corrupt_arp_header" },
		      { 4, 8, "corrupt_arp_header" },
		      { 5, 16, "corrupt_arp_header" },
		      { 7, 9, "unknown_arp_opcode" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t b[28];
		memcpy(b, request, sizeof(b));
		b[cases[i].at] = (uint8_t)cases[i].value;
		struct trial *t = tell(b, sizeof(b), sender, everybody);
		assert_int_equal(trial_events(t), 0);
		assert_non_null(strstr(trial_text(t), cases[i].weird));
		trial_free(t);
	}
	for (size_t n = 0; n < sizeof(request); n++) {
		struct trial *t = tell(request, n, sender, everybody);
		assert_int_equal(trial_events(t), 0);
		assert_non_null(strstr(trial_text(t), "truncated_ARP"));
		trial_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_told),
		cmocka_unit_test(frame_of_another_sender_shows),
		cmocka_unit_test(unasked_claims_are_gratuitous),
		cmocka_unit_test(probe_claims_nothing),
		cmocka_unit_test(what_is_not_ours_is_weird),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
