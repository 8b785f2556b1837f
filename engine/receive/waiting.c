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
	struct waiting_sender *prev, *next;	/* by turn */
	struct waiting_sender *shorter, *alike; /* in the ring of its length: before, behind */
	uint32_t ring;
	struct toc_addr addr;
	bool has_addr;
	uint32_t n;
	struct line *first, *last;
};

static struct toc_sender *sender_of(struct receiving_env *env, const struct source *s, const struct waiting_sender *who)
{
	return senders_find(&env->senders, who->has_addr ? &who->addr : NULL, s->listener, s->hint, env->now);
}

static void leave_ring(struct waiting *w, struct waiting_sender *who)
{
	struct waiting_sender **head = &w->by_length[who->ring];
	if (*head == who)
		*head = who->alike == who ? NULL : who->alike;
	who->shorter->alike = who->alike;
	who->alike->shorter = who->shorter;
}

/* Into the ring of the lines that it has; before those who have no more. So where all have as many, who came last
 * loses, whose cell is still among the senders'. */
static void enter_ring(struct waiting *w, struct waiting_sender *who)
{
	who->ring = who->n < WAITING_LENGTHS ? who->n : WAITING_LENGTHS - 1;
	struct waiting_sender **head = &w->by_length[who->ring];
	who->alike = *head ? *head : who;
	who->shorter = *head ? (*head)->shorter : who;
	who->alike->shorter = who->shorter->alike = who;
	if (!*head || who->n >= (*head)->n)
		*head = who;
	w->highest = who->ring > w->highest ? who->ring : w->highest;
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
	enter_ring(w, who);
	return who;
}

static void leave(struct receiving_env *env, struct waiting *w, const struct source *s, struct waiting_sender *who)
{
	struct toc_sender *cell = env ? sender_of(env, s, who) : NULL;
	if (cell && cell->waiting == who) /* it may have been forgotten and found anew meanwhile */
		cell->waiting = NULL;
	if (w->turn == who)
		w->turn = who->next == who ? NULL : who->next;
	leave_ring(w, who);
	who->prev->next = who->next;
	who->next->prev = who->prev;
	w->senders--;
	free(who);
}

/* The oldest line of a sender, which has one. */
static struct line *pop(struct waiting *w, struct waiting_sender *who)
{
	struct line *l = who->first;
	leave_ring(w, who);
	who->first = l->next;
	who->n--;
	enter_ring(w, who);
	w->lines--;
	w->bytes -= sizeof(*l) + l->n;
	return l;
}

/* There is one. */
static struct waiting_sender *longest(struct waiting *w)
{
	while (!w->by_length[w->highest])
		w->highest--;
	return w->by_length[w->highest];
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
	leave_ring(w, who);
	if (who->n)
		who->last->next = l;
	else
		who->first = l;
	who->last = l;
	who->n++;
	enter_ring(w, who);
	w->lines++;
	w->bytes += sizeof(*l) + text.n;
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
