/* line - reading lines, words, numbers and three-digit replies of text protocols. */
#include "decoders/line.h"

static bool told(struct line_reader *r, bool cut)
{
	r->skipping = cut;
	r->doubtful = r->lost;
	r->lost = false;
	return true;
}

bool line_skip_rest(struct line_reader *r, struct toc_cursor *in)
{
	struct toc_span rest = toc_rest(in);
	if (r->skipping && rest.n) {
		size_t end = toc_span_find(rest, '\n');
		r->skipping = end == rest.n;
		toc_skip(in, r->skipping ? rest.n : end + 1);
	}
	return !r->skipping;
}

bool line_read(struct line_reader *r, struct toc_cursor *in, size_t most, struct toc_span *line)
{
	while (line_skip_rest(r, in) && toc_left(in)) {
		struct toc_span rest = toc_rest(in);
		size_t end = toc_span_find(toc_span_first(rest, most + 2), '\n');
		if (end == most + 2) { /* the same whether the end is there already or not */
			*line = toc_take(in, most);
			return told(r, true);
		}
		if (end == rest.n)
			return false;
		toc_skip(in, end + 1);
		*line = toc_span_first(rest, end);
		if (line->n && line->p[line->n - 1] == '\r')
			line->n--;
		return told(r, false);
	}
	return false;
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct toc_span line_word(struct toc_span *rest)
{
	struct toc_span s = *rest;
	size_t from = 0, to;
	while (from < s.n && blank(s.p[from]))
		from++;
	to = from;
	while (to < s.n && !blank(s.p[to]))
		to++;
	struct toc_span word = toc_span_from(toc_span_first(s, to), from);
	while (to < s.n && blank(s.p[to]))
		to++;
	*rest = toc_span_from(s, to);
	return word;
}

struct toc_span line_trim(struct toc_span s)
{
	size_t from = 0;
	while (from < s.n && (blank(s.p[from]) || s.p[from] == '\r'))
		from++;
	s = toc_span_from(s, from);
	while (s.n && (blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

bool line_starts(struct toc_span s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && toc_span_ieq(toc_span_first(s, n), toc_span_of(word, n));
}

size_t line_find(struct toc_span s, const char *text)
{
	for (size_t i = 0; i < s.n; i++)
		if (line_starts(toc_span_from(s, i), text))
			return i;
	return s.n;
}

size_t line_digits(struct toc_span s)
{
	size_t n = 0;
	while (n < s.n && line_is_digit(s.p[n]))
		n++;
	return n;
}

bool line_uint(struct toc_span s, uint64_t *v)
{
	uint64_t sum = 0;
	if (s.n == 0 || s.n > 19 || line_digits(s) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		sum = sum * 10 + (uint64_t)(s.p[i] - '0');
	*v = sum;
	return true;
}

bool line_is_text(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

bool line_reply(struct toc_span line, struct line_reply *r)
{
	if (line_digits(line) != 3 || line.p[0] < '1' || line.p[0] > '6')
		return false;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return false;
	r->code = (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
	r->more = line.n > 3 && line.p[3] == '-';
	r->text = toc_span_from(line, 4);
	return true;
}

struct toc_span line_first(struct toc_span *s)
{
	size_t end = toc_span_find(*s, '\n');
	struct toc_span line = toc_span_first(*s, end);
	*s = toc_span_from(*s, end + 1);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

size_t line_head_end(struct toc_span s)
{
	struct toc_span rest = s;
	while (toc_span_find(rest, '\n') < rest.n)
		if (line_first(&rest).n == 0)
			return s.n - rest.n;
	return 0;
}

bool line_header(struct toc_span *head, struct toc_span *name, struct toc_span *value)
{
	while (head->n) {
		struct toc_span line = line_first(head);
		size_t colon = toc_span_find(line, ':');
		if (colon == line.n)
			continue;
		*name = line_trim(toc_span_first(line, colon));
		*value = line_trim(toc_span_from(line, colon + 1));
		return true;
	}
	return false;
}

enum toc_probe line_begins(struct toc_span s, const char *text)
{
	size_t n = strlen(text);
	if (s.n >= n)
		return line_starts(s, text) ? TOC_YES : TOC_NO;
	return toc_span_ieq(s, toc_span_of(text, s.n)) ? TOC_MAYBE : TOC_NO;
}

enum toc_probe line_begins_any(struct toc_span s, const char *const *texts)
{
	enum toc_probe best = TOC_NO;
	for (; *texts; texts++) {
		enum toc_probe one = line_begins(s, *texts);
		best = one > best ? one : best;
	}
	return best;
}

void line_keep(struct line_name *name, struct toc_span s)
{
	s = toc_span_first(s, LINE_NAME);
	name->n = (uint8_t)s.n;
	if (s.n)
		memcpy(name->b, s.p, s.n);
}
