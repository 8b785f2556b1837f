/* super_calendar - rules/calendars: a site's hours and days by name, for `when`. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/files.h"
#include "correlate/calendar.h"
#include "ruleset/super.h"

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

struct named_calendar {
	struct toc_calendar is;
	const struct toc_yaml *entry;
	toc_time changed_at, max_age; /* of its file; 0 = not asked, none */
};

static const struct named_calendar *find(struct load *l, struct toc_span name)
{
	struct named_calendar **all = l->calendars.at;
	for (unsigned i = l->calendars.n; i-- > 0;) /* the last one of a name wins: a site's own */
		if (toc_span_is(name, all[i]->is.name))
			return all[i];
	return NULL;
}

const struct toc_calendar *calendar_find(struct load *l, const struct toc_yaml *at)
{
	const char *name = toc_yaml_str(at);
	struct named_calendar **all = l->calendars.at;
	const struct named_calendar *found = name ? find(l, at->text) : NULL;
	if (found)
		return &found->is;
	const char **names = toc_arena_alloc(l->arena, (l->calendars.n + 1) * sizeof(*names));
	for (unsigned i = 0; i < l->calendars.n; i++)
		names[i] = all[i]->is.name;
	const char *near = name ? toc_nearest(at->text, names) : NULL;
	mistake(l, at, "there is no calendar \"%s\"%s%s%s; rules/calendars names them", name ? name : "",
		near ? " (" : "", near ? near : "", near ? "?)" : "");
	return NULL;
}

/* "07:30", "24:00" */
static bool read_minute(struct load *l, const struct toc_yaml *node, uint16_t *out)
{
	unsigned hour = 99, minute = 99;
	int used = 0;
	const char *text = toc_yaml_str(node);
	if (!text || sscanf(text, "%2u:%2u%n", &hour, &minute, &used) != 2 || text[used] || minute > 59 ||
	    hour * 60 + minute > 24 * 60) {
		mistake(l, node, "a time of day is hours and minutes in quotes, such as '07:30'");
		return false;
	}
	*out = (uint16_t)(hour * 60 + minute);
	return true;
}

static uint8_t read_days(struct load *l, const struct toc_yaml *node)
{
	uint8_t days = 0;
	if (node->kind != TOC_YAML_SCALAR && !node->n)
		mistake(l, node, "there is no day in it (days: [mon, tue])");
	for (const char *const *day = strings_read(l, node, "days"); *day; day++) {
		unsigned i = 0;
		while (day_names[i] && strcmp(day_names[i], *day) != 0)
			i++;
		if (day_names[i])
			days |= (uint8_t)(1 << i);
		else
			mistake(l, node, "\"%s\" is none of mon tue wed thu fri sat sun", *day);
	}
	return days;
}

static void read_hours(struct load *l, const struct toc_yaml *list, struct toc_calendar *out)
{
	static const char *const keys[] = { "days", "from", "to", NULL };
	if (list->kind != TOC_YAML_LIST) {
		mistake(l, list, "hours is a list (- {days: [mon, tue], from: '07:00', to: '17:00'})");
		return;
	}
	struct toc_calendar_hours *hours = toc_arena_alloc(l->arena, (list->n + 1) * sizeof(*hours));
	for (unsigned i = 0; i < list->n; i++) {
		const struct toc_yaml *node = list->as.items[i], *days = toc_yaml_get(node, "days");
		struct toc_calendar_hours *h = &hours[out->nhours];
		if (!super_map(l, node, keys, "hours"))
			continue;
		h->days = days ? read_days(l, days) : 0x7f;
		const struct toc_yaml *from = toc_yaml_get(node, "from"), *to = toc_yaml_get(node, "to");
		h->from = 0;
		h->to = 24 * 60;
		if ((from && !read_minute(l, from, &h->from)) || (to && !read_minute(l, to, &h->to)))
			continue;
		if (h->from == h->to)
			mistake(l, node, "these hours end when they begin");
		out->nhours++;
	}
	out->hours = hours;
}

static bool read_date(const char **at, int64_t *out)
{
	static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, used = 0;
	if (sscanf(*at, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used != 10 || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > lengths[month - 1])
		return false;
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	*at += used;
	*out = toc_days_from_civil(year, month, day);
	return month != 2 || day < 29 || leap;
}

/* 2026-11-26, or 2026-12-24/2027-01-01: both days belong to it. */
static const struct toc_calendar_dates *read_dates(struct load *l, const struct toc_yaml *node, unsigned *n)
{
	const char *const *texts = strings_read(l, node, "dates");
	unsigned count = 0;
	while (texts[count])
		count++;
	struct toc_calendar_dates *dates = toc_arena_alloc(l->arena, (count + 1) * sizeof(*dates));
	for (unsigned i = 0; i < count; i++) {
		const char *at = texts[i];
		struct toc_calendar_dates *d = &dates[*n];
		bool ok = read_date(&at, &d->first);
		d->last = d->first;
		if (ok && *at == '/') {
			at++;
			ok = read_date(&at, &d->last);
		}
		if (ok && !*at && d->last >= d->first)
			++*n;
		else
			mistake(l, node, "\"%s\" is no date or range of dates, such as 2026-12-24/2027-01-01",
				texts[i]);
	}
	return dates;
}

static bool is_empty(const struct toc_yaml *list)
{
	return list && (toc_yaml_is_null(list) || (list->kind != TOC_YAML_SCALAR && !list->n));
}

/* Without hours and dates a calendar would be all time: what has lost them must not open every window. */
static bool has_any(struct load *l, const struct toc_yaml *hours, const struct toc_yaml *dates)
{
	if (!is_empty(hours) && !is_empty(dates))
		return true;
	mistake(l, is_empty(hours) ? hours : dates, "there is nothing in it; leave it out, or name hours or days");
	return false;
}

static bool are_over(const struct toc_calendar_dates *dates, unsigned n, int64_t today)
{
	for (unsigned i = 0; i < n; i++)
		if (dates[i].last >= today)
			return false;
	return n > 0;
}

/* Last year's days: the calendar is whole, and means nothing any more. */
static void tell_over(struct load *l, const struct named_calendar *n)
{
	const int64_t today = l->clock / TOC_DAY;
	if (l->clock && are_over(n->is.dates, n->is.ndates, today))
		remark(l, toc_yaml_get(n->entry, "dates"), "all these days are over: is it the calendar of last year?");
	if (l->clock && are_over(n->is.without, n->is.nwithout, today))
		remark(l, toc_yaml_get(n->entry, "without"), "all these days are over: is it the calendar of last year?");
}

/* How much of it there is, held against what the same file had before; and how old the file is. */
static void believe(struct load *l, struct named_calendar *n)
{
	const struct toc_yaml *most = toc_yaml_get(n->entry, "most");
	const uint64_t parts = n->is.nhours + n->is.ndates + n->is.nwithout;
	int64_t many = INT64_MAX;
	if (most)
		toc_yaml_int(most, 1, INT64_C(1) << 32, &many, l->diag);
	if ((int64_t)parts > many)
		mistake(l, n->entry, "the calendar has %llu hours and days; at most %lld are believed",
			(unsigned long long)parts, (long long)many);
	size_check(l, n->entry, "calendar", toc_arena_printf(l->arena, "%s in %s", n->is.name, n->entry->at.file),
		   parts);
	if (toc_yaml_get(n->entry, "max_age"))
		n->changed_at = toc_files_changed(l->opener, n->entry->at.file);
	n->max_age = max_age_read(l, n->entry, n->changed_at);
	tell_over(l, n);
}

static void take_calendar(struct load *l, const struct toc_yaml *key, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "what", "hours", "dates", "without", "not", "owner", "max_age", "most", NULL };
	struct named_calendar *named = toc_arena_alloc(l->arena, sizeof(*named));
	struct toc_calendar *c = &named->is;
	const struct toc_yaml *hours = toc_yaml_get(entry, "hours"), *dates = toc_yaml_get(entry, "dates");
	const struct toc_yaml *without = toc_yaml_get(entry, "without"), *other = toc_yaml_get(entry, "not");
	if (!super_map(l, entry, keys, "a calendar"))
		return;
	if (!other == !(hours || dates) || (other && without)) {
		mistake(l, entry, "a calendar has hours, dates or both (and `without`), or `not`: another calendar");
		return;
	}
	if (!has_any(l, hours, dates))
		return;
	*named = (struct named_calendar){ .is = { .name = toc_yaml_str(key), .zone = l->zone }, .entry = entry };
	if (other)
		c->negated = calendar_find(l, other);
	if (hours)
		read_hours(l, hours, c);
	if (dates)
		c->dates = read_dates(l, dates, &c->ndates);
	if (without)
		c->without = read_dates(l, without, &c->nwithout);
	believe(l, named);
	*(struct named_calendar **)table_add(l, &l->calendars, sizeof(named)) = named;
}

bool calendars_info(const struct table *calendars, unsigned i, struct toc_list_info *out)
{
	struct named_calendar *const *all = calendars->at;
	if (i >= calendars->n)
		return false;
	*out = (struct toc_list_info){ .name = all[i]->is.name,
				       .type = "calendar",
				       .owner = toc_yaml_str(toc_yaml_get(all[i]->entry, "owner")),
				       .entries = all[i]->is.nhours + all[i]->is.ndates + all[i]->is.nwithout,
				       .read_at = all[i]->changed_at,
				       .max_age = all[i]->max_age,
				       .at = all[i]->entry->at };
	return true;
}

void calendars_take(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP)
		mistake(l, root, "a file of calendars is a map of names to calendars");
	for (unsigned i = 0; root->kind == TOC_YAML_MAP && i < root->n; i++)
		take_calendar(l, root->as.pairs[i].key, root->as.pairs[i].value);
}

const struct toc_calendar *toc_calendar_read(struct toc_arena *arena, const struct toc_opener *opener,
					     const char *const *paths, const char *name, const struct toc_zone *zone,
					     struct toc_diag *diag)
{
	struct load l = { .arena = arena, .diag = diag, .opener = opener, .zone = zone };
	l.inputs = toc_sha256_new();
	toc_sha256_begin(l.inputs);
	files_read(&l, paths, calendars_take);
	toc_sha256_free(l.inputs);
	const struct named_calendar *found = find(&l, toc_span_str(name));
	return found ? &found->is : NULL;
}

const struct toc_calendar *super_when(struct load *l, const struct toc_yaml *node)
{
	static const char *const keys[] = { "calendar", NULL };
	if (!node || !super_map(l, node, keys, "when"))
		return NULL;
	const struct toc_yaml *name = toc_yaml_get(node, "calendar");
	if (!name)
		mistake(l, node, "when needs a calendar (calendar: closed_hours)");
	return name ? calendar_find(l, name) : NULL;
}
