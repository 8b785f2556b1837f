/* yaml - YAML text into a bounded tree that knows where everything stands. The only user of libyaml. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/opener.h"

enum toc_yaml_kind { TOC_YAML_SCALAR, TOC_YAML_LIST, TOC_YAML_MAP };

struct toc_yaml_pair;

/* A node; lives in the arena it was read into. Aliases share the anchor's node. */
struct toc_yaml {
	enum toc_yaml_kind kind;
	bool plain; /* scalar written without quotes: may be a number, bool or null */
	struct toc_place at;
	unsigned end;	      /* scalar: the column behind it, 0 where it spans lines */
	struct toc_span text; /* scalar; NUL-terminated behind it */
	unsigned n;	      /* items of a list, pairs of a map */
	unsigned size;	      /* nodes in it, an alias counted as what it stands for */
	union {
		const struct toc_yaml *const *items;
		const struct toc_yaml_pair *pairs;
	} as;
};

struct toc_yaml_pair {
	const struct toc_yaml *key; /* always a scalar */
	const struct toc_yaml *value;
};

/* Limits against hostile files: a file over them is refused with words. Aliases count as what they stand for. */
enum {
	TOC_YAML_BYTES = 64000000,
	TOC_YAML_NODES = 4000000,
	TOC_YAML_KEYS = 100000, /* of one map */
	TOC_YAML_DEPTH = 64
};

/*
 * Reads all documents of a text. Duplicate keys, complex keys, aliases that nest into themselves, wrong UTF-8 and
 * syntax errors are diagnosed; documents before the error are given. `name` is what places say (borrowed).
 * Returns the documents (arena) and their number.
 */
const struct toc_yaml *const *toc_yaml_read(struct toc_arena *arena, struct toc_span text, const char *name,
					    struct toc_diag *diag, unsigned *ndocs);

/* The same of a file; a file that cannot be read is diagnosed. bytes: its bytes are added to that hash; NULL: to none.
 */
struct toc_sha256;
const struct toc_yaml *const *toc_yaml_file(struct toc_arena *arena, const struct toc_opener *opener, const char *path,
					    struct toc_sha256 *bytes, struct toc_diag *diag, unsigned *ndocs);

/* The value under a key, or NULL (also when the node is NULL or no map). */
const struct toc_yaml *toc_yaml_get(const struct toc_yaml *map, const char *key);

/* A plain scalar that YAML 1.1 reads as null (~, null, Null, NULL, empty). */
bool toc_yaml_is_null(const struct toc_yaml *node);

/* Text of a scalar, NUL-terminated, or NULL when it is none. */
const char *toc_yaml_str(const struct toc_yaml *node);

/* Puts the text of another scalar in a scalar's place; it keeps where it stands. For values that a site overrides. */
void toc_yaml_replace(const struct toc_yaml *node, const struct toc_yaml *by);

/* Diagnoses every key of the map that is not in the NULL-terminated list, with the nearest valid one. */
void toc_yaml_only(const struct toc_yaml *map, const char *const *keys, const char *where, struct toc_diag *diag);

/* Reading with diagnosis: false (and an error at the node's place) when it is not of that form. */
bool toc_yaml_bool(const struct toc_yaml *node, bool *out, struct toc_diag *diag);
bool toc_yaml_int(const struct toc_yaml *node, int64_t least, int64_t most, int64_t *out, struct toc_diag *diag);
/* 90s, 15m, 24h, 14d, 1w, 500ms: to ns. */
bool toc_yaml_duration(const struct toc_yaml *node, int64_t *out, struct toc_diag *diag);

#endif
