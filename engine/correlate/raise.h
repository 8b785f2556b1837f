/* raise - events that make an alert graver (`tocsin.raise`): each has a number of its own among the matcher's hits. */
#ifndef CORRELATE_RAISE_H
#define CORRELATE_RAISE_H

#include <stdint.h>

enum { TOC_SEVERITIES = 6 }; /* informational 1 … critical 5 */

/* Numbers of raises stand behind those of rules. */
struct toc_raise {
	uint32_t number;
	uint8_t severity; /* 2 … 5: where the alert rises to */
};

/* The raises that one event hit. */
struct toc_raised {
	const uint32_t *at;
	unsigned n;
};

/* The highest severity that the event's raises give, of those that the rule knows; 0: none. hit may be NULL. */
static inline uint8_t toc_raise_of(const struct toc_raise *known, unsigned n, const struct toc_raised *hit)
{
	uint8_t most = 0;
	for (unsigned i = 0; hit && i < n; i++)
		for (unsigned k = 0; k < hit->n; k++)
			if (hit->at[k] == known[i].number && known[i].severity > most)
				most = known[i].severity;
	return most;
}

#endif
