/* clock_jump - what app/steady.c noticed, told in the engine's order. */
#include "app/clock_jump.h"

#include <stdlib.h>

#include "tocsin/draft.h"

enum { EV_JUMP, F_STEP, F_RESTART, N_FIELDS };

const struct toc_field_decl toc_clock_jump_fields[] = {
	[EV_JUMP] = { "clock_jump", TOC_KIND, false, TOC_OPEN, NULL,
		      "the sensor's clock was set by two seconds or more" },
	[F_STEP] = { "step", TOC_DOUBLE, false, TOC_OPEN, "s", "by so much; below 0: back" },
	[F_RESTART] = { "restart", TOC_BOOL, false, TOC_OPEN, NULL,
			"by so much that the sensor starts anew, its windows moved to the new time" },
};
const unsigned toc_clock_jump_nfields = N_FIELDS;

struct toc_clock_jump {
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	bool told; /* of the jump that ends the run */
};

struct toc_clock_jump *toc_clock_jump_new(struct toc_intern *names)
{
	struct toc_clock_jump *c = calloc(1, sizeof(*c));
	if (c)
		toc_intern_decls(names, toc_clock_jump_fields, N_FIELDS, c->map);
	return c;
}

void toc_clock_jump_free(struct toc_clock_jump *c)
{
	free(c);
}

static void tell(struct toc_clock_jump *c, struct toc_pipeline *p, toc_time step, bool restart)
{
	struct toc_emit *emit = toc_engine_emit(p->engine);
	struct toc_draft *d = &c->draft;
	toc_draft_begin(d, c->map, EV_JUMP);
	d->head.ts = toc_engine_at(p->engine);
	toc_put_double(d, F_STEP, (double)step / (double)TOC_SEC);
	toc_put_bool(d, F_RESTART, restart);
	emit->event(emit, d);
}

bool toc_clock_jump_tick(struct toc_clock_jump *c, struct toc_pipeline *p)
{
	toc_steady_now(&p->steady);
	const toc_time step = atomic_exchange(&p->steady.stepped, 0), jump = atomic_load(&p->steady.jump);
	if (toc_engine_at(p->engine) <= 0)
		return false;
	if (step)
		tell(c, p, step, false);
	if (!jump || c->told)
		return false;
	tell(c, p, jump, true);
	c->told = true;
	return true;
}
