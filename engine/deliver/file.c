/* file - one write(2) a line. */
#include "deliver/file.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

static bool take_file(void *self, const struct toc_alert *alert)
{
	struct toc_alert_file *f = self;
	struct iovec parts[2] = { { (void *)(uintptr_t)alert->json.p, alert->json.n },
				  { (void *)(uintptr_t) "\n", 1 } };
	size_t left = alert->json.n + 1;
	while (left) {
		ssize_t n = writev(f->fd, parts, 2);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		left -= (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t done = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
			parts[i].iov_base = (uint8_t *)parts[i].iov_base + done;
			parts[i].iov_len -= done;
			n -= (ssize_t)done;
		}
	}
	f->lines++;
	return true;
}

static bool take_null(void *self, const struct toc_alert *alert)
{
	(void)alert;
	++*(uint64_t *)self;
	return true;
}

const struct toc_outlet toc_outlet_file = { "file", take_file };
const struct toc_outlet toc_outlet_null = { "null", take_null };
