/* refusal - the table of answers. */
#include "deliver/refusal.h"

#include <string.h>

enum { SOON = 100, LATER = 1000, SLOWLY = 5000 }; /* ms; the delivery's own back-off goes on top */

static const struct toc_refusal refusals[] = {
	{ "OOM", LATER, false,
	  "its memory is full: raise maxmemory in redis.conf, or let the keeper trim the streams" },
	{ "NOAUTH", SLOWLY, false, "it wants a login: set deliver.user and deliver.password_file" },
	{ "WRONGPASS", SLOWLY, false, "it refuses deliver.user with the password in deliver.password_file" },
	{ "NOPERM", SLOWLY, false, "the ACL of deliver.user lacks a right: see docs/operating.md, Redis" },
	{ "READONLY", LATER, false, "it is a replica: deliver.redis must name the master, or its Sentinels" },
	{ "MISCONF", LATER, false, "it cannot write to its disk: see its log and stop-writes-on-bgsave-error" },
	{ "MOVED", SLOWLY, false,
	  "it is a cluster's node that does not hold {tocsin}: deliver.nodes must name the one that does" },
	{ "ASK", LATER, true, "the cluster is moving {tocsin} to another node, which deliver.nodes must name" },
	{ "TRYAGAIN", SOON, true, "the cluster is moving {tocsin} to another node" },
	{ "CLUSTERDOWN", LATER, true, "the cluster is down: some of its nodes are away" },
	{ "CROSSSLOT", SLOWLY, false, "the cluster does not see {tocsin} as one slot: it is no Redis Cluster" },
	{ "LOADING", SOON, true, "it is still reading its data" },
	{ "MASTERDOWN", LATER, true, "it is a replica that has lost its master" },
	{ "NOREPLICAS", LATER, true, "too few replicas are connected: see min-replicas-to-write in redis.conf" },
	{ "BUSY", SOON, true, "a script keeps it busy (SCRIPT KILL)" },
	{ "WRONGTYPE", SLOWLY, false, "a key below {tocsin}: is not what it should be: delete it" },
	{ "EXECABORT", LATER, false, "it has taken back the transaction" },
	{ "NOPROTO", SLOWLY, false, "it does not know RESP2: is deliver.redis a Redis server?" },
	{ "DENIED", SLOWLY, false, "protected-mode: let it listen on a unix socket, or set a password in redis.conf" },
	{ "", LATER, false, "is deliver.redis a Redis server of version 5 or newer?" },
};

const struct toc_refusal *toc_refusal_of(const char *answer)
{
	const struct toc_refusal *r = refusals;
	size_t n = strcspn(answer, " ");
	while (*r->prefix && (strlen(r->prefix) != n || memcmp(r->prefix, answer, n) != 0))
		r++;
	return r;
}

void toc_refusal_words(const char *answer, char *out, size_t n)
{
	size_t i = 0;
	for (; answer[i] && i + 1 < n; i++)
		out[i] = answer[i] >= 0x20 && answer[i] < 0x7f ? answer[i] : '?';
	out[i] = '\0';
}
