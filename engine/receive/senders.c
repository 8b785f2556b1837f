/* senders - a capped table; a word a minute and reason, however many there are to speak of. */
#include "receive/senders.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/log.h"

static const struct {
	const char *name, *text;
} losses[TOC_LOSSES] = {
#define LOSS(name, text) { #name, text },
#include "receive/loss.def"
#undef LOSS
};

const char *toc_loss_name(enum toc_loss loss)
{
	return losses[loss].name;
}

const char *toc_loss_text(enum toc_loss loss)
{
	return losses[loss].text;
}

const char *toc_listener_name(const struct toc_listener *l, char *out, size_t n)
{
	static const char *const kinds[TOC_LISTEN_KINDS] = { [TOC_LISTEN_UDP] = "udp",
							     [TOC_LISTEN_TCP] = "tcp",
							     [TOC_LISTEN_UNIX] = "unix",
							     [TOC_LISTEN_FILE] = "file",
							     [TOC_LISTEN_TLS] = "tls",
							     [TOC_LISTEN_RELP] = "relp",
							     [TOC_LISTEN_UNIX_STREAM] = "unix_stream" };
	bool path = l->kind == TOC_LISTEN_UNIX || l->kind == TOC_LISTEN_FILE || l->kind == TOC_LISTEN_UNIX_STREAM;
	if (path)
		snprintf(out, n, "%s %s", kinds[l->kind], l->address);
	else
		snprintf(out, n, strchr(l->address, ':') ? "%s [%s]:%u" : "%s %s:%u", kinds[l->kind], l->address,
			 l->port);
	return out;
}

/* What he gave and lost goes on in the sums. */
static void forgotten(void *user, void *cell, bool known)
{
	struct toc_receiver_counters *count = ((struct senders *)user)->count;
	const struct toc_sender *who = cell;
	count->senders_forgotten++;
	count->known_forgotten += known;
	count->forgotten_lines += who->lines;
	for (unsigned i = 0; i < TOC_LOSSES; i++)
		count->forgotten_lost += who->lost[i];
}

/* The table's key is the beginning of a cell: address, then listener. */
struct key {
	struct toc_addr addr;
	uint32_t listener;
};
_Static_assert(offsetof(struct toc_sender, listener) == offsetof(struct key, listener), "a cell begins with its key");

bool senders_init(struct senders *s, struct toc_receiver_counters *count)
{
	/* senders choose their addresses (UDP), so the table's secret is its own */
	struct toc_hash_key key;
	bool random = getrandom(&key, sizeof(key), 0) == (ssize_t)sizeof(key);
	*s = (struct senders){ .count = count };
	s->table = random ? toc_regulars_new(sizeof(struct key), sizeof(struct toc_sender), SENDERS_KNOWN,
					     SENDERS_STRANGE, &key, forgotten, s)
			  : NULL;
	return s->table != NULL;
}

void senders_end(struct senders *s)
{
	toc_regulars_free(s->table);
}

static bool inside(const struct toc_listen_net *net, const struct toc_addr *a)
{
	unsigned whole = net->prefix / 8, rest = net->prefix % 8;
	if (memcmp(net->net.b, a->b, whole) != 0)
		return false;
	return !rest || ((net->net.b[whole] ^ a->b[whole]) & (uint8_t)(0xff00 >> rest)) == 0;
}

/* As itself, not as one of a network. */
static bool is_named(const struct toc_listener *l, const struct toc_addr *a)
{
	for (unsigned i = 0; i < l->nallow; i++)
		if (l->allow[i].prefix == 128 && toc_addr_eq(&l->allow[i].net, a))
			return true;
	return false;
}

static bool is_allowed(const struct toc_listener *l, const struct toc_addr *a)
{
	for (unsigned i = 0; i < l->nallow; i++)
		if (inside(&l->allow[i], a))
			return true;
	return l->nallow == 0;
}

struct admitting {
	const struct toc_listener *l;
	uint32_t hint;
};

static void admit_one(void *user, void *cell)
{
	static const struct toc_addr nobody;
	const struct admitting *a = user;
	struct toc_sender *who = cell;
	if (who->listener == a->hint)
		who->allowed = toc_addr_eq(&who->addr, &nobody) || is_allowed(a->l, &who->addr);
}

void senders_admit(struct senders *s, const struct toc_listener *l, uint32_t hint)
{
	struct admitting a = { l, hint };
	toc_regulars_each(s->table, admit_one, &a);
}

struct toc_sender *senders_find(struct senders *s, const struct toc_addr *addr, const struct toc_listener *l,
				uint32_t hint, toc_time now)
{
	static const struct toc_addr nobody;
	const struct key key = { addr ? *addr : nobody, hint };
	bool fresh;
	struct toc_sender *last = s->last;
	if (!last || last->listener != hint || !toc_addr_eq(&last->addr, &key.addr)) {
		last = s->last = toc_regulars_add(s->table, &key, !addr || is_named(l, addr), now, &fresh);
		if (fresh) {
			last->first = now;
			last->allowed = !addr || is_allowed(l, addr);
		}
		last->known = toc_regulars_is(s->table, last);
		s->count->senders_known = toc_regulars_count(s->table, true);
		s->count->senders_strange = toc_regulars_count(s->table, false);
	}
	last->last = now;
	return last;
}

void senders_heard(struct senders *s, struct toc_sender *who, toc_time now)
{
	toc_regulars_seen(s->table, who, now);
}

struct toc_sender *senders_peek(const struct senders *s, const struct toc_addr *addr, uint32_t hint)
{
	const struct key key = { *addr, hint };
	return toc_regulars_peek(s->table, &key);
}

void senders_lost(struct senders *s, struct toc_sender *who, enum toc_loss loss, uint64_t n)
{
	who->lost[loss] += n;
	s->count->lost[loss] += n;
}

void senders_tell(struct senders *s, struct toc_sender *who, const struct toc_listener *l, enum toc_loss loss,
		  const char *detail, toc_time now)
{
	char name[160], addr[TOC_ADDR_TEXT] = "a local sender", others[64] = "";
	static const struct toc_addr nobody;
	senders_lost(s, who, loss, 1);
	s->words[loss].since++;
	if (s->words[loss].said && now - s->words[loss].said < TOC_MIN)
		return;
	if (!toc_addr_eq(&who->addr, &nobody))
		toc_addr_print(&who->addr, addr);
	if (s->words[loss].since > 1)
		snprintf(others, sizeof(others), "; %" PRIu64 " more since the last such word",
			 s->words[loss].since - 1);
	toc_warn("syslog %s: %s: %s%s%s%s%s", toc_listener_name(l, name, sizeof(name)), addr, losses[loss].text,
		 detail ? " (" : "", detail ? detail : "", detail ? ")" : "", others);
	s->words[loss].said = now;
	s->words[loss].since = 0;
}
