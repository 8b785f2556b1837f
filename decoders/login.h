/* login - the shared event `auth`: somebody gave a name and was let in or not, in whatever protocol. */
#ifndef DECODERS_LOGIN_H
#define DECODERS_LOGIN_H

#include "tocsin/decoder.h"

/* A list only: the entries of the kind, in this order, at index `k` of the decoder's own table. */
#define LOGIN_FIELDS(k)                                                                                                \
	[k] = { "auth", TOC_KIND, false, TOC_OPEN, NULL, "a login, whatever the protocol, and how it ended" },         \
	[(k) + 1] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "the name that was given" },                        \
	[(k) + 2] = { "outcome", TOC_STRING, false, TOC_OPEN, NULL, "success or failure" },                            \
	[(k) + 3] = { "app", TOC_STRING, false, TOC_OPEN, NULL, "protocol" },                                          \
	[(k) + 4] = {                                                                                                  \
		"method", TOC_STRING, false, TOC_OPEN, NULL, "how the proof was given, where the protocol says"        \
	}

enum { LOGIN_SIZE = 5 };

/* Emits one; user and method may be empty. */
static inline void login_told(struct toc_sink *s, unsigned k, struct toc_span user, bool success, const char *app,
			      struct toc_span method)
{
	struct toc_draft *d = toc_sink_begin(s, k);
	if (user.n)
		toc_put_str(d, k + 1, user);
	toc_put_cstr(d, k + 2, success ? "success" : "failure");
	toc_put_cstr(d, k + 3, app);
	if (method.n)
		toc_put_str(d, k + 4, method);
	toc_sink_commit(s, d);
}

#endif
