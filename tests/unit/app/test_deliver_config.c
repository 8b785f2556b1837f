/* deliver: in tocsin.yml: what is taken, and what is said about what is not. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"

static char folder[64] = "/tmp/tocsin-test-XXXXXX";

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	put_file("good", "open sesame\nsecond line\n", 0600);
	put_file("shown", "open sesame\n", 0644);
	put_file("empty", "\n", 0600);
	return 0;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static char path[128];

static struct toc_config *load(const char *deliver, struct toc_diag *diag)
{
	char text[512];
	snprintf(text, sizeof(text), "deliver: {%s}\n", deliver);
	put_file("tocsin.yml", text, 0600);
	snprintf(path, sizeof(path), "%s/tocsin.yml", folder);
	return toc_config_load(path, "rules", diag);
}

static void what_is_right_is_taken(void **state)
{
	char want[128];
	(void)state;
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c =
		load("redis: 'rediss://h:1', user: s1, password_file: good, tls: {ca: a, cert: b, key: c}", diag);
	assert_int_equal(toc_diag_errors(diag), 0);
	assert_string_equal(c->redis_user, "s1");
	assert_string_equal(c->redis_password, "open sesame");
	snprintf(want, sizeof(want), "%s/b", folder);
	assert_string_equal(c->tls_cert, want);
	toc_config_free(c);
	toc_diag_free(diag);
}

static void what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *deliver, *word;
	} cases[] = {
		{ "redis: 'http://h'", "must look like unix://" },
		{ "redis: 'redis://h:99999'", "must look like unix://" },
		{ "redis: 'rediss://h'", "tls: {ca: FILE}" },
		{ "redis: 'redis://h', tls: {ca: a}", "begins with rediss://" },
		{ "redis: 'rediss://h', tls: {ca: a, cert: b}", "come together" },
		{ "redis: 'rediss://h', tls: {ca: a, certs: b}", "certs" },
		{ "tls: 7", "must be a map" },
		{ "redis: 'redis://h', user: s1", "needs a password" },
		{ "redis: 'redis://h', password_file: shown", "everybody can read" },
		{ "redis: 'redis://h', password_file: empty", "first line" },
		{ "redis: 'redis://h', password_file: absent", "cannot be read" },
		{ "redis: 'redis://h', password: x", "password" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct toc_diag *diag = toc_diag_new();
		struct toc_config *c = load(cases[i].deliver, diag);
		struct toc_message m = { 0 };
		if (toc_diag_errors(diag) != 1 || !toc_diag_get(diag, 0, &m) || !strstr(m.text, cases[i].word))
			fail_msg("%s: %s", cases[i].deliver, m.text ? m.text : "(nothing)");
		assert_true(m.at.line == 1 && m.at.column > 1);
		assert_null(strstr(m.text, "sesame"));
		toc_config_free(c);
		toc_diag_free(diag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_taken),
		cmocka_unit_test(what_is_wrong_is_told),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
