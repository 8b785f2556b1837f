/* metrics_text - the series of /metrics in Prometheus' text format 0.0.4. */
#include "app/metrics_text.h"

#include <inttypes.h>
#include <stdlib.h>

static void put_stages(const struct toc_funnel *f, FILE *out)
{
	static const char *const heads[] = {
		"# HELP tocsin_stage_in_total What came to a stage, in its unit.\n# TYPE tocsin_stage_in_total "
		"counter\n",
		"# HELP tocsin_stage_out_total What went on from it.\n# TYPE tocsin_stage_out_total counter\n",
		"# HELP tocsin_stage_lost_total What was lost there.\n# TYPE tocsin_stage_lost_total counter\n",
		"# HELP tocsin_stage_harm What takes nothing away and makes events poorer.\n# TYPE tocsin_stage_harm "
		"untyped\n",
	};
	for (unsigned k = 0; k < sizeof(heads) / sizeof(heads[0]); k++) {
		fputs(heads[k], out);
		for (const struct toc_funnel_stage *s = f->at; s < f->at + f->n; s++) {
			if (k < 2)
				fprintf(out, "tocsin_stage_%s_total{stage=\"%s\",unit=\"%s\"} %" PRIu64 "\n",
					k ? "out" : "in", s->name, s->unit, k ? s->out : s->in);
			for (unsigned i = 0; k == 2 && i < s->nlost; i++)
				fprintf(out, "tocsin_stage_lost_total{stage=\"%s\",reason=\"%s\"} %" PRIu64 "\n",
					s->name, s->lost[i].name, s->lost[i].n);
			for (unsigned i = 0; k == 3 && i < s->nharm; i++)
				fprintf(out, "tocsin_stage_harm{stage=\"%s\",what=\"%s\"} %" PRIu64 "\n", s->name,
					s->harm[i].name, s->harm[i].n);
		}
	}
}

static void put_numbers(const struct control_status *s, FILE *out)
{
	const struct {
		const char *name, *type;
		uint64_t n;
	} rows[] = { { "rules", "gauge", s->rules },
		     { "generations_total", "counter", s->generations },
		     { "events_observed_total", "counter", s->engine.derived },
		     { "hits_total", "counter", s->engine.hits },
		     { "windows", "gauge", s->correlate.cells },
		     { "alerts_opened_total", "counter", s->alerts.opened },
		     { "alerts_updated_total", "counter", s->alerts.updated },
		     { "alerts_closed_total", "counter", s->alerts.closed },
		     { "alerts_refused_total", "counter", s->alerts.refused },
		     { "alerts_lost_total", "counter", s->courier.lost },
		     { "journal_bytes", "gauge", s->courier.journal.bytes },
		     { "journal_waiting_bytes", "gauge", s->courier.waiting },
		     { "redis_confirmed_total", "counter", s->courier.redis.confirmed },
		     { "redis_away_seconds", "gauge", (uint64_t)(s->courier.away / TOC_SEC) },
		     { "engine_time_seconds", "gauge", (uint64_t)(s->at / TOC_SEC) } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, "# TYPE tocsin_%s %s\ntocsin_%s %" PRIu64 "\n", rows[i].name, rows[i].type, rows[i].name,
			rows[i].n);
}

/* A label's value: text format 0.0.4 escapes these three; what a sender made up may hold anything. */
static void put_label(const char *name, const char *value, FILE *out)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++)
		if (*value == '\n')
			fputs("\\n", out);
		else if ((unsigned char)*value >= ' ' && (unsigned char)*value < 0x7f)
			fprintf(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	fputc('"', out);
}

/* Of the rules that cost most: their number is bounded, so that a scraper's memory is. */
static void put_rules(const struct control_status *s, unsigned most, FILE *out)
{
	static const char *const names[] = { "events_total", "hits_total", "alerts_total", "cpu_seconds_total",
					     "windows" };
	const unsigned n = s->ncounts < most ? s->ncounts : most;
	for (unsigned k = 0; n && k < sizeof(names) / sizeof(names[0]); k++) {
		fprintf(out, "# TYPE tocsin_rule_%s %s\n", names[k], k == 4 ? "gauge" : "counter");
		for (const struct toc_rule_count *c = s->counts; c < s->counts + n; c++) {
			const uint64_t values[] = { c->events, c->hits, c->alerts, 0, c->windows };
			fprintf(out, "tocsin_rule_%s{", names[k]);
			put_label("rule", s->set->alerts[c->rule].id, out);
			fputc(',', out);
			put_label("title", s->set->alerts[c->rule].title, out);
			if (k == 3)
				fprintf(out, "} %.6f\n", (double)c->ns / (double)TOC_SEC);
			else
				fprintf(out, "} %" PRIu64 "\n", values[k]);
		}
	}
}

/* Senders that have a place, and those who had one: how many, and not who. */
static void put_senders(const struct toc_pipeline *p, FILE *out)
{
	uint64_t known = 0, strangers = 0, gone = 0, known_gone = 0;
	for (unsigned i = 0; i < p->nreceivings; i++) {
		toc_receiver_lock(p->receivings[i].receiver);
		const struct toc_receiver_counters *c = toc_receiver_count(p->receivings[i].receiver);
		known += c->senders_known;
		strangers += c->senders_strange;
		gone += c->senders_forgotten;
		known_gone += c->known_forgotten;
		toc_receiver_unlock(p->receivings[i].receiver);
	}
	fprintf(out,
		"# TYPE tocsin_senders gauge\ntocsin_senders{class=\"known\"} %" PRIu64
		"\ntocsin_senders{class=\"strangers\"} %" PRIu64 "\n",
		known, strangers);
	fprintf(out,
		"# TYPE tocsin_senders_forgotten_total counter\ntocsin_senders_forgotten_total{class=\"known\"} "
		"%" PRIu64 "\ntocsin_senders_forgotten_total{class=\"strangers\"} %" PRIu64 "\n",
		known_gone, gone - known_gone);
}

static void put_sources(const struct toc_pipeline *p, FILE *out)
{
	static const char *const names[] = { "lines", "known", "lost" };
	const unsigned most = p->config->metrics_sources;
	struct toc_source_count *top = most ? calloc(most, sizeof(*top)) : NULL;
	unsigned n = 0;
	for (unsigned i = 0; top && i < p->nreceivings; i++)
		n = toc_sources_most(p->receivings[i].sources, p->receivings[i].receiver, p->config, top, n, most);
	for (unsigned k = 0; n && k < sizeof(names) / sizeof(names[0]); k++) {
		fprintf(out, "# TYPE tocsin_source_%s_total counter\n", names[k]);
		for (const struct toc_source_count *c = top; c < top + n; c++) {
			const uint64_t values[] = { c->lines, c->known, c->lost };
			fprintf(out, "tocsin_source_%s_total{", names[k]);
			put_label("listener", c->listener, out);
			fputc(',', out);
			put_label("address", c->address, out);
			fputc(',', out);
			put_label("host", c->host, out);
			fprintf(out, "} %" PRIu64 "\n", values[k]);
		}
	}
	free(top);
}

static void put_shedding(const struct toc_pipeline *p, FILE *out)
{
	const unsigned what = toc_pipeline_sheds(p);
	fputs("# HELP tocsin_shedding What packet threads let go at this moment.\n# TYPE tocsin_shedding gauge\n", out);
	for (unsigned i = 0; i < TOC_SHEDS; i++)
		fprintf(out, "tocsin_shedding{what=\"%s\"} %u\n", toc_shed_name((enum toc_shed)i), what >> i & 1);
}

static void put_canary(const struct toc_canary_status *c, FILE *out)
{
	if (!c->on)
		return;
	fprintf(out,
		"# TYPE tocsin_canary_age_seconds gauge\ntocsin_canary_age_seconds %.3f\n"
		"# TYPE tocsin_canary_way_seconds gauge\ntocsin_canary_way_seconds %.3f\n"
		"# TYPE tocsin_canary_confirmed_total counter\ntocsin_canary_confirmed_total %" PRIu64 "\n",
		(double)c->age / (double)TOC_SEC, (double)c->way / (double)TOC_SEC, c->confirmed);
}

void metrics_text(const struct control_status *s, const struct toc_funnel *f, const struct toc_pipeline *p, FILE *out)
{
	put_stages(f, out);
	put_numbers(s, out);
	put_canary(&s->canary, out);
	put_shedding(p, out);
	put_rules(s, p->config->metrics_rules, out);
	put_senders(p, out);
	put_sources(p, out);
}
