/* observe - hands each event to the observers that want its kind. */
#include "observe/observe.h"

#include <stdlib.h>

#include "observe/observer.h"

#define OBSERVER(name) extern const struct toc_observer toc_observer_##name;
#include "observe/observers.def"
#undef OBSERVER

static const struct toc_observer *const observers[] = {
#define OBSERVER(name) &toc_observer_##name,
#include "observe/observers.def"
#undef OBSERVER
};

enum { OBSERVERS = sizeof(observers) / sizeof(observers[0]), KINDS = 8, MOST_FIELDS = 64 };

struct toc_observe {
	void *self[OBSERVERS];
	toc_field map[OBSERVERS][MOST_FIELDS], kinds[OBSERVERS][KINDS];
	struct toc_draft draft;
	struct observer_bounds bounds;
};
_Static_assert((int)TOC_OBSERVE_BOUNDS == (int)OBSERVER_BOUNDS, "what is given has room");

void observer_number(const struct observer_env *env, const char *observer, const char *key, int64_t least, int64_t most,
		     int64_t *value)
{
	const struct toc_yaml *node = toc_yaml_get(toc_yaml_get(env->conf, observer), key);
	if (node)
		toc_yaml_int(node, least, most, value, env->diag);
}

void observer_addresses_read(const struct observer_env *env, const char *key, struct observer_addresses *out)
{
	const struct toc_yaml *list = toc_yaml_get(env->protect, key);
	*out = (struct observer_addresses){ 0 };
	if (!list)
		return;
	unsigned n = list->kind == TOC_YAML_LIST ? list->n : 1;
	out->at = calloc(n, sizeof(*out->at));
	for (unsigned i = 0; out->at && i < n; i++) {
		const struct toc_yaml *node = list->kind == TOC_YAML_LIST ? list->as.items[i] : list;
		if (node->kind == TOC_YAML_SCALAR && toc_addr_parse(node->text, &out->at[out->n]))
			out->n++;
		else
			toc_diag_add(env->diag, TOC_ERROR, node->at, "expected an address such as 10.0.0.1");
	}
}

bool observer_addresses_have(const struct observer_addresses *list, const struct toc_addr *a)
{
	for (unsigned i = 0; i < list->n; i++)
		if (toc_addr_eq(&list->at[i], a))
			return true;
	return false;
}

void observer_addresses_free(struct observer_addresses *list)
{
	free(list->at);
}

static void check_keys(const struct observer_env *env)
{
	static const char *const protect[] = { "addresses", "dhcp_servers", "domains", "gateways", NULL };
	const char *names[OBSERVERS + 1] = { NULL };
	for (unsigned i = 0; i < OBSERVERS; i++)
		names[i] = observers[i]->name;
	toc_yaml_only(env->conf, names, "observe", env->diag);
	toc_yaml_only(env->protect, protect, "protect", env->diag);
	for (unsigned i = 0; i < OBSERVERS; i++)
		if (toc_yaml_get(env->conf, observers[i]->name))
			toc_yaml_only(toc_yaml_get(env->conf, observers[i]->name), observers[i]->options,
				      observers[i]->name, env->diag);
}

struct toc_observe *toc_observe_new(const struct toc_yaml *conf, const struct toc_yaml *protect, uint64_t link_mbps,
				    struct toc_intern *names, const struct toc_hash_key *key, struct toc_emit *emit,
				    struct toc_diag *diag)
{
	struct toc_observe *o = calloc(1, sizeof(*o));
	bool ok = o != NULL;
	unsigned before = toc_diag_errors(diag);
	bool idle;
	const struct observer_env env = {
		conf, protect, link_mbps, names, key, emit, o ? &o->draft : NULL, diag, o ? &o->bounds : NULL, &idle
	};
	check_keys(&env);
	for (unsigned i = 0; ok && i < OBSERVERS; i++) {
		toc_intern_decls(names, observers[i]->fields, observers[i]->nfields, o->map[i]);
		idle = false;
		o->self[i] = observers[i]->new (&env, o->map[i]);
		for (unsigned k = 0; observers[i]->kinds[k] && !idle; k++)
			o->kinds[i][k] = toc_intern_add(names, toc_span_str(observers[i]->kinds[k]));
		ok = o->self[i] != NULL;
	}
	if (ok && toc_diag_errors(diag) == before)
		return o;
	if (toc_diag_errors(diag) == before)
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ NULL, 0, 0 }, "out of memory");
	toc_observe_free(o);
	return NULL;
}

void toc_observe_free(struct toc_observe *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < OBSERVERS; i++)
		if (o->self[i])
			observers[i]->free(o->self[i]);
	free(o);
}

bool toc_observe_reads(const struct toc_observe *o, toc_field kind)
{
	for (unsigned i = 0; i < OBSERVERS; i++)
		for (unsigned k = 0; o->kinds[i][k]; k++)
			if (o->kinds[i][k] == kind)
				return true;
	return false;
}

void toc_observe_bounds(struct toc_observe *o, const double *at, unsigned n)
{
	o->bounds.nscan = n < OBSERVER_BOUNDS ? n : OBSERVER_BOUNDS;
	for (unsigned i = 0; i < o->bounds.nscan; i++)
		o->bounds.scan[i] = at[i];
}

void toc_observe_see(struct toc_observe *o, const struct toc_view *view)
{
	for (unsigned i = 0; i < OBSERVERS; i++)
		for (unsigned k = 0; o->kinds[i][k]; k++)
			if (o->kinds[i][k] == view->ev->kind)
				observers[i]->see(o->self[i], view);
}

void toc_observe_advance(struct toc_observe *o, toc_time at)
{
	for (unsigned i = 0; i < OBSERVERS; i++)
		if (observers[i]->advance)
			observers[i]->advance(o->self[i], at);
}

void toc_observe_finish(struct toc_observe *o, toc_time at)
{
	for (unsigned i = 0; i < OBSERVERS; i++)
		if (observers[i]->finish)
			observers[i]->finish(o->self[i], at);
}

void toc_observe_declare(void (*declare)(void *user, const char *source, const struct toc_field_decl *fields,
					 unsigned n),
			 void *user)
{
	for (unsigned i = 0; i < OBSERVERS; i++)
		declare(user, observers[i]->name, observers[i]->fields, observers[i]->nfields);
}
