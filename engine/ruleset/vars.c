/* vars - a site's own values for the literals that rules name (tocsin.vars), from vars.yml. */
#include <string.h>

#include "ruleset/load.h"

struct var {
	const char *name;
	const struct toc_yaml *value;
	bool used;
};

void vars_take(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP)
		mistake(l, root, "vars.yml is a map of names to values");
	for (unsigned i = 0; root->kind == TOC_YAML_MAP && i < root->n; i++) {
		struct var *v = table_add(l, &l->vars, sizeof(*v));
		*v = (struct var){ toc_yaml_str(root->as.pairs[i].key), root->as.pairs[i].value, false };
		index_set(l->arena, &l->var_index, root->as.pairs[i].key->text, l->vars.n - 1); /* later files win */
	}
}

/* The node that a dotted path leads to; keys may hold dots themselves, so the longest key that fits goes first. */
static const struct toc_yaml *follow(const struct toc_yaml *node, struct toc_span path)
{
	if (path.n == 0)
		return node;
	for (unsigned i = 0; node->kind == TOC_YAML_MAP && i < node->n; i++) {
		struct toc_span key = node->as.pairs[i].key->text;
		bool fits = path.n >= key.n && memcmp(path.p, key.p, key.n) == 0 &&
			    (path.n == key.n || path.p[key.n] == '.');
		const struct toc_yaml *found =
			fits ? follow(node->as.pairs[i].value, toc_span_from(path, key.n + 1)) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

static void apply_one(struct load *l, const struct doc *doc, const struct toc_yaml *name, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "at", "unit", "why", NULL };
	const char *at = toc_yaml_str(toc_yaml_get(entry, "at"));
	toc_yaml_only(entry, keys, "a variable", l->diag);
	const struct toc_yaml *target = at ? follow(doc->root, toc_span_str(at)) : NULL;
	if (!target || target->kind != TOC_YAML_SCALAR) {
		mistake(l, entry, "`at` must be the path of a value in this rule, such as correlation.condition.gte");
		return;
	}
	unsigned i;
	if (!index_get(&l->var_index, name->text, &i))
		return;
	struct var *var = (struct var *)l->vars.at + i;
	var->used = true;
	if (var->value->kind != TOC_YAML_SCALAR)
		mistake(l, var->value, "a variable's value is a single number or string");
	else if (scalar_read(target).kind == SCALAR_NUMBER && scalar_read(var->value).kind != SCALAR_NUMBER)
		mistake(l, var->value, "\"%s\" stands for a number: \"%.64s\" is none", name->text.n ? toc_yaml_str(name) : "",
			toc_yaml_str(var->value) ? toc_yaml_str(var->value) : "");
	else
		toc_yaml_replace(target, var->value);
}

void vars_apply(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *vars = toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "vars");
	for (unsigned i = 0; vars && vars->kind == TOC_YAML_MAP && i < vars->n; i++)
		apply_one(l, doc, vars->as.pairs[i].key, vars->as.pairs[i].value);
}

void vars_check(struct load *l)
{
	const struct var *vars = l->vars.at;
	unsigned last;
	for (unsigned i = 0; i < l->vars.n; i++)
		if (!vars[i].used && index_get(&l->var_index, toc_span_str(vars[i].name), &last) && last == i)
			tell(l, vars[i].value, (struct finding){ TOC_WARNING, "unused-variable", NULL, 0, 0 },
			     "no loaded rule has a variable \"%s\"", vars[i].name);
}
