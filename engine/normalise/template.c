/* template - words compared one by one; a hole knows what it has held so far (after Drain, He et al. 2017). */
#include "normalise/template.h"

#include <stdio.h>
#include <string.h>

#include "tocsin/addr.h"

/* The byte of a hole, by what has stood there. */
enum hole { NONE, WORD, UINT, IP, MAC, REST, HOLES };

static const char *const takes[HOLES] = {
	[WORD] = "word", [UINT] = "uint", [IP] = "ip", [MAC] = "mac", [REST] = "rest"
};

struct words {
	struct toc_span at[TEMPLATE_WORDS];
	enum hole hole[TEMPLATE_WORDS]; /* NONE: the word itself */
	unsigned n;
};

static bool is_uint(struct toc_span w)
{
	size_t i = 0;
	while (i < w.n && w.p[i] >= '0' && w.p[i] <= '9')
		i++;
	return w.n && i == w.n;
}

static enum hole kind_of(struct toc_span w)
{
	struct toc_addr a;
	struct toc_mac m;
	if (w.n == 1 && w.p[0] > NONE && w.p[0] < HOLES)
		return (enum hole)w.p[0]; /* of a template; lines have no such bytes */
	return is_uint(w) ? UINT : toc_addr_parse(w, &a) ? IP : toc_mac_parse(w, &m) ? MAC : NONE;
}

static bool is_odd(struct toc_span w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.p[i] < 0x20 || w.p[i] >= 0x7f)
			return true;
	return false;
}

static void split(struct toc_span text, bool is_template, struct words *out)
{
	out->n = 0;
	text = toc_span_first(text, TEMPLATE_TEXT - 1 - TEMPLATE_WORDS);
	while (text.n) {
		size_t end = toc_span_find(text, ' ');
		struct toc_span word = toc_span_first(text, end);
		text = toc_span_from(text, end + 1);
		if (!word.n)
			continue;
		bool last = out->n == TEMPLATE_WORDS - 1;
		out->at[out->n] = word;
		out->hole[out->n] = last ? REST : !is_template && is_odd(word) ? WORD : kind_of(word);
		out->n++;
		if (last)
			return;
	}
}

static enum hole joined(enum hole a, enum hole b)
{
	return a == b ? a : a == REST || b == REST ? REST : WORD;
}

static bool same(const struct words *a, const struct words *b, unsigned i)
{
	if (a->hole[i] || b->hole[i])
		return a->hole[i] == b->hole[i];
	return toc_span_eq(a->at[i], b->at[i]);
}

/* How many words are the same; 0 where the numbers of words differ, or the first words, which say what it is about. */
static unsigned likeness(const struct words *a, const struct words *b)
{
	unsigned alike = 0;
	if (a->n != b->n || !a->n)
		return 0;
	for (unsigned i = 0; i < a->n; i++)
		alike += same(a, b, i);
	return alike;
}

static void store(struct template *t, const struct words *w)
{
	char text[TEMPLATE_TEXT] = "";
	size_t n = 0;
	for (unsigned i = 0; i < w->n && n + 2 < sizeof(text); i++) {
		size_t room = sizeof(text) - 2 - n, length = w->at[i].n < room ? w->at[i].n : room;
		if (w->hole[i])
			text[n++] = (char)w->hole[i];
		else {
			memcpy(text + n, w->at[i].p, length);
			n += length;
		}
		text[n++] = ' ';
	}
	memcpy(t->text, text, sizeof(text)); /* the words may lie in it */
}

struct template *template_take(struct template *all, unsigned n, struct toc_span line)
{
	struct words of_line, of_template;
	struct template *best = NULL, *weakest = all;
	unsigned most = 0;
	split(line, false, &of_line);
	for (unsigned i = 0; i < n; i++) {
		struct template *t = &all[i];
		split(toc_span_str(t->text), true, &of_template);
		unsigned alike = t->lines ? likeness(&of_line, &of_template) : 0;
		if (alike > most && 2 * alike >= of_line.n) {
			most = alike;
			best = t;
		}
		if (t->lines < weakest->lines)
			weakest = t;
	}
	if (!best) {
		weakest->lines = 1;
		store(weakest, &of_line);
		return weakest;
	}
	split(toc_span_str(best->text), true, &of_template);
	for (unsigned i = 0; i < of_line.n; i++)
		if (!same(&of_line, &of_template, i))
			of_template.hole[i] = joined(of_line.hole[i] ? of_line.hole[i] : WORD,
						     of_template.hole[i] ? of_template.hole[i] : WORD);
	store(best, &of_template);
	best->lines++;
	return best;
}

/* Quotes of YAML and braces of patterns are doubled. */
static size_t put_word(char *out, size_t room, struct toc_span w)
{
	size_t n = 0;
	for (size_t i = 0; i < w.n && n + 2 < room; i++) {
		char c = (char)w.p[i];
		if (c == '\'' || c == '{')
			out[n++] = c;
		out[n++] = c;
	}
	return n;
}

size_t template_pattern(const struct template *t, char out[TEMPLATE_PATTERN])
{
	struct words w;
	unsigned seen[HOLES] = { 0 };
	size_t n = 0;
	split(toc_span_str(t->text), true, &w);
	out[n++] = '\'';
	for (unsigned i = 0; i < w.n && n + 32 < TEMPLATE_PATTERN; i++) {
		if (i)
			out[n++] = ' ';
		enum hole hole = w.hole[i];
		if (hole)
			n += (size_t)snprintf(out + n, TEMPLATE_PATTERN - n, "{%s%u:%s}", takes[hole], ++seen[hole],
					      takes[hole]);
		else
			n += put_word(out + n, TEMPLATE_PATTERN - 32 - n, w.at[i]);
	}
	out[n++] = '\'';
	out[n] = '\0';
	return n;
}
