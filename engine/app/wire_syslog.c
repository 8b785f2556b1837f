/* wire_syslog - one worker's lines from the wire: their sender is the address that sent them, whatever they claim. */
#include "app/wire_syslog.h"

/* An event of the lines' stage: a line that no normaliser knows is told with its flow, as the decoder would have. */
static void take_event(struct toc_emit *emit, struct toc_draft *d)
{
	struct toc_wire_syslog *w =
		(struct toc_wire_syslog *)(void *)((char *)emit - offsetof(struct toc_wire_syslog, emit));
	const struct toc_wire_line *line = w->now;
	if (!d->head.uid)
		d->head.uid = line->uid;
	if (d->head.kind == w->kind) {
		const toc_field *map = d->map;
		d->map = w->fields;
		toc_put_ip(d, 0, &line->flow->orig);
		toc_put_uint(d, 1, line->flow->orig_port);
		toc_put_ip(d, 2, &line->flow->resp);
		toc_put_uint(d, 3, line->flow->resp_port);
		toc_put_cstr(d, 4, line->flow->carrier == TOC_OVER_UDP ? "udp" : "tcp");
		for (unsigned i = 5; i < 7; i++)
			if (!toc_draft_find(d, i))
				toc_put_cstr(d, i, "UNSPECIFIED");
		d->map = map;
		w->told = true;
	}
	d->head.index = line->index;
	w->feed->emit.event(&w->feed->emit, d);
}

static bool take_line(struct toc_wire_lines *self, const struct toc_wire_line *what)
{
	struct toc_wire_syslog *w = (struct toc_wire_syslog *)self;
	const struct toc_line line = { .text = what->text,
				       .at = w->feed->at,
				       .ordinal = w->feed->ordinal,
				       .peer = what->from == TOC_ORIG ? what->flow->orig : what->flow->resp,
				       .has_peer = true,
				       .truncated = what->truncated,
				       .source_hint = w->hint };
	w->now = what;
	w->told = false;
	toc_lines_take(w->lines, &line);
	w->now = NULL;
	return w->told;
}

/* Behind the numbers of listeners: sources of different threads are different ones. */
enum { WIRE_HINT = 0x800 };

bool toc_wire_syslog_init(struct toc_wire_syslog *w, const struct toc_lines_config *config,
			  const struct toc_normalisers *normalisers, const struct toc_hash_key *key,
			  struct toc_intern *names, struct toc_feed *feed, unsigned worker)
{
	static const char *const fields[] = { "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p",
					      "proto",	   "facility",	"severity" };
	*w = (struct toc_wire_syslog){ .taker = { take_line }, .emit = { take_event }, .feed = feed };
	w->kind = toc_intern_add(names, toc_span_str("syslog"));
	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		w->fields[i] = toc_intern_add(names, toc_span_str(fields[i]));
	w->hint = WIRE_HINT + worker;
	w->lines = toc_lines_new(config, normalisers, key, &w->emit);
	return w->lines != NULL;
}

void toc_wire_syslog_free(struct toc_wire_syslog *w)
{
	toc_lines_free(w->lines);
}
