/* cell - one of the table: made, and freed with all that it holds. */
#include <string.h>

#include "correlate/state.h"

static uint64_t own_size(const struct cell *cell)
{
	return sizeof(*cell) + cell->text_n;
}

struct cell *cell_new(struct running *r, const char *text, uint32_t n)
{
	struct cell *cell = budget_resize(&r->budget, NULL, 0, sizeof(*cell) + n);
	if (!cell)
		return NULL;
	memset(cell, 0, sizeof(*cell));
	memcpy(cell->text, text, n);
	cell->text_n = n;
	cell->of = r;
	cell->wake_at = cell->wait_at = cell->due_at = NOWHERE;
	cell->judged = INT64_MIN;
	cell->anchor = TOC_NEVER;
	tally_begin(&cell->tally, r->judged == AT_HIT ? r->rule : NULL, &r->budget);
	return cell;
}

void cell_free(struct cell *cell)
{
	struct budget *b = &cell->of->budget;
	evidence_free(cell);
	tally_free(&cell->tally);
	budget_free(b, cell->block, cell->room * sizeof(*cell->block));
	budget_free(b, cell, own_size(cell));
}
