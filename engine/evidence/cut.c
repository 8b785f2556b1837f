/* cut - what an alert asks for, and what is found for it. */
#include "evidence/cut.h"

#include <stdio.h>
#include <stdlib.h>

static bool has_uid(const struct cut *c, uint64_t uid)
{
	for (unsigned i = 0; i < c->nuids; i++)
		if (c->uids[i] == uid)
			return true;
	return false;
}

static void note_flow(struct cut *c, const struct toc_trace *t)
{
	c->from = !c->from || t->ts < c->from ? t->ts : c->from;
	c->to = t->at > c->to ? t->at : c->to;
	if (!has_uid(c, t->uid))
		c->uids[c->nuids++] = t->uid;
}

static void note_line(struct cut *c, const struct toc_trace *t)
{
	struct cut_line *line = &c->line[c->nlines++];
	*line = (struct cut_line){ .ts = t->ts, .at = c->lines.n, .n = t->line.n, .cut = t->cut };
	memcpy(line->sha256, t->sha256, sizeof(line->sha256));
	text_put(&c->lines, t->line);
}

struct cut *cut_new(const struct toc_alert *alert)
{
	struct cut *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	snprintf(c->id, sizeof(c->id), "%s", alert->id);
	snprintf(c->rule, sizeof(c->rule), "%s", alert->rule);
	c->revision = alert->revision;
	c->at = alert->at;
	c->evidence = alert->evidence;
	for (unsigned i = 0; i < alert->ntraces && i < CUT_TRACES; i++) {
		if (alert->traces[i].uid)
			note_flow(c, &alert->traces[i]);
		if (alert->traces[i].line.n)
			note_line(c, &alert->traces[i]);
	}
	if (c->nuids || c->nlines || alert->state == TOC_ALERT_OPEN)
		return c;
	cut_free(c);
	return NULL;
}

void cut_free(struct cut *c)
{
	if (!c)
		return;
	text_free(&c->lines);
	text_free(&c->packets);
	free(c);
}

size_t cut_bytes(const struct cut *c)
{
	return sizeof(*c) + c->lines.room;
}

void cut_offer(struct cut *c, const struct packet_record *r)
{
	if (!has_uid(c, r->uid))
		return;
	if (c->npackets == CUT_PACKETS || c->packets.n + r->size > CUT_BYTES) {
		c->left_out++;
		return;
	}
	text_put(&c->packets, toc_span_of(r, r->size));
	c->npackets++;
}
