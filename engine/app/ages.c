/* ages - lists, calendars and rosters in use (an empty one waits for its site) against the age that they may have. */
#include "app/ages.h"

#include <stdio.h>
#include <stdlib.h>

#include "tocsin/draft.h"

enum { EV_STALE, F_LIST, F_OWNER, F_AGE, F_MAX_AGE, F_ENTRIES, N_FIELDS };

const struct toc_field_decl toc_ages_fields[] = {
	[EV_STALE] = { "stale_list", TOC_KIND, false, TOC_OPEN, NULL,
		       "a list, roster or calendar in use whose file is older than it may be; once an hour" },
	[F_LIST] = { "list", TOC_STRING, false, TOC_OPEN, NULL, "its name; of others behind what it is: roster people, calendar nights" },
	[F_OWNER] = { "list_owner", TOC_STRING, false, TOC_OPEN, NULL, "who looks after it" },
	[F_AGE] = { "age", TOC_DURATION, false, TOC_OPEN, "s", "since its file was changed" },
	[F_MAX_AGE] = { "max_age", TOC_DURATION, false, TOC_OPEN, "s", "how old it may be" },
	[F_ENTRIES] = { "entries", TOC_UINT, false, TOC_OPEN, NULL, "in it" },
};
const unsigned toc_ages_nfields = N_FIELDS;

struct toc_ages {
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	const struct toc_generation *generation; /* that was looked at last */
	toc_time looked;
};

struct toc_ages *toc_ages_new(struct toc_intern *names)
{
	struct toc_ages *a = calloc(1, sizeof(*a));
	if (a)
		toc_intern_decls(names, toc_ages_fields, N_FIELDS, a->map);
	return a;
}

void toc_ages_free(struct toc_ages *a)
{
	free(a);
}

static bool is_old(size_t entries, toc_time read_at, toc_time max_age, toc_time at)
{
	return entries && max_age && read_at && at - read_at > max_age;
}

static void tell(struct toc_ages *a, struct toc_emit *emit, const struct toc_list_info *list, toc_time at)
{
	struct toc_draft *d = &a->draft;
	toc_draft_begin(d, a->map, EV_STALE);
	d->head.ts = at;
	toc_put_cstr(d, F_LIST, list->name);
	if (list->owner)
		toc_put_cstr(d, F_OWNER, list->owner);
	toc_put_duration(d, F_AGE, at - list->read_at);
	toc_put_duration(d, F_MAX_AGE, list->max_age);
	toc_put_uint(d, F_ENTRIES, list->entries);
	emit->event(emit, d);
}

static void look_at_rosters(struct toc_ages *a, const struct toc_pipeline *p, toc_time at)
{
	struct toc_roster_info roster;
	for (unsigned i = 0; toc_site_roster(toc_identity_site(p->identity), i, &roster); i++) {
		const struct toc_list_info list = { .name = roster.name,
						    .entries = roster.rows,
						    .read_at = roster.read_at,
						    .max_age = roster.max_age };
		if (is_old(list.entries, list.read_at, list.max_age, at))
			tell(a, toc_engine_emit(p->engine), &list, at);
	}
}

void toc_ages_tick(struct toc_ages *a, const struct toc_pipeline *p)
{
	const toc_time at = toc_engine_at(p->engine);
	struct toc_list_info list;
	if (at <= 0 || (a->generation == p->generation && at - a->looked < TOC_HOUR))
		return;
	a->generation = p->generation;
	a->looked = at;
	for (unsigned i = 0; toc_ruleset_list(p->generation->rules, i, &list); i++)
		if (is_old(list.entries, list.read_at, list.max_age, at))
			tell(a, toc_engine_emit(p->engine), &list, at);
	for (unsigned i = 0; toc_ruleset_calendar(p->generation->rules, i, &list); i++)
		if (is_old(list.entries, list.read_at, list.max_age, at)) {
			char name[128];
			snprintf(name, sizeof(name), "calendar %s", list.name);
			list.name = name;
			tell(a, toc_engine_emit(p->engine), &list, at);
		}
	look_at_rosters(a, p, at);
}
