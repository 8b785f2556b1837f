/* redis_reach - to the server itself, to the master that Sentinels name, or to the node that MOVED or ASK names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "deliver/redis_state.h"

enum { MOVES_MOST = 8 };

/* Who may be named by somebody else: deliver.nodes, and the server of deliver.redis itself. */
static bool may_go(const struct toc_redis *r, const struct toc_redis_node *to)
{
	if (strcmp(to->host, r->address.host) == 0 && to->port == r->address.port)
		return true;
	for (unsigned i = 0; i < r->config.nnodes; i++)
		if (strcmp(r->config.nodes[i].host, to->host) == 0 && r->config.nodes[i].port == to->port)
			return true;
	return false;
}

static bool ask_sentinel(struct toc_redis *r)
{
	const char *argv[] = { "SENTINEL", "get-master-addr-by-name", r->address.master };
	r->going = (struct redis_batch){ .wanted = 1 };
	return toc_redis_link_put(&r->link, 3, argv, NULL);
}

bool redis_reach(struct toc_redis *r, const char **why)
{
	bool find = r->address.nsentinels && !r->found;
	r->replies = 0;
	r->going = r->filling = (struct redis_batch){ 0 };
	if (find) {
		const struct toc_redis_node *s = &r->address.sentinels[r->sentinel++ % r->address.nsentinels];
		toc_redis_node_endpoint(s, r->endpoint);
		snprintf(r->link.host, sizeof(r->link.host), "%s", s->host);
	} else if (!r->found) {
		toc_redis_endpoint(&r->address, r->endpoint);
		snprintf(r->link.host, sizeof(r->link.host), "%s", r->address.host);
	}
	if (!toc_redis_link_open(&r->link, r->opener, r->endpoint)) {
		*why = errno == EHOSTUNREACH ? "no way leads there: is the name right, and known to DNS?"
					     : strerror(errno);
		return false;
	}
	r->stage = find ? REDIS_FINDING : REDIS_GREETING;
	*why = "out of memory";
	return !find || ask_sentinel(r);
}

static bool go(struct toc_redis *r, const struct toc_redis_node *to)
{
	if (!may_go(r, to)) {
		snprintf(r->trouble, sizeof(r->trouble), "sent to %.200s:%u, which deliver.nodes does not name",
			 to->host, to->port);
		return false;
	}
	toc_redis_node_endpoint(to, r->endpoint);
	snprintf(r->link.host, sizeof(r->link.host), "%s", to->host);
	r->found = true;
	return true;
}

bool redis_take_master(struct toc_redis *r, const redisReply *reply, const char **why)
{
	char text[320];
	struct toc_redis_node to;
	*why = r->trouble;
	snprintf(r->trouble, sizeof(r->trouble), "the Sentinel knows no master \"%s\"", r->address.master);
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_STRING ||
	    reply->element[1]->type != REDIS_REPLY_STRING)
		return false;
	bool six = strchr(reply->element[0]->str, ':') != NULL;
	int n = snprintf(text, sizeof(text), "%s%s%s:%s", six ? "[" : "", reply->element[0]->str, six ? "]" : "",
			 reply->element[1]->str);
	toc_redis_link_close(&r->link);
	return n > 0 && n < (int)sizeof(text) && toc_redis_node_parse(text, (size_t)n, 0, &to) && go(r, &to);
}

/* Good for the next command; for a transaction, if that is its MULTI (Redis Cluster specification, ASK redirection). */
bool redis_asking(struct toc_redis *r, unsigned *wanted)
{
	return !r->asking || redis_command(r, wanted, "ASKING", NULL, NULL);
}

/* "MOVED 7365 10.0.0.2:6379", and the same of ASK; without a host it is the one that was asked. */
bool redis_follow(struct toc_redis *r, const char *answer)
{
	struct toc_redis_node to;
	const bool ask = strncmp(answer, "ASK ", 4) == 0;
	const char *where = ask || strncmp(answer, "MOVED ", 6) == 0 ? strrchr(answer, ' ') : NULL;
	if (!where || where[1] == ':' || r->moves == MOVES_MOST)
		return false;
	size_t n = strlen(where + 1);
	const char *colon = strrchr(where + 1, ':');
	bool bare = colon && memchr(where + 1, ':', (size_t)(colon - where - 1)) && where[1] != '[';
	char text[320];
	if (n + 3 > sizeof(text))
		return false;
	if (bare) /* an IPv6 address without brackets */
		n = (size_t)snprintf(text, sizeof(text), "[%.*s]%s", (int)(colon - where - 1), where + 1, colon);
	else
		memcpy(text, where + 1, n + 1);
	if (!toc_redis_node_parse(text, n, 0, &to) || !go(r, &to))
		return false;
	r->asking = ask;
	r->moves++;
	return true;
}
