/* archive - segments in the order of their names. */
#define _GNU_SOURCE
#include "deliver/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "deliver/record.h"
#include "deliver/segment.h"

struct reading {
	const char *id;
	void (*take)(void *user, const struct toc_journal_record *record);
	void *user;
	uint8_t *buffer;
};

static void read_segment(struct reading *r, const char *path, uint64_t base, int64_t day)
{
	struct stat st;
	struct toc_journal_record record;
	uint64_t pos = base, start, bad = 0;
	uint32_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	const struct toc_segment s = { base, (uint64_t)st.st_size, day, fd };
	while ((n = toc_segment_read(&s, &pos, &start, r->buffer, &bad))) {
		memset(&record, 0, sizeof(record));
		if (!toc_record_read(r->buffer, n, &record) || (r->id && strcmp(record.id, r->id) != 0))
			continue;
		record.pos = start;
		record.next = pos;
		record.bson = toc_span_of(r->buffer, n);
		r->take(r->user, &record);
	}
	close(fd);
}

bool toc_archive_each(const char *folder, const char *id,
		      void (*take)(void *user, const struct toc_journal_record *record), void *user)
{
	struct reading r = { id, take, user, malloc(TOC_RECORD_MOST) };
	struct toc_arena *arena = toc_arena_new();
	const char *const *names = r.buffer ? toc_files_names(&toc_opener_self, arena, folder) : NULL;
	int why = errno;
	bool found = names != NULL;
	for (; names && *names; names++) {
		uint64_t base;
		int64_t day;
		if (toc_segment_parse(*names, &base, &day))
			read_segment(&r, toc_arena_printf(arena, "%s/%s", folder, *names), base, day);
	}
	toc_arena_free(arena);
	free(r.buffer);
	errno = why;
	return found;
}
