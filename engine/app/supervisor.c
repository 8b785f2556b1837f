/* supervisor - datagrams of NAME=VALUE lines. */
#include "app/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

static const char *const lines[TOC_PULSE_WORDS] = {
	[TOC_PULSE_BEAT] = "WATCHDOG=1",
	[TOC_PULSE_READY] = "READY=1\nSTATUS=running",
	[TOC_PULSE_RELOADING] = "RELOADING=1", /* with the clock behind it */
	[TOC_PULSE_RELOADED] = "READY=1\nSTATUS=running; rules were read again",
	[TOC_PULSE_REFUSED] = "READY=1\nSTATUS=running; the last reload was refused, the rules before it stay",
	[TOC_PULSE_STOPPING] = "STOPPING=1\nSTATUS=what was received is matched and delivered",
};

int toc_supervisor_open(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;
	if (!n || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract name */
	unsetenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, size) == 0)
		return fd;
	toc_warn("systemd's notification socket: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

void toc_supervisor_tell(int fd, enum toc_pulse_word word)
{
	char text[128];
	struct timespec ts;
	if (fd < 0 || !lines[word])
		return;
	snprintf(text, sizeof(text), "%s", lines[word]);
	if (word == TOC_PULSE_RELOADING) { /* Type=notify-reload wants to know that this reload came after its signal */
		clock_gettime(CLOCK_MONOTONIC, &ts);
		snprintf(text, sizeof(text), "%s\nMONOTONIC_USEC=%" PRId64, lines[word],
			 (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	}
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}
