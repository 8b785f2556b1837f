/* listening - socket, mask, bind, listen. */
#include "app/listening.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING = 8 };

int toc_listening(const struct sockaddr *at, socklen_t n, mode_t mask)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	if (fd < 0)
		return -1;
	if (at->sa_family == AF_UNIX)
		unlink(((const struct sockaddr_un *)at)->sun_path);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	mode_t before = umask(mask);
	bool ok = bind(fd, at, n) == 0 && listen(fd, WAITING) == 0;
	int why = errno;
	umask(before);
	if (ok)
		return fd;
	close(fd);
	errno = why;
	return -1;
}
