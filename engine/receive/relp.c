/*
 * relp - the Reliable Event Logging Protocol, version 0 (https://www.rsyslog.com/doc/relp.html):
 * frame = TXNR SP COMMAND SP DATALEN [SP DATA] LF; every command is answered by "TXNR rsp ...".
 */
#include <stdio.h>
#include <stdlib.h>

#include "receive/receive.h"

enum { WORD_MOST = 32, NUMBER_DIGITS = 9, LEAST_LINE = 480, DATA_MOST = 16 << 20, ANSWER = 160 };

enum state { NUMBER, WORD, LENGTH, DATA, TRAILER };

struct toc_relp {
	enum state state;
	uint32_t number;
	unsigned digits;
	char word[WORD_MOST + 1];
	unsigned word_n;
	size_t length, left, max, n;
	bool cut, open, closed, leaving;
	uint8_t text[];
};

struct toc_relp *toc_relp_new(size_t max_line)
{
	size_t max = max_line < LEAST_LINE ? LEAST_LINE : max_line;
	struct toc_relp *r = malloc(sizeof(*r) + max);
	if (r)
		*r = (struct toc_relp){ .max = max };
	return r;
}

void toc_relp_free(struct toc_relp *r)
{
	free(r);
}

bool toc_relp_closed(const struct toc_relp *r)
{
	return r->closed;
}

bool toc_relp_waits(const struct toc_relp *r)
{
	return r->state != NUMBER || r->digits;
}

static void begin(struct toc_relp *r)
{
	r->state = NUMBER;
	r->number = 0;
	r->digits = r->word_n = 0;
	r->length = r->n = 0;
	r->cut = false;
}

static void answer(const struct toc_relp *r, const char *data, const struct toc_relp_calls *calls, void *user)
{
	char out[ANSWER];
	int n = snprintf(out, sizeof(out), "%u rsp %zu %s\n", r->number, strlen(data), data);
	calls->answer(user, toc_span_of(out, (size_t)n));
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

typedef bool (*command_fn)(struct toc_relp *r, const struct toc_relp_calls *calls, void *user);

static bool on_open(struct toc_relp *r, const struct toc_relp_calls *calls, void *user)
{
	struct toc_span offers = toc_span_of(r->text, r->n);
	bool syslog = false;
	if (r->open)
		return false;
	while (offers.n) {
		size_t end = toc_span_find(offers, '\n');
		struct toc_span offer = toc_span_first(offers, end);
		for (struct toc_span rest = offer; toc_span_starts(offer, "commands=") && rest.n;) {
			size_t equals = toc_span_find(rest, '='), comma = toc_span_find(rest, ',');
			rest = toc_span_from(rest, (equals < comma ? equals : comma) + 1);
			syslog = syslog || toc_span_is(toc_span_first(rest, toc_span_find(rest, ',')), "syslog");
		}
		offers = toc_span_from(offers, end + 1);
	}
	if (!syslog) {
		answer(r, "500 the command syslog is needed", calls, user);
		return true;
	}
	r->open = true;
	answer(r, "200 OK\nrelp_version=0\nrelp_software=tocsin\ncommands=syslog", calls, user);
	return true;
}

/* The answer says that the line is ours: so it comes after the taker has it. */
static bool on_syslog(struct toc_relp *r, const struct toc_relp_calls *calls, void *user)
{
	if (!r->open)
		return false;
	if (r->n)
		calls->line(user, toc_span_of(r->text, r->n), r->cut);
	answer(r, "200 OK", calls, user);
	return true;
}

static bool on_close(struct toc_relp *r, const struct toc_relp_calls *calls, void *user)
{
	answer(r, "", calls, user);
	calls->answer(user, toc_span_str("0 serverclose 0\n"));
	r->closed = true;
	return true;
}

static const struct {
	const char *word;
	command_fn act;
} commands[] = { { "syslog", on_syslog }, { "open", on_open }, { "close", on_close } };

static bool carry_out(struct toc_relp *r, const struct toc_relp_calls *calls, void *user)
{
	if (r->leaving)
		return true; /* unanswered */
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(r->word, commands[i].word) == 0)
			return commands[i].act(r, calls, user);
	answer(r, "500 there is no such command", calls, user);
	return r->open; /* before the session is open nothing else makes sense */
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* A digit of a number that ends with a space; a length of 0 may end with the trailer. false: broken. */
static bool take_digit(struct toc_relp *r, uint8_t c, size_t *value)
{
	if (c < '0' || c > '9' || r->digits == NUMBER_DIGITS)
		return false;
	r->digits++;
	*value = *value * 10 + (size_t)(c - '0');
	return true;
}

static bool take_number(struct toc_relp *r, uint8_t c)
{
	size_t value = r->number;
	if (c == ' ' && r->digits) {
		r->state = WORD;
		return true;
	}
	bool ok = take_digit(r, c, &value);
	r->number = (uint32_t)value;
	return ok;
}

static bool take_word(struct toc_relp *r, uint8_t c)
{
	if (c == ' ' && r->word_n) {
		r->word[r->word_n] = '\0';
		r->state = LENGTH;
		r->digits = 0;
		return true;
	}
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (!letter || r->word_n == WORD_MOST)
		return false;
	r->word[r->word_n++] = (char)c;
	return true;
}

static bool take_length(struct toc_relp *r, uint8_t c, const struct toc_relp_calls *calls, void *user)
{
	if (c == '\n' && r->digits && r->length == 0) {
		bool ok = carry_out(r, calls, user);
		begin(r);
		return ok;
	}
	if (c == ' ' && r->digits) {
		r->left = r->length;
		r->state = r->left ? DATA : TRAILER;
		return r->length <= DATA_MOST;
	}
	return take_digit(r, c, &r->length);
}

static size_t take_data(struct toc_relp *r, struct toc_span in)
{
	size_t n = in.n < r->left ? in.n : r->left, room = r->max - r->n, kept = n < room ? n : room;
	memcpy(r->text + r->n, in.p, kept);
	r->n += kept;
	r->cut = r->cut || kept < n;
	r->left -= n;
	if (!r->left)
		r->state = TRAILER;
	return n;
}

static bool take_trailer(struct toc_relp *r, uint8_t c, const struct toc_relp_calls *calls, void *user)
{
	bool ok = c == '\n' && carry_out(r, calls, user);
	begin(r);
	return ok;
}

bool toc_relp_feed(struct toc_relp *r, struct toc_span bytes, const struct toc_relp_calls *calls, void *user)
{
	bool ok = true;
	while (ok && bytes.n && !r->closed) {
		if (r->state == DATA) {
			bytes = toc_span_from(bytes, take_data(r, bytes));
			continue;
		}
		uint8_t c = bytes.p[0];
		bytes = toc_span_from(bytes, 1);
		ok = r->state == NUMBER	  ? take_number(r, c)
		     : r->state == WORD	  ? take_word(r, c)
		     : r->state == LENGTH ? take_length(r, c, calls, user)
					  : take_trailer(r, c, calls, user);
	}
	return ok;
}

void toc_relp_leave(struct toc_relp *r, const struct toc_relp_calls *calls, void *user)
{
	if (!r->leaving && r->open)
		calls->answer(user, toc_span_str("0 serverclose 0\n"));
	r->leaving = true;
}
