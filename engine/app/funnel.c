/* funnel - a function a stage. */
#include "app/funnel.h"

#include <inttypes.h>

static struct toc_funnel_stage *add(struct toc_funnel *f, const char *name, const char *unit, uint64_t in, uint64_t out)
{
	struct toc_funnel_stage *s = &f->at[f->n++];
	*s = (struct toc_funnel_stage){ .name = name, .unit = unit, .in = in, .out = out };
	return s;
}

static void lose(struct toc_funnel_stage *s, const char *name, uint64_t n)
{
	if (n && s->nlost < TOC_FUNNEL_COUNTS)
		s->lost[s->nlost++] = (struct toc_funnel_count){ name, n };
}

static void harm(struct toc_funnel_stage *s, const char *name, uint64_t n)
{
	if (n && s->nharm < TOC_FUNNEL_COUNTS)
		s->harm[s->nharm++] = (struct toc_funnel_count){ name, n };
}

/* What the workers published, together. */
static struct toc_worker_tally workers(const struct toc_pipeline *p)
{
	struct toc_worker_tally sum = { 0 };
	for (unsigned i = 0; i < p->nworkers; i++) {
		struct toc_worker_tally one;
		toc_worker_tally_read(&p->workers[i], &one);
		sum.came += one.came;
		sum.lost += one.lost;
		sum.events += one.events;
		sum.too_large += one.too_large;
		sum.decode.seen += one.decode.seen;
		sum.decode.packets += one.decode.packets;
		for (unsigned r = 0; r < TOC_NDROPS; r++)
			sum.decode.drops[r] += one.decode.drops[r];
#define FLOWCOUNT(name, text) sum.flow.name += one.flow.name;
#include "flow/count.def"
#undef FLOWCOUNT
	}
	return sum;
}

static void frames(struct toc_funnel *f, const struct toc_worker_tally *w)
{
	struct toc_funnel_stage *kernel = add(f, "kernel", "frames", w->came, w->came - w->lost);
	lose(kernel, "ring_full", w->lost);
	struct toc_funnel_stage *decode = add(f, "decode", "frames", w->decode.seen, w->decode.packets);
	for (unsigned r = 1; r < TOC_NDROPS; r++)
		lose(decode, toc_drop_name((enum toc_drop)r), w->decode.drops[r]);
	struct toc_funnel_stage *flow = add(f, "flow", "packets", w->flow.packets, w->flow.packets);
	const struct toc_funnel_count poorer[] = { { "flows_evicted", w->flow.flows_evicted },
						   { "segments_refused", w->flow.segments_refused },
						   { "shed_encrypted_bytes", w->flow.shed_encrypted_bytes },
						   { "shed_large_bytes", w->flow.shed_large_bytes },
						   { "shed_files_bytes", w->flow.shed_files_bytes },
						   { "shed_payload_bytes", w->flow.shed_payload_bytes },
						   { "gaps", w->flow.gaps },
						   { "unread_overflow", w->flow.unread_overflow },
						   { "expected_full", w->flow.expected_full },
						   { "inner_refused", w->flow.inner_refused },
						   { "memory_refused", w->flow.memory_refused } };
	for (size_t i = 0; i < sizeof(poorer) / sizeof(poorer[0]); i++)
		harm(flow, poorer[i].name, poorer[i].n);
}

/* Losses of whole messages; the others are of connections, or of a message's end. */
static bool is_of_lines(unsigned loss)
{
	return loss == TOC_LOSS_FLOOD || loss == TOC_LOSS_SIEVE || loss == TOC_LOSS_STRANGERS || loss == TOC_LOSS_KERNEL;
}

static void lines(struct toc_funnel *f, const struct toc_pipeline *p, uint64_t *events, uint64_t *too_large)
{
	uint64_t came = 0, lost[TOC_LOSSES] = { 0 }, gone = 0;
	struct toc_line_counters l = { 0 };
	for (unsigned i = 0; i < p->nreceivings; i++) {
		const struct toc_receiving *r = &p->receivings[i];
		toc_receiver_lock(r->receiver); /* its thread stands still */
		const struct toc_receiver_counters *c = toc_receiver_count(r->receiver);
		came += c->lines;
		for (unsigned k = 0; k < TOC_LOSSES; k++)
			lost[k] += c->lost[k];
		toc_line_counters_add(&l, toc_lines_count(r->direct));
		toc_line_counters_add(&l, toc_lines_count(r->relayed));
		*events += r->feed.events;
		*too_large += r->feed.too_large;
		toc_receiver_unlock(r->receiver);
	}
	for (unsigned k = 0; k < TOC_LOSSES; k++)
		gone += is_of_lines(k) ? lost[k] : 0;
	struct toc_funnel_stage *receive = add(f, "receive", "lines", came + gone, came);
	for (unsigned k = 0; k < TOC_LOSSES; k++)
		(is_of_lines(k) ? lose : harm)(receive, toc_loss_name((enum toc_loss)k), lost[k]);
	struct toc_funnel_stage *normalise = add(f, "normalise", "lines", l.lines, l.parsed + l.unparsed);
	lose(normalise, "empty", l.empty);
	harm(normalise, "unknown_form", l.unparsed);
	harm(normalise, "without_time", l.no_time);
	harm(normalise, "time_not_believed", l.time_not_believed);
	harm(normalise, "cut", l.truncated);
}

static void results(struct toc_funnel *f, const struct control_status *s, uint64_t events, uint64_t too_large)
{
	struct toc_funnel_stage *event = add(f, "event", "events", events + too_large, events);
	lose(event, "larger_than_ring", too_large);
	struct toc_funnel_stage *engine =
		add(f, "engine", "events", s->engine.events + s->engine.duplicates, s->engine.events);
	lose(engine, "certificate_again", s->engine.duplicates);
	harm(engine, "windows_evicted", s->correlate.cells_evicted);
	harm(engine, "hits_evicted", s->correlate.hits_evicted);
	harm(engine, "hits_without_key", s->correlate.missing_key);
	harm(engine, "hits_late", s->correlate.late);
	harm(engine, "episodes_evicted", s->alerts.episodes_evicted);
	harm(engine, "alerts_unrouted", s->alerts.unrouted);
	if (!s->delivers)
		return;
	const struct toc_courier_status *c = &s->courier;
	struct toc_funnel_stage *journal =
		add(f, "journal", "records", c->journal.appended + c->lost, c->journal.appended);
	lose(journal, "no_room", c->lost);
	harm(journal, "in_memory", c->in_memory);
	harm(journal, "waiting_bytes", c->waiting);
	harm(journal, "redis_errors", c->redis.errors);
}

void toc_funnel_read(struct toc_funnel *f, const struct control_status *s, const struct toc_pipeline *p)
{
	const struct toc_worker_tally w = workers(p);
	uint64_t events = w.events, too_large = w.too_large;
	f->n = 0;
	frames(f, &w);
	lines(f, p, &events, &too_large);
	results(f, s, events, too_large);
}

uint64_t toc_funnel_lost(const struct toc_funnel_stage *s)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < s->nlost; i++)
		sum += s->lost[i].n;
	return sum;
}

static void write_counts(const char *name, const struct toc_funnel_count *counts, unsigned n, FILE *out)
{
	fprintf(out, ",\"%s\":{", name);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s\"%s\":%" PRIu64, i ? "," : "", counts[i].name, counts[i].n);
	fputc('}', out);
}

void toc_funnel_write(const struct toc_funnel *f, FILE *out)
{
	fputc('[', out);
	for (unsigned i = 0; i < f->n; i++) {
		const struct toc_funnel_stage *s = &f->at[i];
		fprintf(out, "%s{\"stage\":\"%s\",\"unit\":\"%s\",\"in\":%" PRIu64 ",\"out\":%" PRIu64, i ? "," : "",
			s->name, s->unit, s->in, s->out);
		fprintf(out, ",\"lost_share\":%.9f", s->in ? (double)toc_funnel_lost(s) / (double)s->in : 0.0);
		write_counts("lost", s->lost, s->nlost, out);
		write_counts("harm", s->harm, s->nharm, out);
		fputc('}', out);
	}
	fputc(']', out);
}

static void print_counts(const struct toc_funnel_count *counts, unsigned n, FILE *out)
{
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%s %" PRIu64, i ? ", " : "", counts[i].name, counts[i].n);
}

void toc_funnel_print(const struct toc_funnel *f, FILE *out)
{
	fprintf(out, "%-10s %-8s %14s %14s %12s %9s  %s\n", "STAGE", "UNIT", "IN", "OUT", "LOST", "SHARE",
		"LOST BY REASON (POORER FOR)");
	for (unsigned i = 0; i < f->n; i++) {
		const struct toc_funnel_stage *s = &f->at[i];
		uint64_t lost = toc_funnel_lost(s);
		fprintf(out, "%-10s %-8s %14" PRIu64 " %14" PRIu64 " %12" PRIu64 " %8.4f%%  ", s->name, s->unit, s->in,
			s->out, lost, s->in ? 100.0 * (double)lost / (double)s->in : 0.0);
		print_counts(s->lost, s->nlost, out);
		fputs(s->nharm ? s->nlost ? " (" : "(" : "", out);
		print_counts(s->harm, s->nharm, out);
		fputs(s->nharm ? ")\n" : "\n", out);
	}
}
