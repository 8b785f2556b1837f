/* nd: the four messages, their options, and what hosts would drop. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_nd;

struct wire {
	size_t n;
	uint8_t b[1024];
};

static void put(struct wire *w, const void *p, size_t n)
{
	memcpy(w->b + w->n, p, n);
	w->n += n;
}

/* 2001:db8::last */
static void put_ip(struct wire *w, unsigned last)
{
	uint8_t a[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)last };
	put(w, a, 16);
}

static void put_mac_option(struct wire *w, unsigned type)
{
	const uint8_t o[8] = { (uint8_t)type, 1, 2, 0, 0, 0, 0, 7 };
	put(w, o, 8);
}

static struct wire start(unsigned type, const uint8_t rest[4])
{
	struct wire w = { 4, { (uint8_t)type } };
	put(&w, rest, 4);
	return w;
}

static struct wire advertisement(void)
{
	struct wire w = start(136, (const uint8_t[4]){ 0x60, 0, 0, 0 });
	put_ip(&w, 1);
	put_mac_option(&w, 2);
	return w;
}

static struct wire router(void)
{
	struct wire w = start(134, (const uint8_t[4]){ 64, 0xc8, 0x07, 0x08 });
	put(&w, (const uint8_t[8]){ 0 }, 8);
	put_mac_option(&w, 1);
	put(&w, (const uint8_t[8]){ 5, 1, 0, 0, 0, 0, 5, 0xdc }, 8);
	put(&w, (const uint8_t[16]){ 3, 4, 64, 0xc0 }, 16);
	put_ip(&w, 0);
	put(&w, (const uint8_t[8]){ 25, 5, 0, 0, 0, 0, 1, 0 }, 8);
	put_ip(&w, 0x53);
	put_ip(&w, 0x54);
	put(&w, (const uint8_t[8]){ 200, 1 }, 8); /* one we do not know */
	return w;
}

static struct trial *tell(const uint8_t *bytes, size_t n, unsigned hops)
{
	struct trial *t = trial_new(&toc_decoder_nd, TOC_OVER_ICMP6, 0);
	trial_packet(t)->ttl = (uint8_t)hops;
	trial_packet(t)->src = (struct toc_addr){ { 0xfe, 0x80, [15] = 9 } };
	trial_packet(t)->dst = (struct toc_addr){ { 0xff, 0x02, [15] = 1 } };
	trial_feed(t, &(struct trial_step){ TOC_ORIG, bytes, n });
	return t;
}

#define assert_field(t, field, text)                                                                                   \
	do {                                                                                                           \
		const char *got_ = trial_value(t, 0, field);                                                           \
		assert_non_null(got_);                                                                                 \
		assert_string_equal(got_, text);                                                                       \
	} while (0)

static void advertisement_is_told(void **state)
{
	(void)state;
	struct wire w = advertisement();
	struct trial *t = tell(w.b, w.n, 255);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "nd");
	assert_field(t, "type", "\"NA\"");
	assert_field(t, "src", "\"fe80::9\"");
	assert_field(t, "dst", "\"ff02::1\"");
	assert_field(t, "target", "\"2001:db8::1\"");
	assert_field(t, "target_mac", "\"02:00:00:00:00:07\"");
	assert_field(t, "router", "false");
	assert_field(t, "solicited", "true");
	assert_field(t, "override", "true");
	assert_null(trial_value(t, 0, "source_mac"));
	assert_null(trial_value(t, 0, "managed"));
	trial_free(t);
}

static void solicitations_are_told(void **state)
{
	(void)state;
	struct wire w = start(135, (const uint8_t[4]){ 0 });
	put_ip(&w, 3);
	put_mac_option(&w, 1);
	struct trial *t = tell(w.b, w.n, 255);
	assert_field(t, "type", "\"NS\"");
	assert_field(t, "target", "\"2001:db8::3\"");
	assert_field(t, "source_mac", "\"02:00:00:00:00:07\"");
	assert_field(t, "probe", "false");
	assert_null(trial_value(t, 0, "target_mac")); /* the option is about the sender */
	trial_free(t);
	t = trial_new(&toc_decoder_nd, TOC_OVER_ICMP6, 0);
	trial_packet(t)->ttl = 255;
	trial_packet(t)->src = (struct toc_addr){ { 0 } };
	trial_feed(t, &(struct trial_step){ TOC_ORIG, w.b, 24 });
	assert_field(t, "probe", "true");
	trial_free(t);
	w = start(133, (const uint8_t[4]){ 0 });
	t = tell(w.b, w.n, 255);
	assert_field(t, "type", "\"RS\"");
	assert_null(trial_value(t, 0, "target"));
	trial_free(t);
}

static void router_says_all_it_says(void **state)
{
	(void)state;
	struct wire w = router();
	struct trial *t = tell(w.b, w.n, 255);
	assert_field(t, "type", "\"RA\"");
	assert_field(t, "hop_limit", "64");
	assert_field(t, "managed", "true");
	assert_field(t, "other", "true");
	assert_field(t, "preference", "\"high\"");
	assert_field(t, "router_lifetime", "1800");
	assert_field(t, "prefixes", "[\"2001:db8::/64\"]");
	assert_field(t, "mtu", "1500");
	assert_field(t, "dns_servers", "[\"2001:db8::53\",\"2001:db8::54\"]");
	assert_field(t, "source_mac", "\"02:00:00:00:00:07\"");
	trial_free(t);
}

static void many_prefixes_are_cut_and_counted(void **state)
{
	(void)state;
	struct wire w = start(134, (const uint8_t[4]){ 0 });
	put(&w, (const uint8_t[8]){ 0 }, 8);
	for (unsigned i = 0; i < 20; i++) {
		put(&w, (const uint8_t[16]){ 3, 4, (uint8_t)(i ? 128 : 5) }, 16);
		put_ip(&w, i);
	}
	struct trial *t = tell(w.b, w.n, 255);
	const char *list = trial_value(t, 0, "prefixes");
	unsigned commas = 0;
	assert_int_equal(strncmp(list, "[\"2001:db8::/5\",\"2001:db8::1/128\"", 32), 0);
	for (; *list; list++)
		commas += *list == ',';
	assert_int_equal(commas, 15);
	trial_free(t);
}

static void from_beyond_a_router_is_refused(void **state)
{
	(void)state;
	struct wire w = router();
	struct trial *t = tell(w.b, w.n, 254);
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "nd_from_another_link"));
	trial_free(t);
}

static void broken_messages_are_refused(void **state)
{
	(void)state;
	struct wire w = advertisement();
	for (size_t n = 1; n < w.n; n++) {
		struct trial *t = tell(w.b, n, 255);
		assert_int_equal(trial_events(t), n == 24 ? 1 : 0); /* without the option it is whole */
		trial_free(t);
	}
	w.b[25] = 0; /* an option of no length */
	struct trial *t = tell(w.b, w.n, 255);
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "nd_malformed"));
	trial_free(t);
}

static void other_messages_are_left_alone(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct wire w = advertisement();
		w.b[0] = (uint8_t)type;
		struct trial *t = tell(w.b, w.n, 64);
		assert_int_equal(trial_events(t), 0);
		assert_int_equal(*trial_text(t) != 0, type >= 133 && type <= 136);
		trial_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advertisement_is_told),	   cmocka_unit_test(solicitations_are_told),
		cmocka_unit_test(router_says_all_it_says),	   cmocka_unit_test(many_prefixes_are_cut_and_counted),
		cmocka_unit_test(from_beyond_a_router_is_refused), cmocka_unit_test(broken_messages_are_refused),
		cmocka_unit_test(other_messages_are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
