/* capture - the common half of stored and live captures: frames, times, totals. */
#include <stdio.h>
#include <stdlib.h>

#include "capture/handle.h"

/* Where libpcap's own link-layer numbers (DLT_) are not those of the file formats (LINKTYPE_). */
static const struct {
	int dlt;
	uint16_t linktype;
} renumbered[] = { { DLT_RAW, 101 },	   { DLT_ATM_RFC1483, 100 }, { DLT_SLIP_BSDOS, 102 },
		   { DLT_PPP_BSDOS, 103 }, { DLT_ATM_CLIP, 106 },    { DLT_PFSYNC, 246 } };

static uint16_t linktype_of(int dlt)
{
	for (size_t i = 0; i < sizeof(renumbered) / sizeof(renumbered[0]); i++)
		if (renumbered[i].dlt == dlt)
			return renumbered[i].linktype;
	return (uint16_t)dlt;
}

struct toc_capture *capture_new(const char *name, uint16_t iface)
{
	struct toc_capture *c = calloc(1, sizeof(*c));
	if (c)
		c->name = strdup(name);
	if (!c || !c->name)
		abort();
	c->iface = iface;
	return c;
}

void capture_ready(struct toc_capture *c)
{
	c->linktype = linktype_of(pcap_datalink(c->pcap));
}

/*
 * Nanoseconds of a header. A forged time is held to 1970 … 2116, so that adding a timeout to it cannot overflow later.
 * Classic files have unsigned seconds, which libpcap reads as signed.
 */
static toc_time time_of(const struct pcap_pkthdr *h)
{
	const toc_time latest = INT64_MAX / 2;
	int64_t sec = h->ts.tv_sec, ns = h->ts.tv_usec;
	if (sec < 0 && sec >= INT32_MIN)
		sec += INT64_C(1) << 32;
	if (sec < 0)
		return 0;
	if (sec >= latest / TOC_SEC)
		return latest;
	toc_time t = sec * TOC_SEC + (ns >= 0 && ns <= UINT32_MAX ? ns : 0);
	return t < latest ? t : latest;
}

static void fill(struct toc_capture *c, const struct pcap_pkthdr *h, const uint8_t *bytes, struct toc_frame *out)
{
	toc_time ts = time_of(h);
	if (ts > c->at)
		c->at = ts;
	c->stats.frames++;
	c->stats.bytes += h->caplen;
	*out = (struct toc_frame){
		.at = c->at,
		.ts = ts,
		.ordinal = ++c->ordinal,
		.bytes = toc_span_of(bytes, h->caplen),
		.wire_len = h->len,
		.iface = c->iface,
		.linktype = c->linktype,
	};
}

/* What libpcap says about a broken file, and what the reader should do about it. */
static const struct {
	const char *needle, *remedy;
} broken[] = {
	{ "truncated", "the file is cut off here; everything before was read" },
	{ "interface disappeared", "the interface went away" },
	{ "went down", "the interface went down" },
};

static enum toc_read fail(struct toc_capture *c)
{
	const char *said = pcap_geterr(c->pcap), *remedy = "garbage from here on; everything before was read";
	if (c->live)
		remedy = "capture stopped";
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (strstr(said, broken[i].needle))
			remedy = broken[i].remedy;
	snprintf(c->error, sizeof(c->error), "%s: after frame %llu: %s (%s)", c->name, (unsigned long long)c->ordinal,
		 remedy, said);
	return c->over = TOC_READ_BROKEN;
}

/* libpcap would give the frames under the type that the interface had when it was opened. */
static enum toc_read other_type(struct toc_capture *c)
{
	snprintf(c->error, sizeof(c->error), "%s: after frame %llu: the interface changed its link type; start again to read it", c->name,
		 (unsigned long long)c->ordinal);
	return c->over = TOC_READ_BROKEN;
}

/* A file read to its end may still have had frames that did not come through. */
static enum toc_read end(struct toc_capture *c)
{
	uint64_t hidden = c->ng ? pcapng_hidden(c->ng) : 0;
	if (!hidden)
		return c->over = TOC_READ_END;
	snprintf(
		c->error, sizeof(c->error),
		"%s: interfaces of different link types in one file: %llu frames that are not of the first interface's "
		"type were passed over; split the file by interface to read them",
		c->name, (unsigned long long)hidden);
	return c->over = TOC_READ_BROKEN;
}

enum toc_read toc_capture_next(struct toc_capture *c, struct toc_frame *out)
{
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	if (c->over != TOC_READ_FRAME)
		return c->over;
	if (c->changed)
		return other_type(c);
	int got = pcap_next_ex(c->pcap, &h, &bytes);
	if (got == 0 && c->live && capture_wait(c))
		got = pcap_next_ex(c->pcap, &h, &bytes);
	if (got == 1) {
		fill(c, h, bytes, out);
		return TOC_READ_FRAME;
	}
	if (got == 0)
		return TOC_READ_IDLE;
	return got == PCAP_ERROR_BREAK ? end(c) : fail(c);
}

const char *toc_capture_error(const struct toc_capture *c)
{
	return c->error;
}

void toc_capture_stats(struct toc_capture *c, struct toc_capture_stats *out)
{
	struct pcap_stat now;
	if (c->live)
		capture_look(c);
	if (c->live && pcap_stats(c->pcap, &now) == 0) {
		c->stats.kernel_received += now.ps_recv - c->last.ps_recv;
		c->stats.kernel_dropped += now.ps_drop - c->last.ps_drop;
		/* a confined process cannot read this one: libpcap takes that for 0, which is less than before */
		const uint32_t dropped = now.ps_ifdrop - c->last.ps_ifdrop;
		c->stats.interface_dropped += dropped < UINT32_MAX / 2 ? dropped : 0;
		c->last = now;
	}
	*out = c->stats;
}

void toc_capture_close(struct toc_capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	pcapng_free(c->ng);
	free(c->buffer);
	free(c->name);
	free(c);
}
