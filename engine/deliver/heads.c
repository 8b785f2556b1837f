/* heads - lines of text, "HASH ROUTE\n", behind a line with their number and CRC. */
#include "deliver/heads.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alert/chain.h"
#include "base/crc.h"
#include "deliver/record.h"

enum { MOST = 1024 * (64 + CHAIN_HASH + 2), HEAD = 32, ROUTE = 64 };

struct toc_heads {
	int fd; /* negative: not kept over a restart */
	struct chain chain;
	char *text; /* MOST + HEAD */
};

static void read_line(struct toc_heads *h, const char *line, size_t n)
{
	char route[ROUTE], hash[CHAIN_HASH + 1];
	if (n < CHAIN_HASH + 2 || n - CHAIN_HASH - 1 >= sizeof(route) || line[CHAIN_HASH] != ' ')
		return;
	snprintf(hash, sizeof(hash), "%.*s", CHAIN_HASH, line);
	snprintf(route, sizeof(route), "%.*s", (int)(n - CHAIN_HASH - 1), line + CHAIN_HASH + 1);
	chain_set(&h->chain, route, hash);
}

static void load(struct toc_heads *h)
{
	unsigned long size = 0, crc = 0;
	const ssize_t n = pread(h->fd, h->text, MOST + HEAD, 0);
	if (n <= HEAD || sscanf(h->text, "%8lx %8lx", &size, &crc) != 2 || size > (unsigned long)n - HEAD ||
	    toc_crc32c(h->text + HEAD, size) != crc)
		return;
	const char *line = h->text + HEAD, *end = line + size;
	for (const char *stop; (stop = memchr(line, '\n', (size_t)(end - line))); line = stop + 1)
		read_line(h, line, (size_t)(stop - line));
}

struct toc_heads *toc_heads_open(int folder)
{
	struct toc_heads *h = calloc(1, sizeof(*h));
	if (!h || !(h->text = calloc(1, MOST + HEAD + 1)))
		abort(); /* at start-up there is nothing to save */
	h->fd = openat(folder, "chain", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (h->fd >= 0)
		load(h);
	return h;
}

void toc_heads_free(struct toc_heads *h)
{
	if (!h)
		return;
	if (h->fd >= 0)
		close(h->fd);
	chain_free(&h->chain);
	free(h->text);
	free(h);
}

static void note_copy(struct toc_heads *h, const struct toc_journal_copy *copy, bool own)
{
	const char *hash = chain_hash_of(copy->json);
	char route[ROUTE];
	if (!hash)
		return; /* of a time before there were chains */
	if (own)
		chain_set(&h->chain, "*", hash);
	for (const char *r = copy->routes; *r;) {
		const size_t n = strcspn(r, ",");
		if (n && n < sizeof(route)) {
			snprintf(route, sizeof(route), "%.*s", (int)n, r);
			chain_set(&h->chain, route, hash);
		}
		r += n + (r[n] == ',');
	}
}

void toc_heads_note(struct toc_heads *h, struct toc_span bson)
{
	struct toc_journal_record rec = { 0 };
	if (!toc_record_read(bson.p, (uint32_t)bson.n, &rec))
		return;
	for (unsigned i = 0; i < rec.ncopies; i++)
		note_copy(h, &rec.copies[i], i == 0);
}

bool toc_heads_write(struct toc_heads *h)
{
	size_t n = 0;
	char head[HEAD + 1];
	for (unsigned i = 0; i < h->chain.n; i++)
		n += (size_t)snprintf(h->text + HEAD + n, MOST - n, "%s %s\n", h->chain.head[i].hash,
				      h->chain.head[i].route);
	snprintf(head, sizeof(head), "%8lx %8lx%*s", (unsigned long)n, (unsigned long)toc_crc32c(h->text + HEAD, n),
		 HEAD - 17, "\n");
	memcpy(h->text, head, HEAD);
	return h->fd >= 0 && pwrite(h->fd, h->text, HEAD + n, 0) == (ssize_t)(HEAD + n);
}

void toc_heads_each(const struct toc_heads *h, void (*each)(void *user, const char *route, const char *hash),
		    void *user)
{
	for (unsigned i = 0; i < h->chain.n; i++)
		each(user, h->chain.head[i].route, h->chain.head[i].hash);
}
