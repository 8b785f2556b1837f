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
	bool has_addr, known;
	uint32_t n;
	struct line *first, *last;
};

static struct toc_sender *sender_of(struct receiving_env *env, const struct source *s, const struct waiting_sender *who)
{
	return senders_find(&env->senders, who->has_addr ? &who->addr : NULL, s->listener, s->hint, env->now);
}

static struct waiting_class *class_of(struct waiting *w, const struct waiting_sender *who)
{
	return &w->of[who->known];
}

static void leave_ring(struct waiting_class *w, struct waiting_sender *who)
{
	struct waiting_sender **head = &w->by_length[who->ring];
	if (*head == who)
		*head = who->alike == who ? NULL : who->alike;
	who->shorter->alike = who->alike;
	who->alike->shorter = who->shorter;
}

/* Into the ring of the lines that it has; before those who have no more. So where all have as many, who came last
 * loses, whose cell is still among the senders'. */
static void enter_ring(struct waiting_class *w, struct waiting_sender *who)
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

static void count(struct waiting *w, const struct waiting_sender *who, int lines, size_t bytes)
{
	struct waiting_class *c = class_of(w, who);
	c->lines += (uint32_t)lines;
	w->lines += (uint32_t)lines;
	c->bytes += lines < 0 ? -bytes : bytes;
	w->bytes += lines < 0 ? -bytes : bytes;
}

static struct waiting_sender *join(struct waiting *w, const struct toc_addr *peer, bool known)
{
	struct waiting_sender *who = calloc(1, sizeof(*who));
	if (!who)
		abort(); /* bounded by the number of lines */
	who->has_addr = peer != NULL;
	who->known = known;
	if (peer)
		who->addr = *peer;
	struct waiting_class *c = class_of(w, who);
	who->next = c->turn ? c->turn : who;
	who->prev = c->turn ? c->turn->prev : who;
	who->next->prev = who->prev->next = who;
	c->turn = c->turn ? c->turn : who;
	c->senders++;
	w->senders++;
	enter_ring(c, who);
	return who;
}

static void leave(struct receiving_env *env, struct waiting *w, const struct source *s, struct waiting_sender *who)
{
	struct toc_sender *cell = env ? sender_of(env, s, who) : NULL;
	struct waiting_class *c = class_of(w, who);
	if (cell && cell->waiting == who) /* it may have been forgotten and found anew meanwhile */
		cell->waiting = NULL;
	if (c->turn == who)
		c->turn = who->next == who ? NULL : who->next;
	leave_ring(c, who);
	who->prev->next = who->next;
	who->next->prev = who->prev;
	c->senders--;
	w->senders--;
	free(who);
}

/* The oldest line of a sender, which has one. */
static struct line *pop(struct waiting *w, struct waiting_sender *who)
{
	struct line *l = who->first;
	leave_ring(class_of(w, who), who);
	who->first = l->next;
	who->n--;
	enter_ring(class_of(w, who), who);
	count(w, who, -1, sizeof(*l) + l->n);
	return l;
}

/* NULL: nobody waits there. */
static struct waiting_sender *longest_of(struct waiting_class *c)
{
	while (c->highest && !c->by_length[c->highest])
		c->highest--;
	return c->senders ? c->by_length[c->highest] : NULL;
}

/* There is one. */
static struct waiting_sender *longest(struct waiting *w)
{
	struct waiting_sender *stranger = longest_of(&w->of[false]), *known = longest_of(&w->of[true]);
	const struct waiting_class *strangers = &w->of[false];
	if (!stranger || !known)
		return stranger ? stranger : known;
	const bool too_many = strangers->lines >= WAITING_LINES / 2 || strangers->bytes >= WAITING_BYTES / 2;
	return too_many || stranger->n >= known->n ? stranger : known;
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
	struct waiting_sender *who = cell->waiting = cell->waiting ? cell->waiting : join(w, peer, cell->known);
	leave_ring(class_of(w, who), who);
	if (who->n)
		who->last->next = l;
	else
		who->first = l;
	who->last = l;
	who->n++;
	enter_ring(class_of(w, who), who);
	count(w, who, 1, sizeof(*l) + text.n);
}

/* Of the class whose turn it is, or of the other one. NULL: nobody waits. */
static struct waiting_sender *next_in_turn(struct waiting *w)
{
	const bool mine = w->of[w->next].turn ? w->next : !w->next;
	struct waiting_sender *who = w->of[mine].turn;
	w->next = !mine;
	if (who)
		w->of[mine].turn = who->next;
	return who;
}

void waiting_serve(struct receiving_env *env, struct waiting *w, const struct source *s, unsigned most, bool all)
{
	toc_time now = env->now;
	for (unsigned i = 0; (all || i < most) && w->lines; i++) {
		if (!all && env->taker->room && !env->taker->room(env->taker))
			break;
		struct waiting_sender *who = next_in_turn(w);
		struct line *l = pop(w, who);
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
	for (struct waiting_sender *who; (who = next_in_turn(w));) {
		while (who->n)
			free(pop(w, who));
		leave(NULL, w, NULL, who);
	}
}
