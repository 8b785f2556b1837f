/* sieve - classic BPF on a socket: each of a few source addresses passes once in 2^shift (Linux,
 * Documentation/networking/filter.rst). */
#include "receive/sieve.h"

#include <linux/filter.h>
#include <sys/socket.h>

enum {
	PRESSED = 20 /* per cent */,
	FIRST = 4,
	STEP = 2,
	NARROWEST = 12,
	READ_LEAST = 256,
	IPV4_SOURCE = 12,
	IPV6_SOURCE = 8,
	CODE_MOST = SIEVE_MOST * (2 * 4 + 4) + 1
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
	put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
	put(c, BPF_JMP | BPF_JSET | BPF_K, 0, 1, (1u << shift) - 1);
	put(c, BPF_RET | BPF_K, 0, 0, 0);
	put(c, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
}

/* A kernel that refuses leaves things as they were: the buffer fills, and that is counted. */
static void attach(const struct sieve *v, int fd)
{
	struct code c = { .n = 0 };
	int none = 0;
	if (!v->n) {
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
		return;
	}
	for (unsigned i = 0; i < v->n; i++)
		put_one(&c, &v->of[i].addr, v->of[i].shift);
	put(&c, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
	const struct sock_fprog program = { c.n, c.at };
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void sieve_note(struct sieve *v, struct toc_sender *who)
{
	if (who->interval != v->interval) {
		who->interval = v->interval;
		who->recent = 0;
	}
	v->read++;
	if (++who->recent > v->most) {
		v->most = who->recent;
		v->busiest = who->addr;
	}
}

/* Who sent most of what was read goes into the sieve, or further into it; nobody who sent less than a quarter. */
static bool narrow(struct sieve *v)
{
	unsigned i = 0;
	if (v->most * 4 < v->read)
		return false;
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
		changes = narrow(v);
	else if (!pressed && v->n && (since >= widens_after || since < 0))
		widen(v), changes = true;
	else
		return;
	if (changes)
		attach(v, s->fd);
	v->changed = env->now;
	v->interval++;
	v->read = v->most = 0;
}

/* By what passed of each, which is one in 2^shift of what came. */
static uint64_t weight(struct receiving_env *env, const struct sieve *v, const struct source *s, unsigned i)
{
	const struct toc_sender *who = senders_find(&env->senders, &v->of[i].addr, s->listener, s->hint, env->now);
	return (uint64_t)(who->interval == v->interval ? who->recent + 1 : 1) << v->of[i].shift;
}

bool sieve_lost(struct receiving_env *env, struct sieve *v, const struct source *s, uint32_t n)
{
	uint64_t all = 0;
	uint32_t left = n;
	for (unsigned i = 0; i < v->n; i++)
		all += weight(env, v, s, i);
	for (unsigned i = 0; i < v->n; i++) {
		const uint32_t share =
			i + 1 < v->n ? (uint32_t)((double)n * (double)weight(env, v, s, i) / (double)all) : left;
		struct toc_sender *who = senders_find(&env->senders, &v->of[i].addr, s->listener, s->hint, env->now);
		left -= share < left ? share : left;
		if (share) {
			senders_lost(&env->senders, who, TOC_LOSS_SIEVE, share - 1);
			senders_tell(&env->senders, who, s->listener, TOC_LOSS_SIEVE, NULL, env->now);
		}
	}
	return v->n > 0;
}
