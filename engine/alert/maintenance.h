/*
 * maintenance - work that was announced: alerts that open in its time and scope are kept and say so, and nobody is
 * roused by them (notify/). A window ends by its own time.
 */
#ifndef ALERT_MAINTENANCE_H
#define ALERT_MAINTENANCE_H

#include "base/intern.h"
#include "tocsin/event.h"

enum { TOC_MAINTENANCE_ID = 12 }; /* with its NUL */

struct toc_maintenance {
	char id[TOC_MAINTENANCE_ID];
	const char *owner, *reason;
	toc_time begin, end;
	/* What is NULL is not asked; else one of them. Rules: ids. Zones: names of zones or sites. NULL-terminated. */
	const char *const *rules, *const *zones;
};

struct toc_maintenances {
	const struct toc_maintenance *at;
	unsigned n;
};

/* The names of the fields that a scope looks at, interned once. */
struct maintenance_fields {
	toc_field at[4];
};
void maintenance_fields_find(struct maintenance_fields *f, struct toc_intern *names);

/*
 * The first that holds at that time for an alert of the rule with this evidence (pairs; side may be NULL): all of it
 * must come from the scope's zones, so that work in one room hides nothing of another. NULL: none.
 */
const struct toc_maintenance *maintenance_find(const struct toc_maintenances *list, const struct maintenance_fields *f,
					       const char *rule, const struct toc_event *const *evidence,
					       unsigned nevidence, toc_time at);

/* The one of that id, while it holds; NULL: it is over. */
const struct toc_maintenance *maintenance_still(const struct toc_maintenances *list, const char *id, toc_time at);

#endif
