/* ssh_kex - what two SSH ends offer each other, what they agree on, fingerprints of both (RFC 4253, section 7). */
#include "decoders/ssh.h"
#include "tocsin/digest.h"

bool ssh_offer_read(struct toc_span body, struct ssh_offer *out)
{
	struct toc_cursor c = toc_cursor_of(body);
	toc_skip(&c, 16); /* cookie */
	for (unsigned i = 0; i < SSH_LISTS; i++)
		out->list[i] = toc_take(&c, toc_be32(&c));
	return !c.bad;
}

static struct toc_span next_name(struct toc_span *list)
{
	size_t comma = toc_span_find(*list, ',');
	struct toc_span name = toc_span_first(*list, comma);
	*list = toc_span_from(*list, comma + 1);
	return name;
}

struct toc_span ssh_choice(struct toc_span client, struct toc_span server)
{
	enum { NAMES = 128 }; /* of each: an offer of more is somebody's test of our patience */
	for (unsigned i = 0; client.n && i < NAMES; i++) {
		struct toc_span want = next_name(&client), rest = server;
		for (unsigned k = 0; rest.n && k < NAMES; k++)
			if (toc_span_eq(want, next_name(&rest)))
				return want;
	}
	return toc_span_of(NULL, 0);
}

static size_t append(char *text, size_t n, struct toc_span s)
{
	s = toc_span_first(s, SSH_BOTH - n);
	memcpy(text + n, s.p, s.n);
	return n + s.n;
}

struct toc_span ssh_choice_both(const struct ssh_offer *client, const struct ssh_offer *server, enum ssh_list out,
				char text[SSH_BOTH])
{
	struct toc_span there = ssh_choice(client->list[out], server->list[out]);
	struct toc_span back = ssh_choice(client->list[out + 1], server->list[out + 1]);
	if (toc_span_eq(there, back) || !there.n || !back.n)
		return there.n ? there : back;
	size_t n = append(text, 0, toc_span_str("To server: "));
	n = append(text, n, there);
	n = append(text, n, toc_span_str(", to client: "));
	return toc_span_of(text, append(text, n, back));
}

void ssh_hassh(const struct ssh_offer *offer, bool client, char out[32])
{
	uint8_t text[SSH_KEXINIT], digest[16];
	const struct toc_span *l = offer->list;
	const struct toc_span parts[] = { l[SSH_KEX], l[client ? SSH_CIPHER_OUT : SSH_CIPHER_BACK],
					  l[client ? SSH_MAC_OUT : SSH_MAC_BACK],
					  l[client ? SSH_COMPRESSION_OUT : SSH_COMPRESSION_BACK] };
	size_t n = 0;
	for (unsigned i = 0; i < 4; i++) {
		struct toc_span part = toc_span_first(parts[i], sizeof(text) - n - 1);
		if (i)
			text[n++] = ';';
		if (part.n)
			memcpy(text + n, part.p, part.n);
		n += part.n;
		if (n + 1 >= sizeof(text))
			break;
	}
	toc_md5(toc_span_of(text, n), digest);
	toc_hex(digest, sizeof(digest), out);
}

size_t ssh_fingerprint(struct toc_span key, char out[64])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char name[] = "SHA256:";
	uint8_t digest[33] = { 0 };
	size_t n = sizeof(name) - 1;
	toc_sha256(key, digest);
	memcpy(out, name, n);
	for (size_t bit = 0; bit < 256; bit += 6) {
		unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
		out[n++] = digits[pair >> (10 - bit % 8) & 63];
	}
	return n;
}
