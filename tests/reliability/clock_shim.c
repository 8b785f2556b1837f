/* clock_shim - preloaded: CLOCK_REALTIME is off by the nanoseconds in the file that CLOCK_SHIM names, which may change at any time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const volatile long long *offset;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("CLOCK_SHIM");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd >= 0 ? mmap(NULL, sizeof(*offset), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	offset = at == MAP_FAILED ? NULL : at;
	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int status = real(id, ts);
	if (status != 0 || id != CLOCK_REALTIME || !offset)
		return status;
	long long ns = (long long)ts->tv_sec * 1000000000 + ts->tv_nsec + *offset;
	ts->tv_sec = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	return 0;
}
