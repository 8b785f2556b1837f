/* ssl_names - groups, alerts and versions by number (IANA registries; names as Zeek writes them). */
#include "decoders/ssl.h"

static const struct {
	uint16_t number;
	const char *name;
} groups[] = { { 1, "sect163k1" },
	       { 2, "sect163r1" },
	       { 3, "sect163r2" },
	       { 4, "sect193r1" },
	       { 5, "sect193r2" },
	       { 6, "sect233k1" },
	       { 7, "sect233r1" },
	       { 8, "sect239k1" },
	       { 9, "sect283k1" },
	       { 10, "sect283r1" },
	       { 11, "sect409k1" },
	       { 12, "sect409r1" },
	       { 13, "sect571k1" },
	       { 14, "sect571r1" },
	       { 15, "secp160k1" },
	       { 16, "secp160r1" },
	       { 17, "secp160r2" },
	       { 18, "secp192k1" },
	       { 19, "secp192r1" },
	       { 20, "secp224k1" },
	       { 21, "secp224r1" },
	       { 22, "secp256k1" },
	       { 23, "secp256r1" },
	       { 24, "secp384r1" },
	       { 25, "secp521r1" },
	       { 26, "brainpoolP256r1" },
	       { 27, "brainpoolP384r1" },
	       { 28, "brainpoolP512r1" },
	       { 29, "x25519" },
	       { 30, "x448" },
	       { 256, "ffdhe2048" },
	       { 257, "ffdhe3072" },
	       { 258, "ffdhe4096" },
	       { 259, "ffdhe6144" },
	       { 260, "ffdhe8192" },
	       { 4587, "SecP256r1MLKEM768" },
	       { 4588, "X25519MLKEM768" },
	       { 4589, "SecP384r1MLKEM1024" },
	       { 25497, "X25519Kyber768Draft00" },
	       { 65281, "arbitrary_explicit_prime_curves" },
	       { 65282, "arbitrary_explicit_char2_curves" } };

static const struct {
	uint8_t number;
	const char *name;
} alerts[] = { { 0, "close_notify" },
	       { 10, "unexpected_message" },
	       { 20, "bad_record_mac" },
	       { 21, "decryption_failed" },
	       { 22, "record_overflow" },
	       { 30, "decompression_failure" },
	       { 40, "handshake_failure" },
	       { 41, "no_certificate" },
	       { 42, "bad_certificate" },
	       { 43, "unsupported_certificate" },
	       { 44, "certificate_revoked" },
	       { 45, "certificate_expired" },
	       { 46, "certificate_unknown" },
	       { 47, "illegal_parameter" },
	       { 48, "unknown_ca" },
	       { 49, "access_denied" },
	       { 50, "decode_error" },
	       { 51, "decrypt_error" },
	       { 60, "export_restriction" },
	       { 70, "protocol_version" },
	       { 71, "insufficient_security" },
	       { 80, "internal_error" },
	       { 86, "inappropriate_fallback" },
	       { 90, "user_canceled" },
	       { 100, "no_renegotiation" },
	       { 109, "missing_extension" },
	       { 110, "unsupported_extension" },
	       { 111, "certificate_unobtainable" },
	       { 112, "unrecognized_name" },
	       { 113, "bad_certificate_status_response" },
	       { 114, "bad_certificate_hash_value" },
	       { 115, "unknown_psk_identity" },
	       { 116, "certificate_required" },
	       { 120, "no_application_protocol" } };

const char *ssl_group_name(uint16_t number)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].number == number)
			return groups[i].name;
	return NULL;
}

const char *ssl_alert_name(uint8_t number)
{
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].number == number)
			return alerts[i].name;
	return NULL;
}

size_t ssl_number_text(uint16_t n, char out[5])
{
	char text[5];
	size_t digits = 0;
	do
		text[digits++] = (char)('0' + n % 10);
	while (n /= 10);
	for (size_t i = 0; i < digits; i++)
		out[i] = text[digits - 1 - i];
	return digits;
}

size_t ssl_version_name(uint16_t version, char out[24])
{
	static const char *const names[] = { "SSLv3", "TLSv10", "TLSv11", "TLSv12", "TLSv13" };
	const char *name = version >= 0x0300 && version <= 0x0304 ? names[version - 0x0300] : NULL;
	bool draft = version >> 8 == 0x7f;
	if (version == 0xfeff)
		name = "DTLSv10";
	else if (version == 0xfefd)
		name = "DTLSv12";
	else if (version == 0xfefc)
		name = "DTLSv13";
	if (!name)
		name = draft ? "TLSv13-draft" : "unknown-";
	size_t n = strlen(name);
	memcpy(out, name, n);
	if (draft || name[0] == 'u')
		n += ssl_number_text(draft ? version & 0xff : version, out + n);
	return n;
}
