/* rdp_settings - what client and server say of themselves in the MCS connect messages (MS-RDPBCGR, sections 2.2.1.3
 * and 2.2.1.4; T.125; T.124). */
#include <stdio.h>

#include "decoders/der.h"
#include "decoders/rdp.h"
#include "decoders/utf16.h"

enum { CONNECT_INITIAL = 101, CONNECT_RESPONSE = 102, CHANNELS = 31 };
enum { CS_CORE = 0xc001, CS_NET = 0xc003, SC_SECURITY = 0x0c02, WANT_32BPP = 2, BLOCKS = 16 };

/* The contents of an element of [APPLICATION n], n over 30: two bytes of tag (T.125, section 7). */
static struct toc_cursor connect_message(struct toc_cursor *in, uint8_t number)
{
	bool mine = toc_u8(in) == 0x7f && toc_u8(in) == number;
	uint8_t n = toc_u8(in);
	size_t size = n & 0x80 ? 0 : n;
	for (n = n & 0x80 ? n & 0x7f : 0; n && size < 65536; n--)
		size = size << 8 | toc_u8(in);
	struct toc_cursor body = toc_sub(in, mine ? size : 0);
	body.bad = body.bad || !mine;
	return body;
}

/* GCC's user data stand behind the H.221 key (T.124, section 8.7), which PER keeps whole. */
static struct toc_cursor behind_key(struct toc_span gcc, const char key[4])
{
	struct toc_span rest = toc_span_first(gcc, 64);
	while (rest.n >= 4 && memcmp(rest.p, key, 4) != 0)
		rest = toc_span_from(rest, 1);
	struct toc_cursor c = toc_cursor_of(gcc);
	toc_skip(&c, rest.n >= 4 ? (size_t)(gcc.n < 64 ? gcc.n : 64) - rest.n + 4 : gcc.n + 1);
	uint8_t n = toc_u8(&c);
	if (n & 0x80)
		toc_skip(&c, 1);
	return c;
}

static void put_number(struct toc_draft *d, unsigned field, const char *name, const char *format, uint32_t number)
{
	char text[32];
	if (!name)
		snprintf(text, sizeof(text), format, number);
	toc_put_cstr(d, field, name ? name : text);
}

static void put_text(struct toc_draft *d, unsigned field, struct toc_span raw)
{
	char text[128];
	size_t n = 0;
	while (n + 2 <= raw.n && (raw.p[n] || raw.p[n + 1]))
		n += 2;
	toc_put_str(d, field, toc_span_of(text, utf16_text(toc_span_first(raw, n), text, sizeof(text))));
}

/* TS_UD_CS_CORE (2.2.1.3.2): what follows the keyboard came with later versions, one by one. */
static void client_core(struct toc_cursor c, struct toc_draft *d)
{
	toc_skip(&c, 4);
	uint16_t width = toc_le16(&c), height = toc_le16(&c);
	toc_skip(&c, 4);
	uint32_t layout = toc_le32(&c), build = toc_le32(&c);
	struct toc_span name = toc_take(&c, 32);
	if (c.bad)
		return;
	toc_put_uint(d, F_DESKTOP_WIDTH, width);
	toc_put_uint(d, F_DESKTOP_HEIGHT, height);
	put_number(d, F_KEYBOARD_LAYOUT, rdp_keyboard_name(layout), "keyboard-%u", layout);
	put_number(d, F_CLIENT_BUILD, rdp_build_name(build), "client_build-%u", build);
	put_text(d, F_CLIENT_NAME, name);
	toc_skip(&c, 12 + 64 + 2 + 2 + 4);
	uint16_t depth = toc_le16(&c);
	toc_skip(&c, 2);
	uint16_t early = toc_le16(&c);
	if (c.bad)
		return;
	put_number(d, F_REQUESTED_COLOR_DEPTH, NULL, "%ubit", early & WANT_32BPP ? 32 : depth);
	struct toc_span product = toc_take(&c, 64);
	if (!c.bad)
		put_text(d, F_CLIENT_DIG_PRODUCT_ID, product);
}

/* TS_UD_CS_NET (2.2.1.3.4): virtual channels. */
static void client_channels(struct toc_cursor c, struct toc_draft *d)
{
	uint32_t n = toc_le32(&c);
	for (uint32_t i = 0; i < n && i < CHANNELS && !c.bad; i++) {
		struct toc_span name = toc_take(&c, 8);
		toc_skip(&c, 4);
		if (!c.bad)
			toc_list_str(d, F_CLIENT_CHANNELS, toc_span_first(name, toc_span_find(name, 0)));
	}
}

/* TS_UD_SC_SEC1 (2.2.1.4.3) with its certificate (2.2.1.4.3.1). */
static void server_security(struct toc_cursor c, struct toc_draft *d)
{
	static const struct {
		uint8_t number;
		const char *name;
	} methods[] = { { 0, "None" }, { 1, "40bit" }, { 2, "128bit" }, { 8, "56bit" }, { 16, "FIPS" } };
	static const char *const levels[] = { "None", "Low", "Client compatible", "High", "FIPS" };
	uint32_t method = toc_le32(&c), level = toc_le32(&c);
	if (c.bad)
		return;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].number == method)
			toc_put_cstr(d, F_ENCRYPTION_METHOD, methods[i].name);
	if (level < sizeof(levels) / sizeof(levels[0]))
		toc_put_cstr(d, F_ENCRYPTION_LEVEL, levels[level]);
	uint32_t random = toc_le32(&c);
	toc_skip(&c, 4);
	toc_skip(&c, random);
	uint32_t version = toc_le32(&c), count = 1;
	bool chain = (version & 0x7fffffff) == 2;
	if (chain)
		count = toc_le32(&c);
	if (c.bad)
		return;
	toc_put_cstr(d, F_CERT_TYPE, chain ? "X.509" : "RSA");
	toc_put_uint(d, F_CERT_COUNT, count);
	toc_put_bool(d, F_CERT_PERMANENT, !(version >> 31));
}

static void take_blocks(struct toc_cursor c, struct toc_draft *d)
{
	for (unsigned i = 0; i < BLOCKS && toc_left(&c) >= 4; i++) {
		uint16_t type = toc_le16(&c), n = toc_le16(&c);
		struct toc_cursor block = toc_sub(&c, n < 4 ? 0 : n - 4u);
		if (c.bad || n < 4)
			return;
		if (type == CS_CORE)
			client_core(block, d);
		else if (type == CS_NET)
			client_channels(block, d);
		else if (type == SC_SECURITY)
			server_security(block, d);
	}
}

bool rdp_client_settings(struct toc_cursor in, struct toc_draft *d)
{
	struct toc_cursor body = connect_message(&in, CONNECT_INITIAL);
	uint8_t tag;
	for (unsigned i = 0; i < 6; i++) /* selectors, flag, three sets of parameters */
		der_next(&body, &tag);
	struct toc_cursor data = der_take(&body, DER_OCTET_STRING);
	if (body.bad)
		return false;
	struct toc_cursor blocks = behind_key(toc_rest(&data), "Duca");
	if (!blocks.bad)
		take_blocks(blocks, d);
	return true;
}

bool rdp_server_settings(struct toc_cursor in, struct toc_draft *d)
{
	static const char *const results[] = { "Success",
					       "Domain merging",
					       "Domain not hierarchical",
					       "No such channel",
					       "No such domain",
					       "No such user",
					       "Not admitted",
					       "Other user ID",
					       "Parameters unacceptable",
					       "Token not available",
					       "Token not possessed",
					       "Too many channels",
					       "Too many tokens",
					       "Too many users",
					       "Unspecified failure",
					       "User rejected" };
	struct toc_cursor body = connect_message(&in, CONNECT_RESPONSE), result = der_take(&body, 0x0a);
	uint8_t code = toc_u8(&result), tag;
	der_next(&body, &tag);
	der_next(&body, &tag);
	struct toc_cursor data = der_take(&body, DER_OCTET_STRING);
	if (body.bad || result.bad)
		return false;
	if (code < sizeof(results) / sizeof(results[0]))
		toc_put_cstr(d, F_RESULT, results[code]);
	struct toc_cursor blocks = behind_key(toc_rest(&data), "McDn");
	if (!blocks.bad)
		take_blocks(blocks, d);
	return true;
}
