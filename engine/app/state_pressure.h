/* state_pressure - HLT-04: rules whose windows were given up because there were too many, as events; live only. */
#ifndef APP_STATE_PRESSURE_H
#define APP_STATE_PRESSURE_H

#include "app/pipeline.h"

extern const struct toc_field_decl toc_state_pressure_fields[];
extern const unsigned toc_state_pressure_nfields;

struct toc_state_pressure;

/* NULL: no memory. Owned by the caller. */
struct toc_state_pressure *toc_state_pressure_new(struct toc_intern *names);
void toc_state_pressure_free(struct toc_state_pressure *p);

/* In a tick of the engine's thread: every five seconds an event for each rule that has lost windows or hits since. */
void toc_state_pressure_tick(struct toc_state_pressure *p, const struct toc_pipeline *pipeline);

#endif
