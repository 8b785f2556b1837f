/* value_set - values, by their hashes, and how often each is there. */
#ifndef CORRELATE_VALUE_SET_H
#define CORRELATE_VALUE_SET_H

#include "correlate/budget.h"

struct values;

/* *set NULL: empty. false: no memory, nothing changed. */
bool values_add(struct values **set, uint64_t value, struct budget *budget);
/* One of them that was added. */
void values_drop(struct values *set, uint64_t value);
uint32_t values_distinct(const struct values *set);
void values_free(struct values *set, struct budget *budget);

#endif
