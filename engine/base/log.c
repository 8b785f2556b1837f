/* log - one write(2) a line, so that threads do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say(const char *level, const char *format, va_list args)
{
	char line[2048];
	int head = snprintf(line, sizeof(line), "tocsin: %s", level);
	int n = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	if (n < 0)
		return;
	size_t end = strlen(line);
	for (size_t i = (size_t)head; i < end; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[end++] = '\n';
	if (write(STDERR_FILENO, line, end) < 0)
		return; /* there is nobody left to tell */
}

void toc_warn(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say("warning: ", format, args);
	va_end(args);
}

void toc_info(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void toc_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}
