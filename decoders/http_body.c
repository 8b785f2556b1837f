/* http_body - the bytes of a message's body, in one piece or in parts, on the way to the files service and the row. */
#include "decoders/http_parts.h"
#include "decoders/http_state.h"

/* The row of the body under way is gone: the reply was quicker, or there is none. */
bool http_has_no_row(const struct http *h, bool reply)
{
	const struct http_side *side = &h->side[reply];
	bool answered = !reply && h->side[1].n >= side->n && !(h->side[1].n == side->n && h->side[1].at != AT_HEAD);
	return answered || side->rowless;
}

static void put_file(struct http *h, const struct http_parts *p, const struct toc_body_summary *file,
		     struct toc_sink *s)
{
	struct http_side *side = &h->side[0];
	if (http_has_no_row(h, false))
		return;
	struct toc_draft *d = http_row(s, side, side->n);
	http_put_file(d, false, file);
	http_put_filename(d, false, http_parts_disposition(p));
	toc_sink_hold(s, d, side->n);
}

/* Bytes of a body. */
void http_body_give(struct http *h, bool reply, struct toc_span bytes, struct toc_sink *s)
{
	struct http_parts *p = h->side[reply].parts ? http_parts_of(s) : NULL;
	struct toc_body_summary file;
	if (!p)
		toc_body_data(s, http_dir_of(h, reply), bytes);
	while (p && http_parts_feed(p, &bytes, http_dir_of(h, reply), s, &file))
		put_file(h, p, &file, s);
}

void http_body_gap(struct http *h, bool reply, uint64_t n, struct toc_sink *s)
{
	struct http_parts *p = h->side[reply].parts ? http_parts_of(s) : NULL;
	if (p)
		http_parts_gap(p, n, http_dir_of(h, reply), s);
	else
		toc_body_gap(s, http_dir_of(h, reply), n);
}

void http_body_close(struct http *h, bool reply, struct toc_body_summary *sum, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	struct http_parts *p = side->parts ? http_parts_of(s) : NULL;
	if (!p) {
		toc_body_close(s, http_dir_of(h, reply), sum);
		return;
	}
	if (http_parts_end(p, http_dir_of(h, reply), s, sum))
		put_file(h, p, sum, s);
	*sum = (struct toc_body_summary){ .seen = http_parts_seen(p) };
	http_parts_forget(s);
	side->parts = false;
}

void http_body_open(struct http *h, bool reply, const struct http_head *head, struct toc_sink *s)
{
	struct http_side *side = &h->side[reply];
	const struct http_framing *f = &side->framing;
	uint64_t expected = f->chunked ? UINT64_MAX : f->length;
	side->body_open = true;
	side->parts = head && !reply && !f->ncodings && http_parts_begin(head->content_type, s);
	if (side->parts)
		return;
	struct toc_span name = head ? http_filename(head->disposition) : toc_span_str("");
	toc_body_open(s, http_dir_of(h, reply), "HTTP", name, expected);
	for (unsigned i = f->ncodings; i-- > 0;) /* the last one applied comes off first */
		toc_body_coding(s, http_dir_of(h, reply), (enum toc_coding)f->codings[i]);
}
