/* identity - learn from the event, then say who its two ends were. */
#include "identity/identity.h"

#include <stdlib.h>

#include "identity/chain.h"
#include "identity/learn.h"
#include "identity/site.h"
#include "identity/skew.h"
#include "identity/who.h"

enum { KNOWN = 524288, SOURCES = 65536, ENDS = TOC_IDENTITY_ENDS };

/* Per end: the fields that are added, in this order. */
enum {
	MAC,
	HOST,
	USER,
	ZONE,
	SITE,
	ROLE,
	OWNERSHIP,
	OWNER,
	USER_KIND,
	GRADE_BAND,
	LOCAL,
	CONF,
	SOURCE,
	SINCE,
	PLACE,
	PER_END
};
/* Of the account that the event itself names: what a cloud tells has no address of ours, and accounting comes from an
 * access point. */
enum { ACTOR_USER, ACTOR_ROLE, ACTOR_KIND, ACTOR_GRADE_BAND, PER_ACTOR };
enum { KIND, FIRST, ACTOR = FIRST + ENDS * PER_END, N_FIELDS = ACTOR + PER_ACTOR };

#define END(prefix)                                                                                                        \
	{ prefix "_mac", TOC_STRING, false, TOC_DEVICE, NULL, "hardware address at that time" },                           \
		{ prefix "_host", TOC_STRING, false, TOC_DEVICE, NULL, "host name at that time" },                         \
		{ prefix "_user", TOC_STRING, false, TOC_PERSON, NULL, "user at that time" },                              \
		{ prefix "_zone", TOC_STRING, false, TOC_OPEN, NULL, "zone of the address, by configuration" },            \
		{ prefix "_site", TOC_STRING, false, TOC_OPEN, NULL, "building of the address, by configuration" },        \
		{ prefix "_role", TOC_STRING, false,                                                                       \
		  TOC_OPEN,	  NULL,	      "role of the user, else of the device, else of the zone" },                  \
		{ prefix "_ownership", TOC_STRING, false, TOC_OPEN, NULL, "district or personal, by roster" },             \
		{ prefix "_owner", TOC_STRING, false, TOC_PERSON, NULL, "whom the device is assigned to, by roster" },     \
		{ prefix "_user_kind", TOC_STRING, false, TOC_OPEN, NULL, "person, service, shared or kiosk, by roster" }, \
		{ prefix "_grade_band", TOC_STRING, false, TOC_OPEN, NULL, "grade band of the user, by roster" },          \
		{ prefix "_local", TOC_BOOL, false, TOC_OPEN, NULL, "the address is one of the local networks" },          \
		{ prefix "_conf", TOC_UINT, false, TOC_OPEN, "%", "how sure the user, else the hardware address, is" },    \
		{ prefix "_source", TOC_STRING, false, TOC_OPEN, NULL, "what told the user, else the hardware address" },  \
		{ prefix "_since", TOC_TIME, false, TOC_OPEN, NULL, "from when on that holds" },                           \
	{                                                                                                                  \
		prefix "_place", TOC_STRING, false, TOC_DEVICE, NULL,                                                      \
			"access point or switch of the device at that time"                                                \
	}

const struct toc_field_decl toc_identity_fields[] = {
	{ "identity", TOC_KIND, false, TOC_OPEN, NULL, "added beside every event that has an address" },
	END("src"),
	END("dst"),
	{ "actor_user", TOC_STRING, false, TOC_PERSON, NULL,
	  "account that a cloud's audit or RADIUS accounting names, without its domain" },
	{ "actor_role", TOC_STRING, false, TOC_OPEN, NULL, "role of that account, by roster" },
	{ "actor_user_kind", TOC_STRING, false, TOC_OPEN, NULL, "person, service, shared or kiosk, by roster" },
	{ "actor_grade_band", TOC_STRING, false, TOC_OPEN, NULL, "grade band of that account, by roster" }
};
const unsigned toc_identity_nfields = N_FIELDS;
_Static_assert((int)ENDS == (int)TOC_LOOKS, "both are asked at once");
_Static_assert(sizeof(toc_identity_fields) / sizeof(toc_identity_fields[0]) == N_FIELDS, "one row per field");

const char *const toc_identity_addresses[ENDS][TOC_IDENTITY_ADDRESSES] = {
	{ "id.orig_h", "src_ip", "srcip", "IpAddress", "sender_ip", "assigned_addr", "yiaddr", "client_addr", "ip",
	  NULL },
	{ "id.resp_h", "dst_ip", "dstip", "target_ip", "target", NULL },
};

/* Which events name the account that acts, and where. */
static const struct {
	const char *kind, *field;
} actor_names[] = { { "google_workspace", "actor_email" }, { "radius_accounting", "username" } };
enum { ACTORS = sizeof(actor_names) / sizeof(actor_names[0]) };

/* A rank: the end in the high bit, the place in the order of trying, from 1 on, below. */
enum { RANK_END = 0x80, RANK_NONE = 0x7f };

struct toc_identity {
	struct toc_arena *arena;
	const struct toc_site *site;
	struct toc_bindings *bindings;
	struct toc_learner *learner;
	struct skew *skew;
	uint8_t *ranks; /* by field: 0, or which end's address it is and how early it is tried (enum below) */
	toc_field nranks;
	struct {
		toc_field kind, field;
	} actors[ACTORS];
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	_Alignas(8) uint8_t record[sizeof(struct toc_draft)];
};

static void rank_addresses(struct toc_identity *id, struct toc_intern *names)
{
	toc_field fields[ENDS][TOC_IDENTITY_ADDRESSES];
	for (unsigned end = 0; end < ENDS; end++)
		for (unsigned i = 0; toc_identity_addresses[end][i]; i++)
			fields[end][i] = toc_intern_add(names, toc_span_str(toc_identity_addresses[end][i]));
	id->nranks = (toc_field)(toc_intern_count(names) + 1);
	id->ranks = toc_arena_alloc(id->arena, id->nranks);
	for (unsigned end = 0; end < ENDS; end++)
		for (unsigned i = 0; toc_identity_addresses[end][i]; i++)
			id->ranks[fields[end][i]] = (uint8_t)(end * RANK_END + i + 1);
}

struct toc_identity *toc_identity_new(const struct toc_yaml *site, const struct toc_site_files *files,
				      struct toc_intern *names, const struct toc_hash_key *key, struct toc_diag *diag)
{
	unsigned before = toc_diag_errors(diag);
	struct toc_arena *arena = toc_arena_new();
	struct toc_identity *id = toc_arena_alloc(arena, sizeof(*id));
	id->arena = arena;
	id->site = toc_site_new(arena, site, files, diag);
	id->bindings = toc_bindings_new(KNOWN, key);
	id->skew = skew_new(SOURCES, key);
	id->learner = toc_learner_new(arena, names);
	toc_intern_decls(names, toc_identity_fields, N_FIELDS, id->map);
	rank_addresses(id, names);
	for (unsigned i = 0; i < ACTORS; i++) {
		id->actors[i].kind = toc_intern_add(names, toc_span_str(actor_names[i].kind));
		id->actors[i].field = toc_intern_add(names, toc_span_str(actor_names[i].field));
	}
	if (id->bindings && id->skew && toc_diag_errors(diag) == before)
		return id;
	toc_identity_free(id);
	return NULL;
}

void toc_identity_free(struct toc_identity *id)
{
	if (!id)
		return;
	toc_bindings_free(id->bindings);
	skew_free(id->skew);
	toc_arena_free(id->arena);
}

void toc_identity_take_site(struct toc_identity *id, const struct toc_site *site)
{
	id->site = site;
}

const struct toc_site *toc_identity_site(const struct toc_identity *id)
{
	return id->site;
}

static bool read_address(const struct toc_event *ev, const struct toc_slot *s, struct toc_addr *out)
{
	if (s->list || (s->type != TOC_IP && s->type != TOC_STRING))
		return false;
	struct toc_value v = toc_event_value(ev, s);
	if (v.type == TOC_IP)
		*out = v.as.ip;
	return v.type == TOC_IP || toc_addr_parse(v.as.s, out);
}

/* Of each end the address in the field that is tried first; best[end] = RANK_NONE: it has none. */
static void find_addresses(const struct toc_identity *id, const struct toc_event *ev, struct toc_addr out[ENDS],
			   unsigned best[ENDS])
{
	const struct toc_slot *s = toc_event_slots(ev);
	struct toc_addr a;
	best[0] = best[1] = RANK_NONE;
	for (const struct toc_slot *end = s + ev->nslots; s < end; s++) {
		unsigned rank = s->id < id->nranks ? id->ranks[s->id] : 0, side = rank / RANK_END;
		if (!rank || rank % RANK_END >= best[side] || !read_address(ev, s, &a))
			continue;
		best[side] = rank % RANK_END;
		out[side] = a;
	}
}

static void put(struct toc_identity *id, unsigned field, const char *text)
{
	if (text && *text)
		toc_put_cstr(&id->draft, field, text);
}

/* first = index of this end's fields in the map */
static void describe(struct toc_identity *id, const struct toc_addr *a, const struct toc_chain *chain, unsigned first)
{
	const struct toc_zone *zone = toc_site_zone(id->site, a);
	const struct toc_bound *mac = chain->mac, *host = chain->host, *user = chain->user;
	const struct toc_roster_row *device = mac ? toc_site_device(id->site, toc_span_str(mac->text)) : NULL;
	const struct toc_roster_row *person = user ? toc_site_person(id->site, toc_span_str(user->text)) : NULL;
	const char *role = person && person->role ? person->role : device && device->role ? device->role : zone->role;
	put(id, first + MAC, mac ? mac->text : NULL);
	put(id, first + HOST, host ? host->text : device ? device->host : NULL);
	put(id, first + USER, user ? user->text : NULL);
	put(id, first + ZONE, zone->zone);
	put(id, first + SITE, zone->site);
	put(id, first + ROLE, role);
	put(id, first + OWNERSHIP, device ? device->ownership : NULL);
	put(id, first + OWNER, device ? device->owner : NULL);
	put(id, first + USER_KIND, person ? person->kind : NULL);
	put(id, first + GRADE_BAND, person ? person->grade_band : NULL);
	if (zone->local)
		toc_put_bool(&id->draft, first + LOCAL, true);
	const struct toc_bound *who = user ? user : mac;
	if (who) {
		toc_put_uint(&id->draft, first + CONF, who->confidence);
		put(id, first + SOURCE, who->source);
		toc_put_time(&id->draft, first + SINCE, who->from);
	}
	put(id, first + PLACE, chain->place ? chain->place->text : NULL);
}

/* The roster knows accounts by their whole name or without the domain. */
static void describe_actor(struct toc_identity *id, const struct toc_event *ev)
{
	for (unsigned i = 0; i < ACTORS; i++) {
		if (ev->kind != id->actors[i].kind)
			continue;
		struct toc_value v = toc_event_get(ev, id->actors[i].field);
		if (v.type != TOC_STRING || v.list || !v.as.s.n)
			return;
		const struct toc_span bare = toc_user_name(v.as.s);
		const struct toc_roster_row *row = toc_site_person(id->site, v.as.s);
		if (!row)
			row = toc_site_person(id->site, bare);
		if (bare.n)
			toc_put_str(&id->draft, ACTOR + ACTOR_USER, bare);
		put(id, ACTOR + ACTOR_ROLE, row ? row->role : NULL);
		put(id, ACTOR + ACTOR_KIND, row ? row->kind : NULL);
		put(id, ACTOR + ACTOR_GRADE_BAND, row ? row->grade_band : NULL);
		return;
	}
}

bool toc_identity_reads(const struct toc_identity *id, toc_field kind)
{
	return toc_learner_reads(id->learner, kind);
}

const struct toc_event *toc_identity_see(struct toc_identity *id, const struct toc_event *ev, toc_time late)
{
	struct toc_addr found[ENDS];
	struct toc_chain chains[ENDS];
	unsigned best[ENDS], ends[ENDS], n = 0;
	const toc_time at = skew_right(id->skew, ev, late);
	toc_learner_see(id->learner, id->bindings, ev, at);
	toc_draft_begin(&id->draft, id->map, KIND);
	find_addresses(id, ev, found, best);
	for (unsigned end = 0; end < ENDS; end++) {
		if (best[end] == RANK_NONE)
			continue;
		found[n] = found[end];
		ends[n++] = end;
	}
	toc_chains_at(id->bindings, found, n, at, chains);
	for (unsigned i = 0; i < n; i++)
		describe(id, &found[i], &chains[i], FIRST + ends[i] * PER_END);
	describe_actor(id, ev);
	return id->draft.head.nslots ? toc_draft_seal(&id->draft, id->record) : NULL;
}

bool toc_identity_has(const struct toc_identity *id, const struct toc_event *ev)
{
	const struct toc_slot *slots = toc_event_slots(ev);
	for (unsigned i = 0; i < ev->nslots; i++)
		for (unsigned end = 0; end < ENDS; end++)
			if (slots[i].id == id->map[FIRST + end * PER_END + ZONE] ||
			    slots[i].id == id->map[FIRST + end * PER_END + MAC])
				return true;
	return false;
}

uint8_t *toc_identity_save(const struct toc_identity *id, size_t *n)
{
	return toc_bindings_save(id->bindings, n);
}

bool toc_identity_readable(struct toc_span bytes)
{
	return toc_bindings_readable(bytes);
}

bool toc_identity_restore(struct toc_identity *id, struct toc_span bytes, toc_time moved)
{
	return toc_bindings_restore(id->bindings, bytes, moved);
}

uint32_t toc_identity_count(const struct toc_identity *id)
{
	return toc_bindings_count(id->bindings);
}

bool toc_identity_who(const struct toc_identity *id, const char *question, toc_time at, FILE *out)
{
	const struct who who = { id->site, id->bindings, at, out };
	return who_write(&who, question);
}
