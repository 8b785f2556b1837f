/* encode - Sigma's modifiers that rewrite a value before it becomes a pattern. */
#ifndef MATCH_ENCODE_H
#define MATCH_ENCODE_H

#include "match/pattern.h"

enum toc_utf16 { TOC_UTF16_LE, TOC_UTF16_BE, TOC_UTF16_BOM /* FF FE, then little-endian */ };

/* UTF-8 to UTF-16 (RFC 2781); bytes that are no UTF-8 stand for themselves; wildcards stay. */
struct toc_units toc_encode_utf16(struct toc_arena *arena, struct toc_units u, enum toc_utf16 how);

/* Base 64 with padding (RFC 4648, section 4). u has no wildcards. */
struct toc_units toc_encode_base64(struct toc_arena *arena, struct toc_units u);

/*
 * The characters of the base 64 of any text in which u begins at a byte whose number modulo 3 is `offset`, without
 * those that also hold bits of its neighbours. u has no wildcards.
 */
struct toc_units toc_encode_base64_offset(struct toc_arena *arena, struct toc_units u, unsigned offset);

/* `-` and `/` in front of a word, and not behind one, stand for any dash (Sigma, "windash"). */
struct toc_units toc_encode_windash(struct toc_arena *arena, struct toc_units u);

#endif
