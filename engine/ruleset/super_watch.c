/* super_watch - `absent`, `new`, `baseline`, `period`: what is compared with what was before. */
#include <string.h>

#include "correlate/correlate.h"
#include "ruleset/super.h"

static bool read_duration(struct load *l, const struct toc_yaml *map, const char *key, toc_time most, toc_time *out)
{
	const struct toc_yaml *node = toc_yaml_get(map, key);
	if (!node)
		return false;
	if (!toc_yaml_duration(node, out, l->diag))
		return false;
	if (*out > most)
		mistake(l, node, "%s is %lld days at most", key, (long long)(most / TOC_DAY));
	return *out <= most;
}

static bool only_less_than_one(const struct toc_corr_rule *out)
{
	return out->nbounds == 1 && out->bounds[0].op == TOC_CORR_LT && out->bounds[0].value >= 1 &&
	       out->bounds[0].value <= 1;
}

/* '%sources%' */
static const struct toc_list *read_list(struct load *l, const struct toc_yaml *node)
{
	struct toc_span name = node->text;
	if (name.n < 3 || name.p[0] != '%' || name.p[name.n - 1] != '%') {
		mistake(l, node, "keys is `learned`, or a list ('%%sources%%')");
		return NULL;
	}
	const struct toc_list *list = lists_find(l, node, toc_span_of(name.p + 1, name.n - 2));
	if (list && toc_list_type_of(list) == TOC_LIST_DOMAIN)
		mistake(l, node, "a list of domain suffixes does not say which keys there are");
	return list;
}

void super_absent(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out)
{
	static const char *const names[] = { "keys", "active", "gap_factor", NULL };
	const struct toc_yaml *keys = toc_yaml_get(node, "keys"), *factor = toc_yaml_get(node, "gap_factor");
	if (!super_map(l, node, names, "absent"))
		return;
	if (out->kind != toc_corr_kind_find("event_count") || !only_less_than_one(out)) {
		mistake(l, node, "absent goes with type: event_count and condition: {lt: 1}");
		return;
	}
	if (!toc_yaml_str(keys)) {
		mistake(l, node, "absent needs keys: learned, or a list ('%%sources%%')");
		return;
	}
	out->absent.on = true;
	out->absent.active = TOC_DAY;
	read_duration(l, node, "active", 366 * TOC_DAY, &out->absent.active);
	if (factor)
		super_number(l, factor, 1, 1000, "gap_factor", &out->absent.gap_factor);
	if (!toc_span_is(keys->text, "learned"))
		out->absent.list = read_list(l, keys);
	if (out->absent.list && out->nkeys != 1)
		mistake(l, keys, "with a list of keys group-by has one field");
	if (!out->nkeys)
		mistake(l, node, "absent needs a group-by: whose silence?");
}

void super_new(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_corr_rule *out,
	       struct toc_corr_ref *refs, const char *const *names)
{
	static const char *const keys[] = { "field", "scope", "learn", "forget", NULL };
	const struct toc_yaml *field = toc_yaml_get(node, "field"), *scope = toc_yaml_get(node, "scope");
	if (!super_map(l, node, keys, "new"))
		return;
	if (!toc_yaml_str(field)) {
		mistake(l, node, "new needs its field (field: dst_domain)");
		return;
	}
	out->novel.on = true;
	out->novel.by_key = scope && toc_yaml_str(scope) && strcmp(toc_yaml_str(scope), "key") == 0;
	if (scope && !out->novel.by_key && !(toc_yaml_str(scope) && strcmp(toc_yaml_str(scope), "site") == 0))
		mistake(l, scope, "scope is site (nobody here had it) or key (this key never had it)");
	out->novel.learn = 14 * TOC_DAY;
	out->novel.forget = 90 * TOC_DAY;
	read_duration(l, node, "learn", 366 * TOC_DAY, &out->novel.learn);
	read_duration(l, node, "forget", 1830 * TOC_DAY, &out->novel.forget);
	if (out->novel.forget <= out->timespan)
		mistake(l, node, "forget must be longer than the timespan");
	for (unsigned i = 0; i < out->nrefs; i++) {
		uint8_t place;
		if (refs[i].chained)
			mistake(l, field, "new is for correlations over detection rules");
		else
			refs[i].novel =
				correlation_field(l, doc, docs_find(l, names[i]), field, toc_yaml_str(field), &place);
	}
}

void super_baseline(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out)
{
	static const char *const keys[] = { "season", "history", "min", "factor", NULL };
	const struct toc_yaml *season = toc_yaml_get(node, "season"), *factor = toc_yaml_get(node, "factor");
	const toc_time week = 7 * TOC_DAY;
	toc_time history = 4 * week;
	if (!super_map(l, node, keys, "baseline"))
		return;
	if (toc_corr_kind_is_temporal(out->kind)) {
		mistake(l, node, "baseline goes with types that count or sum, not with temporal ones");
		return;
	}
	if (season && !(toc_yaml_str(season) && strcmp(toc_yaml_str(season), "hour_of_week") == 0))
		mistake(l, season, "the season of a baseline is hour_of_week");
	out->baseline.least = 2 * week;
	read_duration(l, node, "history", 26 * week, &history);
	read_duration(l, node, "min", 26 * week, &out->baseline.least);
	if (history < week || out->baseline.least < week || out->baseline.least > history)
		mistake(l, node, "history and min are weeks (a week at least), and min is not longer than history");
	if (!factor)
		mistake(l, node, "baseline needs factor: how many times the usual");
	else
		super_number(l, factor, 0.01, 1e6, "factor", &out->baseline.factor);
	out->baseline.weeks = (unsigned)(history / week);
}

void super_period(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_corr_rule *out,
		  struct toc_corr_ref *refs, const char *const *names)
{
	static const char *const keys[] = { "jitter", "size_cv", "field", NULL };
	const struct toc_yaml *jitter = toc_yaml_get(node, "jitter"), *cv = toc_yaml_get(node, "size_cv");
	const struct toc_yaml *field = toc_yaml_get(node, "field");
	if (!super_map(l, node, keys, "period"))
		return;
	if (out->kind != toc_corr_kind_find("event_count")) {
		mistake(l, node, "period goes with type: event_count (how many hits make a beat: gte)");
		return;
	}
	out->period.on = true;
	if (jitter)
		super_number(l, jitter, 0.001, 10, "jitter", &out->period.jitter);
	if (cv)
		super_number(l, cv, 0.001, 10, "size_cv", &out->period.size_cv);
	if (!jitter && !cv)
		mistake(l, node, "period needs jitter, size_cv, or both");
	if (field && !cv)
		mistake(l, field, "the field is what size_cv measures");
	for (unsigned i = 0; cv && i < out->nrefs; i++) {
		uint8_t place;
		const char *name = field && toc_yaml_str(field) ? toc_yaml_str(field) : "orig_bytes";
		refs[i].second = correlation_field(l, doc, docs_find(l, names[i]), field ? field : node, name, &place);
	}
}
