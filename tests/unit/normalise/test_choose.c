/* choose: the first normaliser, in the order of the files, all of whose names a payload has. */
#include "test.h"

#include "normalise/normaliser.h"

enum { N = 6 };

struct rig {
	struct toc_normalisers n;
	struct normaliser all[N];
	struct payload p;
};

static const char *const required[N][4] = { { "EventID", "Channel" },	{ "EventID" }, { "srcip", "logid" },
					    { "logid", "srcip", "vd" }, { "EventID" }, { NULL } };

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	for (unsigned i = 0; i < N; i++) {
		r->all[i].form = i == 2 || i == 3 ? FORM_PAIRS : FORM_JSON;
		r->all[i].require = required[i];
	}
	r->all[4].last = r->all[5].last = true;
	r->n.arena = toc_arena_new();
	r->n.all = r->all;
	r->n.n = N;
	choose_prepare(&r->n);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	toc_arena_free(r->n.arena);
	free(r);
	return 0;
}

/* names: "a=1 b=" … ; -1 = nobody */
static int chosen(struct rig *r, const char *pairs, enum form form, bool last)
{
	struct toc_span text = toc_span_str(pairs);
	payload_clear(&r->p);
	while (text.n) {
		size_t space = toc_span_find(text, ' '), equals = toc_span_find(text, '=');
		payload_add(&r->p, toc_span_first(text, equals),
			    toc_span_from(toc_span_first(text, space), equals + 1));
		text = toc_span_from(text, space + 1);
	}
	const struct normaliser *by = choose(&r->n, &r->p, form, last);
	return by ? (int)(by - r->all) : -1;
}

static void choosing(void **state)
{
	struct rig *r = *state;
	assert_int_equal(chosen(r, "EventID=1 Channel=x", FORM_JSON, false), 0);
	assert_int_equal(chosen(r, "Channel=x EventID=1", FORM_JSON, false), 0); /* whatever comes first */
	assert_int_equal(chosen(r, "EventID=1", FORM_JSON, false), 1);
	assert_int_equal(chosen(r, "EventID=1 Channel=", FORM_JSON, false), 1); /* an empty value is none */
	assert_int_equal(chosen(r, "EventID=", FORM_JSON, false), -1);
	assert_int_equal(chosen(r, "EventID=1", FORM_PAIRS, false), -1);
	assert_int_equal(chosen(r, "EventID=1", FORM_JSON, true), 4); /* only where nobody else knows it */
	assert_int_equal(chosen(r, "vd=a logid=1 srcip=2", FORM_PAIRS, false), 2);
	assert_int_equal(chosen(r, "logid=1", FORM_PAIRS, false), -1);
	assert_int_equal(chosen(r, "", FORM_JSON, false), -1);
	assert_int_equal(chosen(r, "other=1", FORM_JSON, true), 5); /* requires nothing */
	assert_int_equal(chosen(r, "other=1", FORM_PAIRS, true), -1);
	assert_int_equal(chosen(r, "other=1 eventid=2", FORM_JSON, false), -1); /* names are as they are written */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(choosing, setup, teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
