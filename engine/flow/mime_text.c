/* mime_text - text, markup, JSON and scripts by how they begin. */
#define _GNU_SOURCE /* memmem */
#include "flow/mime.h"

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct toc_span skip_space(struct toc_span s)
{
	size_t i = 0;
	while (i < s.n && is_space(s.p[i]))
		i++;
	return toc_span_from(s, i);
}

static bool starts_ci(struct toc_span s, const char *text)
{
	return toc_span_ieq(toc_span_first(s, strlen(text)), toc_span_str(text));
}

/* Behind the first `text`, or empty. */
static struct toc_span behind(struct toc_span s, const char *text)
{
	const uint8_t *hit = s.n ? memmem(s.p, s.n, text, strlen(text)) : NULL;
	return hit ? toc_span_from(s, (size_t)(hit - s.p) + strlen(text)) : toc_span_first(s, 0);
}

/* Each comment is passed over once, so many of them are still linear. */
static struct toc_span skip_comments(struct toc_span s)
{
	for (s = skip_space(s); toc_span_starts(s, "<!--"); s = skip_space(s))
		s = behind(s, "-->");
	return s;
}

/* Elements by which markup is known; those with a second word need it behind blanks ("<!DOCTYPE   html"). */
static const struct {
	const char *element, *then, *mime;
} elements[] = {
	{ "<!doctype", "html", "text/html" },
	{ "<html", "", "text/html" },
	{ "<meta", "http-equiv", "text/html" },
	{ "<head", "", "text/html" },
	{ "<title", "", "text/html" },
	{ "<body", "", "text/html" },
	{ "<soap:envelope", "", "application/soap+xml" },
	{ "<soap-env:envelope", "", "application/soap+xml" },
	{ "<!doctype", "cross-domain-policy", "text/x-cross-domain-policy" },
	{ "<cross-domain-policy", "", "text/x-cross-domain-policy" },
	{ "<methodresponse>", "", "application/xml-rpc" },
	{ "<svg", "", "image/svg+xml" },
	{ "<jnlp ", "", "application/x-java-jnlp-file" },
	{ "<cfparam", "", "magnus-internal/cold-fusion" },
	{ "<cfset", "", "magnus-internal/cold-fusion" },
	{ "<cfif", "", "magnus-internal/cold-fusion" },
};

static const char *feed(struct toc_span s)
{
	struct toc_span tag = toc_span_first(s, toc_span_find(s, '>'));
	bool atom = behind(tag, "xmlns:atom").n || behind(tag, "http://www.w3.org/2005/Atom").n;
	if (starts_ci(s, "<rss"))
		return atom ? "text/atom" : "text/rss";
	return starts_ci(s, "<feed") && atom ? "text/atom" : NULL;
}

static const char *element(struct toc_span s)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (!starts_ci(s, elements[i].element))
			continue;
		struct toc_span rest = toc_span_from(s, strlen(elements[i].element));
		if (elements[i].then[0] == '\0' ||
		    (rest.n && is_space(rest.p[0]) && starts_ci(skip_space(rest), elements[i].then)))
			return elements[i].mime;
	}
	return feed(s);
}

/* XML 1.0: a declaration, comments, then the first element, which may tell more. */
static const char *markup(struct toc_span s)
{
	s = skip_comments(s);
	bool xml = toc_span_starts(s, "<?xml ");
	if (xml)
		s = skip_comments(behind(s, "?>"));
	const char *mime = element(s);
	return mime || !xml ? mime : "application/xml";
}

/* Behind a JSON string (RFC 8259, section 7) that s begins with; empty when it does not end. */
static struct toc_span json_string(struct toc_span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return toc_span_from(s, i + 1);
	}
	return toc_span_first(s, 0);
}

static struct toc_span json_word(struct toc_span s)
{
	size_t i = 0;
	while (i < s.n && (s.p[i] == '_' || s.p[i] == '.' || s.p[i] == '-' || (s.p[i] >= '0' && s.p[i] <= '9') ||
			   (toc_lower(s.p[i]) >= 'a' && toc_lower(s.p[i]) <= 'z')))
		i++;
	return toc_span_from(s, i);
}

/* Whether s may go on as a JSON value. */
static bool json_value(struct toc_span s)
{
	if (!s.n)
		return false;
	return strchr("\"[{-0123456789", s.p[0]) || toc_span_starts(s, "true") || toc_span_starts(s, "false") ||
	       toc_span_starts(s, "null");
}

/* An object's first member or an array's first element; a lone brace is not enough. */
static bool json(struct toc_span s)
{
	s = skip_space(s);
	if (!s.n || (s.p[0] != '{' && s.p[0] != '['))
		return false;
	bool object = s.p[0] == '{';
	s = skip_space(toc_span_from(s, 1));
	if (s.n && s.p[0] == (object ? '}' : ']'))
		return skip_space(toc_span_from(s, 1)).n == 0;
	if (!object && s.n && (s.p[0] == '{' || s.p[0] == '['))
		return true;
	if (!object && !json_value(s))
		return false;
	struct toc_span rest = s.n && s.p[0] == '"' ? json_string(s) : json_word(s);
	if (rest.n == s.n)
		return false;
	rest = skip_space(rest);
	if (!rest.n || rest.p[0] != (object ? ':' : ','))
		return false;
	return !object || json_value(skip_space(toc_span_from(rest, 1)));
}

/* "#!" lines: the program's name, with or without env(1). */
static const char *interpreter(struct toc_span s)
{
	static const struct {
		const char *program, *mime;
	} programs[] = {
		{ "sh", "text/x-shellscript" },
		{ "bash", "text/x-shellscript" },
		{ "dash", "text/x-shellscript" },
		{ "zsh", "text/x-shellscript" },
		{ "ksh", "text/x-shellscript" },
		{ "csh", "text/x-shellscript" },
		{ "tcsh", "text/x-shellscript" },
		{ "ash", "text/x-shellscript" },
		{ "perl", "text/x-perl" },
		{ "ruby", "text/x-ruby" },
		{ "python", "text/x-python" },
		{ "awk", "text/x-awk" },
		{ "gawk", "text/x-awk" },
		{ "tcl", "text/x-tcl" },
		{ "wish", "text/x-tcl" },
		{ "lua", "text/x-lua" },
		{ "node", "application/javascript" },
		{ "php", "text/x-php" },
	};
	struct toc_span name = behind(toc_span_first(s, toc_span_find(s, '\n')), "bin/");
	if (toc_span_starts(name, "env "))
		name = skip_space(toc_span_from(name, 4));
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (toc_span_starts(name, programs[i].program))
			return programs[i].mime;
	return NULL;
}

static const struct {
	const char *start, *mime; /* compared without case, behind blanks */
} beginnings[] = {
	{ "@echo off", "text/x-msdos-batch" },
	{ "@rem", "text/x-msdos-batch" },
	{ "@set ", "text/x-msdos-batch" },
	{ "for (;;);", "application/javascript" },
	{ "document.write(", "application/javascript" },
	{ "document.writeln(", "application/javascript" },
	{ "(function(){", "application/javascript" },
	{ "(function() {", "application/javascript" },
	{ "<script>var ", "application/javascript" },
	{ "<script>function ", "application/javascript" },
	{ "<script type=\"text/javascript", "application/javascript" },
	{ "<script type='text/javascript", "application/javascript" },
	{ "<script language=\"javascript", "application/javascript" },
	{ "begin:vcalendar", "text/calendar" },
	{ "begin:vcard", "text/x-vcard" },
	{ "delivered-to:", "message/rfc822" },
	{ "return-path:", "message/rfc822" },
	{ "#extm3u", "application/vnd.apple.mpegurl" },
};

/* "[section]" on a line of its own, in one or two bytes a character. */
static bool ini(struct toc_span s)
{
	size_t i = toc_span_starts(s, "\xff\xfe") ? 2 : 0, name = 0;
	while (i < s.n && (is_space(s.p[i]) || !s.p[i]))
		i++;
	if (i == s.n || s.p[i++] != '[')
		return false;
	for (; i < s.n && s.p[i] != ']'; i++, name++)
		if (s.p[i] == '\r' || s.p[i] == '\n')
			return false;
	for (i++; i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || !s.p[i]); i++)
		;
	return name && i < s.n && (s.p[i] == '\r' || s.p[i] == '\n');
}

static bool printable(struct toc_span s)
{
	enum { ENOUGH = 10 };
	for (size_t i = 0; i < ENOUGH; i++)
		if (i >= s.n || !((s.p[i] >= 0x20 && s.p[i] <= 0x7e) || (s.p[i] >= '\t' && s.p[i] <= '\r')))
			return false;
	return true;
}

const char *toc_mime_text(struct toc_span s)
{
	if (toc_span_starts(s, "\xef\xbb\xbf"))
		s = toc_span_from(s, 3);
	if (toc_span_starts(s, "#!") && interpreter(s))
		return interpreter(s);
	const char *mime = markup(s);
	if (mime)
		return mime;
	if (behind(toc_span_first(s, toc_span_find(s, '\n')), "<?php").n)
		return "text/x-php";
	if (json(s))
		return "text/json";
	if (ini(s))
		return "text/ini";
	struct toc_span text = skip_space(s);
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (starts_ci(text, beginnings[i].start))
			return beginnings[i].mime;
	return printable(s) ? "text/plain" : NULL;
}
