/* files - reading to the end. */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MOST = 1 << 24 };

/* All of fd, which is closed; of what is longer no more than one byte beyond `most` is ever held. */
static uint8_t *slurp(int fd, size_t most, size_t *n)
{
	size_t room = most < 1 << 14 ? most + 1 : 1 << 14;
	uint8_t *text = malloc(room + 1);
	ssize_t got = text ? 1 : -1;
	*n = 0;
	while (got > 0 || (got < 0 && errno == EINTR)) {
		if (*n == room) {
			const size_t next = room > most / 2 ? most + 1 : 2 * room;
			uint8_t *more = room > most ? NULL : realloc(text, next + 1);
			if (!more) {
				errno = room > most ? EFBIG : ENOMEM;
				got = -1;
				break;
			}
			text = more;
			room = next;
		}
		got = read(fd, text + *n, room - *n);
		*n += got > 0 ? (size_t)got : 0;
	}
	int why = errno;
	close(fd);
	if (got < 0) {
		free(text);
		text = NULL;
	}
	errno = why;
	if (text)
		text[*n] = '\0';
	return text;
}

uint8_t *toc_files_read(const struct toc_opener *opener, const char *path, size_t most, size_t *n)
{
	struct stat st;
	int fd = toc_open(opener, TOC_ASK_READ, path);
	if (fd < 0)
		return NULL;
	bool known = fstat(fd, &st) == 0;
	const bool large = known && S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t)st.st_size > most;
	if (known && (S_ISDIR(st.st_mode) || large)) {
		close(fd);
		errno = large ? EFBIG : EISDIR;
		return NULL;
	}
	if (known && !S_ISREG(st.st_mode)) /* a pipe whose writer is not ready yet is waited for */
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return slurp(fd, most, n);
}

toc_time toc_files_changed(const struct toc_opener *opener, const char *path)
{
	struct stat st;
	int fd = toc_open(opener, TOC_ASK_READ, path);
	bool known = fd >= 0 && fstat(fd, &st) == 0;
	if (fd >= 0)
		close(fd);
	return known ? (toc_time)st.st_mtime * TOC_SEC : 0;
}

const char *const *toc_files_names(const struct toc_opener *opener, struct toc_arena *arena, const char *path)
{
	size_t bytes, n = 0;
	int fd = toc_open(opener, TOC_ASK_FOLDER, path);
	char *text = fd < 0 ? NULL : (char *)slurp(fd, NAMES_MOST, &bytes);
	if (!text)
		return NULL;
	for (size_t i = 0; i < bytes; i++)
		n += text[i] == '\0';
	const char **names = toc_arena_alloc(arena, (n + 1) * sizeof(*names)), *at = text;
	for (size_t i = 0; i < n; i++, at += strlen(at) + 1)
		names[i] = toc_arena_str(arena, toc_span_str(at));
	free(text);
	return names;
}
