/* sasl - the name in a proof of identity that goes in base64; the password behind it is never decoded (RFC 4616). */
#ifndef DECODERS_SASL_H
#define DECODERS_SASL_H

#include "decoders/line.h"

/* Keeps the name that a client's response gives: of PLAIN (authzid NUL name NUL password); anything else gives none. */
void sasl_plain_user(struct toc_span base64, struct line_name *user);

/* The same where the whole response is a name (LOGIN, when "Username:" was asked). */
void sasl_login_user(struct toc_span base64, struct line_name *user);

#endif
