/* http_parts - files inside a multipart body, such as the upload of a form. */
#ifndef DECODERS_HTTP_PARTS_H
#define DECODERS_HTTP_PARTS_H

#include "decoders/http.h"

struct http_parts;

/* Begins where the type is multipart and tells its boundary; false: the body is one piece. */
bool http_parts_begin(struct toc_span content_type, struct toc_sink *s);

/* What http_parts_begin made for the flow's request body under way. */
struct http_parts *http_parts_of(struct toc_sink *s);
void http_parts_forget(struct toc_sink *s);

/* Takes bytes up to the end of a file, and then tells of it; false: all bytes are taken. */
bool http_parts_feed(struct http_parts *p, struct toc_span *bytes, enum toc_dir dir, struct toc_sink *s,
		     struct toc_body_summary *file);
void http_parts_gap(struct http_parts *p, uint64_t n, enum toc_dir dir, struct toc_sink *s);

/* The body is over, inside a file perhaps: then true. */
bool http_parts_end(struct http_parts *p, enum toc_dir dir, struct toc_sink *s, struct toc_body_summary *file);

uint64_t http_parts_seen(const struct http_parts *p);
/* Content-Disposition of the file that was told of. */
struct toc_span http_parts_disposition(const struct http_parts *p);

#endif
