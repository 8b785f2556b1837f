/* http - HTTP/1.0 and 1.1 with pipelining, chunked bodies and gaps (RFC 9110, RFC 9112), as Zeek's http.log has it. */
#include "decoders/http_auth.h"
#include "decoders/http_state.h"

enum { HEAD_MOST = 60000 };

static bool bit(uint64_t set, uint32_t n)
{
	return set >> n % 64 & 1;
}

static void set_bit(uint64_t *set, uint32_t n, bool on)
{
	*set = (*set & ~(UINT64_C(1) << n % 64)) | (uint64_t)on << n % 64;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* The present message of a side is complete: a reply's row goes out, a request's waits for its reply, and a reply's for
 * the rest of its request's head. */
static void end_message(struct http *h, bool reply, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	struct toc_body_summary sum = { 0 };
	if (side->body_open)
		http_body_close(h, reply, &sum, s);
	if (!http_has_no_row(h, reply)) {
		struct toc_draft *d = http_row(s, side, side->n);
		http_put_body(d, reply, &sum);
		if (reply && !http_early_awaits(h, side->n))
			http_commit(s, d);
		else
			toc_sink_hold(s, d, side->n);
	}
	side->body_open = side->rowless = false;
	side->started = false;
	side->scanned = 0;
	side->at = AT_HEAD;
}

/* RFC 9112, section 6.3: how long the body is, by the framing of the side. head: NULL where it told of no body. */
static void begin_body(struct http *h, bool reply, const struct http_head *head, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	const struct http_framing *f = &side->framing;
	http_body_open(h, reply, head, s);
	side->left = f->length;
	side->at = f->chunked ? AT_FIRST_CHUNK : f->length == UINT64_MAX ? AT_UNTIL_CLOSE : AT_BODY;
}

static void start_body(struct http *h, bool reply, const struct http_head *head, bool none, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	const struct http_framing *f = &head->framing;
	bool until_close = reply && !f->chunked && f->length == UINT64_MAX;
	bool announced = f->chunked || (f->length != UINT64_MAX && f->length > 0);
	side->framing = *f;
	if (none || (!announced && !until_close))
		end_message(h, reply, s);
	else
		begin_body(h, reply, head, s);
}

static void take_request(struct http *h, const struct http_head *head, struct toc_sink *s)
{
	struct http_side *side = &h->side[0];
	uint32_t n = ++side->n;
	set_bit(&h->heads, n, toc_span_is(head->method, "HEAD"));
	set_bit(&h->connects, n, toc_span_is(head->method, "CONNECT"));
	set_bit(&h->bare, n, toc_span_is(head->version, "0.9"));
	set_bit(&h->tokens, n, http_auth_request(head, http_dir_of(h, false), s));
	struct toc_draft *d = http_early_take(h, n, s);
	http_put_request(d, head, h->side[1].n >= n);
	http_put_filename(d, false, head->disposition);
	if (http_answered(h, n))
		http_commit(s, d);
	else
		toc_sink_hold(s, d, n);
	start_body(h, false, head, false, s);
}

/* RFC 9110, section 15.2: others follow it. */
static void take_info(struct http_side *side, const struct http_head *head, struct toc_draft *d, struct toc_sink *s)
{
	http_put_info(d, head);
	toc_sink_hold(s, d, side->n + 1);
	side->framing = head->framing;
	side->started = false;
	side->scanned = 0;
}

static void take_reply(struct http *h, const struct http_head *head, struct toc_sink *s)
{
	struct http_side *side = &h->side[1];
	uint32_t n = side->n + 1;
	bool info = head->status >= 100 && head->status < 200 && head->status != 101;
	bool announced = head->framing.chunked || (head->framing.length != UINT64_MAX && head->framing.length > 0);
	http_early_join(h, n);
	struct toc_draft *d = http_row(s, side, n);
	side->bodiless = !announced				      ? HTTP_MAY_FOLLOW
			 : info					      ? HTTP_AFTER_INFO
			 : head->status == 204 || head->status == 304 ? HTTP_AFTER_REPLY
								      : HTTP_MAY_FOLLOW;
	if (info) {
		take_info(side, head, d, s);
		return;
	}
	http_put_reply(s, d, head);
	http_put_filename(d, true, head->disposition);
	h->child_name = head->status == 101 ? http_upgraded_to(head) : NULL;
	http_hold_reply(d, head, n, h->child_name, s);
	side->n = n;
	http_auth_reply(head, bit(h->tokens, n) && h->side[0].n >= n, http_dir_of(h, true), s);
	bool tunnel = bit(h->connects, n) && h->side[0].n >= n && head->status >= 200 && head->status < 300;
	bool asked_head = bit(h->heads, n) && h->side[0].n >= n;
	h->child = tunnel || head->status == 101;
	h->tunnel = tunnel;
	start_body(h, true, head, h->child || asked_head || head->status == 204 || head->status == 304, s);
}

/*
 * RFC 9112, section 6.3 allows 1xx, 204 and 304 no body whatever they announce. Where what follows begins no reply, the
 * receiver may have read it as one. The row of 204 and 304 is gone by now, that of 1xx still waits.
 */
static void take_forbidden_body(struct http *h, struct toc_sink *s)
{
	struct http_side *side = &h->side[1];
	toc_sink_weird(s, "unexpected_server_HTTP_data");
	if (side->bodiless == HTTP_AFTER_INFO)
		side->n++;
	else
		side->rowless = true;
	side->bodiless = HTTP_MAY_FOLLOW;
	begin_body(h, true, NULL, s);
}

/* HTTP/0.9: the reply to a request of one word and a target is the body and nothing else, up to the end. */
static void take_bare_reply(struct http *h, struct toc_sink *s)
{
	struct http_side *side = &h->side[1];
	side->n++;
	side->framing = (struct http_framing){ .length = UINT64_MAX };
	begin_body(h, true, NULL, s);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What follows is not known; a message may begin here, else at the beginning of a line. */
static void lose(struct http *h, bool reply, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	if (!reply)
		http_early_settle(h, s);
	side->at = AT_RESYNC;
	side->scanned = 0;
}

static void orient(struct http *h, enum toc_dir dir, bool reply)
{
	if (h->oriented)
		return;
	h->oriented = true;
	h->flipped = (dir == TOC_ORIG) == reply;
}

/* No head of this side begins here. What it is else, or MORE to go on at the next line that begins one. */
static enum toc_parse not_a_head(struct http *h, bool reply, struct toc_span rest, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	enum toc_probe other = h->side[0].n + h->side[1].n == 0 ? http_starts(rest, !reply) : TOC_YES;
	if (other == TOC_MAYBE)
		return toc_more(s, rest.n + 1);
	if (other == TOC_NO && reply)
		return TOC_BAD;
	if (reply && side->bodiless != HTTP_MAY_FOLLOW)
		take_forbidden_body(h, s);
	else if (reply && h->side[0].n == side->n + 1 && bit(h->bare, side->n + 1))
		take_bare_reply(h, s);
	else
		lose(h, reply, s); /* a client that speaks something else is answered in this protocol all the same */
	return TOC_MORE;
}

/* Blanks before a head are passed over: empty lines by RFC 9112, section 2.2, others because receivers do. */
static void skip_blanks(struct toc_cursor *in)
{
	while (toc_left(in) && (in->p[0] <= ' ' && in->p[0] >= '\t'))
		toc_skip(in, 1);
}

/* Bytes of the head that `rest` begins with; 0: not all there. */
static size_t head_length(struct http_side *side, bool reply, struct toc_span rest)
{
	size_t line = toc_span_find(rest, '\n');
	if (!reply && line < rest.n && http_is_bare(toc_span_first(rest, line)))
		return line + 1;
	return http_head_end(rest, &side->scanned);
}

static void take_head(struct http *h, bool reply, const struct http_head *head, struct toc_sink *s)
{
	h->side[reply].scanned = 0;
	toc_sink_confirm(s, NULL);
	if (head->odd)
		toc_sink_weird(s, head->odd);
	if (reply)
		take_reply(h, head, s);
	else
		take_request(h, head, s);
}

static enum toc_parse read_head(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	struct http_head head;
	if (!side->scanned && side->bodiless == HTTP_MAY_FOLLOW)
		skip_blanks(in);
	struct toc_span rest = toc_span_first(toc_rest(in), HEAD_MOST);
	if (rest.n == 0)
		return TOC_MORE;
	if (!side->started) {
		side->started = true;
		side->start = s->ts;
	}
	enum toc_probe starts = http_starts(rest, reply);
	if (starts == TOC_MAYBE)
		return toc_more(s, rest.n + 1);
	if (starts == TOC_NO)
		return not_a_head(h, reply, rest, s);
	size_t before = side->scanned, n = head_length(side, reply, rest);
	bool cut = n == 0 && rest.n >= HEAD_MOST;
	if (n == 0 && !cut) {
		if (!reply)
			http_early_keep(h, rest, before, s);
		return toc_more(s, rest.n + 1);
	}
	n = cut ? rest.n : n;
	toc_skip(in, n);
	if (!http_head_read(toc_span_first(rest, n), &head)) {
		lose(h, reply, s);
		return TOC_MORE;
	}
	take_head(h, reply, &head, s);
	if (cut)
		side->at = AT_CUT_HEAD; /* somewhere in a line */
	side->scanned = cut;
	return TOC_MORE;
}

/* n bytes of what is left of a body or chunk are dealt with. */
static void passed(struct http *h, bool reply, uint64_t n, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	side->left -= n;
	if (side->left)
		return;
	if (side->at == AT_BODY)
		end_message(h, reply, s);
	else
		side->at = AT_CHUNK_END;
}

static void read_body(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	size_t n = toc_left(in) < side->left ? toc_left(in) : (size_t)side->left;
	http_body_give(h, reply, toc_take(in, n), s);
	passed(h, reply, n, s);
}

/* One line, or n = 0 and *whole false when it is not all there. */
static struct toc_span read_line(struct toc_cursor *in, bool *whole)
{
	struct toc_span rest = toc_rest(in);
	size_t end = toc_span_find(rest, '\n');
	*whole = end < rest.n;
	if (!*whole)
		return toc_span_first(rest, 0);
	toc_skip(in, end + 1);
	struct toc_span l = toc_span_first(rest, end);
	if (l.n && l.p[l.n - 1] == '\r')
		l.n--;
	return l;
}

/* Chunks were announced; what comes tells whether it is them. */
static enum toc_parse read_first_chunk(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	enum toc_probe chunks = http_chunk_starts(toc_rest(in));
	if (chunks == TOC_MAYBE)
		return toc_more(s, toc_left(in) + 1);
	if (chunks == TOC_NO) {
		toc_sink_weird(s, "http_odd_framing");
		side->left = side->framing.length;
		side->at = side->left == UINT64_MAX ? AT_UNTIL_CLOSE : AT_BODY;
		if (side->left == 0)
			end_message(h, reply, s);
		return TOC_MORE;
	}
	side->at = AT_CHUNK_SIZE;
	return TOC_MORE;
}

/* chunk-size [;ext] CRLF (RFC 9112, section 7.1); blanks before it are passed over, as receivers do. */
static enum toc_parse read_chunk_size(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	enum { DIGITS = 15 };
	struct http_side *side = &h->side[reply];
	while (toc_left(in) && in->p[0] <= ' ')
		toc_skip(in, 1);
	struct toc_span rest = toc_rest(in);
	uint64_t size = 0;
	size_t i = 0;
	for (; i < rest.n && i < DIGITS && http_hex(rest.p[i]) >= 0; i++)
		size = size << 4 | (uint64_t)http_hex(rest.p[i]);
	if (i == rest.n)
		return toc_more(s, rest.n + 1);
	if (i == 0) { /* no size: the framing is lost */
		toc_sink_weird(s, "HTTP_bad_chunk_size");
		end_message(h, reply, s);
		lose(h, reply, s);
		return TOC_MORE;
	}
	toc_skip(in, i);
	side->left = size;
	side->at = AT_SIZE_LINE;
	return TOC_MORE;
}

/* Lines of which only the end matters: behind a chunk's size, behind its bytes, and trailer fields. */
static enum toc_parse skip_line(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	bool begins = side->scanned == 0, whole;
	struct toc_span l = read_line(in, &whole);
	if (!whole && begins && toc_left(in) == 1 && in->p[0] == '\r')
		return toc_more(s, 2); /* an empty line, perhaps */
	side->scanned = !whole;
	if (!whole)
		toc_skip(in, toc_left(in));
	else if (side->at == AT_SIZE_LINE)
		side->at = side->left ? AT_CHUNK : AT_TRAILER;
	else if (side->at == AT_CHUNK_END)
		side->at = AT_CHUNK_SIZE;
	else if (begins && l.n == 0)
		end_message(h, reply, s);
	return TOC_MORE;
}

/* Skips lines until one begins a message, or the empty line that ends a head too long to be read. */
static enum toc_parse resync(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	bool cut_head = side->at == AT_CUT_HEAD, whole;
	bool line_begins = !cut_head && side->scanned == 0;
	enum toc_probe starts = toc_left(in) && line_begins ? http_starts(toc_rest(in), reply) : TOC_NO;
	if (starts == TOC_MAYBE)
		return toc_more(s, toc_left(in) + 1);
	if (starts == TOC_YES) {
		side->at = AT_HEAD;
		side->started = false;
		side->scanned = 0;
		return TOC_MORE;
	}
	bool empty = side->scanned == 0;
	struct toc_span l = read_line(in, &whole);
	side->scanned = !whole && (toc_left(in) || side->scanned);
	if (!whole)
		toc_skip(in, toc_left(in)); /* the middle of a line: only its end matters */
	else if (cut_head && empty && l.n == 0)
		lose(h, reply, s);
	return TOC_MORE;
}

static enum toc_parse step(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	switch (h->side[reply].at) {
	case AT_HEAD:
		return read_head(h, reply, in, s);
	case AT_BODY:
	case AT_CHUNK:
		read_body(h, reply, in, s);
		return TOC_MORE;
	case AT_FIRST_CHUNK:
		return read_first_chunk(h, reply, in, s);
	case AT_CHUNK_SIZE:
		return read_chunk_size(h, reply, in, s);
	case AT_SIZE_LINE:
	case AT_CHUNK_END:
	case AT_TRAILER:
		return skip_line(h, reply, in, s);
	case AT_UNTIL_CLOSE:
		http_body_give(h, reply, toc_take(in, toc_left(in)), s);
		return TOC_MORE;
	case AT_RESYNC:
	case AT_CUT_HEAD:
		return resync(h, reply, in, s);
	}
	return TOC_BAD;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct http *h = state;
	if (!h->oriented)
		skip_blanks(in);
	if (!h->oriented && toc_left(in)) {
		enum toc_probe reply = http_starts(toc_rest(in), true);
		if (reply == TOC_MAYBE)
			return toc_more(s, toc_left(in) + 1);
		orient(h, dir, reply == TOC_YES);
	}
	bool reply = (dir == TOC_RESP) != h->flipped;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		enum http_at at = h->side[reply].at;
		enum toc_parse p = step(h, reply, in, s);
		if (h->child) {
			if (h->tunnel)
				toc_sink_tunnel(s, "Tunnel::HTTP");
			toc_sink_child(s, h->child_name);
			return TOC_DONE;
		}
		if (p != TOC_MORE || (toc_left(in) == before && h->side[reply].at == at))
			return p;
	}
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct http *h = state;
	bool reply = (dir == TOC_RESP) != h->flipped;
	struct http_side *side = &h->side[reply];
	bool counted = side->at == AT_BODY || side->at == AT_CHUNK;
	if (side->at == AT_UNTIL_CLOSE || (counted && n <= side->left)) {
		http_body_gap(h, reply, n, s);
		if (counted)
			passed(h, reply, n, s);
		return TOC_MORE;
	}
	if (counted) /* what was told of the body is in the hole */
		http_body_gap(h, reply, side->left, s);
	if (side->body_open)
		end_message(h, reply, s);
	lose(h, reply, s);
	side->started = false;
	return TOC_MORE;
}

/* What waits for a reply goes out as it stands, in order. */
static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	struct http *h = state;
	(void)why;
	if (h->side[0].body_open)
		end_message(h, false, s);
	if (h->side[1].body_open)
		end_message(h, true, s);
	http_early_settle(h, s);
	for (uint32_t n = h->side[1].n + 1; n && n <= h->side[0].n; n++) {
		struct toc_draft *d = toc_sink_resume(s, HTTP_ROW, n);
		if (d)
			http_commit(s, d);
	}
}

/* A server of this protocol says so even to a client that does not speak it: where its port is, its answer is awaited.
 */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	while (first.n && (first.p[0] == '\r' || first.p[0] == '\n')) /* RFC 9112, section 2.2 */
		first = toc_span_from(first, 1);
	if (first.n == 0)
		return TOC_MAYBE;
	enum toc_probe expected = http_starts(first, dir == TOC_RESP), other = http_starts(first, dir == TOC_ORIG);
	if (expected != TOC_NO)
		return expected;
	if (other != TOC_NO) /* the ends may be the wrong way round */
		return other;
	return hint && dir == TOC_ORIG ? TOC_MAYBE : TOC_NO;
}

static const uint16_t ports[] = { 80, 81, 631, 1080, 3128, 8000, 8080, 8888, 0 };

static const char *const leads_to[] = { "*", NULL };

const struct toc_decoder toc_decoder_http = { .name = "http",
					      .leads_to = leads_to,
					      .bodies = true,
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = http_fields,
					      .nfields = HTTP_NFIELDS,
					      .on_demand = http_on_demand,
					      .state_size = sizeof(struct http),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap,
					      .finish = finish };
