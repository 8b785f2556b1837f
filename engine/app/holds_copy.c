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
#include "app/random.h"
#include "app/subject.h"
#include "base/lru.h"
#include "deliver/archive.h"
#include "deliver/record.h"
#include "evidence/cut.h"
#include "evidence/spool.h"

enum { HAVE_MOST = 65536 };

struct copying {
	const struct toc_config *config;
	const struct toc_hold *hold;
	struct toc_hold_count *count;
	struct toc_lru *have; /* what the part at hand has: id and revision, hashed */
	struct toc_segment into;
	bool failed;
	int why;
};

static struct toc_lru *nothing_yet(void)
{
	struct toc_hash_key key;
	toc_random_key(&key);
	struct toc_lru *have = toc_lru_new(sizeof(uint64_t), sizeof(uint64_t), HAVE_MOST, &key, NULL, NULL);
	if (!have)
		abort();
	return have;
}

/* false: it was there, or there is no room for more. */
static bool add(struct toc_lru *have, const char *id, unsigned revision)
{
	const uint64_t hash = toc_hash_mix(toc_hash_fixed(id, strlen(id)), revision);
	bool fresh;
	if (toc_lru_count(have) == HAVE_MOST)
		return false;
	toc_lru_add(have, &hash, &fresh);
	return fresh;
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
	if (is_about(c->count, r->id) && add(c->have, r->id, r->revision))
		append(c, r->bson.p, (uint32_t)r->bson.n, &c->count->records);
}

static void note_record(void *user, const struct toc_journal_record *r)
{
	struct copying *c = user;
	take_alert(c->count, r->id); /* the journal may have forgotten it */
	add(c->have, r->id, r->revision);
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

static bool copy_cut(void *user, const uint8_t *bson, uint32_t n)
{
	struct copying *c = user;
	struct cut_record r;
	if (cut_read(bson, n, &r) && is_about(c->count, r.id) && add(c->have, r.id, r.revision))
		append(c, bson, n, &c->count->cuts);
	return true;
}

static bool note_cut(void *user, const uint8_t *bson, uint32_t n)
{
	struct copying *c = user;
	struct cut_record r;
	if (cut_read(bson, n, &r))
		add(c->have, r.id, r.revision);
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
	toc_lru_free(c->have);
	c->have = nothing_yet();
	c->into = (struct toc_segment){ .size = (uint64_t)st.st_size, .fd = fd };
	return true;
}

static bool close_into(struct copying *c)
{
	bool ok = fsync(c->into.fd) == 0 && !c->failed;
	c->count->full = c->count->full || toc_lru_count(c->have) == HAVE_MOST;
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
	*out = (struct toc_hold_count){ .alerts = calloc(TOC_HOLD_ALERTS, sizeof(*out->alerts)) };
	if (!out->alerts)
		abort();
	for (const char *const *id = hold->alerts; *id; id++)
		take_alert(out, *id);
	bool ok = copy_journal(&c) && copy_evidence(&c);
	int why = errno;
	toc_lru_free(c.have);
	errno = why;
	return ok;
}
