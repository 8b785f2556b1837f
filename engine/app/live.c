/* live - interfaces to workers, with the clock where nothing comes. */
#include "app/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/command.h"
#include "base/log.h"

/* A frame may have waited so long in the kernel's block before it is given: an idle clock must stay behind that. */
static const toc_time block_wait = 120 * TOC_MS;

/* Once a second of the capture's clock: what the kernel could not hand over is part of what the alerts know. */
static void tally(struct toc_live_source *s, struct toc_frame *out)
{
	struct toc_capture_stats now;
	out->came = out->lost = 0;
	if (s->at / TOC_SEC == s->told)
		return;
	s->told = s->at / TOC_SEC;
	toc_capture_stats(s->capture, &now);
	out->came = (uint32_t)(now.kernel_received - s->last.kernel_received);
	out->lost = (uint32_t)(now.kernel_dropped - s->last.kernel_dropped);
	s->last = now;
}

static enum toc_read next(struct toc_source *self, struct toc_frame *out)
{
	struct toc_live_source *s = (struct toc_live_source *)self;
	enum toc_read got = toc_capture_next(s->capture, out);
	if (got == TOC_READ_FRAME) {
		out->ts = toc_steady_stamp(s->steady, out->ts, s->at);
		out->at = s->at = out->ts > s->at ? out->ts : s->at;
		tally(s, out);
		return got;
	}
	toc_time now = toc_steady_now(s->steady) - block_wait;
	s->at = now > s->at ? now : s->at;
	out->at = s->at;
	tally(s, out);
	return got;
}

static unsigned fill(struct toc_source *self)
{
	struct toc_live_source *s = (struct toc_live_source *)self;
	return toc_capture_fill(s->capture, toc_steady_now(s->steady) - s->at > block_wait);
}

static uint64_t waiting(struct toc_source *self)
{
	return toc_capture_waiting(((struct toc_live_source *)self)->capture);
}

static bool open_worker(struct toc_live_sources *l, struct toc_pipeline *p, unsigned interface, unsigned worker)
{
	const struct toc_interface *i = &p->config->interfaces[interface];
	const struct toc_live how = { .interface = i->name,
				      .filter = i->filter,
				      .iface = (uint16_t)interface,
				      .ring_mb = i->ring_mb,
				      .worker = worker,
				      .workers = i->workers,
				      .fanout = (uint16_t)((unsigned)getpid() * 31 + interface) };
	struct toc_live_source *s = &l->at[l->n];
	char err[512];
	s->source = (struct toc_source){ next, fill, waiting };
	s->interface = i;
	s->steady = &p->steady;
	s->capture = toc_capture_live(&how, err, sizeof(err));
	if (!s->capture) {
		toc_error("%s", err);
		return false;
	}
	l->n++;
	if (toc_pipeline_add_worker(p, &s->source, i))
		return true;
	toc_error("%s: too many workers, or out of memory", i->name);
	return false;
}

int toc_live_open(struct toc_live_sources *l, struct toc_pipeline *p)
{
	for (unsigned i = 0; i < p->config->ninterfaces; i++)
		for (unsigned w = 0; w < p->config->interfaces[i].workers; w++)
			if (!open_worker(l, p, i, w))
				return TOC_EXIT_ENVIRONMENT;
	return -1;
}

void toc_live_report(struct toc_live_sources *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct toc_capture_stats s;
		toc_capture_stats(l->at[i].capture, &s);
		fprintf(stderr,
			"capture  %s: %" PRIu64 " frames, %" PRIu64 " bytes; kernel saw %" PRIu64 ", dropped %" PRIu64
			"; interface dropped %" PRIu64 "\n",
			l->at[i].interface->name, s.frames, s.bytes, s.kernel_received, s.kernel_dropped,
			s.interface_dropped);
	}
}

bool toc_live_whole(const struct toc_live_sources *l, const struct toc_pipeline *p)
{
	bool whole = true;
	for (unsigned i = 0; i < l->n && i < p->nworkers; i++) {
		if (p->workers[i].ended != TOC_READ_BROKEN)
			continue;
		toc_error("%s: capture ended: %s", l->at[i].interface->name, toc_capture_error(l->at[i].capture));
		whole = false;
	}
	return whole;
}

bool toc_live_gone(const struct toc_live_sources *l, const struct toc_pipeline *p)
{
	for (unsigned i = 0; i < l->n && i < p->nworkers; i++)
		if (atomic_load_explicit(&p->workers[i].turns, memory_order_relaxed) == TOC_TURNS_ENDED)
			return true;
	return false;
}

void toc_live_close(struct toc_live_sources *l)
{
	for (unsigned i = 0; i < l->n; i++)
		toc_capture_close(l->at[i].capture);
	l->n = 0;
}
