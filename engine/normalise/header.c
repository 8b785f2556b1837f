/* header - one pass from the left; each part is optional. */
#include "normalise/header.h"

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

/* VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP SD SP MSG. */
static bool read_5424(struct toc_span in, const struct stamp_rules *rules, struct header *out)
{
	static const uint8_t bom[3] = { 0xef, 0xbb, 0xbf };
	if (in.n < 3 || in.p[0] < '1' || in.p[0] > '9' || in.p[1] != ' ')
		return false;
	in = toc_span_from(in, 2);
	struct toc_span stamp = word(&in), rest = stamp;
	out->has_time = stamp_read(&rest, rules, &out->ts) && rest.n == 0;
	if (!out->has_time)
		out->has_time = stamp_epoch(stamp, &out->ts); /* Meraki writes epoch.nanos here */
	if (!out->has_time && stamp.n)
		return false;
	out->host = word(&in);
	if (stamp.n && toc_span_find(stamp, '-') == stamp.n) { /* Meraki: no app, no pid, no data */
		out->message = in;
		return true;
	}
	out->app = word(&in);
	out->pid = word(&in);
	word(&in); /* MSGID */
	out->data = structured(&in);
	if (in.n >= 3 && memcmp(in.p, bom, 3) == 0)
		in = toc_span_from(in, 3);
	out->message = in;
	return true;
}

static bool in_tag(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '/' || c == '(' || c == ')' || c == '@' || c == '+';
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
	if (rest.n == 0 || rest.p[0] != ':')
		return false;
	out->app = toc_span_first(*in, n);
	out->pid = pid;
	*in = toc_span_from(rest, 1);
	if (in->n && in->p[0] == ' ')
		*in = toc_span_from(*in, 1);
	return true;
}

/* A word that can be a host: no colon at its end, no bracket. */
static bool read_host(struct toc_span *in, struct header *out)
{
	size_t end = toc_span_find(*in, ' ');
	struct toc_span w = toc_span_first(*in, end);
	if (w.n == 0 || end == in->n || w.n > 255 || w.p[w.n - 1] == ':' || w.p[w.n - 1] == ']' || w.p[0] == '%')
		return false;
	for (size_t i = 0; i < w.n; i++)
		if (w.p[i] == '[' || w.p[i] == '=' || w.p[i] == '"' || w.p[i] == '{')
			return false;
	out->host = w;
	*in = toc_span_from(*in, end + 1);
	return true;
}

/* "303011: sw20: *Mar  2 08:00:04.264: %SEC_LOGIN-4-…" (Cisco IOS): sequence and host before the time. */
static bool read_ios(struct toc_span *in, const struct stamp_rules *rules, struct header *out)
{
	struct toc_span at = *in, host = toc_span_first(at, 0);
	for (int part = 0; part < 4 && at.n; part++) {
		struct toc_span stamp = at;
		if (stamp.n && (stamp.p[0] == '*' || stamp.p[0] == '.'))
			stamp = toc_span_from(stamp, 1);
		if (stamp_read(&stamp, rules, &out->ts)) {
			out->has_time = true;
			out->host = host;
			size_t colon = toc_span_find(toc_span_first(stamp, 8), ':'); /* behind a zone's name */
			*in = toc_span_from(stamp, colon < 8 ? colon + 1 : 0);
			skip_spaces(in);
			return true;
		}
		size_t colon = toc_span_find(toc_span_first(at, 64), ':');
		if (colon >= at.n || colon + 1 >= at.n || at.p[colon + 1] != ' ')
			return false;
		struct toc_span w = toc_span_first(at, colon);
		bool number = w.n > 0;
		for (size_t i = 0; i < w.n; i++)
			number = number && w.p[i] >= '0' && w.p[i] <= '9';
		if (!number && toc_span_find(w, ' ') == w.n)
			host = w;
		at = toc_span_from(at, colon + 2);
	}
	return false;
}

void header_read(struct toc_span line, const struct stamp_rules *rules, struct header *out)
{
	*out = (struct header){ .priority = -1 };
	out->priority = read_priority(&line);
	skip_spaces(&line);
	out->message = line;
	if (out->priority >= 0 && read_5424(line, rules, out))
		return;
	struct toc_span empty = toc_span_first(line, 0);
	out->host = out->app = out->pid = out->data = empty;
	out->has_time = stamp_read(&line, rules, &out->ts);
	if (!out->has_time && !(out->priority >= 0 && read_ios(&line, rules, out))) {
		out->has_time = false;
		read_tag(&line, out); /* <13>app: message */
		out->message = line;
		return;
	}
	skip_spaces(&line);
	if (!out->host.n && !read_tag(&line, out))
		read_host(&line, out);
	if (!out->app.n)
		read_tag(&line, out);
	if (line.n >= 2 && line.p[0] == ':' && line.p[1] == ' ') /* "fw4 : %ASA-…" */
		line = toc_span_from(line, 2);
	out->message = line;
}
