/*
 * recent - delivered bytes that are not acknowledged yet. Whoever sends others in their place wants two readers to read
 * two things: one of them was never to reach the receiver. Looked at are the first TOC_RECENT bytes after the sides
 * took turns, where requests and answers begin; bulk behind them is not copied.
 */
#include <stdlib.h>

#include "flow/table.h"

enum { RECENTS = 2048, FORGOTTEN = 65536 };

static struct recent *take(struct toc_flows *f)
{
	struct recent *r = f->recent_free;
	if (r)
		f->recent_free = r->next;
	else if (f->nrecent < RECENTS && (r = malloc(sizeof(*r))))
		f->nrecent++;
	return r;
}

void recent_release(struct toc_flows *f, struct stream *s)
{
	if (!s->recent)
		return;
	s->recent->next = f->recent_free;
	f->recent_free = s->recent;
	s->recent = NULL;
}

void recent_free_all(struct toc_flows *f)
{
	while (f->recent_free) {
		struct recent *next = f->recent_free->next;
		free(f->recent_free);
		f->recent_free = next;
	}
}

void recent_note(struct toc_flows *f, struct stream *s, uint64_t at, struct toc_span bytes, uint64_t ack)
{
	if (s->turn == TOC_RECENT) {
		if (s->recent && at - s->recent->from > FORGOTTEN) /* one-sided: nobody will acknowledge it */
			recent_release(f, s);
		return;
	}
	if ((int64_t)(ack - at) > 0)
		return;
	if (!s->recent) {
		s->recent = take(f);
		if (!s->recent) {
			f->count.recent_refused++;
			return;
		}
		s->recent->n = 0;
	}
	struct recent *r = s->recent;
	if (r->n && (r->from + r->n != at || (int64_t)(ack - at) >= 0))
		r->n = 0;
	if (!r->n)
		r->from = at;
	uint32_t room = TOC_RECENT - (r->n > s->turn ? r->n : s->turn), n = bytes.n < room ? (uint32_t)bytes.n : room;
	memcpy(r->bytes + r->n, bytes.p, n);
	r->n += n;
	s->turn += n;
}

bool recent_differs(const struct stream *s, uint64_t at, struct toc_span bytes)
{
	const struct recent *r = s->recent;
	if (!r || bytes.n <= 1) /* a single byte in front of the next is how a keep-alive asks (RFC 9293, 3.8.4) */
		return false;
	uint64_t from = (int64_t)(r->from - at) > 0 ? r->from : at;
	uint64_t r_end = r->from + r->n, b_end = at + bytes.n, to = (int64_t)(r_end - b_end) > 0 ? b_end : r_end;
	return (int64_t)(to - from) > 0 && memcmp(r->bytes + (from - r->from), bytes.p + (from - at), to - from) != 0;
}
