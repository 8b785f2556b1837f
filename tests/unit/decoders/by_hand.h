/* by_hand - messages by hand: "0a 1b" bytes, 'text' as it is, 00*16 repeated. */
#ifndef UNIT_BY_HAND_H
#define UNIT_BY_HAND_H

#include <ctype.h>

#include "harness.h"

struct hex {
	size_t n;
	uint8_t b[2048];
};

static inline struct hex hex_of(const char *text)
{
	struct hex h = { 0 };
	while (*text) {
		char *end;
		if (*text == '\'') {
			for (text++; *text != '\''; text++)
				h.b[h.n++] = (uint8_t)*text;
			text++;
		} else if (*text == '*') {
			unsigned long times = strtoul(text + 1, &end, 10);
			assert_true(h.n && h.n + times < sizeof(h.b));
			for (; times > 1; times--, h.n++)
				h.b[h.n] = h.b[h.n - 1];
			text = end;
		} else if (isspace((unsigned char)*text)) {
			text++;
		} else {
			char two[3] = { text[0], text[1], 0 };
			h.b[h.n++] = (uint8_t)strtoul(two, &end, 16);
			text += 2;
		}
	}
	return h;
}

static inline void hex_feed(struct trial *t, enum toc_dir dir, const char *text)
{
	struct hex h = hex_of(text);
	trial_feed(t, &(struct trial_step){ dir, h.b, h.n });
}

/* What was told of a service. */
static inline bool hex_confirmed(const struct trial *t, const char *service)
{
	char line[64];
	snprintf(line, sizeof(line), "{\"confirm\":\"%s\"}", service);
	return strstr(trial_text(t), line) != NULL;
}

static inline enum toc_probe hex_probe(const struct toc_decoder *d, enum toc_dir dir, bool hint, const char *text)
{
	struct hex h = hex_of(text);
	return d->probe(toc_span_of(h.b, h.n), dir, hint);
}

#define assert_field(t, i, field, text)                                                                                \
	do {                                                                                                           \
		const char *got_ = trial_value(t, i, field);                                                           \
		assert_non_null(got_);                                                                                 \
		assert_string_equal(got_, text);                                                                       \
	} while (0)

#endif
