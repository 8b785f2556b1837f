/* sieve - classic BPF on a socket: each of a few source addresses passes once in 2^shift (Linux,
 * Documentation/networking/filter.rst). */
#include "receive/sieve.h"

#include <linux/filter.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	PRESSED = 20 /* per cent */,
	FIRST = 4,
	STEP = 2,
	NARROWEST = 12,
	READ_LEAST = 256,
	IPV4_SOURCE = 12,
	IPV6_SOURCE = 8,
	IPV6_SOURCE_END = IPV6_SOURCE + 12,
	GROUP = 64 /* of the list: jumps reach 255 */,
	KNOWN_LEAST = 64,
	CODE_MOST = SIEVE_MOST * (2 * 4 + 4) + 5 + SIEVE_KNOWN + SIEVE_KNOWN / GROUP * 3 + 4
};

static const toc_time narrows_after = 10 * TOC_MS, widens_after = TOC_SEC;

struct code {
	struct sock_filter at[CODE_MOST];
	unsigned short n;
};

static void put(struct code *c, uint16_t op, uint8_t yes, uint8_t no, uint32_t k)
{
	c->at[c->n++] = (struct sock_filter){ op, yes, no, k };
}

static void put_chance(struct code *c, unsigned shift)
{
	put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
	put(c, BPF_JMP | BPF_JSET | BPF_K, 0, 1, (1u << shift) - 1);
	put(c, BPF_RET | BPF_K, 0, 0, 0);
	put(c, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
}

/* Where the source address is not this one: on to what follows. Else chance decides. */
static void put_one(struct code *c, const struct toc_addr *addr, unsigned shift)
{
	const bool v4 = toc_addr_is_v4(addr);
	const unsigned words = v4 ? 1 : 4;
	const uint8_t *b = v4 ? addr->b + 12 : addr->b;
	for (unsigned i = 0; i < words; i++, b += 4) {
		const uint32_t word = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
		const uint8_t rest = (uint8_t)(2 * (words - 1 - i) + 4);
		put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0,
		    (uint32_t)SKF_NET_OFF + (v4 ? IPV4_SOURCE : IPV6_SOURCE) + 4 * i);
		put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, rest, word);
	}
	put_chance(c, shift);
}

/* Who is in the list passes, all others by chance. The list is in order: a group whose last one is smaller is left out.
 */
static void put_strangers(struct code *c, const uint32_t *known, unsigned n, unsigned shift)
{
	put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 2, ETHERTYPE_IP);
	put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF + IPV4_SOURCE);
	put(c, BPF_JMP | BPF_JA, 0, 0, 1);
	put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF + IPV6_SOURCE_END);
	for (unsigned at = 0; at < n; at += GROUP) {
		const unsigned in = n - at < GROUP ? n - at : GROUP;
		put(c, BPF_JMP | BPF_JGT | BPF_K, (uint8_t)(in + 2), 0, known[at + in - 1]);
		for (unsigned i = 0; i < in; i++)
			put(c, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(in - i), 0, known[at + i]);
		put(c, BPF_JMP | BPF_JA, 0, 0, 1);
		put(c, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
	}
	put_chance(c, shift);
}

/* --- who is known ------------------------------------------------------------------------------------------------- */

struct listing {
	uint32_t words[SIEVE_KNOWN];
	uint64_t n;
	uint32_t most, hint;
};

/* The longest silent one comes first, so the last ones stay. */
static void list_one(void *user, void *cell)
{
	struct listing *l = user;
	const struct toc_sender *who = cell;
	const uint8_t *b = who->addr.b + 12; /* of IPv4 all of it */
	if (who->listener == l->hint)
		l->words[l->n++ % l->most] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The `most` that were heard last, in order; how many. */
static unsigned list_known(struct receiving_env *env, const struct source *s, struct listing *l, unsigned most)
{
	l->n = 0;
	l->most = most;
	l->hint = s->hint;
	toc_regulars_each_regular(env->senders.table, list_one, l);
	const unsigned n = l->n < most ? (unsigned)l->n : most;
	qsort(l->words, n, sizeof(l->words[0]), by_number);
	return n;
}

/* --- the filter --------------------------------------------------------------------------------------------------- */

/* A kernel that refuses leaves things as they were: the buffer fills, and that is counted. How much a filter may have
 * is the kernel's to say (net.core.optmem_max), so a list that is refused is halved. */
static void attach(struct receiving_env *env, const struct sieve *v, const struct source *s)
{
	int none = 0;
	if (!v->n && !v->strangers) {
		setsockopt(s->fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
		return;
	}
	struct code *c = malloc(sizeof(*c));
	struct listing *l = malloc(sizeof(*l));
	if (!c || !l)
		abort();
	for (unsigned most = SIEVE_KNOWN; most >= KNOWN_LEAST; most /= 2) {
		c->n = 0;
		for (unsigned i = 0; i < v->n; i++)
			put_one(c, &v->of[i].addr, v->of[i].shift);
		if (v->strangers)
			put_strangers(c, l->words, list_known(env, s, l, most), v->strangers);
		else
			put(c, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
		const struct sock_fprog program = { c->n, c->at };
		if (setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 || !v->strangers)
			break;
	}
	free(l);
	free(c);
}

void sieve_note(struct sieve *v, struct toc_sender *who)
{
	if (who->interval != v->interval) {
		who->interval = v->interval;
		who->recent = 0;
	}
	v->read++;
	v->strange += !who->known;
	if (++who->recent > v->most) {
		v->most = who->recent;
		v->busiest = who->addr;
	}
}

/* Only where somebody is known. */
static bool narrow_strangers(struct receiving_env *env, struct sieve *v)
{
	if (v->strange * 2 < v->read || v->strangers == NARROWEST || !toc_regulars_count(env->senders.table, true))
		return false;
	v->strangers += v->strangers ? STEP : FIRST;
	return true;
}

/* Who sent most of what was read goes into the sieve, or further into it; where nobody sent a quarter, all strangers.
 */
static bool narrow(struct receiving_env *env, struct sieve *v)
{
	unsigned i = 0;
	if (v->most * 4 < v->read)
		return narrow_strangers(env, v);
	while (i < v->n && !toc_addr_eq(&v->of[i].addr, &v->busiest))
		i++;
	if (i == SIEVE_MOST || (i < v->n && v->of[i].shift == NARROWEST))
		return false;
	if (i == v->n) {
		v->of[v->n].addr = v->busiest;
		v->of[v->n++].shift = FIRST;
	} else {
		v->of[i].shift += STEP;
	}
	return true;
}

static void widen(struct sieve *v)
{
	v->strangers -= v->strangers > 0;
	for (unsigned i = 0; i < v->n;)
		if (--v->of[i].shift == 0)
			v->of[i] = v->of[--v->n];
		else
			i++;
}

void sieve_look(struct receiving_env *env, struct sieve *v, const struct source *s, unsigned fullness)
{
	const toc_time since = env->now - v->changed;
	const bool pressed = fullness > PRESSED;
	bool changes = false;
	if (pressed && (since >= narrows_after || since < 0) && v->read >= READ_LEAST)
		changes = narrow(env, v);
	else if (!pressed && (v->n || v->strangers) && (since >= widens_after || since < 0))
		widen(v), changes = true;
	else
		return;
	if (changes)
		attach(env, v, s);
	v->changed = env->now;
	v->interval++;
	v->read = v->most = v->strange = 0;
}

/* By what passed of each, which is one in 2^shift of what came. */
static uint64_t weight(struct receiving_env *env, const struct sieve *v, const struct source *s, unsigned i)
{
	const struct toc_sender *who = senders_find(&env->senders, &v->of[i].addr, s->listener, s->hint, env->now);
	return (uint64_t)(who->interval == v->interval ? who->recent + 1 : 1) << v->of[i].shift;
}

/* Of all strangers together. Those of them who are in the sieve by themselves are few. */
static uint64_t weight_of_strangers(const struct sieve *v)
{
	return v->strangers ? (v->strange + 1) << v->strangers : 0;
}

static void lose(struct receiving_env *env, const struct source *s, const struct toc_addr *addr, enum toc_loss why,
		 uint32_t n)
{
	if (!n)
		return;
	struct toc_sender *who = senders_find(&env->senders, addr, s->listener, s->hint, env->now);
	senders_lost(&env->senders, who, why, n - 1);
	senders_tell(&env->senders, who, s->listener, why, NULL, env->now);
}

bool sieve_lost(struct receiving_env *env, struct sieve *v, const struct source *s, uint32_t n)
{
	uint64_t all = weight_of_strangers(v);
	uint32_t left = n;
	for (unsigned i = 0; i < v->n; i++)
		all += weight(env, v, s, i);
	for (unsigned i = 0; i < v->n; i++) {
		const bool last = i + 1 == v->n && !v->strangers;
		const uint32_t part = (uint32_t)((double)n * (double)weight(env, v, s, i) / (double)all),
			       share = last || part > left ? left : part;
		left -= share;
		lose(env, s, &v->of[i].addr, TOC_LOSS_SIEVE, share);
	}
	if (v->strangers)
		lose(env, s, NULL, TOC_LOSS_STRANGERS, left);
	return v->n > 0 || v->strangers;
}
