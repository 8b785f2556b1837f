/* policy - the files under rules/policy: clauses that rules may cite; one that nobody wrote is a mistake. */
#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static const char *const verdicts[] = { "detectable", "partly", "unseen", "never", "duty", "formal", NULL };

static void take_clause(struct load *l, const char *policy, const char *version, const struct toc_yaml *node)
{
	static const char *const keys[] = { "id",	"clause", "verdict", "why",    "covered_by",
					    "evidence", "remedy", "exempt",  "breach", NULL };
	const char *id = toc_yaml_str(toc_yaml_get(node, "id")), *says = toc_yaml_str(toc_yaml_get(node, "clause"));
	const struct toc_yaml *verdict = toc_yaml_get(node, "verdict");
	bool known = false, breach = false;
	toc_yaml_only(node, keys, "a clause", l->diag);
	if (toc_yaml_get(node, "breach"))
		toc_yaml_bool(toc_yaml_get(node, "breach"), &breach, l->diag);
	for (unsigned i = 0; toc_yaml_str(verdict) && verdicts[i]; i++)
		known |= strcmp(toc_yaml_str(verdict), verdicts[i]) == 0;
	if (!id || !says || !known) {
		mistake(l, node,
			"a clause has id, clause (in our own words) and verdict: detectable, partly, unseen, "
			"never, duty or formal");
		return;
	}
	const char **name = table_add(l, &l->clauses, sizeof(*name));
	*name = toc_arena_printf(l->arena, "%s/%s#%s", policy, version, id);
	if (breach)
		*(const char **)table_add(l, &l->breaches, sizeof(*name)) = *name;
	if (!index_put(l->arena, &l->clause_index, toc_span_str(*name), l->clauses.n - 1, NULL))
		mistake(l, node, "the clause %s stands twice", *name);
}

void policy_take(struct load *l, const struct toc_yaml *root)
{
	static const char *const keys[] = { "policy", "version", "title", "what", "clauses", NULL };
	const char *policy = toc_yaml_str(toc_yaml_get(root, "policy"));
	const char *version = toc_yaml_str(toc_yaml_get(root, "version"));
	const struct toc_yaml *clauses = toc_yaml_get(root, "clauses");
	if (!policy || !version || !clauses || clauses->kind != TOC_YAML_LIST) {
		mistake(l, root, "a policy is a map with policy, version and clauses: a list");
		return;
	}
	toc_yaml_only(root, keys, "a policy", l->diag);
	for (unsigned i = 0; i < clauses->n; i++)
		take_clause(l, policy, version, clauses->as.items[i]);
}

void policy_check(struct load *l, const struct toc_yaml *at, const char *clause)
{
	unsigned i;
	if (!l->clauses.n || index_get(&l->clause_index, toc_span_str(clause), &i))
		return; /* a site without any policy cites what it likes */
	const char **names = toc_arena_alloc(l->arena, (l->clauses.n + 1) * sizeof(*names));
	memcpy(names, l->clauses.at, l->clauses.n * sizeof(*names));
	const char *near = toc_nearest(toc_span_str(clause), names);
	tell(l, at, (struct finding){ TOC_ERROR, "unknown-clause", near, 0, 0 },
	     "no policy has a clause \"%s\"%s%s%s; rules/policy lists them", clause, near ? " (" : "", near ? near : "",
	     near ? "?)" : "");
}

bool policy_is_breach(const struct load *l, const char *const *clauses)
{
	const char *const *breaches = l->breaches.at;
	for (; *clauses; clauses++)
		for (unsigned i = 0; i < l->breaches.n; i++)
			if (strcmp(*clauses, breaches[i]) == 0)
				return true;
	return false;
}
