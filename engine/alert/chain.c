/* chain - heads by route, and the tail of a document. */
#include "alert/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tocsin/digest.h"

enum { HEADS = 1024 }; /* buildings times offices, and then some: beyond that a route's chain begins anew each time */

static const char all[] = "*", before[] = ",\"hash\":\"", behind[] = "\"}}}}";

void chain_free(struct chain *c)
{
	free(c->head);
	*c = (struct chain){ 0 };
}

static struct chain_head *head_of(const struct chain *c, const char *route)
{
	for (unsigned i = 0; i < c->n; i++)
		if (strcmp(c->head[i].route, route) == 0)
			return &c->head[i];
	return NULL;
}

static struct chain_head *add(struct chain *c, const char *route)
{
	if (c->n == HEADS || strlen(route) >= sizeof(c->head->route))
		return NULL;
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->head = realloc(c->head, c->room * sizeof(*c->head));
		if (!c->head)
			abort(); /* bounded by HEADS */
	}
	struct chain_head *h = &c->head[c->n++];
	snprintf(h->route, sizeof(h->route), "%s", route);
	return h;
}

void chain_set(struct chain *c, const char *route, const char *hash)
{
	struct chain_head *h = head_of(c, route);
	if (!h)
		h = add(c, route);
	if (h)
		snprintf(h->hash, sizeof(h->hash), "%.*s", CHAIN_HASH, hash);
}

static void put_prev(const struct chain *c, struct text *t, const char *route)
{
	const struct chain_head *h = head_of(c, route);
	if (h)
		json_puts(t, route, h->hash);
}

void chain_close(struct chain *c, struct text *t, size_t from, const char *const *routes, bool own)
{
	uint8_t digest[32];
	char hash[CHAIN_HASH + 1];
	json_name(t, "chain");
	text_puts(t, "{\"prev\":{");
	if (own)
		put_prev(c, t, all);
	for (const char *const *r = routes; r && *r; r++)
		put_prev(c, t, *r);
	text_puts(t, "}");
	toc_sha256(toc_span_of(t->p + from, t->n - from), digest);
	toc_hex(digest, sizeof(digest), hash);
	hash[CHAIN_HASH] = '\0';
	text_puts(t, before);
	text_puts(t, hash);
	text_puts(t, behind);
	if (own)
		chain_set(c, all, hash);
	for (const char *const *r = routes; r && *r; r++)
		chain_set(c, *r, hash);
}

const char *chain_hash_of(struct toc_span document)
{
	if (document.n < CHAIN_TAIL)
		return NULL;
	const char *tail = (const char *)document.p + document.n - CHAIN_TAIL, *hash = tail + sizeof(before) - 1;
	for (unsigned i = 0; i < CHAIN_HASH; i++)
		if (!strchr("0123456789abcdef", hash[i]) || !hash[i])
			return NULL;
	return memcmp(tail, before, sizeof(before) - 1) == 0 &&
			       memcmp(hash + CHAIN_HASH, behind, sizeof(behind) - 1) == 0
		       ? hash
		       : NULL;
}

bool chain_holds(struct toc_span document)
{
	const char *hash = chain_hash_of(document);
	uint8_t digest[32];
	char text[CHAIN_HASH];
	if (!hash)
		return false;
	toc_sha256(toc_span_first(document, document.n - CHAIN_TAIL), digest);
	toc_hex(digest, sizeof(digest), text);
	return memcmp(text, hash, CHAIN_HASH) == 0;
}
