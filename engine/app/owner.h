/* owner - what root makes belongs to whom the folder belongs to, so that the sensor's user can go on with it. */
#ifndef APP_OWNER_H
#define APP_OWNER_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* fd: of a file or folder at path. Where it cannot be given away it stays. */
static inline void toc_own_as(int fd, const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	struct stat st;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	if (geteuid() == 0 && stat(folder, &st) == 0 && st.st_uid != 0)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

#endif
