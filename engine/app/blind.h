/* blind - what the sensor itself does not see: frames that the kernel had to drop, interfaces on which nothing comes.
 */
#ifndef APP_BLIND_H
#define APP_BLIND_H

#include "app/pipeline.h"

extern const struct toc_field_decl toc_blind_fields[];
extern const unsigned toc_blind_nfields;

struct toc_blind;

/* NULL: no memory. Owned by the caller. */
struct toc_blind *toc_blind_new(struct toc_intern *names);
void toc_blind_free(struct toc_blind *b);

/*
 * In the engine's tick, at the engine's time: every ten seconds an event `sensor_blind` of each interface that lost
 * frames since the last look, or on which none has come for half a minute (that one once a minute).
 */
void toc_blind_tick(struct toc_blind *b, const struct toc_pipeline *p);

#endif
