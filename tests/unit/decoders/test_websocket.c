/* websocket: frames by hand from RFC 6455, section 5.7, and the row of the upgrade. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_websocket, toc_decoder_http;

static char *text_of(const struct toc_decoder *d, const struct trial_step *steps, size_t n)
{
	assert_true(trial_same_however_cut(d, 80, steps, n, 40));
	return trial_run(d, TOC_OVER_TCP, 80, steps, n);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

/* "Hello" masked, in two fragments with a ping between them, 256 and 65536 bytes of binary. */
static void frames(void **state)
{
	(void)state;
	static uint8_t large[10 + 65536] = { 0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0 };
	static const uint8_t middle[4 + 256] = { 0x82, 0x7e, 1, 0 };
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
					    TRIAL_TEXT(TOC_RESP, "\x01\x03Hel\x89\x05Hello\x80\x02lo"),
					    { TOC_RESP, middle, sizeof(middle) },
					    { TOC_RESP, large, sizeof(large) },
					    TRIAL_TEXT(TOC_RESP, "\x88\x02\x03\xe8") };
	char *text = text_of(&toc_decoder_websocket, steps, 5);
	has(text, "\"confirm\":\"websocket\"");
	assert_null(strstr(text, "weird"));
	free(text);
}

static void oddities(void **state)
{
	(void)state;
	const struct trial_step reserved[] = { TRIAL_TEXT(TOC_RESP, "\x83\x01x") };
	const struct trial_step ping[] = { TRIAL_TEXT(TOC_RESP, "\x09\x01x") };
	const struct trial_step naked[] = { TRIAL_TEXT(TOC_ORIG, "\x82\x06SSH-2."), { TOC_ORIG, NULL, 3 } };
	char *text = text_of(&toc_decoder_websocket, reserved, 1);
	has(text, "websocket_bad_frame");
	free(text);
	text = text_of(&toc_decoder_websocket, ping, 1);
	has(text, "websocket_bad_frame");
	free(text);
	text = text_of(&toc_decoder_websocket, naked, 2);
	has(text, "websocket_mask_the_wrong_way_round");
	has(text, "\"confirm\":\"ssh\"");
	free(text);
}

static void upgrade(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		TRIAL_TEXT(
			TOC_ORIG,
			"GET /chat%20room HTTP/1.1\r\nHost: ws.example.org\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nUser-Agent: me\r\nSec-WebSocket-Protocol: chat, token.s3cret\r\n\r\n"),
		TRIAL_TEXT(TOC_RESP, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
				     "Sec-WebSocket-Protocol: chat\r\n\r\n")
	};
	char *text = text_of(&toc_decoder_http, steps, 2);
	has(text, "\"event\":\"websocket\"");
	has(text, "\"host\":\"ws.example.org\",\"uri\":\"/chat room\",\"user_agent\":\"me\",\"subprotocol\":\"chat\"");
	has(text, "{\"child\":\"websocket\"}");
	assert_null(strstr(text, "s3cret"));
	free(text);
	const struct trial_step h2c[] = {
		TRIAL_TEXT(TOC_ORIG, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
		TRIAL_TEXT(TOC_RESP, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")
	};
	text = text_of(&toc_decoder_http, h2c, 2);
	has(text, "{\"child\":\"http2\"}");
	assert_null(strstr(text, "\"event\":\"websocket\""));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(frames), cmocka_unit_test(oddities),
					    cmocka_unit_test(upgrade) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
