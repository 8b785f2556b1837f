/* listen - the sensor's own path, without rules, over an interface for a while or over captures: what it heard. */
#ifndef APP_LISTEN_H
#define APP_LISTEN_H

#include "app/mirror.h"
#include "app/options.h"

/*
 * Both return -1, or an exit status after a message. The one of an interface needs CAP_NET_RAW; the process that reads
 * it is confined as the engine is (app/confine.h), and an interrupt ends it early.
 */
int toc_listen_interface(const char *interface, unsigned seconds, struct toc_heard *out);
int toc_listen_captures(const struct toc_texts *paths, struct toc_heard *out);

#endif
