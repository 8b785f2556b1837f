/* data_folder - where the rules that come with the program lie. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"

/* From the folder that the program is in: the source tree's build folder, and any prefix it is installed below. */
static const char *const beside[] = { "../rules", "../share/tocsin/rules" };

const char *toc_data_folder(char *out, size_t n)
{
	char exe[1024];
	ssize_t got = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[got > 0 ? got : 0] = '\0';
	char *slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; slash && i < sizeof(beside) / sizeof(beside[0]); i++) {
		int written = snprintf(out, n, "%s/%s", exe, beside[i]);
		if (written > 0 && (size_t)written < n && access(out, R_OK) == 0)
			return out;
	}
	snprintf(out, n, "/usr/share/tocsin/rules");
	return out;
}
