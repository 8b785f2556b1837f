/* config_evidence - the section `evidence` of tocsin.yml: how much of packets and lines is kept, and how long. */
#include "app/config_read.h"

enum { MOST_MB = 1 << 24, LEAST_MB = 8 };

void config_evidence_defaults(struct toc_config *c)
{
	c->evidence = true;
	c->packet_bytes = UINT64_C(256) << 20;
	c->packet_age = 48 * TOC_HOUR;
	c->evidence_bytes = UINT64_C(256) << 20;
	c->evidence_age = 30 * TOC_DAY;
}

/* packets_mb: 0 where only lines are to be kept. */
static void read_packets_mb(struct config_reading *r, const struct toc_yaml *node)
{
	int64_t mb = (int64_t)(r->c->packet_bytes >> 20);
	config_number(r, node, 0, MOST_MB, &mb);
	if (mb > 0 && mb < LEAST_MB)
		config_mistake(r, node, "packets_mb is 0 (no packets) or at least 8");
	r->c->packet_bytes = (uint64_t)mb << 20;
}

void config_evidence(struct config_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "packets_mb", "packets_hours", "kept_mb", "kept_days", NULL };
	int64_t hours = r->c->packet_age / TOC_HOUR, days = r->c->evidence_age / TOC_DAY;
	int64_t mb = (int64_t)(r->c->evidence_bytes >> 20);
	if (node->kind == TOC_YAML_SCALAR) {
		toc_yaml_bool(node, &r->c->evidence, r->diag);
		return;
	}
	if (!config_is_map(r, node, "evidence"))
		return;
	toc_yaml_only(node, keys, "evidence", r->diag);
	read_packets_mb(r, toc_yaml_get(node, "packets_mb"));
	config_number(r, toc_yaml_get(node, "packets_hours"), 1, 24 * 30, &hours);
	config_number(r, toc_yaml_get(node, "kept_mb"), LEAST_MB, MOST_MB, &mb);
	config_number(r, toc_yaml_get(node, "kept_days"), 1, 3660, &days);
	r->c->packet_age = hours * TOC_HOUR;
	r->c->evidence_bytes = (uint64_t)mb << 20;
	r->c->evidence_age = days * TOC_DAY;
}
