/* subject - whole values of the sensor's copy, and the names that are sealed with it. */
#include "app/subject.h"

#include <stdlib.h>

#include "alert/reveal.h"
#include "cli/tree.h"

/* Whole values: "ann" is not in "joanna". */
static bool has_value(const struct cli_node *node, struct toc_span who)
{
	for (const struct cli_node *c = node ? node->child : NULL; c; c = c->next)
		if (toc_span_ieq(c->text, who) || has_value(c, who))
			return true;
	return false;
}

static bool is_in(struct toc_span json, const char *who)
{
	struct toc_arena *arena = toc_arena_new();
	const bool is = has_value(cli_tree_read(arena, json), toc_span_str(who));
	toc_arena_free(arena);
	return is;
}

bool toc_subject_in(const struct toc_config *config, const struct toc_journal_record *r, const char *who)
{
	if (is_in(r->copies[0].json, who))
		return true;
	char *names = r->sealed.n ? toc_reveal(config->site_key, r->school_year, r->id, r->revision, r->sealed) : NULL;
	const bool is = names && is_in(toc_span_str(names), who);
	free(names);
	return is;
}
