/* pressure - thresholds on a line, half of one for the way back. */
#include "base/pressure.h"

/* The fill at which level n, from 1, begins. */
static unsigned threshold(const struct toc_pressure_config *c, unsigned n)
{
	return c->levels < 2 ? c->begin : c->begin + (c->full - c->begin) * (n - 1) / (c->levels - 1);
}

void toc_pressure_init(struct toc_pressure *p)
{
	*p = (struct toc_pressure){ .since = TOC_NEVER };
}

unsigned toc_pressure_step(struct toc_pressure *p, const struct toc_pressure_config *config, unsigned fill, toc_time at)
{
	unsigned level = p->level;
	while (level < config->levels && fill >= threshold(config, level + 1))
		level++;
	if (level > p->level || !level || fill >= threshold(config, level) / 2) {
		p->level = level;
		p->since = TOC_NEVER;
	} else if (p->since == TOC_NEVER || at < p->since) {
		p->since = at;
	} else if (at - p->since >= config->calm) {
		p->level--;
		p->since = at;
	}
	return p->level;
}
