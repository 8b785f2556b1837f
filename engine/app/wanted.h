/* wanted - which decoders' events anybody reads: what rules are judged on, and what identity and observe learn from. */
#ifndef APP_WANTED_H
#define APP_WANTED_H

#include "app/generation.h"
#include "app/payloads.h"
#include "identity/identity.h"
#include "observe/observe.h"

/* Immutable. */
struct toc_wanted;

/* older: what it takes the place of, kept as long as this one, since workers may still look at it; NULL: none. */
struct toc_wanted *toc_wanted_new(struct toc_wanted *older, const struct toc_generation *g,
				  const struct toc_identity *identity, const struct toc_observe *observe,
				  const struct toc_intern *names);
void toc_wanted_free(struct toc_wanted *w);

/*
 * For toc_flow_config.wanted: NULL-terminated, borrowed. NULL: every decoder, as where a rule reads `weird` or
 * `tunnel`, which any of them may tell.
 */
const char *const *toc_wanted_names(const struct toc_wanted *w);

/* For packets.wishes: borrowed. */
const struct payload_wish *toc_wanted_payloads(const struct toc_wanted *w);

#endif
