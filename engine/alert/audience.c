/* audience - routes by building, recusals, and what is shown to whom. */
#include "alert/audience.h"

#include <stdio.h>

static const char administrator[] = "da", everybody[] = "all";

void audience_fields_find(struct audience_fields *f, struct toc_intern *names)
{
	f->site = toc_intern_add(names, toc_span_str("src_site"));
	f->role = toc_intern_add(names, toc_span_str("src_role"));
}

/* --- buildings ------------------------------------------------------------------------------------------------------
 */

static struct toc_span text_field(const struct toc_event *ev, const struct toc_event *who, toc_field field)
{
	const struct toc_view view = { ev, who };
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(&view, field, &owner);
	return v.type == TOC_STRING && !v.list ? v.as.s : toc_span_of("", 0);
}

/* A building as a part of a route: what is no letter, digit or hyphen becomes one. */
static void building(struct toc_span site, char out[ROUTE_TEXT])
{
	size_t n = site.n < ROUTE_TEXT - 8 ? site.n : ROUTE_TEXT - 8;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = toc_lower(site.p[i]);
		out[i] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? (char)c : '-';
	}
	out[n] = '\0';
}

bool audience_of_site(const struct audience_fields *fields, const struct toc_event *ev, const struct toc_event *who,
		      const char *site)
{
	char own[ROUTE_TEXT];
	building(text_field(ev, who, fields->site), own);
	return !site || strcmp(own, site) == 0;
}

/* Principals and counsellors see pupils: a colleague's alert is for the administrator. */
static bool of_staff(const struct audience_fields *fields, const struct revision *r, const char *site)
{
	for (unsigned i = 0; i < r->nevidence; i++) {
		const struct toc_event *ev = r->evidence[2 * i], *who = r->evidence[2 * i + 1];
		if (audience_of_site(fields, ev, who, site) && toc_span_is(text_field(ev, who, fields->role), "staff"))
			return true;
	}
	return false;
}

/* --- one route ------------------------------------------------------------------------------------------------------
 */

struct choosing {
	const struct toc_alert_config *config;
	const struct audience_fields *fields;
	const struct revision *r;
	const struct mask *mask;
	const char *route; /* that a name is compared for */
	struct episode *e;
	struct audiences *out;
};

static bool concerns(void *user, char class, struct toc_span name)
{
	const struct choosing *c = user;
	return class == 'p' && toc_people_concerned(c->config->people, c->route, name);
}

static bool is_in(const struct text *list, const char *route)
{
	for (const char *r = list->p, *end = r + list->n; r && r < end; r += strlen(r) + 1)
		if (strcmp(r, route) == 0)
			return true;
	return false;
}

static void add_to(struct text *list, const char *route)
{
	if (!is_in(list, route))
		text_put(list, toc_span_of(route, strlen(route) + 1));
}

/* Once concerned, always: what a later revision does not show was there before. */
static bool is_concerned(struct choosing *c, const char *route)
{
	if (!c->config->people || is_in(&c->e->barred, route))
		return c->config->people != NULL;
	c->route = route;
	if (!mask_any_known(c->mask, concerns, c))
		return false;
	add_to(&c->e->barred, route);
	return true;
}

/* Technology Services find machines by their names; everybody else asks for an unmasking. */
static struct shows shows_of(const struct toc_alert_config *config, const char *route)
{
	struct shows s = { .persons = config->names, .devices = config->names, .contents = config->names };
	if (strcmp(route, everybody) == 0)
		return (struct shows){ false, false, false };
	for (unsigned i = 0; i < config->nroutes; i++)
		if (strcmp(config->routes[i].route, route) == 0) {
			s.persons = s.persons || config->routes[i].persons;
			s.devices = s.devices || config->routes[i].devices;
			return s;
		}
	s.devices = s.devices || strcmp(route, "ts") == 0;
	return s;
}

static void put(struct choosing *c, const char *route)
{
	struct audiences *out = c->out;
	for (unsigned i = 0; i < out->n; i++)
		if (strcmp(out->at[i].route, route) == 0)
			return;
	if (out->n == AUDIENCES || !toc_route_sound(route))
		return;
	struct audience *a = &out->at[out->n++];
	snprintf(a->route, sizeof(a->route), "%s", route);
	a->shows = shows_of(c->config, route);
	a->site = NULL;
	if (strncmp(a->route, "bp.", 3) == 0)
		a->site = a->route + 3;
	else if (strncmp(a->route, "coun.", 5) == 0)
		a->site = a->route + 5;
}

/* Who is concerned, or has a relative who is, does not get it: the administrator does, or the one outside. */
static void put_unconcerned(struct choosing *c, const char *route)
{
	const char *outside = c->config->people ? c->config->people->outside : NULL;
	if (!is_concerned(c, route)) {
		put(c, route);
		return;
	}
	c->out->moved = true;
	if (!is_concerned(c, administrator))
		put(c, administrator);
	else if (outside && !is_concerned(c, outside))
		put(c, outside);
}

static void put_building(struct choosing *c, const char *route, const char *site)
{
	char full[2 * ROUTE_TEXT];
	snprintf(full, sizeof(full), "%s.%s", route, site);
	bool theirs = false;
	for (unsigned i = 0; i < c->r->nevidence; i++)
		theirs = theirs || audience_of_site(c->fields, c->r->evidence[2 * i], c->r->evidence[2 * i + 1], site);
	if (!theirs)
		return; /* nothing of this building is in it */
	put_unconcerned(c, of_staff(c->fields, c->r, site) ? administrator : full);
}

/* `bp` is the principal of each building that the evidence is from. */
static void put_buildings(struct choosing *c, const char *route)
{
	bool any = false;
	for (unsigned i = 0; i < c->r->nevidence; i++) {
		char site[ROUTE_TEXT];
		building(text_field(c->r->evidence[2 * i], c->r->evidence[2 * i + 1], c->fields->site), site);
		if (site[0])
			put_building(c, route, site);
		any = any || site[0];
	}
	if (!any)
		put_unconcerned(c, administrator);
}

static bool is_open_to_all(const struct audiences *a)
{
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->at[i].route, "ts") != 0 && strncmp(a->at[i].route, "bp.", 3) != 0)
			return false;
	return a->n && !a->moved;
}

void audience_choose(const struct toc_alert_config *config, const struct audience_fields *fields,
		     const struct revision *r, const struct mask *mask, struct episode *e, struct audiences *out)
{
	struct choosing c = { config, fields, r, mask, NULL, e, out };
	out->n = 0;
	out->moved = false;
	for (const char *const *route = r->episode->rule->routes; route && *route; route++) {
		if (strcmp(*route, "bp") == 0 || strcmp(*route, "coun") == 0)
			put_buildings(&c, *route);
		else if (strncmp(*route, "bp.", 3) == 0)
			put_building(&c, "bp", *route + 3);
		else if (strncmp(*route, "coun.", 5) == 0)
			put_building(&c, "coun", *route + 5);
		else
			put_unconcerned(&c, *route);
	}
	for (const char *t = e->told_routes.p, *end = t + e->told_routes.n; t && t < end; t += strlen(t) + 1)
		if (!is_concerned(&c, t))
			put(&c, t);
	for (unsigned i = 0; i < out->n; i++)
		add_to(&e->told_routes, out->at[i].route);
	if (config->all && is_open_to_all(out))
		put(&c, everybody);
}

bool audience_same(const struct audience *a, const struct audience *b)
{
	return a->shows.persons == b->shows.persons && a->shows.devices == b->shows.devices &&
	       a->shows.contents == b->shows.contents &&
	       (a->site && b->site ? strcmp(a->site, b->site) == 0 : a->site == b->site);
}
