/* files - folders and files of YAML, in a fixed order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/files.h"
#include "ruleset/load.h"

enum { DEPTH = 16 };

void *table_add(struct load *l, struct table *t, size_t size)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 32;
		void *bigger = toc_arena_alloc(l->arena, t->room * size);
		if (t->n)
			memcpy(bigger, t->at, t->n * size);
		t->at = bigger;
	}
	return (char *)t->at + size * t->n++;
}

static void add_message(struct load *l, const struct toc_yaml *at, struct finding f, const char *format, va_list args)
{
	if (l->mute)
		return;
	struct toc_message m = { .severity = f.severity, .code = f.code, .suggestion = f.near };
	m.text = toc_arena_vprintf(l->arena, format, args);
	if (at) {
		m.at = at->at;
		m.end = at->end;
	}
	/* a part is found again in the file only where the scalar stands in one line as it was read */
	if (at && f.n && at->end && at->end - at->at.column - (at->plain ? 0 : 2) == at->text.n) {
		m.at.column += (unsigned)f.from + (at->plain ? 0 : 1);
		m.end = m.at.column + (unsigned)f.n;
	}
	toc_diag_tell(l->diag, &m);
}

void mistake(struct load *l, const struct toc_yaml *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_message(l, at, (struct finding){ .severity = TOC_ERROR, .code = "invalid" }, format, args);
	va_end(args);
}

void remark(struct load *l, const struct toc_yaml *at, const char *format, ...)
{
	va_list args;
	if (l->quiet)
		return;
	va_start(args, format);
	add_message(l, at, (struct finding){ .severity = TOC_WARNING, .code = "doubtful" }, format, args);
	va_end(args);
}

void tell(struct load *l, const struct toc_yaml *at, struct finding f, const char *format, ...)
{
	va_list args;
	if (l->quiet && f.severity == TOC_WARNING)
		return;
	va_start(args, format);
	add_message(l, at, f, format, args);
	va_end(args);
}

const char *const *strings_read(struct load *l, const struct toc_yaml *node, const char *what)
{
	unsigned n = !node || toc_yaml_is_null(node) ? 0 : node->kind == TOC_YAML_LIST ? node->n : 1;
	const char **out = toc_arena_alloc(l->arena, (n + 1) * sizeof(*out));
	for (unsigned i = 0, k = 0; i < n; i++) {
		const struct toc_yaml *item = node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
		if (toc_yaml_str(item))
			out[k++] = toc_yaml_str(item);
		else
			mistake(l, item, "%s must be a string or a list of strings", what);
	}
	return out;
}

const struct toc_yaml *strings_node(const struct toc_yaml *node, unsigned i)
{
	if (node->kind != TOC_YAML_LIST)
		return node;
	for (unsigned k = 0; k < node->n; k++) /* what is no string was left out */
		if (toc_yaml_str(node->as.items[k]) && i-- == 0)
			return node->as.items[k];
	return node;
}

static bool is_yaml(const char *name)
{
	size_t n = strlen(name);
	return n > 4 && (strcmp(name + n - 4, ".yml") == 0 || (n > 5 && strcmp(name + n - 5, ".yaml") == 0));
}

typedef void (*taker)(struct load *l, const struct toc_yaml *root);

/* What was read, in a form that differs where it differs: the cache of expressions is named by it. Aliases make a tree
 * as large as they like, so there is an end to it. */
static void add_input(struct load *l, const struct toc_yaml *node)
{
	if (l->input_nodes++ > TOC_YAML_NODES)
		return;
	const uint32_t head[2] = { (uint32_t)node->kind,
				   node->kind == TOC_YAML_SCALAR ? (uint32_t)node->text.n : node->n };
	toc_sha256_add(l->inputs, toc_span_of(head, sizeof(head)));
	if (node->kind == TOC_YAML_SCALAR) {
		toc_sha256_add(l->inputs, node->text);
		return;
	}
	for (unsigned i = 0; i < node->n; i++) {
		if (node->kind == TOC_YAML_LIST) {
			add_input(l, node->as.items[i]);
			continue;
		}
		add_input(l, node->as.pairs[i].key);
		add_input(l, node->as.pairs[i].value);
	}
}

static void read_file(struct load *l, const char *path, taker take)
{
	unsigned n = 0, taken = 0;
	if (!index_put(l->arena, &l->files, toc_span_str(path), 0, NULL))
		return; /* named twice, as itself or by a folder */
	const unsigned errors = toc_diag_errors(l->diag);
	const struct toc_yaml *const *docs = toc_yaml_file(l->arena, l->opener, path, NULL, l->diag, &n);
	for (unsigned i = 0; i < n; i++) {
		add_input(l, docs[i]);
		if (!toc_yaml_is_null(docs[i])) {
			take(l, docs[i]);
			taken++;
		}
	}
	if (!taken && l->something && toc_diag_errors(l->diag) == errors)
		toc_diag_add(l->diag, TOC_ERROR, (struct toc_place){ path, 1, 1 },
			     "there is nothing in this file: has whatever writes it failed? (without entries: {})");
}

/* Rules are sorted by what they are about: the folder has its name. folder: NULL = none below what is configured. */
static void read_file_of(struct load *l, const char *path, const char *folder, taker take)
{
	const char *slash = folder ? strrchr(folder, '/') : NULL;
	l->category = slash && strcmp(slash, "/detect") != 0 ? slash + 1 : NULL;
	read_file(l, path, take);
}

/* A folder as rules are shipped in (detect beside taxonomy, normalise, lists …): the rules are those in detect. */
static bool is_pack(const char *const *names)
{
	unsigned found = 0;
	for (; *names; names++)
		found += strcmp(*names, "detect/") == 0 || strcmp(*names, "taxonomy/") == 0;
	return found == 2;
}

static void read_path(struct load *l, const char *path, taker take, unsigned depth)
{
	const char *const *names = toc_files_names(l->opener, l->arena, path);
	if (!names && errno == ENOTDIR) {
		read_file_of(l, path, NULL, take);
		return;
	}
	if (!names || depth > DEPTH) {
		toc_diag_add(l->diag, TOC_ERROR, (struct toc_place){ path, 0, 0 }, "%s",
			     names ? "folders are nested too deeply" : strerror(errno));
		return;
	}
	const bool pack = is_pack(names);
	for (; *names; names++) {
		if (pack && strcmp(*names, "detect/") != 0)
			continue;
		const char *inner = toc_arena_printf(l->arena, "%s/%s", path, *names);
		size_t n = strlen(inner);
		if (inner[n - 1] == '/')
			read_path(l, toc_arena_printf(l->arena, "%.*s", (int)n - 1, inner), take, depth + 1);
		else if (is_yaml(inner))
			read_file_of(l, inner, depth ? path : NULL, take);
	}
}

void files_read(struct load *l, const char *const *paths, taker take)
{
	l->files = (struct index){ 0 };
	for (; paths && *paths; paths++) {
		size_t n = strlen(*paths);
		while (n > 1 && (*paths)[n - 1] == '/')
			n--;
		read_path(l, toc_arena_printf(l->arena, "%.*s", (int)n, *paths), take, 0);
	}
}
