/* ssl_resolvers - encrypted DNS by port, ALPN or the resolver's published name (RFC 7858, RFC 8484, RFC 9250). */
#include "decoders/ssl.h"

/* Names that public resolvers give out for DNS over HTTPS. Their other services, where they have any, have other names.
 */
static const char *const resolvers[] = { "dns.google",
					 "dns.google.com",
					 "dns64.dns.google",
					 "8888.google",
					 "cloudflare-dns.com",
					 "mozilla.cloudflare-dns.com",
					 "chrome.cloudflare-dns.com",
					 "family.cloudflare-dns.com",
					 "security.cloudflare-dns.com",
					 "one.one.one.one",
					 "1dot1dot1dot1.cloudflare-dns.com",
					 "dns.quad9.net",
					 "dns9.quad9.net",
					 "dns10.quad9.net",
					 "dns11.quad9.net",
					 "doh.opendns.com",
					 "doh.familyshield.opendns.com",
					 "doh.umbrella.com",
					 "dns.adguard.com",
					 "dns-family.adguard.com",
					 "dns.adguard-dns.com",
					 "family.adguard-dns.com",
					 "unfiltered.adguard-dns.com",
					 "dns.nextdns.io",
					 "doh.cleanbrowsing.org",
					 "freedns.controld.com",
					 "dns.controld.com",
					 "dns.mullvad.net",
					 "doh.mullvad.net",
					 "dns.alidns.com",
					 "doh.pub",
					 "doh.dns.sb",
					 "doh.libredns.gr",
					 "doh.applied-privacy.net",
					 "doh.xfinity.com",
					 "ordns.he.net",
					 "dns.switch.ch",
					 "odvr.nic.cz",
					 "dnsforge.de",
					 "dns.digitale-gesellschaft.ch",
					 "dns0.eu",
					 "zero.dns0.eu",
					 "kids.dns0.eu",
					 "dot.libredns.gr",
					 "doh.tiar.app",
					 "doh.dnslify.com" };

static bool is_resolver(struct toc_span name)
{
	for (size_t i = 0; i < sizeof(resolvers) / sizeof(resolvers[0]); i++)
		if (toc_span_ieq(name, toc_span_str(resolvers[i])))
			return true;
	return false;
}

const char *ssl_resolver_service(const struct ssl_hello *h, enum ssl_over over, const struct toc_flow_info *flow)
{
	bool quic = over == SSL_OVER_QUIC;
	bool alpn = toc_span_is(h->alpn_first, "dot") || toc_span_starts(h->alpn_first, "doq");
	bool port = flow->resp_port == 853 || (quic && (flow->resp_port == 784 || flow->resp_port == 8853));
	if (alpn || port)
		return quic ? "doq" : "dot";
	return is_resolver(h->server_name) ? "doh" : NULL;
}
