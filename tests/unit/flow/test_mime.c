/* mime: types by first bytes, for those that a single string at a fixed place does not tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flow/mime.h"

static void texts(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *mime;
	} samples[] = {
#define SAMPLE(text, mime) { text, sizeof(text) - 1, mime }
		SAMPLE("[.ShellClassInfo]\r\nConfirmFileOp=0\r\n", "text/ini"),
		SAMPLE("\xef\xbb\xbf\r\n  [a]  \nb=c\n", "text/ini"),
		SAMPLE("\xff\xfe[\0a\0]\0\r\0\n\0", "text/ini"),
		SAMPLE("[a] b, which is prose\n", "text/plain"),
		SAMPLE("[]\nnothing has no name\n", "text/plain"),
		SAMPLE("[a line\n]\nthat goes on\n", "text/plain"),
		SAMPLE("[never closed, never en", "text/plain"),
		SAMPLE("[\"one\", \"two\"]\n", "text/json"),
		SAMPLE("AFP\0\0\1\0\0", "application/vnd.apple-afpinfo"),
		SAMPLE("PReg\1\0\0\0[\0", "application/vnd.ms-pol"),
		SAMPLE("\xff\xfe", NULL),
		SAMPLE("", NULL),
	};
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *mime = toc_mime_of(toc_span_of(samples[i].bytes, samples[i].n));
		if (!samples[i].mime)
			assert_null(mime);
		else
			assert_string_equal(mime ? mime : "(none)", samples[i].mime);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(texts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
