/* redact - secrets in the text of log lines are gone before an event exists (policy.md SYS-03). */
#ifndef NORMALISE_REDACT_H
#define NORMALISE_REDACT_H

#include "tocsin/span.h"

/* Is this the name of something secret: password, passwd, pwd, secret, token, apikey, authorization …? */
bool redact_name(struct toc_span name);
/* Does the name call its value a secret, and can the value be one? */
bool redact_pair(struct toc_span name, struct toc_span value);

/*
 * Copies text to out (room for text.n + 10 per secret; at most `room`) with the values behind such names, `=` or `:`,
 * replaced by [redacted]. Returns the text itself when there is nothing to hide.
 */
struct toc_span redact_text(struct toc_span text, uint8_t *out, size_t room);

/* The same for a command that a network device logs ("snmp-server community x RO", "username a secret 9 x"): the word
 * behind such words, where the text speaks of a command at all. */
struct toc_span redact_command(struct toc_span text, uint8_t *out, size_t room);

/*
 * Of what mail programs log: addresses become [address]; what stands behind a subject or a file's name goes, and in
 * brackets behind BANNED (names of attachments) and lmtp (for whom it is); policy.md SYS-03, SYS-04. At most `room` bytes.
 */
struct toc_span redact_mail(struct toc_span text, uint8_t *out, size_t room);

#endif
