/* heads - the hash that each route's last document ends with (alert/chain.h), over a restart. */
#ifndef DELIVER_HEADS_H
#define DELIVER_HEADS_H

#include "tocsin/span.h"

struct toc_heads;

/* Opens the file `chain` in the journal's folder and reads what was written last; one that cannot be opened or is
 * damaged: nothing is known. Aborts when memory is out. Owned by the caller. */
struct toc_heads *toc_heads_open(int folder);
void toc_heads_free(struct toc_heads *h); /* NULL: nothing */

/* A record of the journal was written, or is read again. */
void toc_heads_note(struct toc_heads *h, struct toc_span bson);
/* As they stand, in one write. false: a start after this one begins the chains anew. */
bool toc_heads_write(struct toc_heads *h);

void toc_heads_each(const struct toc_heads *h, void (*each)(void *user, const char *route, const char *hash),
		    void *user);

#endif
