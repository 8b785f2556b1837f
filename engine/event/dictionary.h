/* dictionary - every kind and field that exists, with type, source and privacy class (docs/fields.md is printed from
 * it). */
#ifndef EVENT_DICTIONARY_H
#define EVENT_DICTIONARY_H

#include <stdio.h>

#include "base/intern.h"
#include "tocsin/field.h"

struct toc_dictionary;

struct toc_dictionary *toc_dictionary_new(struct toc_intern *names);
void toc_dictionary_free(struct toc_dictionary *d);

/* Adds a declaration table (borrowed for good). source: "decoder dns", "flow", "normaliser sshd" (copied). A kind may
 * come from many. */
void toc_dictionary_add(struct toc_dictionary *d, const char *source, const struct toc_field_decl *decls, unsigned n);

/* Is there such a kind / such a field of any kind / of that kind (0 = any)? NULL if not. */
const struct toc_field_decl *toc_dictionary_kind(const struct toc_dictionary *d, toc_field kind);
const struct toc_field_decl *toc_dictionary_field(const struct toc_dictionary *d, toc_field kind, toc_field field);

/* All names of kinds, sorted, NULL-terminated. Owned by the caller (free); the names are the dictionary's. */
const char **toc_dictionary_kinds(const struct toc_dictionary *d);

/* The field of a kind whose name comes nearest, for suggestions; NULL: none is near (toc_nearest). */
const char *toc_dictionary_nearest(const struct toc_dictionary *d, toc_field kind, struct toc_span name);

/* The strictest privacy class that any declaration gives this field of this kind; unknown fields are TOC_OPEN. */
enum toc_privacy toc_dictionary_privacy(const struct toc_dictionary *d, toc_field kind, toc_field field);

/* Does a normaliser fill this field of this kind? Such a field may hold a text in place of its type. */
bool toc_dictionary_loose(const struct toc_dictionary *d, toc_field kind, toc_field field);

/* Does a decoder make events of this kind? They carry the addresses and ports of their flow. */
bool toc_dictionary_of_flow(const struct toc_dictionary *d, toc_field kind);

/* docs/fields.md; docs/events.yml; plain table for `tocsin fields [KIND]`. */
void toc_dictionary_markdown(struct toc_dictionary *d, FILE *out);
void toc_dictionary_yaml(struct toc_dictionary *d, FILE *out);
void toc_dictionary_table(struct toc_dictionary *d, const char *kind, FILE *out);

#endif
