/* clock_jump - the machine's clock was set, as an event; live only. */
#ifndef APP_CLOCK_JUMP_H
#define APP_CLOCK_JUMP_H

#include "app/pipeline.h"

extern const struct toc_field_decl toc_clock_jump_fields[];
extern const unsigned toc_clock_jump_nfields;

struct toc_clock_jump;

/* NULL: no memory. Owned by the caller. */
struct toc_clock_jump *toc_clock_jump_new(struct toc_intern *names);
void toc_clock_jump_free(struct toc_clock_jump *c);

/* In a tick of the engine's thread: tells of a step, once each. true: by so much that the sensor is to be started anew,
 * once. */
bool toc_clock_jump_tick(struct toc_clock_jump *c, struct toc_pipeline *pipeline);

#endif
