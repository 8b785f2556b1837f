/* ranks - sorted blocks of up to 256 numbers under one directory: a search, a short move, a walk over counts. */
#include "correlate/ranks.h"

#include <string.h>

enum { BLOCK = 256, FIRST = 4 };

struct block {
	uint32_t n;
	double at[BLOCK];
};

struct ranks {
	uint32_t n, nblocks, room;
	struct block **blocks;
};

static struct block *block_new(struct budget *budget)
{
	struct block *b = budget_resize(budget, NULL, 0, sizeof(*b));
	if (b)
		b->n = 0;
	return b;
}

/* The last block that begins at or before x; the first one where all begin behind it. */
static uint32_t block_of(const struct ranks *r, double x)
{
	uint32_t low = 0, high = r->nblocks;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (r->blocks[mid]->at[0] <= x)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : 0;
}

/* First place whose number is not smaller. */
static uint32_t place_of(const struct block *b, double x)
{
	uint32_t low = 0, high = b->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (b->at[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool put_block(struct ranks *r, uint32_t at, struct block *b, struct budget *budget)
{
	if (r->nblocks == r->room) {
		const uint32_t room = r->room ? 2 * r->room : FIRST;
		struct block **more = budget_resize(budget, r->blocks, r->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return false;
		r->blocks = more;
		r->room = room;
	}
	memmove(&r->blocks[at + 1], &r->blocks[at], (r->nblocks - at) * sizeof(*r->blocks));
	r->blocks[at] = b;
	r->nblocks++;
	return true;
}

static bool split(struct ranks *r, uint32_t i, struct budget *budget)
{
	struct block *b = r->blocks[i], *other = block_new(budget);
	if (!other || !put_block(r, i + 1, other, budget)) {
		budget_free(budget, other, sizeof(*other));
		return false;
	}
	other->n = BLOCK / 2;
	b->n -= BLOCK / 2;
	memcpy(other->at, b->at + b->n, other->n * sizeof(double));
	return true;
}

static bool begin(struct ranks **r, struct budget *budget)
{
	if (!*r) {
		*r = budget_resize(budget, NULL, 0, sizeof(**r));
		if (*r)
			**r = (struct ranks){ 0 };
	}
	if (!*r || (*r)->nblocks)
		return *r != NULL;
	struct block *b = block_new(budget);
	if (b && put_block(*r, 0, b, budget))
		return true;
	budget_free(budget, b, sizeof(*b));
	return false;
}

bool ranks_add(struct ranks **set, double x, struct budget *budget)
{
	if (!begin(set, budget))
		return false;
	struct ranks *r = *set;
	uint32_t i = r->n ? block_of(r, x) : 0;
	if (r->blocks[i]->n == BLOCK) {
		if (!split(r, i, budget))
			return false;
		i = block_of(r, x);
	}
	struct block *b = r->blocks[i];
	const uint32_t at = place_of(b, x);
	memmove(b->at + at + 1, b->at + at, (b->n - at) * sizeof(double));
	b->at[at] = x;
	b->n++;
	r->n++;
	return true;
}

static void remove_block(struct ranks *r, uint32_t i, struct budget *budget)
{
	budget_free(budget, r->blocks[i], sizeof(*r->blocks[i]));
	memmove(&r->blocks[i], &r->blocks[i + 1], (r->nblocks - i - 1) * sizeof(*r->blocks));
	r->nblocks--;
}

/* Blocks that became small are joined, so that the directory stays in proportion. */
static void join(struct ranks *r, uint32_t i, struct budget *budget)
{
	if (i + 1 >= r->nblocks || r->blocks[i]->n + r->blocks[i + 1]->n > BLOCK / 2)
		return;
	struct block *b = r->blocks[i], *next = r->blocks[i + 1];
	memcpy(b->at + b->n, next->at, next->n * sizeof(double));
	b->n += next->n;
	remove_block(r, i + 1, budget);
}

void ranks_drop(struct ranks *r, double x, struct budget *budget)
{
	const uint32_t i = block_of(r, x);
	struct block *b = r->blocks[i];
	const uint32_t at = place_of(b, x);
	memmove(b->at + at, b->at + at + 1, (b->n - at - 1) * sizeof(double));
	b->n--;
	r->n--;
	if (b->n == 0 && r->nblocks > 1)
		remove_block(r, i, budget);
	else
		join(r, i, budget);
}

uint32_t ranks_count(const struct ranks *r)
{
	return r ? r->n : 0;
}

double ranks_at(const struct ranks *r, uint32_t k)
{
	uint32_t i = 0;
	while (k >= r->blocks[i]->n)
		k -= r->blocks[i++]->n;
	return r->blocks[i]->at[k];
}

void ranks_free(struct ranks *r, struct budget *budget)
{
	if (!r)
		return;
	while (r->nblocks)
		remove_block(r, r->nblocks - 1, budget);
	budget_free(budget, r->blocks, r->room * sizeof(*r->blocks));
	budget_free(budget, r, sizeof(*r));
}
