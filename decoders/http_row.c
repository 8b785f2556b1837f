/* http_row - the `http` event: its fields, and how requests, replies and bodies fill them. */
#include "decoders/http.h"

enum field {
#define HTTP_FIELD(id, ...) id,
#include "decoders/http_fields.def"
#undef HTTP_FIELD
	K_WEBSOCKET, /* its fields follow in the order of http_websocket_row */
	F_WS_HOST,
	F_WS_URI,
	F_WS_USER_AGENT,
	F_WS_SUBPROTOCOL
};

const struct toc_field_decl http_fields[HTTP_NFIELDS] = {
#define HTTP_FIELD(id, ...) [id] = { __VA_ARGS__ },
#include "decoders/http_fields.def"
#undef HTTP_FIELD
	[K_WEBSOCKET] = { "websocket", TOC_KIND, false, TOC_OPEN, NULL, "an upgrade to WebSocket that was granted" },
	[F_WS_HOST] = { "host", TOC_STRING, false, TOC_OPEN, NULL, "Host header" },
	[F_WS_URI] = { "uri", TOC_STRING, false, TOC_CONTENT, NULL, "target of the request, %XX undone" },
	[F_WS_USER_AGENT] = { "user_agent", TOC_STRING, false, TOC_DEVICE, NULL, "User-Agent header" },
	[F_WS_SUBPROTOCOL] = { "subprotocol", TOC_STRING, false, TOC_OPEN, NULL, "protocol that the server chose" },
};
_Static_assert(F_WS_SUBPROTOCOL + 1 == HTTP_NFIELDS, "one line a field");

const uint16_t http_on_demand[] = { F_SERVER_HEADER_NAMES, 0 };

static void put_unless(struct toc_draft *d, unsigned field, uint64_t value)
{
	if (!toc_draft_find(d, field))
		toc_put_uint(d, field, value);
}

/* A row may have a part of this head already (http_early.c): each field is there once, with the value of the last. */
static void set_str(struct toc_draft *d, unsigned field, struct toc_span v)
{
	struct toc_slot *slot = toc_draft_find(d, field);
	if (!slot) {
		toc_put_str(d, field, v);
		return;
	}
	v = toc_span_first(v, TOC_DRAFT_STRING);
	bool same = slot->len == v.n && memcmp(d->heap + slot->bits, v.p, v.n) == 0;
	uint32_t at = same ? UINT32_MAX : toc_draft_store(d, v.p, v.n, 1);
	if (at == UINT32_MAX)
		return;
	slot->bits = at;
	slot->len = (uint32_t)v.n;
}

/* A value that was folded over lines is told on one. */
static void set_some(struct toc_draft *d, unsigned field, struct toc_span v)
{
	uint8_t text[HTTP_TEXT];
	if (v.n)
		set_str(d, field, http_unfold(v, text, sizeof(text)));
}

void http_commit(struct toc_sink *s, struct toc_draft *d)
{
	put_unless(d, F_REQUEST_BODY_LEN, 0);
	put_unless(d, F_RESPONSE_BODY_LEN, 0);
	toc_sink_commit(s, d);
}

/* The row of message n: the one that waits, or a new one. */
struct toc_draft *http_row(struct toc_sink *s, const struct http_side *side, uint32_t n)
{
	struct toc_draft *d = toc_sink_resume(s, HTTP_ROW, n);
	if (d)
		return d;
	d = toc_sink_begin(s, HTTP_ROW);
	d->head.ts = side->started ? side->start : s->ts;
	toc_put_uint(d, F_TRANS_DEPTH, n);
	return d;
}

/* A list that may be there already is made anew: its elements lie side by side. */
static void begin_list(struct toc_draft *d, unsigned field, bool any)
{
	struct toc_slot *slot = toc_draft_find(d, field);
	if (slot)
		slot->len = 0;
	else if (any)
		toc_list_open(d, field, TOC_STRING);
}

void http_put_name(struct toc_draft *d, unsigned field, struct toc_span name)
{
	uint8_t upper[HTTP_NAME];
	name = toc_span_first(name, sizeof(upper));
	for (size_t i = 0; i < name.n; i++)
		upper[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (uint8_t)(name.p[i] - 32) : name.p[i];
	toc_list_str(d, field, toc_span_of(upper, name.n));
}

static void set_names(struct toc_draft *d, unsigned field, const struct http_head *head)
{
	begin_list(d, field, head->nnames > 0);
	for (unsigned i = 0; i < head->nnames; i++)
		http_put_name(d, field, head->names[i]);
}

static void set_proxied(struct toc_draft *d, const struct http_head *head)
{
	uint8_t text[HTTP_TEXT];
	begin_list(d, F_PROXIED, head->nproxied > 0);
	for (unsigned i = 0; i < head->nproxied; i++) {
		struct toc_span name = head->proxied_name[i], value = toc_span_first(head->proxied_value[i], 1024);
		memcpy(text, name.p, name.n);
		memcpy(text + name.n, " -> ", 4);
		memcpy(text + name.n + 4, value.p, value.n);
		toc_list_str(d, F_PROXIED, toc_span_of(text, name.n + 4 + value.n));
	}
}

/* Zeek's row has the version of the last message: the reply's, where there is one. */
void http_put_request(struct toc_draft *d, const struct http_head *head, bool replied)
{
	uint8_t text[HTTP_TEXT];
	set_str(d, F_METHOD, head->method);
	set_str(d, F_URI, http_unescape(head->uri, text, sizeof(text)));
	if (!replied)
		set_str(d, F_VERSION, head->version);
	set_some(d, F_HOST, head->host);
	set_some(d, F_REFERRER, head->referrer);
	set_some(d, F_USER_AGENT, head->user_agent);
	set_some(d, F_ORIGIN, head->origin);
	set_some(d, F_USERNAME, http_basic_user(head->authorization, text, sizeof(text)));
	set_proxied(d, head);
	set_names(d, F_CLIENT_HEADER_NAMES, head);
}

void http_put_reply(struct toc_sink *s, struct toc_draft *d, const struct http_head *head)
{
	set_str(d, F_VERSION, head->version);
	if (toc_sink_asks(s, F_SERVER_HEADER_NAMES))
		set_names(d, F_SERVER_HEADER_NAMES, head);
	if (!head->status)
		return;
	toc_put_uint(d, F_STATUS_CODE, head->status);
	toc_put_str(d, F_STATUS_MSG, head->reason);
}

/* What the files service found of a body that is over. Its length has the holes too: they were sent. */
void http_put_body(struct toc_draft *d, bool reply, const struct toc_body_summary *sum)
{
	put_unless(d, reply ? F_RESPONSE_BODY_LEN : F_REQUEST_BODY_LEN, sum->seen + sum->missing);
	http_put_file(d, reply, sum);
}

void http_put_file(struct toc_draft *d, bool reply, const struct toc_body_summary *sum)
{
	if (!sum->fuid[0])
		return;
	toc_list_str(d, reply ? F_RESP_FUIDS : F_ORIG_FUIDS, toc_span_str(sum->fuid));
	if (sum->mime)
		toc_list_str(d, reply ? F_RESP_MIME_TYPES : F_ORIG_MIME_TYPES, toc_span_str(sum->mime));
}

void http_put_info(struct toc_draft *d, const struct http_head *head)
{
	if (toc_draft_find(d, F_INFO_CODE))
		return; /* the first of several */
	toc_put_uint(d, F_INFO_CODE, head->status);
	toc_put_str(d, F_INFO_MSG, head->reason);
}

void http_put_filename(struct toc_draft *d, bool reply, struct toc_span disposition)
{
	struct toc_span name = http_filename(disposition);
	if (name.n)
		toc_list_str(d, reply ? F_RESP_FILENAMES : F_ORIG_FILENAMES, name);
}

void http_hold_reply(struct toc_draft *d, const struct http_head *head, uint32_t n, const char *upgraded_to,
		     struct toc_sink *s)
{
	const unsigned from[] = { F_HOST, F_URI, F_USER_AGENT };
	struct http_kept kept[HTTP_WS_KEPT];
	bool websocket = upgraded_to && strcmp(upgraded_to, "websocket") == 0;
	if (websocket)
		http_websocket_keep(d, from, kept);
	toc_sink_hold(s, d, n);
	if (websocket)
		http_websocket_row(K_WEBSOCKET, kept, head, s);
}
