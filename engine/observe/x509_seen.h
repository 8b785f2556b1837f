/* x509_seen - certificates that were told already: one x509 event a fingerprint and day, as in Zeek. */
#ifndef OBSERVE_X509_SEEN_H
#define OBSERVE_X509_SEEN_H

#include "base/intern.h"
#include "tocsin/event.h"

struct toc_x509_seen;

/* Owned by the caller. NULL when memory is out. */
struct toc_x509_seen *toc_x509_seen_new(struct toc_intern *names);
void toc_x509_seen_free(struct toc_x509_seen *s);

/* False: an x509 event whose fingerprint was told within 24 h (by ev->at): drop it. True for all other events. */
bool toc_x509_seen_first(struct toc_x509_seen *s, const struct toc_event *ev);

#endif
