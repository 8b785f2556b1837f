/* waiting - the ring of senders, and whose line goes when there is no room. */
#include "receive/waiting.h"

#include <stdlib.h>

struct line {
	struct line *next;
	toc_time at;
	uint32_t n;
	bool truncated;
	uint8_t text[];
};

struct waiting_sender {
	struct waiting_sender *prev, *next;
	struct toc_addr addr;
	bool has_addr;
	uint32_t n;
	struct line *first, *last;
};

static struct toc_sender *sender_of(struct receiving_env *env, const struct source *s, const struct waiting_sender *who)
{
	return senders_find(&env->senders, who->has_addr ? &who->addr : NULL, s->listener, s->hint, env->now);
}

static struct waiting_sender *join(struct waiting *w, const struct toc_addr *peer)
{
	struct waiting_sender *who = calloc(1, sizeof(*who));
	if (!who)
		abort(); /* bounded by the number of lines */
	who->has_addr = peer != NULL;
	if (peer)
		who->addr = *peer;
	who->next = w->turn ? w->turn : who;
	who->prev = w->turn ? w->turn->prev : who;
	who->next->prev = who->prev->next = who;
	w->turn = w->turn ? w->turn : who;
	w->senders++;
	return who;
}

static void leave(struct receiving_env *env, struct waiting *w, const struct source *s, struct waiting_sender *who)
{
	struct toc_sender *cell = env ? sender_of(env, s, who) : NULL;
	if (cell && cell->waiting == who) /* it may have been forgotten and found anew meanwhile */
		cell->waiting = NULL;
	if (w->turn == who)
		w->turn = who->next == who ? NULL : who->next;
	if (w->longest == who)
		w->longest = NULL;
	who->prev->next = who->next;
	who->next->prev = who->prev;
	w->senders--;
	free(who);
}

/* The oldest line of a sender, which has one. */
static struct line *pop(struct waiting *w, struct waiting_sender *who)
{
	struct line *l = who->first;
	who->first = l->next;
	who->n--;
	w->lines--;
	w->bytes -= sizeof(*l) + l->n;
	return l;
}

/* Who is below the average is not the longest: then all are looked at, and the one that is found is above it again. */
static struct waiting_sender *longest(struct waiting *w)
{
	if (!w->longest || (uint64_t)w->longest->n * w->senders < w->lines) {
		w->longest = w->turn;
		for (struct waiting_sender *who = w->turn->next; who != w->turn; who = who->next)
			if (who->n > w->longest->n)
				w->longest = who;
	}
	return w->longest;
}

static void drop_one(struct receiving_env *env, struct waiting *w, const struct source *s)
{
	struct waiting_sender *who = longest(w);
	free(pop(w, who));
	senders_tell(&env->senders, sender_of(env, s, who), s->listener, TOC_LOSS_FLOOD, NULL, env->now);
	if (!who->n)
		leave(env, w, s, who);
}

void waiting_put(struct receiving_env *env, struct waiting *w, const struct source *s, const struct toc_addr *peer,
		 struct toc_span text, bool truncated)
{
	struct line *l = malloc(sizeof(*l) + text.n);
	if (!l)
		abort(); /* WAITING_BYTES at most */
	*l = (struct line){ .at = env->now, .n = (uint32_t)text.n, .truncated = truncated };
	memcpy(l->text, text.p, text.n);
	while (w->lines && (w->lines >= WAITING_LINES || w->bytes + sizeof(*l) + text.n > WAITING_BYTES))
		drop_one(env, w, s);
	struct toc_sender *cell = senders_find(&env->senders, peer, s->listener, s->hint, env->now);
	struct waiting_sender *who = cell->waiting = cell->waiting ? cell->waiting : join(w, peer);
	if (who->n)
		who->last->next = l;
	else
		who->first = l;
	who->last = l;
	who->n++;
	w->lines++;
	w->bytes += sizeof(*l) + text.n;
	if (!w->longest || who->n > w->longest->n)
		w->longest = who;
}

void waiting_serve(struct receiving_env *env, struct waiting *w, const struct source *s, unsigned most, bool all)
{
	toc_time now = env->now;
	for (unsigned i = 0; (all || i < most) && w->turn; i++) {
		struct waiting_sender *who = w->turn;
		if (!all && env->taker->room && !env->taker->room(env->taker))
			break;
		struct line *l = pop(w, who);
		w->turn = who->next;
		env->now = l->at; /* that is when it came */
		source_line(env, s, toc_span_of(l->text, l->n), l->truncated, who->has_addr ? &who->addr : NULL,
			    sender_of(env, s, who));
		env->now = now;
		free(l);
		if (!who->n)
			leave(env, w, s, who);
	}
}

void waiting_free(struct waiting *w)
{
	while (w->turn) {
		struct waiting_sender *who = w->turn;
		while (who->n)
			free(pop(w, who));
		leave(NULL, w, NULL, who);
	}
}
