/* http_upgrade - what follows a 101 reply (RFC 9110, section 7.8), and the row of a WebSocket (RFC 6455, section 4). */
#include "decoders/http.h"

const char *http_upgraded_to(const struct http_head *reply)
{
	static const struct {
		const char *protocol, *decoder;
	} known[] = { { "websocket", "websocket" }, { "h2c", "http2" } };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (toc_span_ieq(reply->upgrade_to, toc_span_str(known[i].protocol)))
			return known[i].decoder;
	return NULL;
}

static void keep(struct toc_draft *row, unsigned field, struct http_kept *out)
{
	const struct toc_slot *slot = toc_draft_find(row, field);
	out->n = 0;
	if (!slot || slot->type != TOC_STRING || slot->list)
		return;
	out->n = slot->len < sizeof(out->text) ? slot->len : sizeof(out->text);
	memcpy(out->text, row->heap + slot->bits, out->n);
}

void http_websocket_keep(struct toc_draft *row, const unsigned from[HTTP_WS_KEPT], struct http_kept out[HTTP_WS_KEPT])
{
	for (unsigned i = 0; i < HTTP_WS_KEPT; i++)
		keep(row, from[i], &out[i]);
}

void http_websocket_row(unsigned kind, const struct http_kept kept[HTTP_WS_KEPT], const struct http_head *reply,
			struct toc_sink *s)
{
	struct toc_draft *d = toc_sink_begin(s, kind);
	for (unsigned i = 0; i < HTTP_WS_KEPT; i++)
		if (kept[i].n)
			toc_put_str(d, kind + 1 + i, toc_span_of(kept[i].text, kept[i].n));
	if (reply->subprotocol.n)
		toc_put_str(d, kind + 1 + HTTP_WS_KEPT, reply->subprotocol);
	toc_sink_commit(s, d);
}
