/* http2 - HTTP/2 in clear text (RFC 9113): by prior knowledge and after an upgrade; rows as for HTTP/1, a stream each.
 */
#include "decoders/http2.h"

enum field {
#define HTTP_FIELD(id, ...) id,
#include "decoders/http_fields.def"
#undef HTTP_FIELD
};

static const struct toc_field_decl fields[] = {
#define HTTP_FIELD(id, ...) [id] = { __VA_ARGS__ },
#include "decoders/http_fields.def"
#undef HTTP_FIELD
};

enum frame { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { END_STREAM = 1, END_HEADERS = 4, PADDED = 8, WITH_PRIORITY = 32 };
enum { FRAME_HEADER = 9, FRAME_MOST = 32768, BLOCK_MOST = 32768, BLOCK_FRAMES = 32, DNS_MOST = 8192 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE = sizeof(preface) - 1 };

/* A request and its reply, in the decoder's memory under the stream's number. */
struct stream {
	uint64_t length[2]; /* of bodies, by side: client, server */
	bool status, ended[2], dns[2];
};

struct side {
	bool begun;
	bool whole;	 /* the DATA frame under way holds a message of DNS and is there to its end */
	uint8_t flags;	 /* of the DATA frame under way */
	uint32_t stream; /* likewise */
	uint32_t left;	 /* bytes of it still to come */
	uint32_t padding;
	uint32_t skip;	/* of a frame that nobody reads */
	uint32_t owner; /* stream whose body is the open one; 0 = none */
};

struct http2 {
	bool flipped, oriented, any;
	uint32_t requests;
	struct side side[2];
	struct hpack table[2];
};

static bool is_client(const struct http2 *h, enum toc_dir dir)
{
	return (dir == TOC_ORIG) != h->flipped;
}

static enum toc_dir dir_of(const struct http2 *h, bool client)
{
	return client != h->flipped ? TOC_ORIG : TOC_RESP;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static struct toc_draft *row(struct http2 *h, uint32_t stream, struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_resume(s, K_HTTP, stream);
	if (d)
		return d;
	d = toc_sink_begin(s, K_HTTP);
	toc_put_uint(d, F_TRANS_DEPTH, ++h->requests);
	toc_put_cstr(d, F_VERSION, "2");
	return d;
}

static void put_some(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (v.n && !toc_draft_find(d, field))
		toc_put_str(d, field, v);
}

static void put_names(struct toc_draft *d, unsigned field, const struct http2_head *head)
{
	if (toc_draft_find(d, field))
		return;
	for (unsigned i = 0; i < head->nnames; i++)
		http_put_name(d, field, toc_span_of(head->name[i], head->name_n[i]));
}

static void put_request(struct toc_draft *d, const struct http2_head *head)
{
	uint8_t text[HTTP_TEXT];
	put_names(d, F_CLIENT_HEADER_NAMES, head);
	put_some(d, F_METHOD, head->method);
	put_some(d, F_URI, http_unescape(head->path, text, sizeof(text)));
	put_some(d, F_HOST, head->authority.n ? head->authority : head->host);
	put_some(d, F_REFERRER, head->referrer);
	put_some(d, F_USER_AGENT, head->user_agent);
	put_some(d, F_ORIGIN, head->origin);
	put_some(d, F_USERNAME, http_basic_user(head->authorization, text, sizeof(text)));
	for (unsigned i = 0; i < head->nproxied; i++) {
		struct toc_span name = head->proxied_name[i], value = head->proxied_value[i];
		for (size_t k = 0; k < name.n; k++)
			text[k] = name.p[k] >= 'a' && name.p[k] <= 'z' ? (uint8_t)(name.p[k] - 32) : name.p[k];
		memcpy(text + name.n, " -> ", 4);
		if (value.n)
			memcpy(text + name.n + 4, value.p, value.n);
		toc_list_str(d, F_PROXIED, toc_span_of(text, name.n + 4 + value.n));
	}
}

/* The body of a side that is open, if it is this stream's, comes to its end. */
static void end_body(struct http2 *h, uint32_t stream, struct stream *st, bool client, struct toc_sink *s)
{
	struct side *side = &h->side[dir_of(h, client)];
	struct toc_body_summary sum;
	if (side->owner != stream)
		return;
	side->owner = 0;
	toc_body_close(s, dir_of(h, client), &sum);
	if (!sum.fuid[0])
		return;
	st->length[!client] = sum.seen + sum.missing;
	struct toc_draft *d = row(h, stream, s);
	toc_list_str(d, client ? F_ORIG_FUIDS : F_RESP_FUIDS, toc_span_str(sum.fuid));
	if (sum.mime)
		toc_list_str(d, client ? F_ORIG_MIME_TYPES : F_RESP_MIME_TYPES, toc_span_str(sum.mime));
	toc_sink_hold(s, d, stream);
}

/* The row goes out. */
static void end_stream(struct http2 *h, uint32_t stream, struct stream *st, struct toc_sink *s)
{
	end_body(h, stream, st, true, s);
	end_body(h, stream, st, false, s);
	struct toc_draft *d = row(h, stream, s);
	toc_put_uint(d, F_REQUEST_BODY_LEN, st->length[0]);
	toc_put_uint(d, F_RESPONSE_BODY_LEN, st->length[1]);
	toc_sink_commit(s, d);
	if (st->dns[0] || st->dns[1])
		http2_dns_end(stream, s);
	toc_sink_forget(s, stream);
}

/* The stream's cell; the one that was quiet longest makes room. NULL: there is no memory at all. */
static struct stream *find(struct http2 *h, uint32_t stream, struct toc_sink *s)
{
	struct stream *st = toc_sink_memory(s, stream, sizeof(*st));
	uint64_t oldest;
	if (!st && toc_sink_memory_oldest(s, &oldest)) {
		struct stream *old = toc_sink_memory(s, oldest, 0);
		toc_sink_weird(s, "http2_many_streams");
		if (old)
			end_stream(h, (uint32_t)oldest, old, s);
		st = toc_sink_memory(s, stream, sizeof(*st));
	}
	return st;
}

static void ended(struct http2 *h, uint32_t stream, struct stream *st, bool client, struct toc_sink *s)
{
	st->ended[!client] = true;
	if (st->ended[1])
		end_stream(h, stream, st, s); /* a reply that is complete ends it, whatever the client still sends */
	else
		end_body(h, stream, st, client, s);
}

/* --- header blocks ------------------------------------------------------------------------------------------------ */

/* One body a direction at a time: of streams that are interleaved, the others' are only counted. */
static void open_body(struct http2 *h, uint32_t stream, const struct http2_head *head, bool client, struct toc_sink *s)
{
	enum toc_dir dir = dir_of(h, client);
	if (h->side[dir].owner)
		return;
	h->side[dir].owner = stream;
	toc_body_open(s, dir, "HTTP", http_filename(head->disposition), head->length);
	if (head->coding != TOC_CODING_NONE)
		toc_body_coding(s, dir, head->coding);
}

static void take_head(struct http2 *h, uint32_t stream, const struct http2_head *head, bool client, bool end,
		      struct toc_sink *s)
{
	struct stream *st = find(h, stream, s);
	if (!st || (!head->method.n && !head->status)) { /* trailers (section 8.1) */
		if (st && end)
			ended(h, stream, st, client, s);
		return;
	}
	struct toc_draft *d = row(h, stream, s);
	bool informal = head->status >= 100 && head->status < 200;
	struct toc_span name = http_filename(head->disposition);
	if (head->method.n)
		put_request(d, head);
	else if (informal)
		toc_put_uint(d, F_INFO_CODE, head->status);
	else if (!st->status)
		toc_put_uint(d, F_STATUS_CODE, head->status);
	if (!head->method.n && !informal && !st->status && toc_sink_asks(s, F_SERVER_HEADER_NAMES))
		put_names(d, F_SERVER_HEADER_NAMES, head);
	if (name.n)
		toc_list_str(d, client ? F_ORIG_FILENAMES : F_RESP_FILENAMES, name);
	toc_sink_hold(s, d, stream);
	bool asks = client && toc_span_starts(head->accept, "application/dns-message");
	st->dns[!client] = http2_is_dns(head) || asks;
	if (asks)
		http2_dns_get(head, stream, dir_of(h, client), s);
	st->status = st->status || (head->status && !informal);
	if (end)
		ended(h, stream, st, client, s);
	else if (!informal)
		open_body(h, stream, head, client, s);
}

/* The block's fragment within a HEADERS, PUSH_PROMISE or CONTINUATION frame. promised: of PUSH_PROMISE. */
static struct toc_span fragment(struct toc_cursor body, uint8_t type, uint8_t flags, uint32_t *promised)
{
	size_t padding = 0;
	if (type != CONTINUATION && flags & PADDED)
		padding = toc_u8(&body);
	if (type == HEADERS && flags & WITH_PRIORITY)
		toc_skip(&body, 5);
	if (type == PUSH_PROMISE)
		*promised = toc_be32(&body) & 0x7fffffff;
	size_t n = toc_left(&body);
	return toc_take(&body, padding < n ? n - padding : 0);
}

/* HEADERS and the CONTINUATIONs that must follow at once (section 6.10), as one block. */
static enum toc_parse headers(struct http2 *h, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_cursor at = *in;
	uint8_t block[BLOCK_MOST];
	struct http2_head head;
	size_t n = 0, all = toc_left(in);
	uint32_t stream = 0, promised = 0;
	bool end = false;
	for (unsigned frames = 0;; frames++) {
		size_t before = all - toc_left(&at), length = toc_be24(&at);
		uint8_t type = toc_u8(&at), flags = toc_u8(&at);
		uint32_t id = toc_be32(&at) & 0x7fffffff;
		if (at.bad)
			return toc_more(s, before + FRAME_HEADER);
		if (frames == BLOCK_FRAMES || n + length > BLOCK_MOST ||
		    (frames && (type != CONTINUATION || id != stream))) {
			toc_sink_weird(s, "http2_bad_header_block");
			return TOC_DONE;
		}
		if (toc_left(&at) < length)
			return toc_more(s, all - toc_left(&at) + length);
		if (!frames) {
			stream = id;
			end = type == HEADERS && flags & END_STREAM;
		}
		struct toc_span part = fragment(toc_sub(&at, length), type, flags, &promised);
		if (part.n)
			memcpy(block + n, part.p, part.n);
		n += part.n;
		if (flags & END_HEADERS)
			break;
	}
	*in = at;
	if (!http2_head_read(&h->table[dir], toc_span_of(block, n), &head)) {
		toc_sink_weird(s, "http2_bad_header_block");
		return TOC_DONE;
	}
	if (promised || stream)
		take_head(h, promised ? promised : stream, &head, is_client(h, dir), end, s);
	return TOC_MORE;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static void end_data(struct http2 *h, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &h->side[dir];
	struct stream *st = side->flags & END_STREAM ? toc_sink_memory(s, side->stream, 0) : NULL;
	side->skip = side->padding;
	side->padding = 0;
	if (st)
		ended(h, side->stream, st, is_client(h, dir), s);
}

/* The frame of data belongs to the body that is open. One of stream 0, which has none (section 6.1), to no body. */
static bool in_body(const struct side *side)
{
	return side->owner && side->owner == side->stream;
}

static void data(struct http2 *h, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &h->side[dir];
	size_t n = toc_left(in) < side->left ? toc_left(in) : side->left;
	struct toc_span bytes = toc_take(in, n);
	struct stream *st = toc_sink_memory(s, side->stream, 0);
	side->left -= (uint32_t)n;
	if (st && st->dns[!is_client(h, dir)] && side->whole)
		http2_dns_message(bytes, side->stream, dir, s);
	if (st)
		st->length[!is_client(h, dir)] += n;
	if (in_body(side))
		toc_body_data(s, dir, bytes);
	if (!side->left)
		end_data(h, dir, s);
}

/* The frame whose header was read: what is of use of it. */
static enum toc_parse frame(struct http2 *h, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &h->side[dir];
	struct toc_cursor at = *in;
	size_t length = toc_be24(&at);
	uint8_t type = toc_u8(&at), flags = toc_u8(&at);
	uint32_t stream = toc_be32(&at) & 0x7fffffff;
	if (at.bad)
		return toc_more(s, FRAME_HEADER);
	if (type == HEADERS || type == PUSH_PROMISE)
		return headers(h, in, dir, s);
	if (type == DATA) {
		bool padded = flags & PADDED && length;
		if (padded && !toc_left(&at))
			return toc_more(s, FRAME_HEADER + 1);
		struct stream *st = toc_sink_memory(s, stream, 0);
		side->whole = st && st->dns[!is_client(h, dir)] && length <= DNS_MOST;
		if (side->whole && toc_left(&at) < length)
			return toc_more(s, FRAME_HEADER + length);
		size_t padding = padded ? toc_u8(&at) : 0;
		length -= padded;
		side->padding = (uint32_t)(padding < length ? padding : length);
		side->left = (uint32_t)(length - side->padding);
		side->flags = flags;
		side->stream = stream;
		*in = at;
		if (!side->left)
			end_data(h, dir, s);
		return TOC_MORE;
	}
	struct stream *st = type == RST_STREAM ? toc_sink_memory(s, stream, 0) : NULL;
	if (st)
		end_stream(h, stream, st, s);
	toc_skip(in, FRAME_HEADER);
	side->skip = (uint32_t)length;
	return TOC_MORE;
}

/* Types are open (section 5.5), so a stream is known by its first frame: SETTINGS, and of the client the preface. */
static enum toc_parse begin(struct http2 *h, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_span rest = toc_span_first(toc_rest(in), PREFACE);
	bool client = memcmp(rest.p, preface, rest.n) == 0;
	if (client && rest.n < PREFACE)
		return toc_more(s, rest.n + 1);
	if (client) {
		toc_skip(in, PREFACE);
	} else {
		struct toc_cursor at = *in;
		size_t length = toc_be24(&at);
		uint8_t type = toc_u8(&at);
		if (at.bad)
			return toc_more(s, 4);
		if (type != SETTINGS || length % 6)
			return TOC_BAD;
	}
	if (!h->oriented)
		h->flipped = client == (dir == TOC_RESP);
	h->oriented = true;
	h->side[dir].begun = true;
	toc_sink_confirm(s, NULL);
	return TOC_MORE;
}

static enum toc_parse step(struct http2 *h, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct side *side = &h->side[dir];
	if (!side->begun)
		return begin(h, in, dir, s);
	if (side->left) {
		data(h, in, dir, s);
		return TOC_MORE;
	}
	if (!side->skip)
		return frame(h, in, dir, s);
	size_t n = toc_left(in) < side->skip ? toc_left(in) : side->skip;
	toc_skip(in, n);
	side->skip -= (uint32_t)n;
	return TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct http2 *h = state;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		bool begun = h->side[dir].begun;
		enum toc_parse p = step(h, in, dir, s);
		if (p != TOC_MORE || (toc_left(in) == before && begun == h->side[dir].begun))
			return p;
	}
	return TOC_MORE;
}

/* A hole in a body is only a hole; elsewhere the header tables are lost with it. */
static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *s)
{
	struct http2 *h = state;
	struct side *side = &h->side[dir];
	if (side->left > n) {
		struct stream *st = toc_sink_memory(s, side->stream, 0);
		side->left -= (uint32_t)n;
		if (st)
			st->length[!is_client(h, dir)] += n;
		if (in_body(side))
			toc_body_gap(s, dir, n);
		return TOC_MORE;
	}
	if (side->skip >= n) {
		side->skip -= (uint32_t)n;
		return TOC_MORE;
	}
	return TOC_DONE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	uint64_t stream;
	(void)why;
	while (toc_sink_memory_oldest(s, &stream)) {
		struct stream *st = toc_sink_memory(s, stream, 0);
		if (!st)
			break;
		end_stream(state, (uint32_t)stream, st, s);
	}
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	size_t n = first.n < PREFACE ? first.n : PREFACE;
	(void)dir;
	(void)hint;
	if (n && memcmp(first.p, preface, n) == 0)
		return n < PREFACE ? TOC_MAYBE : TOC_YES;
	/* a server may speak first: SETTINGS on stream 0 */
	size_t length = toc_be24(&c);
	uint8_t type = toc_u8(&c), flags = toc_u8(&c);
	uint32_t stream = toc_be32(&c);
	if (first.n < FRAME_HEADER)
		return first.n && first.p[0] ? TOC_NO : TOC_MAYBE;
	return type == SETTINGS && flags == 0 && stream == 0 && length % 6 == 0 && length <= 120 ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 80, 8080, 50051, 0 };

static const char *const leads_to[] = { "dns", NULL };

const struct toc_decoder toc_decoder_http2 = { .name = "http2",
					       .leads_to = leads_to,
					       .bodies = true,
					       .carriers = TOC_OVER_TCP,
					       .tcp_ports = ports,
					       .fields = fields,
					       .nfields = sizeof(fields) / sizeof(fields[0]),
					       .on_demand = http_on_demand,
					       .state_size = sizeof(struct http2),
					       .probe = probe,
					       .parse = parse,
					       .gap = gap,
					       .finish = finish };
