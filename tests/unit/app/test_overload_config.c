/* overload: in tocsin.yml: the order that holds, and what is said about one that cannot. */
#include "test.h"

#include <unistd.h>

#include "app/config.h"

static struct toc_config *load(const char *text, struct toc_diag *diag)
{
	static char path[] = "/tmp/tocsin-overload-XXXXXX";
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	struct toc_config *c = toc_config_load(path, "rules", diag);
	unlink(path);
	return c;
}

static void without_it_all_four_hold_in_order(void **state)
{
	(void)state;
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = load("state: /tmp\n", diag);
	assert_int_equal(c->shed.pressure.levels, 4);
	assert_int_equal(c->shed.order[0], TOC_SHED_encrypted);
	assert_int_equal(c->shed.order[3], TOC_SHED_payload);
	assert_int_equal(c->shed.pressure.begin, 250);
	assert_int_equal(c->shed.pressure.full, 750);
	toc_config_free(c);
	toc_diag_free(diag);
}

static void what_is_said_is_taken(void **state)
{
	(void)state;
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c =
		load("overload: {order: [payload, files], begin_percent: 10, full_percent: 50, large_kb: "
		     "2000, first_kb: 16}\n",
		     diag);
	assert_int_equal(toc_diag_errors(diag), 0);
	assert_int_equal(c->shed.pressure.levels, 2);
	assert_int_equal(c->shed.order[0], TOC_SHED_payload);
	assert_int_equal(c->shed.order[1], TOC_SHED_files);
	assert_int_equal(c->shed.pressure.begin, 100);
	assert_int_equal(c->shed.pressure.full, 500);
	assert_int_equal(c->shed.large, 2000000);
	assert_int_equal(c->shed.first, 16000);
	toc_config_free(c);
	c = load("overload: {order: []}\n", diag);
	assert_int_equal(toc_diag_errors(diag), 0);
	assert_int_equal(c->shed.pressure.levels, 0);
	toc_config_free(c);
	toc_diag_free(diag);
}

static void what_cannot_be_is_told(void **state)
{
	static const char *const wrong[] = {
		"overload: {order: [bodies]}\n",  "overload: {order: [files, files]}\n",
		"overload: {order: files}\n",	  "overload: {begin_percent: 80, full_percent: 40}\n",
		"overload: {begin_percent: 0}\n", "overload: {ordre: [files]}\n"
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct toc_diag *diag = toc_diag_new();
		toc_config_free(load(wrong[i], diag));
		assert_int_equal(toc_diag_errors(diag), 1);
		toc_diag_free(diag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_it_all_four_hold_in_order),
		cmocka_unit_test(what_is_said_is_taken),
		cmocka_unit_test(what_cannot_be_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
