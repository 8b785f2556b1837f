/* people - reading people.yml, and asking it. */
#include "alert/people.h"

#include <stdio.h>
#include <string.h>

#include "base/yaml.h"

enum { PEOPLE = 1024 };

const char toc_keeper_uid[] = "keeper";

struct reading {
	struct toc_arena *arena;
	struct toc_diag *diag;
	struct toc_people *out;
};

bool toc_route_sound(const char *route)
{
	size_t n = strspn(route, "abcdefghijklmnopqrstuvwxyz0123456789.-");
	return n > 0 && n < 64 && !route[n];
}

static void mistake(struct reading *r, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(r->diag, TOC_ERROR, at->at, "%s", what);
}

static const char *text_of(struct reading *r, const struct toc_yaml *map, const char *key)
{
	const struct toc_yaml *node = toc_yaml_get(map, key);
	const char *text = node ? toc_yaml_str(node) : NULL;
	if (node && (!text || !*text))
		mistake(r, node, "expected a text");
	return text && *text ? text : NULL;
}

/* A text or a list of texts; `usual` where the key is absent. */
static const char *const *texts_of(struct reading *r, const struct toc_yaml *map, const char *key, const char *usual)
{
	const struct toc_yaml *node = toc_yaml_get(map, key);
	unsigned n = !node ? usual != NULL : node->kind == TOC_YAML_LIST ? node->n : 1, k = 0;
	const char **out = toc_arena_alloc(r->arena, (n + 1) * sizeof(*out));
	if (!node && usual)
		out[k++] = usual;
	for (unsigned i = 0; node && i < n; i++) {
		const struct toc_yaml *item = node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
		const char *text = toc_yaml_str(item);
		if (text && *text)
			out[k++] = text;
		else
			mistake(r, item, "expected a text, or a list of them");
	}
	out[k] = NULL;
	return out;
}

static void check_routes(struct reading *r, const struct toc_yaml *map, const char *const *routes)
{
	for (; *routes; routes++)
		if (!toc_route_sound(*routes))
			toc_diag_add(r->diag, TOC_ERROR, toc_yaml_get(map, "routes")->at,
				     "\"%s\" is no route: a-z, 0-9, point and hyphen only (ts, da, hr, bp.east)",
				     *routes);
}

static void check_approves(struct reading *r, const struct toc_yaml *map, const char *const *approves)
{
	for (; *approves; approves++)
		if (strcmp(*approves, "staff") != 0 && strcmp(*approves, "mail") != 0 &&
		    strcmp(*approves, "exemptions") != 0)
			mistake(r, toc_yaml_get(map, "approves"), "approves is a list of staff, mail, exemptions");
}

/* "07:30-16:00" */
static void read_hours(struct reading *r, const struct toc_yaml *map, struct toc_person *p)
{
	unsigned h[2], m[2];
	char end;
	const char *text = text_of(r, map, "hours");
	if (!text)
		return;
	bool ok = sscanf(text, "%2u:%2u-%2u:%2u%c", &h[0], &m[0], &h[1], &m[1], &end) == 4 && h[0] < 24 && h[1] <= 24 &&
		  m[0] < 60 && m[1] < 60;
	p->from = ok ? h[0] * 60 + m[0] : 0;
	p->to = ok ? h[1] * 60 + m[1] : 0;
	if (!ok || p->to <= p->from)
		mistake(r, toc_yaml_get(map, "hours"), "hours look like 07:30-16:00");
}

static void read_person(struct reading *r, const struct toc_yaml *map)
{
	static const char *const keys[] = { "uid",    "name",	  "position", "mail",	  "accounts",
					    "routes", "approves", "hours",    "recusals", NULL };
	struct toc_person *p = &r->out->at[r->out->n];
	if (map->kind != TOC_YAML_MAP) {
		mistake(r, map, "a person is a map (uid: amy, routes: [ts])");
		return;
	}
	toc_yaml_only(map, keys, "a person", r->diag);
	p->uid = text_of(r, map, "uid");
	if (!p->uid || !toc_route_sound(p->uid)) {
		mistake(r, map, "a person needs a uid of a-z, 0-9, point and hyphen");
		return;
	}
	if (strcmp(p->uid, toc_keeper_uid) == 0)
		mistake(r, toc_yaml_get(map, "uid"), "under this name the sensor answers; nobody else can have it");
	if (toc_people_find(r->out, p->uid))
		mistake(r, toc_yaml_get(map, "uid"), "this uid was given before");
	p->name = text_of(r, map, "name");
	p->position = text_of(r, map, "position");
	p->mail = text_of(r, map, "mail");
	p->accounts = texts_of(r, map, "accounts", p->uid);
	p->routes = texts_of(r, map, "routes", NULL);
	p->approves = texts_of(r, map, "approves", NULL);
	p->recusals = texts_of(r, map, "recusals", NULL);
	check_routes(r, map, p->routes);
	check_approves(r, map, p->approves);
	read_hours(r, map, p);
	r->out->n++;
}

static void read_document(struct reading *r, const struct toc_yaml *doc)
{
	static const char *const keys[] = { "people", "outside", NULL };
	const struct toc_yaml *list = toc_yaml_get(doc, "people");
	bool administered = false;
	if (doc->kind != TOC_YAML_MAP || !list || list->kind != TOC_YAML_LIST || list->n > PEOPLE) {
		mistake(r, doc, "expected `people:`, a list of at most 1024 persons");
		return;
	}
	toc_yaml_only(doc, keys, "the people's file", r->diag);
	r->out->at = toc_arena_alloc(r->arena, (list->n + 1) * sizeof(*r->out->at));
	for (unsigned i = 0; i < list->n; i++)
		read_person(r, list->as.items[i]);
	r->out->outside = text_of(r, doc, "outside");
	for (unsigned i = 0; i < r->out->n; i++)
		administered = administered || toc_person_reads(&r->out->at[i], "da");
	if (r->out->outside && (!toc_route_sound(r->out->outside) || strcmp(r->out->outside, "da") == 0))
		mistake(r, toc_yaml_get(doc, "outside"),
			"outside is a route of a-z, 0-9, point and hyphen other than da");
	else if (administered && !r->out->outside)
		mistake(r, list,
			"somebody reads da: `outside: ROUTE` must say where alerts about the administrators themselves "
			"go");
}

const struct toc_people *toc_people_read(struct toc_arena *arena, const struct toc_opener *opener, const char *path,
					 struct toc_diag *diag)
{
	struct reading r = { arena, diag, toc_arena_alloc(arena, sizeof(*r.out)) };
	unsigned n = 0;
	*r.out = (struct toc_people){ 0 };
	const struct toc_yaml *const *docs = toc_yaml_file(arena, opener, path, NULL, diag, &n);
	if (n == 1)
		read_document(&r, docs[0]);
	else if (n > 1)
		mistake(&r, docs[1], "one document is enough");
	return r.out;
}

const struct toc_person *toc_people_find(const struct toc_people *p, const char *uid)
{
	for (unsigned i = 0; i < p->n; i++)
		if (strcmp(p->at[i].uid, uid) == 0)
			return &p->at[i];
	return NULL;
}

static bool has(const char *const *list, const char *text)
{
	for (; *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

const char *const *toc_people_routes(const struct toc_people *p, struct toc_arena *arena)
{
	unsigned n = 0, most = 1;
	for (unsigned i = 0; i < p->n; i++)
		for (const char *const *route = p->at[i].routes; *route; route++)
			most++;
	const char **routes = toc_arena_alloc(arena, most * sizeof(*routes));
	for (unsigned i = 0; i < p->n; i++)
		for (const char *const *route = p->at[i].routes; *route; route++) {
			unsigned k = 0;
			while (k < n && strcmp(routes[k], *route) != 0)
				k++;
			routes[k] = *route;
			n += k == n;
		}
	routes[n] = NULL;
	return routes;
}

bool toc_person_reads(const struct toc_person *person, const char *route)
{
	return has(person->routes, route);
}

bool toc_person_approves(const struct toc_person *person, const char *what)
{
	return has(person->approves, what);
}

/* What an account is called without its domain: DOMAIN\name, name@domain. */
static struct toc_span bare(struct toc_span account)
{
	size_t slash = toc_span_find(account, '\\');
	if (slash < account.n)
		account = toc_span_from(account, slash + 1);
	return toc_span_first(account, toc_span_find(account, '@'));
}

static bool names(const char *const *list, struct toc_span account)
{
	for (; *list; list++)
		if (toc_span_ieq(bare(toc_span_str(*list)), account))
			return true;
	return false;
}

bool toc_people_concerned(const struct toc_people *p, const char *route, struct toc_span account)
{
	account = bare(account);
	for (unsigned i = 0; i < p->n; i++)
		if (toc_person_reads(&p->at[i], route) &&
		    (names(p->at[i].accounts, account) || names(p->at[i].recusals, account)))
			return true;
	return false;
}
