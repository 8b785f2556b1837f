/* data_folder - where the rules that come with the program lie. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"

/* From the folder above the program's: the source tree above its build folder, and any prefix it is installed below. No
 * `..` in what comes out: a configuration that names the same folder gets the same names. */
static const char *const beside[] = { "rules", "share/tocsin/rules" };

static char *last_slash_away(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return slash;
}

const char *toc_data_folder(char *out, size_t n)
{
	char exe[1024];
	ssize_t got = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[got > 0 ? got : 0] = '\0';
	const bool found = last_slash_away(exe) && last_slash_away(exe);
	for (size_t i = 0; found && i < sizeof(beside) / sizeof(beside[0]); i++) {
		int written = snprintf(out, n, "%s/%s", exe, beside[i]);
		if (written > 0 && (size_t)written < n && access(out, R_OK) == 0)
			return out;
	}
	snprintf(out, n, "/usr/share/tocsin/rules");
	return out;
}
