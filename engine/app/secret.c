/* secret - read once, before anything is given up. */
#include "app/secret.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *toc_secret_read(const char *path, char *out, size_t room)
{
	char line[1024] = "";
	struct stat st;
	FILE *f = fopen(path, "r");
	if (!f)
		return "the password file cannot be read (does it exist, and may tocsin read it?)";
	bool shown = fstat(fileno(f), &st) != 0 || (st.st_mode & S_IRWXO);
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (shown)
		return "everybody can read the password file (chmod 600)";
	if (!line[0] || strlen(line) >= room)
		return "the password must be the file's first line, of 1 to 255 characters";
	memcpy(out, line, strlen(line) + 1);
	return NULL;
}

const char *toc_secret_path(struct toc_arena *arena, const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY"), *slash = strrchr(path, '/');
	if (!folder || folder[0] != '/')
		return path;
	const char *passed = toc_arena_printf(arena, "%s/%s", folder, slash ? slash + 1 : path);
	return access(passed, F_OK) == 0 ? passed : path;
}
