/* roster - a CSV file of people or devices, as other systems of the district write it. */
#ifndef IDENTITY_ROSTER_H
#define IDENTITY_ROSTER_H

#include "identity/site.h"

struct toc_roster {
	struct toc_roster_row *rows; /* sorted by key; in the arena */
	unsigned n;
	toc_time changed_at, max_age; /* of its file, and how old that may be; 0 = not known, none */
};

/*
 * Reads the file (RFC 4180, one row a line; the first names the columns, of which those that struct toc_roster_row has
 * are taken). key_at: offset of the column by which rows are found. Errors to diag, with the file's line: no file (at
 * `named`, where the configuration says it), no column of the key, no row, a row of more cells than there are columns,
 * a quote that does not end its cell, a line of more than 4,094 bytes, more than a million rows. A row without its key
 * names nobody: a warning.
 */
void toc_roster_read(struct toc_roster *roster, struct toc_arena *arena, const struct toc_opener *opener,
		     const char *path, struct toc_place named, size_t key_at, struct toc_diag *diag);

/* By key in any case; NULL: there is no such row. */
const struct toc_roster_row *toc_roster_find(const struct toc_roster *roster, struct toc_span key);

#endif
