/* quic_packet - long headers (RFC 8999; RFC 9000, section 17.2) and the protection of Initials (RFC 9001, section 5).
 */
#include "decoders/quic.h"
#include "tocsin/crypto.h"

/* RFC 9001 section 5.2; RFC 9369 section 3.3.1; the drafts' own */
static const uint8_t salt_v1[20] = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
				     0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a };
static const uint8_t salt_v2[20] = { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
				     0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 };
static const uint8_t salt_29[20] = { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
				     0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 };
static const uint8_t salt_23[20] = { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
				     0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 };
static const uint8_t salt_22[20] = { 0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
				     0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a };

static const struct quic_version versions[] = { { 0x00000001, "1", salt_v1, false },
						{ 0x6b3343cf, "quicv2", salt_v2, true },
						{ 0xff000016, "draft-22", salt_22, false },
						{ 0xff000017, "draft-23", salt_23, false },
						{ 0xff000018, "draft-24", salt_23, false },
						{ 0xff000019, "draft-25", salt_23, false },
						{ 0xff00001a, "draft-26", salt_23, false },
						{ 0xff00001b, "draft-27", salt_23, false },
						{ 0xff00001c, "draft-28", salt_23, false },
						{ 0xff00001d, "draft-29", salt_29, false },
						{ 0xff00001e, "draft-30", salt_29, false },
						{ 0xff00001f, "draft-31", salt_29, false },
						{ 0xff000020, "draft-32", salt_29, false },
						{ 0xff000021, "draft-33", salt_v1, false },
						{ 0xff000022, "draft-34", salt_v1, false },
						{ 0xfaceb001, "mvfst-draft-22", salt_22, false },
						{ 0xfaceb002, "mvfst-draft-27", salt_23, false },
						{ 0x51303433, "Q043", NULL, false },
						{ 0x51303434, "Q044", NULL, false },
						{ 0x51303435, "Q045", NULL, false },
						{ 0x51303436, "Q046", NULL, false },
						{ 0x51303530, "Q050", NULL, false },
						{ 0x54303530, "T050", NULL, false },
						{ 0x54303531, "T051", NULL, false } };

const struct quic_version *quic_version(uint32_t number)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == number)
			return &versions[i];
	return NULL;
}

uint64_t quic_int(struct toc_cursor *c)
{
	uint8_t first = toc_u8(c);
	uint64_t v = first & 0x3f;
	for (unsigned more = (1u << (first >> 6)) - 1; more; more--)
		v = v << 8 | toc_u8(c);
	return c->bad ? 0 : v;
}

/* Q044 to Q046 are as the drafts before 22: both lengths in one byte, 0 or three less than they are. */
static void read_ids(struct toc_cursor *c, struct quic_packet *out)
{
	if (out->version >= 0x51303434 && out->version <= 0x51303436) {
		unsigned lengths = toc_u8(c), to = lengths >> 4, from = lengths & 15;
		out->dcid = toc_take(c, to ? to + 3 : 0);
		out->scid = toc_take(c, from ? from + 3 : 0);
		return;
	}
	out->dcid = toc_take(c, toc_u8(c));
	out->scid = toc_take(c, toc_u8(c));
}

bool quic_packet_read(struct toc_cursor *in, struct quic_packet *out)
{
	struct toc_cursor c = *in;
	size_t all = toc_left(in);
	uint8_t first = toc_u8(&c);
	out->version = toc_be32(&c);
	read_ids(&c, out);
	if (c.bad || !(first & 0x80))
		return false;
	const struct quic_version *v = quic_version(out->version);
	unsigned type = first >> 4 & 3;
	out->type = (enum quic_type)(v && v->second ? (type + 3) & 3 : type); /* RFC 9369, section 3.2 */
	out->number_at = 0;
	if (!v || !v->salt || out->type == QUIC_RETRY) { /* how long it is, is not known: it takes the rest */
		out->whole = toc_take(in, all);
		return true;
	}
	if (out->type == QUIC_INITIAL)
		toc_skip(&c, (size_t)quic_int(&c)); /* token */
	uint64_t length = quic_int(&c);
	out->number_at = all - toc_left(&c);
	if (c.bad || length > toc_left(&c))
		return false;
	out->whole = toc_take(in, out->number_at + (size_t)length);
	return true;
}

void quic_keys_of(const struct quic_version *version, struct toc_span dcid, bool client, struct quic_keys *out)
{
	uint8_t initial[32], secret[32];
	bool second = version->second;
	toc_hkdf_extract(toc_span_of(version->salt, 20), dcid, initial);
	toc_hkdf_expand_label(initial, client ? "client in" : "server in", secret, sizeof(secret));
	toc_hkdf_expand_label(secret, second ? "quicv2 key" : "quic key", out->key, sizeof(out->key));
	toc_hkdf_expand_label(secret, second ? "quicv2 iv" : "quic iv", out->iv, sizeof(out->iv));
	toc_hkdf_expand_label(secret, second ? "quicv2 hp" : "quic hp", out->hp, sizeof(out->hp));
}

struct toc_span quic_open(const struct quic_packet *p, const struct quic_keys *keys, uint8_t out[QUIC_PACKET])
{
	enum { SAMPLE_AT = 4, SAMPLE = 16 };
	uint8_t mask[16], header[QUIC_PACKET], nonce[12];
	size_t at = p->number_at;
	struct toc_span none = { out, 0 };
	if (p->whole.n < at + SAMPLE_AT + SAMPLE || p->whole.n > QUIC_PACKET)
		return none;
	toc_aes128_block(keys->hp, toc_span_from(p->whole, at + SAMPLE_AT).p, mask);
	memcpy(header, p->whole.p, at + SAMPLE_AT);
	header[0] ^= mask[0] & 0x0f;
	size_t number_n = (header[0] & 3u) + 1;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < number_n; i++) {
		header[at + i] ^= mask[1 + i];
		/* the first packets of a connection: the number is short enough to stand there whole */
		nonce[sizeof(nonce) - number_n + i] ^= header[at + i];
	}
	struct toc_span sealed = toc_span_from(p->whole, at + number_n);
	if (!toc_aes128_gcm_open(keys->key, nonce, toc_span_of(header, at + number_n), sealed, out))
		return none;
	return toc_span_of(out, sealed.n - 16);
}
