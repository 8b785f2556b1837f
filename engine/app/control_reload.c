/* control_reload - rules, certificates and who may send, read beside those that run, then switched. */
#include <malloc.h>

#include "app/control_state.h"

/* The generation becomes the engine's; the old one is freed here, where nobody waits. */
static bool hand_over(struct toc_control *c, struct toc_generation *g)
{
	pthread_mutex_lock(&c->lock);
	c->next = g;
	c->done = c->switched = false;
	bool ok = control_wait(c) && c->switched;
	struct toc_generation *free_one = ok ? c->old : c->next ? c->next : c->old;
	c->next = c->old = NULL;
	pthread_mutex_unlock(&c->lock);
	toc_generation_free(free_one);
	return ok;
}

/* Streams first: they have certificates, which may be wrong; datagrams have none. */
static bool give_listeners(const struct toc_control *c, const struct toc_listener *next, struct toc_diag *diag)
{
	bool ok = true;
	for (unsigned i = c->pipeline->nreceivings; ok && i-- > 0;)
		ok = toc_receiver_reload(c->pipeline->receivings[i].receiver, next, c->opener, diag);
	return ok;
}

/* Certificates of listeners, and who may send there. false: mistakes are in diag, and the old ones stay. */
static bool reload_listeners(struct toc_control *c, struct toc_diag *diag)
{
	struct toc_listener next[TOC_LISTENERS];
	if (!c->pipeline->nreceivings || !c->config->path)
		return give_listeners(c, c->config->listeners, diag);
	struct toc_config *read = toc_config_listeners_again(c->config, c->opener, diag), *free_one = read;
	const bool ok = read && toc_config_admission(c->config, read, next, diag) && give_listeners(c, next, diag);
	if (ok) {
		free_one = c->admission;
		c->admission = read;
	}
	toc_config_free(free_one);
	return ok;
}

/* Loads and switches. The words go to out, whatever happened; returns whether the new rules run. */
static bool load_and_switch(struct toc_control *c, FILE *out)
{
	struct toc_pipeline *p = c->pipeline;
	struct toc_diag *diag = toc_diag_new();
	unsigned documents = 0;
	bool listeners = reload_listeners(c, diag);
	struct toc_generation *g = listeners ? toc_pipeline_load_again(p, c->opener, &documents, diag) : NULL;
	unsigned errors = toc_diag_errors(diag);
	toc_diag_print(diag, out);
	toc_diag_free(diag);
	if (!g) {
		fprintf(out, "refused: %u errors; the %s stay\n", errors,
			listeners ? "rules that run"
				  : "listeners' certificates, allow and peers in use, and the rules,");
		return false;
	}
	bool ok = hand_over(c, g);
	if (ok)
		fprintf(out, "ok: %u rules; the engine stood still for %.1f ms, %.1f of them at work\n", documents,
			(double)c->stood / (double)TOC_MS, (double)c->worked / (double)TOC_MS);
	else
		fprintf(out,
			"refused: the engine did not take them (out of memory, or ending); the rules that run stay\n");
	return ok;
}

void control_reload(struct toc_control *c, FILE *out)
{
	toc_pulse_say(c->pulse, TOC_PULSE_RELOADING);
	toc_pulse_say(c->pulse, load_and_switch(c, out) ? TOC_PULSE_RELOADED : TOC_PULSE_REFUSED);
	/* Rules are many small pieces: those that went lie between those that stay, and would be kept for the next
	 * time. */
	malloc_trim(0);
}

void control_maintenance(struct toc_control *c, FILE *out)
{
	struct toc_diag *diag = toc_diag_new();
	struct toc_maintenance_file *f = toc_maintenance_read(c->opener, c->config->state, diag);
	toc_diag_print(diag, out);
	toc_diag_free(diag);
	if (!f) {
		fputs("refused: the windows that were announced before stay\n", out);
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->windows_next = f;
	c->done = false;
	bool ok = control_wait(c);
	f = c->windows_next; /* the old ones, or these, which were not taken */
	c->windows_next = NULL;
	const unsigned n = c->windows ? c->windows->list.n : 0;
	pthread_mutex_unlock(&c->lock);
	toc_maintenance_free(f);
	if (ok)
		fprintf(out, "ok: the sensor knows %u windows\n", n);
	else
		fputs("refused: the engine does not answer\n", out);
}
