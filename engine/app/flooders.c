/* flooders - who lost how many lines since the last look. */
#include "app/flooders.h"

#include <stdlib.h>

#include "tocsin/draft.h"

enum { EV_FLOOD, F_SENDER, F_LISTENER, F_LOST, N_FIELDS };

const struct toc_field_decl toc_flooders_fields[] = {
	[EV_FLOOD] = { "syslog_flood", TOC_KIND, false, TOC_OPEN, NULL,
		       "a sender of log lines sends more than its share while the receiver is behind; at most every "
		       "five seconds" },
	[F_SENDER] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "its address" },
	[F_LISTENER] = { "listener", TOC_STRING, false, TOC_OPEN, NULL, "where its lines come: udp 0.0.0.0:514" },
	[F_LOST] = { "lost", TOC_UINT, false, TOC_OPEN, NULL, "of its lines, since the last such event" },
};
const unsigned toc_flooders_nfields = N_FIELDS;

struct toc_flooders {
	const struct toc_listener *listeners;
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	struct toc_feed *feed; /* during a look */
	toc_time looked;
};

struct toc_flooders *toc_flooders_new(const struct toc_listener *listeners, struct toc_intern *names)
{
	struct toc_flooders *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->listeners = listeners;
	toc_intern_decls(names, toc_flooders_fields, N_FIELDS, f->map);
	return f;
}

void toc_flooders_free(struct toc_flooders *f)
{
	free(f);
}

bool toc_flooders_due(const struct toc_flooders *f, toc_time at)
{
	return at - f->looked >= 5 * TOC_SEC;
}

static void tell(void *user, const struct toc_sender *s, uint64_t lost)
{
	struct toc_flooders *f = user;
	struct toc_draft *d = &f->draft;
	char name[160];
	toc_draft_begin(d, f->map, EV_FLOOD);
	d->head.ts = f->looked;
	toc_put_ip(d, F_SENDER, &s->addr);
	toc_put_cstr(d, F_LISTENER, toc_listener_name(&f->listeners[s->listener], name, sizeof(name)));
	toc_put_uint(d, F_LOST, lost);
	f->feed->emit.event(&f->feed->emit, d);
}

void toc_flooders_look(struct toc_flooders *f, struct toc_receiver *r, struct toc_feed *feed)
{
	f->looked = feed->at;
	f->feed = feed;
	toc_receiver_flooders(r, tell, f);
}
