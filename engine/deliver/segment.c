/* segment - reading past damage, appending whole or not at all. */
#define _GNU_SOURCE
#include "deliver/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/crc.h"

enum { SMALLEST = 5 }; /* an empty BSON document */

void toc_segment_name(uint64_t base, int64_t day, char *out)
{
	snprintf(out, 64, "%016" PRIx64 "-%08" PRId64 ".seg", base, day);
}

bool toc_segment_parse(const char *name, uint64_t *base, int64_t *day)
{
	char again[64];
	if (sscanf(name, "%16" SCNx64 "-%8" SCNd64 ".seg", base, day) != 2)
		return false;
	toc_segment_name(*base, *day, again);
	return strcmp(name, again) == 0;
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Length of the whole, undamaged record at offset, whose BSON is then in buffer; 0 = there is none. */
static uint32_t record_at(const struct toc_segment *s, uint64_t offset, uint8_t *buffer)
{
	uint8_t head[TOC_RECORD_HEAD];
	if (offset + TOC_RECORD_HEAD + SMALLEST > s->size ||
	    pread(s->fd, head, sizeof(head), (off_t)offset) != sizeof(head))
		return 0;
	uint32_t n = le32(head);
	if (n < SMALLEST || n > TOC_RECORD_MOST || offset + TOC_RECORD_HEAD + n > s->size)
		return 0;
	if (pread(s->fd, buffer, n, (off_t)(offset + TOC_RECORD_HEAD)) != (ssize_t)n)
		return 0;
	return toc_crc32c(buffer, n) == le32(head + 4) ? n : 0;
}

/*
 * The next offset from which a record may start: BSON repeats the record's length in its own first four bytes, which
 * makes a candidate cheap to recognise, so that damage costs one pass over the bytes behind it.
 */
static uint64_t next_candidate(const struct toc_segment *s, uint64_t offset)
{
	uint8_t window[4096 + 11];
	for (; offset + TOC_RECORD_HEAD + SMALLEST <= s->size; offset += 4096) {
		ssize_t n = pread(s->fd, window, sizeof(window), (off_t)offset);
		for (ssize_t i = 0; i < 4096 && i + 12 <= n; i++)
			if (memcmp(window + i, window + i + TOC_RECORD_HEAD, 4) == 0 && le32(window + i) >= SMALLEST)
				return offset + (uint64_t)i;
	}
	return s->size;
}

uint32_t toc_segment_read(const struct toc_segment *s, uint64_t *pos, uint64_t *start, uint8_t *buffer, uint64_t *bad)
{
	uint64_t offset = *pos > s->base ? *pos - s->base : 0;
	bool damaged = false;
	while (offset < s->size) {
		uint32_t n = record_at(s, offset, buffer);
		if (n) {
			*start = s->base + offset;
			*pos = *start + TOC_RECORD_HEAD + n;
			*bad += damaged;
			return n;
		}
		damaged = true;
		offset = next_candidate(s, offset + 1);
	}
	*bad += damaged;
	*pos = s->base + s->size;
	return 0;
}

uint64_t toc_segment_end(const struct toc_segment *s, uint8_t *buffer)
{
	uint64_t pos = s->base, end = s->base, start, bad = 0;
	while (toc_segment_read(s, &pos, &start, buffer, &bad))
		end = pos;
	return end;
}

bool toc_segment_append(struct toc_segment *s, const uint8_t *bson, uint32_t n)
{
	uint8_t head[TOC_RECORD_HEAD];
	put_le32(head, n);
	put_le32(head + 4, toc_crc32c(bson, n));
	struct iovec parts[2] = { { head, sizeof(head) }, { (void *)(uintptr_t)bson, n } };
	ssize_t want = (ssize_t)(sizeof(head) + n), got;
	do
		got = pwritev(s->fd, parts, 2, (off_t)s->size);
	while (got < 0 && errno == EINTR);
	if (got == want) {
		s->size += (uint64_t)want;
		return true;
	}
	int why = got < 0 && errno != EDQUOT ? errno : ENOSPC; /* a quota of the disk; EDQUOT is the journal's own */
	if (got > 0 && ftruncate(s->fd, (off_t)s->size) != 0)
		why = errno; /* what stands there is not whole: reading skips it */
	errno = why;
	return false;
}
