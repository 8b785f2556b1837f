/* connection - bytes in, lines out, answers back; whoever breaks, stalls or floods is closed with one word. */
#define _GNU_SOURCE
#include "receive/connection.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TURNS = 2,	 /* reads of a sender in a turn, so that a loud one does not keep the others waiting */
	READ = 64 << 10, /* of RELP answers are at most twice as long as what they answer */
	TLS_RECORD_HANDSHAKE = 22
};

static const toc_time handshake_patience = 10 * TOC_SEC, stall_patience = TOC_MIN;

struct connection {
	struct source source;
	struct source *owner; /* the listener's */
	struct toc_addr peer;
	bool has_peer;
	SSL *tls;		     /* NULL: plain */
	bool shaken;		     /* nothing is left of the handshake */
	bool goes;		     /* we have said goodbye */
	bool hurries;		     /* that is coming: all is taken, whoever waits */
	struct toc_framing *framing; /* one of these two */
	struct toc_relp *relp;
	struct toc_sender *who; /* while bytes of one read are worked on */
	struct receiving_env *env;
	uint8_t *out; /* answers on their way */
	size_t out_n, out_room;
	toc_time began, last; /* accepted; something came or went */
};

static struct toc_sender *sender_of(struct connection *c)
{
	return senders_find(&c->env->senders, c->has_peer ? &c->peer : NULL, c->source.listener, c->source.hint,
			    c->env->now);
}

static void give(void *user, struct toc_span text, bool truncated)
{
	struct connection *c = user;
	source_line(c->env, &c->source, text, truncated, c->has_peer ? &c->peer : NULL, c->who);
}

/* Closed with one word; what is whole has been handed over. */
static void lose(struct connection *c, enum toc_loss why, const char *detail)
{
	senders_tell(&c->env->senders, sender_of(c), c->source.listener, why, detail, c->env->now);
	c->source.dead = true;
}

/* Closed in order: a last line without its end is a line. */
static void end(struct connection *c)
{
	c->who = sender_of(c);
	if (!c->source.dead && c->framing)
		toc_framing_feed(c->framing, toc_span_str(""), true, give, c);
	c->source.dead = true;
}

/* --- bytes out ---------------------------------------------------------------------------------------------------- */

static void answer(void *user, struct toc_span bytes)
{
	struct connection *c = user;
	if (c->out_n + bytes.n > c->out_room) {
		c->out_room = 2 * (c->out_n + bytes.n);
		c->out = realloc(c->out, c->out_room);
		if (!c->out)
			abort(); /* bounded by the length of a read */
	}
	memcpy(c->out + c->out_n, bytes.p, bytes.n);
	c->out_n += bytes.n;
}

static const struct toc_relp_calls relp_calls = { give, answer };

/* Sends what waits. false: it waits still, or the connection is gone. */
static bool push(struct connection *c)
{
	size_t at = 0;
	bool gone = false;
	while (at < c->out_n) {
		size_t sent = 0;
		enum tls_need need = TLS_NOTHING;
		if (c->tls) {
			need = tls_write(c->tls, c->out + at, c->out_n - at, &sent);
		} else {
			ssize_t n = send(c->source.fd, c->out + at, c->out_n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
			sent = n > 0 ? (size_t)n : 0;
			need = n > 0 ? TLS_NOTHING : errno == EAGAIN || errno == EINTR ? TLS_TO_WRITE : TLS_CLOSED;
		}
		at += need == TLS_NOTHING ? sent : 0;
		gone = need == TLS_CLOSED || need == TLS_BROKEN;
		if (need != TLS_NOTHING)
			break;
	}
	c->out_n -= at;
	if (at && c->out_n)
		memmove(c->out, c->out + at, c->out_n);
	if (at)
		c->last = c->env->now;
	if (gone)
		c->source.dead = true;
	else /* who does not read its answers is not read either */
		source_wait(c->env, &c->source, c->out_n == 0, c->out_n != 0);
	return !gone && c->out_n == 0;
}

/* --- bytes in ----------------------------------------------------------------------------------------------------- */

/* Has the sender a read left in this turn? All its connections have so many together; one step of a handshake, which
 * costs a signature, is worth them all. A unix socket's clients have no name. */
static bool has_turn(struct connection *c)
{
	struct toc_sender *who = c->has_peer && !c->hurries ? sender_of(c) : NULL;
	if (!who)
		return true;
	if (who->turn != c->env->turn) {
		who->turn = c->env->turn;
		who->reads = 0;
	}
	if (who->reads >= TURNS)
		return false;
	who->reads += c->tls && !c->shaken ? TURNS : 1;
	return true;
}

/* The first byte tells who speaks no TLS at all, whatever it says afterwards. */
static bool speaks_tls(const struct connection *c)
{
	uint8_t first;
	return recv(c->source.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first == TLS_RECORD_HANDSHAKE;
}

/* true: the session stands, and the client is one of those who may. */
static bool shake(struct connection *c)
{
	char words[256];
	if (!SSL_in_before(c->tls) || speaks_tls(c)) {
		enum tls_need need = tls_handshake(c->tls, words, sizeof(words));
		source_wait(c->env, &c->source, need != TLS_TO_WRITE, need == TLS_TO_WRITE);
		if (need == TLS_BROKEN)
			lose(c, TOC_LOSS_HANDSHAKE, words);
		else if (need == TLS_CLOSED)
			c->source.dead = true;
		else if (need == TLS_NOTHING &&
			 !tls_is_peer(c->tls, c->source.listener->tls.peers, words, sizeof(words)))
			lose(c, TOC_LOSS_PEER, words);
		else
			c->shaken = need == TLS_NOTHING;
		return c->shaken;
	}
	lose(c, TOC_LOSS_NO_TLS, NULL);
	return false;
}

/* What came; empty: nothing now, or the connection is over. */
static struct toc_span read_some(struct connection *c)
{
	size_t got = 0;
	enum tls_need need = TLS_NOTHING;
	if (c->tls) {
		need = tls_read(c->tls, c->env->buffer, READ, &got);
	} else {
		ssize_t n = recv(c->source.fd, c->env->buffer, READ, MSG_DONTWAIT);
		got = n > 0 ? (size_t)n : 0;
		need = n > 0 ? TLS_NOTHING : n < 0 && (errno == EAGAIN || errno == EINTR) ? TLS_TO_READ : TLS_CLOSED;
	}
	if (need == TLS_CLOSED)
		end(c);
	else if (need == TLS_BROKEN)
		lose(c, TOC_LOSS_HANDSHAKE, "a record that is not TLS, or was changed on the way");
	return toc_span_of(c->env->buffer, need == TLS_NOTHING ? got : 0);
}

static bool feed(struct connection *c, struct toc_span bytes)
{
	c->who = sender_of(c);
	return c->relp ? toc_relp_feed(c->relp, bytes, &relp_calls, c)
		       : toc_framing_feed(c->framing, bytes, false, give, c);
}

static bool ready(struct receiving_env *env, struct source *s)
{
	struct connection *c = (struct connection *)s;
	(void)env;
	if (!has_turn(c))
		return false;
	if ((c->out_n && !push(c)) || (c->tls && !c->shaken && !shake(c)))
		return false;
	struct toc_span bytes = read_some(c);
	if (!bytes.n)
		return false;
	c->last = c->env->now;
	if (!feed(c, bytes)) {
		c->env->count.framing_errors++;
		push(c);
		lose(c, TOC_LOSS_FRAMING, NULL); /* what follows cannot be told apart */
		return false;
	}
	bool all = push(c);
	if (all && c->relp && toc_relp_closed(c->relp))
		s->dead = true;
	return all && !s->dead;
}

/* --- patience ----------------------------------------------------------------------------------------------------- */

static bool waits(const struct connection *c)
{
	return c->out_n || (c->relp ? toc_relp_waits(c->relp) : toc_framing_waits(c->framing));
}

/* Everything that has come is taken; then the peer is told that we go, so that it keeps what it has not sent yet. */
static void begin_goodbye(struct connection *c)
{
	struct source *s = &c->source;
	c->hurries = true;
	for (unsigned i = 0; i < RECEIVE_TURN && !s->dead && ready(c->env, s); i++)
		;
	if (s->dead)
		return;
	c->goes = true;
	if (c->relp)
		toc_relp_leave(c->relp, &relp_calls, c);
	if (!push(c))
		return;
	if (c->tls)
		tls_goodbye(c->tls);
	shutdown(s->fd, SHUT_WR);
}

static void tick(struct receiving_env *env, struct source *s)
{
	struct connection *c = (struct connection *)s;
	toc_time limit = s->listener->idle ? s->listener->idle : 10 * TOC_MIN;
	if (s->dead)
		return;
	if (c->tls && !c->shaken && env->now - c->began > handshake_patience) {
		lose(c, TOC_LOSS_STALLED, "in the TLS handshake");
	} else if (env->now - c->last > stall_patience && waits(c)) {
		lose(c, TOC_LOSS_STALLED, NULL);
	} else if (env->now - c->last > limit) {
		begin_goodbye(c);
		end(c);
	}
}

static void drain(struct receiving_env *env, struct source *s, bool last)
{
	struct connection *c = (struct connection *)s;
	(void)env;
	if (!last && !c->goes)
		begin_goodbye(c);
	if (last)
		end(c);
}

static void free_connection(struct source *s)
{
	struct connection *c = (struct connection *)s;
	c->owner->connections--;
	struct toc_sender *who = c->has_peer ? senders_peek(&c->env->senders, &c->peer, s->hint) : NULL;
	if (who && who->connections) /* it may have been forgotten and found anew meanwhile */
		who->connections--;
	if (c->tls && !c->goes)
		tls_goodbye(c->tls);
	SSL_free(c->tls);
	toc_framing_free(c->framing);
	toc_relp_free(c->relp);
	if (s->fd >= 0)
		close(s->fd);
	free(c->out);
	free(c);
}

bool connection_is_from(const struct source *s, const struct source *owner, const struct toc_addr *peer)
{
	const struct connection *c = (const struct connection *)s;
	return s->is_connection && c->owner == owner && c->has_peer && toc_addr_eq(&c->peer, peer);
}

/* --- room for others ---------------------------------------------------------------------------------------------- */

/* Who is before whom to go: in the midst of a handshake, then silent for longest. */
static bool goes_before(const struct connection *a, const struct connection *b)
{
	const bool a_shakes = a->tls && !a->shaken, b_shakes = b->tls && !b->shaken;
	return a_shakes != b_shakes ? a_shakes : a->last < b->last;
}

bool connection_make_room(struct receiving_env *env, const struct source *owner, const struct toc_sender *newcomer)
{
	struct connection *from_most = NULL, *strange = NULL;
	uint32_t most = newcomer->connections + 1;
	for (struct source *s = env->sources; s; s = s->next) {
		struct connection *c = (struct connection *)s;
		if (!s->is_connection || s->dead || c->owner != owner || !c->has_peer)
			continue;
		const struct toc_sender *who = senders_peek(&env->senders, &c->peer, s->hint);
		const uint32_t has = who ? who->connections : 1;
		if (has > most || (has == most && from_most && goes_before(c, from_most))) {
			most = has;
			from_most = c;
		}
		if ((!who || !who->known) && (!strange || goes_before(c, strange)))
			strange = c;
	}
	struct connection *victim = from_most ? from_most : newcomer->known ? strange : NULL;
	if (victim)
		lose(victim, TOC_LOSS_CONNECTIONS, "one of them was closed for another sender's");
	return victim != NULL;
}

bool connection_new(struct receiving_env *env, struct source *owner, int fd, const struct toc_addr *peer,
		    SSL_CTX *context)
{
	struct connection *c = calloc(1, sizeof(*c));
	bool relp = owner->listener->kind == TOC_LISTEN_RELP;
	if (!c)
		return false;
	c->source = (struct source){ .fd = fd,
				     .hint = owner->hint,
				     .listener = owner->listener,
				     .is_connection = true,
				     .turns = TURNS,
				     .ready = ready,
				     .tick = tick,
				     .drain = drain,
				     .free = free_connection };
	c->owner = owner;
	c->env = env;
	c->has_peer = peer != NULL;
	if (peer)
		c->peer = *peer;
	c->began = c->last = env->now;
	c->tls = context ? tls_accept(context, fd) : NULL;
	c->relp = relp ? toc_relp_new(owner->listener->max_line) : NULL;
	c->framing = relp ? NULL : toc_framing_new(owner->listener->max_line);
	owner->connections++;
	sender_of(c)->connections++;
	if ((!context || c->tls) && (relp ? c->relp != NULL : c->framing != NULL) && source_add(env, &c->source))
		return true;
	c->source.fd = -1; /* the caller's */
	free_connection(&c->source);
	return false;
}

void connection_admit(struct source *s)
{
	struct connection *c = (struct connection *)s;
	char words[256];
	if (c->has_peer && !sender_of(c)->allowed)
		lose(c, TOC_LOSS_ADDRESS, "since the reload");
	else if (c->tls && c->shaken && !tls_is_peer(c->tls, s->listener->tls.peers, words, sizeof(words)))
		lose(c, TOC_LOSS_PEER, words);
}
