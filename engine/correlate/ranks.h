/* ranks - numbers in order: the k-th smallest, and numbers that come and go. */
#ifndef CORRELATE_RANKS_H
#define CORRELATE_RANKS_H

#include "correlate/budget.h"

struct ranks;

/* *r NULL: empty. false: no memory, nothing changed. x is finite. */
bool ranks_add(struct ranks **r, double x, struct budget *budget);
/* One of them that was added. */
void ranks_drop(struct ranks *r, double x, struct budget *budget);
uint32_t ranks_count(const struct ranks *r);
/* k counts from 0. */
double ranks_at(const struct ranks *r, uint32_t k);
void ranks_free(struct ranks *r, struct budget *budget);

#endif
