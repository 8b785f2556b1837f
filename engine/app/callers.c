/* callers - a table of connections under one poll, each with a deadline. */
#define _GNU_SOURCE
#include "app/callers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/now.h"

enum { PLACES = 64, PLACES_EACH = 4, LINE = 1024 };

static const toc_time patience = 5 * TOC_SEC;

struct caller {
	int fd;
	uid_t uid;
	bool known;
	toc_time until;
	size_t n;
	char line[LINE];
};

struct callers {
	const struct toc_callers_config *config;
	unsigned n;
	struct caller at[PLACES];
};

static void forget(struct callers *c, unsigned i)
{
	close(c->at[i].fd);
	c->at[i] = c->at[--c->n];
}

/* Who has all the places that one may have waits for nobody but themselves. */
static bool has_place(const struct callers *c, uid_t uid, bool known)
{
	unsigned same = 0;
	for (unsigned i = 0; i < c->n; i++)
		same += known ? c->at[i].known && c->at[i].uid == uid : !c->at[i].known;
	return c->n < PLACES && same < PLACES_EACH;
}

static void take(struct callers *c)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = accept4(c->config->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	bool ok = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
	const bool known = ok && c->config->known(c->config->user, peer.uid);
	if (!ok || !has_place(c, peer.uid, known)) {
		close(fd);
		return;
	}
	struct caller *new = &c->at[c->n++];
	*new = (struct caller){ .fd = fd, .uid = peer.uid, .known = known, .until = toc_now_monotonic() + patience };
}

/* An answer fits the socket's buffer; who does not read it has no more of it. */
static void answer(const struct callers *c, struct caller *who)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return;
	c->config->answer(c->config->user, who->uid, who->line, out);
	if (fclose(out) == 0)
		(void)!send(who->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
}

/* true: this caller is done. */
static bool hear(const struct callers *c, struct caller *who)
{
	ssize_t got = recv(who->fd, who->line + who->n, sizeof(who->line) - 1 - who->n, 0);
	if (got < 0)
		return errno != EAGAIN && errno != EINTR;
	who->n += (size_t)got;
	char *end = memchr(who->line, '\n', who->n);
	if (!end)
		return got == 0 || who->n == sizeof(who->line) - 1;
	*end = '\0';
	answer(c, who);
	return true;
}

static int until_next(const struct callers *c)
{
	toc_time left = patience, at = toc_now_monotonic();
	for (unsigned i = 0; i < c->n; i++)
		left = c->at[i].until - at < left ? c->at[i].until - at : left;
	return c->n ? left < 0 ? 0 : (int)(left / TOC_MS) + 1 : -1;
}

bool toc_callers_serve(const struct toc_callers_config *config)
{
	struct callers *c = calloc(1, sizeof(*c));
	struct pollfd p[PLACES + 2];
	bool ok = c != NULL;
	while (ok) {
		c->config = config;
		p[0] = (struct pollfd){ .fd = config->stop, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = config->listening, .events = POLLIN };
		for (unsigned i = 0; i < c->n; i++)
			p[i + 2] = (struct pollfd){ .fd = c->at[i].fd, .events = POLLIN };
		ok = poll(p, c->n + 2, until_next(c)) >= 0 || errno == EINTR;
		if (!ok || p[0].revents)
			break;
		const toc_time at = toc_now_monotonic();
		for (unsigned i = c->n; i-- > 0;) /* backwards: the last one takes the place of who goes */
			if ((p[i + 2].revents && hear(c, &c->at[i])) || at >= c->at[i].until)
				forget(c, i);
		if (p[1].revents)
			take(c);
	}
	while (c && c->n)
		forget(c, 0);
	free(c);
	return ok;
}
