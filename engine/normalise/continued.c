/* continued - the mnemonic of each sender's last message that may have something behind it. */
#include "normalise/continued.h"

#include <stdlib.h>
#include <string.h>

#include "base/lru.h"

enum { SENDERS = 4096, MNEMONIC = 64, ROOM = 8192 + 2 * MNEMONIC, WARNING = '4' };

static const toc_time within = 10 * TOC_SEC;

struct continued_sender {
	uint64_t sender; /* key */
	toc_time at;
	uint32_t n;
	uint8_t mnemonic[MNEMONIC]; /* "FAC-3-NAME: " */
};

struct continued {
	struct toc_lru *senders;
	uint8_t out[ROOM];
};

struct continued *continued_new(const struct toc_hash_key *key)
{
	struct continued *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->senders = toc_lru_new(sizeof(uint64_t), sizeof(struct continued_sender), SENDERS, key, NULL, NULL);
	if (c->senders)
		return c;
	free(c);
	return NULL;
}

void continued_free(struct continued *c)
{
	if (!c)
		return;
	toc_lru_free(c->senders);
	free(c);
}

static bool goes_on(struct toc_span m)
{
	return toc_span_starts(m, "-Traceback") || toc_span_starts(m, "-Process");
}

/* "%FAC-3-NAME: " or "#FAC-3-NAME: ": its length and severity; 0: none. */
static size_t mnemonic(struct toc_span m, uint8_t *severity)
{
	const struct toc_span head = toc_span_first(m, MNEMONIC - 2);
	const size_t colon = toc_span_find(head, ':'), dash = toc_span_find(head, '-');
	if (colon == head.n || dash + 3 >= colon || colon + 1 >= m.n || m.p[colon + 1] != ' ' || m.p[dash + 2] != '-' ||
	    m.p[dash + 1] < '0' || m.p[dash + 1] > '7')
		return 0;
	for (size_t i = 1; i < colon; i++)
		if (m.p[i] == ' ')
			return 0;
	*severity = m.p[dash + 1];
	return colon + 2;
}

/* Firewalls' messages have nothing behind them, and are many. */
static bool is_firewall(struct toc_span m)
{
	return toc_span_starts(m, "%ASA-") || toc_span_starts(m, "%FTD-") || toc_span_starts(m, "%FWSM-");
}

bool continued_wanted(const struct header *h)
{
	const struct toc_span m = h->message;
	if (m.n < 8 || m.n > ROOM - 2 * MNEMONIC)
		return false;
	if (m.p[0] == '-')
		return goes_on(m);
	if (m.p[0] == '#')
		return m.p[1] >= 'A' && m.p[1] <= 'Z';
	return m.p[0] == '%' && !is_firewall(m);
}

static struct toc_span joined(struct continued *c, const char *mark, struct toc_span head, struct toc_span m)
{
	const size_t n = strlen(mark);
	memcpy(c->out, mark, n);
	memcpy(c->out + n, head.p, head.n);
	memcpy(c->out + n + head.n, m.p, m.n);
	return toc_span_of(c->out, n + head.n + m.n);
}

struct toc_span continued_take(struct continued *c, uint64_t sender, const struct header *h, toc_time at)
{
	bool fresh;
	uint8_t severity = 0;
	struct toc_span m = h->message;
	if (m.p[0] == '-') {
		const struct continued_sender *s = toc_lru_get(c->senders, &sender);
		const bool it_is = s && at - s->at <= within;
		return it_is ? joined(c, "%continued ", toc_span_of(s->mnemonic, s->n), m) : m;
	}
	const size_t n = mnemonic(m, &severity);
	if (n && m.p[0] == '#')
		m = joined(c, "", toc_span_str("%"), toc_span_from(m, 1));
	if (!n || severity > WARNING)
		return m;
	struct continued_sender *s = toc_lru_add(c->senders, &sender, &fresh);
	s->at = at;
	s->n = (uint32_t)n - 1;
	memcpy(s->mnemonic, m.p + 1, n - 1);
	return m;
}
