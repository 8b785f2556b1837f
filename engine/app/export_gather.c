/* export_gather - the journal, read twice: which alerts, then the newest revision of each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/reveal.h"
#include "app/export.h"
#include "app/subject.h"
#include "base/hash.h"
#include "deliver/archive.h"

enum { ALERTS_MOST = 200000, PLACES = 2 * ALERTS_MOST };

struct gathering {
	const struct toc_config *config;
	const char *who;
	toc_time from, to;
	struct export_alerts *out;
	uint32_t *index; /* PLACES of them, by id */
	bool full;
};

/* Where the id's place in the list stands (one more than it; 0 = not yet). */
static uint32_t *index_of(struct gathering *g, const char *id)
{
	size_t i = (size_t)toc_hash_fixed(id, strlen(id)) % PLACES;
	while (g->index[i] && strcmp(g->out->at[g->index[i] - 1].id, id) != 0)
		i = (i + 1) % PLACES;
	return &g->index[i];
}

static void pick(void *user, const struct toc_journal_record *r)
{
	struct gathering *g = user;
	struct export_alerts *a = g->out;
	uint32_t *place = index_of(g, r->id);
	if (*place || strlen(r->id) != 32 || r->at < g->from || r->at >= g->to ||
	    (g->who && !toc_subject_in(g->config, r, g->who)))
		return;
	if (a->n == ALERTS_MOST) {
		g->full = true;
		return;
	}
	if (a->n == a->room) {
		a->room = a->room ? 2 * a->room : 64;
		a->at = realloc(a->at, a->room * sizeof(*a->at));
		if (!a->at)
			abort();
	}
	struct export_alert *new = &a->at[a->n++];
	*new = (struct export_alert){ .at = r->at };
	memcpy(new->id, r->id, sizeof(new->id));
	*place = a->n;
}

static void fill(void *user, const struct toc_journal_record *r)
{
	struct gathering *g = user;
	const uint32_t place = *index_of(g, r->id);
	struct export_alert *a = place ? &g->out->at[place - 1] : NULL;
	if (!a || r->revision < a->revision || (g->to != TOC_NEVER && r->at >= g->to))
		return;
	free(a->json);
	free(a->names);
	a->revision = r->revision;
	a->json = strndup((const char *)r->copies[0].json.p, r->copies[0].json.n);
	a->sealed = r->sealed.n > 0;
	a->names = a->sealed ? toc_reveal(g->config->site_key, r->school_year, r->id, r->revision, r->sealed) : NULL;
	if (!a->json)
		abort();
}

bool export_gather(const struct toc_config *config, const char *folder, const char *who, toc_time from, toc_time to,
		   struct export_alerts *out)
{
	struct gathering g = { config, who, from, to, out, calloc(PLACES, sizeof(*g.index)), false };
	if (!g.index)
		abort(); /* nothing was written yet */
	bool ok = toc_archive_each(folder, NULL, pick, &g);
	if (ok && g.full)
		errno = EFBIG;
	ok = ok && !g.full && toc_archive_each(folder, NULL, fill, &g);
	int why = errno;
	free(g.index);
	errno = why;
	return ok;
}

void export_free(struct export_alerts *a)
{
	for (unsigned i = 0; i < a->n; i++) {
		free(a->at[i].json);
		free(a->at[i].names);
	}
	free(a->at);
}
