/* spool: a cap that holds over restarts and damage; the oldest goes first. */
#include "test.h"

#include <bson/bson.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/spool.h"

enum { CAP = 1 << 20 };

struct fixture {
	char folder[64];
	struct spool *s;
};

static uint64_t on_disk(const struct fixture *f)
{
	char pattern[128];
	glob_t g;
	uint64_t sum = 0;
	snprintf(pattern, sizeof(pattern), "%s/*.seg", f->folder);
	if (glob(pattern, 0, NULL, &g) != 0)
		return 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct stat st;
		assert_int_equal(stat(g.gl_pathv[i], &st), 0);
		sum += (uint64_t)st.st_size;
	}
	globfree(&g);
	return sum;
}

static void reopen(struct fixture *f, uint64_t bytes, toc_time age)
{
	char err[256];
	spool_close(f->s);
	const struct spool_config c = { f->folder, bytes, age, &toc_opener_self };
	f->s = spool_open(&c, err, sizeof(err));
	if (!f->s)
		fail_msg("%s", err);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	strcpy(f->folder, "/tmp/tocsin-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	reopen(f, CAP, 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	spool_close(f->s);
	snprintf(command, sizeof(command), "rm -rf %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static bool append(struct fixture *f, int32_t n, size_t padding, toc_time at)
{
	static const uint8_t zeros[1 << 19];
	bson_t b;
	bson_init(&b);
	BSON_APPEND_INT32(&b, "n", n);
	BSON_APPEND_BINARY(&b, "p", BSON_SUBTYPE_BINARY, zeros, (uint32_t)padding);
	const bool ok = spool_append(f->s, bson_get_data(&b), b.len, at);
	bson_destroy(&b);
	return ok;
}

static int32_t number_of(const uint8_t *bson, uint32_t n)
{
	bson_t b;
	bson_iter_t it;
	assert_true(bson_init_static(&b, bson, n) && bson_iter_init_find(&it, &b, "n"));
	return bson_iter_int32(&it);
}

/* All that are left are those up to `last`, without a hole; returns the first. */
static int32_t check_rest(struct fixture *f, int32_t last)
{
	const uint8_t *bson;
	uint64_t pos = 0;
	uint32_t n = spool_next(f->s, &pos, &bson);
	assert_true(n > 0);
	int32_t first = number_of(bson, n), at = first;
	while ((n = spool_next(f->s, &pos, &bson)) > 0)
		assert_int_equal(number_of(bson, n), ++at);
	assert_int_equal(at, last);
	return first;
}

static void test_cap(void **state)
{
	struct fixture *f = *state;
	for (int32_t i = 0; i < 1000; i++) {
		assert_true(append(f, i, 5000, i * TOC_SEC));
		assert_true(on_disk(f) <= CAP);
	}
	assert_in_range(check_rest(f, 999), 780, 830); /* of 209 that fit, a segment's worth may be gone */
	reopen(f, CAP, 0);
	check_rest(f, 999);
	for (int32_t i = 1000; i < 1300; i++) {
		assert_true(append(f, i, 5000, i * TOC_SEC));
		assert_true(on_disk(f) <= CAP);
	}
	check_rest(f, 1299);
	reopen(f, CAP / 2, 0); /* a smaller cap than before */
	assert_true(on_disk(f) <= CAP / 2);
	check_rest(f, 1299);
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;
	reopen(f, 65536, 0);
	assert_false(append(f, 0, 1 << 17, 0));
	assert_int_equal(spool_count(f->s)->refused, 1);
	assert_true(append(f, 1, 30000, 0)); /* more than a segment's share */
	assert_true(append(f, 2, 30000, 0));
	assert_true(append(f, 3, 30000, 0));
	assert_true(on_disk(f) <= 65536);
	check_rest(f, 3);
}

static void test_age(void **state)
{
	struct fixture *f = *state;
	reopen(f, CAP, TOC_HOUR);
	for (int32_t i = 0; i < 120; i++) /* a minute apart, about twelve in a segment */
		append(f, i, 5000, 1000 * TOC_DAY + i * TOC_MIN);
	spool_expire(f->s, 1000 * TOC_DAY + 119 * TOC_MIN);
	assert_in_range(check_rest(f, 119), 36, 59);
	assert_true(spool_count(f->s)->expired > 0);
}

/* kill -9 in the midst of a write. */
static void test_torn(void **state)
{
	struct fixture *f = *state;
	glob_t g;
	char pattern[128];
	append(f, 0, 100, 0);
	append(f, 1, 100, 0);
	snprintf(pattern, sizeof(pattern), "%s/*.seg", f->folder);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	struct stat st;
	assert_int_equal(stat(g.gl_pathv[0], &st), 0);
	assert_int_equal(truncate(g.gl_pathv[0], st.st_size - 7), 0);
	globfree(&g);
	reopen(f, CAP, 0);
	append(f, 1, 100, 0);
	append(f, 2, 100, 0);
	assert_int_equal(check_rest(f, 2), 0);
}

/* Records that go while somebody reads. */
static void test_reading_behind(void **state)
{
	struct fixture *f = *state;
	const uint8_t *bson;
	uint64_t pos = 0;
	uint32_t n;
	for (int32_t i = 0; i < 100; i++)
		append(f, i, 5000, 0);
	for (int32_t i = 0; i < 10; i++) {
		n = spool_next(f->s, &pos, &bson);
		assert_int_equal(number_of(bson, n), i);
	}
	for (int32_t i = 100; i < 1000; i++)
		append(f, i, 5000, 0);
	int32_t last = 9;
	while ((n = spool_next(f->s, &pos, &bson)) > 0) {
		assert_true(number_of(bson, n) > last);
		last = number_of(bson, n);
	}
	assert_int_equal(last, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_age, setup, teardown),
		cmocka_unit_test_setup_teardown(test_torn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reading_behind, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
