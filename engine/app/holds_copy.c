/* holds_copy - from the journal and the evidence into a hold: each record once, whatever becomes of where it came from.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/clerk.h"
#include "app/courier.h"
#include "app/holds.h"
#include "app/owner.h"
#include "app/subject.h"
#include "base/hash.h"
#include "deliver/archive.h"
#include "deliver/record.h"
#include "evidence/cut.h"
#include "evidence/spool.h"

enum { PLACES = 1 << 17, HAVE_MOST = PLACES / 2 };

/* What a hold has: id and revision, hashed. */
struct have {
	uint64_t *place; /* PLACES of them; 0 = free */
	unsigned n;
};

struct copying {
	const struct toc_config *config;
	const struct toc_hold *hold;
	struct toc_hold_count *count;
	struct have have;
	struct toc_segment into;
	bool failed;
	int why;
};

/* false: it was there. */
static bool add(struct have *h, const char *id, unsigned revision)
{
	const uint64_t hash = toc_hash_mix(toc_hash_fixed(id, strlen(id)), revision) | 1;
	size_t i = (size_t)(hash >> 1) % PLACES;
	while (h->place[i] && h->place[i] != hash)
		i = (i + 1) % PLACES;
	if (h->place[i] || h->n == HAVE_MOST)
		return false;
	h->place[i] = hash;
	h->n++;
	return true;
}

static bool is_about(const struct toc_hold_count *c, const char *id)
{
	for (unsigned i = 0; i < c->nalerts; i++)
		if (strcmp(c->alerts[i], id) == 0)
			return true;
	return false;
}

static void take_alert(struct toc_hold_count *c, const char *id)
{
	if (is_about(c, id))
		return;
	c->full = c->full || c->nalerts == TOC_HOLD_ALERTS;
	if (c->nalerts < TOC_HOLD_ALERTS && strlen(id) == 32)
		memcpy(c->alerts[c->nalerts++], id, 33);
}

static void append(struct copying *c, const uint8_t *bson, uint32_t n, unsigned *copied)
{
	bool ok = toc_segment_append(&c->into, bson, n);
	*copied += ok;
	c->why = ok || c->failed ? c->why : errno;
	c->failed = c->failed || !ok;
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

/* Of a subject an alert is held from its first record on, so that ids are gathered before records are copied. */
static void gather(void *user, const struct toc_journal_record *r)
{
	struct copying *c = user;
	if (c->hold->subject && !is_about(c->count, r->id) && toc_subject_in(c->config, r, c->hold->subject))
		take_alert(c->count, r->id);
}

static void copy_record(void *user, const struct toc_journal_record *r)
{
	struct copying *c = user;
	if (is_about(c->count, r->id) && add(&c->have, r->id, r->revision))
		append(c, r->bson.p, (uint32_t)r->bson.n, &c->count->records);
}

static void note_record(void *user, const struct toc_journal_record *r)
{
	struct copying *c = user;
	take_alert(c->count, r->id); /* the journal may have forgotten it */
	add(&c->have, r->id, r->revision);
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

static bool copy_cut(void *user, const uint8_t *bson, uint32_t n)
{
	struct copying *c = user;
	struct cut_record r;
	if (cut_read(bson, n, &r) && is_about(c->count, r.id) && add(&c->have, r.id, r.revision))
		append(c, bson, n, &c->count->cuts);
	return true;
}

static bool note_cut(void *user, const uint8_t *bson, uint32_t n)
{
	struct copying *c = user;
	struct cut_record r;
	if (cut_read(bson, n, &r))
		add(&c->have, r.id, r.revision);
	return true;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

/* One segment a hold, which grows. A record that was cut off by a crash is skipped by who reads. */
static bool open_into(struct copying *c, const char *part, char folder[TOC_ASK_MOST])
{
	char path[TOC_ASK_MOST + 80], name[64];
	struct stat st;
	toc_segment_name(0, 0, name);
	if (!toc_hold_path(c->config, c->hold->name, part, folder, TOC_ASK_MOST))
		return false;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	toc_own_as(fd, path);
	memset(c->have.place, 0, PLACES * sizeof(*c->have.place));
	c->have.n = 0;
	c->into = (struct toc_segment){ .size = (uint64_t)st.st_size, .fd = fd };
	return true;
}

static bool close_into(struct copying *c)
{
	bool ok = fsync(c->into.fd) == 0 && !c->failed;
	c->count->full = c->count->full || c->have.n == HAVE_MOST;
	if (c->failed)
		errno = c->why;
	close(c->into.fd);
	return ok;
}

static bool copy_journal(struct copying *c)
{
	char folder[TOC_ASK_MOST], journal[TOC_FOLDER_MOST];
	if (!toc_courier_folder(c->config, journal) || !open_into(c, "journal", folder))
		return false;
	toc_archive_each(folder, NULL, note_record, c);
	toc_archive_each(journal, NULL, gather, c);
	toc_archive_each(journal, NULL, copy_record, c);
	return close_into(c);
}

static bool copy_evidence(struct copying *c)
{
	char folder[TOC_ASK_MOST], kept[TOC_ASK_MOST];
	if (!toc_clerk_folder(c->config, TOC_CLERK_KEPT, kept, sizeof(kept)) || !open_into(c, "evidence", folder))
		return false;
	spool_read_folder(folder, note_cut, c);
	spool_read_folder(kept, copy_cut, c); /* none is kept where there is no such folder */
	return close_into(c);
}

bool toc_hold_copy(const struct toc_config *config, const struct toc_hold *hold, struct toc_hold_count *out)
{
	struct copying c = { .config = config, .hold = hold, .count = out };
	c.have.place = calloc(PLACES, sizeof(*c.have.place));
	*out = (struct toc_hold_count){ .alerts = calloc(TOC_HOLD_ALERTS, sizeof(*out->alerts)) };
	if (!c.have.place || !out->alerts)
		abort();
	for (const char *const *id = hold->alerts; *id; id++)
		take_alert(out, *id);
	bool ok = copy_journal(&c) && copy_evidence(&c);
	int why = errno;
	free(c.have.place);
	errno = why;
	return ok;
}
