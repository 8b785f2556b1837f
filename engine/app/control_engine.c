/* control_engine - the hand-over between control's thread and the engine's, which answers between two events. */
#include "app/control_state.h"

bool control_wait(struct toc_control *c)
{
	struct timespec until;
	int late = 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += CONTROL_WAIT_MS / 1000;
	while (!c->done && !late)
		late = pthread_cond_timedwait(&c->answered, &c->lock, &until);
	return c->done;
}

bool control_read_status(struct toc_control *c, struct control_status *out, FILE *words)
{
	pthread_mutex_lock(&c->lock);
	c->status_wanted = true;
	c->done = false;
	bool ok = control_wait(c);
	*out = c->status;
	c->status.exempted = NULL; /* the caller's now */
	c->status.counts = NULL;
	c->status.ncounts = 0;
	c->status_wanted = false;
	pthread_mutex_unlock(&c->lock);
	toc_rule_counts_sort(out->counts, out->ncounts);
	if (ok && c->courier)
		toc_courier_status(c->courier, &out->courier);
	out->delivers = c->courier != NULL;
	out->maintenances = c->windows ? &c->windows->list : NULL; /* changed by this thread's wish only */
	out->confinement = c->confinement;
	if (!ok) {
		control_status_free(out);
		fprintf(words, "refused: the engine does not answer\n");
	}
	return ok;
}

static toc_time now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (toc_time)t.tv_sec * TOC_SEC + t.tv_nsec;
}

static void switch_generation(struct toc_control *c)
{
	const toc_time began = now(CLOCK_MONOTONIC), worked = now(CLOCK_THREAD_CPUTIME_ID);
	c->old = toc_engine_switch(c->pipeline->engine, c->next);
	c->stood = now(CLOCK_MONOTONIC) - began;
	c->worked = now(CLOCK_THREAD_CPUTIME_ID) - worked;
	c->switched = c->old != c->next;
	if (c->switched)
		c->pipeline->generation = c->next;
	else
		c->old = NULL;
	if (c->switched)
		c->next = NULL;
}

/* What `who` asks about where it names no time: the stream's, and before there was any event the clock's. */
static toc_time asked_at(const struct toc_control *c)
{
	const toc_time at = c->question_at ? c->question_at : toc_engine_at(c->pipeline->engine);
	return at > 0 ? at : toc_steady_now(&c->pipeline->steady);
}

void toc_control_tick(struct toc_control *c)
{
	if (pthread_mutex_trylock(&c->lock) != 0)
		return; /* in the next tick */
	bool answers = !c->done && (c->next || c->status_wanted || c->question || c->windows_next);
	if (answers && c->next)
		switch_generation(c);
	if (answers && c->windows_next) { /* the old ones go where nobody waits */
		struct toc_maintenance_file *old = c->windows;
		toc_alerts_maintain(c->pipeline->alerts, &c->windows_next->list);
		c->windows = c->windows_next;
		c->windows_next = old;
	}
	if (answers && c->status_wanted) {
		control_status_read(&c->status, c->pipeline);
		toc_canary_status(c->canary, &c->status.canary);
	}
	if (answers && c->question)
		c->known = toc_identity_who(c->pipeline->identity, c->question, asked_at(c), c->told);
	if (answers) {
		c->done = true;
		pthread_cond_signal(&c->answered);
	}
	pthread_mutex_unlock(&c->lock);
}
