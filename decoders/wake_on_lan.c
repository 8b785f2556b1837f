/* wake_on_lan - frames that switch machines on (AMD, "Magic Packet Technology", 20213): in frames of their own (EtherType 0x0842) and in
 * datagrams. The password that may follow is not read. */
#include "tocsin/decoder.h"

enum field { K_WAKE, F_TARGET, F_SRC_MAC, F_VLAN, F_PASSWORD };

static const struct toc_field_decl fields[] = {
	[K_WAKE] = { "wake_on_lan", TOC_KIND, false, TOC_OPEN, NULL, "a machine is told to switch itself on" },
	[F_TARGET] = { "target_mac", TOC_MAC, false, TOC_DEVICE, NULL, "the machine" },
	[F_SRC_MAC] = { "src_mac_seen", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame, where it is of its own" },
	[F_VLAN] = { "vlan", TOC_UINT, false, TOC_OPEN, NULL, "VLAN of such a frame" },
	[F_PASSWORD] = { "has_password", TOC_BOOL, false, TOC_OPEN, NULL, "4 or 6 bytes follow" },
};

enum { MAC = 6, TIMES = 16, LENGTH = MAC + TIMES * MAC, SHORT = 4, LONG = 6 };

/* Six bytes of ones, an address sixteen times. The bytes behind it are left in *in. */
static bool read_wake(struct toc_cursor *in, struct toc_mac *target)
{
	const struct toc_span s = toc_take(in, LENGTH);
	if (in->bad || !toc_span_eq(toc_span_first(s, MAC), toc_span_of("\xff\xff\xff\xff\xff\xff", MAC)))
		return false;
	for (size_t i = MAC; i + MAC < LENGTH; i += MAC)
		if (memcmp(s.p + i, s.p + i + MAC, MAC) != 0)
			return false;
	memcpy(target->b, s.p + MAC, MAC);
	return true;
}

static bool has_password(size_t behind)
{
	return behind == SHORT || behind == LONG;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_packet *p = sink->flow->packet;
	const bool frame = sink->flow->carrier == TOC_OVER_LINK;
	struct toc_mac target;
	(void)state;
	(void)dir;
	if (!read_wake(in, &target))
		return TOC_MORE;
	if (!frame)
		toc_sink_confirm(sink, NULL);
	struct toc_draft *d = toc_sink_begin(sink, K_WAKE);
	toc_put_mac(d, F_TARGET, &target);
	if (frame && p->has_mac)
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	if (frame && p->vlan)
		toc_put_uint(d, F_VLAN, p->vlan);
	toc_put_bool(d, F_PASSWORD, has_password(toc_left(in)));
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

/* A datagram that has nothing else in it, whatever its port. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	struct toc_mac target;
	(void)dir;
	(void)hint;
	return read_wake(&c, &target) && (!toc_left(&c) || has_password(toc_left(&c))) ? TOC_YES : TOC_NO;
}

static const uint64_t links[] = { 0x0842, 0 };

const struct toc_decoder toc_decoder_wake_on_lan = {
	.name = "wake_on_lan",
	.carriers = TOC_OVER_LINK | TOC_OVER_UDP,
	.links = links,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};
