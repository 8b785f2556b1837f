/* fuzz_messages - hostile bodies of IP and link protocols: two bytes choose, the rest is one message. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_igmp, toc_decoder_vrrp, toc_decoder_stp, toc_decoder_lldp,
	toc_decoder_wake_on_lan, toc_decoder_ip_presence;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct toc_decoder *const chosen[] = { &toc_decoder_igmp, &toc_decoder_vrrp, &toc_decoder_stp,
							    &toc_decoder_lldp, &toc_decoder_ip_presence };
	if (n < 2)
		return 0;
	/* came later: what is kept chooses the others as it did */
	const struct toc_decoder *d = data[0] >= 250 ? &toc_decoder_wake_on_lan : chosen[data[0] % 5];
	struct trial *t = trial_new(d, d->links ? TOC_OVER_LINK : TOC_OVER_IP, 0);
	struct toc_packet *p = trial_packet(t);
	p->ip_proto = d->ip_protocols ? d->ip_protocols[data[1] % 7 % (d == &toc_decoder_ip_presence ? 7 : 1)] : 0;
	p->link = d->links ? d->links[data[1] & 1] : 0;
	trial_feed(t, &(struct trial_step){ TOC_ORIG, data + 2, n - 2 });
	trial_end(t, TOC_END_CLOSED);
	trial_free(t);
	return 0;
}
