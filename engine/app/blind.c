/* blind - the workers' tallies, an interface at a time (HLT-01, HLT-02). */
#include "app/blind.h"

#include <stdlib.h>
#include <string.h>

#include "tocsin/draft.h"

static const toc_time look_every = 10 * TOC_SEC, silent_after = 30 * TOC_SEC;

enum { EV_BLIND, F_INTERFACE, F_REASON, F_CAME, F_LOST, F_SHARE, F_SILENT, N_FIELDS };

const struct toc_field_decl toc_blind_fields[] = {
	[EV_BLIND] = { "sensor_blind", TOC_KIND, false, TOC_OPEN, NULL,
		       "the sensor did not see all that an interface was shown; every ten seconds of loss, every "
		       "minute of "
		       "silence" },
	[F_INTERFACE] = { "interface", TOC_STRING, false, TOC_OPEN, NULL, "its name" },
	[F_REASON] = { "reason", TOC_STRING, false, TOC_OPEN, NULL,
		       "loss: the kernel dropped frames for want of room; silence: no frame came" },
	[F_CAME] = { "came", TOC_UINT, false, TOC_OPEN, NULL, "frames since the last look" },
	[F_LOST] = { "lost", TOC_UINT, false, TOC_OPEN, NULL, "of these dropped by the kernel" },
	[F_SHARE] = { "lost_share", TOC_DOUBLE, false, TOC_OPEN, NULL, "lost of those that came" },
	[F_SILENT] = { "silent", TOC_DURATION, false, TOC_OPEN, "s", "since the last frame, or the start" },
};
const unsigned toc_blind_nfields = N_FIELDS;

struct seen {
	uint64_t came, lost;
	toc_time frame; /* when the count last grew */
	toc_time told;	/* of the silence */
};

struct toc_blind {
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	toc_time looked;
	struct seen seen[TOC_INTERFACES];
};

struct toc_blind *toc_blind_new(struct toc_intern *names)
{
	struct toc_blind *b = calloc(1, sizeof(*b));
	if (b)
		toc_intern_decls(names, toc_blind_fields, N_FIELDS, b->map);
	return b;
}

void toc_blind_free(struct toc_blind *b)
{
	free(b);
}

/* What came to all workers of an interface; they are in its order (live.c). */
static void add_up(const struct toc_pipeline *p, unsigned interface, unsigned *worker, uint64_t *came, uint64_t *lost)
{
	*came = *lost = 0;
	for (unsigned i = 0; i < p->config->interfaces[interface].workers && *worker < p->nworkers; i++) {
		struct toc_worker_tally t;
		toc_worker_tally_read(&p->workers[(*worker)++], &t);
		*came += t.came;
		*lost += t.lost;
	}
}

static struct toc_draft *begin(struct toc_blind *b, const char *interface, const char *reason, toc_time at)
{
	struct toc_draft *d = &b->draft;
	toc_draft_begin(d, b->map, EV_BLIND);
	d->head.ts = at;
	toc_put_cstr(d, F_INTERFACE, interface);
	toc_put_cstr(d, F_REASON, reason);
	return d;
}

static void look(struct toc_blind *b, struct seen *s, const char *name, uint64_t came, uint64_t lost,
		 struct toc_emit *emit, toc_time at)
{
	const uint64_t more = came - s->came, gone = lost - s->lost;
	if (more || !s->frame)
		s->frame = s->told = at;
	s->came = came;
	s->lost = lost;
	if (gone) {
		struct toc_draft *d = begin(b, name, "loss", at);
		toc_put_uint(d, F_CAME, more);
		toc_put_uint(d, F_LOST, gone);
		toc_put_double(d, F_SHARE, more ? (double)gone / (double)more : 1.0);
		emit->event(emit, d);
	}
	if (at - s->frame < silent_after || (s->told != s->frame && at - s->told < TOC_MIN))
		return;
	s->told = at;
	struct toc_draft *d = begin(b, name, "silence", at);
	toc_put_duration(d, F_SILENT, at - s->frame);
	emit->event(emit, d);
}

void toc_blind_tick(struct toc_blind *b, const struct toc_pipeline *p)
{
	const toc_time at = toc_engine_at(p->engine);
	unsigned worker = 0;
	if (at <= 0 || (at >= b->looked && at - b->looked < look_every))
		return;
	b->looked = at;
	for (unsigned i = 0; i < p->config->ninterfaces; i++) {
		uint64_t came, lost;
		add_up(p, i, &worker, &came, &lost);
		look(b, &b->seen[i], p->config->interfaces[i].name, came, lost, toc_engine_emit(p->engine), at);
	}
}
