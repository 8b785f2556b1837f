/* multipart - a few open records of each sender, in cells of one size. */
#include "normalise/multipart.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/lru.h"

enum { SENDERS = 256, OPEN = 4, SEGMENTS = 16, RECORD = 12288, SERIALS = 8, CONTEXT = 384, AUDIT_MOST = 16384 };

static const toc_time wait = 10 * TOC_SEC;

/* A record of ISE; its segments lie in `text` as they came. */
struct record {
	uint64_t number;
	uint32_t total, come; /* come: 0 = the place is free */
	toc_time since;
	uint32_t at[SEGMENTS], n[SEGMENTS], used; /* n: 0 = has not come */
	uint8_t text[RECORD];
};

struct ise_sender {
	uint64_t sender; /* key */
	struct record open[OPEN];
};

struct audit_sender {
	uint64_t sender; /* key */
	unsigned next;
	struct {
		uint64_t serial; /* hash of time and serial */
		uint32_t n;
		uint8_t text[CONTEXT]; /* " auid=1000 exe=…" */
	} of[SERIALS];
};

struct multipart {
	struct toc_hash_key key;
	struct toc_lru *ise, *audit;
	uint8_t out[RECORD + AUDIT_MOST + CONTEXT];
};

struct multipart *multipart_new(const struct toc_hash_key *key)
{
	struct multipart *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->key = *key;
	p->ise = toc_lru_new(sizeof(uint64_t), sizeof(struct ise_sender), SENDERS, key, NULL, NULL);
	p->audit = toc_lru_new(sizeof(uint64_t), sizeof(struct audit_sender), 16 * SENDERS, key, NULL, NULL);
	if (p->ise && p->audit)
		return p;
	multipart_free(p);
	return NULL;
}

void multipart_free(struct multipart *p)
{
	if (!p)
		return;
	toc_lru_free(p->ise);
	toc_lru_free(p->audit);
	free(p);
}

static size_t append(uint8_t *out, size_t n, struct toc_span text)
{
	if (text.n)
		memcpy(out + n, text.p, text.n);
	return n + text.n;
}

/* --- ISE: "[CISE_Category] number segments segment text" ---------------------------------------------------------- */

struct segment {
	uint64_t number, total, at;
	struct toc_span category, text;
};

static bool take_number(struct toc_span *text, uint64_t *out)
{
	size_t i = 0;
	for (*out = 0; i < text->n && i < 18 && text->p[i] >= '0' && text->p[i] <= '9'; i++)
		*out = *out * 10 + (uint64_t)(text->p[i] - '0');
	if (i == 0 || i == text->n || text->p[i] != ' ')
		return false;
	for (*text = toc_span_from(*text, i); text->n && text->p[0] == ' ';)
		*text = toc_span_from(*text, 1);
	return true;
}

static bool read_segment(const struct header *h, struct segment *s)
{
	struct toc_span text = h->message;
	s->category = h->app;
	if (toc_span_starts(text, "CISE_")) {
		const size_t space = toc_span_find(text, ' ');
		s->category = toc_span_first(text, space);
		text = toc_span_from(text, space + 1);
	}
	bool ok = toc_span_starts(s->category, "CISE_") && take_number(&text, &s->number) &&
		  take_number(&text, &s->total) && take_number(&text, &s->at);
	s->text = text;
	return ok && s->total > 1 && s->total <= SEGMENTS && s->at < s->total && text.n;
}

static struct record *place_of(struct ise_sender *sender, const struct segment *s, toc_time at, uint32_t *incomplete)
{
	struct record *best = &sender->open[0];
	for (unsigned i = 0; i < OPEN; i++) {
		struct record *r = &sender->open[i];
		if (r->come && at - r->since > wait) {
			r->come = 0;
			++*incomplete;
		}
		if (r->come && r->number == s->number && r->total == s->total)
			return r;
		if (best->come && (!r->come || r->since < best->since))
			best = r;
	}
	*incomplete += best->come != 0; /* the oldest makes way */
	*best = (struct record){ .number = s->number, .total = (uint32_t)s->total, .since = at };
	return best;
}

/* "joined CISE_… number segments 0 …", the segments with one comma between. */
static struct toc_span join(struct multipart *p, const struct record *r, struct toc_span category)
{
	int head =
		snprintf((char *)p->out, AUDIT_MOST, "joined %.*s %llu %u 0 ", (int)(category.n < 64 ? category.n : 64),
			 (const char *)category.p, (unsigned long long)r->number, r->total);
	size_t n = (size_t)head;
	for (uint32_t i = 0; i < r->total; i++) {
		while (i && n && (p->out[n - 1] == ' ' || p->out[n - 1] == ','))
			n--;
		if (i)
			n = append(p->out, n, toc_span_str(", "));
		n = append(p->out, n, toc_span_of(r->text + r->at[i], r->n[i]));
	}
	return toc_span_of(p->out, n);
}

static struct toc_span take_segment(struct multipart *p, uint64_t key, const struct segment *s, struct toc_span message,
				    toc_time at, uint32_t *incomplete)
{
	bool fresh;
	struct record *r = place_of(toc_lru_add(p->ise, &key, &fresh), s, at, incomplete);
	if (r->n[s->at])
		return message; /* came twice */
	if (s->text.n > RECORD - r->used) {
		r->come = 0;
		++*incomplete;
		return message;
	}
	r->at[s->at] = r->used;
	r->n[s->at] = (uint32_t)s->text.n;
	r->used = (uint32_t)append(r->text, r->used, s->text);
	if (++r->come < r->total)
		return message;
	r->come = 0;
	return join(p, r, s->category);
}

/* --- audit: "[node=N ]type=T msg=audit(TIME:SERIAL): …" -------------------------------------------------------------
 */

/* Who did it, and by what: each has its place in SYSCALL only. */
static const char *const shared[] = { "ppid", "pid",  "auid", "uid", "euid",	"ses",
				      "tty",  "comm", "exe",  "key", "success", NULL };

/* The value of " name=" with its quotes, or nothing. */
static struct toc_span value_of(struct toc_span text, const char *name)
{
	const size_t n = strlen(name);
	for (size_t i = 0; i + n + 2 < text.n; i++) {
		if (text.p[i] != ' ' || text.p[i + n + 1] != '=' || memcmp(text.p + i + 1, name, n) != 0)
			continue;
		text = toc_span_from(text, i + n + 2);
		return toc_span_first(text, toc_span_find(text, ' '));
	}
	return toc_span_first(text, 0);
}

/* Of a record of the audit: its type, its serial with the time, and what follows. */
static bool read_audit(struct toc_span text, struct toc_span *type, struct toc_span *serial, struct toc_span *rest)
{
	if (toc_span_starts(text, "node="))
		text = toc_span_from(text, toc_span_find(text, ' ') + 1);
	if (!toc_span_starts(text, "type="))
		return false;
	text = toc_span_from(text, 5);
	*type = toc_span_first(text, toc_span_find(text, ' '));
	text = toc_span_from(text, type->n);
	if (!toc_span_starts(text, " msg=audit("))
		return false;
	text = toc_span_from(text, sizeof(" msg=audit(") - 1);
	*serial = toc_span_first(text, toc_span_find(text, ')'));
	*rest = toc_span_from(text, serial->n);
	return serial->n && serial->n < 48 && rest->n;
}

static void keep_context(struct audit_sender *sender, uint64_t serial, struct toc_span rest)
{
	const unsigned i = sender->next++ % SERIALS;
	uint32_t n = 0;
	for (const char *const *name = shared; *name; name++) {
		const struct toc_span value = value_of(rest, *name);
		if (!value.n || n + strlen(*name) + value.n + 2 > CONTEXT)
			continue;
		sender->of[i].text[n++] = ' ';
		n = (uint32_t)append(sender->of[i].text, n, toc_span_str(*name));
		sender->of[i].text[n++] = '=';
		n = (uint32_t)append(sender->of[i].text, n, value);
	}
	sender->of[i].serial = serial;
	sender->of[i].n = n;
}

static struct toc_span with_context(struct multipart *p, struct toc_span message, struct toc_span context)
{
	size_t n = append(p->out, 0, message);
	for (const char *const *name = shared; *name; name++) {
		const struct toc_span value = value_of(context, *name);
		if (!value.n || value_of(message, *name).n)
			continue;
		p->out[n++] = ' ';
		n = append(p->out, n, toc_span_str(*name));
		p->out[n++] = '=';
		n = append(p->out, n, value);
	}
	return toc_span_of(p->out, n);
}

static struct toc_span take_audit(struct multipart *p, uint64_t key, struct toc_span message)
{
	struct toc_span type, text, rest;
	bool fresh;
	if (message.n > AUDIT_MOST || !read_audit(message, &type, &text, &rest))
		return message;
	const uint64_t serial = toc_hash(&p->key, text.p, text.n);
	if (toc_span_is(type, "SYSCALL")) {
		keep_context(toc_lru_add(p->audit, &key, &fresh), serial, rest);
		return message;
	}
	const struct audit_sender *sender = toc_lru_get(p->audit, &key);
	for (unsigned i = 0; sender && i < SERIALS; i++)
		if (sender->of[i].n && sender->of[i].serial == serial)
			return with_context(p, message, toc_span_of(sender->of[i].text, sender->of[i].n));
	return message;
}

static bool is_audit(struct toc_span message)
{
	return toc_span_starts(message, "type=") || toc_span_starts(message, "node=");
}

bool multipart_wanted(const struct header *h)
{
	return is_audit(h->message) || toc_span_starts(h->message, "CISE_") || toc_span_starts(h->app, "CISE_");
}

struct toc_span multipart_take(struct multipart *p, uint64_t sender, const struct header *h, toc_time at,
			       uint32_t *incomplete)
{
	struct segment s;
	*incomplete = 0;
	if (is_audit(h->message))
		return take_audit(p, sender, h->message);
	return read_segment(h, &s) ? take_segment(p, sender, &s, h->message, at, incomplete) : h->message;
}
