/* wanted - kinds that are read to the decoders that emit them. */
#include "app/wanted.h"

#include <stdlib.h>

#include "flow/flow.h"

enum { MOST = 255 }; /* decoders, and "files" */

struct toc_wanted {
	struct toc_wanted *older;
	bool all;
	unsigned n;
	const char *names[MOST + 1]; /* decoders' own, static */
	struct payload_wish payloads[TOC_PAYLOADS + 1];
};

struct readers {
	const struct toc_generation *generation;
	const struct toc_identity *identity;
	const struct toc_observe *observe;
	const struct toc_intern *names;
};

static bool sleeps_without(const struct toc_ruleset *r, toc_field kind)
{
	for (unsigned i = 0; i < r->ncorrelations; i++)
		for (unsigned k = 0; k < r->correlations[i].nneeds; k++)
			if (r->correlations[i].needs[k] == kind)
				return true;
	return false;
}

static bool is_read(const struct readers *r, const char *name)
{
	toc_field kind = toc_intern_find(r->names, toc_span_str(name));
	return kind &&
	       (toc_matcher_reads(r->generation->rules->matcher, kind) || sleeps_without(r->generation->rules, kind) ||
		toc_identity_reads(r->identity, kind) || toc_observe_reads(r->observe, kind));
}

static bool decoder_is_read(const struct readers *r, const struct toc_decoder *d)
{
	if (d->lines)
		return true;
	for (unsigned i = 0; i < d->nfields; i++)
		if (d->fields[i].type == TOC_KIND && is_read(r, d->fields[i].name))
			return true;
	return false;
}

struct toc_wanted *toc_wanted_new(struct toc_wanted *older, const struct toc_generation *g,
				  const struct toc_identity *identity, const struct toc_observe *observe,
				  const struct toc_intern *names)
{
	const struct readers r = { g, identity, observe, names };
	struct toc_wanted *w = calloc(1, sizeof(*w));
	if (!w)
		abort(); /* at load there is nothing to save */
	w->older = older;
	w->all = is_read(&r, "weird") || is_read(&r, "tunnel");
	if (is_read(&r, "files"))
		w->names[w->n++] = "files";
	for (const struct toc_decoder *const *d = toc_decoders; *d; d++)
		if (w->n < MOST && decoder_is_read(&r, *d))
			w->names[w->n++] = (*d)->name;
	toc_payloads_find(g->rules, names, w->payloads);
	return w;
}

void toc_wanted_free(struct toc_wanted *w)
{
	while (w) {
		struct toc_wanted *older = w->older;
		free(w);
		w = older;
	}
}

const char *const *toc_wanted_names(const struct toc_wanted *w)
{
	return w->all ? NULL : w->names;
}

const struct payload_wish *toc_wanted_payloads(const struct toc_wanted *w)
{
	return w->payloads;
}
