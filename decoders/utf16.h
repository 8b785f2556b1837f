/* utf16 - Windows' strings as UTF-8. */
#ifndef DECODERS_UTF16_H
#define DECODERS_UTF16_H

#include "tocsin/span.h"

/*
 * UTF-16LE to UTF-8 (RFC 2781, RFC 3629), as much as fits in room; returns the length. Zero units at the end are left
 * out, unpaired surrogates become U+FFFD, an odd last byte is ignored.
 */
size_t utf16_text(struct toc_span in, char *out, size_t room);

/* The same of bytes in an unknown code page: ASCII stays, the rest is taken as ISO 8859-1. */
size_t oem_text(struct toc_span in, char *out, size_t room);

#endif
