/* config_read - what the readers of tocsin.yml's sections share; private to the configuration. */
#ifndef APP_CONFIG_READ_H
#define APP_CONFIG_READ_H

#include "app/config.h"

struct reading {
	struct toc_config *c;
	struct toc_diag *diag;
	const char *data;
};

static inline void mistake(struct reading *r, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(r->diag, TOC_ERROR, at->at, "%s", what);
}

static inline bool is_map(struct reading *r, const struct toc_yaml *node, const char *what)
{
	if (node->kind == TOC_YAML_MAP)
		return true;
	toc_diag_add(r->diag, TOC_ERROR, node->at, "%s must be a map (key: value)", what);
	return false;
}

/* Absent (NULL) nodes leave *out as it is. */
static inline void read_str(struct reading *r, const struct toc_yaml *node, const char **out)
{
	if (!node)
		return;
	const char *text = toc_yaml_str(node);
	if (!text || !*text)
		mistake(r, node, "expected a text");
	else
		*out = text;
}

/* Relative paths begin where the configuration lies. */
static inline const char *beside(struct reading *r, const char *path)
{
	const char *slash = strrchr(r->c->path, '/');
	if (path[0] == '/' || !slash)
		return path;
	return toc_arena_printf(r->c->arena, "%.*s/%s", (int)(slash - r->c->path), r->c->path, path);
}

static inline void read_path(struct reading *r, const struct toc_yaml *node, const char **out)
{
	const char *path = NULL;
	read_str(r, node, &path);
	if (path)
		*out = beside(r, path);
}

static inline void read_number(struct reading *r, const struct toc_yaml *node, int64_t least, int64_t most,
			       int64_t *out)
{
	if (node)
		toc_yaml_int(node, least, most, out, r->diag);
}

/* The section `syslog:`. */
void read_listeners(struct reading *r, const struct toc_yaml *node);
/* Datagrams before streams, so that each kind can have a thread; otherwise in the order of the file. */
void sort_listeners(struct toc_config *c);

#endif
