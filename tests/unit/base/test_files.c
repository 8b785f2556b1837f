/* files - up to the limit, and no byte more of what has no end. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"

enum { MOST = 50000, LONGER = 90000 };

static int given; /* what the opener hands out: the file's descriptor, duplicated */

static int give(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	(void)self, (void)ask, (void)what;
	return dup(given);
}

static const struct toc_opener opener = { .ask = give };

static void make_file(size_t n)
{
	char *bytes = calloc(1, LONGER);
	given = memfd_create("file", 0);
	memset(bytes, 'x', n);
	assert_int_equal(write(given, bytes, n), n);
	assert_int_equal(lseek(given, 0, SEEK_SET), 0);
	free(bytes);
}

static void test_limit(void **state)
{
	size_t n;
	(void)state;
	make_file(MOST);
	uint8_t *got = toc_files_read(&opener, "", MOST, &n);
	assert_non_null(got);
	assert_int_equal(n, MOST);
	assert_int_equal(got[MOST - 1], 'x');
	assert_int_equal(got[MOST], '\0');
	free(got);
	close(given);
	make_file(MOST + 1);
	assert_null(toc_files_read(&opener, "", MOST, &n));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(lseek(given, 0, SEEK_CUR), 0); /* refused by its size */
	close(given);
}

static void test_nothing(void **state)
{
	size_t n;
	(void)state;
	make_file(0);
	uint8_t *got = toc_files_read(&opener, "", MOST, &n);
	assert_non_null(got);
	assert_int_equal(n, 0);
	assert_int_equal(got[0], '\0');
	free(got);
	assert_non_null(got = toc_files_read(&opener, "", 0, &n));
	free(got);
	close(given);
}

/* What does not know its size is read one byte too far, not to twice the limit. */
static void test_no_end(void **state)
{
	int ends[2], left = 0;
	char *bytes = calloc(1, LONGER);
	size_t n;
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], bytes, LONGER), LONGER);
	given = ends[0];
	assert_null(toc_files_read(&opener, "", MOST, &n));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(ioctl(ends[0], FIONREAD, &left), 0);
	assert_int_equal(left, LONGER - MOST - 1);
	free(bytes);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
