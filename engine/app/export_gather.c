/* export_gather - the journal, read twice: which alerts, then the newest revision of each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/reveal.h"
#include "app/export.h"
#include "app/random.h"
#include "app/subject.h"
#include "base/lru.h"
#include "deliver/archive.h"

enum { ALERTS_MOST = 200000, ID = 32 };

struct indexed {
	char id[ID]; /* key */
	uint32_t place;
};

struct gathering {
	const struct toc_config *config;
	const char *who;
	toc_time from, to;
	struct export_alerts *out;
	struct toc_lru *index;
	bool full;
};

/* The alert of that id; NULL: not yet. */
static struct export_alert *find(const struct gathering *g, const char *id)
{
	const struct indexed *i = strlen(id) == ID ? toc_lru_peek(g->index, id) : NULL;
	return i ? &g->out->at[i->place] : NULL;
}

static void pick(void *user, const struct toc_journal_record *r)
{
	struct gathering *g = user;
	struct export_alerts *a = g->out;
	bool fresh;
	if (strlen(r->id) != ID || find(g, r->id) || r->at < g->from || r->at >= g->to ||
	    (g->who && !toc_subject_in(g->config, r, g->who)))
		return;
	if (a->n == ALERTS_MOST) {
		g->full = true;
		return;
	}
	if (!a->at || a->n == a->room) {
		a->room = a->at ? 2 * a->room : 64;
		a->at = realloc(a->at, a->room * sizeof(*a->at));
		if (!a->at)
			abort();
	}
	struct export_alert *new = &a->at[a->n++];
	*new = (struct export_alert){ .at = r->at };
	memcpy(new->id, r->id, sizeof(new->id));
	struct indexed *i = toc_lru_add(g->index, r->id, &fresh);
	i->place = a->n - 1;
}

/* {"a":1} and {"b":2} as one: what earlier revisions named stands in their lines. */
static char *joined(char *all, char *more)
{
	const size_t n = all ? strlen(all) : 0, m = more ? strlen(more) : 0;
	if (n <= 2 || m <= 2) {
		free(n <= 2 ? all : more);
		return n <= 2 ? more : all;
	}
	all = realloc(all, n + m);
	if (!all)
		abort();
	all[n - 1] = ',';
	memcpy(all + n, more + 1, m);
	free(more);
	return all;
}

/* The names of every revision, or none: without those of one of them nobody knows what is a name. */
static void take_names(const struct gathering *g, struct export_alert *a, const struct toc_journal_record *r)
{
	char *names =
		r->sealed.n ? toc_reveal(g->config->site_key, r->school_year, r->id, r->revision, r->sealed) : NULL;
	a->unread = a->unread || (r->sealed.n && !names);
	a->sealed = a->sealed || r->sealed.n > 0;
	a->names = joined(a->names, names);
}

static void fill(void *user, const struct toc_journal_record *r)
{
	struct gathering *g = user;
	struct export_alert *a = find(g, r->id);
	if (!a || (g->to != TOC_NEVER && r->at >= g->to))
		return;
	take_names(g, a, r);
	if (r->revision < a->revision)
		return;
	free(a->json);
	a->revision = r->revision;
	a->json = strndup((const char *)r->copies[0].json.p, r->copies[0].json.n);
	if (!a->json)
		abort();
}

static int by_id(const void *x, const void *y)
{
	const struct export_alert *const *a = x, *const *b = y;
	return strcmp((*a)->id, (*b)->id);
}

static void sort(struct export_alerts *a)
{
	a->by_id = calloc(a->n + 1, sizeof(struct export_alert *));
	if (!a->by_id)
		abort();
	for (unsigned i = 0; i < a->n; i++) {
		if (a->at[i].unread) {
			free(a->at[i].names);
			a->at[i].names = NULL;
		}
		a->by_id[i] = &a->at[i];
	}
	qsort(a->by_id, a->n, sizeof(struct export_alert *), by_id);
}

struct export_alert *export_find(const struct export_alerts *a, const char *id)
{
	struct export_alert wanted, *key = &wanted, **found;
	if (strlen(id) != ID)
		return NULL;
	memcpy(wanted.id, id, sizeof(wanted.id));
	found = a->n ? bsearch(&key, a->by_id, a->n, sizeof(struct export_alert *), by_id) : NULL;
	return found ? *found : NULL;
}

bool export_gather(const struct toc_config *config, const char *folder, const char *who, toc_time from, toc_time to,
		   struct export_alerts *out)
{
	struct toc_hash_key key;
	toc_random_key(&key);
	struct gathering g = { .config = config, .who = who, .from = from, .to = to, .out = out };
	g.index = toc_lru_new(ID, sizeof(struct indexed), ALERTS_MOST, &key, NULL, NULL);
	if (!g.index)
		abort(); /* nothing was written yet */
	bool ok = toc_archive_each(folder, NULL, pick, &g);
	if (ok && g.full)
		errno = EFBIG;
	ok = ok && !g.full && toc_archive_each(folder, NULL, fill, &g);
	int why = errno;
	toc_lru_free(g.index);
	sort(out);
	errno = why;
	return ok;
}

void export_free(struct export_alerts *a)
{
	for (unsigned i = 0; i < a->n; i++) {
		free(a->at[i].json);
		free(a->at[i].names);
		for (unsigned k = 0; k < a->at[i].nlines; k++)
			free(a->at[i].lines[k].text);
		for (unsigned k = 0; k < a->at[i].ndeeds; k++)
			free(a->at[i].deeds[k]);
		free(a->at[i].lines);
		free(a->at[i].deeds);
	}
	free(a->by_id);
	free(a->at);
}
