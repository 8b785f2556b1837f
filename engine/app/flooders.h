/* flooders - senders of log lines that lost some by sending more than their share, as events; live only. */
#ifndef APP_FLOODERS_H
#define APP_FLOODERS_H

#include "app/feed.h"
#include "receive/receive.h"

extern const struct toc_field_decl toc_flooders_fields[];
extern const unsigned toc_flooders_nfields;

struct toc_flooders;

/* Of one receiver, whose thread alone may ask; listeners by source_hint, borrowed. NULL: no memory. Owned by the
 * caller. */
struct toc_flooders *toc_flooders_new(const struct toc_listener *listeners, struct toc_intern *names);
void toc_flooders_free(struct toc_flooders *f);

/* Is it time for a look? Every five seconds. */
bool toc_flooders_due(const struct toc_flooders *f, toc_time at);

/* An event for each sender that has lost lines since the last look. */
void toc_flooders_look(struct toc_flooders *f, struct toc_receiver *r, struct toc_feed *feed);

#endif
