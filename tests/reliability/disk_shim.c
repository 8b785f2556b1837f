/* disk_shim - preloaded: writes at a place of a file (pwrite, pwritev: the journal, its cursor and heads) fail with the errno in the file that DISK_SHIM names, unless that is 0; it may change at any time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

static const volatile int *failure;
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off64_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("DISK_SHIM");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd >= 0 ? mmap(NULL, sizeof(*failure), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	failure = at == MAP_FAILED ? NULL : at;
	*(void **)&real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
	*(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
}

static int fails(void)
{
	const int number = failure ? *failure : 0;
	if (number)
		errno = number;
	return number != 0;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
	return fails() ? -1 : real_pwritev(fd, parts, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return fails() ? -1 : real_pwrite(fd, bytes, n, at);
}
