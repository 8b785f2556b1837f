/* journal - the JSON form of systemd's journal: one object a record, whose names are systemd.journal-fields(7)'s and
 * whose values are strings, or arrays where a field comes twice or is not UTF-8 (those are passed over). */
#include "normalise/journal.h"

#include "base/json_reader.h"

enum { DAEMON = 3 };

enum { TIME, HOST, IDENTIFIER, COMM, SYSLOG_PID, PID, PRIORITY, FACILITY, MESSAGE, FIELDS };
static const char *const names[FIELDS] = {
	"__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "SYSLOG_PID", "_PID", "PRIORITY",
	"SYSLOG_FACILITY",	"MESSAGE"
};

/* Its names are capitals, which other objects begin with seldom. */
static bool looks_like_one(struct toc_span m)
{
	if (m.n < 5 || m.p[0] != '{' || m.p[1] != '"')
		return false;
	for (size_t i = 2; i < 5; i++)
		if (m.p[i] != '_' && (m.p[i] < 'A' || m.p[i] > 'Z'))
			return false;
	return true;
}

static bool read_fields(struct toc_span record, uint8_t *room, size_t size, struct toc_span out[FIELDS])
{
	struct toc_json j = toc_json_begin(record, room, size);
	struct toc_span name, value;
	if (toc_json_value(&j, &value) != TOC_JSON_OBJECT)
		return false;
	while (toc_json_name(&j, &name)) {
		enum toc_json_kind kind = toc_json_value(&j, &value);
		if (kind == TOC_JSON_OBJECT || kind == TOC_JSON_ARRAY)
			toc_json_leave(&j);
		for (unsigned i = 0; kind == TOC_JSON_STRING && i < FIELDS; i++)
			if (!out[i].n && toc_span_is(name, names[i]))
				out[i] = value;
	}
	return !j.at.bad;
}

/* 0 to most, or -1. */
static int small(struct toc_span text, int most)
{
	int v = 0;
	for (size_t i = 0; i < text.n; i++)
		v = text.p[i] >= '0' && text.p[i] <= '9' && v <= most ? v * 10 + (text.p[i] - '0') : most + 1;
	return text.n && v <= most ? v : -1;
}

/* What a program wrote to its standard output has no facility: journald counts it as a daemon's. */
static int priority_of(const struct toc_span f[FIELDS])
{
	const int severity = small(f[PRIORITY], 7), facility = f[FACILITY].n ? small(f[FACILITY], 23) : DAEMON;
	return severity < 0 || facility < 0 ? -1 : facility * 8 + severity;
}

static bool take(struct header *h, uint8_t *room, size_t size)
{
	struct toc_span f[FIELDS] = { { NULL, 0 } };
	if (!read_fields(h->message, room, size, f) || !f[TIME].n || !f[MESSAGE].n)
		return false;
	h->has_time = stamp_epoch(f[TIME], &h->ts);
	h->priority = priority_of(f);
	h->host = f[HOST];
	h->app = f[IDENTIFIER].n ? f[IDENTIFIER] : f[COMM];
	h->pid = f[SYSLOG_PID].n ? f[SYSLOG_PID] : f[PID];
	h->message = f[MESSAGE];
	return true;
}

bool journal_open(struct header *h, uint8_t *room, size_t size)
{
	return looks_like_one(h->message) && take(h, room, size);
}
