/* wifi - 802.11 data frames, with or without a radiotap header (IEEE 802.11, section 9.2). */
#include "decode/walk.h"

/* Bits of the frame control field, read as a little-endian number. */
enum {
	TYPE_MASK = 0x000c,
	TYPE_DATA = 0x0008,
	NO_DATA = 0x0040,
	QOS = 0x0080,
	TO_DS = 0x0100,
	FROM_DS = 0x0200,
	MORE_FRAGMENTS = 0x0400,
	PROTECTED = 0x4000,
	ORDER = 0x8000
};

/* The radio's own header: version, padding, length. */
enum layer layer_radiotap(struct walk *w)
{
	toc_skip(&w->in, 2);
	uint16_t length = toc_le16(&w->in);
	if (length < 4)
		return walk_drop(w, TOC_DROP_short_link);
	toc_skip(&w->in, length - 4u);
	return w->in.bad ? walk_drop(w, TOC_DROP_short_link) : LAYER_wifi;
}

/*
 * Address 1 is the receiver, 2 the transmitter; which of the up to four is source and destination is told by the two
 * DS bits. Pieces and encrypted bodies end here: an access point's network is watched behind it.
 */
static enum layer data_frame(struct walk *w, uint16_t control)
{
	toc_skip(&w->in, 2);
	struct toc_span receiver = toc_take(&w->in, 6), transmitter = toc_take(&w->in, 6), third = toc_take(&w->in, 6);
	uint16_t sequence = toc_le16(&w->in);
	if ((control & TYPE_MASK) != TYPE_DATA || control & (NO_DATA | PROTECTED | MORE_FRAGMENTS) || sequence & 0xf)
		return walk_drop(w, TOC_DROP_wifi);
	struct toc_span src = control & FROM_DS ? third : transmitter, dst = control & TO_DS ? third : receiver;
	if (control & TO_DS && control & FROM_DS)
		src = toc_take(&w->in, 6);
	if (control & QOS)
		toc_skip(&w->in, control & ORDER ? 6 : 2);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	memcpy(w->out->src_mac.b, src.p, 6);
	memcpy(w->out->dst_mac.b, dst.p, 6);
	w->out->has_mac = true;
	return LAYER_llc;
}

enum layer layer_wifi(struct walk *w)
{
	return data_frame(w, toc_le16(&w->in));
}

/* Some controllers send the two bytes of frame control in network order (CAPWAP). */
enum layer layer_wifi_swapped(struct walk *w)
{
	return data_frame(w, toc_be16(&w->in));
}
