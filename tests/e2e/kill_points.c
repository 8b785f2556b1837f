/*
 * kill_points - preloaded into the sensor by kill9.py and kill9_run.py: SIGKILL at a named place of the way from an
 * alert to Redis (KILL_AT), the KILL_N-th time that it comes by; and a log (KILL_LOG) of each record whose write(2) has
 * returned, which is what an alert's existence begins with. What the kernel was told before that moment stays, as after
 * any kill -9.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic long passed;
static int log_fd = -1;

/* Before the sensor shuts itself in. */
__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("KILL_LOG");
	if (path)
		log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Here is the place of that name. */
static void at(const char *name)
{
	const char *want = getenv("KILL_AT"), *n = getenv("KILL_N");
	if (want && strcmp(want, name) == 0 && atomic_fetch_add(&passed, 1) + 1 == (n ? atol(n) : 1))
		kill(getpid(), SIGKILL);
}

static int is_named(const char *name)
{
	const char *want = getenv("KILL_AT");
	return want && strcmp(want, name) == 0;
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* The descriptor's file ends so. */
static int is_of(int fd, const char *ending)
{
	char link[64], path[4096];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	size_t e = strlen(ending);
	return n > (ssize_t)e && memcmp(path + n - (ssize_t)e, ending, e) == 0;
}

static int is_segment(const char *path)
{
	size_t n = strlen(path);
	return n > 4 && strcmp(path + n - 4, ".seg") == 0;
}

static int open_as(const char *symbol, const char *path, int flags, mode_t mode)
{
	static _Atomic int made;
	int (*real)(const char *, int, ...) = next(symbol);
	int is_new = is_segment(path) && (flags & O_CREAT) && access(path, F_OK) != 0;
	int fd = real(path, flags, mode);
	if (is_new && fd >= 0) {
		at("segment-created");
		if (atomic_fetch_add(&made, 1) > 0)
			at("segment-rotated");
	}
	return fd;
}

#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list args;                                                                                          \
		va_start(args, flags);                                                                                 \
		mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                                \
		va_end(args);                                                                                          \
		return open_as(#name, path, flags, mode);                                                              \
	}
OPEN(open)
OPEN(open64)

/*
 * "id rev" of a record: BSON's UTF-8 element of 32 hex digits and its int32, by their names. Lines of 64 bytes lie within
 * a page: one that crosses into the next is two steps to the kernel, and a SIGKILL between them leaves half of it, on
 * which the next run's first line would follow.
 */
static void note_record(const uint8_t *bson, size_t n)
{
	const uint8_t *id = memmem(bson, n, "\x02id\0\x21\0\0\0", 8), *rev = memmem(bson, n, "\x10rev", 5);
	char line[65];
	if (log_fd < 0 || !id || !rev || id + 8 + 32 > bson + n || rev + 9 > bson + n)
		return;
	uint32_t r = (uint32_t)rev[5] | (uint32_t)rev[6] << 8 | (uint32_t)rev[7] << 16 | (uint32_t)rev[8] << 24;
	int len = snprintf(line, sizeof(line), "%.32s %-30u\n", (const char *)id + 8, r);
	if (write(log_fd, line, (size_t)len) != len)
		abort(); /* the oracle must not be short */
}

/* Records are all that is written by pwritev: head and BSON. The name of the file cannot be asked for in a cage. */
static ssize_t write_record(const char *symbol, int fd, const struct iovec *parts, int n, off_t offset)
{
	ssize_t (*real)(int, const struct iovec *, int, off_t) = next(symbol);
	if (n != 2 || parts[0].iov_len != 8)
		return real(fd, parts, n, offset);
	at("record-unwritten");
	if (is_named("record-torn") && n == 2 && parts[1].iov_len > 64) { /* the machine stopped in the midst of it */
		struct iovec half[2] = { parts[0], { parts[1].iov_base, parts[1].iov_len / 2 } };
		long before = atomic_load(&passed), want = getenv("KILL_N") ? atol(getenv("KILL_N")) : 1;
		if (before + 1 == want)
			real(fd, half, n, offset);
		at("record-torn");
	}
	ssize_t got = real(fd, parts, n, offset);
	if (got == (ssize_t)(parts[0].iov_len + parts[1].iov_len))
		note_record(parts[1].iov_base, parts[1].iov_len);
	at("record-written");
	return got;
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t offset)
{
	return write_record("pwritev", fd, parts, n, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t offset)
{
	return write_record("pwritev64", fd, parts, n, offset);
}

static ssize_t write_cursor(const char *symbol, int fd, const void *p, size_t n, off_t offset)
{
	ssize_t (*real)(int, const void *, size_t, off_t) = next(symbol);
	int is = getenv("KILL_AT") && is_of(fd, "/cursor");
	if (is)
		at("cursor-unwritten");
	ssize_t got = real(fd, p, n, offset);
	if (is)
		at("cursor-written");
	return got;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t offset)
{
	return write_cursor("pwrite", fd, p, n, offset);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t offset)
{
	return write_cursor("pwrite64", fd, p, n, offset);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int) = next("send");
	int is = n > 8 && memmem(p, n, "XADD", 4) != NULL; /* records, not a greeting */
	if (is)
		at("batch-unsent");
	ssize_t got = real(fd, p, n, flags);
	if (is && got > 0)
		at("batch-sent");
	return got;
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
	ssize_t (*real)(int, void *, size_t, int) = next("recv");
	ssize_t got = real(fd, p, n, flags);
	if (got > 0 && memmem(p, (size_t)got, "QUEUED", 6))
		at("reply-read");
	return got;
}

int unlink(const char *path)
{
	int (*real)(const char *) = next("unlink");
	int is = is_segment(path);
	if (is)
		at("segment-still-there");
	int got = real(path);
	if (is)
		at("segment-removed");
	return got;
}
