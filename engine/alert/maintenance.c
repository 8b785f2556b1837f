/* maintenance - time, rule and place against what was announced. */
#include "alert/maintenance.h"

void maintenance_fields_find(struct maintenance_fields *f, struct toc_intern *names)
{
	static const char *const at[] = { "src_zone", "dst_zone", "src_site", "dst_site" };
	_Static_assert(sizeof(at) / sizeof(at[0]) == sizeof(f->at) / sizeof(f->at[0]), "a place for each");
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		f->at[i] = toc_intern_add(names, toc_span_str(at[i]));
}

static bool is_one_of(struct toc_span s, const char *const *list)
{
	for (; *list; list++)
		if (toc_span_is(s, *list))
			return true;
	return false;
}

static bool is_there(const struct maintenance_fields *f, const struct toc_view *view, const char *const *zones)
{
	for (size_t i = 0; i < sizeof(f->at) / sizeof(f->at[0]); i++) {
		const struct toc_event *owner;
		struct toc_value v = toc_view_get(view, f->at[i], &owner);
		if (v.type == TOC_STRING && !v.list && is_one_of(v.as.s, zones))
			return true;
	}
	return false;
}

static bool covers(const struct toc_maintenance *m, const struct maintenance_fields *f, const char *rule,
		   const struct toc_event *const *evidence, unsigned nevidence)
{
	if (m->rules && !is_one_of(toc_span_str(rule), m->rules))
		return false;
	for (unsigned i = 0; m->zones && i < nevidence; i++) {
		const struct toc_view view = { evidence[2 * i], evidence[2 * i + 1] };
		if (!is_there(f, &view, m->zones))
			return false;
	}
	return !m->zones || nevidence;
}

static bool holds(const struct toc_maintenance *m, toc_time at)
{
	return m->begin <= at && at < m->end;
}

const struct toc_maintenance *maintenance_find(const struct toc_maintenances *list, const struct maintenance_fields *f,
					       const char *rule, const struct toc_event *const *evidence,
					       unsigned nevidence, toc_time at)
{
	for (unsigned i = 0; list && i < list->n; i++)
		if (holds(&list->at[i], at) && covers(&list->at[i], f, rule, evidence, nevidence))
			return &list->at[i];
	return NULL;
}

const struct toc_maintenance *maintenance_still(const struct toc_maintenances *list, const char *id, toc_time at)
{
	for (unsigned i = 0; list && i < list->n; i++)
		if (holds(&list->at[i], at) && strcmp(list->at[i].id, id) == 0)
			return &list->at[i];
	return NULL;
}
