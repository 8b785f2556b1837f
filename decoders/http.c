/* http - HTTP/1.0 and 1.1 with pipelining, chunked bodies and gaps (RFC 9110, RFC 9112), as Zeek's http.log has it. */
#include "decoders/http.h"

enum field {
	K_HTTP,
	F_TRANS_DEPTH,
	F_METHOD,
	F_HOST,
	F_URI,
	F_REFERRER,
	F_VERSION,
	F_USER_AGENT,
	F_ORIGIN,
	F_REQUEST_BODY_LEN,
	F_RESPONSE_BODY_LEN,
	F_STATUS_CODE,
	F_STATUS_MSG,
	F_INFO_CODE,
	F_INFO_MSG,
	F_USERNAME,
	F_PROXIED,
	F_ORIG_FUIDS,
	F_ORIG_FILENAMES,
	F_ORIG_MIME_TYPES,
	F_RESP_FUIDS,
	F_RESP_FILENAMES,
	F_RESP_MIME_TYPES,
	K_WEBSOCKET, /* its fields follow in the order of http_websocket_row */
	F_WS_HOST,
	F_WS_URI,
	F_WS_USER_AGENT,
	F_WS_SUBPROTOCOL
};

static const struct toc_field_decl fields[] = {
	[K_HTTP] = { "http", TOC_KIND, false, TOC_OPEN, NULL, "an HTTP request and its reply, or either alone" },
	[F_TRANS_DEPTH] = { "trans_depth", TOC_UINT, false, TOC_OPEN, NULL,
			    "place of the request in its connection, from 1" },
	[F_METHOD] = { "method", TOC_STRING, false, TOC_OPEN, NULL, "GET, POST …" },
	[F_HOST] = { "host", TOC_STRING, false, TOC_OPEN, NULL, "Host header" },
	[F_URI] = { "uri", TOC_STRING, false, TOC_CONTENT, NULL, "target of the request, %XX undone" },
	[F_REFERRER] = { "referrer", TOC_STRING, false, TOC_CONTENT, NULL, "Referer header" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "1.0, 1.1" },
	[F_USER_AGENT] = { "user_agent", TOC_STRING, false, TOC_DEVICE, NULL, "User-Agent header" },
	[F_ORIGIN] = { "origin", TOC_STRING, false, TOC_OPEN, NULL, "Origin header" },
	[F_REQUEST_BODY_LEN] = { "request_body_len", TOC_UINT, false, TOC_OPEN, "B", "body of the request, decoded" },
	[F_RESPONSE_BODY_LEN] = { "response_body_len", TOC_UINT, false, TOC_OPEN, "B", "body of the reply, decoded" },
	[F_STATUS_CODE] = { "status_code", TOC_UINT, false, TOC_OPEN, NULL, "status of the reply" },
	[F_STATUS_MSG] = { "status_msg", TOC_STRING, false, TOC_OPEN, NULL, "its words" },
	[F_INFO_CODE] = { "info_code", TOC_UINT, false, TOC_OPEN, NULL, "last 1xx status before it" },
	[F_INFO_MSG] = { "info_msg", TOC_STRING, false, TOC_OPEN, NULL, "its words" },
	[F_USERNAME] = { "username", TOC_STRING, false, TOC_PERSON, NULL,
			 "user of Basic authentication; never the password" },
	[F_PROXIED] = { "proxied", TOC_STRING, true, TOC_DEVICE, NULL, "headers that proxies add: NAME -> value" },
	[F_ORIG_FUIDS] = { "orig_fuids", TOC_STRING, true, TOC_OPEN, NULL, "file ids of the request's body" },
	[F_ORIG_FILENAMES] = { "orig_filenames", TOC_STRING, true, TOC_CONTENT, NULL, "names of the client's files" },
	[F_ORIG_MIME_TYPES] = { "orig_mime_types", TOC_STRING, true, TOC_OPEN, NULL, "their types by content" },
	[F_RESP_FUIDS] = { "resp_fuids", TOC_STRING, true, TOC_OPEN, NULL, "file ids of the reply's body" },
	[F_RESP_FILENAMES] = { "resp_filenames", TOC_STRING, true, TOC_CONTENT, NULL, "names of the server's files" },
	[F_RESP_MIME_TYPES] = { "resp_mime_types", TOC_STRING, true, TOC_OPEN, NULL, "their types by content" },
	[K_WEBSOCKET] = { "websocket", TOC_KIND, false, TOC_OPEN, NULL, "an upgrade to WebSocket that was granted" },
	[F_WS_HOST] = { "host", TOC_STRING, false, TOC_OPEN, NULL, "Host header" },
	[F_WS_URI] = { "uri", TOC_STRING, false, TOC_CONTENT, NULL, "target of the request, %XX undone" },
	[F_WS_USER_AGENT] = { "user_agent", TOC_STRING, false, TOC_DEVICE, NULL, "User-Agent header" },
	[F_WS_SUBPROTOCOL] = { "subprotocol", TOC_STRING, false, TOC_OPEN, NULL, "protocol that the server chose" },
};

enum { HEAD_MOST = 60000, LINE_MOST = 4096 };

/* Where one direction stands. */
enum at { AT_HEAD, AT_BODY, AT_CHUNK_SIZE, AT_CHUNK, AT_CHUNK_END, AT_TRAILER, AT_UNTIL_CLOSE, AT_RESYNC, AT_CUT_HEAD };

struct side {
	enum at at;
	bool body_open, close_delimited;
	uint32_t n; /* messages so far; of the present one: its number */
	uint32_t scanned;
	uint64_t left;
	toc_time start; /* of the present head's first byte */
	bool started;
	bool early; /* a row waits that has what is known of a head not yet complete */
};

struct http {
	struct side side[2];	  /* requests, replies */
	bool flipped;		  /* the originator is the server: a capture that began late */
	bool oriented, child;	  /* child: the rest belongs to another protocol */
	const char *child_name;	  /* NULL: whichever it is */
	uint64_t heads, connects; /* request n was HEAD (CONNECT): bit n % 64 */
};

static bool bit(uint64_t set, uint32_t n)
{
	return set >> n % 64 & 1;
}

static void set_bit(uint64_t *set, uint32_t n, bool on)
{
	*set = (*set & ~(UINT64_C(1) << n % 64)) | (uint64_t)on << n % 64;
}

static enum toc_dir dir_of(const struct http *h, bool reply)
{
	return reply != h->flipped ? TOC_RESP : TOC_ORIG;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void put_unless(struct toc_draft *d, unsigned field, uint64_t value)
{
	if (!toc_draft_find(d, field))
		toc_put_uint(d, field, value);
}

static void put_some(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (v.n)
		toc_put_str(d, field, v);
}

static void commit(struct toc_sink *s, struct toc_draft *d)
{
	put_unless(d, F_REQUEST_BODY_LEN, 0);
	put_unless(d, F_RESPONSE_BODY_LEN, 0);
	toc_sink_commit(s, d);
}

/* The row of message n: the one that waits, or a new one. */
static struct toc_draft *row(struct toc_sink *s, const struct http *h, bool reply, uint32_t n)
{
	struct toc_draft *d = toc_sink_resume(s, K_HTTP, n);
	if (d)
		return d;
	d = toc_sink_begin(s, K_HTTP);
	d->head.ts = h->side[reply].started ? h->side[reply].start : s->ts;
	toc_put_uint(d, F_TRANS_DEPTH, n);
	return d;
}

static void put_request(struct toc_draft *d, const struct http_head *head)
{
	uint8_t text[HTTP_TEXT];
	toc_put_str(d, F_METHOD, head->method);
	toc_put_str(d, F_URI, http_unescape(head->uri, text, sizeof(text)));
	toc_put_str(d, F_VERSION, head->version);
	put_some(d, F_HOST, head->host);
	put_some(d, F_REFERRER, head->referrer);
	put_some(d, F_USER_AGENT, head->user_agent);
	put_some(d, F_ORIGIN, head->origin);
	put_some(d, F_USERNAME, http_basic_user(head->authorization, text, sizeof(text)));
	if (!head->nproxied)
		return;
	toc_list_open(d, F_PROXIED, TOC_STRING);
	for (unsigned i = 0; i < head->nproxied; i++) {
		struct toc_span name = head->proxied_name[i], value = toc_span_first(head->proxied_value[i], 1024);
		memcpy(text, name.p, name.n);
		memcpy(text + name.n, " -> ", 4);
		memcpy(text + name.n + 4, value.p, value.n);
		toc_list_str(d, F_PROXIED, toc_span_of(text, name.n + 4 + value.n));
	}
}

/* Zeek's row has the version of the last message: the reply's, where there is one. */
static void put_version(struct toc_draft *d, struct toc_span version)
{
	struct toc_slot *slot = toc_draft_find(d, F_VERSION);
	uint32_t at = slot ? toc_draft_store(d, version.p, version.n, 1) : UINT32_MAX;
	if (!slot)
		toc_put_str(d, F_VERSION, version);
	if (at == UINT32_MAX)
		return;
	slot->bits = at;
	slot->len = (uint32_t)version.n;
}

static void put_reply(struct toc_draft *d, const struct http_head *head)
{
	put_version(d, head->version);
	toc_put_uint(d, F_STATUS_CODE, head->status);
	toc_put_str(d, F_STATUS_MSG, head->reason);
}

/* What the files service found of a body that is over. */
static void put_body(struct toc_draft *d, bool reply, const struct toc_body_summary *sum)
{
	put_unless(d, reply ? F_RESPONSE_BODY_LEN : F_REQUEST_BODY_LEN, sum->seen);
	if (!sum->fuid[0])
		return;
	toc_list_str(d, reply ? F_RESP_FUIDS : F_ORIG_FUIDS, toc_span_str(sum->fuid));
	if (sum->mime)
		toc_list_str(d, reply ? F_RESP_MIME_TYPES : F_ORIG_MIME_TYPES, toc_span_str(sum->mime));
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* The present message of a side is complete: a reply's row goes out, a request's waits for its reply. */
static void end_message(struct http *h, bool reply, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	struct toc_body_summary sum = { 0 };
	if (side->body_open)
		toc_body_close(s, dir_of(h, reply), &sum);
	bool answered = !reply && h->side[1].n >= side->n && !(h->side[1].n == side->n && h->side[1].at != AT_HEAD);
	if (!answered) { /* else its row is gone already: the reply was quicker than the request's body */
		struct toc_draft *d = row(s, h, reply, side->n);
		put_body(d, reply, &sum);
		if (reply)
			commit(s, d);
		else
			toc_sink_hold(s, d, side->n);
	}
	side->body_open = false;
	side->started = false;
	side->scanned = 0;
	side->at = AT_HEAD;
}

static void open_body(struct http *h, bool reply, const struct http_head *head, struct toc_sink *s)
{
	uint64_t expected = head->chunked ? UINT64_MAX : head->length;
	toc_body_open(s, dir_of(h, reply), "HTTP", http_filename(head->disposition), expected);
	if (head->coding != TOC_CODING_NONE)
		toc_body_coding(s, dir_of(h, reply), head->coding);
	h->side[reply].body_open = true;
}

/* RFC 9112, section 6.3: how long the body is. */
static void start_body(struct http *h, bool reply, const struct http_head *head, bool none, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	bool until_close = reply && !head->chunked && head->length == UINT64_MAX;
	bool empty = none || (!head->chunked && !until_close && (head->length == 0 || head->length == UINT64_MAX));
	if (empty) {
		end_message(h, reply, s);
		return;
	}
	open_body(h, reply, head, s);
	side->left = head->length;
	side->at = head->chunked ? AT_CHUNK_SIZE : until_close ? AT_UNTIL_CLOSE : AT_BODY;
}

/* The row of a head that is all there takes the place of the early one. */
static void drop_early(struct http *h, uint32_t n, struct toc_sink *s)
{
	if (h->side[0].early)
		toc_sink_resume(s, K_HTTP, n); /* taken back and not committed: gone */
	h->side[0].early = false;
}

/* A capture may end within a head: what its whole lines say is then told, so a row is kept up to date. */
static void keep_early(struct http *h, struct toc_span rest, struct toc_sink *s)
{
	struct side *side = &h->side[0];
	struct http_head head;
	/* `scanned` stands at the beginning of a line, which may be whole: the empty line behind it is then still to
	 * come */
	size_t last = toc_span_find(toc_span_from(rest, side->scanned), '\n');
	size_t whole = side->scanned + last < rest.n ? side->scanned + last + 1 : side->scanned;
	if ((side->early && side->left == whole) || !http_head_read(toc_span_first(rest, whole), &head))
		return;
	drop_early(h, side->n + 1, s);
	struct toc_draft *d = row(s, h, false, side->n + 1);
	d->head.ts = side->start;
	put_request(d, &head);
	toc_sink_hold(s, d, side->n + 1);
	side->early = true;
	side->left = whole; /* of this head: what the early row has */
}

static void take_request(struct http *h, const struct http_head *head, struct toc_sink *s)
{
	struct side *side = &h->side[0];
	drop_early(h, side->n + 1, s);
	uint32_t n = ++side->n;
	set_bit(&h->heads, n, toc_span_is(head->method, "HEAD"));
	set_bit(&h->connects, n, toc_span_is(head->method, "CONNECT"));
	struct toc_draft *d = row(s, h, false, n);
	d->head.ts = side->start;
	put_request(d, head);
	struct toc_span name = http_filename(head->disposition);
	if (name.n)
		toc_list_str(d, F_ORIG_FILENAMES, name);
	toc_sink_hold(s, d, n);
	start_body(h, false, head, false, s);
}

static void take_reply(struct http *h, const struct http_head *head, struct toc_sink *s)
{
	struct side *side = &h->side[1];
	uint32_t n = side->n + 1;
	bool info = head->status >= 100 && head->status < 200 && head->status != 101;
	struct toc_draft *d = row(s, h, true, n);
	if (info) {
		toc_put_uint(d, F_INFO_CODE, head->status);
		toc_put_str(d, F_INFO_MSG, head->reason);
		toc_sink_hold(s, d, n);
		side->started = false;
		side->scanned = 0;
		return;
	}
	put_reply(d, head);
	struct toc_span name = http_filename(head->disposition);
	if (name.n)
		toc_list_str(d, F_RESP_FILENAMES, name);
	const unsigned from[] = { F_HOST, F_URI, F_USER_AGENT };
	struct http_kept kept[HTTP_WS_KEPT];
	h->child_name = head->status == 101 ? http_upgraded_to(head) : NULL;
	bool websocket = h->child_name && strcmp(h->child_name, "websocket") == 0;
	if (websocket)
		http_websocket_keep(d, from, kept);
	toc_sink_hold(s, d, n);
	if (websocket)
		http_websocket_row(K_WEBSOCKET, kept, head, s);
	side->n = n;
	bool tunnel = bit(h->connects, n) && h->side[0].n >= n && head->status >= 200 && head->status < 300;
	bool asked_head = bit(h->heads, n) && h->side[0].n >= n;
	h->child = tunnel || head->status == 101;
	start_body(h, true, head, h->child || asked_head || head->status == 204 || head->status == 304, s);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What follows is not known; a message may begin here, else at the beginning of a line. */
static void lose(struct side *side)
{
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

/* AT_HEAD: empty lines before a request are passed over (RFC 9112, section 2.2). */
static enum toc_parse read_head(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	struct http_head head;
	while (!side->scanned && toc_left(in) && (in->p[0] == '\r' || in->p[0] == '\n'))
		toc_skip(in, 1);
	struct toc_span rest = toc_span_first(toc_rest(in), HEAD_MOST);
	if (rest.n == 0)
		return TOC_MORE;
	if (!side->started) {
		side->started = true;
		side->start = s->ts;
	}
	enum toc_probe starts = http_starts(rest, reply);
	enum toc_probe other = starts == TOC_NO && side->n == 0 ? http_starts(rest, !reply) : TOC_YES;
	if (other == TOC_MAYBE)
		return toc_more(s, rest.n + 1);
	if (other == TOC_NO)
		return TOC_BAD;
	if (starts == TOC_NO) { /* between messages: what this is, is not known; go on at the next that begins */
		lose(side);
		return TOC_MORE;
	}
	size_t n = http_head_end(rest, &side->scanned);
	bool cut = n == 0 && rest.n >= HEAD_MOST;
	if (n == 0 && !cut) {
		if (!reply)
			keep_early(h, rest, s);
		return toc_more(s, rest.n + 1);
	}
	n = cut ? rest.n : n;
	toc_skip(in, n);
	if (!http_head_read(toc_span_first(rest, n), &head)) {
		lose(side);
		return TOC_MORE;
	}
	side->scanned = 0;
	toc_sink_confirm(s, NULL);
	if (reply)
		take_reply(h, &head, s);
	else
		take_request(h, &head, s);
	if (cut)
		side->at = AT_CUT_HEAD; /* somewhere in a line */
	side->scanned = cut;
	return TOC_MORE;
}

/* Bytes of a body, at most `left`. */
static void read_body(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	size_t n = toc_left(in) < side->left ? toc_left(in) : (size_t)side->left;
	toc_body_data(s, dir_of(h, reply), toc_take(in, n));
	side->left -= n;
	if (side->left)
		return;
	if (side->at == AT_BODY)
		end_message(h, reply, s);
	else
		side->at = AT_CHUNK_END;
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

/* chunk-size [;ext] CRLF (RFC 9112, section 7.1). */
static enum toc_parse read_chunk_size(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	bool whole;
	struct toc_span l = read_line(in, &whole);
	uint64_t size = 0;
	size_t i = 0;
	if (!whole)
		return toc_left(in) > LINE_MOST ? TOC_BAD : toc_more(s, toc_left(in) + 1);
	for (; i < l.n && i < 15; i++) {
		uint8_t c = toc_lower(l.p[i]);
		if (c >= '0' && c <= '9')
			size = size << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			size = size << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	if (i == 0) { /* no size: the framing is lost */
		end_message(h, reply, s);
		lose(side);
		return TOC_MORE;
	}
	side->left = size;
	side->at = size ? AT_CHUNK : AT_TRAILER;
	return TOC_MORE;
}

static enum toc_parse read_trailer(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
	bool whole;
	struct toc_span l = read_line(in, &whole);
	if (!whole)
		return toc_left(in) > LINE_MOST ? TOC_BAD : toc_more(s, toc_left(in) + 1);
	if (side->at == AT_CHUNK_END)
		side->at = AT_CHUNK_SIZE;
	else if (l.n == 0)
		end_message(h, reply, s);
	return TOC_MORE;
}

/* Skips lines until one begins a message, or the empty line that ends a head too long to be read. */
static enum toc_parse resync(struct http *h, bool reply, struct toc_cursor *in, struct toc_sink *s)
{
	struct side *side = &h->side[reply];
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
		lose(side);
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
	case AT_CHUNK_SIZE:
		return read_chunk_size(h, reply, in, s);
	case AT_CHUNK_END:
	case AT_TRAILER:
		return read_trailer(h, reply, in, s);
	case AT_UNTIL_CLOSE:
		toc_body_data(s, dir_of(h, reply), toc_take(in, toc_left(in)));
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
	if (!h->oriented && toc_left(in)) {
		enum toc_probe reply = http_starts(toc_rest(in), true);
		if (reply == TOC_MAYBE)
			return toc_more(s, toc_left(in) + 1);
		orient(h, dir, reply == TOC_YES);
	}
	bool reply = (dir == TOC_RESP) != h->flipped;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		enum at at = h->side[reply].at;
		enum toc_parse p = step(h, reply, in, s);
		if (h->child) {
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
	struct side *side = &h->side[reply];
	if (side->at == AT_UNTIL_CLOSE || ((side->at == AT_BODY || side->at == AT_CHUNK) && n < side->left)) {
		toc_body_gap(s, dir, n);
		side->left -= side->at == AT_UNTIL_CLOSE ? 0 : n;
		return TOC_MORE;
	}
	if (side->body_open)
		end_message(h, reply, s);
	lose(side);
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
	for (uint32_t n = h->side[1].n + 1; n && n <= h->side[0].n + h->side[0].early; n++) {
		struct toc_draft *d = toc_sink_resume(s, K_HTTP, n);
		if (d)
			commit(s, d);
	}
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)hint;
	if (first.n == 0)
		return TOC_MAYBE;
	enum toc_probe expected = http_starts(first, dir == TOC_RESP), other = http_starts(first, dir == TOC_ORIG);
	return expected != TOC_NO ? expected : other; /* the ends may be the wrong way round */
}

static const uint16_t ports[] = { 80, 81, 631, 1080, 3128, 8000, 8080, 8888, 0 };

const struct toc_decoder toc_decoder_http = { .name = "http",
					      .carriers = TOC_OVER_TCP,
					      .tcp_ports = ports,
					      .fields = fields,
					      .nfields = sizeof(fields) / sizeof(fields[0]),
					      .state_size = sizeof(struct http),
					      .probe = probe,
					      .parse = parse,
					      .gap = gap,
					      .finish = finish };
