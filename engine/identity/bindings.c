/* bindings - a short history per key and kind, newest first. */
#include "identity/bindings.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/lru.h"
#include "identity/statements.h"

enum { HISTORY = TOC_BOUND_HISTORY };

/* So many users within so short a time are not one after the other; those of the next hour neither. */
enum { CROWD = 3 }; /* seen in the history */
static const toc_time crowd_within = 10 * TOC_MIN, crowd_lasts = TOC_HOUR;

struct toc_bindings {
	struct toc_lru *hosts;
	struct statements statements;
};

static void forget(void *user, void *cell)
{
	statements_drop(user, cell);
}

struct toc_bindings *toc_bindings_new(uint32_t most, const struct toc_hash_key *key)
{
	struct toc_bindings *b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->hosts = toc_lru_new(sizeof(struct toc_addr), sizeof(struct toc_known), most, key, forget, &b->statements);
	if (b->hosts)
		return b;
	free(b);
	return NULL;
}

void toc_bindings_free(struct toc_bindings *b)
{
	if (!b)
		return;
	toc_lru_free(b->hosts);
	statements_free(&b->statements);
	free(b);
}

static const uint8_t device_prefix[10] = { 0xff, 0, 'd', 'e', 'v', 'i', 'c', 'e', 0, 0 };

struct toc_addr toc_binding_device(const struct toc_mac *mac)
{
	struct toc_addr key;
	memcpy(key.b, device_prefix, sizeof(device_prefix));
	memcpy(key.b + sizeof(device_prefix), mac->b, sizeof(mac->b));
	return key;
}

bool toc_binding_is_device(const struct toc_addr *key, struct toc_mac *mac)
{
	if (memcmp(key->b, device_prefix, sizeof(device_prefix)) != 0)
		return false;
	memcpy(mac->b, key->b + sizeof(device_prefix), sizeof(mac->b));
	return true;
}

/* A name ends at its first NUL. */
static void copy_text(char *out, struct toc_span text)
{
	size_t n = toc_span_find(toc_span_first(text, TOC_BOUND_TEXT - 1), 0);
	memcpy(out, text.p, n);
	memset(out + n, 0, TOC_BOUND_TEXT - n);
}

static bool same(const struct toc_bound *a, const struct toc_bound *b)
{
	return strcasecmp(a->text, b->text) == 0; /* users and hosts have no case */
}

/* Place of the newest statement that began by then; HISTORY when all are newer. */
static unsigned begun_by(const struct toc_bound *was, toc_time at)
{
	unsigned i = 0;
	while (i < HISTORY && was[i].text[0] && was[i].from > at)
		i++;
	return i;
}

static void drop(struct toc_bound *was, unsigned i)
{
	memmove(&was[i], &was[i + 1], (HISTORY - 1 - i) * sizeof(*was));
	memset(&was[HISTORY - 1], 0, sizeof(*was));
}

/* What came after and is less sure would not have ended this one: it goes, or begins where this one ends. */
static unsigned outrank(struct toc_bound *was, unsigned at, const struct toc_bound *new)
{
	while (at > 0 && was[at - 1].from < new->until && was[at - 1].confidence < new->confidence) {
		if (same(&was[at - 1], new) && was[at - 1].until > new->until) {
			was[at - 1].from = new->until;
			break;
		}
		drop(was, --at);
	}
	return at;
}

static void insert(struct toc_bound *was, unsigned at, struct toc_bound new)
{
	at = outrank(was, at, &new);
	if (at > 0 && new.until >= was[at - 1].from) {
		if (same(&was[at - 1], &new) && was[at - 1].confidence == new.confidence) {
			was[at - 1].from = new.from; /* the same, said late: one statement */
			return;
		}
		new.until = was[at - 1].from;
	}
	if (at == HISTORY || new.from >= new.until)
		return; /* older than all that is remembered, or nothing of it is left */
	memmove(&was[at + 1], &was[at], (HISTORY - 1 - at) * sizeof(*was));
	was[at] = new;
}

/* The same from a source that is as sure or surer: one statement, from the earlier start; a less sure rest follows. */
static void merge(struct toc_bound *was, unsigned at, struct toc_bound new)
{
	struct toc_bound old = was[at];
	drop(was, at);
	new.from = old.from;
	new.said = old.said > new.said ? old.said : new.said;
	if (old.confidence == new.confidence && old.until > new.until)
		new.until = old.until;
	insert(was, at, new);
	if (old.until <= new.until)
		return;
	old.from = new.until;
	insert(was, begun_by(was, old.from), old);
}

/* The statement ends, and what it would still have had after its own end goes as well. Returns its place. */
static unsigned cut(struct toc_bound *was, unsigned at, toc_time when)
{
	for (toc_time end = was[at].until; at > 0 && was[at - 1].from == end && same(&was[at - 1], &was[at]);) {
		end = was[at - 1].until;
		drop(was, --at);
	}
	was[at].until = when;
	if (was[at].from >= when)
		drop(was, at);
	return at;
}

/* What held at that moment, or NULL; *at gets the place of a statement that begins then. */
static struct toc_bound *holder(struct toc_bound *was, toc_time when, unsigned *at)
{
	*at = begun_by(was, when);
	return *at < HISTORY && was[*at].text[0] && when < was[*at].until ? &was[*at] : NULL;
}

/* What of it was told again after that moment: the rest, which a late end or a late other holder does not undo. */
static struct toc_bound told_later(const struct toc_bound *old, toc_time when)
{
	struct toc_bound rest = *old;
	rest.from = old->said;
	if (old->said <= when || old->said >= old->until)
		rest.text[0] = '\0';
	return rest;
}

/* The old holder's statement ends where the new one's begins, but for what was told of him later. */
static void replace(struct toc_bound *was, unsigned at, const struct toc_bound *new)
{
	struct toc_bound rest = told_later(&was[at], new->from);
	insert(was, cut(was, at, new->from), *new);
	if (!rest.text[0])
		return;
	const struct toc_bound *other = holder(was, rest.from, &at);
	insert(was, other ? cut(was, at, rest.from) : at, rest);
}

static void state(struct toc_bound *was, struct toc_bound new)
{
	const toc_time from = new.from;
	for (;;) {
		unsigned at;
		struct toc_bound *old = holder(was, new.from, &at);
		if (!old)
			insert(was, at, new);
		else if (same(old, &new) && old->confidence <= new.confidence)
			merge(was, at, new);
		else if (old->confidence <= new.confidence &&new.from == from)
			replace(was, at, &new);
		else if (same(old, &new)) { /* said again by a less sure source: holds on, less sure */
			old->said = old->said > from ? old->said : from;
			if (new.until > old->until) {
				new.from = old->until;
				continue;
			}
		}
		return;
	}
}

static void note_crowd(struct toc_known *k, const struct toc_bound *was)
{
	const struct toc_bound *first = &was[CROWD - 1];
	if (!first->text[0] || was[0].from - first->from > crowd_within)
		return;
	if (k->crowd_until < first->from)
		k->crowd_from = first->from;
	k->crowd_until = was[0].from + crowd_lasts;
}

void toc_bindings_learn(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind,
			struct toc_span text, toc_time from, toc_time until, unsigned confidence, const char *source)
{
	bool fresh;
	struct toc_bound new = { .from = from, .until = until, .said = from, .confidence = (uint8_t)confidence };
	snprintf(new.source, sizeof(new.source), "%s", source);
	copy_text(new.text, text);
	if (!new.text[0])
		return;
	struct toc_known *k = toc_lru_add(b->hosts, a, &fresh);
	struct toc_bound was[HISTORY];
	statements_read(&b->statements, k, kind, was);
	state(was, new);
	statements_write(&b->statements, k, kind, was);
	if (kind == TOC_BIND_USER)
		note_crowd(k, was);
}

void toc_bindings_end(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind,
		      struct toc_span text, toc_time at)
{
	struct toc_known *k = toc_lru_get(b->hosts, a);
	struct toc_bound was[HISTORY];
	unsigned place;
	if (!k)
		return;
	statements_read(&b->statements, k, kind, was);
	const struct toc_bound *old = holder(was, at, &place);
	if (!old || (text.n && !toc_span_ieq(toc_span_first(text, TOC_BOUND_TEXT - 1), toc_span_str(old->text))))
		return;
	struct toc_bound rest = told_later(old, at);
	place = cut(was, place, at);
	if (rest.text[0])
		insert(was, begun_by(was, rest.from), rest);
	statements_write(&b->statements, k, kind, was);
}

const struct toc_known *toc_bindings_of(const struct toc_bindings *b, const struct toc_addr *a)
{
	return toc_lru_peek(b->hosts, a);
}

/* By the hint beside its address if that is still right; else it is looked for, and the hint is set. */
static const struct toc_known *device_of(const struct toc_bindings *b, const struct toc_known *known, uint32_t *hint)
{
	if (!(known->marks & IS_DEVICE))
		return NULL;
	const struct toc_addr key = toc_binding_device(&known->device);
	const struct toc_known *device = toc_lru_at(b->hosts, *hint);
	if (device && memcmp(&device->key, &key, sizeof(key)) == 0)
		return device;
	device = toc_lru_peek(b->hosts, &key);
	if (device)
		*hint = toc_lru_place(b->hosts, device);
	return device;
}

void toc_bindings_look(const struct toc_bindings *b, const struct toc_addr *a, unsigned n,
		       struct toc_look out[TOC_LOOKS])
{
	struct toc_lru_search s[TOC_LOOKS];
	for (unsigned i = 0; i < n; i++)
		s[i] = toc_lru_search(b->hosts, &a[i]);
	for (unsigned i = 0; i < n; i++)
		toc_lru_approach(b->hosts, &s[i]);
	for (unsigned i = 0; i < n; i++) {
		uint32_t *hint;
		out[i].known = toc_lru_arrive(b->hosts, &s[i], &hint);
		out[i].device = out[i].known ? device_of(b, out[i].known, hint) : NULL;
	}
}

struct toc_addr toc_known_key(const struct toc_known *known)
{
	return known->key;
}

bool toc_known_crowd(const struct toc_known *known, toc_time at)
{
	return known->crowd_from <= at && at < known->crowd_until;
}

unsigned toc_known_history(const struct toc_bindings *b, const struct toc_known *known, enum toc_binding_kind kind,
			   const struct toc_bound *out[TOC_BOUND_HISTORY])
{
	const struct statement *all = b->statements.all;
	unsigned n = 0;
	for (uint32_t place = known->newest[kind]; place && n < HISTORY; place = all[place].older)
		out[n++] = &all[place].bound;
	return n;
}

struct toc_held toc_known_at(const struct toc_bindings *b, const struct toc_known *known, enum toc_binding_kind kind,
			     toc_time at)
{
	const struct toc_bound *was[HISTORY];
	if (!known || !known->newest[kind])
		return (struct toc_held){ 0 };
	const bool elders = known->marks & ELDERS << kind;
	if (known->from[kind] <= at && at < known->until[kind])
		return (struct toc_held){ &b->statements.all[known->newest[kind]].bound,
					  known->from[kind],
					  known->said[kind],
					  known->confidence[kind],
					  !elders,
					  true };
	for (unsigned i = 1, n = elders ? toc_known_history(b, known, kind, was) : 0; i < n; i++)
		if (was[i]->from <= at && at < was[i]->until)
			return (struct toc_held){
				was[i], was[i]->from, was[i]->said, was[i]->confidence, false, false
			};
	return (struct toc_held){ 0 };
}

const struct toc_bound *toc_bindings_at(const struct toc_bindings *b, const struct toc_addr *a,
					enum toc_binding_kind kind, toc_time at)
{
	return toc_known_at(b, toc_bindings_of(b, a), kind, at).bound;
}

uint64_t toc_bindings_evicted(const struct toc_bindings *b)
{
	return toc_lru_evicted(b->hosts);
}

uint32_t toc_bindings_count(const struct toc_bindings *b)
{
	return toc_lru_count(b->hosts);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

struct visiting {
	void (*visit)(void *user, const struct toc_known *known);
	void *user;
};

static void visit_one(void *user, void *cell)
{
	const struct visiting *v = user;
	v->visit(v->user, cell);
}

void toc_bindings_each(const struct toc_bindings *b, void (*visit)(void *user, const struct toc_known *known),
		       void *user)
{
	struct visiting v = { visit, user };
	toc_lru_each(b->hosts, visit_one, &v);
}

/* One statement as it is kept; the machine that reads it is the one that wrote it. */
struct kept {
	struct toc_addr addr;
	uint32_t kind;
	struct toc_bound bound;
};

static const char magic[8] = { 'T', 'O', 'C', 'B', 'I', 'N', 'D', '2' };

struct keeping {
	const struct toc_bindings *b;
	uint8_t *bytes;
	size_t n, room;
};

static void keep_one(void *user, const struct toc_known *known)
{
	struct keeping *k = user;
	const struct toc_bound *was[HISTORY];
	for (unsigned kind = 0; kind < TOC_NBINDS; kind++)
		for (unsigned i = 0, n = toc_known_history(k->b, known, kind, was); i < n; i++) {
			struct kept one;
			if (k->n + sizeof(one) > k->room)
				return;		      /* there are no more than were counted */
			memset(&one, 0, sizeof(one)); /* no byte of it is left to chance */
			one.addr = known->key;
			one.kind = kind;
			one.bound = *was[i];
			memcpy(k->bytes + k->n, &one, sizeof(one));
			k->n += sizeof(one);
		}
}

struct counting {
	const struct toc_bindings *b;
	size_t statements;
};

static void count_one(void *user, const struct toc_known *known)
{
	struct counting *c = user;
	const struct toc_bound *was[HISTORY];
	for (unsigned kind = 0; kind < TOC_NBINDS; kind++)
		c->statements += toc_known_history(c->b, known, kind, was);
}

uint8_t *toc_bindings_save(const struct toc_bindings *b, size_t *n)
{
	struct counting c = { .b = b };
	toc_bindings_each(b, count_one, &c);
	struct keeping k = { .b = b, .n = sizeof(magic), .room = sizeof(magic) + c.statements * sizeof(struct kept) };
	k.bytes = malloc(k.room);
	if (!k.bytes)
		return NULL;
	memcpy(k.bytes, magic, sizeof(magic));
	toc_bindings_each(b, keep_one, &k);
	*n = k.n;
	return k.bytes;
}

static bool is_sound(const struct kept *k)
{
	const struct toc_bound *w = &k->bound;
	return k->kind < TOC_NBINDS && w->text[0] && memchr(w->text, 0, TOC_BOUND_TEXT) &&
	       memchr(w->source, 0, sizeof(w->source)) && w->from < w->until && w->confidence <= 100;
}

bool toc_bindings_readable(struct toc_span bytes)
{
	return bytes.n >= sizeof(magic) && memcmp(bytes.p, magic, sizeof(magic)) == 0 &&
	       (bytes.n - sizeof(magic)) % sizeof(struct kept) == 0;
}

/* What holds until further notice, or has held for ever, still does. */
static toc_time later(toc_time t, toc_time by)
{
	return t > INT64_MIN / 2 && t < TOC_NEVER / 2 ? t + by : t;
}

bool toc_bindings_restore(struct toc_bindings *b, struct toc_span bytes, toc_time moved)
{
	if (!toc_bindings_readable(bytes))
		return false;
	bytes = toc_span_from(bytes, sizeof(magic));
	for (; bytes.n; bytes = toc_span_from(bytes, sizeof(struct kept))) {
		struct kept k;
		bool fresh;
		unsigned at = 0;
		memcpy(&k, bytes.p, sizeof(k));
		if (!is_sound(&k))
			return false;
		k.bound.from = later(k.bound.from, moved);
		k.bound.until = later(k.bound.until, moved);
		k.bound.said = later(k.bound.said, moved);
		struct toc_known *known = toc_lru_add(b->hosts, &k.addr, &fresh);
		struct toc_bound was[HISTORY];
		statements_read(&b->statements, known, k.kind, was);
		while (at < HISTORY && was[at].text[0])
			at++;
		if (at == HISTORY || (at > 0 && was[at - 1].from < k.bound.until))
			continue;
		was[at] = k.bound;
		statements_write(&b->statements, known, k.kind, was);
	}
	return true;
}
