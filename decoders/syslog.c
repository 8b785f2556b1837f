/*
 * syslog - messages that pass on the wire (RFC 3164, RFC 5424 section 6, RFC 5426, RFC 6587). Who sent how much at
 * which level: the words may name people and hold secrets, and only the receiving side knows how to take those out, so
 * they go there.
 */
#include "decoders/line.h"

enum field { K_SYSLOG, F_PROTO, F_FACILITY, F_SEVERITY, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_SYSLOG] = { "syslog", TOC_KIND, false, TOC_OPEN, NULL, "a syslog message on the wire" },
	[F_PROTO] = { "proto", TOC_STRING, false, TOC_OPEN, NULL, "tcp, udp" },
	[F_FACILITY] = { "facility", TOC_STRING, false, TOC_OPEN, NULL, "KERN … LOCAL7, UNSPECIFIED" },
	[F_SEVERITY] = { "severity", TOC_STRING, false, TOC_OPEN, NULL, "EMERG … DEBUG, UNSPECIFIED" },
};

static const char *const facilities[] = { "KERN",   "USER",   "MAIL",	"DAEMON", "AUTH",     "SYSLOG",
					  "LPR",    "NEWS",   "UUCP",	"CRON",	  "AUTHPRIV", "FTP",
					  "NTP",    "AUDIT",  "ALERT",	"CLOCK",  "LOCAL0",   "LOCAL1",
					  "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7" };
static const char *const severities[] = { "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG" };

enum { PRI_MOST = 191, MESSAGE = LINE_MOST /* of a longer one the beginning */ };

struct syslog {
	struct line_reader line[2];
	uint32_t left[2]; /* of a counted message */
};

/* "<n>", n up to 191: its length, or 0. */
static size_t read_pri(struct toc_span s, unsigned *pri)
{
	uint64_t n;
	struct toc_span rest = toc_span_from(s, 1);
	size_t digits = line_digits(rest);
	if (s.n < 3 || s.p[0] != '<' || digits > 3 || digits + 1 >= s.n || s.p[digits + 1] != '>')
		return 0;
	if (!line_uint(toc_span_first(rest, digits), &n) || n > PRI_MOST)
		return 0;
	*pri = (unsigned)n;
	return digits + 2;
}

static void tell(struct toc_span message, bool cut, enum toc_dir dir, struct toc_sink *s)
{
	unsigned pri = 0;
	bool has = read_pri(message, &pri) != 0;
	toc_sink_confirm(s, NULL);
	if (toc_sink_line(s, dir, message, cut))
		return;
	struct toc_draft *d = toc_sink_begin(s, K_SYSLOG);
	toc_put_cstr(d, F_PROTO, s->flow->carrier == TOC_OVER_UDP ? "udp" : "tcp");
	toc_put_cstr(d, F_FACILITY, has ? facilities[pri >> 3] : "UNSPECIFIED");
	toc_put_cstr(d, F_SEVERITY, has ? severities[pri & 7] : "UNSPECIFIED");
	toc_sink_commit(s, d);
}

/* "123 <13>…": the message's length (RFC 6587, section 3.4.1). MAYBE: too little to tell. */
static enum toc_probe counted(struct toc_span s, size_t *head, uint64_t *n)
{
	size_t digits = line_digits(s);
	if (digits == s.n || digits + 1 == s.n)
		return digits && digits < 6 ? TOC_MAYBE : s.n ? TOC_NO : TOC_MAYBE;
	if (!digits || digits > 5 || s.p[0] == '0' || s.p[digits] != ' ' || s.p[digits + 1] != '<')
		return TOC_NO;
	*head = digits + 1;
	return line_uint(toc_span_first(s, digits), n) ? TOC_YES : TOC_NO;
}

static enum toc_parse parse_stream(struct syslog *y, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct line_reader *r = &y->line[dir];
	struct toc_span line;
	size_t head;
	uint64_t n;
	while (toc_left(in)) {
		if (y->left[dir]) {
			size_t some = toc_left(in) < y->left[dir] ? toc_left(in) : y->left[dir];
			toc_skip(in, some);
			y->left[dir] -= (uint32_t)some;
			continue;
		}
		if (!line_skip_rest(r, in) || !toc_left(in))
			return TOC_MORE;
		enum toc_probe is = r->lost ? TOC_NO : counted(toc_rest(in), &head, &n);
		size_t told = is == TOC_YES && n < MESSAGE ? (size_t)n : MESSAGE;
		if (is == TOC_MAYBE || (is == TOC_YES && toc_left(in) < head + told))
			return line_wait(in, s);
		if (is == TOC_YES) {
			toc_skip(in, head);
			tell(toc_take(in, told), told < n, dir, s);
			y->left[dir] = (uint32_t)(n - told);
		} else if (!line_read(r, in, MESSAGE, &line)) {
			return line_wait(in, s);
		} else if (line.n && !r->doubtful) {
			tell(line, r->skipping, dir, s);
		}
	}
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (s->flow->carrier == TOC_OVER_TCP)
		return parse_stream(state, in, dir, s);
	tell(toc_rest(in), false, dir, s);
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct syslog *y = state;
	(void)s;
	if (n <= y->left[dir])
		y->left[dir] -= (uint32_t)n;
	else if (y->left[dir])
		y->left[dir] = 0, line_lost(&y->line[dir]);
	else
		line_lost(&y->line[dir]);
	return TOC_MORE;
}

/* Behind the priority: a version and a date (RFC 5424), or a month (RFC 3164). */
static bool has_header(struct toc_span s)
{
	static const char *const months[] = { "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ",
					      "Aug ", "Sep ", "Oct ", "Nov ", "Dec ", NULL };
	for (const char *const *m = months; *m; m++)
		if (toc_span_starts(s, *m))
			return true;
	return s.n > 6 && s.p[0] == '1' && s.p[1] == ' ' && (s.p[2] == '-' || line_digits(toc_span_from(s, 2)) >= 4);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	size_t head = 0;
	uint64_t n;
	unsigned pri;
	(void)dir;
	enum toc_probe is = counted(first, &head, &n);
	struct toc_span s = is == TOC_YES ? toc_span_from(first, head) : first;
	if (is == TOC_MAYBE)
		return TOC_MAYBE;
	size_t at = read_pri(s, &pri);
	if (!at) {
		bool begins = s.n < 5 && s.n && s.p[0] == '<' && line_digits(toc_span_from(s, 1)) == s.n - 1;
		/* no priority at all is allowed (RFC 3164, section 4.3.3), and believed at the port */
		bool text = hint && s.n >= 4 && line_is_alpha(s.p[0]) &&
			    line_is_text(line_trim(toc_span_first(s, toc_span_find(s, '\n'))));
		return begins ? TOC_MAYBE : text ? TOC_YES : TOC_NO;
	}
	struct toc_span rest = toc_span_from(s, at);
	if (has_header(rest))
		return TOC_YES;
	if (rest.n < 7)
		return TOC_MAYBE;
	return hint && line_is_text(toc_span_first(rest, 7)) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 514, 0 };

const struct toc_decoder toc_decoder_syslog = { .name = "syslog",
						.carriers = TOC_OVER_TCP | TOC_OVER_UDP,
						.tcp_ports = ports,
						.udp_ports = ports,
						.fields = fields,
						.nfields = N_FIELDS,
						.state_size = sizeof(struct syslog),
						.lines = true,
						.vital = true,
						.probe = probe,
						.parse = parse,
						.gap = gap };
