/*
 * http_early - rows of requests whose head is not complete. A capture may end within a head, and a reply may come
 * before its request's head is all there: a server that waits no longer (408) or takes no more of it (431), or a
 * mirror that puts directions out of order. Both then share one row.
 */
#include "decoders/http_state.h"

/* The row of the next request: none; one that has words of its head only; one that has its reply's too. */
enum { NONE, ALONE, JOINED };

/* What the head says so far takes the place of what it said before. */
static void write_alone(struct http_side *side, const struct http_head *head, size_t whole, struct toc_sink *s)
{
	if (side->early == ALONE)
		toc_sink_resume(s, HTTP_ROW, side->n + 1); /* taken back and not committed: gone */
	struct toc_draft *d = http_row(s, side, side->n + 1);
	d->head.ts = side->start;
	http_put_request(d, head, false);
	toc_sink_hold(s, d, side->n + 1);
	side->early = ALONE;
	side->left = whole; /* of this head: what the row has */
}

/* A row that was its reply's first is not made anew with each line: the first one must do. */
static void write_joined(struct http *h, struct toc_draft *d, struct toc_span rest, struct toc_sink *s)
{
	struct http_side *side = &h->side[0];
	struct http_head head;
	if (http_head_read(toc_span_first(rest, toc_span_find(rest, '\n') + 1), &head)) {
		d->head.ts = side->start;
		http_put_request(d, &head, h->side[1].n > side->n);
		side->early = JOINED;
	}
	toc_sink_hold(s, d, side->n + 1);
}

/* Of a long head the first lines must do: it is read anew with each line, which may come byte by byte. */
void http_early_keep(struct http *h, struct toc_span rest, size_t from, struct toc_sink *s)
{
	enum { EARLY_MOST = 2048 };
	struct http_side *side = &h->side[0];
	struct http_head head;
	size_t whole = from, end;
	if (from >= EARLY_MOST || side->early == JOINED)
		return;
	rest = toc_span_first(rest, EARLY_MOST);
	while ((end = whole + toc_span_find(toc_span_from(rest, whole), '\n')) < rest.n)
		whole = end + 1; /* the empty line behind it is still to come */
	if (!whole || (side->early == ALONE && side->left == whole))
		return;
	struct toc_draft *d = side->early == NONE ? toc_sink_resume(s, HTTP_ROW, side->n + 1) : NULL;
	if (d)
		write_joined(h, d, rest, s);
	else if (http_head_read(toc_span_first(rest, whole), &head))
		write_alone(side, &head, whole, s);
}

struct toc_draft *http_early_take(struct http *h, uint32_t n, struct toc_sink *s)
{
	struct http_side *side = &h->side[0];
	if (side->early == ALONE)
		toc_sink_resume(s, HTTP_ROW, n);
	side->early = NONE;
	struct toc_draft *d = http_row(s, side, n);
	d->head.ts = side->start;
	return d;
}

void http_early_join(struct http *h, uint32_t n)
{
	struct http_side *side = &h->side[0];
	if (side->early == ALONE && n == side->n + 1)
		side->early = JOINED;
}

bool http_early_awaits(const struct http *h, uint32_t n)
{
	const struct http_side *side = &h->side[0];
	return side->at == AT_HEAD && side->started && n == side->n + 1;
}

void http_early_settle(struct http *h, struct toc_sink *s)
{
	struct http_side *side = &h->side[0];
	uint32_t n = side->n + 1;
	struct toc_draft *d = http_answered(h, n) ? toc_sink_resume(s, HTTP_ROW, n) : NULL;
	if (d)
		http_commit(s, d);
	if (side->early != NONE)
		side->n = n;
	side->early = NONE;
}
