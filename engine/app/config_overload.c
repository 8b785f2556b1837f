/* config_overload - the section `overload` of tocsin.yml: what is let go first when more comes than can be read. */
#include "app/config_read.h"

void config_overload_defaults(struct toc_config *c)
{
	c->shed = (struct toc_shed_config){ .pressure = { TOC_SHEDS, 250, 750, TOC_SEC } };
	for (unsigned i = 0; i < TOC_SHEDS; i++)
		c->shed.order[i] = (enum toc_shed)i;
}

static unsigned find(struct toc_span name)
{
	unsigned i = 0;
	while (i < TOC_SHEDS && !toc_span_is(name, toc_shed_name((enum toc_shed)i)))
		i++;
	return i;
}

/* A list of names, the first let go first; what it does not name is never let go. */
static void read_order(struct config_reading *r, const struct toc_yaml *node)
{
	struct toc_shed_config *shed = &r->c->shed;
	unsigned seen = 0;
	if (!node)
		return;
	if (node->kind != TOC_YAML_LIST) {
		config_mistake(r, node, "overload.order must be a list ([encrypted, large, files, payload])");
		return;
	}
	shed->pressure.levels = 0;
	for (unsigned i = 0; i < node->n; i++) {
		const char *text = toc_yaml_str(node->as.items[i]);
		const unsigned what = text ? find(node->as.items[i]->text) : TOC_SHEDS;
		if (what == TOC_SHEDS || seen >> what & 1) {
			config_mistake(r, node->as.items[i],
				       what == TOC_SHEDS ? "expected encrypted, large, files or payload"
							 : "it stands in the list twice");
			continue;
		}
		seen |= 1u << what;
		shed->order[shed->pressure.levels++] = (enum toc_shed)what;
	}
}

void config_overload(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "order", "begin_percent", "full_percent", "large_kb", "first_kb", NULL };
	struct toc_shed_config *shed = &r->c->shed;
	int64_t begin = shed->pressure.begin / 10, full = shed->pressure.full / 10, large = 0, first = 0;
	if (!config_is_map(r, node, "overload"))
		return;
	toc_yaml_only(node, keys, "overload", r->diag);
	read_order(r, toc_yaml_get(node, "order"));
	config_number(r, toc_yaml_get(node, "begin_percent"), 1, 99, &begin);
	config_number(r, toc_yaml_get(node, "full_percent"), 1, 99, &full);
	config_number(r, toc_yaml_get(node, "large_kb"), 1, 1 << 30, &large);
	config_number(r, toc_yaml_get(node, "first_kb"), 4, 1 << 30, &first);
	if (full < begin)
		config_mistake(r, node, "full_percent is below begin_percent (the last is let go before the first)");
	shed->pressure.begin = (unsigned)begin * 10;
	shed->pressure.full = (unsigned)full * 10;
	shed->large = (size_t)large * 1000;
	shed->first = (size_t)first * 1000;
}
