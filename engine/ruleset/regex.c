/* regex - what is looked at in an expression before it is compiled: escapes that nobody means, branches that are dead.
 */
#include <string.h>

#include "ruleset/load.h"

/* `\c` of C:\Windows\cmd: engines disagree on what such an escape is, so nobody can have meant it. */
const char *regex_odd_escape(struct load *l, const char *text)
{
	static const char known[] = "AbBdDsSwWzZafnrtvxuUNhHQEpPe";
	for (; *text; text++) {
		if (*text != '\\')
			continue;
		text++;
		bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
		if (!*text)
			return "it ends in a backslash";
		if (letter && !strchr(known, *text))
			return toc_arena_printf(l->arena,
						"\\%c is no escape; write \\\\%c for a backslash and the letter", *text,
						*text);
	}
	return NULL;
}

/* Length of the item at text: an escape, a class in brackets, or one character. */
static size_t item_length(const char *text)
{
	if (text[0] == '\\' && text[1])
		return 2;
	if (text[0] != '[')
		return 1;
	size_t i = 1 + (text[1] == '^');
	i += text[i] == ']';
	while (text[i] && text[i] != ']')
		i += text[i] == '\\' && text[i + 1] ? 2 : 1;
	return text[i] ? i + 1 : i;
}

/* Length of the first branch of an alternative; *dead: a `^` stands behind a character that must come before it. */
static size_t branch_length(const char *text, bool *dead)
{
	size_t i = 0;
	unsigned depth = 0;
	bool consumed = false;
	*dead = false;
	while (text[i] && !(text[i] == '|' && depth == 0)) {
		size_t n = item_length(text + i);
		bool plain = n == 1 && strchr("^$()|?*+{}.", text[i]) != NULL;
		depth += text[i] == '(' && n == 1;
		depth -= text[i] == ')' && n == 1 && depth > 0;
		*dead = *dead || (text[i] == '^' && n == 1 && depth == 0 && consumed);
		/* a character that a repetition behind it does not make optional */
		if (depth == 0 && !plain && !strchr("?*{", text[i + n]))
			consumed = true;
		if (depth == 0 && !plain && text[i + n] == '\0')
			consumed = true;
		i += n;
	}
	return i;
}

const char *regex_live(struct load *l, const struct toc_yaml *value, const char *text, bool multiline)
{
	size_t n = strlen(text), at = 0;
	char *out = toc_arena_alloc(l->arena, n + 1);
	bool dead = false, more = true, any = false, dropped = false;
	/* inline flags could make `^` mean something else, and (?x) everything */
	if (multiline || !strchr(text, '^') || strstr(text, "(?"))
		return text;
	for (const char *from = text; more;) {
		size_t branch = branch_length(from, &dead);
		more = from[branch] == '|';
		dropped = dropped || dead;
		if (!dead) {
			if (any)
				out[at++] = '|';
			memcpy(out + at, from, branch);
			at += branch;
			any = true;
		}
		from += branch + 1;
	}
	if (!dropped || !any)
		return text;
	out[at] = '\0';
	tell(l, value, (struct finding){ TOC_WARNING, "regex-dead", NULL, 0, 0 },
	     "a ^ behind a character never holds, so this is the same as %s", out);
	return out;
}
