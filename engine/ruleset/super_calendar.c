/* super_calendar - rules/calendars: a site's hours and days by name, for `when`. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "correlate/calendar.h"
#include "ruleset/super.h"

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

static struct toc_calendar *find(struct load *l, struct toc_span name)
{
	struct toc_calendar **all = l->calendars.at;
	for (unsigned i = l->calendars.n; i-- > 0;) /* the last one of a name wins: a site's own */
		if (toc_span_is(name, all[i]->name))
			return all[i];
	return NULL;
}

const struct toc_calendar *calendar_find(struct load *l, const struct toc_yaml *at)
{
	const char *name = toc_yaml_str(at);
	struct toc_calendar **all = l->calendars.at;
	const struct toc_calendar *found = name ? find(l, at->text) : NULL;
	if (found)
		return found;
	const char **names = toc_arena_alloc(l->arena, (l->calendars.n + 1) * sizeof(*names));
	for (unsigned i = 0; i < l->calendars.n; i++)
		names[i] = all[i]->name;
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
		if ((!from || read_minute(l, from, &h->from)) && (!to || read_minute(l, to, &h->to)))
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

static void take_calendar(struct load *l, const struct toc_yaml *key, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "what", "hours", "dates", "without", "not", NULL };
	struct toc_calendar *c = toc_arena_alloc(l->arena, sizeof(*c));
	const struct toc_yaml *hours = toc_yaml_get(entry, "hours"), *dates = toc_yaml_get(entry, "dates");
	const struct toc_yaml *without = toc_yaml_get(entry, "without"), *other = toc_yaml_get(entry, "not");
	if (!super_map(l, entry, keys, "a calendar"))
		return;
	if (!other == !(hours || dates) || (other && without)) {
		mistake(l, entry, "a calendar has hours, dates or both (and `without`), or `not`: another calendar");
		return;
	}
	*c = (struct toc_calendar){ .name = toc_yaml_str(key), .zone = l->zone };
	if (other)
		c->negated = calendar_find(l, other);
	if (hours)
		read_hours(l, hours, c);
	if (dates)
		c->dates = read_dates(l, dates, &c->ndates);
	if (without)
		c->without = read_dates(l, without, &c->nwithout);
	*(struct toc_calendar **)table_add(l, &l->calendars, sizeof(c)) = c;
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
	return find(&l, toc_span_str(name));
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
