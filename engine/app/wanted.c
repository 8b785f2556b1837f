/* wanted - kinds that are read to the decoders that emit them. */
#include "app/wanted.h"

#include <stdio.h>
#include <stdlib.h>

#include "flow/flow.h"

enum { MOST = 255, FIELDS = 64, NAME = 64 }; /* names in all; of them fields on demand, "decoder.field" */

struct toc_wanted {
	struct toc_wanted *older;
	bool all;
	unsigned n;
	const char *names[MOST + 1]; /* decoders' own, static; or in fields */
	unsigned nfields;
	char fields[FIELDS][NAME];
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

static bool among(const struct toc_fieldset *sets, unsigned n, toc_field field)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < sets[i].n; k++)
			if (sets[i].id[k] == field)
				return true;
	return false;
}

/* In what keys are made of, what is counted, and whom an alert is about; of whatever kind. */
static bool is_keyed(const struct toc_ruleset *r, toc_field field)
{
	bool is = false;
	for (unsigned i = 0; i < r->ncorrelations && !is; i++)
		for (unsigned k = 0; k < r->correlations[i].nrefs && !is; k++) {
			const struct toc_corr_ref *ref = &r->correlations[i].refs[k];
			is = among(ref->key, TOC_CORR_KEYS, field) || among(ref->value, TOC_CORR_VALUES, field) ||
			     among(&ref->second, 1, field) || among(&ref->novel, 1, field);
		}
	for (unsigned i = 0; i < r->ndetections + r->ncorrelations && !is; i++)
		is = among(r->alerts[i].key, TOC_EPISODE_KEYS, field) || among(&r->alerts[i].subject, 1, field);
	return is;
}

static void add_fields(struct toc_wanted *w, const struct readers *r, const struct toc_decoder *d)
{
	const struct toc_ruleset *rules = r->generation->rules;
	for (const uint16_t *at = d->on_demand; at && *at && w->n < MOST && w->nfields < FIELDS; at++) {
		unsigned kind = *at;
		while (d->fields[kind].type != TOC_KIND)
			kind--;
		const toc_field of = toc_intern_find(r->names, toc_span_str(d->fields[kind].name));
		const toc_field field = toc_intern_find(r->names, toc_span_str(d->fields[*at].name));
		if (!of || !field || !(toc_matcher_asks(rules->matcher, of, field) || is_keyed(rules, field)))
			continue;
		snprintf(w->fields[w->nfields], NAME, "%s.%s", d->name, d->fields[*at].name);
		w->names[w->n++] = w->fields[w->nfields++];
	}
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
	if (is_read(&r, "pe"))
		w->names[w->n++] = "pe";
	for (const struct toc_decoder *const *d = toc_decoders; *d; d++) {
		if (w->n < MOST && decoder_is_read(&r, *d))
			w->names[w->n++] = (*d)->name;
		add_fields(w, &r, *d);
	}
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
