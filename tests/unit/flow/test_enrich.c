/* enrich: the domain of DNS names, services that names and certificates give away, and what gives nothing away. */
#include "test.h"

#include "flow/enrich.h"

struct bench {
	struct toc_intern *names;
	struct toc_psl *psl;
	struct enrich enrich;
	struct toc_draft draft;
	toc_field map[8];
};

/* Fields by their names, in the order of use. */
static struct toc_draft *event(struct bench *b, const char *kind)
{
	b->map[0] = toc_intern_add(b->names, toc_span_str(kind));
	toc_draft_begin(&b->draft, b->map, 0);
	return &b->draft;
}

static void put(struct bench *b, const char *field, const char *value)
{
	b->map[1] = toc_intern_add(b->names, toc_span_str(field));
	toc_put_cstr(&b->draft, 1, value);
}

static const struct toc_slot *get(struct bench *b, const char *field)
{
	b->map[1] = toc_intern_add(b->names, toc_span_str(field));
	return toc_draft_find(&b->draft, 1);
}

static bool is_text(struct bench *b, const char *field, const char *text)
{
	const struct toc_slot *s = get(b, field);
	return s && toc_span_is(toc_span_of(b->draft.heap + s->bits, s->len), text);
}

static void names_are_split_at_their_owner(void **state)
{
	struct bench *b = *state;
	event(b, "dns");
	put(b, "query", "aabb.x.example.co.uk");
	assert_null(enrich_event(&b->enrich, &b->draft));
	assert_true(is_text(b, "domain", "example.co.uk"));
	assert_int_equal(get(b, "sub_len")->bits, 6);
	double entropy;
	memcpy(&entropy, &get(b, "sub_entropy")->bits, sizeof(entropy));
	assert_true(entropy > 1.521 && entropy < 1.522);  /* of a a b b x: 2 * 0.4 log 2.5 + 0.2 log 5 */
	assert_null(enrich_event(&b->enrich, &b->draft)); /* once more adds nothing */
	assert_int_equal(b->draft.head.nslots, 4);
}

static void the_owner_alone_has_nothing_in_front(void **state)
{
	struct bench *b = *state;
	event(b, "dns");
	put(b, "query", "example.com");
	enrich_event(&b->enrich, &b->draft);
	assert_true(is_text(b, "domain", "example.com"));
	assert_int_equal(get(b, "sub_len")->bits, 0);
	assert_null(get(b, "sub_entropy"));
}

/* A name's cell may have been another's; what is longer than a cell is looked up each time. */
static void names_are_told_the_same_when_asked_again(void **state)
{
	struct bench *b = *state;
	char name[300], long_name[101];
	memset(long_name, 'a', sizeof(long_name) - 1);
	memcpy(long_name + 50, ".example.co.uk", 15);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 4 * ENRICH_NAMES; i++) {
			event(b, "dns");
			snprintf(name, sizeof(name), "host%u.example%u.org", i, i % 7);
			put(b, "query", name);
			enrich_event(&b->enrich, &b->draft);
			snprintf(name, sizeof(name), "example%u.org", i % 7);
			assert_true(is_text(b, "domain", name));
			event(b, "dns");
			put(b, "query", long_name);
			enrich_event(&b->enrich, &b->draft);
			assert_true(is_text(b, "domain", "example.co.uk"));
			assert_int_equal(get(b, "sub_len")->bits, 50);
		}
	memset(name, 'a', sizeof(name) - 1); /* no name is as long */
	memcpy(name + sizeof(name) - 5, ".org", 5);
	event(b, "dns");
	put(b, "query", name);
	enrich_event(&b->enrich, &b->draft);
	assert_null(get(b, "domain"));
}

static void some_names_have_no_owner(void **state)
{
	static const char *const names[] = { "4.3.2.1.in-addr.arpa", "com", "WPAD", "" };
	struct bench *b = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		event(b, "dns");
		put(b, "query", names[i]);
		enrich_event(&b->enrich, &b->draft);
		assert_null(get(b, "domain"));
	}
	b->enrich.psl = NULL;
	event(b, "dns");
	put(b, "query", "www.example.com");
	enrich_event(&b->enrich, &b->draft);
	assert_null(get(b, "domain"));
}

static void services_by_name(void **state)
{
	static const struct {
		const char *kind, *field, *value, *service;
	} cases[] = {
		{ "ssl", "server_name", "dns.google", "doh" },
		{ "ssl", "server_name", "mozilla.cloudflare-dns.com", "doh" },
		{ "quic", "server_name", "Dns.Google", "doh" },
		{ "ssl", "server_name", "notdns.google", NULL },
		{ "ssl", "server_name", "dns.google.example.com", NULL },
		{ "ssl", "server_name", "router1.teamviewer.com", "teamviewer" },
		{ "ssl", "server_name", "www.teamviewer.com", NULL },
		{ "ssl", "server_name", "teamviewer.com", NULL },
		{ "http", "host", "x.softether-network.net", "softether" },
		{ "dns", "query", "dns.google", NULL },
		{ "ssl", "next_protocol", "dot", "dot" },
		{ "quic", "client_protocol", "doq-i02", "doq" },
		{ "ssl", "next_protocol", "h2", NULL },
	};
	struct bench *b = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		event(b, cases[i].kind);
		put(b, cases[i].field, cases[i].value);
		const char *service = enrich_event(&b->enrich, &b->draft);
		if (cases[i].service)
			assert_string_equal(service, cases[i].service);
		else
			assert_null(service);
	}
}

static const char *by_certificate(struct bench *b, const char *subject, const char *issuer)
{
	event(b, "ssl");
	put(b, "subject", subject);
	put(b, "issuer", issuer);
	return enrich_event(&b->enrich, &b->draft);
}

static void relays_of_tor_by_their_certificates(void **state)
{
	struct bench *b = *state;
	assert_string_equal(by_certificate(b, "CN=www.abcdefgh234.net", "CN=www.zyxwvuts567.com"), "tor");
	assert_null(by_certificate(b, "CN=www.abcdefgh234.net,O=x", "CN=www.zyxwvuts567.com"));
	assert_null(by_certificate(b, "CN=www.abcdefgh234.net", "CN=www.zyxwvuts567.net"));
	assert_null(by_certificate(b, "CN=www.abcdefgh1.net", "CN=www.zyxwvuts567.com")); /* 1 is no base32 */
	assert_null(by_certificate(b, "CN=www.short.net", "CN=www.zyxwvuts567.com"));
	assert_null(by_certificate(b, "CN=www.example.net", "CN=www.ca.com"));
	assert_string_equal(by_certificate(b, "CN=AnyNet Relay", "CN=AnyNet Root CA,O=x"), "anydesk");
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	*state = b;
	if (!b)
		return -1;
	b->names = toc_intern_new();
	b->psl = toc_psl_new();
	enrich_init(&b->enrich, b->psl, b->names);
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;
	toc_psl_free(b->psl);
	toc_intern_free(b->names);
	free(b);
	return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_are_split_at_their_owner),
		TEST(the_owner_alone_has_nothing_in_front),
		TEST(names_are_told_the_same_when_asked_again),
		TEST(some_names_have_no_owner),
		TEST(services_by_name),
		TEST(relays_of_tor_by_their_certificates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
