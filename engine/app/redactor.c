/* redactor - the longest word at each place, then tokens. */
#include "app/redactor.h"

#include <stdio.h>
#include <string.h>

enum { SHORT = 4, PATH = 512, TOKEN = 16 };

bool redactor_word(struct redactor *r, struct toc_span what, const char *with)
{
	for (unsigned i = 0; i < r->n; i++)
		if (toc_span_ieq(r->word[i].what, what))
			return true;
	if (!what.n)
		return true;
	if (r->n == REDACTOR_WORDS)
		return false;
	r->word[r->n++] = (struct redactor_word){ what, with };
	return true;
}

size_t redactor_token(struct toc_span at, char class)
{
	size_t n = 4;
	while (n < at.n && n < TOKEN && ((at.p[n] >= '0' && at.p[n] <= '9') || (at.p[n] >= 'a' && at.p[n] <= 'f')))
		n++;
	return n == TOKEN && toc_span_starts(at, class == 't' ? "tok_" : "dev_") ? n : 0;
}

static bool word_byte(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (toc_lower(c) >= 'a' && toc_lower(c) <= 'z');
}

static bool stands_at(struct toc_span in, size_t i, struct toc_span word)
{
	if (!toc_span_ieq(toc_span_first(toc_span_from(in, i), word.n), word))
		return false;
	return word.n >= SHORT ||
	       ((i == 0 || !word_byte(in.p[i - 1])) && (i + word.n == in.n || !word_byte(in.p[i + word.n])));
}

/* What is replaced at in[i], and by what; 0: nothing. */
static size_t find_at(const struct redactor *r, struct toc_span in, size_t i, const char **with)
{
	size_t longest = 0, n;
	for (unsigned w = 0; w < r->n; w++)
		if (r->word[w].what.n > longest && stands_at(in, i, r->word[w].what)) {
			longest = r->word[w].what.n;
			*with = r->word[w].with;
		}
	if (!longest && r->persons && (n = redactor_token(toc_span_from(in, i), 't')) > 0) {
		*with = r->persons;
		return n;
	}
	if (!longest && r->devices && (n = redactor_token(toc_span_from(in, i), 'd')) > 0) {
		*with = r->devices;
		return n;
	}
	return longest ? longest : redactor_free(r, in, i, with);
}

void redactor_text(const struct redactor *r, struct toc_span in, struct text *out)
{
	size_t from = 0, n;
	for (size_t i = 0; i < in.n; i += n ? n : 1) {
		const char *with = "";
		n = find_at(r, in, i, &with);
		if (!n)
			continue;
		text_put(out, toc_span_of(in.p + from, i - from));
		text_puts(out, with);
		from = i + n;
	}
	text_put(out, toc_span_from(in, from));
}

static void put_string(const struct redactor *r, struct toc_span in, struct text *out)
{
	struct text plain = { 0 };
	redactor_text(r, in, &plain);
	json_string(out, toc_span_of(plain.p, plain.n));
	text_free(&plain);
}

static void put_node(const struct redactor *r, const struct cli_node *node, const char *path, struct text *out);

static void put_children(const struct redactor *r, const struct cli_node *node, const char *path, struct text *out)
{
	for (const struct cli_node *c = node->child; c; c = c->next) {
		char below[PATH];
		const char *instead = NULL;
		text_puts(out, c == node->child ? "" : ",");
		if (node->kind == TOC_JSON_OBJECT) {
			json_string(out, c->name);
			text_puts(out, ":");
			instead = r->member ? r->member(r->user, path, c->name) : NULL;
			if (strcmp(path, "unmapped.tocsin") == 0 && toc_span_is(c->name, "chain"))
				instead = "[of the document that this was made of]"; /* it would confirm a guess */
		}
		snprintf(below, sizeof(below), "%s%s%.*s", path, *path && c->name.n ? "." : "", (int)c->name.n,
			 (const char *)c->name.p);
		if (instead)
			json_string(out, toc_span_str(instead));
		else
			put_node(r, c, below, out);
	}
}

/* Depth is bounded by json_reader's. */
static void put_node(const struct redactor *r, const struct cli_node *node, const char *path, struct text *out)
{
	static const char *const words[] = {
		[TOC_JSON_TRUE] = "true", [TOC_JSON_FALSE] = "false", [TOC_JSON_NULL] = "null"
	};
	const bool list = node->kind == TOC_JSON_ARRAY;
	switch (node->kind) {
	case TOC_JSON_STRING:
		put_string(r, node->text, out);
		break;
	case TOC_JSON_NUMBER:
		text_put(out, node->text);
		break;
	case TOC_JSON_OBJECT:
	case TOC_JSON_ARRAY:
		text_puts(out, list ? "[" : "{");
		put_children(r, node, path, out);
		text_puts(out, list ? "]" : "}");
		break;
	default:
		text_puts(out, words[node->kind] ? words[node->kind] : "null");
	}
}

void redactor_json(const struct redactor *r, const struct cli_node *node, struct text *out)
{
	put_node(r, node, "", out);
}
