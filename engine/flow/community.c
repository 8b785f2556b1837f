/* community - the Community ID flow hash, version 1 (github.com/corelight/community-id-spec), seed 0. */
#include "base/digest.h"
#include "flow/table.h"

static size_t base64(const uint8_t *in, size_t n, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t o = 0;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) |
			     (i + 2 < n ? in[i + 2] : 0);
		out[o++] = digits[v >> 18];
		out[o++] = digits[v >> 12 & 63];
		out[o++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
		out[o++] = i + 2 < n ? digits[v & 63] : '=';
	}
	return o;
}

void community_id(struct toc_sha1 *sha1, const struct flow *flow, char out[32])
{
	uint8_t bytes[2 + 32 + 2 + 4] = { 0 }, sum[20], *p = bytes + 2;
	bool v4 = toc_addr_is_v4(&flow->addr[0]);
	size_t n = v4 ? 4 : 16, skip = v4 ? 12 : 0;
	int c = memcmp(flow->addr[0].b, flow->addr[1].b, 16);
	bool ports = flow->proto == TOC_IPPROTO_TCP || flow->proto == TOC_IPPROTO_UDP || flow->proto == 132 ||
		     flow->proto == TOC_IPPROTO_ICMP || flow->proto == TOC_IPPROTO_ICMP6;
	/* the smaller end point first, but a one-way ICMP flow keeps its direction */
	unsigned first = !flow->one_way && (c > 0 || (c == 0 && flow->port[0] > flow->port[1]));
	memcpy(p, flow->addr[first].b + skip, n);
	memcpy(p + n, flow->addr[!first].b + skip, n);
	p += 2 * n;
	*p++ = flow->proto;
	*p++ = 0;
	for (unsigned i = 0; ports && i < 2; i++) {
		*p++ = (uint8_t)(flow->port[first ^ i] >> 8);
		*p++ = (uint8_t)flow->port[first ^ i];
	}
	toc_sha1_of(sha1, toc_span_of(bytes, (size_t)(p - bytes)), sum);
	memcpy(out, "1:", 2);
	out[2 + base64(sum, 20, out + 2)] = '\0';
}
