/* xmpp: that it is there, and where TLS begins. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_xmpp;

static void starttls(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='x'>"),
					    RESP("<stream:stream><stream:features/>"),
					    ORIG("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
					    RESP("<<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\26\3\3") };
	struct trial *t = RUN(&toc_decoder_xmpp, 5222, steps);
	trials_says(t, "{\"confirm\":\"xmpp\"}\n{\"child\":\"ssl\"}");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_xmpp;
	PROBE(d, TOC_ORIG, false, "<?xml version='1.0'?><stream:stream xmlns='jabber:client'", TOC_YES);
	PROBE(d, TOC_ORIG, true, "<html>", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(starttls), cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
