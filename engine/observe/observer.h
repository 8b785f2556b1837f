/* observer - what one kind of observation is: a file with one const struct, listed in observers.def. */
#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

#include "base/diag.h"
#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/yaml.h"

/* Numbers that loaded rules compare the field count_distinct of a kind with: whoever tells of a count tells it then. */
enum { OBSERVER_BOUNDS = 16 };
struct observer_bounds {
	unsigned nscan;
	double scan[OBSERVER_BOUNDS];
};

/* What every observer is given; borrowed for its life. */
struct observer_env {
	const struct toc_yaml *conf;	/* `observe:` of tocsin.yml, or NULL */
	const struct toc_yaml *protect; /* `protect:`, or NULL */
	uint64_t link_mbps;		/* of the interfaces; 0 = unknown */
	struct toc_intern *names;
	const struct toc_hash_key *key;
	struct toc_emit *emit;
	struct toc_draft *draft; /* shared: only one event is made at a time */
	struct toc_diag *diag;
	const struct observer_bounds *bounds; /* change with the rules: read when they are needed */
	bool *idle; /* set during `new` by who is given nothing to do: it is shown no events, so that no decoder runs
		       for it */
};

struct toc_observer {
	const char *name; /* also its map under `observe:` */
	const struct toc_field_decl *fields;
	unsigned nfields;
	const char *const *kinds;   /* events it wants to see, NULL-terminated */
	const char *const *options; /* keys of its map under `observe:`, NULL-terminated */
	void *(*new)(const struct observer_env *env, const toc_field *map); /* NULL: no memory, or diag has errors */
	void (*free)(void *self);
	void (*see)(void *self, const struct toc_view *view);
	void (*advance)(void *self, toc_time at); /* may be NULL */
	void (*finish)(void *self, toc_time at);  /* may be NULL */
};

/* Reads a whole number of the observer's map; `value` stays where the key is absent. */
void observer_number(const struct observer_env *env, const char *observer, const char *key, int64_t least, int64_t most,
		     int64_t *value);

/* Is the address in the list under `protect:`? Unreadable entries are diagnosed once, when the list is read. */
struct observer_addresses {
	struct toc_addr *at;
	unsigned n;
};
void observer_addresses_read(const struct observer_env *env, const char *key, struct observer_addresses *out);
bool observer_addresses_have(const struct observer_addresses *list, const struct toc_addr *a);
void observer_addresses_free(struct observer_addresses *list);

#endif
