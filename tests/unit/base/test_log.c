/* log: a line a call, without control characters; priorities for the journal, and for nobody else. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* What the calls print where standard error is a pipe that JOURNAL_STREAM names, or (other) another one. */
static void printed(bool named, bool other, char out[512])
{
	char stream[64];
	struct stat st;
	int ends[2], was = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + other);
	unsetenv("JOURNAL_STREAM");
	if (named)
		setenv("JOURNAL_STREAM", stream, 1);
	toc_log_begin();
	toc_warn("a%cb", '\x1b');
	toc_info("b");
	toc_error("c");
	dup2(was, STDERR_FILENO);
	close(was);
	ssize_t n = read(ends[0], out, 511);
	close(ends[0]);
	assert_true(n > 0);
	out[n] = '\0';
}

static void priorities_are_for_the_journal(void **state)
{
	static const char plain[] = "tocsin: warning: a?b\ntocsin: b\ntocsin: c\n";
	char out[512];
	(void)state;
	printed(true, false, out);
	assert_string_equal(out, "<4>tocsin: warning: a?b\n<6>tocsin: b\n<3>tocsin: c\n");
	printed(false, false, out);
	assert_string_equal(out, plain);
	printed(true, true, out); /* standard error was turned elsewhere */
	assert_string_equal(out, plain);
	unsetenv("JOURNAL_STREAM");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(priorities_are_for_the_journal) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
