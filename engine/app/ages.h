/* ages - HLT-09: named lists, feeds, calendars and rosters whose file is older than they may be, as events; live only, for an archive's
 * time has nothing to do with today's files. */
#ifndef APP_AGES_H
#define APP_AGES_H

#include "app/pipeline.h"

extern const struct toc_field_decl toc_ages_fields[];
extern const unsigned toc_ages_nfields;

struct toc_ages;

/* NULL: no memory. Owned by the caller. */
struct toc_ages *toc_ages_new(struct toc_intern *names);
void toc_ages_free(struct toc_ages *a);

/* In a tick of the engine's thread: at first, after a reload and once an hour an event for each list that is too old.
 */
void toc_ages_tick(struct toc_ages *a, const struct toc_pipeline *p);

#endif
