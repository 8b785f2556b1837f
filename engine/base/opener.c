/* opener - the asks as this process' own system calls. */
#define _GNU_SOURCE
#include "base/opener.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

static int open_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Closes, and errno stays what it was. */
static int give_up(int fd)
{
	int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return -1;
}

/* Whether that user owns the folder that the path is in. */
static bool owns_folder(uid_t user, const char *path)
{
	struct stat st;
	char folder[TOC_ASK_MOST];
	const char *slash = strrchr(path, '/');
	const int n = slash ? (int)(slash - path) + 1 : 1;
	const int wrote = snprintf(folder, sizeof(folder), "%.*s", n, slash ? path : ".");
	return wrote == n && stat(folder, &st) == 0 && st.st_uid == user;
}

/* A file with one name, of this process' user or of the folder's: what else stands there is somebody's guest, and is neither read nor written. */
static bool is_own(int fd, const char *path)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return false;
	errno = EPERM;
	return S_ISREG(st.st_mode) && st.st_nlink == 1 && (st.st_uid == geteuid() || owns_folder(st.st_uid, path));
}

static int open_segment(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	return fd < 0 || is_own(fd, path) ? fd : give_up(fd);
}

static int remove_name(const char *path)
{
	return unlink(path);
}

static int shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool put_name(FILE *out, int folder, const char *name)
{
	struct stat st;
	bool inner = fstatat(folder, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
	return fputs(name, out) >= 0 && (!inner || fputc('/', out) != EOF) && fputc('\0', out) != EOF;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The names in a file that has no name itself, so that a descriptor carries them. */
static int list_folder(const char *path)
{
	struct dirent **names = NULL;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n = folder < 0 ? -1 : scandirat(folder, ".", &names, shown, by_bytes);
	int fd = n < 0 ? -1 : memfd_create("names", MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	bool ok = out != NULL;
	for (int i = 0; i < n; i++) {
		ok = ok && put_name(out, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	ok = (!out || fclose(out) == 0) && ok;
	int why = errno;
	if (folder >= 0)
		close(folder);
	errno = why;
	return ok && lseek(fd, 0, SEEK_SET) == 0 ? fd : give_up(fd);
}

static int start_connecting(int family, int type, const struct sockaddr *to, socklen_t n)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd >= 0 && (connect(fd, to, n) == 0 || errno == EINPROGRESS) ? fd : give_up(fd);
}

static int connect_unix(const char *path, int type)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	if (n >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, n + 1);
	return start_connecting(AF_UNIX, type, (const struct sockaddr *)&to, sizeof(to));
}

static int connect_tcp(const char *host_and_port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *all = NULL;
	char host[TOC_ASK_MOST];
	const char *port = strrchr(host_and_port, ':');
	size_t n = port ? (size_t)(port - host_and_port) : 0;
	int fd = -1;
	errno = EHOSTUNREACH;
	if (!n || n >= sizeof(host))
		return -1;
	memcpy(host, host_and_port, n);
	host[n] = '\0';
	if (getaddrinfo(host, port + 1, &hints, &all) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = start_connecting(a->ai_family, SOCK_STREAM, a->ai_addr, a->ai_addrlen);
	int why = errno;
	freeaddrinfo(all);
	errno = why;
	return fd;
}

static int open_connection(const char *to)
{
	if (strncmp(to, "unix:", 5) == 0)
		return connect_unix(to + 5, SOCK_STREAM);
	if (strncmp(to, "log:", 4) == 0)
		return connect_unix(to + 4, SOCK_DGRAM);
	if (strncmp(to, "tcp:", 4) == 0)
		return connect_tcp(to + 4);
	errno = EINVAL;
	return -1;
}

/* linux/magic.h and the file systems' own headers: what others write there, and what has no writers at all (/proc). */
static bool tells(const char *path)
{
	static const uint32_t silent[] = { 0x6969 /* NFS */,	    0x517b /* SMB */,	   0xff534d42 /* CIFS */,
					   0xfe534d42 /* SMB2 */,   0x65735546 /* FUSE */, 0x01021997 /* 9P */,
					   0x00c36400 /* Ceph */,   0x5346414f /* AFS */,  0x6b414653 /* kAFS */,
					   0x7461636f /* OCFS2 */,  0x01161970 /* GFS2 */, 0x0bd00bd0 /* Lustre */,
					   0x786f4256 /* vboxsf */, 0x9fa0 /* proc */,	   0x62656572 /* sysfs */ };
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if ((uint32_t)fs.f_type == silent[i]) {
			errno = EOPNOTSUPP;
			return false;
		}
	return true;
}

static int watch(const char *queue_and_path)
{
	char *path;
	const long fd = strtol(queue_and_path, &path, 10);
	if (path == queue_and_path || *path != ' ' || fd < 0 || fd > INT32_MAX) {
		errno = EINVAL;
		return -1;
	}
	path++;
	if (!tells(path))
		return -1;
	int number =
		inotify_add_watch((int)fd, path, IN_ONLYDIR | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF);
	return number >= 0 || errno != ENOTDIR ? number : inotify_add_watch((int)fd, path, IN_MODIFY);
}

static int ask_self(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	static int (*const acts[TOC_ASKS])(const char *) = {
		[TOC_ASK_READ] = open_read,	[TOC_ASK_FOLDER] = list_folder,	     [TOC_ASK_SEGMENT] = open_segment,
		[TOC_ASK_REMOVE] = remove_name, [TOC_ASK_CONNECT] = open_connection, [TOC_ASK_WATCH] = watch
	};
	(void)self;
	return acts[ask](what);
}

const struct toc_opener toc_opener_self = { ask_self };
