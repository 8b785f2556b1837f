/* second_path - a datagram a line; the socket is made at the start and never connected, so syslog may restart. */
#define _GNU_SOURCE
#include "app/second_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

enum { ALERT = 3 * 8 + 1, NOTICE = 13 * 8 + 5 }; /* facility daemon, alert; log audit, notice */

struct toc_second_path {
	int fd;
	struct sockaddr_un to;
};

struct toc_second_path *toc_second_path_new(const char *socket_path)
{
	struct toc_second_path *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->to.sun_family = AF_UNIX;
	snprintf(s->to.sun_path, sizeof(s->to.sun_path), "%s", socket_path);
	return s;
}

void toc_second_path_free(struct toc_second_path *s)
{
	if (s && s->fd >= 0)
		close(s->fd);
	free(s);
}

static void send_line(struct toc_second_path *s, int priority, const char *text)
{
	char line[4096];
	int head = snprintf(line, sizeof(line), "<%d>tocsin[%d]: ", priority, (int)getpid());
	int n = snprintf(line + head, sizeof(line) - (size_t)head, "%s", text);
	size_t all = strlen(line);
	for (size_t i = (size_t)head; i < all && n > 0; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	if (sendto(s->fd, line, all, MSG_NOSIGNAL, (const struct sockaddr *)&s->to, sizeof(s->to)) < 0)
		return; /* it has been said on stderr; there is no third path */
}

void toc_second_path_say(struct toc_second_path *s, const char *format, ...)
{
	char text[900];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	toc_warn("%s", text);
	if (!s || s->fd < 0)
		return;
	send_line(s, ALERT, text);
}

void toc_second_path_note(struct toc_second_path *s, const char *line)
{
	if (s && s->fd >= 0)
		send_line(s, NOTICE, line);
}
