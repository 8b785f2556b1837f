/* second_path - a datagram a line, and a connection for each, so that syslog may restart: there are few. */
#define _GNU_SOURCE
#include "app/second_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

enum { ALERT = 3 * 8 + 1, NOTICE = 13 * 8 + 5 }; /* facility daemon, alert; log audit, notice */

struct toc_second_path {
	const struct toc_opener *opener;
	char what[TOC_ASK_MOST];
};

struct toc_second_path *toc_second_path_new(const struct toc_opener *opener, const char *socket)
{
	struct toc_second_path *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->opener = opener;
	snprintf(s->what, sizeof(s->what), "log:%s", socket);
	return s;
}

void toc_second_path_free(struct toc_second_path *s)
{
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
	int fd = toc_open(s->opener, TOC_ASK_CONNECT, s->what);
	if (fd < 0)
		return; /* it has been said on stderr; there is no third path */
	(void)!send(fd, line, all, MSG_NOSIGNAL);
	close(fd);
}

void toc_second_path_say(struct toc_second_path *s, const char *format, ...)
{
	char text[900];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	toc_warn("%s", text);
	if (s)
		send_line(s, ALERT, text);
}

void toc_second_path_note(struct toc_second_path *s, const char *line)
{
	if (s)
		send_line(s, NOTICE, line);
}
