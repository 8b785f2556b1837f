/* mirror - a function a verdict. */
#include "app/mirror.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ETHERNET = 14, TAGS = 8, ETHERNET_MTU = 1500, LINKTYPE_ETHERNET = 1 };

/* The fullest second is sought with whole seconds of the capture's clock. */
static void count_second(struct toc_mirror *m, const struct toc_frame *f)
{
	if (f->at / TOC_SEC != m->second) {
		m->second = f->at / TOC_SEC;
		m->now_frames = m->now_bytes = 0;
	}
	m->now_frames++;
	m->now_bytes += f->wire_len;
	if (m->now_frames > m->peak_frames)
		m->peak_frames = m->now_frames;
	if (m->now_bytes > m->peak_bytes)
		m->peak_bytes = m->now_bytes;
}

static enum toc_read next(struct toc_source *self, struct toc_frame *out)
{
	struct toc_mirror *m = (struct toc_mirror *)self;
	enum toc_read got = m->from->next(m->from, out);
	if (got != TOC_READ_FRAME)
		return got;
	m->first = m->frames ? m->first : out->at;
	m->last = out->at;
	m->frames++;
	m->bytes += out->wire_len;
	m->cut += out->bytes.n < out->wire_len;
	m->joined += out->wire_len > m->longest;
	m->group += out->linktype == LINKTYPE_ETHERNET && out->bytes.n && (out->bytes.p[0] & 1);
	count_second(m, out);
	return got;
}

void toc_mirror_watch(struct toc_mirror *m, struct toc_worker *worker, uint32_t mtu)
{
	*m = (struct toc_mirror){ .source = { .next = next },
				  .from = worker->source,
				  .longest = (mtu ? mtu : ETHERNET_MTU) + ETHERNET + TAGS,
				  .second = -1 };
	worker->source = &m->source;
}

void toc_mirror_heard(const struct toc_mirror *m, const struct toc_worker *worker, struct toc_heard *out)
{
	struct toc_worker_tally tally;
	toc_worker_tally_read(worker, &tally);
	*out = (struct toc_heard){ .frames = m->frames,
				   .bytes = m->bytes,
				   .cut = m->cut,
				   .joined = m->joined,
				   .group = m->group,
				   .peak_frames = m->peak_frames,
				   .peak_bytes = m->peak_bytes,
				   .longest = m->longest,
				   .lasted = m->last - m->first,
				   .duplicates = tally.decode.drops[TOC_DROP_duplicate],
				   .kernel_lost = tally.lost };
}

static double share(uint64_t n, uint64_t of)
{
	return of ? (double)n / (double)of : 0;
}

static void say(struct toc_verdict *v, bool bad, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(struct toc_verdict *v, bool bad, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	v->bad = bad;
	vsnprintf(v->words, sizeof(v->words), format, args);
	va_end(args);
}

static void traffic(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	(void)interface;
	if (!h->frames)
		say(v, true, "nothing came: is the port a mirror's destination, and the cable in it?");
	else if (share(h->group, h->frames) > 0.9 || !h->found.tcp)
		say(v, true,
		    "%.0f %% of the frames are to groups, %" PRIu64
		    " TCP connections with content: an ordinary port, no mirror (SPAN, tap)",
		    100 * share(h->group, h->frames), h->found.tcp);
	else
		say(v, false, "%" PRIu64 " TCP connections with content of others", h->found.tcp);
}

static void directions(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const double one_way = share(h->found.tcp_one_way, h->found.tcp);
	(void)interface;
	if (one_way >= 0.2)
		say(v, true, "%.0f %% of the TCP connections have one direction: mirror both (rx and tx)",
		    100 * one_way);
	else
		say(v, false, "both directions: %" PRIu64 " of %" PRIu64 " TCP connections",
		    h->found.tcp - h->found.tcp_one_way, h->found.tcp);
}

static void missed(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const double lost = share(h->found.missed, h->found.bytes);
	(void)interface;
	say(v, lost >= 0.01, "%.2f %% of the TCP bytes were acknowledged and not seen%s", 100 * lost,
	    lost >= 0.01 ? ": the mirror port is too narrow, or frames are lost below" : "");
}

bool toc_mirror_twice(const struct toc_heard *h)
{
	return share(h->duplicates, h->frames) >= 0.01;
}

static void duplicates(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const double twice = share(h->duplicates, h->frames);
	(void)interface;
	say(v, toc_mirror_twice(h), "%.1f %% of the frames came twice within 3 ms%s", 100 * twice,
	    toc_mirror_twice(h) ? ": ports of both ends are mirrored; `duplicates: 3ms` drops the copies" : "");
}

/* As many as there is room for; one VLAN and none are as good as many. */
static void tags(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const struct toc_survey_result *r = &h->found;
	char list[TOC_SURVEY_VLANS * 6 + 1] = "";
	size_t n = 0;
	(void)interface;
	for (uint32_t i = 0; i < r->nvlans && i < TOC_SURVEY_VLANS; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%u", i ? ", " : "", r->vlans[i] & 4095u);
	if (!r->nvlans)
		say(v, false, "no VLAN tags");
	else
		say(v, false, "VLAN tags: %s%s (%u)", list, r->nvlans > TOC_SURVEY_VLANS ? " …" : "", r->nvlans);
}

static void cut(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	(void)interface;
	say(v, h->cut, "%" PRIu64 " frames are cut%s", h->cut,
	    h->cut ? ": captured shorter than they were (snaplen of the capture, or slicing by the switch or broker)"
		   : "");
}

static void offloads(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const bool bad = h->joined || h->joins;
	const char *advice = !bad ? "" : h->live ? ": ethtool -K " : ": joined by GRO or LRO where it was captured";
	say(v, bad, "%" PRIu64 " frames are longer than %u bytes%s%s%s%s", h->joined, h->longest,
	    h->joins ? ", offloads are on" : "", advice, bad && h->live ? interface : "",
	    bad && h->live ? " gro off lro off" : "");
}

static void load(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const double seconds = h->lasted > 0 ? (double)h->lasted / (double)TOC_SEC : 1;
	const double peak = 8e-6 * (double)h->peak_bytes;
	const bool full = h->mbps && peak > 0.8 * h->mbps;
	(void)interface;
	say(v, full, "%.0f frames/s, %.1f Mbit/s; in the fullest second %" PRIu64 ", %.1f Mbit/s%s",
	    (double)h->frames / seconds, 8e-6 * (double)h->bytes / seconds, h->peak_frames, peak,
	    full ? ": the port is nearly full, and a mirror drops what it has no room for" : "");
}

static void lost(const struct toc_heard *h, const char *interface, struct toc_verdict *v)
{
	const bool bad = h->kernel_lost || h->card_lost;
	(void)interface;
	if (!h->live)
		say(v, false, "a capture says nothing of frames that were lost before it");
	else
		say(v, bad, "lost by the kernel %" PRIu64 " frames, by the card %" PRIu64 "%s", h->kernel_lost,
		    h->card_lost, bad ? ": more workers, a larger ring_mb (docs/operating.md, Drops)" : "");
}

unsigned toc_mirror_judge(const struct toc_heard *h, const char *interface, struct toc_verdict out[TOC_VERDICTS])
{
	static void (*const judges[])(const struct toc_heard *h, const char *interface,
				      struct toc_verdict *v) = { traffic, directions, missed, duplicates, tags,
								 cut,	  offloads,   load,   lost };
	_Static_assert(sizeof(judges) / sizeof(judges[0]) == TOC_VERDICTS, "a place for each");
	unsigned bad = 0;
	memset(out, 0, TOC_VERDICTS * sizeof(*out));
	for (unsigned i = 0; i < (h->frames ? TOC_VERDICTS : 1); i++) {
		judges[i](h, interface, &out[i]);
		bad += out[i].bad;
	}
	return bad;
}
