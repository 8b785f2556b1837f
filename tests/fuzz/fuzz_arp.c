/* fuzz_arp - hostile ARP: the first byte is about the frame, the rest is the body. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_arp;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	struct trial *t = trial_new(&toc_decoder_arp, TOC_OVER_ARP, 0);
	trial_packet(t)->has_mac = (data[0] & 1) != 0;
	trial_packet(t)->dst_mac.b[0] = data[0] >> 1 & 1;
	trial_packet(t)->vlan = data[0] >> 2;
	trial_feed(t, &(struct trial_step){ TOC_ORIG, data + 1, n - 1 });
	trial_end(t, TOC_END_CLOSED);
	trial_free(t);
	return 0;
}
