/* http_auth - authentication by tokens within HTTP's header fields. */
#ifndef DECODERS_HTTP_AUTH_H
#define DECODERS_HTTP_AUTH_H

#include "decoders/http.h"

/* What follows the scheme, where it is NTLM or Negotiate; else empty. */
struct toc_span http_auth_token(struct toc_span value);

/* Gives the tokens of a request to the decoder ntlm: was there one? */
bool http_auth_request(const struct http_head *head, enum toc_dir dir, struct toc_sink *s);

/* The tokens of a reply, and where its request had one (asked) what came of it. */
void http_auth_reply(const struct http_head *head, bool asked, enum toc_dir dir, struct toc_sink *s);

#endif
