/* data_folder - where the rules that come with the program lie. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"

const char *toc_data_folder(char *out, size_t n)
{
	static const char installed[] = "/usr/share/tocsin/rules";
	char exe[1024];
	ssize_t got = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (got > 0) {
		exe[got] = '\0';
		char *slash = strrchr(exe, '/');
		if (slash)
			*slash = '\0';
		int written = snprintf(out, n, "%s/../rules", exe);
		if (written > 0 && (size_t)written < n && access(out, R_OK) == 0)
			return out;
	}
	snprintf(out, n, "%s", installed);
	return out;
}
