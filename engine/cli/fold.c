/* fold - deeds in the order of the server's clock to how an alert stands; who had not seen the last one changes
 * nothing. */
#include "cli/board.h"

#include <stdlib.h>
#include <string.h>

#include "cli/fold.h"

static int by_time(const void *a, const void *b)
{
	const struct cli_event *x = *(struct cli_event *const *)a, *y = *(struct cli_event *const *)b;
	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return strcmp(x->person, y->person); /* two streams, one moment: the same order for every reader */
}

static const struct cli_event *event_of(const struct cli_alert *a, const char *id)
{
	for (unsigned i = 0; i < a->nevents; i++)
		if (strcmp(a->events[i]->id, id) == 0)
			return a->events[i];
	return NULL;
}

static void on_ack(struct cli_alert *a, const struct cli_event *e)
{
	a->now.acked = true;
	a->now.verdict = e->verdict ? e->verdict : a->now.verdict;
	a->now.assignee = a->now.assignee ? a->now.assignee : e->person;
	a->acked_rev = e->rev;
}

static void on_assign(struct cli_alert *a, const struct cli_event *e)
{
	a->now.assignee = e->to ? e->to : e->person;
}

static void on_escalate(struct cli_alert *a, const struct cli_event *e)
{
	a->now.escalated = true;
	a->now.to = e->to;
}

static void on_close(struct cli_alert *a, const struct cli_event *e)
{
	a->now.acked = a->now.closed = true;
	a->now.verdict = e->verdict ? e->verdict : a->now.verdict;
}

static void on_exempt(struct cli_alert *a, const struct cli_event *e)
{
	a->now.exempt = e;
}

/* Back to before the deed that it follows; an undo of an undo does it again. */
static void on_undo(struct cli_alert *a, const struct cli_event *e)
{
	const struct cli_event *undone = event_of(a, e->on);
	if (undone)
		a->now = undone->before;
}

static void (*const effects[CLI_DEEDS])(struct cli_alert *a, const struct cli_event *e) = {
	[CLI_ACK] = on_ack,	[CLI_ASSIGN] = on_assign, [CLI_ESCALATE] = on_escalate,
	[CLI_CLOSE] = on_close, [CLI_EXEMPT] = on_exempt, [CLI_UNDO] = on_undo
};

/* The deed that its author saw last was removed by retention: the first that is left follows it. */
static bool follows_what_is_gone(const struct cli_alert *a, const struct cli_event *e)
{
	return strcmp(a->head, "-") == 0 && e->on[0] && strcmp(e->on, "-") != 0 && !event_of(a, e->on);
}

void cli_fold(struct cli_alert *a)
{
	a->now = (struct cli_standing){ 0 };
	memcpy(a->head, "-", sizeof("-"));
	a->conflicts = a->acked_rev = 0;
	if (a->nevents)
		qsort(a->events, a->nevents, sizeof(a->events[0]), by_time);
	for (unsigned i = 0; i < a->nevents; i++) {
		struct cli_event *e = a->events[i];
		e->conflict = false;
		if (e->deed == CLI_NOTE)
			continue; /* said is said */
		e->conflict = strcmp(e->on, a->head) != 0 && !follows_what_is_gone(a, e);
		if (e->conflict) {
			a->conflicts++;
			continue;
		}
		e->before = a->now;
		effects[e->deed](a, e);
		a->now.by = e->person;
		memcpy(a->head, e->id, sizeof(a->head));
	}
}
