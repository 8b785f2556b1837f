/* redis_link - non-blocking socket around hiredis' reader. */
#define _GNU_SOURCE
#include "deliver/redis_link.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_MOST = 1 << 20 }; /* to an XADD */
enum { LIST_MOST = 1 << 16 };

#if HIREDIS_MAJOR == 0
typedef int list_length;
#else
typedef size_t list_length;
#endif

/* hiredis makes room for a whole list when its length is there, and walks through all of it to free it: a few bytes
 * would cost gigabytes and seconds. */
static void *make_list(const redisReadTask *task, list_length n)
{
	const redisReplyObjectFunctions *usual = task->privdata;
	return n > LIST_MOST ? NULL : usual->createArray(task, n);
}

static redisReader *reader_new(struct toc_redis_link *l)
{
	redisReader *reader = redisReaderCreate();
	if (!reader)
		return NULL;
	l->makes = *reader->fn;
	l->makes.createArray = make_list;
	reader->privdata = reader->fn;
	reader->fn = &l->makes;
	return reader;
}

void toc_redis_link_init(struct toc_redis_link *l)
{
	*l = (struct toc_redis_link){ .fd = -1, .fence = SIZE_MAX, .reply_most = REPLY_MOST };
}

bool toc_redis_link_open(struct toc_redis_link *l, const struct toc_opener *opener, const char *endpoint)
{
	l->out_at = l->out_n = 0;
	l->fence = SIZE_MAX;
	l->reader = reader_new(l);
	l->fd = l->reader ? toc_open(opener, TOC_ASK_CONNECT, endpoint) : -1;
	l->connecting = true;
	l->tls_reads = false;
	l->part = 0;
	if (l->fd >= 0)
		return true;
	toc_redis_link_close(l);
	return false;
}

void toc_redis_link_close(struct toc_redis_link *l)
{
	int why = errno;
	SSL_free(l->tls);
	l->tls = NULL;
	if (l->fd >= 0)
		close(l->fd);
	if (l->reader)
		redisReaderFree(l->reader);
	l->fd = -1;
	l->reader = NULL;
	errno = why;
}

void toc_redis_link_free(struct toc_redis_link *l)
{
	toc_redis_link_close(l);
	SSL_CTX_free(l->tls_context);
	free(l->out);
}

void toc_redis_link_hold(struct toc_redis_link *l)
{
	l->fence = l->out_n;
}

void toc_redis_link_let_go(struct toc_redis_link *l)
{
	l->fence = SIZE_MAX;
}

size_t toc_redis_link_held(const struct toc_redis_link *l)
{
	return l->fence < l->out_n ? l->out_n - l->fence : 0;
}

/* Bytes that may be sent now. */
static size_t sendable(const struct toc_redis_link *l)
{
	return (l->fence < l->out_n ? l->fence : l->out_n) - l->out_at;
}

static bool make_room(struct toc_redis_link *l, size_t n)
{
	if (l->out_at && (l->out_at == l->out_n || l->out_n + n > l->out_room)) { /* what was sent makes room */
		memmove(l->out, l->out + l->out_at, l->out_n - l->out_at);
		l->out_n -= l->out_at;
		l->fence -= l->fence == SIZE_MAX ? 0 : l->out_at;
		l->out_at = 0;
	}
	if (l->out_n + n <= l->out_room)
		return true;
	char *more = realloc(l->out, 2 * (l->out_n + n));
	if (!more)
		return false;
	l->out = more;
	l->out_room = 2 * (l->out_n + n);
	return true;
}

/* RESP's lengths go before the bytes, so nothing in them can be taken for a command. */
bool toc_redis_link_put(struct toc_redis_link *l, int argc, const char **argv, const size_t *lengths)
{
	enum { HEAD = 32 };
	size_t need = HEAD;
	for (int i = 0; i < argc; i++)
		need += HEAD + (lengths ? lengths[i] : strlen(argv[i]));
	if (!make_room(l, need))
		return false;
	char *at = l->out + l->out_n;
	at += sprintf(at, "*%d\r\n", argc);
	for (int i = 0; i < argc; i++) {
		size_t n = lengths ? lengths[i] : strlen(argv[i]);
		at += sprintf(at, "$%zu\r\n", n);
		memcpy(at, argv[i], n);
		memcpy(at + n, "\r\n", 2);
		at += n + 2;
	}
	l->out_n = (size_t)(at - l->out);
	return true;
}

static bool finish_connect(struct toc_redis_link *l, const char **why)
{
	int error = 0;
	socklen_t n = sizeof(error);
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error) {
		*why = strerror(error ? error : errno);
		return false;
	}
	l->connecting = false;
	if (!l->tls_context)
		return true;
	l->tls = toc_redis_tls_start(l->tls_context, l->fd, l->host);
	l->tls_reads = false;
	*why = "TLS cannot be started; is deliver.redis' host name sound?";
	return l->tls != NULL;
}

static ssize_t put_bytes(struct toc_redis_link *l, const void *p, size_t n)
{
	if (!l->tls)
		return send(l->fd, p, n, MSG_NOSIGNAL);
	l->tls_reads = false;
	return toc_redis_tls_send(l->tls, p, n, &l->tls_reads, l->words, sizeof(l->words));
}

static ssize_t get_bytes(struct toc_redis_link *l, void *p, size_t n)
{
	return l->tls ? toc_redis_tls_receive(l->tls, p, n, l->words, sizeof(l->words)) : recv(l->fd, p, n, 0);
}

static bool send_some(struct toc_redis_link *l, const char **why)
{
	while (sendable(l)) {
		ssize_t n = put_bytes(l, l->out + l->out_at, sendable(l));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n < 0) {
			*why = l->tls ? l->words : strerror(errno);
			return false;
		}
		l->out_at += (size_t)n;
	}
	return true;
}

static bool receive_some(struct toc_redis_link *l, const char **why)
{
	char bytes[16384];
	ssize_t n = get_bytes(l, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return true;
	if (n <= 0) {
		*why = n == 0 ? "the server closed the connection" : l->tls ? l->words : strerror(errno);
		return false;
	}
	l->received += (uint64_t)n;
	if (l->reader->len - l->reader->pos + (size_t)n > l->reply_most ||
	    redisReaderFeed(l->reader, bytes, (size_t)n) != REDIS_OK) {
		*why = "the server's reply is too large";
		return false;
	}
	return true;
}

/* All that is deciphered: the socket does not tell of it a second time. */
static bool receive_all(struct toc_redis_link *l, const char **why)
{
	bool ok;
	do
		ok = receive_some(l, why);
	while (ok && l->tls && toc_redis_tls_pending(l->tls));
	return ok;
}

bool toc_redis_link_step(struct toc_redis_link *l, int timeout_ms, const char **why)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	if (l->connecting || (sendable(l) && !l->tls_reads))
		p.events |= POLLOUT;
	int n = poll(&p, 1, timeout_ms);
	if (n <= 0)
		return true; /* nothing yet; a signal counts as that */
	if (l->connecting && !finish_connect(l, why))
		return false;
	if (((p.revents & POLLOUT) || l->tls_reads) && !send_some(l, why))
		return false;
	return !(p.revents & (POLLIN | POLLHUP | POLLERR)) || receive_all(l, why);
}

redisReply *toc_redis_link_reply(struct toc_redis_link *l, bool *broken)
{
	void *reply = NULL;
	const size_t before = l->reader->len - l->reader->pos;
	*broken = redisReaderGetReply(l->reader, &reply) != REDIS_OK;
	l->part = reply ? 0 : l->part + before - (l->reader->len - l->reader->pos);
	return reply;
}
