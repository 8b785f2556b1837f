/* tree - base/json_reader's walk, kept. */
#include "cli/tree.h"

#include <stdio.h>
#include <stdlib.h>

struct building {
	struct toc_json json;
	struct toc_arena *arena;
	unsigned nodes;
};

enum { NODES_MOST = 100000 };

static const struct cli_node *read_value(struct building *b, struct toc_span name);

/* Members or items, in order. */
static const struct cli_node *read_children(struct building *b, bool object)
{
	const struct cli_node *first = NULL;
	const struct cli_node **end = &first;
	struct toc_span name = { NULL, 0 };
	while (!b->json.at.bad && (object ? toc_json_name(&b->json, &name) : toc_json_item(&b->json))) {
		const struct cli_node *child = read_value(b, name);
		if (!child)
			return NULL;
		*end = child;
		end = (const struct cli_node **)(uintptr_t)&child->next;
	}
	return first;
}

/* Recursion is bounded by json_reader's depth. */
static const struct cli_node *read_value(struct building *b, struct toc_span name)
{
	struct cli_node *node = b->nodes++ < NODES_MOST ? toc_arena_alloc(b->arena, sizeof(*node)) : NULL;
	if (!node)
		return NULL;
	*node = (struct cli_node){ .name = name };
	node->kind = toc_json_value(&b->json, &node->text);
	if (node->kind == TOC_JSON_BAD)
		return NULL;
	if (node->kind == TOC_JSON_OBJECT || node->kind == TOC_JSON_ARRAY)
		node->child = read_children(b, node->kind == TOC_JSON_OBJECT);
	return node;
}

const struct cli_node *cli_tree_read(struct toc_arena *arena, struct toc_span text)
{
	struct building b = { toc_json_begin(text, toc_arena_alloc(arena, text.n + 1), text.n), arena, 0 };
	const struct cli_node *root = read_value(&b, (struct toc_span){ NULL, 0 });
	return root && toc_json_ended(&b.json) ? root : NULL;
}

static const struct cli_node *member(const struct cli_node *node, struct toc_span name)
{
	for (const struct cli_node *c = node->child; c; c = c->next)
		if (toc_span_eq(c->name, name))
			return c;
	return NULL;
}

const struct cli_node *cli_tree_at(const struct cli_node *node, const char *path)
{
	struct toc_span rest = toc_span_str(path);
	while (node && rest.n) {
		size_t n = toc_span_find(rest, '.');
		node = node->kind == TOC_JSON_OBJECT ? member(node, toc_span_first(rest, n)) : NULL;
		rest = toc_span_from(rest, n + 1);
	}
	return node;
}

struct toc_span cli_tree_text(const struct cli_node *node, const char *path)
{
	const struct cli_node *at = cli_tree_at(node, path);
	bool has = at && (at->kind == TOC_JSON_STRING || at->kind == TOC_JSON_NUMBER);
	return has ? at->text : toc_span_of("", 0);
}

double cli_tree_number(const struct cli_node *node, const char *path)
{
	char text[64];
	struct toc_span s = cli_tree_text(node, path);
	snprintf(text, sizeof(text), "%.*s", (int)(s.n < sizeof(text) ? s.n : sizeof(text) - 1), (const char *)s.p);
	return strtod(text, NULL);
}
