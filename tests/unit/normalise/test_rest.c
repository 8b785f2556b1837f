/* rest: what may be written under a name that nobody listed, and how much of it. */
#include "test.h"

#include "normalise/rest.h"

struct rig {
	struct toc_draft draft;
	toc_field map[LINE_FIELDS];
	uint8_t scratch[4096];
	struct filling f;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	for (unsigned i = 0; i < LINE_FIELDS; i++)
		r->map[i] = (toc_field)(i + 1);
	toc_draft_begin(&r->draft, r->map, LINE_SYSLOG);
	r->f = (struct filling){ .draft = &r->draft, .scratch = r->scratch, .room = sizeof(r->scratch) };
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void names(void **state)
{
	(void)state;
	static const char *const good[] = { "door", "badge.number", "topic", "fromZone", "a.b.c", "pingTime" };
	static const char *const bad[] = { "userPassword", "api_Token", "X-Cookie",	  "mail.subject", "mail.to",
					   "Recipients",   "body",	"attachmentName", "FROM",	  "auth.pin" };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(rest_allowed(toc_span_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rest_allowed(toc_span_str(bad[i])));
}

static struct toc_span item(struct rig *r, unsigned i)
{
	const struct toc_slot *list = toc_draft_find(&r->draft, LINE_DATA);
	assert_non_null(list);
	assert_true(i < list->len);
	const struct toc_slot *s = (const struct toc_slot *)(const void *)(r->draft.heap + list->bits) + i;
	return toc_span_of(r->draft.heap + s->bits, s->len);
}

static void bounds(void **state)
{
	struct rig *r = *state;
	char longest[2000];
	unsigned n = 0;
	memset(longest, 'x', sizeof(longest));
	rest_put(&r->f, &n, toc_span_str("empty"), toc_span_str(""));
	rest_put(&r->f, &n, toc_span_str("cookie"), toc_span_str("abc"));
	assert_int_equal(n, 0);
	rest_put(&r->f, &n, toc_span_str("note"), toc_span_str("password=hunter2 y"));
	assert_true(toc_span_is(item(r, 0), "note=password=[redacted] y"));
	rest_put(&r->f, &n, toc_span_str("a"), toc_span_of(longest, sizeof(longest)));
	assert_int_equal(item(r, 1).n, REST_TEXT);
	rest_put(&r->f, &n, toc_span_of(longest, sizeof(longest)), toc_span_str("v"));
	assert_int_equal(item(r, 2).n, REST_TEXT);
	for (unsigned i = n; i < REST_MOST + 3; i++)
		rest_put(&r->f, &n, toc_span_str("b"), toc_span_str("1"));
	assert_int_equal(n, REST_MOST);
	assert_int_equal(r->draft.head.lost, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names),
					    cmocka_unit_test_setup_teardown(bounds, setup, teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
