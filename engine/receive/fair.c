/* fair - the share of a sender, by how full the buffer is: down by a quarter, up by a quarter. */
#include "receive/fair.h"

enum {
	PRESSED = 75, /* per cent; the kernel lets up to a quarter of what is free look full (udp_rmem_release) */
	RELAXED = 50,
	SAVED = 32, /* windows' worth of shares that a quiet sender may save up */
};

static const toc_time window = 2 * TOC_MS;

/* A sender's first datagram in a window: what it left of its shares is saved. */
static void roll(const struct fair *f, struct toc_sender *s)
{
	uint64_t unused = f->share > s->count ? f->share - s->count : 0, most = (uint64_t)SAVED * f->share;
	uint64_t credit = s->credit + unused + (uint64_t)(f->window - s->window - 1) * f->share;
	s->credit = (uint32_t)(credit < most ? credit : most);
	s->window = f->window;
	s->count = 0;
}

bool fair_admits(struct fair *f, struct toc_sender *s)
{
	if (s->window != f->window)
		roll(f, s);
	s->count++;
	if (s->count > f->loudest)
		f->loudest = s->count;
	if (!f->share || s->count <= f->share)
		return true;
	if (!s->credit)
		return false;
	s->credit--;
	return true;
}

void fair_turn(struct fair *f, toc_time now, unsigned full)
{
	if (now >= f->since && now - f->since < window)
		return;
	f->since = now;
	f->window++;
	if (full > PRESSED && !f->share)
		f->share = f->loudest / 2 + 1;
	else if (full > PRESSED)
		f->share -= f->share / 4;
	else if (full < RELAXED && f->share)
		f->share = f->loudest < f->share / 2 ? 0 : f->share + f->share / 4 + 1;
	f->loudest = 0;
}
