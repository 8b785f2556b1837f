/* payloads - rules to kinds to the decoders that emit them. */
#include "app/payloads.h"

#include "flow/flow.h"

enum { CHAIN = 8 /* correlations of correlations */ };

static bool judges(const struct toc_ruleset *r, uint32_t rule, const struct toc_decoder *d,
		   const struct toc_intern *names)
{
	for (unsigned i = 0; i < d->nfields; i++) {
		const toc_field kind =
			d->fields[i].type == TOC_KIND ? toc_intern_find(names, toc_span_str(d->fields[i].name)) : 0;
		if (kind && toc_matcher_judges(r->matcher, rule, kind))
			return true;
	}
	return false;
}

/* Is the rule, or one that it counts, judged on what this decoder emits? */
static bool reads(const struct toc_ruleset *r, uint32_t rule, const struct toc_decoder *d,
		  const struct toc_intern *names, unsigned depth)
{
	if (rule < r->ndetections)
		return judges(r, rule, d, names);
	const struct toc_corr_rule *c = &r->correlations[rule - r->ndetections];
	for (unsigned i = 0; i < c->nrefs && depth < CHAIN; i++)
		if (reads(r, c->refs[i].rule, d, names, depth + 1))
			return true;
	return false;
}

static uint16_t wish_for(const struct toc_ruleset *r, const struct toc_decoder *d, const struct toc_intern *names)
{
	uint16_t most = 0;
	for (uint32_t rule = 0; rule < r->ndetections + r->ncorrelations; rule++) {
		const struct toc_evidence_rule *e = &r->alerts[rule].evidence;
		if ((!e->none && !e->payload) || !reads(r, rule, d, names, 0))
			continue;
		if (e->none)
			return 0;
		most = e->payload > most ? e->payload : most;
	}
	return most;
}

void toc_payloads_find(const struct toc_ruleset *rules, const struct toc_intern *names,
		       struct payload_wish out[TOC_PAYLOADS + 1])
{
	unsigned n = 0;
	for (const struct toc_decoder *const *d = toc_decoders; *d && n < TOC_PAYLOADS; d++) {
		const uint16_t bytes = packets_is_mail((*d)->name, strlen((*d)->name)) ? 0 : wish_for(rules, *d, names);
		if (bytes)
			out[n++] = (struct payload_wish){ (*d)->name, bytes };
	}
	out[n] = (struct payload_wish){ NULL, 0 };
}
