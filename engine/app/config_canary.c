/* config_canary - `canary:` of tocsin.yml: how often the end-to-end canary is sent, and how many may be missed. */
#include "app/config_read.h"

void config_canary(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "every", "misses", NULL };
	int64_t misses = 2;
	toc_time every = 0;
	if (!config_is_map(r, node, "canary"))
		return;
	toc_yaml_only(node, keys, "canary", r->diag);
	config_number(r, toc_yaml_get(node, "misses"), 1, 100, &misses);
	if (!toc_yaml_get(node, "every"))
		config_mistake(r, node, "canary needs how often it is sent (every: 5m)");
	else if (toc_yaml_duration(toc_yaml_get(node, "every"), &every, r->diag) &&
		 (every < TOC_SEC || every > TOC_DAY))
		config_mistake(r, toc_yaml_get(node, "every"), "a canary is sent every second to once a day");
	r->c->canary_every = every;
	r->c->canary_misses = (unsigned)misses;
}
