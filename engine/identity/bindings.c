/* bindings - a short history per address and kind, newest first. */
#include "identity/bindings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/lru.h"

enum { HISTORY = 3 };

struct host {
	struct toc_addr addr; /* key */
	struct toc_bound was[TOC_NBINDS][HISTORY];
};

struct toc_bindings {
	struct toc_lru *hosts;
};

struct toc_bindings *toc_bindings_new(uint32_t most, const struct toc_hash_key *key)
{
	struct toc_bindings *b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->hosts = toc_lru_new(sizeof(struct toc_addr), sizeof(struct host), most, key, NULL, NULL);
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
	free(b);
}

static void copy_text(char *out, struct toc_span text)
{
	size_t n = text.n < TOC_BOUND_TEXT - 1 ? text.n : TOC_BOUND_TEXT - 1;
	memcpy(out, text.p, n);
	memset(out + n, 0, TOC_BOUND_TEXT - n);
}

void toc_bindings_learn(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind,
			struct toc_span text, toc_time from, toc_time until, unsigned confidence, const char *source)
{
	bool fresh;
	struct host *h = toc_lru_add(b->hosts, a, &fresh);
	struct toc_bound *was = h->was[kind], new = { .from = from, .until = until, .confidence = (uint8_t)confidence };
	snprintf(new.source, sizeof(new.source), "%s", source);
	copy_text(new.text, text);
	bool valid = was[0].text[0] && was[0].from <= from && from < was[0].until;
	if (valid && memcmp(was[0].text, new.text, TOC_BOUND_TEXT) == 0) {
		if (until > was[0].until)
			was[0].until = until; /* said again */
		if (confidence > was[0].confidence)
			was[0].confidence = new.confidence;
		return;
	}
	if (valid && was[0].confidence > confidence)
		return;
	unsigned at = 0; /* newest first by `from` */
	while (at < HISTORY && was[at].text[0] && was[at].from > from)
		at++;
	if (at == HISTORY)
		return; /* older than all that is remembered */
	if (at > 0 && new.until > was[at - 1].from)
		new.until = was[at - 1].from;
	if (was[at].text[0] && was[at].until > from)
		was[at].until = from;
	memmove(&was[at + 1], &was[at], (HISTORY - 1 - at) * sizeof(*was));
	was[at] = new;
}

void toc_bindings_end(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind, toc_time at)
{
	struct host *h = toc_lru_get(b->hosts, a);
	if (h && h->was[kind][0].until > at && h->was[kind][0].from <= at)
		h->was[kind][0].until = at;
}

const struct toc_bound *toc_bindings_at(const struct toc_bindings *b, const struct toc_addr *a,
					enum toc_binding_kind kind, toc_time at)
{
	const struct host *h = toc_lru_peek(b->hosts, a);
	for (unsigned i = 0; h && i < HISTORY; i++) {
		const struct toc_bound *w = &h->was[kind][i];
		if (w->text[0] && w->from <= at && at < w->until)
			return w;
	}
	return NULL;
}

uint64_t toc_bindings_evicted(const struct toc_bindings *b)
{
	return toc_lru_evicted(b->hosts);
}
