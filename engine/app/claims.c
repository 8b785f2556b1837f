/* claims - names by hash, each with the peer that has it. */
#include "app/claims.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/lru.h"
#include "tocsin/draft.h"

enum { NAMES = 65536, LONGEST = 255 };

static const toc_time forgotten = TOC_DAY, told_again = TOC_HOUR;

enum { KIND, F_HOST, F_PEER, F_OWNER, F_RELAY, F_OWNER_RELAY, N_FIELDS };

const struct toc_field_decl toc_claim_fields[] = {
	[KIND] = { "syslog_claim", TOC_KIND, false, TOC_OPEN, NULL,
		   "a sender of log lines uses the name of another one" },
	[F_HOST] = { "host", TOC_STRING, false, TOC_DEVICE, NULL, "the name that both use" },
	[F_PEER] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "address that uses it now" },
	[F_OWNER] = { "owner_ip", TOC_IP, false, TOC_DEVICE, NULL, "address that has used it before" },
	[F_RELAY] = { "relay", TOC_BOOL, false, TOC_OPEN, NULL, "the line came by way of a relay" },
	[F_OWNER_RELAY] = { "owner_relay", TOC_BOOL, false, TOC_OPEN, NULL, "the name is known by way of a relay" },
};
const unsigned toc_claim_nfields = N_FIELDS;
_Static_assert(sizeof(toc_claim_fields) / sizeof(toc_claim_fields[0]) == N_FIELDS, "one row per field");

struct name {
	uint64_t key; /* hash of the name */
	struct toc_addr owner;
	bool relay;
	toc_time heard, told; /* of the owner; of another one */
};

struct toc_claims {
	pthread_mutex_t lock;
	struct toc_hash_key key;
	struct toc_lru *names;
	toc_field map[N_FIELDS];
	struct toc_draft draft;
};

struct toc_claims *toc_claims_new(const struct toc_hash_key *key, struct toc_intern *names)
{
	struct toc_claims *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->key = *key;
	pthread_mutex_init(&c->lock, NULL);
	toc_intern_decls(names, toc_claim_fields, N_FIELDS, c->map);
	c->names = toc_lru_new(sizeof(uint64_t), sizeof(struct name), NAMES, key, NULL, NULL);
	if (c->names)
		return c;
	toc_claims_free(c);
	return NULL;
}

void toc_claims_free(struct toc_claims *c)
{
	if (!c)
		return;
	toc_lru_free(c->names);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Names have no case; what every host calls itself, and an address, is nobody's name. */
static bool is_name(struct toc_span host, char out[LONGEST + 1])
{
	struct toc_addr a;
	if (host.n == 0 || host.n > LONGEST || toc_span_is(host, "-") || toc_addr_parse(host, &a))
		return false;
	for (size_t i = 0; i < host.n; i++)
		out[i] = (char)toc_lower(host.p[i]);
	out[host.n] = '\0';
	return strcmp(out, "localhost") != 0 && strncmp(out, "localhost.", 10) != 0;
}

static void put_claim(struct toc_claims *c, const struct toc_claim *claim, const struct name *n, struct toc_emit *emit)
{
	struct toc_draft *d = &c->draft;
	toc_draft_begin(d, c->map, KIND);
	d->head.ts = claim->at;
	toc_put_str(d, F_HOST, claim->host);
	toc_put_ip(d, F_PEER, &claim->peer);
	toc_put_ip(d, F_OWNER, &n->owner);
	toc_put_bool(d, F_RELAY, claim->relay);
	toc_put_bool(d, F_OWNER_RELAY, n->relay);
	emit->event(emit, d);
}

/* Is it another one's name, and time to say so? */
static bool contradicts(struct name *n, const struct toc_claim *claim)
{
	const bool gone = claim->at - n->heard > forgotten;
	if (gone || toc_addr_eq(&n->owner, &claim->peer) || (n->relay && claim->relay)) {
		if (gone || !n->relay || !claim->relay)
			n->owner = claim->peer;
		n->relay = claim->relay;
		n->heard = claim->at;
		return false;
	}
	if (n->told && claim->at - n->told < told_again)
		return false;
	n->told = claim->at;
	return true;
}

void toc_claims_see(struct toc_claims *c, const struct toc_claim *claim, struct toc_emit *emit)
{
	char text[LONGEST + 1];
	bool fresh;
	if (!is_name(claim->host, text))
		return;
	const uint64_t key = toc_hash(&c->key, text, claim->host.n);
	pthread_mutex_lock(&c->lock);
	struct name *n = toc_lru_add(c->names, &key, &fresh);
	if (fresh)
		n->heard = INT64_MIN / 2;
	if (contradicts(n, claim))
		put_claim(c, claim, n, emit);
	pthread_mutex_unlock(&c->lock);
}
