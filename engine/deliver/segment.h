/* segment - one file of the journal: records of (length, CRC-32C, BSON), appended and read by position. */
#ifndef DELIVER_SEGMENT_H
#define DELIVER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Positions are those of the whole journal: a file that starts at `base` holds [base, base + size). */
struct toc_segment {
	uint64_t base, size;
	int64_t day; /* days since 1970 of its first record's `at` */
	int fd;
};

enum { TOC_RECORD_HEAD = 8, TOC_RECORD_MOST = 4 << 20 };

/* Name of the file: base and day, so that a listing tells the order. out has 64 bytes. */
void toc_segment_name(uint64_t base, int64_t day, char *out);
bool toc_segment_parse(const char *name, uint64_t *base, int64_t *day);

/*
 * The whole record at or after *pos (journal position): reads it into buffer (TOC_RECORD_MOST bytes), moves *pos behind
 * it and returns the length of its BSON; *start = where it began. Damaged bytes are skipped, and counted once a run in
 * *bad. 0: none.
 */
uint32_t toc_segment_read(const struct toc_segment *s, uint64_t *pos, uint64_t *start, uint8_t *buffer, uint64_t *bad);

/* Where the last whole record ends (journal position): what is behind it was never finished. */
uint64_t toc_segment_end(const struct toc_segment *s, uint8_t *buffer);

/* Writes head and BSON at the end with one write; false: errno, and the file is as before. */
bool toc_segment_append(struct toc_segment *s, const uint8_t *bson, uint32_t n);

#endif
