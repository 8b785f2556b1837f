/* value - canonical text and number of values, as rules compare them and keys and documents show them. */
#ifndef EVENT_VALUE_H
#define EVENT_VALUE_H

#include "tocsin/event.h"

/* Addresses and MACs in text form, numbers in decimal, bools true/false, strings as they are; nothing for lists. Returns
 * its length, cut to room. */
size_t toc_value_text(const struct toc_value *v, char *out, size_t room);

/* The value as a number (times and durations in seconds, strings that are a decimal number as a whole); false: none. */
bool toc_value_number(const struct toc_value *v, double *out);

#endif
