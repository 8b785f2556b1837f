/* verify: a stream is whole, or what is wrong with it is named; repetitions are none of it. */
#include "test.h"

#include "alert/chain.h"
#include "cli/verify.h"

struct rig {
	struct chain chain[2]; /* of two sensors */
	struct cli_verify *v;
	char documents[16][1024], told[1024];
	unsigned n;
};

static void told(void *user, const struct cli_verified *of, enum cli_flaw flaw, const char *stream, const char *id,
		 unsigned revision)
{
	struct rig *r = user;
	const size_t n = strlen(r->told);
	snprintf(r->told + n, sizeof(r->told) - n, "%s %s %s %s-%u; ", of->sensor, stream, cli_flaw_names[flaw], id,
		 revision);
}

/* The next document of that sensor, with that id, for the route and for another one. */
static const char *make(struct rig *r, unsigned sensor, const char *id)
{
	static const char *const routes[] = { "bp.oak", "ts", NULL };
	struct text t = { 0 };
	text_printf(
		&t,
		"{\"id\":\"%s\",\"rev\":1,\"metadata\":{\"log_provider\":\"s%u\"},\"unmapped\":{\"tocsin\":{\"v\":1",
		id, sensor);
	chain_close(&r->chain[sensor], &t, 0, routes, true);
	snprintf(r->documents[r->n], sizeof(r->documents[0]), "%.*s", (int)t.n, t.p);
	text_free(&t);
	return r->documents[r->n++];
}

static void take(struct rig *r, const char *document)
{
	char stream[16];
	snprintf(stream, sizeof(stream), "%u-0", r->n);
	cli_verify_take(r->v, stream, toc_span_str(document));
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	r->v = cli_verify_new("bp.oak", told, r);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	cli_verify_free(r->v);
	chain_free(&r->chain[0]);
	chain_free(&r->chain[1]);
	free(r);
	return 0;
}

static const struct cli_verified *found(struct rig *r, unsigned sensor)
{
	unsigned n;
	const struct cli_verified *all = cli_verify_found(r->v, &n);
	assert_true(sensor < n);
	return &all[sensor];
}

static void a_whole_stream_of_two_sensors(void **state)
{
	struct rig *r = *state;
	take(r, make(r, 0, "a"));
	take(r, make(r, 1, "b"));
	take(r, make(r, 0, "c"));
	take(r, r->documents[0]); /* Redis was rolled back, and both came again */
	take(r, r->documents[2]);
	take(r, make(r, 0, "d"));
	assert_string_equal(r->told, "");
	assert_int_equal(found(r, 0)->documents, 3);
	assert_int_equal(found(r, 1)->documents, 1);
	assert_false(found(r, 0)->trimmed);
}

static void what_was_trimmed_is_no_flaw(void **state)
{
	struct rig *r = *state;
	make(r, 0, "a");
	take(r, make(r, 0, "b"));
	take(r, make(r, 0, "c"));
	assert_string_equal(r->told, "");
	assert_true(found(r, 0)->trimmed);
}

static void what_is_missing_altered_or_put_in(void **state)
{
	struct rig *r = *state;
	take(r, make(r, 0, "a"));
	make(r, 0, "b");
	take(r, make(r, 0, "c"));
	assert_string_equal(r->told, "s0 3-0 missing c-1; ");
	r->told[0] = '\0';
	make(r, 0, "d");
	r->documents[3][7] ^= 1; /* its id */
	take(r, r->documents[3]);
	take(r, make(r, 0, "e"));
	assert_string_equal(r->told, "s0 4-0 altered e-1; ");
	r->told[0] = '\0';
	struct chain forged = { 0 };
	chain_set(&forged, "bp.oak", "0000000000000000000000000000000000000000000000000000000000000000");
	struct chain own = r->chain[0];
	r->chain[0] = forged;
	take(r, make(r, 0, "f"));
	chain_free(&r->chain[0]);
	r->chain[0] = own;
	take(r, make(r, 0, "g"));
	assert_string_equal(r->told, "s0 6-0 missing f-1; s0 7-0 missing g-1; ");
	assert_int_equal(found(r, 0)->flaws[CLI_ALTERED], 1);
	assert_int_equal(found(r, 0)->flaws[CLI_MISSING], 3);
}

static void any_bytes(void **state)
{
	static const char *const odd[] = {
		"",
		"{",
		"[]",
		"\"\\u0000\"",
		"{\"id\":7,\"rev\":\"x\"}",
		"{\"metadata\":{\"log_provider\":\"s0\"},\"unmapped\":{\"tocsin\":{\"chain\":7}}}",
		",\"hash\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}}}"
	};
	struct rig *r = *state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		take(r, odd[i]);
	assert_int_equal(found(r, 0)->flaws[CLI_UNCHAINED] + found(r, 0)->flaws[CLI_ALTERED], 6);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_whole_stream_of_two_sensors),
		T(what_was_trimmed_is_no_flaw),
		T(what_is_missing_altered_or_put_in),
		T(any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
