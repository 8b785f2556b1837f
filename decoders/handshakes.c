/*
 * handshakes - protocols of which it is enough to know that they are there, and whose first bytes a pattern cannot tell
 * (those that it can are in presence_tcp.c). A label is given only for bytes that nobody else sends.
 */
#include "decoders/line.h"

/* What one protocol says of the first bytes of a direction. */
typedef enum toc_probe judge(struct toc_span first, enum toc_dir dir);

static enum toc_probe starts(struct toc_span s, const void *bytes, size_t n)
{
	size_t have = s.n < n ? s.n : n;
	if (have && memcmp(s.p, bytes, have) != 0)
		return TOC_NO;
	return s.n < n ? TOC_MAYBE : TOC_YES;
}

static enum toc_probe all_of(bool so)
{
	return so ? TOC_YES : TOC_NO;
}

/* Levin, Monero's peer protocol: signature. */
static enum toc_probe monero(struct toc_span s, enum toc_dir dir)
{
	(void)dir;
	return starts(s, "\x01\x21\x01\x01\x01\x01\x01\x01", 8);
}

/*
 * Three texts from `at` on, each with its NUL, within the first `most` bytes; the last one in *last. What stands behind
 * them says nothing: whether it is there yet is chance.
 */
static enum toc_probe three_texts(struct toc_span s, size_t at, size_t most, struct toc_span *last)
{
	const bool more = s.n < most;
	s = toc_span_first(s, most);
	for (unsigned i = 0; i < 3; i++) {
		struct toc_span rest = toc_span_from(s, at);
		size_t n = toc_span_find(rest, 0);
		if (!line_is_text(toc_span_first(rest, n)) || (n == 0 && rest.n))
			return TOC_NO;
		if (n == rest.n)
			return more ? TOC_MAYBE : TOC_NO;
		*last = toc_span_first(rest, n);
		at += n + 1;
	}
	return TOC_YES;
}

/* RFC 1282: NUL, local user NUL, remote user NUL, terminal/speed NUL. */
static enum toc_probe rlogin(struct toc_span s, enum toc_dir dir)
{
	struct toc_span terminal = { 0 };
	if (dir == TOC_RESP || (s.n && s.p[0] != 0))
		return TOC_NO;
	enum toc_probe is = three_texts(s, 1, 256, &terminal);
	if (is != TOC_YES)
		return is;
	struct toc_span speed = toc_span_from(terminal, toc_span_find(terminal, '/') + 1);
	return all_of(speed.n && line_digits(speed) == speed.n);
}

/* rsh: port for errors NUL, local user NUL, remote user NUL, command NUL. */
static enum toc_probe rsh(struct toc_span s, enum toc_dir dir)
{
	struct toc_span command = { 0 };
	size_t digits = line_digits(s);
	if (dir == TOC_RESP || digits > 5 || (s.n && digits == 0))
		return TOC_NO;
	if (digits == s.n)
		return TOC_MAYBE;
	return s.p[digits] == 0 ? three_texts(s, digits + 1, 1000, &command) : TOC_NO;
}

/* RFC 3977: a greeting that names it, or a reader's first command. */
static enum toc_probe nntp(struct toc_span s, enum toc_dir dir)
{
	static const char *const greetings[] = { "200 ", "201 ", NULL };
	if (dir == TOC_ORIG)
		return line_begins(s, "MODE READER\r\n");
	enum toc_probe is = line_begins_any(s, greetings);
	if (is != TOC_YES)
		return is;
	if (toc_span_find(s, '\n') == s.n)
		return TOC_MAYBE;
	struct toc_span line = toc_span_first(s, toc_span_find(s, '\n'));
	return line_find(line, "NNTP") < line.n || line_find(line, "InterNetNews") < line.n ? TOC_YES : TOC_MAYBE;
}

/* X11: byte order, 0, version 11.0, in it. */
static enum toc_probe x11(struct toc_span s, enum toc_dir dir)
{
	enum toc_probe little = starts(s, "l\0\x0b\0\0\0", 6), big = starts(s, "B\0\0\x0b\0\0", 6);
	return dir == TOC_RESP ? TOC_NO : little > big ? little : big;
}

/* SPICE: REDQ, version 2. */
static enum toc_probe spice(struct toc_span s, enum toc_dir dir)
{
	(void)dir;
	return starts(s, "REDQ\x02\0\0\0", 8);
}

/* Citrix ICA. */
static enum toc_probe ica(struct toc_span s, enum toc_dir dir)
{
	(void)dir;
	return starts(s, "\x7f\x7fICA\0", 6);
}

static const struct {
	const char *service;
	judge *judge;
} known[] = { { "monero", monero }, { "rlogin", rlogin }, { "rsh", rsh }, { "nntp", nntp },
	      { "x11", x11 },	    { "spice", spice },	  { "ica", ica } };

enum { N_KNOWN = sizeof(known) / sizeof(known[0]) };

/* The first YES, or the best of the others. */
static enum toc_probe judge_all(struct toc_span first, enum toc_dir dir, const char **service)
{
	enum toc_probe best = TOC_NO;
	for (unsigned i = 0; i < N_KNOWN && best != TOC_YES; i++) {
		enum toc_probe one = known[i].judge(first, dir);
		*service = known[i].service;
		best = one > best ? one : best;
	}
	return best;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	const char *service;
	(void)hint;
	return judge_all(first, dir, &service);
}

/* The direction that was recognised may not be the one that speaks first. */
static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	const char *service;
	(void)state;
	if (judge_all(toc_rest(in), dir, &service) == TOC_YES) {
		toc_sink_confirm(s, service);
		return TOC_DONE;
	}
	return toc_left(in) < 1024 ? line_wait(in, s) : TOC_DONE;
}

const struct toc_decoder toc_decoder_handshakes = {
	.name = "handshakes", .carriers = TOC_OVER_TCP, .probe = probe, .parse = parse
};
