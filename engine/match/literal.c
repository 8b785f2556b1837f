/* literal - the longest text that an expression cannot do without: a sound guess, so that it is run on few events only.
 */
#include <stdlib.h>

#include "match/compiled.h"

enum { SHORTEST = 2 };

struct reader {
	const char *at;
	uint8_t *run, *best; /* the run that is being read, and the longest so far */
	size_t run_n, best_n;
	bool lost; /* met what this reader does not know: nothing may be said */
};

static void end_run(struct reader *r)
{
	if (r->run_n > r->best_n) {
		memcpy(r->best, r->run, r->run_n);
		r->best_n = r->run_n;
	}
	r->run_n = 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* [...]: behind the opening bracket. */
static void skip_class(struct reader *r)
{
	r->at += *r->at == '^';
	r->at += *r->at == ']';
	while (*r->at && *r->at != ']') {
		if (r->at[0] == '[' && (r->at[1] == ':' || r->at[1] == '.' || r->at[1] == '='))
			r->lost = true;
		r->at += r->at[0] == '\\' && r->at[1] ? 2 : 1;
	}
	r->at += *r->at == ']';
}

/* (...): behind the opening one. What is within may be optional or one of several, so nothing of it counts. */
static void skip_group(struct reader *r)
{
	for (unsigned depth = 1; *r->at && depth;) {
		char c = *r->at++;
		if (c == '\\' && *r->at)
			r->lost = r->lost || *r->at++ == 'Q';
		else if (c == '[')
			skip_class(r);
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
	}
}

/* Behind `(`: flags for what follows, or for a group, that change nothing here; or the beginning of a plain group. */
static void read_group(struct reader *r)
{
	const char *p = r->at;
	if (*p != '?') {
		skip_group(r);
		return;
	}
	p++;
	while (*p == 'i' || *p == 'm' || *p == 's')
		p++;
	r->at = p + 1;
	if (*p == ':')
		skip_group(r);
	else if (*p != ')')
		r->lost = true;
}

/* Behind `\`. */
static void read_escape(struct reader *r)
{
	static const char plain[] = "dDwWsSbBAzZhHvVRnrtfae";
	char c = *r->at;
	if (c)
		r->at++;
	if (c && !is_alnum(c)) {
		r->run[r->run_n++] = (uint8_t)c;
		return;
	}
	end_run(r);
	if (c == 'x' && *r->at != '{') {
		for (unsigned i = 0; i < 2 && is_alnum(*r->at); i++)
			r->at++;
	} else if (!c || !strchr(plain, c)) {
		r->lost = true;
	}
}

/* *, +, ?, {n,m}: the character in front may be missing, and nothing behind it stands next to it. */
static void read_repeat(struct reader *r)
{
	const char *p = r->at++;
	bool optional = *p == '*' || *p == '?';
	if (*p == '{') {
		const char *end = p + 1;
		while (is_digit(*end) || *end == ',')
			end++;
		if (*end != '}') { /* no repetition at all */
			end_run(r);
			return;
		}
		optional = !is_digit(p[1]) || strtoul(p + 1, NULL, 10) == 0;
		r->at = end + 1;
	}
	if (optional && r->run_n)
		r->run_n--;
	end_run(r);
	r->at += *r->at == '?' || *r->at == '+';
}

static void read_one(struct reader *r)
{
	char c = *r->at;
	if (c && strchr("*+?{", c)) {
		read_repeat(r);
		return;
	}
	r->at++;
	switch (c) {
	case '|':
		r->lost = true; /* one side or the other: neither is needed */
		break;
	case '(':
		end_run(r);
		read_group(r);
		break;
	case '[':
		end_run(r);
		skip_class(r);
		break;
	case '.':
	case '^':
	case '$':
		end_run(r);
		break;
	case '\\':
		read_escape(r);
		break;
	default:
		r->run[r->run_n++] = (uint8_t)c;
		break;
	}
}

const struct toc_pattern *literal_of(const char *regex, struct toc_arena *arena)
{
	size_t n = strlen(regex);
	struct reader r = { .at = regex, .run = toc_arena_alloc(arena, n + 1), .best = toc_arena_alloc(arena, n + 1) };
	while (*r.at && !r.lost)
		read_one(&r);
	end_run(&r);
	if (r.lost || r.best_n < SHORTEST)
		return NULL;
	struct toc_pattern *p = toc_arena_alloc(arena, sizeof(*p));
	toc_pattern_literal(p, arena, toc_span_of(r.best, r.best_n), false, true, true);
	return p;
}
