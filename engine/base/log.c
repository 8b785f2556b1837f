/* log - one write(2) a line, so that threads do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Set by systemd: device and inode of the journal's stream (systemd.exec(5)). */
static const char journal[] = "JOURNAL_STREAM";

void toc_log_begin(void)
{
	unsigned long long device, inode;
	struct stat st;
	const char *stream = getenv(journal);
	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(STDERR_FILENO, &st) != 0 ||
	    st.st_dev != device || st.st_ino != inode)
		unsetenv(journal);
}

/* journald takes the number off again and keeps it as the line's priority (sd-daemon(3)). */
static void say(int priority, const char *level, const char *format, va_list args)
{
	char line[2048], number[8] = "";
	if (getenv(journal))
		snprintf(number, sizeof(number), "<%d>", priority);
	int head = snprintf(line, sizeof(line), "%stocsin: %s", number, level);
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
	say(4, "warning: ", format, args);
	va_end(args);
}

void toc_info(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(6, "", format, args);
	va_end(args);
}

void toc_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(3, "", format, args);
	va_end(args);
}
