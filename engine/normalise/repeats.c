/* repeats - the three ways in which senders say how often a message came. */
#include "normalise/repeats.h"

#include <string.h>

enum { MOST = 1000000, MNEMONIC = 40, ENDING = 64 };

/* A number and what follows it; 0: there is none. */
static uint64_t number(struct toc_span text, struct toc_span *rest)
{
	uint64_t n = 0;
	size_t i = 0;
	for (; i < text.n && i < 9 && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	*rest = toc_span_from(text, i);
	return n < MOST ? n : MOST;
}

static struct toc_span in_brackets(struct toc_span text, uint64_t *count)
{
	struct toc_span rest = text;
	*count = 1;
	if (!toc_span_starts(text, "message repeated "))
		return text;
	const uint64_t n = number(toc_span_from(text, sizeof("message repeated ") - 1), &rest);
	if (n == 0 || !toc_span_starts(rest, " times: [") || rest.p[rest.n - 1] != ']')
		return text;
	rest = toc_span_from(rest, sizeof(" times: [") - 1);
	rest.n--;
	while (rest.n && rest.p[0] == ' ')
		rest = toc_span_from(rest, 1);
	*count = n;
	return rest;
}

/* "[...It occurred 3 times/sec!.]" or "Previous message occurred 3 times." at the end of a text that says more. */
static struct toc_span at_end(struct toc_span text, uint64_t *count)
{
	static const char *const marks[] = { "[...It occurred ", "Previous message occurred " };
	const size_t first = text.n > ENDING ? text.n - ENDING : 0;
	struct toc_span rest;
	*count = 1;
	for (unsigned k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
		for (size_t i = first; i < text.n; i++) {
			if (text.p[i] != (uint8_t)marks[k][0] || !toc_span_starts(toc_span_from(text, i), marks[k]))
				continue;
			const uint64_t n = number(toc_span_from(text, i + strlen(marks[k])), &rest);
			if (n == 0 || !toc_span_starts(rest, " time"))
				continue;
			*count = n;
			while (i && text.p[i - 1] == ' ')
				i--;
			return toc_span_first(text, i);
		}
	return text;
}

/* "times.", "time.", "times.!]", "times/sec!.]" */
static bool may_end_so(struct toc_span text)
{
	const uint8_t last = text.p[text.n - 1], before = text.p[text.n - 2];
	return (last == ']' && (before == '!' || before == '.')) || (last == '.' && (before == 's' || before == 'e'));
}

struct toc_span repeats_take(struct toc_span text, uint8_t room[REPEATS_ROOM], uint64_t *count)
{
	*count = 1;
	if (!text.n || text.p[0] != '%')
		return text.n && text.p[0] == 'm' ? in_brackets(text, count) : text;
	const size_t colon = toc_span_find(toc_span_first(text, MNEMONIC), ':');
	if (colon + 2 >= text.n || colon >= MNEMONIC)
		return text;
	const struct toc_span rest = toc_span_from(text, colon + 2),
			      inner = rest.p[0] == 'm' ? in_brackets(rest, count) : rest;
	if (*count > 1 && colon + 2 + inner.n <= REPEATS_ROOM) {
		memcpy(room, text.p, colon + 2);
		memcpy(room + colon + 2, inner.p, inner.n);
		return toc_span_of(room, colon + 2 + inner.n);
	}
	*count = 1;
	return may_end_so(text) ? at_end(text, count) : text;
}
