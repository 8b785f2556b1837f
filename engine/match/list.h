/* list - a named list of the site (rules/lists): its type decides how it matches. */
#ifndef MATCH_LIST_H
#define MATCH_LIST_H

#include "base/arena.h"
#include "tocsin/addr.h"
#include "tocsin/event.h"

enum toc_list_type {
	TOC_LIST_STRING, /* whole value, ASCII case folded; also user and hash */
	TOC_LIST_DOMAIN, /* the name itself or any name below it */
	TOC_LIST_CIDR,	 /* networks and addresses */
	TOC_LIST_MAC
};

struct toc_list;

/* Built at load; memory is the arena's. n = entries to come at most. */
struct toc_list *toc_list_new(struct toc_arena *arena, enum toc_list_type type, size_t n);

/* false: the text is no such entry. */
bool toc_list_add(struct toc_list *list, struct toc_span entry);
size_t toc_list_count(const struct toc_list *list);
enum toc_list_type toc_list_type_of(const struct toc_list *list);

/* The entry in slot *at or behind it (lower case), and *at moves behind that; n = 0: no more. Start with *at = 0. */
struct toc_span toc_list_next(const struct toc_list *list, size_t *at);

/* Is the value in the list? Values of another type are compared by their text; for lists of networks they must be
 * addresses. */
bool toc_list_has(const struct toc_list *list, const struct toc_value *value);

/* Reads ADDRESS or ADDRESS/BITS; *bits counts in the v4-mapped form (an IPv4 /8 is 104). false: neither, or host bits
 * are set where `strict`. */
bool toc_network_parse(struct toc_span text, bool strict, struct toc_addr *net, unsigned *bits);
bool toc_network_has(const struct toc_addr *net, unsigned bits, const struct toc_addr *a);

#endif
