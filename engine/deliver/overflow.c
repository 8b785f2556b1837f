/* overflow - a queue of records in memory, in order, drained before anything newer is written. */
#include "deliver/overflow.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "deliver/record.h"

struct waiting {
	struct waiting *next;
	struct toc_record *record;
	struct toc_alert about; /* what admission asks for: severity, state, at; nothing that is borrowed */
	size_t n;
};

struct toc_overflow {
	struct toc_journal *journal;
	size_t most;
	void (*lost)(void *user, const struct toc_alert *alert, int why);
	void *user;
	struct waiting *first, **end;
	struct toc_overflow_counters count;
};

struct toc_overflow *toc_overflow_new(struct toc_journal *journal, size_t most,
				      void (*lost)(void *user, const struct toc_alert *alert, int why), void *user)
{
	struct toc_overflow *o = calloc(1, sizeof(*o));
	if (!o)
		abort(); /* at start-up there is nothing to save */
	o->journal = journal;
	o->most = most ? most : (size_t)64 << 20;
	o->lost = lost;
	o->user = user;
	o->end = &o->first;
	return o;
}

static void pop(struct toc_overflow *o)
{
	struct waiting *w = o->first;
	o->first = w->next;
	if (!o->first)
		o->end = &o->first;
	atomic_fetch_sub(&o->count.waiting, 1);
	atomic_fetch_sub(&o->count.bytes, w->n);
	toc_record_free(w->record);
	free(w);
}

void toc_overflow_free(struct toc_overflow *o)
{
	while (o && o->first)
		pop(o);
	free(o);
}

bool toc_overflow_flush(struct toc_overflow *o)
{
	while (o->first && toc_journal_append_record(o->journal, &o->first->about, toc_record_bytes(o->first->record)))
		pop(o);
	return !o->first;
}

/* false: it has no place here either. */
static bool push(struct toc_overflow *o, const struct toc_alert *alert, struct toc_record *record, size_t n)
{
	size_t limit = o->most / 100 * toc_journal_share(alert->severity, alert->state);
	struct waiting *w = atomic_load(&o->count.bytes) + n <= limit ? calloc(1, sizeof(*w)) : NULL;
	if (!w)
		return false;
	w->record = record;
	w->n = n;
	w->about = (struct toc_alert){ .state = alert->state, .severity = alert->severity, .at = alert->at };
	*o->end = w;
	o->end = &w->next;
	atomic_fetch_add(&o->count.waiting, 1);
	atomic_fetch_add(&o->count.bytes, n);
	o->count.waited++;
	return true;
}

/* What the journal keeps no room for, by its order of admission, is not what memory is for. */
static bool may_wait(const struct toc_alert *alert, int why)
{
	return why != EMSGSIZE && (why != EDQUOT || toc_journal_share(alert->severity, alert->state) == 100);
}

static bool take(void *self, const struct toc_alert *alert)
{
	struct toc_overflow *o = self;
	struct toc_record *record = toc_record_new(alert);
	struct toc_span bytes = toc_record_bytes(record);
	int why = 0;
	bool ok = toc_overflow_flush(o) && toc_journal_append_record(o->journal, alert, bytes);
	if (!ok) {
		why = errno;
		if (may_wait(alert, why) && push(o, alert, record, bytes.n)) {
			o->count.why = why;
			return true;
		}
		o->count.lost++;
		if (o->lost)
			o->lost(o->user, alert, why);
	}
	toc_record_free(record);
	return ok;
}

const struct toc_overflow_counters *toc_overflow_count(const struct toc_overflow *o)
{
	return &o->count;
}

const struct toc_outlet toc_outlet_overflow = { "journal", take };
