/* intern - names to small ids and back: append-only for the life of the process. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "tocsin/field.h"
#include "tocsin/span.h"

struct toc_intern;

/* Owned by the caller. NULL when memory is out. */
struct toc_intern *toc_intern_new(void);
void toc_intern_free(struct toc_intern *t);

/*
 * The id of a name, made if new; 0 when 65,535 names exist. One thread adds (start, reload); any thread may read names
 * whose ids it was given, at the same time.
 */
toc_field toc_intern_add(struct toc_intern *t, struct toc_span name);

/* The id of a name that exists, else 0. Only from the thread that adds. */
toc_field toc_intern_find(const struct toc_intern *t, struct toc_span name);

/* NUL-terminated, lives as long as the table; "" for 0 and for ids never given. */
const char *toc_intern_name(const struct toc_intern *t, toc_field id);

/* Length of that name. */
size_t toc_intern_length(const struct toc_intern *t, toc_field id);

/*
 * The name as a key of a JSON object, `,"name":` with what must be escaped escaped: made once, copied per event.
 * TOC_INTERN_PAD bytes may be read from it however short it is, so that a copy needs no loop.
 */
enum { TOC_INTERN_PAD = 32 };
struct toc_span toc_intern_key(const struct toc_intern *t, toc_field id);

/* Length of the longest of all keys; 0: no names. */
size_t toc_intern_longest_key(const struct toc_intern *t);

/* Ids in use: 1 … count. */
toc_field toc_intern_count(const struct toc_intern *t);

/* Interns a declaration table: map[i] = id of decls[i].name. The caller owns map (n entries). */
void toc_intern_decls(struct toc_intern *t, const struct toc_field_decl *decls, unsigned n, toc_field *map);

#endif
