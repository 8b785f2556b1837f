/* x509_seen - a capped table of fingerprints. */
#include "observe/x509_seen.h"

#include <stdlib.h>

#include "base/lru.h"

enum { FINGERPRINTS = 65536, KEY = 64 };

struct seen {
	uint8_t fingerprint[KEY]; /* key: hex text, cut or zero-filled */
	toc_time at;
};

struct toc_x509_seen {
	toc_field kind, fingerprint;
	struct toc_lru *table;
};

struct toc_x509_seen *toc_x509_seen_new(struct toc_intern *names)
{
	/* SHA-256 over what strangers choose: a fixed key is enough, collisions cannot be made */
	static const struct toc_hash_key key = { 1, 2 };
	struct toc_x509_seen *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->kind = toc_intern_add(names, toc_span_str("x509"));
	s->fingerprint = toc_intern_add(names, toc_span_str("fingerprint"));
	s->table = toc_lru_new(KEY, sizeof(struct seen), FINGERPRINTS, &key, NULL, NULL);
	if (s->table)
		return s;
	free(s);
	return NULL;
}

void toc_x509_seen_free(struct toc_x509_seen *s)
{
	if (!s)
		return;
	toc_lru_free(s->table);
	free(s);
}

bool toc_x509_seen_first(struct toc_x509_seen *s, const struct toc_event *ev)
{
	struct toc_value v =
		ev->kind == s->kind ? toc_event_get(ev, s->fingerprint) : (struct toc_value){ .type = TOC_NONE };
	uint8_t key[KEY] = { 0 };
	bool fresh;
	if (v.type != TOC_STRING || v.list)
		return true;
	memcpy(key, v.as.s.p, v.as.s.n < KEY ? v.as.s.n : KEY);
	struct seen *cell = toc_lru_add(s->table, key, &fresh);
	if (!fresh && ev->at - cell->at < TOC_DAY)
		return false;
	cell->at = ev->at;
	return true;
}
