/* diag - what is wrong with files that people write: all of it in one run, with place and remedy. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdio.h>

#include "base/arena.h"

/* Notes are true of files that mean what they say: they are counted by nobody and shown on request. */
enum toc_severity { TOC_ERROR, TOC_WARNING, TOC_NOTE };

/* A place in a text: file is borrowed (arena or argv); line and column count from 1, 0 = unknown. */
struct toc_place {
	const char *file;
	unsigned line, column;
};

struct toc_diag; /* collects messages; owns their texts */

struct toc_diag *toc_diag_new(void);
void toc_diag_free(struct toc_diag *d);

/* The message says what is wrong and what was expected: "unknown key \"levle\" (level?)". */
void toc_diag_add(struct toc_diag *d, enum toc_severity severity, struct toc_place at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* One finding in full. code: a stable word ("unknown-field"); end: column behind the marked text, 0 = unknown;
 * suggestion: what to write instead, or NULL. Texts are copied by toc_diag_tell, but for code, which is static. */
struct toc_message {
	enum toc_severity severity;
	struct toc_place at;
	unsigned end;
	const char *code, *text, *suggestion;
};
void toc_diag_tell(struct toc_diag *d, const struct toc_message *m);

unsigned toc_diag_errors(const struct toc_diag *d);
unsigned toc_diag_warnings(const struct toc_diag *d);

/* Message i in the order added; false past the last. */
bool toc_diag_get(const struct toc_diag *d, unsigned i, struct toc_message *out);

/* All messages by file and place, n of them; freed by the caller, the messages are the diag's. */
const struct toc_message **toc_diag_sorted(const struct toc_diag *d, size_t *n);

/* "error", "warning", "note" */
const char *toc_severity_name(enum toc_severity severity);

/* Prints "file:line:col: error: text" a line each, sorted by file and line; no notes. */
void toc_diag_print(const struct toc_diag *d, FILE *out);

/*
 * The candidate nearest to a misspelt name (Damerau-Levenshtein distance of at most a third of its length), or NULL.
 * Borrowed from candidates (NULL-terminated).
 */
const char *toc_nearest(struct toc_span name, const char *const *candidates);

#endif
