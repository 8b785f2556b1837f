/* config_retention - the section `retention` of tocsin.yml: how long what is kept is kept, and who answers for it. */
#include "app/config_read.h"

enum { MOST_DAYS = 36600 };

void config_retention_defaults(struct toc_config *c)
{
	c->retention = (struct toc_retention){ .alerts = 365, .health = 30, .audit = 7 * 365 + 2 };
}

void config_retention(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "owner", "alerts_days", "health_days", "audit_days", NULL };
	struct toc_retention *out = &r->c->retention;
	const struct {
		const char *key;
		unsigned *out;
	} days[] = { { "alerts_days", &out->alerts }, { "health_days", &out->health }, { "audit_days", &out->audit } };
	if (!config_is_map(r, node, "retention"))
		return;
	toc_yaml_only(node, keys, "retention", r->diag);
	config_str(r, toc_yaml_get(node, "owner"), &out->owner);
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		int64_t n = *days[i].out;
		config_number(r, toc_yaml_get(node, days[i].key), 1, MOST_DAYS, &n);
		*days[i].out = (unsigned)n;
	}
	out->at = node;
}

/* Who looked at something is known as long as the thing is (policy.md SYS-12). */
void config_retention_check(struct config_reading *r)
{
	const struct toc_retention *k = &r->c->retention;
	const toc_time audit = k->audit * TOC_DAY;
	if (k->at && (k->audit < k->alerts || audit < r->c->evidence_age))
		config_mistake(r, k->at,
			       "audit_days is the longest of all: not below alerts_days and evidence.kept_days");
}
