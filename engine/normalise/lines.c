/* lines - header, clock, normaliser, event: one line at a time. */
#include "normalise/lines.h"

#include <stdlib.h>

#include "normalise/clock.h"
#include "normalise/continued.h"
#include "normalise/fill.h"
#include "normalise/header.h"
#include "normalise/journal.h"
#include "normalise/multipart.h"
#include "normalise/programs.h"
#include "normalise/redact.h"
#include "normalise/repeats.h"
#include "normalise/rest.h"

enum { SOURCES = 65536, REDACT_ROOM = 65536 };

const struct toc_field_decl toc_line_fields[] = {
	[LINE_SYSLOG] = { "syslog", TOC_KIND, false, TOC_OPEN, NULL, "a log line that no normaliser knows" },
	[LINE_HOST] = { "host", TOC_STRING, false, TOC_DEVICE, NULL, "host that the line names; a claim, not a proof" },
	[LINE_APP] = { "app", TOC_STRING, false, TOC_OPEN, NULL, "program (RFC 5424 APP-NAME, RFC 3164 tag)" },
	[LINE_PID] = { "pid", TOC_STRING, false, TOC_OPEN, NULL, "process id" },
	[LINE_FACILITY] = { "facility", TOC_STRING, false, TOC_OPEN, NULL, "facility, such as AUTHPRIV" },
	[LINE_SEVERITY] = { "severity", TOC_STRING, false, TOC_OPEN, NULL, "severity, such as INFO" },
	[LINE_PRIORITY] = { "syslog_priority", TOC_UINT, false, TOC_OPEN, NULL,
			    "PRI as it was sent (RFC 5424, 6.2.1)" },
	[LINE_MSGID] = { "msgid", TOC_STRING, false, TOC_OPEN, NULL, "type of the message (RFC 5424 MSGID)" },
	[LINE_SEQUENCE] = { "sequence_id", TOC_UINT, false, TOC_OPEN, NULL,
			    "the sender's number of the message (RFC 5424 sequenceId, Cisco's sequence number)" },
	[LINE_MESSAGE] = { "message", TOC_STRING, false, TOC_CONTENT, NULL,
			   "text behind the header, secrets redacted" },
	[LINE_DEVICE_TS] = { "device_ts", TOC_TIME, false, TOC_OPEN, NULL,
			     "the line's own time where it is not believed" },
	[LINE_COUNT] = { "count", TOC_UINT, false, TOC_OPEN, NULL, "for how many lines this one stands" },
	[LINE_DATA] = { "structured_data", TOC_STRING, true, TOC_CONTENT, NULL,
			"name=value that no field takes (RFC 5424's structured data, payloads that no normaliser "
			"knows), "
			"secrets redacted" },
	[LINE_FOUND_IP] = { "found_ip", TOC_IP, true, TOC_DEVICE, NULL,
			    "addresses in the text of a line that no normaliser knows" },
	[LINE_FOUND_MAC] = { "found_mac", TOC_STRING, true, TOC_DEVICE, NULL,
			     "hardware addresses in the text of a line that no normaliser knows" },
	[LINE_TRUNCATED] = { "truncated", TOC_BOOL, false, TOC_OPEN, NULL, "the line was longer than the limit" },
};
const unsigned toc_line_nfields = LINE_FIELDS;
_Static_assert(sizeof(toc_line_fields) / sizeof(toc_line_fields[0]) == LINE_FIELDS, "one row per field");

struct toc_lines {
	struct toc_lines_config config;
	const struct toc_normalisers *n;
	struct toc_emit *emit;
	struct clocks *clocks;
	struct multipart *multipart;
	struct continued *continued;
	struct toc_zone *zone;
	toc_time at; /* stored: running maximum of the believed times */
	struct toc_line_counters count;
	struct toc_line_last last;
	const struct normaliser *by; /* who knew the line at hand; NULL = nobody */
	struct payload payload;
	struct toc_draft draft;
	uint8_t redacted[REDACT_ROOM];
	uint8_t commands[REDACT_ROOM];
	uint8_t inner[REPEATS_ROOM];  /* a repeated text with the mnemonic that stood before it */
	uint8_t journal[REDACT_ROOM]; /* a record's strings */
	uint8_t scratch[REDACT_ROOM]; /* of one value, while captures lie in redacted */
};

struct toc_lines *toc_lines_new(const struct toc_lines_config *config, const struct toc_normalisers *n,
				const struct toc_hash_key *key, struct toc_emit *emit)
{
	struct toc_lines *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->config = *config;
	l->n = n;
	l->emit = emit;
	if (!l->config.tolerance)
		l->config.tolerance = 5 * TOC_MIN;
	l->clocks = clocks_new(config->sources ? config->sources : SOURCES, l->config.tolerance, key);
	if (config->zone && !toc_span_is(toc_span_str(config->zone), "UTC"))
		l->zone = toc_zone_new(&toc_opener_self, config->zone);
	l->multipart = multipart_new(key);
	l->continued = continued_new(key);
	if (l->clocks && l->multipart && l->continued)
		return l;
	toc_lines_free(l);
	return NULL;
}

void toc_lines_free(struct toc_lines *l)
{
	if (!l)
		return;
	clocks_free(l->clocks);
	multipart_free(l->multipart);
	continued_free(l->continued);
	toc_zone_free(l->zone);
	free(l);
}

toc_time toc_lines_at(const struct toc_lines *l)
{
	return l->at;
}

const struct toc_line_last *toc_lines_last(const struct toc_lines *l)
{
	return &l->last;
}

const struct toc_line_counters *toc_lines_count(const struct toc_lines *l)
{
	return &l->count;
}

void toc_line_counters_add(struct toc_line_counters *sum, const struct toc_line_counters *more)
{
	sum->lines += more->lines;
	sum->empty += more->empty;
	sum->parsed += more->parsed;
	sum->unparsed += more->unparsed;
	sum->no_time += more->no_time;
	sum->time_not_believed += more->time_not_believed;
	sum->truncated += more->truncated;
}

/* --- the parts of one event --------------------------------------------------------------------------------------- */

/* once: what the text says under the same name counts, and is there already. */
static void put_one(struct toc_draft *d, enum line_field field, struct toc_span text, bool once)
{
	if (text.n && !(once && toc_draft_find(d, field)))
		toc_put_str(d, field, text);
}

static void put_header(struct toc_lines *l, const struct header *h, const struct toc_line *line, bool once)
{
	struct toc_draft *d = &l->draft;
	put_one(d, LINE_HOST, h->host, once);
	put_one(d, LINE_APP, h->app, once);
	put_one(d, LINE_PID, h->pid, once);
	put_one(d, LINE_MSGID, h->msgid, once);
	if (h->priority >= 0) {
		put_one(d, LINE_FACILITY, toc_span_str(header_facility(h->priority)), once);
		put_one(d, LINE_SEVERITY, toc_span_str(header_severity(h->priority)), once);
		if (!(once && toc_draft_find(d, LINE_PRIORITY)))
			toc_put_uint(d, LINE_PRIORITY, (uint64_t)h->priority);
	}
	if (h->sequence.n && !(once && toc_draft_find(d, LINE_SEQUENCE)))
		fill_field(d, l->n, LINE_SEQUENCE, h->sequence);
	if (line->truncated)
		toc_put_bool(d, LINE_TRUNCATED, true);
}

/* What structured data says beside the text; of mail programs nothing that no field takes (SYS-03). */
static void put_data(struct toc_lines *l, const struct header *h)
{
	const struct program *program = h->app.n ? programs_find(l->n, h->app) : NULL;
	bool mail = l->by ? l->by->mail : program && program->mail;
	const struct filling f = { &l->draft, l->n, l->by, l->scratch, REDACT_ROOM, true, false };
	if (payload_data(&l->payload, h->data))
		fill_data(&f, &l->payload, !mail && !h->data_is_message);
}

/* --- payloads ----------------------------------------------------------------------------------------------------- */

static bool read_payload(struct toc_lines *l, enum form form, struct toc_span text, const struct payload_style *style)
{
	switch (form) {
	case FORM_JSON:
		return payload_json(&l->payload, text);
	case FORM_CEF:
		return payload_cef(&l->payload, text);
	case FORM_LEEF:
		return payload_leef(&l->payload, text);
	case FORM_XML:
		return payload_xml(&l->payload, text);
	case FORM_DATA:
		return payload_data(&l->payload, text);
	case FORM_PAIRS:
		return payload_pairs(&l->payload, text, style);
	case FORM_FOUND:
		payload_found(&l->payload, text);
		return true;
	case FORM_TEXT:
		break;
	}
	return false;
}

static struct filling filling_by(struct toc_lines *l, const struct normaliser *by, bool once)
{
	return (struct filling){ &l->draft, l->n, by, l->scratch, REDACT_ROOM, once, false };
}

/* The rest of a pattern's text: `{*:pairs}` and its kin. false: it is no such thing. */
static bool put_rest(struct toc_lines *l, const struct normaliser *by, enum pattern_take take, struct toc_span text)
{
	const struct filling f = filling_by(l, by, take != TAKE_PAIRS && take != TAKE_CSV);
	if (take == TAKE_CSV)
		return payload_csv(&l->payload, text, by->separator) && fill_columns(&f, &l->payload);
	if (take == TAKE_SECTIONS) { /* a text without sections is a text */
		payload_sections(&l->payload, text);
		fill_pairs(&f, &l->payload);
		return true;
	}
	if (take == TAKE_FOUND) {
		payload_found(&l->payload, text);
		fill_pairs(&f, &l->payload);
		return true;
	}
	enum form form = take == TAKE_JSON ? FORM_JSON : take == TAKE_XML ? FORM_XML : FORM_PAIRS;
	/* of pairs behind a text one is enough */
	if (!read_payload(l, form, text, &by->style) && !(form == FORM_PAIRS && l->payload.n))
		return false;
	fill_pairs(&f, &l->payload);
	return true;
}

/* The payload's own time, where the header has none. */
static void own_time(struct toc_lines *l, const struct normaliser *by, const struct stamp_rules *rules,
		     struct header *h)
{
	for (const char *const *t = by->time; *t && !h->has_time; t++) {
		uint8_t joined[64];
		struct toc_span name = toc_span_str(*t), text;
		size_t space = toc_span_find(name, ' ');
		text = payload_get(&l->payload, toc_span_first(name, space));
		if (space < name.n) { /* "date time": two fields */
			struct toc_span second = payload_get(&l->payload, toc_span_from(name, space + 1));
			if (text.n + second.n + 1 > sizeof(joined))
				continue;
			memcpy(joined, text.p, text.n);
			joined[text.n] = ' ';
			memcpy(joined + text.n + 1, second.p, second.n);
			text = toc_span_of(joined, text.n + 1 + second.n);
		}
		h->has_time = stamp_epoch(text, &h->ts) || stamp_read(&text, rules, &h->ts);
	}
}

static bool by_payload(struct toc_lines *l, enum form form, bool last, struct header *h, const struct toc_line *line,
		       const struct stamp_rules *rules)
{
	struct toc_span text = form == FORM_DATA ? h->data : h->message;
	bool spoken, read = form == FORM_PAIRS && last
				    ? payload_loose(&l->payload, text, &spoken)
				    : form != FORM_TEXT && read_payload(l, form, text, &payload_usual);
	if (read && form == FORM_DATA) { /* what stands before the data is named as RFC 5424 names it */
		payload_add(&l->payload, toc_span_str("APP-NAME"), h->app);
		payload_add(&l->payload, toc_span_str("MSGID"), h->msgid);
	}
	const struct normaliser *by = read ? choose(l->n, &l->payload, form, last) : NULL;
	if (!by)
		return false;
	const struct filling f = filling_by(l, by, form == FORM_JSON || form == FORM_XML);
	toc_draft_begin(&l->draft, l->n->map, by->kind);
	l->by = by;
	if (!by->names_header)
		put_header(l, h, line, false);
	fill_pairs(&f, &l->payload);
	if (by->names_header)
		put_header(l, h, line, true);
	if (l->payload.cut)
		toc_put_bool(&l->draft, LINE_TRUNCATED, true);
	if (form == FORM_DATA && h->message.n)
		toc_put_str(&l->draft, LINE_MESSAGE, redact_text(h->message, l->redacted, REDACT_ROOM));
	own_time(l, by, rules, h);
	return true;
}

/* What a message is by its first bytes; TEXT where they say nothing. */
static enum form form_of(struct toc_span m)
{
	if (m.n < 2)
		return FORM_TEXT;
	if (m.p[0] == '{')
		return FORM_JSON;
	if (toc_span_starts(m, "CEF:") || (m.p[0] >= '0' && m.p[0] <= '9' && m.p[1] == '|'))
		return FORM_CEF;
	if (toc_span_starts(m, "LEEF:"))
		return FORM_LEEF;
	if (m.p[0] == '<' && m.p[m.n - 1] == '>')
		return FORM_XML;
	if (m.n > 8 && m.p[0] == '-' && m.p[m.n - 1] == '>' &&
	    toc_span_starts(m, "- <Event ")) /* as a browser shows it */
		return FORM_XML;
	size_t equals = toc_span_find(toc_span_first(m, 64), '=');
	return equals && equals < 64 && equals < m.n && toc_span_find(toc_span_first(m, equals), ' ') == equals
		       ? FORM_PAIRS
		       : FORM_TEXT;
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* Of "%ASA-6-302013: …" the program is "%ASA", of "%%10SHELL/5/…" it is "%%": what Cisco's and H3C's devices have in
 * its place. */
static struct toc_span mnemonic(struct toc_span message)
{
	if (message.n > 2 && message.p[0] == '%' && message.p[1] == '%')
		return toc_span_first(message, 2);
	size_t dash = toc_span_find(toc_span_first(message, 32), '-');
	return message.n && message.p[0] == '%' && dash < 32 ? toc_span_first(message, dash) : toc_span_str("");
}

static bool put_match(struct toc_lines *l, int found, const struct pattern_capture *captures, unsigned n)
{
	const struct rule *r = &l->n->rules[found];
	for (unsigned i = 0; i < n; i++) {
		unsigned field = captures[i].field;
		if (field < PATTERN_PAYLOAD && fill_unset(r->of, captures[i].text))
			continue;
		if (field < PATTERN_PAYLOAD && captures[i].take == TAKE_LABELS)
			fill_field(&l->draft, l->n, field, parser_dotted(captures[i].text, l->scratch, REDACT_ROOM));
		else if (field < PATTERN_PAYLOAD)
			fill_field(&l->draft, l->n, field, captures[i].text);
		else if (!put_rest(l, r->of, (enum pattern_take)(field - PATTERN_PAYLOAD), captures[i].text))
			return false;
	}
	for (unsigned i = 0; i < r->nset; i++)
		fill_field(&l->draft, l->n, r->set[i].field, r->set[i].value);
	return true;
}

static bool by_graph(struct toc_lines *l, const struct pattern_graph *graph, struct header *h,
		     const struct toc_line *line, const struct stamp_rules *rules)
{
	struct pattern_capture captures[PATTERN_FIELDS];
	uint64_t repeats;
	unsigned n;
	if (!graph)
		return false;
	struct toc_span text = repeats_take(h->message, l->inner, &repeats);
	while (text.n && text.p[0] == ' ') /* sudo pads */
		text = toc_span_from(text, 1);
	int found = pattern_match(graph, text, captures, &n);
	if (found < 0)
		return false;
	const struct normaliser *by = l->n->rules[found].of;
	toc_draft_begin(&l->draft, l->n->map, by->kind);
	if (!by->names_header)
		put_header(l, h, line, false);
	if (!put_match(l, found, captures, n))
		return false;
	l->by = by;
	if (by->names_header)
		put_header(l, h, line, true);
	if (!h->has_time && *by->time)
		own_time(l, by, rules, h);
	if (repeats > 1)
		toc_put_uint(&l->draft, LINE_COUNT, repeats);
	toc_put_str(&l->draft, LINE_MESSAGE, by->mail ? redact_mail(text, l->scratch, REDACT_ROOM) : text);
	return true;
}

/* A pair that payload_found calls so, without the ports. */
static bool is_address(const struct payload_pair *p)
{
	return (toc_span_starts(p->name, "ip") || toc_span_starts(p->name, "mac")) &&
	       toc_span_find(p->name, '_') == p->name.n;
}

/* Addresses (mac: hardware addresses) that the payload was found to have; a list in one piece. */
static void put_addresses(struct toc_lines *l, bool macs)
{
	for (unsigned i = 0; i < l->payload.n; i++) {
		const struct payload_pair *p = &l->payload.pairs[i];
		char spelled[TOC_MAC_TEXT];
		struct toc_addr addr;
		struct toc_mac mac;
		if (!toc_span_starts(p->name, macs ? "mac" : "ip"))
			continue;
		if (macs && toc_mac_parse(p->value, &mac))
			toc_list_str(&l->draft, LINE_FOUND_MAC, toc_span_of(spelled, toc_mac_print(&mac, spelled)));
		else if (!macs && toc_addr_parse(p->value, &addr))
			toc_list_ip(&l->draft, LINE_FOUND_IP, &addr);
	}
}

/* What a text that nobody knows says for itself: its pairs, what stands behind words such as "user", its addresses. */
static void put_found(struct toc_lines *l, const struct normaliser *by, struct toc_span text)
{
	struct filling f = filling_by(l, by, true);
	unsigned kept = 0;
	if (payload_loose(&l->payload, text, &f.no_rest))
		fill_pairs(&f, &l->payload);
	payload_found(&l->payload, text);
	put_addresses(l, false);
	put_addresses(l, true);
	for (unsigned i = 0; i < l->payload.n; i++)
		if (!is_address(&l->payload.pairs[i]))
			l->payload.pairs[kept++] = l->payload.pairs[i];
	l->payload.n = kept;
	f.no_rest = true;
	fill_pairs(&f, &l->payload);
}

static void as_syslog(struct toc_lines *l, const struct header *h, const struct toc_line *line)
{
	const struct normaliser *by = l->n->fallback[FORM_FOUND];
	toc_draft_begin(&l->draft, l->n->map, by ? by->kind : LINE_SYSLOG);
	const struct program *program = h->app.n ? programs_find(l->n, h->app) : NULL;
	bool mail = program && program->mail;
	l->last.message = mail ? redact_mail(h->message, l->scratch, REDACT_ROOM) : h->message;
	toc_put_str(&l->draft, LINE_MESSAGE, l->last.message);
	if (!mail && by)
		put_found(l, by, h->message);
	put_header(l, h, line, true);
	l->count.unparsed++;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static uint32_t source_of(struct toc_lines *l, const struct header *h, const struct toc_line *line)
{
	static const struct toc_addr nobody;
	struct toc_span host = l->config.relay || l->config.stored ? h->host : toc_span_str("");
	return clocks_source(l->clocks, line->has_peer ? &line->peer : &nobody, host, line->source_hint);
}

/* Sets at, ts and the clock's source of the event (design.md section 1, "Two times"). */
static void set_times(struct toc_lines *l, const struct header *h, const struct toc_line *line)
{
	struct toc_event *head = &l->draft.head;
	toc_time receipt = l->config.stored ? l->config.received_at : line->at;
	head->source = source_of(l, h, line);
	bool believed = h->has_time && clocks_believe(l->clocks, h->ts, receipt);
	l->count.no_time += !h->has_time;
	l->count.time_not_believed += h->has_time && !believed;
	if (l->config.stored) {
		if (!l->at && !believed)
			l->at = receipt; /* nothing better is known */
		l->at = believed && h->ts > l->at ? h->ts : l->at;
		receipt = l->at;
	}
	head->at = receipt;
	head->ts = believed ? h->ts : receipt;
	head->ordinal = line->ordinal;
	if (h->has_time && !believed)
		toc_put_time(&l->draft, LINE_DEVICE_TS, h->ts);
}

/* By structured data, by what the message is, by its program, by pairs, by patterns for all programs, by names that
 * many share, in this order. */
static bool known(struct toc_lines *l, struct header *h, const struct toc_line *line, const struct stamp_rules *rules)
{
	enum form form = form_of(h->message);
	const struct program *program = NULL;
	if (h->data.n && by_payload(l, FORM_DATA, false, h, line, rules))
		return true;
	if (h->message.n && h->message.p[0] == '%') /* whatever calls itself the program: "CiscoASA[999]: %ASA-…" */
		program = programs_find(l->n, mnemonic(h->message));
	if (!program)
		program = programs_find(l->n, h->app);
	const struct pattern_graph *graph = program ? program->graph : NULL;
	bool late = form == FORM_PAIRS && graph && h->app.n; /* a program's own patterns know better */
	if (form != FORM_TEXT && !late && by_payload(l, form, false, h, line, rules))
		return true;
	bool device = h->message.n && h->message.p[0] == '%';
	h->message = redact_text(h->message, l->redacted, REDACT_ROOM);
	if (device)
		h->message = redact_command(h->message, l->commands, REDACT_ROOM);
	return by_graph(l, graph, h, line, rules) || (late && by_payload(l, form, false, h, line, rules)) ||
	       by_graph(l, l->n->any.graph, h, line, rules) || by_payload(l, form, true, h, line, rules);
}

/* Line ends, NULs, spaces at the end, and the line ends that a relay wrote as octal numbers. */
static struct toc_span without_ending(struct toc_span text)
{
	for (size_t before = text.n + 1; before != text.n;) {
		before = text.n;
		const uint8_t last = text.n ? text.p[text.n - 1] : 'x';
		if (last == '\n' || last == '\r' || last == ' ' || last == 0)
			text.n--;
		else if (text.n >= 4 &&
			 (memcmp(text.p + text.n - 4, "#015", 4) == 0 || memcmp(text.p + text.n - 4, "#012", 4) == 0 ||
			  memcmp(text.p + text.n - 4, "#000", 4) == 0))
			text.n -= 4;
	}
	return text;
}

void toc_lines_take(struct toc_lines *l, const struct toc_line *line)
{
	const struct stamp_rules rules = { l->zone, l->config.zone_offset,
					   l->config.stored ? l->config.received_at : line->at };
	struct header h;
	struct toc_span text = line->text;
	text = without_ending(text);
	l->count.lines++;
	l->count.truncated += line->truncated;
	if (text.n == 0) {
		l->count.empty++;
		return;
	}
	uint32_t incomplete = 0;
	header_read(text, &rules, &h);
	journal_open(&h, l->journal, sizeof(l->journal));
	/* of a stored file the first line has no time before it */
	toc_time at = !l->config.stored ? line->at : l->at ? l->at : l->config.received_at;
	if (multipart_wanted(&h))
		h.message = multipart_take(l->multipart, source_of(l, &h, line), &h, at, &incomplete);
	else if (continued_wanted(&h))
		h.message = continued_take(l->continued, source_of(l, &h, line), &h, at);
	l->by = NULL;
	l->last = (struct toc_line_last){ .known = known(l, &h, line, &rules) };
	if (l->last.known)
		l->count.parsed++;
	else
		as_syslog(l, &h, line);
	if (h.data.n)
		put_data(l, &h);
	l->last.host = h.host;
	l->last.has_time = h.has_time;
	l->last.incomplete = incomplete;
	l->last.ahead = h.ts - line->at;
	set_times(l, &h, line);
	if (l->config.keep_lines && l->by && !l->by->mail)
		l->draft.line = text;
	l->emit->event(l->emit, &l->draft);
}
