/* mime - names the type of a file by its first bytes, as Zeek's signatures do. */
#ifndef FLOW_MIME_H
#define FLOW_MIME_H

#include "tocsin/span.h"

/* More than this many first bytes are not looked at. */
enum { TOC_MIME_BYTES = 4096 };

/* Static storage; NULL when the type is unknown. Time is linear in the bytes looked at. */
const char *toc_mime_of(struct toc_span first);

/* The part of it for text and markup (mime_text.c); NULL when the bytes do not begin like text. */
const char *toc_mime_text(struct toc_span first);

#endif
