/* fuzz_datagrams - hostile datagrams for the small decoders: the first byte chooses one, the rest are steps. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_ntp, toc_decoder_snmp, toc_decoder_radius, toc_decoder_dhcpv6,
	toc_decoder_tftp, toc_decoder_stun, toc_decoder_ike, toc_decoder_openvpn, toc_decoder_wireguard,
	toc_decoder_bittorrent, toc_decoder_hsrp, toc_decoder_dnp3, toc_decoder_rtp, toc_decoder_presence_udp,
	toc_decoder_nbdgm;

static const struct {
	const struct toc_decoder *decoder;
	uint16_t port;
} chosen[] = {
	{ &toc_decoder_ntp, 123 },	   { &toc_decoder_snmp, 161 },	      { &toc_decoder_radius, 1812 },
	{ &toc_decoder_dhcpv6, 547 },	   { &toc_decoder_tftp, 69 },	      { &toc_decoder_stun, 3478 },
	{ &toc_decoder_ike, 4500 },	   { &toc_decoder_ike, 500 },	      { &toc_decoder_openvpn, 1194 },
	{ &toc_decoder_wireguard, 51820 }, { &toc_decoder_bittorrent, 6881 }, { &toc_decoder_hsrp, 1985 },
	{ &toc_decoder_dnp3, 20000 },	   { &toc_decoder_rtp, 40000 },	      { &toc_decoder_presence_udp, 7 },
	{ &toc_decoder_nbdgm, 138 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	size_t i = data[0] % (sizeof(chosen) / sizeof(chosen[0]));
	const struct toc_decoder *d = chosen[i].decoder;
	for (int hint = 0; hint < 2; hint++)
		d->probe(toc_span_of(data + 1, n - 1), TOC_ORIG, hint);
	trial_fuzz(d, TOC_OVER_UDP, chosen[i].port, data + 1, n - 1);
	return 0;
}
