/* tree - a JSON text as nodes, for looking things up by path. */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "base/arena.h"
#include "base/json_reader.h"

struct cli_node {
	enum toc_json_kind kind;
	struct toc_span name, text; /* name: in an object; text: of a string, or the characters of a number */
	const struct cli_node *child, *next;
};

/* NULL: it is no JSON. Lives in the arena, but for strings without escapes, which are borrowed from text. */
const struct cli_node *cli_tree_read(struct toc_arena *arena, struct toc_span text);

/* "unmapped.tocsin.key"; NULL: there is no such member (or node is NULL). */
const struct cli_node *cli_tree_at(const struct cli_node *node, const char *path);

/* The text of a string or a number; empty where there is none. */
struct toc_span cli_tree_text(const struct cli_node *node, const char *path);
double cli_tree_number(const struct cli_node *node, const char *path);

#endif
