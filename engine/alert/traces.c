/* traces - what the evidence of a revision was made of, for who keeps packets and lines: flows, and lines without their
 * secrets. */
#include "alert/traces.h"

#include "normalise/redact.h"
#include "tocsin/digest.h"

enum { LINE_ROOM = 8192 }; /* a line is 2 KiB at most, and each secret in it grows by a word */

/* Both passes: lines of devices name secrets by commands, too. */
static void put_line(struct traces *t, const struct toc_event *ev)
{
	uint8_t pairs[LINE_ROOM], commands[LINE_ROOM];
	struct toc_span line = toc_span_of((const uint8_t *)ev + ev->text, ev->text_n);
	line = redact_text(line, pairs, sizeof(pairs));
	line = redact_command(line, commands, sizeof(commands));
	text_put(&t->lines, line);
}

static void hash(struct toc_trace *t)
{
	uint8_t digest[32];
	toc_sha256(t->line, digest);
	toc_hex(digest, sizeof(digest), t->sha256);
	t->sha256[64] = '\0';
}

void traces_note(struct traces *t, const struct revision *r)
{
	size_t at[TOC_EVIDENCE + 1] = { 0 };
	t->n = 0;
	text_clear(&t->lines);
	if (r->episode->rule->evidence.none)
		return;
	for (; t->n < r->nevidence && t->n < TOC_EVIDENCE; t->n++) {
		const struct toc_event *ev = r->evidence[2 * t->n];
		const bool line = (ev->flags & TOC_EVENT_LINE) && ev->text_n;
		t->at[t->n] = (struct toc_trace){ .ts = ev->ts, .at = ev->at, .uid = ev->uid };
		t->at[t->n].cut = line && ev->text_n == TOC_LINE_MOST;
		if (line)
			put_line(t, ev);
		at[t->n + 1] = t->lines.n;
	}
	for (unsigned i = 0; i < t->n; i++) { /* the text has its place now */
		t->at[i].line = toc_span_of(t->lines.p ? t->lines.p + at[i] : "", at[i + 1] - at[i]);
		if (t->at[i].line.n)
			hash(&t->at[i]);
	}
}

static void put_raw(struct text *out, const struct traces *t)
{
	unsigned n = 0;
	for (unsigned i = 0; i < t->n; i++) {
		if (!t->at[i].line.n)
			continue;
		if (!n++) {
			json_name(out, "raw");
			text_puts(out, "[{");
		} else {
			text_puts(out, ",{");
		}
		json_puts(out, "sha256", t->at[i].sha256);
		text_puts(out, "}");
	}
	text_puts(out, n ? "]" : "");
}

static void put_packets(struct text *out, const struct traces *t, const struct revision *r)
{
	char name[64], text[TIME_TEXT];
	toc_time from = 0, to = 0;
	for (unsigned i = 0; i < t->n; i++) {
		const struct toc_trace *x = &t->at[i];
		if (!x->uid)
			continue;
		from = !from || x->ts < from ? x->ts : from;
		to = x->at > to ? x->at : to;
	}
	if (!from)
		return;
	const int n = snprintf(name, sizeof(name), "%s-%u.pcapng", r->episode->id, r->episode->revision);
	json_name(out, "pcap");
	text_puts(out, "{");
	json_put(out, "file", toc_span_of(name, (size_t)n));
	json_put(out, "from", toc_span_of(text, time_text(from, text)));
	json_put(out, "to", toc_span_of(text, time_text(to, text)));
	text_puts(out, "}");
}

void traces_write(struct text *out, const struct traces *t, const struct revision *r)
{
	json_name(out, "evidence");
	text_puts(out, "{");
	if (r->episode->rule->evidence.none)
		text_puts(out, "\"none\":true");
	put_raw(out, t);
	put_packets(out, t, r);
	text_puts(out, "}");
}

void traces_free(struct traces *t)
{
	text_free(&t->lines);
}
