/* shedding - from the fill of a queue to what decode and flow leave undone. */
#include "app/shedding.h"

#include <stdio.h>

#include "base/log.h"

void toc_shedding_init(struct toc_shedding *s, const struct toc_shed_config *config, const char *name)
{
	s->config = config;
	s->name = name;
	s->told = INT64_MIN / 2;
	toc_pressure_init(&s->pressure);
	atomic_init(&s->what, 0);
}

const char *toc_shedding_text(unsigned what, char *out)
{
	size_t n = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < TOC_SHEDS; i++)
		if (what >> i & 1)
			n += (size_t)snprintf(out + n, TOC_SHED_TEXT - n, "%s%s", n ? ", " : "",
					      toc_shed_name((enum toc_shed)i));
	return out;
}

/* The beginning, at most once a minute: a load that comes and goes is told by status. */
static void tell(struct toc_shedding *s, unsigned what, toc_time at)
{
	char text[TOC_SHED_TEXT];
	if (at - s->told < TOC_MIN)
		return;
	s->told = at;
	toc_warn("%s: more comes than can be read; let go is %s (docs/operating.md, Overload)", s->name,
		 toc_shedding_text(what, text));
}

void toc_shedding_step(struct toc_shedding *s, unsigned fill, toc_time at, struct toc_decode *d, struct toc_flows *f)
{
	const unsigned before = s->pressure.level;
	const unsigned level = toc_pressure_step(&s->pressure, &s->config->pressure, fill, at);
	unsigned what = 0;
	if (level == before)
		return;
	for (unsigned i = 0; i < level; i++)
		what |= 1u << s->config->order[i];
	toc_decode_lazy(d, what >> TOC_SHED_encrypted & 1);
	toc_flows_shed(f, what);
	atomic_store_explicit(&s->what, what, memory_order_relaxed);
	if (!before)
		tell(s, what, at);
}
