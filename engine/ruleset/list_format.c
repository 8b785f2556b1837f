/* list_format - lines of the files that districts already use: hosts files (hosts(5)), CSV (RFC 4180), Spamhaus DROP,
 * Tor exits. */
#include "ruleset/list_format.h"

#include <string.h>

static const struct {
	const char *name;
	enum list_form form;
} forms[] = { { "lines", LIST_LINES },
	      { "hosts", LIST_HOSTS },
	      { "csv", LIST_CSV },
	      { "drop", LIST_DROP },
	      { "tor", LIST_TOR } };

bool list_form_named(const char *name, enum list_form *out)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0) {
			*out = forms[i].form;
			return true;
		}
	return false;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word; `rest` goes on behind it. */
static struct toc_span word(struct toc_span *rest)
{
	size_t n = 0;
	*rest = toc_span_trim(*rest);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	struct toc_span w = toc_span_first(*rest, n);
	*rest = toc_span_from(*rest, n);
	return w;
}

/* Behind a column's value: in quotes (which doubled ones do not end), or up to the comma. */
static struct toc_span cell(struct toc_span *rest)
{
	size_t n = 0;
	*rest = toc_span_trim(*rest);
	if (rest->n && rest->p[0] == '"') {
		for (n = 1; n < rest->n; n++)
			if (rest->p[n] == '"' && n + 1 < rest->n && rest->p[n + 1] == '"')
				n++;
			else if (rest->p[n] == '"')
				break;
		struct toc_span in = toc_span_from(toc_span_first(*rest, n), 1);
		*rest = toc_span_from(*rest, n + (n < rest->n));
		size_t comma = toc_span_find(*rest, ',');
		*rest = toc_span_from(*rest, comma + (comma < rest->n));
		return in;
	}
	n = toc_span_find(*rest, ',');
	struct toc_span in = toc_span_trim(toc_span_first(*rest, n));
	*rest = toc_span_from(*rest, n + (n < rest->n));
	return in;
}

static struct toc_span host_of(struct toc_span s)
{
	for (size_t i = 0; i + 2 < s.n; i++)
		if (memcmp(s.p + i, "://", 3) == 0) {
			s = toc_span_from(s, i + 3);
			break;
		}
	size_t end = 0, at = 0;
	while (end < s.n && !strchr("/?#", s.p[end]))
		end++;
	s = toc_span_first(s, end);
	at = toc_span_find(s, '@');
	s = at < s.n ? toc_span_from(s, at + 1) : s;
	if (s.n && s.p[0] == '[')
		return toc_span_from(toc_span_first(s, toc_span_find(s, ']')), 1);
	size_t colon = toc_span_find(s, ':');
	struct toc_span behind = toc_span_from(s, colon + (colon < s.n));
	return toc_span_find(behind, ':') < behind.n ? s : toc_span_first(s, colon); /* two colons: a v6 address */
}

/* Names that every hosts file has for the computer itself. */
static bool is_own(struct toc_span name)
{
	static const char *const own[] = { "localhost",	    "localhost.localdomain", "local",	     "broadcasthost",
					   "ip6-localhost", "ip6-loopback",	     "ip6-localnet", "ip6-mcastprefix",
					   "ip6-allnodes",  "ip6-allrouters",	     "ip6-allhosts", "0.0.0.0" };
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (toc_span_is(name, own[i]))
			return true;
	return false;
}

void list_format_line(const struct list_format *f, struct toc_span line,
		      void (*take)(void *self, struct toc_span entry), void *self)
{
	struct toc_span rest = toc_span_trim(line), entry;
	if (f->form == LIST_DROP)
		rest = toc_span_first(rest, toc_span_find(rest, ';'));
	if (f->form == LIST_CSV ? rest.n && rest.p[0] == '#' : true)
		rest = toc_span_first(rest, toc_span_find(rest, '#')); /* in a column it is part of a URL */
	if (f->form == LIST_HOSTS) {
		word(&rest);
		while ((entry = word(&rest)).n)
			if (!is_own(entry))
				take(self, entry);
		return;
	}
	entry = toc_span_trim(rest);
	if (f->form == LIST_TOR) {
		struct toc_span first = word(&rest);
		entry = word(&rest);
		if (!toc_span_is(first, "ExitAddress"))
			return; /* the other lines tell of the relay */
	}
	for (unsigned i = 0; f->form == LIST_CSV && i < f->column; i++)
		entry = cell(&rest);
	if (f->host)
		entry = host_of(entry);
	if (entry.n)
		take(self, entry);
}
