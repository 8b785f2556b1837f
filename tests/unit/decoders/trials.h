/* trials - what tests of stream decoders share: run whole and cut, look at fields, look for words that must not be
 * there. */
#ifndef UNIT_TRIALS_H
#define UNIT_TRIALS_H

#include "test.h"

#include "harness.h"

#define ORIG(text) TRIAL_TEXT(TOC_ORIG, text)
#define RESP(text) TRIAL_TEXT(TOC_RESP, text)
#define GAP(dir, n)                                                                                                    \
	{                                                                                                              \
		dir, NULL, n                                                                                           \
	}
#define RUN(decoder, port, steps) trials_run(decoder, port, steps, sizeof(steps) / sizeof(steps[0]))

/* Feeds all and ends; the same steps must give the same however they are cut. */
static inline struct trial *trials_run(const struct toc_decoder *decoder, uint16_t port, const struct trial_step *steps,
				       size_t n)
{
	struct trial *t = trial_new(decoder, TOC_OVER_TCP, port);
	for (size_t i = 0; i < n; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(decoder, port, steps, n, 20));
	return t;
}

/* Event i has this value (in JSON form), or none (NULL). */
static inline void trials_has(struct trial *t, unsigned i, const char *field, const char *value)
{
	const char *got = trial_value(t, i, field);
	if (!value) {
		assert_null(got);
		return;
	}
	if (!got)
		fail_msg("event %u has no %s:\n%s", i, field, trial_text(t));
	assert_string_equal(got, value);
}

static inline void trials_says(const struct trial *t, const char *words)
{
	if (!strstr(trial_text(t), words))
		fail_msg("%s is not in:\n%s", words, trial_text(t));
}

static inline void trials_hides(const struct trial *t, const char *words)
{
	if (strstr(trial_text(t), words))
		fail_msg("%s is in:\n%s", words, trial_text(t));
}

/* What a probe says to a text, whole; before, of each beginning, never the opposite of it. */
static inline void trials_probe(const struct toc_decoder *d, enum toc_dir dir, bool hint, const void *text, size_t n,
				enum toc_probe want)
{
	for (size_t i = 0; i < n; i++) {
		enum toc_probe said = d->probe(toc_span_of(text, i), dir, hint);
		if (said != TOC_MAYBE && said != want)
			fail_msg("%s: after %zu of %zu bytes: %d", d->name, i, n, said);
	}
	assert_int_equal(d->probe(toc_span_of(text, n), dir, hint), want);
}
#define PROBE(d, dir, hint, text, want) trials_probe(d, dir, hint, text, sizeof(text) - 1, want)

#endif
