/* summary - what went in, what came out and what was dropped, a line a stage, on stderr. */
#include <inttypes.h>
#include <stdio.h>

#include "app/pipeline.h"
#include "base/log.h"

struct drops {
	uint64_t seen, packets, dropped[TOC_NDROPS];
};

static void frames(const struct toc_pipeline *p)
{
	struct drops d = { 0 };
	for (unsigned i = 0; i < p->nworkers; i++) {
		const struct toc_decode_counters *c = toc_decode_count(p->workers[i].decode);
		d.seen += c->seen;
		d.packets += c->packets;
		for (unsigned r = 0; r < TOC_NDROPS; r++)
			d.dropped[r] += c->drops[r];
	}
	if (!d.seen)
		return;
	fprintf(stderr, "decode   %" PRIu64 " frames, %" PRIu64 " packets", d.seen, d.packets);
	for (unsigned r = 1; r < TOC_NDROPS; r++)
		if (d.dropped[r])
			fprintf(stderr, ", %s %" PRIu64, toc_drop_name((enum toc_drop)r), d.dropped[r]);
	fputc('\n', stderr);
}

static void flows(const struct toc_pipeline *p)
{
	struct toc_flow_counters sum = { 0 };
	for (unsigned i = 0; i < p->nworkers; i++) {
		const struct toc_flow_counters *c = toc_flows_count(p->workers[i].flows);
#define FLOWCOUNT(name, text) sum.name += c->name;
#include "flow/count.def"
#undef FLOWCOUNT
	}
	if (!sum.packets)
		return;
	fprintf(stderr, "flow     %" PRIu64 " packets", sum.packets);
#define FLOWCOUNT(name, text)                                                                                          \
	if (sum.name && sum.name != sum.packets)                                                                       \
		fprintf(stderr, ", %s %" PRIu64, #name, sum.name);
#include "flow/count.def"
#undef FLOWCOUNT
	fputc('\n', stderr);
}

static void lines(const struct toc_pipeline *p)
{
	struct toc_line_counters s = { 0 };
	for (unsigned i = 0; i < p->nliners; i++)
		if (p->liners[i].lines)
			toc_line_counters_add(&s, toc_lines_count(p->liners[i].lines));
	for (unsigned i = 0; i < p->nworkers; i++)
		if (p->workers[i].syslog.lines)
			toc_line_counters_add(&s, toc_lines_count(p->workers[i].syslog.lines));
	for (unsigned i = 0; i < p->nreceivings; i++) {
		toc_line_counters_add(&s, toc_lines_count(p->receivings[i].direct));
		toc_line_counters_add(&s, toc_lines_count(p->receivings[i].relayed));
	}
	if (!s.lines)
		return;
	fprintf(stderr, "lines    %" PRIu64 " lines, %" PRIu64 " known, %" PRIu64 " kept as syslog, %" PRIu64 " empty",
		s.lines, s.parsed, s.unparsed, s.empty);
	if (s.no_time || s.time_not_believed || s.truncated)
		fprintf(stderr, ", without time %" PRIu64 ", time not believed %" PRIu64 ", cut %" PRIu64, s.no_time,
			s.time_not_believed, s.truncated);
	fputc('\n', stderr);
}

static void records(const struct toc_pipeline *p)
{
	for (unsigned i = 0; i < p->nliners; i++) {
		if (!p->liners[i].records)
			continue;
		const struct toc_record_counters *c = toc_records_count(p->liners[i].records);
		fprintf(stderr, "records  %" PRIu64 " events", c->events);
		if (c->left_out)
			fprintf(stderr,
				", %" PRIu64
				" values left out (first of \"%s\": no field of its event, or not of its type)",
				c->left_out, c->left_field);
		fputc('\n', stderr);
	}
}

static void received(const struct toc_pipeline *p)
{
	for (unsigned i = 0; i < p->nreceivings; i++) {
		const struct toc_receiver_counters *c = toc_receiver_count(p->receivings[i].receiver);
		fprintf(stderr, "receive  %" PRIu64 " lines, %" PRIu64 " bytes, %" PRIu64 " connections", c->lines,
			c->bytes, c->connections);
		for (unsigned k = 0; k < TOC_LOSSES; k++)
			if (c->lost[k])
				fprintf(stderr, ", %s %" PRIu64, toc_loss_text((enum toc_loss)k), c->lost[k]);
		fputc('\n', stderr);
	}
}

/* How the times of stored lines were read: a wrong guess must be seen. */
static void assumptions(const struct toc_pipeline *p)
{
	bool any = false;
	for (unsigned i = 0; i < p->nliners; i++)
		any = any || p->liners[i].lines;
	if (any)
		fprintf(stderr, "times    lines without zone are read as %s, without year as of %s\n",
			p->config->time_zone, p->options.received_at ? "--received-at" : "their file's last change");
}

static void results(const struct toc_pipeline *p)
{
	const struct toc_engine_counters *e = toc_engine_count(p->engine);
	fprintf(stderr, "engine   %" PRIu64 " events, %" PRIu64 " of them observed, %" PRIu64 " hits\n",
		e->events + e->derived, e->derived, e->hits);
	if (!p->alerts)
		return;
	const struct toc_corr_counters *c = toc_correlate_count(p->generation->correlator);
	const struct toc_alert_counters *a = toc_alerts_count(p->alerts);
	if (c->missing_key || c->cells_evicted || c->hits_evicted)
		fprintf(stderr,
			"correlate hits without a key %" PRIu64 ", cells given up %" PRIu64 ", hits given up %" PRIu64
			"\n",
			c->missing_key, c->cells_evicted, c->hits_evicted);
	fprintf(stderr, "alerts   %" PRIu64 " opened, %" PRIu64 " updates, %" PRIu64 " closed", a->opened, a->updated,
		a->closed);
	if (a->refused || a->episodes_evicted)
		fprintf(stderr, ", not kept %" PRIu64 ", closed early %" PRIu64, a->refused, a->episodes_evicted);
	fputc('\n', stderr);
}

bool toc_pipeline_lost(const struct toc_pipeline *p)
{
	bool stdout_gone = toc_engine_count(p->engine)->write_failed;
	uint64_t refused = p->alerts ? toc_alerts_count(p->alerts)->refused : 0;
	if (stdout_gone)
		toc_error("standard output cannot be written (is the disk full?); events from there on are lost");
	if (refused)
		toc_error("%" PRIu64 " alerts could not be written or kept (is the disk or the journal full?)",
			  refused);
	return stdout_gone || refused;
}

void toc_pipeline_summary(const struct toc_pipeline *p)
{
	assumptions(p);
	frames(p);
	flows(p);
	received(p);
	lines(p);
	records(p);
	results(p);
}
