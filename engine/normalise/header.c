/* header - one pass from the left; each part is optional. */
#include "normalise/header.h"

#include "tocsin/addr.h"

static const char *const facilities[] = { "KERN",   "USER",   "MAIL",	"DAEMON", "AUTH",     "SYSLOG",
					  "LPR",    "NEWS",   "UUCP",	"CRON",	  "AUTHPRIV", "FTP",
					  "NTP",    "AUDIT",  "ALERT",	"CLOCK",  "LOCAL0",   "LOCAL1",
					  "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7" };
static const char *const severities[] = { "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG" };

const char *header_facility(int priority)
{
	return priority >= 0 && priority < 192 ? facilities[priority / 8] : "";
}

const char *header_severity(int priority)
{
	return priority >= 0 && priority < 192 ? severities[priority % 8] : "";
}

/* "<86>" at the front (RFC 5424, section 6.2.1). */
static int read_priority(struct toc_span *in)
{
	int v = 0;
	size_t i = 1;
	if (in->n < 3 || in->p[0] != '<')
		return -1;
	for (; i < in->n && i < 4 && in->p[i] >= '0' && in->p[i] <= '9'; i++)
		v = v * 10 + in->p[i] - '0';
	if (i == 1 || i >= in->n || in->p[i] != '>' || v > 191)
		return -1;
	*in = toc_span_from(*in, i + 1);
	return v;
}

static void skip_spaces(struct toc_span *in)
{
	while (in->n && in->p[0] == ' ')
		*in = toc_span_from(*in, 1);
}

/* Up to the next space; "-" is RFC 5424's nil value and comes back empty. */
static struct toc_span word(struct toc_span *in)
{
	size_t end = toc_span_find(*in, ' ');
	struct toc_span w = toc_span_first(*in, end);
	*in = toc_span_from(*in, end + 1);
	return toc_span_is(w, "-") ? toc_span_first(w, 0) : w;
}

/* Structured data: "-" or elements in brackets; a `]` within quotes may be escaped (RFC 5424, section 6.3). */
static struct toc_span structured(struct toc_span *in)
{
	struct toc_span whole = *in;
	bool quoted = false, inside = false;
	size_t i = 0;
	if (in->n && in->p[0] == '-') {
		*in = toc_span_from(*in, in->n > 1 ? 2 : 1);
		return toc_span_first(whole, 0);
	}
	for (; i < in->n; i++) {
		uint8_t c = in->p[i];
		if (quoted && c == '\\')
			i++;
		else if (inside && c == '"')
			quoted = !quoted;
		else if (!quoted && c == '[')
			inside = true;
		else if (!quoted && c == ']')
			inside = false;
		else if (!inside)
			break;
	}
	i = i < in->n ? i : in->n;
	*in = toc_span_from(*in, i + (i < in->n && in->p[i] == ' '));
	return toc_span_first(whole, i);
}

/* The time of RFC 5424's header: also with a space for its T, and Meraki's epoch.nanos. */
static bool read_stamp_5424(struct toc_span *in, const struct stamp_rules *rules, struct header *out, bool *meraki)
{
	struct toc_span rest = *in, stamp;
	*meraki = false;
	out->has_time = in->n && in->p[0] != '-' && stamp_read(&rest, rules, &out->ts) && (!rest.n || rest.p[0] == ' ');
	if (out->has_time) {
		*in = toc_span_from(rest, 1);
		return true;
	}
	stamp = word(in);
	*meraki = out->has_time = stamp_epoch(stamp, &out->ts);
	return out->has_time || stamp.n == 0;
}

/* In front of a file, and of a message in UTF-8 (RFC 5424, section 6.4). */
static struct toc_span without_bom(struct toc_span s)
{
	return toc_span_starts(s, "\xef\xbb\xbf") ? toc_span_from(s, 3) : s;
}

/* What stands before a text and says nothing of it: "[ID 800047 auth.info]", as Solaris' syslogd numbers its messages,
 * and
 * "[   82.508100]", the seconds since the kernel began. */
static struct toc_span without_mark(struct toc_span message, struct toc_span app)
{
	size_t close = message.n && message.p[0] == '[' ? toc_span_find(toc_span_first(message, 40), ']') : message.n;
	if (close >= 40 || close + 1 >= message.n || message.p[close + 1] != ' ')
		return message;
	bool marks = toc_span_starts(message, "[ID ");
	if (!marks && toc_span_is(app, "kernel")) {
		marks = close > 7;
		for (size_t i = 1; i < close && marks; i++)
			marks = message.p[i] == ' ' || message.p[i] == '.' ||
				(message.p[i] >= '0' && message.p[i] <= '9');
	}
	return marks ? toc_span_from(message, close + 2) : message;
}

/* VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP SD SP MSG. */
static bool read_5424(struct toc_span in, const struct stamp_rules *rules, struct header *out)
{
	bool meraki;
	if (in.n < 3 || in.p[0] < '1' || in.p[0] > '9' || in.p[1] != ' ')
		return false;
	in = toc_span_from(in, 2);
	if (!read_stamp_5424(&in, rules, out, &meraki))
		return false;
	out->host = word(&in);
	out->message = in;
	if (meraki) { /* no app, no pid, no data */
		out->app = out->pid = out->data = toc_span_first(in, 0);
		return true;
	}
	out->app = word(&in);
	if (out->app.n > 1 && out->app.p[out->app.n - 1] == ':') /* "PulseSecure:": written as a tag */
		out->app.n--;
	out->pid = word(&in);
	struct toc_span from = in;
	out->msgid = word(&in);
	out->data = structured(&in);
	in = without_bom(in);
	/* what says all it has to say in structured data: that is the message, with MSGID before it */
	out->data_is_message = !in.n && out->data.n;
	out->message = out->data_is_message ? from : without_mark(in, out->app);
	return true;
}

/* "2026-03-02T08:00:41Z host app pid msgid [id@32473 x="y"] text": what is left of RFC 5424 where a writer of files put
 * out its fields without PRI and VERSION. Only an element with an enterprise's number shows it. */
static bool read_unversioned(struct toc_span *line, struct header *out)
{
	struct toc_span at = *line, parts[4];
	for (size_t i = 0; i < 4; i++)
		parts[i] = word(&at);
	const struct toc_span id = toc_span_first(at, 96);
	const size_t equals = toc_span_find(id, '='), sign = toc_span_find(id, '@');
	if (!parts[0].n || !parts[1].n || parts[1].p[parts[1].n - 1] == ':' || !id.n || id.p[0] != '[' ||
	    equals + 1 >= id.n || id.p[equals + 1] != '"' || sign + 1 >= equals ||
	    !(id.p[sign + 1] >= '0' && id.p[sign + 1] <= '9') || toc_span_find(id, ' ') < sign)
		return false;
	out->host = parts[0];
	out->app = parts[1];
	out->pid = parts[2];
	out->msgid = parts[3];
	out->data = structured(&at);
	out->data_is_message = !at.n;
	*line = at.n ? at : toc_span_from(*line, (size_t)(out->msgid.p - line->p));
	return true;
}

static bool all_digits(struct toc_span s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return s.n > 0 && i == s.n;
}

static bool in_tag(uint8_t c)
{
	uint8_t letter = c | 0x20;
	return (letter >= 'a' && letter <= 'z') || (c >= '-' && c <= '9') || c == '_' || c == '(' || c == ')' ||
	       c == '@' || c == '+'; /* - . / and the digits follow each other */
}

/* "192.0.2.7:50122": a client's address and port, no program and its text. */
static bool is_endpoint(struct toc_span name, struct toc_span rest)
{
	struct toc_addr addr;
	return rest.n > 1 && rest.p[1] >= '0' && rest.p[1] <= '9' && toc_addr_parse(name, &addr);
}

/* "sshd[123]:", "sudo:", "kernel:" at the front of in; moves past it and one space. */
static bool read_tag(struct toc_span *in, struct header *out)
{
	size_t n = 0;
	while (n < in->n && n < 64 && in_tag(in->p[n]))
		n++;
	if (n == 0 || n >= in->n || in->p[n] == ' ')
		return false;
	struct toc_span rest = toc_span_from(*in, n), pid = toc_span_first(rest, 0);
	if (toc_span_is(toc_span_first(*in, n), "LEEF") || toc_span_is(toc_span_first(*in, n), "CEF"))
		return false; /* a payload's, not a program's */
	if (rest.p[0] == '[') {
		size_t close = toc_span_find(toc_span_first(rest, 32), ']');
		if (close >= rest.n || rest.p[close] != ']')
			return false;
		pid = toc_span_first(toc_span_from(rest, 1), close - 1);
		rest = toc_span_from(rest, close + 1);
	}
	bool bare = out->host.n && all_digits(pid) && rest.n && rest.p[0] == ' '; /* "srv1 proftpd[77] text" */
	if (rest.n == 0 || (rest.p[0] != ':' && !bare) || toc_span_starts(*in, "LEEF:") || toc_span_starts(*in, "CEF:"))
		return false;
	if (!pid.n && (all_digits(toc_span_first(*in, n)) ||
		       is_endpoint(toc_span_first(*in, n), rest))) /* a sequence number, a client */
		return false;
	out->app = toc_span_first(*in, n);
	out->pid = pid;
	*in = toc_span_from(rest, 1);
	if (in->n && in->p[0] == ' ')
		*in = toc_span_from(*in, 1);
	return true;
}

/* "[sshd] text", "[sshd]: text" where the program's name stands, no host before it: metalog(8). A level is no program.
 */
static bool read_bracketed(struct toc_span *in, struct header *out)
{
	static const char *const levels[] = { "debug", "trace", "info",	    "notice", "warn",  "warning", "err",
					      "error", "crit",	"critical", "alert",  "emerg", "fatal",	  "severe" };
	size_t close = in->n && in->p[0] == '[' ? toc_span_find(toc_span_first(*in, 40), ']') : 0;
	if (close < 2 || close >= 40 || close + 2 >= in->n)
		return false;
	struct toc_span name = toc_span_of(in->p + 1, close - 1), rest = toc_span_from(*in, close + 1);
	for (size_t i = 0; i < name.n; i++)
		if (!in_tag(name.p[i]) || (i == 0 && (name.p[0] | 0x20) < 'a'))
			return false;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (toc_span_ieq(name, toc_span_str(levels[i])))
			return false;
	if (rest.p[0] == ':')
		rest = toc_span_from(rest, 1);
	if (!rest.n || rest.p[0] != ' ')
		return false;
	out->app = name;
	*in = toc_span_from(rest, 1);
	return true;
}

/* A word that can be a host: no colon at its end, no bracket. "[10.1.1.1]" is one too, and an access point of UniFi's
 * says "788a2056b182,v4.0.66.10832:". */
static bool read_host(struct toc_span *in, struct header *out)
{
	static const uint8_t never_in_host[256] = { ['['] = 1, ['='] = 1, ['"'] = 1, ['\''] = 1, ['{'] = 1, ['|'] = 1 };
	struct toc_addr a;
	size_t end = toc_span_find(*in, ' ');
	struct toc_span w = toc_span_first(*in, end);
	if (w.n == 0 || end == in->n || w.n > 255 || w.p[0] == '%')
		return false;
	size_t comma = toc_span_find(w, ',');
	if (w.p[0] == '[' && w.p[w.n - 1] == ']' && toc_addr_parse(toc_span_of(w.p + 1, w.n - 2), &a))
		w = toc_span_of(w.p + 1, w.n - 2);
	else if (comma && comma < w.n && w.p[w.n - 1] == ':')
		w = toc_span_first(w, comma);
	else if (w.p[w.n - 1] == ':' || w.p[w.n - 1] == ']' || comma < w.n)
		return false;
	for (size_t i = 0; i < w.n; i++)
		if (never_in_host[w.p[i]])
			return false;
	out->host = w;
	*in = toc_span_from(*in, end + 1);
	return true;
}

/* Behind a stamp: nothing, or a zone's name that nobody knows, and a colon: "08:00:00.250 gmt: %SEC-6-…". */
static bool ends_in_colon(struct toc_span *in)
{
	size_t colon = toc_span_find(toc_span_first(*in, 8), ':');
	if (colon >= in->n || colon >= 8 || (colon + 1 < in->n && in->p[colon + 1] != ' ') ||
	    toc_span_find(toc_span_from(toc_span_first(*in, colon), 1), ' ') + 1 < colon)
		return false;
	*in = toc_span_from(*in, colon + 1);
	skip_spaces(in);
	return true;
}

/* "00:01:07", "1w2d", "5d03h": time since the device began, which is nobody's time. */
static bool is_uptime(struct toc_span s)
{
	size_t i = 0;
	bool digits = false;
	for (; i < s.n; i++) {
		uint8_t c = s.p[i];
		digits = digits || (c >= '0' && c <= '9');
		if (!(c >= '0' && c <= '9') && c != ':' && c != 'y' && c != 'w' && c != 'd' && c != 'h')
			return false;
	}
	return digits;
}

static size_t find_colon_space(struct toc_span s)
{
	size_t i = 0;
	while (i + 1 < s.n && !(s.p[i] == ':' && s.p[i + 1] == ' '))
		i++;
	return i + 1 < s.n ? i : s.n;
}

/* "303011: sw20: *Mar  2 08:00:04.264: %SEC_LOGIN-4-…" (Cisco IOS), "WLC1: *task: Mar  2 …: %…" (AireOS): sequence,
 * host and task before the time; "00:01:07: %LINK-3-…": a device that has no clock. */
static bool read_ios(struct toc_span *in, const struct stamp_rules *rules, struct header *out)
{
	struct toc_span at = *in, host = toc_span_first(at, 0), task = host;
	for (int part = 0; part < 6 && at.n; part++) {
		struct toc_span stamp = at;
		while (stamp.n && (stamp.p[0] == '*' || stamp.p[0] == '.' || stamp.p[0] == ' '))
			stamp = toc_span_from(stamp, 1);
		bool has_time = stamp_read(&stamp, rules, &out->ts) && ends_in_colon(&stamp);
		if (has_time || (part && at.p[0] == '%')) {
			out->has_time = has_time;
			out->host = host.n ? host : out->host;
			out->app = task;
			*in = has_time ? stamp : at;
			if (!task.n)
				read_tag(in, out);
			return true;
		}
		size_t colon = find_colon_space(toc_span_first(at, 80));
		if (colon == (at.n < 80 ? at.n : 80))
			return false;
		struct toc_span w = toc_span_first(at, colon);
		size_t glued =
			toc_span_find(w, ':'); /* IOS-XR: "RP/0/RP0/CPU0:Mar  2 08:00:18.250 UTC: snmpd[7]: %…" */
		struct toc_span month = toc_span_from(w, glued + 1);
		if (glued < w.n && month.p[0] >= 'A' && month.n >= 12 && month.p[3] == ' ') {
			host = toc_span_first(w, glued);
			at = toc_span_from(at, glued + 1);
			continue;
		}
		if (all_digits(w)) /* the syslog task's number, then the message's own: the last one counts */
			out->sequence = w;
		if (w.n && w.p[0] == '*')
			task = toc_span_from(w, 1);
		else if (w.n && !all_digits(w) && !is_uptime(w) && toc_span_find(w, ' ') == w.n &&
			 toc_span_find(w, '[') == w.n)
			host = w;
		at = toc_span_from(at, colon + 1);
		skip_spaces(&at);
	}
	return false;
}

/* "788a20aabbcc,UAP-AC-Pro-6.0.14+1: " behind the host: what an access point of UniFi is. */
static bool is_model(struct toc_span line)
{
	enum { MAC_DIGITS = 12 };
	const size_t space = toc_span_find(toc_span_first(line, 80), ' ');
	if (space < MAC_DIGITS + 3 || space >= 80 || space >= line.n || line.p[MAC_DIGITS] != ',' ||
	    line.p[space - 1] != ':')
		return false;
	for (size_t i = 0; i < MAC_DIGITS; i++)
		if (!(line.p[i] >= '0' && line.p[i] <= '9') && !(line.p[i] >= 'a' && line.p[i] <= 'f'))
			return false;
	return true;
}

/* A word that comes twice, or a word that no space may follow: the host, and the relay that named it before. */
static void read_names(struct toc_span *line, struct header *out)
{
	if (!read_tag(line, out) && read_host(line, out)) {
		struct toc_span again = toc_span_first(*line, out->host.n);
		if (toc_span_eq(again, out->host) && line->n > again.n && line->p[again.n] == ' ')
			*line = toc_span_from(*line, again.n + 1);
		skip_spaces(line);
		if (is_model(*line)) {
			*line = toc_span_from(*line, toc_span_find(*line, ' '));
			skip_spaces(line);
		}
		size_t close =
			toc_span_find(toc_span_first(*line, 80), ')'); /* UniFi: ("U7PG2,788a2056b182,v4.0.66") */
		if (line->n > 2 && line->p[0] == '(' && line->p[1] == '"' && close < 80 && close < line->n) {
			*line = toc_span_from(*line, close + 1);
			skip_spaces(line);
		}
	}
	if (!out->app.n)
		read_tag(line, out);
	if (out->app.n && !out->host.n && line->n && line->p[0] == '%') { /* "10.1.1.1: %ASA-…": that is the host */
		out->host = out->app;
		out->app = toc_span_first(*line, 0);
	}
	if (line->n >= 2 && line->p[0] == ':' && line->p[1] == ' ') /* "fw4 : %ASA-…" */
		*line = toc_span_from(*line, 2);
}

/* "*apfMsConnTask_1: Mar 02 08:00:41.120: %APF-…", "*Mar  1 00:00:41.120: %SYS-…" behind a relay's header: what it took
 * for a program is the host. */
static bool is_ios_inside(struct toc_span line, const struct stamp_rules *rules, struct header *out)
{
	struct header inner = *out;
	if (!out->host.n || out->pid.n || !line.n || line.p[0] != '*' || !read_ios(&line, rules, &inner) ||
	    !inner.has_time || !line.n || line.p[0] != '%')
		return false;
	out->host = out->app.n ? out->app : out->host;
	out->app = toc_span_first(out->app, 0);
	return true;
}

/* A relay's header before the device's own: the inner one counts. */
static bool is_inner(struct toc_span line, const struct stamp_rules *rules, const struct header *out)
{
	struct header inner = *out;
	toc_time ts;
	if (!out->host.n || out->app.n || !line.n)
		return false;
	return (line.p[0] == '<' && read_priority(&line) >= 0) ||
	       (line.p[0] >= '0' && line.p[0] <= '9' &&
		(read_5424(line, rules, &inner) || read_ios(&line, rules, &inner))) ||
	       stamp_read(&line, rules, &ts);
}

/* "<mail.info>" or "<2.6>" behind the time: FreeBSD's syslogd with -v. */
static void read_level(struct toc_span *line, struct header *out)
{
	if (line->n < 2 || line->p[0] != '<')
		return;
	size_t close = toc_span_find(toc_span_first(*line, 24), '>');
	if (close >= 24 || close == line->n)
		return;
	struct toc_span inner = toc_span_of(line->p + 1, close - 1);
	size_t dot = toc_span_find(inner, '.');
	if (dot + 1 >= inner.n)
		return;
	struct toc_span facility = toc_span_first(inner, dot), severity = toc_span_from(inner, dot + 1);
	for (int f = 0; f < 24; f++)
		for (int v = 0; v < 8 && out->priority < 0; v++)
			if (toc_span_ieq(facility, toc_span_str(facilities[f])) &&
			    toc_span_ieq(severity, toc_span_str(severities[v])))
				out->priority = f * 8 + v;
	*line = toc_span_from(*line, close + 1);
	skip_spaces(line);
}

/* "[Mon Mar  2 08:00:41 2026] …", "[02/Mar/2026:08:00:41 +0000] …", "02-Mar-2026 08:00:41.425 client …" (BIND),
 * "3/2/2026 8:00:41 AM 0E70 PACKET …" (Windows' DNS server), "\"2026-03-02 08:00:41\",…" (Umbrella): the text keeps its
 * time, the event has it too. */
static void peek_time(struct toc_span line, const struct stamp_rules *rules, struct header *out)
{
	if (line.n < 12 || out->has_time)
		return;
	const bool opened = line.p[0] == '[' || line.p[0] == '"';
	if (!opened && (line.p[0] < '0' || line.p[0] > '9'))
		return;
	struct toc_span inner = toc_span_from(line, opened);
	out->has_time = stamp_read(&inner, rules, &out->ts) || stamp_day_first(inner, rules, &out->ts) ||
			stamp_locale(inner, rules, &out->ts);
}

/* "srv1 sshd[77]: …": a journal's line whose time was cut off. Only a process id makes it one. */
static void read_untimed(struct toc_span *line, struct header *out)
{
	struct header h = *out;
	struct toc_span at = *line;
	if (!read_host(&at, &h) || !read_tag(&at, &h) || !all_digits(h.pid))
		return;
	*out = h;
	*line = at;
}

/* Priority, time and names, from the left; false: there was no time. */
static bool read_3164(struct toc_span *line, const struct stamp_rules *rules, struct header *out)
{
	struct toc_span at = *line;
	const bool month_first = at.n && at.p[0] >= 'A';
	if (at.n && (at.p[0] == '*' || at.p[0] == '.')) /* Cisco: the clock is not set, or was */
		at = toc_span_from(at, 1);
	out->has_time = stamp_read(&at, rules, &out->ts);
	if (out->has_time) {
		*line = at;
		/* "08:00:11: %ASA-…" */
		if (!(toc_span_find(at, '%') < (at.n < 16 ? at.n : 16) && ends_in_colon(line)) && line->n &&
		    line->p[0] == ':')
			*line = toc_span_from(*line, 1);
		skip_spaces(line);
		read_level(line, out);
		if (month_first || !read_unversioned(line, out))
			read_names(line, out);
		if (month_first && !out->app.n && !out->host.n)
			read_bracketed(line, out);
		*line = without_bom(*line);
		return true;
	}
	const bool may_be_ios =
		out->priority >= 0 || (line->n && line->p[0] == '*') || (at.n && at.p[0] >= '0' && at.p[0] <= '9');
	if (may_be_ios && read_ios(line, rules, out))
		return true;
	out->has_time = false;
	if (line->n > 2 && line->p[0] == ':' && line->p[1] == ' ')
		*line = toc_span_from(*line, 2);
	return false;
}

void header_read(struct toc_span line, const struct stamp_rules *rules, struct header *out)
{
	line = without_bom(line);
	*out = (struct header){ .priority = -1 };
	bool relay_timed = false;
	toc_time relay_time = 0;
	for (int depth = 0; depth < 3; depth++) {
		if (out->has_time) {
			relay_timed = true;
			relay_time = out->ts;
		}
		int priority = read_priority(&line);
		out->priority = priority >= 0 ? priority : out->priority;
		skip_spaces(&line);
		out->message = line;
		if (read_5424(line, rules, out))
			return;
		if (depth == 0)
			out->host = out->app = out->pid = out->msgid = out->data = out->sequence =
				toc_span_first(line, 0);
		if (!read_3164(&line, rules, out)) {
			peek_time(line, rules, out);
			if (!read_tag(&line, out)) /* <13>app: message */
				read_untimed(&line, out);
			break;
		}
		if (!is_ios_inside(line, rules, out) && !is_inner(line, rules, out))
			break;
	}
	if (!out->has_time &&
	    relay_timed) { /* "Mar  2 08:00:41 sw7 88: %SYS-…": a device that writes no time of its own */
		out->has_time = true;
		out->ts = relay_time;
	}
	out->message = without_mark(line, out->app);
	if (out->app.n && !out->host.n &&
	    (toc_span_starts(out->message, "-Traceback") ||
	     toc_span_starts(out->message, "-Process"))) { /* AireOS: as before a mnemonic */
		out->host = out->app;
		out->app = toc_span_first(line, 0);
	}
}
