/* fuzz_streams - hostile streams for the small decoders, cut differently they must agree: the first byte chooses one.
 */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_tacacs, toc_decoder_stun, toc_decoder_openvpn, toc_decoder_bittorrent,
	toc_decoder_haproxy, toc_decoder_modbus, toc_decoder_dnp3, toc_decoder_presence, toc_decoder_ftp_data,
	toc_decoder_irc_dcc;

static const struct {
	const struct toc_decoder *decoder;
	uint16_t port;
} chosen[] = {
	{ &toc_decoder_tacacs, 49 },	   { &toc_decoder_stun, 3478 },	 { &toc_decoder_openvpn, 1194 },
	{ &toc_decoder_bittorrent, 6881 }, { &toc_decoder_haproxy, 80 }, { &toc_decoder_modbus, 502 },
	{ &toc_decoder_dnp3, 20000 },	   { &toc_decoder_presence, 7 }, { &toc_decoder_ftp_data, 20 },
	{ &toc_decoder_irc_dcc, 6000 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	size_t i = data[0] % (sizeof(chosen) / sizeof(chosen[0]));
	const struct toc_decoder *d = chosen[i].decoder;
	d->probe(toc_span_of(data + 1, n - 1), (enum toc_dir)(data[0] >> 7), (data[0] & 64) != 0);
	trial_fuzz(d, TOC_OVER_TCP, chosen[i].port, data + 1, n - 1);
	return 0;
}
