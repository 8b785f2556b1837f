/* detail - sentence, how it stands, who, rule and clause, what to do, evidence, history. */
#define _GNU_SOURCE
#include "cli/detail.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/exempt.h"
#include "cli/safe.h"

enum { LABEL = 12, TEXT = 8192 };

void cli_lines_free(struct cli_lines *lines)
{
	free(lines->at);
	*lines = (struct cli_lines){ 0 };
}

char *cli_lines_add(struct cli_lines *out)
{
	if (out->n == out->room) {
		out->room = out->room ? 2 * out->room : 64;
		out->at = realloc(out->at, out->room * sizeof(out->at[0]));
		if (!out->at)
			abort(); /* a terminal's program has nothing to save */
	}
	out->at[out->n][0] = '\0';
	return out->at[out->n++];
}

/* Where the line ends that may have so many columns: at a space if there is one. Bytes are at least columns. */
static size_t fold_at(const char *text, size_t most)
{
	size_t n = strlen(text);
	if (n <= most)
		return n;
	for (n = most; n > most / 2; n--)
		if (text[n] == ' ')
			return n;
	n = most;
	while (n > 1 && (text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* "Label       text text", wrapped below the text. Nothing where there is no text. */
static void put(struct cli_lines *out, const char *label, struct toc_span text)
{
	char clean[TEXT];
	const char *rest = clean;
	if (!text.n)
		return;
	cli_safe(text, TEXT, clean, sizeof(clean));
	do {
		size_t n = fold_at(rest, CLI_WIDTH - LABEL);
		snprintf(cli_lines_add(out), CLI_LINE, "%-*s%.*s", LABEL, rest == clean ? label : "", (int)n, rest);
		rest += n;
		rest += strspn(rest, " ");
	} while (*rest);
}

void cli_putf(struct cli_lines *out, const char *label, const char *format, ...)
{
	char text[TEXT];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(out, label, toc_span_str(text));
}

static void put_list(struct cli_lines *out, const char *label, const struct cli_node *list)
{
	for (const struct cli_node *c = list ? list->child : NULL; c; c = c->next, label = "")
		put(out, label, c->text);
}

void cli_age(int64_t ms, char out[16])
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t s = ms > 0 ? ms / 1000 : 0;
	unsigned i = 0;
	while (i < 3 && s < units[i].seconds)
		i++;
	snprintf(out, 16, "%" PRId64 "%c", s / units[i].seconds % 100000, units[i].unit);
}

const char *cli_state_word(const struct cli_alert *a)
{
	bool grown = a->acked_rev && a->rev > a->acked_rev;
	if (a->now.closed)
		return a->conflicts ? "(done)" : "done";
	if (!a->now.acked)
		return a->conflicts ? "(new)" : "new";
	return a->conflicts ? "(ack)" : grown ? "ack*" : "ack";
}

static void clock_of(int64_t ms, char out[32])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(out, 32, "%m-%d %H:%M:%S", &tm) == 0)
		out[0] = '\0';
}

static void put_standing(struct cli_lines *out, const struct cli_alert *a)
{
	const struct cli_standing *s = &a->now;
	char exempt[64] = "", until[32];
	if (s->exempt) {
		clock_of(cli_exempt_until(s->exempt), until);
		snprintf(exempt, sizeof(exempt), ", to be exempt until %.5s", until);
	}
	cli_putf(out, "Stands", "%s%s%s%s%s%s%s%s%s%s%s%s",
		 s->closed  ? "closed"
		 : s->acked ? "acknowledged"
			    : "new",
		 s->by ? " by " : "", s->by ? s->by : "", s->verdict ? ", verdict " : "", s->verdict ? s->verdict : "",
		 s->assignee ? ", on it: " : "", s->assignee ? s->assignee : "", s->escalated ? ", escalated to " : "",
		 s->escalated && s->to ? s->to : "", exempt,
		 a->acked_rev && a->rev > a->acked_rev ? ", has grown since" : "",
		 a->conflicts ? ", CONFLICT: see history" : "");
}

/* The breach's clock (M.G.L. c.93H): people are to be told without delay from when it was known. */
static void put_breach(struct cli_lines *out, const struct cli_alert *a, const struct cli_node *doc)
{
	const struct cli_node *breach = cli_tree_at(doc, "is_suspected_breach");
	const struct cli_event *ack = NULL;
	char first[32], detected[32], at[32] = "";
	if (!breach || breach->kind != TOC_JSON_TRUE)
		return;
	for (unsigned i = 0; i < a->nevents && !ack; i++)
		if (a->events[i]->deed == CLI_ACK && !a->events[i]->conflict)
			ack = a->events[i];
	clock_of((int64_t)cli_tree_number(doc, "finding_info.first_seen_time"), first);
	clock_of((int64_t)cli_tree_number(doc, "finding_info.created_time"), detected);
	if (ack)
		clock_of((int64_t)ack->ms, at);
	cli_putf(out, "Breach", "suspected; first seen %s, detected %s, %s%s%s%s", first, detected,
		 ack ? "acknowledged " : "not yet acknowledged", at, ack ? " by " : "", ack ? ack->person : "");
}

/* Who it was, as the newest evidence knows: tokens until somebody unmasks them; then who said so, and since when. */
static void put_identity(struct cli_lines *out, const struct cli_node *doc)
{
	static const char *const names[] = { "src_user", "src_host", "src_mac",	      "src_place", "src_zone",
					     "src_site", "src_role", "src_ownership", "src_owner" };
	const struct cli_node *evidence = cli_tree_at(doc, "evidences"), *data = NULL;
	char text[1024] = "", since[32];
	size_t n = 0;
	for (const struct cli_node *c = evidence ? evidence->child : NULL; c; c = c->next)
		data = cli_tree_at(c, "data");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n < sizeof(text); i++) {
		struct toc_span v = cli_tree_text(data, names[i]);
		if (v.n)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %.*s", n ? ", " : "", names[i] + 4,
					      (int)v.n, (const char *)v.p);
	}
	const struct toc_span source = cli_tree_text(data, "src_source"), sure = cli_tree_text(data, "src_conf");
	if (source.n && n < sizeof(text))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "; %.*s %.*s %%", (int)source.n,
				      (const char *)source.p, (int)sure.n, (const char *)sure.p);
	if (cli_tree_at(data, "src_since") && n < sizeof(text)) {
		clock_of((int64_t)(cli_tree_number(data, "src_since") * 1000), since);
		snprintf(text + n, sizeof(text) - n, " since %.11s", since);
	}
	put(out, "Who", toc_span_str(text));
}

/* kind and fields of an event, without what identity added. */
static void put_event(struct cli_lines *out, const struct cli_node *data)
{
	char text[4096], when[32];
	size_t n = 0;
	clock_of((int64_t)(cli_tree_number(data, "ts") * 1000), when);
	for (const struct cli_node *c = data ? data->child : NULL; c && n < sizeof(text) - 1; c = c->next) {
		bool known = toc_span_is(c->name, "ts") || toc_span_starts(c->name, "src_") ||
			     toc_span_starts(c->name, "dst_");
		const char *text_of = c->kind == TOC_JSON_TRUE ? "yes" : c->kind == TOC_JSON_FALSE ? "no" : NULL;
		struct toc_span v = text_of ? toc_span_str(text_of) : c->text;
		if (known || !v.n)
			continue;
		bool kind = toc_span_is(c->name, "event");
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s%s%.*s",
				      n ? (n < 40 && !strchr(text, ' ') ? " " : ", ") : "", kind ? 0 : (int)c->name.n,
				      (const char *)c->name.p, kind ? "" : " ", (int)v.n, (const char *)v.p);
	}
	char label[LABEL + 32];
	snprintf(label, sizeof(label), "  %s", when + 6);
	put(out, label, toc_span_of(text, n < sizeof(text) ? n : sizeof(text) - 1));
}

static void put_evidence(struct cli_lines *out, const struct cli_node *doc)
{
	const struct cli_node *list = cli_tree_at(doc, "evidences");
	cli_lines_add(out);
	if (!list || !list->child) {
		put(out, "Evidence",
		    toc_span_str("none: the rule tells of what did not happen, or it is another building's"));
		return;
	}
	snprintf(cli_lines_add(out), CLI_LINE, "Evidence");
	for (const struct cli_node *c = list->child; c; c = c->next)
		put_event(out, cli_tree_at(c, "data"));
}

static void put_history(struct cli_lines *out, const struct cli_alert *a)
{
	if (!a->nevents)
		return;
	cli_lines_add(out);
	snprintf(cli_lines_add(out), CLI_LINE, "History");
	for (unsigned i = 0; i < a->nevents; i++) {
		const struct cli_event *e = a->events[i];
		char when[32], label[LABEL + 32];
		clock_of((int64_t)e->ms, when);
		snprintf(label, sizeof(label), "  %s", when + 6);
		char days[32] = "";
		if (e->deed == CLI_EXEMPT)
			snprintf(days, sizeof(days), ", %u days", e->days);
		cli_putf(out, label, "%s: %s%s%s%s%s%s%s%s%s%s", e->person, cli_deed_names[e->deed], days,
			 e->verdict ? ", verdict " : "", e->verdict ? e->verdict : "", e->to ? ", to " : "",
			 e->to ? e->to : "", e->note ? ", \"" : "", e->note ? e->note : "", e->note ? "\"" : "",
			 e->conflict ? " -- CONFLICT: somebody was quicker, this has no effect" : "");
	}
}

/* Why nobody was told, or why they were after all. */
static void put_work(struct cli_lines *out, const struct cli_alert *a, const struct cli_node *ours)
{
	const struct cli_node *work = cli_tree_at(ours, "maintenance");
	const struct toc_span reason = cli_tree_text(work, "reason"), owner = cli_tree_text(work, "owner"),
			      until = cli_tree_text(work, "until"), id = cli_tree_text(work, "id");
	if (work)
		cli_putf(out, "Work", "announced by %.*s until %.16s (%.*s): %.*s%s", (int)owner.n,
			 (const char *)owner.p, until.n >= 16 ? (const char *)until.p : "?", (int)id.n,
			 (const char *)id.p, (int)reason.n, (const char *)reason.p,
			 a->severity >= 5 ? "" : "; nobody was told");
	if (a->work == CLI_WORK_OVER)
		put(out, "Work",
		    toc_span_str("the announced work should be over, and this goes on: people are told now"));
}

static void put_head(struct cli_lines *out, const struct cli_alert *a, int64_t now_ms)
{
	char age[16], first[32], last[32];
	cli_age(now_ms - a->last, age);
	clock_of(a->first, first);
	clock_of(a->last, last);
	put(out, "Alert", toc_span_str(a->title));
	cli_putf(out, "", "severity %u, %s, %" PRIu64 " events, %s to %s UTC, last %s ago", a->severity,
		 a->act == 'x' ? "past" : "engaged", a->count, first, last, age);
	cli_putf(out, "", "id %s rev %u, route %s", a->id, a->rev, a->route);
	cli_lines_add(out);
	put(out, "What", toc_span_str(a->message));
	put_standing(out, a);
}

void cli_detail(const struct cli_alert *a, int64_t now_ms, struct cli_lines *out)
{
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, toc_span_str(a->json));
	const struct cli_node *ours = cli_tree_at(doc, "unmapped.tocsin");
	put_head(out, a, now_ms);
	put_breach(out, a, doc);
	put_work(out, a, ours);
	struct toc_span subject = cli_tree_text(ours, "subject.value"), stance = cli_tree_text(ours, "subject.stance");
	if (subject.n)
		cli_putf(out, "Subject", "%.*s (%.*s)", (int)subject.n, (const char *)subject.p, (int)stance.n,
			 (const char *)stance.p);
	put(out, "Key", toc_span_str(a->key));
	put_identity(out, doc);
	struct toc_span threshold = cli_tree_text(ours, "measured.threshold");
	if (threshold.n)
		cli_putf(out, "Measured", "%g; the rule asks for: %.*s", cli_tree_number(ours, "measured.value"),
			 (int)threshold.n, (const char *)threshold.p);
	put(out, "Rule", toc_span_str(a->rule));
	put(out, "", cli_tree_text(doc, "finding_info.desc"));
	put_list(out, "Policy", cli_tree_at(ours, "policy"));
	put(out, "Harmless if", cli_tree_text(ours, "disproof"));
	put_list(out, "Mistaken by", cli_tree_at(ours, "falsepositives"));
	put(out, "Do", cli_tree_text(doc, "remediation.desc"));
	put_evidence(out, doc);
	put_history(out, a);
	toc_arena_free(arena);
}
