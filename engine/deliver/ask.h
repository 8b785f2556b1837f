/* ask - a Redis server asked one thing after another, for commands that people run: waits for each answer. */
#ifndef DELIVER_ASK_H
#define DELIVER_ASK_H

#include "deliver/redis_link.h"

struct toc_ask_config {
	const char *url, *user, *password; /* user and password NULL: those of the URL */
	struct toc_redis_tls tls;
};

struct toc_asker;

/* Connects (to the master that Sentinels name, if it is theirs to say) and logs in. NULL: err tells. Owned by the
 * caller. */
struct toc_asker *toc_asker_new(const struct toc_ask_config *config, char *err, size_t err_size);
void toc_asker_free(struct toc_asker *a);

/* The answer (freeReplyObject), which may be an error of the server's; NULL: the connection is lost, toc_asker_trouble
 * tells. lengths NULL: strings. */
redisReply *toc_ask(struct toc_asker *a, int argc, const char **argv, const size_t *lengths);
const char *toc_asker_trouble(const struct toc_asker *a);

#endif
